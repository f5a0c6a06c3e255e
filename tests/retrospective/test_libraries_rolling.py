"""Sharpe ratio and volatility of the last 126 days, day by day, beside the libraries' own rolling figures."""

from __future__ import annotations

import math

import pytest

from git_qoc.retrospective.metrics import Undefined
from git_qoc.retrospective.rolling import WINDOW, Rolling
from tests.retrospective.real_closes import (
    DESKS,
    EXACT,
    RISK_FREE,
    Series,
    empyrical,
    ffn,
    given,
    ours,
    qs,
)


def windows(symbol: str) -> tuple[Rolling, ...]:
    found = ours(symbol).rolling
    assert not isinstance(found, Undefined)
    return found


def defined(series: Series) -> list[float]:
    """Libraries that keep the index leave the first 125 days NaN."""
    return [float(value) for value in series if not math.isnan(value)]


def agree(found: list[float | None], *theirs: list[float]) -> None:
    for peer in theirs:
        assert found == pytest.approx(peer, rel=EXACT, abs=1e-12)


@pytest.mark.parametrize("symbol", DESKS)
def test_the_rolling_volatility_is_that_of_all_three(symbol: str) -> None:
    data = given(symbol)
    returns, periods = data.returns, data.periods
    agree(
        [entry.volatility for entry in windows(symbol)],
        defined(empyrical.roll_annual_volatility(returns, WINDOW, annualization=periods)),
        defined(qs.rolling_volatility(returns, WINDOW, periods)),
        defined(ffn.rollapply(returns, WINDOW, lambda r: r.std(ddof=1) * math.sqrt(periods))),
    )


@pytest.mark.parametrize("symbol", DESKS)
def test_the_rolling_sharpe_ratio_is_that_of_all_three(symbol: str) -> None:
    data = given(symbol)
    returns, periods = data.returns, data.periods
    agree(
        [entry.sharpe_ratio for entry in windows(symbol)],
        defined(empyrical.roll_sharpe_ratio(returns, WINDOW, risk_free=data.rate, annualization=periods)),
        defined(qs.rolling_sharpe(returns, RISK_FREE, WINDOW, periods_per_year=periods)),
        defined(ffn.rollapply(returns, WINDOW, lambda r: ffn.calc_sharpe(r, RISK_FREE, periods))),
    )
