"""Snapshots with positions and gains by symbol, whose arithmetic is worked by hand in the tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from git_qoc.money import ZERO
from git_qoc.retrospective.point import SnapshotRecord
from git_qoc.snapshots.snapshot import AccountRow, FillRow, FlowRow, PositionRow, RealizedRow, Snapshot
from git_qoc.snapshots.toml import dumps, file_name
from tests.retrospective.builders import Number, at

Lot = tuple[Number, Number, Number]
"""Quantity, average cost, mark."""


class Account:
    """One connector at one instant: cash, lots by symbol, and what it tells since its row before.

    `since` is that row's time where it is not in the snapshot before; `first` where there is none.
    """

    def __init__(
        self,
        cash: Number,
        lots: Mapping[str, Lot] | None = None,
        *,
        gains: Mapping[str, Number] | None = None,
        flow: Number | None = 0,
        told: bool = True,
        first: bool = False,
        since: str | None = None,
    ) -> None:
        self.cash, self.lots, self.gains = Decimal(cash), lots or {}, gains or {}
        self.flow = None if flow is None else Decimal(flow)
        self.told, self.first, self.since = told, first, since

    def positions(self, name: str) -> list[PositionRow]:
        rows = []
        for symbol, (quantity, cost, mark) in self.lots.items():
            q, c, m = Decimal(quantity), Decimal(cost), Decimal(mark)
            rows.append(PositionRow(name, symbol, q, c, m, q * (m - c)))
        return rows

    def row(self, name: str, when: str, before: str | None) -> AccountRow:
        held = self.positions(name)
        origin = self.since or before
        since = None if self.first or origin is None else at(origin)
        told = self.told and since is not None
        return AccountRow(
            connector=name,
            type="equities",
            venue="paper",
            nav_usd=self.cash + sum((p.quantity * (p.mark or ZERO) for p in held), ZERO),
            as_of=at(when),
            cash_usd=self.cash,
            realized_pnl=sum(map(Decimal, self.gains.values()), ZERO) if told else None,
            unrealized_pnl=sum((p.pnl_open or ZERO for p in held), ZERO),
            net_flow_usd=self.flow if since is not None else None,
            since=since,
        )


def booked(
    when: str,
    before: str | None,
    accounts: Mapping[str, Account],
    *,
    degraded: Sequence[str] = (),
    flows: Sequence[FlowRow] = (),
    fills: Sequence[FillRow] = (),
) -> SnapshotRecord:
    """A file of ours that was measured from the one of `before`, as `capture` writes it."""
    rows = {name: account.row(name, when, before) for name, account in accounts.items()}
    known = [row for row in rows.values() if row.since is not None]
    realized = [row.realized_pnl for row in known]
    net = [row.net_flow_usd for row in known]
    snapshot = Snapshot(
        timestamp=at(when),
        nav_usd=sum((row.nav_usd for row in rows.values()), ZERO),
        cash_usd=sum((row.cash_usd or ZERO for row in rows.values()), ZERO),
        realized_pnl=None if None in realized else sum((r for r in realized if r is not None), ZERO),
        unrealized_pnl=sum((row.unrealized_pnl or ZERO for row in rows.values()), ZERO),
        connectors=tuple(rows),
        schema=1,
        net_flow_usd=None if before is None or None in net else sum((n for n in net if n is not None), ZERO),
        degraded=tuple(degraded),
        accounts=tuple(rows.values()),
        flows=tuple(flows),
        positions=tuple(p for name, account in accounts.items() for p in account.positions(name)),
        since=None if before is None else at(before),
        realized=tuple(
            RealizedRow(name, symbol, Decimal(gain))
            for name, account in accounts.items()
            if account.told and rows[name].since is not None
            for symbol, gain in account.gains.items()
        ),
        fills=tuple(fills),
    )
    return SnapshotRecord("snapshots/" + file_name(at(when)), dumps(snapshot))


def fill(when: str, quantity: int, price: Number, symbol: str = "X", fee: Number | None = None) -> FillRow:
    """Of account `a`; sold where the quantity is < 0."""
    side, size = ("buy" if quantity > 0 else "sell"), Decimal(abs(quantity))
    cost = None if fee is None else Decimal(fee)
    return FillRow(
        "a", symbol, side, size, Decimal(price), at(when), cost, fill_id=f"{when} {symbol} {quantity}"
    )
