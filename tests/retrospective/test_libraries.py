"""The figures against empyrical-reloaded and quantstats on real closes (git_qoc/data/closes.csv).

Each symbol becomes a desk that holds 1,000 units of it and snapshots them once a day, so
that its returns are the closes' own; a mixed desk holds several and cash. The libraries get
the returns from the closes by pandas, never from us. Where a definition differs the test's
name says so.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import git_qoc
from git_qoc.retrospective.calendar import monthly_returns
from git_qoc.retrospective.choices import Choices
from git_qoc.retrospective.point import SnapshotRecord
from git_qoc.retrospective.result import Retrospective
from git_qoc.snapshots.snapshot import AccountRow, PositionRow, Snapshot
from git_qoc.snapshots.toml import dumps, file_name
from tests.retrospective.builders import UTC_CHOICES, figure, retro

with warnings.catch_warnings():
    # Their imports of scientific packages may warn; what they compute may not.
    warnings.simplefilter("ignore")
    empyrical: Any = import_module("empyrical")
    qs: Any = import_module("quantstats.stats")
    pd: Any = import_module("pandas")

Frame = Any  # a pandas.DataFrame; pandas has no types
Series = Any  # a pandas.Series
CLOSES = Path(git_qoc.__file__).parent / "data" / "closes.csv"
STOCKS = ("AAPL", "JPM", "KO")
SYMBOLS = (*STOCKS, "SPX", "BTC-USD")
MIXED = {"AAPL": 400, "JPM": 150, "KO": 200, "BTC-USD": 12}
RISK_FREE = 0.02
EXACT = 1e-9


@cache
def closes() -> Frame:
    """Closes by date and symbol; no close is NaN."""
    table = pd.read_csv(CLOSES, parse_dates=["date"])
    return table.pivot_table(index="date", columns="symbol", values="close")


def navs(symbol: str) -> Series:
    """The NAV series of a desk, computed by pandas alone."""
    if symbol == "mixed":
        marks = closes()[list(MIXED)].ffill().dropna()
        return sum(marks[name] * quantity for name, quantity in MIXED.items()) + 5_000.0
    return closes()[symbol].dropna() * 1000


def snapshot_of(day: Any, holdings: dict[str, tuple[int, str]], cash: str) -> SnapshotRecord:
    when = datetime.combine(day.date(), time(21), UTC)
    rows = tuple(
        PositionRow("main", name, Decimal(quantity), mark=Decimal(mark))
        for name, (quantity, mark) in holdings.items()
    )
    nav = sum((row.quantity * (row.mark or 0) for row in rows), Decimal(cash))
    account = AccountRow("main", "equities", "paper", nav, when, Decimal(cash))
    text = dumps(
        Snapshot(when, nav, Decimal(cash), None, None, ("main",), 1, Decimal(0), accounts=(account,),
                 positions=rows)
    )  # fmt: skip
    return SnapshotRecord("snapshots/" + file_name(when), text, enabled=frozenset({"main"}))


@cache
def records(symbol: str) -> tuple[SnapshotRecord, ...]:
    if symbol == "mixed":
        marks = closes()[list(MIXED)].ffill().dropna()
        return tuple(
            snapshot_of(day, {n: (q, repr(float(marks.loc[day, n]))) for n, q in MIXED.items()}, "5000")
            for day in marks.index
        )
    series = closes()[symbol].dropna()
    return tuple(snapshot_of(day, {symbol: (1000, repr(float(mark)))}, "0") for day, mark in series.items())


@cache
def ours(symbol: str) -> Retrospective:
    return retro(records(symbol), Choices(UTC_CHOICES.zone, risk_free=RISK_FREE))


@cache
def theirs(symbol: str) -> Series:
    return navs(symbol).pct_change().dropna()


def ppy(symbol: str) -> int:
    return 365 if symbol in ("BTC-USD", "mixed") else 252


def period_rate(symbol: str) -> float:
    return float((1 + RISK_FREE) ** (1 / ppy(symbol)) - 1)


Library = Callable[[Any, int, float], float]

AGREE: dict[str, tuple[str, Library]] = {
    "empyrical.cum_returns_final": ("total_return", lambda r, _p, _f: empyrical.cum_returns_final(r)),
    "empyrical.annual_volatility": (
        "volatility",
        lambda r, p, _f: empyrical.annual_volatility(r, annualization=p),
    ),
    "empyrical.sharpe_ratio": (
        "sharpe_ratio",
        lambda r, p, f: empyrical.sharpe_ratio(r, risk_free=f, annualization=p),
    ),
    "empyrical.sortino_ratio": (
        "sortino_ratio",
        lambda r, p, _f: empyrical.sortino_ratio(r, annualization=p),
    ),
    "empyrical.max_drawdown": ("max_drawdown", lambda r, _p, _f: empyrical.max_drawdown(r)),
    "empyrical.value_at_risk": ("value_at_risk_95", lambda r, _p, _f: empyrical.value_at_risk(r)),
    "empyrical.conditional_value_at_risk": (
        "cvar_95",
        lambda r, _p, _f: empyrical.conditional_value_at_risk(r),
    ),
    "quantstats.comp": ("total_return", lambda r, _p, _f: qs.comp(r)),
    "quantstats.volatility": ("volatility", lambda r, p, _f: qs.volatility(r, periods=p)),
    "quantstats.sharpe": ("sharpe_ratio", lambda r, p, _f: qs.sharpe(r, rf=RISK_FREE, periods=p)),
    "quantstats.sortino": ("sortino_ratio", lambda r, p, _f: qs.sortino(r, periods=p)),
    "quantstats.max_drawdown": ("max_drawdown", lambda r, _p, _f: qs.max_drawdown(r)),
    "quantstats.win_rate": ("win_rate", lambda r, _p, _f: qs.win_rate(r)),
    "quantstats.profit_factor": ("profit_factor", lambda r, _p, _f: qs.profit_factor(r)),
    "quantstats.cvar historical": (
        "cvar_95",
        lambda r, _p, _f: qs.conditional_value_at_risk(r, method="historical"),
    ),
}


@pytest.mark.parametrize("symbol", [*SYMBOLS, "mixed"])
@pytest.mark.parametrize("function", AGREE)
def test_agrees_with(function: str, symbol: str) -> None:
    key, library = AGREE[function]
    expected = library(theirs(symbol), ppy(symbol), period_rate(symbol))
    assert figure(ours(symbol), key) == pytest.approx(float(expected), rel=EXACT)


@pytest.mark.parametrize("symbol", [*SYMBOLS, "mixed"])
def test_daily_returns_are_those_of_pandas(symbol: str) -> None:
    result, expected = ours(symbol), theirs(symbol)
    assert [entry.day for entry in result.days] == [stamp.date() for stamp in expected.index]
    assert [entry.value for entry in result.days] == pytest.approx(expected.tolist(), rel=EXACT, abs=1e-12)
    assert result.findings == ()


@pytest.mark.parametrize("symbol", [*SYMBOLS, "mixed"])
def test_best_and_worst_day_are_those_of_quantstats(symbol: str) -> None:
    result = ours(symbol)
    assert result.best is not None
    assert result.worst is not None
    assert result.best.value == pytest.approx(float(qs.best(theirs(symbol))), rel=EXACT)
    assert result.worst.value == pytest.approx(float(qs.worst(theirs(symbol))), rel=EXACT)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_five_deepest_drawdowns_are_those_of_quantstats(symbol: str) -> None:
    """quantstats counts from the first day under water; the trough and the depth are the same."""
    details = qs.drawdown_details(qs.to_drawdown_series(theirs(symbol)))
    worst = details.sort_values("max drawdown").head(5)
    found = ours(symbol).deepest
    assert [d.depth * 100 for d in found] == pytest.approx(worst["max drawdown"].tolist(), rel=EXACT)
    assert [d.trough.isoformat() for d in found] == worst["valley"].tolist()


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_monthly_returns_are_those_of_pandas(symbol: str) -> None:
    expected = (1 + theirs(symbol)).groupby(
        [theirs(symbol).index.year, theirs(symbol).index.month]
    ).prod() - 1
    found = monthly_returns(ours(symbol).days)
    assert list(found) == [(int(y), int(m)) for y, m in expected.index]
    assert list(found.values()) == pytest.approx(expected.tolist(), rel=EXACT, abs=1e-12)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_ulcer_index_differs_from_quantstats_by_n_in_place_of_n_minus_1(symbol: str) -> None:
    n = len(theirs(symbol))
    expected = float(qs.ulcer_index(theirs(symbol))) * math.sqrt((n - 1) / n)
    assert figure(ours(symbol), "ulcer_index") == pytest.approx(expected, rel=EXACT)


def test_value_at_risk_differs_from_quantstats_which_fits_a_normal_distribution() -> None:
    found, parametric = figure(ours("SPX"), "value_at_risk_95"), float(qs.value_at_risk(theirs("SPX")))
    assert found == pytest.approx(float(theirs("SPX").quantile(0.05)), rel=EXACT)
    assert found != pytest.approx(parametric, rel=1e-3)


def every_second_day(symbol: str) -> tuple[Retrospective, Series, float]:
    """The same closes two days apart: more than a year of history, and calendar = period years."""
    series = closes()[symbol].dropna()
    start = pd.Timestamp("2016-07-04")
    stamps = [start + timedelta(days=2 * i) for i in range(len(series))]
    files = [
        snapshot_of(day, {symbol: (1000, repr(float(mark)))}, "0")
        for day, mark in zip(stamps, series, strict=True)
    ]
    return retro(files), series.pct_change().dropna(), 365.25 / 2


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_cagr_and_calmar_agree_where_calendar_years_and_period_years_are_the_same(symbol: str) -> None:
    result, returns, periods = every_second_day(symbol)
    assert result.periods_per_year == periods
    cagr, calmar = figure(result, "cagr"), figure(result, "calmar_ratio")
    assert cagr == pytest.approx(float(empyrical.annual_return(returns, annualization=periods)), rel=EXACT)
    assert cagr == pytest.approx(float(qs.cagr(returns, periods=periods)), rel=EXACT)
    assert calmar == pytest.approx(float(empyrical.calmar_ratio(returns, annualization=periods)), rel=EXACT)
    assert calmar == pytest.approx(float(qs.calmar(returns, periods=periods)), rel=EXACT)


@pytest.mark.parametrize("symbol", STOCKS)
def test_cagr_differs_from_both_in_counting_calendar_days_and_not_periods(symbol: str) -> None:
    """Below 365 days it is not annualised at all, where both libraries annualise 250 returns."""
    assert (theirs(symbol).index[-1] - theirs(symbol).index[0]).days < 365
    assert "not annualised" in getattr(ours(symbol).figures["cagr"], "reason", "")
    assert math.isfinite(empyrical.annual_return(theirs(symbol), annualization=252))
