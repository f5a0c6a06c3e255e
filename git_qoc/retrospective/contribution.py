"""Who made the P&L: by connector and by symbol, in USD, exact (rule 13).

A connector's is ΔNAV − its flows over the time it was of the desk; a symbol's is what it
realized plus the change of its open P&L. What is of a connector and of no symbol (fees,
interest, what a venue does not tell by symbol) and what is of nobody have rows of their own, so
that the column sums to the P&L. Only the snapshots at the ends of a connector's time are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from git_qoc.errors import SnapshotError
from git_qoc.money import ZERO, total
from git_qoc.retrospective.holdings import tells_rows
from git_qoc.retrospective.link_books import LinkBooks
from git_qoc.retrospective.links import Direction
from git_qoc.retrospective.metrics import Undefined
from git_qoc.retrospective.point import Point
from git_qoc.snapshots.books import Book, Key, books

Read = Callable[[Point], Mapping[str, Book]]


class Contribution(NamedTuple):
    """`symbol` None: of the connector and of no symbol. `connector` None: of nobody that is known.

    `realized_usd` and `unrealized_usd` are None in rows that are not of a symbol.
    """

    connector: str | None
    symbol: str | None
    pnl_usd: Decimal
    realized_usd: Decimal | None = None
    unrealized_usd: Decimal | None = None


@dataclass(slots=True)
class _Account:
    """A connector's time with the desk: between which points it was there, what flowed, what it gained."""

    stretches: list[tuple[Point, Point]] = field(default_factory=list)
    flows: Decimal = ZERO
    gains: dict[str, Decimal] = field(default_factory=dict)
    told: bool = True


def contributions(links: Sequence[LinkBooks]) -> tuple[Contribution, ...] | Undefined:
    """By connector, then symbol, its rest last and the unattributed row after all; sums to the P&L.

    Undefined where the P&L is.
    """
    if not links:
        return Undefined("needs two complete snapshots")
    unknown = next((b for b in links if b.undefined is not None), None)
    if unknown is not None:
        return Undefined(f"flows until {unknown.link.closing.day} are not known: {unknown.undefined}")
    whole = sum((b.pnl_usd for b in links), ZERO)
    rows = list(_rows(links)) if _all_named(links) else []
    rest = whole - sum((row.pnl_usd for row in rows), ZERO)
    if rest or not rows:
        rows.append(Contribution(None, None, rest))
    return tuple(rows)


def _all_named(links: Sequence[LinkBooks]) -> bool:
    """A snapshot that does not say who contributed tells nothing of any one."""
    points = (links[0].link.opening, *(point for b in links for point in b.link.span))
    return all(point.connectors is not None for point in points)


def _rows(links: Sequence[LinkBooks]) -> Iterator[Contribution]:
    accounts = _accounts(links)
    suspects = _suspects(links)
    read = _Reader()
    for name in sorted(accounts):
        yield from _of(name, accounts[name], name in suspects, read)


def _of(name: str, account: _Account, suspect: bool, read: Read) -> Iterator[Contribution]:
    if not account.stretches:
        return
    ends = [(read(a).get(name), read(b).get(name)) for a, b in account.stretches]
    rows = list(_symbols(name, account, ends)) if account.told else []
    yield from rows
    change = total(None if a is None or b is None else b.nav_usd - a.nav_usd for a, b in ends)
    if change is None or suspect:
        return
    rest = change - account.flows - sum((row.pnl_usd for row in rows), ZERO)
    if rest or not rows:
        yield Contribution(name, None, rest)


def _symbols(
    name: str, account: _Account, ends: Sequence[tuple[Book | None, Book | None]]
) -> Iterator[Contribution]:
    held = {key.symbol for pair in ends for book in pair if book is not None for key in book.held}
    for symbol in sorted(held | account.gains.keys()):
        key = Key(name, symbol)
        change = total(
            None if a is None or b is None else _less(b.pnl_open_of(key), a.pnl_open_of(key)) for a, b in ends
        )
        if change is None:
            continue
        realized = account.gains.get(symbol, ZERO)
        if realized or change or any(b is not None and key in b.held for _, b in ends):
            yield Contribution(name, symbol, realized + change, realized, change)


def _less(after: Decimal | None, before: Decimal | None) -> Decimal | None:
    return None if after is None or before is None else after - before


def _accounts(links: Sequence[LinkBooks]) -> Mapping[str, _Account]:
    """Every connector that was of the desk between the first and the last valuation."""
    accounts: dict[str, _Account] = {}
    last_seen: dict[str, Point] = {}
    start: dict[str, Point] = {}
    opening = links[0].link.opening
    for name in (opening.connectors or frozenset()) | opening.carried:
        start[name] = opening
    _see(last_seen, opening)
    for b in links:
        came = _transitions(b, accounts, start)
        for point in b.link.span:
            _gained(point, accounts, came)
            _see(last_seen, point)
        for flow in b.flows:
            if flow.connector is not None and flow.kind not in tuple(Direction):
                accounts.setdefault(flow.connector, _Account()).flows += flow.amount_usd
    for name, point in start.items():
        accounts.setdefault(name, _Account()).stretches.append((point, last_seen.get(name, point)))
    return accounts


def _transitions(b: LinkBooks, accounts: dict[str, _Account], start: dict[str, Point]) -> Mapping[str, Point]:
    """Ends and begins the stretches of who went and came; gives the points of those who came."""
    came = {}
    for transition in b.link.transitions:
        name = transition.connector
        if transition.direction is Direction.ADDED:
            start[name] = came[name] = transition.at
        else:
            begun = start.pop(name, transition.at)
            accounts.setdefault(name, _Account()).stretches.append((begun, transition.at))
    return came


def _gained(point: Point, accounts: dict[str, _Account], came: Mapping[str, Point]) -> None:
    """What a point's rows gained, except where they are inside an opening NAV."""
    if not tells_rows(point.held):
        return
    held = point.holdings
    for name, symbol, usd in held.gains:
        if came.get(name) is not point:
            gains = accounts.setdefault(name, _Account()).gains
            gains[symbol] = gains.get(symbol, ZERO) + usd
    for name in held.untold:
        if came.get(name) is not point:
            accounts.setdefault(name, _Account()).told = False


def _see(last_seen: dict[str, Point], point: Point) -> None:
    for name in point.connectors or ():
        last_seen[name] = point


def _suspects(links: Iterable[LinkBooks]) -> frozenset[str]:
    """Who a flow of no known connector may have been of: whose flows are not told, else everybody.

    Who came in that time tells none yet, and brought its NAV as a flow of its own.
    """
    found: frozenset[str] = frozenset()
    for b in links:
        if all(flow.connector is not None for flow in b.flows):
            continue
        came = {t.connector for t in b.link.transitions if t.direction is Direction.ADDED}
        silent = frozenset().union(*(point.holdings.silent for point in b.link.span)) - came
        found |= silent or frozenset().union(*(point.connectors or () for point in b.link.span)) - came
    return found


class _Reader:
    """The books of a point, each file read once; none where its rows cannot be read."""

    def __init__(self) -> None:
        self._known: dict[str, Mapping[str, Book]] = {}

    def __call__(self, point: Point) -> Mapping[str, Book]:
        if point.path not in self._known:
            from git_qoc.snapshots.parse import loads

            try:
                self._known[point.path] = books(loads(point.text))
            except SnapshotError:
                self._known[point.path] = {}
        return self._known[point.path]
