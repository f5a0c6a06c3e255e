"""The account's books in SQLite: state tables for what is, a journal for what was.

Amounts are text in the database (SQLite has no decimal), times ISO 8601 in UTC with
microseconds, so that their texts sort. Reading never makes a file: one that is missing (in a
fresh clone, say) is an account that cannot be read, not an empty one.
"""

from __future__ import annotations

import hashlib
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from git_qoc.errors import VenueError
from git_qoc.market.accounting import Held
from git_qoc.market.orders import Booking, BookingKind, Execution
from git_qoc.market.tickets import TICKETS, Tickets
from git_qoc.model import Side
from git_qoc.money import ZERO

WAIT_S = 20
SCHEMA = (
    "create table if not exists state (key text primary key, value text not null) without rowid",
    """create table if not exists holding (
        symbol text primary key, quantity text not null, average_cost text not null, settle_price text
    ) without rowid""",
    """create table if not exists volume (
        symbol text primary key, day text not null, filled text not null) without rowid""",
    """create table if not exists execution (
        number integer primary key, execution_id text not null, order_id text not null,
        client_order_id text not null, symbol text not null, side text not null, quantity text not null,
        price text not null, time text not null, cumulative text not null, leaves text not null)""",
    """create table if not exists booking (
        number integer primary key, booking_id text not null unique, kind text not null,
        time text not null, amount text not null, symbol text not null, note text not null)""",
    "create index if not exists execution_order on execution (order_id)",
    "create index if not exists execution_time on execution (time)",
    "create index if not exists booking_time on booking (time)",
    *TICKETS,
)


class Books:
    """The books inside of one transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.tickets = Tickets(db)

    @property
    def begun(self) -> bool:
        """Whether an account was ever made in this file."""
        table = self._db.execute("select 1 from sqlite_master where name = 'state'").fetchone()
        return table is not None and bool(self.state("account_id"))

    def begin(self, account_id: str) -> None:
        """Make an empty account; its market's time begins with what is done first."""
        self.set_state("account_id", account_id)
        self.set_state("cash", "0")

    @property
    def time(self) -> datetime | None:
        """Up to when everything has happened; None before anything was done."""
        text = self.state("time")
        return datetime.fromisoformat(text) if text else None

    @time.setter
    def time(self, now: datetime) -> None:
        self.set_state("time", time_text(now))
        if not self.state("created_at"):
            self.set_state("created_at", time_text(now))

    @property
    def created_at(self) -> datetime | None:
        text = self.state("created_at")
        return datetime.fromisoformat(text) if text else None

    def state(self, key: str) -> str:
        row = self._db.execute("select value from state where key = ?", (key,)).fetchone()
        return "" if row is None else str(row[0])

    def set_state(self, key: str, value: str) -> None:
        self._db.execute("insert or replace into state values (?, ?)", (key, value))

    @property
    def cash(self) -> Decimal:
        return Decimal(self.state("cash"))

    def add_cash(self, change: Decimal) -> None:
        self.set_state("cash", str(self.cash + change))

    def next_number(self) -> int:
        number = int(self.state("number") or 0) + 1
        self.set_state("number", str(number))
        return number

    def holdings(self) -> dict[str, Held]:
        rows = self._db.execute(
            "select symbol, quantity, average_cost, settle_price from holding order by symbol"
        )
        return {symbol: Held(Decimal(q), Decimal(c), _decimal(s)) for symbol, q, c, s in rows}

    def held(self, symbol: str) -> Held:
        row = self._db.execute(
            "select quantity, average_cost, settle_price from holding where symbol = ?", (symbol,)
        ).fetchone()
        return Held() if row is None else Held(Decimal(row[0]), Decimal(row[1]), _decimal(row[2]))

    def put_held(self, symbol: str, held: Held) -> None:
        if not held.quantity:
            self._db.execute("delete from holding where symbol = ?", (symbol,))
            return
        settled = None if held.settle_price is None else str(held.settle_price)
        self._db.execute(
            "insert or replace into holding values (?, ?, ?, ?)",
            (symbol, str(held.quantity), str(held.average_cost), settled),
        )

    def volume_filled(self, symbol: str, day: str) -> Decimal:
        """What the account's orders have filled of this symbol in the session of that day."""
        row = self._db.execute(
            "select filled from volume where symbol = ? and day = ?", (symbol, day)
        ).fetchone()
        return ZERO if row is None else Decimal(row[0])

    def set_volume_filled(self, symbol: str, day: str, filled: Decimal) -> None:
        self._db.execute("insert or replace into volume values (?, ?, ?)", (symbol, day, str(filled)))

    def add_execution(self, one: Execution) -> None:
        row = (
            one.number, one.execution_id, one.order_id, one.client_order_id, one.symbol, one.side.value,
            str(one.quantity), str(one.price), time_text(one.time), str(one.cumulative), str(one.leaves),
        )  # fmt: skip
        self._db.execute(f"insert into execution values ({_marks(11)})", row)  # noqa: S608

    def executions_of(self, order_id: str) -> tuple[Execution, ...]:
        rows = self._db.execute("select * from execution where order_id = ? order by number", (order_id,))
        return tuple(_execution(row) for row in rows)

    def executions(self, after: int, since: datetime | None, limit: int | None) -> tuple[Execution, ...]:
        rows = self._journal("execution", after, since, limit)
        return tuple(_execution(row) for row in rows)

    def add_booking(self, one: Booking) -> None:
        row = (
            one.number, one.booking_id, one.kind.value, time_text(one.time), str(one.amount), one.symbol,
            one.note,
        )  # fmt: skip
        self._db.execute(f"insert into booking values ({_marks(7)})", row)  # noqa: S608

    def bookings(self, after: int, since: datetime | None, limit: int | None) -> tuple[Booking, ...]:
        rows = self._journal("booking", after, since, limit)
        return tuple(_booking(row) for row in rows)

    def booking(self, booking_id: str) -> Booking | None:
        row = self._db.execute("select * from booking where booking_id = ?", (booking_id,)).fetchone()
        return None if row is None else _booking(row)

    def take_old(self) -> list[tuple[str, tuple[str, ...]]]:
        """(time, the rest of the row) of every flow and fill of the old tables, which go; oldest first."""
        flows = self._db.execute("select time, id, kind, amount from flow order by time, rowid").fetchall()
        fills = self._db.execute(
            "select time, client_order_id, symbol, side, quantity, price from fill order by time, rowid"
        ).fetchall()
        self._db.execute("drop table flow")
        self._db.execute("drop table fill")
        # Money that came in at the instant of a trade paid for it.
        return sorted(((row[0], row[1:]) for row in (*flows, *fills)), key=lambda entry: entry[0])

    def _journal(
        self, table: str, after: int, since: datetime | None, limit: int | None
    ) -> list[tuple[str, ...]]:
        newer, way = ("", "") if since is None else ("and time > ?", "time,")
        query = f"select * from {table} where number > ? {newer} order by {way} number limit ?"  # noqa: S608
        wanted = [after, *([] if since is None else [time_text(since)]), -1 if limit is None else limit]
        return self._db.execute(query, wanted).fetchall()


def exist(path: Path) -> bool:
    """Whether there is an account in this file, which may be missing or empty.

    Raises:
        VenueError: it cannot be read.
    """
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=WAIT_S)) as db:
            return Books(db).begun
    except sqlite3.Error as exc:
        raise VenueError(f"the paper account {path} cannot be read: {exc}") from exc


@contextmanager
def reading(path: Path) -> Iterator[Books]:
    """The books as they are, in one consistent read.

    Raises:
        VenueError: they are missing or cannot be read.
    """
    if not path.exists():
        raise _missing(path)
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=WAIT_S)) as db:
            # Not read-only: what a killed writer left half done has to be undone first.
            db.isolation_level = None
            db.execute("begin")
            books = Books(db)
            if not books.begun:
                raise _missing(path)
            yield books
    except sqlite3.Error as exc:
        raise VenueError(f"the paper account {path} cannot be read: {exc}") from exc


@contextmanager
def writing(path: Path, *, create: bool = False) -> Iterator[Books]:
    """One transaction that is committed at the end, or undone when an exception leaves it.

    Raises:
        VenueError: the books are missing (and are not to be made) or cannot be written.
    """
    if not create and not path.exists():
        raise _missing(path)
    try:
        if create:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with closing(sqlite3.connect(path, timeout=WAIT_S, isolation_level=None)) as db:
            db.execute("pragma synchronous = full")
            db.execute("begin immediate")
            for statement in SCHEMA if create else ():
                db.execute(statement)
            books = Books(db)
            if not create and not books.begun:
                raise _missing(path)
            yield books
            db.execute("commit")
    except (sqlite3.Error, OSError) as exc:
        raise VenueError(f"the paper account {path} cannot be written: {exc}") from exc


def time_text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def make_account_id(path: Path, seed: int) -> str:
    """The same for books of the same name and seed."""
    digest = hashlib.sha256(f"{path.name}:{seed}".encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))


def _missing(path: Path) -> VenueError:
    return VenueError(
        f"the books of this paper account are not here ({path}); they are no part of a clone. "
        "Begin new ones with git qoc paper deposit"
    )


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _execution(row: tuple[str, ...]) -> Execution:
    number, execution_id, order_id, client_id, symbol, side, quantity, price, time, cumulative, leaves = row
    return Execution(
        int(number), execution_id, order_id, client_id, symbol, Side(side), Decimal(quantity), Decimal(price),
        datetime.fromisoformat(time), Decimal(cumulative), Decimal(leaves),
    )  # fmt: skip


def _booking(row: tuple[str, ...]) -> Booking:
    number, booking_id, kind, time, amount, symbol, note = row
    return Booking(
        int(number),
        booking_id,
        BookingKind(kind),
        datetime.fromisoformat(time),
        Decimal(amount),
        symbol,
        note,
    )
