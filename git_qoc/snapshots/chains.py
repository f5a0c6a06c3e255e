"""One account through a sequence of snapshots → its part of the NAV bridge. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from git_qoc.money import ZERO, total
from git_qoc.snapshots.books import DESK, Book, Key, books, desk_book, reads, tells_accounts
from git_qoc.snapshots.parts import REST, AccountBridge, Sight, SymbolBridge
from git_qoc.snapshots.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Chain:
    """An account's books, oldest first, at least one; `reason`: why its parts cannot be known."""

    connector: str
    opening: Sight
    closing: Sight
    books: tuple[tuple[datetime, Book], ...]
    reason: str = ""

    @property
    def first(self) -> Book:
        return self.books[0][1]

    @property
    def last(self) -> Book:
        return self.books[-1][1]

    @property
    def later(self) -> list[Book]:
        return [book for _, book in self.books[1:]]


def chains(snapshots: Sequence[Snapshot]) -> list[Chain]:
    """Every account that is in one of the snapshots, or the desk as one where an end tells none."""
    if tells_accounts(snapshots[0]) and tells_accounts(snapshots[-1]):
        return list(_by_connector(snapshots))
    return [_whole(snapshots)]


def _by_connector(snapshots: Sequence[Snapshot]) -> Iterator[Chain]:
    opening, closing = snapshots[0], snapshots[-1]
    found: dict[str, list[tuple[datetime, Book]]] = {}
    for snapshot in snapshots:
        for name, book in books(snapshot).items():
            found.setdefault(name, []).append((snapshot.timestamp, book))
    at_opening, at_closing = books(opening), books(closing)
    for name, chain in found.items():
        before = Sight.UNREAD if name in opening.degraded else Sight.NEW
        after = Sight.UNREAD if name in closing.degraded else Sight.GONE
        yield Chain(
            name,
            Sight.READ if name in at_opening else before,
            Sight.READ if name in at_closing else after,
            tuple(chain),
        )


def _whole(snapshots: Sequence[Snapshot]) -> Chain:
    """The desk as one account, where a file does not tell its accounts apart."""
    chain = [(snapshot.timestamp, desk_book(snapshot)) for snapshot in snapshots]
    named = {frozenset(snapshot.connectors) for snapshot in snapshots if snapshot.connectors}
    reason = ""
    if len(named) > 1:
        reason = "the snapshots are not of the same accounts, and no account rows tell these apart"
        # What an account brought or took along is in every one of these figures.
        chain[1:] = [
            (time, replace(book, realized_pnl=None, net_flow_usd=None, unrealized_pnl=None))
            for time, book in chain[1:]
        ]
    return Chain(DESK, Sight.READ, Sight.READ, tuple(chain), reason)


def account_bridge(chain: Chain) -> AccountBridge:
    first, last = chain.first, chain.last
    opening_usd = first.nav_usd if chain.opening is Sight.READ else None
    closing_usd = last.nav_usd if chain.closing is Sight.READ else None
    came = ZERO if chain.opening is Sight.READ else first.nav_usd
    went = ZERO if chain.closing is Sight.READ else -last.nav_usd
    flows = total(book.net_flow_usd for book in chain.later)
    realized = total(book.realized_pnl for book in chain.later)
    unrealized = _difference(first.unrealized_pnl, last.unrealized_pnl) if chain.later else ZERO
    known = sum((part for part in (flows, realized, unrealized) if part is not None), came + went)
    rest = (closing_usd or ZERO) - (opening_usd or ZERO) - known
    told = None not in (flows, realized, unrealized)
    return AccountBridge(
        connector=chain.connector,
        opening=chain.opening,
        closing=chain.closing,
        opening_usd=opening_usd,
        closing_usd=closing_usd,
        flows_usd=flows,
        realized_usd=realized,
        unrealized_usd=unrealized,
        other_usd=rest if told else None,
        came_usd=came,
        went_usd=went,
        untold_usd=ZERO if told else rest,
        reasons=() if told else tuple(_reasons(chain)),
    )


def _reasons(chain: Chain) -> Iterator[str]:
    """Why the split is not known: what is not told, and where."""
    if chain.reason:
        yield chain.reason
        return
    for what, key in (("flows are", "net_flow_usd"), ("realized P&L is", "realized_pnl")):
        silent = [time for time, book in chain.books[1:] if getattr(book, key) is None]
        if silent:
            yield f"its {what} not told {_at(silent)}"
    ends = (chain.books[0], chain.books[-1])
    silent = [time for time, book in ends if book.unrealized_pnl is None]
    if silent:
        yield f"its open P&L is not told {_at(silent)}"


def _at(times: Sequence[datetime]) -> str:
    stamp = times[0].isoformat().replace("+00:00", "Z")
    return f"at {stamp}" + (f" and {len(times) - 1} more" if len(times) > 1 else "")


def symbol_bridges(chain: Chain, opening: Snapshot, closing: Snapshot) -> Iterator[SymbolBridge]:
    """By name, `REST` last; the known amounts add up to the account's where that is known."""
    account = account_bridge(chain)
    keys = {*chain.first.held, *chain.last.held, *(key for book in chain.later for key in book.gains)}
    rows = [_symbol(chain, key, opening, closing) for key in sorted(keys)]
    yield from rows
    rest = SymbolBridge(
        chain.connector,
        REST,
        _rest(account.realized_usd, (row.realized_usd for row in rows)),
        _rest(account.unrealized_usd, (row.unrealized_usd for row in rows)),
    )
    if rest.realized_usd != 0 or rest.unrealized_usd != 0:
        yield rest


def _symbol(chain: Chain, key: Key, opening: Snapshot, closing: Snapshot) -> SymbolBridge:
    realized = total(book.realized_of(key) for book in chain.later)
    unrealized = _difference(chain.first.pnl_open_of(key), chain.last.pnl_open_of(key))
    # Where the desk is one account, a connector may still have come or gone.
    if chain.connector == DESK and not (reads(opening, key.connector) and reads(closing, key.connector)):
        unrealized = None
    return SymbolBridge(key.connector, key.symbol, realized, unrealized)


def _rest(whole: Decimal | None, parts: Iterable[Decimal | None]) -> Decimal | None:
    return None if whole is None else whole - sum((part for part in parts if part is not None), ZERO)


def _difference(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    return None if before is None or after is None else after - before
