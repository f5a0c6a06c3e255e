"""The paper venue's own books: what was deposited and traded, in SQLite, and the replay of it.

Amounts are text in the database (SQLite has no decimal), times ISO 8601 in UTC. One
transaction per booking, so a kill leaves the old or the new state. Reading never makes a
file: one that is missing (in a fresh clone, say) is an account that cannot be read, not an
empty one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from git_qoc.errors import VenueError
from git_qoc.model import Fill, Flow, FlowKind, Side
from git_qoc.money import ZERO

COST_STEP = Decimal("0.00000001")

_SCHEMA = """
create table if not exists flow (
    id text primary key, time text not null, kind text not null, amount text not null);
create table if not exists fill (
    client_order_id text primary key, time text not null, symbol text not null,
    side text not null, quantity text not null, price text not null);
"""


@dataclass(frozen=True, slots=True)
class Holding:
    """`quantity` > 0; `avg_cost` per unit, rounded to 8 decimals as the venue states it."""

    quantity: Decimal
    avg_cost: Decimal


@dataclass(frozen=True, slots=True)
class Book:
    cash: Decimal = ZERO
    holdings: dict[str, Holding] = field(default_factory=dict)


class Ledger:
    """The bookings of one account. Safe for several threads and processes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def flows(self) -> tuple[Flow, ...]:
        """Every flow, oldest first."""
        rows = self._read("select id, time, kind, amount from flow order by time, rowid")
        return tuple(Flow(i, _time(t), FlowKind(k), Decimal(a)) for i, t, k, a in rows)

    def fills(self) -> tuple[Fill, ...]:
        """Every fill, oldest first; its `order_id` is the client order id."""
        rows = self._read(
            "select client_order_id, time, symbol, side, quantity, price from fill order by time, rowid"
        )
        return tuple(
            Fill(f"fill-{i}", i, symbol, Side(side), Decimal(q), Decimal(p), _time(t), fee=ZERO)
            for i, t, symbol, side, q, p in rows
        )

    def create(self) -> None:
        """Make the books if there are none yet."""
        with self._write():
            """The schema is all."""

    def add_flow(self, flow: Flow) -> None:
        """Book a flow once; booking the same id again changes nothing."""
        with self._write() as db:
            db.execute(
                "insert or ignore into flow values (?, ?, ?, ?)",
                (flow.flow_id, _text(flow.time), flow.kind, str(flow.amount_usd)),
            )

    def add_fill(self, client_order_id: str, fill: Fill) -> Fill:
        """Book a fill if the account can pay for it or holds it; the booked fill of a known id is returned.

        Raises:
            VenueError: not enough cash, or not enough held, at the fill's time or after it.
        """
        with self._write() as db:
            known = [f for f in self._fills_in(db) if f.order_id == client_order_id]
            if known:
                return known[0]
            flows = [
                Flow(i, _time(t), FlowKind(k), Decimal(a)) for i, t, k, a in db.execute("select * from flow")
            ]
            refusal = shortfall(flows, [*self._fills_in(db), fill])
            if refusal:
                raise VenueError(refusal)
            db.execute(
                "insert into fill values (?, ?, ?, ?, ?, ?)",
                (
                    client_order_id,
                    _text(fill.time),
                    fill.symbol,
                    fill.side,
                    str(fill.quantity),
                    str(fill.price),
                ),
            )
        return fill

    @staticmethod
    def _fills_in(db: sqlite3.Connection) -> list[Fill]:
        rows = db.execute("select client_order_id, time, symbol, side, quantity, price from fill")
        return [
            Fill(f"fill-{i}", i, symbol, Side(side), Decimal(q), Decimal(p), _time(t), fee=ZERO)
            for i, t, symbol, side, q, p in rows
        ]

    def _read(self, query: str) -> list[tuple[str, ...]]:
        if not self.path.exists():
            raise VenueError(
                f"the books of this paper account are not here ({self.path}); they are no part of a clone. "
                "Begin new ones with git qoc paper deposit"
            )
        try:
            with closing(sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True, timeout=5)) as db:
                return db.execute(query).fetchall()
        except sqlite3.Error as exc:
            raise VenueError(f"the paper account {self.path} cannot be read: {exc}") from exc

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with closing(sqlite3.connect(self.path, timeout=10, isolation_level=None)) as db:
                db.execute("pragma synchronous = full")
                db.execute("begin immediate")
                for statement in _SCHEMA.split(";"):
                    db.execute(statement)
                yield db
                db.execute("commit")
        except (sqlite3.Error, OSError) as exc:
            raise VenueError(f"the paper account {self.path} cannot be written: {exc}") from exc


def books(state_dir: Path, name: str) -> Ledger:
    """Where the books of the paper account of this name are kept."""
    return Ledger(state_dir / "paper" / f"{name}.sqlite")


def replay(flows: Iterable[Flow], fills: Iterable[Fill], until: datetime) -> Book:
    """Cash and holdings at `until` (inclusive), at average cost."""
    cash = sum((flow.amount_usd for flow in flows if flow.time <= until), ZERO)
    holdings: dict[str, Holding] = {}
    for fill in fills:
        if fill.time > until:
            continue
        held = holdings.get(fill.symbol, Holding(ZERO, ZERO))
        value = fill.quantity * fill.price
        if fill.side is Side.BUY:
            cash -= value
            quantity = held.quantity + fill.quantity
            average = (held.quantity * held.avg_cost + value) / quantity
            holdings[fill.symbol] = Holding(quantity, average.quantize(COST_STEP))
        else:
            cash += value
            holdings[fill.symbol] = Holding(held.quantity - fill.quantity, held.avg_cost)
    return Book(cash, {symbol: h for symbol, h in holdings.items() if h.quantity})


def shortfall(flows: Iterable[Flow], fills: Iterable[Fill]) -> str:
    """Why these bookings cannot all stand, "" when they can: cash and holdings never go below zero."""
    cash = ZERO
    held: dict[str, Decimal] = {}
    steps = [(flow.time, 0, flow.amount_usd, "", ZERO) for flow in flows]
    for fill in fills:
        sign = 1 if fill.side is Side.BUY else -1
        steps.append((fill.time, 1, -sign * fill.quantity * fill.price, fill.symbol, sign * fill.quantity))
    for time, _, amount, symbol, quantity in sorted(steps, key=lambda step: step[:2]):
        cash += amount
        held[symbol] = held.get(symbol, ZERO) + quantity
        if cash < 0:
            return f"not enough cash: {-cash} USD short at {time:%Y-%m-%d %H:%M}Z"
        if symbol and held[symbol] < 0:
            return f"not enough {symbol}: {-held[symbol]} short at {time:%Y-%m-%d %H:%M}Z"
    return ""


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="microseconds")
