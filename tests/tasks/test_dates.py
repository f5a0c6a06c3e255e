"""Dates as people write them, worked by hand on calendars; zones from the tz database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_qoc.errors import UsageError
from git_qoc.tasks.dates import first_instant, last_instant, needs_zone

NEW_YORK = ZoneInfo("America/New_York")
UTC_ZONE = ZoneInfo("UTC")
NOW = datetime(2026, 7, 5, 16, 0, tzinfo=UTC)  # noon in New York, a Sunday


def bounds(text: str, zone: ZoneInfo = UTC_ZONE, now: datetime = NOW) -> tuple[str, str]:
    pair = first_instant(text, "--since", now, zone), last_instant(text, "--until", now, zone)
    first, last = (instant.isoformat().replace("+00:00", "Z") for instant in pair)
    return first, last


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-07-05", "2026-07-05T04:00:00Z", "2026-07-06T03:59:59.999999Z"),
        ("2026-07", "2026-07-01T04:00:00Z", "2026-08-01T03:59:59.999999Z"),
        ("2026", "2026-01-01T05:00:00Z", "2027-01-01T04:59:59.999999Z"),
        ("2024-02", "2024-02-01T05:00:00Z", "2024-03-01T04:59:59.999999Z"),
        ("today", "2026-07-05T04:00:00Z", "2026-07-06T03:59:59.999999Z"),
        ("Yesterday", "2026-07-04T04:00:00Z", "2026-07-05T03:59:59.999999Z"),
        # Clocks went forward on 8 March 2026 and back on 2 November 2025: 23 and 25 hours.
        ("2026-03-08", "2026-03-08T05:00:00Z", "2026-03-09T03:59:59.999999Z"),
        ("2025-11-01", "2025-11-01T04:00:00Z", "2025-11-02T03:59:59.999999Z"),
        ("2025-11-02", "2025-11-02T04:00:00Z", "2025-11-03T04:59:59.999999Z"),
    ],
)
def test_a_day_month_or_year_is_whole_and_the_zones(text: str, first: str, last: str) -> None:
    assert bounds(text, NEW_YORK) == (first, last)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-07-05T16:00:00Z", "2026-07-05T16:00:00Z"),
        ("2026-07-05T16:00z", "2026-07-05T16:00:00Z"),
        ("2026-07-05 12:00", "2026-07-05T16:00:00Z"),
        ("2026-07-05T12:00:00.25", "2026-07-05T16:00:00.250000Z"),
        ("2026-07-05T18:00+02:00", "2026-07-05T16:00:00Z"),
        ("2026-07-05 18:00:00 +0200", "2026-07-05T16:00:00Z"),
        ("2026-07-05T16-00-00Z", "2026-07-05T16:00:00Z"),
        ("@1783267200", "2026-07-05T16:00:00Z"),  # date -u -d @1783267200
        ("now", "2026-07-05T16:00:00Z"),
        (" 90min ", "2026-07-05T14:30:00Z"),
        ("12h", "2026-07-05T04:00:00Z"),
        ("30 seconds ago", "2026-07-05T15:59:30Z"),
        ("30d", "2026-06-05T16:00:00Z"),
        ("3 weeks ago", "2026-06-14T16:00:00Z"),
        ("3.weeks.ago", "2026-06-14T16:00:00Z"),
        ("2w", "2026-06-21T16:00:00Z"),
        ("1 day ago", "2026-07-04T16:00:00Z"),
        ("1 month ago", "2026-06-05T16:00:00Z"),
        # Noon in New York is 17:00 in winter.
        ("6m", "2026-01-05T17:00:00Z"),
        ("1Y", "2025-07-05T16:00:00Z"),
        ("0d", "2026-07-05T16:00:00Z"),
    ],
)
def test_an_instant_is_both_bounds(text: str, instant: str) -> None:
    assert bounds(text, NEW_YORK) == (instant, instant)


def test_a_month_before_its_31st_is_its_last_day() -> None:
    assert bounds("1m", now=datetime(2026, 7, 31, 9, tzinfo=UTC))[0] == "2026-06-30T09:00:00Z"
    assert bounds("1y", now=datetime(2024, 2, 29, 9, tzinfo=UTC))[0] == "2023-02-28T09:00:00Z"


def test_an_hour_that_comes_twice_is_taken_whole() -> None:
    """01:30 on 1 November 2026 is 05:30Z and, after the clocks went back, 06:30Z."""
    assert bounds("2026-11-01T01:30", NEW_YORK) == ("2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        "never",
        "2026-13-01",
        "2026-02-30",
        "2026-7-5",
        "05/07/2026",
        "2026-07-05T25:00",
        "2026-07-05T16:00+99:00",
        "2026-03-08T02:30",  # clocks went from 02:00 to 03:00
        "5",
        "-1d",
        "d",
        "3 fortnights ago",
        "999999y",
        "999999d",
        "@99999999999999",
        "monday",
        "٣d",
        "9999",
    ],
)
def test_what_it_cannot_mean_is_refused_with_the_way_to_say_it(text: str) -> None:
    with pytest.raises(UsageError, match=r"^--since: expected 2026-07-05, .* 3 weeks ago, found "):
        first_instant(text, "--since", NOW, NEW_YORK)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-07-05", True),
        ("2026-07-05T16:00", True),
        ("2026-07-05T16:00Z", False),
        ("@5", False),
        ("2d", True),
    ],
)
def test_only_an_offset_or_an_epoch_needs_no_zone(text: str, expected: bool) -> None:
    assert needs_zone(text) is expected


@given(
    st.dates(date(1975, 1, 1), date(2035, 1, 1)),
    st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata", "America/Sao_Paulo", "Pacific/Apia"]),
)
def test_every_instant_of_a_day_is_within_its_bounds_and_no_other_is(day: date, name: str) -> None:
    zone = ZoneInfo(name)
    first = first_instant(day.isoformat(), "--since", NOW, zone)
    last = last_instant(day.isoformat(), "--until", NOW, zone)
    if first > last:  # Samoa had no 30 December 2011
        assert (name, day.isoformat()) == ("Pacific/Apia", "2011-12-30")
        return
    tick = timedelta(microseconds=1)
    assert first.astimezone(zone).date() == last.astimezone(zone).date() == day
    assert (first - tick).astimezone(zone).date() < day < (last + tick).astimezone(zone).date()
