"""What the report needs of every snapshot, as one line of text that can be kept.

It follows from the file's bytes alone: `[meta]`, whether flows were recorded, what the rows give
reason to doubt, and a trace of what was traded and is held. A file that is no snapshot has the line
""; then, and where rows matter, the file itself is read.
"""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from git_qoc import money
from git_qoc.errors import SnapshotError
from git_qoc.retrospective import doubts, holdings, meta
from git_qoc.retrospective.trades import trace

BETWEEN = "\x1f"
NAMES, SCHEMA, NET_FLOW = 5, 6, 8


class Digest(NamedTuple):
    """As in `Snapshot`; `flows` says that flow rows or a sum other than zero are recorded.

    `stale_marks` and `unreconciled` are the details of a finding, "" for none. `holdings` is
    what `holdings.parsed` reads.
    """

    timestamp: datetime
    nav_usd: Decimal
    realized_pnl: Decimal | None
    unrealized_pnl: Decimal | None
    connectors: frozenset[str]
    schema: int | None
    net_flow_usd: Decimal | None
    degraded: frozenset[str]
    backfill: bool
    since: datetime | None
    flows: bool
    stale_marks: str
    unreconciled: str
    cash_usd: Decimal | None
    holdings: str


class Mark(NamedTuple):
    """What of a digest says whether a snapshot must be read for its trades; texts as they are written."""

    time: datetime
    stamp: str
    connectors: str
    since: str
    backfill: bool
    trace: str


def version() -> str:
    """Another one whenever the code that makes a line is another one."""
    import hashlib

    digest = hashlib.sha256()
    package = Path(money.__file__).parent
    modules = (money, meta, doubts, holdings, trace)
    code = (__file__, *(module.__file__ for module in modules), *(package / "snapshots").glob("*.py"))
    for path in sorted(map(str, code)):
        digest.update(Path(path).read_bytes())
    return digest.hexdigest()


def line(data: bytes) -> str:
    """The digest of a snapshot file, without a line break; "" for what is none."""
    try:
        return line_of(data.decode("utf-8"))
    except (UnicodeDecodeError, SnapshotError):
        return ""


def line_of(text: str) -> str:
    """As `line`, of text.

    Raises:
        SnapshotError: the text is no snapshot.
    """
    fields = meta.plain_fields(text)
    if fields is None:
        from git_qoc.snapshots.parse import loads_meta  # costs 8 ms, which most runs need not spend

        fields = meta.fields_of(loads_meta(text))
    flows = "[[flow]]" in text or (fields[NET_FLOW] and Decimal(fields[NET_FLOW]))
    details = doubts.stale_marks(text, datetime.fromisoformat(fields[0])), doubts.unreconciled(text)
    doubt = json.dumps(details) if any(details) else ""
    rows = _holdings(text, fields[NAMES]), trace.trace(text)
    return BETWEEN.join((*fields, "flows" if flows else "", doubt, *rows))


def _holdings(text: str, names: str) -> str:
    connectors = meta.names_of(names)
    try:
        return holdings.line_of(text, connectors)
    except SnapshotError:
        return holdings.nothing(connectors)


def parsed(line: str) -> Digest:
    """The digest of a line that is not ""."""
    fields = line.split(BETWEEN)
    stamp, nav, cash, realized, unrealized, names, schema = fields[:7]
    since, flow, _, degraded, backfill, flows, doubt, held, _ = fields[7:]
    return Digest(
        datetime.fromisoformat(stamp),
        Decimal(nav),
        Decimal(realized) if realized else None,
        Decimal(unrealized) if unrealized else None,
        _names(names),
        int(schema) if schema else None,
        Decimal(flow) if flow else None,
        _names(degraded),
        backfill != "",
        datetime.fromisoformat(since) if since else None,
        flows != "",
        *_details(doubt),
        Decimal(cash) if cash else None,
        held,
    )


def _details(doubt: str) -> tuple[str, str]:
    stale, unreconciled = json.loads(doubt) if doubt else ("", "")
    return stale, unreconciled


def marked(line: str) -> Mark:
    """What a line that is not "" says of trades."""
    fields = line.split(BETWEEN)
    stamp, since = fields[0], fields[7]
    return Mark(datetime.fromisoformat(stamp), stamp, fields[5], since, fields[11] != "", fields[-1])


def trace_of(line: str) -> str:
    """As in `marked`, alone."""
    return line.rpartition(BETWEEN)[2]


def is_ours(line: str) -> bool:
    """Whether the file says itself which connectors were missing when it was taken."""
    return line != "" and line.split(BETWEEN, SCHEMA + 1)[SCHEMA] != ""


@lru_cache(maxsize=256)
def _names(array: str) -> frozenset[str]:
    return frozenset(meta.names_of(array))
