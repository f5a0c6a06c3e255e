"""What changes the market: submit, replace and cancel orders, close positions."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import ROUND_DOWN, Decimal
from http import HTTPStatus

from git_qoc.exchange import refusals, symbols
from git_qoc.exchange.asked import Body, flag, number, number_in, text_in
from git_qoc.exchange.message import Problem, unprocessable
from git_qoc.exchange.new_orders import CLIENT_ID_MAX, TIMES, check_prices, new_order
from git_qoc.exchange.orders import WORDS, is_here, known, order
from git_qoc.exchange.positions import holdings
from git_qoc.exchange.positions import known as known_position
from git_qoc.market.engine import Engine
from git_qoc.market.orders import AssetClass, Holding, MarketOrder, NewOrder, Refusal
from git_qoc.model import OrderType, Side

Json = dict[str, object]


def submit(engine: Engine, body: Body) -> Json:
    return order(engine, _submitted(engine, new_order(engine, body)))


def _submitted(engine: Engine, asked: NewOrder) -> MarketOrder:
    try:
        return engine.submit(asked)
    except Refusal as refusal:
        raise refusals.problem(engine, asked, refusal) from None


def replace(engine: Engine, order_id: str, body: Body) -> Json:
    """The new order; `qty` counts what the old one has filled."""
    old = known(engine, order_id)
    for name in ("trail", "notional", "advanced_instructions"):
        if body.get(name) is not None:
            raise unprocessable(f"{name} cannot be replaced")
    quantity, time = number_in(body, "qty"), text_in(body, "time_in_force")
    limit, stop = number_in(body, "limit_price"), number_in(body, "stop_price")
    client_id = text_in(body, "client_order_id")
    _check_change(engine, old, quantity, limit, stop, time)
    if client_id is not None and len(client_id) > CLIENT_ID_MAX:
        raise unprocessable(f"client_order_id must be no more than {CLIENT_ID_MAX} characters")
    try:
        found = engine.replace(
            old.order_id,
            quantity=quantity,
            limit_price=limit,
            stop_price=stop,
            time_in_force=time,
            client_order_id=client_id,
        )
    except Refusal as refusal:
        raise _not_replaced(engine, old, refusal) from None
    return order(engine, found)


def _check_change(
    engine: Engine,
    old: MarketOrder,
    quantity: Decimal | None,
    limit: Decimal | None,
    stop: Decimal | None,
    time: str | None,
) -> None:
    asked = old.asked
    if asked.notional is not None:
        raise unprocessable("notional orders cannot be replaced")
    kind = AssetClass.OPTION if asked.legs else symbols.kind_of(asked.symbol)
    if time is not None and time not in TIMES[kind]:
        raise unprocessable("invalid time_in_force")
    for name, price, offered in (
        ("limit_price", limit, asked.limit_price),
        ("stop_price", stop, asked.stop_price),
    ):
        if price is not None and offered is None:
            raise unprocessable(f"{name.replace('_', ' ')} is not valid for this type of order")
    one = None if asked.legs else engine.instrument(asked.symbol)
    if one is not None:
        check_prices(one, limit_price=limit, stop_price=stop)
    if quantity is not None and quantity <= old.filled_quantity:
        raise unprocessable("qty must be > filled_qty")
    changes = (
        (quantity, asked.quantity),
        (limit, asked.limit_price),
        (stop, asked.stop_price),
        (time, asked.time_in_force),
    )
    if all(new in (None, before) for new, before in changes):
        raise unprocessable("order parameters are not changed")


def _not_replaced(engine: Engine, old: MarketOrder, refusal: Refusal) -> Problem:
    now = engine.order(old.order_id) or old
    if refusal.kind in refusals.ABOUT_THE_ORDER:
        return refusals.unchanged(refusal, _words(now), "replace")
    return refusals.problem(engine, old.asked, refusal)


def cancel(engine: Engine, order_id: str) -> None:
    """Raises `Problem`: 404 for an unknown order, 422 for one that is done."""
    found = known(engine, order_id)
    try:
        engine.cancel(found.order_id)
    except Refusal as refusal:
        now = engine.order(found.order_id) or found
        raise refusals.unchanged(refusal, _words(now), "cancel") from None


def _words(row: MarketOrder) -> str:
    return "replaced" if row.replaced_by else WORDS[row.status]


def cancel_all(engine: Engine) -> list[Json]:
    """One row an order, oldest first; one that filled meanwhile has status 500, as in Alpaca's document."""
    rows = [row for row in engine.orders(open_only=True) if is_here(row)]
    return [{"id": row.order_id, "status": _canceled(engine, row)} for row in rows]


def _canceled(engine: Engine, row: MarketOrder) -> HTTPStatus:
    try:
        engine.cancel(row.order_id)
    except Refusal:
        return HTTPStatus.INTERNAL_SERVER_ERROR
    return HTTPStatus.OK


def close(engine: Engine, name: str, query: Mapping[str, str]) -> Json:
    """A market order against the position, or against a part of it."""
    holding = known_position(engine, name)
    return order(engine, _submitted(engine, _closing(holding, _part(holding, query))))


def _part(holding: Holding, query: Mapping[str, str]) -> Decimal:
    quantity, percentage = number(query, "qty"), number(query, "percentage")
    whole = abs(holding.quantity)
    if quantity is not None and percentage is not None:
        raise unprocessable("qty and percentage are mutually exclusive")
    if quantity is not None:
        if not 0 < quantity <= whole:
            raise unprocessable("qty must be > 0 and no more than the position")
        return quantity
    if percentage is None:
        return whole
    if not 0 < percentage <= 100:
        raise unprocessable("percentage must be > 0 and <= 100")
    # "Would only sell fractional if position is originally fractional" (the OpenAPI document).
    step = holding.instrument.step if whole % 1 else max(holding.instrument.step, Decimal(1))
    part = (whole * percentage / 100 / step).to_integral_value(rounding=ROUND_DOWN) * step
    if not part:
        raise unprocessable("percentage of the position is less than one increment")
    return part


def _closing(holding: Holding, quantity: Decimal) -> NewOrder:
    return NewOrder(
        client_order_id=str(uuid.uuid4()),
        symbol=holding.instrument.symbol,
        side=Side.SELL if holding.quantity > 0 else Side.BUY,
        quantity=quantity,
        type=OrderType.MARKET,
        time_in_force=TIMES[holding.instrument.kind][0],
    )


def close_all(engine: Engine, query: Mapping[str, str]) -> list[Json]:
    """One row a position; one that cannot be closed says why and does not keep the others."""
    if flag(query, "cancel_orders"):
        cancel_all(engine)
    return [_closed(engine, holding) for holding in holdings(engine)]


def _closed(engine: Engine, holding: Holding) -> Json:
    symbol = symbols.joined(holding.instrument.symbol)
    try:
        done = _submitted(engine, _closing(holding, abs(holding.quantity)))
    except Problem as exc:
        return {"symbol": symbol, "status": exc.status, "body": exc.body}
    return {"symbol": symbol, "status": HTTPStatus.OK, "body": order(engine, done)}
