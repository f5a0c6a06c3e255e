"""tastytrade (stocks, ETFs, options, CME futures): https://developer.tastytrade.com.

Auth: `client_secret` of an OAuth application and `refresh_token` of a personal grant with the
scopes read and trade. Without `account` in desk.toml the login must open one account only.
Symbols are tastytrade's: see `tastytrade_symbols`. Amounts are USD; times are UTC, days are
New York's. One account holds all asset classes, whatever the connector's type.

Cash of a futures account holds what was settled each day, so a position adds only what came
since (`settle_price`). An order is looked up by `external-identifier`, for which the API has
no question: today's orders are read, then all others, newest first. It does not refuse an
identifier that was used before. Each order is tried (dry run) before it is sent.

It cannot: transfer money, tell the time of its clock, give cash or positions of past days, say
what an order for a future holds back, trade fractions, coins or options on futures.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import TypeAdapter

from git_qoc.asking import together
from git_qoc.errors import CredentialsRefused, OrderUnknown, Unsupported, VenueError
from git_qoc.model import Account, Close, Fill, Flow, Order, OrderRequest, Position, Quote, Statement
from git_qoc.venues import (
    offers,
    tastytrade_account,
    tastytrade_orders,
    tastytrade_payloads,
    tastytrade_transactions,
)
from git_qoc.venues.base import Settings
from git_qoc.venues.client import Client
from git_qoc.venues.offers import Capabilities
from git_qoc.venues.payloads import parse
from git_qoc.venues.shared import Shared
from git_qoc.venues.tastytrade_login import Login
from git_qoc.venues.tastytrade_offers import CAPABILITIES
from git_qoc.venues.tastytrade_payloads import OrderRow, TransactionRow
from git_qoc.venues.tastytrade_symbols import kind

LIVE = "https://api.tastyworks.com"
SANDBOX = "https://api.cert.tastyworks.com"
HOSTS = ("api.tastyworks.com", "api.cert.tastyworks.com")
PER_PAGE = 100
SYMBOLS_MAX = 100
LATE = timedelta(days=7)
"""How long after it happened a movement of money may be booked."""

Row = TypeVar("Row", OrderRow, TransactionRow)


class Tastytrade:
    """One tastytrade account as a `Connector`; opening it asks the venue nothing.

    Raises:
        VenueError: a secret is missing.
    """

    def __init__(self, settings: Settings) -> None:
        try:
            refresh, secret = settings.secrets["refresh_token"], settings.secrets["client_secret"]
        except KeyError as exc:
            raise VenueError(f"tastytrade needs {exc.args[0]} in [connector.auth]") from None
        self._settings = settings
        base_url = settings.base_url.rstrip("/") if settings.base_url is not None else None
        self._api = base_url or (SANDBOX if settings.sandbox else LIVE)
        self._client = Client(
            HOSTS,
            {},
            timeout_s=settings.timeout_s,
            allowed_hosts=settings.allowed_hosts,
            said=_said,
        )
        self._login = Login(self._client, f"{self._api}/oauth/token", refresh, secret)
        self._number = Shared(self._only_number)

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES[self._settings.type]

    def health(self) -> str | None:
        """None once the login works; the API does not tell the time."""
        self._login.headers()
        return None

    def account(self) -> Account:
        number = self._account_number()
        base = f"/accounts/{number}"
        asks = {
            "balances": partial(self._data, f"{base}/balances"),
            "trading status": partial(self._data, f"{base}/trading-status"),
            "account": partial(self._data, f"/customers/me/accounts/{number}"),
        }
        told = together(asks, monotonic() + self._settings.timeout_s)
        return tastytrade_account.account(
            parse(tastytrade_payloads.ACCOUNT, told["account"], "tastytrade /accounts"),
            parse(tastytrade_payloads.BALANCE, told["balances"], "tastytrade /balances"),
            parse(tastytrade_payloads.STATUS, told["trading status"], "tastytrade /trading-status"),
            self._settings.type,
        )

    def positions(self) -> tuple[Position, ...]:
        items = self._items(self._path("positions"), {"include-marks": "true"})
        return tastytrade_account.positions(
            parse(tastytrade_payloads.POSITIONS, items, "tastytrade /positions")
        )

    def open_orders(self) -> tuple[Order, ...]:
        rows = self._pages(self._path("orders/live"), {}, tastytrade_payloads.ORDERS)
        found = {row.id: tastytrade_orders.order(row) for row in rows}
        return tuple(order for order in found.values() if order.status not in tastytrade_orders.DONE)

    def quotes(self, symbols: Collection[str]) -> Mapping[str, Quote]:
        wanted = sorted(set(symbols))
        found: dict[str, Quote] = {}
        for start in range(0, len(wanted), SYMBOLS_MAX):
            batch = wanted[start : start + SYMBOLS_MAX]
            asked: dict[str, list[str]] = {}
            for symbol in batch:
                asked.setdefault(kind(symbol), []).append(symbol)
            query = {name: ",".join(some) for name, some in asked.items()}
            rows = parse(
                tastytrade_payloads.QUOTES,
                self._items("/market-data/by-type", query),
                "tastytrade /market-data",
            )
            found |= tastytrade_account.quotes(rows, batch)
        return found

    def order(self, client_order_id: str) -> Order | None:
        row = self._row(client_order_id)
        return None if row is None else tastytrade_orders.order(row)

    def _row(self, client_order_id: str) -> OrderRow | None:
        """Today's orders first, then all, newest first: None only when none has this id."""
        for path, query in ((self._path("orders/live"), {}), (self._path("orders"), {"sort": "Desc"})):
            for row in self._pages(path, query, tastytrade_payloads.ORDERS):
                if row.external_identifier == client_order_id:
                    return row
        return None

    def fills(self, since: datetime) -> Iterator[Fill]:
        rows = list(self._transactions("Trade", since))
        multipliers = {
            symbol: self._contract_size(symbol) for symbol in tastytrade_transactions.futures_in(rows)
        }
        return iter(tastytrade_transactions.fills(rows, since, multipliers))

    def _contract_size(self, symbol: str) -> Decimal:
        data = self._data(f"/instruments/futures/{quote(symbol, safe='')}")
        return parse(tastytrade_payloads.FUTURE, data, "tastytrade /instruments/futures").notional_multiplier

    def flows(self, since: datetime) -> tuple[Flow, ...]:
        kinds = ("Money Movement", "Receive Deliver")
        rows = [row for name in kinds for row in self._transactions(name, since - LATE)]
        return tastytrade_transactions.flows(rows, since)

    def _transactions(self, name: str, since: datetime) -> Iterator[TransactionRow]:
        start = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        query = {"type": name, "start-at": start, "sort": "Asc"}
        return self._pages(self._path("transactions"), query, tastytrade_payloads.TRANSACTIONS)

    def history(self, instants: tuple[datetime, ...]) -> Iterator[Statement]:
        """Net liquidating values; see `tastytrade_account.statements`."""
        if not instants:
            return iter(())
        back = tastytrade_account.window(instants[0], self._settings.clock())
        items = self._items(self._path("net-liq/history"), {"time-back": back})
        rows = parse(tastytrade_payloads.NET_LIQ, items, "tastytrade /net-liq/history")
        return tastytrade_account.statements(rows, self._account_number(), instants)

    def place(self, request: OrderRequest) -> Order:
        offers.check(request, self.capabilities, "tastytrade", self._settings.type)
        tastytrade_orders.check(request, self._settings.type)
        held = {position.symbol: position.quantity for position in self.positions()}
        body = tastytrade_orders.body(request, held)
        url = f"{self._api}{self._path('orders')}"
        try:
            self._client.post_json(f"{url}/dry-run", body, self._login.headers())
        except OrderUnknown as exc:
            raise VenueError(
                f"{str(exc).partition('. It may')[0]}. Only tried: nothing was ordered"
            ) from None
        data = self._client.post_json(url, body, self._login.headers())
        return self._placed(data, request.client_order_id)

    def _placed(self, data: object, client_order_id: str) -> Order:
        inner = data.get("data") if isinstance(data, dict) else None
        try:
            found = tastytrade_orders.order(
                parse(tastytrade_payloads.PLACED, inner, "tastytrade /orders").order
            )
        except VenueError as exc:
            raise OrderUnknown(f"{exc}. It was taken: look the order up, never send it again") from None
        if found.client_order_id != client_order_id:
            raise OrderUnknown("tastytrade /orders: the answer is about another order. Look ours up")
        return found

    def cancel(self, client_order_id: str) -> Order:
        row = self._row(client_order_id)
        if row is None:
            raise VenueError(f"tastytrade has no order with client order id {client_order_id}")
        found = tastytrade_orders.order(row)
        if found.status in tastytrade_orders.DONE:
            return found
        path = self._path(f"orders/{quote(row.id, safe='')}")
        self._client.delete(self._api + path, self._login.headers())
        return tastytrade_orders.order(
            parse(tastytrade_payloads.ORDER, self._data(path), "tastytrade /orders")
        )

    def closes(self, symbol: str, since: date, until: date) -> tuple[Close, ...]:  # noqa: ARG002 - the protocol's names
        raise Unsupported("tastytrade's API tells no past prices, only its stream does")

    def transfer(self, amount: Decimal, to: str, client_id: str) -> Flow:  # noqa: ARG002 - the protocol's names
        raise Unsupported("tastytrade's API moves no money. Use its web site")

    def _path(self, rest: str) -> str:
        return f"/accounts/{self._account_number()}/{rest}"

    def _account_number(self) -> str:
        return quote(self._settings.account or self._number.get(), safe="")

    def _only_number(self) -> str:
        items = self._items("/customers/me/accounts", {})
        rows = parse(tastytrade_payloads.OWNED, items, "tastytrade /customers/me/accounts")
        return tastytrade_account.only_number(rows)

    def _data(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        body = self._body(path, query)
        return body["data"]

    def _items(self, path: str, query: Mapping[str, str]) -> Any:
        return _items_of(self._body(path, query), path)

    def _body(self, path: str, query: Mapping[str, str] | None) -> dict[str, Any]:
        headers = self._login.headers()
        try:
            body = self._client.get_json(self._api + path, query, headers)
        except CredentialsRefused:
            self._login.drop(headers)
            body = self._client.get_json(self._api + path, query, self._login.headers())
        if not isinstance(body, dict) or "data" not in body:
            raise VenueError(f"tastytrade {path}: expected an object with data")
        return body

    def _pages(self, path: str, query: Mapping[str, str], rows: TypeAdapter[list[Row]]) -> Iterator[Row]:
        """Every row of every page, each id once; a page that tells nothing new is the last."""
        told: set[str] = set()
        page = 0
        while True:
            asked = {**query, "per-page": str(PER_PAGE), "page-offset": str(page)}
            body = self._body(path, asked)
            found = parse(rows, _items_of(body, path), f"tastytrade {path.rpartition('/')[2]}")
            fresh = [row for row in found if row.id not in told]
            yield from fresh
            told.update(row.id for row in fresh)
            page += 1
            if page >= _page_count(body, path, page) or not fresh:
                return


def _page_count(body: dict[str, Any], path: str, page: int) -> int:
    """How many pages there are; where it is not stated, there may be another one."""
    pagination = body.get("pagination")
    if pagination is None:
        return page + 1
    pages = pagination.get("total-pages") if isinstance(pagination, dict) else None
    if not isinstance(pages, int) or isinstance(pages, bool) or pages < 0:
        raise VenueError(f"tastytrade {path}: expected pagination with a number of total-pages")
    return pages


def _items_of(body: dict[str, Any], path: str) -> Any:
    data = body["data"]
    if not isinstance(data, dict) or "items" not in data:
        raise VenueError(f"tastytrade {path}: expected items")
    return data["items"]


def _said(body: object) -> str | None:
    """`{"error": {"message": …, "errors": [{"message" or "reason": …}]}}`, the particular one first."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return None
    listed = error.get("errors")
    first = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
    text = first.get("message") or first.get("reason") or error.get("message")
    return text if isinstance(text, str) else None
