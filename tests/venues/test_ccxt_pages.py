"""Pages and look-ups at the exchanges of ccxt's: nothing lost, nothing doubled, no guess."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from git_qoc.errors import RateLimited, Unsupported, VenueError
from git_qoc.model import OrderStatus, OrderType, VenueType
from tests.venues import alpaca_faults
from tests.venues.ccxt_connectors import connector, served
from tests.venues.ccxt_server import Seen, reply

D = Decimal
FUTURES = VenueType.FUTURES
SINCE = datetime(2026, 7, 1, tzinfo=UTC)
START = int(SINCE.timestamp() * 1000)
OURS = "0f3d2b1c4a5968778695a4b3c2d1e0ff"


def okx_page(rows: list[dict[str, Any]], key: str) -> Any:
    """OKX: newest first, a hundred at a time, `after` an id; SPOT has all, other kinds none."""

    def page(seen: Seen) -> Any:
        if seen.params.get("instType", "SPOT") != "SPOT":
            return {"code": "0", "msg": "", "data": []}
        after = int(seen.params.get("after", 10**9))
        older = [row for row in reversed(rows) if int(row[key]) < after]
        return {"code": "0", "msg": "", "data": older[: int(seen.params["limit"])]}

    return page


def okx_fill(number: int) -> dict[str, Any]:
    return {
        "side": "buy",
        "fillSz": "0.001",
        "fillPx": "100000",
        "fee": "0",
        "feeCcy": "BTC",
        "ordId": str(number),
        "instType": "SPOT",
        "instId": "BTC-USDT",
        "billId": str(number),
        "tradeId": "7",
        "ts": str(START + 1 + number // 3),
    }


def okx_order(number: int, **changes: Any) -> dict[str, Any]:
    row = {
        "instType": "SPOT",
        "instId": "BTC-USDT",
        "ordId": str(number),
        "clOrdId": f"id{number}",
        "ordType": "limit",
        "side": "buy",
        "px": "100000",
        "sz": "0.25",
        "accFillSz": "0",
        "state": "live",
        "cTime": str(START),
    }
    return {**row, **changes}


def test_okx_fills_are_read_over_all_pages() -> None:
    rows = [okx_fill(number) for number in range(1, 251)]
    with served(
        "okx", **{f"GET /api/v5/trade/fills-history{kind}": okx_page(rows, "billId") for kind in KINDS}
    ) as (server):
        fills = list(connector("okx", server.url).fills(SINCE))
    assert [fill.fill_id for fill in fills] == sorted((str(number) for number in range(1, 251)), key=key)


KINDS = ("", "?SPOT", "?SWAP")


def key(fill_id: str) -> tuple[int, str]:
    """By time, then by id as text."""
    return int(fill_id) // 3, fill_id


def test_okx_open_orders_are_read_over_all_pages() -> None:
    rows = [okx_order(number) for number in range(1, 251)]
    with served("okx", **{"GET /api/v5/trade/orders-pending": okx_page(rows, "ordId")}) as server:
        orders = connector("okx", server.url).open_orders()
    assert sorted(int(order.order_id) for order in orders) == list(range(1, 251))


def test_pages_that_do_not_advance_are_an_error_and_not_the_end() -> None:
    same = {"code": "0", "msg": "", "data": [okx_order(number) for number in range(1, 101)]}
    with (
        served("okx", **{"GET /api/v5/trade/orders-pending": same}) as server,
        pytest.raises(VenueError, match="do not advance"),
    ):
        connector("okx", server.url).open_orders()


def hyperliquid_fill(number: int) -> dict[str, Any]:
    return {
        "coin": "ETH",
        "px": "2213.9",
        "sz": "0.2",
        "side": "A",
        "time": START + 1 + number // 3,
        "oid": number,
        "fee": "0.01",
        "feeToken": "USDC",
        "tid": number,
    }


def test_hyperliquid_fills_are_read_over_pages_that_share_a_millisecond() -> None:
    rows = [hyperliquid_fill(number) for number in range(4500)]

    def page(seen: Seen) -> Any:
        return [row for row in rows if row["time"] >= seen.params["startTime"]][:2000]

    with served("hyperliquid", **{"POST /info?userFillsByTime": page}) as server:
        fills = list(connector("hyperliquid", server.url).fills(SINCE))
    assert sorted(int(fill.fill_id) for fill in fills) == list(range(4500))


def deribit_trade(number: int) -> dict[str, Any]:
    return {
        "trade_id": str(number),
        "timestamp": START + 1 + number // 3,
        "price": 50000.0,
        "order_id": "1",
        "instrument_name": "BTC-PERPETUAL",
        "fee_currency": "BTC",
        "fee": 0.0,
        "direction": "sell",
        "amount": 10.0,
    }


def test_deribit_fills_are_read_over_pages_and_both_places_that_overlap() -> None:
    rows = [deribit_trade(number) for number in range(2500)]

    def page(seen: Seen) -> Any:
        kept = rows[:2000] if seen.params["historical"] == "true" else rows[1500:]
        found = [row for row in kept if row["timestamp"] >= int(seen.params["start_timestamp"])]
        count = int(seen.params["count"])
        return {"jsonrpc": "2.0", "result": {"trades": found[:count], "has_more": len(found) > count}}

    path = "GET /api/v2/private/get_user_trades_by_currency_and_time?BTC"
    with served("deribit", **{path: page}) as server:
        fills = list(connector("deribit", server.url, FUTURES).fills(SINCE))
    assert sorted(int(fill.fill_id) for fill in fills) == list(range(2500))


def test_a_traded_option_makes_fills_unknown_and_not_the_account_unreadable() -> None:
    row = {**deribit_trade(1), "instrument_name": "BTC-25SEP26-52000-P"}
    body = {"jsonrpc": "2.0", "result": {"trades": [row], "has_more": False}}
    path = "GET /api/v2/private/get_user_trades_by_currency_and_time?BTC"
    with served("deribit", **{path: body}) as server, pytest.raises(Unsupported, match="52000-P"):
        connector("deribit", server.url, FUTURES).fills(SINCE)


def krakenfutures_status(state: str, quantity: float, filled: float) -> dict[str, Any]:
    order = {
        "type": "ORDER",
        "orderId": "a02a5141",
        "cliOrdId": OURS,
        "symbol": "PF_LTCUSD",
        "side": "buy",
        "quantity": quantity,
        "filled": filled,
        "limitPrice": 50.0,
        "reduceOnly": False,
        "timestamp": "2026-07-05T15:59:58.000Z",
        "lastUpdateTimestamp": "2026-07-05T15:59:59.000Z",
    }
    row = {"order": order, "status": state, "updateReason": None, "error": None}
    body = {"result": "success", "serverTime": "2026-07-05T16:00:00.000Z", "orders": [row]}
    return {"GET /derivatives/api/v3/orders/status": body}


@pytest.mark.parametrize("quantity", [0.0, 0.5], ids=["what is left", "all of it"])
def test_a_krakenfutures_order_filled_a_moment_ago_is_found_whatever_quantity_means(quantity: float) -> None:
    with served("krakenfutures", **krakenfutures_status("FULLY_EXECUTED", quantity, 0.5)) as server:
        found = connector("krakenfutures", server.url, FUTURES).order(OURS)
    assert found is not None
    assert (found.status, found.quantity, found.filled_quantity) == (OrderStatus.FILLED, D("0.5"), D("0.5"))


def test_a_krakenfutures_order_canceled_a_moment_ago_is_found() -> None:
    with served("krakenfutures", **krakenfutures_status("CANCELLED", 0.5, 0.0)) as server:
        found = connector("krakenfutures", server.url, FUTURES).order(OURS)
    assert found is not None
    assert (found.status, found.quantity, found.filled_quantity) == (OrderStatus.CANCELED, D("0.5"), D(0))


def test_a_krakenfutures_order_whose_size_is_not_plain_is_not_guessed() -> None:
    with (
        served("krakenfutures", **krakenfutures_status("CANCELLED", 0.5, 0.2)) as server,
        pytest.raises(VenueError, match="Ask again"),
    ):
        connector("krakenfutures", server.url, FUTURES).order(OURS)


def test_a_long_history_that_was_not_read_to_its_end_does_not_say_that_an_order_is_absent() -> None:
    body = {"elements": [], "len": "0", "continuationToken": "more"}
    with (
        served("krakenfutures", **{"GET /api/history/v2/orders": body}) as server,
        pytest.raises(VenueError, match="there are more"),
    ):
        connector("krakenfutures", server.url, FUTURES, timeout_s=30.0).order(OURS)


def test_a_deribit_order_is_found_by_its_label_in_any_currency() -> None:
    row = {
        "order_id": "7",
        "label": OURS,
        "instrument_name": "BTC_USDC-PERPETUAL",
        "order_state": "cancelled",
        "order_type": "stop_limit",
        "price": 60000.0,
        "trigger_price": 61000.0,
        "amount": 0.5,
        "filled_amount": 0.0,
        "average_price": 0.0,
        "direction": "buy",
        "creation_timestamp": START,
    }
    path = "GET /api/v2/private/get_order_state_by_label?USDC"
    with served("deribit", **{path: {"jsonrpc": "2.0", "result": [row]}}) as server:
        found = connector("deribit", server.url, FUTURES).order(OURS)
        missing = connector("deribit", server.url, FUTURES).order("x")
    assert found is not None
    assert (found.status, found.type) == (OrderStatus.CANCELED, OrderType.STOP_LIMIT)
    assert (found.limit_price, found.stop_price) == (D(60000), D(61000))
    assert missing is None


def test_a_hyperliquid_order_is_found_by_its_id() -> None:
    order = {
        "coin": "ETH",
        "side": "B",
        "limitPx": "2200.5",
        "sz": "0.0",
        "oid": 77,
        "timestamp": START,
        "isTrigger": False,
        "triggerPx": "0.0",
        "reduceOnly": False,
        "orderType": "Limit",
        "origSz": "0.2",
        "tif": "Gtc",
        "cloid": f"0x{OURS}",
    }
    body = {"status": "order", "order": {"order": order, "status": "filled", "statusTimestamp": START}}
    with served("hyperliquid", **{"POST /info?orderStatus": body}) as server:
        found = connector("hyperliquid", server.url).order(OURS)
        (asked,) = [seen for seen in server.requests if seen.params.get("type") == "orderStatus"]
    assert asked.params["oid"] == f"0x{OURS}"
    assert found is not None
    assert (found.status, found.quantity, found.filled_quantity) == (OrderStatus.FILLED, D("0.2"), D("0.2"))


BINANCE_ORDER = {
    "symbol": "BTCUSDT",
    "orderId": 1,
    "clientOrderId": OURS,
    "price": "50000.00",
    "origQty": "0.10",
    "executedQty": "0.04",
    "cummulativeQuoteQty": "2000.0",
    "status": "CANCELED",
    "timeInForce": "GTC",
    "type": "LIMIT",
    "side": "BUY",
    "stopPrice": "0.0",
    "time": START,
    "updateTime": START,
}


def test_a_binance_order_is_found_in_the_market_it_was_sent_to(tmp_path: Path) -> None:
    (tmp_path / "main.orders").write_text(f"{OURS}\tBTC/USDT\n", "utf-8")
    with served("binance", **{"GET /api/v3/order": BINANCE_ORDER}) as server:
        found = connector("binance", server.url, state_dir=tmp_path).order(OURS)
        (asked,) = server.sent("GET /api/v3/order")
    assert (asked.params["symbol"], asked.params["origClientOrderId"]) == ("BTCUSDT", OURS)
    assert found is not None
    assert (found.status, found.filled_quantity) == (OrderStatus.CANCELED, D("0.04"))


def test_an_answer_about_another_order_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "main.orders").write_text(f"{OURS}\tBTC/USDT\n", "utf-8")
    other = {**BINANCE_ORDER, "clientOrderId": "x"}
    with (
        served("binance", **{"GET /api/v3/order": other}) as server,
        pytest.raises(VenueError, match="another order"),
    ):
        connector("binance", server.url, state_dir=tmp_path).order(OURS)


def test_binance_says_that_an_order_does_not_exist(tmp_path: Path) -> None:
    (tmp_path / "main.orders").write_text(f"{OURS}\tBTC/USDT\n", "utf-8")
    absent = reply({"code": -2013, "msg": "Order does not exist."}, 400)
    with served("binance", **{"GET /api/v3/order": absent}) as server:
        assert connector("binance", server.url, state_dir=tmp_path).order(OURS) is None


@pytest.mark.parametrize("name", ["kraken", "krakenfutures", "okx", "binance", "deribit", "hyperliquid"])
@pytest.mark.parametrize("garbage", [[], {}, "text", None], ids=["list", "object", "text", "null"])
def test_an_answer_of_another_shape_is_an_error_and_never_an_empty_account(name: str, garbage: Any) -> None:
    kind = FUTURES if name in ("krakenfutures", "deribit") else VenueType.CRYPTO
    with served(name) as server:
        venue = connector(name, server.url, kind)
        venue.quotes(["BTC/USD"])  # the markets are known
        private = ("account", "balance", "Balance", "Position", "position", "orders", "Orders", "info")
        for route in [route for route in server.routes if any(word in route for word in private)]:
            if "Meta" not in route and "meta" not in route:
                server.routes[route] = reply(garbage)
        for question in (venue.account, venue.positions, venue.open_orders):
            if garbage == [] and (name, question.__name__) in EMPTY:
                continue
            with pytest.raises(VenueError):
                question()
        server.unknown.clear()


# There an empty list is the answer of an account with none.
EMPTY = {("binance", "open_orders"), ("hyperliquid", "open_orders")}


def test_a_limit_on_requests_is_told_with_its_wait() -> None:
    busy = alpaca_faults.status(429, Retry_After="30")
    with (
        served("okx", **{"GET /api/v5/account/balance": busy}) as server,
        pytest.raises(RateLimited) as raised,
    ):
        connector("okx", server.url, timeout_s=2.0).account()
    assert raised.value.retry_after_s == 30
