"""One connector's figures in one snapshot, read only where a figure needs them.

Reading all rows of thousands of snapshots would take longer than everything else; they are
needed only where a connector comes, goes or is carried forward.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from git_qoc.errors import SnapshotError
from git_qoc.money import total
from git_qoc.retrospective.point import Point


@dataclass(frozen=True, slots=True)
class AccountFigures:
    """None where the snapshot does not say."""

    nav_usd: Decimal | None
    unrealized_pnl: Decimal | None
    realized_pnl: Decimal | None = None


def account_figures(point: Point, connector: str) -> AccountFigures:
    """What a snapshot says of one connector: its account row, else its positions.

    A file without any account row (spec/snapshots-and-equity.txt has none) gives no NAV by
    connector, but the open P&L of its positions is the unrealized P&L. A file whose rows
    cannot be read says nothing.
    """
    from git_qoc.snapshots.parse import loads, loads_accounts

    try:
        snapshot = (loads_accounts if "[[account]]" in point.text else loads)(point.text)
    except SnapshotError:
        return AccountFigures(None, None)
    for row in snapshot.accounts:
        if row.connector == connector:
            return AccountFigures(row.nav_usd, row.unrealized_pnl, row.realized_pnl)
    if snapshot.accounts:
        return AccountFigures(None, None)
    return AccountFigures(None, total(p.pnl_open for p in snapshot.positions if p.connector == connector))
