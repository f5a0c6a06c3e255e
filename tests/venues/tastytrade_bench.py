"""tastytrade under the conformance suite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from git_qoc.desk.secrets import Secret
from git_qoc.model import OrderRequest, OrderType, Side, VenueType
from git_qoc.venues.base import Settings
from git_qoc.venues.tastytrade import Tastytrade
from tests.venues import alpaca_faults as faults
from tests.venues.bench import Case, Fault, Terms
from tests.venues.tastytrade_server import CLIENT_SECRET, NOON, REFRESH_TOKEN, TastytradeServer, refused

D = Decimal
CALLS = "AAPL  260918C00200000", "AAPL  260918C00210000"
TERMS = {
    VenueType.EQUITIES: Terms("AAPL", D("190.50"), D(10), D(1)),
    VenueType.OPTIONS: Terms(CALLS[0], D("5.40"), D(3), D(1), legs=CALLS),
    VenueType.FUTURES: Terms("/ESZ6", D("5000.25"), D(2), D(1), other="/NOZ6"),
}
KINDS = {VenueType.EQUITIES: "Equity", VenueType.OPTIONS: "Equity Option", VenueType.FUTURES: "Future"}
SIZES = {VenueType.EQUITIES: D(1), VenueType.OPTIONS: D(100), VenueType.FUTURES: D(50)}
NOT_SUPPORTED = {
    Case.FOREIGN_CASH: "its accounts are in USD",
    Case.TRANSFER: "the API moves no money",
    Case.CLOSES: "the API streams candles and answers for none",
    Case.CLOCK: "the API does not tell the time",
    Case.INCREMENTS: "shares and contracts are whole here: a fraction is refused unsent",
}


class TastytradeBench:
    venue = "tastytrade"

    def __init__(self, kind: VenueType) -> None:
        self.type = kind
        self.terms = TERMS[kind]
        self.not_supported: Mapping[Case, str] = dict(NOT_SUPPORTED)
        if kind is not VenueType.OPTIONS:
            self.not_supported |= {Case.MULTI_LEG: "only options have legs"}
        self.server = TastytradeServer()
        self._url = self.server.url
        self._nobody = faults.refused_url()
        kind_of = {"symbol": self.terms.symbol, "instrument-type": KINDS[kind]}
        kind_of["updated-at"] = "2026-07-06T15:59:59.130Z"
        price = str(self.terms.market)
        self.server.quotes = {
            self.terms.symbol: {
                **kind_of,
                "bid": price,
                "ask": price,
                "last": price,
            }
        }

    def connector(self, timeout_s: float = 5.0) -> Tastytrade:
        secrets = {"client_secret": Secret(CLIENT_SECRET), "refresh_token": Secret(REFRESH_TOKEN)}
        folder = Path("/nonexistent")
        return Tastytrade(
            Settings("main", self.type, secrets, self.now, folder, timeout_s, base_url=self._url)
        )

    @property
    def secrets(self) -> tuple[str, ...]:
        return CLIENT_SECRET, REFRESH_TOKEN

    @contextmanager
    def running(self) -> Iterator[None]:
        with self.server:
            yield

    def daily_closes(self) -> NoReturn:
        raise AssertionError("its API tells none")

    def now(self) -> datetime:
        return NOON

    def balance(self, currency: str, amount: Decimal) -> None:
        assert currency == "USD"
        self.server.cash = amount
        self._value()

    def hold(self, symbol: str, quantity: Decimal, avg_cost: Decimal, mark: Decimal) -> None:
        self.server.positions.append(
            {
                "account-number": "5WT00001",
                "symbol": symbol,
                "instrument-type": KINDS[self.type],
                "quantity": format(abs(quantity), "f"),
                "quantity-direction": "Long" if quantity > 0 else "Short",
                "average-open-price": format(avg_cost, "f"),
                "average-daily-market-close-price": format(avg_cost, "f"),
                "mark-price": format(mark, "f"),
                "multiplier": int(SIZES[self.type]),
            }
        )
        self._value()

    def _value(self) -> None:
        worth = self.server.cash
        for row in self.server.positions:
            sign = 1 if row["quantity-direction"] == "Long" else -1
            paid = D(row["average-open-price"]) if self.type is VenueType.FUTURES else D(0)
            worth += sign * D(row["quantity"]) * (D(row["mark-price"]) - paid) * row["multiplier"]
        self.server.worth = worth

    def fill(self, client_order_id: str, quantity: Decimal, price: Decimal) -> None:
        (row,) = [one for one in self.server.orders if one["external-identifier"] == client_order_id]
        (leg,) = row["legs"]
        leg["fills"].append({"quantity": int(quantity), "fill-price": str(price)})
        leg["remaining-quantity"] -= int(quantity)
        row["status"] = "Live" if leg["remaining-quantity"] else "Filled"
        self._book(NOON, leg["action"], quantity, price, row["id"])

    def _book(self, at: datetime, action: str, quantity: Decimal, price: Decimal, order_id: Any) -> str:
        number = 1000 + len(self.server.transactions)
        self.server.transactions.append(
            {
                "id": number,
                "transaction-type": "Trade",
                "transaction-sub-type": action,
                "executed-at": at.isoformat(),
                "symbol": self.terms.symbol,
                "instrument-type": KINDS[self.type],
                "action": action,
                "quantity": format(quantity, "f"),
                "price": format(price, "f"),
                "order-id": order_id,
                "commission": "1.0",
                "commission-effect": "Debit",
                "clearing-fees": "0.1",
                "clearing-fees-effect": "Debit",
            }
        )
        return str(number)

    def book_fills(self, count: int) -> list[tuple[str, Side, Decimal, Decimal]]:
        """Every three of one instant, the last page's rows out of order."""
        booked = []
        for number in range(count):
            side = Side.BUY if number % 3 else Side.SELL
            action = (
                f"{side.value.capitalize()} to Open"
                if self.type is not VenueType.FUTURES
                else side.value.capitalize()
            )
            at = NOON - timedelta(days=3) + timedelta(seconds=number // 3)
            price = D(number) + D("0.25")
            booked.append((self._book(at, action, D(number + 1), price, 7), side, D(number + 1), price))
        self.server.transactions[-20:] = self.server.transactions[:-21:-1]
        return booked

    def book_flow(self, amount: Decimal, time: datetime) -> None:
        self.server.transactions.append(
            {
                "id": 9000 + len(self.server.transactions),
                "transaction-type": "Money Movement",
                "transaction-sub-type": "Deposit" if amount > 0 else "Withdrawal",
                "executed-at": (time - timedelta(hours=30)).isoformat(),
                "created-at": time.isoformat(),
                "currency": "USD",
                "net-value": str(abs(amount)),
                "net-value-effect": "Credit" if amount > 0 else "Debit",
            }
        )

    def equity_was(self, time: datetime, equity: Decimal) -> None:
        close = (time + timedelta(hours=21)).strftime("%Y-%m-%d %H:%M:%S+00")
        self.server.net_liq.append({"time": close, "close": str(equity), "total-close": str(equity)})

    def break_with(self, fault: Fault) -> None:
        server = self.server
        if fault is Fault.REFUSES_CREDENTIALS:
            server.granted = "another"
        elif fault is Fault.REFUSES_CONNECTIONS:
            self._url = self._nobody
        elif fault is Fault.TIMES_OUT_AFTER_ACCEPTING:
            server.after_accepting = faults.hang
        elif fault is Fault.REJECTS_ORDERS:
            server.dry_run = refused(
                422,
                "preflight_check_failure",
                "One or more preflight checks failed",
                "Not enough buying power",
            )
        elif fault is not Fault.CLOCK_IS_OFF:
            server.faults = {"*": FAULTS[fault]}

    def heal(self) -> None:
        self.server.faults = {}
        self.server.after_accepting = self.server.dry_run = None
        self.server.granted = REFRESH_TOKEN
        self._url = self.server.url

    def orders_taken(self) -> list[str]:
        return [row["external-identifier"] for row in self.server.orders]

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
            limit_price=(self.terms.market * far).quantize(D("0.25")) if hanging else self.terms.market,
        )


FAULTS: dict[Fault, faults.Fault] = {
    Fault.RATE_LIMITS: faults.status(429, Retry_After="30"),
    Fault.IS_SLOW: faults.hang,
    Fault.IS_DOWN: faults.status(503),
    Fault.ANSWERS_GARBAGE: faults.body("<html>no</html>", "text/html"),
}
