"""What snapshots tell "since", restated so that each tells it since the one before it. Pure.

Two clones of a desk that take snapshots without knowing of each other both measure from the
last one they share. In one record those periods overlap, and their realized P&L and flows
would count twice if they were just added up. Each row says where it measured from (`since`),
so the sums from a common origin are known, and so is every difference between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from git_qoc.money import ZERO, total
from git_qoc.snapshots.snapshot import AccountRow, FlowRow, RealizedRow, Snapshot

WHOLE = ""
"""The key of a connector's own figure beside those of its symbols."""
Amounts = Mapping[str, Decimal]


@dataclass(slots=True)
class _Series:
    """Sums at each row of a connector, from an origin that changes where one is unknown."""

    at: dict[datetime, tuple[datetime, Amounts]] = field(default_factory=dict)

    def told(
        self, row: datetime, since: datetime, last: datetime | None, amounts: Amounts | None
    ) -> Amounts | None:
        """What `amounts`, which are since `since`, are since `last`; None where that cannot be known."""
        base = self.at.get(since)
        if amounts is None or base is None:
            self.at[row] = (row, {})
            return amounts if last in (since, None) else None
        origin, before = base
        sums = _added(before, amounts, 1)
        self.at[row] = (origin, sums)
        if since == last or last is None:
            return amounts
        last_origin, at_last = self.at[last]
        return _added(sums, at_last, -1) if last_origin == origin else None


@dataclass(slots=True)
class _Connector:
    """`told` are the rows that told a flow first."""

    last: datetime | None = None
    realized: _Series = field(default_factory=_Series)
    flow: _Series = field(default_factory=_Series)
    told: dict[FlowRow, datetime] = field(default_factory=dict)

    def repeated(self, row: AccountRow, since: datetime, flows: Iterable[FlowRow]) -> Decimal:
        """What the row tells of flows that were told by `since`."""
        mine = [flow for flow in flows if flow.connector == row.connector]
        told = (flow for flow in mine if flow in self.told and self.told[flow] <= since)
        again = sum((flow.amount_usd for flow in told), ZERO)
        for flow in mine:
            self.told.setdefault(flow, row.as_of)
        return again


def restated(snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    """The same snapshots, oldest first, each telling what happened since the one before it.

    Rows and sums change only where `since` names another row than the connector's last one: of
    a period told twice the second telling is left with its rest, and what was measured from a
    row that is not here is None. The first of the sequence is taken as it is. Needs
    `[[account]]` rows; a row without `since` is taken to be measured from the last one. One that
    tells nothing either was its writer's first, and the sums are unknown with it. A flow that a
    row tells again which the row it measures from had told already counts where it was told first.
    """
    connectors: dict[str, _Connector] = {}
    flows: set[FlowRow] = set()
    result = []
    for snapshot in snapshots:
        silent = {
            row.connector
            for row in snapshot.accounts
            if row.connector in connectors and row.since is None and row.realized_pnl is None
        }
        rows = [
            _row(connectors.setdefault(row.connector, _Connector()), row, snapshot)
            for row in snapshot.accounts
        ]
        changed = {row.connector for (row, _), old in zip(rows, snapshot.accounts, strict=True) if row != old}
        concerned = changed | silent
        result.append(_changed(snapshot, rows, concerned, flows) if concerned else snapshot)
        flows.update(snapshot.flows)
    return result


def _row(connector: _Connector, row: AccountRow, snapshot: Snapshot) -> tuple[AccountRow, Amounts]:
    last, since = connector.last, row.since or connector.last or row.as_of
    symbols = {r.symbol: r.pnl_usd for r in snapshot.realized if r.connector == row.connector}
    gains = None if row.realized_pnl is None else {**symbols, WHOLE: row.realized_pnl}
    again = connector.repeated(row, since, snapshot.flows)
    net = None if row.net_flow_usd is None else {WHOLE: row.net_flow_usd - again}
    realized = connector.realized.told(row.as_of, since, last, gains)
    flow = connector.flow.told(row.as_of, since, last, net)
    connector.last = row.as_of
    if last in (since, None):
        return (replace(row, net_flow_usd=(net or {}).get(WHOLE)) if again else row), symbols
    now = replace(
        row,
        realized_pnl=None if realized is None else realized.get(WHOLE, ZERO),
        net_flow_usd=None if flow is None else flow.get(WHOLE, ZERO),
        since=last,
    )
    return now, {symbol: pnl for symbol, pnl in (realized or {}).items() if symbol != WHOLE and pnl}


def _changed(
    snapshot: Snapshot, rows: Sequence[tuple[AccountRow, Amounts]], changed: set[str], told: set[FlowRow]
) -> Snapshot:
    accounts = tuple(row for row, _ in rows)
    known = [row for row in accounts if row.since is not None or row.connector in changed]
    return replace(
        snapshot,
        accounts=accounts,
        realized=tuple(
            RealizedRow(row.connector, symbol, pnl)
            for row, symbols in rows
            for symbol, pnl in symbols.items()
        ),
        flows=tuple(row for row in snapshot.flows if row.connector not in changed or row not in told),
        realized_pnl=None if snapshot.realized_pnl is None else total(row.realized_pnl for row in known),
        net_flow_usd=None if snapshot.net_flow_usd is None else total(row.net_flow_usd for row in known),
    )


def _added(left: Amounts, right: Amounts, sign: int) -> Amounts:
    keys = {**left, **right}
    return {key: left.get(key, ZERO) + sign * right.get(key, ZERO) for key in keys}
