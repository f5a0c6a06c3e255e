"""The line that is kept of a snapshot says of it all that the report asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given

from git_qoc.report.json_text import to_json
from git_qoc.retrospective import digest
from git_qoc.retrospective.point import SnapshotRecord, decoded
from git_qoc.snapshots.parse import loads_meta
from git_qoc.snapshots.snapshot import Snapshot
from git_qoc.snapshots.toml import dumps
from tests.retrospective.builders import daily, flow, kinds, ours, retro, spec_only
from tests.snapshots.test_toml import SPEC_EXAMPLE, snapshots


def same(text: str) -> None:
    line = digest.line(text.encode())
    assert "\n" not in line
    found, meta = digest.parsed(line), loads_meta(text)
    assert found[:4] == (meta.timestamp, meta.nav_usd, meta.realized_pnl, meta.unrealized_pnl)
    assert (found.connectors, found.degraded) == (frozenset(meta.connectors), frozenset(meta.degraded))
    assert (found.schema, found.net_flow_usd) == (meta.schema, meta.net_flow_usd)
    assert (found.backfill, found.since) == (meta.backfill, meta.since)
    assert found.flows == (bool(meta.net_flow_usd) or "[[flow]]" in text)
    assert digest.is_ours(line) == (meta.schema is not None)


@given(snapshots)
def test_what_a_line_says_is_what_the_file_says(snapshot: Snapshot) -> None:
    same(dumps(snapshot))


@pytest.mark.parametrize(
    "text",
    [
        SPEC_EXAMPLE,
        SPEC_EXAMPLE.replace("167_420.88", "167420"),
        SPEC_EXAMPLE.replace("167_420.88", "1.6742088e5"),
        SPEC_EXAMPLE.replace("16:00:00Z", "18:00:00.25+02:00"),
        SPEC_EXAMPLE.replace(
            '"main-equities", "crypto-spot"', '"a\\nb", "c\\u001fd", "e\\"f", "g\\\\", "é\\u2028"'
        ),
        "# by hand\n" + SPEC_EXAMPLE,
    ],
)
def test_other_hands_and_odd_names_are_kept_too(text: str) -> None:
    same(text)


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"[meta]\nnav_usd = 1.0\n", b"x = nan"])
def test_what_is_no_snapshot_has_an_empty_line(data: bytes) -> None:
    assert digest.line(data) == ""
    assert not digest.is_ours("")


def through_lines(records: Sequence[SnapshotRecord]) -> list[SnapshotRecord]:
    made = []
    for record in records:
        data = record.text.encode() if isinstance(record.text, str) else decoded(record.text).encode()
        made.append(replace(record, text=partial(bytes, data), digest=digest.line(data)))
    return made


def test_a_report_from_lines_is_the_report_from_files() -> None:
    records = [
        *daily([100, 110, 105]),
        ours("03-05", {"a": 120, "b": 50}, flows=[flow("03-05 10:00", 15)]),
        ours("03-06", {"a": 121}, enabled=["a", "b"]),
        ours("03-07", {"a": 90, "b": 49}, net_flow=None, realized=3, unrealized={"a": -4}),
        spec_only("03-08", 140, connectors=("a", "b"), realized=1, unrealized=2, enabled=["a", "b"]),
        SnapshotRecord("snapshots/bad.toml", "nonsense"),
        ours("03-09", {"a": 100, "b": 40}, backfill=True),
    ]
    assert to_json(retro(through_lines(records))) == to_json(retro(records))
    assert "unparsable" in kinds(retro(records))


def test_a_file_whose_rows_do_not_matter_is_not_read_again() -> None:
    def never() -> bytes:
        raise AssertionError("read")

    first, *between, last = through_lines(daily([100, 110, 99]))
    records = [first, *(replace(r, text=never) for r in between), last]
    assert to_json(retro(records)) == to_json(retro(daily([100, 110, 99])))
