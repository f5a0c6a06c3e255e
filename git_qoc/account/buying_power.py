"""What can be spent: from cash, margin and open orders of every connector.

Computed here rather than taken from the venues, because some venues' own figure is already
net of open orders and some is not. Funds of a connector before its orders:

- a margin account: (equity − initial margin) × leverage, which at 2 is Regulation T buying
  power (docs.alpaca.markets, account: "your excess equity times your margin multiplier") and at
  1 what options and futures may cost;
- an account in which only cash can be spent: its cash.

An open order reserves what it can cost at worst. A market or stop order is priced 4 % above
the market, the upper bound that docs.alpaca.markets ("Placing Orders", Buying Power) uses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from git_qoc.account.valuation import contribution
from git_qoc.model import Account, Order, OrderLeg, OrderType, Position, Quote, Side, VenueState
from git_qoc.money import ZERO

# OCC option symbology: root, expiry, right, strike in thousandths.
OCC = re.compile(r"(?P<root>[A-Z0-9]{1,6}) *(?P<expiry>\d{6})(?P<right>[CP])(?P<strike>\d{8})")
MARKET_COLLAR = Decimal("1.04")


def funds(
    account: Account, nav_usd: Decimal, cash_usd: Decimal | None, *, margined: bool = False
) -> Decimal | None:
    """USD this connector could spend if it had no open orders; < 0 under a margin call.

    None when cash is unknown, or the margin requirement where one is sure to be: on margin, or with
    something `margined` (see `binds_margin`).
    """
    if margined and account.margin_usd is None:
        return None
    if account.leverage is None:
        # Cash that backs a short or a margin is not there to be spent.
        free = None if account.margin_usd is None else nav_usd - account.margin_usd
        return cash_usd if free is None or cash_usd is None else min(cash_usd, free)
    return None if account.margin_usd is None else (nav_usd - account.margin_usd) * account.leverage


def binds_margin(state: VenueState) -> bool:
    """Whether something is held or ordered that cash backs: a short, a future, a perpetual."""
    held = any(position.margined or position.quantity < 0 for position in state.positions or ())
    return held or any(order.margined for order in state.open_orders or ())


def reserved(state: VenueState) -> Decimal | str:
    """USD that a connector's open orders hold back (>= 0), or which order cannot be priced.

    Sells of what is held and buys that close a short reserve nothing; what goes beyond the
    position opens a new one and counts in full.
    """
    leverage = state.account.leverage if state.account else None
    # What an order by notional is in, and what an adapter that knows no currencies means.
    in_usd = state.account is not None and state.account.currency == "USD"
    held = {position.symbol: position for position in state.positions or ()}
    left = {symbol: position.quantity for symbol, position in held.items()}
    amount = ZERO
    for order in state.open_orders or ():
        cost = _reservation(order, left, held, state.quotes) if in_usd else None
        if cost is None:
            return f"open order {order.client_order_id or order.order_id} cannot be priced"
        amount += cost * (leverage or 1) if _unborrowed(order) else cost
    return amount


def _unborrowed(order: Order) -> bool:
    """Options cannot be bought on margin, nor is margin lent: it takes its multiple off the pool."""
    return order.multiplier != 1 or bool(order.legs) or order.margin_usd is not None


def _reservation(
    order: Order,
    left: dict[str, Decimal],
    held: Mapping[str, Position],
    quotes: Mapping[str, Quote],
) -> Decimal | None:
    if order.margin_usd is not None:
        return order.margin_usd
    if order.legs:
        return _multi_leg(order)
    if order.notional is not None:
        return _notional(order.notional, order, held.get(order.symbol)) if order.currency == "USD" else None
    return _by_quantity(order, left, held, quotes)


def _by_quantity(
    order: Order,
    left: dict[str, Decimal],
    held: Mapping[str, Position],
    quotes: Mapping[str, Quote],
) -> Decimal | None:
    if order.quantity is None or order.side is None:
        return None
    opening = _opening_quantity(order, order.quantity - order.filled_quantity, left)
    if opening <= 0:
        return ZERO
    if order.margined or (order.side is Side.SELL and order.multiplier != 1):
        return None  # what a future or a written option needs as margin, only the venue knows
    return _cost(opening, _worst_price(order, held.get(order.symbol), quotes.get(order.symbol)), order)


def _cost(quantity: Decimal, price: Decimal | None, order: Order) -> Decimal | None:
    fx_usd = Decimal(1) if order.currency == "USD" else order.fx_usd
    if price is None or fx_usd is None:
        return None
    return quantity * price * order.multiplier * fx_usd


def _notional(amount: Decimal, order: Order, position: Position | None) -> Decimal | None:
    """A buy reserves its amount; a sell nothing if the position is worth it, else nobody can tell."""
    if order.side is Side.BUY:
        return amount
    worth = contribution(position) if position is not None else None
    return ZERO if worth is not None and worth >= amount else None


def _multi_leg(order: Order) -> Decimal | None:
    # A credit (limit < 0), or a sold leg that no bought one covers, needs margin besides, which
    # only the venue knows.
    if order.limit_price is None or order.quantity is None or order.limit_price < 0:
        return None
    if not _covered(order.legs):
        return None
    return (order.quantity - order.filled_quantity) * order.limit_price * order.multiplier


def _covered(legs: Sequence[OrderLeg]) -> bool:
    """Whether at expiry the legs can never cost anything: each sold option has a better bought one."""
    sold = [leg for leg in legs if leg.ratio < 0]
    bought = [leg for leg in legs if leg.ratio > 0]
    options = {leg.symbol: OCC.fullmatch(leg.symbol) for leg in legs}
    if not sold:
        return True
    series = {(m["root"], m["expiry"], m["right"]) if m else None for m in options.values()}
    if len(series) != 1 or None in series or sum(leg.ratio for leg in legs) < 0:
        return False
    strikes = {symbol: int(m["strike"]) for symbol, m in options.items() if m}
    calls = next(iter(series))[2] == "C"  # type: ignore[index]
    low = [strikes[leg.symbol] for leg in (bought if calls else sold)]
    high = [strikes[leg.symbol] for leg in (sold if calls else bought)]
    return max(low) <= min(high)


def _opening_quantity(order: Order, remaining: Decimal, left: dict[str, Decimal]) -> Decimal:
    """The part of an order beyond the position it closes; what closes is used up for later orders."""
    position = left.get(order.symbol, ZERO)
    closable = max(-position, ZERO) if order.side is Side.BUY else max(position, ZERO)
    closing = min(remaining, closable)
    left[order.symbol] = position + closing if order.side is Side.BUY else position - closing
    return remaining - closing


def _worst_price(order: Order, position: Position | None, quote: Quote | None) -> Decimal | None:
    market = None
    if quote is not None:
        market = quote.ask or quote.last
    if market is None and position is not None:
        market = position.mark
    if order.side is Side.SELL:
        known = [price for price in (order.limit_price, market and market * MARKET_COLLAR) if price]
        return max(known, default=None)
    if order.type in (OrderType.LIMIT, OrderType.STOP_LIMIT):
        return order.limit_price
    base = order.stop_price if order.type is OrderType.STOP else market
    return base * MARKET_COLLAR if base else None
