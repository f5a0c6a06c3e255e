"""The daily series of the document as columns over one list of days: what the page's charts are drawn from.

All columns are as long as `days` (days since `start`, oldest first), with null where there is no
value; flags are lists of indexes, because nearly all days have none. Numbers keep all their digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

from git_qoc.errors import printable
from git_qoc.report.page.figures import signed_money
from git_qoc.report.page.reading import Row, day, row, rows, string, strings
from git_qoc.report.values import Json

Columns = dict[str, Json]


def chart_data(document: Row) -> Columns | None:
    """None when there are not two daily points, which is no line."""
    equity = by_day(document.get("equity"))
    if len(equity) < 2:
        return None
    partial = by_day(document.get("partial_points"))
    days = sorted(equity.keys() | partial.keys())
    first = days[0]
    at = {moment: i for i, moment in enumerate(days)}
    changes = by_day(document.get("daily_returns"))
    return {
        "start": first.isoformat(),
        "days": [(moment - first).days for moment in days],
        "wealth": _column(days, equity, "wealth"),
        "drawdown": _column(days, equity, "drawdown"),
        "nav": _column(days, equity, "nav_usd"),
        "change": _column(days, changes, "value"),
        "breaks": [at[moment] for moment in breaks(equity)],
        "chain": [at[moment] for moment in breaks(equity, only_chain=True)],
        "estimated": [at[moment] for moment, point in equity.items() if point.get("estimated") is True],
        "carried": _named(at, equity, "carried"),
        "partial": _named(at, {m: p for m, p in partial.items() if m not in equity}, "missing"),
        "flows": _flows(document, first),
        "drawdowns": _spans(document, first, days[-1]),
        **_further(document, days),
    }


def by_day(value: Json) -> dict[date, Row]:
    """The rows by date, oldest first."""
    found = {moment: item for item in rows(value) if (moment := day(item.get("date"))) is not None}
    return dict(sorted(found.items()))


def breaks(equity: Mapping[date, Row], *, only_chain: bool = False) -> list[date]:
    """The days before which the line is broken: after a gap or where the chain broke."""
    return [
        moment
        for (_, before), (moment, point) in pairwise(equity.items())
        if point.get("segment") != before.get("segment") or (point.get("gap") is True and not only_chain)
    ]


def _further(document: Row, days: Sequence[date]) -> Columns:
    found: Columns = {}
    rolling = by_day(row(document.get("rolling")).get("points"))
    if rolling:
        found["rolling"] = {key: _column(days, rolling, key) for key in ("volatility", "sharpe_ratio")}
    exposure = by_day(document.get("exposure"))
    if exposure:
        keys = ("long_usd", "short_usd", "cash_usd")
        found["exposure"] = {key: _column(days, exposure, key) for key in keys}
    benchmark = row(document.get("benchmark"))
    line = by_day(benchmark.get("equity"))
    if line:
        name = printable(string(benchmark.get("symbol")))
        found["benchmark"] = {"symbol": name, "wealth": _column(days, line, "wealth")}
    return found


def _column(days: Sequence[date], points: Mapping[date, Row], key: str) -> list[Json]:
    return [points[moment].get(key) if moment in points else None for moment in days]


def _named(at: Mapping[date, int], points: Mapping[date, Row], key: str) -> list[Json]:
    return [
        [at[moment], printable(", ".join(names))]
        for moment, point in points.items()
        if (names := strings(point.get(key)))
    ]


def _flows(document: Row, first: date) -> list[Json]:
    """[days since start, 1 in or −1 out, what it was]"""
    return [
        [(moment - first).days, -1 if shown.startswith("−") else 1, f"{_kind(flow)} {shown}"]
        for flow in rows(document.get("flows"))
        if (moment := day(flow.get("time"))) and (shown := signed_money(flow.get("amount_usd")))
    ]


def _kind(flow: Row) -> str:
    return printable(string(flow.get("kind")).replace("_", " "))


def _spans(document: Row, first: date, last: date) -> list[Json]:
    """Peak, trough and recovery (the last day when there is none) of the listed drawdowns."""
    spans: list[Json] = []
    for found in rows(document.get("drawdowns")):
        peak, trough = day(found.get("peak")), day(found.get("trough"))
        end = day(found.get("recovery")) or last
        spans.append([(moment - first).days for moment in (peak, trough, end) if moment is not None])
    return spans
