"""What holds for every desk with flows, outages and accounts that come and go, and for every calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from git_qoc.report.json_text import to_json
from git_qoc.retrospective.choices import Choices
from git_qoc.retrospective.metrics import Undefined
from git_qoc.retrospective.point import SnapshotRecord
from git_qoc.retrospective.result import Retrospective
from git_qoc.snapshots.snapshot import Snapshot
from git_qoc.snapshots.toml import dumps, file_name
from tests.retrospective.builders import figure, retro
from tests.retrospective.ledgers import ledgers
from tests.retrospective.shadow import ZONE, Ledger, records

DAILY = ledgers(st.just(24))
SCALES = st.sampled_from(["1e-6", "0.37", "7", "1e9"])


@settings(max_examples=60, deadline=None)
@given(DAILY, st.data())
def test_a_period_earns_the_product_of_its_parts(ledger: Ledger, data: st.DataObject) -> None:
    """Split after any complete snapshot: it ends one part and is the capital of the next."""
    inner = [i for i in range(1, len(ledger.times) - 1) if ledger.complete(i)]
    assume(inner)
    split = ledger.days[data.draw(st.sampled_from(inner))]
    files = records(ledger)
    whole = figure(retro(files, Choices(ZONE)), "total_return")
    first = figure(retro(files, Choices(ZONE, until=split)), "total_return")
    second = figure(retro(files, Choices(ZONE, since=split + timedelta(days=1))), "total_return")
    assert (1 + first) * (1 + second) == pytest.approx(1 + whole, rel=1e-12)


def scaled(ledger: Ledger, factor: Decimal) -> Ledger:
    return replace(
        ledger,
        navs={
            name: tuple(v if v is None else v * factor for v in navs) for name, navs in ledger.navs.items()
        },
        flows={at: amount * factor for at, amount in ledger.flows.items()},
    )


@settings(max_examples=60, deadline=None)
@given(ledgers(), SCALES)
def test_no_ratio_depends_on_the_size_of_the_desk(ledger: Ledger, factor: str) -> None:
    plain = retro(records(ledger), Choices(ZONE))
    larger = retro(records(scaled(ledger, Decimal(factor))), Choices(ZONE))
    for key, value in plain.figures.items():
        found = larger.figures[key]
        if isinstance(value, Undefined):
            assert found == value, key
        else:
            assert found == pytest.approx(value, rel=1e-12, abs=1e-14), key
    assert [d.peak for d in larger.drawdowns] == [d.peak for d in plain.drawdowns]
    assert larger.tally == plain.tally


@settings(max_examples=60, deadline=None)
@given(ledgers(), st.randoms(use_true_random=False))
def test_the_time_and_the_order_of_the_commits_change_nothing(ledger: Ledger, random: object) -> None:
    files = records(ledger)
    dates = list(ledger.times)
    random.shuffle(dates)  # type: ignore[attr-defined]
    other = [
        replace(item, committed_at=when + timedelta(days=400))
        for item, when in zip(files, dates, strict=True)
    ]
    random.shuffle(other)  # type: ignore[attr-defined]
    assert to_json(retro(other, Choices(ZONE))) == to_json(retro(files, Choices(ZONE)))


@settings(max_examples=60, deadline=None)
@given(ledgers())
def test_a_drawdown_is_never_deeper_for_an_outage(ledger: Ledger) -> None:
    """What was not seen cannot be told, but nothing that was not there is ever told."""
    seen = figure(retro(records(ledger), Choices(ZONE)), "max_drawdown")
    everything = retro(records(replace(ledger, out=frozenset())), Choices(ZONE))
    depth = min(
        [everything.intraday.depth if everything.intraday else 0.0, figure(everything, "max_drawdown")]
    )
    assert seen >= depth - 1e-12


def taken(moments: Sequence[datetime], navs: Sequence[int]) -> list[SnapshotRecord]:
    files = []
    for when, nav in zip(moments, navs, strict=True):
        text = dumps(Snapshot(when, Decimal(nav), None, None, None, ("a",), 1, Decimal(0)))
        files.append(SnapshotRecord("snapshots/" + file_name(when), text, enabled=frozenset({"a"})))
    return files


def local(days: Sequence[date], clock: time, zone: str = "America/New_York") -> list[datetime]:
    return [datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC) for day in days]


def weekdays_from(first: date, span: int) -> list[date]:
    days = [first + timedelta(days=i) for i in range(span)]
    return [day for day in days if day.weekday() < 5]


def days_of(result: Retrospective) -> list[date]:
    return [entry.day for entry in result.days]


CHANGES = (
    # The clocks of New York: forward on 2026-03-08, back on 2026-11-01, both Sundays.
    [date(2026, 3, 5) + timedelta(days=i) for i in range(8)],
    [date(2026, 10, 29) + timedelta(days=i) for i in range(8)],
)


@pytest.mark.parametrize("days", CHANGES, ids=["forward", "back"])
@pytest.mark.parametrize("clock", [time(16, 5), time(0, 1), time(23, 59), time(1, 30)], ids=str)
@pytest.mark.parametrize("cutoff", [None, time(16, 5)], ids=["midnight", "cutoff"])
def test_a_day_is_a_date_of_the_zone_over_both_changes_of_the_clocks(
    days: list[date], clock: time, cutoff: time | None
) -> None:
    """One entry a date, each 1 day after the last, though one of them has 23 or 25 hours."""
    navs = [1000, 1010, 1000, 1020, 1030, 990, 1000, 1100]
    result = retro(taken(local(days, clock), navs), Choices(ZoneInfo("America/New_York"), day_cutoff=cutoff))
    late = timedelta(days=cutoff is not None and clock > cutoff)
    assert days_of(result) == [day + late for day in days[1:]]
    assert [entry.spacing for entry in result.days] == [1] * 7
    assert [entry.value for entry in result.days] == pytest.approx(
        [b / a - 1 for a, b in pairwise(navs)], rel=1e-12
    )
    assert result.periods_per_year == 365.0


def test_weekday_closes_stay_252_a_year_over_a_change_of_the_clocks() -> None:
    weekdays = [
        day for day in (date(2026, 2, 23) + timedelta(days=i) for i in range(26)) if day.weekday() < 5
    ]
    moments = local(weekdays, time(16, 5))
    assert [m.hour for m in moments] == [21] * 10 + [20] * 10
    result = retro(taken(moments, range(1000, 1000 + len(weekdays))), Choices(ZoneInfo("America/New_York")))
    assert days_of(result) == weekdays[1:]
    assert result.periods_per_year == 252.0
    assert all(entry.in_sample for entry in result.days)


def test_a_snapshot_on_a_sunday_is_a_day_of_its_own() -> None:
    """Friday to Sunday 1 %, Sunday to Monday 2 %: two returns, and still 252 periods a year."""
    weekdays = weekdays_from(date(2026, 3, 2), 28)
    days = sorted([*weekdays, date(2026, 3, 15)])
    navs = [100_000 if day <= date(2026, 3, 13) else 101_000 for day in days]
    navs = [103_020 if day > date(2026, 3, 15) else nav for day, nav in zip(days, navs, strict=True)]
    result = retro(taken(local(days, time(16, 5)), navs), Choices(ZoneInfo("America/New_York")))
    by_day = {entry.day: entry for entry in result.days}
    assert by_day[date(2026, 3, 15)].value == pytest.approx(0.01, rel=1e-12)
    assert by_day[date(2026, 3, 15)].spacing == 2
    assert by_day[date(2026, 3, 16)].value == pytest.approx(0.02, rel=1e-12)
    assert result.periods_per_year == 252.0
    assert figure(result, "total_return") == pytest.approx(0.0302, rel=1e-12)
