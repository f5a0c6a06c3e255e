"""Link returns → one entry a day (rules 2, 6 and 7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple

from git_qoc.retrospective.metrics import median
from git_qoc.retrospective.point import Point
from git_qoc.retrospective.returns import AFTER_RUIN, LinkReturn

GAP_DAYS = 4
GAP_SPACINGS = 3


class Day(NamedTuple):
    """A day with a complete snapshot, against the day before it that has one.

    `value` is the return as a fraction, None when undefined (`reason`); `wealth` stands at
    the day's last point and `base` where its return began, on the date `since`. `spacing` is
    in calendar days from the daily point before, 0 for the first day's own entry.
    `in_sample` is False where there is no return, it spans a gap, or nothing was held.
    """

    day: date
    since: date
    value: float | None
    base: float
    wealth: float
    segment: int
    spacing: int
    in_sample: bool
    estimated: bool = False
    reason: str | None = None


def build_days(start: Point, chained: Sequence[LinkReturn]) -> tuple[Day, ...]:
    """Every day after the first, oldest first; snapshots of the first day belong to its capital.

    The first day's own links, if it has several snapshots, form an entry of that date.
    """
    entries: list[Day] = []
    before, wealth = start.day, 1.0
    for day, group in groupby(chained, key=lambda link: link.books.link.closing.day):
        links = list(group)
        entries.append(_day(before, wealth, links))
        before, wealth = day, links[-1].wealth
    return _without_gaps(entries)


def _day(before: date, base: float, links: Sequence[LinkReturn]) -> Day:
    last = links[-1]
    day = last.books.link.closing.day
    broken = [i for i, link in enumerate(links) if link.value is None and link.reason != AFTER_RUIN]
    whole = links[broken[-1] + 1 :] if broken else links
    since = day if broken else before
    base = links[broken[-1]].wealth if broken else base
    value: float | None = None
    reason: str | None = None
    if base == 0.0:
        reason = AFTER_RUIN
    elif not whole:
        reason = last.reason
    else:
        value = whole[0].value if len(whole) == 1 else last.wealth / base - 1.0
    return Day(
        day=day,
        since=since,
        value=value,
        base=base,
        wealth=last.wealth,
        segment=last.segment,
        spacing=(day - before).days,
        in_sample=value is not None and not all(link.idle for link in whole),
        estimated=any(link.estimated for link in whole),
        reason=reason,
    )


def gap_limit(days: Sequence[Day]) -> float:
    """max(4, 3 × the median spacing), in calendar days; a longer spacing is a gap."""
    known = spacings(days)
    return max(GAP_DAYS, GAP_SPACINGS * median(known)) if known else GAP_DAYS


def spacings(days: Sequence[Day]) -> list[int]:
    """Calendar days between neighbouring daily points; the first day's own entry has none."""
    return [entry.spacing for entry in days if entry.spacing > 0]


def _without_gaps(days: Sequence[Day]) -> tuple[Day, ...]:
    limit = gap_limit(days)
    return tuple(day._replace(in_sample=False) if day.spacing > limit else day for day in days)
