"""One line of the log: a snapshot's figures, what they changed by, and what is special about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from git_qoc.history.reader import TreeFile
from git_qoc.history.recent import Trace
from git_qoc.snapshots.snapshot import Snapshot
from git_qoc.snapshots.toml import timestamp_text
from git_qoc.tasks.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Line:
    """One snapshot. Amounts are in USD; None where the file does not record them.

    `change_usd` is NAV less the NAV of the snapshot before it in the record (shown or not),
    flows included, None for the first. `period_return` is that change as a fraction of the
    NAV before, only where it is one: no flow, nobody missing on either side, the same
    connectors. `flags` are of FLAGS; `note` says the same, and more, to a person.
    """

    timestamp: datetime
    nav_usd: Decimal
    change_usd: Decimal | None
    period_return: float | None
    cash_usd: Decimal | None
    realized_pnl: Decimal | None
    unrealized_pnl: Decimal | None
    net_flow_usd: Decimal | None
    commit: str | None
    blob: str
    path: str
    degraded: tuple[str, ...]
    flags: tuple[str, ...]
    note: str


FLAGS = {
    "backfill": "back-filled",
    "degraded": "without {}",
    "same-time": "same time as another",
    "misnamed": "its name says another time",
    "overlap": "P&L and flows since {}",
    "edited": "edited since",
    "moved": "moved since",
}
"""What is special about a line, in this order; what a note says of it."""


class Row(NamedTuple):
    """A snapshot at its index in the record; `flows`: its file lists some."""

    at: int
    file: TreeFile
    snapshot: Snapshot
    flows: bool


def line_of(record: Timeline, row: Row, origin: Trace | None) -> Line:
    """The row beside the snapshot before it; `origin` None where history does not tell."""
    snapshot, before = row.snapshot, record.before(row.at)
    flags = tuple(_flags(record, row, before, origin))
    words = {"degraded": ", ".join(snapshot.degraded)}
    if snapshot.since is not None:
        words["overlap"] = timestamp_text(snapshot.since)
    return Line(
        timestamp=snapshot.timestamp,
        nav_usd=snapshot.nav_usd,
        change_usd=None if before is None else snapshot.nav_usd - before.nav_usd,
        period_return=_return(row, before) if before and "overlap" not in flags else None,
        cash_usd=snapshot.cash_usd,
        realized_pnl=snapshot.realized_pnl,
        unrealized_pnl=snapshot.unrealized_pnl,
        net_flow_usd=snapshot.net_flow_usd,
        commit=None if origin is None else origin.commit,
        blob=row.file.blob,
        path=row.file.path,
        degraded=snapshot.degraded,
        flags=flags,
        note=", ".join(FLAGS[flag].format(words.get(flag, "")) for flag in flags),
    )


def _flags(record: Timeline, row: Row, before: Snapshot | None, origin: Trace | None) -> Iterator[str]:
    snapshot = row.snapshot
    holds = {
        "backfill": snapshot.backfill,
        "degraded": bool(snapshot.degraded),
        "same-time": record.shares_time(row.at),
        "misnamed": record.misnamed(row.at, snapshot.timestamp),
        "overlap": before is not None and snapshot.since not in (None, before.timestamp),
        "edited": origin is not None and origin.edited,
        "moved": origin is not None and origin.moved,
    }
    return (flag for flag in FLAGS if holds[flag])


def _return(row: Row, before: Snapshot) -> float | None:
    """Rule 5 of the retrospective where nothing flowed, V1 / V0 - 1; flows are its to weigh."""
    now = row.snapshot
    flowless = now.net_flow_usd == 0 and not row.flows
    whole = not now.degraded and not before.degraded and set(now.connectors) == set(before.connectors)
    later = now.timestamp > before.timestamp and before.nav_usd > 0
    if not (flowless and whole and later):
        return None
    return float((now.nav_usd - before.nav_usd) / before.nav_usd)
