"""A person's bookings and orders on a paper account of the desk."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from git_qoc.errors import Refused, UsageError, VenueError
from git_qoc.model import Clock, FlowKind, Order, OrderLeg, OrderRequest, OrderType, Side
from git_qoc.money import ZERO, NumberError, to_decimal
from git_qoc.tasks.connectors import open_connectors
from git_qoc.tasks.desk import open_desk
from git_qoc.venues.paper import Paper

MOMENT = timedelta(microseconds=1)


class World(Protocol):
    """Where and when the booking is made."""

    @property
    def clock(self) -> Clock: ...

    @property
    def environ(self) -> Mapping[str, str]: ...

    @property
    def cwd(self) -> Path: ...


@dataclass(frozen=True, slots=True)
class Terms:
    """An order's conditions as text, None where not given."""

    limit: str | None = None
    stop: str | None = None
    time_in_force: str = "day"


@dataclass(frozen=True, slots=True)
class Trade:
    """An order as it stands after it was sent.

    `price` is the average per unit of what filled, of a multi-leg order the net one; None when
    nothing did. `close_date` is the day of the close it came from.
    """

    order: Order
    price: Decimal | None
    close_date: date | None


def move_cash(world: World, name: str, amount: str, kind: str) -> Decimal:
    """Book a deposit or withdrawal of a positive amount; returns the cash after it, in USD."""
    account = _open(world, name)
    value = _positive(amount, "AMOUNT")
    account.book(value if kind == "deposit" else -value, FlowKind(kind), f"cash-{uuid.uuid4()}")
    cash = account.account().cash or ()
    return sum((balance.amount for balance in cash), Decimal(0))


def transfer(world: World, name: str, to: str, amount: str) -> Decimal:
    """Send a positive amount to another paper account of the desk; returns the cash left, in USD."""
    account = _open(world, name)
    account.transfer(_positive(amount, "AMOUNT"), to, f"transfer-{uuid.uuid4()}")
    cash = account.account().cash or ()
    return sum((balance.amount for balance in cash), Decimal(0))


def trade(  # what an order is made of
    world: World, name: str, symbol: str, quantity: str, side: str, terms: Terms
) -> Trade:
    """Send one order and say what became of it.

    `symbol` may name several legs, with commas between them and a minus before those that are sold.

    Raises:
        OrderRejected: the account cannot carry it, or does not trade it.
        Unsupported: accounts of its type have no such orders.
    """
    account = _open(world, name)
    request = _request(symbol, _positive(quantity, "QUANTITY"), Side(side), terms)
    order = account.place(request)
    price = _price(account, order) if order.filled_quantity else None
    first = request.legs[0].symbol if request.legs else symbol
    quote = account.quotes([first]).get(first)
    return Trade(order, price, None if quote is None else quote.time.astimezone(UTC).date())


def open_orders(world: World, name: str) -> tuple[Order, ...]:
    return _open(world, name).open_orders()


def cancel(world: World, name: str, order_id: str | None) -> tuple[Order, ...]:
    """Cancel the open order whose client order id begins so, or every one when None is given.

    Raises:
        Refused: no open order, or more than one, has such an id.
    """
    account = _open(world, name)
    found = account.open_orders()
    if order_id is not None:
        found = tuple(one for one in found if (one.client_order_id or "").startswith(order_id))
        if len(found) != 1:
            count = "no open order" if not found else f"{len(found)} open orders"
            raise Refused(
                f"{name}: {count} with an id that begins like that. See: git qoc paper orders {name}"
            )
    return tuple(account.cancel(one.client_order_id or "") for one in found)


def _request(symbol: str, quantity: Decimal, side: Side, terms: Terms) -> OrderRequest:
    kinds = {
        (True, True): OrderType.STOP_LIMIT,
        (True, False): OrderType.LIMIT,
        (False, True): OrderType.STOP,
        (False, False): OrderType.MARKET,
    }
    legs = _legs(symbol, side) if "," in symbol else ()
    limit = None if terms.limit is None else _number(terms.limit, "--limit")
    return OrderRequest(
        client_order_id=f"paper-{uuid.uuid4()}",
        symbol="" if legs else symbol,
        side=side,
        quantity=quantity,
        type=kinds[terms.limit is not None, terms.stop is not None],
        # The limit of a multi-leg order is a net debit: whoever sells gets a credit.
        limit_price=-limit if legs and limit is not None and side is Side.SELL else limit,
        stop_price=None if terms.stop is None else _number(terms.stop, "--stop"),
        time_in_force=terms.time_in_force,
        legs=legs,
    )


def _legs(symbols: str, side: Side) -> tuple[OrderLeg, ...]:
    sign = 1 if side is Side.BUY else -1
    if not all(leg.removeprefix("-") for leg in symbols.split(",")):
        raise UsageError("SYMBOL: expected symbols with commas between them, found a comma too many.")
    return tuple(
        OrderLeg(leg.removeprefix("-"), Decimal(-sign if leg.startswith("-") else sign))
        for leg in symbols.split(",")
    )


def _price(account: Paper, order: Order) -> Decimal:
    """The average price of what an order has filled, net over its legs; a credit < 0."""
    assert order.submitted_at is not None  # noqa: S101  # the paper venue says it of every order
    fills = [f for f in account.fills(order.submitted_at - MOMENT) if f.order_id == order.order_id]
    if not order.legs:
        return sum((fill.quantity * fill.price for fill in fills), ZERO) / order.filled_quantity
    paid = (fill.quantity * fill.price * (1 if fill.side is Side.BUY else -1) for fill in fills)
    return sum(paid, ZERO) / order.filled_quantity


def _open(world: World, name: str) -> Paper:
    desk = open_desk(world.cwd)
    # A paper account holds no secret that would be gone afterwards.
    with open_connectors(desk, world.clock, world.environ, 10.0, only=name) as opened:
        for one in opened:
            if one.venue != "paper":
                raise UsageError(f'"{name}" is not a paper account but at venue "{one.venue}".')
            if not isinstance(one.connector, Paper):
                raise VenueError(f"{name}: {one.trouble or 'it is disabled in desk.toml'}")
            return one.connector
    names = ", ".join(c.name for c in desk.config.connectors if c.venue == "paper") or "none"
    raise UsageError(f"desk.toml has no connector of that name. Paper accounts: {names}.")


def _positive(text: str, what: str) -> Decimal:
    number = _number(text, what)
    if number <= 0:
        raise UsageError(f"{what}: expected a number greater than zero.")
    return number


def _number(text: str, what: str) -> Decimal:
    try:
        return to_decimal(text)
    except NumberError as exc:
        raise UsageError(f"{what}: {exc}.") from None
