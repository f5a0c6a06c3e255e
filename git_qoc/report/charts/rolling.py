"""The rolling chart: Sharpe ratio and volatility over a moving window, one panel each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from git_qoc.report.charts import axes, style
from git_qoc.report.charts.reading import Document, Point, Spec, breaks, curve, number, part, rows
from git_qoc.report.charts.thinning import thinned
from git_qoc.report.pieces import ratio

HEIGHT = 110


def rolling(document: Document) -> Spec | None:
    points = rows(document, "rolling", "points")
    broken = breaks(document)
    sharpe, volatility = (curve(points, key, broken) for key in ("sharpe_ratio", "volatility"))
    both = sorted([*sharpe, *volatility])
    if not both or both[0].day == both[-1].day:
        return None
    ends = both[0].day, both[-1].day
    panels, said = [], []
    if sharpe:
        panels.append(_panel("Sharpe ratio, annual", sharpe, ends, style.GAIN, labels=not volatility))
        said.append(f"Sharpe ratio {_ratio(sharpe[-1].value)} at the end, {_range(sharpe, _ratio)}")
    if volatility:
        panels.append(_panel("Volatility, annual", volatility, ends, style.OTHER, labels=True))
        last = style.unsigned(volatility[-1].value)
        said.append(f"volatility {last} at the end, {_range(volatility, style.unsigned)}")
    title = f"Rolling {window(document)} returns"
    return style.whole(document, title, "; ".join(said) + ".", panels)


def window(document: Document) -> int:
    return int(number(part(document, "rolling"), "window") or 0)


def _panel(title: str, points: list[Point], ends: tuple[date, date], colour: str, *, labels: bool) -> Spec:
    of_ratio = colour == style.GAIN
    values = [point.value for point in points] + [0.0]
    low, high = style.bounds(values)
    low = low if min(values) < 0 else 0.0
    last = points[-1]
    said = _ratio(last.value) if of_ratio else style.unsigned(last.value)
    layers: list[Spec] = [
        style.line(thinned(points, style.COLUMNS), colour),
        style.words(last.day, last.value, said, colour),
    ]
    if low < 0:
        layers.insert(0, style.line([Point(ends[0], 0.0), Point(ends[1], 0.0)], style.RULE, strokeWidth=1))
    y = axes.value_axis(low, high, "" if of_ratio else "%", ticks=4)
    return style.panel(title, layers, HEIGHT, axes.time_axis(*ends, labels=labels), y)


def _range(points: list[Point], shown: Callable[[float], str]) -> str:
    values = [point.value for point in points]
    return f"between {shown(min(values))} and {shown(max(values))}"


def _ratio(value: float) -> str:
    return style.minus(ratio(value))
