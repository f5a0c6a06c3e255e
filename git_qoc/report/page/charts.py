"""The places of the charts: what stands there without a script, what is said of them, and their controls."""

from __future__ import annotations

from collections.abc import Iterable

from git_qoc.report.page import figures as f
from git_qoc.report.page.html import Markup, el
from git_qoc.report.page.reading import Row, number, row, rows, string
from git_qoc.report.page.series import by_day
from git_qoc.report.page.svg import picture
from git_qoc.report.pieces import UNKNOWN

PERIODS = (
    *(("1M", "one month"), ("3M", "three months"), ("6M", "six months")),
    *(("YTD", "year to date"), ("1Y", "one year"), ("All", "the whole period")),
)
KEYS = (
    "Drag to zoom, double-click to reset. With the keyboard: arrow keys move by a day, page keys by a month, "
    "Home and End to either end, + and − zoom, Escape resets."
)


def equity(document: Row) -> Iterable[Markup]:
    """Equity, and the drawdown under water below it."""
    said = summary(document)
    static = picture(document, said)
    if static is None:
        yield el("p", said if "equity" in document else f.or_reason(UNKNOWN, f.NOT_COMPUTED))
        return
    yield el("div", _periods(), _buttons(), class_="controls", hidden=True)
    yield el("p", class_="readout", id="readout", aria_live="polite", hidden=True)
    yield static
    yield panel("equity", "Growth of 1", "Growth of 1, flows taken out")
    yield panel("underwater", "Drawdown", "Drawdown from the highest point before")
    yield el("p", *_legend(document), class_="legend", hidden=True)
    yield el("p", said, class_="summary", id="equity-summary")
    yield from _parts(document)
    yield el("p", KEYS, class_="keys", id="chart-keys", hidden=True)


def summary(document: Row) -> str:
    """The chart in words."""
    points = by_day(document.get("equity"))
    wealth = {moment: value for moment, p in points.items() if (value := number(p.get("wealth"))) is not None}
    if len(wealth) < 2:
        return "There are not two daily points yet, so there is no line to draw."
    first, last = min(wealth), max(wealth)
    least, most = min(wealth, key=lambda d: wealth[d]), max(wealth, key=lambda d: wealth[d])
    deepest = f.plain_percent(document.get("max_drawdown"))
    return (
        f"From {first} to {last} one unit of capital became {wealth[last]:.4f}: "
        f"at most {wealth[most]:.4f} on {most}, at least {wealth[least]:.4f} on {least}; "
        f"the deepest drawdown was {deepest}."
    )


def _parts(document: Row) -> Iterable[Markup]:
    """The returns between breaks of the chain, when there are some."""
    parts = rows(document.get("segments"))
    if len(parts) > 1:
        lines = (
            f"unbroken {string(part.get('start'))} to {string(part.get('end'))}: "
            f"{f.signed_percent(part.get('total_return'))}"
            for part in parts
        )
        yield el("ul", *(el("li", line) for line in lines), class_="parts")


def panel(name: str, title: str, label: str) -> Markup:
    """An empty place for a chart, which a script fills and shows."""
    caption = el("figcaption", el("span", title), " ", el("span", class_="at"))
    described = "equity-summary chart-keys" if name in ("equity", "underwater") else "chart-keys"
    chart = el(
        "div",
        class_="chart",
        tabindex="0",
        role="application",
        aria_roledescription="chart",
        aria_label=label,
        aria_describedby=described,
    )
    return el("figure", caption, chart, class_="panel", data_panel=name, hidden=True)


def rolling(document: Row) -> Iterable[Markup]:
    found = row(document.get("rolling"))
    if not rows(found.get("points")):
        yield el("p", f.or_reason(UNKNOWN, f.reason(document, "rolling")))
        return
    window = found.get("window")
    last = rows(found.get("points"))[-1]
    yield el(
        "p",
        f"Over the last {window} returns, to {string(last.get('date'))}: Sharpe ratio ",
        f"{f.ratio_text(last.get('sharpe_ratio'))}, volatility {f.plain_percent(last.get('volatility'))}.",
    )
    yield panel("sharpe", "Sharpe ratio", f"Sharpe ratio over {window} returns")
    yield panel("volatility", "Volatility, annual", f"Volatility over {window} returns, annual")


def _periods() -> Markup:
    buttons = (
        el("button", key, type="button", data_period=key, aria_pressed="false", aria_label=f"{key}, {words}")
        for key, words in PERIODS
    )
    return el("div", *buttons, class_="periods", role="group", aria_label="Period shown")


def _buttons() -> Markup:
    return el(
        "div",
        el("button", "Log scale", type="button", id="log", aria_pressed="false"),
        el("button", "Reset", type="button", id="reset"),
        role="group",
        aria_label="Chart",
    )


def _legend(document: Row) -> Iterable[Markup]:
    points = rows(document.get("equity"))
    symbol = string(row(document.get("benchmark")).get("symbol"))
    there: tuple[tuple[object, str, str, str], ...] = (
        (True, "line", "━", "this desk"),
        (symbol, "benchmark", "╌", symbol),
        (any(p.get("gap") for p in points), "line", "━ ━", "broken line: a gap"),
        (len({p.get("segment") for p in points}) > 1, "", "┊", "the chain of returns breaks"),
        (
            any(p.get("carried") for p in points),
            "line",
            "○",
            "partial day, completed with last known figures",
        ),
        (rows(document.get("partial_points")), "line", "◇", "partial day, no valuation"),
        (rows(document.get("flows")), "flow", "▲ ▼", "money in, money out"),
    )
    for present, style, sign, meaning in there:
        if present:
            yield legend_key(style, sign, meaning)


def legend_key(style: str, sign: str, meaning: str) -> Markup:
    return el("span", el("span", sign, class_=f"key {style}".strip(), aria_hidden="true"), " ", meaning, " ")
