"""Small pictures without a script: the equity line for paper and for a page without JavaScript."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from git_qoc.report.page import figures as f
from git_qoc.report.page.html import Markup, el
from git_qoc.report.page.reading import Row, number
from git_qoc.report.page.series import breaks, by_day

WIDTH, HEIGHT, BELOW, EDGE, SIDE = 720, 200, 56, 8, 68
MOST = 360
"""Points of a line at most: more than a printed line can show."""

Run = list[tuple[int, float]]
"""Days since the first one, and values; a line is broken between two runs."""


def picture(document: Row, label: str) -> Markup | None:
    """Wealth, and the drawdown below it; None when there is no line."""
    equity = by_day(document.get("equity"))
    if len(equity) < 2:
        return None
    days = list(equity)
    span = (days[-1] - days[0]).days or 1
    wealth, drawdown = runs(equity, "wealth"), runs(equity, "drawdown")
    low, high = _extent([*wealth, [(0, 1.0)]])
    base = round(_scaled(1.0, low, high, HEIGHT), 1)
    depth, _ = _extent(drawdown)
    foot = HEIGHT + EDGE + BELOW
    return el(
        "svg",
        el("line", x1="0", x2=str(WIDTH), y1=str(base), y2=str(base), class_="base"),
        el("path", d=_path(wealth, span, (low, high), HEIGHT), class_="equity"),
        _below(drawdown, span, depth),
        *(_word(WIDTH + EDGE, y, words) for words, y in _ticks(low, high, base)),
        _word(WIDTH + EDGE, foot, f.plain_percent(depth)),
        _word(0, foot + 2 * EDGE, days[0].isoformat()),
        _word(WIDTH, foot + 2 * EDGE, days[-1].isoformat(), anchor="end"),
        viewBox=f"0 {-EDGE} {WIDTH + SIDE} {foot + 4 * EDGE}",
        class_="static",
        role="img",
        aria_label=label,
    )


def spark(values: Sequence[float]) -> Markup:
    """A line of a text's height."""
    points: Run = list(enumerate(values))
    low, high = _extent([points])
    path = _path([points], max(1, len(values) - 1), (low, high), 24, 96)
    return el(
        "svg", el("path", d=path, class_="equity"), viewBox="-1 -2 98 28", class_="spark", aria_hidden="true"
    )


def runs(equity: dict[date, Row], key: str) -> list[Run]:
    """The values between breaks, at most `MOST` points in all, with each stretch's least and greatest."""
    first, broken = next(iter(equity)), set(breaks(equity))
    found: list[Run] = [[]]
    for moment, point in equity.items():
        if moment in broken:
            found.append([])
        value = number(point.get(key))
        if value is not None:
            found[-1].append(((moment - first).days, value))
    step = -(-2 * len(equity) // MOST)
    return [thinned(run, step) for run in found if run]


def thinned(run: Run, step: int) -> Run:
    """The first, the last, and the least and greatest of every `step` points."""
    if step == 1:
        return run
    kept = {run[0], run[-1]}
    for i in range(0, len(run), step):
        part = run[i : i + step]
        kept |= {min(part, key=lambda p: p[1]), max(part, key=lambda p: p[1])}
    return sorted(kept)


def _ticks(low: float, high: float, base: float) -> list[tuple[str, float]]:
    """The values at the side: the capital, and the extremes that are far enough from it to be read."""
    ends = ((high, 0.0), (low, float(HEIGHT)))
    return [("1", base), *((f"{value:.2f}", y) for value, y in ends if abs(y - base) > 2 * EDGE)]


def _word(x: float, y: float, words: str, anchor: str | None = None) -> Markup:
    return el("text", words, x=str(x), y=f"{y + EDGE / 2:.1f}", text_anchor=anchor)


def _below(drawdown: list[Run], span: int, depth: float) -> Markup:
    top = HEIGHT + EDGE
    parts = []
    for run in drawdown:
        line = _path([run], span, (depth, 0.0), BELOW, y0=top)
        start, end = (round(WIDTH * run[i][0] / span, 1) for i in (0, -1))
        parts.append(f"M{start} {top}L{line[1:]}L{end} {top}Z")
    return el("path", d="".join(parts), class_="drawdown")


def _path(
    lines: list[Run], span: int, extent: tuple[float, float], height: int, width: int = WIDTH, y0: int = 0
) -> str:
    low, high = extent
    parts = []
    for run in lines:
        points = (f"{width * x / span:.1f} {y0 + _scaled(y, low, high, height):.1f}" for x, y in run)
        parts.append("M" + "L".join(points))
    return "".join(parts)


def _scaled(value: float, low: float, high: float, height: int) -> float:
    return height - height * (value - low) / (high - low) if high > low else height / 2


def _extent(lines: list[Run]) -> tuple[float, float]:
    values = [y for run in lines for _, y in run]
    return (min(values), max(values)) if values else (0.0, 1.0)
