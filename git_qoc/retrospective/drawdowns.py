"""Wealth → drawdowns (rule 10). Depths are fractions ≤ 0 and ≥ −1."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

# Rounding must not turn a recovery to the very same NAV into a drawdown without end.
SAME = 1e-12

When = TypeVar("When")


@dataclass(frozen=True, slots=True)
class Drawdown(Generic[When]):
    """From the last moment at a peak over the trough to the first moment back; None when not back.

    `level` is where it stands at its `last` moment: a fraction < 0, 0 once recovered.
    """

    depth: float
    level: float
    peak: When
    trough: When
    recovery: When | None
    last: When


def drawdowns(times: Sequence[When], wealth: Sequence[float]) -> list[Drawdown[When]]:
    """Every drawdown in order of time. The first wealth is the capital, so a first loss counts."""
    found: list[Drawdown[When]] = []
    if not wealth:
        return found
    peak = trough = 0
    under = False
    for i, level in enumerate(wealth):
        if level < wealth[peak] * (1.0 - SAME):
            trough = i if not under or level < wealth[trough] else trough
            under = True
            continue
        if under:
            found.append(_drawdown(times, wealth, (peak, trough), i))
        peak, under = i, False
    if under:
        found.append(_drawdown(times, wealth, (peak, trough), None))
    return found


def _drawdown(
    times: Sequence[When], wealth: Sequence[float], ends: tuple[int, int], back: int | None
) -> Drawdown[When]:
    peak, trough = ends
    depth = wealth[trough] / wealth[peak] - 1.0
    if back is not None:
        return Drawdown(depth, 0.0, times[peak], times[trough], times[back], times[back])
    level = wealth[-1] / wealth[peak] - 1.0
    return Drawdown(depth, level, times[peak], times[trough], None, times[-1])


def ulcer_index(wealth: Sequence[float]) -> float:
    """√(Σ drawdown² / n) over the n wealths after the first (Martin 1987)."""
    peak = wealth[0]
    squares = []
    for level in wealth[1:]:
        peak = max(peak, level)
        squares.append((level / peak - 1.0) ** 2)
    return math.sqrt(math.fsum(squares) / len(squares))
