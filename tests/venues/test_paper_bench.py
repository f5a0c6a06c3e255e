"""What the suite stages on the paper venue is what the connector then says."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from git_qoc.errors import OrderRejected, VenueError
from git_qoc.model import OrderStatus, Side
from tests.venues.bench import Bench, Case, Fault
from tests.venues.paper_bench import NOW, STAGES, PaperBench

TRADING = [stage for stage in STAGES if stage != "cash"]


def test_it_is_a_bench(tmp_path: Path) -> None:
    bench: Bench = PaperBench(tmp_path)
    assert set(bench.not_supported) < set(Case)


@pytest.mark.parametrize("stage", STAGES)
def test_a_fresh_account_is_empty(tmp_path: Path, stage: str) -> None:
    account = PaperBench(tmp_path, stage).connector()
    assert (account.positions(), account.open_orders(), account.flows(NOW)) == ((), (), ())
    assert account.account().equity_usd == 0


@pytest.mark.parametrize("stage", TRADING)
def test_an_order_hangs_fills_in_parts_and_is_canceled(tmp_path: Path, stage: str) -> None:
    bench = PaperBench(tmp_path, stage)
    account = bench.connector()
    hangs = account.place(bench.order("o1"))
    assert (hangs.status, account.open_orders()) == (OrderStatus.OPEN, (hangs,))
    assert hangs.limit_price is not None
    part = bench.terms.quantity - bench.terms.step
    bench.fill("o1", part, hangs.limit_price)
    order = account.order("o1")
    assert order is not None
    assert (order.status, order.filled_quantity) == (OrderStatus.PARTIALLY_FILLED, part)
    assert account.cancel("o1").status is OrderStatus.CANCELED
    assert account.cancel("o1").filled_quantity == part
    (fill,) = account.fills(NOW - timedelta(days=1))
    assert (fill.quantity, fill.price) == (part, hangs.limit_price)
    (position,) = account.positions()
    assert (position.quantity, position.avg_cost) == (part, hangs.limit_price)
    assert account.place(bench.order("o2", hanging=False)).status is OrderStatus.FILLED
    assert bench.orders_taken() == ["o1", "o2"]


def test_a_multi_leg_order_is_one_order(tmp_path: Path) -> None:
    bench = PaperBench(tmp_path, "options")
    account = bench.connector()
    order = account.place(bench.legs("o1"))
    assert (order.symbol, order.side, order.multiplier) == ("", None, Decimal(100))
    assert account.open_orders() == (order,)


@pytest.mark.parametrize("stage", TRADING)
def test_an_account_without_funds_refuses_and_takes_nothing(tmp_path: Path, stage: str) -> None:
    bench = PaperBench(tmp_path, stage)
    bench.break_with(Fault.REJECTS_ORDERS)
    with pytest.raises(OrderRejected, match="not enough cash"):
        bench.connector().place(bench.order("o1", hanging=False))
    assert bench.orders_taken() == []
    bench.heal()
    assert bench.connector().place(bench.order("o1")).status is OrderStatus.OPEN


@pytest.mark.parametrize("stage", TRADING)
def test_past_executions_are_told_once_and_in_order(tmp_path: Path, stage: str) -> None:
    bench = PaperBench(tmp_path, stage)
    booked = bench.book_fills(300 if stage == "options" else 7)
    fills = list(bench.connector().fills(NOW - timedelta(days=1)))
    assert [(one.fill_id, one.side, one.quantity, one.price) for one in fills] == booked
    assert [side for _, side, _, _ in booked][:2] == [Side.BUY, Side.SELL]
    assert len({one.time for one in fills}) < len(booked)


def test_flows_history_and_many_digits_are_said_as_staged(tmp_path: Path) -> None:
    bench = PaperBench(tmp_path, "cash")
    account = bench.connector()
    bench.book_flow(Decimal(100), NOW - timedelta(hours=3))
    bench.book_flow(Decimal(-30), NOW - timedelta(hours=2))
    bench.equity_was(NOW - timedelta(hours=1), Decimal("1000000000000000.123456789012345678"))
    assert next(flow.amount_usd for flow in account.flows(NOW - timedelta(hours=3))) == -30
    (past,) = account.history((NOW - timedelta(minutes=30),))
    assert past.account.equity_usd == Decimal("1000000000000000.123456789012345678")


@pytest.mark.parametrize("stage", STAGES)
def test_a_transfer_is_made_once(tmp_path: Path, stage: str) -> None:
    bench = PaperBench(tmp_path, stage)
    bench.balance("USD", Decimal(100))
    account = bench.connector()
    first = account.transfer(Decimal(40), bench.terms.transfer_to, "t1")
    assert account.transfer(Decimal(40), bench.terms.transfer_to, "t1") == first
    assert (first.amount_usd, account.account().equity_usd, bench.orders_taken()) == (
        Decimal(-40),
        Decimal(60),
        ["t1"],
    )
    with pytest.raises(OrderRejected, match="60 USD are free"):
        account.transfer(Decimal(61), bench.terms.transfer_to, "t2")
    with pytest.raises(OrderRejected, match="no other paper account"):
        account.transfer(Decimal(1), "nobody", "t3")


def test_garbage_in_the_books_is_said_as_such_until_it_is_healed(tmp_path: Path) -> None:
    bench = PaperBench(tmp_path)
    bench.break_with(Fault.ANSWERS_GARBAGE)
    with pytest.raises(VenueError, match="cannot be read"):
        bench.connector().account()
    bench.heal()
    assert bench.connector().account().equity_usd == 0
