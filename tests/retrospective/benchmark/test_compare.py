"""A desk beside a benchmark: pairs and figures worked by hand, then what holds for every desk."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from git_qoc.report.document import document
from git_qoc.report.json_text import json_text
from git_qoc.report.markdown import to_markdown
from git_qoc.retrospective.benchmark.closes import Series
from git_qoc.retrospective.benchmark.compare import NOT_CHOSEN, Benchmark
from git_qoc.retrospective.benchmark.pairs import Pairs, pairs
from git_qoc.retrospective.benchmark.relative import KEYS, Both, relative
from git_qoc.retrospective.choices import Choices
from git_qoc.retrospective.compute import compute
from git_qoc.retrospective.metrics import Undefined
from git_qoc.retrospective.point import SnapshotRecord
from tests.retrospective.builders import UTC_CHOICES, daily, ours, retro
from tests.retrospective.test_properties import any_snapshot

D = Decimal
THURSDAY = date(2026, 3, 5)


def series(closes: Mapping[str, int | str], year: int = 2026) -> Series:
    """`{"03-05": 50}` of 2026."""
    days = tuple(date.fromisoformat(f"{year}-{day}") for day in closes)
    return Series("SPX", "closes.csv", days, tuple(D(close) for close in closes.values()))


def every_day(closes: Sequence[int | str | Decimal], start: date = THURSDAY) -> Series:
    days = tuple(start + timedelta(days=after) for after in range(len(closes)))
    return Series("SPX", "closes.csv", days, tuple(D(close) for close in closes))


def beside(
    records: Sequence[SnapshotRecord], closes: Series | Undefined | None, chosen: Choices = UTC_CHOICES
) -> Benchmark:
    found = compute(records, chosen, closes).benchmark
    assert isinstance(found, Benchmark), found
    return found


def why_not(records: Sequence[SnapshotRecord], closes: Series | Undefined | None) -> str:
    found = compute(records, UTC_CHOICES, closes).benchmark
    assert isinstance(found, Undefined), found
    return found.reason


def paired(records: Sequence[SnapshotRecord], closes: Series) -> Pairs:
    return pairs(retro(records).days, closes)


def told(found: Pairs) -> list[tuple[str, float, float, int]]:
    return [(f"{pair.day:%m-%d}", round(pair.ours, 12), pair.theirs, pair.days) for pair in found.all]


# Pairs.

# Thursday to Monday: +10 % on Friday, +10 %, 0 and +10 % over the weekend.
COINS = daily(["100", "110", "121", "121", "133.1"], THURSDAY)


def test_a_weekend_of_coins_is_linked_to_the_index_on_monday() -> None:
    """110 → 133.1 is +21 %, 51 → 52.02 is +2 %; no return of 0 stands for Saturday or Sunday."""
    found = paired(COINS, series({"03-05": 50, "03-06": 51, "03-09": "52.02"}))
    assert told(found) == [("03-06", 0.1, 0.02, 1), ("03-09", 0.21, 0.02, 3)]
    assert found.left_out == 0


def test_days_after_the_last_close_are_in_no_pair() -> None:
    found = paired(COINS, series({"03-05": 50, "03-06": 51}))
    assert told(found) == [("03-06", 0.1, 0.02, 1)]
    assert found.left_out == 3


def test_a_day_before_the_first_close_is_in_no_pair() -> None:
    found = paired(COINS, series({"03-06": 50, "03-07": 51, "03-08": 51, "03-09": 51}))
    assert told(found) == [("03-07", 0.1, 0.02, 1), ("03-08", 0.0, 0.0, 1), ("03-09", 0.1, 0.0, 1)]
    assert found.left_out == 1, "and a close that is the same again is a return of 0"


def test_a_close_from_before_the_first_snapshot_opens_the_first_pair_up_to_four_days_later() -> None:
    for first, pairs_found in (("03-01", ["03-06"]), ("02-28", [])):
        found = paired(COINS[:2], series({first: 50, "03-06": 51}))
        assert [pair.day.strftime("%m-%d") for pair in found.all] == pairs_found
        assert found.left_out == 1 - len(pairs_found)


def test_a_hole_of_more_than_four_days_is_neither_filled_nor_linked() -> None:
    """Closes of Friday the 6th and from the 12th on: Friday's stands until the 10th, the 11th has none."""
    navs = [100 + after for after in range(10)]
    found = paired(daily(navs, THURSDAY), series({"03-05": 50, "03-06": 51, "03-12": 60, "03-13": 66}))
    assert [(f"{pair.day:%m-%d}", pair.theirs) for pair in found.all] == [("03-06", 0.02), ("03-13", 0.1)]
    assert found.left_out == 7


def test_no_pair_runs_over_a_break_of_the_chain() -> None:
    """On Saturday NAV is below zero: Friday's is the last return, and Monday's has nothing to grow from."""
    navs = {"03-05": 100, "03-06": 110, "03-07": -5, "03-09": 60}
    records = [ours(when, {"a": nav}) for when, nav in navs.items()]
    found = paired(records, series({"03-05": 50, "03-06": 51, "03-09": 52}))
    assert [f"{pair.day:%m-%d}" for pair in found.all] == ["03-06"]


def test_the_first_days_own_return_has_no_close_that_it_begins_with() -> None:
    records = [ours("03-05 10:00", {"a": 100}), ours("03-05", {"a": 105}), ours("03-06", {"a": 110})]
    found = paired(records, series({"03-04": 49, "03-05": 50, "03-06": 51}))
    assert told(found) == [("03-06", round(110 / 105 - 1, 12), 0.02, 1)]
    assert found.left_out == 1


def test_a_return_across_a_gap_counts_in_the_totals_and_leaves_the_sample() -> None:
    """Thursday to Sunday, and then 20 days later: of four returns the last spans a gap."""
    records = [*daily([100, 110, 110, 110], THURSDAY), *daily([121], date(2026, 3, 28))]
    closes = series({"03-05": 50, "03-06": 51, "03-07": 51, "03-08": 51, "03-28": "61.2"})
    found = beside(records, closes)
    assert (found.n, found.left_out) == (3, 1)
    assert found.figures["total_return"] == pytest.approx(0.224)
    assert found.figures["own_total_return"] == pytest.approx(0.21)
    assert found.figures["excess_return"] == pytest.approx(-0.014)


# What is compared.


def test_totals_are_of_the_time_that_both_have() -> None:
    """Closes end on Friday: +10 % of the desk's beside +2 %, whatever came after."""
    found = beside(COINS, series({"03-05": 50, "03-06": 51}))
    assert (found.start, found.end) == (THURSDAY, date(2026, 3, 6))
    assert found.figures["total_return"] == pytest.approx(0.02)
    assert found.figures["own_total_return"] == pytest.approx(0.1)
    assert found.equity == (
        (THURSDAY, 1.0),
        (date(2026, 3, 6), 1.02),
        (date(2026, 3, 7), 1.02),
        (date(2026, 3, 8), 1.02),
        (date(2026, 3, 9), 1.02),
    )


def test_the_drawdown_is_of_closes_on_the_desks_days() -> None:
    """50 → 60 → 45 → 54: −25 %; the 30 in between, on a day without a snapshot, is not seen."""
    days = [THURSDAY + timedelta(days=after) for after in (0, 1, 3, 4)]
    records = [one for day in days for one in daily([100], day)]
    found = beside(records, every_day([50, 60, 30, 45, 54]))
    assert found.figures["max_drawdown"] == pytest.approx(-0.25)


def test_a_years_growth_is_told_from_a_year_on() -> None:
    start = date(2024, 1, 1)
    days = [start + timedelta(days=after) for after in (0, 366)]
    records = [one for day in days for one in daily([100], day)]
    closes = Series("SPX", "closes.csv", tuple(days), (D(100), D(121)))
    found = beside(records, closes)
    assert found.figures["cagr"] == pytest.approx(1.21 ** (365.25 / 366) - 1)
    assert isinstance(beside(COINS, every_day([1, 2, 3, 4, 5])).figures["cagr"], Undefined)


def test_without_a_benchmark_the_reason_stands_and_nothing_else_changes() -> None:
    assert why_not(COINS, None) == NOT_CHOSEN.reason
    assert why_not(COINS, Undefined("closes.csv:3: broken")) == "closes.csv:3: broken"
    assert why_not(COINS[:1], every_day([1, 2])) == "there is no return yet to compare"
    assert why_not(COINS, series({"01-05": 50, "01-06": 51})) == (
        "closes.csv: found closes from 2026-01-05 to 2026-01-06, expected two on days from 2026-03-05 to "
        "2026-03-09. Fetch them with `git qoc run benchmark`"
    )
    with_one, without = compute(COINS, UTC_CHOICES, every_day([1, 2, 3, 4, 5])), retro(COINS)
    assert with_one.figures == without.figures


def test_periods_a_year_are_the_desks_unless_days_had_to_be_linked() -> None:
    """A desk of coins has 365; its pairs with an index that rests at weekends are 252 a year."""
    days = [THURSDAY + timedelta(days=after) for after in range(60)]
    desk = daily([100 + after for after in range(60)], THURSDAY)
    weekdays = [day for day in days if day.weekday() < 5]
    index = Series("SPX", "c.csv", tuple(weekdays), tuple(D(50 + at) for at in range(len(weekdays))))
    coin = every_day([50 + after for after in range(60)])
    assert retro(desk).periods_per_year == 365
    assert beside(desk, coin).periods_per_year == 365
    found = beside(desk, index)
    assert (found.periods_per_year, found.n, found.linked) == (252, len(weekdays) - 1, 8)
    chosen = Choices(UTC_CHOICES.zone, periods_per_year=300)
    assert beside(desk, index, chosen).periods_per_year == 300


# Figures of pairs.

RISES, FALLS = 0.02, -0.01
THEIRS = [RISES, FALLS] * 10
OURS = [0.5 * b + 0.001 for b in THEIRS]


def test_figures_worked_by_hand() -> None:
    """b is +2 %, −1 % in turn; r = b/2 + 0.1 %: r − b is −0.9 %, +0.6 %, so ±0.75 % around −0.15 %."""
    found = relative(Both(OURS, THEIRS, 252.0), 0.0)
    deviation = 0.0075 * math.sqrt(20 / 19)
    expected = {
        "beta": 0.5,
        "alpha": 1.001**252 - 1,
        "correlation": 1.0,
        "tracking_error": deviation * math.sqrt(252),
        "information_ratio": -0.0015 / deviation * math.sqrt(252),
        "up_capture": (1.011**252 - 1) / (1.02**252 - 1),
        "down_capture": (0.996**252 - 1) / (0.99**252 - 1),
    }
    assert found == pytest.approx(expected, rel=1e-9)
    assert tuple(found) == KEYS


def test_the_risk_free_rate_is_in_alpha_alone() -> None:
    with_rate, without = relative(Both(OURS, THEIRS, 252.0), 0.05), relative(Both(OURS, THEIRS, 252.0), 0.0)
    rate = 1.05 ** (1 / 252) - 1
    assert with_rate["alpha"] == pytest.approx((1.001 - rate + 0.5 * rate) ** 252 - 1, rel=1e-9)
    assert {**with_rate, "alpha": 0} == {**without, "alpha": 0}


@pytest.mark.parametrize(
    ("returns", "key", "reason"),
    [
        ((OURS[:19], THEIRS[:19]), "beta", "needs 20 pairs of returns, has 19"),
        ((OURS, [0.01] * 20), "beta", "the benchmark's returns do not vary"),
        ((OURS, [0.01] * 20), "alpha", "the benchmark's returns do not vary"),
        ((OURS, [0.01] * 20), "correlation", "the benchmark's returns do not vary"),
        (([0.01] * 20, THEIRS), "correlation", "the desk's returns do not vary"),
        (
            (THEIRS, THEIRS),
            "information_ratio",
            "the returns never differ from the benchmark's in more than a constant",
        ),
        ((OURS, [-0.01, -0.02] * 10), "up_capture", "no period in which the benchmark rose"),
        ((OURS, [0.01, 0.02] * 10), "down_capture", "no period in which the benchmark fell"),
        (([99.0, -0.5] * 10, [1e-9, -1e-9] * 10), "alpha", "too large to be told"),
        (([-0.99, 0.0] * 10, [0.001, 0.0] * 10), "alpha", None),
        (([50.0] * 20, THEIRS), "up_capture", "too large to be told"),
        ((OURS, [1e-17, -0.01] * 10), "up_capture", "the benchmark's move in these periods is too small"),
    ],
)
def test_undefined_has_its_reason(
    returns: tuple[list[float], list[float]], key: str, reason: str | None
) -> None:
    found = relative(Both(*returns, 252.0), 0.0)[key]
    assert (found.reason if isinstance(found, Undefined) else None) == reason


def test_after_a_ruin_ratios_are_undefined() -> None:
    desk = daily([*range(100, 130), 0], THURSDAY)
    found = beside(desk, every_day(range(100, 131)))
    assert found.figures["beta"] == Undefined(f"NAV was used up on {THURSDAY + timedelta(days=30)}")
    assert found.figures["own_total_return"] == -1.0


# What holds for every desk.

prices = st.lists(st.integers(1, 10**6), min_size=22, max_size=40)


@given(prices)
def test_beside_its_own_closes_a_desk_has_beta_one_and_nothing_else(closes: list[int]) -> None:
    found = beside(daily(closes, THURSDAY), every_day(closes)).figures
    assert found["excess_return"] == pytest.approx(0.0, abs=1e-9 * max(closes) / min(closes))
    assert found["tracking_error"] == 0.0
    assert isinstance(found["information_ratio"], Undefined)
    if isinstance(found["beta"], Undefined):
        assert len(set(closes)) == 1 or "do not vary" in found["beta"].reason
        return
    assert found["beta"] == pytest.approx(1.0, rel=1e-9)
    assert isinstance(found["alpha"], Undefined) or found["alpha"] == pytest.approx(0.0, abs=1e-6)
    assert found["correlation"] == pytest.approx(1.0, rel=1e-9)
    for key in ("up_capture", "down_capture"):
        assert isinstance(found[key], Undefined) or found[key] == pytest.approx(1.0, rel=1e-9)


@given(prices, st.data(), st.integers(2, 10**6))
def test_the_size_of_an_index_changes_nothing(closes: list[int], data: st.DataObject, scale: int) -> None:
    navs = data.draw(st.lists(st.integers(1, 10**6), min_size=len(closes), max_size=len(closes)))
    desk = daily(navs, THURSDAY)
    small = beside(desk, every_day(closes))
    large = beside(desk, every_day([close * scale for close in closes]))
    assert large.figures == small.figures
    assert large.equity == small.equity


@given(st.sets(st.integers(1, 29), max_size=20))
def test_a_day_without_a_close_is_never_a_return_of_zero(missing: set[int]) -> None:
    """Closes rise by 1 % a day: every pair has a gain, and together they make the whole of it."""
    whole = every_day([str(D(100) * D("1.01") ** after) for after in range(31)])
    kept = [place for place in range(31) if place not in missing]
    some = Series(
        "SPX", "c.csv", tuple(whole.days[at] for at in kept), tuple(whole.prices[at] for at in kept)
    )
    found = paired(daily(range(100, 131), THURSDAY), some)
    assert all(pair.theirs > 0.009 for pair in found.all)
    assume(found.left_out == 0)
    assert math.prod(1 + pair.theirs for pair in found.all) == pytest.approx(1.01**30)
    assert math.prod(1 + pair.ours for pair in found.all) == pytest.approx(1.3)


any_series = st.dictionaries(
    st.dates(date(2026, 1, 1), date(2026, 2, 28)),
    st.decimals("1e-9", "1e12", places=9),
    min_size=1,
    max_size=60,
).map(lambda found: Series("X", "x.csv", tuple(sorted(found)), tuple(found[day] for day in sorted(found))))


@given(st.lists(any_snapshot(), max_size=30, unique_by=lambda item: item.path), any_series)
def test_any_desk_beside_any_closes_has_finite_figures_or_reasons(
    records: list[SnapshotRecord], closes: Series
) -> None:
    result = compute(records, Choices(UTC_CHOICES.zone, benchmark="X"), closes)
    part = json.loads(json_text(document(result)))["benchmark"]
    assert to_markdown(result)
    if part is None:
        assert isinstance(result.benchmark, Undefined)
        return
    nothing = {key for key, value in part.items() if value is None}
    assert nothing == part["reasons"].keys()
    assert part["equity"][0]["wealth"] == 1
    assert part["n"] + part["left_out"] <= len(result.returns)
