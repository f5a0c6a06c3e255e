"""The account at past instants, from its journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from operator import attrgetter

from git_qoc.market.accounting import Held, open_value, settled, traded
from git_qoc.market.books import Books
from git_qoc.market.instruments import known
from git_qoc.market.orders import Booking, BookingKind, Execution, Holding, PastAccount
from git_qoc.market.prices import mark_at, quote_at
from git_qoc.market.requirements import Marked, initial
from git_qoc.model import Side
from git_qoc.money import ZERO


class Replay:
    """Cash and holdings as the journal makes them."""

    def __init__(self) -> None:
        self.cash = ZERO
        self.held: dict[str, Held] = {}

    def add(self, entry: Execution | Booking) -> None:
        if isinstance(entry, Booking):
            self.cash += entry.amount
            if entry.kind is BookingKind.VARIATION:
                instrument = known(entry.symbol, entry.time)
                price = mark_at(instrument, entry.time)
                self.held[entry.symbol], _ = settled(self.held[entry.symbol], instrument, price)
            return
        change = entry.quantity if entry.side is Side.BUY else -entry.quantity
        instrument = known(entry.symbol, entry.time)
        held, cash = traded(self.held.get(entry.symbol, Held()), instrument, change, entry.price)
        self.cash += cash
        self.held[entry.symbol] = held
        if not held.quantity:
            del self.held[entry.symbol]


def _journal(books: Books) -> list[Execution | Booking]:
    """Every execution and booking, in the order in which they happened."""
    entries: list[Execution | Booking] = [*books.executions(0, None, None), *books.bookings(0, None, None)]
    return sorted(entries, key=attrgetter("number"))


def accounts(
    books: Books, instants: Iterable[datetime], now: datetime, leverage: Decimal
) -> Iterator[PastAccount]:
    """The account at each instant (ascending) between its first entry and `now`."""
    entries, replay, done = _journal(books), Replay(), 0
    for instant in instants:
        if instant > now or not entries or instant < entries[0].time:
            continue
        while done < len(entries) and entries[done].time <= instant:
            replay.add(entries[done])
            done += 1
        yield _account(replay, instant, leverage)


def holding(symbol: str, held: Held, instant: datetime) -> Holding:
    instrument = known(symbol, instant)
    quote = quote_at(instrument, instant)
    mark, time = (None, None) if quote is None else (quote.last, quote.time)
    return Holding(instrument, held.quantity, held.average_cost, mark, time, held.settle_price)


def _marked(symbol: str, held: Held, instant: datetime) -> Marked:
    instrument = known(symbol, instant)
    spot = mark_at(known(instrument.underlying, instant), instant) if instrument.underlying else ZERO
    return Marked(instrument, held.quantity, mark_at(instrument, instant), spot)


def _account(replay: Replay, instant: datetime, leverage: Decimal) -> PastAccount:
    held = dict(sorted(replay.held.items()))
    rows = [_marked(symbol, one, instant) for symbol, one in held.items()]
    worth = sum((open_value(held[r.instrument.symbol], r.instrument, r.mark) for r in rows), ZERO)
    return PastAccount(
        time=instant,
        cash=replay.cash,
        equity=replay.cash + worth,
        margin=initial(rows, leverage),
        holdings=tuple(holding(symbol, one, instant) for symbol, one in held.items()),
    )
