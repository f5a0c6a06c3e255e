"""Any series of NAVs beside the libraries: where ours is undefined theirs is no number either."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from git_qoc.retrospective.choices import Choices
from git_qoc.retrospective.metrics import Undefined
from tests.retrospective.builders import UTC_CHOICES, daily, retro
from tests.retrospective.real_closes import Series, empyrical, ffn, pd, qs, values

YEARLY = 252
START = date(2026, 3, 2)
wild = st.lists(st.integers(1, 10**5), min_size=2, max_size=40)
calm = st.lists(st.integers(99_000, 101_000), min_size=2, max_size=140)
still = st.lists(st.sampled_from([100_000, 100_001]), min_size=2, max_size=12)


def series(navs: list[int]) -> Series:
    return pd.Series([float(nav) for nav in navs], index=pd.date_range(START, periods=len(navs)))


def theirs(navs: list[int]) -> dict[str, list[float]]:
    prices = series(navs)
    returns = prices.pct_change().dropna()
    zero = empyrical.batting_average(returns, returns * 0.0)["batting average"]
    moved = float((returns != 0).sum())
    return {
        "total_return": [empyrical.cum_returns_final(returns), ffn.calc_total_return(prices)],
        "volatility": [empyrical.annual_volatility(returns, annualization=YEARLY)],
        "sharpe_ratio": [
            empyrical.sharpe_ratio(returns, annualization=YEARLY),
            ffn.calc_sharpe(returns, nperiods=YEARLY),
        ],
        "sortino_ratio": [
            empyrical.sortino_ratio(returns, annualization=YEARLY),
            # quantstats takes returns without a loss and with one above 100 % for prices.
            *([] if returns.min() >= 0 and returns.max() > 1 else [qs.sortino(returns, periods=YEARLY)]),
            ffn.calc_sortino_ratio(returns, nperiods=YEARLY),
        ],
        "max_drawdown": [empyrical.max_drawdown(returns), ffn.calc_max_drawdown(prices)],
        "profit_factor": [empyrical.omega_ratio(returns)],
        "win_rate": [zero * len(returns) / moved if moved else math.nan],
        "ulcer_index": [ffn.to_ulcer_index(prices) / 100 * math.sqrt((len(returns) + 1) / len(returns))],
    }


@settings(max_examples=200, deadline=None)
@given(st.one_of(wild, calm, still))
@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:divide by zero encountered:RuntimeWarning")
def test_any_navs_have_the_figures_of_the_libraries(navs: list[int]) -> None:
    result = retro(daily(navs, START), Choices(UTC_CHOICES.zone, periods_per_year=YEARLY))
    for key, peers in theirs(navs).items():
        found = result.figures[key]
        if key in ("sortino_ratio", "profit_factor") and len(navs) == 2:
            continue  # of one return some of the libraries have a ratio and some have none
        for peer in map(float, peers):
            if isinstance(found, Undefined):
                assert not math.isfinite(peer), (key, found.reason)
            else:
                # A float of pct_change is 1e-16 off, the mean of such may be 1e-11: ours are exact decimals.
                assert found == pytest.approx(peer, rel=1e-9, abs=1e-9), key


@settings(max_examples=60, deadline=None)
@given(calm.filter(lambda navs: len(navs) > 100))
def test_any_tail_is_that_of_empyrical(navs: list[int]) -> None:
    """quantstats has the same but where several returns are equal to the quantile: it takes all of them."""
    result = retro(daily(navs, START))
    returns = pd.Series(values(result))
    found = result.figures["cvar_95"]
    assert result.figures["value_at_risk_95"] == pytest.approx(empyrical.value_at_risk(returns), rel=1e-9)
    assert found == pytest.approx(float(empyrical.conditional_value_at_risk(returns)), rel=1e-9)
    if (returns <= returns.quantile(0.05)).sum() == math.floor((len(returns) - 1) * 0.05) + 1:
        others = qs.conditional_value_at_risk(returns, method="historical")
        assert found == pytest.approx(float(others), rel=1e-9)
