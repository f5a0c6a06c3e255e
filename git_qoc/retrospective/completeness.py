"""Which points may be linked (rule 3): the complete ones, and under `carry` the completed ones."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from git_qoc.money import total
from git_qoc.retrospective.findings import Finding, Kind
from git_qoc.retrospective.point import Point
from git_qoc.retrospective.rows import account_figures

CARRIED_AT_MOST = timedelta(days=3)


def excluded(points: Iterable[Point]) -> tuple[tuple[Point, ...], tuple[Finding, ...]]:
    """The points as they are; each partial one is named."""
    kept = tuple(points)
    return kept, tuple(_partial(point, "not a valuation point") for point in kept if not point.complete)


def carried(points: Iterable[Point]) -> tuple[tuple[Point, ...], tuple[Finding, ...]]:
    """Partial points completed with the missing accounts' last known figures.

    A figure is carried for at most 3 days and only from an account row, because nothing
    else gives one connector's NAV; where one account cannot be carried the point stays
    partial.
    """
    kept: list[Point] = []
    findings: list[Finding] = []
    last_seen: dict[str, Point] = {}
    for point in points:
        for name in point.connectors or ():
            last_seen[name] = point
        if point.connectors is not None:
            # Who is neither here nor missed was removed: there is nothing of it to carry.
            for gone in last_seen.keys() - point.connectors - point.missing:
                del last_seen[gone]
        if point.complete:
            kept.append(point)
            continue
        filled = _filled(point, last_seen)
        kept.append(filled or point)
        if filled is None:
            findings.append(_partial(point, "no figures of the last 3 days to carry; not a valuation point"))
        else:
            names = ", ".join(sorted(point.missing))
            findings.append(
                Finding(Kind.CARRIED, f"{names}: last known figures carried", point.time, point.path)
            )
    return tuple(kept), tuple(findings)


def _filled(point: Point, last_seen: dict[str, Point]) -> Point | None:
    navs: list[Decimal | None] = [point.nav_usd]
    unrealized: list[Decimal | None] = [point.unrealized_pnl]
    for name in sorted(point.missing):
        source = last_seen.get(name)
        if source is None or point.time - source.time > CARRIED_AT_MOST:
            return None
        figures = account_figures(source, name)
        navs.append(figures.nav_usd)
        unrealized.append(figures.unrealized_pnl)
    nav = total(navs)
    if nav is None:
        return None
    return point._replace(nav_usd=nav, unrealized_pnl=total(unrealized), carried=point.missing)


def _partial(point: Point, outcome: str) -> Finding:
    names = ", ".join(sorted(point.missing))
    return Finding(Kind.PARTIAL, f"missing {names}: {outcome}", point.time, point.path)
