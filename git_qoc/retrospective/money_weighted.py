"""The money-weighted return: XIRR over the capital, the flows and the final NAV (rule 12)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from git_qoc.retrospective.metrics import Figure, Undefined

YEAR_S = 365 * 86_400.0
SHORTEST_DAYS = 30
SHORTEST_YEARS = SHORTEST_DAYS / 365
# log(1 + rate) between −50 and 50 a year: far beyond any rate a report could mean.
REACH = 50.0
STEPS = 400


def money_weighted_return(payments: Sequence[tuple[datetime, float]]) -> Figure:
    """The annual rate at which the payments' present value is 0 (365-day years, exact times).

    Seen from the owner: the opening NAV and deposits are paid in (< 0), withdrawals and the
    closing NAV come out (> 0). Undefined when no rate or more than one does it.
    """
    start = min(time for time, _ in payments)
    flows = [((time - start).total_seconds() / YEAR_S, amount) for time, amount in payments if amount]
    if not any(amount > 0 for _, amount in flows) or not any(amount < 0 for _, amount in flows):
        return Undefined("money only went one way")
    scale = max(abs(amount) for _, amount in flows)
    if math.isinf(scale):
        return Undefined("amounts beyond any number")
    horizon = max(years for years, _ in flows) or 1.0
    if horizon < SHORTEST_YEARS:
        return Undefined(f"less than {SHORTEST_DAYS} days: an annual rate would say nothing")
    flows = [(years / horizon, amount / scale) for years, amount in flows]
    grid = [REACH * (2 * i / STEPS - 1) for i in range(STEPS + 1)]
    values = [_present(flows, x) for x in grid]
    brackets = [i for i in range(STEPS) if (values[i] < 0) != (values[i + 1] < 0)]
    if len(brackets) != 1:
        return Undefined("no rate fits" if not brackets else "more than one rate fits")
    exponent = _root(flows, grid[brackets[0]], grid[brackets[0] + 1]) / horizon
    if exponent > 700:
        return Undefined("beyond any number: the period is too short for an annual rate")
    return math.expm1(exponent)


def _present(flows: Sequence[tuple[float, float]], rate: float) -> float:
    return math.fsum(amount * math.exp(-rate * years) for years, amount in flows)


def _root(flows: Sequence[tuple[float, float]], low: float, high: float) -> float:
    rising = _present(flows, low) < 0
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if (_present(flows, middle) < 0) == rising:
            low = middle
        else:
            high = middle
    return (low + high) / 2
