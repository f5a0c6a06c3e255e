"""Which intervals between snapshots made a symbol's P&L, at one connector. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from git_qoc.money import ZERO, total
from git_qoc.snapshots.books import Held, Key, held, lists_positions, reads
from git_qoc.snapshots.snapshot import AccountRow, Snapshot


@dataclass(frozen=True, slots=True)
class Interval:
    """From the snapshot before in which the connector was read, `start`, to that of `end`.

    `start` is None where there is none: what is held then came with the account, and no P&L is
    told. Quantities are zero where nothing is held; marks are None there and where unknown.
    """

    start: datetime | None
    end: datetime
    connector: str
    symbol: str
    quantity_before: Decimal | None
    quantity: Decimal | None
    mark_before: Decimal | None
    mark: Decimal | None
    realized_usd: Decimal | None
    unrealized_usd: Decimal | None

    @property
    def pnl_usd(self) -> Decimal | None:
        return total((self.realized_usd, self.unrealized_usd))


def intervals(snapshots: Sequence[Snapshot], key: Key, *, first: bool) -> Iterator[Interval]:
    """Those in which the symbol was held or realized something, oldest first.

    `snapshots` tell what happened since the one before (`snapshots.since.restated`). `first`:
    they begin with the record, so that before the first of them nothing is known.
    """
    before: tuple[Snapshot, Held | None] | None = None
    for snapshot in snapshots:
        if not reads(snapshot, key.connector):
            continue
        now = held(snapshot).get(key)
        if before is not None:
            yield from _interval(*before, snapshot, now, key)
        elif first and now is not None and now.quantity:
            yield _brought(snapshot, key, now)
        before = snapshot, now


def _brought(snapshot: Snapshot, key: Key, position: Held) -> Interval:
    return Interval(
        start=None,
        end=snapshot.timestamp,
        connector=key.connector,
        symbol=key.symbol,
        quantity_before=None,
        quantity=position.quantity,
        mark_before=None,
        mark=position.mark,
        realized_usd=None,
        unrealized_usd=None,
    )


def _interval(
    before: Snapshot, old: Held | None, snapshot: Snapshot, new: Held | None, key: Key
) -> Iterator[Interval]:
    traded = any((row.connector, row.symbol) == key for row in snapshot.realized)
    if not (old and old.quantity) and not (new and new.quantity) and not traded:
        return
    yield Interval(
        start=before.timestamp,
        end=snapshot.timestamp,
        connector=key.connector,
        symbol=key.symbol,
        quantity_before=old.quantity if old else _nothing(before, key),
        quantity=new.quantity if new else _nothing(snapshot, key),
        mark_before=old.mark if old else None,
        mark=new.mark if new else None,
        realized_usd=_realized(snapshot, key),
        unrealized_usd=_less(
            new.pnl_open if new else _nothing(snapshot, key), old.pnl_open if old else _nothing(before, key)
        ),
    )


def _nothing(snapshot: Snapshot, key: Key) -> Decimal | None:
    """Zero where what has no row was not held, None where that is not told."""
    return ZERO if lists_positions(snapshot, key.connector) else None


def _less(after: Decimal | None, before: Decimal | None) -> Decimal | None:
    return None if before is None or after is None else after - before


def _realized(snapshot: Snapshot, key: Key) -> Decimal | None:
    gains = [row.pnl_usd for row in snapshot.realized if (row.connector, row.symbol) == key]
    if gains:
        return sum(gains, ZERO)
    told = any(row.connector == key.connector and _tells_symbols(row) for row in snapshot.accounts)
    return ZERO if told else None


def _tells_symbols(row: AccountRow) -> bool:
    """As `RealizedRow` has it: then a symbol without a row realized nothing."""
    return row.realized_pnl is not None and row.since is not None
