"""A unified account at an instant → a snapshot. Pure.

What a snapshot says "since the previous snapshot" is, connector by connector, since the last
snapshot that connector was in: one that was DEGRADED in between loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from git_qoc.account.realized import Cost, realized_pnl
from git_qoc.account.uta import AccountSheet, UnifiedAccount
from git_qoc.account.valuation import unrealized_pnl
from git_qoc.errors import Refused
from git_qoc.model import VenueState
from git_qoc.money import ZERO, total
from git_qoc.snapshots.snapshot import (
    SCHEMA,
    AccountRow,
    CashRow,
    FillRow,
    FlowRow,
    PositionRow,
    RealizedRow,
    Snapshot,
)


@dataclass(frozen=True, slots=True)
class Previous:
    """A connector as its last snapshot has it."""

    as_of: datetime
    costs: Mapping[str, Cost]


def previous_rows(newest_first: Iterable[Snapshot], names: Sequence[str]) -> dict[str, Previous]:
    """The last appearance of each name; reads no further back than it must.

    A snapshot without `[[account]]` rows (not ours) says nothing about single connectors.
    """
    found: dict[str, Previous] = {}
    wanted = set(names)
    for snapshot in newest_first:
        for row in snapshot.accounts:
            if row.connector in wanted:
                found[row.connector] = Previous(row.as_of, _costs(snapshot, row.connector))
        wanted -= found.keys()
        if not wanted:
            break
    return found


def _costs(snapshot: Snapshot, connector: str) -> dict[str, Cost]:
    """What each position cost, unknown where its gain would not be in USD: in another currency, inverse."""
    return {
        row.symbol: Cost(row.quantity, row.avg_cost if row.currency == "USD" and not row.inverse else None)
        for row in snapshot.positions
        if row.connector == connector
    }


def capture(
    uta: UnifiedAccount,
    previous: Mapping[str, Previous],
    timestamp: datetime,
    *,
    first: bool = True,
    foreign: bool = False,
    backfill: bool = False,
    since: datetime | None = None,
) -> Snapshot:
    """The snapshot of all that could be read.

    `since` is the timestamp of the desk's newest snapshot. `first`: it has none yet.
    `foreign`: its newest tells no single account, so what happened since is not known.

    Raises:
        Refused: no connector could be read, so there is nothing to write.
    """
    sheets = uta.readable
    if uta.nav_usd is None:
        reasons = [f"{s.state.connector}: {s.state.health.reason or 'disabled'}" for s in uta.sheets]
        raise Refused("\n".join(["no venue could be read, so no snapshot was written.", *reasons]))
    gains = {s.state.connector: _realized(s.state, previous.get(s.state.connector)) for s in sheets}
    rows = tuple(
        _account_row(sheet, gains[sheet.state.connector], previous.get(sheet.state.connector))
        for sheet in sheets
    )
    known = [row for row in rows if row.connector in previous]
    told = bool(previous) or not (first or foreign)
    return Snapshot(
        timestamp=timestamp,
        nav_usd=uta.nav_usd,
        cash_usd=uta.cash_usd,
        realized_pnl=None if foreign and not told else total(row.realized_pnl for row in known),
        unrealized_pnl=uta.unrealized_pnl,
        connectors=tuple(row.connector for row in rows),
        schema=SCHEMA,
        # A connector's first row has no "since": its opening NAV is new to the desk as a whole.
        net_flow_usd=total(row.net_flow_usd for row in known) if told else None,
        # A pool that lacks a part would be read as the whole.
        buying_power_usd=None if uta.unpooled else uta.buying_power_usd,
        degraded=uta.degraded,
        backfill=backfill,
        accounts=rows,
        cash=tuple(row for sheet in sheets for row in _cash_rows(sheet.state)),
        flows=_flow_rows(sheets, previous),
        positions=tuple(row for sheet in sheets for row in _position_rows(sheet.state)),
        since=since,
        realized=tuple(
            RealizedRow(connector, symbol, pnl)
            for connector, by_symbol in gains.items()
            for symbol, pnl in sorted((by_symbol or {}).items())
            if pnl
        ),
        fills=_fill_rows(sheets, previous),
    )


def _account_row(
    sheet: AccountSheet, gains: Mapping[str, Decimal] | None, previous: Previous | None
) -> AccountRow:
    state, valuation = sheet.state, sheet.valuation
    assert valuation is not None  # noqa: S101  # `readable` holds only sheets with one
    assert state.as_of is not None  # noqa: S101
    return AccountRow(
        connector=state.connector,
        type=state.type,
        venue=state.venue,
        nav_usd=valuation.nav_usd,
        as_of=state.as_of,
        cash_usd=valuation.cash_usd,
        margin_usd=state.account.margin_usd if state.account else None,
        realized_pnl=None if gains is None else sum(gains.values(), ZERO),
        unrealized_pnl=valuation.unrealized_pnl,
        net_flow_usd=_net_flow(state) if previous else None,
        unreconciled_usd=valuation.unreconciled_usd,
        since=previous.as_of if previous else None,
    )


def _realized(state: VenueState, previous: Previous | None) -> dict[str, Decimal] | None:
    if previous is None or state.fills is None or state.positions is None:
        return None
    if _currency(state) != "USD" and any(fill.fee for fill in state.fills):
        return None
    return realized_pnl(previous.costs, state.fills, state.positions)


def _net_flow(state: VenueState) -> Decimal | None:
    return None if state.flows is None else sum((flow.amount_usd for flow in state.flows), ZERO)


def _cash_rows(state: VenueState) -> Iterable[CashRow]:
    for cash in (state.account.cash if state.account else None) or ():
        yield CashRow(state.connector, cash.currency, cash.amount, cash.amount_usd)


def _flow_rows(sheets: Sequence[AccountSheet], previous: Mapping[str, Previous]) -> tuple[FlowRow, ...]:
    rows = [
        FlowRow(flow.time, sheet.state.connector, flow.kind, flow.amount_usd, flow.flow_id)
        for sheet in sheets
        if sheet.state.connector in previous
        for flow in sheet.state.flows or ()
    ]
    return tuple(sorted(rows, key=lambda row: row.time))


def _fill_rows(sheets: Sequence[AccountSheet], previous: Mapping[str, Previous]) -> tuple[FillRow, ...]:
    """In order of time, those of one account and instant as the venue told them."""
    rows = [
        FillRow(
            connector=sheet.state.connector,
            symbol=fill.symbol,
            side=fill.side,
            quantity=fill.quantity,
            price=fill.price,
            time=fill.time,
            fee=fill.fee,
            fee_currency="USD" if fill.fee is None else _currency(sheet.state),
            fill_id=fill.fill_id,
            order_id=fill.order_id,
            multiplier=fill.multiplier,
            currency=fill.currency,
            inverse=fill.inverse,
        )
        for sheet in sheets
        if sheet.state.connector in previous
        for fill in sheet.state.fills or ()
    ]
    return tuple(sorted(rows, key=lambda row: row.time))


def _currency(state: VenueState) -> str:
    return state.account.currency if state.account else ""


def _position_rows(state: VenueState) -> Iterable[PositionRow]:
    for position in state.positions or ():
        yield PositionRow(
            connector=state.connector,
            symbol=position.symbol,
            quantity=position.quantity,
            avg_cost=position.avg_cost,
            mark=position.mark,
            pnl_open=unrealized_pnl(position),
            multiplier=position.multiplier,
            currency=position.currency,
            fx_usd=position.fx_usd,
            mark_time=position.mark_time,
            margined=position.margined,
            inverse=position.inverse,
            settle_price=position.settle_price,
        )
