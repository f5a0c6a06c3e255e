"""The simulated market: one account that trades at the shipped closes.

Deterministic for a given clock and seed, in Decimal throughout. Its rules:

- Prices are the closes; between two the last one stands, with its own time, and after the end of
  the data for ever. bid = ask = last. Orders are taken and matched at any hour.
- Sessions (`sessions`) say when day orders expire and when volume renews: a day order ends at the
  first close after it came in. All orders of the account together fill at most a tenth of a
  session's volume (`volume`); the rest stays open and goes on at the next opening. An ioc order's
  rest is canceled, an fok order fills whole or is canceled.
- Fills, stops and multi-leg orders: `matching`. Options are priced by Black–Scholes
  (`option_price`); they and futures settle in cash at expiry, options at their intrinsic value.
- Futures pay their variation at every close, the perpetual its funding every eight hours
  (`events`); what they need as margin, and everything else does: `requirements`. Coins are spot:
  paid in full and never sold short.
- An order is refused when equity less the requirements would be below zero after it, all open
  orders counted, unless it binds nothing more. Nothing is ever liquidated: under a margin call
  the account can only reduce. Fees are zero; nothing pays dividends or interest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from git_qoc.market import past
from git_qoc.market.books import Books
from git_qoc.market.instruments import find, listed
from git_qoc.market.orders import (
    AssetClass,
    Balances,
    Booking,
    BookingKind,
    Execution,
    Holding,
    Instrument,
    MarketOrder,
    NewOrder,
    PastAccount,
    Refusal,
    RefusalKind,
    Session,
)
from git_qoc.market.prices import quote_at
from git_qoc.market.requirements import initial, maintenance
from git_qoc.market.sessions import session_at, volume_day
from git_qoc.market.taking import end, open_ticket, take, take_over
from git_qoc.market.timeline import Timeline
from git_qoc.market.volume import session_volume
from git_qoc.model import Clock, OrderStatus, Quote
from git_qoc.money import ZERO, plain


class Engine:
    """One account's market and books. Safe for several threads and processes at once.

    Every call first brings the market up to the clock's time. `leverage` as in `Balances`.
    Every method but `create` and `books_exist` raises `VenueError` where the books are missing
    or cannot be read or written.
    """

    def __init__(self, path: Path, clock: Clock, *, seed: int = 0, leverage: Decimal = Decimal(1)) -> None:
        self.path = path
        self._clock = clock
        self._market = Timeline(path, clock, seed, leverage)

    def create(self, cash: Decimal = Decimal(0)) -> None:
        """Make the books if there are none yet; `cash` > 0 is booked as a deposit of new ones."""
        with self._market.begin() as books:
            if cash and books is not None:
                now = books.time = self._clock()
                _move(books, now, "opening", BookingKind.DEPOSIT, cash)

    def books_exist(self) -> bool:
        return self._market.exists()

    def now(self) -> datetime:
        """The market's time: the clock's, or that of the last event where the clock is behind it."""
        with self._market.read() as standing:
            return standing.now

    def account(self) -> Balances:
        with self._market.read() as standing:
            held = standing.books.holdings()
            rows = [standing.marked(symbol, one.quantity) for symbol, one in held.items()]
            paid = [row.value for row in rows if not row.instrument.margined]
            equity, margin = standing.equity(), initial(rows, self._market.leverage)
            return Balances(
                account_id=standing.books.state("account_id"),
                created_at=standing.books.created_at or standing.now,
                cash=standing.books.cash,
                equity=equity,
                margin=margin,
                maintenance_margin=maintenance(rows),
                long_value=sum((value for value in paid if value > 0), ZERO),
                short_value=sum((value for value in paid if value < 0), ZERO),
                leverage=self._market.leverage,
                buying_power=max(equity - margin, ZERO) * self._market.leverage,
                reserved=standing.reserved(),
            )

    def holdings(self) -> tuple[Holding, ...]:
        """Every open position, by symbol."""
        with self._market.read() as standing:
            held = standing.books.holdings()
            return tuple(past.holding(symbol, one, standing.now) for symbol, one in held.items())

    def margins(self) -> Mapping[str, Decimal]:
        """What each open order of a future or perpetual binds, by its id."""
        with self._market.read() as standing:
            return standing.margins()

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
        with self._market.read() as standing:
            return standing.books.tickets.submitted(
                open_only=open_only, since=since, until=until, limit=limit, newest=newest
            )

    def order(self, order_id: str) -> MarketOrder | None:
        with self._market.read() as standing:
            ticket = standing.books.tickets.by_order_id(order_id)
            return None if ticket is None else ticket.order

    def order_by_client_id(self, client_order_id: str) -> MarketOrder | None:
        with self._market.read() as standing:
            ticket = standing.books.tickets.by_client_id(client_order_id)
            return None if ticket is None else ticket.order

    def submit(self, asked: NewOrder) -> MarketOrder:
        """Take an order, fill what can be filled now, and return it as it then stands.

        Raises:
            Refusal: nothing was taken. A client order id that is known is a DUPLICATE_ID.
        """
        with self._market.write() as standing:
            return take(standing, asked).order

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
        with self._market.write() as standing:
            old = open_ticket(standing, order_id)
            changes = {
                "client_order_id": client_order_id,
                "limit_price": limit_price,
                "stop_price": stop_price,
                "time_in_force": time_in_force,
            }
            given = {key: value for key, value in changes.items() if value is not None}
            return take_over(standing, old, quantity, given).order

    def cancel(self, order_id: str) -> MarketOrder:
        """The order as it stands after its cancel.

        Raises:
            Refusal: NOT_FOUND, or DONE when it can no longer be canceled.
        """
        with self._market.write() as standing:
            ticket = open_ticket(standing, order_id)
            return end(standing, ticket, OrderStatus.CANCELED).order

    def cancel_all(self) -> tuple[MarketOrder, ...]:
        """Cancel every open order; those canceled, oldest first."""
        with self._market.write() as standing:
            tickets = standing.books.tickets.open()
            return tuple(end(standing, ticket, OrderStatus.CANCELED).order for ticket in tickets)

    def executions(
        self,
        *,
        after: int = 0,
        since: datetime | None = None,
        limit: int | None = None,
        order_id: str | None = None,
    ) -> tuple[Execution, ...]:
        """Executions of an order, or those numbered above `after` and later than `since`, oldest first.

        What expires is closed by an execution too: its `order_id` is "expiry-<symbol>-<date>",
        its `client_order_id` "", its price what the position settled at.
        """
        with self._market.read() as standing:
            if order_id is not None:
                return standing.books.executions_of(order_id)
            return standing.books.executions(after, since, limit)

    def bookings(
        self, *, after: int = 0, since: datetime | None = None, limit: int | None = None
    ) -> tuple[Booking, ...]:
        """Bookings with a number above `after` and a time after `since`, oldest first."""
        with self._market.read() as standing:
            return standing.books.bookings(after, since, limit)

    def move_cash(self, booking_id: str, kind: BookingKind, amount: Decimal, note: str = "") -> Booking:
        """Book cash across the account's border, once per id; the booking of a known id is returned.

        Raises:
            Refusal: NO_FUNDS for more than is free, BAD_REQUEST for an amount of zero or a known
                id with another kind, amount or note.
        """
        with self._market.write() as standing:
            known = standing.books.booking(booking_id)
            if known is not None:
                if (known.kind, known.amount, known.note) != (kind, amount, note):
                    raise Refusal(RefusalKind.BAD_REQUEST, f"{booking_id} is booked as something else")
                return known
            if not amount:
                raise Refusal(RefusalKind.BAD_REQUEST, "the amount must not be zero")
            free = min(standing.books.cash, standing.excess() - standing.reserved())
            if amount < 0 and free + amount < 0:
                raise Refusal(RefusalKind.NO_FUNDS, f"not enough cash: {plain(max(free, ZERO))} USD are free")
            return _move(standing.books, standing.now, booking_id, kind, amount, note)

    def quote(self, symbol: str, at: datetime | None = None) -> Quote | None:
        """bid = ask = last of a symbol now, or at an instant up to now.

        None for an unknown or expired one and before its first close.
        """
        now = self._clock()
        instant = now if at is None else min(at, now)
        instrument = find(symbol, instant)
        return None if instrument is None else quote_at(instrument, instant)

    def volume(self, symbol: str, at: datetime | None = None) -> Decimal | None:
        """What trades in the whole session of an instant, of which a tenth can be the account's."""
        instant = self._clock() if at is None else at
        instrument = find(symbol, instant)
        if instrument is None or instrument.kind is AssetClass.INDEX:
            return None
        return session_volume(instrument, volume_day(instrument.kind, instant), self._market.seed)

    def instruments(self) -> tuple[Instrument, ...]:
        """What is listed now, by symbol; `instrument` knows more options than are listed."""
        return listed(self._clock())

    def instrument(self, symbol: str, at: datetime | None = None) -> Instrument | None:
        """What the symbol means now, or meant at an instant: a future's comes back ten years later."""
        return find(symbol, self._clock() if at is None else at)

    def equity_at(self, instants: Iterable[datetime]) -> tuple[PastAccount, ...]:
        """The account at past instants (ascending), left out before its first booking and after now."""
        with self._market.read() as standing:
            return tuple(past.accounts(standing.books, instants, standing.now, self._market.leverage))

    def session(self, instant: datetime) -> Session:
        return session_at(instant)


def _move(  # the parts of a booking
    books: Books, now: datetime, booking_id: str, kind: BookingKind, amount: Decimal, note: str = ""
) -> Booking:
    booking = Booking(books.next_number(), booking_id, kind, now, amount, note=note)
    books.add_cash(amount)
    books.add_booking(booking)
    return booking
