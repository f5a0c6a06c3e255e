"""What happens in the market between two calls, one event after the other.

An event is an instant at which something can change: a close (new prices), an opening (new
volume), midnight UTC for coins, a funding time, an expiry. At each, in this order: funding of
perpetuals, orders matched as they arrived, orders expired, variation of futures paid, what expires
settled in cash.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from git_qoc.market.accounting import is_future, settled, traded
from git_qoc.market.books import Books
from git_qoc.market.instruments import known
from git_qoc.market.matching import ended, make_id, match
from git_qoc.market.option_price import intrinsic
from git_qoc.market.orders import AssetClass, Booking, BookingKind, Execution, Instrument
from git_qoc.market.sessions import last_close, next_close, next_open
from git_qoc.market.standing import Standing
from git_qoc.market.tickets import LEGS
from git_qoc.model import OrderStatus, Side
from git_qoc.money import ZERO

FUNDING_EVERY = timedelta(hours=8)
FUNDING_RATE = Decimal("0.0001")
"""Of the notional, every eight hours from midnight UTC; longs pay it, shorts receive it."""


def next_event(books: Books) -> datetime | None:
    """The first instant after the books' time at which something can happen to this account."""
    after = books.time
    if after is None:
        return None
    found: list[datetime] = []
    kinds: set[AssetClass] = set()
    for symbol in books.tickets.resting_symbols():
        kinds.add(AssetClass.OPTION if symbol == LEGS else known(symbol, after).kind)
    for kind in kinds:
        found += [next_close(kind, after), next_open(kind, after)]
    for symbol in books.holdings():
        instrument = known(symbol, after)
        if is_future(instrument):
            found.append(next_close(instrument.kind, after))
        if instrument.kind is AssetClass.PERPETUAL:
            found.append(_next_funding(after))
        if instrument.expiry is not None:
            found.append(instrument.expiry)
    due = books.tickets.next_expiry()
    return min([*found, due] if due is not None else found, default=None)


def happen(standing: Standing) -> None:
    """Everything of the event at the standing's instant."""
    books, at = standing.books, standing.now
    if _next_funding(at - timedelta(microseconds=1)) == at:
        _fund(standing)
    for ticket in books.tickets.open():
        match(standing, ticket)
    for ticket in books.tickets.due(at):
        books.tickets.put(ended(ticket, OrderStatus.EXPIRED, at), ticket)
    for symbol in books.holdings():
        instrument = standing.instrument(symbol)
        over = instrument.expiry is not None and instrument.expiry <= at
        if is_future(instrument) and (over or last_close(instrument.kind, at) == at):
            _vary(standing, instrument)
        if over:
            _settle(standing, instrument)
    books.time = at


def _next_funding(after: datetime) -> datetime:
    day = datetime.combine(after.astimezone(UTC).date(), time(0), UTC)
    return day + ((after - day) // FUNDING_EVERY + 1) * FUNDING_EVERY


def _fund(standing: Standing) -> None:
    for symbol, held in standing.books.holdings().items():
        instrument = standing.instrument(symbol)
        if instrument.kind is AssetClass.PERPETUAL:
            amount = -held.quantity * standing.mark(symbol) * instrument.multiplier * FUNDING_RATE
            _book(standing, BookingKind.FUNDING, symbol, amount)


def _vary(standing: Standing, instrument: Instrument) -> None:
    held, price = standing.books.held(instrument.symbol), standing.mark(instrument.symbol)
    after, amount = settled(held, instrument, price)
    standing.books.put_held(instrument.symbol, after)
    _book(standing, BookingKind.VARIATION, instrument.symbol, amount)


def _book(standing: Standing, kind: BookingKind, symbol: str, amount: Decimal) -> None:
    books, at = standing.books, standing.now
    number = books.next_number()
    booking_id = f"{kind.value}-{symbol}-{at:%Y%m%dT%H%M}-{number}"
    books.add_cash(amount)
    books.add_booking(Booking(number, booking_id, kind, at, amount, symbol))


def _settle(standing: Standing, instrument: Instrument) -> None:
    """Close what has expired at what it is worth, in cash."""
    held, price = standing.books.held(instrument.symbol), _last_worth(standing, instrument)
    after, cash = traded(held, instrument, -held.quantity, price)
    standing.books.put_held(instrument.symbol, after)
    standing.books.add_cash(cash)
    number = standing.books.next_number()
    standing.books.add_execution(
        Execution(
            number=number,
            execution_id=make_id(standing, "execution", number),
            order_id=f"expiry-{instrument.symbol}-{standing.now:%Y-%m-%d}",
            client_order_id="",
            symbol=instrument.symbol,
            side=Side.SELL if held.quantity > 0 else Side.BUY,
            quantity=abs(held.quantity),
            price=price,
            time=standing.now,
            cumulative=abs(held.quantity),
            leaves=ZERO,
        )
    )


def _last_worth(standing: Standing, instrument: Instrument) -> Decimal:
    spot = standing.mark(instrument.underlying)
    if instrument.strike is None:
        return spot
    return intrinsic(instrument.right, spot, instrument.strike)
