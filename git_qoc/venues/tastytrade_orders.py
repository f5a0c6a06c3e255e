"""tastytrade's orders as the model's values, and our requests as its bodies. Pure.

An order of one leg has a price and a direction; one of several legs has a net price per unit,
a debit > 0 or a credit < 0. Whether a leg opens or closes is told by what is held.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from git_qoc.errors import Unsupported, VenueError
from git_qoc.model import Order, OrderLeg, OrderRequest, OrderStatus, OrderType, Side, VenueType
from git_qoc.money import ZERO, plain
from git_qoc.venues.tastytrade_payloads import LegRow, OrderRow
from git_qoc.venues.tastytrade_symbols import KINDS, OPTION_MULTIPLIER, TRADED, kind

LEGS_MAX = 4

# developer.tastytrade.com, "Order Management": what may still fill is open, also while it is
# being routed, waits for another order, or for its cancel or replacement.
STATUSES = {
    "Received": OrderStatus.OPEN,
    "Routed": OrderStatus.OPEN,
    "In Flight": OrderStatus.OPEN,
    "Live": OrderStatus.OPEN,
    "Contingent": OrderStatus.OPEN,
    "Cancel Requested": OrderStatus.OPEN,
    "Replace Requested": OrderStatus.OPEN,
    "Filled": OrderStatus.FILLED,
    "Cancelled": OrderStatus.CANCELED,
    "Removed": OrderStatus.CANCELED,
    "Partially Removed": OrderStatus.CANCELED,
    "Expired": OrderStatus.EXPIRED,
    "Rejected": OrderStatus.REJECTED,
}
DONE = frozenset({OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.EXPIRED, OrderStatus.REJECTED})
_TYPES = {
    "Market": OrderType.MARKET,
    "Limit": OrderType.LIMIT,
    "Marketable Limit": OrderType.LIMIT,
    "Stop": OrderType.STOP,
    "Stop Limit": OrderType.STOP_LIMIT,
}
_TYPE_NAMES = {kind: name for name, kind in reversed(_TYPES.items())}
_FORCE_NAMES = {"day": "Day", "gtc": "GTC", "ioc": "IOC"}


def order(row: OrderRow) -> Order:
    """One order.

    Raises:
        VenueError: no legs, or a leg without a size or a direction.
    """
    where = f"tastytrade: order {row.id}"
    if not row.legs or any(leg.quantity is None or _sign(leg) is None for leg in row.legs):
        raise VenueError(f"{where}: expected legs with a quantity and an action of Buy or Sell")
    several = len(row.legs) > 1
    size = row.size if several and row.size and row.size > 0 else _size(row.legs[0])
    filled = min(_filled(leg) / (_size(leg) / size) for leg in row.legs)
    status = STATUSES.get(row.status, OrderStatus.UNKNOWN)
    if status is OrderStatus.OPEN and filled:
        status = OrderStatus.PARTIALLY_FILLED
    price = row.price
    if several and price is not None:
        if row.price_effect not in ("Credit", "Debit"):
            raise VenueError(f"{where}: expected a price-effect of Credit or Debit")
        price = -abs(price) if row.price_effect == "Credit" else abs(price)
    return Order(
        order_id=row.id,
        client_order_id=row.external_identifier or None,
        symbol="" if several else row.legs[0].symbol,
        side=None if several else _side(row.legs[0]),
        quantity=size,
        filled_quantity=filled,
        type=_TYPES.get(row.order_type),
        status=status,
        limit_price=price,
        stop_price=row.stop_trigger,
        multiplier=_multiplier(row.legs[0]),
        legs=tuple(_leg(leg, size) for leg in row.legs) if several else (),
        submitted_at=row.received_at,
        margined=any(leg.instrument_type == "Future" for leg in row.legs),
    )


def _sign(leg: LegRow) -> int | None:
    return {"Buy": 1, "Sell": -1}.get(leg.action.partition(" ")[0])


def _side(leg: LegRow) -> Side:
    return Side.BUY if _sign(leg) == 1 else Side.SELL


def _size(leg: LegRow) -> Decimal:
    if not leg.quantity or leg.quantity < 0:
        raise VenueError("tastytrade: expected a leg with a quantity above zero")
    return leg.quantity


def _filled(leg: LegRow) -> Decimal:
    return sum((fill.quantity for fill in leg.fills), ZERO)


def _leg(leg: LegRow, size: Decimal) -> OrderLeg:
    return OrderLeg(leg.symbol, (_sign(leg) or 0) * _size(leg) / size)


def _multiplier(leg: LegRow) -> Decimal:
    """Of a future it is not in an order, and nothing is reckoned with it there: it is margined."""
    return OPTION_MULTIPLIER if leg.instrument_type == "Equity Option" else Decimal(1)


def check(request: OrderRequest, account: VenueType) -> None:
    """Let a request pass whose instruments this type of connector trades.

    Raises:
        Unsupported: another kind of instrument, too many legs, or a stop with several.
    """
    wanted = TRADED[account]
    for symbol in _symbols(request):
        if kind(symbol) != wanted:
            raise Unsupported(f"tastytrade: {symbol} is no {wanted}, which {account.value} connectors trade")
    if len(request.legs) > LEGS_MAX or any(leg.ratio % 1 or not leg.ratio for leg in request.legs):
        raise Unsupported(f"tastytrade takes up to {LEGS_MAX} legs with whole ratios")
    if request.legs and request.type not in (OrderType.MARKET, OrderType.LIMIT):
        raise Unsupported(
            f"tastytrade takes multi-leg orders of type market and limit, not {request.type.value}"
        )


def _symbols(request: OrderRequest) -> Iterable[str]:
    return [leg.symbol for leg in request.legs] or [request.symbol]


def body(request: OrderRequest, held: Mapping[str, Decimal]) -> dict[str, object]:
    """The JSON body of `POST /accounts/{n}/orders`; `held` are signed quantities by symbol.

    Raises:
        Unsupported: a leg would close a position and open the opposite one.
    """
    found: dict[str, object] = {
        "time-in-force": _FORCE_NAMES[request.time_in_force],
        "order-type": _TYPE_NAMES[request.type],
        "source": "git-qoc",
        "external-identifier": request.client_order_id,
        "legs": [_leg_body(symbol, change, held) for symbol, change in _changes(request)],
    }
    if request.limit_price is not None:
        debit = request.limit_price >= 0 if request.legs else request.side is Side.BUY
        found["price"] = plain(abs(request.limit_price))
        found["price-effect"] = "Debit" if debit else "Credit"
    if request.stop_price is not None:
        found["stop-trigger"] = plain(request.stop_price)
    return found


def _changes(request: OrderRequest) -> list[tuple[str, Decimal]]:
    """What each leg would do to a position."""
    if request.legs:
        return [(leg.symbol, leg.ratio * request.quantity) for leg in request.legs]
    return [(request.symbol, request.quantity if request.side is Side.BUY else -request.quantity)]


def _leg_body(symbol: str, change: Decimal, held: Mapping[str, Decimal]) -> dict[str, object]:
    word = "Buy" if change > 0 else "Sell"
    if kind(symbol) != "future":
        word += f" to {_effect(symbol, change, held.get(symbol, ZERO))}"
    return {
        "instrument-type": KINDS[kind(symbol)],
        "symbol": symbol,
        "quantity": int(abs(change)),
        "action": word,
    }


def _effect(symbol: str, change: Decimal, held: Decimal) -> str:
    if held * change >= 0:
        return "Open"
    if abs(change) > abs(held):
        raise Unsupported(
            f"tastytrade: {plain(abs(change))} {symbol} would close the {plain(abs(held))} held and open "
            "the opposite. Send two orders"
        )
    return "Close"
