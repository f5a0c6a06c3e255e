"""The alpaca adapter under the conformance suite, on `git qoc exchange` instead of a server of rows.

The market makes the prices: `hold` sets no mark, which is the last close. `order` sees to it that the
account can pay. What is staged without an order goes into the market's books directly.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from git_qoc.desk.secrets import Secret
from git_qoc.exchange.faults import Plan, parse_faults
from git_qoc.market.accounting import Held
from git_qoc.market.books import writing
from git_qoc.market.matching import fill
from git_qoc.market.orders import Booking, BookingKind
from git_qoc.market.standing import Standing
from git_qoc.model import OrderLeg, OrderRequest, OrderType, Side, VenueType
from git_qoc.venues.alpaca import Alpaca
from git_qoc.venues.base import Settings
from tests.exchange.running import Running
from tests.venues.bench import Case, Fault, Terms
from tests.venues.paper_bench import shipped

# closes.csv, 2017-02-28: AAPL 32.096, BTC-USD 1192.69.
NOW = datetime(2017, 3, 1, 17, tzinfo=UTC)
FUNDS = Decimal(1_000_000_000)
ONE, CENT = Decimal(1), Decimal("0.01")
OURS = "bench-"
ALWAYS = 10**6
CALLS = ("AAPL170317C00030000", "AAPL170317C00032000")

NEVER = {
    Case.FOREIGN_CASH: "an account holds USD only",
    Case.TRANSFER: "alpaca moves no money",
}
SINGLE = {Case.MULTI_LEG: "only options have orders of several legs"}
PLANS = {
    Fault.RATE_LIMITS: "429=30",
    Fault.IS_SLOW: "latency=600000",
    Fault.IS_DOWN: "503-before",
    Fault.ANSWERS_GARBAGE: "malformed",
}


@dataclass(frozen=True, slots=True)
class Stage:
    """One type of account and what is traded in it; `listed` is the market's symbol."""

    type: VenueType
    listed: str
    terms: Terms
    lacks: Mapping[Case, str]


STAGES = {
    "equities": Stage(
        VenueType.EQUITIES,
        "AAPL",
        Terms("AAPL", Decimal("32.096"), Decimal(10), Decimal("1e-9")),
        SINGLE,
    ),
    "options": Stage(
        VenueType.OPTIONS,
        CALLS[0],
        Terms(CALLS[0], Decimal(0), Decimal(3), ONE, legs=CALLS, priced="AAPL"),
        {Case.INCREMENTS: "contracts are whole: a fraction is refused unsent"},
    ),
    "crypto": Stage(
        VenueType.CRYPTO,
        "BTC-USD",
        Terms("BTCUSD", Decimal("1192.69"), Decimal("0.5"), Decimal("1e-9")),
        {**SINGLE, Case.SHORT_POSITION: "coins are never sold short"},
    ),
}


class ExchangeBench:
    """A fresh account in `folder` on one of `STAGES`."""

    venue = "alpaca on git qoc exchange"

    def __init__(self, folder: Path, stage: str = "equities") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.type = STAGES[stage].type
        self.not_supported: Mapping[Case, str] = {**NEVER, **STAGES[stage].lacks}
        self._listed = STAGES[stage].listed
        self._now, self._ahead = NOW - timedelta(minutes=1), timedelta()
        self._pays = True
        self._pair = (uuid.uuid4().hex, uuid.uuid4().hex)
        self._exchange = Running(folder, "0", at=None, real=lambda: self._now)
        self._market = self._exchange.engine
        self._now = NOW
        self.terms = STAGES[stage].terms
        if not self.terms.market:
            self.terms = replace(self.terms, market=self._price())

    def connector(self, timeout_s: float = 5.0) -> Alpaca:
        key, secret = self._pair
        return Alpaca(
            Settings(
                name="account",
                type=self.type,
                secrets={"api_key": Secret(key), "api_secret": Secret(secret)},
                clock=self.now,
                state_dir=Path("/nonexistent"),
                timeout_s=timeout_s,
                base_url=self._exchange.url,
            )
        )

    @property
    def secrets(self) -> tuple[str, ...]:
        return self._pair

    @contextmanager
    def running(self) -> Iterator[None]:
        with self._exchange:
            yield

    def balance(self, currency: str, amount: Decimal) -> None:
        assert currency == "USD"
        with writing(self._market.path) as books:
            books.add_cash(amount - books.cash)

    def hold(self, symbol: str, quantity: Decimal, avg_cost: Decimal, mark: Decimal) -> None:
        with writing(self._market.path) as books:
            books.time = self._now
            books.put_held(self._listed if symbol == self.terms.symbol else symbol, Held(quantity, avg_cost))

    def fill(self, client_order_id: str, quantity: Decimal, price: Decimal) -> None:
        with writing(self._market.path) as books:
            ticket = books.tickets.by_client_id(client_order_id)
            assert ticket is not None
            symbol = ticket.order.asked.symbol
            change = quantity if ticket.order.asked.side is Side.BUY else -quantity
            fill(Standing(books, self._now, ONE), ticket, quantity, price, [(symbol, change, price)])

    def book_fills(self, count: int) -> list[tuple[str, Side, Decimal, Decimal]]:
        """Market orders in the account's past, two in a row at the same instant."""
        self._pay()
        end, self._now = self._now, self._now - timedelta(seconds=50)
        for number in range(count):
            side = "sell" if number % 2 else "buy"
            form = self._listed.replace("-", "/")
            self._exchange.order(form, str(self.terms.quantity), side, client_order_id=f"{OURS}{number}")
            self._now += timedelta(milliseconds=number % 2)
        self._now = end
        rows = self._all_fills()
        return [(row["id"], Side(row["side"]), Decimal(row["qty"]), Decimal(row["price"])) for row in rows]

    def _all_fills(self) -> list[dict[str, str]]:
        rows: list[dict[str, str]] = []
        query = {"direction": "asc"}
        while page := self._exchange.get("/v2/account/activities/FILL", **query):
            rows += page
            query["page_token"] = page[-1]["id"]
        return rows

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
        """What closes.csv has up to yesterday, of stocks in New York and of coins in UTC."""
        listed = "AAPL" if self.terms.priced else self._listed
        return shipped(listed, date(2017, 2, 28))

    def now(self) -> datetime:
        return self._now + self._ahead

    def break_with(self, fault: Fault) -> None:
        if fault in PLANS:
            self._plan(PLANS[fault], ALWAYS)
        elif fault is Fault.TIMES_OUT_AFTER_ACCEPTING:
            self._plan("hang-after", 1, "POST")
        elif fault is Fault.REFUSES_CREDENTIALS:
            self._exchange.exchange = replace(self._exchange.exchange, key="another")
        elif fault is Fault.REFUSES_CONNECTIONS:
            self._exchange.hang_up()
        elif fault is Fault.CLOCK_IS_OFF:
            self._ahead = timedelta(minutes=10)
        else:
            assert fault is Fault.REJECTS_ORDERS
            self.balance("USD", Decimal(0))
            self._pays = False

    def _plan(self, fault: str, count: int, method: str = "") -> None:
        self._exchange.faults.add(Plan(parse_faults(fault), count, method=method))

    def heal(self) -> None:
        self._pays = True
        self._exchange.faults.clear()
        self._exchange.exchange = replace(self._exchange.exchange, key=None)
        self._ahead = timedelta()
        self._exchange.hang_up()
        self._exchange.listen()

    def orders_taken(self) -> list[str]:
        orders = [one.asked.client_order_id for one in self._market.orders()]
        return [name for name in orders if not name.startswith(OURS)]

    def requests_sent(self) -> int:
        return len(self._exchange.log)

    def order(self, client_order_id: str, side: Side = Side.BUY, *, hanging: bool = True) -> OrderRequest:
        self._pay()
        if side is Side.SELL and self.type is VenueType.CRYPTO:
            self.hold(self.terms.symbol, Decimal(1000), self.terms.market, self.terms.market)
        price = self.terms.market
        if hanging:
            price = price / 2 if side is Side.BUY else price * 2
        else:
            # At the market or a tick through it.
            price += CENT if side is Side.BUY else -CENT
        return OrderRequest(
            client_order_id=client_order_id,
            symbol=self.terms.symbol,
            side=side,
            quantity=self.terms.quantity,
            type=OrderType.LIMIT,
            limit_price=price.quantize(CENT),
            time_in_force="gtc",
        )

    def legs(self, client_order_id: str) -> OrderRequest:
        """A debit spread of `terms.legs` that hangs far below its price."""
        bought, sold = self.terms.legs
        legs = (OrderLeg(bought, ONE), OrderLeg(sold, -ONE))
        return replace(self.order(client_order_id), symbol="", legs=legs, limit_price=CENT)

    def _pay(self) -> None:
        if not self._pays:
            return
        with writing(self._market.path) as books:
            books.add_cash(max(FUNDS - books.cash, Decimal(0)))

    def _price(self) -> Decimal:
        quote = self._market.quote(self._listed)
        assert quote is not None
        assert quote.last is not None
        return quote.last


def benches(folder: Path) -> dict[str, ExchangeBench]:
    """One of each stage, each in its own folder."""
    return {stage: ExchangeBench(folder / stage, stage) for stage in STAGES}
