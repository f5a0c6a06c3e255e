"""What leaves for an order at each exchange of ccxt's, and what its refusals mean."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from git_qoc.errors import OrderRejected, OrderUnknown, Unsupported, VenueError
from git_qoc.model import OrderRequest, OrderStatus, OrderType, Side, VenueType
from tests.venues import alpaca_faults
from tests.venues.ccxt_connectors import connector, served
from tests.venues.ccxt_server import reply

D = Decimal
FUTURES = VenueType.FUTURES
OURS = "0f3d2b1c4a5968778695a4b3c2d1e0ff"

SHAPES: list[tuple[str, VenueType, str, OrderRequest, dict[str, Any]]] = [
    (
        "kraken",
        VenueType.CRYPTO,
        "POST /0/private/AddOrder",
        OrderRequest(OURS, "BTC/USD", Side.BUY, D("0.25"), OrderType.MARKET, time_in_force="gtc"),
        {"pair": "XXBTZUSD", "type": "buy", "ordertype": "market", "volume": "0.25", "cl_ord_id": OURS},
    ),
    (
        "kraken",
        VenueType.CRYPTO,
        "POST /0/private/AddOrder",
        OrderRequest(OURS, "BTC/USD", Side.SELL, D("0.25"), OrderType.STOP_LIMIT, D(54900), D(55000), "gtc"),
        {"ordertype": "stop-loss-limit", "price": "55000", "price2": "54900", "timeinforce": "GTC"},
    ),
    (
        "krakenfutures",
        FUTURES,
        "POST /derivatives/api/v3/sendorder",
        OrderRequest(OURS, "PF_XBTUSD", Side.SELL, D("0.5"), OrderType.STOP, None, D(55000), "gtc"),
        {"orderType": "stp", "stopPrice": "55000", "size": "0.5", "side": "sell", "cliOrdId": OURS},
    ),
    (
        "krakenfutures",
        FUTURES,
        "POST /derivatives/api/v3/sendorder",
        OrderRequest(OURS, "PF_XBTUSD", Side.BUY, D("0.5"), OrderType.LIMIT, D(61000), None, "ioc"),
        {"orderType": "ioc", "limitPrice": "61000"},
    ),
    (
        "krakenfutures",
        VenueType.CRYPTO,
        "POST /derivatives/api/v3/sendorder",
        OrderRequest(OURS, "PF_XBTUSD", Side.SELL, D("0.5"), OrderType.STOP_LIMIT, D(54900), D(55000), "gtc"),
        {"orderType": "stp", "stopPrice": "55000", "limitPrice": "54900"},
    ),
    (
        "deribit",
        VenueType.CRYPTO,
        "GET /api/v2/private/sell",
        OrderRequest(
            OURS, "BTC-PERPETUAL", Side.SELL, D(40), OrderType.STOP_LIMIT, D(54900), D(55000), "gtc"
        ),
        {"type": "stop_limit", "price": "54900", "trigger_price": "55000", "trigger": "last_price"},
    ),
    (
        "okx",
        VenueType.CRYPTO,
        "POST /api/v5/trade/batch-orders",
        OrderRequest(OURS, "BTC-USDT", Side.BUY, D("0.25"), OrderType.MARKET, time_in_force="gtc"),
        {"ordType": "market", "sz": "0.25", "tgtCcy": "base_ccy", "tdMode": "cash", "clOrdId": OURS},
    ),
    (
        "okx",
        VenueType.CRYPTO,
        "POST /api/v5/trade/batch-orders",
        OrderRequest(OURS, "BTC-USDT-SWAP", Side.SELL, D(3), OrderType.LIMIT, D("117000.1"), None, "fok"),
        {"ordType": "fok", "sz": "3", "px": "117000.1", "tdMode": "cross", "side": "sell"},
    ),
    (
        "binance",
        VenueType.CRYPTO,
        "POST /api/v3/order",
        OrderRequest(OURS, "BTCUSDT", Side.BUY, D("0.25"), OrderType.LIMIT, D("50000.01"), None, "ioc"),
        {
            "symbol": "BTCUSDT",
            "side": "BUY",
            "type": "LIMIT",
            "quantity": "0.25",
            "price": "50000.01",
            "timeInForce": "IOC",
            "newClientOrderId": OURS,
        },
    ),
    (
        "binance",
        VenueType.CRYPTO,
        "POST /fapi/v1/order",
        OrderRequest(OURS, "BTC/USDT:USDT", Side.SELL, D("0.005"), OrderType.MARKET, time_in_force="gtc"),
        {
            "symbol": "BTCUSDT",
            "side": "SELL",
            "type": "MARKET",
            "quantity": "0.005",
            "newClientOrderId": OURS,
        },
    ),
    (
        "deribit",
        FUTURES,
        "GET /api/v2/private/buy",
        OrderRequest(OURS, "BTC-PERPETUAL", Side.BUY, D(40), OrderType.STOP, None, D(70000), "gtc"),
        {
            "instrument_name": "BTC-PERPETUAL",
            "amount": "40",
            "type": "stop_market",
            "trigger_price": "70000",
            "label": OURS,
        },
    ),
    (
        "deribit",
        FUTURES,
        "GET /api/v2/private/sell",
        OrderRequest(OURS, "BTC-PERPETUAL", Side.SELL, D(40), OrderType.LIMIT, D("70000.5"), None, "fok"),
        {"type": "limit", "price": "70000.5", "time_in_force": "fill_or_kill", "label": OURS},
    ),
]
ACCEPTED = {
    "kraken": {"error": [], "result": {"descr": {"order": "buy 0.25 XBTUSD @ market"}, "txid": ["O"]}},
    "krakenfutures": {"result": "success", "sendStatus": {"status": "placed", "order_id": "O"}},
    "okx": {"code": "0", "msg": "", "data": [{"clOrdId": OURS, "ordId": "312", "sCode": "0", "sMsg": ""}]},
    "binance": {"symbol": "BTCUSDT", "orderId": 28, "clientOrderId": OURS, "status": "NEW", "origQty": "1"},
    "deribit": {
        "jsonrpc": "2.0",
        "result": {"trades": [], "order": {"order_id": "1", "order_state": "open"}},
    },
}


@pytest.mark.parametrize(
    ("name", "kind", "route", "request_", "expected"),
    SHAPES,
    ids=[f"{name} {kind} {request.type} {request.symbol}" for name, kind, _, request, _ in SHAPES],
)
def test_an_order_is_one_request_in_the_venues_own_terms(
    name: str,
    kind: VenueType,
    route: str,
    request_: OrderRequest,
    expected: dict[str, Any],
    tmp_path: Path,
) -> None:
    with served(name, **{route: ACCEPTED[name]}) as server:
        placed = connector(name, server.url, kind, tmp_path).place(request_)
        (seen,) = server.sent(route)
        server.unknown.clear()  # the look after it, for which there is no recorded answer
    assert {key: seen.params.get(key) for key in expected} == expected
    # Accepted, and what became of it is not said: unknown, not "nothing filled".
    assert placed.status is OrderStatus.UNKNOWN


def test_a_hyperliquid_order_is_one_signed_action_without_referral_or_builder_fee() -> None:
    request = OrderRequest(OURS, "ETH", Side.BUY, D("0.2"), OrderType.LIMIT, D("2200.5"), None, "ioc")
    body = {"status": "ok", "response": {"type": "order", "data": {"statuses": [{"resting": {"oid": 77}}]}}}
    with served("hyperliquid", **{"POST /exchange": body}) as server:
        placed = connector("hyperliquid", server.url).place(request)
        (seen,) = server.sent("POST /exchange")
    assert seen.params["action"] == {
        "type": "order",
        "orders": [
            {
                "a": 1,
                "b": True,
                "p": "2200.5",
                "s": "0.2",
                "r": False,
                "t": {"limit": {"tif": "Ioc"}},
                "c": f"0x{OURS}",
            }
        ],
        "grouping": "na",
    }
    assert placed.status is OrderStatus.UNKNOWN
    assert placed.order_id == "77"


def test_hyperliquid_prices_have_five_digits() -> None:
    request = OrderRequest(OURS, "ETH", Side.BUY, D("0.2"), OrderType.LIMIT, D("2200.55"), None, "gtc")
    with served("hyperliquid") as server, pytest.raises(Unsupported, match=r"2200\.55"):
        connector("hyperliquid", server.url).place(request)


@pytest.mark.parametrize(
    ("name", "kind", "symbol", "route", "answer"),
    [
        (
            "okx",
            VenueType.CRYPTO,
            "BTC-USDT",
            "POST /api/v5/trade/batch-orders",
            {"code": "1", "msg": "", "data": [{"ordId": "", "sCode": "51008", "sMsg": "Insufficient funds"}]},
        ),
        (
            "binance",
            VenueType.CRYPTO,
            "BTCUSDT",
            "POST /api/v3/order",
            reply({"code": -2010, "msg": "Account has insufficient funds."}, 400),
        ),
        (
            "deribit",
            FUTURES,
            "BTC-PERPETUAL",
            "GET /api/v2/private/buy",
            reply(
                {"jsonrpc": "2.0", "error": {"code": 10009, "message": "not_enough_funds, insufficient"}}, 400
            ),
        ),
        (
            "hyperliquid",
            VenueType.CRYPTO,
            "ETH",
            "POST /exchange",
            {
                "status": "ok",
                "response": {
                    "type": "order",
                    "data": {"statuses": [{"error": "Insufficient margin to place order. asset=1"}]},
                },
            },
        ),
    ],
)
def test_a_refusal_in_each_exchanges_words_is_a_rejection(
    name: str, kind: VenueType, symbol: str, route: str, answer: Any, tmp_path: Path
) -> None:
    request = OrderRequest(OURS, symbol, Side.BUY, D(10), OrderType.LIMIT, D(2000), None, "gtc")
    with (
        served(name, **{route: answer}) as server,
        pytest.raises(OrderRejected, match=r"(?i)insufficient"),
    ):
        connector(name, server.url, kind, tmp_path).place(request)


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("kraken", "BTC/USD"),
        ("krakenfutures", "PF_XBTUSD"),
        ("okx", "BTC-USDT"),
        ("binance", "BTCUSDT"),
        ("hyperliquid", "BTC"),
    ],
)
def test_an_order_that_never_left_is_no_unknown_one(name: str, symbol: str, tmp_path: Path) -> None:
    request = OrderRequest(OURS, symbol, Side.BUY, D(1), OrderType.LIMIT, D(60000), None, "gtc")
    with served(name) as server:
        venue = connector(name, server.url, state_dir=tmp_path)
        assert venue.quotes(["NOSUCH"]) == {}  # the markets are known now, and the server goes
    with pytest.raises(VenueError, match="Nothing was sent") as raised:
        venue.place(request)
    assert type(raised.value) is VenueError


def test_where_an_order_went_is_written_down_before_it_leaves(tmp_path: Path) -> None:
    request = OrderRequest(OURS, "BTC-USDT", Side.BUY, D("0.25"), OrderType.LIMIT, D(100000), None, "gtc")
    row = {
        "instType": "SPOT",
        "instId": "BTC-USDT",
        "ordId": "312",
        "clOrdId": OURS,
        "ordType": "limit",
        "side": "buy",
        "px": "100000",
        "sz": "0.25",
        "accFillSz": "0",
        "state": "live",
        "cTime": "1783267200000",
    }
    found = {"code": "0", "msg": "", "data": [row]}
    with served("okx", **{"GET /api/v5/trade/order": found}) as server:
        server.routes["POST /api/v5/trade/batch-orders"] = lambda _: alpaca_faults.reset
        with pytest.raises(OrderUnknown):
            connector("okx", server.url, state_dir=tmp_path).place(request)
        order = connector("okx", server.url, state_dir=tmp_path).order(OURS)
        assert server.sent("GET /api/v5/trade/order")[0].params["instId"] == "BTC-USDT"
    assert order is not None
    assert (order.status, order.quantity, order.limit_price) == (OrderStatus.OPEN, D("0.25"), D(100000))


def test_an_id_that_this_clone_never_sent_is_not_said_to_be_absent(tmp_path: Path) -> None:
    with served("okx") as server, pytest.raises(VenueError):
        connector("okx", server.url, state_dir=tmp_path).order(OURS)


def test_okx_says_that_an_order_does_not_exist(tmp_path: Path) -> None:
    (tmp_path / "main.orders").write_text(f"{OURS}\tBTC/USDT\n", "utf-8")
    absent = {"code": "51603", "msg": "Order does not exist", "data": []}
    with served("okx", **{"GET /api/v5/trade/order": absent}) as server:
        assert connector("okx", server.url, state_dir=tmp_path).order(OURS) is None
