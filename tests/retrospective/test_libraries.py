"""Every figure beside empyrical-reloaded, quantstats and ffn on real closes, to 1e-9.

A row says which figure, whose function and, where the definition is another one, the formula
that turns theirs into ours exactly: `theirs` is what the library answers for the same closes.
What a library does not have is listed with what it has instead. Figures that are not one number
(drawdowns with their dates, months, streaks, XIRR) are in test_libraries_dates.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import NamedTuple

import pytest

from git_qoc.retrospective.metrics import Undefined
from tests.retrospective.builders import figure
from tests.retrospective.real_closes import (
    DESKS,
    EXACT,
    RISK_FREE,
    Given,
    empyrical,
    ffn,
    given,
    ours,
    qs,
)

NORMAL = NormalDist()
Peer = Callable[[Given], float]
Turn = Callable[[float, Given], float]


class Row(NamedTuple):
    """`turn` makes ours of theirs, None where they are the same; `why` says what differs."""

    key: str
    name: str
    peer: Peer
    turn: Turn | None = None
    why: str = ""

    @property
    def library(self) -> str:
        return self.name.partition(".")[0]


def calendar_cagr(theirs: float, data: Given) -> float:
    """(1 + R)^(periods/n) − 1 → (1 + R)^(365.25/days) − 1."""
    return math.pow(1 + theirs, data.n / data.periods * 365.25 / data.days) - 1


def calendar_calmar(theirs: float, data: Given) -> float:
    depth = abs(float(empyrical.max_drawdown(data.returns)))
    return calendar_cagr(theirs * depth, data) / depth


def xirr_of_cagr(theirs: float, _: Given) -> float:
    """Without flows the money-weighted return is the CAGR in years of 365 days."""
    return math.pow(1 + theirs, 365 / 365.25) - 1


def lo_of_probability(theirs: float, data: Given) -> float:
    """Their probability that the true Sharpe ratio is > 0 → the standard error behind it → Lo's.

    Bailey and López de Prado 2012: σ² = (1 − skew·SR + (kurt − 1)/4·SR²) / (n − 1). Lo 2002 is
    that for normal returns (skew 0, kurt 3), over n.
    """
    excess = data.returns - data.rate
    ratio = float(excess.mean() / excess.std(ddof=1))
    sigma = ratio / NORMAL.inv_cdf(theirs)
    skew, kurtosis = float(excess.skew()), float(excess.kurt()) + 3
    normal = sigma**2 * (data.n - 1) + skew * ratio - (kurtosis - 3) / 4 * ratio**2
    return math.sqrt(normal / data.n * data.periods)


def historical_of_normal(theirs: float, data: Given) -> float:
    """quantstats fits a normal distribution: its quantile in standard deviations, read from the sample."""
    returns = data.returns
    assert theirs == pytest.approx(returns.mean() + NORMAL.inv_cdf(0.05) * returns.std(), rel=EXACT)
    return float(returns.quantile(0.05))


def up_of_all(theirs: float, data: Given) -> float:
    return theirs * data.n / float((data.returns != 0).sum())


def zero(data: Given) -> object:
    """A benchmark that never moves."""
    return data.returns * 0.0


ROWS = (
    Row("total_return", "empyrical.cum_returns_final", lambda g: empyrical.cum_returns_final(g.returns)),
    Row("total_return", "quantstats.comp", lambda g: qs.comp(g.returns)),
    Row("total_return", "ffn.calc_total_return", lambda g: ffn.calc_total_return(g.prices)),
    Row("cagr", "empyrical.annual_return",
        lambda g: empyrical.annual_return(g.returns, annualization=g.periods), calendar_cagr,
        "counts periods, not calendar days"),
    Row("cagr", "quantstats.cagr", lambda g: qs.cagr(g.returns, periods=g.periods), calendar_cagr,
        "counts periods, not calendar days"),
    Row("cagr", "ffn.calc_cagr", lambda g: ffn.calc_cagr(g.prices)),
    Row("volatility", "empyrical.annual_volatility",
        lambda g: empyrical.annual_volatility(g.returns, annualization=g.periods)),
    Row("volatility", "quantstats.volatility", lambda g: qs.volatility(g.returns, periods=g.periods)),
    Row("volatility", "ffn.calc_perf_stats().daily_vol",
        lambda g: ffn.PerformanceStats(g.prices, annualization_factor=g.periods).daily_vol),
    Row("sharpe_ratio", "empyrical.sharpe_ratio",
        lambda g: empyrical.sharpe_ratio(g.returns, risk_free=g.rate, annualization=g.periods)),
    Row("sharpe_ratio", "quantstats.sharpe", lambda g: qs.sharpe(g.returns, rf=RISK_FREE, periods=g.periods)),
    Row("sharpe_ratio", "ffn.calc_sharpe",
        lambda g: ffn.calc_sharpe(g.returns, rf=RISK_FREE, nperiods=g.periods)),
    Row("sharpe_standard_error", "quantstats.probabilistic_sharpe_ratio",
        lambda g: qs.probabilistic_sharpe_ratio(g.returns, rf=RISK_FREE, periods=g.periods),
        lo_of_probability,
        "allows for skew and kurtosis, over n − 1, and tells the probability only"),
    Row("sharpe_standard_error", "ffn.calc_deflated_sharpe_ratio",
        lambda g: ffn.calc_deflated_sharpe_ratio(g.returns, [0.0], rf=RISK_FREE, nperiods=g.periods),
        lo_of_probability, "allows for skew and kurtosis, over n − 1, and tells the probability only"),
    Row("sortino_ratio", "empyrical.sortino_ratio",
        lambda g: empyrical.sortino_ratio(g.returns, annualization=g.periods)),
    Row("sortino_ratio", "quantstats.sortino", lambda g: qs.sortino(g.returns, periods=g.periods)),
    Row("sortino_ratio", "ffn.calc_sortino_ratio",
        lambda g: ffn.calc_sortino_ratio(g.returns, nperiods=g.periods)),
    Row("calmar_ratio", "empyrical.calmar_ratio",
        lambda g: empyrical.calmar_ratio(g.returns, annualization=g.periods), calendar_calmar,
        "counts periods, not calendar days"),
    Row("calmar_ratio", "quantstats.calmar", lambda g: qs.calmar(g.returns, periods=g.periods),
        calendar_calmar, "counts periods, not calendar days"),
    Row("calmar_ratio", "ffn.calc_calmar_ratio", lambda g: ffn.calc_calmar_ratio(g.prices)),
    Row("max_drawdown", "empyrical.max_drawdown", lambda g: empyrical.max_drawdown(g.returns)),
    Row("max_drawdown", "quantstats.max_drawdown", lambda g: qs.max_drawdown(g.returns)),
    Row("max_drawdown", "ffn.calc_max_drawdown", lambda g: ffn.calc_max_drawdown(g.prices)),
    Row("win_rate", "empyrical.batting_average against zero",
        lambda g: empyrical.batting_average(g.returns, zero(g))["batting average"], up_of_all,
        "flat days count as lost"),
    Row("win_rate", "quantstats.win_rate", lambda g: qs.win_rate(g.returns)),
    Row("profit_factor", "empyrical.omega_ratio", lambda g: empyrical.omega_ratio(g.returns)),
    Row("profit_factor", "quantstats.profit_factor", lambda g: qs.profit_factor(g.returns)),
    Row("value_at_risk_95", "empyrical.value_at_risk", lambda g: empyrical.value_at_risk(g.returns)),
    Row("value_at_risk_95", "quantstats.value_at_risk", lambda g: qs.value_at_risk(g.returns),
        historical_of_normal, "a normal distribution's quantile"),
    Row("cvar_95", "empyrical.conditional_value_at_risk",
        lambda g: empyrical.conditional_value_at_risk(g.returns)),
    Row("cvar_95", "quantstats.conditional_value_at_risk",
        lambda g: qs.conditional_value_at_risk(g.returns, method="historical")),
    Row("ulcer_index", "quantstats.ulcer_index", lambda g: qs.ulcer_index(g.returns),
        lambda theirs, g: theirs * math.sqrt((g.n - 1) / g.n), "over n − 1"),
    Row("ulcer_index", "ffn.to_ulcer_index", lambda g: ffn.to_ulcer_index(g.prices),
        lambda theirs, g: theirs / 100 * math.sqrt((g.n + 1) / g.n), "in percent, the first day counts too"),
    Row("money_weighted_return", "ffn.calc_cagr", lambda g: ffn.calc_cagr(g.prices), xirr_of_cagr,
        "years of 365.25 days, no flows; with flows see test_libraries_dates.py"),
)  # fmt: skip

ABSENT = {
    ("sharpe_standard_error", "empyrical"): "none",
    ("win_rate", "ffn"): "of months, years and twelve months only",
    ("profit_factor", "ffn"): "none",
    ("value_at_risk_95", "ffn"): "none",
    ("cvar_95", "ffn"): "none",
    ("ulcer_index", "empyrical"): "none",
    ("money_weighted_return", "empyrical"): "none",
    ("money_weighted_return", "quantstats"): "none",
}


def test_every_figure_stands_beside_each_library_or_is_listed_as_absent() -> None:
    told = {(row.key, row.library) for row in ROWS} | set(ABSENT)
    libraries = ("empyrical", "quantstats", "ffn")
    assert told == {(key, library) for key in ours("SPX").figures for library in libraries}
    assert all(bool(row.turn) == bool(row.why) for row in ROWS)


@pytest.mark.parametrize("symbol", DESKS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.key}-{row.name}")
def test_agrees(row: Row, symbol: str) -> None:
    data = given(symbol)
    theirs = float(row.peer(data))
    expected = theirs if row.turn is None else row.turn(theirs, data)
    found = ours(symbol).figures[row.key]
    if isinstance(found, Undefined):
        assert row.key in ("cagr", "calmar_ratio")
        assert data.days < 365
        assert math.isfinite(theirs), "both libraries annualise what we do not"
    else:
        assert found == pytest.approx(expected, rel=EXACT)


def test_a_definition_that_differs_does_so_visibly() -> None:
    """The formula is needed: without it the two figures are apart."""
    data = given("weekdays")
    for row in ROWS:
        if row.turn is not None and row.name != "empyrical.batting_average against zero":
            assert figure(ours("weekdays"), row.key) != pytest.approx(float(row.peer(data)), rel=1e-4), row
