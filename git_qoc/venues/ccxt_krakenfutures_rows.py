"""Kraken Futures' answers as typed rows, and its words as ours. Pure."""

from __future__ import annotations

from decimal import Decimal

from git_qoc.model import OrderType
from git_qoc.venues.ccxt_rows import MaybeNumber, Number, Row, Words


class FlexCurrency(Row):
    """`value`: what it is worth in USD."""

    quantity: Number
    value: MaybeNumber = None


class Flex(Row):
    currencies: dict[str, FlexCurrency]
    initialMarginWithOrders: MaybeNumber = None  # noqa: N815 - Kraken's name
    portfolioValue: MaybeNumber = None  # noqa: N815 - Kraken's name


class PositionRow(Row):
    symbol: str
    side: str
    size: Number
    price: Number


class OpenOrderRow(Row):
    """A row of `GET /derivatives/api/v3/openorders`."""

    order_id: str
    cliOrdId: Words = None  # noqa: N815 - Kraken's name
    symbol: str
    side: str
    orderType: str  # noqa: N815 - Kraken's name
    limitPrice: MaybeNumber = None  # noqa: N815 - Kraken's name
    stopPrice: MaybeNumber = None  # noqa: N815 - Kraken's name
    filledSize: Number  # noqa: N815 - Kraken's name
    unfilledSize: Number  # noqa: N815 - Kraken's name
    receivedTime: Words = None  # noqa: N815 - Kraken's name


class FillRow(Row):
    fill_id: str
    order_id: str
    symbol: str
    side: str
    size: Number
    price: Number
    fillTime: str  # noqa: N815 - Kraken's name


class PastOrder(Row):
    """An order in an event of `GET /api/history/v2/orders`; `quantity` is what is left of it."""

    uid: str
    clientId: Words = None  # noqa: N815 - Kraken's name
    tradeable: str
    direction: str
    quantity: Number
    filled: Number = Decimal(0)
    orderType: Words = None  # noqa: N815 - Kraken's name
    limitPrice: MaybeNumber = None  # noqa: N815 - Kraken's name


TYPES = {
    "lmt": OrderType.LIMIT,
    "post": OrderType.LIMIT,
    "ioc": OrderType.LIMIT,
    "limit": OrderType.LIMIT,
    "mkt": OrderType.MARKET,
    "market": OrderType.MARKET,
    "stp": OrderType.STOP,
    "stop": OrderType.STOP,
}
