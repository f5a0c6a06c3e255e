"""Volatility and Sharpe ratio over a window that moves along the returns (rules 7 and 9).

A window is the last `WINDOW` returns of the dispersion sample; it never reaches over a break of
the chain. Returns across gaps are not of the sample, so a window may span more dates.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import accumulate, groupby
from typing import NamedTuple

from git_qoc.retrospective.days import Day
from git_qoc.retrospective.metrics import Figure, Sample, Undefined, dispersed, period_risk_free

WINDOW = 126
UNIT = 1 << 100
"""Returns are counted in parts of this: 8e-31, far below any digit of a float near them."""
NEARLY_FLAT = 1e-12


class Rolling(NamedTuple):
    """At the end of `day`; annual, None where the window's returns do not vary."""

    day: date
    volatility: float | None
    sharpe_ratio: float | None


def rolled(
    days: Sequence[Day], periods_per_year: Figure, risk_free: float = 0.0, window: int = WINDOW
) -> tuple[Rolling, ...] | Undefined:
    """One entry for each day that ends a full window, oldest first; `risk_free` is annual."""
    if isinstance(periods_per_year, Undefined):
        return periods_per_year
    rate = period_risk_free(risk_free, periods_per_year)
    sampled = [entry for entry in days if entry.in_sample and entry.value is not None]
    found: list[Rolling] = []
    for _, group in groupby(sampled, key=lambda entry: entry.segment):
        found += _windows(list(group), periods_per_year, rate, window)
    if not found:
        return Undefined(f"needs {window} unbroken returns, has {len(sampled)}")
    return tuple(found)


def _windows(entries: Sequence[Day], ppy: float, rate: float, window: int) -> Iterator[Rolling]:
    """Sums of whole numbers, so that what leaves the window leaves it to the last digit."""
    values = [entry.value or 0.0 for entry in entries]
    whole = [int(value * UNIT) for value in values]
    sums = [0, *accumulate(whole)]
    squares = [0, *accumulate([number * number for number in whole])]
    year = math.sqrt(ppy)
    for end in range(window, len(values) + 1):
        total, start = sums[end] - sums[end - window], end - window
        # n · Σ(r − mean)², exact.
        spread = window * (squares[end] - squares[start]) - total * total
        mean = total / (window * UNIT)
        deviation = math.sqrt(spread / (window * (window - 1) * UNIT * UNIT))
        day = entries[end - 1].day
        nearly = deviation <= NEARLY_FLAT * abs(mean)
        if deviation == 0.0 or (nearly and dispersed(Sample(values[start:end], ppy))):
            yield Rolling(day, 0.0, None)
        else:
            yield Rolling(day, deviation * year, (mean - rate) / deviation * year)
