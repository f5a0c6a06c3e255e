"""What the simulated market knows of orders, executions and bookings, as frozen values.

Amounts are USD. Instants are aware and in UTC. Quantities of orders and executions are > 0 and
their side gives the direction; quantities of holdings are signed (short < 0).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from git_qoc.errors import QocError
from git_qoc.model import OrderLeg, OrderStatus, OrderType, Side


class AssetClass(StrEnum):
    STOCK = "stock"
    OPTION = "option"
    COIN = "coin"
    PERPETUAL = "perpetual"
    FUTURE = "future"
    INDEX = "index"


class BookingKind(StrEnum):
    """Why cash moved. The first three cross the account's border."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    TRANSFER = "transfer"
    VARIATION = "variation"
    FUNDING = "funding"
    FEE = "fee"


class RefusalKind(StrEnum):
    """Why the market said no."""

    UNKNOWN_SYMBOL = "unknown symbol"
    BAD_REQUEST = "bad request"
    NOT_TRADABLE = "not tradable"
    NO_FUNDS = "no funds"
    NOT_HELD = "not held"
    DUPLICATE_ID = "duplicate id"
    NOT_FOUND = "not found"
    DONE = "done"


class Refusal(QocError):
    """The market refused; nothing changed."""

    def __init__(self, kind: RefusalKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Instrument:
    """What can be traded (or, an index, only looked at).

    `step` is the increment of quantities, `tick` that of prices. `multiplier` as in
    `model.Position`. `underlying`, `expiry`, `strike` and `right` ("C", "P") of derivatives;
    `expiry` is the instant from which it no longer trades, None for what does not expire.
    """

    symbol: str
    name: str
    kind: AssetClass
    step: Decimal
    tick: Decimal
    multiplier: Decimal = Decimal(1)
    shortable: bool = False
    margined: bool = False
    underlying: str = ""
    expiry: datetime | None = None
    strike: Decimal | None = None
    right: str = ""


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What is asked for.

    A multi-leg order has `legs`, `symbol` "" and `side` None; its limit is a net debit > 0.
    Exactly one of `quantity` and `notional` is given. `time_in_force`: day, gtc, ioc, fok.
    """

    client_order_id: str
    symbol: str
    side: Side | None
    quantity: Decimal | None
    type: OrderType
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    time_in_force: str = "day"
    legs: tuple[OrderLeg, ...] = ()
    notional: Decimal | None = None


@dataclass(frozen=True, slots=True)
class MarketOrder:
    """An order as the market keeps it. `average_price` is None until something is filled.

    `reason` is why it was rejected, "" otherwise. `triggered`: its stop was reached.
    """

    order_id: str
    asked: NewOrder
    status: OrderStatus
    submitted_at: datetime
    updated_at: datetime
    filled_quantity: Decimal
    average_price: Decimal | None
    filled_at: datetime | None = None
    canceled_at: datetime | None = None
    expired_at: datetime | None = None
    replaces: str | None = None
    replaced_by: str | None = None
    reason: str = ""
    triggered: bool = False


@dataclass(frozen=True, slots=True)
class Execution:
    """One fill of one symbol (of one leg, in a multi-leg order).

    `number` grows with every execution and booking of the account. `cumulative` and `leaves`
    count the order's own units after this fill.
    """

    number: int
    execution_id: str
    order_id: str
    client_order_id: str
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    time: datetime
    cumulative: Decimal
    leaves: Decimal
    fee: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Booking:
    """Cash that moved other than by a trade; `amount` > 0 into the account."""

    number: int
    booking_id: str
    kind: BookingKind
    time: datetime
    amount: Decimal
    symbol: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Holding:
    """`average_cost` per unit since the position was opened.

    `settle_price` is up to where a future's P&L was paid in cash, None before its first settlement
    and for everything else.
    """

    instrument: Instrument
    quantity: Decimal
    average_cost: Decimal
    mark: Decimal | None
    mark_time: datetime | None
    settle_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Balances:
    """The account at an instant. `margin` is the initial requirement of all holdings, >= 0.

    `buying_power` is (equity − margin) × leverage, before open orders, never below zero. `reserved`
    is what open orders would add to the margin, each symbol's worse side.
    """

    account_id: str
    created_at: datetime
    cash: Decimal
    equity: Decimal
    margin: Decimal
    maintenance_margin: Decimal
    long_value: Decimal
    short_value: Decimal
    leverage: Decimal
    buying_power: Decimal
    reserved: Decimal


@dataclass(frozen=True, slots=True)
class PastAccount:
    """The account as it was at an instant; marks are those known then."""

    time: datetime
    cash: Decimal
    equity: Decimal
    margin: Decimal
    holdings: tuple[Holding, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """Whether the stock market is in session at `time`, and when it opens and closes next."""

    time: datetime
    is_open: bool
    next_open: datetime
    next_close: datetime
