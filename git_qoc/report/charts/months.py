"""The months chart: a cell a month, a row a year, the year's return at its end."""

from __future__ import annotations

from git_qoc.report.charts import axes, style
from git_qoc.report.charts.reading import Document, Row, Spec, number, rows, text
from git_qoc.report.values import Json

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
YEARS = 50
CELL = 26
FAINTEST, STRONGEST = 0.06, 0.42  # up to the latter ink stays readable on each colour


def months(document: Document) -> Spec | None:
    found = rows(document, "monthly_returns")
    known = [value for row in found if (value := number(row, "value")) is not None]
    if not known:
        return None
    years = sorted({text(row, "month")[:4] for row in found})[-YEARS:]
    greatest = max(map(abs, known)) or 1.0
    cells = [_cell(row, greatest) for row in found if text(row, "month")[:4] in years]
    totals = [_total(row) for row in rows(document, "yearly_returns") if f"{row.get('year'):0>4}" in years]
    best, worst = _extreme(found, max(known)), _extreme(found, min(known))
    up, down = sum(value > 0 for value in known), sum(value < 0 for value in known)
    title = f"Months: {up} up, {down} down"
    by_year = ", ".join(f"{row['year']} {row['said']} %" for row in totals)
    said = f"Best {best}, worst {worst}; {by_year}."
    return style.whole(document, title, said, [_grid(cells, totals, years)], "%, time-weighted")


def _extreme(found: list[Row], value: float) -> str:
    month = next(text(row, "month") for row in found if number(row, "value") == value)
    return f"{month} {style.signed(value)}"


def _cell(row: Row, greatest: float) -> Spec:
    value = number(row, "value")
    year, _, month = text(row, "month").partition("-")
    cell: dict[str, Json] = {"year": year, "month": MONTHS[int(month) - 1]}
    if value is None:
        return {**cell, "said": "n/a", "paint": style.PAPER, "strength": 0.0}
    strength = FAINTEST + (STRONGEST - FAINTEST) * abs(value) / greatest if value else 0.0
    paint = style.GAIN if value > 0 else style.LOSS
    return {**cell, "said": _said(value), "paint": paint, "strength": round(strength, 3)}


def _total(row: Row) -> Spec:
    value = number(row, "value")
    said = "n/a" if value is None else _said(value)
    return {"year": f"{row.get('year'):0>4}", "month": "Year", "said": said}


def _said(value: float) -> str:
    """One decimal is what fits; the report's table has two."""
    shown = f"{value * 100:+.1f}"
    return style.minus(shown) if float(shown) else "0.0"


def _grid(cells: list[Spec], totals: list[Spec], years: list[str]) -> Spec:
    top: Spec = {"orient": "top", "labelAngle": 0, "domain": False, "ticks": False, "labelPadding": 4}
    left: Spec = {**top, "orient": "left", "minExtent": axes.AXIS_WIDTH, "maxExtent": axes.AXIS_WIDTH}
    x: Spec = {"field": "month", "type": "ordinal", "scale": {"domain": [*MONTHS, "Year"]}, "axis": top}
    y: Spec = {"field": "year", "type": "ordinal", "scale": {"domain": years}, "axis": left}
    plain: Spec = {"scale": None, "type": "nominal"}
    painted: Spec = {
        "fill": {"field": "paint", **plain, "legend": None},
        "fillOpacity": {"field": "strength", "type": "quantitative", "scale": None, "legend": None},
    }
    said: Spec = {"text": {"field": "said", "type": "nominal"}}
    rect: Spec = {"type": "rect", "cornerRadius": 3, "stroke": style.PAPER, "strokeWidth": 2}
    layers: list[Spec] = [
        {"data": {"values": cells}, "mark": rect, "encoding": painted},
        {"data": {"values": cells}, "mark": {"type": "text"}, "encoding": said},
        {"data": {"values": totals}, "mark": {"type": "text", "fontWeight": "bold"}, "encoding": said},
    ]
    return style.panel("", layers, CELL * len(years), x, y)
