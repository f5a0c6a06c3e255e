from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from git_qoc.desk.config import parse
from git_qoc.errors import DeskError
from git_qoc.schedule.cron import fault, instants
from git_qoc.tasks.instants import daily

# spec/snapshots-and-equity.txt, "Scheduling daily snapshots": 16:05 ET on weekdays.
CLOSE = "5 16 * * 1-5"
NEW_YORK = "America/New_York"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_close_keeps_its_local_time_when_the_clocks_change() -> None:
    """New York left daylight saving time on 2016-11-06 and took it up again on 2017-03-12."""
    autumn = list(instants(CLOSE, NEW_YORK, utc("2016-11-04T00:00"), utc("2016-11-08T00:00")))
    assert autumn == [utc("2016-11-04T20:05"), utc("2016-11-07T21:05")]
    spring = list(instants(CLOSE, NEW_YORK, utc("2017-03-10T00:00"), utc("2017-03-14T00:00")))
    assert spring == [utc("2017-03-10T21:05"), utc("2017-03-13T20:05")]


def test_a_year_of_closes_is_every_weekday_once_at_1605() -> None:
    found = list(instants(CLOSE, NEW_YORK, utc("2016-07-05T00:00"), utc("2017-07-05T00:00")))
    local = [instant.astimezone(ZoneInfo(NEW_YORK)) for instant in found]
    days = [date(2016, 7, 5) + timedelta(days=n) for n in range(365)]
    assert [time.date() for time in local] == [day for day in days if day.weekday() < 5]
    assert {time.strftime("%H:%M:%S") for time in local} == {"16:05:00"}


def test_the_start_is_left_out_and_the_end_is_in() -> None:
    tick = utc("2017-07-03T20:05")
    assert list(instants(CLOSE, NEW_YORK, tick, tick)) == []
    assert list(instants(CLOSE, NEW_YORK, tick - timedelta(seconds=1), tick)) == [tick]


@pytest.mark.parametrize(
    "cron", ["", "* * * *", "61 16 * * 1-5", "5 16 * * MONDAY-", "@daily", "5 16 * * 1-5 0"]
)
def test_what_is_no_five_field_cron_is_refused(cron: str) -> None:
    assert fault(cron)
    with pytest.raises(DeskError):
        next(instants(cron, NEW_YORK, utc("2017-07-03T00:00"), utc("2017-07-04T00:00")))


def test_a_backfill_follows_the_snapshot_schedule() -> None:
    config = parse(f'[[schedule]]\nname = "c"\ncron = "{CLOSE}"\ntz = "{NEW_YORK}"\ntask = "snapshot"\n')
    assert daily(config, date(2017, 7, 3), utc("2017-07-04T20:05")) == [
        utc("2017-07-03T20:05"),
        utc("2017-07-04T20:05"),
    ]


def test_without_a_schedule_it_takes_the_end_of_every_day_of_the_desks_zone() -> None:
    config = parse(f'[workspace]\ntimezone = "{NEW_YORK}"\n')
    assert daily(config, date(2016, 11, 5), utc("2016-11-07T12:00")) == [
        utc("2016-11-06T03:59:59"),
        utc("2016-11-07T04:59:59"),
    ]
    with_cutoff = parse('[retrospective]\nday_cutoff = "16:05"\n')
    assert daily(with_cutoff, date(2016, 11, 5), utc("2016-11-05T18:00")) == [utc("2016-11-05T16:05")]
