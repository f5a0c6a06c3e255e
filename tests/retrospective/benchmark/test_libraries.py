"""The figures beside a benchmark against empyrical-reloaded, quantstats and ffn on real closes.

Desks that hold AAPL, JPM, KO, MSFT or BTC-USD stand beside SPX, whose closes our parser reads from
git_qoc/data/closes.csv. The libraries get returns that pandas makes from the days both have closes
of, never from us: a coin's weekend is so in its return to Monday. Where a definition differs the
test's name says so.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

import pytest

from git_qoc.retrospective.benchmark.closes import Series as OurCloses
from git_qoc.retrospective.benchmark.compare import Benchmark
from git_qoc.retrospective.benchmark.csv_file import parse
from git_qoc.retrospective.choices import Choices
from git_qoc.retrospective.compute import compute
from git_qoc.retrospective.metrics import Undefined
from tests.retrospective.builders import UTC_CHOICES, figure
from tests.retrospective.real_closes import CLOSES, RISK_FREE, closes, ours, records

with warnings.catch_warnings():
    # Their imports of scientific packages may warn; what they compute may not.
    warnings.simplefilter("ignore")
    empyrical: Any = import_module("empyrical")
    ffn: Any = import_module("ffn.core")
    qs: Any = import_module("quantstats.stats")

Series = Any  # a pandas.Series; pandas has no types
SYMBOLS = ("AAPL", "JPM", "KO", "MSFT", "BTC-USD")
EXACT = 1e-9
YEAR = 252
RATE = float((1 + RISK_FREE) ** (1 / YEAR) - 1)


@cache
def beside(symbol: str) -> Benchmark:
    spx = parse(CLOSES.read_bytes(), "closes.csv", "SPX")
    assert isinstance(spx, OurCloses)
    chosen = Choices(UTC_CHOICES.zone, risk_free=RISK_FREE)
    found = compute(records(symbol), chosen, spx).benchmark
    assert isinstance(found, Benchmark), found
    return found


@cache
def returns(symbol: str) -> tuple[Series, Series]:
    """The desk's and SPX's, over the days on which both have closes."""
    both = closes()[[symbol, "SPX"]].dropna().pct_change().dropna()
    return both[symbol], both["SPX"]


def found(symbol: str, key: str) -> float:
    value = beside(symbol).figures[key]
    assert not isinstance(value, Undefined), value
    return value


Library = Callable[[Series, Series], float]

AGREE: dict[str, tuple[str, Library]] = {
    "empyrical.beta": ("beta", lambda r, b: empyrical.beta(r, b, risk_free=RATE)),
    "empyrical.alpha": ("alpha", lambda r, b: empyrical.alpha(r, b, risk_free=RATE, annualization=YEAR)),
    "empyrical.up_capture": ("up_capture", empyrical.up_capture),
    "empyrical.down_capture": ("down_capture", empyrical.down_capture),
    "empyrical.annual_volatility of the difference": (
        "tracking_error",
        lambda r, b: empyrical.annual_volatility(r - b, annualization=YEAR),
    ),
    "empyrical.cum_returns_final of the benchmark": (
        "total_return",
        lambda _r, b: empyrical.cum_returns_final(b),
    ),
    "empyrical.cum_returns_final of the desk": (
        "own_total_return",
        lambda r, _b: empyrical.cum_returns_final(r),
    ),
    "empyrical.max_drawdown": ("max_drawdown", lambda _r, b: empyrical.max_drawdown(b)),
    "empyrical.annual_volatility": (
        "volatility",
        lambda _r, b: empyrical.annual_volatility(b, annualization=YEAR),
    ),
    "empyrical.sharpe_ratio": (
        "sharpe_ratio",
        lambda _r, b: empyrical.sharpe_ratio(b, risk_free=RATE, annualization=YEAR),
    ),
    "quantstats.greeks beta": ("beta", lambda r, b: qs.greeks(r, b, periods=YEAR)["beta"]),
    "quantstats.comp": ("excess_return", lambda r, b: qs.comp(r) - qs.comp(b)),
    "quantstats.volatility": ("volatility", lambda _r, b: qs.volatility(b, periods=YEAR)),
    "quantstats.sharpe": ("sharpe_ratio", lambda _r, b: qs.sharpe(b, rf=RISK_FREE, periods=YEAR)),
    "quantstats.max_drawdown": ("max_drawdown", lambda _r, b: qs.max_drawdown(b)),
    "pandas.Series.corr": ("correlation", lambda r, b: r.corr(b)),
    "pandas.Series.std of the difference": (
        "tracking_error",
        lambda r, b: (r - b).std(ddof=1) * math.sqrt(YEAR),
    ),
}


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("function", AGREE)
def test_agrees_with(function: str, symbol: str) -> None:
    key, library = AGREE[function]
    assert found(symbol, key) == pytest.approx(float(library(*returns(symbol))), rel=EXACT)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_every_pair_is_of_days_that_pandas_finds_closes_of_on_both_sides(symbol: str) -> None:
    result, (desk, _) = beside(symbol), returns(symbol)
    assert (result.n, result.periods_per_year) == (len(desk), YEAR)
    assert (result.start, result.end) == (
        closes()[[symbol, "SPX"]].dropna().index[0].date(),
        desk.index[-1].date(),
    )


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_information_ratio_is_annual_where_all_three_tell_one_of_a_day(symbol: str) -> None:
    r, b = returns(symbol)
    a_day = found(symbol, "information_ratio") / math.sqrt(YEAR)
    assert a_day == pytest.approx(float(empyrical.excess_sharpe(r, b)), rel=EXACT)
    assert a_day == pytest.approx(float(qs.information_ratio(r, b)), rel=EXACT)
    assert a_day == pytest.approx(float(ffn.calc_information_ratio(r, b)), rel=EXACT)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_square_of_the_correlation_is_quantstats_r_squared(symbol: str) -> None:
    expected = float(qs.r_squared(*returns(symbol)))
    assert found(symbol, "correlation") ** 2 == pytest.approx(expected, rel=EXACT)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_alpha_differs_from_quantstats_which_adds_up_days_and_leaves_the_risk_free_rate_out(
    symbol: str,
) -> None:
    """Theirs a day is mean(r) − β · mean(b); ours takes (1 − β) · rf off it and compounds the year."""
    a_day = float(qs.greeks(*returns(symbol), periods=YEAR)["alpha"]) / YEAR
    expected = (1 + a_day - (1 - found(symbol, "beta")) * RATE) ** YEAR - 1
    assert found(symbol, "alpha") == pytest.approx(expected, rel=EXACT)


def test_beside_an_index_a_coin_keeps_its_weekends_where_libraries_that_join_returns_lose_them() -> None:
    """Joined by returns, Monday's of the coin (from Sunday) meets Monday's of the index (from Friday)."""
    coin, index = (closes()[name].dropna().pct_change().dropna() for name in ("BTC-USD", "SPX"))
    joined = float(empyrical.beta(coin, index))
    assert found("BTC-USD", "beta") != pytest.approx(joined, rel=1e-3)
    lost = float(empyrical.cum_returns_final(coin[coin.index.isin(index.index)]))
    assert found("BTC-USD", "own_total_return") != pytest.approx(lost, rel=1e-2)


@pytest.mark.parametrize("key", ["total_return", "volatility", "sharpe_ratio", "max_drawdown"])
def test_the_benchmark_has_the_figures_that_a_desk_of_it_has(key: str) -> None:
    assert found("AAPL", key) == pytest.approx(figure(ours("SPX"), key), rel=EXACT)
