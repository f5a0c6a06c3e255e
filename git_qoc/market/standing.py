"""How the account stands at one instant, inside of one transaction: its worth and what is bound."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from git_qoc.market.accounting import Held, open_value
from git_qoc.market.books import Books
from git_qoc.market.instruments import known
from git_qoc.market.orders import AssetClass, Instrument
from git_qoc.market.prices import mark_at, price_at
from git_qoc.market.requirements import Marked, initial
from git_qoc.market.tickets import LEGS, Resting
from git_qoc.model import Side
from git_qoc.money import ZERO


class Standing:
    """The account of `books` at the prices of `now`."""

    def __init__(self, books: Books, now: datetime, leverage: Decimal, seed: int = 0) -> None:
        self.books = books
        self.now = now
        self.leverage = leverage
        self.seed = seed

    def instrument(self, symbol: str) -> Instrument:
        """Of a symbol in the books."""
        return known(symbol, self.now)

    def price(self, symbol: str) -> Decimal | None:
        return price_at(self.instrument(symbol), self.now)

    def mark(self, symbol: str) -> Decimal:
        """The price of what is held; a missing one is a `VenueError`."""
        return mark_at(self.instrument(symbol), self.now)

    def marked(self, symbol: str, quantity: Decimal, mark: Decimal | None = None) -> Marked:
        instrument = self.instrument(symbol)
        spot = self.mark(instrument.underlying) if instrument.underlying else ZERO
        return Marked(instrument, quantity, self.mark(symbol) if mark is None else mark, spot)

    def equity(self) -> Decimal:
        held = self.books.holdings()
        parts = (open_value(one, self.instrument(s), self.mark(s)) for s, one in held.items())
        return self.books.cash + sum(parts, ZERO)

    def excess(self) -> Decimal:
        """Equity less the initial requirement of what is held; < 0 under a margin call."""
        held = self.books.holdings()
        return self.equity() - initial(
            (self.marked(s, one.quantity) for s, one in held.items()), self.leverage
        )

    def reserved(self, resting: Mapping[tuple[str, str], Resting] | None = None) -> Decimal:
        """What open orders would bind if the worse side of each symbol filled, each by itself."""
        rests = self.books.tickets.resting() if resting is None else resting
        amount = rests.get((LEGS, ""), Resting()).value
        held = self.books.holdings()
        for symbol in sorted({symbol for symbol, _ in rests if symbol != LEGS}):
            amount += max(
                (self.bound(symbol, *_signed(rests, symbol, side), held) for side in Side), default=ZERO
            )
        return amount

    def margins(self) -> dict[str, Decimal]:
        """What each open order of a future or perpetual binds, by its id; those that only close, nothing.

        The orders of one side of a symbol together bind what `reserved` says of that side.
        """
        held, before, found = self.books.holdings(), dict[tuple[str, str], Resting](), dict[str, Decimal]()
        for ticket in self.books.tickets.open():
            asked = ticket.order.asked
            if asked.legs or asked.side is None or not self.instrument(asked.symbol).margined:
                continue
            key = (asked.symbol, asked.side.value)
            rest = before.get(key, Resting())
            after = Resting(rest.quantity + ticket.leaves, rest.value + ticket.leaves * ticket.worst_price)
            less, more = (
                self.bound(asked.symbol, *_signed({key: one}, asked.symbol, asked.side), held)
                for one in (rest, after)
            )
            found[ticket.order.order_id] = max(more - less, ZERO)
            before[key] = after
        return found

    def bound(self, symbol: str, change: Decimal, price: Decimal, held: Mapping[str, Held]) -> Decimal:
        """What a change of one position, made at `price`, adds to the requirement; never < 0."""
        if not change:
            return ZERO
        before = self._around(symbol, price, held)
        after = {**before, symbol: self.marked(symbol, held.get(symbol, Held()).quantity + change, price)}
        more = initial(after.values(), self.leverage) - initial(before.values(), self.leverage)
        return max(more, ZERO)

    def _around(self, symbol: str, price: Decimal, held: Mapping[str, Held]) -> dict[str, Marked]:
        """The holdings whose requirement depends on this one's: those on the same stock."""
        family = self._family(symbol)
        return {
            other: self.marked(other, one.quantity, price if other == symbol else None)
            for other, one in held.items()
            if self._family(other) == family
        }

    def _family(self, symbol: str) -> str:
        instrument = self.instrument(symbol)
        return instrument.underlying if instrument.kind is AssetClass.OPTION else symbol


def _signed(rests: Mapping[tuple[str, str], Resting], symbol: str, side: Side) -> tuple[Decimal, Decimal]:
    """The quantity (sells < 0) and the average worst price of the open orders of one side."""
    rest = rests.get((symbol, side.value))
    if rest is None or not rest.quantity:
        return ZERO, ZERO
    return (rest.quantity if side is Side.BUY else -rest.quantity), rest.value / rest.quantity
