"""What the conformance suite needs of a venue under test: a server it can stage things on.

Each venue has one in `tests/venues/<venue>_bench.py`. A bench is the venue's side: nothing
of it is our adapter but `connector`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from git_qoc.model import OrderRequest, Side, VenueType
from git_qoc.venues.base import Connector


class Fault(StrEnum):
    """How the venue goes wrong until `heal`."""

    REFUSES_CREDENTIALS = "refuses the credentials"
    RATE_LIMITS = "answers 429 with Retry-After: 30"
    IS_SLOW = "answers after the connector's timeout"
    IS_DOWN = "answers 503"
    REFUSES_CONNECTIONS = "nothing listens"
    ANSWERS_GARBAGE = "answers what cannot be parsed"
    CLOCK_IS_OFF = "its clock is ten minutes behind"
    TIMES_OUT_AFTER_ACCEPTING = "takes the next order or transfer and never answers"
    REJECTS_ORDERS = "refuses the next order or transfer for want of funds"


class Case(StrEnum):
    """What the suite tries; `Bench.not_supported` names those that cannot be, with the reason."""

    READS_AGREE = "reads agree with each other"
    EMPTY_ACCOUNT = "an empty account"
    MANY_DIGITS = "18 decimals and 1e15 survive"
    SHORT_POSITION = "a short position"
    FOREIGN_CASH = "cash in several currencies"
    QUOTES = "quotes, unknown symbols left out"
    HANGING_ORDER = "a hanging order"
    FILL = "a fill"
    PARTIAL_FILL = "a partial fill"
    CANCEL = "a cancel"
    CANCEL_DONE = "a cancel of a done order"
    REJECTION = "a rejection"
    TIMES_OUT = "an order that times out after acceptance"
    UNKNOWN_ID = "an unknown client order id"
    UNSUPPORTED = "what is not offered is refused unsent"
    INCREMENTS = "sizes floored to increments"
    MULTI_LEG = "a multi-leg order as one"
    PAGING = "no fill lost or doubled over page borders"
    FLOWS = "deposits and withdrawals"
    HISTORY = "account history"
    CLOSES = "daily closes"
    TRANSFER = "a transfer, once per id"
    CREDENTIALS = "credentials wrong"
    CLOCK = "clock skewed"
    RATE_LIMIT = "rate-limited"
    SLOW = "slow"
    DOWN = "down"
    GARBAGE = "garbage"
    NO_SECRET = "no secret in any message"


@dataclass(frozen=True, slots=True)
class Terms:
    """What is traded: `market` is the price now; an order of `quantity` at it is a usual one.

    `step` is the increment of quantities. `other` is a symbol that the venue does not know.
    `transfer_to` is a counterparty that money can be sent to. `legs` are symbols for a multi-leg order.
    `flows_from` is how far back flows are told, None where that is for good. `priced` is a symbol with
    daily closes where `symbol` has none.
    """

    symbol: str
    market: Decimal
    quantity: Decimal
    step: Decimal
    other: str = "NOSUCH"
    transfer_to: str = ""
    legs: tuple[str, ...] = ()
    flows_from: datetime | None = None
    priced: str = ""


class Bench(Protocol):
    """One venue on loopback, with one type of account. A fresh one for every case."""

    venue: str
    type: VenueType
    terms: Terms
    not_supported: Mapping[Case, str]

    def connector(self, timeout_s: float = 5.0) -> Connector:
        """Our adapter, opened on this server, with generated secrets and the server's clock."""
        ...

    @property
    def secrets(self) -> tuple[str, ...]:
        """The texts of the secrets that `connector` was opened with."""
        ...

    def running(self) -> AbstractContextManager[None]:
        """The server runs inside; leaving checks what it noticed (requests out of specification)."""
        ...

    def balance(self, currency: str, amount: Decimal) -> None:
        """Set the cash in a currency, without a booking."""
        ...

    def hold(self, symbol: str, quantity: Decimal, avg_cost: Decimal, mark: Decimal) -> None:
        """Set a position (short < 0), without a fill."""
        ...

    def fill(self, client_order_id: str, quantity: Decimal, price: Decimal) -> None:
        """Execute a part of an open order."""
        ...

    def book_fills(self, count: int) -> list[tuple[str, Side, Decimal, Decimal]]:
        """Put `count` old executions into the account's history, some at the same instant.

        Returns (fill id, side, quantity, price) of each, oldest first.
        """
        ...

    def book_flow(self, amount: Decimal, time: datetime) -> None:
        """Book a deposit (> 0) or withdrawal in USD."""
        ...

    def equity_was(self, time: datetime, equity: Decimal) -> None:
        """Put an equity into the account's history."""
        ...

    def daily_closes(self) -> list[tuple[date, Decimal]]:
        """Put daily closes of `terms.priced or terms.symbol` into the venue's history, up to one of a day
        that is not over; returns the others, oldest first. May set the venue's clock."""
        ...

    def now(self) -> datetime:
        """The server's time, which is the connector's clock too."""
        ...

    def break_with(self, fault: Fault) -> None: ...

    def heal(self) -> None: ...

    def orders_taken(self) -> list[str]:
        """Client ids of the orders and transfers that the venue has taken, in order."""
        ...

    def requests_sent(self) -> int:
        """How many requests came in so far."""
        ...

    def order(self, client_order_id: str, side: Side = Side.BUY, *, hanging: bool = True) -> OrderRequest:
        """An order as this venue takes it: a limit far from the market, or at it."""
        ...
