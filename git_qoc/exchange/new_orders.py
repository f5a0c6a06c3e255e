"""The body of `POST /v2/orders` as an order for the market.

Numbers may be texts (Alpaca's document) or JSON numbers (alpaca-py sends those). What is not
offered is refused in Alpaca's form: trailing stops, brackets and the like, extended hours, orders
for the open or the close.
"""

from __future__ import annotations

import uuid
from decimal import Decimal
from http import HTTPStatus

from git_qoc.exchange import symbols
from git_qoc.exchange.asked import Body, number_in, text_in
from git_qoc.exchange.message import DECIMALS, Problem, figure, unprocessable
from git_qoc.market.engine import Engine
from git_qoc.market.orders import AssetClass, Instrument, NewOrder
from git_qoc.model import OrderLeg, OrderType, Side
from git_qoc.money import CENT

CLIENT_ID_MAX = 128
LEGS_MIN, LEGS_MAX = 2, 4
# docs.alpaca.markets, "Working with /orders", "Time in Force", less those for the open and the close.
TIMES = {
    AssetClass.STOCK: ("day", "gtc", "ioc", "fok"),
    AssetClass.OPTION: ("day", "gtc"),
    AssetClass.COIN: ("gtc", "ioc"),
}
_TYPES = {kind.value: kind for kind in OrderType}
_INTENTS = {"buy_to_open": 1, "buy_to_close": 1, "sell_to_open": -1, "sell_to_close": -1}


def new_order(engine: Engine, body: Body) -> NewOrder:
    """Raises `Problem` (422) for a field that is missing, wrong or not offered."""
    _refuse_what_is_not_offered(body)
    kind = _type(body)
    limit = _price(body, "limit_price", kind in (OrderType.LIMIT, OrderType.STOP_LIMIT))
    stop = _price(body, "stop_price", kind in (OrderType.STOP, OrderType.STOP_LIMIT))
    if text_in(body, "order_class") == "mleg":
        return _multi_leg(engine, body, kind, limit)
    return _single(engine, body, kind, limit, stop)


def _single(
    engine: Engine, body: Body, kind: OrderType, limit: Decimal | None, stop: Decimal | None
) -> NewOrder:
    name = text_in(body, "symbol")
    if name is None:
        raise missing("symbol")
    one = symbols.find(engine, name)
    if one is None:
        raise unprocessable(f'asset "{name}" not found')
    side = _side(body)
    quantity, notional = _size(body, one)
    check_prices(one, limit_price=limit, stop_price=stop)
    if one.kind is AssetClass.OPTION:
        _check_intent(engine, body, one, side)
    time = _time_in_force(body, one.kind)
    if one.kind is AssetClass.STOCK and time != "day" and (notional is not None or (quantity or 0) % 1):
        raise unprocessable("fractional orders must be DAY orders")
    return NewOrder(
        client_order_id=_client_id(body),
        symbol=one.symbol,
        side=side,
        quantity=quantity,
        type=kind,
        limit_price=limit,
        stop_price=stop,
        time_in_force=time,
        notional=notional,
    )


def _multi_leg(engine: Engine, body: Body, kind: OrderType, limit: Decimal | None) -> NewOrder:
    if kind not in (OrderType.MARKET, OrderType.LIMIT):
        raise unprocessable("invalid order type for options trading")
    if number_in(body, "notional") is not None:
        raise unprocessable("notional orders are not supported for options trading")
    quantity = number_in(body, "qty")
    if quantity is None:
        raise missing("qty")
    rows = body.get("legs")
    if not isinstance(rows, list) or not LEGS_MIN <= len(rows) <= LEGS_MAX:
        raise unprocessable(f"mleg orders must have from {LEGS_MIN} to {LEGS_MAX} legs")
    return NewOrder(
        client_order_id=_client_id(body),
        symbol="",
        side=None,
        quantity=_contracts(quantity, "qty"),
        type=kind,
        limit_price=limit,
        time_in_force=_time_in_force(body, AssetClass.OPTION),
        legs=tuple(_leg(engine, row, index) for index, row in enumerate(rows)),
    )


def _leg(engine: Engine, row: object, index: int) -> OrderLeg:
    if not isinstance(row, dict):
        raise unprocessable(f"leg.{index} must be an object")
    name = text_in(row, "symbol")
    one = symbols.find(engine, name) if name else None
    if one is None or one.kind is not AssetClass.OPTION:
        raise unprocessable(f"asset not found for {name}")
    ratio = number_in(row, "ratio_qty")
    if ratio is None:
        raise missing(f"leg.{index} ratio_qty")
    side, intent = text_in(row, "side"), text_in(row, "position_intent")
    if intent is not None and intent not in _INTENTS:
        raise unprocessable(f"leg.{index} position intent is invalid")
    if side is None and intent is None:
        raise unprocessable(f"leg.{index} position intent is required")
    if side not in (None, "buy", "sell"):
        raise unprocessable(f"leg.{index} side is invalid")
    direction = _INTENTS[intent] if intent is not None else 1 if side == "buy" else -1
    if side is not None and direction != (1 if side == "buy" else -1):
        raise unprocessable(f"leg.{index} side and position intent do not agree")
    return OrderLeg(one.symbol, _contracts(ratio, f"leg.{index} ratio_qty") * direction)


def _refuse_what_is_not_offered(body: Body) -> None:
    order_class = text_in(body, "order_class")
    if order_class not in (None, "simple", "mleg"):
        known = order_class in ("bracket", "oco", "oto")
        raise unprocessable(f"{order_class} orders are not supported" if known else "invalid order_class")
    if order_class != "mleg" and body.get("legs"):
        raise unprocessable("legs are only valid for order_class mleg")
    for name in ("take_profit", "stop_loss", "advanced_instructions"):
        if body.get(name):
            raise unprocessable(f"{name} is not supported")
    if body.get("extended_hours") not in (None, False):
        raise unprocessable("extended hours orders are not supported")


def missing(name: str) -> Problem:
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, 40010001, f"{name} is required")


def _type(body: Body) -> OrderType:
    text = text_in(body, "type")
    if text is None:
        raise missing("type")
    if text == "trailing_stop":
        raise unprocessable("trailing_stop orders are not supported")
    if text not in _TYPES:
        raise unprocessable("invalid order type")
    for name in ("trail_price", "trail_percent"):
        if body.get(name):
            raise unprocessable(f"{name} is not valid for this type of order")
    return _TYPES[text]


def _side(body: Body) -> Side:
    """The side, or what the position intent says of it."""
    text = text_in(body, "side") or (text_in(body, "position_intent") or "").partition("_")[0]
    if not text:
        raise missing("side")
    if text not in ("buy", "sell"):
        raise unprocessable("invalid side")
    return Side(text)


def _price(body: Body, name: str, wanted: bool) -> Decimal | None:
    found = number_in(body, name)
    words = name.replace("_", " ")
    if wanted and found is None:
        raise unprocessable(f"{words} is required for this type of order")
    if not wanted and found is not None:
        raise unprocessable(f"{words} is not valid for this type of order")
    return found


def check_prices(one: Instrument, **prices: Decimal | None) -> None:
    """Raises `Problem` (422) for a price that is not above zero or off the increment.

    docs.alpaca.markets, "Working with /orders", limit orders: two decimals from 1 USD on, four below.
    """
    for name, price in prices.items():
        if price is None:
            continue
        if price <= 0:
            raise unprocessable(f"{name} must be > 0")
        if price % _increment(one, price):
            why = "sub-penny increment does not fulfill minimum pricing criteria"
            raise unprocessable(f"invalid {name} {figure(price)}. {why}")


def _increment(one: Instrument, price: Decimal) -> Decimal:
    """Of limit and stop prices; the market itself has finer ones, its closes being adjusted for splits."""
    if one.kind is not AssetClass.STOCK:
        return one.tick
    return CENT if price >= 1 else CENT / 100


def _size(body: Body, one: Instrument) -> tuple[Decimal | None, Decimal | None]:
    """(quantity, notional), one of them None."""
    quantity, notional = number_in(body, "qty"), number_in(body, "notional")
    if quantity is None and notional is None:
        raise missing("qty or notional")
    if quantity is not None and notional is not None:
        raise unprocessable("qty and notional are mutually exclusive")
    if notional is not None and one.kind is AssetClass.OPTION:
        raise unprocessable("notional orders are not supported for options trading")
    for name, size in (("qty", quantity), ("notional", notional)):
        if size is not None and (size <= 0 or round(size, DECIMALS) != size):
            raise unprocessable(f"{name} must be > 0, with at most {DECIMALS} decimals")
    if quantity is not None and one.kind is AssetClass.OPTION:
        _contracts(quantity, "qty")
    return quantity, notional


def _contracts(number: Decimal, name: str) -> Decimal:
    if number <= 0 or number % 1:
        raise unprocessable(f"{name} must be integer for options trading")
    return number


def _time_in_force(body: Body, kind: AssetClass) -> str:
    text = text_in(body, "time_in_force")
    if text is None:
        raise missing("time_in_force")
    if text not in TIMES[kind]:
        words = {AssetClass.COIN: "crypto ", AssetClass.OPTION: "option "}.get(kind, "")
        raise unprocessable(f"invalid {words}time_in_force")
    return text


def _client_id(body: Body) -> str:
    text = text_in(body, "client_order_id")
    if text is not None and len(text) > CLIENT_ID_MAX:
        raise unprocessable(f"client_order_id must be no more than {CLIENT_ID_MAX} characters")
    return text or str(uuid.uuid4())


def _check_intent(engine: Engine, body: Body, one: Instrument, side: Side) -> None:
    given = text_in(body, "position_intent")
    if given is None:
        return
    held = next((h.quantity for h in engine.holdings() if h.instrument.symbol == one.symbol), Decimal(0))
    closes = held < 0 if side is Side.BUY else held > 0
    inferred = f"{side.value}_to_{'close' if closes else 'open'}"
    if given != inferred:
        raise unprocessable(f"position intent mismatch, inferred: {inferred}, specified: {given}")
