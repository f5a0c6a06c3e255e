"""Two series of returns, period by period → how the first stands to the second. Pure.

Both have the same periods, oldest first; fractions. Definitions are empyrical's, tested against
it; where quantstats differs, the tests say how. Undefined as in `metrics`; from `PAIRS_MIN` pairs on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from git_qoc.retrospective.metrics import (
    FLAT,
    Figure,
    Sample,
    Undefined,
    deviation,
    dispersed,
    mean,
    period_risk_free,
)

PAIRS_MIN = 20
"""A month of trading days: of two pairs every correlation is 1."""
KEYS = (
    "beta",
    "alpha",
    "correlation",
    "tracking_error",
    "information_ratio",
    "up_capture",
    "down_capture",
)


@dataclass(frozen=True, slots=True)
class Both:
    """The desk's returns and the benchmark's, and the periods a year that they have."""

    ours: Sequence[float]
    theirs: Sequence[float]
    periods_per_year: float

    @property
    def active(self) -> list[float]:
        return [r - b for r, b in zip(self.ours, self.theirs, strict=True)]


def relative(both: Both, risk_free: float) -> Mapping[str, Figure]:
    """Every figure of `KEYS`; `risk_free` is annual."""
    few = Undefined(f"needs {PAIRS_MIN} pairs of returns, has {len(both.ours)}")
    if len(both.ours) < PAIRS_MIN:
        return dict.fromkeys(KEYS, few)
    found: dict[str, Figure] = {"beta": beta(both)}
    found["alpha"] = alpha(both, found["beta"], risk_free)
    found["correlation"] = correlation(both)
    found["tracking_error"] = tracking_error(both)
    found["information_ratio"] = information_ratio(both)
    found["up_capture"] = capture(both, lambda b: b > 0.0, "no period in which the benchmark rose")
    found["down_capture"] = capture(both, lambda b: b < 0.0, "no period in which the benchmark fell")
    return found


def _still(both: Both) -> Undefined | None:
    return Undefined("the benchmark's returns do not vary") if dispersed(_sample(both.theirs)) else None


def _sample(returns: Sequence[float]) -> Sample:
    return Sample(returns, 1.0)


def covariance(both: Both) -> float:
    """ddof = 1."""
    ours, theirs = mean(both.ours), mean(both.theirs)
    products = [(r - ours) * (b - theirs) for r, b in zip(both.ours, both.theirs, strict=True)]
    return math.fsum(products) / (len(products) - 1)


def beta(both: Both) -> Figure:
    """cov(r, b) / var(b); a constant risk-free rate changes nothing."""
    return _still(both) or covariance(both) / deviation(both.theirs) ** 2


def alpha(both: Both, slope: Figure, risk_free: float) -> Figure:
    """Jensen's: (1 + mean((r − rf_p) − β · (b − rf_p)))^ppy − 1, compounded to a year."""
    if isinstance(slope, Undefined):
        return slope
    rate = period_risk_free(risk_free, both.periods_per_year)
    excess = mean(both.ours) - rate - slope * (mean(both.theirs) - rate)
    return compounded(1.0 + excess, both.periods_per_year)


def correlation(both: Both) -> Figure:
    """Pearson's, −1 to 1."""
    if dispersed(_sample(both.ours)):
        return Undefined("the desk's returns do not vary")
    still = _still(both)
    if still:
        return still
    found = covariance(both) / (deviation(both.ours) * deviation(both.theirs))
    return max(-1.0, min(1.0, found))


def _never_differs(active: Sequence[float]) -> bool:
    """Below the size at which a return is flat (rule 11) differences are rounding."""
    return max(active) - min(active) <= FLAT


def tracking_error(both: Both) -> Figure:
    """stdev(r − b, ddof = 1) · √ppy; 0 where the difference is always the same."""
    active = both.active
    return 0.0 if _never_differs(active) else deviation(active) * math.sqrt(both.periods_per_year)


def information_ratio(both: Both) -> Figure:
    """mean(r − b) / stdev(r − b, ddof = 1) · √ppy: annual, as the Sharpe ratio is."""
    active = both.active
    if _never_differs(active):
        return Undefined("the returns never differ from the benchmark's in more than a constant")
    return mean(active) / deviation(active) * math.sqrt(both.periods_per_year)


def capture(both: Both, of: Callable[[float], bool], none: str) -> Figure:
    """The annual return over the periods in which the benchmark's is such, over the benchmark's own."""
    chosen = [(r, b) for r, b in zip(both.ours, both.theirs, strict=True) if of(b)]
    if not chosen:
        return Undefined(none)
    years = len(chosen) / both.periods_per_year
    ours = compounded(math.prod(1.0 + r for r, _ in chosen), 1.0 / years)
    theirs = compounded(math.prod(1.0 + b for _, b in chosen), 1.0 / years)
    if isinstance(ours, Undefined) or isinstance(theirs, Undefined):
        return ours if isinstance(ours, Undefined) else theirs
    return ours / theirs if theirs else Undefined("the benchmark's move in these periods is too small")


def compounded(growth: float, power: float) -> Figure:
    """growth^power − 1; a growth below zero has none, and one beyond what a number holds neither."""
    if growth < 0.0:
        return Undefined("loses more than all of it in a period")
    try:
        found = math.pow(growth, power) - 1.0
    except OverflowError:
        found = math.inf
    return found if math.isfinite(found) else Undefined("too large to be told")
