"""A retrospective → the markdown report. The only place, with `pieces`, that rounds.

No wall-clock time: the same history gives the same bytes. The sections stand in the order
of the definitions; `tables` has the long ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from git_qoc.report import parts, tables
from git_qoc.report.benchmark_table import benchmark_table
from git_qoc.report.charts.reading import Document
from git_qoc.report.document import document
from git_qoc.report.illustrations import NO_PICTURES, hint, illustration
from git_qoc.report.names import period, stem, title
from git_qoc.report.notes import notes_block
from git_qoc.report.pieces import UNKNOWN, or_reason, percent, plain_text, ratio, table, usd
from git_qoc.report.trades_table import trade_lines
from git_qoc.retrospective.metrics import Tally, Undefined
from git_qoc.retrospective.result import Amount, Retrospective


def to_markdown(
    retro: Retrospective,
    notes: str | None = None,
    drawn: Mapping[str, bytes] = NO_PICTURES,
    shown: Document | None = None,
) -> str:
    """The whole report, ending in a newline; `notes` are a former report's (`extract_notes`).

    `drawn` are the pictures that are written beside it (`pictures`); only those are named. `shown`
    is its document, where that is at hand.
    """
    chart = partial(_with_chart, shown or document(retro), drawn, stem(retro.choices))
    sections = [
        ("Headline", _headline(retro)),
        ("Equity", chart("equity", hint(drawn) if retro.returns else ["No return yet."])),
        ("Months", chart("months", tables.months(retro))),
        ("Drawdowns", tables.drawdown_table(retro)),
        ("Contribution", chart("contribution", parts.contribution(retro))),
        ("Risk", _risk(retro)),
        ("Benchmark", benchmark_table(retro)),
        ("Rolling", chart("rolling", parts.rolling(retro))),
        ("Exposure", chart("exposure", parts.exposure(retro))),
        ("Trades", trade_lines(retro.trades, retro.choices.zone)),
        ("Flows", tables.flow_table(retro)),
        ("Data quality", tables.data_quality(retro)),
        ("How computed", tables.how_computed(retro)),
        ("Notes", notes_block(notes)),
    ]
    lines = [f"# {plain_text(title(retro))}"]
    for head, body in sections:
        lines += ["", f"## {head}", "", *body]
    return "\n".join(lines) + "\n"


def _with_chart(
    shown: Document, drawn: Mapping[str, bytes], stem: str, chart: str, body: Iterable[str]
) -> list[str]:
    """The chart, when there is one, and below it the body, when there is one."""
    lines, below = illustration(shown, chart, drawn, stem), list(body)
    return [*lines, *([""] if lines and below else []), *below]


def to_summary(retro: Retrospective) -> str:
    """The headline alone, for a terminal."""
    return "\n".join([title(retro), "", *_headline(retro)])


def _headline(retro: Retrospective) -> Iterable[str]:
    rows = _headline_rows(retro)
    if retro.previous is None:
        yield from table(("Figure", "Value"), rows, "ll")
    else:
        before = _headline_rows(retro.previous)
        both = [(label, value, old) for (label, value), (_, old) in zip(rows, before, strict=True)]
        yield from table(("Figure", "Value", f"Before: {period(retro.previous)}"), both, "lll")
    for warning in retro.warnings:
        yield ""
        yield f"**Warning:** {plain_text(warning)}."
    for warning in retro.previous.warnings if retro.previous else ():
        yield ""
        yield f"**Warning, of the period before:** {plain_text(warning)}."
    if len(retro.segments) > 1:
        yield ""
        for part in retro.segments:
            yield f"- unbroken {part.start} to {part.end}: {percent(part.total_return)}"


def _headline_rows(retro: Retrospective) -> list[tuple[str, str]]:
    figures, pnl = retro.figures, retro.pnl
    return [
        ("Total return (TWR)", or_reason(percent(figures["total_return"]), figures["total_return"])),
        ("CAGR", or_reason(percent(figures["cagr"]), figures["cagr"])),
        ("Sharpe ratio", _sharpe(retro)),
        ("Max drawdown", _max_drawdown(retro)),
        ("Win rate, days", _win_rate(retro.tally, ("up", "down", "flat"))),
        ("Win rate, realised", _win_rate(retro.realized, ("gains", "losses", "without"))),
        ("P&L", _amount(pnl.pnl_usd)),
        ("— realised", _amount(pnl.realized_pnl_usd)),
        ("— unrealised change", _amount(pnl.unrealized_change_usd)),
        ("— other", _amount(pnl.other_pnl_usd)),
        ("Net flows", _amount(pnl.net_flow_usd)),
        ("NAV", f"{usd(pnl.nav_start_usd)} → {usd(pnl.nav_end_usd)}"),
    ]


def _amount(value: Amount) -> str:
    return or_reason(usd(value, signed=True), value)


def _sharpe(retro: Retrospective) -> str:
    value, error = retro.figures["sharpe_ratio"], retro.figures["sharpe_standard_error"]
    if isinstance(value, Undefined):
        return or_reason(UNKNOWN, value)
    n = sum(entry.in_sample for entry in retro.days)
    return f"{ratio(value)} ± {ratio(error)} (n = {n})"


def _max_drawdown(retro: Retrospective) -> str:
    depth, deepest = retro.figures["max_drawdown"], retro.maximum
    if isinstance(depth, Undefined):
        return or_reason(UNKNOWN, depth)
    if deepest is None:
        return f"{percent(depth)} (never below a former peak)"
    back = f"recovered {deepest.recovery}" if deepest.recovery else "not recovered"
    return f"{percent(depth)} ({deepest.peak} to {deepest.trough}, {back})"


def _win_rate(tally: Tally, words: tuple[str, str, str]) -> str:
    up, down, flat = words
    counts = f"{tally.up} {up} / {tally.down} {down} / {tally.flat} {flat}"
    return f"{percent(tally.rate, signed=False)} ({counts})"


def _risk(retro: Retrospective) -> Iterable[str]:
    figures = retro.figures
    labels = (
        ("Volatility, annual", "volatility", percent),
        ("Sortino ratio", "sortino_ratio", ratio),
        ("Calmar ratio", "calmar_ratio", ratio),
        ("Value at risk, 95 %, one day", "value_at_risk_95", percent),
        ("Expected shortfall, 95 %, one day", "cvar_95", percent),
        ("Ulcer index", "ulcer_index", percent),
        ("Profit factor of days", "profit_factor", ratio),
        ("Money-weighted return (XIRR, a year)", "money_weighted_return", percent),
    )
    rows = []
    for label, key, shown in labels:
        value = figures[key]
        text = shown(value) if shown is ratio or key == "money_weighted_return" else _unsigned(shown(value))
        rows.append((label, or_reason(text, value)))
    rows += tables.extremes(retro)
    yield from table(("Figure", "Value"), rows, "ll")


def _unsigned(text: str) -> str:
    return text.removeprefix("+")
