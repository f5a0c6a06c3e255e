"""Orders against the market's price, inside of one transaction.

A market order fills at the last price, a limit order at it when it is at the limit or better, a
stop order as a market order once the price has reached its stop. What the session's share of
volume does not let through stays open. A multi-leg order fills whole, at the net of its legs'
prices, or not at all. Whoever cannot pay when an order that rested is reached loses the order.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from git_qoc.market.accounting import COST_STEP, Held, traded
from git_qoc.market.orders import Execution, MarketOrder
from git_qoc.market.requirements import initial
from git_qoc.market.sessions import volume_day
from git_qoc.market.standing import Standing
from git_qoc.market.tickets import Ticket
from git_qoc.market.volume import session_share
from git_qoc.model import OrderStatus, OrderType, Side
from git_qoc.money import ZERO, plain

Part = tuple[str, Decimal, Decimal]
"""Symbol, signed change of quantity, price."""


def match(standing: Standing, ticket: Ticket) -> Ticket:
    """Fill what can be filled now; the ticket as it then stands, written into the books."""
    if _over(standing, ticket):
        return ticket
    return _match_legs(standing, ticket) if ticket.order.asked.legs else _match_one(standing, ticket)


def _match_legs(standing: Standing, ticket: Ticket) -> Ticket:
    parts = _legs(standing, ticket)
    price = _net(ticket, parts)
    if price is None or not _acceptable(ticket.order, price):
        return ticket
    room = all(_room(standing, symbol) >= abs(change) for symbol, change, _ in parts)
    return fill(standing, ticket, ticket.leaves, price, parts) if room else ticket


def _match_one(standing: Standing, ticket: Ticket) -> Ticket:
    asked = ticket.order.asked
    last = standing.price(asked.symbol)
    if last is None:
        return ticket
    ticket = _triggered(standing, ticket, last)
    if not _acceptable(ticket.order, last):
        return ticket
    quantity = min(ticket.leaves, _room(standing, asked.symbol))
    if quantity <= 0 or (asked.time_in_force == "fok" and quantity < ticket.leaves):
        return ticket
    change = quantity if asked.side is Side.BUY else -quantity
    return fill(standing, ticket, quantity, last, [(asked.symbol, change, last)])


def ended(ticket: Ticket, status: OrderStatus, now: datetime, reason: str = "") -> Ticket:
    """The ticket as canceled, expired or rejected."""
    order = replace(ticket.order, status=status, updated_at=now, reason=reason)
    if status is OrderStatus.CANCELED:
        order = replace(order, canceled_at=now)
    elif status is OrderStatus.EXPIRED:
        order = replace(order, expired_at=now)
    return replace(ticket, order=order)


def make_id(standing: Standing, what: str, number: int) -> str:
    """An id in the form of a UUID that is the same in every run."""
    text = f"{standing.books.state('account_id')}:{what}:{number}"
    return str(uuid.UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=4))


def _over(standing: Standing, ticket: Ticket) -> bool:
    """Whether something in it has reached its expiry, from which it no longer trades."""
    asked = ticket.order.asked
    expiries = (standing.instrument(s).expiry for s in [leg.symbol for leg in asked.legs] or [asked.symbol])
    return any(expiry is not None and expiry <= standing.now for expiry in expiries)


def net_price(standing: Standing, ticket: Ticket) -> Decimal | None:
    """What one unit of a multi-leg order costs now, a credit < 0."""
    return _net(ticket, _legs(standing, ticket))


def _legs(standing: Standing, ticket: Ticket) -> list[Part]:
    legs = ticket.order.asked.legs
    parts = [(leg.symbol, leg.ratio * ticket.leaves, standing.price(leg.symbol)) for leg in legs]
    return [(symbol, change, price) for symbol, change, price in parts if price is not None]


def _net(ticket: Ticket, parts: list[Part]) -> Decimal | None:
    legs = ticket.order.asked.legs
    if len(parts) < len(legs):
        return None
    return sum((leg.ratio * price for leg, (_, _, price) in zip(legs, parts, strict=True)), ZERO)


def _triggered(standing: Standing, ticket: Ticket, last: Decimal) -> Ticket:
    asked, stop = ticket.order.asked, ticket.order.asked.stop_price
    if stop is None or ticket.order.triggered:
        return ticket
    if last < stop if asked.side is Side.BUY else last > stop:
        return ticket
    reached = replace(ticket, order=replace(ticket.order, triggered=True, updated_at=standing.now))
    standing.books.tickets.put(reached, ticket)
    return reached


def _acceptable(order: MarketOrder, price: Decimal) -> bool:
    asked = order.asked
    if asked.type in (OrderType.STOP, OrderType.STOP_LIMIT) and not order.triggered:
        return False
    if asked.limit_price is None:
        return True
    return price >= asked.limit_price if asked.side is Side.SELL else price <= asked.limit_price


def _room(standing: Standing, symbol: str) -> Decimal:
    """What is left of the account's share of this session's volume."""
    instrument = standing.instrument(symbol)
    day = volume_day(instrument.kind, standing.now).isoformat()
    return session_share(instrument, standing.now, standing.seed) - standing.books.volume_filled(symbol, day)


def fill(standing: Standing, ticket: Ticket, quantity: Decimal, price: Decimal, parts: list[Part]) -> Ticket:
    """Execute so much of an order by these trades, or end it where they cannot be paid."""
    after, cash = _outcome(standing, parts)
    refusal = _unaffordable(standing, after)
    if refusal:
        status = OrderStatus.CANCELED if ticket.order.filled_quantity else OrderStatus.REJECTED
        refused = ended(ticket, status, standing.now, refusal)
        standing.books.tickets.put(refused, ticket)
        return refused
    for symbol, held in after.items():
        standing.books.put_held(symbol, held)
    standing.books.add_cash(cash)
    filled = _filled(ticket, quantity, price, standing.now)
    for symbol, change, paid in parts:
        _record(standing, filled, symbol, change, paid)
    standing.books.tickets.put(filled, ticket)
    return filled


def _outcome(standing: Standing, parts: list[Part]) -> tuple[dict[str, Held], Decimal]:
    """The touched positions and the change of cash after these trades."""
    after: dict[str, Held] = {}
    cash = ZERO
    for symbol, change, price in parts:
        held = after.get(symbol) or standing.books.held(symbol)
        after[symbol], moved = traded(held, standing.instrument(symbol), change, price)
        cash += moved
    return after, cash


def _unaffordable(standing: Standing, after: dict[str, Held]) -> str:
    """Why these trades cannot be paid, "" when they can. A trade at the mark never changes the equity."""
    held = standing.books.holdings()
    for symbol, one in after.items():
        if one.quantity < 0 and not standing.instrument(symbol).shortable:
            return f"not enough {symbol}: {plain(-one.quantity)} short"
    before = initial((standing.marked(s, one.quantity) for s, one in held.items()), standing.leverage)
    then = {**held, **after}
    bound = initial((standing.marked(s, one.quantity) for s, one in then.items()), standing.leverage)
    free = standing.equity() - bound
    if free >= 0 or bound <= before:
        return ""
    return f"not enough cash: {plain(-free)} USD short at {standing.now:%Y-%m-%d %H:%M}Z"


def _filled(ticket: Ticket, quantity: Decimal, price: Decimal, now: datetime) -> Ticket:
    done = ticket.order.filled_quantity + quantity
    value = ticket.filled_value + quantity * price
    average = value / done
    rounded = average.quantize(COST_STEP)
    whole = done == ticket.size
    order = replace(
        ticket.order,
        status=OrderStatus.FILLED if whole else OrderStatus.PARTIALLY_FILLED,
        updated_at=now,
        filled_quantity=done,
        average_price=average if average == rounded else rounded,
        filled_at=now if whole else None,
    )
    return replace(ticket, order=order, filled_value=value)


def _record(standing: Standing, ticket: Ticket, symbol: str, change: Decimal, price: Decimal) -> None:
    books, instrument = standing.books, standing.instrument(symbol)
    number = books.next_number()
    order = ticket.order
    books.add_execution(
        Execution(
            number=number,
            execution_id=make_id(standing, "execution", number),
            order_id=order.order_id,
            client_order_id=order.asked.client_order_id,
            symbol=symbol,
            side=Side.BUY if change > 0 else Side.SELL,
            quantity=abs(change),
            price=price,
            time=standing.now,
            cumulative=order.filled_quantity,
            leaves=ticket.leaves,
        )
    )
    day = volume_day(instrument.kind, standing.now).isoformat()
    books.set_volume_filled(symbol, day, books.volume_filled(symbol, day) + abs(change))
