"""Where a time axis is labelled, in round dates."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

YEAR, MONTH, DAY = "%Y", "%Y-%m", "%Y-%m-%d"


class Ticks(NamedTuple):
    days: tuple[date, ...]
    format: str


def date_ticks(start: date, end: date, most: int = 8) -> Ticks:
    """Days, Mondays, months or years between the two, as close as `most` of them allow."""
    for step in (1, 2):
        found = [start.toordinal() + i for i in range(0, (end - start).days + 1, step)]
        if len(found) <= most:
            return Ticks(tuple(map(date.fromordinal, found)), DAY)
    for weeks in (1, 2):
        monday = start.toordinal() + (-start.weekday()) % 7
        found = list(range(monday, end.toordinal() + 1, 7 * weeks))
        if len(found) <= most:
            return Ticks(tuple(map(date.fromordinal, found)), DAY)
    return _months(start, end, most)


def _months(start: date, end: date, most: int) -> Ticks:
    first, last = start.year * 12 + start.month - 1 + (start.day > 1), end.year * 12 + end.month - 1
    step, steps = 1, iter((2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12000))
    while True:
        found = list(range(-(-first // step) * step, last + 1, step))
        if len(found) <= most:
            days = tuple(date(month // 12, month % 12 + 1, 1) for month in found)
            return Ticks(days, YEAR if step >= 12 else MONTH)
        step = next(steps)
