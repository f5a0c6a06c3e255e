"""Periods that two snapshots both tell: what was realized and what flowed counts once.

Ours say which snapshot they measured from. Where that is not the one before them in time
(two clones took snapshots unknown to each other, or one was deleted), the account rows of the
stretch are read and restated (`snapshots.since`). So are those of a connector that was out and
is back: the file says since when the desk was measured, and that connector is measured from
its own last row, since which another clone may have read it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from git_qoc.errors import SnapshotError
from git_qoc.retrospective.findings import Finding, Kind
from git_qoc.retrospective.holdings import restated as restated_line
from git_qoc.retrospective.point import NONE, Point

if TYPE_CHECKING:
    from git_qoc.snapshots.snapshot import Snapshot

Stretch = tuple[int, int]
"""The first and the last index of points that must be read together."""


def without_overlaps(points: Sequence[Point]) -> tuple[tuple[Point, ...], tuple[Finding, ...]]:
    """The points, oldest first, each telling only what happened since the one before it."""
    kept = list(points)
    findings = list(_after_backfill(kept))
    for first, last in _united(_stretches(points)):
        from git_qoc.snapshots.since import restated

        read = [(i, rows) for i in range(first, last + 1) if (rows := _rows(points[i])) is not None]
        for (i, own), now in zip(read, restated([rows for _, rows in read]), strict=True):
            if i > first and now != own and _may_overlap(points, i):
                kept[i] = _as(points[i], now)
                findings.append(_finding(points[i], own, now))
    return tuple(kept), tuple(findings)


def _after_backfill(points: list[Point]) -> Iterator[Finding]:
    """Where a live file does not say since when, backfilled ones before it may tell the same time."""
    live_before = False
    for i, point in enumerate(points):
        after_backfill = i > 0 and points[i - 1].backfill
        if live_before and after_backfill and not point.backfill and point.since is None:
            detail = "its realized_pnl covers a time that backfilled snapshots cover too: not used"
            yield Finding(Kind.PERIODS_OVERLAP, detail, point.time, point.path)
            points[i] = point._replace(realized_pnl=None)
        live_before = live_before or not point.backfill


def _stretches(points: Sequence[Point]) -> Iterator[Stretch]:
    """For each point that may overlap those before it: back to where all its rows began."""
    seen: dict[str, int] = {}
    for i, point in enumerate(points):
        if _may_overlap(points, i, seen) and (own := _rows(point)) is not None:
            measured = [row for row in own.accounts if row.since is not None]
            oldest = min((row.since for row in measured if row.since is not None), default=point.time)
            # A timestamp is cut to its second, an account's time is not.
            start = bisect_left(points, oldest.replace(microsecond=0), hi=i - 1, key=lambda p: p.time)
            yield min([start, *(seen.get(row.connector, i) for row in own.accounts)]), i
        seen.update(dict.fromkeys(point.connectors or (), i))


def _may_overlap(points: Sequence[Point], i: int, seen: Container[str] | None = None) -> bool:
    """Whether a row of the point may be measured from another one than its connector's last.

    `seen` are the connectors of before, None where that is not asked.
    """
    if i == 0 or points[i].since is None:
        return False
    if points[i].since != points[i - 1].time:
        return True
    here, before = points[i].connectors or NONE, points[i - 1].connectors or NONE
    return here is not before and any(seen is None or name in seen for name in here - before)


def _united(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Those that touch as one, so that no point is read for each of many."""
    first = last = -1
    for start, end in sorted(stretches):
        if start > last:
            if last >= 0:
                yield first, last
            first = start
        last = max(last, end)
    if last >= 0:
        yield first, last


def _as(point: Point, now: Snapshot) -> Point:
    rows = None if point.rows is None else now
    held = restated_line(point.held, now)
    return point._replace(realized_pnl=now.realized_pnl, net_flow_usd=now.net_flow_usd, rows=rows, held=held)


def _finding(point: Point, own: Snapshot, now: Snapshot) -> Finding:
    if now.realized_pnl is None and own.realized_pnl is not None:
        detail = "it tells what happened since a snapshot that is not in the record: not used"
    else:
        detail = "it tells a time that a snapshot before it tells too: counted once"
    return Finding(Kind.PERIODS_OVERLAP, detail, point.time, point.path)


def _rows(point: Point) -> Snapshot | None:
    from git_qoc.snapshots.parse import loads_accounts

    try:
        return loads_accounts(point.text)
    except SnapshotError:
        return None
