"""Orders through ccxt: what leaves, how often, and what an answer or none means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from git_qoc.errors import OrderRejected, OrderUnknown, Unsupported, VenueError
from git_qoc.model import OrderRequest, OrderStatus, OrderType, Side, VenueType
from git_qoc.venues.base import Connector
from tests.venues import alpaca_faults
from tests.venues.bench import Fault
from tests.venues.ccxt_bench import CcxtBench, KrakenBench, KrakenFuturesBench, KrakenPerpetualsBench
from tests.venues.ccxt_connectors import connector, served
from tests.venues.ccxt_server import Seen, reply

D = Decimal
FUTURES = VenueType.FUTURES
OURS = "0f3d2b1c4a5968778695a4b3c2d1e0ff"

BENCHES: list[Callable[[], CcxtBench]] = [KrakenBench, KrakenFuturesBench, KrakenPerpetualsBench]
PLACING = {"kraken": "POST /0/private/AddOrder", "krakenfutures": "POST /derivatives/api/v3/sendorder"}


@pytest.fixture(params=BENCHES, ids=["kraken", "krakenfutures", "krakenfutures perpetuals"])
def bench(request: pytest.FixtureRequest) -> Iterator[CcxtBench]:
    found: CcxtBench = request.param()
    with found.running():
        found.balance("USD", D(100_000))
        yield found


def test_an_order_hangs_is_filled_in_parts_and_then_done(bench: CcxtBench) -> None:
    venue = bench.connector()
    placed = venue.place(bench.order(OURS))
    assert (placed.status, placed.client_order_id, placed.filled_quantity) == (OrderStatus.OPEN, OURS, D(0))
    assert [order.client_order_id for order in venue.open_orders()] == [OURS]
    bench.fill(OURS, D("0.1"), D(30600))
    part = venue.order(OURS)
    assert part is not None
    assert (part.status, part.filled_quantity) == (OrderStatus.PARTIALLY_FILLED, D("0.1"))
    bench.fill(OURS, D("0.15"), D(30600))
    done = venue.order(OURS)
    assert done is not None
    assert (done.status, done.quantity, done.filled_quantity) == (OrderStatus.FILLED, D("0.25"), D("0.25"))
    assert venue.open_orders() == ()
    assert [position.quantity for position in venue.positions()] == [D("0.25")]


def test_a_cancel_ends_an_order_and_a_done_one_is_returned_as_it_is(bench: CcxtBench) -> None:
    venue = bench.connector()
    venue.place(bench.order(OURS))
    assert venue.cancel(OURS).status is OrderStatus.CANCELED
    sent = bench.requests_sent()
    assert venue.cancel(OURS).status is OrderStatus.CANCELED
    assert all("ancel" not in seen.path for seen in bench.server.requests[sent:])


def test_an_order_that_is_filled_before_its_cancel_arrives_is_returned_filled(bench: CcxtBench) -> None:
    venue = bench.connector()
    venue.place(bench.order(OURS))
    route = next(name for name in bench.server.routes if "ancel" in name)
    cancel = bench.server.routes[route]

    def late(seen: Seen) -> Any:
        bench.fill(OURS, D("0.25"), D(30600))
        return cancel(seen)

    bench.server.routes[route] = late
    assert venue.cancel(OURS).status is OrderStatus.FILLED


def test_a_refused_order_is_rejected_with_the_venues_reason(bench: CcxtBench) -> None:
    bench.break_with(Fault.REJECTS_ORDERS)
    with pytest.raises(OrderRejected, match=r"(?i)insufficient"):
        bench.connector().place(bench.order(OURS))
    assert bench.orders_taken() == []


def test_an_order_without_an_answer_is_unknown_left_once_and_can_be_looked_up(bench: CcxtBench) -> None:
    bench.break_with(Fault.TIMES_OUT_AFTER_ACCEPTING)
    venue = bench.connector(timeout_s=0.7)
    venue.account()
    with pytest.raises(OrderUnknown, match="never send it again"):
        venue.place(bench.order(OURS))
    assert bench.orders_taken() == [OURS]
    bench.heal()
    found = bench.connector().order(OURS)
    assert found is not None
    assert found.status is OrderStatus.OPEN


@pytest.mark.parametrize(
    "fault",
    [
        alpaca_faults.status(503),
        alpaca_faults.status(500),
        alpaca_faults.status(429, Retry_After="0"),
        alpaca_faults.body("<html>"),
        alpaca_faults.cut,
        alpaca_faults.reset,
    ],
    ids=["503", "500", "429", "not JSON", "cut", "reset"],
)
def test_an_order_leaves_once_whatever_comes_back(fault: alpaca_faults.Fault) -> None:
    bench = KrakenFuturesBench()
    with bench.running():
        bench.server.routes[PLACING["krakenfutures"]] = lambda _: fault
        with pytest.raises(OrderUnknown):
            bench.connector().place(bench.order(OURS))
        assert len(bench.server.sent(PLACING["krakenfutures"])) == 1


def test_an_order_that_never_left_is_no_unknown_one(bench: CcxtBench) -> None:
    venue = bench.connector()
    venue.account()
    bench.break_with(Fault.REFUSES_CONNECTIONS)
    gone = bench.connector()
    with pytest.raises(VenueError) as raised:
        gone.place(bench.order(OURS))
    assert not isinstance(raised.value, OrderUnknown | OrderRejected)


def test_an_id_in_use_is_unknown_and_never_rejected() -> None:
    bench = KrakenFuturesBench()
    status = {"result": "success", "sendStatus": {"status": "clientOrderIdAlreadyExist"}}
    with bench.running():
        bench.server.routes[PLACING["krakenfutures"]] = status
        with pytest.raises(OrderUnknown):
            bench.connector().place(bench.order(OURS))


def test_an_unknown_id_is_none(bench: CcxtBench) -> None:
    venue = bench.connector()
    assert venue.order(OURS) is None
    with pytest.raises(VenueError, match="has no order"):
        venue.cancel(OURS)


def test_sizes_are_cut_down_to_the_increment_and_never_rounded_up(bench: CcxtBench) -> None:
    more = bench.terms.quantity + bench.terms.step * D("1.9")
    placed = bench.connector().place(replace(bench.order(OURS), quantity=more))
    assert placed.quantity == bench.terms.quantity + bench.terms.step


def unsent(bench: CcxtBench, request: OrderRequest, match: str) -> None:
    venue: Connector = bench.connector()
    with pytest.raises(Unsupported, match=match):
        venue.place(request)
    assert bench.orders_taken() == []
    assert bench.server.sent(PLACING[bench.venue]) == []


def test_what_is_not_offered_is_refused_unsent(bench: CcxtBench) -> None:
    usual = bench.order(OURS)
    unsent(bench, replace(usual, symbol=bench.terms.other), "has no market")
    unsent(bench, replace(usual, quantity=bench.terms.step / 2), "steps of")
    unsent(bench, replace(usual, time_in_force="day"), "time in force day")
    unsent(bench, replace(usual, client_order_id="x" * 101), "client order id")
    unsent(bench, replace(usual, type=OrderType.STOP, stop_price=D(1)), "limit_price|order type stop")


def test_a_price_off_the_tick_is_refused_with_its_neighbours() -> None:
    bench = KrakenFuturesBench()
    with bench.running():
        unsent(bench, replace(bench.order(OURS), limit_price=D("30000.3")), "30000 or 30000.5")


def test_a_size_below_the_minimum_is_refused() -> None:
    bench = KrakenBench()
    with bench.running():
        unsent(bench, replace(bench.order(OURS), quantity=D("0.00005")), r"from 0\.0001 on")


def test_a_crypto_connector_trades_no_dated_futures() -> None:
    bench = KrakenPerpetualsBench()
    with bench.running():
        unsent(bench, replace(bench.order(OURS), symbol="FI_XBTUSD_260925", quantity=D(1)), "of kind future")


def test_a_fill_is_read_once_over_pages_that_overlap_and_times_that_repeat(bench: CcxtBench) -> None:
    booked = bench.book_fills(230)
    since = bench.now().replace(year=2025)
    fills = list(bench.connector().fills(since))
    assert sorted((fill.fill_id, fill.side, fill.quantity, fill.price) for fill in fills) == sorted(booked)
    assert [fill.time for fill in fills] == sorted(fill.time for fill in fills)


def test_a_skewed_clock_is_said(bench: CcxtBench) -> None:
    assert bench.connector().health() is None
    bench.break_with(Fault.CLOCK_IS_OFF)
    assert bench.connector().health() == "the venue's clock is 600 s behind ours. Set this machine's clock"


def test_a_short_future_is_a_negative_quantity() -> None:
    bench = KrakenFuturesBench()
    with bench.running():
        bench.hold("PF_XBTUSD", D("-0.5"), D(60000), D(61000))
        (position,) = bench.connector().positions()
    assert (position.quantity, position.avg_cost, position.mark) == (D("-0.5"), D(60000), D(61000))


# --- what leaves, by exchange ---

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
