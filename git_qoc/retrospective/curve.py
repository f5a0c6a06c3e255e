"""The equity curve: one entry a daily point, what it stood at and whether the line is whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from git_qoc.retrospective.days import Day, gap_limit
from git_qoc.retrospective.drawdowns import SAME
from git_qoc.retrospective.point import Point


class CurvePoint(NamedTuple):
    """`wealth` is the linked return's index, 1 at the capital; `drawdown` ≤ 0 within the unbroken part.

    `point` is the day's last complete snapshot. `gap`: the line is broken before it, by a gap or
    because the return that leads to it is undefined.
    """

    day: date
    wealth: float
    drawdown: float
    segment: int
    gap: bool
    estimated: bool
    point: Point


def curve(complete: Sequence[Point], days: Sequence[Day]) -> tuple[CurvePoint, ...]:
    """Oldest first, the capital before all; () without a complete point.

    Where the first day has several snapshots it has two entries: its capital and its end.
    """
    if not complete:
        return ()
    closing = {point.day: point for point in complete}
    limit = gap_limit(days)
    first = complete[0]
    found = [CurvePoint(first.day, 1.0, 0.0, 0, gap=False, estimated=False, point=first)]
    peak, segment = 1.0, 0
    for entry in days:
        if entry.segment != segment:
            peak, segment = entry.base, entry.segment
        peak = max(peak, entry.wealth)
        broken = entry.value is None or entry.spacing > limit or entry.since == entry.day != first.day
        fall = entry.wealth / peak - 1.0 if entry.wealth < peak * (1.0 - SAME) else 0.0
        point = closing[entry.day]
        found.append(CurvePoint(entry.day, entry.wealth, fall, segment, broken, entry.estimated, point))
    return tuple(found)


def partial_days(points: Iterable[Point]) -> tuple[tuple[date, frozenset[str]], ...]:
    """The days that have only partial snapshots, and who was missing from the last of each."""
    last: dict[date, Point | None] = {}
    for point in points:
        last[point.day] = None if point.complete or last.get(point.day, point) is None else point
    return tuple((day, point.missing - point.carried) for day, point in last.items() if point is not None)
