"""The report's charts in characters, at most 80 columns wide: what a terminal and a plain report show.

Each gives the lines of one `text` block of markdown, fences included, and [] when there is nothing to show.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from git_qoc.report import canvas
from git_qoc.report.charts.contribution import Share, decimals, money, shares
from git_qoc.report.charts.equity import DECADE
from git_qoc.report.charts.exposure import lines as exposure_lines
from git_qoc.report.charts.reading import (
    Document,
    Equity,
    Point,
    amount,
    breaks,
    curve,
    equity_of,
    part,
    rows,
    shown_name,
    text,
    width,
)
from git_qoc.report.charts.rolling import window
from git_qoc.report.charts.style import minus, signed, unsigned
from git_qoc.report.charts.thinning import thinned
from git_qoc.report.pieces import ratio

HEIGHT, UNDER = 12, 4
NAMES, BAR, AMOUNTS = 24, 36, 16
FINE = 4 * canvas.COLUMNS
BARS, SPARK_WIDTH = "▁▂▃▄▅▆▇█", 60
BOTH_WAYS = "◊"
INERT = str.maketrans("`<>", "'‹›")


def equity_block(document: Document) -> list[str]:
    """The time-weighted index above how far under its former peak it stands."""
    found = equity_of(document)
    if found is None:
        return []
    lines = [*_index(found), "", *(_underwater(found) if found.under else []), ""]
    values = [("█ desk", found.wealth)]
    if found.benchmark:
        values.append((f"· {shown_name(text(part(document, 'benchmark'), 'symbol'))}", found.benchmark))
    lines += [f"{name} {_level(points[-1].value)} on {points[-1].day}" for name, points in values]
    gaps = len(breaks(document))
    marks = [*found.legend(), *([f"broken at {gaps} gap{'s' if gaps > 1 else ''}"] if gaps else [])]
    return _fenced([*lines, *(["   ".join(marks)] if marks else [])])


def _index(found: Equity) -> list[str]:
    values = [point.value for point in [*found.wealth, *found.benchmark]]
    low, high = min(values), max(values)
    log = low > 0 and high / low >= DECADE
    as_drawn: Callable[[float], float] = math.log if log else float
    frame = canvas.Frame(found.start, found.end, as_drawn(low), as_drawn(high), 2 * HEIGHT)
    line = [point._replace(value=as_drawn(point.value)) for point in thinned(found.wealth, FINE)]
    drawn = canvas.drawn(canvas.covered(line, frame), frame.levels)
    for points, mark, over in ((found.benchmark, "·", False), (found.hollow, "○", True)):
        for point in points:
            level = frame.level(as_drawn(point.value))
            canvas.put(drawn, frame.column(point.day), level, mark, over=over)
    labels = _labels({0: high, HEIGHT - 1: low}, HEIGHT - 1 - frame.level(as_drawn(1.0)) // 2)
    heading = "Index, 1 at the start" + (", log scale" if log else "")
    return [heading, *canvas.labelled(drawn, labels), *canvas.time_axis(frame, _flows(found, frame))]


def _flows(found: Equity, frame: canvas.Frame) -> dict[int, str]:
    marks: dict[int, str] = {}
    for when, value in found.flows.items():
        column, mark = frame.column(when), "▲" if value > 0 else "▼"
        marks[column] = mark if marks.get(column, mark) == mark else BOTH_WAYS
    return marks


def _labels(ends: Mapping[int, float], start: int) -> dict[int, str]:
    """The extremes, and where the desk started when that is a row of its own."""
    found = {row: _level(value) for row, value in ends.items()}
    if min(ends) + 1 < start < max(ends) - 1:
        found[start] = _level(1.0)
    return found if len(set(ends.values())) > 1 else {HEIGHT // 2 - 1: _level(ends[0])}


def _level(value: float) -> str:
    return f"{value:.4f}" if value < 100 else f"{value:,.0f}" if value < 1e6 else f"{value:.3g}"


def _underwater(found: Equity) -> list[str]:
    deepest = min(point.value for point in found.under)
    if deepest >= 0:
        return ["Drawdown: never below a former peak"]
    # A level more than there is room for: zero stands above the first row.
    frame = canvas.Frame(found.start, found.end, deepest, 0.0, 2 * UNDER + 1)
    drawn = canvas.hanging(canvas.covered(thinned(found.under, FINE), frame), 2 * UNDER)
    labels = {0: "0 %", UNDER - 1: signed(deepest)}
    return ["Drawdown from the former peak", *canvas.labelled(drawn, labels)]


def rolling_block(document: Document) -> list[str]:
    """Sharpe ratio and volatility over the moving window, a bar a stretch of time."""
    points, broken = rows(document, "rolling", "points"), breaks(document)
    over = f"over {window(document)} returns"
    sharpe, volatility = (curve(points, key, broken) for key in ("sharpe_ratio", "volatility"))
    return _sparks((f"Sharpe ratio {over}", sharpe, _ratio), (f"Volatility {over}", volatility, unsigned))


def exposure_block(document: Document) -> list[str]:
    """Long, short and net at the end of each day."""
    curves, of_nav = exposure_lines(document)
    unit, shown = ("of NAV", unsigned) if of_nav else ("in USD", _dollars)
    return _sparks(*((f"{name.capitalize()} {unit}", points, shown) for name, points in curves.items()))


def contribution_block(document: Document) -> list[str]:
    """What each symbol and each connector made or lost; each part sums to the P&L."""
    found = rows(document, "contribution")
    if not any(amount(row, "pnl_usd") for row in found):
        return []
    by_symbol, by_connector = shares(found, "symbol"), shares(found, "connector")
    values = [0.0, *(float(share.pnl_usd) for share in [*by_symbol, *by_connector])]
    ends = min(values), max(values)
    lines = _bars("By symbol, USD", by_symbol, ends) if any(share.named for share in by_symbol) else []
    return _fenced([*lines, *([""] if lines else []), *_bars("By connector, USD", by_connector, ends)])


def _bars(title: str, shown: Sequence[Share], ends: tuple[float, float]) -> list[str]:
    places = decimals(shown)
    return [title] + [
        f"{share.name}{' ' * (NAMES - width(share.name))} {canvas.bar(float(share.pnl_usd), *ends, BAR)}"
        f" {money(share.pnl_usd, places):>{AMOUNTS}}"
        for share in shown
    ]


def _sparks(*curves: tuple[str, Sequence[Point], Callable[[float], str]]) -> list[str]:
    """Each curve's last, least and greatest value above its bars, on one time axis."""
    days = [point.day for _, points, _ in curves for point in points]
    if not days:
        return []
    lines = []
    for title, points, shown in curves:
        values = [point.value for point in points]
        if values:
            last, least, most = shown(values[-1]), shown(min(values)), shown(max(values))
            lines.append(f"{title}: {last} on {points[-1].day}, {least} to {most}")
            lines.append(_spark(points, min(days), max(days)))
    return _fenced([*lines, f"{min(days)}{max(days)!s:>{SPARK_WIDTH - 10}}"])


def _spark(points: Sequence[Point], start: date, end: date) -> str:
    """A bar a column for the last value there; a run's value is held until its next, blank is broken."""
    low, high = min(point.value for point in points), max(point.value for point in points)
    scale = (len(BARS) - 1) / (high - low) if high > low else 0.0
    span = (end - start).days or 1
    bars: list[str] = []
    run = -1
    for point in points:
        at = (point.day - start).days * (SPARK_WIDTH - 1) // span
        held = bars[-1] if run == point.run else " "
        bars[at:] = []
        bars += [held] * (at - len(bars))
        bars.append(BARS[round((point.value - low) * scale)])
        run = point.run
    return "".join(bars)


def _ratio(value: float) -> str:
    return minus(ratio(value))


def _dollars(value: float) -> str:
    return minus(f"{value:,.0f}")


def _fenced(lines: Sequence[str]) -> list[str]:
    """A block that no name of the desk's can close, and in which none can open the notes."""
    return ["```text", *(line.rstrip().translate(INERT) for line in lines), "```"] if lines else []
