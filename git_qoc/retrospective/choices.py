"""What a retrospective is computed with. Every report prints all of it and where it came from.

The values of `[retrospective]` in desk.toml and of the command line, already read and
checked; nothing here opens a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from git_qoc.errors import UsageError

UNSAID = "default"


@dataclass(frozen=True, slots=True)
class Choices:
    """`risk_free` is an annual fraction (0.03 is 3 %).

    `day_cutoff` ends a day: a snapshot in a later minute (local time) belongs to the next
    date; None ends it at midnight. `since` and `until` are days in `zone`, both inclusive;
    the first complete snapshot of the window is its starting capital. `origins` says by
    field name where a choice was made; what is not in it was left at its default.
    """

    zone: ZoneInfo
    periods_per_year: Literal["auto"] | int = "auto"
    risk_free: Decimal | float = 0.0
    partial: Literal["exclude", "carry"] = "exclude"
    flows: Literal["auto", "explicit"] = "auto"
    day_cutoff: time | None = None
    since: date | None = None
    until: date | None = None
    live_only: bool = False
    origins: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.periods_per_year != "auto" and self.periods_per_year <= 0:
            raise UsageError(
                f"periods_per_year: found {self.periods_per_year}, expected auto or a number > 0"
            )
        if not -1 < self.risk_free < 10:
            raise UsageError(f"risk_free: found {self.risk_free}, expected an annual fraction: 0.03 for 3 %")
        if self.since is not None and self.until is not None and self.since > self.until:
            raise UsageError(f"since {self.since} is after until {self.until}. Swap them")

    def listed(self) -> Iterable[tuple[str, str, str]]:
        """(name, value, origin) of every choice, in a fixed order."""
        values: tuple[tuple[str, object], ...] = (
            ("zone", self.zone),
            ("periods_per_year", self.periods_per_year),
            ("risk_free", self.risk_free),
            ("partial", self.partial),
            ("flows", self.flows),
            ("day_cutoff", self.day_cutoff.strftime("%H:%M") if self.day_cutoff else None),
            ("since", self.since),
            ("until", self.until),
            ("live_only", "true" if self.live_only else "false"),
        )
        for name, value in values:
            yield name, "none" if value is None else str(value), self.origins.get(name, UNSAID)
