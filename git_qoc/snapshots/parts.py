"""What a NAV bridge is made of, as values; `snapshots.bridge` builds them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from git_qoc.money import ZERO, total
from git_qoc.snapshots.moves import Moves

REST = ""
"""The symbol of what an account tells and no symbol explains."""

NEW, AGAIN, GONE, UNREAD = "new accounts", "read again", "left the desk", "not read"
"""The parts of a bridge that accounts make which are not in both snapshots."""


class Sight(StrEnum):
    """An account at one end of a bridge. NEW and GONE: it was not part of the desk there."""

    READ = "read"
    NEW = "new account"
    GONE = "left the desk"
    UNREAD = "not read"


@dataclass(frozen=True, slots=True)
class AccountBridge:
    """One account, in USD. `opening_usd` and `closing_usd` are None where it is not in that NAV.

    `came_usd` (its NAV when first seen) and `went_usd` (< 0, when last seen) are zero for one
    that is seen at both ends. `untold_usd` is the sum of the parts that are None. All parts
    together are `closing_usd` less `opening_usd`, None taken as zero.
    """

    connector: str
    opening: Sight
    closing: Sight
    opening_usd: Decimal | None
    closing_usd: Decimal | None
    flows_usd: Decimal | None
    realized_usd: Decimal | None
    unrealized_usd: Decimal | None
    other_usd: Decimal | None
    came_usd: Decimal
    went_usd: Decimal
    untold_usd: Decimal
    reasons: tuple[str, ...] = ()

    @property
    def change_usd(self) -> Decimal:
        return (self.closing_usd or ZERO) - (self.opening_usd or ZERO)


@dataclass(frozen=True, slots=True)
class SymbolBridge:
    """Realized P&L and change of open P&L in USD; the symbol `REST` holds what no symbol explains."""

    connector: str
    symbol: str
    realized_usd: Decimal | None
    unrealized_usd: Decimal | None

    @property
    def pnl_usd(self) -> Decimal | None:
        return total((self.realized_usd, self.unrealized_usd))


@dataclass(frozen=True, slots=True)
class Line:
    """A part of the change over all accounts but those in `without`, which do not tell it.

    `usd` is None where no account does. `accounts` are those a coming or going is made of.
    """

    part: str
    usd: Decimal | None
    without: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bridge:
    """`lines` add up to `closing_usd` less `opening_usd`, None taken as zero; `snapshots` counts both ends.

    `swapped`: told backwards in time, every amount with the other sign.
    """

    opening: datetime
    closing: datetime
    opening_usd: Decimal
    closing_usd: Decimal
    snapshots: int
    lines: tuple[Line, ...]
    accounts: tuple[AccountBridge, ...]
    symbols: tuple[SymbolBridge, ...]
    moves: Moves
    swapped: bool = False

    @property
    def change_usd(self) -> Decimal:
        return self.closing_usd - self.opening_usd


_BACKWARDS = {NEW: GONE, GONE: NEW, AGAIN: UNREAD, UNREAD: AGAIN}


def swapped(forward: Bridge) -> Bridge:
    """The same bridge told from the later end to the earlier one."""
    return Bridge(
        opening=forward.closing,
        closing=forward.opening,
        opening_usd=forward.closing_usd,
        closing_usd=forward.opening_usd,
        snapshots=forward.snapshots,
        lines=tuple(
            replace(x, usd=_negated(x.usd), part=_BACKWARDS.get(x.part, x.part)) for x in forward.lines
        ),
        accounts=tuple(_swapped(account) for account in forward.accounts),
        symbols=tuple(
            replace(s, realized_usd=_negated(s.realized_usd), unrealized_usd=_negated(s.unrealized_usd))
            for s in forward.symbols
        ),
        moves=forward.moves.swapped(),
        swapped=not forward.swapped,
    )


def _swapped(account: AccountBridge) -> AccountBridge:
    return replace(
        account,
        opening=_other_end(account.closing),
        closing=_other_end(account.opening),
        opening_usd=account.closing_usd,
        closing_usd=account.opening_usd,
        flows_usd=_negated(account.flows_usd),
        realized_usd=_negated(account.realized_usd),
        unrealized_usd=_negated(account.unrealized_usd),
        other_usd=_negated(account.other_usd),
        came_usd=-account.went_usd,
        went_usd=-account.came_usd,
        untold_usd=-account.untold_usd,
    )


def _other_end(sight: Sight) -> Sight:
    return {Sight.NEW: Sight.GONE, Sight.GONE: Sight.NEW}.get(sight, sight)


def _negated(usd: Decimal | None) -> Decimal | None:
    return None if usd is None else -usd
