"""The contribution chart: what each symbol and each connector made or lost, as bars that sum to the P&L."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from git_qoc.report.charts import style
from git_qoc.report.charts.reading import Document, Row, Spec, amount, rows, shown_name, text
from git_qoc.report.parts import REST, UNATTRIBUTED
from git_qoc.report.values import Json

SHOWN = 15
ROW = 20
CENT = Decimal("0.01")  # the least that is shown; what has no name is often a rest of rounding
NAMES, BARS, WHOLE = 190, 610, style.WIDTH + 84


class Share(NamedTuple):
    """`named` is False for what is not one symbol or connector: the rest and the unattributed."""

    name: str
    pnl_usd: Decimal
    named: bool


def contribution(document: Document) -> Spec | None:
    found = rows(document, "contribution")
    if not any(amount(row, "pnl_usd") for row in found):
        return None
    by_symbol, by_connector = shares(found, "symbol"), shares(found, "connector")
    total = sum((amount(row, "pnl_usd") for row in found), Decimal(0))
    scale = _scale([*by_symbol, *by_connector])
    panels = [_panel("By symbol", by_symbol, scale)] if any(share.named for share in by_symbol) else []
    panels.append(_panel("By connector", by_connector, scale))
    said = "; ".join(f"{share.name} {money(share.pnl_usd)}" for share in [*by_symbol, *by_connector])
    title = f"Contribution to {money(total)} USD of P&L"
    return style.whole(document, title, f"In USD: {said}.", panels, "USD; each panel sums to the P&L")


def shares(found: Sequence[Row], key: str) -> list[Share]:
    """By `symbol` or `connector`, the best first; small ones beyond fifteen in one, what has no name last."""
    named: dict[str, Decimal] = {}
    nameless: dict[str, Decimal] = {}
    for row in found:
        name = text(row, key)
        other = UNATTRIBUTED if not text(row, "connector") else REST
        into, under = (named, name) if name else (nameless, other)
        into[under] = into.get(under, Decimal(0)) + amount(row, "pnl_usd")
    order = sorted(named.items(), key=lambda item: (-abs(item[1]), item[0]))
    kept, rest = (order, []) if len(order) <= SHOWN + 1 else (order[:SHOWN], order[SHOWN:])
    best = sorted(kept, key=lambda item: (-item[1], item[0]))
    shown = [Share(shown_name(name), pnl, True) for name, pnl in best]
    if rest:
        shown.append(Share(f"{len(rest)} others", sum((pnl for _, pnl in rest), Decimal(0)), False))
    told = [name for name in (REST, UNATTRIBUTED) if abs(nameless.get(name, Decimal(0))) >= CENT / 2]
    return shown + [Share(name, nameless[name], False) for name in told]


def money(value: Decimal, decimals: int = 2) -> str:
    """Signed, with the minus sign that the axes have."""
    shown = f"{value:+.4E}" if abs(value) >= Decimal(10) ** 15 else f"{value:+,.{decimals}f}"
    return style.minus(shown if shown.strip("+-0.,") else shown.lstrip("+-"))


def decimals(shown: Sequence[Share]) -> int:
    """Whole dollars from 10,000 on, for a whole column, which stays narrow then."""
    return 0 if any(abs(share.pnl_usd) >= 10_000 for share in shown) else 2


def _panel(title: str, shown: Sequence[Share], scale: Spec) -> Spec:
    places = decimals(shown)
    values: list[Spec] = [
        {
            "row": i,
            "value": float(share.pnl_usd),
            "name": share.name,
            "said": money(share.pnl_usd, places),
            "paint": _paint(share),
        }
        for i, share in enumerate(shown)
    ]
    x: Spec = {"field": "value", "type": "quantitative", "scale": scale, "axis": None}
    y: Spec = {"field": "row", "type": "ordinal", "axis": None}
    paint: Spec = {"fill": {"field": "paint", "type": "nominal", "scale": None, "legend": None}}
    zero: Spec = {"y": {"value": 0}, "y2": {"value": ROW * len(shown)}}
    layers: list[Spec] = [
        {"data": {"values": values}, "mark": {"type": "bar", "height": 12}, "encoding": paint},
        {
            "data": {"values": [{"value": 0}]},
            "mark": {"type": "rule", "color": style.MUTED},
            "encoding": zero,
        },
        _column(values, "name", 0, "left"),
        _column(values, "said", WHOLE, "right"),
    ]
    return {**style.panel(title, layers, ROW * len(shown), x, y), "width": WHOLE}


def _scale(shown: Sequence[Share]) -> Spec:
    """One for both panels, so that bars of the same length are the same money."""
    found = [0.0, *(float(share.pnl_usd) for share in shown)]
    return {"domain": [min(found), max(found)], "range": [NAMES, BARS], "nice": False}


def _paint(share: Share) -> str:
    if not share.named:
        return style.RULE
    return style.GAIN if share.pnl_usd >= 0 else style.LOSS


def _column(values: Sequence[Spec], field: str, x: int, align: str) -> Spec:
    """Text at a fixed place: the length of a desk's names must not move anything."""
    encoding: Json = {"x": {"value": x}, "text": {"field": field, "type": "nominal"}}
    return {"data": {"values": values}, "mark": {"type": "text", "align": align}, "encoding": encoding}
