"""The list of all reports in a folder, as one HTML file without a script."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from git_qoc.report.page import figures as f
from git_qoc.report.page.assets import INDEX_STYLES
from git_qoc.report.page.found import Entry
from git_qoc.report.page.headline import WHOLE
from git_qoc.report.page.html import Markup, el
from git_qoc.report.page.reading import Row, number, string
from git_qoc.report.page.shell import whole
from git_qoc.report.page.svg import spark
from git_qoc.report.page.table import Cell, Column, numbers, table, words

TITLE = "Retrospectives"


def index(entries: Iterable[Entry]) -> str:
    """One row a report, the whole desk's first; the same reports give the same text."""
    ordered = sorted(entries, key=_order)
    head = el("header", el("p", "git-qoc", class_="eyebrow"), el("h1", TITLE))
    body = _table(ordered) if ordered else el("p", "There is no report here yet.")
    main = el("main", body, id="report")
    return whole(TITLE, INDEX_STYLES, [el("div", head, main, class_="sheet")])


def _order(entry: Entry) -> tuple[object, ...]:
    told = entry.summary
    keys = ("name", "connector", "symbol", "start", "end")
    return (
        string(told["name"]),
        bool(told["connector"] or told["symbol"]),
        told["window"],
        *(string(told[k]) for k in keys),
        entry.file,
    )


def _table(entries: list[Entry]) -> Markup:
    columns = [Column("Report"), *words("Period", "Growth")]
    columns += numbers("Total return", "Sharpe ratio", "Max drawdown", "P&L, USD", "Warnings")
    return table("Every report in this folder.", columns, [_row(entry) for entry in entries], name="reports")


def _row(entry: Entry) -> list[str | Cell]:
    told = entry.summary
    spark_of = told["spark"] if isinstance(told["spark"], list) else []
    line = [value for item in spark_of if (value := number(item)) is not None]
    gained = f.signed_percent(told["total_return"])
    return [
        el("a", _name(told), href=quote(entry.file)),
        " – ".join(filter(None, (string(told["start"]), string(told["end"])))),
        spark(line) if len(line) > 1 else "",
        Cell(gained, style=f.sign_class(gained)),
        f.ratio_text(told["sharpe_ratio"]),
        f.plain_percent(told["max_drawdown"]),
        f.bare_signed_money(told["pnl_usd"]),
        str(told["warnings"] or "none"),
    ]


def _name(told: Row) -> str:
    scope = [part for key in ("connector", "symbol") if (part := string(told[key]))] or [WHOLE]
    if told["window"] and told["start"]:
        scope.append(f"from {string(told['start'])}")
    live = " (live only)" if told["live_only"] else ""
    return ", ".join(part for part in (string(told["name"]), *scope) if part) + live
