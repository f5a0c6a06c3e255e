"""The exposure chart: long, short and net over time, as a share of NAV where NAV allows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from git_qoc.report.charts import axes, style
from git_qoc.report.charts.reading import Document, Point, Spec, breaks, day, number, rows, runs
from git_qoc.report.charts.thinning import thinned

HEIGHT = 200
LINES = (("long", style.GAIN), ("short", style.LOSS), ("net", style.INK))


def exposure(document: Document) -> Spec | None:
    curves, of_nav = lines(document)
    points = [point for curve in curves.values() for point in curve]
    if not any(point.value for point in points) or len(curves["net"]) < 2:
        return None
    ends = curves["net"][0].day, curves["net"][-1].day
    said = [f"{name} {shown(curves[name][-1].value, of_nav)}" for name, _ in LINES]
    greatest = max(a.value - b.value for a, b in zip(curves["long"], curves["short"], strict=True))
    title = f"Exposure: {said[2]}, {said[0]}, {said[1]}"
    about = f"At the end {', '.join(said)}; gross at most {shown(greatest, of_nav)}."
    panel = _panel(curves, ends, of_nav)
    return style.whole(document, title, about, [panel], "at the end of each day")


def lines(document: Document) -> tuple[dict[str, list[Point]], bool]:
    """Long, short and net by day, and whether they are shares of NAV; USD where NAV was ever ≤ 0."""
    found = [
        (day(row), number(row, "long_usd"), number(row, "short_usd"), number(row, "nav_usd"))
        for row in rows(document, "exposure")
    ]
    of_nav = all(nav is None or nav > 0 for _, _, _, nav in found)
    values: dict[str, list[tuple[date, float | None]]] = {name: [] for name, _ in LINES}
    for when, long, short, nav in found:
        unit = nav if of_nav else 1.0
        parts: tuple[float | None, ...] = (None, None, None)
        if long is not None and short is not None and unit is not None:
            parts = (long / unit, short / unit, (long + short) / unit)
        for (name, _), value in zip(LINES, parts, strict=True):
            values[name].append((when, value))
    broken = breaks(document)
    return {name: runs(one, broken) for name, one in values.items()}, of_nav


def shown(value: float, of_nav: bool) -> str:
    return style.unsigned(value) if of_nav else style.minus(f"{value:,.0f} USD")


def _panel(curves: dict[str, list[Point]], ends: tuple[date, date], of_nav: bool) -> Spec:
    low, high = style.bounds([p.value for curve in curves.values() for p in curve] + [0.0])
    layers: list[Spec] = []
    for name, colour in LINES[:2]:
        drawn = thinned(curves[name], style.COLUMNS)
        if any(point.value for point in drawn):
            layers += [style.area(drawn, colour), style.line(drawn, colour, strokeWidth=1)]
    layers.append(style.line([Point(ends[0], 0.0), Point(ends[1], 0.0)], style.RULE, strokeWidth=1))
    layers.append(style.line(thinned(curves["net"], style.COLUMNS), style.INK, strokeWidth=1.75))
    layers += _ends(curves, of_nav, (high - low) * 13 / HEIGHT)
    y = axes.value_axis(low, high, "%" if of_nav else "~s")
    heading = "Share of NAV" if of_nav else "USD"
    return style.panel(heading, layers, HEIGHT, axes.time_axis(*ends), y)


def _ends(curves: dict[str, list[Point]], of_nav: bool, least: float) -> Sequence[Spec]:
    used = [(name, colour) for name, colour in LINES if any(point.value for point in curves[name])]
    heights = style.spread([curves[name][-1].value for name, _ in used], least)
    return [
        style.words(curves[name][-1].day, height, f"{name} {_end(curves[name][-1].value, of_nav)}", colour)
        for height, (name, colour) in zip(heights, used, strict=True)
    ]


def _end(value: float, of_nav: bool) -> str:
    return style.minus(f"{value * 100:.0f} %" if of_nav else f"{value:,.0f}")
