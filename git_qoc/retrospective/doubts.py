"""What a snapshot's own rows say against its NAV: old marks, and parts that do not add up.

Looked for in the text, because parsing every row of thousands of snapshots would take longer
than the whole report.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from git_qoc.errors import SnapshotError
from git_qoc.money import shown
from git_qoc.retrospective.findings import EARLIEST, Finding, Kind
from git_qoc.retrospective.point import Point
from git_qoc.snapshots.parse import loads_accounts

STALE = timedelta(days=4)
"""As in a gap (rule 7): over a long weekend the last close is the mark."""
_MARK_TIME = re.compile(r'\nmark_time\s*=\s*"([^"]+)"')


def doubts(points: Iterable[Point]) -> Iterator[Finding]:
    """One finding per snapshot and kind."""
    for point in points:
        yield from _stale_marks(point)
        yield from _unreconciled(point)


def _stale_marks(point: Point) -> Iterator[Finding]:
    stamps = _MARK_TIME.findall(point.text)
    if not stamps or point.time < EARLIEST + STALE:
        return
    limit = (point.time - STALE).astimezone(UTC)
    # Ours are all ISO 8601 in UTC, so the texts sort like the times.
    old = sorted(stamp for stamp in stamps if stamp < limit.isoformat().replace("+00:00", "Z"))
    if old and _is_time(old[0]):
        detail = f"{len(old)} of {len(stamps)} marks are older than 4 days, the oldest of {old[0][:10]}"
        yield Finding(Kind.STALE_MARKS, detail, point.time, point.path)


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).utcoffset() is not None
    except ValueError:
        return False


def _unreconciled(point: Point) -> Iterator[Finding]:
    if "\nunreconciled_usd" not in point.text:
        return
    try:
        rows = loads_accounts(point.text).accounts
    except SnapshotError:
        return
    parts = [f"{row.connector} {shown(row.unreconciled_usd)} USD" for row in rows if row.unreconciled_usd]
    if parts:
        detail = f"stated equity less its parts: {', '.join(parts)}"
        yield Finding(Kind.UNRECONCILED, detail, point.time, point.path)
