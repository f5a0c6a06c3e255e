"""What an index says of a report, and the report's file name: both made from the document."""

from __future__ import annotations

import hashlib
import re

from git_qoc.report.document import Json
from git_qoc.report.page.reading import Row, row, rows, string, strings
from git_qoc.report.page.series import by_day
from git_qoc.report.page.svg import runs, thinned

SUMMARY_ID = "qoc-summary"
FORMAT = 1
FIGURES = ("n_points", "total_return", "sharpe_ratio", "max_drawdown", "pnl_usd")
SPARK_POINTS = 48
LONGEST_TEXT, LONGEST_PART = 200, 40

_UNSAFE = re.compile(r"[^A-Za-z0-9_]+|-{2,}")


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


def file_name(document: Row) -> str:
    """`retrospective.html` for the whole; with a scope or a window, a name that tells them."""
    told, of = summary(document), row(document.get("scope"))
    parts = [_slug(string(of.get("connector")))]
    if told["symbol"]:
        parts += ["symbol", _slug(string(of.get("symbol")))]
    if told["window"]:
        chosen = _choices(document)
        parts += [
            string(told[end]) or chosen.get(by, "") for end, by in (("start", "since"), ("end", "until"))
        ]
    if told["live_only"]:
        parts.append("live")
    named = [part for part in parts if part]
    if named:
        named.insert(0, _slug(string(document.get("name"))))
    return "-".join(part for part in ("retrospective", *named) if part) + ".html"


def _slug(name: str) -> str:
    """Safe in a path and an address; what had to be changed is told apart by its hash."""
    safe = _UNSAFE.sub("-", name).strip("-")[:LONGEST_PART]
    if safe == name:
        return safe
    return f"{safe or 'x'}-{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:8]}"


def _choices(document: Row) -> dict[str, str]:
    return {string(c.get("name")): string(c.get("value")) for c in rows(document.get("choices"))}


def _spark(document: Row) -> list[Json]:
    equity = by_day(document.get("equity"))
    line = [point for run in runs(equity, "wealth") for point in run] if equity else []
    return [value for _, value in thinned(line, max(1, 2 * len(line) // SPARK_POINTS))] if line else []
