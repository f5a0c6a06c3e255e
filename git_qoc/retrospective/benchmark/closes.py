"""Daily closes as a report compares itself with, and their text: `date,close`, oldest first."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from git_qoc.money import plain

MAX_AGE_DAYS = 4
"""A long weekend: an older close says nothing of a day."""


@dataclass(frozen=True, slots=True)
class Series:
    """`days` and `prices` run side by side: oldest first, each day once, prices above zero.

    `symbol` names it in a report; `source` is the file it was read from.
    """

    symbol: str
    source: str
    days: tuple[date, ...]
    prices: tuple[Decimal, ...]

    def at(self, day: date) -> int | None:
        """The place of the last close of `day` or before it; None when that is more than 4 days old."""
        place = bisect_right(self.days, day) - 1
        if place < 0 or (day - self.days[place]).days > MAX_AGE_DAYS:
            return None
        return place

    def change(self, opening: int, closing: int) -> float:
        """The return from one place to another, rounded once."""
        return float((self.prices[closing] - self.prices[opening]) / self.prices[opening])

    def growth(self, opening: int, closing: int) -> float:
        """What 1 at one place is at another."""
        return float(self.prices[closing] / self.prices[opening])


def dumps(closes: Mapping[date, Decimal]) -> str:
    """The text of a file; the same closes give the same bytes."""
    lines = [f"{day.isoformat()},{plain(price)}" for day, price in sorted(closes.items())]
    return "\n".join(["date,close", *lines]) + "\n"
