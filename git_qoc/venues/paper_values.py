"""The simulated market's values as those of `git_qoc.model`, and back."""

from __future__ import annotations

from decimal import Decimal

from git_qoc.market.orders import Execution, Holding, Instrument, MarketOrder, NewOrder
from git_qoc.model import Account, Cash, Fill, Order, OrderRequest, Position
from git_qoc.money import ZERO


def account(account_id: str, cash: Decimal, equity: Decimal, margin: Decimal) -> Account:
    """Without leverage only cash can be spent, and of that what the requirement leaves.

    What is held and paid for binds no cash: an account with nothing else states no margin.
    """
    all_paid = equity - margin == cash
    return Account(
        account_id=account_id,
        currency="USD",
        cash=(Cash("USD", cash, cash),),
        equity_usd=equity,
        margin_usd=ZERO if all_paid else margin,
    )


def position(held: Holding) -> Position:
    return Position(
        symbol=held.instrument.symbol,
        quantity=held.quantity,
        avg_cost=held.average_cost,
        mark=held.mark,
        multiplier=held.instrument.multiplier,
        mark_time=held.mark_time,
        margined=held.instrument.margined,
        settle_price=held.settle_price,
    )


def new_order(request: OrderRequest, quantity: Decimal) -> NewOrder:
    return NewOrder(
        client_order_id=request.client_order_id,
        symbol=request.symbol,
        side=None if request.legs else request.side,
        quantity=quantity,
        type=request.type,
        limit_price=request.limit_price,
        stop_price=request.stop_price,
        time_in_force=request.time_in_force,
        legs=request.legs,
    )


def order(one: MarketOrder, instrument: Instrument, margin: Decimal | None) -> Order:
    """`margin` is what it holds back while it is open, None where its price says that."""
    return Order(
        order_id=one.order_id,
        client_order_id=one.asked.client_order_id,
        symbol=one.asked.symbol,
        side=one.asked.side,
        quantity=one.asked.quantity,
        filled_quantity=one.filled_quantity,
        type=one.asked.type,
        status=one.status,
        limit_price=one.asked.limit_price,
        stop_price=one.asked.stop_price,
        multiplier=instrument.multiplier,
        legs=one.asked.legs,
        submitted_at=one.submitted_at,
        margined=instrument.margined,
        margin_usd=margin,
    )


def fill(one: Execution, multiplier: Decimal) -> Fill:
    return Fill(
        fill_id=one.execution_id,
        order_id=one.order_id,
        symbol=one.symbol,
        side=one.side,
        quantity=one.quantity,
        price=one.price,
        time=one.time,
        fee=one.fee,
        multiplier=multiplier,
    )
