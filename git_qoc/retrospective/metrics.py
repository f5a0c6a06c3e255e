"""Returns → figures, each a pure function. Fractions, not percent; oldest first.

A figure that is undefined is an `Undefined` with its reason: never NaN, never an infinity,
never 0. Definitions: rules 8 to 12 of the retrospective's definitions; where the field's
libraries differ, the tests say which one agrees.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

FLAT = 1e-12
SATURDAY = 5
TAIL = 0.05
TAIL_OBSERVATIONS = 100
YEAR_DAYS = 365.25
ANNUALISED_FROM_DAYS = 365


@dataclass(frozen=True, slots=True)
class Undefined:
    """A figure that has no value, and why."""

    reason: str


Figure = float | Undefined


@dataclass(frozen=True, slots=True)
class Sample:
    """The returns that measure dispersion (rule 7), with the periods per year they have."""

    returns: Sequence[float]
    periods_per_year: float


def periods_per_year(days: Sequence[date], spacings: Sequence[int]) -> tuple[float, str] | Undefined:
    """Rule 8's `auto`, and how it came about.

    `days` are those with a point; `spacings` the calendar days between neighbours, gaps
    left out. Sparser than daily means a median spacing above one day.
    """
    if not spacings:
        return Undefined("fewer than two days with a complete snapshot")
    if median(spacings) > 1:
        mean_spacing = sum(spacings) / len(spacings)
        return YEAR_DAYS / mean_spacing, f"one point every {mean_spacing:.2f} days"
    weekend = sum(day.weekday() >= SATURDAY for day in days)
    share = f"{weekend} of {len(days)} points on a weekend"
    return (365.0, share) if weekend * 10 >= len(days) else (252.0, share)


def median(values: Sequence[float]) -> float:
    """The middle of at least one value; `statistics.median` costs 10 ms of imports."""
    ranked = sorted(values)
    return (ranked[(len(ranked) - 1) // 2] + ranked[len(ranked) // 2]) / 2


def mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def deviation(values: Sequence[float]) -> float:
    """Sample standard deviation (ddof = 1) of at least two values."""
    middle = mean(values)
    return math.sqrt(math.fsum((value - middle) ** 2 for value in values) / (len(values) - 1))


def dispersed(sample: Sample) -> Undefined | None:
    """Why a sample has no dispersion: fewer than two returns, or range ≤ 4 eps · max|r| (rule 9)."""
    values = sample.returns
    if len(values) < 2:
        return Undefined(f"needs two returns, has {len(values)}")
    spread = max(values) - min(values)
    if spread <= 4 * sys.float_info.epsilon * max(map(abs, values)):
        return Undefined("the returns do not vary")
    return None


def volatility(sample: Sample) -> Figure:
    """stdev(r, ddof = 1) · √ppy; 0 for returns that do not vary, undefined below two."""
    if len(sample.returns) < 2:
        return Undefined(f"needs two returns, has {len(sample.returns)}")
    if dispersed(sample):
        return 0.0
    return deviation(sample.returns) * math.sqrt(sample.periods_per_year)


def period_risk_free(annual: float, ppy: float) -> float:
    """(1 + rf)^(1/ppy) − 1."""
    return math.pow(1.0 + annual, 1.0 / ppy) - 1.0


def sharpe_ratio(sample: Sample, risk_free: float = 0.0) -> Figure:
    """mean(r − rf_p) / stdev(r − rf_p, ddof = 1) · √ppy (Sharpe 1994); `risk_free` is annual."""
    flat = dispersed(sample)
    if flat:
        return flat
    excess = mean(sample.returns) - period_risk_free(risk_free, sample.periods_per_year)
    return excess / deviation(sample.returns) * math.sqrt(sample.periods_per_year)


def sharpe_standard_error(sharpe: Figure, sample: Sample) -> Figure:
    """√((1 + SR_p²/2) / n) · √ppy, for independent returns (Lo 2002, "The Statistics of Sharpe Ratios")."""
    if isinstance(sharpe, Undefined):
        return sharpe
    per_period = sharpe / math.sqrt(sample.periods_per_year)
    return math.sqrt((1.0 + per_period**2 / 2.0) / len(sample.returns)) * math.sqrt(sample.periods_per_year)


def sortino_ratio(sample: Sample) -> Figure:
    """mean(r) / √(Σ min(r, 0)² / n) · √ppy: minimum acceptable return 0, over all observations."""
    if len(sample.returns) < 2:
        return Undefined(f"needs two returns, has {len(sample.returns)}")
    downside = math.sqrt(math.fsum(min(r, 0.0) ** 2 for r in sample.returns) / len(sample.returns))
    if downside == 0.0:
        return Undefined("no losing day")
    return mean(sample.returns) / downside * math.sqrt(sample.periods_per_year)


def cagr(total_return: Figure, days: int) -> Figure:
    """(1 + total return)^(365.25/days) − 1, only from 365 days on (rule 12)."""
    if isinstance(total_return, Undefined):
        return total_return
    if days < ANNUALISED_FROM_DAYS:
        return Undefined(f"not annualised: {days} days, 365 needed")
    return math.pow(1.0 + total_return, YEAR_DAYS / days) - 1.0


def calmar_ratio(annual_return: Figure, max_drawdown: Figure) -> Figure:
    """CAGR / |max drawdown| over the whole period (not Young's 36 months)."""
    if isinstance(annual_return, Undefined):
        return annual_return
    if isinstance(max_drawdown, Undefined):
        return max_drawdown
    if max_drawdown == 0.0:
        return Undefined("no drawdown")
    return annual_return / abs(max_drawdown)


def value_at_risk(returns: Sequence[float]) -> Figure:
    """The historical 5 % quantile of returns, linearly interpolated; a loss is negative; n ≥ 100."""
    if len(returns) < TAIL_OBSERVATIONS:
        return Undefined(f"needs {TAIL_OBSERVATIONS} returns, has {len(returns)}")
    ranked = sorted(returns)
    place = (len(ranked) - 1) * TAIL
    low = math.floor(place)
    return ranked[low] + (ranked[min(low + 1, len(ranked) - 1)] - ranked[low]) * (place - low)


def conditional_value_at_risk(returns: Sequence[float]) -> Figure:
    """The mean of the worst ⌊(n − 1) · 5 %⌋ + 1 returns; n ≥ 100.

    Those are the returns at or below the historical 5 % quantile. Where many are equal to it,
    as on a desk of flat days, the others of them do not count: they would hide the tail.
    """
    if len(returns) < TAIL_OBSERVATIONS:
        return Undefined(f"needs {TAIL_OBSERVATIONS} returns, has {len(returns)}")
    return mean(sorted(returns)[: math.floor((len(returns) - 1) * TAIL) + 1])


@dataclass(frozen=True, slots=True)
class Tally:
    """Days by sign; |r| < 1e-12 is flat."""

    up: int
    down: int
    flat: int

    @property
    def rate(self) -> Figure:
        """up / (up + down): flat days decide nothing."""
        if self.up + self.down == 0:
            return Undefined("no day with a gain or a loss")
        return self.up / (self.up + self.down)


def tally(returns: Sequence[float]) -> Tally:
    up = sum(value >= FLAT for value in returns)
    down = sum(value <= -FLAT for value in returns)
    return Tally(up, down, len(returns) - up - down)


def profit_factor(returns: Sequence[float]) -> Figure:
    """Sum of gains over |sum of losses|, of days."""
    losses = -math.fsum(value for value in returns if value <= -FLAT)
    if not losses:
        return Undefined("no losing day")
    return math.fsum(value for value in returns if value >= FLAT) / losses


def longest_streak(returns: Sequence[float], sign: int) -> int:
    """The most days in a row with a gain (`sign` 1) or a loss (−1); a flat day ends a streak."""
    best = run = 0
    for value in returns:
        run = run + 1 if sign * value >= FLAT else 0
        best = max(best, run)
    return best
