"""Many points → few that draw the same line.

A column of the picture keeps its first, least, greatest and last point (M4; Jugel et al., "M4: A
Visualization-Oriented Time Series Data Aggregation", VLDB 2014), so the extremes of the whole never vanish.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import groupby

from git_qoc.report.charts.reading import Point


def thinned(points: Sequence[Point], columns: int) -> list[Point]:
    """At most four points a column, oldest first; all of them when there are no more than that."""
    if len(points) <= 4 * columns:
        return list(points)
    kept: list[Point] = []
    for _, group in groupby(points, key=_column(points, columns)):
        inside = list(group)
        low = min(inside, key=lambda point: point.value)
        high = max(inside, key=lambda point: point.value)
        kept += sorted({inside[0], low, high, inside[-1]})
    return kept


def sparse(points: Sequence[Point], columns: int) -> list[Point]:
    """At most one point a column, the first: for marks that would cover each other."""
    if len(points) <= columns:
        return list(points)
    return [next(group) for _, group in groupby(points, key=_column(points, columns))]


def _column(points: Sequence[Point], columns: int) -> Callable[[Point], int]:
    first: date = points[0].day
    span = (points[-1].day - first).days + 1
    return lambda point: (point.day - first).days * columns // span
