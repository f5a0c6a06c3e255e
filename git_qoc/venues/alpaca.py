"""Alpaca (stocks, ETFs, options, crypto): https://docs.alpaca.markets/reference.

Symbols: `AAPL`, `BRK.B`, OCC options (`AAPL250620C00100000`), crypto as in Alpaca's positions
(`BTCUSD`); orders and quotes also take `BTC/USD`. Amounts are USD; times are UTC, days are New
York's. One account holds all asset classes, whatever the connector's type: two connectors
with keys of one account have the same `account_id`.

It cannot: transfer money out, state fees by execution, value transferred securities, give
positions or cash of past days, or state USD figures of a local-currency account.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from time import monotonic
from typing import TypeVar
from urllib.parse import quote

from pydantic import TypeAdapter

from git_qoc.asking import together
from git_qoc.errors import OrderRejected, OrderUnknown, Unsupported, VenueError
from git_qoc.model import (
    Account,
    Close,
    Fill,
    Flow,
    Order,
    OrderRequest,
    Position,
    Quote,
    Statement,
    VenueType,
)
from git_qoc.venues import (
    alpaca_account,
    alpaca_activities,
    alpaca_assets,
    alpaca_bars,
    alpaca_history,
    alpaca_offers,
    alpaca_orders,
    alpaca_quotes,
    alpaca_symbols,
    offers,
)
from git_qoc.venues.alpaca_payloads import (
    ACTIVITIES,
    CLOCK,
    FILLS,
    ORDER,
    ORDERS,
    ActivityRow,
    BarRow,
    FillRow,
    OrderRow,
    parse,
)
from git_qoc.venues.base import Settings, skew
from git_qoc.venues.client import Client
from git_qoc.venues.offers import Capabilities
from git_qoc.venues.pace import Pace

LIVE = "https://api.alpaca.markets"
SANDBOX = "https://paper-api.alpaca.markets"
DATA = "https://data.alpaca.markets"
HOSTS = ("api.alpaca.markets", "paper-api.alpaca.markets", "data.alpaca.markets")

# 200 requests a minute and account (docs.alpaca.markets, "What are the API rate limits?").
REQUESTS_PER_S, BURST = 200 / 60, 100

ORDERS_MAX = 500
ACTIVITIES_MAX = 100

Activity = TypeVar("Activity", FillRow, ActivityRow)


class Alpaca:
    """One Alpaca account as a `Connector`; opening it asks the venue nothing.

    Raises:
        Unsupported: a type Alpaca does not serve.
        VenueError: no key or secret, or one that no header can carry.
    """

    def __init__(self, settings: Settings) -> None:
        if settings.type not in alpaca_offers.CAPABILITIES:
            raise Unsupported(f"alpaca serves equities, options and crypto, not {settings.type.value}")
        try:
            key, secret = settings.secrets["api_key"], settings.secrets["api_secret"]
        except KeyError as exc:
            raise VenueError(f"alpaca needs {exc.args[0]} in [connector.auth]") from None
        self._settings = settings
        base_url = settings.base_url.rstrip("/") if settings.base_url is not None else None
        self._trading = base_url or (SANDBOX if settings.sandbox else LIVE)
        self._data = base_url or DATA
        self._client = Client(
            HOSTS,
            {"APCA-API-KEY-ID": key, "APCA-API-SECRET-KEY": secret},
            timeout_s=settings.timeout_s,
            allowed_hosts=settings.allowed_hosts,
            pace=Pace(REQUESTS_PER_S, BURST),
        )

    @property
    def capabilities(self) -> Capabilities:
        return alpaca_offers.CAPABILITIES[self._settings.type]

    def health(self) -> str | None:
        """None, or a line about clocks that are more than a minute apart."""
        clock = parse(CLOCK, self._get("/v2/clock"), "/v2/clock")
        return skew(clock.timestamp, self._settings.clock)

    def account(self) -> Account:
        data = self._get(alpaca_account.ACCOUNT_PATH)
        return alpaca_account.account(data, self._settings.type, self._settings.account)

    def positions(self) -> tuple[Position, ...]:
        return alpaca_account.positions(self._get(alpaca_account.POSITIONS_PATH))

    def open_orders(self) -> tuple[Order, ...]:
        """Open orders as they bind money; see `alpaca_orders.reservations`.

        Read flat and rolled up: rolled up, a multi-leg order is one row, but the exits of a
        bracket whose entry is filled are missing (alpacahq/alpaca-trade-api-js#87).
        """
        deadline = monotonic() + self._settings.timeout_s
        forms = {"flat": False, "nested": True}
        rows = together({name: partial(self._open_rows, form) for name, form in forms.items()}, deadline)
        flat, nested = rows["flat"], rows["nested"]
        known = {row.id for row in nested} | {leg.id for row in nested for leg in row.legs or []}
        lone = [row for row in flat if row.id not in known and row.order_class != alpaca_orders.MULTI_LEG]
        return alpaca_orders.reservations([*nested, *lone])

    def _open_rows(self, nested: bool) -> list[OrderRow]:
        path = alpaca_orders.ORDERS_PATH
        query = {
            "status": "open",
            "limit": str(ORDERS_MAX),
            "direction": "asc",
            "nested": str(nested).lower(),
        }
        found: dict[str, OrderRow] = {}
        while True:
            rows = parse(ORDERS, self._get(path, query), path)
            fresh = {row.id: row for row in rows if row.id not in found}
            found.update(fresh)
            # Whether legs count towards the limit is not documented: count them.
            if sum(1 + len(row.legs or []) for row in rows) < ORDERS_MAX:
                return list(found.values())
            if not fresh:
                raise VenueError(f"alpaca {path}: the pages do not advance")
            query["after_order_id"] = rows[-1].id

    def quotes(self, symbols: Collection[str]) -> Mapping[str, Quote]:
        """Bid and ask by symbol as asked for; no last price."""
        batches = alpaca_quotes.batches(symbols, self._settings.type)
        asked = {str(number): partial(self._batch, batch) for number, batch in enumerate(batches)}
        answers = together(asked, monotonic() + self._settings.timeout_s)
        return {symbol: quote for found in answers.values() for symbol, quote in found.items()}

    def _batch(self, batch: alpaca_quotes.Batch) -> dict[str, Quote]:
        data = self._client.get_json(self._data + batch.path, batch.params)
        return alpaca_quotes.quotes(data, batch)

    def order(self, client_order_id: str) -> Order | None:
        path = f"{alpaca_orders.ORDERS_PATH}:by_client_order_id"
        query = {"client_order_id": client_order_id}
        data = self._client.find_json(self._trading + path, query, absent=alpaca_orders.NOT_FOUND)
        if data is None:
            return None
        found = alpaca_orders.order(parse(ORDER, data, path))
        if found.client_order_id != client_order_id:
            raise VenueError(f"alpaca {path}: the answer is about another order")
        return found

    def fills(self, since: datetime) -> Iterator[Fill]:
        path = f"{alpaca_activities.ACTIVITIES_PATH}/FILL"
        return iter(alpaca_activities.fills(self._activities(path, FILLS, since, {}), since))

    def flows(self, since: datetime) -> tuple[Flow, ...]:
        """Deposits, withdrawals, journals, cash ACATS and on-chain transfers.

        Raises:
            Unsupported: what moved since is not all stated in USD (see `alpaca_activities.flows`).
        """
        types = {"activity_types": ",".join(alpaca_activities.FLOW_TYPES)}
        rows = self._activities(alpaca_activities.ACTIVITIES_PATH, ACTIVITIES, since, types)
        return alpaca_activities.flows(rows, since)

    def _activities(
        self, path: str, adapter: TypeAdapter[list[Activity]], since: datetime, query: Mapping[str, str]
    ) -> Iterator[Activity]:
        """All pages, rows at page borders perhaps twice. Whole seconds, rounded down, are asked for."""
        query = {
            **query,
            "after": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "direction": "asc",
            "page_size": str(ACTIVITIES_MAX),
        }
        seen: set[str] = set()
        while rows := parse(adapter, self._get(path, query), path):
            if all(row.id in seen for row in rows):
                if len(rows) < ACTIVITIES_MAX:
                    return
                raise VenueError(f"alpaca {path}: the pages do not advance")
            seen.update(row.id for row in rows)
            yield from rows
            query["page_token"] = rows[-1].id

    def history(self, instants: tuple[datetime, ...]) -> Iterator[Statement]:
        """Equity at the close of each instant's New York day; see `alpaca_history.statements`."""
        if not instants:
            return iter(())
        account = self.account()
        if account.currency != "USD":
            raise Unsupported("alpaca states the history of a local-currency account without a rate to USD")
        data = self._get(alpaca_history.HISTORY_PATH, alpaca_history.params(instants))
        return alpaca_history.statements(data, account.account_id, instants)

    def closes(self, symbol: str, since: date, until: date) -> tuple[Close, ...]:
        """Adjusted for splits, dividends and spin-offs as of now; see `alpaca_bars`."""
        asked = alpaca_bars.question(symbol, self._settings.type)
        until = min(until, asked.last_over(self._settings.clock()))
        if since > until:
            return ()
        return alpaca_bars.closes(self._bars(asked, asked.params(since, until)), asked, since, until)

    def _bars(self, asked: alpaca_bars.Question, query: dict[str, str]) -> Iterator[BarRow]:
        seen: set[str] = set()
        while True:
            rows, token = alpaca_bars.page(self._client.get_json(self._data + asked.path, query), asked)
            yield from rows
            if token is None:
                return
            if token in seen:
                raise VenueError(f"alpaca {asked.path}: the pages do not advance")
            seen.add(token)
            query["page_token"] = token

    def place(self, request: OrderRequest) -> Order:
        offers.check(request, self.capabilities, "alpaca", self._settings.type)
        body = alpaca_orders.body(self._sized(request))
        try:
            data = self._client.post_json(self._trading + alpaca_orders.ORDERS_PATH, body)
        except OrderRejected as exc:
            if alpaca_orders.says_id_exists(str(exc)):
                raise OrderUnknown(f"{exc}. Look the order up, never send it again") from None
            raise
        return alpaca_orders.placed(data, request.client_order_id)

    def _sized(self, request: OrderRequest) -> OrderRequest:
        """Options trade in whole contracts, and each series at increments that no endpoint states."""
        if self._settings.type is VenueType.OPTIONS:
            return request
        path = alpaca_assets.path(request.symbol, self._settings.type)
        data = self._client.find_json(self._trading + path, {}, absent=alpaca_orders.NOT_FOUND)
        return alpaca_assets.sized(data, request, lambda: self._held(request.symbol))

    def _held(self, symbol: str) -> Decimal:
        form = alpaca_symbols.joined(symbol)
        return next((one.quantity for one in self.positions() if one.symbol == form), Decimal(0))

    def cancel(self, client_order_id: str) -> Order:
        found = self._known(client_order_id)
        if found.status in alpaca_orders.DONE:
            return found
        self._client.delete(f"{self._trading}{alpaca_orders.ORDERS_PATH}/{quote(found.order_id, safe='')}")
        return self._known(client_order_id)

    def _known(self, client_order_id: str) -> Order:
        found = self.order(client_order_id)
        if found is None:
            raise VenueError(f"alpaca has no order with client order id {client_order_id}")
        return found

    def transfer(self, amount: Decimal, to: str, client_id: str) -> Flow:  # noqa: ARG002 - the protocol's names
        raise Unsupported("alpaca does not offer transfers. Use its web site")

    def _get(self, path: str, query: Mapping[str, str] | None = None) -> object:
        return self._client.get_json(self._trading + path, query)
