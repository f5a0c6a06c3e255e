"""What a retrospective is computed with. Every report prints all of it and where it came from.

The values of `[retrospective]` in desk.toml and of the command line, already read and
checked; nothing here opens a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from git_qoc.errors import UsageError

UNSAID = "default"
COMMAND_LINE = "command line"


@dataclass(frozen=True, slots=True)
class Choices:
    """`risk_free` is an annual fraction (0.03 is 3 %).

    `day_cutoff` ends a day: a snapshot in a later minute (local time) belongs to the next
    date; None ends it at midnight. `since` and `until` are days in `zone`, both inclusive, or
    instants: what is after `since`, up to `until`. The capital is the last complete snapshot
    before, so that the first day's return counts; without one, the window's first. `origins`
    says by field name where a choice was made; what is not in it was left at its default.
    `benchmark` names closes to compare with (`desk.benchmark`).
    `connector` and `symbol`: the report is of that part of the desk alone. `desk` is its name, which
    chooses nothing.
    """

    zone: ZoneInfo
    periods_per_year: Literal["auto"] | int = "auto"
    risk_free: Decimal | float = 0.0
    partial: Literal["exclude", "carry"] = "exclude"
    flows: Literal["auto", "explicit"] = "auto"
    day_cutoff: time | None = None
    benchmark: str | None = None
    since: date | datetime | None = None
    until: date | datetime | None = None
    connector: str | None = None
    symbol: str | None = None
    live_only: bool = False
    desk: str = ""
    origins: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.periods_per_year != "auto" and self.periods_per_year <= 0:
            raise UsageError(
                f"periods_per_year: found {self.periods_per_year}, expected auto or a number > 0"
            )
        if not -1 < self.risk_free < 10:
            raise UsageError(f"risk_free: found {self.risk_free}, expected an annual fraction: 0.03 for 3 %")
        if self.since is not None and self.until is not None:
            first, last = self._day(self.since), self._day(self.until)
            if first > last:
                raise UsageError(f"since {first} is after until {last}. Swap them")

    def _day(self, bound: date | datetime) -> date:
        return bound.astimezone(self.zone).date() if isinstance(bound, datetime) else bound

    def begins(self, time: datetime, day: date) -> bool:
        """Whether a snapshot of that time and day is not before the window."""
        if isinstance(self.since, datetime):
            return time > self.since
        return self.since is None or day >= self.since

    def holds(self, time: datetime, day: date) -> bool:
        """Whether it is not after the window."""
        if isinstance(self.until, datetime):
            return time <= self.until
        return self.until is None or day <= self.until

    def listed(self) -> Iterable[tuple[str, str, str]]:
        """(name, value, origin) of every choice, in a fixed order."""
        values: tuple[tuple[str, object], ...] = (
            ("zone", self.zone),
            ("periods_per_year", self.periods_per_year),
            ("risk_free", self.risk_free),
            ("partial", self.partial),
            ("flows", self.flows),
            ("day_cutoff", self.day_cutoff.strftime("%H:%M") if self.day_cutoff else None),
            ("benchmark", self.benchmark),
            ("since", self.since and _shown(self.since)),
            ("until", self.until and _shown(self.until)),
            ("connector", self.connector),
            ("symbol", self.symbol),
            ("live_only", "true" if self.live_only else "false"),
        )
        for name, value in values:
            yield name, "none" if value is None else str(value), self.origins.get(name, UNSAID)


def _shown(bound: date | datetime) -> str:
    return bound.isoformat().replace("+00:00", "Z")
