"""The paper venue under the conformance suite: its books are the server.

Nothing is sent over a network, so most faults cannot be. The market makes the prices: `hold` sets
no mark, which is the last close. `order` sees to it that the account can pay.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import git_qoc
from git_qoc.market.accounting import Held
from git_qoc.market.books import writing
from git_qoc.market.matching import fill
from git_qoc.market.orders import Booking, BookingKind
from git_qoc.market.standing import Standing
from git_qoc.model import OrderLeg, OrderRequest, OrderType, Side, VenueType
from git_qoc.venues.base import Settings
from git_qoc.venues.paper import Paper, begin, engine
from tests.venues.bench import Case, Fault, Terms

# closes.csv: AAPL 21.928, SPX 2088.55 on 2016-07-05; BTC-USD 676.18 on 2016-07-04.
NOW = datetime(2016, 7, 5, 20, 1, tzinfo=UTC)
FUNDS = Decimal(1_000_000_000)
BANK = "bank"
OURS = "bench-"
ONE = Decimal(1)

NO_NETWORK = "its books are a file of this machine: nothing is sent over a network"
NEVER = {
    Case.FOREIGN_CASH: "it holds USD only",
    Case.TIMES_OUT: NO_NETWORK,
    Case.CREDENTIALS: "it needs no credentials",
    Case.CLOCK: "it has no clock of its own",
    Case.RATE_LIMIT: NO_NETWORK,
    Case.SLOW: NO_NETWORK,
    Case.DOWN: NO_NETWORK,
    Case.NO_SECRET: "it needs no credentials",
}
NO_ORDERS = dict.fromkeys(
    (
        Case.SHORT_POSITION, Case.HANGING_ORDER, Case.FILL, Case.PARTIAL_FILL, Case.CANCEL, Case.CANCEL_DONE,
        Case.REJECTION, Case.INCREMENTS, Case.MULTI_LEG, Case.PAGING,
    ),
    "cash accounts take no orders",
)  # fmt: skip
SINGLE = {Case.MULTI_LEG: "only options have orders of several legs"}
WHOLE = {Case.INCREMENTS: "contracts are whole: a fraction is refused unsent"}
SPOT = {Case.SHORT_POSITION: "coins are spot and never sold short; the perpetual can be"}


@dataclass(frozen=True, slots=True)
class Stage:
    """One type of account and what is traded in it."""

    type: VenueType
    terms: Terms
    lacks: Mapping[Case, str]


CALLS = ("AAPL160819C00022000", "AAPL160819C00023000")
STAGES = {
    "equities": Stage(
        VenueType.EQUITIES,
        Terms("AAPL", Decimal("21.928"), Decimal(10), Decimal("1e-9"), transfer_to=BANK),
        SINGLE,
    ),
    "options": Stage(
        VenueType.OPTIONS,
        Terms(CALLS[0], Decimal(0), Decimal(3), ONE, transfer_to=BANK, legs=CALLS, priced="SPX"),
        WHOLE,
    ),
    "crypto": Stage(
        VenueType.CRYPTO,
        Terms("BTC-USD", Decimal("676.18"), Decimal("0.5"), Decimal("1e-9"), transfer_to=BANK),
        {**SINGLE, **SPOT},
    ),
    "perpetual": Stage(
        VenueType.CRYPTO,
        Terms(
            "BTC-USD-PERP",
            Decimal("676.18"),
            Decimal("0.5"),
            Decimal("0.001"),
            transfer_to=BANK,
            priced="BTC-USD",
        ),
        SINGLE,
    ),
    "futures": Stage(
        VenueType.FUTURES,
        Terms("ESU6", Decimal("2088.55"), Decimal(2), ONE, transfer_to=BANK, priced="SPX"),
        {**SINGLE, **WHOLE},
    ),
    "cash": Stage(VenueType.CASH, Terms("AAPL", Decimal("21.928"), ONE, ONE, transfer_to=BANK), NO_ORDERS),
}


class PaperBench:
    """A fresh account in `folder` on one of `STAGES`."""

    venue = "paper"

    def __init__(self, folder: Path, stage: str = "equities") -> None:
        self.type = STAGES[stage].type
        self.not_supported: Mapping[Case, str] = {**NEVER, **STAGES[stage].lacks}
        self._now = NOW
        begin(folder, "account")
        self._folder = folder
        self._market = engine(folder, "account", self.now)
        self.terms = STAGES[stage].terms
        if not self.terms.market:
            self.terms = replace(self.terms, market=self._price(self.terms.symbol))
        self._whole = b""
        self._poor = False

    def connector(self, timeout_s: float = 5.0) -> Paper:
        return Paper(Settings("account", self.type, {}, self.now, self._folder, timeout_s))

    @property
    def secrets(self) -> tuple[str, ...]:
        return ()

    @contextmanager
    def running(self) -> Iterator[None]:
        yield

    def balance(self, currency: str, amount: Decimal) -> None:
        assert currency == "USD"
        with writing(self._market.path) as books:
            books.add_cash(amount - books.cash)

    def hold(self, symbol: str, quantity: Decimal, avg_cost: Decimal, mark: Decimal) -> None:
        with writing(self._market.path) as books:
            books.time = self._now
            books.put_held(symbol, Held(quantity, avg_cost))

    def fill(self, client_order_id: str, quantity: Decimal, price: Decimal) -> None:
        with writing(self._market.path) as books:
            ticket = books.tickets.by_client_id(client_order_id)
            assert ticket is not None
            symbol = ticket.order.asked.symbol
            change = quantity if ticket.order.asked.side is Side.BUY else -quantity
            fill(Standing(books, self._now, ONE), ticket, quantity, price, [(symbol, change, price)])

    def book_fills(self, count: int) -> list[tuple[str, Side, Decimal, Decimal]]:
        """Small trades in the account's past, two in a row at the same instant.

        A session's volume lets some three hundred of them through.
        """
        self.balance("USD", FUNDS)
        end, self._now = self._now, self._now - timedelta(minutes=1)
        account = self.connector()
        for number in range(count):
            request = self.order(f"{OURS}{number}", Side.SELL if number % 2 else Side.BUY, hanging=False)
            account.place(replace(request, quantity=self.terms.step * (1 + number % 2)))
            self._now += timedelta(milliseconds=number % 2)
        self._now = end
        fills = account.fills(NOW - timedelta(days=1))
        return [(one.fill_id, one.side, one.quantity, one.price) for one in fills]

    def book_flow(self, amount: Decimal, time: datetime) -> None:
        kind = BookingKind.DEPOSIT if amount > 0 else BookingKind.WITHDRAWAL
        with writing(self._market.path) as books:
            number = books.next_number()
            books.add_cash(amount)
            books.add_booking(Booking(number, f"{OURS}{number}", kind, time, amount))

    def equity_was(self, time: datetime, equity: Decimal) -> None:
        """Cash that came in or went out then; to be told oldest first."""
        with writing(self._market.path) as books:
            before = books.cash
        self.book_flow(equity - before, time)

    def daily_closes(self) -> list[tuple[date, Decimal]]:
        """What closes.csv has, until five minutes before the close of the last one."""
        self._now = datetime(2016, 8, 1, 19, 55, tzinfo=UTC)
        return shipped(self.terms.priced or self.terms.symbol, date(2016, 7, 31))

    def now(self) -> datetime:
        return self._now

    def break_with(self, fault: Fault) -> None:
        if fault is Fault.REJECTS_ORDERS:
            self._poor = True
            self.balance("USD", Decimal(0))
            return
        assert fault is Fault.ANSWERS_GARBAGE, self.not_supported
        self._whole = self._market.path.read_bytes()
        self._market.path.write_bytes(b"garbage" * 1000)

    def heal(self) -> None:
        if self._whole:
            self._market.path.write_bytes(self._whole)
        self._whole, self._poor = b"", False

    def orders_taken(self) -> list[str]:
        orders = [(one.submitted_at, one.asked.client_order_id) for one in self._market.orders()]
        moves = [(one.time, one.booking_id) for one in self._market.bookings()]
        return [name for _, name in sorted(orders + moves) if not name.startswith(OURS)]

    def requests_sent(self) -> int:
        """Nothing is sent; what was taken is counted."""
        return len(self.orders_taken())

    def order(self, client_order_id: str, side: Side = Side.BUY, *, hanging: bool = True) -> OrderRequest:
        with writing(self._market.path) as books:
            books.add_cash(Decimal(0) if self._poor else max(FUNDS - books.cash, Decimal(0)))
            if side is Side.SELL and self.terms.symbol == "BTC-USD":
                books.put_held("BTC-USD", Held(Decimal(1000), self.terms.market))
        market = self.terms.market
        far = market / 2 if side is Side.BUY else market * 2
        return OrderRequest(
            client_order_id=client_order_id,
            symbol=self.terms.symbol,
            side=side,
            quantity=self.terms.quantity,
            type=OrderType.LIMIT,
            limit_price=far.quantize(Decimal("0.01")) if hanging else market,
            time_in_force="gtc",
        )

    def legs(self, client_order_id: str) -> OrderRequest:
        """A debit spread of `terms.legs` that hangs far below its price."""
        request = self.order(client_order_id)
        bought, sold = self.terms.legs
        legs = (OrderLeg(bought, ONE), OrderLeg(sold, -ONE))
        return replace(request, symbol="", legs=legs, limit_price=Decimal("0.01"))

    def _price(self, symbol: str) -> Decimal:
        quote = self._market.quote(symbol)
        assert quote is not None
        assert quote.last is not None
        return quote.last


def shipped(symbol: str, until: date) -> list[tuple[date, Decimal]]:
    """The closes of git_qoc/data/closes.csv up to a day, read here and not by what is under test."""
    text = (Path(git_qoc.__file__).parent / "data" / "closes.csv").read_text("utf-8")
    rows = [row for row in csv.DictReader(text.splitlines()) if row["symbol"] == symbol]
    found = [(date.fromisoformat(row["date"]), Decimal(row["close"])) for row in rows]
    return [(day, close) for day, close in found if day <= until]


def benches(folder: Path) -> dict[str, PaperBench]:
    """One of each stage, each in its own folder."""
    return {stage: PaperBench(folder / stage, stage) for stage in STAGES}
