"""tastytrade on loopback, with one account: 5WT00001.

Shapes, keys and examples are those of developer.tastytrade.com (API reference, "Order Management",
"Market Data") and of its OpenAPI documents: paths with the query parameters they list, and the keys
of an order. A request with anything else fails the test when the `with` block is left.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.checks.keys import ALNUM, made_of
from tests.venues.alpaca_faults import Fault, Reply
from tests.venues.loopback import Loopback, Seen, json_reply

ACCOUNT = "5WT00001"
NOON = datetime(2026, 7, 6, 16, tzinfo=UTC)
CLIENT_SECRET, REFRESH_TOKEN, TOKEN = (made_of(ALNUM, 40, seed=seed) for seed in (701, 702, 703))
PAGED = frozenset({"page-offset", "per-page"})
DAYS = frozenset({"start-date", "end-date", "start-at", "end-at", "sort"})
QUERIES = {
    ("GET", "/customers/me/accounts"): frozenset[str](),
    ("GET", "/customers/me/accounts/{}"): frozenset[str](),
    ("GET", "/accounts/{}/balances"): frozenset[str](),
    ("GET", "/accounts/{}/trading-status"): frozenset[str](),
    ("GET", "/accounts/{}/positions"): frozenset({"include-marks", "symbol", "instrument-type"}),
    ("GET", "/accounts/{}/orders"): PAGED | DAYS | {"status", "underlying-symbol"},
    ("GET", "/accounts/{}/orders/live"): PAGED,
    ("GET", "/accounts/{}/orders/{}"): frozenset[str](),
    ("DELETE", "/accounts/{}/orders/{}"): frozenset[str](),
    ("POST", "/accounts/{}/orders"): frozenset[str](),
    ("POST", "/accounts/{}/orders/dry-run"): frozenset[str](),
    ("GET", "/accounts/{}/transactions"): PAGED | DAYS | {"type", "sub-type", "symbol"},
    ("GET", "/accounts/{}/net-liq/history"): frozenset({"time-back", "start-time", "end-time", "interval"}),
    ("GET", "/market-data/by-type"): frozenset(
        {"index", "equity", "equity-option", "future", "future-option", "cryptocurrency"}
    ),
    ("GET", "/instruments/futures/{}"): frozenset[str](),
    ("POST", "/oauth/token"): frozenset[str](),
}
ORDER_KEYS = frozenset(
    {
        "gtc-date", "order-type", "stop-trigger", "time-in-force", "price", "price-effect", "value",
        "value-effect", "automated-source", "external-identifier", "partition-key", "preflight-id", "source",
        "legs", "rules", "advanced-instructions",
    }
)  # fmt: skip
LEG_KEYS = {"instrument-type", "symbol", "quantity", "action"}
TERMINAL = {"Filled", "Cancelled", "Expired", "Rejected", "Removed"}


class TastytradeServer(Loopback):
    """State may be changed between requests; `after_accepting` is how a taken order is answered."""

    def __init__(self) -> None:
        super().__init__()
        self.accounts: list[dict[str, Any]] = [
            {"account-number": ACCOUNT, "margin-or-cash": "Margin", "is-closed": False}
        ]
        self.cash = self.worth = Decimal(0)
        self.margins = Decimal(0), Decimal(0)
        self.status: dict[str, Any] = {"is-closed": False, "is-frozen": False, "is-futures-enabled": True}
        self.positions: list[dict[str, Any]] = []
        self.orders: list[dict[str, Any]] = []
        self.transactions: list[dict[str, Any]] = []
        self.net_liq: list[dict[str, Any]] = []
        self.quotes: dict[str, dict[str, Any]] = {}
        self.multipliers = {"/ESZ6": "50.0"}
        self.granted = REFRESH_TOKEN
        self.tokens = 0
        self.dry_run: Fault | None = None
        self.after_accepting: Fault | None = None

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def route(self, seen: Seen) -> Fault:
        shape = re.sub(rf"/({ACCOUNT}|\d+)(?=/|$)|(?<=/futures)//?[A-Z0-9]+", "/{}", seen.path)
        allowed = QUERIES.get((seen.method, shape))
        if allowed is None or not seen.query.keys() <= allowed:
            self.noticed.append(f"{seen.method} {seen.path} {sorted(seen.query)} is not in the API")
        if not re.fullmatch(r"[^/ ]+/[^/ ]+", seen.headers.get("user-agent", "")):
            return refused(401, "unauthorized", "User-Agent: expected product/version")
        if shape == "/oauth/token":
            return self._token(seen)
        if seen.headers.get("authorization") != f"Bearer {TOKEN}-{self.tokens}":
            return refused(401, "invalid_token", "The access token is invalid")
        return self._answer(seen, shape)

    def _token(self, seen: Seen) -> Reply:
        if seen.body != {
            "grant_type": "refresh_token",
            "refresh_token": self.granted,
            "client_secret": CLIENT_SECRET,
        }:
            return json_reply({"error_code": "invalid_grant", "error_description": "Grant revoked"}, 400)
        self.tokens += 1
        return json_reply(
            {"access_token": f"{TOKEN}-{self.tokens}", "token_type": "Bearer", "expires_in": 900}
        )

    def _answer(self, seen: Seen, shape: str) -> Fault:
        answers: dict[tuple[str, str], Callable[[], Fault]] = {
            ("GET", "/customers/me/accounts"): self._accounts,
            ("GET", "/customers/me/accounts/{}"): lambda: data(self.accounts[0]),
            ("GET", "/accounts/{}/balances"): lambda: data(self._balances()),
            ("GET", "/accounts/{}/trading-status"): lambda: data({"account-number": ACCOUNT, **self.status}),
            ("GET", "/accounts/{}/positions"): lambda: items(self.positions),
            ("GET", "/accounts/{}/orders/live"): lambda: self._paged(seen, self.orders[::-1]),
            ("GET", "/accounts/{}/orders"): lambda: self._paged(seen, self.orders[::-1]),
            ("GET", "/accounts/{}/orders/{}"): lambda: data(self._order(seen)),
            ("DELETE", "/accounts/{}/orders/{}"): lambda: self._cancel(seen),
            ("POST", "/accounts/{}/orders"): lambda: self._submit(seen, dry=False),
            ("POST", "/accounts/{}/orders/dry-run"): lambda: self._submit(seen, dry=True),
            ("GET", "/accounts/{}/transactions"): lambda: self._transactions(seen),
            ("GET", "/accounts/{}/net-liq/history"): lambda: items(self.net_liq),
            ("GET", "/market-data/by-type"): lambda: self._quotes(seen),
            ("GET", "/instruments/futures/{}"): lambda: self._future(seen),
        }
        return answers[seen.method, shape]()

    def _accounts(self) -> Reply:
        return items([{"account": row, "authority-level": "owner"} for row in self.accounts])

    def _quotes(self, seen: Seen) -> Reply:
        wanted = [symbol for some in seen.query.values() for symbol in some.split(",")]
        return items([self.quotes[symbol] for symbol in wanted if symbol in self.quotes])

    def _future(self, seen: Seen) -> Reply:
        symbol = "/" + seen.path.rpartition("/")[2]
        return data({"symbol": symbol, "notional-multiplier": self.multipliers[symbol]})

    def _balances(self) -> dict[str, Any]:
        return {
            "account-number": ACCOUNT,
            "currency": "USD",
            "cash-balance": format(self.cash, "f"),
            "net-liquidating-value": format(self.worth, "f"),
            "reg-t-margin-requirement": str(self.margins[0]),
            "futures-overnight-margin-requirement": str(self.margins[1]),
            "derivative-buying-power": format(self.worth, "f"),
        }

    def _order(self, seen: Seen) -> dict[str, Any]:
        return next(row for row in self.orders if str(row["id"]) == seen.path.rpartition("/")[2])

    def _cancel(self, seen: Seen) -> Reply:
        row = self._order(seen)
        if row["status"] in TERMINAL:
            return refused(422, "order_not_cancellable", "Order is not cancellable")
        row["status"] = "Cancelled"
        return data({**row, "status": "Cancel Requested"})

    def _submit(self, seen: Seen, *, dry: bool) -> Fault:
        legs = seen.body.get("legs", [])
        limited = seen.body["order-type"] in ("Limit", "Stop Limit")
        if not seen.body.keys() <= ORDER_KEYS or any(leg.keys() != LEG_KEYS for leg in legs):
            self.noticed.append(f"an order with the keys {sorted(seen.body)}")
        if limited != (seen.body.keys() >= {"price", "price-effect"}):
            self.noticed.append("price and price-effect go with limit orders")
        if dry:
            return self.dry_run or data({"order": {**seen.body, "status": "Received"}, "warnings": []}, 201)
        row = {
            **seen.body,
            "id": 54758826 + len(self.orders),
            "account-number": ACCOUNT,
            "size": legs[0]["quantity"] if len(legs) == 1 else _unit(legs),
            "status": "Live",
            "received-at": "2026-07-06T15:00:00.000+00:00",
            "legs": [{**leg, "remaining-quantity": leg["quantity"], "fills": []} for leg in legs],
        }
        self.orders.append(row)
        return self.after_accepting or data({"order": row, "warnings": []}, 201)

    def _transactions(self, seen: Seen) -> Reply:
        since = datetime.fromisoformat(seen.query["start-at"])
        rows = [
            row
            for row in self.transactions
            if row["transaction-type"] == seen.query["type"]
            and datetime.fromisoformat(row["executed-at"]) >= since
        ]
        return self._paged(seen, rows)

    def _paged(self, seen: Seen, rows: list[dict[str, Any]]) -> Reply:
        size, page = min(int(seen.query["per-page"]), 100), int(seen.query["page-offset"])
        pages = -(-len(rows) // size)
        told = {"per-page": size, "page-offset": page, "total-items": len(rows), "total-pages": pages}
        some = rows[page * size : (page + 1) * size]
        return json_reply({"data": {"items": some}, "pagination": told, "context": seen.path})


def _unit(legs: list[dict[str, Any]]) -> int:
    return min(int(leg["quantity"]) for leg in legs)


def data(value: Any, status: int = 200) -> Reply:
    return json_reply({"data": value, "context": "/"}, status)


def items(rows: list[Any]) -> Reply:
    return data({"items": rows})


def refused(status: int, code: str, message: str, *errors: str) -> Reply:
    told = [{"code": code, "message": one} for one in errors]
    return json_reply({"error": {"code": code, "message": message, "errors": told}}, status)
