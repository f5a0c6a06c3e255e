"""The equity chart: the time-weighted index, below it how far under its former peak it stands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from git_qoc.report.charts import axes, style
from git_qoc.report.charts.reading import (
    Document,
    Point,
    Spec,
    breaks,
    curve,
    flow_days,
    hollow,
    number,
    rows,
    shown_name,
    text,
)
from git_qoc.report.charts.thinning import sparse, thinned
from git_qoc.report.document import Json

HEIGHT, UNDER = 230, 90
DECADE = 10  # from tenfold on a linear scale shows only the last years
MARKS = style.WIDTH // 8


def equity(document: Document) -> Spec | None:
    entries = rows(document, "equity")
    wealth = curve(entries, "wealth", breaks(document))
    if len(wealth) < 2:
        return None
    under = curve(entries, "drawdown", breaks(document))
    benchmark = curve(rows(document, "benchmark", "equity"), "wealth", ())
    panels = [_index(document, wealth, benchmark)]
    if under:
        panels.append(_underwater(under, wealth[0].day, wealth[-1].day))
    return style.whole(document, _title(document), _description(document, wealth), panels, _notes(document))


def _index(document: Document, wealth: list[Point], benchmark: list[Point]) -> Spec:
    start, end = wealth[0].day, wealth[-1].day
    benchmark = [point for point in benchmark if start <= point.day <= end]
    scale = _scale([point.value for point in [*wealth, *benchmark]])
    layers: list[Spec] = [*_flows(document, scale.low)]
    if benchmark:
        layers.append(style.line(thinned(benchmark, style.COLUMNS), style.OTHER, strokeDash=[4, 3]))
    layers.append(style.line(thinned(wealth, style.COLUMNS), style.GAIN, strokeWidth=1.75))
    layers.append(style.marks(sparse(hollow(document), MARKS), style.GAIN))
    layers += _ends(document, wealth, benchmark, scale)
    heading = "Index, 1 at the start" + (", log scale" if scale.log else "")
    return style.panel(heading, layers, HEIGHT, axes.time_axis(start, end, labels=False), _axis(scale))


class Scale(NamedTuple):
    low: float
    high: float
    log: bool


def _scale(values: Sequence[float]) -> Scale:
    least, greatest = min(values), max(values)
    if least > 0 and greatest / least >= DECADE:
        return Scale(least / 1.2, greatest * 1.1, True)
    return Scale(*style.bounds([*values, 1.0]), False)


def _axis(scale: Scale) -> Spec:
    if not scale.log:
        # Two decimals, more where the axis is so short that its labels would be the same.
        decimals = max(2, 1 - math.floor(math.log10(scale.high - scale.low)))
        return axes.value_axis(scale.low, scale.high, f".{decimals}f")
    first, last = (math.floor(math.log10(end)) for end in (scale.low, scale.high))
    steps = (1, 2, 5) if last - first < 2 else (1,)
    ticks = [step * 10.0**power for power in range(first, last + 1) for step in steps]
    return axes.log_axis(scale.low, scale.high, [tick for tick in ticks if scale.low <= tick <= scale.high])


def _ends(document: Document, wealth: list[Point], benchmark: list[Point], scale: Scale) -> list[Spec]:
    """What each line is and came to, at its end; moved apart where they would cover each other."""
    said = [(f"desk {_level(wealth[-1])}", wealth[-1], style.GAIN)]
    found = document.get("benchmark")
    if benchmark and isinstance(found, dict):
        name = shown_name(text(found, "symbol"), 10)
        said.append((f"{name} {_level(benchmark[-1])}", benchmark[-1], style.OTHER))
    as_drawn, back = (math.log, math.exp) if scale.log else (float, float)
    least = (as_drawn(scale.high) - as_drawn(scale.low)) * 14 / HEIGHT
    heights = style.spread([as_drawn(point.value) for _, point, _ in said], least)
    return [
        style.words(wealth[-1].day, back(height), words, colour)
        for height, (words, _, colour) in zip(heights, said, strict=True)
    ]


def _level(point: Point) -> str:
    return f"{point.value:,.1f}" if point.value >= 100 else f"{point.value:.3f}"


def _flows(document: Document, low: float) -> list[Spec]:
    """Triangles on the time axis: money that came in points up, money that went out down."""
    found = flow_days(document)
    layers = []
    for shape, colour, days in (
        ("triangle-up", style.INK, [when for when, value in found.items() if value > 0]),
        ("triangle-down", style.LOSS, [when for when, value in found.items() if value < 0]),
    ):
        points = sparse([Point(when, low) for when in days], MARKS)
        layers.append(style.marks(points, colour, shape=shape, fill=colour, size=34, yOffset=-4))
    return layers


def _underwater(under: list[Point], start: date, end: date) -> Spec:
    deepest = min(under, key=lambda point: point.value)
    low = min(deepest.value * 1.35, -0.01)
    drawn = thinned(under, style.COLUMNS)
    layers = [style.area(drawn, style.LOSS), style.line(drawn, style.LOSS, strokeWidth=1)]
    if deepest.value < 0:
        late = (deepest.day - start).days * 3 > (end - start).days * 2
        # Below the deepest point no area can lie behind the words.
        look: dict[str, Json] = {"baseline": "top", "dy": 3, "dx": 0, "align": "right" if late else "left"}
        said = f"{style.signed(deepest.value)} on {deepest.day}"
        layers.append(style.words(deepest.day, deepest.value, said, style.LOSS, **look))
    y = axes.value_axis(low, 0.0, "%", ticks=3)
    return style.panel("Drawdown from the former peak", layers, UNDER, axes.time_axis(start, end), y)


def _title(document: Document) -> str:
    total = number(document, "total_return")
    return "Equity" if total is None else f"Equity {style.signed(total)}"


def _notes(document: Document) -> str:
    flows = flow_days(document).values()
    marked = [("▲ deposit", any(v > 0 for v in flows)), ("▼ withdrawal", any(v < 0 for v in flows))]
    marked += [
        ("○ not fully valued", bool(hollow(document))),
        ("line broken at gaps", bool(breaks(document))),
    ]
    return " · ".join(["time-weighted", *(note for note, there in marked if there)])


def _description(document: Document, wealth: Sequence[Point]) -> str:
    deepest = number(document, "max_drawdown")
    said = [f"The time-weighted index ends at {wealth[-1].value:.4f} of 1"]
    values = [point.value for point in wealth]
    said.append(f"between {min(values):.4f} and {max(values):.4f}")
    if deepest is not None:
        where = f", {text(document, 'max_drawdown_peak')} to {text(document, 'max_drawdown_trough')}"
        said.append(f"maximum drawdown {style.signed(deepest)}{where if deepest < 0 else ''}")
    net = sum(flow_days(document).values(), Decimal(0))
    if net:
        said.append(f"net flows {style.minus(f'{net:,.2f}')} USD")
    benchmark = document.get("benchmark")
    total = number(benchmark, "total_return") if isinstance(benchmark, dict) else None
    if isinstance(benchmark, dict) and total is not None:
        said.append(f"benchmark {shown_name(text(benchmark, 'symbol'))} {style.signed(total)}")
    return "; ".join(said) + "."
