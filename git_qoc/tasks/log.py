"""The record, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from git_qoc.errors import SnapshotError
from git_qoc.history.walk import entries
from git_qoc.snapshots.parse import loads_meta
from git_qoc.tasks.place import find_desk


@dataclass(frozen=True, slots=True)
class Line:
    """`change_usd` is NAV less the NAV before, None for the first; `note` says what is special."""

    timestamp: datetime
    nav_usd: Decimal
    change_usd: Decimal | None
    net_flow_usd: Decimal | None
    commit: str | None
    path: str
    note: str


def log(start: Path) -> tuple[list[Line], list[str]]:
    """(lines by timestamp, oldest first; one sentence per file that is no snapshot)."""
    place = find_desk(start)
    faults = []
    found = []
    for entry in entries(place.repo, "HEAD", place.root):
        try:
            found.append((loads_meta((entry.data or b"").decode("utf-8")), entry))
        except (UnicodeDecodeError, SnapshotError) as exc:
            why = "not UTF-8 text" if isinstance(exc, UnicodeDecodeError) else exc
            faults.append(f"{entry.path}: {why}")
    found.sort(key=lambda pair: pair[0].timestamp)
    lines: list[Line] = []
    for snapshot, entry in found:
        notes = ["back-filled"] if snapshot.backfill else []
        notes += [f"without {', '.join(snapshot.degraded)}"] if snapshot.degraded else []
        notes += ["same time as another"] if lines and lines[-1].timestamp == snapshot.timestamp else []
        notes += ["edited since"] if entry.edited else []
        lines.append(
            Line(
                timestamp=snapshot.timestamp,
                nav_usd=snapshot.nav_usd,
                change_usd=snapshot.nav_usd - lines[-1].nav_usd if lines else None,
                net_flow_usd=snapshot.net_flow_usd,
                commit=entry.commit,
                path=entry.path,
                note=", ".join(notes),
            )
        )
    return lines, faults
