"""Rolling figures beside pandas and empyrical, and where there are none."""

from __future__ import annotations

import math
from datetime import date, timedelta

import pytest

from git_qoc.retrospective.days import Day
from git_qoc.retrospective.metrics import Undefined
from git_qoc.retrospective.rolling import WINDOW, rolled
from tests.retrospective.real_closes import empyrical, pd

RISK_FREE = 0.03


def days(values: list[float], segments: list[int] | None = None, sampled: bool = True) -> list[Day]:
    made, wealth = [], 1.0
    for i, value in enumerate(values):
        base, wealth = wealth, wealth * (1 + value)
        day = date(2026, 1, 1) + timedelta(days=i)
        segment = segments[i] if segments else 0
        made.append(Day(day, day - timedelta(days=1), value, base, wealth, segment, 1, sampled))
    return made


@pytest.mark.parametrize("scale", [0.01, 1e-7])
def test_rolling_figures_are_those_of_pandas_and_empyrical(scale: float) -> None:
    values = [(math.sin(i * i) + 0.05) * scale for i in range(400)]
    found = rolled(days(values), 252, RISK_FREE)
    assert not isinstance(found, Undefined)
    assert len(found) == 400 - WINDOW + 1
    series = pd.Series(values)
    volatility = (series.rolling(WINDOW).std() * math.sqrt(252)).dropna().tolist()
    assert [entry.volatility for entry in found] == pytest.approx(volatility, rel=1e-9)
    rate = (1 + RISK_FREE) ** (1 / 252) - 1
    sharpe = empyrical.roll_sharpe_ratio(series, window=WINDOW, risk_free=rate, annualization=252)
    assert [entry.sharpe_ratio for entry in found] == pytest.approx(sharpe.tolist(), rel=1e-9)
    assert found[0].day == date(2026, 1, 1) + timedelta(days=WINDOW - 1)


def test_a_window_never_reaches_over_a_break_of_the_chain() -> None:
    values = [0.01, -0.01] * WINDOW
    segments = [0] * (WINDOW + 1) + [1] * (WINDOW - 1)
    found = rolled(days(values, segments), 252)
    assert not isinstance(found, Undefined)
    assert len(found) == 2


def test_too_few_returns_have_a_reason() -> None:
    assert rolled(days([0.01] * 125), 252) == Undefined("needs 126 unbroken returns, has 125")
    assert rolled(days([0.01] * 300, sampled=False), 252) == Undefined("needs 126 unbroken returns, has 0")


@pytest.mark.parametrize("value", [0.0, 0.1, 1e-9])
def test_returns_that_do_not_vary_have_volatility_zero_and_no_ratio(value: float) -> None:
    found = rolled(days([value] * 127), 252)
    assert not isinstance(found, Undefined)
    assert [(entry.volatility, entry.sharpe_ratio) for entry in found] == [(0.0, None)] * 2
