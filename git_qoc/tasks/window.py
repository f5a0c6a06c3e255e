"""From when to when a person wants the record, in the desk's zone."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from git_qoc.desk.zone import DEFAULT, desk_zone
from git_qoc.errors import DeskError, UsageError
from git_qoc.history.walk import blob_at
from git_qoc.tasks.place import DESK_FILE, Place

if TYPE_CHECKING:
    from git_qoc.model import Clock


def zone_at(place: Place, rev: str) -> ZoneInfo | None:
    """The desk's zone as that revision's desk.toml tells it; None where it does not."""
    data = blob_at(place.repo, rev, place.root + DESK_FILE)
    return desk_zone("" if data is None else data.decode("utf-8", "replace"))


def window(
    since: str | None, until: str | None, clock: Clock, zone: ZoneInfo | None
) -> tuple[datetime | None, datetime | None]:
    """The first and the last instant (UTC, both included) that `--since` and `--until` mean.

    Raises:
        DeskError: a date needs the zone, and it is not known.
        UsageError: a date that cannot be meant, or the first is after the last.
    """
    if since is None and until is None:
        return None, None
    from git_qoc.tasks.dates import first_instant, last_instant, needs_zone

    if zone is None and any(text and needs_zone(text) for text in (since, until)):
        raise DeskError(
            f"{DESK_FILE} of that revision does not tell the desk's time zone. "
            "Give dates with an offset, such as 2026-07-05T16:00Z"
        )
    now, there = clock(), zone or ZoneInfo(DEFAULT)
    first = None if since is None else first_instant(since, "--since", now, there)
    last = None if until is None else last_instant(until, "--until", now, there)
    if first is not None and last is not None and first > last:
        raise UsageError(f"--since {since} is after --until {until}. Swap them.")
    return first, last
