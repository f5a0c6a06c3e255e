from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_qoc.errors import Unsupported, VenueError
from git_qoc.model import FlowKind, Side
from git_qoc.venues.alpaca_activities import fills as read_fills
from git_qoc.venues.alpaca_payloads import FILLS, parse
from tests.venues import alpaca_faults as fault
from tests.venues.alpaca_bodies import FIRST_FILL, cash_activity, connector, fill
from tests.venues.alpaca_server import ACTIVITIES, AlpacaServer

D = Decimal
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def test_a_published_fill() -> None:
    with AlpacaServer(activities=[fill()]) as server:
        (found,) = connector(server.url).fills(LONG_AGO)
    assert (found.symbol, found.side, found.quantity, found.price) == ("AAPL", Side.BUY, D(2), D("174.78"))
    assert found.order_id == "b5abe576-6a8a-49f3-a353-46b72c1ccae9"
    assert (found.time, found.fee, found.multiplier) == (FIRST_FILL, None, D(1))


@pytest.mark.parametrize("repeat_border", [False, True])
def test_2500_fills_are_read_once_each_and_oldest_first(repeat_border: bool) -> None:
    rows = [fill(number) for number in range(2500)]
    with AlpacaServer(activities=rows, repeat_border=repeat_border) as server:
        found = list(connector(server.url).fills(LONG_AGO))
        assert {seen.query["page_size"] for seen in server.requests} == {"100"}
    assert [one.fill_id for one in found] == [row["id"] for row in rows]


def test_rows_out_of_order_or_twice_are_put_right() -> None:
    rows = [fill(3), fill(1), fill(2), fill(1), fill(0)]
    with AlpacaServer(faults={f"{ACTIVITIES}/FILL": [_page(rows), _page([])]}) as server:
        found = list(connector(server.url).fills(LONG_AGO))
    assert [one.time for one in found] == [FIRST_FILL + timedelta(seconds=n) for n in range(4)]


def test_only_fills_after_since_count_to_the_microsecond() -> None:
    rows = [fill(n, transaction_time=f"2022-02-02T18:00:00.{n:06d}Z") for n in (1, 2, 3)]
    with AlpacaServer(activities=rows) as server:
        found = list(connector(server.url).fills(FIRST_FILL + timedelta(microseconds=2)))
        assert server.requests[0].query["after"] == "2022-02-02T18:00:00Z"
    assert [one.time.microsecond for one in found] == [3]


def test_options_shorts_and_crypto_are_told_by_the_row() -> None:
    rows = [
        fill(0, symbol="AAPL250620C00100000", side="sell_short"),
        fill(1, symbol="BTC/USD", side="sell", qty="0.000000001"),
    ]
    with AlpacaServer(activities=rows) as server:
        option, coin = connector(server.url).fills(LONG_AGO)
    assert (option.multiplier, option.side) == (D(100), Side.SELL)
    assert (coin.symbol, coin.multiplier, coin.quantity) == ("BTCUSD", D(1), D("0.000000001"))


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"qty": "0"}, "expected qty above zero"),
        ({"qty": None}, r"\[0\]\.qty: "),
        ({"side": "hold"}, r"\[0\]\.side: "),
        ({"price": 1.5}, r"\[0\]\.price: expected a decimal number as text"),
        ({"transaction_time": "2022-02-02T18:00:00"}, r"\[0\]\.transaction_time: .* local time"),
        ({"transaction_time": "soon"}, r"\[0\]\.transaction_time: "),
    ],
)
def test_a_fill_that_cannot_be_read_is_a_fault(changes: dict[str, Any], place: str) -> None:
    with (
        AlpacaServer(faults={f"{ACTIVITIES}/FILL": [_page([fill(0, **changes)])]}) as server,
        pytest.raises(VenueError, match=place),
    ):
        list(connector(server.url).fills(LONG_AGO))


def test_activity_pages_that_do_not_advance_are_a_fault() -> None:
    page = _page([fill(n) for n in range(100)])
    with (
        AlpacaServer(faults={f"{ACTIVITIES}/FILL": page}) as server,
        pytest.raises(VenueError, match="the pages do not advance"),
    ):
        list(connector(server.url).fills(LONG_AGO))


def test_flows_are_signed_and_of_their_kind_and_income_is_none() -> None:
    rows = [
        cash_activity("CSD", "1000.50", created_at="2022-02-02T15:00:00Z"),
        cash_activity("CSW", "-200", created_at="2022-02-02T16:00:00Z"),
        cash_activity("JNLC", "-5", created_at="2022-02-02T17:00:00Z", currency="USD"),
        cash_activity("ACATC", "70", created_at="2022-02-02T18:00:00Z"),
        cash_activity("OCT", "-30", created_at="2022-02-02T19:00:00Z"),
        cash_activity("DIV", "1.02"),
        cash_activity("INT", "-3"),
        cash_activity("FEE", "-1"),
        cash_activity("CFEE", "-1"),
    ]
    with AlpacaServer(activities=rows) as server:
        found = connector(server.url).flows(LONG_AGO)
    assert [(flow.kind, flow.amount_usd) for flow in found] == [
        (FlowKind.DEPOSIT, D("1000.50")),
        (FlowKind.WITHDRAWAL, D(-200)),
        (FlowKind.TRANSFER, D(-5)),
        (FlowKind.TRANSFER, D(70)),
        (FlowKind.WITHDRAWAL, D(-30)),
    ]
    assert found[0].time == datetime(2022, 2, 2, 15, tzinfo=UTC)


def test_a_flow_is_counted_when_it_is_booked_not_when_it_is_dated() -> None:
    late = cash_activity("CSD", "10", date="2022-01-03", created_at="2022-02-02T15:00:00.000001Z")
    early = cash_activity("CSD", "20", date="2022-02-03", created_at="2022-02-02T15:00:00Z")
    with AlpacaServer(activities=[late, early]) as server:
        found = connector(server.url).flows(datetime(2022, 2, 2, 15, tzinfo=UTC))
    assert [flow.amount_usd for flow in found] == [D(10)]


def test_a_flow_without_a_booking_time_is_dated_to_its_day_and_not_lost() -> None:
    row = cash_activity("CSD", "10", date="2022-02-02")
    del row["created_at"]
    with AlpacaServer(activities=[row]) as server:
        (found,) = connector(server.url).flows(datetime(2022, 2, 2, 15, tzinfo=UTC))
    assert found.time == datetime(2022, 2, 2, 5, tzinfo=UTC)  # midnight in New York, in winter


def test_a_cancelled_flow_never_happened_and_a_corrected_one_did() -> None:
    rows = [cash_activity("CSD", "10", status="canceled"), cash_activity("CSD", "20", status="correct")]
    with AlpacaServer(activities=rows) as server:
        assert [flow.amount_usd for flow in connector(server.url).flows(LONG_AGO)] == [D(20)]


@pytest.mark.parametrize(
    "row",
    [
        cash_activity("ACATS", None, symbol="AAPL", qty="10"),
        cash_activity("JNLS", "0", symbol="AAPL", qty="10"),
        cash_activity("FOPT", None, symbol="AAPL", qty="10"),
        cash_activity("OCT", None, symbol="USDCUSD", qty="10"),
        cash_activity("OCT", "0", symbol="USDCUSD", qty="10"),
        cash_activity("CSD", "1000000", currency="JPY"),
    ],
    ids=["acats", "jnls", "fopt", "on-chain without amount", "on-chain of zero", "yen"],
)
def test_a_flow_whose_worth_is_not_stated_is_neither_dropped_nor_guessed(row: dict[str, Any]) -> None:
    with (
        AlpacaServer(activities=[cash_activity("CSD", "10"), row]) as server,
        pytest.raises(Unsupported, match="worth in USD is not stated"),
    ):
        connector(server.url).flows(LONG_AGO)


def test_an_on_chain_deposit_in_usd_is_a_deposit() -> None:
    with AlpacaServer(activities=[cash_activity("OCT", "30", symbol="USDCUSD")]) as server:
        assert [flow.kind for flow in connector(server.url).flows(LONG_AGO)] == [FlowKind.DEPOSIT]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"activity_type": "DIV"}, "found something else"),
        ({"status": "imagined"}, "status"),
        ({"net_amount": 10}, "net_amount"),
        ({"created_at": None, "date": None}, "created_at"),
    ],
)
def test_an_activity_that_cannot_be_read_is_a_fault(changes: dict[str, Any], what: str) -> None:
    page = _page([{**cash_activity("CSD", "10"), **changes}])
    with (
        AlpacaServer(faults={ACTIVITIES: [page, _page([])]}) as server,
        pytest.raises(VenueError, match=what),
    ):
        connector(server.url).flows(LONG_AGO)


@given(st.lists(st.integers(min_value=0, max_value=40), max_size=60), st.integers(-1, 41))
def test_fills_of_any_order_and_repetition_come_sorted_and_once(numbers: list[int], since: int) -> None:
    rows = parse(FILLS, [fill(number) for number in numbers], "")
    found = read_fills(rows, FIRST_FILL + timedelta(seconds=since))
    expected = sorted({number for number in numbers if number > since})
    assert [one.time for one in found] == [FIRST_FILL + timedelta(seconds=number) for number in expected]


def test_a_deposit_without_an_amount_is_a_fault() -> None:
    with (
        AlpacaServer(activities=[cash_activity("CSD", None)]) as server,
        pytest.raises(VenueError, match="net_amount"),
    ):
        connector(server.url).flows(LONG_AGO)


def _page(rows: list[dict[str, Any]]) -> fault.Reply:
    return fault.body(json.dumps(rows))
