"""From one snapshot to a later one: why the NAV changed. Pure.

In: snapshots oldest first, each telling what happened since the one before it
(`snapshots.since.restated` makes them so). Out: a bridge whose parts add up to the change in
NAV exactly. What is not known is None with a reason and its amount stays in `untold_usd`;
what is known and explained by nothing stays in `other_usd`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from git_qoc.money import ZERO
from git_qoc.snapshots.books import DESK
from git_qoc.snapshots.chains import account_bridge, chains, symbol_bridges
from git_qoc.snapshots.moves import moves
from git_qoc.snapshots.parts import AGAIN, GONE, NEW, UNREAD, AccountBridge, Bridge, Line, Sight
from git_qoc.snapshots.snapshot import Snapshot


def bridge(snapshots: Sequence[Snapshot]) -> Bridge:
    """From the first of the snapshots (at least one) to the last."""
    opening, closing = snapshots[0], snapshots[-1]
    found = chains(snapshots)
    accounts = tuple(account_bridge(chain) for chain in found)
    unexplained = {name for name, account in _named(accounts, closing) if account.realized_usd is None}
    return Bridge(
        opening=opening.timestamp,
        closing=closing.timestamp,
        opening_usd=opening.nav_usd,
        closing_usd=closing.nav_usd,
        snapshots=len(snapshots),
        lines=tuple(_lines(accounts)),
        accounts=accounts,
        symbols=tuple(s for chain in found for s in symbol_bridges(chain, opening, closing)),
        moves=moves(opening, closing, unexplained),
    )


def _lines(accounts: Sequence[AccountBridge]) -> Iterator[Line]:
    for part in ("flows", "realized", "unrealized"):
        yield _line(part, accounts)
    for part, key, sight in (
        (NEW, "came_usd", Sight.NEW),
        (AGAIN, "came_usd", Sight.UNREAD),
        (GONE, "went_usd", Sight.GONE),
        (UNREAD, "went_usd", Sight.UNREAD),
    ):
        end = "opening" if key == "came_usd" else "closing"
        concerned = [account for account in accounts if getattr(account, end) is sight]
        if concerned:
            usd = sum((getattr(account, key) for account in concerned), ZERO)
            yield Line(part, usd, accounts=tuple(account.connector for account in concerned))
    untold = [account for account in accounts if account.other_usd is None]
    if untold:
        usd = sum((account.untold_usd for account in untold), ZERO)
        yield Line("not told apart", usd, accounts=tuple(account.connector for account in untold))
    yield _line("other", accounts)


def _line(part: str, accounts: Sequence[AccountBridge]) -> Line:
    amounts: Mapping[str, Decimal | None] = {
        account.connector: getattr(account, f"{part}_usd") for account in accounts
    }
    known = [usd for usd in amounts.values() if usd is not None]
    without = tuple(name for name, usd in amounts.items() if usd is None)
    return Line(part, sum(known, ZERO) if known or not without else None, without)


def _named(accounts: Sequence[AccountBridge], closing: Snapshot) -> Iterator[tuple[str, AccountBridge]]:
    """Each account by the names its positions have."""
    for account in accounts:
        if account.connector == DESK:
            yield from ((row.connector, account) for row in closing.positions)
        else:
            yield account.connector, account
