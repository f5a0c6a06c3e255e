"""What a venue takes as the market, the size and the price of an order. Pure."""

from __future__ import annotations

from decimal import Decimal

from git_qoc.errors import Unsupported
from git_qoc.model import OrderRequest, OrderType, VenueType
from git_qoc.money import plain
from git_qoc.venues.ccxt_ask import Market, Markets
from git_qoc.venues.offers import floored

TRADED = {
    VenueType.CRYPTO: ("spot", "swap"),
    VenueType.FUTURES: ("swap", "future"),
}


def market_for(request: OrderRequest, markets: Markets, kind: VenueType, venue: str) -> Market:
    """The market an order is for.

    Raises:
        Unsupported: there is none, a connector of this type does not trade it, or it does not take this
            time in force.
    """
    market = markets.find(request.symbol)
    if market is None:
        raise Unsupported(f"{venue} has no market {request.symbol}")
    if market.kind not in TRADED[kind]:
        raise Unsupported(
            f"{venue}: {request.symbol} is of kind {market.kind}; "
            f"{kind.value} connectors trade {' and '.join(TRADED[kind])}"
        )
    if request.type is OrderType.MARKET and request.time_in_force == "fok":
        raise Unsupported(f"{venue} does not offer time in force fok for market orders")
    return market


def sized(quantity: Decimal, market: Market, venue: str) -> Decimal:
    """The quantity cut down to the market's increment.

    Raises:
        Unsupported: that is less than the market's minimum, or nothing.
    """
    if market.step is not None:
        quantity = floored(quantity, market.step, venue, market.symbol)
    if market.minimum is not None and quantity < market.minimum:
        raise Unsupported(
            f"{venue} trades {market.symbol} from {plain(market.minimum)} on, not {plain(quantity)}"
        )
    return quantity


def check_price(price: Decimal, rounded: Decimal, market: Market, venue: str) -> None:
    """Let a price pass that the market takes; `rounded` is what ccxt would make of it.

    Raises:
        Unsupported: it is off the tick. The message names its neighbours.
    """
    below = rounded if market.tick is None else price // market.tick * market.tick
    if price in (rounded, below):
        return
    near = plain(rounded) if market.tick is None else f"{plain(below)} or {plain(below + market.tick)}"
    raise Unsupported(
        f"{venue} takes no price of {plain(price)} for {market.symbol}; the next ones are {near}"
    )
