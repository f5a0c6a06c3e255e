"""What one snapshot says of each account's trading: of the whole file, or of its sketch. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from git_qoc.money import ZERO
from git_qoc.snapshots.books import lists_positions
from git_qoc.snapshots.snapshot import AccountRow, FillRow, PositionRow, Snapshot


class Holding(NamedTuple):
    """A symbol's rows added up, with the quantity and cost of each."""

    quantity: Decimal = ZERO
    costs: tuple[tuple[Decimal, Decimal | None], ...] = ()
    currency: str = "USD"

    def untouched(self, now: Holding) -> bool:
        return self.costs == now.costs and all(cost is not None for _, cost in self.costs)


class Seen(NamedTuple):
    """An account in one snapshot.

    `realized` says whether a known amount was realized since `since`. `held` is None where the
    positions are not told. `gained` are the symbols that realized something.
    """

    as_of: datetime
    since: datetime | None
    realized: bool
    held: Mapping[str, Holding] | None
    gained: frozenset[str]
    fills: tuple[FillRow, ...]


def of_snapshot(snapshot: Snapshot) -> dict[str, Seen]:
    """By connector; where a file tells no accounts, they have the names of its positions and fills."""
    rows: dict[str, AccountRow | None] = {row.connector: row for row in snapshot.accounts}
    if not rows:
        holders = (row.connector for row in snapshot.positions)
        rows = dict.fromkeys((*snapshot.connectors, *holders, *(row.connector for row in snapshot.fills)))
    return {name: _of_row(snapshot, name, row) for name, row in rows.items()}


def _of_row(snapshot: Snapshot, name: str, row: AccountRow | None) -> Seen:
    rows = (_lot(position) for position in snapshot.positions if position.connector == name)
    return Seen(
        as_of=row.as_of if row else snapshot.timestamp,
        since=row.since if row else None,
        realized=row is not None and row.realized_pnl is not None,
        held=_holdings(rows) if lists_positions(snapshot, name) else None,
        gained=frozenset(gain.symbol for gain in snapshot.realized if gain.connector == name),
        fills=tuple(fill for fill in snapshot.fills if fill.connector == name),
    )


def of_sketch(text: str) -> dict[str, Seen]:
    """As `of_snapshot`, of what `trace.sketch` kept.

    Raises:
        ValueError: a time or a number is none; then the file itself is no snapshot either.
    """
    accounts, held, gains, fills = json.loads(text)
    lots: dict[str, list[_Lot]] = {}
    for connector, symbol, quantity, cost, currency in held:
        lots.setdefault(connector, []).append(
            _Lot(symbol, Decimal(quantity), Decimal(cost) if cost else None, currency or "USD")
        )
    rows = [_fill(*fill) for fill in fills]
    return {
        name: Seen(
            as_of=datetime.fromisoformat(as_of),
            since=datetime.fromisoformat(since) if since else None,
            realized=realized != "",
            held=_holdings(lots.get(name, ())) if name in lots or listed else None,
            gained=frozenset(symbol for connector, symbol in gains if connector == name),
            fills=tuple(row for row in rows if row.connector == name),
        )
        for name, as_of, since, realized, listed in accounts
    }


def _fill(
    connector: str, symbol: str, side: str, quantity: str, price: str, time: str, *more: str
) -> FillRow:
    fee_usd, fee, fee_currency, fill_id, order_id, multiplier, currency, inverse = more
    in_usd = bool(fee_usd) or not fee
    return FillRow(
        connector=connector,
        symbol=symbol,
        side=side,
        quantity=Decimal(quantity),
        price=Decimal(price),
        time=datetime.fromisoformat(time),
        fee=Decimal(fee_usd or fee) if fee_usd or fee else None,
        fee_currency="USD" if in_usd else fee_currency,
        fill_id=fill_id,
        order_id=order_id,
        multiplier=Decimal(multiplier or 1),
        currency=currency or "USD",
        inverse=inverse != "",
    )


class _Lot(NamedTuple):
    symbol: str
    quantity: Decimal
    cost: Decimal | None
    currency: str


def _lot(row: PositionRow) -> _Lot:
    return _Lot(row.symbol, row.quantity, row.avg_cost, row.currency)


def _holdings(rows: Iterable[_Lot]) -> dict[str, Holding]:
    """A quantity of zero is none."""
    found: dict[str, list[_Lot]] = {}
    for row in rows:
        if row.quantity:
            found.setdefault(row.symbol, []).append(row)
    return {
        symbol: Holding(
            sum((lot.quantity for lot in lots), ZERO),
            tuple((lot.quantity, lot.cost) for lot in lots),
            lots[0].currency,
        )
        for symbol, lots in found.items()
    }
