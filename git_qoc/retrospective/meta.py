"""`[meta]` of a snapshot file, fast for the layout this tool writes itself.

A TOML parser needs 70 µs for the table, which for 10,000 snapshots is longer than all the
rest of a retrospective. A text that is byte for byte in the layout of
`git_qoc.snapshots.toml.dumps` is read with one pattern; any other text goes to
`loads_meta`, which alone decides what is a fault. The tests hold both to the same values.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    from git_qoc.snapshots.parse import loads_meta
    from git_qoc.snapshots.snapshot import Snapshot

    found = plain_fields(text)
    if found is None:
        return loads_meta(text)
    stamp, nav, cash, realized, unrealized, names, schema, since, *more = found
    flow, power, degraded, backfill = more
    return Snapshot(
        datetime.fromisoformat(stamp),
        Decimal(nav),
        _decimal(cash),
        _decimal(realized),
        _decimal(unrealized),
        names_of(names),
        int(schema) if schema else None,
        _decimal(flow),
        _decimal(power),
        names_of(degraded),
        backfill != "",
        since=datetime.fromisoformat(since) if since else None,
    )


def plain_fields(text: str) -> tuple[str, ...] | None:
    """The values of `[meta]` as they are written, in the order of the layout, "" for what is not there.

    None for a text that is not byte for byte in the layout, or whose numbers or times may be none.
    """
    found = _LAYOUT.match(text)
    if found is None:
        return None
    fields = found.groups("")
    stamp, nav, cash, realized, unrealized, _, _, since, flow, power, *_ = fields
    if max(map(len, (nav, cash, realized, unrealized, flow, power))) > PLAIN_LENGTH:
        return None
    try:
        datetime.fromisoformat(stamp)
        datetime.fromisoformat(since or stamp)
    except ValueError:
        return None
    return fields


def fields_of(snapshot: Snapshot) -> tuple[str, ...]:
    """As `plain_fields`, of a snapshot from anybody's text; names are escaped as JSON does it."""
    amounts = (snapshot.cash_usd, snapshot.realized_pnl, snapshot.unrealized_pnl)
    return (
        snapshot.timestamp.isoformat(),
        str(snapshot.nav_usd),
        *("" if amount is None else str(amount) for amount in amounts),
        json.dumps(snapshot.connectors),
        "" if snapshot.schema is None else str(snapshot.schema),
        snapshot.since.isoformat() if snapshot.since else "",
        *(
            "" if amount is None else str(amount)
            for amount in (snapshot.net_flow_usd, snapshot.buying_power_usd)
        ),
        json.dumps(snapshot.degraded),
        "true" if snapshot.backfill else "",
    )


@lru_cache(maxsize=256)
def names_of(array: str) -> tuple[str, ...]:
    """The names of an array as `plain_fields` and `fields_of` have it; none of ""."""
    return tuple(json.loads(array) if "\\" in array else _NAME.findall(array))


def _decimal(digits: str) -> Decimal | None:
    return Decimal(digits) if digits else None
