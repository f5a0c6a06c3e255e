"""The desk's time zone, without reading the rest of desk.toml: for reports, which must start fast."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from git_qoc.desk.syntax import bounded

DEFAULT = "UTC"


def zone_name(workspace: str | None, schedules: Iterable[tuple[str, str | None]]) -> str:
    """The workspace's zone, else that of the first snapshot schedule (task, tz), else UTC."""
    scheduled = (tz for task, tz in schedules if task == "snapshot" and tz)
    return workspace or next(scheduled, None) or DEFAULT


def plain_zone(text: str) -> ZoneInfo | None:
    """The zone of a desk that chooses nothing else for its reports; None when it must be read in full.

    In full: it has a `[retrospective]` table, or something here is not as it should be, which
    `git_qoc.desk.config` then names.
    """
    return _zone(text, without="retrospective")


def desk_zone(text: str) -> ZoneInfo | None:
    """The zone of the desk itself, whatever its reports use; None when desk.toml does not tell it."""
    return _zone(text)


def _zone(text: str, without: str | None = None) -> ZoneInfo | None:
    try:
        tables = tomllib.loads(bounded(text))
        if without in tables:
            return None
        schedules = [(row["task"], row.get("tz")) for row in tables.get("schedule", [])]
        return ZoneInfo(zone_name(tables.get("workspace", {}).get("timezone"), schedules))
    except (ValueError, TypeError, KeyError, AttributeError, OSError, RecursionError, ZoneInfoNotFoundError):
        return None
