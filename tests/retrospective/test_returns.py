"""Rules 5, 6, 7 and 14, each number worked by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from git_qoc.money import total
from git_qoc.retrospective.calendar import monthly_returns, yearly_returns
from git_qoc.retrospective.metrics import Undefined
from git_qoc.retrospective.point import SnapshotRecord
from git_qoc.snapshots.snapshot import AccountRow, Snapshot
from git_qoc.snapshots.toml import dumps, file_name
from tests.retrospective.builders import (
    at,
    daily,
    figure,
    flow,
    kinds,
    ours,
    reason,
    retro,
    returns,
)


def test_the_first_snapshot_has_no_return() -> None:
    result = retro(daily([100]))
    assert returns(result) == []
    assert result.n_points == 1
    assert reason(result, "total_return") == "needs two complete snapshots"


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


def test_a_transfer_under_way_without_a_valuation_is_an_estimate() -> None:
    out = [flow("03-03 09:00", -500, "a", "transfer")]
    result = retro([ours("03-02", {"a": 1000, "b": 0}), ours("03-03", {"a": 500, "b": 0}, flows=out)])
    assert result.days[0].estimated


def test_a_chain_that_breaks_within_a_day_begins_anew_that_day() -> None:
    records = [
        ours("03-02", {"a": 100}),
        ours("03-03", {"a": 110}),
        ours("03-04 10:00", {"a": 0}, flows=[flow("03-04 10:00", -110)]),
        ours("03-04 12:00", {"a": 200}, flows=[flow("03-04 12:00", 200)]),
        ours("03-04 21:00", {"a": 220}),
        ours("03-05", {"a": 220}),
    ]
    result = retro(records)
    assert returns(result) == [0.1, 0.1, 0.0]
    assert [(part.start.day, part.end.day) for part in result.segments] == [(2, 3), (4, 5)]
    assert isinstance(monthly_returns(result.days)[2026, 3], Undefined)


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
    result = retro([daily([100 + i], day)[0] for i, day in enumerate(days)])
    assert kinds(result) == ["gap"]
    # The mean spacing is that of the returns in the sample: weekly.
    assert result.periods_per_year == 365.25 / 7


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
    assert result.pnl.pnl_usd == 50
    assert result.pnl.realized_pnl_usd == 15
    assert result.pnl.unrealized_change_usd == 30
    assert result.pnl.other_pnl_usd == 5


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


def test_what_two_clones_both_tell_counts_once() -> None:
    both = flow("03-03 10:00", 100)
    result = retro(
        [
            ours("03-02", {"a": 1000}, since="03-01"),
            ours("03-03", {"a": 1105}, realized=5, flows=[both], account_flows={"a": 100}, since="03-02"),
            ours("03-04", {"a": 1112}, realized=12, flows=[both], account_flows={"a": 100}, since="03-02"),
        ]
    )
    assert kinds(result) == ["periods_overlap"]
    assert result.pnl.net_flow_usd == 100
    assert result.pnl.realized_pnl_usd == 12
    assert result.pnl.other_pnl_usd == 0


def test_what_was_told_since_a_snapshot_that_is_gone_is_unknown() -> None:
    result = retro(
        [
            ours("03-02", {"a": 1000}),
            ours("03-04", {"a": 1012}, realized=5, since="03-03"),
        ]
    )
    assert kinds(result) == ["flows_unrecorded", "periods_overlap"]
    assert isinstance(result.pnl.realized_pnl_usd, Undefined)
    assert result.pnl.pnl_usd == 12


def test_what_two_clones_tell_of_an_account_that_was_out_in_between_counts_once() -> None:
    # One clone reads b on the 3rd; the other, which could not on the 4th, tells on the 5th what b
    # did since the 2nd. The desk as a whole is since the 4th then, which is the one before it.
    a = ("a", 1000, 0, 0)
    result = retro(
        [
            told("03-02", None, {"a": None, "b": None}, [a, ("b", 1000, 0, 0)]),
            told("03-03", "03-02", {"a": "03-02", "b": "03-02"}, [a, ("b", 1107, 7, 100)]),
            told("03-04", "03-02", {"a": "03-02"}, [a], degraded=("b",)),
            told("03-05", "03-04", {"a": "03-04", "b": "03-02"}, [a, ("b", 1159, 9, 150)]),
        ]
    )
    assert "periods_overlap" in kinds(result)
    assert result.pnl.realized_pnl_usd == 9
    assert result.pnl.net_flow_usd == 150
    assert result.pnl.other_pnl_usd == 0


def told(
    when: str,
    since: str | None,
    sinces: dict[str, str | None],
    rows: list[tuple[str, int, int, int]],
    degraded: tuple[str, ...] = (),
) -> SnapshotRecord:
    """Rows are (connector, NAV, realized, flow), each since its own snapshot in `sinces`."""
    accounts = tuple(
        AccountRow(
            name, "equities", "paper", Decimal(nav), at(when),
            realized_pnl=Decimal(realized) if sinces[name] else None,
            unrealized_pnl=Decimal(0),
            net_flow_usd=Decimal(net) if sinces[name] else None,
            since=at(start) if (start := sinces[name]) else None,
        )
        for name, nav, realized, net in rows
    )  # fmt: skip
    known = [row for row in accounts if row.since]
    snapshot = Snapshot(
        at(when),
        sum((row.nav_usd for row in accounts), Decimal(0)),
        realized_pnl=total(row.realized_pnl for row in known),
        unrealized_pnl=Decimal(0),
        connectors=tuple(sinces),
        schema=1,
        net_flow_usd=total(row.net_flow_usd for row in known) if since else None,
        degraded=degraded,
        accounts=accounts,
        since=at(since) if since else None,
    )
    return SnapshotRecord("snapshots/" + file_name(at(when)), dumps(snapshot))


def test_a_first_snapshot_of_a_clone_behind_another_ones_does_not_tell_zero() -> None:
    # Two clones of a new desk each take a first snapshot: what happened between them nobody told.
    result = retro(
        [
            told("03-02", None, {"a": None}, [("a", 1000, 0, 0)]),
            told("03-03", None, {"a": None}, [("a", 1400, 0, 0)]),
            told("03-04", "03-03", {"a": "03-03"}, [("a", 1410, 10, 0)]),
        ]
    )
    assert isinstance(result.pnl.realized_pnl_usd, Undefined)
    assert isinstance(result.pnl.other_pnl_usd, Undefined)
    assert "flows_unrecorded" in kinds(result)


def test_an_account_that_is_new_to_one_clone_only_is_not_told_to_have_moved_nothing() -> None:
    # b was connected and read by one clone; the other reads b for the first time a day later.
    a = ("a", 1000, 0, 0)
    result = retro(
        [
            told("03-02", None, {"a": None}, [a]),
            told("03-03", "03-02", {"a": "03-02", "b": None}, [a, ("b", 1000, 0, 0)]),
            told("03-04", "03-02", {"a": "03-02", "b": None}, [a, ("b", 1500, 0, 0)]),
        ]
    )
    assert isinstance(result.pnl.realized_pnl_usd, Undefined)
    assert "flows_unrecorded" in kinds(result)
