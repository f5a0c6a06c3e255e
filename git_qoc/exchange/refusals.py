"""The market's refusals in Alpaca's form.

Codes and words as seen in public reports: 40310000 for funds and holdings, 40010001 for an id in
use, 42210000 for the rest (docs.alpaca.markets, "Options Trading"; alpacahq/alpaca-py#225).
"""

from __future__ import annotations

from decimal import Decimal
from http import HTTPStatus

from git_qoc.exchange import symbols
from git_qoc.exchange.account import unbound
from git_qoc.exchange.message import Problem, figure, not_found, unprocessable
from git_qoc.exchange.positions import held_for_orders
from git_qoc.market.engine import Engine
from git_qoc.market.orders import AssetClass, NewOrder, Refusal, RefusalKind
from git_qoc.model import Side
from git_qoc.money import ZERO, market_value

_NOT_ENOUGH = 40310000
ABOUT_THE_ORDER = frozenset({RefusalKind.NOT_FOUND, RefusalKind.DONE})


def problem(engine: Engine, asked: NewOrder, refusal: Refusal) -> Problem:
    """What the client of a refused order is told."""
    match refusal.kind:
        case RefusalKind.DUPLICATE_ID:
            return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, 40010001, "client_order_id must be unique")
        case RefusalKind.NO_FUNDS:
            return _no_funds(engine, asked)
        case RefusalKind.NOT_HELD:
            return _not_held(engine, asked)
        case RefusalKind.UNKNOWN_SYMBOL:
            return unprocessable(f'asset "{symbols.shown(asked.symbol)}" not found')
        case RefusalKind.NOT_FOUND:
            return not_found("order not found")
        case _:
            return unprocessable(str(refusal))


def _no_funds(engine: Engine, asked: NewOrder) -> Problem:
    account = engine.account()
    free = unbound(account)
    cost = _cost(engine, asked)
    needed = "unknown" if cost is None else figure(cost)
    kind = AssetClass.OPTION if asked.legs else symbols.kind_of(asked.symbol)
    if kind is AssetClass.OPTION:
        text = f"insufficient options buying power (required: {needed}, available: {figure(free)})"
        return Problem(HTTPStatus.FORBIDDEN, _NOT_ENOUGH, text)
    if kind is AssetClass.COIN:
        cash = figure(min(account.cash, free))
        text = f"insufficient balance for USD (requested: {needed}, available: {cash})"
        return Problem(HTTPStatus.FORBIDDEN, _NOT_ENOUGH, text, available=cash, balance=cash, symbol="USD")
    power = figure(free * account.leverage)
    more = {"buying_power": power} | ({} if cost is None else {"cost_basis": needed})
    return Problem(HTTPStatus.FORBIDDEN, _NOT_ENOUGH, "insufficient buying power", **more)


def _cost(engine: Engine, asked: NewOrder) -> Decimal | None:
    """What the order is worth at its limit or the last price; None where neither is known."""
    if asked.notional is not None:
        return asked.notional
    one = engine.instrument(asked.symbol or asked.legs[0].symbol)
    quote = None if asked.legs else engine.quote(asked.symbol)
    price = asked.limit_price or asked.stop_price or (quote.last if quote else None)
    if one is None or price is None or asked.quantity is None:
        return None
    return market_value(asked.quantity, price, one.multiplier)


def _not_held(engine: Engine, asked: NewOrder) -> Problem:
    quantities = {one.instrument.symbol: abs(one.quantity) for one in engine.holdings()}
    existing = quantities.get(asked.symbol, ZERO)
    held = held_for_orders(engine).get((asked.symbol, asked.side or Side.SELL), ZERO)
    available = max(existing - held, ZERO)
    wanted = "unknown" if asked.quantity is None else figure(asked.quantity)
    text = f"insufficient qty available for order (requested: {wanted}, available: {figure(available)})"
    return Problem(
        HTTPStatus.FORBIDDEN,
        _NOT_ENOUGH,
        text,
        available=figure(available),
        existing_qty=figure(existing),
        held_for_orders=figure(held),
        symbol=symbols.shown(asked.symbol),
    )


def unchanged(refusal: Refusal, words: str, action: str) -> Problem:
    """Why an order could not be canceled or replaced; `words` is its status."""
    if refusal.kind is RefusalKind.NOT_FOUND:
        return not_found("order not found")
    if refusal.kind is RefusalKind.DONE and action == "cancel":
        return unprocessable(f'order is already in "{words}" state')
    if refusal.kind is RefusalKind.DONE:
        return unprocessable(f"cannot replace order in {words} status")
    return unprocessable(str(refusal))
