"""The equity chart: the time-weighted index, below it how far under its former peak it stands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from git_qoc.report.charts import axes, style
from git_qoc.report.charts.reading import (
    Document,
    Equity,
    Point,
    Spec,
    breaks,
    equity_of,
    number,
    part,
    shown_name,
    text,
)
from git_qoc.report.charts.thinning import sparse, thinned
from git_qoc.report.values import Json

HEIGHT, UNDER = 230, 90
DECADE = 10  # from tenfold on a linear scale shows only the last years
MARKS = style.WIDTH // 8


def equity(document: Document) -> Spec | None:
    found = equity_of(document)
    if found is None:
        return None
    panels = [_index(found, shown_name(text(part(document, "benchmark"), "symbol"), 10))]
    if found.under:
        panels.append(_underwater(found))
    notes = ["time-weighted", *found.legend(), *(["line broken at gaps"] if breaks(document) else [])]
    return style.whole(document, _title(document), _said(document, found), panels, " · ".join(notes))


def _index(found: Equity, benchmark: str) -> Spec:
    scale = _scale([point.value for point in [*found.wealth, *found.benchmark]])
    layers: list[Spec] = [*_flows(found, scale.low)]
    if found.benchmark:
        drawn = thinned(found.benchmark, style.COLUMNS)
        layers.append(style.line(drawn, style.OTHER, strokeDash=[4, 3]))
    layers.append(style.line(thinned(found.wealth, style.COLUMNS), style.GAIN, strokeWidth=1.75))
    layers.append(style.marks(sparse(found.hollow, MARKS), style.GAIN))
    layers += _ends(found, benchmark, scale)
    heading = "Index, 1 at the start" + (", log scale" if scale.log else "")
    x = axes.time_axis(found.start, found.end, labels=False)
    return style.panel(heading, layers, HEIGHT, x, _axis(scale))


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


def _ends(found: Equity, benchmark: str, scale: Scale) -> list[Spec]:
    """What each line is and came to, at its end; moved apart where they would cover each other."""
    said = [("desk", found.wealth[-1].value, style.GAIN)]
    if found.benchmark:
        said.append((benchmark, found.benchmark[-1].value, style.OTHER))
    as_drawn, back = (math.log, math.exp) if scale.log else (float, float)
    least = (as_drawn(scale.high) - as_drawn(scale.low)) * 14 / HEIGHT
    heights = style.spread([as_drawn(value) for _, value, _ in said], least)
    return [
        style.words(found.end, back(height), f"{name} {_level(value)}", colour)
        for height, (name, value, colour) in zip(heights, said, strict=True)
    ]


def _level(value: float) -> str:
    return f"{value:.3f}" if value < 100 else f"{value:,.1f}" if value < 1e6 else f"{value:.3g}"


def _flows(found: Equity, low: float) -> list[Spec]:
    """Triangles on the time axis: money that came in points up, money that went out down."""
    layers = []
    for shape, colour, days in (
        ("triangle-up", style.INK, [when for when, value in found.flows.items() if value > 0]),
        ("triangle-down", style.LOSS, [when for when, value in found.flows.items() if value < 0]),
    ):
        points = sparse([Point(when, low) for when in days], MARKS)
        layers.append(style.marks(points, colour, shape=shape, fill=colour, size=34, yOffset=-4))
    return layers


def _underwater(found: Equity) -> Spec:
    deepest = min(found.under, key=lambda point: point.value)
    low = min(deepest.value * 1.35, -0.01)
    drawn = thinned(found.under, style.COLUMNS)
    layers = [style.area(drawn, style.LOSS), style.line(drawn, style.LOSS, strokeWidth=1)]
    if deepest.value < 0:
        late = (deepest.day - found.start).days * 3 > (found.end - found.start).days * 2
        # Below the deepest point no area can lie behind the words.
        look: dict[str, Json] = {"baseline": "top", "dy": 3, "dx": 0, "align": "right" if late else "left"}
        said = f"{style.signed(deepest.value)} on {deepest.day}"
        layers.append(style.words(deepest.day, deepest.value, said, style.LOSS, **look))
    y = axes.value_axis(low, 0.0, "%", ticks=3)
    return style.panel(
        "Drawdown from the former peak", layers, UNDER, axes.time_axis(found.start, found.end), y
    )


def _title(document: Document) -> str:
    total = number(document, "total_return")
    return "Equity" if total is None else f"Equity {style.signed(total)}"


def _said(document: Document, found: Equity) -> str:
    values = [point.value for point in found.wealth]
    said = [f"The time-weighted index ends at {values[-1]:.4f} of 1"]
    said.append(f"between {min(values):.4f} and {max(values):.4f}")
    deepest = number(document, "max_drawdown")
    if deepest is not None:
        where = f", {text(document, 'max_drawdown_peak')} to {text(document, 'max_drawdown_trough')}"
        said.append(f"maximum drawdown {style.signed(deepest)}{where if deepest < 0 else ''}")
    net = sum(found.flows.values(), Decimal(0))
    if net:
        said.append(f"net flows {style.minus(f'{net:,.2f}')} USD")
    benchmark = part(document, "benchmark")
    total = number(benchmark, "total_return")
    if total is not None:
        said.append(f"benchmark {shown_name(text(benchmark, 'symbol'))} {style.signed(total)}")
    return "; ".join(said) + "."
