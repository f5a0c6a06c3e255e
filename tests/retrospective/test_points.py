"""Rules 1, 2, 3 (who is missing) and 15: which files become which points."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from git_qoc.errors import SnapshotError, UsageError
from git_qoc.retrospective.choices import Choices
from git_qoc.retrospective.meta import read_meta
from git_qoc.retrospective.point import Restated, SnapshotRecord
from git_qoc.retrospective.points import day_of
from git_qoc.snapshots.parse import loads_meta
from git_qoc.snapshots.snapshot import Snapshot
from git_qoc.snapshots.toml import dumps
from tests.retrospective.builders import UTC_CHOICES, at, daily, figure, flow, kinds, ours, retro, returns
from tests.snapshots.test_toml import SPEC_EXAMPLE, snapshots


@given(snapshots)
def test_the_fast_reader_of_meta_agrees_with_the_toml_parser(snapshot: Snapshot) -> None:
    text = dumps(snapshot)
    assert read_meta(text) == loads_meta(text)


@pytest.mark.parametrize(
    "text",
    [
        SPEC_EXAMPLE,
        SPEC_EXAMPLE.replace("\n", "\r\n"),
        SPEC_EXAMPLE.replace("167_420.88", "167420.880"),
        SPEC_EXAMPLE.replace("167_420.88", "167420"),
        "# by hand\n" + SPEC_EXAMPLE,
        SPEC_EXAMPLE + '\n[[flow]]\nnonsense = "yes"\n',
    ],
)
def test_the_fast_reader_of_meta_agrees_on_texts_by_other_hands(text: str) -> None:
    assert read_meta(text) == loads_meta(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2026-07-05T16:00:00Z", "2026-13-05T16:00:00Z"),
        ("2026-07-05T16:00:00Z", "2026-07-05T16:00:00"),
        ("167_420.88", "167__420.88"),
        ("167_420.88", "nan"),
        ("167_420.88", "٣.٥"),  # digits, but not of TOML
        ("nav_usd        = 167_420.88\n", ""),
        ("cash_usd       = 41_210.50\n", "nav_usd        = 1.00\n"),
    ],
)
def test_the_fast_reader_of_meta_refuses_what_the_toml_parser_refuses(old: str, new: str) -> None:
    with pytest.raises(SnapshotError) as expected:
        loads_meta(SPEC_EXAMPLE.replace(old, new))
    with pytest.raises(SnapshotError) as found:
        read_meta(SPEC_EXAMPLE.replace(old, new))
    assert str(found.value) == str(expected.value)


@pytest.mark.parametrize(
    ("instant", "zone", "cutoff", "expected"),
    [
        # 2026-03-08 is the day New York's clocks go forward (02:00 EST → 03:00 EDT).
        ("03-08 04:59", "America/New_York", None, date(2026, 3, 7)),
        ("03-08 05:00", "America/New_York", None, date(2026, 3, 8)),
        ("03-09 03:59", "America/New_York", None, date(2026, 3, 8)),
        ("03-09 04:00", "America/New_York", None, date(2026, 3, 9)),
        # 2026-11-01: back to EST; the day has 25 hours.
        ("11-01 04:00", "America/New_York", None, date(2026, 11, 1)),
        ("11-02 04:59", "America/New_York", None, date(2026, 11, 1)),
        ("11-02 05:00", "America/New_York", None, date(2026, 11, 2)),
        ("03-08 15:00", "Asia/Tokyo", None, date(2026, 3, 9)),
        # The cutoff's own minute still belongs to the day, the next one does not.
        ("03-10 20:05", "America/New_York", time(16, 5), date(2026, 3, 10)),
        ("03-10 20:06", "America/New_York", time(16, 5), date(2026, 3, 11)),
        ("03-11 03:59", "America/New_York", time(16, 5), date(2026, 3, 11)),
    ],
)
def test_a_day_is_a_date_in_the_zone(instant: str, zone: str, cutoff: time | None, expected: date) -> None:
    assert day_of(at(instant), ZoneInfo(zone), cutoff) == expected


def test_the_seconds_a_snapshot_takes_do_not_push_it_past_the_cutoff() -> None:
    assert day_of(at("03-10 20:05").replace(second=59), ZoneInfo("America/New_York"), time(16, 5)) == date(
        2026, 3, 10
    )


def test_the_daily_point_is_the_last_complete_snapshot_of_the_day() -> None:
    records = [
        ours("03-02", {"a": 100}),
        ours("03-03 15:00", {"a": 90}),
        ours("03-03 20:00", {"a": 110}),
        ours("03-03 22:00", {}, enabled=["a"], degraded=["a"]),
    ]
    result = retro(records)
    assert returns(result) == [0.1]
    assert result.end == date(2026, 3, 3)


def test_live_beats_backfill_at_the_same_timestamp_whatever_the_commits() -> None:
    live = ours("03-03", {"a": 110}, committed="03-03")
    late = replace(ours("03-03", {"a": 999}, backfill=True, committed="03-09"), path="snapshots/late.toml")
    result = retro([late, ours("03-02", {"a": 100}), live])
    assert returns(result) == [0.1]
    assert kinds(result) == ["duplicate"]
    assert result.findings[0].path == "snapshots/late.toml"


def test_the_newer_commit_wins_among_equals_at_the_same_timestamp() -> None:
    old = replace(ours("03-03", {"a": 999}, committed="03-03"), path="z.toml")
    new = replace(ours("03-03", {"a": 110}, committed="03-04"), path="a.toml")
    for order in ([old, new], [new, old]):
        result = retro([ours("03-02", {"a": 100}), *order])
        assert returns(result) == [0.1]
        assert [f.path for f in result.findings] == ["z.toml"]


def test_a_file_that_cannot_be_read_is_named_and_the_rest_is_computed() -> None:
    bad: list[bytes | str] = [b"\xff\xfe", "", "[meta]\nnav_usd = 1", "x = nan"]
    records = [SnapshotRecord(f"snapshots/{i}.toml", text) for i, text in enumerate(bad)]
    result = retro([*daily([100, 110]), *records])
    assert returns(result) == [0.1]
    assert [(f.kind.value, f.path) for f in result.findings] == [
        ("unparsable", f"snapshots/{i}.toml") for i in range(4)
    ]


def test_a_bad_flow_row_makes_the_file_unparsable_instead_of_losing_the_flow() -> None:
    record = ours("03-03", {"a": 200}, flows=[flow("03-03 10:00", 100)])
    broken = replace(record, text=str(record.text).replace("amount_usd = 100.00", 'amount_usd = "100"'))
    result = retro([ours("03-02", {"a": 100}), broken, ours("03-04", {"a": 100})])
    assert kinds(result) == ["unparsable"]
    assert returns(result) == [0.0]


def test_a_time_at_the_end_of_the_calendar_is_a_finding_and_no_crash() -> None:
    text = '[meta]\ntimestamp = "9999-12-31T23:00:00Z"\nnav_usd = 1.0\n'
    result = retro([SnapshotRecord("x.toml", text)], Choices(ZoneInfo("Asia/Tokyo")))
    assert kinds(result) == ["unparsable"]


def test_live_only_leaves_backfilled_snapshots_out_and_names_them() -> None:
    records = [
        ours("03-01", {"a": 50}, backfill=True),
        ours("03-02", {"a": 100}),
        ours("03-03", {"a": 110}),
    ]
    assert returns(retro(records)) == [1.0, 0.1]
    assert kinds(retro(records)) == ["backfilled"]
    live = retro(records, replace(UTC_CHOICES, live_only=True))
    assert returns(live) == [0.1]
    assert kinds(live) == ["left_out"]


def test_a_backfilled_snapshot_is_not_partial_for_connectors_connected_later() -> None:
    # Committed late, so the desk of its commit knows connectors that did not exist then.
    records = [
        ours("03-01", {"a": 100}, enabled=["a", "b"], backfill=True),
        ours("03-02", {"a": 110}, enabled=["a", "b"], backfill=True),
        ours("03-03", {"a": 110, "b": 500}),
    ]
    assert returns(retro(records)) == [0.1, 0.0]


def test_a_restated_snapshot_is_named_with_both_commits_and_both_navs() -> None:
    first = ours("03-03", {"a": 105})
    now = replace(ours("03-03", {"a": 110}, commit="2222"), restated=Restated("1111", first.text))
    result = retro([ours("03-02", {"a": 100}), now])
    assert [f.detail for f in result.findings] == [
        "edited after its first commit: 1111 → 2222, NAV 105.00 → 110.00 USD"
    ]


def test_since_and_until_are_inclusive_and_the_last_point_before_is_the_capital() -> None:
    result = retro(
        daily([100, 110, 121, 60]),
        replace(UTC_CHOICES, since=date(2026, 3, 3), until=date(2026, 3, 4)),
    )
    assert (result.start, result.end) == (date(2026, 3, 2), date(2026, 3, 4))
    assert figure(result, "total_return") == pytest.approx(0.21, rel=1e-12)


def test_without_a_point_before_the_window_its_first_is_the_capital() -> None:
    result = retro(daily([100, 110, 121]), replace(UTC_CHOICES, since=date(2026, 2, 1)))
    assert (result.start, result.n_points) == (date(2026, 3, 2), 3)


def test_instants_bound_a_window_to_the_second() -> None:
    records = [ours(when, {"a": nav}) for when, nav in (("03-02", 100), ("03-03", 110), ("03-03 22:00", 121))]
    window = replace(UTC_CHOICES, since=at("03-02"), until=at("03-03"))
    assert figure(retro(records, window), "total_return") == pytest.approx(0.1, rel=1e-12)
    rest = replace(UTC_CHOICES, since=at("03-03"))
    assert figure(retro(records, rest), "total_return") == pytest.approx(0.1, rel=1e-12)


def test_the_capital_is_the_last_point_that_was_completed_before_the_window() -> None:
    records = [
        ours("03-02", {"a": 100, "b": 100}),
        ours("03-03", {"a": 150}, enabled=["a", "b"]),
        ours("03-04", {"a": 165, "b": 110}),
    ]
    window = replace(UTC_CHOICES, since=date(2026, 3, 4))
    # Excluded, the capital is the 2nd's 200; carried, the 3rd's 150 + 100.
    assert figure(retro(records, window), "total_return") == pytest.approx(75 / 200, rel=1e-12)
    carried = retro(records, replace(window, partial="carry"))
    assert carried.start == date(2026, 3, 3)
    assert figure(carried, "total_return") == pytest.approx(25 / 250, rel=1e-12)


def test_without_a_known_desk_a_connector_that_comes_back_was_out() -> None:
    files = [
        ours("03-02", {"a": 100, "b": 100}),
        ours("03-03", {"a": 100}),
        ours("03-04", {"a": 110, "b": 100}),
    ]
    # Another tool's files: they do not name who was missing.
    records = [replace(f, enabled=None, text=str(f.text).replace("schema         = 1\n", "")) for f in files]
    result = retro(records)
    assert returns(result) == [0.05]
    assert kinds(result) == ["partial"]


def test_a_file_that_does_not_say_its_connectors_is_used_and_remarked() -> None:
    text = '[meta]\ntimestamp = "2026-03-{:02}T21:00:00Z"\nnav_usd = {}.0\n'
    records = [
        SnapshotRecord(f"{day}.toml", text.format(day, nav), enabled=frozenset({"a"}))
        for day, nav in ((2, 100), (3, 110))
    ]
    result = retro(records)
    assert returns(result) == [0.1]
    assert kinds(result).count("connectors_unrecorded") == 2


def test_choices_that_cannot_be_meant_are_refused() -> None:
    for wrong in ({"periods_per_year": 0}, {"risk_free": Decimal(-1)}, {"risk_free": 42}):
        with pytest.raises(UsageError):
            replace(UTC_CHOICES, **wrong)
    with pytest.raises(UsageError):
        replace(UTC_CHOICES, since=date(2026, 3, 2), until=date(2026, 3, 1))
