"""The bench on the exchange stages what it says, for each type of account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from git_qoc.errors import OrderRejected, OrderUnknown, RateLimited, VenueError
from git_qoc.model import OrderStatus
from tests.venues.bench import Bench, Fault
from tests.venues.exchange_bench import NOW, STAGES, ExchangeBench

LONG_AGO = NOW - timedelta(days=30)


@pytest.fixture(params=list(STAGES))
def bench(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Bench]:
    bench: Bench = ExchangeBench(tmp_path, request.param)
    with bench.running():
        yield bench


def test_money_positions_and_flows_are_what_was_staged(bench: Bench) -> None:
    symbol, market = bench.terms.symbol, bench.terms.market
    bench.balance("USD", Decimal("1000.000000000000000001"))
    bench.hold(symbol, Decimal(3), Decimal("1.5"), market)
    bench.book_flow(Decimal("-0.5"), NOW)
    venue = bench.connector()
    account, (position,) = venue.account(), venue.positions()
    assert account.cash is not None
    assert account.cash[0].amount == Decimal("999.500000000000000001")
    assert position.symbol == symbol
    assert (position.quantity, position.avg_cost, position.mark) == (Decimal(3), Decimal("1.5"), market)
    assert account.equity_usd == account.cash[0].amount + 3 * market * position.multiplier
    assert [flow.amount_usd for flow in venue.flows(LONG_AGO)] == [Decimal("-0.5")]


def test_orders_hang_fill_in_part_and_fill(bench: Bench) -> None:
    venue = bench.connector()
    order = bench.order("hanging")
    assert venue.place(order).status is OrderStatus.OPEN
    assert order.limit_price is not None
    bench.fill("hanging", bench.terms.step, order.limit_price)
    found = venue.order("hanging")
    assert found is not None
    assert (found.status, found.filled_quantity) == (OrderStatus.PARTIALLY_FILLED, bench.terms.step)
    assert venue.place(bench.order("now", hanging=False)).status is OrderStatus.FILLED
    assert bench.orders_taken() == ["hanging", "now"]


def test_old_fills_are_more_than_two_pages_and_read_once(tmp_path: Path) -> None:
    bench = ExchangeBench(tmp_path, "crypto")
    with bench.running():
        booked = bench.book_fills(205)
        fills = list(bench.connector().fills(LONG_AGO))
    assert [(one.fill_id, one.side, one.quantity, one.price) for one in fills] == booked
    assert len({row[0] for row in booked}) == 205


@pytest.mark.parametrize("fault", [one for one in Fault if one not in (Fault.CLOCK_IS_OFF, Fault.IS_SLOW)])
def test_a_fault_is_there_until_it_is_healed(tmp_path: Path, fault: Fault) -> None:
    bench = ExchangeBench(tmp_path)
    with bench.running():
        broken(bench, fault)


def broken(bench: Bench, fault: Fault) -> None:
    venue, order = bench.connector(0.3), bench.order("one")
    bench.break_with(fault)
    if fault is Fault.TIMES_OUT_AFTER_ACCEPTING:
        with pytest.raises(OrderUnknown):
            venue.place(order)
        assert bench.orders_taken() == ["one"]
    elif fault is Fault.REJECTS_ORDERS:
        with pytest.raises(OrderRejected):
            venue.place(order)
        assert bench.orders_taken() == []
    else:
        with pytest.raises(RateLimited if fault is Fault.RATE_LIMITS else VenueError):
            venue.account()
    bench.heal()
    assert venue.account().currency == "USD"


def test_the_clock_is_off_and_right_again(bench: Bench) -> None:
    venue = bench.connector()
    assert venue.health() is None
    bench.break_with(Fault.CLOCK_IS_OFF)
    assert "600 s behind ours" in (venue.health() or "")
    bench.heal()
    assert venue.health() is None
