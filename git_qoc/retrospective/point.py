"""A snapshot as the report sees it: what comes in, and the point that is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from git_qoc.snapshots.snapshot import Snapshot

NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Restated:
    """A snapshot edited after its first commit; `original` is its first text, None if not at hand."""

    first_commit: str
    original: bytes | str | None = None


@dataclass(frozen=True, slots=True)
class SnapshotRecord:
    """One snapshot file of the tree.

    `commit` is the one that gave the file its present text and `committed_at` its date
    (used only to tell which of two files with one timestamp is newer). `enabled` are the
    connectors enabled in desk.toml at that commit, None when that is unknown.
    """

    path: str
    text: bytes | str
    commit: str | None = None
    committed_at: datetime | None = None
    enabled: frozenset[str] | None = None
    restated: Restated | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """The desk at `time` (UTC). `nav_usd` and `unrealized_pnl` include accounts carried forward.

    `missing` are the connectors that should have contributed and did not; `carried` those
    of them whose last known figures stand in; `unseen` are those that no snapshot had yet.
    `connectors` is None where the file does not say who contributed. `realized_pnl` and
    `net_flow_usd` are since the previous point, None when unknown; `since` is what the file
    says that one is. `rows` are the account
    and flow rows where flows were recorded.
    """

    time: datetime
    day: date
    nav_usd: Decimal
    realized_pnl: Decimal | None
    unrealized_pnl: Decimal | None
    net_flow_usd: Decimal | None
    connectors: frozenset[str] | None
    missing: frozenset[str]
    backfill: bool
    path: str
    commit: str | None
    text: str
    rows: Snapshot | None = None
    carried: frozenset[str] = NONE
    unseen: frozenset[str] = NONE
    since: datetime | None = None

    @property
    def complete(self) -> bool:
        return self.missing <= self.carried
