"""Snapshot files → the ordered points of the report (rules 1, 2, 3 and 15).

In: the files of one commit's tree with what history knows of each. Out: one `Point` per
timestamp, oldest first, each with its day and the connectors that are missing from it, and
every file that could not be used as a finding. Which points are linked to returns is
decided in `completeness` and `links`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from git_qoc.errors import SnapshotError
from git_qoc.money import shown
from git_qoc.retrospective import digest
from git_qoc.retrospective.choices import Choices
from git_qoc.retrospective.digest import Digest
from git_qoc.retrospective.findings import EARLIEST, Finding, Kind
from git_qoc.retrospective.meta import read_meta
from git_qoc.retrospective.overlaps import without_overlaps
from git_qoc.retrospective.point import NONE, Point, Restated, SnapshotRecord, decoded

if TYPE_CHECKING:
    from git_qoc.snapshots.snapshot import Snapshot


class _Read(NamedTuple):
    record: SnapshotRecord
    meta: Digest
    rows: Snapshot | None
    day: date


def build_points(
    records: Iterable[SnapshotRecord], choices: Choices
) -> tuple[tuple[Point, ...], tuple[Finding, ...]]:
    """The points of the report's window and its capital, oldest first, one per timestamp; what was found."""
    findings: list[Finding] = []
    reads = _readable(records, choices, findings)
    if choices.live_only:
        findings += [_left_out(item) for item in reads if item.meta.backfill]
        reads = [item for item in reads if not item.meta.backfill]
    reads = _one_per_timestamp(reads, findings)
    points, overlapping = without_overlaps(_with_missing(reads))
    findings += overlapping
    window = _window(points, choices)
    for i in window:
        findings += _remarks(reads[i], points[i], of_symbol=choices.symbol is not None)
    inside = {points[i].time for i in window}
    kept = [f for f in findings if f.time is None or f.time in inside]
    return tuple(points[i] for i in window), tuple(kept)


def from_capital(points: Sequence[Point], choices: Choices) -> tuple[Point, ...]:
    """From the last complete point before the window on, all of them where there is none."""
    before = [i for i, p in enumerate(points) if p.complete and not choices.begins(p.time, p.day)]
    return tuple(points[before[-1] :]) if before else tuple(points)


def _window(points: Sequence[Point], choices: Choices) -> range:
    """The indices of the points from the capital to the end of the window.

    What may yet be completed before it (rule 3, `carry`) is kept until then.
    """
    first = next((i for i, p in enumerate(points) if choices.begins(p.time, p.day)), len(points))
    end = next((i for i, p in enumerate(points) if not choices.holds(p.time, p.day)), len(points))
    if first >= end:
        return range(0)
    capital = next((i for i in range(first - 1, -1, -1) if points[i].complete), first)
    return range(capital, end)


def day_of(instant: datetime, zone: ZoneInfo, cutoff: time | None = None) -> date:
    """The local date an instant counts for; after the cutoff minute it is the next date."""
    local = instant.astimezone(zone)
    if cutoff is not None and local.time().replace(second=0, microsecond=0) > cutoff:
        return local.date() + timedelta(days=1)
    return local.date()


def _readable(records: Iterable[SnapshotRecord], choices: Choices, findings: list[Finding]) -> list[_Read]:
    reads = []
    for record in records:
        try:
            reads.append(_read(record, choices))
        except UnicodeDecodeError:
            findings.append(Finding(Kind.UNPARSABLE, "not a snapshot: not UTF-8 text", path=record.path))
        except OverflowError:
            detail = "[meta]: timestamp: expected a time within the calendar"
            findings.append(Finding(Kind.UNPARSABLE, detail, path=record.path))
        except SnapshotError as exc:
            findings.append(Finding(Kind.UNPARSABLE, str(exc), path=record.path))
    return reads


def _read(record: SnapshotRecord, choices: Choices) -> _Read:
    meta = digest.parsed(record.digest or digest.line_of(decoded(record.text)))
    rows = _rows(record) if meta.flows else None
    return _Read(record, meta, rows, day_of(meta.timestamp, choices.zone, choices.day_cutoff))


def _rows(record: SnapshotRecord) -> Snapshot:
    from git_qoc.snapshots.parse import loads_accounts  # costs 8 ms, which most runs need not spend

    return loads_accounts(decoded(record.text))


def _one_per_timestamp(reads: Iterable[_Read], findings: list[Finding]) -> list[_Read]:
    best: dict[datetime, _Read] = {}
    for item in sorted(reads, key=_precedence):
        stamp = item.meta.timestamp
        loser = best.get(stamp)
        if loser is not None:
            detail = f"same timestamp as {item.record.path}, which is used ({_why(item, loser)})"
            findings.append(Finding(Kind.DUPLICATE, detail, stamp, loser.record.path))
        best[stamp] = item
    return [best[stamp] for stamp in sorted(best)]


def _precedence(item: _Read) -> tuple[bool, datetime, str]:
    return not item.meta.backfill, item.record.committed_at or EARLIEST, item.record.path


def _why(winner: _Read, loser: _Read) -> str:
    if winner.meta.backfill != loser.meta.backfill:
        return "live before backfill"
    if winner.record.committed_at != loser.record.committed_at:
        return "the newer commit"
    return "the later path; neither commit is newer"


def _with_missing(reads: Sequence[_Read]) -> list[Point]:
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for i, item in enumerate(reads):
        for name in item.meta.connectors:
            first.setdefault(name, i)
            last[name] = i
    firsts = set(first.values())
    points = []
    seen = NONE
    for i, item in enumerate(reads):
        silent = _begins_anew(item, seen)
        if i in firsts:
            seen |= item.meta.connectors
        point = _point(item, _expected(item, i, (first, last)), seen)
        points.append(point._replace(realized_pnl=None) if silent else point)
    return points


def _begins_anew(item: _Read, seen: frozenset[str]) -> bool:
    """Whether it is a first snapshot, whose realized P&L of zero is a sum of nothing.

    Where another clone, or a backfill, has read the same accounts before, that is not known.
    """
    meta = item.meta
    first = meta.schema is not None and meta.since is None and meta.net_flow_usd is None
    if not first or meta.realized_pnl or seen.isdisjoint(meta.connectors):
        return False
    try:
        accounts = _rows(item.record).accounts
    except SnapshotError:
        return True
    return any(row.connector in seen and row.realized_pnl is None for row in accounts)


def _point(item: _Read, expected: frozenset[str], seen: frozenset[str]) -> Point:
    meta, record = item.meta, item.record
    names = meta.connectors
    recorded = bool(names) or meta.schema is not None or bool(meta.degraded)
    absent = expected - names if expected is not names and (recorded or not meta.nav_usd) else NONE
    # An account that was never read is in no figure yet: its first NAV will be an inflow.
    counted = seen if names else absent
    return Point(
        time=meta.timestamp,
        day=item.day,
        nav_usd=meta.nav_usd,
        realized_pnl=meta.realized_pnl,
        unrealized_pnl=meta.unrealized_pnl,
        net_flow_usd=meta.net_flow_usd,
        connectors=names if recorded else None,
        missing=absent & counted if absent else NONE,
        unseen=absent - counted if absent else NONE,
        backfill=meta.backfill,
        path=record.path,
        commit=record.commit,
        source=record.text,
        rows=item.rows,
        since=meta.since,
        doubts=_doubts(item) if meta.stale_marks or meta.unreconciled else (),
        cash_usd=meta.cash_usd,
        held=meta.holdings,
    )


def _expected(item: _Read, at: int, spans: tuple[Mapping[str, int], Mapping[str, int]]) -> frozenset[str]:
    """Who should have contributed to the read at this index.

    Ours names who was missing when it was taken, whatever became of the file since. For
    another tool's file desk.toml at its first commit says it. A backfilled snapshot is
    committed long after its own time, so the desk.toml of its commit says nothing about it;
    there, and where no desk.toml is known, a connector that was seen before and is seen
    again later is taken to have been out. `spans` are every connector's first and last index.
    """
    if item.meta.schema is not None:
        return item.meta.connectors | item.meta.degraded if item.meta.degraded else item.meta.connectors
    enabled = item.record.enabled
    if enabled is None or item.meta.backfill:
        first, last = spans
        absent = (name for name in first if name not in item.meta.connectors)
        enabled = frozenset(name for name in absent if first[name] < at < last[name])
    return enabled | item.meta.degraded


def _doubts(item: _Read) -> tuple[Finding, ...]:
    found = ((Kind.STALE_MARKS, item.meta.stale_marks), (Kind.UNRECONCILED, item.meta.unreconciled))
    stamp, path = item.meta.timestamp, item.record.path
    return tuple(Finding(kind, detail, stamp, path) for kind, detail in found if detail)


def _left_out(item: _Read) -> Finding:
    return Finding(Kind.LEFT_OUT, "backfilled, left out by live_only", None, item.record.path)


def _remarks(item: _Read, point: Point, *, of_symbol: bool) -> Iterable[Finding]:
    stamp, path = point.time, point.path
    if point.backfill:
        yield Finding(Kind.BACKFILLED, "backfilled", stamp, path)
    if point.connectors is None:
        detail = "does not record its connectors: taken as complete"
        yield Finding(Kind.CONNECTORS_UNRECORDED, detail, stamp, path)
    if point.nav_usd <= 0 and point.connectors != NONE and not of_symbol:
        yield Finding(Kind.NAV_NOT_POSITIVE, f"NAV {shown(point.nav_usd)} USD", stamp, path)
    if item.record.restated is not None:
        yield _restated(item, item.record.restated)
    if item.rows is not None and item.rows.flows and item.meta.net_flow_usd is not None:
        total = sum((row.amount_usd for row in item.rows.flows), Decimal(0))
        if total != item.meta.net_flow_usd:
            detail = (
                f"flow rows sum to {shown(total)} USD, net_flow_usd says {shown(item.meta.net_flow_usd)}: "
                "the rows are used"
            )
            yield Finding(Kind.FLOW_MISMATCH, detail, stamp, path)


def _restated(item: _Read, restated: Restated) -> Finding:
    now = item.record.commit or "the present commit"
    detail = f"edited after its first commit: {restated.first_commit} → {now}"
    if restated.original is not None:
        try:
            before = read_meta(decoded(restated.original)).nav_usd
            detail += f", NAV {shown(before)} → {shown(item.meta.nav_usd)} USD"
        except (SnapshotError, UnicodeDecodeError):
            detail += ", its first text is no snapshot"
    return Finding(Kind.RESTATED, detail, item.meta.timestamp, item.record.path)
