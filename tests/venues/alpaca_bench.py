"""Alpaca under test: the server of `alpaca_server`, which holds every exchange to Alpaca's OpenAPI."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from git_qoc.desk.secrets import Secret
from git_qoc.model import OrderRequest, OrderType, Side, VenueType
from git_qoc.money import plain
from git_qoc.venues.alpaca import Alpaca
from git_qoc.venues.base import Settings
from tests.checks.keys import ALNUM, UPPER, made_of
from tests.venues import alpaca_faults as faults
from tests.venues.alpaca_bodies import NOON, Body, account, bar, cash_activity, fill, position
from tests.venues.alpaca_server import AlpacaServer
from tests.venues.bench import Case, Fault, Terms

D = Decimal
KEY, SECRET = "PK" + made_of(UPPER, 18, seed=501), made_of(ALNUM, 40, seed=502)
CALLS = "AAPL260918C00200000", "AAPL260918C00210000"
TERMS = {
    VenueType.EQUITIES: Terms("AAPL", D("190.50"), D(10), D("0.000000001")),
    VenueType.OPTIONS: Terms(CALLS[0], D("5.40"), D(3), D(1), legs=CALLS, priced="AAPL"),
    VenueType.CRYPTO: Terms("BTCUSD", D(60_000), D("0.5"), D("0.000000001")),
}
CLASSES = {
    VenueType.EQUITIES: "us_equity",
    VenueType.OPTIONS: "us_option",
    VenueType.CRYPTO: "crypto",
}
NOT_SUPPORTED = {
    Case.FOREIGN_CASH: "an Alpaca account has one currency",
    Case.TRANSFER: "the Trading API moves no money out",
}


class AlpacaBench:
    venue = "alpaca"

    def __init__(self, kind: VenueType) -> None:
        self.type = kind
        self.terms = TERMS[kind]
        self.not_supported: Mapping[Case, str] = dict(NOT_SUPPORTED)
        if kind is not VenueType.OPTIONS:
            self.not_supported |= {Case.MULTI_LEG: "only options have legs"}
        if kind is VenueType.OPTIONS:
            self.not_supported |= {Case.INCREMENTS: "options trade in whole contracts: a part is refused"}
        if kind is VenueType.CRYPTO:
            self.not_supported |= {Case.SHORT_POSITION: "Alpaca's crypto cannot be sold short"}
        self._cash = D(0)
        self._history: dict[int, Decimal] = {}
        self._nobody = faults.refused_url()
        self.server = AlpacaServer(
            account=account(cash="0", equity="0", portfolio_value="0", initial_margin="0", buying_power="0"),
            accepted=[(KEY, SECRET)],
            clock=NOON.isoformat(),
        )
        self._value()
        self._tell_history()
        self._url = self.server.url

    def connector(self, timeout_s: float = 5.0) -> Alpaca:
        secrets = {"api_key": Secret(KEY), "api_secret": Secret(SECRET)}
        where = Path("/nonexistent")
        settings = Settings("main", self.type, secrets, self.now, where, timeout_s, base_url=self._url)
        return Alpaca(settings)

    @property
    def secrets(self) -> tuple[str, ...]:
        return KEY, SECRET

    @contextmanager
    def running(self) -> Iterator[None]:
        with self.server:
            yield

    def now(self) -> datetime:
        return NOON

    def balance(self, currency: str, amount: Decimal) -> None:
        assert currency == "USD"
        self._cash = amount
        self._value()

    def hold(self, symbol: str, quantity: Decimal, avg_cost: Decimal, mark: Decimal) -> None:
        row = position(
            symbol,
            qty=plain(quantity),
            side="long" if quantity > 0 else "short",
            asset_class=CLASSES[self.type],
            avg_entry_price=plain(avg_cost),
            current_price=plain(mark),
        )
        self.server.positions.append(row)
        self._value()

    def _value(self) -> None:
        size = 100 if self.type is VenueType.OPTIONS else 1
        worth = sum(
            (D(row["qty"]) * D(row["current_price"]) * size for row in self.server.positions), self._cash
        )
        self.server.account.update(
            cash=plain(self._cash),
            equity=plain(worth),
            portfolio_value=plain(worth),
            buying_power=plain(worth),
        )
        quote: Body = {"t": NOON.strftime("%Y-%m-%dT%H:%M:%SZ"), "bp": float(self.terms.market), "bs": 1}
        quote |= {"ap": float(self.terms.market), "as": 1}
        if self.type is not VenueType.CRYPTO:
            quote |= {"ax": "C", "bx": "N", "c": ["R"] if self.type is VenueType.EQUITIES else "A", "z": "C"}
        form = "BTC/USD" if self.type is VenueType.CRYPTO else self.terms.symbol
        self.server.quotes = {form: quote}

    def fill(self, client_order_id: str, quantity: Decimal, price: Decimal) -> None:
        (row,) = [one for one in self.server.orders if one["client_order_id"] == client_order_id]
        done = D(row["filled_qty"]) + quantity
        row["filled_qty"] = plain(done)
        row["status"] = "filled" if done == D(row["qty"]) else "partially_filled"
        row["filled_avg_price"] = plain(price)
        self._book(
            len(self.server.activities),
            order_id=row["id"],
            symbol=row["symbol"],
            side=row["side"],
            qty=plain(quantity),
            price=plain(price),
        )

    def _book(self, number: int, **changes: Any) -> Body:
        row = fill(number, **changes)
        self.server.activities.append(row)
        return row

    def book_fills(self, count: int) -> list[tuple[str, Side, Decimal, Decimal]]:
        """Every three of one instant."""
        booked = []
        for number in range(count):
            side = Side.BUY if number % 3 else Side.SELL
            at = datetime(2022, 2, 2, 18, tzinfo=UTC) + timedelta(seconds=number // 3)
            row = self._book(
                number,
                id=f"{at:%Y%m%d%H%M%S}000::{uuid.UUID(int=number)}",
                transaction_time=f"{at:%Y-%m-%dT%H:%M:%SZ}",
                side=side.value,
                qty=str(number + 1),
                price=f"{number + 1}.25",
                symbol=self.terms.symbol,
            )
            booked.append((row["id"], side, D(number + 1), D(f"{number + 1}.25")))
        # Across the border of the second page the rows stand the wrong way round.
        self.server.activities[195:205] = self.server.activities[204:194:-1]
        return booked

    def book_flow(self, amount: Decimal, time: datetime) -> None:
        kind = "CSD" if amount > 0 else "CSW"
        stamp = f"{time:%Y-%m-%dT%H:%M:%SZ}"
        self.server.activities.append(
            cash_activity(kind, plain(amount), date=f"{time:%Y-%m-%d}", created_at=stamp)
        )

    def equity_was(self, time: datetime, equity: Decimal) -> None:
        """Alpaca's day is New York's: the label is its 20:00, midnight in UTC."""
        self._history[int((time + timedelta(days=1)).timestamp())] = equity
        self._tell_history()

    def _tell_history(self) -> None:
        labels = sorted(self._history)
        self.server.history = {
            "timestamp": labels,
            "equity": [float(self._history[label]) for label in labels],
            "profit_loss": [0.0 for _ in labels],
            "profit_loss_pct": [0.0 for _ in labels],
            "base_value": 0.0,
            "timeframe": "1D",
        }

    def daily_closes(self) -> list[tuple[date, Decimal]]:
        """A bar is labelled with the midnight its day begins at: of stocks New York's, else UTC's."""
        zone = UTC if self.type is VenueType.CRYPTO else ZoneInfo("America/New_York")
        days = [NOON.date() - timedelta(days=ago) for ago in range(25, -1, -1)]
        closes = [(day, D("190.25") + number) for number, day in enumerate(days)]
        form = "BTC/USD" if self.type is VenueType.CRYPTO else "AAPL"
        self.server.bars[form] = [
            bar(datetime.combine(day, time(), zone).astimezone(UTC), float(close)) for day, close in closes
        ]
        return closes[:-1]

    def break_with(self, fault: Fault) -> None:
        server = self.server
        if fault is Fault.REFUSES_CREDENTIALS:
            server.accepted = [("another", "pair")]
        elif fault is Fault.CLOCK_IS_OFF:
            server.clock = (NOON - timedelta(minutes=10)).isoformat()
        elif fault is Fault.REFUSES_CONNECTIONS:
            self._url = self._nobody
        elif fault is Fault.TIMES_OUT_AFTER_ACCEPTING:
            server.after_accepting = faults.hang
        elif fault is Fault.REJECTS_ORDERS:
            said = b'{"code": 40310000, "message": "insufficient buying power"}'
            server.faults = {"POST /v2/orders": faults.status(403, said)}
        else:
            server.faults = {"*": FAULTS[fault]}

    def heal(self) -> None:
        self.server.faults = {}
        self.server.after_accepting = None
        self.server.accepted = [(KEY, SECRET)]
        self.server.clock = NOON.isoformat()
        self._url = self.server.url

    def orders_taken(self) -> list[str]:
        return [row["client_order_id"] for row in self.server.orders]

    def requests_sent(self) -> int:
        return len(self.server.requests)

    def order(self, client_order_id: str, side: Side = Side.BUY, *, hanging: bool = True) -> OrderRequest:
        far = D("0.5") if side is Side.BUY else D(2)
        return OrderRequest(
            client_order_id=client_order_id,
            symbol=self.terms.symbol,
            side=side,
            quantity=self.terms.quantity,
            type=OrderType.LIMIT,
            limit_price=(self.terms.market * far).quantize(D("0.01")) if hanging else self.terms.market,
            time_in_force="gtc",
        )


FAULTS: dict[Fault, faults.Fault] = {
    Fault.RATE_LIMITS: faults.status(429, Retry_After="30"),
    Fault.IS_SLOW: faults.hang,
    Fault.IS_DOWN: faults.status(503),
    Fault.ANSWERS_GARBAGE: faults.body("<html>no</html>", "text/html"),
}
