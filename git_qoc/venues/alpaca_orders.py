"""Alpaca's orders as the model's values, and our requests as its bodies. Pure.

Of the orders of one bracket, OTO or OCO group only one can take money at a time: the entry
while it lives, then one of its exits, for a fill of one exit cancels the other. So a group is
one `Order`: the entry, else the exit at work, else the one that is `held`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from git_qoc.errors import OrderUnknown, Unsupported, VenueError
from git_qoc.model import Order, OrderLeg, OrderRequest, OrderStatus, OrderType, Side
from git_qoc.money import plain
from git_qoc.venues.alpaca_payloads import ORDER, OrderRow, parse
from git_qoc.venues.alpaca_symbols import OPTION_MULTIPLIER, is_option, joined, multiplier

ORDERS_PATH = "/v2/orders"
MULTI_LEG = "mleg"
NOT_FOUND = {"code": 40410000}
GROUPS = frozenset({"bracket", "oto", "oco"})

# Everything that may still fill is open: also what waits to be cancelled or replaced, is
# suspended, done for the day (a GTC order goes on tomorrow) or awaits settlement.
STATUSES = {
    "new": OrderStatus.OPEN,
    "partially_filled": OrderStatus.PARTIALLY_FILLED,
    "filled": OrderStatus.FILLED,
    "done_for_day": OrderStatus.OPEN,
    "canceled": OrderStatus.CANCELED,
    "expired": OrderStatus.EXPIRED,
    "replaced": OrderStatus.CANCELED,
    "pending_cancel": OrderStatus.OPEN,
    "pending_replace": OrderStatus.OPEN,
    "accepted": OrderStatus.OPEN,
    "pending_new": OrderStatus.OPEN,
    "accepted_for_bidding": OrderStatus.OPEN,
    "stopped": OrderStatus.OPEN,
    "rejected": OrderStatus.REJECTED,
    "suspended": OrderStatus.OPEN,
    "calculated": OrderStatus.OPEN,
    "held": OrderStatus.OPEN,
}
DONE = frozenset({OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.EXPIRED, OrderStatus.REJECTED})
_TYPES = {kind.value: kind for kind in OrderType}
_SIDES = {side.value: side for side in Side}


_ID_EXISTS = re.compile(r"client[ _-]?order[ _-]?id must be unique", re.IGNORECASE)


def says_id_exists(reason: str) -> bool:
    """True for the refusal of a client order id in use: an order with that id does exist."""
    return _ID_EXISTS.search(reason) is not None


def status(row: OrderRow) -> OrderStatus:
    known = STATUSES.get(row.status, OrderStatus.UNKNOWN)
    # Alpaca keeps `pending_cancel` and the like on an order that is filled in part.
    if known is OrderStatus.OPEN and row.filled_qty > 0:
        return OrderStatus.PARTIALLY_FILLED
    return known


def order(row: OrderRow) -> Order:
    """One order; `type` is None for a trailing stop.

    Raises:
        VenueError: a plain order without symbol, side or size, or a leg without a direction.
    """
    where = f"alpaca {ORDERS_PATH}: order {row.id}"
    legs = tuple(_legs(row, where)) if row.order_class == MULTI_LEG else ()
    side = _SIDES.get(row.side or "")
    if row.order_class != MULTI_LEG and (not row.symbol or side is None):
        raise VenueError(f"{where}: expected a symbol and a side of buy or sell")
    if row.qty is None and row.notional is None:
        raise VenueError(f"{where}: expected qty or notional, found neither")
    return Order(
        order_id=row.id,
        client_order_id=row.client_order_id or None,
        symbol=joined(row.symbol),
        side=None if row.order_class == MULTI_LEG else side,
        quantity=row.qty,
        filled_quantity=row.filled_qty,
        type=_TYPES.get(row.type or ""),
        status=status(row),
        limit_price=row.limit_price,
        stop_price=row.stop_price,
        notional=row.notional,
        multiplier=OPTION_MULTIPLIER if row.order_class == MULTI_LEG else _multiplier(row),
        legs=legs,
        submitted_at=row.submitted_at,
    )


def _multiplier(row: OrderRow) -> Decimal:
    return OPTION_MULTIPLIER if row.asset_class == "us_option" else multiplier(row.symbol)


def _legs(row: OrderRow, where: str) -> Iterator[OrderLeg]:
    for number, leg in enumerate(row.legs or []):
        direction = leg.side or (leg.position_intent or "").partition("_")[0]
        if direction not in _SIDES or not leg.symbol:
            raise VenueError(f"{where}: legs[{number}]: expected a symbol and a side of buy or sell")
        if not (leg.asset_class == "us_option" or is_option(leg.symbol)):
            raise VenueError(f"{where}: legs[{number}]: expected an option, found another asset class")
        ratio = leg.ratio_qty
        if ratio is None and leg.qty is not None and row.qty:
            ratio = leg.qty / row.qty
        if ratio is None:
            raise VenueError(f"{where}: legs[{number}].ratio_qty: expected a decimal number, found nothing")
        yield OrderLeg(joined(leg.symbol), -abs(ratio) if direction == Side.SELL else abs(ratio))


def reservations(rows: Iterable[OrderRow]) -> tuple[Order, ...]:
    """The orders that can still take money, each group of contingent orders as one."""
    chosen: dict[str, tuple[int, OrderRow]] = {}
    for group, rank, row in _flat(rows):
        if status(row) in DONE:
            continue
        if group not in chosen or rank < chosen[group][0]:
            chosen[group] = (rank, row)
    return tuple(order(row) for _, row in chosen.values())


def _flat(rows: Iterable[OrderRow]) -> Iterator[tuple[str, int, OrderRow]]:
    """Each order with its group and its rank in it: the entry, then exits at work, then held ones."""
    for row in rows:
        grouped = row.order_class in GROUPS
        group = row.group_id if grouped and row.group_id else row.id
        yield group, 2 if row.status == "held" else 0 if row.legs else 1, row
        if row.order_class != MULTI_LEG:
            for leg in row.legs or []:
                yield group, 2 if leg.status == "held" else 1, leg


def body(request: OrderRequest) -> dict[str, object]:
    """The JSON body of `POST /v2/orders`; all numbers are texts.

    Raises:
        Unsupported: a multi-leg order that is neither market nor limit.
    """
    found: dict[str, object] = {
        "client_order_id": request.client_order_id,
        "qty": plain(request.quantity),
        "type": request.type.value,
        "time_in_force": request.time_in_force,
    }
    if request.limit_price is not None:
        found["limit_price"] = plain(request.limit_price)
    if request.stop_price is not None:
        found["stop_price"] = plain(request.stop_price)
    if not request.legs:
        return found | {"symbol": request.symbol, "side": request.side.value}
    if request.type not in (OrderType.MARKET, OrderType.LIMIT):
        raise Unsupported(f"alpaca takes multi-leg orders of type market and limit, not {request.type.value}")
    legs = [
        {
            "symbol": leg.symbol,
            "ratio_qty": plain(abs(leg.ratio)),
            "side": (Side.BUY if leg.ratio > 0 else Side.SELL).value,
        }
        for leg in request.legs
    ]
    return found | {"order_class": MULTI_LEG, "legs": legs}


def placed(data: object, client_order_id: str) -> Order:
    """The order of an answered POST.

    Raises:
        OrderUnknown: the answer cannot be read, or is about another order: ours may exist.
    """
    try:
        row = parse(ORDER, data, ORDERS_PATH)
        found = order(row)
    except VenueError as exc:
        raise OrderUnknown(f"{exc}. It was taken: look the order up, never send it again") from None
    if found.client_order_id != client_order_id:
        raise OrderUnknown(f"alpaca {ORDERS_PATH}: the answer is about another order. Look ours up")
    return found
