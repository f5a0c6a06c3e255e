"""Kraken Futures as a bench (docs.kraken.com/api/docs/futures-api)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from git_qoc.model import VenueType
from tests.venues.alpaca_faults import Reply
from tests.venues.bench import Case, Terms
from tests.venues.ccxt_bench_account import NONE_SUCH, NOON, CcxtBench, Kept, midnight
from tests.venues.ccxt_server import Route, Seen

CANDLES = 9


class KrakenFuturesBench(CcxtBench):
    venue = "krakenfutures"
    type = VenueType.FUTURES
    terms = Terms("PF_XBTUSD", Decimal(61200), Decimal("0.25"), Decimal("0.0001"), other="PF_NOSUCHUSD")
    not_supported: Mapping[Case, str] = {
        Case.MULTI_LEG: NONE_SUCH,
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
            "GET /api/history/v3/account-log": self._log,
        }
        return {
            **{name: self.private(route) for name, route in private.items()},
            f"GET {v3}/instruments/status": lambda _: self._said({"instrumentStatus": []}),
            f"GET {v3}/tickers": self._tickers,
            "GET /api/charts/v1/trade/PF_XBTUSD/1d": self._candles,
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
            "initialMarginWithOrders": margin,
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

    def _candles(self, seen: Seen) -> Any:
        """The first so many of those between `from` and `to`."""
        first, last = int(seen.params["from"]), int(seen.params["to"])
        rows = [
            {
                "time": midnight(day) * 1000,
                **dict.fromkeys(("open", "high", "low", "close"), f"{close:f}"),
                "volume": "3",
            }
            for day, close in self.state.closes
            if first <= midnight(day) <= last
        ]
        return {"candles": rows[:CANDLES], "more_candles": len(rows) > CANDLES}

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

    def _log(self, seen: Seen) -> Any:
        """Oldest first by `id`, from `from` on, `count` at a time."""
        first = int(seen.params.get("from", 0))
        rows = [
            {
                "id": number,
                "booking_uid": f"{number:08x}-2dec-4e07-a24c-d5a411d69987",
                "date": _stamp(time),
                "info": "cross-exchange transfer",
                "asset": "usd",
                "contract": None,
                "old_balance": Decimal(0),
                "new_balance": amount,
            }
            for number, (amount, time) in enumerate(self.state.flows)
            if number >= first and time.timestamp() * 1000 >= int(seen.params["since"])
        ]
        return _numbers({"logs": rows[: int(seen.params["count"])]})

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


def _stamp(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _numbers(body: Any) -> Reply:
    """JSON with decimals as numbers, all their digits written out."""
    text = json.dumps(body, default=lambda number: f"#{number:f}#")
    return Reply(200, re.sub(r'"#(-?[0-9.]+)#"', r"\1", text).encode())
