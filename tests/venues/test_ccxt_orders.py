"""Orders through ccxt: what leaves, how often, and what an answer or none means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from git_qoc.errors import OrderRejected, OrderUnknown, Unsupported, VenueError
from git_qoc.model import OrderRequest, OrderStatus, OrderType, VenueType
from git_qoc.venues.base import Connector
from tests.venues import alpaca_faults
from tests.venues.bench import Fault
from tests.venues.ccxt_bench import CcxtBench, KrakenBench, KrakenFuturesBench, KrakenPerpetualsBench
from tests.venues.ccxt_server import Seen

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


def test_flows_are_read_once_over_pages(bench: CcxtBench) -> None:
    start = bench.now().replace(month=6)
    count = {"kraken": 120, "krakenfutures": 1100}[bench.venue]  # of 50 and 500 a page
    for number in range(count):
        bench.book_flow(D(number + 1), start + timedelta(minutes=number))
    flows = bench.connector().flows(start)
    assert [flow.amount_usd for flow in flows] == [D(number + 1) for number in range(1, count)]


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
