"""The simulated market: one account that trades at the shipped closes.

Deterministic for a given clock and seed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from git_qoc.market.orders import (
    Balances,
    Booking,
    BookingKind,
    Execution,
    Holding,
    Instrument,
    MarketOrder,
    NewOrder,
    PastAccount,
    Session,
)
from git_qoc.model import Clock, Quote


class Engine:
    """One account's market and books. Safe for several threads and processes at once.

    Every call first brings the market up to the clock's time. `leverage` as in `Balances`.
    Every method but `create` and `books_exist` raises `VenueError` where the books are missing
    or cannot be read or written.
    """

    def __init__(self, path: Path, clock: Clock, *, seed: int = 0, leverage: Decimal = Decimal(1)) -> None:
        self.path = path
        self._clock = clock
        self._seed = seed
        self._leverage = leverage

    def create(self, cash: Decimal = Decimal(0)) -> None:
        """Make the books if there are none yet; `cash` > 0 is booked as a deposit of new ones."""
        raise NotImplementedError

    def books_exist(self) -> bool:
        raise NotImplementedError

    def now(self) -> datetime:
        """The market's time: the clock's, or that of the last event where the clock is behind it."""
        raise NotImplementedError

    def account(self) -> Balances:
        raise NotImplementedError

    def holdings(self) -> tuple[Holding, ...]:
        """Every open position, by symbol."""
        raise NotImplementedError

    def orders(
        self,
        *,
        open_only: bool = False,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
        newest: bool = True,
    ) -> tuple[MarketOrder, ...]:
        """Orders submitted after `since` and up to `until`, newest last.

        `limit` keeps the newest ones, or the oldest ones where `newest` is False.
        """
        raise NotImplementedError

    def order(self, order_id: str) -> MarketOrder | None:
        raise NotImplementedError

    def order_by_client_id(self, client_order_id: str) -> MarketOrder | None:
        raise NotImplementedError

    def submit(self, asked: NewOrder) -> MarketOrder:
        """Take an order, fill what can be filled now, and return it as it then stands.

        Raises:
            Refusal: nothing was taken. A client order id that is known is a DUPLICATE_ID.
        """
        raise NotImplementedError

    def replace(  # what may be changed of an order
        self,
        order_id: str,
        *,
        quantity: Decimal | None = None,
        limit_price: Decimal | None = None,
        stop_price: Decimal | None = None,
        time_in_force: str | None = None,
        client_order_id: str | None = None,
    ) -> MarketOrder:
        """The new order that takes the place of an open one; the old one is canceled and says by which.

        `quantity` counts what is filled already; the new order is for the rest. None keeps.

        Raises:
            Refusal: NOT_FOUND, DONE, or whatever `submit` refuses; then the old order stands.
        """
        raise NotImplementedError

    def cancel(self, order_id: str) -> MarketOrder:
        """The order as it stands after its cancel.

        Raises:
            Refusal: NOT_FOUND, or DONE when it can no longer be canceled.
        """
        raise NotImplementedError

    def cancel_all(self) -> tuple[MarketOrder, ...]:
        """Cancel every open order; those canceled, oldest first."""
        raise NotImplementedError

    def executions(
        self, *, after: int = 0, since: datetime | None = None, limit: int | None = None
    ) -> tuple[Execution, ...]:
        """Executions with a number above `after` and a time after `since`, oldest first.

        What expires is closed by an execution too: its `order_id` is "expiry-<symbol>-<date>",
        its `client_order_id` "", its price what the position settled at.
        """
        raise NotImplementedError

    def bookings(
        self, *, after: int = 0, since: datetime | None = None, limit: int | None = None
    ) -> tuple[Booking, ...]:
        """Bookings with a number above `after` and a time after `since`, oldest first."""
        raise NotImplementedError

    def move_cash(self, booking_id: str, kind: BookingKind, amount: Decimal) -> Booking:
        """Book cash across the account's border, once per id; the booking of a known id is returned.

        Raises:
            Refusal: NO_FUNDS for more than is free, BAD_REQUEST for an amount of zero or a known
                id with another kind or amount.
        """
        raise NotImplementedError

    def quote(self, symbol: str) -> Quote | None:
        """bid = ask = last of a symbol now; None for an unknown or expired one and before its first close."""
        raise NotImplementedError

    def instruments(self) -> tuple[Instrument, ...]:
        """What is listed now, by symbol; `instrument` knows more options than are listed."""
        raise NotImplementedError

    def instrument(self, symbol: str) -> Instrument | None:
        raise NotImplementedError

    def equity_at(self, instants: Iterable[datetime]) -> tuple[PastAccount, ...]:
        """The account at past instants (ascending); those before its first booking or after now are left out."""
        raise NotImplementedError

    def session(self, instant: datetime) -> Session:
        raise NotImplementedError
