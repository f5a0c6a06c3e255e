"""Orders as `/v2/orders` shows them.

A multi-leg order is always one row with its `legs`, asked for nested or not. An open order is
`new`, in session or not; one that was replaced is `replaced`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from http import HTTPStatus

from git_qoc.exchange import symbols
from git_qoc.exchange.asked import flag, instant, listed, one_of, whole
from git_qoc.exchange.message import Problem, figure, not_found, quotient, stamp, unprocessable
from git_qoc.market.engine import Engine
from git_qoc.market.orders import Execution, MarketOrder
from git_qoc.model import OrderLeg, OrderStatus, Side
from git_qoc.money import ZERO

LIMIT, LIMIT_MAX = 50, 500
Json = dict[str, object]

WORDS = {
    OrderStatus.OPEN: "new",
    OrderStatus.PARTIALLY_FILLED: "partially_filled",
    OrderStatus.FILLED: "filled",
    OrderStatus.CANCELED: "canceled",
    OrderStatus.EXPIRED: "expired",
    OrderStatus.REJECTED: "rejected",
}
OPEN = frozenset({OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED})
_EMPTY: Json = {"asset_id": "", "symbol": "", "asset_class": "", "side": ""}


def orders(engine: Engine, query: Mapping[str, str]) -> list[Json]:
    """`after` and `until` exclude their instant; an id to go on from excludes that order."""
    status = one_of(query, "status", ("open", "closed", "all"))
    newest = one_of(query, "direction", ("desc", "asc")) == "desc"
    limit = whole(query, "limit", LIMIT, LIMIT_MAX)
    flag(query, "nested")
    until = instant(query, "until")
    # The order to go on from may be done by now.
    goes_on = bool(query.get("after_order_id") or query.get("before_order_id"))
    rows = engine.orders(
        open_only=status == "open" and not goes_on,
        since=instant(query, "after"),
        until=None if until is None else until - timedelta(microseconds=1),
    )
    rows = tuple(row for row in _between(rows, query) if _is_meant(row, query))
    if status != "all":
        rows = tuple(row for row in rows if (row.status in OPEN) == (status == "open"))
    chosen = reversed(rows[-limit:]) if newest else iter(rows[:limit])
    return [order(engine, row) for row in chosen]


def _between(rows: tuple[MarketOrder, ...], query: Mapping[str, str]) -> tuple[MarketOrder, ...]:
    after, before = query.get("after_order_id"), query.get("before_order_id")
    if after and before:
        raise unprocessable("after_order_id and before_order_id are mutually exclusive")
    if not (after or before):
        return rows
    places = {row.order_id: place for place, row in enumerate(rows)}
    place = places.get(after or before or "")
    if place is None:
        raise unprocessable("there is no order to go on from")
    return rows[place + 1 :] if after else rows[:place]


def _is_meant(row: MarketOrder, query: Mapping[str, str]) -> bool:
    asked = row.asked
    names = _symbols(row)
    kinds = listed(query, "asset_class") - {"all"}
    if not is_here(row):
        return False
    wanted = {symbols.joined(name.replace("/", "-")) for name in listed(query, "symbols")}
    # "By specifying us_option as the class, you can query option orders by underlying symbol" (the document).
    found = {symbols.joined(name) for name in names}
    found |= {symbols.underlying(name) for name in names} if "us_option" in kinds else set()
    if wanted and wanted.isdisjoint(found):
        return False
    if query.get("side") and (asked.side is None or asked.side.value != query["side"]):
        return False
    return not kinds or any(symbols.CLASSES[symbols.kind_of(name)] in kinds for name in names)


def is_here(row: MarketOrder) -> bool:
    """Whether Alpaca has such orders: other clients of the same books may trade more."""
    return all(symbols.traded_here(name) for name in _symbols(row))


def _symbols(row: MarketOrder) -> set[str]:
    return {leg.symbol for leg in row.asked.legs} or {row.asked.symbol}


def known(engine: Engine, order_id: str) -> MarketOrder:
    """Raises `Problem`: 404 for an unknown order, 422 for what is no id."""
    try:
        uuid.UUID(order_id)
    except ValueError:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, 40010001, f"invalid order_id: {order_id}") from None
    found = engine.order(order_id)
    if found is None or not is_here(found):
        raise not_found(f"order not found for {order_id}")
    return found


def by_client_order_id(engine: Engine, query: Mapping[str, str]) -> Json:
    wanted = query.get("client_order_id")
    if not wanted:
        raise unprocessable("client_order_id is required")
    found = engine.order_by_client_id(wanted)
    if found is None or not is_here(found):
        raise not_found(f"order not found for {wanted}")
    return order(engine, found)


def order(engine: Engine, row: MarketOrder) -> Json:
    asked = row.asked
    body = _common(row) | {
        "id": row.order_id,
        "client_order_id": asked.client_order_id,
        "qty": None if asked.quantity is None else figure(asked.quantity),
        "notional": None if asked.notional is None else figure(asked.notional),
        "filled_qty": figure(row.filled_quantity),
        "filled_avg_price": None if row.average_price is None else quotient(row.average_price),
        "order_type": asked.type.value,
        "type": asked.type.value,
        "limit_price": None if asked.limit_price is None else figure(asked.limit_price),
        "stop_price": None if asked.stop_price is None else figure(asked.stop_price),
    }
    if asked.legs:
        fills = engine.executions(order_id=row.order_id) if row.filled_quantity else ()
        legs = [_leg(row, number, leg, fills) for number, leg in enumerate(asked.legs)]
        return body | _EMPTY | {"order_class": "mleg", "legs": legs}
    side = asked.side.value if asked.side else ""
    return body | _asset(asked.symbol) | {"side": side, "order_class": "simple", "legs": None}


def _leg(row: MarketOrder, number: int, leg: OrderLeg, fills: Iterable[Execution]) -> Json:
    ratio, units = abs(leg.ratio), row.asked.quantity or ZERO
    mine = [fill for fill in fills if fill.symbol == leg.symbol]
    filled = sum((fill.quantity for fill in mine), ZERO)
    paid = sum((fill.quantity * fill.price for fill in mine), ZERO)
    return _common(row) | {
        **_asset(leg.symbol),
        "id": _leg_id(row.order_id, number),
        "client_order_id": _leg_id(row.asked.client_order_id, number),
        "qty": figure(units * ratio),
        "ratio_qty": figure(ratio),
        "notional": None,
        "filled_qty": figure(filled),
        "filled_avg_price": quotient(paid / filled) if filled else None,
        "order_class": "mleg",
        "order_type": "",
        "type": "",
        "side": (Side.BUY if leg.ratio > 0 else Side.SELL).value,
        "limit_price": None,
        "stop_price": None,
        "legs": None,
    }


def _common(row: MarketOrder) -> Json:
    replaced_at = row.canceled_at if row.replaced_by else None
    return {
        "created_at": stamp(row.submitted_at),
        "updated_at": stamp(row.updated_at),
        "submitted_at": stamp(row.submitted_at),
        "filled_at": stamp(row.filled_at),
        "expired_at": stamp(row.expired_at),
        "canceled_at": None if row.replaced_by else stamp(row.canceled_at),
        "failed_at": stamp(row.updated_at) if row.status is OrderStatus.REJECTED else None,
        "replaced_at": stamp(replaced_at),
        "replaced_by": row.replaced_by,
        "replaces": row.replaces,
        "status": "replaced" if row.replaced_by else WORDS[row.status],
        "time_in_force": row.asked.time_in_force,
        "extended_hours": False,
        "trail_percent": None,
        "trail_price": None,
        "hwm": None,
    }


def _asset(symbol: str) -> Json:
    return {
        "asset_id": symbols.asset_id(symbol),
        "symbol": symbols.shown(symbol),
        "asset_class": symbols.CLASSES[symbols.kind_of(symbol)],
    }


def _leg_id(of: str, number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{of}/{number}"))


def remaining(row: MarketOrder) -> Decimal | None:
    """What can still fill; None for an order by notional."""
    return None if row.asked.quantity is None else row.asked.quantity - row.filled_quantity
