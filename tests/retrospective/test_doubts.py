from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from git_qoc.retrospective.point import SnapshotRecord
from git_qoc.snapshots.snapshot import AccountRow, PositionRow, Snapshot
from git_qoc.snapshots.toml import dumps
from tests.retrospective.builders import at, ours, retro, returns

ONE = Decimal(1)


def marked(when: str, *ages: timedelta) -> SnapshotRecord:
    """A snapshot whose positions' marks have these ages."""
    time = at(when)
    rows = tuple(PositionRow("a", f"S{n}", ONE, ONE, ONE, mark_time=time - age) for n, age in enumerate(ages))
    text = dumps(Snapshot(time, ONE, connectors=("a",), schema=1, net_flow_usd=Decimal(0), positions=rows))
    return SnapshotRecord(f"snapshots/{when}.toml", text, enabled=frozenset({"a"}))


@pytest.mark.parametrize(
    ("ages", "detail"),
    [
        ((timedelta(hours=1), timedelta(days=4)), None),
        ((timedelta(hours=1), timedelta(days=4, seconds=1)), "1 of 2 marks are older than 4 days"),
        (
            (timedelta(days=400), timedelta(days=5)),
            "2 of 2 marks are older than 4 days, the oldest of 2025-01-26",
        ),
    ],
)
def test_old_marks_are_named(ages: tuple[timedelta, ...], detail: str | None) -> None:
    findings = retro([marked("03-02", *ages)]).findings
    assert [finding.detail.startswith(detail or "") for finding in findings] == ([True] if detail else [])


def test_a_snapshot_at_the_beginning_of_the_calendar_stops_nothing() -> None:
    item = marked("03-02", timedelta(0))
    early = replace(item, text=str(item.text).replace("2026-03-02T21", "0001-01-02T21"))
    assert retro([early, item]).n_complete == 2


def test_a_venue_whose_equity_is_not_its_parts_is_named() -> None:
    row = AccountRow("a", "equities", "t", ONE, at("03-02"), unreconciled_usd=Decimal("-12.5"))
    text = dumps(Snapshot(at("03-02"), ONE, connectors=("a",), schema=1, accounts=(row,)))
    result = retro([SnapshotRecord("snapshots/x.toml", text, enabled=frozenset({"a"}))])
    assert [f.detail for f in result.findings] == ["stated equity less its parts: a -12.50 USD"]


def test_a_connector_that_never_answered_holds_nothing_up_and_is_named() -> None:
    records = [ours("03-02", {"a": 1}, enabled=["a", "bank"]), ours("03-03", {"a": 2}, enabled=["a", "bank"])]
    result = retro(records)
    assert result.n_complete == 2
    assert result.warnings == ("bank could never be read yet: its money is in no figure",)


def test_an_outage_that_lasts_is_named_beside_the_headline() -> None:
    both, one = {"a": 100, "b": 1}, {"a": 50}
    records = [ours("03-02", both), ours("03-03", both)]
    records += [ours(day, one, enabled=["a", "b"]) for day in ("03-04", "03-05")]
    assert retro(records).warnings == (
        "the last 2 snapshots, from 2026-03-04 to 2026-03-05, are in no figure: b could not be read",
    )


def test_what_becomes_of_a_file_later_does_not_change_who_was_missing() -> None:
    """A move or a comment gives the file a new commit, at which desk.toml may name more connectors."""
    records = [ours("03-02", {"a": 100}), ours("03-03", {"a": 90}), ours("03-04", {"a": 99, "b": 5})]
    moved = [replace(r, enabled=frozenset({"a", "b"})) for r in records]
    assert returns(retro(moved)) == returns(retro(records)) == pytest.approx([-0.1, 0.1])
