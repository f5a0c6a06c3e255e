"""The sections about returns and risk: months, drawdowns, risk, the benchmark."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import groupby

from git_qoc.report.page import figures as f
from git_qoc.report.page.html import Markup, el, join
from git_qoc.report.page.reading import Row, day, number, row, rows, string
from git_qoc.report.page.table import Cell, Column, numbers, pairs, table, words
from git_qoc.report.pieces import UNKNOWN
from git_qoc.report.tables import MONTHS
from git_qoc.report.values import Json

STEPS = 4
"""Shades of the heat map to each side."""


def months(document: Row) -> Iterable[Markup]:
    by_month = {string(r.get("month")): r.get("value") for r in rows(document.get("monthly_returns"))}
    by_year = {str(r.get("year")): r.get("value") for r in rows(document.get("yearly_returns"))}
    if not by_month:
        yield el("p", "No return yet.")
        return
    most = max(abs(number(value) or 0.0) for value in by_month.values())
    body = []
    for year, keys in groupby(sorted(by_month), key=lambda month: month[:4]):
        there = set(keys)
        cells = [f"{year}-{month:02}" for month in range(1, 13)]
        shades = [_heat(by_month[key], most) if key in there else Cell("") for key in cells]
        body.append([year, *shades, Cell(_bare(by_year.get(year)), style="year")])
    caption = "Returns by month and year, in percent; the stronger the tint, the greater the gain or loss."
    yield table(caption, [Column("Year"), *numbers(*MONTHS, "Year")], body, name="months")


def _heat(value: Json, most: float) -> Cell:
    found = number(value)
    if found is None:
        return Cell(UNKNOWN)
    step = min(STEPS, 1 + int(STEPS * abs(found) / most)) if most else 0
    return Cell(_bare(value), style=f"{'gain' if found >= 0 else 'loss'}-{step}" if step else None)


def _bare(value: Json) -> str:
    return f.signed_percent(value).removesuffix(" %")


def drawdowns(document: Row) -> Iterable[Markup]:
    found = rows(document.get("drawdowns"))
    if not found:
        yield el("p", "None." if document.get("n_returns") else "No return yet.")
        return
    last = day(document.get("end"))
    yield table(
        "The deepest drawdowns, from their peak until they were recovered.",
        [*words("Peak"), *numbers("Depth"), *words("Trough", "Recovery"), *numbers("Days")],
        [_drawdown(item, last) for item in found],
        name="drawdown-table",
    )
    yield el("p", "Choose a peak to mark its drawdown in the chart.", class_="keys", hidden=True)
    now, inside = row(document.get("current_drawdown")), row(document.get("intraday_drawdown"))
    if now:
        level, depth = f.plain_percent(now.get("level")), f.plain_percent(now.get("depth"))
        yield el("p", f"Current: {level} since {string(now.get('peak'))}, at worst {depth}.")
    if inside:
        peak, trough = f.minute(inside.get("peak")), f.minute(inside.get("trough"))
        depth = f.plain_percent(inside.get("depth"))
        yield el("p", f"Over every snapshot of the day: {depth}, {peak} to {trough}.")


def _drawdown(item: Row, last: date | None) -> list[str | Cell]:
    peak, end = day(item.get("peak")), day(item.get("recovery")) or last
    length = str((end - peak).days) if peak and end else ""
    recovery = string(item.get("recovery")) or "not recovered"
    depth = Cell(f.plain_percent(item.get("depth")), item.get("depth"))
    return [string(item.get("peak")), depth, string(item.get("trough")), recovery, length]


RISK = (
    ("Volatility, annual", "volatility", f.plain_percent),
    ("Sharpe ratio", "sharpe_ratio", f.ratio_text),
    ("Standard error of the Sharpe ratio", "sharpe_standard_error", f.ratio_text),
    ("Sortino ratio", "sortino_ratio", f.ratio_text),
    ("Calmar ratio", "calmar_ratio", f.ratio_text),
    ("Value at risk, 95 %, one day", "value_at_risk_95", f.plain_percent),
    ("Expected shortfall, 95 %, one day", "cvar_95", f.plain_percent),
    ("Ulcer index", "ulcer_index", f.plain_percent),
    ("Profit factor of days", "profit_factor", f.ratio_text),
    ("Winning snapshots, realised", "realized_win_rate", f.plain_percent),
)

AGAINST = (
    ("Beta", "beta", f.ratio_text),
    ("Alpha, annual", "alpha", f.signed_percent),
    ("Correlation", "correlation", f.ratio_text),
    ("Tracking error, annual", "tracking_error", f.plain_percent),
    ("Information ratio", "information_ratio", f.ratio_text),
    ("Capture of gains", "up_capture", f.plain_percent),
    ("Capture of losses", "down_capture", f.plain_percent),
)

BESIDE = (
    ("Total return", "total_return", f.signed_percent),
    ("CAGR", "cagr", f.signed_percent),
    ("Volatility, annual", "volatility", f.plain_percent),
    ("Sharpe ratio", "sharpe_ratio", f.ratio_text),
    ("Maximum drawdown", "max_drawdown", f.plain_percent),
)


def risk(document: Row) -> Iterable[Markup]:
    body: list[tuple[str, str]] = [
        (label, f.or_reason(form(document.get(key)), f.reason(document, key))) for label, key, form in RISK
    ]
    for label, key in (("Best day", "best_day"), ("Worst day", "worst_day")):
        extreme = row(document.get(key))
        if extreme:
            when = el("time", string(extreme.get("date")))
            body.append((label, join([f.signed_percent(extreme.get("value")), " on ", when])))
    yield pairs("Volatility and ratios are annual; a loss is below zero.", body, name="risk-table")


def benchmark(document: Row) -> Iterable[Markup]:
    found = row(document.get("benchmark"))
    if not found:
        yield el("p", f.or_reason(UNKNOWN, f.reason(document, "benchmark")))
        return
    symbol = string(found.get("symbol"))
    beside: list[list[str | Cell]] = [
        [label, _figure(document, key, form), _figure(found, key, form)] for label, key, form in BESIDE
    ]
    source = string(found.get("source"))
    span = f", {string(found.get('start'))} to {string(found.get('end'))}" if found.get("start") else ""
    told = f", {source}" if source else ""
    caption = (
        f"This desk over its whole period beside {symbol}{told}{span}; {found.get('n')} returns of both."
    )
    yield table(caption, [Column("Figure"), *numbers("Desk", symbol)], beside, name="benchmark-table")
    against = [(label, _figure(found, key, form)) for label, key, form in AGAINST]
    yield pairs(f"This desk measured against {symbol}.", against, name="against-table")


def _figure(of: Row, key: str, form: f.Form) -> Markup:
    return f.or_reason(form(of.get(key)), f.reason(of, key))
