"""`/v2/account/activities`: executions as FILL, bookings as what Alpaca calls them.

An id is the New York time to the millisecond, `::` and a UUID that holds the market's number of
the row, so ids sort in the order of booking and one alone says where a page goes on. A position
that expired is an OPEXP row, with the cash it settled at as `net_amount`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from git_qoc.exchange import symbols
from git_qoc.exchange.asked import day, instant, listed, one_of, whole
from git_qoc.exchange.message import figure, stamp, unprocessable
from git_qoc.market.closes import NEW_YORK
from git_qoc.market.engine import Engine
from git_qoc.market.orders import Booking, BookingKind, Execution
from git_qoc.model import Side
from git_qoc.money import market_value

PAGE_MAX = 100
READ_AT_ONCE = 200
TYPES = {
    BookingKind.DEPOSIT: "CSD",
    BookingKind.WITHDRAWAL: "CSW",
    BookingKind.TRANSFER: "JNLC",
    BookingKind.FEE: "FEE",
    BookingKind.VARIATION: "MISC",
    BookingKind.FUNDING: "MISC",
}
FILL, EXPIRED = "FILL", "OPEXP"
_ID = re.compile(r"\d{17}::([0-9a-f]{8})-0000-4000-8000-([0-9a-f]{12})")
_NAME = re.compile(r"[A-Z]{2,8}")
Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Row:
    type: str
    booked: Execution | Booking


def activities(engine: Engine, query: Mapping[str, str], only: str | None = None) -> list[Json]:
    """One page; `only` is the type of the path."""
    newest = one_of(query, "direction", ("desc", "asc")) == "desc"
    size = whole(query, "page_size", PAGE_MAX, PAGE_MAX)
    token = _number(query["page_token"]) if query.get("page_token") else None
    rows = _rows(engine, 0 if newest or token is None else token, instant(query, "after"))
    meant = _filter(query, frozenset({only}) if only else _types(query))
    if newest:
        rows = (row for row in reversed(list(rows)) if token is None or row.booked.number < token)
    account_id = engine.account().account_id
    return [_activity(row, account_id) for row in islice(filter(meant, rows), size)]


def _rows(engine: Engine, after: int, since: datetime | None) -> Iterator[_Row]:
    """Those with a higher number than `after`, in the order of booking; what is not asked for is not read."""
    while True:
        some = _journal(engine, after, since)
        for one in some:
            if isinstance(one, Booking):
                yield _Row(TYPES[one.kind], one)
            # A future or perpetual was traded by another client of the same books.
            elif symbols.traded_here(one.symbol):
                yield _Row(FILL if one.client_order_id else EXPIRED, one)
        if len(some) < READ_AT_ONCE:
            return
        after = some[-1].number


def _journal(engine: Engine, after: int, since: datetime | None) -> list[Execution | Booking]:
    """The first rows after a number, as one moment had them: no later row may come without an earlier one."""
    bookings = engine.bookings(after=after, since=since, limit=READ_AT_ONCE)
    while True:
        executions = engine.executions(after=after, since=since, limit=READ_AT_ONCE)
        again = engine.bookings(after=after, since=since, limit=READ_AT_ONCE)
        if again == bookings:
            break
        bookings = again
    # Of each the first ones were read, so the first ones of both are among them.
    both: list[Execution | Booking] = [*executions, *bookings]
    return sorted(both, key=lambda one: one.number)[:READ_AT_ONCE]


def _filter(query: Mapping[str, str], types: frozenset[str]) -> Callable[[_Row], bool]:
    until, date, order_id = instant(query, "until"), day(query, "date"), query.get("order_id")

    def is_meant(row: _Row) -> bool:
        one = row.booked
        if (types and row.type not in types) or (until is not None and one.time >= until):
            return False
        if date is not None and one.time.astimezone(UTC).date() != date:
            return False
        return not order_id or (isinstance(one, Execution) and one.order_id == order_id)

    return is_meant


def _types(query: Mapping[str, str]) -> frozenset[str]:
    """The types that are asked for; empty for all."""
    types, category = listed(query, "activity_types"), query.get("category")
    if types and category:
        raise unprocessable("category cannot be used with activity_types")
    if not all(_NAME.fullmatch(name) for name in types):
        raise unprocessable("invalid activity_types")
    if category == "trade_activity":
        return frozenset({FILL})
    if category == "non_trade_activity":
        return frozenset({*TYPES.values(), EXPIRED})
    if category:
        raise unprocessable("category must be trade_activity or non_trade_activity")
    return types


def _activity(row: _Row, account_id: str) -> Json:
    body: Json = {"id": _id(row.booked), "account_id": account_id, "activity_type": row.type}
    if isinstance(row.booked, Booking):
        return body | _booking(row.booked)
    return body | (_fill(row.booked) if row.type == FILL else _expiry(row.booked))


def _fill(one: Execution) -> Json:
    done = not one.leaves
    return {
        "transaction_time": stamp(one.time),
        "type": "fill" if done else "partial_fill",
        "price": figure(one.price),
        "qty": figure(one.quantity),
        "side": one.side.value,
        "symbol": symbols.shown(one.symbol),
        "leaves_qty": figure(one.leaves),
        "order_id": one.order_id,
        "cum_qty": figure(one.cumulative),
        "order_status": "filled" if done else "partially_filled",
    }


def _expiry(one: Execution) -> Json:
    sign = 1 if one.side is Side.SELL else -1
    cash = market_value(sign * one.quantity, one.price, symbols.multiplier(one.symbol))
    return {
        **_dated(one),
        "net_amount": figure(cash),
        "symbol": one.symbol,
        "qty": figure(-sign * one.quantity),
        "description": "expired, settled in cash",
    }


def _booking(one: Booking) -> Json:
    more: Json = {"symbol": one.symbol} if one.symbol else {}
    return {**_dated(one), "net_amount": figure(one.amount), "description": one.note, **more}


def _dated(one: Execution | Booking) -> Json:
    return {
        "date": one.time.astimezone(NEW_YORK).date().isoformat(),
        "created_at": stamp(one.time),
        "currency": "USD",
        "status": "executed",
    }


def _id(one: Execution | Booking) -> str:
    time = one.time.astimezone(NEW_YORK)
    high, low = divmod(one.number, 1 << 48)
    return f"{time:%Y%m%d%H%M%S}{time.microsecond // 1000:03d}::{high:08x}-0000-4000-8000-{low:012x}"


def _number(token: str) -> int:
    match = _ID.fullmatch(token)
    if match is None:
        raise unprocessable("invalid page_token")
    return (int(match[1], 16) << 48) + int(match[2], 16)
