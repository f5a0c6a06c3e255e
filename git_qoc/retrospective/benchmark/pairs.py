"""The desk's daily returns and a benchmark's, side by side.

A pair runs from one of the desk's days to a later one, and both have closes of the benchmark that are
not the same: what the desk earned on days without a close of their own (a weekend of a desk of coins
beside an index) is linked to the next day that has one. Nothing is filled in or interpolated, and no
missing close counts as a return of 0. A day whose last close is more than four days old ends
the pair it would be in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from git_qoc.retrospective.benchmark.closes import Series
from git_qoc.retrospective.days import Day


class Pair(NamedTuple):
    """Returns as fractions from the end of `since` to that of `day`, over `days` of the desk's returns.

    `first` and `last` are the places of those days. `opening` and `closing` are the places of the closes.
    `in_sample` as in `Day`: False where one of the returns spans a gap.
    """

    since: date
    day: date
    ours: float
    theirs: float
    first: int
    last: int
    opening: int
    closing: int
    in_sample: bool

    @property
    def days(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Pairs:
    """`left_out` counts the desk's returns that are in no pair of the sample."""

    all: tuple[Pair, ...]
    left_out: int

    @property
    def sample(self) -> tuple[Pair, ...]:
        return tuple(pair for pair in self.all if pair.in_sample)


def pairs(days: Sequence[Day], series: Series) -> Pairs:
    """Every pair, oldest first."""
    found: list[Pair] = []
    begin: int | None = None
    for place, entry in enumerate(days):
        if entry.value is None or entry.since == entry.day:
            # A day's own return, from its first snapshot on, has no close that it begins with.
            begin = None
            continue
        if begin is None:
            begin = place if series.at(entry.since) is not None else None
        if begin is None or series.at(entry.day) is None:
            begin = None
            continue
        pair = _pair(days, begin, place, series)
        if pair is not None:
            found.append(pair)
            begin = None
    returns = sum(entry.value is not None for entry in days)
    return Pairs(tuple(found), returns - sum(pair.days for pair in found if pair.in_sample))


def _pair(days: Sequence[Day], first: int, last: int, series: Series) -> Pair | None:
    """None while there is no newer close."""
    entries = days[first : last + 1]
    opening, closing = series.at(entries[0].since), series.at(entries[-1].day)
    if opening is None or closing is None or opening == closing:
        return None
    return Pair(
        since=entries[0].since,
        day=entries[-1].day,
        ours=_linked(entries),
        theirs=series.change(opening, closing),
        first=first,
        last=last,
        opening=opening,
        closing=closing,
        in_sample=all(entry.in_sample for entry in entries),
    )


def _linked(entries: Sequence[Day]) -> float:
    if len(entries) == 1:
        return entries[0].value or 0.0
    wealth = 1.0
    for entry in entries:
        wealth *= 1.0 + (entry.value or 0.0)
    return wealth - 1.0
