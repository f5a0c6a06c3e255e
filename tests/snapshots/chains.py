"""Snapshots of a small desk that tell, as ours do, what happened since the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from git_qoc.snapshots.snapshot import AccountRow, CashRow, PositionRow, RealizedRow, Snapshot

START = datetime(2026, 7, 1, 20, tzinfo=UTC)
Number = int | str | Decimal


def at(day: int) -> datetime:
    """20:00 UTC on that day of July 2026."""
    return START + timedelta(days=day - 1)


def number(value: Number | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def account(
    name: str,
    day: int,
    nav: Number,
    *,
    since: int | None = None,
    cash: Number | None = 0,
    realized: Number | None = None,
    unrealized: Number | None = 0,
    flow: Number | None = None,
) -> AccountRow:
    """A row of `day`, measured from the row of the day `since`; then nothing flowed unless told."""
    told = since is not None
    return AccountRow(
        connector=name,
        type="equities",
        venue="paper",
        nav_usd=Decimal(nav),
        as_of=at(day),
        cash_usd=number(cash),
        realized_pnl=number(realized) if realized is not None or not told else None,
        unrealized_pnl=number(unrealized),
        net_flow_usd=number(flow),
        since=at(since) if since is not None else None,
    )


def position(
    name: str,
    symbol: str,
    quantity: Number,
    mark: Number | None = None,
    pnl: Number | None = 0,
    **more: Any,
) -> PositionRow:
    return PositionRow(
        connector=name,
        symbol=symbol,
        quantity=Decimal(quantity),
        mark=number(mark),
        pnl_open=number(pnl),
        **more,
    )


def snapshot(
    day: int,
    *accounts: AccountRow,
    positions: Sequence[PositionRow] = (),
    realized: Mapping[tuple[str, str], Number] | None = None,
    cash: Sequence[CashRow] = (),
    degraded: Sequence[str] = (),
) -> Snapshot:
    """NAV is the sum of the accounts; the desk's totals are left to the rows."""
    return Snapshot(
        timestamp=at(day),
        nav_usd=sum((row.nav_usd for row in accounts), Decimal(0)),
        connectors=tuple(row.connector for row in accounts),
        schema=1,
        degraded=tuple(degraded),
        accounts=accounts,
        cash=tuple(cash),
        positions=tuple(positions),
        realized=tuple(RealizedRow(*key, Decimal(usd)) for key, usd in (realized or {}).items()),
    )
