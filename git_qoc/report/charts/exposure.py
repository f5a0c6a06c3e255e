"""The exposure chart: long, short and net over time, as a share of NAV where NAV allows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from git_qoc.report.charts import axes, style
from git_qoc.report.charts.reading import Document, Point, Spec, breaks, day, number, rows, runs
from git_qoc.report.charts.thinning import thinned

HEIGHT = 200
COLOURS = {"long": style.GAIN, "short": style.LOSS, "net": style.INK}


def exposure(document: Document) -> Spec | None:
    curves, of_nav = lines(document)
    ends = sorted({point.day for curve in curves.values() for point in curve})
    if len(ends) < 2:
        return None
    said = [f"{name} {shown(curve[-1].value, of_nav)}" for name, curve in curves.items()]
    end = max(day(row) for row in rows(document, "exposure"))
    older = f" on {ends[-1]}, the last day it is known" if ends[-1] < end else ""
    title = f"Exposure: {', '.join(said)}{' of NAV' if of_nav else ''}{older}"
    most = [f"{name} at most {shown(max(_sizes(curve)), of_nav)}" for name, curve in curves.items()]
    panel = _panel(curves, (ends[0], ends[-1]), of_nav)
    return style.whole(document, title, f"{'; '.join(most)}.", [panel], "at the end of each day")


def lines(document: Document) -> tuple[dict[str, list[Point]], bool]:
    """Long, short and net by day, and whether they are shares of NAV; USD where NAV was ever ≤ 0.

    A desk that is only ever long, or only ever short, has that one curve, one with neither has none.
    """
    found = [
        (day(row), number(row, "long_usd"), number(row, "short_usd"), number(row, "nav_usd"))
        for row in rows(document, "exposure")
    ]
    of_nav = all(nav is None or nav > 0 for _, _, _, nav in found)
    values: dict[str, list[tuple[date, float | None]]] = {name: [] for name in COLOURS}
    for when, long, short, nav in found:
        unit = nav if of_nav else 1.0
        parts: tuple[float | None, ...] = (None, None, None)
        if long is not None and short is not None and unit is not None:
            parts = (long / unit, short / unit, (long + short) / unit)
        for name, value in zip(COLOURS, parts, strict=True):
            values[name].append((when, value))
    used = [name for name in ("long", "short") if any(value for _, value in values[name])]
    broken = breaks(document)
    return {name: runs(values[name], broken) for name in (COLOURS if len(used) == 2 else used)}, of_nav


def _sizes(curve: Sequence[Point]) -> list[float]:
    return [abs(point.value) for point in curve]


def shown(value: float, of_nav: bool) -> str:
    return style.unsigned(value) if of_nav else style.minus(f"{value:,.0f} USD")


def _panel(curves: dict[str, list[Point]], ends: tuple[date, date], of_nav: bool) -> Spec:
    values = [point.value for curve in curves.values() for point in curve]
    low, high = style.bounds([*values, 0.0])
    low, high = low if min(values) < 0 else 0.0, high if max(values) > 0 else 0.0
    layers: list[Spec] = []
    for name, curve in curves.items():
        drawn = thinned(curve, style.COLUMNS)
        if name == "net":
            layers.append(style.line([Point(ends[0], 0.0), Point(ends[1], 0.0)], style.RULE, strokeWidth=1))
            layers.append(style.line(drawn, COLOURS[name], strokeWidth=1.75))
        else:
            layers += [style.area(drawn, COLOURS[name]), style.line(drawn, COLOURS[name], strokeWidth=1)]
    heights = style.spread([curve[-1].value for curve in curves.values()], (high - low) * 13 / HEIGHT)
    layers += [
        style.words(ends[1], height, f"{name} {_end(curve[-1].value, of_nav)}", COLOURS[name])
        for height, (name, curve) in zip(heights, curves.items(), strict=True)
    ]
    y = axes.value_axis(low, high, "%" if of_nav else "~s")
    heading = "Share of NAV" if of_nav else "USD"
    return style.panel(heading, layers, HEIGHT, axes.time_axis(*ends), y)


def _end(value: float, of_nav: bool) -> str:
    return style.minus(f"{value * 100:.0f} %" if of_nav else f"{value:,.0f}")
