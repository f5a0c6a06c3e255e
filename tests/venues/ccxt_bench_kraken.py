"""Kraken spot as a bench (docs.kraken.com/api/docs/rest-api)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from git_qoc.model import VenueType
from tests.venues.bench import Case, Terms
from tests.venues.ccxt_bench_account import NONE_SUCH, NOON, CcxtBench, Kept, midnight
from tests.venues.ccxt_server import Route, Seen


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
            "GET /0/public/OHLC": self._candles,
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

    def _candles(self, seen: Seen) -> Any:
        """Those after `since`, never more than the last so many; that of today is among them."""
        since = int(seen.params.get("since", 0))
        rows = [
            [midnight(day), *(4 * [f"{close:f}"]), f"{close:f}", "1.5", 7]
            for day, close in self.state.closes
            if midnight(day) > since
        ]
        return _ok({"XXBTZUSD": rows[-720:], "last": since})

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
