"""How the charts look: one palette for light and dark, one font, panels on one time axis.

A picture paints its own background, since no colour of text reaches 4.5:1 on both white and
GitHub's dark page. `DARK` says what becomes of each colour there.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date

from git_qoc.report.charts.reading import Document, Point, Spec, part, shown_name, text, width
from git_qoc.report.pieces import percent
from git_qoc.report.values import Json

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"

PAPER, INK, MUTED, RULE = "#ffffff", "#1f2328", "#59636e", "#818b98"
GAIN, LOSS, OTHER = "#0969da", "#bc4c00", "#8250df"
DARK = {
    PAPER: "#0d1117",
    INK: "#f0f6fc",
    MUTED: "#9198a1",
    RULE: "#656c76",
    GAIN: "#58a6ff",
    LOSS: "#f0883e",
    OTHER: "#bc8cff",
}

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"  # the first ships with vl-convert
WIDTH = 626
COLUMNS = WIDTH // 2
ONE_LINE = 140

CONFIG: Spec = {
    "aria": False,
    "font": FONT,
    "view": {"stroke": None},
    "title": {
        "anchor": "start",
        "frame": "bounds",
        "color": INK,
        "fontSize": 15,
        "fontWeight": "bold",
        "subtitleColor": MUTED,
        "subtitleFontSize": 11,
        "subtitlePadding": 5,
        "offset": 14,
    },
    "axis": {
        "labelColor": MUTED,
        "labelFontSize": 11,
        "labelOverlap": False,
        "domainColor": RULE,
        "tickColor": RULE,
        "gridColor": RULE,
        "gridDash": [1, 3],
        "gridWidth": 0.5,
        "tickSize": 4,
        "title": None,
    },
    "text": {"color": INK, "fontSize": 11},
    "concat": {"spacing": 14},
}


def whole(document: Document, title: str, description: str, panels: Sequence[Spec], notes: str = "") -> Spec:
    """A chart of panels one below the other; the line below the title says whose it is and of when."""
    whose = " · ".join([*_scope(document), period(document)])
    about = f"{whose} · {notes}" if notes else whose
    lines = [about] if width(about) <= ONE_LINE else [whose, notes]
    return {
        "$schema": SCHEMA,
        "config": CONFIG,
        "background": PAPER,
        "padding": 12,
        "title": {"text": title, "subtitle": lines},
        "description": f"{title}. {about}. {description}",
        "vconcat": list(panels),
    }


def period(document: Document) -> str:
    return f"{text(document, 'start')} to {text(document, 'end')}"


def _scope(document: Document) -> list[str]:
    scope = part(document, "scope")
    names = [text(document, "name"), text(scope, "connector"), text(scope, "symbol")]
    return [shown_name(name, 32) for name in names if name]


def title_of(spec: Spec) -> str:
    return text(part(spec, "title"), "text")


def panel(title: str, layers: Sequence[Spec], height: int, x: Json, y: Json) -> Spec:
    heading: Spec = {
        "text": title,
        "fontSize": 11,
        "fontWeight": "normal",
        "color": MUTED,
        "offset": 6,
        "frame": "group",
    }
    encoding: Spec = {"x": x, "y": y}
    return {"title": heading, "width": WIDTH, "height": height, "encoding": encoding, "layer": list(layers)}


def line(points: Sequence[Point], colour: str, **look: Json) -> Spec:
    """A line through the points, with a dot where a run is one point."""
    mark: Spec = {
        "type": "line",
        "color": colour,
        "strokeWidth": 1.5,
        "strokeCap": "round",
        "strokeJoin": "round",
    }
    return _path(points, {**mark, **look})


def area(points: Sequence[Point], colour: str) -> Spec:
    """The area between the points and zero."""
    return _path(points, {"type": "area", "color": colour, "fillOpacity": 0.25})


def _path(points: Sequence[Point], mark: dict[str, Json]) -> Spec:
    values: list[Spec] = []
    for before, point in zip([None, *points], points, strict=False):
        if before is not None and before.run != point.run:
            values.append({"date": point.day.isoformat(), "value": None})
        values.append({"date": point.day.isoformat(), "value": point.value})
    return {"data": {"values": values}, "mark": {**mark, "invalid": "break-paths-show-path-domains"}}


def marks(points: Sequence[Point], colour: str, **look: Json) -> Spec:
    values: list[Spec] = [{"date": point.day.isoformat(), "value": point.value} for point in points]
    mark: Spec = {"type": "point", "stroke": colour, "fill": PAPER, "opacity": 1, "size": 26, **look}
    return {"data": {"values": values}, "mark": mark}


def words(when: date, value: float, said: str, colour: str, **look: Json) -> Spec:
    """Text at a point of the panel, to its right unless `look` says otherwise."""
    values: list[Spec] = [{"date": when.isoformat(), "value": value, "said": said}]
    mark: Spec = {"type": "text", "color": colour, "align": "left", "dx": 6, "baseline": "middle", **look}
    encoding: Spec = {"text": {"field": "said", "type": "nominal"}}
    return {"data": {"values": values}, "mark": mark, "encoding": encoding}


def bounds(values: Sequence[float], room: float = 0.06) -> tuple[float, float]:
    """The least and the greatest with some room around; never an empty span."""
    low, high = min(values), max(values)
    span = (high - low) or abs(high) or 1.0
    return low - room * span, high + room * span


def signed(value: float) -> str:
    """As `percent`, with the minus sign that the axes have."""
    return minus(percent(value))


def unsigned(value: float) -> str:
    return minus(percent(value, signed=False))


def minus(said: str) -> str:
    return said.replace("-", "−")


def spread(values: Sequence[float], least: float) -> list[float]:
    """The values, moved up where one is nearer than `least` to the one below."""
    moved = list(values)
    order = sorted(range(len(values)), key=values.__getitem__)
    for below, above in itertools.pairwise(order):
        moved[above] = max(moved[above], moved[below] + least)
    return moved
