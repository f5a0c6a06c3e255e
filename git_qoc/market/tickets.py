"""Orders as rows of the books, and what the open ones hold back.

The `resting` table sums the open orders by symbol and side, so that what they reserve is known
without reading them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from git_qoc.market.orders import MarketOrder, NewOrder
from git_qoc.model import OrderLeg, OrderStatus, OrderType, Side
from git_qoc.money import ZERO

OPEN = (OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED)
TICKETS = (
    """create table if not exists ticket (
        number integer primary key, order_id text not null unique, client_order_id text not null unique,
        symbol text not null, open integer not null, submitted_at text not null, expires_at text,
        size text not null, worst_price text not null, filled_value text not null, body text not null)""",
    "create index if not exists ticket_open on ticket (submitted_at, number) where open",
    "create index if not exists ticket_expiry on ticket (expires_at) where open",
    "create index if not exists ticket_time on ticket (submitted_at)",
    """create table if not exists resting (
        symbol text not null, side text not null, quantity text not null, value text not null,
        primary key (symbol, side)) without rowid""",
)
_COLUMNS = "number, size, worst_price, filled_value, expires_at, body"
LEGS = ""
"""The symbol of multi-leg orders; their resting value is what they reserve."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """An order and what the market needs to know of it.

    `size` is its quantity in the instrument's step, of an order by notional too. `worst_price` is
    what its reservation counts with; of a multi-leg order, the reservation of one unit.
    `filled_value` is Σ quantity × price. `expires_at` is None for what stands until canceled.
    """

    number: int
    order: MarketOrder
    size: Decimal
    worst_price: Decimal
    filled_value: Decimal = ZERO
    expires_at: datetime | None = None

    @property
    def leaves(self) -> Decimal:
        return self.size - self.order.filled_quantity

    @property
    def is_open(self) -> bool:
        return self.order.status in OPEN


@dataclass(frozen=True, slots=True)
class Resting:
    """The open orders of one symbol and side together; `value` is Σ what is left × worst price."""

    quantity: Decimal = ZERO
    value: Decimal = ZERO


class Tickets:
    """The orders of the books inside of one transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def put(self, ticket: Ticket, before: Ticket | None = None) -> None:
        """Write a ticket that is new, or was `before`."""
        order = ticket.order
        row = (
            ticket.number, order.order_id, order.asked.client_order_id, order.asked.symbol,
            int(ticket.is_open),
            _text(order.submitted_at), _text(ticket.expires_at), str(ticket.size), str(ticket.worst_price),
            str(ticket.filled_value), _dumps(order),
        )  # fmt: skip
        self._db.execute("insert or replace into ticket values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        if before is not None:
            self._rest(before, -1)
        self._rest(ticket, 1)

    def by_order_id(self, order_id: str) -> Ticket | None:
        return next(self._select("order_id = ?", order_id), None)

    def by_client_id(self, client_order_id: str) -> Ticket | None:
        return next(self._select("client_order_id = ?", client_order_id), None)

    def open(self) -> list[Ticket]:
        """Every open order, in the order of their arrival."""
        return sorted(self._select("open", index="ticket_open"), key=lambda ticket: ticket.number)

    def due(self, instant: datetime) -> list[Ticket]:
        """Open orders that expire at `instant` or before."""
        found = self._select("open and expires_at <= ?", _text(instant))
        return sorted(found, key=lambda ticket: ticket.number)

    def next_expiry(self) -> datetime | None:
        row = self._db.execute("select min(expires_at) from ticket where open").fetchone()
        return _time(row[0])

    def resting_symbols(self) -> list[str]:
        """The symbols of open orders, `LEGS` for multi-leg ones."""
        rows = self._db.execute("select distinct symbol from resting order by symbol")
        return [row[0] for row in rows]

    def resting(self) -> dict[tuple[str, str], Resting]:
        """By symbol and side ("" of multi-leg orders)."""
        rows = self._db.execute("select symbol, side, quantity, value from resting order by symbol, side")
        return {(symbol, side): Resting(Decimal(q), Decimal(v)) for symbol, side, q, v in rows}

    def submitted(
        self,
        *,
        open_only: bool,
        since: datetime | None,
        until: datetime | None,
        limit: int | None,
        newest: bool,
    ) -> tuple[MarketOrder, ...]:
        wanted, values = ["1"], list[str | int]()
        if open_only:
            wanted.append("open")
        if since is not None:
            wanted.append("submitted_at > ?")
            values.append(_text(since) or "")
        if until is not None:
            wanted.append("submitted_at <= ?")
            values.append(_text(until) or "")
        values.append(-1 if limit is None else limit)
        way = "desc" if newest else "asc"
        query = f"{' and '.join(wanted)} order by submitted_at {way}, number {way} limit ?"
        # Without statistics SQLite would go through every order by time to find the few open ones.
        index = "ticket_open" if open_only else "ticket_time"
        found = sorted(self._select(query, *values, index=index), key=lambda ticket: ticket.number)
        return tuple(ticket.order for ticket in found)

    def _select(self, where: str, *values: str | int | None, index: str = "") -> Iterator[Ticket]:
        by = f"indexed by {index}" if index else ""
        for number, size, worst, value, expires, body in self._db.execute(
            f"select {_COLUMNS} from ticket {by} where {where}",  # noqa: S608
            values,
        ):
            yield Ticket(number, _loads(body), Decimal(size), Decimal(worst), Decimal(value), _time(expires))

    def _rest(self, ticket: Ticket, sign: int) -> None:
        """Add an open order's rest to the sums, or take it off them."""
        if not ticket.is_open:
            return
        symbol, side = ticket.order.asked.symbol or LEGS, ticket.order.asked.side or ""
        row = self._db.execute(
            "select quantity, value from resting where symbol = ? and side = ?", (symbol, side)
        ).fetchone()
        quantity, value = (Decimal(row[0]), Decimal(row[1])) if row else (ZERO, ZERO)
        quantity += sign * ticket.leaves
        value += sign * ticket.leaves * ticket.worst_price
        if quantity:
            self._db.execute(
                "insert or replace into resting values (?, ?, ?, ?)",
                (symbol, side, str(quantity), str(value)),
            )
        else:
            self._db.execute("delete from resting where symbol = ? and side = ?", (symbol, side))


def _dumps(order: MarketOrder) -> str:
    asked = order.asked
    fields = {
        "order_id": order.order_id,
        "client_order_id": asked.client_order_id,
        "symbol": asked.symbol,
        "side": asked.side,
        "quantity": _number(asked.quantity),
        "notional": _number(asked.notional),
        "type": asked.type,
        "limit_price": _number(asked.limit_price),
        "stop_price": _number(asked.stop_price),
        "time_in_force": asked.time_in_force,
        "legs": [[leg.symbol, str(leg.ratio)] for leg in asked.legs] or None,
        "status": order.status,
        "submitted_at": _text(order.submitted_at),
        "updated_at": _text(order.updated_at),
        "filled_quantity": str(order.filled_quantity),
        "average_price": _number(order.average_price),
        "filled_at": _text(order.filled_at),
        "canceled_at": _text(order.canceled_at),
        "expired_at": _text(order.expired_at),
        "replaces": order.replaces,
        "replaced_by": order.replaced_by,
        "reason": order.reason or None,
        "triggered": order.triggered or None,
    }
    return json.dumps({key: value for key, value in fields.items() if value is not None})


def _loads(body: str) -> MarketOrder:
    row = json.loads(body)
    asked = NewOrder(
        client_order_id=row["client_order_id"],
        symbol=row["symbol"],
        side=Side(row["side"]) if "side" in row else None,
        quantity=_decimal(row.get("quantity")),
        type=OrderType(row["type"]),
        limit_price=_decimal(row.get("limit_price")),
        stop_price=_decimal(row.get("stop_price")),
        time_in_force=row["time_in_force"],
        legs=tuple(OrderLeg(symbol, Decimal(ratio)) for symbol, ratio in row.get("legs", ())),
        notional=_decimal(row.get("notional")),
    )
    return MarketOrder(
        order_id=row["order_id"],
        asked=asked,
        status=OrderStatus(row["status"]),
        submitted_at=datetime.fromisoformat(row["submitted_at"]),
        updated_at=datetime.fromisoformat(row["updated_at"]),
        filled_quantity=Decimal(row["filled_quantity"]),
        average_price=_decimal(row.get("average_price")),
        filled_at=_time(row.get("filled_at")),
        canceled_at=_time(row.get("canceled_at")),
        expired_at=_time(row.get("expired_at")),
        replaces=row.get("replaces"),
        replaced_by=row.get("replaced_by"),
        reason=row.get("reason", ""),
        triggered=row.get("triggered", False),
    )


def _number(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.astimezone(UTC).isoformat(timespec="microseconds")


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
