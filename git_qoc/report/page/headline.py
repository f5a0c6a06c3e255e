"""The top of the page: whose report it is, the headline figures, and beside them what must be known first."""

from __future__ import annotations

from collections.abc import Iterable

from git_qoc.report.page import figures as f
from git_qoc.report.page.html import Markup, el, join
from git_qoc.report.page.reading import Row, day, number, row, string, strings

WHOLE = "Whole desk"


def title(document: Row) -> str:
    return string(document.get("name")) or "Trading desk"


def scope(document: Row) -> str:
    """`connector equities`, `symbol KO`, both, or the whole desk."""
    of = row(document.get("scope"))
    parts = [f"{key} {string(of.get(key))}" for key in ("connector", "symbol") if string(of.get(key))]
    return ", ".join(parts) or WHOLE


def period(document: Row) -> str:
    start, end = day(document.get("start")), day(document.get("end"))
    if start is None or end is None:
        return "no complete snapshot"
    return f"{start.day} {start:%B %Y} – {end.day} {end:%B %Y}"


def head(document: Row) -> Markup:
    facts = (
        f"{document.get(key)} {word}"
        for key, word in (("n_points", "daily points"), ("n_returns", "returns"))
    )
    return el(
        "header",
        el("p", "Retrospective", class_="eyebrow"),
        el("h1", title(document)),
        el("p", join([scope(document), period(document), *facts, "USD"], " · "), class_="facts"),
    )


def headline(document: Row) -> Markup:
    found = [_lead(document)]
    warnings = strings(document.get("warnings"))
    if warnings:
        items = (el("li", f"{_capital(warning)}.") for warning in warnings)
        body = el("h2", "Before you read on", id="warnings-title"), el("ul", *items)
        found.append(el("aside", *body, class_="warnings", aria_labelledby="warnings-title"))
    found.append(el("dl", *_items(document), class_="figures"))
    return el("section", *found, class_="top", aria_label="Headline", id="headline")


def _lead(document: Row) -> Markup:
    value = document.get("total_return")
    shown = f.or_reason(f.signed_percent(value), f.reason(document, "total_return"))
    parts = [
        el("p", "Total return, time-weighted", class_="label"),
        el("p", shown, class_=" ".join(["lead", f.sign_class(f.signed_percent(value)) or ""]).strip()),
    ]
    before = _before(document, "total_return")
    if before:
        parts.append(el("p", before, class_="note"))
    return el("div", *parts, class_="first")


def _items(document: Row) -> Iterable[Markup]:
    yield _item(document, "CAGR", "cagr", f.signed_percent)
    n, error = document.get("n_dispersion"), f.ratio_text(document.get("sharpe_standard_error"))
    yield _item(document, "Sharpe ratio", "sharpe_ratio", f.ratio_text, f"± {error}, n = {n}")
    yield _item(document, "Maximum drawdown", "max_drawdown", f.plain_percent, _drawdown(document))
    periods = f.ratio_text(document.get("periods_per_year")).removesuffix(".00")
    yield _item(document, "Volatility", "volatility", f.plain_percent, f"a year of {periods} periods")
    yield _item(document, "Profit and loss", "pnl_usd", f.signed_money, _split(document))
    yield _item(document, "Net asset value", "nav_end_usd", f.money, _from(document))
    days = f"{document.get('days_up')} up, {document.get('days_down')} down, {document.get('days_flat')} flat"
    yield _item(document, "Winning days", "win_rate", f.plain_percent, days)
    yield _item(document, "Money-weighted return", "money_weighted_return", f.signed_percent, "XIRR, a year")


def _item(document: Row, label: str, key: str, form: f.Form, note: str = "") -> Markup:
    value = document.get(key)
    shown = form(value)
    why = f.reason(document, key)
    notes = [el("dd", part, class_="note") for part in (note, _before(document, key)) if part]
    if value is None:
        notes = [el("dd", why, class_="reason")] if why else []
    return el("div", el("dt", label), el("dd", shown, class_="value"), *notes)


def _drawdown(document: Row) -> str:
    peak, trough = (string(document.get(f"max_drawdown_{key}")) for key in ("peak", "trough"))
    if not peak:
        return "never below a former peak"
    back = string(document.get("max_drawdown_recovery"))
    return f"{peak} to {trough}, {f'recovered {back}' if back else 'not recovered'}"


def _split(document: Row) -> str:
    keys = (
        ("realised", "realized_pnl_usd"),
        ("unrealised", "unrealized_change_usd"),
        ("other", "other_pnl_usd"),
    )
    known = [(word, document.get(key)) for word, key in keys if document.get(key) is not None]
    return ", ".join(f"{word} {f.bare_signed_money(value)}" for word, value in known)


def _from(document: Row) -> str:
    start, flows = document.get("nav_start_usd"), document.get("net_flow_usd")
    return f"from {f.bare_money(start)}, net flows {f.bare_signed_money(flows)}"


COMPARED = {
    **dict.fromkeys(("total_return", "cagr", "money_weighted_return"), f.signed_percent),
    **dict.fromkeys(("max_drawdown", "volatility", "win_rate"), f.plain_percent),
    "sharpe_ratio": f.ratio_text,
    "pnl_usd": f.signed_money,
}


def _before(document: Row, key: str) -> str:
    """The same figure of the period compared with."""
    compare = row(document.get("compare"))
    value = row(compare.get("figures")).get(key)
    if key not in COMPARED or number(value) is None:
        return ""
    return f"{string(compare.get('label')) or 'before'}: {COMPARED[key](value)}"


def _capital(warning: str) -> str:
    return warning[:1].upper() + warning[1:].rstrip(".")
