"""Rules 4, 5, 6, 7 and 14, each number worked by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from git_qoc.retrospective.calendar import monthly_returns, yearly_returns
from git_qoc.retrospective.metrics import Undefined
from tests.retrospective.builders import (
    UTC_CHOICES,
    Number,
    at,
    daily,
    figure,
    flow,
    kinds,
    ours,
    reason,
    retro,
    returns,
    spec_only,
)


def test_the_first_snapshot_has_no_return() -> None:
    result = retro(daily([100]))
    assert returns(result) == []
    assert result.n_points == 1
    assert reason(result, "total_return") == "needs two complete snapshots"


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
    assert [(f.kind, f.connector, f.amount_usd) for f in result.flows] == [("net", None, 100)]


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


@pytest.mark.parametrize(
    ("when", "amount", "estimated"),
    [
        ("03-03 09:00", 100, False),  # exactly 10 %
        ("03-03 09:00", 101, True),
        ("03-03 09:00", -101, True),
        ("03-03 21:00", 500, False),  # valued at the flow
        ("03-02 21:00", 500, False),
    ],
)
def test_a_large_flow_without_a_valuation_makes_an_estimate(when: str, amount: int, estimated: bool) -> None:
    result = retro(
        [ours("03-02", {"a": 1000}), ours("03-03", {"a": 1000 + amount}, flows=[flow(when, amount)])]
    )
    assert [entry.estimated for entry in result.days] == [estimated]
    assert ("estimated" in kinds(result)) is estimated


def test_a_deposit_and_a_withdrawal_that_cancel_are_still_an_estimate() -> None:
    flows = [flow("03-03 01:00", 800), flow("03-03 19:00", -800, kind="withdrawal")]
    result = retro([ours("03-02", {"a": 1000}), ours("03-03", {"a": 1000}, flows=flows)])
    assert result.days[0].estimated


def test_a_zero_denominator_breaks_the_chain_with_a_warning() -> None:
    # All is withdrawn on the 4th; refunded on the 6th; the days at 0 have no return.
    result = retro(
        [
            ours("03-02", {"a": 100}),
            ours("03-03", {"a": 110}),
            ours("03-04", {"a": 0}, flows=[flow("03-04 21:00", -110, kind="withdrawal")]),
            ours("03-05", {"a": 0}),
            ours("03-06", {"a": 200}, flows=[flow("03-06 21:00", 200)]),
            ours("03-07", {"a": 180}),
        ]
    )
    assert returns(result) == [0.1, 0.0, None, None, -0.1]
    assert reason(result, "total_return") == "the chain broke before it began anew on 2026-03-06"
    assert [round(part.total_return, 12) for part in result.segments] == [0.1, -0.1]
    assert reason(result, "max_drawdown").startswith("the chain broke")
    assert result.tally.up == result.tally.down == 1
    assert result.pnl.pnl_usd == -10
    why = "the chain breaks: no capital to measure against (0.00 USD)"
    assert result.warnings == (f"2026-03-05 to 2026-03-06, 2 times: {why}",)


def test_a_desk_that_is_funded_later_starts_when_it_has_capital() -> None:
    result = retro(
        [
            ours("03-02", {"a": 0}),
            ours("03-03", {"a": 100}, flows=[flow("03-03 21:00", 100)]),
            ours("03-04", {"a": 110}),
        ]
    )
    assert returns(result) == [None, 0.1]
    assert figure(result, "total_return") == pytest.approx(0.1, rel=1e-12)
    assert result.segments[0].start == date(2026, 3, 3)


def test_a_flow_whose_time_is_refuted_by_the_loss_is_no_ruin() -> None:
    # 1000 came some time before the close; the loss of 150 cannot have been on 100 alone.
    result = retro([ours("03-02", {"a": 100}), ours("03-03", {"a": 950}, net_flow=1000)])
    assert returns(result) == [None]
    assert "chain_break" in kinds(result)


@pytest.mark.parametrize("nav", [0, -5])
def test_wealth_is_clamped_at_zero_when_nav_is_used_up(nav: int) -> None:
    result = retro(daily([100, 120, nav, 10, 20]))
    assert returns(result) == [0.2, -1.0, None, None]
    assert [entry.wealth for entry in result.days] == [1.2, 0.0, 0.0, 0.0]
    assert figure(result, "total_return") == -1.0
    assert figure(result, "max_drawdown") == -1.0
    for key in ("sharpe_ratio", "sharpe_standard_error", "sortino_ratio", "calmar_ratio"):
        assert reason(result, key) == "NAV was used up on 2026-03-04"
    assert "nav_not_positive" in kinds(result)


def test_several_snapshots_a_day_are_linked_one_by_one() -> None:
    # 100 → 50, deposit of 50 valued at noon, 100 → 150: −50 % and +50 %.
    result = retro(
        [
            ours("03-02", {"a": 100}),
            ours("03-03 12:00", {"a": 50}),
            ours("03-03 12:01", {"a": 100}, flows=[flow("03-03 12:01", 50)]),
            ours("03-03 21:00", {"a": 150}),
        ]
    )
    assert returns(result) == [-0.25]
    assert result.intraday is not None
    assert result.intraday.depth == pytest.approx(-0.5)
    assert (result.intraday.peak, result.intraday.trough) == (at("03-02"), at("03-03 12:00"))


def test_the_first_days_later_snapshots_count_from_the_first_one() -> None:
    result = retro([ours("03-02 10:00", {"a": 100}), ours("03-02", {"a": 90}), ours("03-03", {"a": 99})])
    assert returns(result) == [-0.1, 0.1]
    assert figure(result, "max_drawdown") == pytest.approx(-0.1)


def gapped(gap: int) -> list[date]:
    days = [date(2026, 3, 2 + i) for i in range(4)]
    return [*days, date.fromordinal(days[-1].toordinal() + gap)]


@pytest.mark.parametrize(("gap", "in_sample"), [(4, True), (5, False)])
def test_a_return_across_a_gap_stays_in_wealth_and_leaves_the_dispersion(gap: int, in_sample: bool) -> None:
    navs = [100, 110, 99, 110, 220]
    records = [daily([nav], day)[0] for nav, day in zip(navs, gapped(gap), strict=True)]
    result = retro(records)
    assert [entry.in_sample for entry in result.days] == [True, True, True, in_sample]
    assert figure(result, "total_return") == pytest.approx(1.2, rel=1e-12)
    assert len(result.returns) == 4
    assert ("gap" in kinds(result)) is not in_sample


def test_a_weekly_series_has_gaps_only_beyond_three_weeks() -> None:
    start = date(2026, 1, 5).toordinal()
    days = [date.fromordinal(start + 7 * week) for week in (0, 1, 2, 5, 9)]
    result = retro([daily([100 + i], day)[0] for i, day in enumerate(days)])
    # Spacings 7, 7, 21, 28; the median is 14, the limit 42.
    assert kinds(result) == []
    days = [date.fromordinal(start + 7 * week) for week in (0, 1, 2, 3, 7)]
    # 7, 7, 7, 28: the limit is 21.
    assert kinds(retro([daily([100 + i], day)[0] for i, day in enumerate(days)])) == ["gap"]


def test_flat_days_are_kept() -> None:
    result = retro(daily([100, 100, 100, 110]))
    assert returns(result) == [0.0, 0.0, 0.1]
    assert (result.tally.up, result.tally.down, result.tally.flat) == (1, 0, 2)


def test_months_and_years_come_from_wealth_and_not_from_nav() -> None:
    # January +10 %, then a deposit that doubles NAV, February −10 %: the year is −1 %.
    result = retro(
        [
            ours("01-01", {"a": 100}),
            ours("01-31", {"a": 110}),
            ours("02-01", {"a": 220}, flows=[flow("02-01", 110)]),
            ours("02-28", {"a": 198}),
        ]
    )
    by_month = {key: round(value, 12) for key, value in monthly_returns(result.days).items()
                if not isinstance(value, Undefined)}  # fmt: skip
    assert by_month == {(2026, 1): 0.1, (2026, 2): -0.1}
    year = yearly_returns(result.days)[2026]
    assert not isinstance(year, Undefined)
    assert year == pytest.approx(-0.01, rel=1e-9)


def test_a_month_with_a_break_inside_has_no_return() -> None:
    result = retro(
        [
            ours("03-02", {"a": 100}),
            ours("03-03", {"a": 0}, flows=[flow("03-03", -100)]),
            ours("03-04", {"a": 100}, flows=[flow("03-04", 100)]),
            ours("03-05", {"a": 110}),
            ours("04-05", {"a": 121}),
        ]
    )
    months = monthly_returns(result.days)
    assert isinstance(months[2026, 3], Undefined)
    assert not isinstance(months[2026, 4], Undefined)
    assert isinstance(yearly_returns(result.days)[2026], Undefined)


def test_money_is_exact_to_the_last_digit() -> None:
    result = retro(daily(["100000000000000000.01", "100000000000000000.03"]))
    assert result.pnl.pnl_usd == Decimal("0.02")
    assert result.pnl.nav_end_usd == Decimal("100000000000000000.03")


def test_the_split_of_the_profit_adds_up() -> None:
    result = retro(
        [
            ours("03-02", {"a": 1000}, unrealized={"a": 20}),
            ours("03-03", {"a": 1150}, unrealized={"a": 50}, realized=15, flows=[flow("03-03", 100)]),
        ]
    )
    pnl = result.pnl
    assert (pnl.pnl_usd, pnl.realized_pnl_usd, pnl.unrealized_change_usd, pnl.other_pnl_usd) == (
        50,
        15,
        30,
        5,
    )


def test_a_live_snapshot_after_a_later_backfill_does_not_count_its_realized_pnl_twice() -> None:
    result = retro(
        [
            ours("03-02", {"a": 100}),
            ours("03-03", {"a": 105}, realized=5, backfill=True),
            ours("03-04", {"a": 107}, realized=7),
        ]
    )
    assert "periods_overlap" in kinds(result)
    assert isinstance(result.pnl.realized_pnl_usd, Undefined)
    assert result.pnl.pnl_usd == 7
