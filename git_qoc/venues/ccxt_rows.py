"""ccxt's unified structures (docs.ccxt.com, "Unified API") as typed rows, and those as our values. Pure.

Numbers are texts or whole numbers, never floats. What a row lacks is None. A row that cannot be
read is a `VenueError` that names the place, never the value.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, PlainValidator, ValidationError

from git_qoc.errors import VenueError
from git_qoc.model import Fill, Order, OrderStatus, OrderType, Quote, Side
from git_qoc.money import NumberError, to_decimal
from git_qoc.venues.ccxt_ask import Market, Markets

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _number(value: object) -> Decimal:
    if isinstance(value, float):
        raise ValueError("expected a decimal number as text, found a float")
    try:
        return to_decimal(value)
    except NumberError as exc:
        raise ValueError(str(exc)) from None


def _maybe(value: object) -> Decimal | None:
    return None if value is None or value == "" else _number(value)


def _words(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"expected text, found {type(value).__name__}")
    return str(value)


Number = Annotated[Decimal, PlainValidator(_number)]
MaybeNumber = Annotated[Decimal | None, PlainValidator(_maybe)]
Words = Annotated[str | None, PlainValidator(_words)]


class Row(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class MarketLimit(Row):
    min: MaybeNumber = None


class MarketLimits(Row):
    amount: MarketLimit | None = None


class MarketPrecision(Row):
    amount: MaybeNumber = None
    price: MaybeNumber = None


class MarketRow(Row):
    id: str
    symbol: str
    type: Words = None
    base: Words = None
    quote: Words = None
    settle: Words = None
    inverse: bool | None = None
    contractSize: MaybeNumber = None  # noqa: N815 - ccxt's name
    precision: MarketPrecision = MarketPrecision()
    limits: MarketLimits = MarketLimits()
    info: Any = None


class OrderRow(Row):
    id: Words = None
    clientOrderId: Words = None  # noqa: N815 - ccxt's name
    symbol: Words = None
    type: Words = None
    side: Words = None
    status: Words = None
    price: MaybeNumber = None
    triggerPrice: MaybeNumber = None  # noqa: N815 - ccxt's name
    stopLossPrice: MaybeNumber = None  # noqa: N815 - ccxt's name
    takeProfitPrice: MaybeNumber = None  # noqa: N815 - ccxt's name
    amount: MaybeNumber = None
    cost: MaybeNumber = None
    filled: MaybeNumber = None
    timestamp: int | None = None


class FeeRow(Row):
    cost: MaybeNumber = None
    currency: Words = None


class TradeRow(Row):
    id: Words = None
    order: Words = None
    symbol: Words = None
    side: Words = None
    price: MaybeNumber = None
    amount: MaybeNumber = None
    timestamp: int | None = None
    fee: FeeRow | None = None


class TickerRow(Row):
    symbol: Words = None
    timestamp: int | None = None
    bid: MaybeNumber = None
    ask: MaybeNumber = None
    last: MaybeNumber = None
    markPrice: MaybeNumber = None  # noqa: N815 - ccxt's name
    indexPrice: MaybeNumber = None  # noqa: N815 - ccxt's name


Kind = TypeVar("Kind", bound=Row)
Part = TypeVar("Part")


def read(kind: type[Kind], data: object, where: str) -> Kind:
    """One typed row.

    Raises:
        VenueError: `kraken fetch_open_orders: price: expected …`, the first fault only.
    """
    try:
        return kind.model_validate(data)
    except ValidationError as exc:
        message = _fault(exc, where)
    raise VenueError(message)


def read_all(kind: type[Kind], data: object, where: str) -> list[Kind]:
    """A list of typed rows; raises as `read`."""
    if not isinstance(data, list):
        raise VenueError(f"{where}: expected a list, found {type(data).__name__}")
    return [read(kind, item, f"{where}: [{number}]") for number, item in enumerate(data)]


def part(answer: object, key: str, kind: type[Part], where: str) -> Part:
    """A member of an answer that must be there: ccxt would take what is missing for empty.

    Raises:
        VenueError: it is missing, or of another kind.
    """
    found = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(found, kind):
        raise VenueError(f"{where}: {key}: expected a {kind.__name__}, found {type(found).__name__}")
    return found


def rows_of(answer: object, key: str, where: str) -> list[dict[str, Any]]:
    """A list of objects in an answer; raises as `part`."""
    found = part(answer, key, list, where)
    if not all(isinstance(row, dict) for row in found):
        raise VenueError(f"{where}: {key}: expected a list of objects only")
    return found


def _fault(exc: ValidationError, where: str) -> str:
    fault = exc.errors(include_input=False, include_url=False, include_context=False)[0]
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault["loc"])
    return f"{where}: {place.lstrip('.') or 'answer'}: {fault['msg'].removeprefix('Value error, ')}"


def decimal_of(value: object, where: str) -> Decimal | None:
    """A number that stands alone, None where the venue tells none; raises VenueError, naming `where`."""
    try:
        return _maybe(value)
    except ValueError as exc:
        message = f"{where}: {exc}"
    raise VenueError(message)


def time_of(milliseconds: int) -> datetime:
    return EPOCH + timedelta(milliseconds=milliseconds)


_STATUSES = {
    "open": OrderStatus.OPEN,
    "closed": OrderStatus.FILLED,
    "canceled": OrderStatus.CANCELED,
    "expired": OrderStatus.EXPIRED,
    "rejected": OrderStatus.REJECTED,
}
DONE = frozenset({OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.EXPIRED, OrderStatus.REJECTED})


def order(row: OrderRow, markets: Markets, where: str) -> Order:
    """One order; `type` is None for take-profit and trailing orders.

    Raises:
        VenueError: no id, symbol, side or filled quantity, or neither quantity nor notional.
    """
    market = markets.of(row.symbol, where)
    if row.id is None or row.side not in ("buy", "sell") or row.filled is None:
        raise VenueError(f"{where}: expected an order with id, side and filled quantity")
    if row.amount is None and row.cost is None:
        raise VenueError(f"{where}: expected an order with a quantity or a notional, found neither")
    stop = row.triggerPrice if row.triggerPrice is not None else row.stopLossPrice
    status = _STATUSES.get(row.status or "", OrderStatus.UNKNOWN)
    if status is OrderStatus.OPEN and row.filled > 0:
        status = OrderStatus.PARTIALLY_FILLED
    return Order(
        order_id=row.id,
        client_order_id=row.clientOrderId,
        symbol=market.symbol,
        side=Side(row.side),
        quantity=row.amount,
        filled_quantity=row.filled,
        type=_type(row, stop),
        status=status,
        limit_price=row.price if row.type != "market" else None,
        stop_price=stop,
        notional=None if row.amount is not None else row.cost,
        multiplier=market.multiplier,
        submitted_at=None if row.timestamp is None else time_of(row.timestamp),
        currency=market.currency,
        fx_usd=market.fx_usd,
        margined=market.margined,
    )


def _type(row: OrderRow, stop: Decimal | None) -> OrderType | None:
    if row.takeProfitPrice is not None:
        return None
    plain = {"market": OrderType.MARKET, "limit": OrderType.LIMIT}.get(row.type or "")
    if stop is None or plain is None:
        return plain
    return OrderType.STOP if plain is OrderType.MARKET else OrderType.STOP_LIMIT


def fill(row: TradeRow, markets: Markets, where: str) -> Fill:
    """One execution; its fee only where it is stated in USD, the account's currency.

    Raises:
        VenueError: something of it is missing.
    """
    market = markets.of(row.symbol, where)
    if row.id is None or row.order is None or row.side not in ("buy", "sell") or row.timestamp is None:
        raise VenueError(f"{where}: expected a fill with id, order, side and time")
    if row.price is None or row.amount is None or row.amount <= 0:
        raise VenueError(f"{where}: expected a fill with a price and a quantity above zero")
    return Fill(
        fill_id=row.id,
        order_id=row.order,
        symbol=market.symbol,
        side=Side(row.side),
        quantity=row.amount,
        price=row.price,
        time=time_of(row.timestamp),
        fee=row.fee.cost if row.fee is not None and row.fee.currency == "USD" else None,
        multiplier=market.multiplier,
        currency=market.currency,
        inverse=market.inverse,
    )


def quote(row: TickerRow, market: Market, time: datetime) -> Quote:
    """Zero stands for no bid, no ask or no trade."""
    return Quote(market.symbol, time, row.bid or None, row.ask or None, row.last or None)


def mark(row: TickerRow) -> Decimal | None:
    """The venue's mark; for spot, which has none, the middle of bid and ask, else the last price."""
    if row.markPrice:
        return row.markPrice
    if row.bid and row.ask:
        return (row.bid + row.ask) / 2
    return row.last or None
