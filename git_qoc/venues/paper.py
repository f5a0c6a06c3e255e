"""The paper venue: a simulated account in the market of `git_qoc.market.engine`, whose rules it has.

Every type of account; needs no credentials. Equities trade AAPL, JPM, KO, MSFT, UNH and XOM, options
OCC symbols on them (AAPL170120C00030000), futures ES on SPX (ESH7), crypto BTC-USD and the perpetual
BTC-USD-PERP; cash accounts hold USD and transfer it. Prices are USD per unit, times UTC. An account
has no leverage: what is bought is paid for, what is sold short or margined binds equity. Money is
sent to "bank", out of the desk, or to another paper account by its name. The books live under the
git common dir and are never history.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from git_qoc.errors import OrderRejected
from git_qoc.market.closes import days as daily
from git_qoc.market.engine import Engine
from git_qoc.market.instruments import OCC
from git_qoc.market.orders import (
    Booking,
    BookingKind,
    Execution,
    Instrument,
    MarketOrder,
    Refusal,
    RefusalKind,
)
from git_qoc.model import (
    Account,
    Clock,
    Close,
    Fill,
    Flow,
    FlowKind,
    Order,
    OrderRequest,
    Position,
    Quote,
    Statement,
)
from git_qoc.venues import paper_values as values
from git_qoc.venues.base import Settings
from git_qoc.venues.offers import Capabilities, check, floored
from git_qoc.venues.paper_offers import CAPABILITIES, TRADES

BANK = "bank"
LONGEST_TICKER = 8
CROSSES = {BookingKind.DEPOSIT, BookingKind.WITHDRAWAL, BookingKind.TRANSFER}

Entry = TypeVar("Entry", Fill, Flow)


class Paper:
    """One simulated account, named by its connector."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._market = engine(settings.state_dir, settings.name, settings.clock)

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES[self._settings.type]

    def health(self) -> str | None:
        return None

    def account(self) -> Account:
        held = self._market.account()
        return self._account(held.cash, held.equity, held.margin)

    def positions(self) -> tuple[Position, ...]:
        return tuple(values.position(held) for held in self._market.holdings())

    def open_orders(self) -> tuple[Order, ...]:
        margins = self._market.margins()
        return tuple(self._order(one, margins) for one in self._market.orders(open_only=True))

    def quotes(self, symbols: Collection[str]) -> Mapping[str, Quote]:
        found = {symbol: self._market.quote(symbol) for symbol in symbols}
        return {symbol: quote for symbol, quote in found.items() if quote is not None}

    def order(self, client_order_id: str) -> Order | None:
        found = self._market.order_by_client_id(client_order_id)
        return None if found is None else self._order(found)

    def fills(self, since: datetime) -> Iterator[Fill]:
        executions = self._market.executions(since=since)
        return (self._fill(one) for one in executions)

    def flows(self, since: datetime) -> tuple[Flow, ...]:
        """Deposits, withdrawals and transfers; variation and funding stay inside the account."""
        return tuple(_flow(one) for one in self._market.bookings(since=since) if one.kind in CROSSES)

    def history(self, instants: tuple[datetime, ...]) -> Iterator[Statement]:
        """One statement per instant from the first booking on; the first one has no fills or flows."""
        fills = tuple(self._fill(one) for one in self._market.executions())
        flows = tuple(_flow(one) for one in self._market.bookings() if one.kind in CROSSES)
        previous: datetime | None = None
        for past in self._market.equity_at(instants):
            yield Statement(
                time=past.time,
                account=self._account(past.cash, past.equity, past.margin),
                positions=tuple(values.position(held) for held in past.holdings),
                fills=_between(fills, previous, past.time),
                flows=_between(flows, previous, past.time),
            )
            previous = past.time

    def closes(self, symbol: str, since: date, until: date) -> tuple[Close, ...]:
        """Of whatever the market has closes of, the index SPX too, which does not trade."""
        known = daily(symbol, self._settings.clock())
        return tuple(Close(day, price) for day, price in known if since <= day <= until)

    def place(self, request: OrderRequest) -> Order:
        """Take the order once: asked for again with its id, it is returned as it stands."""
        check(request, self.capabilities, "the paper venue", self._settings.type)
        steps = [self._tradable(symbol).step for symbol in _symbols(request)]
        quantity = floored(request.quantity, max(steps), "the paper venue", request.symbol or "such orders")
        asked = values.new_order(request, quantity)
        try:
            return self._order(self._market.submit(asked))
        except Refusal as exc:
            if exc.kind is RefusalKind.DUPLICATE_ID:
                found = self._market.order_by_client_id(request.client_order_id)
                if found is not None and found.asked == asked:
                    return self._order(found)
            raise OrderRejected(str(exc)) from None

    def cancel(self, client_order_id: str) -> Order:
        found = self._market.order_by_client_id(client_order_id)
        if found is None:
            raise OrderRejected(f"there is no order {client_order_id}")
        try:
            found = self._market.cancel(found.order_id)
        except Refusal as exc:
            if exc.kind is not RefusalKind.DONE:
                raise OrderRejected(str(exc)) from None
            found = self._market.order(found.order_id) or found
        return self._order(found)

    def transfer(self, amount: Decimal, to: str, client_id: str) -> Flow:
        """Send cash to "bank", or to another paper account of this desk by its name."""
        if amount <= 0:
            raise OrderRejected("the amount must be greater than zero")
        if to == BANK:
            return self.book(-amount, FlowKind.WITHDRAWAL, client_id)
        other = engine(self._settings.state_dir, to, self._settings.clock)
        if to == self._settings.name or not other.books_exist():
            raise OrderRejected(f'there is no other paper account of that name. Send to one, or to "{BANK}"')
        other.now()  # an account whose market cannot go on takes no money: said before any is sent
        sent = self.book(-amount, FlowKind.TRANSFER, client_id, f"to {to}")
        # Killed here, the money is on its way: asking again with the same id brings it in.
        other.move_cash(client_id, BookingKind.TRANSFER, amount, f"from {self._settings.name}")
        return sent

    def book(self, amount: Decimal, kind: FlowKind, booking_id: str, note: str = "") -> Flow:
        """Book money across the account's border, once per id: into it when `amount` > 0, out when < 0.

        The first deposit makes the books.

        Raises:
            OrderRejected: the amount is zero, or more than is free.
        """
        if amount > 0:
            self._market.create()
        try:
            return _flow(self._market.move_cash(booking_id, BookingKind(kind.value), amount, note))
        except Refusal as exc:
            raise OrderRejected(str(exc)) from None

    def _account(self, cash: Decimal, equity: Decimal, margin: Decimal) -> Account:
        return values.account(f"paper:{self._market.path}", cash, equity, margin)

    def _tradable(self, symbol: str) -> Instrument:
        found = self._market.instrument(symbol)
        if found is None or found.kind not in TRADES[self._settings.type]:
            kinds = TRADES[self._settings.type]
            listed = [one.symbol for one in self._market.instruments() if one.kind in kinds]
            some = ", ".join([*listed[:8], *(["and more"] if listed[8:] else [])]) or "nothing"
            raise OrderRejected(f"{_named(symbol)} does not trade here now. This account trades: {some}")
        return found

    def _fill(self, one: Execution) -> Fill:
        return values.fill(one, self._instrument(one.symbol, one.time).multiplier)

    def _order(self, one: MarketOrder, margins: Mapping[str, Decimal] | None = None) -> Order:
        symbol = one.asked.legs[0].symbol if one.asked.legs else one.asked.symbol
        instrument = self._instrument(symbol, one.submitted_at)
        if instrument.margined and margins is None:
            margins = self._market.margins()
        return values.order(one, instrument, (margins or {}).get(one.order_id))

    def _instrument(self, symbol: str, time: datetime) -> Instrument:
        found = self._market.instrument(symbol, time)
        assert found is not None  # noqa: S101  # it was traded then
        return found


def engine(state_dir: Path, name: str, clock: Clock) -> Engine:
    """The market in which the paper account of this name trades; its books need not exist."""
    return Engine(state_dir / "paper" / f"{name}.sqlite", clock)


def begin(state_dir: Path, name: str) -> None:
    """Make the empty books of a paper account, unless there are some; nothing happens in them yet."""
    engine(state_dir, name, _no_time).create()


def _no_time() -> datetime:
    raise AssertionError("an account in which nothing has happened has no time")


def _named(symbol: str) -> str:
    """A symbol in a message, unless it is so long that it may be something else, pasted by mistake."""
    return symbol if len(symbol) <= LONGEST_TICKER or OCC.fullmatch(symbol) else "that symbol"


def _symbols(request: OrderRequest) -> list[str]:
    return [leg.symbol for leg in request.legs] or [request.symbol]


def _flow(booking: Booking) -> Flow:
    return Flow(booking.booking_id, booking.time, FlowKind(booking.kind.value), booking.amount)


def _between(entries: tuple[Entry, ...], start: datetime | None, end: datetime) -> tuple[Entry, ...] | None:
    return None if start is None else tuple(one for one in entries if start < one.time <= end)
