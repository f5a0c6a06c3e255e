"""The figures that are more than one number beside empyrical-reloaded, quantstats, ffn, pyxirr and scipy.

As test_libraries.py: real closes, 1e-9, and dates to the day.
"""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, settings
from hypothesis import given as given_by
from hypothesis import strategies as st

from git_qoc.retrospective.calendar import monthly_returns, yearly_returns
from git_qoc.retrospective.metrics import longest_streak
from git_qoc.retrospective.point import SnapshotRecord
from git_qoc.retrospective.result import Retrospective
from git_qoc.snapshots.snapshot import FlowRow, Snapshot
from git_qoc.snapshots.toml import dumps, file_name
from tests.retrospective.builders import figure, retro
from tests.retrospective.real_closes import (
    DESKS,
    EXACT,
    STOCKS,
    SYMBOLS,
    Given,
    closes,
    empyrical,
    ffn,
    given,
    ours,
    pd,
    qs,
    snapshot_of,
    values,
)

pyxirr: Any = import_module("pyxirr")
optimize: Any = import_module("scipy.optimize")

START = datetime(2026, 1, 5, 21, tzinfo=UTC)
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


@pytest.mark.parametrize("symbol", DESKS)
def test_daily_returns_are_those_of_pandas(symbol: str) -> None:
    result, expected = ours(symbol), given(symbol).returns
    assert [entry.day for entry in result.days] == [stamp.date() for stamp in expected.index]
    assert [entry.value for entry in result.days] == pytest.approx(expected.tolist(), rel=EXACT, abs=1e-12)
    assert result.findings == ()


@pytest.mark.parametrize("symbol", DESKS)
def test_best_and_worst_day_are_those_of_quantstats_and_ffn(symbol: str) -> None:
    result, data = ours(symbol), given(symbol)
    stats = ffn.PerformanceStats(data.prices, annualization_factor=data.periods)
    assert result.best is not None
    assert result.worst is not None
    assert result.best.value == pytest.approx(float(qs.best(data.returns)), rel=EXACT)
    assert result.worst.value == pytest.approx(float(qs.worst(data.returns)), rel=EXACT)
    assert result.best.value == pytest.approx(float(stats.best_day), rel=EXACT)
    assert result.worst.value == pytest.approx(float(stats.worst_day), rel=EXACT)


@pytest.mark.parametrize("symbol", DESKS)
def test_the_longest_streaks_are_those_of_quantstats(symbol: str) -> None:
    returns = given(symbol).returns
    assert longest_streak(values(ours(symbol)), 1) == qs.consecutive_wins(returns)
    assert longest_streak(values(ours(symbol)), -1) == qs.consecutive_losses(returns)


def before_and_after(data: Given) -> tuple[dict[date, date], dict[date, date]]:
    days = [stamp.date() for stamp in data.prices.index]
    return {b: a for a, b in pairwise(days)}, dict(pairwise(days))


@pytest.mark.parametrize("symbol", DESKS)
def test_every_drawdown_is_that_of_quantstats_which_dates_the_days_under_water(symbol: str) -> None:
    """Theirs begins on the day after our peak and ends on the day before our recovery, or at the end."""
    data, result = given(symbol), ours(symbol)
    theirs = qs.drawdown_details(qs.to_drawdown_series(data.returns))
    before, after = before_and_after(data)
    start, end = ([date.fromisoformat(text) for text in theirs[name]] for name in ("start", "end"))
    assert [d.peak for d in result.drawdowns] == [before[day] for day in start]
    assert [d.trough.isoformat() for d in result.drawdowns] == theirs["valley"].tolist()
    assert [d.recovery for d in result.drawdowns] == [after.get(day) for day in end]
    assert [d.depth * 100 for d in result.drawdowns] == pytest.approx(
        theirs["max drawdown"].tolist(), rel=EXACT
    )


@pytest.mark.parametrize("symbol", DESKS)
def test_every_drawdown_is_that_of_ffn_which_dates_from_the_first_day_under_water(symbol: str) -> None:
    """Theirs ends on our day of recovery; one that has not recovered ends on the last day."""
    data, result = given(symbol), ours(symbol)
    theirs = ffn.drawdown_details(ffn.to_drawdown_series(data.prices))
    before, _ = before_and_after(data)
    assert [d.peak for d in result.drawdowns] == [before[stamp.date()] for stamp in theirs["Start"]]
    assert [d.recovery or d.last for d in result.drawdowns] == [stamp.date() for stamp in theirs["End"]]
    assert [d.depth for d in result.drawdowns] == pytest.approx(
        [float(depth) for depth in theirs["drawdown"]], rel=EXACT
    )


@pytest.mark.parametrize("symbol", DESKS)
def test_the_maximum_and_the_five_deepest_drawdowns_are_theirs(symbol: str) -> None:
    data, result = given(symbol), ours(symbol)
    underwater = ffn.to_drawdown_series(data.prices)
    assert result.maximum is not None
    assert result.maximum.trough == underwater.idxmin().date()
    assert result.maximum.peak == data.prices[: underwater.idxmin()].idxmax().date()
    deepest = sorted(float(depth) for depth in ffn.drawdown_details(underwater)["drawdown"])[:5]
    assert [d.depth for d in result.deepest] == pytest.approx(deepest, rel=EXACT)


@pytest.mark.parametrize("symbol", DESKS)
def test_months_and_years_are_those_of_empyrical(symbol: str) -> None:
    returns = given(symbol).returns
    months, years = (empyrical.aggregate_returns(returns, period) for period in ("monthly", "yearly"))
    found, by_year = monthly_returns(ours(symbol).days), yearly_returns(ours(symbol).days)
    assert list(found) == [(int(year), int(month)) for year, month in months.index]
    assert list(found.values()) == pytest.approx(months.tolist(), rel=EXACT, abs=1e-12)
    assert list(by_year) == [int(year) for year in years.index]
    assert list(by_year.values()) == pytest.approx(years.tolist(), rel=EXACT)


@pytest.mark.parametrize("symbol", DESKS)
def test_months_and_years_are_those_of_quantstats_which_shows_0_for_a_month_without_returns(
    symbol: str,
) -> None:
    table = qs.monthly_returns(given(symbol).returns)
    found = monthly_returns(ours(symbol).days)
    for year in table.index:
        for number, name in enumerate(MONTHS, start=1):
            assert found.get((int(year), number), 0.0) == pytest.approx(
                float(table.loc[year, name]), rel=EXACT, abs=1e-12
            )
    assert list(yearly_returns(ours(symbol).days).values()) == pytest.approx(table["EOY"].tolist(), rel=EXACT)


@pytest.mark.parametrize("symbol", DESKS)
def test_months_and_years_are_those_of_ffn(symbol: str) -> None:
    """Their table shows 0 for a month outside of the record."""
    table = ffn.PerformanceStats(given(symbol).prices, annualization_factor=252).return_table
    found = monthly_returns(ours(symbol).days)
    for year in table.index:
        for number, name in enumerate(MONTHS, start=1):
            assert found.get((int(year), number), 0.0) == pytest.approx(
                float(table.loc[year, name.title()]), rel=EXACT, abs=1e-12
            )
    assert list(yearly_returns(ours(symbol).days).values()) == pytest.approx(table["YTD"].tolist(), rel=EXACT)


def every_second_day(symbol: str) -> tuple[Retrospective, Given]:
    """The same closes two days apart: more than a year of history, and calendar = period years."""
    series = closes()[symbol].dropna() * 1000
    series.index = [pd.Timestamp("2016-07-04") + timedelta(days=2 * i) for i in range(len(series))]
    files = [
        snapshot_of(day, {symbol: (1000, repr(float(mark)))}, "0")
        for day, mark in zip(series.index, closes()[symbol].dropna(), strict=True)
    ]
    return retro(files), Given(series, series.pct_change().dropna(), 0)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_cagr_and_calmar_agree_where_calendar_years_and_period_years_are_the_same(symbol: str) -> None:
    result, data = every_second_day(symbol)
    returns, periods = data.returns, 365.25 / 2
    assert result.periods_per_year == periods
    cagr, calmar = figure(result, "cagr"), figure(result, "calmar_ratio")
    assert cagr == pytest.approx(float(empyrical.annual_return(returns, annualization=periods)), rel=EXACT)
    assert cagr == pytest.approx(float(qs.cagr(returns, periods=periods)), rel=EXACT)
    assert cagr == pytest.approx(float(ffn.calc_cagr(data.prices)), rel=EXACT)
    assert calmar == pytest.approx(float(empyrical.calmar_ratio(returns, annualization=periods)), rel=EXACT)
    assert calmar == pytest.approx(float(qs.calmar(returns, periods=periods)), rel=EXACT)
    assert calmar == pytest.approx(float(ffn.calc_calmar_ratio(data.prices)), rel=EXACT)


@pytest.mark.parametrize("symbol", STOCKS)
def test_below_365_days_nothing_is_annualised_where_all_three_libraries_do(symbol: str) -> None:
    data = given(symbol)
    assert data.days < 365
    assert "not annualised" in getattr(ours(symbol).figures["cagr"], "reason", "")
    assert math.isfinite(empyrical.annual_return(data.returns, annualization=252))
    assert math.isfinite(qs.cagr(data.returns))
    assert math.isfinite(ffn.calc_cagr(data.prices))


def funded(navs: list[int], flows: list[tuple[int, int]], step: timedelta) -> list[SnapshotRecord]:
    """A snapshot every `step`; a flow is (hours before its snapshot, amount)."""
    records = []
    for i, (nav, (hours, amount)) in enumerate(zip(navs, flows, strict=True)):
        when = START + i * step
        row = FlowRow(when - timedelta(hours=hours), "a", "deposit", Decimal(amount))
        rows = (row,) if amount and i else ()
        net = sum((row.amount_usd for row in rows), Decimal(0))
        text = dumps(Snapshot(when, Decimal(nav), None, None, None, ("a",), 1, net, flows=rows))
        records.append(SnapshotRecord("snapshots/" + file_name(when), text, enabled=frozenset({"a"})))
    return records


def payments(navs: list[int], flows: list[tuple[int, int]], step: timedelta) -> list[tuple[datetime, float]]:
    """What the owner paid in (< 0) and has in the end."""
    paid = [
        (START + i * step - timedelta(hours=hours), -float(amount))
        for i, (hours, amount) in enumerate(flows)
        if i and amount
    ]
    return [(START, -float(navs[0])), *paid, (START + (len(navs) - 1) * step, float(navs[-1]))]


histories = st.integers(3, 12).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(50_000, 200_000), min_size=n, max_size=n),
        st.lists(st.integers(-20_000, 20_000), min_size=n, max_size=n),
    )
)


@settings(max_examples=60, deadline=None)
@given_by(histories, st.integers(15, 90))
def test_the_money_weighted_return_is_the_xirr_of_pyxirr(
    history: tuple[list[int], list[int]], days: int
) -> None:
    navs, amounts = history
    flows, step = [(0, amount) for amount in amounts], timedelta(days=days)
    result = retro(funded(navs, flows, step))
    assume(isinstance(result.figures["money_weighted_return"], float))
    dates, values = zip(*payments(navs, flows, step), strict=True)
    expected = pyxirr.xirr([when.date() for when in dates], values)
    assert figure(result, "money_weighted_return") == pytest.approx(expected, rel=1e-7, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given_by(histories, st.integers(15, 90))
def test_evenly_spaced_it_is_the_irr_of_pyxirr_per_period(
    history: tuple[list[int], list[int]], days: int
) -> None:
    """numpy-financial's irr is per period, too: (1 + irr)^(365/days) − 1."""
    navs, amounts = history
    result = retro(funded(navs, [(0, amount) for amount in amounts], timedelta(days=days)))
    assume(isinstance(result.figures["money_weighted_return"], float))
    per_period = [-navs[0], *(-amount for amount in amounts[1:])]
    per_period[-1] += navs[-1]
    expected = (1 + pyxirr.irr(per_period)) ** (365 / days) - 1
    assert figure(result, "money_weighted_return") == pytest.approx(expected, rel=1e-7, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given_by(histories, st.integers(15, 90), st.lists(st.integers(0, 300), min_size=12, max_size=12))
def test_a_flow_counts_from_its_own_hour_as_scipy_finds_it(
    history: tuple[list[int], list[int]], days: int, hours: list[int]
) -> None:
    navs, amounts = history
    flows, step = list(zip(hours, amounts, strict=False)), timedelta(days=days)
    result = retro(funded(navs, flows, step))
    assume(isinstance(result.figures["money_weighted_return"], float))
    paid = payments(navs, flows, step)

    def present_value(log_rate: float) -> float:
        return math.fsum(v * math.exp(-log_rate * (t - START).total_seconds() / 31_536_000) for t, v in paid)

    expected = math.expm1(optimize.brentq(present_value, -60.0, 60.0, xtol=1e-15, rtol=1e-14))
    assert figure(result, "money_weighted_return") == pytest.approx(expected, rel=1e-9, abs=1e-9)
