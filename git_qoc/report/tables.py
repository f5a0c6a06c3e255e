"""The long sections of the markdown report: one function each, lines out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from git_qoc.report.pieces import percent, plain_text, ratio, table, usd
from git_qoc.retrospective.calendar import monthly_returns, yearly_returns
from git_qoc.retrospective.days import Day, gap_limit
from git_qoc.retrospective.findings import Kind
from git_qoc.retrospective.metrics import longest_streak
from git_qoc.retrospective.result import Retrospective

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LISTED = 20

MEANINGS = {
    Kind.UNPARSABLE: "files that cannot be read, skipped",
    Kind.DUPLICATE: "files with the timestamp of another, skipped",
    Kind.RESTATED: "snapshots edited after their first commit",
    Kind.BACKFILLED: "backfilled snapshots, included",
    Kind.PARTIAL: "partial snapshots, not used as valuations",
    Kind.CARRIED: "partial snapshots completed with last known figures",
    Kind.CONNECTORS_UNRECORDED: "snapshots that do not record their connectors",
    Kind.GAP: "gaps: the return across stays in the total, not in the dispersion",
    Kind.CHAIN_BREAK: "periods without a defined return",
    Kind.NAV_NOT_POSITIVE: "snapshots with NAV at or below zero",
    Kind.ESTIMATED: "estimated returns: large flows with no valuation at the time",
    Kind.FLOW_REPEATED: "flow rows recorded twice, counted once",
    Kind.FLOW_MISMATCH: "snapshots whose flow rows and net_flow_usd differ",
    Kind.FLOWS_UNRECORDED: "periods in which a flow would have gone unseen",
    Kind.UNEXPLAINED: "periods whose P&L is neither realised nor unrealised: a flow nobody recorded?",
    Kind.STALE_MARKS: "snapshots with marks older than 4 days",
    Kind.UNRECONCILED: "snapshots in which a venue's equity is not the sum of its parts",
    Kind.PERIODS_OVERLAP: "snapshots that tell a time which another one tells too",
    Kind.LEFT_OUT: "backfilled snapshots left out",
}


def months(retro: Retrospective) -> Iterable[str]:
    by_month, by_year = monthly_returns(retro.days), yearly_returns(retro.days)
    if not by_year:
        return ["No return yet."]
    rows = []
    for year in sorted(by_year):
        cells = [by_month.get((year, month)) for month in range(1, 13)]
        texts = ["" if cell is None else percent(cell).removesuffix(" %") for cell in cells]
        rows.append((str(year), *texts, percent(by_year[year]).removesuffix(" %")))
    return [*table(("%", *MONTHS, "Year"), rows, "l" + "r" * 13)]


def drawdown_table(retro: Retrospective) -> Iterable[str]:
    if not retro.drawdowns:
        yield "None." if retro.returns else "No return yet."
    else:
        rows = [
            (
                percent(d.depth),
                str(d.peak),
                str(d.trough),
                str(d.recovery or "not recovered"),
                str((d.last - d.peak).days),
            )
            for d in retro.deepest
        ]
        yield from table(("Depth", "Peak", "Trough", "Recovery", "Days"), rows, "rlllr")
    now = retro.current
    if now is not None:
        yield ""
        yield f"Current: {percent(now.level)} since {now.peak}, at worst {percent(now.depth)}."
    if retro.intraday is not None:
        deepest = retro.intraday
        yield ""
        yield (
            f"Over every snapshot of the day: {percent(deepest.depth)}, "
            f"{_local(retro, deepest.peak)} to {_local(retro, deepest.trough)}."
        )


def extremes(retro: Retrospective) -> list[tuple[str, str]]:
    """Best and worst day and the streaks, as rows."""
    best, worst = retro.best, retro.worst
    if best is None or worst is None:
        return []
    limit = gap_limit(retro.days)
    values = [entry.value or 0.0 for entry in retro.returns]
    return [
        ("Best day", _extreme(best, limit)),
        ("Worst day", _extreme(worst, limit)),
        ("Longest streak", f"{longest_streak(values, 1)} days up, {longest_streak(values, -1)} days down"),
    ]


def _extreme(entry: Day, limit: float) -> str:
    over = f", over a gap of {entry.spacing} days" if entry.spacing > limit else ""
    return f"{percent(entry.value or 0.0)} ({entry.day}{over})"


def flow_table(retro: Retrospective) -> Iterable[str]:
    if not retro.flows:
        return ["None recorded, none implied." if retro.n_complete > 1 else "No period yet."]
    rows = [
        (
            _local(retro, flow.time),
            plain_text(flow.connector or "not known"),
            plain_text(flow.kind.replace("_", " ")) + (" (implied)" if flow.implied else ""),
            usd(flow.amount_usd, signed=True),
        )
        for flow in retro.flows
    ]
    return table(("Time", "Connector", "Kind", "Amount"), rows, "lllr")


def data_quality(retro: Retrospective) -> Iterable[str]:
    yield (
        f"{retro.n_snapshots} snapshots, {retro.n_complete} linked, on {retro.n_points} days; "
        f"{len(retro.returns)} returns."
    )
    counts = Counter(finding.kind for finding in retro.findings)
    if not counts:
        yield ""
        yield "Nothing to remark."
        return
    yield ""
    yield from (f"- {counts[kind]} {meaning}" for kind, meaning in MEANINGS.items() if counts[kind])
    for kind in MEANINGS:
        found = [f for f in retro.findings if f.kind is kind and kind is not Kind.BACKFILLED]
        if not found:
            continue
        yield ""
        yield f"### {plain_text(kind.value.replace('_', ' ').capitalize())}"
        yield ""
        for finding in found[:LISTED]:
            where = plain_text(finding.path) + ": " if finding.path else ""
            yield f"- {where}{plain_text(finding.detail)}"
        if len(found) > LISTED:
            yield f"- … and {len(found) - LISTED} more (all of them in the JSON)"


def how_computed(retro: Retrospective) -> Iterable[str]:
    rows: Sequence[tuple[str, str, str]] = [
        (name.replace("_", " "), plain_text(value), plain_text(origin))
        for name, value, origin in retro.choices.listed()
    ]
    yield from table(("Choice", "Value", "From"), rows, "lll")
    yield ""
    yield f"Periods per year: {ratio(retro.periods_per_year)} ({retro.periods_basis})."
    yield ""
    yield from METHOD


METHOD = (
    "- A day is a date in the zone above; its point is its last complete snapshot.",
    "- Return: (V1 − V0 − ΣF) / (V0 + Σ w·F), linked at every complete snapshot; the first is the capital.",
    "- Recorded flow rows win over totals, totals over what ΔNAV − realized − Δunrealized implies.",
    "- Total return, months, years and drawdowns come from linked returns, never from NAV.",
    "- Sharpe: mean / standard deviation (ddof 1) of returns above risk-free, × √periods; ± as in Lo (2002).",
    "- Sortino: minimum acceptable return 0, over all observations. Calmar: CAGR / |max drawdown|.",
    "- CAGR from 365 days on. Value at risk and shortfall are historical, from 100 returns on.",
    "- A return across a gap counts as one day in the win rate and leaves volatility and the ratios.",
    "- Contribution: what a symbol realised and the change of its open P&L; of a connector ΔNAV less flows.",
    "- Closed trades: from flat to flat by fills alone; P&L is net of the fees that were told.",
    "- Rolling figures are of the last 126 returns of that sample, never over a break of the chain.",
    "- Exposure counts futures at their notional and options at their premium.",
    "- Undefined figures are n/a; nothing is filled or interpolated.",
)


def _local(retro: Retrospective, moment: datetime) -> str:
    return moment.astimezone(retro.choices.zone).strftime("%Y-%m-%d %H:%M %Z")
