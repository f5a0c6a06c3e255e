"""Days → months and years, from wealth and never from NAV (rule 6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TypeVar

from git_qoc.retrospective.days import Day
from git_qoc.retrospective.metrics import Figure, Undefined

Key = TypeVar("Key", int, tuple[int, int])


@dataclass(frozen=True, slots=True)
class Segment:
    """An unbroken part of the chain; `total_return` from the end of `start` to that of `end`."""

    start: date
    end: date
    days: tuple[Day, ...]

    @property
    def total_return(self) -> float:
        return self.days[-1].wealth / self.days[0].base - 1.0

    @property
    def dates(self) -> list[date]:
        """One per wealth, the capital's date first."""
        return [self.start, *(entry.day for entry in self.days)]

    @property
    def wealth(self) -> list[float]:
        return [self.days[0].base, *(entry.wealth for entry in self.days)]


def segments(days: Sequence[Day]) -> tuple[Segment, ...]:
    """The parts of the chain that have returns, oldest first."""
    found = []
    for _, group in groupby((d for d in days if d.value is not None), key=lambda d: d.segment):
        entries = tuple(group)
        found.append(Segment(entries[0].since, entries[-1].day, entries))
    return tuple(found)


def monthly_returns(days: Sequence[Day]) -> dict[tuple[int, int], Figure]:
    """By (year, month) of the day a return ends on; a month without one is left out."""
    return _by(days, lambda d: (d.day.year, d.day.month))


def yearly_returns(days: Sequence[Day]) -> dict[int, Figure]:
    """By year, as `monthly_returns`."""
    return _by(days, lambda d: d.day.year)


def _by(days: Sequence[Day], key: Callable[[Day], Key]) -> dict[Key, Figure]:
    defined = [i for i, entry in enumerate(days) if entry.value is not None]
    if not defined:
        return {}
    inside = days[defined[0] : defined[-1] + 1]
    return {name: compounded(list(group)) for name, group in groupby(inside, key=key)}


def compounded(entries: Sequence[Day]) -> Figure:
    """The total return over consecutive days (at least one); undefined where one of them is."""
    for entry in entries:
        if entry.value is None:
            return Undefined(f"{entry.day}: {entry.reason}")
    if entries[0].segment != entries[-1].segment:
        return Undefined("the chain broke")
    return entries[-1].wealth / entries[0].base - 1.0
