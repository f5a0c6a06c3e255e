"""A snapshot as the report sees it: what comes in, and the point that is made of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from git_qoc.retrospective.findings import Finding
from git_qoc.retrospective.holdings import Holdings, parsed

if TYPE_CHECKING:
    from git_qoc.snapshots.snapshot import Snapshot

NONE: frozenset[str] = frozenset()
Source = bytes | str | Callable[[], bytes]
"""A file's text, or what reads it where it is needed."""


@dataclass(frozen=True, slots=True)
class Restated:
    """A snapshot edited after its first commit; `original` is its first text, None if not at hand."""

    first_commit: str
    original: Source | None = None


@dataclass(frozen=True, slots=True)
class SnapshotRecord:
    """One snapshot file of the tree.

    `commit` is the one that gave the file its present text and `committed_at` its date
    (used only to tell which of two files with one timestamp is newer). `enabled` are the
    connectors enabled in desk.toml at that commit, None when that is unknown. `digest` is the
    line that `digest.line` makes of the text, None when it has not been made yet.
    """

    path: str
    text: Source
    commit: str | None = None
    committed_at: datetime | None = None
    enabled: frozenset[str] | None = None
    restated: Restated | None = None
    digest: str | None = None


class Point(NamedTuple):
    """The desk at `time` (UTC). `nav_usd` and `unrealized_pnl` include accounts carried forward.

    `missing` are the connectors that should have contributed and did not; `carried` those
    of them whose last known figures stand in; `unseen` are those that no snapshot had yet.
    `connectors` is None where the file does not say who contributed. `realized_pnl` and
    `net_flow_usd` are since the previous point, None when unknown; `since` is what the file
    says that one is. `rows` are the account
    and flow rows where flows were recorded. `doubts` are what its own rows say against its NAV.
    `held` is what its rows say besides, as a line (`holdings`).
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
    source: Source
    rows: Snapshot | None = None
    carried: frozenset[str] = NONE
    unseen: frozenset[str] = NONE
    since: datetime | None = None
    doubts: tuple[Finding, ...] = ()
    cash_usd: Decimal | None = None
    held: str = ""

    @property
    def holdings(self) -> Holdings:
        return parsed(self.held)

    @property
    def text(self) -> str:
        """The file's, read anew where it is not at hand."""
        return decoded(self.source)

    @property
    def complete(self) -> bool:
        return self.missing <= self.carried


def decoded(source: Source) -> str:
    """The text; raises UnicodeDecodeError when it is not UTF-8."""
    data = source() if callable(source) else source
    return data.decode("utf-8") if isinstance(data, bytes) else data
