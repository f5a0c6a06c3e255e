"""The document → one HTML file that needs nothing else: no network, and for its tables no script."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from git_qoc.report.page import analysis, charts, provenance, trading
from git_qoc.report.page.assets import REPORT_STYLES, embedded, report_scripts
from git_qoc.report.page.headline import head, headline, period, scope, title
from git_qoc.report.page.html import Markup, el, join
from git_qoc.report.page.reading import Row
from git_qoc.report.page.series import chart_data
from git_qoc.report.page.shell import whole
from git_qoc.report.page.summary import SUMMARY_ID, summary

DATA_ID = "qoc-data"

Section = tuple[str, str, Callable[[Row], Iterable[Markup]]]

SECTIONS: tuple[Section, ...] = (
    ("equity", "Equity", charts.equity),
    ("drawdowns", "Drawdowns", analysis.drawdowns),
    ("returns", "Months and years", analysis.months),
    ("risk", "Risk", analysis.risk),
    ("benchmark", "Benchmark", analysis.benchmark),
    ("rolling", "Rolling", charts.rolling),
    ("contribution", "Profit and loss", trading.contribution),
    ("exposure", "Exposure", trading.exposure),
    ("trades", "Trades", trading.trades),
    ("flows", "Flows", trading.flows),
    ("data-quality", "Data quality", provenance.data_quality),
    ("how-computed", "How computed", provenance.how_computed),
)


def page(document: Row) -> str:
    """The whole file; the same document gives the same text."""
    scripts, data = report_scripts(), chart_data(document)
    body = [
        el("a", "Skip to the report", href="#report", class_="skip"),
        el("div", head(document), _contents(), _main(document), _foot(), class_="sheet"),
    ]
    if data is not None:
        body.append(embedded(DATA_ID, data))
        body += [el("script", Markup(script)) for script in scripts]
    name = f"{title(document)}: {scope(document)}, {period(document)}"
    return whole(name, REPORT_STYLES, body, scripts=scripts, early=[embedded(SUMMARY_ID, summary(document))])


def _contents() -> Markup:
    links = (el("li", el("a", words, href=f"#{name}")) for name, words, _ in SECTIONS)
    return el("nav", el("ul", *links), aria_label="Sections")


def _main(document: Row) -> Markup:
    parts = [headline(document)]
    for name, words, made in SECTIONS:
        heading = el("h2", words, id=f"{name}-title")
        parts.append(el("section", heading, *made(document), id=name, aria_labelledby=f"{name}-title"))
    return el("main", join(parts, "\n"), id="report", tabindex="-1")


def _foot() -> Markup:
    made = "Made by git-qoc from the snapshots that the desk’s repository records."
    return el("footer", el("p", made, " The same history gives the same page."))
