"""Positions opened, closed and resized, marks moved, cash changed, between two snapshots. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from git_qoc.money import ZERO, open_pnl
from git_qoc.snapshots.books import Held, held, lists_positions
from git_qoc.snapshots.snapshot import Snapshot


class Change(StrEnum):
    """CAME and WENT: the other snapshot does not list the account's positions, or lacks the account."""

    OPENED = "opened"
    CLOSED = "closed"
    RESIZED = "resized"
    CAME = "not told before"
    WENT = "not told any more"


@dataclass(frozen=True, slots=True)
class PositionChange:
    """Signed quantities; None where they are not known."""

    connector: str
    symbol: str
    change: Change
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True, slots=True)
class MarkMove:
    """A mark of a position held at both ends.

    `effect_usd` is that of the move on `quantity`, what was held throughout, at the later rate
    to USD; None when a mark, a rate or the way from one quantity to the other is not known.
    """

    connector: str
    symbol: str
    quantity: Decimal
    before: Decimal | None
    after: Decimal | None
    effect_usd: Decimal | None


@dataclass(frozen=True, slots=True)
class CashChange:
    """A balance in its currency; None where it is not known."""

    connector: str
    currency: str
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True, slots=True)
class Moves:
    """Positions and cash by connector and name; marks by the size of their effect, unknown ones last."""

    positions: tuple[PositionChange, ...]
    marks: tuple[MarkMove, ...]
    cash: tuple[CashChange, ...]

    def swapped(self) -> Moves:
        """The same, told backwards."""
        return Moves(
            tuple(
                replace(p, before=p.after, after=p.before, change=_BACKWARDS.get(p.change, p.change))
                for p in self.positions
            ),
            tuple(
                replace(
                    m,
                    before=m.after,
                    after=m.before,
                    effect_usd=None if m.effect_usd is None else -m.effect_usd,
                )
                for m in self.marks
            ),
            tuple(replace(c, before=c.after, after=c.before) for c in self.cash),
        )


_BACKWARDS = {
    Change.OPENED: Change.CLOSED,
    Change.CLOSED: Change.OPENED,
    Change.CAME: Change.WENT,
    Change.WENT: Change.CAME,
}


def moves(opening: Snapshot, closing: Snapshot, unexplained: Collection[str] = ()) -> Moves:
    """What moved from `opening` to `closing`.

    `unexplained` are connectors whose fills do not explain their quantities (a split, say):
    where such a quantity changed, a mark's effect is not known.
    """
    return Moves(
        tuple(_positions(opening, closing)),
        tuple(sorted(_marks(opening, closing, unexplained), key=_by_effect)),
        tuple(_cash(opening, closing)),
    )


def _positions(opening: Snapshot, closing: Snapshot) -> Iterator[PositionChange]:
    before, after = held(opening), held(closing)
    for key in sorted({*before, *after}):
        old = before[key].quantity if key in before else ZERO
        new = after[key].quantity if key in after else ZERO
        if old == new:
            continue
        if not old and not lists_positions(opening, key.connector):
            yield PositionChange(*key, Change.CAME, None, new)
        elif not new and not lists_positions(closing, key.connector):
            yield PositionChange(*key, Change.WENT, old, None)
        else:
            change = Change.RESIZED if old and new else Change.OPENED if new else Change.CLOSED
            yield PositionChange(*key, change, old, new)


def _marks(opening: Snapshot, closing: Snapshot, unexplained: Collection[str]) -> Iterator[MarkMove]:
    before, after = held(opening), held(closing)
    for key in sorted(before.keys() & after.keys()):
        old, new = before[key], after[key]
        if not old.quantity or not new.quantity or old.mark == new.mark:
            continue
        throughout = _throughout(old.quantity, new.quantity)
        effect = _effect(old, new, throughout)
        if old.quantity != new.quantity and key.connector in unexplained:
            effect = None
        yield MarkMove(*key, throughout, old.mark, new.mark, effect)


def _throughout(before: Decimal, after: Decimal) -> Decimal:
    """The quantity held all the time: the smaller one, none when a long became a short."""
    if (before > 0) != (after > 0):
        return ZERO
    return min(before, after, key=abs)


def _effect(old: Held, new: Held, quantity: Decimal) -> Decimal | None:
    if old.mark is None or new.mark is None or new.fx_usd is None:
        return None
    if old.terms != new.terms or (new.inverse and not (old.mark and new.mark)):
        return None
    return open_pnl(quantity, old.mark, new.mark, new.multiplier, new.fx_usd, inverse=new.inverse)


def _by_effect(move: MarkMove) -> tuple[bool, Decimal, str, str]:
    unknown = move.effect_usd is None
    return unknown, -abs(move.effect_usd or ZERO), move.connector, move.symbol


def _cash(opening: Snapshot, closing: Snapshot) -> Iterator[CashChange]:
    before, after = _balances(opening), _balances(closing)
    for connector, currency in sorted({*before, *after}):
        old = _balance(opening, before, connector, currency)
        new = _balance(closing, after, connector, currency)
        if old != new:
            yield CashChange(connector, currency, old, new)


def _balances(snapshot: Snapshot) -> dict[tuple[str, str], Decimal]:
    found: dict[tuple[str, str], Decimal] = {}
    for row in snapshot.cash:
        key = row.connector, row.currency
        found[key] = found.get(key, ZERO) + row.amount
    return found


def _balance(
    snapshot: Snapshot, balances: dict[tuple[str, str], Decimal], connector: str, currency: str
) -> Decimal | None:
    """Zero in a currency that is not named, where the account's balances are told at all."""
    told = any(row.connector == connector for row in snapshot.cash) or any(
        row.connector == connector and row.cash_usd == 0 for row in snapshot.accounts
    )
    return balances.get((connector, currency), ZERO if told else None)
