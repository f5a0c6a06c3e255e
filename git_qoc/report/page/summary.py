"""What an index says of a report, made from the document."""

from __future__ import annotations

from git_qoc.report.page.reading import Row, row, rows, string, strings
from git_qoc.report.page.series import by_day
from git_qoc.report.page.svg import runs, thinned
from git_qoc.report.values import Json

SUMMARY_ID = "qoc-summary"
FORMAT = 1
FIGURES = ("n_points", "total_return", "sharpe_ratio", "max_drawdown", "pnl_usd")
SPARK_POINTS = 48
LONGEST_TEXT = 200


def summary(document: Row) -> dict[str, Json]:
    of, chosen = row(document.get("scope")), _choices(document)
    return {
        "format": FORMAT,
        "name": string(document.get("name"))[:LONGEST_TEXT],
        "connector": string(of.get("connector"))[:LONGEST_TEXT],
        "symbol": string(of.get("symbol"))[:LONGEST_TEXT],
        "window": any(chosen.get(key, "none") != "none" for key in ("since", "until")),
        "live_only": chosen.get("live_only") == "true",
        "start": string(document.get("start")),
        "end": string(document.get("end")),
        "warnings": len(strings(document.get("warnings"))),
        **{key: document.get(key) for key in FIGURES},
        "spark": _spark(document),
    }


def _choices(document: Row) -> dict[str, str]:
    return {string(c.get("name")): string(c.get("value")) for c in rows(document.get("choices"))}


def _spark(document: Row) -> list[Json]:
    equity = by_day(document.get("equity"))
    line = [point for run in runs(equity, "wealth") for point in run] if equity else []
    return [value for _, value in thinned(line, max(1, 2 * len(line) // SPARK_POINTS))] if line else []
