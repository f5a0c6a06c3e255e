"""The paper venue: a simulated account that trades at the shipped closes.

Every type of account; needs no credentials. Equities trade AAPL, JPM, KO, MSFT, UNH and XOM,
crypto trades BTC-USD; the other types hold cash only. Symbols are those of the data file.
An order fills whole at the last close known at the clock's time; fees are zero, there is no
margin and no shorting. Only market orders yet. Its books live under the git common dir and
are never history.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from git_qoc.errors import OrderRejected, Unsupported, VenueError
from git_qoc.market import closes as market
from git_qoc.model import (
    Account,
    Cash,
    Fill,
    Flow,
    FlowKind,
    Order,
    OrderRequest,
    OrderStatus,
    OrderType,
    Position,
    Quote,
    Side,
    Statement,
    VenueType,
)
from git_qoc.venues.base import Settings
from git_qoc.venues.offers import Capabilities
from git_qoc.venues.paper_ledger import Book, books, replay
from git_qoc.venues.paper_offers import CAPABILITIES

Booking = TypeVar("Booking", Fill, Flow)


class Paper:
    """One simulated account, named by its connector."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ledger = books(settings.state_dir, settings.name)

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES[self._settings.type]

    def health(self) -> str | None:
        return None

    def account(self) -> Account:
        return self._account(self._book(self._settings.clock()))

    def positions(self) -> tuple[Position, ...]:
        now = self._settings.clock()
        return self._positions(self._book(now), now)

    def open_orders(self) -> tuple[Order, ...]:
        return ()

    def quotes(self, symbols: Collection[str]) -> Mapping[str, Quote]:
        now = self._settings.clock()
        found = {symbol: market.close_at(symbol, now) for symbol in symbols}
        return {symbol: quote for symbol, quote in found.items() if quote is not None}

    def order(self, client_order_id: str) -> Order | None:
        return next((_order(f) for f in self._ledger.fills() if f.order_id == client_order_id), None)

    def fills(self, since: datetime) -> Iterator[Fill]:
        now = self._settings.clock()
        return (fill for fill in self._ledger.fills() if since < fill.time <= now)

    def flows(self, since: datetime) -> tuple[Flow, ...]:
        now = self._settings.clock()
        return tuple(flow for flow in self._ledger.flows() if since < flow.time <= now)

    def history(self, instants: tuple[datetime, ...]) -> Iterator[Statement]:
        """One statement per instant from the first booking on; the first one has no fills or flows."""
        flows, fills = self._ledger.flows(), self._ledger.fills()
        first = min((*(flow.time for flow in flows), *(fill.time for fill in fills)), default=None)
        previous: datetime | None = None
        for instant in instants:
            if first is None or instant < first:
                continue
            book = replay(flows, fills, instant)
            yield Statement(
                time=instant,
                account=self._account(book),
                positions=self._positions(book, instant),
                fills=_between(fills, previous, instant),
                flows=_between(flows, previous, instant),
            )
            previous = instant

    def place(self, request: OrderRequest) -> Order:
        if request.legs or request.type not in self.capabilities.order_types:
            raise Unsupported(f"the paper venue has no {request.type} orders for {self._settings.type}")
        if not request.quantity > 0:
            raise OrderRejected("the quantity must be greater than zero")
        quote = self._tradable(request.symbol)
        fill = Fill(
            fill_id=f"fill-{request.client_order_id}",
            order_id=request.client_order_id,
            symbol=request.symbol,
            side=request.side,
            quantity=request.quantity,
            price=quote,
            time=self._settings.clock(),
            fee=Decimal(0),
        )
        try:
            return _order(self._ledger.add_fill(request.client_order_id, fill))
        except VenueError as exc:
            raise OrderRejected(str(exc)) from None

    def cancel(self, client_order_id: str) -> Order:
        order = self.order(client_order_id)
        if order is None:
            raise OrderRejected(f"there is no order {client_order_id}")
        return order

    def transfer(self, amount: Decimal, to: str, client_id: str) -> Flow:
        """Book money across the account's border: into it when `amount` > 0, out of it when < 0.

        `to` is "deposit", "withdrawal" or "transfer", the kind that is recorded.
        """
        now = self._settings.clock()
        if not amount:
            raise OrderRejected("the amount must not be zero")
        if amount > 0:
            self._ledger.create()
        if self._book(now).cash + amount < 0:
            raise OrderRejected(f"not enough cash: {self._book(now).cash} USD held")
        flow = Flow(client_id, now, FlowKind(to), amount)
        self._ledger.add_flow(flow)
        return flow

    def _book(self, instant: datetime) -> Book:
        return replay(self._ledger.flows(), self._ledger.fills(), instant)

    def _account(self, book: Book) -> Account:
        return Account(
            account_id=f"paper:{self._ledger.path}",
            currency="USD",
            cash=(Cash("USD", book.cash, book.cash),),
            equity_usd=None,
            margin_usd=Decimal(0),
        )

    def _positions(self, book: Book, instant: datetime) -> tuple[Position, ...]:
        rows = []
        for symbol, holding in sorted(book.holdings.items()):
            quote = market.close_at(symbol, instant)
            mark, time = (quote.last, quote.time) if quote else (None, None)
            rows.append(Position(symbol, holding.quantity, holding.avg_cost, mark, mark_time=time))
        return tuple(rows)

    def _tradable(self, symbol: str) -> Decimal:
        wanted = market.is_coin(symbol) == (self._settings.type is VenueType.CRYPTO)
        quote = market.close_at(symbol, self._settings.clock())
        if quote is None or quote.last is None or symbol in market.INDEXES or not wanted:
            known = sorted(
                s
                for s in market.closes()
                if s not in market.INDEXES and market.is_coin(s) == (self._settings.type is VenueType.CRYPTO)
            )
            raise OrderRejected(f"{symbol} does not trade here now. This account trades: {', '.join(known)}")
        return quote.last


def _between(
    bookings: tuple[Booking, ...], start: datetime | None, end: datetime
) -> tuple[Booking, ...] | None:
    return None if start is None else tuple(one for one in bookings if start < one.time <= end)


def _order(fill: Fill) -> Order:
    return Order(
        order_id=fill.order_id,
        client_order_id=fill.order_id,
        symbol=fill.symbol,
        side=Side(fill.side),
        quantity=fill.quantity,
        filled_quantity=fill.quantity,
        type=OrderType.MARKET,
        status=OrderStatus.FILLED,
        submitted_at=fill.time,
    )
