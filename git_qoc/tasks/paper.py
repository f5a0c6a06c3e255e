"""A person's bookings on a paper account of the desk."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from git_qoc.errors import UsageError, VenueError
from git_qoc.market import closes as market
from git_qoc.model import Clock, FlowKind, OrderRequest, OrderType, Side
from git_qoc.money import NumberError, to_decimal
from git_qoc.tasks.connectors import open_connectors
from git_qoc.tasks.desk import open_desk
from git_qoc.venues.paper import Paper


class World(Protocol):
    """Where and when the booking is made."""

    @property
    def clock(self) -> Clock: ...

    @property
    def environ(self) -> Mapping[str, str]: ...

    @property
    def cwd(self) -> Path: ...


@dataclass(frozen=True, slots=True)
class Trade:
    symbol: str
    quantity: Decimal
    price: Decimal
    close_date: date


def move_cash(world: World, name: str, amount: str, kind: str) -> Decimal:
    """Book a deposit or withdrawal of a positive amount; returns the cash after it, in USD."""
    account = _open(world, name)
    value = _positive(amount, "AMOUNT")
    account.book(value if kind == "deposit" else -value, FlowKind(kind), f"cash-{uuid.uuid4()}")
    cash = account.account().cash or ()
    return sum((balance.amount for balance in cash), Decimal(0))


def trade(world: World, name: str, symbol: str, quantity: str, side: str) -> Trade:
    """A market order, filled at the last close.

    Raises:
        OrderRejected: the account cannot pay for it, does not hold it, or does not trade it.
    """
    account = _open(world, name)
    size = _positive(quantity, "QUANTITY")
    request = OrderRequest(f"paper-{uuid.uuid4()}", symbol, Side(side), size, OrderType.MARKET)
    account.place(request)
    quote = market.close_at(symbol, world.clock())
    assert quote is not None  # noqa: S101  # the order filled at it
    assert quote.last is not None  # noqa: S101
    return Trade(symbol, size, quote.last, _date(quote.time))


def _date(time: datetime) -> date:
    return time.astimezone(UTC).date()


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
    raise UsageError(f'desk.toml has no connector "{name}". Paper accounts: {names}.')


def _positive(text: str, what: str) -> Decimal:
    try:
        number = to_decimal(text)
    except NumberError as exc:
        raise UsageError(f"{what}: {exc}.") from None
    if number <= 0:
        raise UsageError(f"{what}: expected a number greater than zero.")
    return number
