"""What one snapshot says of one account, or of the desk as a whole, ready to be compared. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from git_qoc.money import ZERO, total
from git_qoc.snapshots.snapshot import AccountRow, PositionRow, Snapshot

DESK = ""
"""The name of the desk as a whole, where a file does not tell its accounts apart."""


class Key(NamedTuple):
    """One instrument at one connector: equal symbols of two venues may be two things."""

    connector: str
    symbol: str


@dataclass(frozen=True, slots=True)
class Held:
    """A position, its rows of one symbol added up; None where they do not agree or do not say."""

    quantity: Decimal
    mark: Decimal | None = None
    pnl_open: Decimal | None = None
    multiplier: Decimal = Decimal(1)
    currency: str = "USD"
    fx_usd: Decimal | None = Decimal(1)
    margined: bool = False
    inverse: bool = False

    @property
    def terms(self) -> tuple[Decimal, str, bool, bool]:
        """What must be equal for two prices to be of the same thing."""
        return self.multiplier, self.currency, self.margined, self.inverse


@dataclass(frozen=True, slots=True)
class Book:
    """One account in USD. `realized_pnl`, `net_flow_usd` and `gains` are since its book before.

    `gains` are by symbol; a symbol without one realized nothing where `told` is true, and an
    unknown amount where it is not.
    """

    nav_usd: Decimal
    realized_pnl: Decimal | None
    unrealized_pnl: Decimal | None
    net_flow_usd: Decimal | None
    held: Mapping[Key, Held]
    gains: Mapping[Key, Decimal] = field(default_factory=dict)
    told: bool = False
    lists_positions: bool = True

    def realized_of(self, key: Key) -> Decimal | None:
        return self.gains.get(key, ZERO if self.told else None)

    def pnl_open_of(self, key: Key) -> Decimal | None:
        """Zero for what is not held; None where it is not told what is."""
        held = self.held.get(key)
        return held.pnl_open if held else ZERO if self.lists_positions else None


def tells_accounts(snapshot: Snapshot) -> bool:
    """Whether its account rows are the whole of it."""
    names = {row.connector for row in snapshot.accounts}
    return (
        bool(names)
        and len(names) == len(snapshot.accounts)
        and sum((row.nav_usd for row in snapshot.accounts), ZERO) == snapshot.nav_usd
        and all(row.connector in names for row in snapshot.positions)
    )


def books(snapshot: Snapshot) -> dict[str, Book]:
    """By connector, for those with an account row."""
    return {row.connector: _book(snapshot, row) for row in snapshot.accounts}


def desk_book(snapshot: Snapshot) -> Book:
    """The whole desk as one book."""
    return Book(
        nav_usd=snapshot.nav_usd,
        realized_pnl=snapshot.realized_pnl,
        unrealized_pnl=snapshot.unrealized_pnl,
        net_flow_usd=snapshot.net_flow_usd,
        held=held(snapshot),
        gains={Key(row.connector, row.symbol): row.pnl_usd for row in snapshot.realized},
    )


def held(snapshot: Snapshot) -> dict[Key, Held]:
    return _held(snapshot.positions)


def reads(snapshot: Snapshot, connector: str) -> bool:
    """Whether the snapshot contains this connector; one that names none is taken to hold all."""
    if connector in snapshot.connectors or any(row.connector == connector for row in snapshot.accounts):
        return True
    return not snapshot.connectors and not snapshot.accounts


def lists_positions(snapshot: Snapshot, connector: str) -> bool:
    """Whether a position without a row was not held: a venue's history may give only totals.

    An account that holds nothing has an open P&L of zero; one whose positions were not told has
    neither rows nor an open P&L.
    """
    if any(row.connector == connector for row in snapshot.positions):
        return True
    silent = any(row.connector == connector and row.unrealized_pnl is None for row in snapshot.accounts)
    return reads(snapshot, connector) and not silent


def _book(snapshot: Snapshot, row: AccountRow) -> Book:
    return Book(
        nav_usd=row.nav_usd,
        realized_pnl=row.realized_pnl,
        unrealized_pnl=row.unrealized_pnl,
        net_flow_usd=row.net_flow_usd,
        lists_positions=lists_positions(snapshot, row.connector),
        held=_held(p for p in snapshot.positions if p.connector == row.connector),
        gains={
            Key(gain.connector, gain.symbol): gain.pnl_usd
            for gain in snapshot.realized
            if gain.connector == row.connector
        },
        told=row.realized_pnl is not None and row.since is not None,
    )


def _held(rows: Iterable[PositionRow]) -> dict[Key, Held]:
    found: dict[Key, Held] = {}
    for row in rows:
        key = Key(row.connector, row.symbol)
        one = Held(
            quantity=row.quantity,
            mark=row.mark,
            pnl_open=row.pnl_open,
            multiplier=row.multiplier,
            currency=row.currency,
            fx_usd=row.fx_usd,
            margined=row.margined,
            inverse=row.inverse,
        )
        found[key] = _both(found[key], one) if key in found else one
    return found


def _both(left: Held, right: Held) -> Held:
    alike = left.terms == right.terms and left.fx_usd == right.fx_usd
    return Held(
        quantity=left.quantity + right.quantity,
        mark=left.mark if alike and left.mark == right.mark else None,
        pnl_open=total((left.pnl_open, right.pnl_open)),
        multiplier=left.multiplier,
        currency=left.currency,
        fx_usd=left.fx_usd,
        margined=left.margined,
        inverse=left.inverse,
    )
