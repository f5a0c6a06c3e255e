"""Exchanges of ccxt's as benches of the conformance suite: Kraken spot and Kraken Futures on loopback.

Each keeps an account as the venue's documentation describes it (paths, bodies, error words, pages of 50
and 100, numbers as JSON numbers where they are) and knows nothing of the adapter but how it is opened.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from git_qoc.desk.secrets import Secret
from git_qoc.model import OrderRequest, OrderType, Side, VenueType
from git_qoc.venues.base import Connector, Settings
from git_qoc.venues.registry import open_connector
from tests.checks.keys import KRAKEN_KEY, KRAKEN_SECRET
from tests.venues import alpaca_faults
from tests.venues.alpaca_faults import Reply
from tests.venues.bench import Case, Fault, Terms
from tests.venues.ccxt_server import CcxtServer, Route, Seen, payloads

NOON = datetime(2026, 7, 5, 16, tzinfo=UTC)
NONE_SUCH = "the venue's API, as this adapter reads it, has none"


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


class KrakenBench(CcxtBench):
    venue = "kraken"
    type = VenueType.CRYPTO
    terms = Terms("BTC/USD", Decimal(61200), Decimal("0.25"), Decimal("0.00000001"), other="NOSUCH/USD")
    not_supported: Mapping[Case, str] = {
        Case.SHORT_POSITION: "spot coins cannot be sold short",
        Case.MULTI_LEG: NONE_SUCH,
        Case.HISTORY: NONE_SUCH,
        Case.TRANSFER: NONE_SUCH,
    }
    assets: ClassVar[Mapping[str, str]] = {"USD": "ZUSD", "EUR": "ZEUR"}

    def routes(self) -> dict[str, Route]:
        private = {
            "BalanceEx": self._balances,
            "TradeBalance": {"error": [], "result": {"m": "0.0000"}},
            "OpenPositions": {"error": [], "result": {}},
            "OpenOrders": self._open,
            "ClosedOrders": self._closed,
            "AddOrder": self.place,
            "CancelOrder": self._cancel,
            "TradesHistory": self._trades,
            "Ledgers": self._ledgers,
        }
        return {
            **{f"POST /0/private/{name}": self.private(route) for name, route in private.items()},
            "GET /0/public/Time": lambda _: _ok({"unixtime": int(self.venue_time().timestamp())}),
            "GET /0/public/Ticker": self._ticker,
        }

    def stranger(self) -> Any:
        return {"error": ["EAPI:Invalid key"]}

    def refused(self) -> Any:
        return {"error": ["EOrder:Insufficient funds"]}

    def paid(self, amount: Decimal) -> None:
        self.state.cash["USD"] = self.state.cash.get("USD", Decimal(0)) + amount

    def _balances(self, _: Seen) -> Any:
        held = {self.assets.get(code, code): amount for code, amount in self.state.cash.items()}
        held["XXBT"] = self.state.position
        rows = {asset: {"balance": f"{amount:f}", "hold_trade": "0"} for asset, amount in held.items()}
        return _ok(rows)

    def _ticker(self, seen: Seen) -> Any:
        prices = {
            "XXBTZUSD": self.mark,
            "USDTZUSD": Decimal("0.9998"),
            "ZEURZUSD": Decimal("1.1"),
        }
        asked = str(seen.params.get("pair", "")).split(",")
        rows = {
            pair: {"a": [f"{price:f}", "1", "1"], "b": [f"{price:f}", "1", "1"], "c": [f"{price:f}", "1"]}
            for pair, price in prices.items()
            if pair in asked
        }
        return _ok(rows)

    def taken(self, seen: Seen) -> Any:
        form = seen.params
        kept = self.keep(
            Kept(
                order_id=f"O{len(self.state.orders):05d}-ORDER-AAAAAA",
                client_id=str(form["cl_ord_id"]),
                symbol=str(form["pair"]),
                side=str(form["type"]),
                kind=str(form["ordertype"]),
                quantity=Decimal(form["volume"]),
                price=Decimal(form["price"]) if "price" in form else None,
            )
        )
        text = f"{kept.side} {kept.quantity} XBTUSD @ {kept.kind} {kept.price or ''}".strip()
        return _ok({"descr": {"order": text}, "txid": [kept.order_id]})

    def _rows(self, seen: Seen, *, is_open: bool) -> dict[str, Any]:
        wanted = seen.params.get("cl_ord_id")
        return {
            one.order_id: _kraken_order(one)
            for one in self.state.orders
            if (one.state == "open") == is_open and wanted in (None, one.client_id)
        }

    def _open(self, seen: Seen) -> Any:
        return _ok({"open": self._rows(seen, is_open=True)})

    def _closed(self, seen: Seen) -> Any:
        rows = self._rows(seen, is_open=False)
        return _ok({"closed": rows, "count": len(rows)})

    def _cancel(self, seen: Seen) -> Any:
        for one in self.state.orders:
            if one.order_id == seen.params.get("txid") and one.state == "open":
                one.state = "canceled"
                return _ok({"count": 1})
        return {"error": ["EOrder:Unknown order"]}

    def _trades(self, seen: Seen) -> Any:
        """Newest first, fifty at a time from `ofs`; `start` is exclusive."""
        rows = [one for one in self.state.fills if one.time.timestamp() > int(seen.params.get("start", 0))]
        offset = int(seen.params.get("ofs", 0))
        page = list(reversed(rows))[offset : offset + 50]
        trades = {
            one.fill_id: {
                "ordertxid": one.order_id,
                "postxid": "TKH2SE-M7IF5-CFI7LT",
                "pair": "XXBTZUSD",
                "time": one.time.timestamp(),
                "type": one.side,
                "ordertype": "limit",
                "price": f"{one.price:f}",
                "cost": f"{one.price * one.quantity:f}",
                "fee": "0.00000",
                "vol": f"{one.quantity:f}",
                "margin": "0.00000",
                "misc": "",
            }
            for one in page
        }
        return _ok({"trades": trades, "count": len(rows)})

    def _ledgers(self, seen: Seen) -> Any:
        offset = int(seen.params.get("ofs", 0))
        rows = list(enumerate(self.state.flows))[::-1][offset : offset + 50]
        ledger = {
            f"L{number:05d}-FLOWS-AAAAAA": {
                "refid": "X",
                "time": time.timestamp(),
                "type": "deposit" if amount > 0 else "withdrawal",
                "subtype": "",
                "aclass": "currency",
                "asset": "ZUSD",
                "amount": f"{amount:f}",
                "fee": "0.0000",
                "balance": "0.0000",
            }
            for number, (amount, time) in rows
        }
        return _ok({"ledger": ledger, "count": len(self.state.flows)})


class KrakenFuturesBench(CcxtBench):
    venue = "krakenfutures"
    type = VenueType.FUTURES
    terms = Terms("PF_XBTUSD", Decimal(61200), Decimal("0.25"), Decimal("0.0001"), other="PF_NOSUCHUSD")
    not_supported: Mapping[Case, str] = {
        Case.MULTI_LEG: NONE_SUCH,
        Case.FLOWS: NONE_SUCH,
        Case.HISTORY: NONE_SUCH,
        Case.TRANSFER: NONE_SUCH,
    }

    def routes(self) -> dict[str, Route]:
        v3 = "/derivatives/api/v3"
        private = {
            f"GET {v3}/accounts": self._accounts,
            f"GET {v3}/openpositions": self._positions,
            f"GET {v3}/openorders": self._open,
            f"GET {v3}/orders/status": lambda _: self._said({"orders": []}),
            f"GET {v3}/fills": self._fills,
            f"POST {v3}/sendorder": self.place,
            f"POST {v3}/cancelorder": self._cancel,
            "GET /api/history/v2/orders": self._history,
        }
        return {
            **{name: self.private(route) for name, route in private.items()},
            f"GET {v3}/instruments/status": lambda _: self._said({"instrumentStatus": []}),
            f"GET {v3}/tickers": self._tickers,
        }

    def fill_id(self, number: int) -> str:
        return f"{number:08x}-5901-48a5-9bb3-34c6be3ef7a5"

    def _said(self, body: Mapping[str, Any]) -> Reply:
        return _numbers({"result": "success", "serverTime": _stamp(self.venue_time()), **body})

    def stranger(self) -> Any:
        return self._said({"result": "error", "error": "authenticationError"})

    def refused(self) -> Any:
        return self._said(
            {"sendStatus": {"status": "insufficientAvailableFunds", "receivedTime": _stamp(NOON)}}
        )

    def _accounts(self, _: Seen) -> Any:
        rates = {"USD": Decimal(1), "EUR": Decimal("1.1"), "BTC": self.mark}
        cash = {
            code: {"quantity": amount, "value": amount * rates[code], "available": amount}
            for code, amount in self.state.cash.items()
        }
        worth = sum((row["value"] for row in cash.values()), Decimal(0))
        gain = self.state.position * (self.mark - self.state.avg_cost)
        margin = abs(self.state.position) * self.mark / 50
        flex = {
            "type": "multiCollateralMarginAccount",
            "currencies": cash,
            "initialMargin": margin,
            "balanceValue": worth,
            "portfolioValue": worth + gain,
            "pnl": gain,
        }
        return self._said({"accounts": {"flex": flex, "cash": {"type": "cashAccount", "balances": {}}}})

    def _positions(self, _: Seen) -> Any:
        held = self.state.position
        row = {
            "side": "long" if held > 0 else "short",
            "symbol": "PF_XBTUSD",
            "price": self.state.avg_cost,
            "fillTime": _stamp(NOON),
            "size": abs(held),
        }
        return self._said({"openPositions": [row] if held else []})

    def _tickers(self, _: Seen) -> Any:
        row = {
            "symbol": "PF_XBTUSD",
            "last": self.mark,
            "lastTime": _stamp(NOON),
            "markPrice": self.mark,
            "bid": self.mark,
            "ask": self.mark,
            "indexPrice": self.mark,
        }
        return self._said({"tickers": [row]})

    def taken(self, seen: Seen) -> Any:
        form = seen.params
        kept = self.keep(
            Kept(
                order_id=f"{len(self.state.orders):08x}-9eed-4395-8360-ed1a228237c9",
                client_id=str(form["cliOrdId"]),
                symbol=str(form["symbol"]),
                side=str(form["side"]),
                kind=str(form["orderType"]),
                quantity=Decimal(form["size"]),
                price=Decimal(form["limitPrice"]) if "limitPrice" in form else None,
            )
        )
        status = {"status": "placed", "order_id": kept.order_id, "cliOrdId": kept.client_id}
        return self._said({"sendStatus": {**status, "receivedTime": _stamp(NOON), "orderEvents": []}})

    def _open(self, _: Seen) -> Any:
        rows = [
            {
                "order_id": one.order_id,
                "cliOrdId": one.client_id,
                "symbol": one.symbol,
                "side": one.side,
                "orderType": one.kind,
                "limitPrice": one.price,
                "unfilledSize": one.quantity - one.filled,
                "filledSize": one.filled,
                "receivedTime": _stamp(NOON),
                "status": "partiallyFilled" if one.filled else "untouched",
                "reduceOnly": False,
            }
            for one in self.state.orders
            if one.state == "open"
        ]
        return self._said({"openOrders": rows})

    def _history(self, _: Seen) -> Any:
        """The last event of each order that is done; those of the last seconds are in no other list."""
        events = []
        for one in self.state.orders:
            order = {
                "uid": one.order_id,
                "tradeable": one.symbol,
                "direction": one.side.capitalize(),
                "quantity": f"{one.quantity - one.filled:f}",
                "filled": f"{one.filled:f}",
                "limitPrice": f"{one.price:f}" if one.price is not None else "",
                "orderType": "Limit",
                "clientId": one.client_id,
            }
            event = (
                {"OrderUpdated": {"oldOrder": order, "newOrder": order, "reason": "full_fill"}}
                if one.state == "closed"
                else {"OrderCancelled": {"order": order, "reason": "cancelled_by_user"}}
            )
            if one.state != "open":
                events.append({"uid": one.order_id, "timestamp": "1783267200000", "event": event})
        return {"elements": events[::-1], "len": len(events)}

    def _cancel(self, seen: Seen) -> Any:
        for one in self.state.orders:
            if one.order_id == seen.params.get("order_id") and one.state == "open":
                one.state = "canceled"
                return self._said({"cancelStatus": {"status": "cancelled", "order_id": one.order_id}})
        return self._said({"cancelStatus": {"status": "notFound"}})

    def _fills(self, seen: Seen) -> Any:
        """Newest first, a hundred at a time before `lastFillTime`."""
        before = seen.params.get("lastFillTime")
        rows = [
            one
            for one in reversed(self.state.fills)
            if before is None or one.time < datetime.fromisoformat(str(before))
        ]
        fills = [
            {
                "fill_id": one.fill_id,
                "symbol": "PF_XBTUSD",
                "side": one.side,
                "order_id": one.order_id,
                "size": one.quantity,
                "price": one.price,
                "fillTime": _stamp(one.time),
                "fillType": "taker",
            }
            for one in rows[:100]
        ]
        return self._said({"fills": fills})


class KrakenPerpetualsBench(KrakenFuturesBench):
    """The same account as a connector of type crypto: perpetuals."""

    type = VenueType.CRYPTO


def _ok(result: Any) -> Any:
    return {"error": [], "result": result}


def _kraken_order(one: Kept) -> dict[str, Any]:
    return {
        "cl_ord_id": one.client_id,
        "status": one.state,
        "opentm": NOON.timestamp(),
        "descr": {
            "pair": "XBTUSD",
            "type": one.side,
            "ordertype": one.kind,
            "price": f"{one.price or 0:f}",
            "price2": "0",
            "order": "",
        },
        "vol": f"{one.quantity:f}",
        "vol_exec": f"{one.filled:f}",
        "cost": "0",
        "fee": "0",
        "price": "0",
        "oflags": "fciq",
    }


def _stamp(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _numbers(body: Any) -> Reply:
    """JSON with decimals as numbers, all their digits written out."""
    text = json.dumps(body, default=lambda number: f"#{number:f}#")
    return Reply(200, re.sub(r'"#(-?[0-9.]+)#"', r"\1", text).encode())
