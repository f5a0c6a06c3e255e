"""`[meta]` of a snapshot file, fast for the layout this tool writes itself.

A TOML parser needs 70 µs for the table, which for 10,000 snapshots is longer than all the
rest of a retrospective. A text that is byte for byte in the layout of
`git_qoc.snapshots.toml.dumps` is read with one pattern; any other text goes to
`loads_meta`, which alone decides what is a fault. The tests hold both to the same values.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from git_qoc.snapshots.parse import loads_meta
from git_qoc.snapshots.snapshot import Snapshot

_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(?:\.[0-9]{6})?Z"
_NUMBER = r"-?(?:0|[1-9][0-9]*(?:_[0-9]{3})*)\.[0-9]+"
_NAMES = r'\[(?:"[^"\\\x00-\x1f\x7f]*"(?:, "[^"\\\x00-\x1f\x7f]*")*)?\]'
_LAYOUT = re.compile(
    r"\[meta\]\n"
    rf'timestamp      = "({_TIME})"\n'
    rf"nav_usd        = ({_NUMBER})\n"
    rf"(?:cash_usd       = ({_NUMBER})\n)?"
    rf"(?:realized_pnl   = ({_NUMBER})\n)?"
    rf"(?:unrealized_pnl = ({_NUMBER})\n)?"
    rf"connectors     = ({_NAMES})\n"
    r"(?:schema         = ([0-9])\n)?"
    rf'(?:since          = "({_TIME})"\n)?'
    rf"(?:net_flow_usd   = ({_NUMBER})\n)?"
    rf"(?:buying_power_usd = ({_NUMBER})\n)?"
    rf"(?:degraded       = ({_NAMES})\n)?"
    r"(?:backfill       = (true)\n)?"
    r"(?:\Z|\n\[\[)"
)
PLAIN_LENGTH = 24
"""A number of more characters may have more digits than are computed with; `loads_meta` decides."""
_NAME = re.compile(r'"([^"]*)"')


def read_meta(text: str) -> Snapshot:
    """`[meta]` only; rows stay empty. Raises `SnapshotError` as `loads_meta` does."""
    found = _LAYOUT.match(text)
    if found is None:
        return loads_meta(text)
    stamp, nav, cash, realized, unrealized, names, schema, since, *more = found.groups()
    flow, power, degraded, backfill = more
    try:
        timestamp = datetime.fromisoformat(stamp)
        previous = datetime.fromisoformat(since) if since else None
    except ValueError:
        return loads_meta(text)
    if any(len(digits) > PLAIN_LENGTH for digits in (nav, cash, realized, unrealized, flow, power) if digits):
        return loads_meta(text)
    return Snapshot(
        timestamp,
        Decimal(nav),
        _decimal(cash),
        _decimal(realized),
        _decimal(unrealized),
        _names(names),
        int(schema) if schema else None,
        _decimal(flow),
        _decimal(power),
        _names(degraded or ""),
        backfill is not None,
        since=previous,
    )


def _decimal(digits: str | None) -> Decimal | None:
    return None if digits is None else Decimal(digits)


@lru_cache(maxsize=256)
def _names(array: str) -> tuple[str, ...]:
    return tuple(_NAME.findall(array))
