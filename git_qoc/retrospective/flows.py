"""What crossed the desk's border in a link (rules 3 and 4).

A connector that is added brings its NAV as an inflow, one that is removed takes its last
NAV as an outflow; recorded flow rows win over totals, totals over what the spec's own keys
imply. Amounts stay exact decimals; USD, into the desk > 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from git_qoc.money import ZERO, shown, total
from git_qoc.retrospective.findings import Finding, Kind
from git_qoc.retrospective.link_books import LinkBooks, LinkFlow, remaining
from git_qoc.retrospective.links import Direction, Link, Transition
from git_qoc.retrospective.point import Point
from git_qoc.retrospective.purchases import traded
from git_qoc.retrospective.rows import AccountFigures, account_figures

if TYPE_CHECKING:
    from git_qoc.snapshots.snapshot import FlowRow

NET = "net"
UNTOLD = "what was realized is not told, so what was bought cannot be told from what was gained"
ONE = Decimal(1)
IMPLIED_FLOOR_USD = Decimal(50)
IMPLIED_FRACTION = Decimal("0.01")

RowKey = tuple[datetime, str, str, Decimal, str]


class FlowReader:
    """Reads the flows of links between `points`; a row that two of them record counts in the first."""

    def __init__(self, points: Iterable[Point], imply: bool, *, exactly: bool = False) -> None:
        """`exactly`: the points are of a symbol, whose purchases and sales are what nothing else explains."""
        self.findings: list[Finding] = []
        self._imply = imply or exactly
        self._exactly = exactly
        self._counted_in: dict[RowKey, str] = {}
        for point in points:
            for row in point.rows.flows if point.rows else ():
                self._counted_in.setdefault(_key(row), point.path)

    def read(self, link: Link) -> LinkBooks:
        if not link.transitions and all(p.rows is None and p.net_flow_usd is not None for p in link.span):
            return self._explained(LinkBooks(link, (), _realized(link), _change(link, ZERO)))
        flows: list[LinkFlow] = []
        unknown: list[Transition] = []
        brought: list[Decimal | None] = []
        away = ZERO
        for transition in link.transitions:
            figures = account_figures(transition.at, transition.connector)
            added = transition.direction is Direction.ADDED
            part = figures.unrealized_pnl
            brought.append(part if added or part is None else -part)
            # What an account realized while it was not of the desk is inside its opening NAV.
            away += figures.realized_pnl or ZERO if added else ZERO
            if figures.nav_usd is None:
                unknown.append(transition)
            else:
                flows.append(_transition_flow(link, transition, figures))
        for point in link.span:
            flows += self._recorded(link, point)
        realized, change = _realized(link), _change(link, total(brought))
        realized = None if realized is None else realized - away
        books = LinkBooks(link, tuple(f for f in flows if f.amount_usd), realized, change)
        if not unknown and all(map(_tells_flows, link.span)):
            return self._explained(books)
        return self._with_implied(books, unknown)

    def _recorded(self, link: Link, point: Point) -> Iterable[LinkFlow]:
        if point.rows is None:
            return
        # What an added connector's first snapshot records is inside its opening NAV.
        came = {t.connector for t in link.transitions if t.at is point and t.direction is Direction.ADDED}
        if not point.rows.flows:
            yield from _from_totals(link, point, came)
            return
        for row in point.rows.flows:
            counted_in = self._counted_in[_key(row)]
            if counted_in != point.path:
                detail = (
                    f"the {row.kind} of {shown(row.amount_usd)} USD is also in {counted_in}: counted once"
                )
                self.findings.append(Finding(Kind.FLOW_REPEATED, detail, point.time, point.path))
            elif row.connector not in came:
                weight = remaining(row.time, link.opening.time, link.closing.time)
                valued = row.time in (link.opening.time, link.closing.time)
                yield LinkFlow(row.time, row.connector, row.kind, row.amount_usd, weight, valued)

    def _explained(self, books: LinkBooks) -> LinkBooks:
        """Name a P&L that the recorded parts do not explain; dividends and fees rarely reach this far."""
        rest = books.unexplained_usd
        if rest and abs(rest) > _threshold(books.link):
            closing = books.link.closing
            detail = f"{shown(rest)} USD of P&L is neither realised nor unrealised"
            self.findings.append(Finding(Kind.UNEXPLAINED, detail, closing.time, closing.path))
        return books

    def _with_implied(self, books: LinkBooks, unknown: list[Transition]) -> LinkBooks:
        closing = books.link.closing
        names = ", ".join(t.connector for t in unknown)
        unexplained = f"{names} came or went and no account row gives its NAV"
        amount = books.unexplained_usd
        if not self._imply or amount is None:
            if unknown:
                return _undefined(books, unexplained)
            if self._exactly:
                return _undefined(books, UNTOLD)
            detail = "no flow recorded and none implied: a deposit in its period would count as return"
            self.findings.append(Finding(Kind.FLOWS_UNRECORDED, detail, closing.time, closing.path))
            return books
        least = ZERO if self._exactly else _threshold(books.link)
        if not amount or (not unknown and abs(amount) <= least):
            return books
        made = traded if self._exactly else partial(_implied_flow, unknown)
        return LinkBooks(
            books.link,
            (*books.flows, *made(books.link, amount)),
            books.realized_pnl,
            books.unrealized_change,
        )


def _threshold(link: Link) -> Decimal:
    """Above this an unexplained amount is taken for a flow (rule 4)."""
    return max(abs(link.opening.nav_usd) * IMPLIED_FRACTION, IMPLIED_FLOOR_USD)


def _tells_flows(point: Point) -> bool:
    """Whether every flow up to this point is recorded.

    Ours leaves the sum out when one of its venues could not tell; its rows are then only the
    others' and the rest must be implied. In another tool's file rows are all there is.
    """
    if point.net_flow_usd is not None:
        return True
    return point.rows is not None and point.rows.schema is None


def _transition_flow(link: Link, transition: Transition, figures: AccountFigures) -> LinkFlow:
    nav = figures.nav_usd or ZERO
    time = transition.at.time
    added = transition.direction is Direction.ADDED
    return LinkFlow(
        # An account carried forward was last seen before the link; it left at the opening.
        time=time if added else max(time, link.opening.time),
        connector=transition.connector,
        kind=transition.direction.value,
        amount_usd=nav if added else -nav,
        weight=remaining(time, link.opening.time, link.closing.time),
        valued=time == link.closing.time if added else time <= link.opening.time,
    )


def _from_totals(link: Link, point: Point, came: set[str]) -> Iterable[LinkFlow]:
    """Flows of a snapshot that records only sums: by connector where those add up, else one."""
    net = point.net_flow_usd or ZERO
    rows = point.rows.accounts if point.rows else ()
    by_connector = [(row.connector, row.net_flow_usd) for row in rows if row.net_flow_usd]
    weight = remaining(point.time, link.opening.time, link.closing.time)
    if sum((amount for _, amount in by_connector), ZERO) == net:
        parts: list[tuple[str | None, Decimal]] = [(n, amount) for n, amount in by_connector if n not in came]
    else:
        parts = [(None, net - sum((amount for name, amount in by_connector if name in came), ZERO))]
    for name, amount in parts:
        yield LinkFlow(point.time, name, NET, amount, weight)


def _implied_flow(unknown: list[Transition], link: Link, amount: Decimal) -> tuple[LinkFlow]:
    from git_qoc.model import FlowKind  # costs 8 ms, which most records need not spend

    directions = {t.direction for t in unknown}
    if directions == {Direction.ADDED}:
        weight = ZERO
    elif directions == {Direction.REMOVED}:
        weight = ONE
    else:
        weight = ONE if amount > 0 else ZERO
    flow = LinkFlow(
        time=link.closing.time,
        connector=unknown[0].connector if len(unknown) == 1 else None,
        kind=(FlowKind.DEPOSIT if amount > 0 else FlowKind.WITHDRAWAL).value,
        amount_usd=amount,
        weight=weight,
        implied=True,
    )
    return (flow,)


def _undefined(books: LinkBooks, reason: str) -> LinkBooks:
    return LinkBooks(books.link, books.flows, books.realized_pnl, books.unrealized_change, reason)


def _realized(link: Link) -> Decimal | None:
    return total(point.realized_pnl for point in link.span)


def _change(link: Link, brought: Decimal | None) -> Decimal | None:
    before, after = link.opening.unrealized_pnl, link.closing.unrealized_pnl
    if before is None or after is None or brought is None:
        return None
    return after - before - brought


def _key(row: FlowRow) -> RowKey:
    return row.time, row.connector, row.kind, row.amount_usd, row.flow_id
