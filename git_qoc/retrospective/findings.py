"""Data quality: everything a reader must know before trusting a figure, as values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

EARLIEST = datetime.min.replace(tzinfo=UTC)


class Kind(StrEnum):
    UNPARSABLE = "unparsable"
    DUPLICATE = "duplicate"
    RESTATED = "restated"
    BACKFILLED = "backfilled"
    PARTIAL = "partial"
    CARRIED = "carried"
    CONNECTORS_UNRECORDED = "connectors_unrecorded"
    GAP = "gap"
    CHAIN_BREAK = "chain_break"
    NAV_NOT_POSITIVE = "nav_not_positive"
    ESTIMATED = "estimated"
    FLOW_REPEATED = "flow_repeated"
    FLOW_MISMATCH = "flow_mismatch"
    FLOWS_UNRECORDED = "flows_unrecorded"
    UNEXPLAINED = "unexplained"
    STALE_MARKS = "stale_marks"
    UNRECONCILED = "unreconciled"
    PERIODS_OVERLAP = "periods_overlap"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Finding:
    """One oddity. `time` is the snapshot's own (UTC), None where the file gives none."""

    kind: Kind
    detail: str
    time: datetime | None = None
    path: str | None = None


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Oldest first, those without a time before all, each once: the same for any input order."""
    return tuple(
        sorted(set(findings), key=lambda f: (f.time or EARLIEST, f.kind.value, f.path or "", f.detail))
    )
