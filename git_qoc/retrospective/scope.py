"""A part of the desk as though it were the whole: one connector, or one symbol.

A snapshot is cut down to that part and read on as a snapshot, so that every rule of the report
(outages, flows, gaps, restatements) holds for it as it is. For a symbol the capital is what the
position is worth: what is bought flows in, what is sold flows out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from git_qoc.errors import Refused, SnapshotError
from git_qoc.money import ZERO, total
from git_qoc.retrospective import digest
from git_qoc.retrospective.holdings import value_usd
from git_qoc.snapshots.parse import loads
from git_qoc.snapshots.snapshot import AccountRow, PositionRow, Snapshot
from git_qoc.snapshots.toml import dumps

OUTSIDE = "-"
"""The line of a snapshot in which the part is not."""


class Scope(NamedTuple):
    """The part: a connector, a symbol, or a symbol at one connector; None: all of them."""

    connector: str | None = None
    symbol: str | None = None

    @property
    def whole(self) -> bool:
        return self.connector is None and self.symbol is None

    def version(self) -> str:
        """Another one whenever a line of this part may be another one."""
        told = hashlib.sha256(Path(__file__).read_bytes())
        told.update(repr((digest.version(), self)).encode("utf-8", "surrogateescape"))
        return told.hexdigest()

    def line(self, data: bytes) -> str:
        """As `digest.line`, of the part; `OUTSIDE` where it is not in the snapshot.

        Raises:
            Refused: the symbol has no capital in USD of its own.
        """
        try:
            snapshot = self.of(loads(data.decode("utf-8")))
            return OUTSIDE if snapshot is None else digest.line_of(dumps(snapshot))
        except (UnicodeDecodeError, SnapshotError):
            return ""

    def text(self, data: bytes) -> bytes:
        """The file of the part; raises SnapshotError where it is not in the snapshot."""
        snapshot = self.of(loads(data.decode("utf-8")))
        if snapshot is None:
            raise SnapshotError("what is asked for is not in this snapshot")
        return dumps(snapshot).encode()

    def of(self, snapshot: Snapshot) -> Snapshot | None:
        """The part; None where it is not in the snapshot.

        Raises:
            SnapshotError: the snapshot does not tell the part's value.
            Refused: the symbol has no capital in USD of its own.
        """
        found: Snapshot | None = snapshot
        if self.connector is not None:
            found = _of_connector(snapshot, self.connector)
        if found is None or self.symbol is None:
            return found
        return _of_symbol(found, self.symbol)


def _of_connector(whole: Snapshot, name: str) -> Snapshot | None:
    row = next((row for row in whole.accounts if row.connector == name), None)
    if row is None:
        if name in whole.degraded:
            return _unread(whole, name)
        if name not in whole.connectors:
            return None
        if whole.connectors == (name,) and not whole.accounts:
            return whole
        raise SnapshotError(f"it has no [[account]] row of {name}")
    return replace(
        whole,
        nav_usd=row.nav_usd,
        cash_usd=row.cash_usd,
        realized_pnl=row.realized_pnl,
        unrealized_pnl=row.unrealized_pnl,
        connectors=(name,),
        net_flow_usd=row.net_flow_usd,
        buying_power_usd=None,
        degraded=(),
        accounts=(row,),
        cash=tuple(c for c in whole.cash if c.connector == name),
        flows=tuple(f for f in whole.flows if f.connector == name),
        positions=tuple(p for p in whole.positions if p.connector == name),
        since=whole.since if row.since else None,
        realized=tuple(r for r in whole.realized if r.connector == name),
        fills=tuple(f for f in whole.fills if f.connector == name),
    )


def _unread(whole: Snapshot, name: str) -> Snapshot:
    """A partial snapshot. Its NAV is never used, and what happened meanwhile the next row tells."""
    return Snapshot(
        timestamp=whole.timestamp,
        nav_usd=ZERO,
        realized_pnl=ZERO,
        schema=whole.schema,
        net_flow_usd=ZERO,
        degraded=(name,),
        backfill=whole.backfill,
        since=whole.since,
    )


def _of_symbol(whole: Snapshot, symbol: str) -> Snapshot:
    if not whole.accounts and whole.connectors:
        raise SnapshotError("it has no [[account]] rows, so what was realized by symbol is not told")
    rows = tuple(_symbol_row(whole, row, symbol) for row in whole.accounts)
    known = [row for row in rows if row.since is not None]
    return replace(
        whole,
        nav_usd=sum((row.nav_usd for row in rows), ZERO),
        cash_usd=None,
        realized_pnl=total(row.realized_pnl for row in known),
        unrealized_pnl=total(row.unrealized_pnl for row in rows),
        net_flow_usd=None,
        buying_power_usd=None,
        accounts=rows,
        cash=(),
        flows=(),
        positions=tuple(p for p in whole.positions if p.symbol == symbol),
        realized=tuple(r for r in whole.realized if r.symbol == symbol),
        fills=tuple(f for f in whole.fills if f.symbol == symbol),
    )


def _symbol_row(whole: Snapshot, row: AccountRow, symbol: str) -> AccountRow:
    held = [p for p in whole.positions if (p.connector, p.symbol) == (row.connector, symbol)]
    told = row.realized_pnl is not None and row.since is not None
    gains = [r.pnl_usd for r in whole.realized if (r.connector, r.symbol) == (row.connector, symbol)]
    if not held and row.unrealized_pnl is None and all(p.connector != row.connector for p in whole.positions):
        raise SnapshotError(f"the positions of {row.connector} are not told")
    return replace(
        row,
        nav_usd=_worth(held),
        cash_usd=None,
        margin_usd=None,
        realized_pnl=sum(gains, ZERO) if told else None,
        unrealized_pnl=total(p.pnl_open for p in held),
        net_flow_usd=None,
        unreconciled_usd=None,
    )


def _worth(rows: Iterable[PositionRow]) -> Decimal:
    worth = ZERO
    for row in rows:
        if row.margined:
            raise Refused(
                f"{row.symbol} at {row.connector} is margined: it ties up no capital of its own, so it has "
                "no return. Its P&L is in the contribution table of the whole report"
            )
        if row.currency != "USD":
            raise Refused(
                f"{row.symbol} at {row.connector} is priced in {row.currency}: its purchases in USD are not "
                "recorded, so it has no return here. Its P&L is in the contribution table of the whole report"
            )
        value = value_usd(row)
        if value is None:
            raise SnapshotError(f"the mark of {row.symbol} at {row.connector} is not known")
        worth += value
    return worth
