"""Cron expressions in a time zone: which instants they name. The only croniter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from croniter import CroniterError, croniter

from git_qoc.errors import DeskError


def fault(cron: str) -> str:
    """Why a five-field cron expression is not one, "" when it is."""
    if len(cron.split()) != 5:
        return "expected five fields: minute hour day month weekday"
    try:
        croniter.expand(cron)
    except CroniterError as exc:
        return f"not a cron expression: {exc}"
    return ""


def instants(cron: str, zone: str, start: datetime, end: datetime) -> Iterator[datetime]:
    """Every instant in (start, end] at which the expression is due, in UTC, oldest first.

    Raises:
        DeskError: it is not a cron expression.
    """
    why = fault(cron)
    if why:
        raise DeskError(f'cron "{cron}": {why}.')
    ticks = croniter(cron, start.astimezone(ZoneInfo(zone)))
    while True:
        due: datetime = ticks.get_next(datetime)
        if due > end:
            return
        yield due.astimezone(UTC)
