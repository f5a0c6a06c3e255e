"""Which instant a person's date means, in a zone and at a time that are given. Pure.

Understood are

    2026-07-05, 2026-07, 2026               a day, month or year of the zone
    2026-07-05T16:00[:30[.5]][Z|+02:00]     an instant; without an offset in the zone; a space for
                                            the T and a file's 16-00-30Z are fine
    @1783267200                             seconds since 1970
    now, today, yesterday                   the instant; the days of the zone
    30d, 2w, 6m, 1y, 12h, 90min, 3 weeks ago, 3.weeks.ago
                                            so long before now; from days on by the calendar, at
                                            the same time of day, on the month's last day at most

Git reads anything else as some time today (git-rev-parse "approxidate"); here it is refused.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from git_qoc.errors import UsageError

EXPECTED = "expected 2026-07-05, 2026-07-05T16:00Z, yesterday, 30d, 2w, 6m, 1y or 3 weeks ago"
SPAN = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d)[:-](\d\d)(?:[:-](\d\d(?:\.\d{1,6})?))? ?(Z|[+-]\d\d:?\d\d)?",
    re.ASCII | re.IGNORECASE,
)
AGO = re.compile(r"(\d{1,6})[ .]?([a-z]+)(?:[ .]ago)?", re.ASCII | re.IGNORECASE)
EXACT = {"s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "h": 3600, "hour": 3600}
DAYS = {"d": 1, "day": 1, "w": 7, "week": 7}
MONTHS = {"m": 1, "mon": 1, "month": 1, "y": 12, "year": 12}
TICK = timedelta(microseconds=1)


def first_instant(text: str, option: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) that is meant: a day's beginning. Raises UsageError, naming `option`."""
    return _range(text, option, now, zone)[0]


def last_instant(text: str, option: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The last instant (UTC) that is meant: a day's last microsecond. Raises as `first_instant`."""
    return _range(text, option, now, zone)[1]


def needs_zone(text: str) -> bool:
    """Whether what is meant depends on the zone."""
    found = INSTANT.fullmatch(text.strip())
    return not (text.strip().startswith("@") or (found and found[5]))


def _range(text: str, option: str, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    try:
        found = _meant(text.strip(), now.astimezone(zone), zone)
    except (ValueError, OverflowError, OSError):
        found = None
    if found is None:
        raise UsageError(f'{option}: {EXPECTED}, found "{text}".')
    return found


def _meant(text: str, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    today = now.date()
    days = {"today": today, "yesterday": today - timedelta(days=1)}
    if text.lower() in days:
        day = days[text.lower()]
        return _days(day, day + timedelta(days=1), zone)
    if found := SPAN.fullmatch(text):
        return _span(found, zone)
    if found := INSTANT.fullmatch(text):
        return _instants(found, zone)
    at = _moment(text, now, zone)
    return None if at is None else (at, at)


def _span(found: re.Match[str], zone: ZoneInfo) -> tuple[datetime, datetime]:
    year, month, day = (None if part is None else int(part) for part in found.groups())
    assert year is not None  # noqa: S101 - the pattern has it
    begin = date(year, month or 1, day or 1)
    if day is not None:
        return _days(begin, begin + timedelta(days=1), zone)
    return _days(begin, _shifted(begin, 1 if month else 12), zone)


def _days(begin: date, end: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the first instant of `begin` to the last before `end`."""
    first, after = (datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC) for day in (begin, end))
    return first, after - TICK


def _instants(found: re.Match[str], zone: ZoneInfo) -> tuple[datetime, datetime]:
    """One instant; two where clocks went back and no offset tells which is meant."""
    day, hour, minute, second, offset = found.groups()
    local = datetime.fromisoformat(f"{day}T{hour}:{minute}:{(second or '00')}{(offset or '').upper()}")
    if local.tzinfo is not None:
        return local.astimezone(UTC), local.astimezone(UTC)
    first = local.replace(tzinfo=zone).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) != local:
        raise ValueError("clocks went forward over it")
    return first, local.replace(tzinfo=zone, fold=1).astimezone(UTC)


def _moment(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    if text.lower() == "now":
        return now.astimezone(UTC)
    if re.fullmatch(r"@\d{1,12}", text, re.ASCII):
        return datetime.fromtimestamp(int(text[1:]), UTC)
    found = AGO.fullmatch(text)
    if found is None:
        return None
    count, unit = int(found[1]), found[2].lower()
    unit = unit if unit in EXACT or unit in DAYS or unit in MONTHS else unit.removesuffix("s")
    if unit in EXACT:
        return now.astimezone(UTC) - timedelta(seconds=count * EXACT[unit])
    if unit in DAYS:
        day = now.date() - timedelta(days=count * DAYS[unit])
    elif unit in MONTHS:
        day = _shifted(now.date(), -count * MONTHS[unit])
    else:
        return None
    return datetime.combine(day, now.time(), tzinfo=zone).astimezone(UTC)


def _shifted(day: date, months: int) -> date:
    """The same day of another month, or its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
