"""Snapshot records + choices → a retrospective. Pure: the same values give the same result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby, takewhile

from git_qoc.errors import UsageError
from git_qoc.money import shown
from git_qoc.retrospective.benchmark.closes import Series
from git_qoc.retrospective.benchmark.compare import compare
from git_qoc.retrospective.calendar import segments
from git_qoc.retrospective.choices import Choices
from git_qoc.retrospective.completeness import carried, excluded
from git_qoc.retrospective.contribution import contributions
from git_qoc.retrospective.curve import curve, partial_days
from git_qoc.retrospective.days import Day, build_days, gap_limit
from git_qoc.retrospective.drawdowns import drawdowns
from git_qoc.retrospective.figures import intraday_drawdown, performance, periods
from git_qoc.retrospective.findings import Finding, Kind, ordered
from git_qoc.retrospective.flows import FlowReader
from git_qoc.retrospective.link_books import LinkBooks
from git_qoc.retrospective.links import build_links
from git_qoc.retrospective.metrics import Undefined, tally
from git_qoc.retrospective.point import Point, SnapshotRecord
from git_qoc.retrospective.points import build_points, from_capital
from git_qoc.retrospective.profit import profit_and_loss
from git_qoc.retrospective.result import Retrospective
from git_qoc.retrospective.returns import AFTER_RUIN, LinkReturn, chain
from git_qoc.retrospective.rolling import rolled
from git_qoc.retrospective.trades.find import round_trips


def compute(
    records: Iterable[SnapshotRecord], choices: Choices, closes: Series | Undefined | None = None
) -> Retrospective:
    """The retrospective over every snapshot in the window, in any order.

    Never raises for what a file holds: what cannot be used is in `findings`, what cannot be
    computed is `Undefined` with its reason. `closes` are the benchmark's, undefined where they could
    not be read, None where none is chosen.
    """
    records = tuple(records)
    points, read = build_points(records, choices)
    points, partial = (carried if choices.partial == "carry" else excluded)(points)
    points = from_capital(points, choices)
    books, flow_findings = _books(points, choices)
    chained = chain(books, idle=choices.symbol is not None)
    complete = [point for point in points if point.complete]
    days = build_days(complete[0], chained) if complete else ()
    parts = segments(days)
    ppy, basis = periods(choices, complete, days)
    realized = [p.realized_pnl for b in books for p in b.link.span if p.realized_pnl is not None]
    seen = (*_of_links(chained), *_of_gaps(days), *(doubt for point in points for doubt in point.doubts))
    findings = (*read, *partial, *flow_findings, *seen)
    return Retrospective(
        choices=choices,
        start=complete[0].day if complete else None,
        end=complete[-1].day if complete else None,
        n_snapshots=len(points),
        n_complete=len(complete),
        n_points=len({point.day for point in complete}),
        periods_per_year=ppy,
        periods_basis=basis,
        figures=performance(choices, chained, days, parts, ppy),
        tally=tally([entry.value for entry in days if entry.value is not None]),
        realized=tally([float(amount) for amount in realized]),
        days=days,
        segments=parts,
        drawdowns=tuple(d for part in parts for d in drawdowns(part.dates, part.wealth)),
        intraday=intraday_drawdown(chained, complete),
        flows=tuple(flow for b in books for flow in b.flows),
        pnl=profit_and_loss(complete, books),
        curve=curve(complete, days),
        partial_days=partial_days(points),
        rolling=rolled(days, ppy, float(choices.risk_free)),
        contribution=contributions(books),
        trades=round_trips(records, choices, complete[0].time if complete else None),
        benchmark=compare(days, closes, choices, ppy),
        findings=ordered(findings),
        warnings=(*_left_out(points), *_warnings(chained, days, flow_findings)),
    )


def previous(result: Retrospective) -> Choices:
    """The choices of the period of equal length that ends where this one begins.

    Raises:
        UsageError: this one has no beginning.
    """
    chosen = result.choices
    since, until = chosen.since, chosen.until
    if since is None:
        raise UsageError("the previous period needs one to compare with: say since when, with --since")
    last = result.curve[-1].point if result.curve else None
    if isinstance(since, datetime):
        end = until if isinstance(until, datetime) else last.time if last else since
        return replace(chosen, since=since - max(end - since, timedelta(0)), until=since)
    end_day = until if until is not None and not isinstance(until, datetime) else last.day if last else since
    days = timedelta(days=max((end_day - since).days + 1, 1))
    return replace(chosen, since=since - days, until=since - timedelta(days=1))


def _books(points: Sequence[Point], choices: Choices) -> tuple[tuple[LinkBooks, ...], list[Finding]]:
    reader = FlowReader(points, choices.flows == "auto", exactly=choices.symbol is not None)
    return tuple(reader.read(link) for link in build_links(points)), reader.findings


def _of_links(chained: Iterable[LinkReturn]) -> Iterable[Finding]:
    for link in chained:
        closing = link.books.link.closing
        if link.value is None:
            yield Finding(Kind.CHAIN_BREAK, f"no return: {link.reason}", closing.time, closing.path)
        elif link.estimated:
            flow = shown(link.books.net_flow_usd)
            detail = f"flows of {flow} USD, over 10 % of NAV, with no valuation when they happened"
            yield Finding(Kind.ESTIMATED, detail, closing.time, closing.path)


def _of_gaps(days: Sequence[Day]) -> Iterable[Finding]:
    limit = gap_limit(days)
    for entry in days:
        if entry.spacing > limit:
            yield Finding(Kind.GAP, f"{entry.since} to {entry.day}: {entry.spacing} days without a point")


def _left_out(points: Sequence[Point]) -> Iterable[str]:
    """Which snapshots at the end are in no figure, and whose money never was in one."""
    tail = list(takewhile(lambda point: not point.complete, reversed(points)))
    if tail:
        who = ", ".join(sorted(frozenset().union(*(point.missing for point in tail))))
        yield (
            f"the last {len(tail)} snapshots, from {tail[-1].day} to {tail[0].day}, are in no figure: "
            f"{who or 'their connectors'} could not be read"
        )
    never = frozenset().union(*(point.unseen for point in points[-1:]))
    if never:
        yield f"{', '.join(sorted(never))} could never be read yet: its money is in no figure"


def _warnings(
    chained: Sequence[LinkReturn], days: Sequence[Day], flow_findings: Sequence[Finding]
) -> tuple[str, ...]:
    """What changes how the headline must be read; one line per reason, however often it holds."""
    lines = []
    broken = sorted(
        (link.reason or "", link.books.link.closing.day) for link in chained if link.value is None
    )
    for reason, group in groupby(broken, key=lambda item: item[0]):
        dates = [day for _, day in group]
        span = f"{dates[0]}" if len(dates) == 1 else f"{dates[0]} to {dates[-1]}, {len(dates)} times"
        lines.append(f"{span}: {'' if reason == AFTER_RUIN else 'the chain breaks: '}{reason}")
    estimated = sum(entry.estimated for entry in days)
    if estimated:
        lines.append(f"{estimated} daily returns are estimated: large flows with no valuation at the time")
    blind = sum(finding.kind is Kind.FLOWS_UNRECORDED for finding in flow_findings)
    if blind:
        lines.append(f"{blind} period(s) tell no flows: a deposit in one of them would count as return")
    odd = sum(finding.kind is Kind.UNEXPLAINED for finding in flow_findings)
    if odd:
        lines.append(f"{odd} period(s) have a P&L that nothing explains: see Data quality")
    return tuple(lines)
