"""The field's nouns as frozen values. No I/O, no arithmetic, nothing above this module.

Units and signs, everywhere: amounts are `Decimal`; quantities are signed (short < 0);
flows are signed (into the desk > 0); times are aware and in UTC. None means "the venue did
not say", never zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

Clock = Callable[[], datetime]
"""Returns the present as an aware UTC datetime; passed in wherever time is needed."""


class VenueType(StrEnum):
    """The spec's venue types (spec/accounts-and-brokers.txt, "Supported venue types")."""

    EQUITIES = "equities"
    OPTIONS = "options"
    CRYPTO = "crypto"
    FUTURES = "futures"
    CASH = "cash"


class HealthStatus(StrEnum):
    OK = "OK"
    DEGRADED = "DEGRADED"
    DISABLED = "DISABLED"


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"


class OrderType(StrEnum):
    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"


class OrderStatus(StrEnum):
    """UNKNOWN: the venue never answered, or answers with a status we do not know."""

    OPEN = "open"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Close:
    """The price at which a trading day ended; `day` is a date of the exchange, not of the desk."""

    day: date
    price: Decimal


class FlowKind(StrEnum):
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Quote:
    """Best bid and offer, or a last price; `time` is the venue's stamp."""

    symbol: str
    time: datetime
    bid: Decimal | None = None
    ask: Decimal | None = None
    last: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Cash:
    """A balance; `amount_usd` is None where no rate to USD is known (never 1:1)."""

    currency: str
    amount: Decimal
    amount_usd: Decimal | None


@dataclass(frozen=True, slots=True)
class Position:
    """An open position as its venue states it.

    `avg_cost` and `mark` are prices per unit in `currency`; `multiplier` turns one unit of
    quantity into units of price (100 for a US equity option); `fx_usd` is USD per unit of
    `currency`, None when no rate is known. `margined` positions (futures, perpetuals) add
    their open P&L to NAV, never their notional. Where a venue pays it in cash each day,
    `settle_price` is the price up to which it has, and only what is beyond it adds to NAV.
    An `inverse` contract is worth `multiplier` units of the price's currency (100 USD) and
    settles in `currency` (BTC).
    """

    symbol: str
    quantity: Decimal
    avg_cost: Decimal | None
    mark: Decimal | None
    multiplier: Decimal = Decimal(1)
    currency: str = "USD"
    fx_usd: Decimal | None = Decimal(1)
    mark_time: datetime | None = None
    margined: bool = False
    inverse: bool = False
    settle_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OrderLeg:
    """One leg of a multi-leg order; `ratio` is signed (sold legs < 0), per unit of the order."""

    symbol: str
    ratio: Decimal


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What we want done. `client_order_id` is ours and never changes for a re-send.

    `quantity` is positive; `side` gives the direction. A multi-leg order has `legs`, an empty
    symbol and a `limit_price` that is a net debit (> 0) or credit (< 0) per unit.
    """

    client_order_id: str
    symbol: str
    side: Side
    quantity: Decimal
    type: OrderType
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    time_in_force: str = "day"
    legs: tuple[OrderLeg, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """An order as its venue states it.

    `quantity` is None for an order by notional (then `notional` is in the account's
    currency). `side` is None for a multi-leg order, whose `legs` carry the directions.
    `multiplier` as in `Position`; prices are in `currency`, of which one is `fx_usd` USD, None
    when no rate is known and for USD. What a `margined` order holds back is margin, not its cost:
    `margin_usd` where the venue says it.
    """

    order_id: str
    client_order_id: str | None
    symbol: str
    side: Side | None
    quantity: Decimal | None
    filled_quantity: Decimal
    type: OrderType | None
    status: OrderStatus
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    notional: Decimal | None = None
    multiplier: Decimal = Decimal(1)
    legs: tuple[OrderLeg, ...] = ()
    submitted_at: datetime | None = None
    currency: str = "USD"
    fx_usd: Decimal | None = None
    margined: bool = False
    margin_usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution. `quantity` > 0; `fee` in the account's currency, a cost > 0, None when unsaid.

    `currency` is what its gain is made in; `inverse` as in `Position`.
    """

    fill_id: str
    order_id: str
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    time: datetime
    fee: Decimal | None = None
    multiplier: Decimal = Decimal(1)
    currency: str = "USD"
    inverse: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """Money that crosses the account's border; `amount_usd` > 0 into the desk.

    `time` is when the venue booked it, so that "since" never skips a late booking.
    """

    flow_id: str
    time: datetime
    kind: FlowKind
    amount_usd: Decimal


@dataclass(frozen=True, slots=True)
class Account:
    """One account's balances.

    `account_id` is the venue's own number, used only to notice that two connectors read the
    same account. `equity_usd` is what the venue states, None where it states none.
    `cash` is None when unknown, () when there is none. `margin_usd` is the initial margin
    requirement of open positions (>= 0); a venue may state it with that of open orders, which then
    hold back nothing besides. `leverage` is how many USD of overnight purchases
    one USD of excess equity (equity less that margin) buys, None where only cash can be
    spent. `venue_buying_power_usd` is kept
    for comparison only: some venues net open orders in it and some do not. `blocked` is the
    venue's reason why this account may not trade, empty when it may. `notes` are one-line
    oddities worth showing, such as how old a balance is.
    """

    account_id: str
    currency: str
    cash: tuple[Cash, ...] | None
    equity_usd: Decimal | None
    margin_usd: Decimal | None
    leverage: Decimal | None = None
    venue_buying_power_usd: Decimal | None = None
    blocked: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Health:
    """`reason` is empty when OK; `since` is when this status was first seen, None if unknown."""

    status: HealthStatus
    reason: str = ""
    since: datetime | None = None

    @property
    def ok(self) -> bool:
        return self.status is HealthStatus.OK


@dataclass(frozen=True, slots=True)
class Statement:
    """An account as its venue's history states it at one past instant.

    `positions` and parts of `account` are None where the history gives only totals.
    `fills` and `flows` are those since the previous statement, None where it gives none.
    """

    time: datetime
    account: Account
    positions: tuple[Position, ...] | None
    fills: tuple[Fill, ...] | None
    flows: tuple[Flow, ...] | None


@dataclass(frozen=True, slots=True)
class VenueState:
    """All that was read of one connector at `as_of`; only `health` is set when not OK.

    `fills` and `flows` are those since the instant that was asked for, oldest first; None
    when nothing was asked or the venue cannot say. `notes` are one-line oddities worth
    showing that do not make the account unreadable (quotes missing, say).
    """

    connector: str
    type: VenueType
    venue: str
    health: Health
    as_of: datetime | None = None
    account: Account | None = None
    positions: tuple[Position, ...] | None = None
    open_orders: tuple[Order, ...] | None = None
    quotes: Mapping[str, Quote] = field(default_factory=dict)
    fills: tuple[Fill, ...] | None = None
    flows: tuple[Flow, ...] | None = None
    notes: tuple[str, ...] = ()

    @property
    def last_quote_time(self) -> datetime | None:
        """The youngest venue stamp among quotes and marks; None when there is none."""
        times = [quote.time for quote in self.quotes.values()]
        times += [p.mark_time for p in self.positions or () if p.mark_time is not None]
        return max(times, default=None)
