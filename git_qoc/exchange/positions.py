"""Positions as `/v2/positions` shows them.

Intraday figures compare with the last trading day's price, for the quantity held now.
`qty_available` leaves out what open orders on the closing side may still take.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from git_qoc.exchange import symbols
from git_qoc.exchange.assets import exchange
from git_qoc.exchange.days import before_today
from git_qoc.exchange.message import figure, fraction, not_found, quotient
from git_qoc.exchange.orders import remaining
from git_qoc.market.engine import Engine
from git_qoc.market.orders import AssetClass, Holding
from git_qoc.model import Side
from git_qoc.money import ZERO, market_value

Json = dict[str, object]


def positions(engine: Engine) -> list[Json]:
    """By symbol."""
    held = held_for_orders(engine)
    return [position(engine, holding, held) for holding in holdings(engine)]


def one_position(engine: Engine, name: str) -> Json:
    return position(engine, known(engine, name), held_for_orders(engine))


def holdings(engine: Engine) -> tuple[Holding, ...]:
    """What is held of what Alpaca trades."""
    return tuple(one for one in engine.holdings() if one.instrument.kind in symbols.CLASSES)


def known(engine: Engine, name: str) -> Holding:
    """Raises `Problem` (404) where nothing of the symbol or asset id is held."""
    wanted = name.replace("/", "").replace("-", "")
    for holding in holdings(engine):
        symbol = holding.instrument.symbol
        if wanted == symbols.joined(symbol) or name.lower() == symbols.asset_id(symbol):
            return holding
    raise not_found("position does not exist")


def held_for_orders(engine: Engine) -> Mapping[tuple[str, Side], Decimal]:
    """By symbol and side, what open orders may still trade."""
    held: defaultdict[tuple[str, Side], Decimal] = defaultdict(Decimal)
    for order in engine.orders(open_only=True):
        left = remaining(order)
        if left is None:
            continue
        if order.asked.side is not None:
            held[order.asked.symbol, order.asked.side] += left
        for leg in order.asked.legs:
            side = Side.BUY if leg.ratio > 0 else Side.SELL
            held[leg.symbol, side] += left * abs(leg.ratio)
    return held


def position(engine: Engine, holding: Holding, held: Mapping[tuple[str, Side], Decimal]) -> Json:
    one, quantity = holding.instrument, holding.quantity
    closing = Side.SELL if quantity > 0 else Side.BUY
    free = max(abs(quantity) - held.get((one.symbol, closing), ZERO), ZERO)
    cost = market_value(quantity, holding.average_cost, one.multiplier)
    return {
        "asset_id": symbols.asset_id(one.symbol),
        "symbol": symbols.joined(one.symbol),
        "exchange": exchange(one.symbol),
        "asset_class": symbols.CLASSES[one.kind],
        "asset_marginable": one.kind is AssetClass.STOCK,
        "qty": figure(quantity),
        "qty_available": figure(free if quantity > 0 else -free),
        "side": "long" if quantity > 0 else "short",
        "avg_entry_price": figure(holding.average_cost),
        "cost_basis": figure(cost),
        **_valued(engine, holding, cost),
    }


def _valued(engine: Engine, holding: Holding, cost: Decimal) -> Json:
    """Empty without a mark."""
    one, quantity, mark = holding.instrument, holding.quantity, holding.mark
    if mark is None:
        return {}
    value = market_value(quantity, mark, one.multiplier)
    before = _lastday_price(engine, holding, mark)
    gain, today = value - cost, market_value(quantity, mark - before, one.multiplier)
    return {
        "market_value": figure(value),
        "unrealized_pl": figure(gain),
        "unrealized_plpc": quotient(fraction(gain, abs(cost))),
        "unrealized_intraday_pl": figure(today),
        "unrealized_intraday_plpc": quotient(fraction(today, abs(value - today))),
        "current_price": figure(mark),
        "lastday_price": figure(before),
        "change_today": quotient(fraction(mark - before, before)),
    }


def _lastday_price(engine: Engine, holding: Holding, mark: Decimal) -> Decimal:
    """The last trading day's price; the mark where none is known."""
    one = holding.instrument
    quote = engine.quote(one.symbol, before_today(one.kind, engine.now()))
    return mark if quote is None or quote.last is None else quote.last
