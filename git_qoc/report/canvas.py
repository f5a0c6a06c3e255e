"""Lines and bars in characters, for a terminal and for a `text` block of markdown.

Half blocks, box lines and the marks are those of WGL4, which the monospaced fonts of all systems have at
one width. Braille and eighths of a block come out ragged where another font steps in for them: there is no
braille here, and nothing stands beside the eighths of a sparkline.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from git_qoc.report.charts.reading import Point
from git_qoc.report.charts.ticks import date_ticks

MARGIN = 9
COLUMNS = 68
HALVES = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}

Span = tuple[int, int]


class Frame(NamedTuple):
    """From `low` to `high` there are `levels` places, the lowest is 0."""

    start: date
    end: date
    low: float
    high: float
    levels: int

    def column(self, when: date) -> int:
        return int(self.x(when))

    def x(self, when: date) -> float:
        """In columns; 0.5 is the middle of the first."""
        days = (self.end - self.start).days
        return 0.5 + ((when - self.start).days / days if days else 0.0) * (COLUMNS - 1)

    def level(self, value: float) -> int:
        return round(self.y(value))

    def y(self, value: float) -> float:
        span = self.high - self.low
        return (value - self.low) / span * (self.levels - 1) if span else (self.levels - 1) / 2


def covered(points: Sequence[Point], frame: Frame) -> list[Span | None]:
    """The lowest and the highest level that the line touches in each column; None where it is broken."""
    spans: list[Span | None] = [None] * COLUMNS
    for i, point in enumerate(points):
        here = frame.x(point.day), frame.y(point.value)
        if i and points[i - 1].run == point.run:
            _stroke(spans, (frame.x(points[i - 1].day), frame.y(points[i - 1].value)), here)
        else:
            _touch(spans, int(here[0]), here[1], here[1])
    return spans


def _stroke(spans: list[Span | None], start: tuple[float, float], end: tuple[float, float]) -> None:
    (x0, y0), (x1, y1) = start, end
    for column in range(int(x0), int(x1) + 1):
        at = [min(max(x, x0), x1) for x in (column, column + 1)]
        left, right = (y0 + (y1 - y0) * ((x - x0) / (x1 - x0) if x1 > x0 else i) for i, x in enumerate(at))
        _touch(spans, column, min(left, right), max(left, right))


def _touch(spans: list[Span | None], column: int, low: float, high: float) -> None:
    before = spans[column]
    bottom, top = round(low), round(high)
    spans[column] = (bottom, top) if before is None else (min(before[0], bottom), max(before[1], top))


def drawn(spans: Sequence[Span | None], levels: int) -> list[list[str]]:
    """Rows of characters, the highest first; each holds two levels."""
    return [
        [HALVES[_within(span, bottom + 1), _within(span, bottom)] for span in spans]
        for bottom in range(levels - 2, -1, -2)
    ]


def hanging(spans: Sequence[Span | None], levels: int) -> list[list[str]]:
    """As `drawn`, filled from the top down to where the line reaches."""
    return drawn([None if span is None else (span[0], levels) for span in spans], levels)


def _within(span: Span | None, level: int) -> bool:
    return span is not None and span[0] <= level <= span[1]


def put(rows: list[list[str]], column: int, level: int, mark: str, *, over: bool = True) -> None:
    row = len(rows) - 1 - level // 2
    if over or rows[row][column] == " ":
        rows[row][column] = mark


def labelled(rows: Sequence[Sequence[str]], labels: Mapping[int, str]) -> list[str]:
    """The rows with their axis; `labels` by row, the highest is 0."""
    return [
        (f"{labels[i]:>{MARGIN}} ┤" if i in labels else f"{'':>{MARGIN}} │") + "".join(row)
        for i, row in enumerate(rows)
    ]


def time_axis(frame: Frame, marks: Mapping[int, str]) -> list[str]:
    """The axis with `marks` by column in it, and its dates below."""
    ticks = date_ticks(frame.start, frame.end, 6)
    line, below = ["─"] * COLUMNS, [" "] * (MARGIN + 2 + COLUMNS)
    free = 0
    for when in ticks.days:
        said, column = when.strftime(ticks.format), frame.column(when)
        line[column] = "┴"
        at = min(max(MARGIN + 2 + column - len(said) // 2, 0), len(below) - len(said))
        if at >= free:
            below[at : at + len(said)] = said
            free = at + len(said) + 1
    for column, mark in marks.items():
        line[column] = mark
    return [f"{'':>{MARGIN}} └{''.join(line)}", "".join(below).rstrip()]


def bar(value: float, low: float, high: float, columns: int) -> str:
    """A bar from zero on a scale from `low` ≤ 0 to `high` ≥ 0, half a column fine, `columns` wide."""
    halves = 2 * columns
    span = (high - low) or 1.0
    zero = round(-low / span * halves / 2) * 2
    length = math.ceil(abs(value) / span * halves - 1e-9)
    start, end = (zero, min(zero + length, halves)) if value >= 0 else (max(zero - length, 0), zero)
    cells = [(start <= i < end, start <= i + 1 < end) for i in range(0, halves, 2)]
    return "".join({(1, 1): "█", (1, 0): "▌", (0, 1): "▐", (0, 0): " "}[cell] for cell in cells)
