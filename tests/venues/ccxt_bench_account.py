"""What the two benches of ccxt's exchanges have in common: an account, its faults, how it is opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from git_qoc.desk.secrets import Secret
from git_qoc.model import OrderRequest, OrderType, Side, VenueType
from git_qoc.venues.base import Connector, Settings
from git_qoc.venues.registry import open_connector
from tests.checks.keys import KRAKEN_KEY, KRAKEN_SECRET
from tests.venues import alpaca_faults
from tests.venues.bench import Case, Fault, Terms
from tests.venues.ccxt_server import CcxtServer, Route, Seen, payloads

NOON = datetime(2026, 7, 5, 16, tzinfo=UTC)
NONE_SUCH = "the venue's API, as this adapter reads it, has none"


def midnight(day: date) -> int:
    """Seconds since 1970."""
    return int(datetime.combine(day, time(), UTC).timestamp())


@dataclass
class Kept:
    """An order as the venue keeps it."""

    order_id: str
    client_id: str
    symbol: str
    side: str
    kind: str
    quantity: Decimal
    price: Decimal | None
    filled: Decimal = Decimal(0)
    state: str = "open"


@dataclass
class Done:
    """An execution as the venue keeps it."""

    fill_id: str
    order_id: str
    side: str
    quantity: Decimal
    price: Decimal
    time: datetime


@dataclass
class Account:
    cash: dict[str, Decimal] = field(default_factory=dict)
    orders: list[Kept] = field(default_factory=list)
    fills: list[Done] = field(default_factory=list)
    flows: list[tuple[Decimal, datetime]] = field(default_factory=list)
    closes: list[tuple[date, Decimal]] = field(default_factory=list)
    position: Decimal = Decimal(0)
    avg_cost: Decimal = Decimal(0)


class CcxtBench:
    """What the two have in common; see `tests/venues/bench.py: Bench`."""

    venue: str
    type: VenueType
    terms: Terms
    not_supported: Mapping[Case, str]
    order_route: ClassVar[str]

    def __init__(self) -> None:
        self.state = Account()
        self.mark = self.terms.market
        self.fault: Fault | None = None
        self._accepted: list[str] = []
        self.server = CcxtServer({**payloads(self.venue), **self.routes()})
        self._base_url: str | None = None

    def routes(self) -> dict[str, Route]:
        raise NotImplementedError

    def taken(self, seen: Seen) -> Any:
        raise NotImplementedError

    def refused(self) -> Any:
        raise NotImplementedError

    def connector(self, timeout_s: float = 5.0) -> Connector:
        secrets = {"api_key": Secret(KRAKEN_KEY), "api_secret": Secret(KRAKEN_SECRET)}
        settings = Settings(
            "main", self.type, secrets, self.now, Path("/nonexistent"), timeout_s, base_url=self.url
        )
        return open_connector(self.venue, settings)

    @property
    def url(self) -> str:
        return self._base_url or self.server.url

    @property
    def secrets(self) -> tuple[str, ...]:
        return KRAKEN_KEY, KRAKEN_SECRET

    @contextmanager
    def running(self) -> Iterator[None]:
        with self.server:
            yield

    def balance(self, currency: str, amount: Decimal) -> None:
        self.state.cash[currency] = amount

    def hold(self, symbol: str, quantity: Decimal, avg_cost: Decimal, mark: Decimal) -> None:
        assert symbol == self.terms.symbol
        self.state.position, self.state.avg_cost, self.mark = quantity, avg_cost, mark

    def fill(self, client_order_id: str, quantity: Decimal, price: Decimal) -> None:
        order = next(one for one in self.state.orders if one.client_id == client_order_id)
        order.filled += quantity
        order.state = "closed" if order.filled >= order.quantity else "open"
        number = len(self.state.fills)
        self.state.fills.append(
            Done(self.fill_id(number), order.order_id, order.side, quantity, price, self.now())
        )
        before, change = self.state.position, quantity if order.side == "buy" else -quantity
        after = before + change
        if after and (not before or (before > 0) == (change > 0)):
            self.state.avg_cost = (before * self.state.avg_cost + change * price) / after
        self.state.position = after
        self.paid(-change * price)

    def paid(self, amount: Decimal) -> None:
        """Where a trade is paid in cash."""

    def book_fills(self, count: int) -> list[tuple[str, Side, Decimal, Decimal]]:
        count = min(count, 110)  # three pages of 50 at Kraken, which may be asked once a second
        start = NOON - timedelta(days=2)
        rows = [
            Done(
                self.fill_id(number),
                f"OLD-{number}",
                "sell" if number % 3 == 0 else "buy",
                self.terms.step * (number + 1),
                self.terms.market + number,
                start + timedelta(seconds=number // 3),
            )
            for number in range(count)
        ]
        self.state.fills = [*rows, *self.state.fills]
        return [(row.fill_id, Side(row.side), row.quantity, row.price) for row in rows]

    def fill_id(self, number: int) -> str:
        return f"T{number:05d}-FILLS-AAAAAA"

    def book_flow(self, amount: Decimal, time: datetime) -> None:
        self.state.flows.append((amount, time))

    def equity_was(self, time: datetime, equity: Decimal) -> None:
        """Not stated by the venue."""

    def daily_closes(self) -> list[tuple[date, Decimal]]:
        days = [NOON.date() - timedelta(days=ago) for ago in range(25, -1, -1)]
        self.state.closes = [(day, self.terms.market + number) for number, day in enumerate(days)]
        return self.state.closes[:-1]

    def now(self) -> datetime:
        return NOON

    def venue_time(self) -> datetime:
        return NOON - timedelta(minutes=10) if self.fault is Fault.CLOCK_IS_OFF else NOON

    def break_with(self, fault: Fault) -> None:
        self.fault = fault
        everywhere: dict[Fault, alpaca_faults.Fault] = {
            Fault.RATE_LIMITS: alpaca_faults.status(429, Retry_After="30"),
            Fault.IS_SLOW: alpaca_faults.hang,
            Fault.IS_DOWN: alpaca_faults.status(503),
            Fault.ANSWERS_GARBAGE: alpaca_faults.body("<html>not JSON"),
        }
        self.server.fault = everywhere.get(fault)
        if fault is Fault.REFUSES_CONNECTIONS:
            self._base_url = alpaca_faults.refused_url()

    def heal(self) -> None:
        self.fault, self.server.fault, self._base_url = None, None, None

    def orders_taken(self) -> list[str]:
        return list(self._accepted)

    def requests_sent(self) -> int:
        return len(self.server.requests)

    def order(self, client_order_id: str, side: Side = Side.BUY, *, hanging: bool = True) -> OrderRequest:
        far = self.terms.market / 2 if side is Side.BUY else self.terms.market * 2
        return OrderRequest(
            client_order_id,
            self.terms.symbol,
            side,
            self.terms.quantity,
            OrderType.LIMIT,
            limit_price=far if hanging else self.terms.market,
            time_in_force="gtc",
        )

    def private(self, route: Route) -> Route:
        """A route that asks for the key."""

        def guarded(seen: Seen) -> Any:
            key = seen.headers.get("api-key") or seen.headers.get("apikey")
            if self.fault is Fault.REFUSES_CREDENTIALS or key != KRAKEN_KEY:
                return self.stranger()
            return route(seen) if callable(route) else route

        return guarded

    def stranger(self) -> Any:
        raise NotImplementedError

    def place(self, seen: Seen) -> Any:
        fault = self.fault
        if fault is Fault.REJECTS_ORDERS:
            self.fault = None
            return self.refused()
        answer = self.taken(seen)
        if fault is Fault.TIMES_OUT_AFTER_ACCEPTING:
            self.fault = None
            return alpaca_faults.hang
        return answer

    def keep(self, order: Kept) -> Kept:
        self.state.orders.append(order)
        self._accepted.append(order.client_id)
        return order
