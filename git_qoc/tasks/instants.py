"""At which instants a back-fill takes its daily snapshots."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from git_qoc.desk.config import DeskConfig
from git_qoc.schedule import cron

END_OF_DAY = time(23, 59, 59)


def daily(config: DeskConfig, start: date, end: datetime) -> list[datetime]:
    """From the local date `start` to `end`, in UTC, oldest first.

    The times of the first snapshot schedule of desk.toml; without one, the day cut-off of
    `[retrospective]`, else the last second of every day, in the desk's zone.
    """
    zone = ZoneInfo(config.zone)
    begin = datetime.combine(start, time(0), tzinfo=zone) - timedelta(microseconds=1)
    for schedule in config.schedules:
        if schedule.task == "snapshot":
            return list(cron.instants(schedule.cron, schedule.tz or config.zone, begin, end))
    at = config.retrospective.day_cutoff or END_OF_DAY
    result = []
    day = start
    while (instant := datetime.combine(day, at, tzinfo=zone).astimezone(UTC)) <= end:
        result.append(instant)
        day += timedelta(days=1)
    return result
