"""Rule 4 and the weights of rule 5: which flow counts when, each number worked by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.retrospective.builders import (
    UTC_CHOICES,
    Number,
    flow,
    kinds,
    ours,
    retro,
    returns,
    spec_only,
)


@pytest.mark.parametrize(
    ("when", "amount", "nav", "expected"),
    [
        # 24 h from 21:00 to 21:00; V0 = 1000.
        ("03-03 21:00", 100, 1110, 10 / 1000),  # at the closing valuation: w = 0
        ("03-02 21:00", 100, 1110, 10 / 1100),  # at the opening valuation: w = 1
        ("03-03 09:00", 100, 1110, 10 / 1050),  # half way
        ("03-03 15:00", 100, 1110, 10 / 1025),  # a quarter left
        ("03-03 15:00", -100, 910, 10 / 975),
        ("03-01 09:00", 100, 1110, 10 / 1100),  # booked before, recorded late: w = 1
    ],
)
def test_a_flow_weighs_by_the_time_it_was_there(
    when: str, amount: Number, nav: Number, expected: float
) -> None:
    record = ours("03-03", {"a": nav}, flows=[flow(when, amount)])
    result = retro([ours("03-02", {"a": 1000}), record])
    assert returns(result) == [round(expected, 12)]
    assert result.pnl.pnl_usd == 10
    assert result.pnl.net_flow_usd == amount


def test_a_total_without_rows_was_recorded_in_the_closing_snapshot() -> None:
    result = retro([ours("03-02", {"a": 1000}), ours("03-03", {"a": 1110}, net_flow=100)])
    assert returns(result) == [0.01]
    assert [(f.kind, f.connector, int(f.amount_usd)) for f in result.flows] == [("net", None, 100)]


def test_a_recorded_zero_means_that_a_jump_is_a_gain() -> None:
    result = retro([ours("03-02", {"a": 1000}), ours("03-03", {"a": 2000}, net_flow=0)])
    assert returns(result) == [1.0]
    assert result.flows == ()


@pytest.mark.parametrize(
    ("nav", "expected_flow", "expected"),
    [
        # V0 = 10,000: the threshold is max(100, 50). Realized 40, unrealized +10.
        (10_150, None, 0.015),  # 100 unexplained: not above the threshold, so a return
        (10_151, 101, 50 / 10_101),  # a deposit of unknown time: w = 1
        (9_950, None, -0.005),
        (9_949, -101, 50 / 10_000),  # a withdrawal of unknown time: w = 0
    ],
)
def test_a_flow_is_implied_above_one_percent_of_nav(
    nav: Number, expected_flow: int | None, expected: float
) -> None:
    result = retro([spec_only("03-02", 10_000), spec_only("03-03", nav, realized=40, unrealized=10)])
    assert [f.amount_usd for f in result.flows] == ([expected_flow] if expected_flow else [])
    assert all(f.implied for f in result.flows)
    assert returns(result) == [round(expected, 12)]


@pytest.mark.parametrize(("nav", "implied"), [(1050, False), (1051, True)])
def test_a_flow_is_implied_above_fifty_dollars_on_a_small_desk(nav: Number, implied: bool) -> None:
    result = retro([spec_only("03-02", 1000), spec_only("03-03", nav)])
    assert bool(result.flows) is implied


def test_explicit_flows_imply_nothing_and_say_so() -> None:
    choices = replace(UTC_CHOICES, flows="explicit")
    result = retro([spec_only("03-02", 1000), spec_only("03-03", 2000)], choices)
    assert returns(result) == [1.0]
    assert kinds(result) == ["flows_unrecorded"]


def test_files_that_cannot_tell_a_flow_say_so() -> None:
    result = retro([spec_only("03-02", 1000, unrealized=None), spec_only("03-03", 2000)])
    assert returns(result) == [1.0]
    assert kinds(result) == ["flows_unrecorded"]


def test_transfers_between_own_connectors_net_to_zero_and_weigh_nothing() -> None:
    moved = [flow("03-03 01:00", -500, "a", "transfer"), flow("03-03 19:00", 500, "b", "transfer")]
    result = retro([ours("03-02", {"a": 1000, "b": 1000}), ours("03-03", {"a": 520, "b": 1500}, flows=moved)])
    assert returns(result) == [0.01]
    assert result.pnl.net_flow_usd == 0
    assert kinds(result) == []


def test_money_under_way_between_own_connectors_is_no_loss() -> None:
    result = retro(
        [
            ours("03-02", {"a": 1000, "b": 1000}),
            ours(
                "03-03",
                {"a": 500, "b": 1000},
                flows=[flow("03-03 21:00", -500, "a", "transfer")],
            ),
            ours(
                "03-04",
                {"a": 500, "b": 1500},
                flows=[flow("03-04 21:00", 500, "b", "transfer")],
            ),
        ]
    )
    assert returns(result) == [0.0, 0.0]


def test_a_row_that_two_snapshots_record_counts_once() -> None:
    # A backfill later put between two live snapshots repeats the deposit of the second.
    deposit = flow("03-03 12:00", 100)
    result = retro(
        [
            ours("03-02", {"a": 100}),
            ours("03-03", {"a": 200}, flows=[deposit], backfill=True),
            ours("03-04", {"a": 220}, flows=[deposit]),
        ]
    )
    assert returns(result)[1] == 0.1
    assert "flow_repeated" in kinds(result)
    assert result.pnl.net_flow_usd == 100


def test_two_equal_deposits_in_one_snapshot_are_two() -> None:
    deposit = flow("03-03 21:00", 100)
    result = retro([ours("03-02", {"a": 100}), ours("03-03", {"a": 310}, flows=[deposit, deposit])])
    assert returns(result) == [0.1]


def test_rows_win_over_the_total_and_the_difference_is_named() -> None:
    record = ours("03-03", {"a": 1110}, flows=[flow("03-03 21:00", 100)])
    wrong = replace(record, text=str(record.text).replace("net_flow_usd   = 100.00", "net_flow_usd   = 7.00"))
    result = retro([ours("03-02", {"a": 1000}), wrong])
    assert returns(result) == [0.01]
    assert kinds(result) == ["flow_mismatch"]


def test_what_a_mute_connector_took_in_is_implied_beside_the_rows_of_the_others() -> None:
    """Ours leaves net_flow_usd out when one venue cannot tell; b's 500 then must not be a gain."""
    told = ours("03-03", {"a": 1100, "b": 1500}, flows=[flow("03-03 21:00", 100)])
    mute = replace(told, text=str(told.text).replace("net_flow_usd   = 100.00\n", "", 1))
    result = retro([ours("03-02", {"a": 1000, "b": 1000}), mute])
    assert returns(result) == [0.0]
    assert [(f.amount_usd, f.implied) for f in result.flows] == [(Decimal(100), False), (Decimal(500), True)]


def test_periods_that_tell_no_flows_stand_beside_the_headline() -> None:
    result = retro([spec_only("03-02", 1000, unrealized=None), spec_only("03-03", 2000)])
    assert result.warnings == ("1 period(s) tell no flows: a deposit in one of them would count as return",)
