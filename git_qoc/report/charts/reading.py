"""The report's document → what charts draw: points in runs, names that are safe to show.

A run is a stretch that may be drawn as one line: it ends at a gap, at a break of the chain and at
an unknown value. Keys that an older document lacks read as empty.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from git_qoc.report.values import Json

Document: TypeAlias = Mapping[str, Json]
Row: TypeAlias = Mapping[str, Json]
Spec: TypeAlias = Mapping[str, Json]

LABEL_COLUMNS = 24
NUMBERS = (int, float, Decimal)


class Point(NamedTuple):
    """`run` counts the breaks of the line so far."""

    day: date
    value: float
    run: int = 0


def rows(document: Document, *keys: str) -> list[Row]:
    """The rows of the list under the keys, one inside the other; [] where there is none."""
    found: Json = document
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    if not isinstance(found, Sequence) or isinstance(found, str):
        return []
    return [row for row in found if isinstance(row, dict)]


def part(document: Document, key: str) -> Row:
    """The values under one key; none where there are none."""
    found = document.get(key)
    return found if isinstance(found, Mapping) else {}


def number(row: Row, key: str) -> float | None:
    value = row.get(key)
    if type(value) is float:
        return value
    return float(value) if isinstance(value, NUMBERS) else None


def amount(row: Row, key: str) -> Decimal:
    """An amount of money, exactly; raises ValueError where there is none, which is never 0."""
    value = row.get(key)
    if not isinstance(value, NUMBERS):
        raise ValueError(f"a row of the report has no {key}")
    return Decimal(value)


def text(row: Row, key: str) -> str:
    value = row.get(key)
    return value if isinstance(value, str) else ""


def day(row: Row, key: str = "date") -> date:
    """The date of a date or of a time in the report's zone."""
    return date.fromisoformat(text(row, key)[:10])


def breaks(document: Document) -> list[date]:
    """The days of `equity` that no line reaches from the day before."""
    before: Row | None = None
    found = []
    for row in rows(document, "equity"):
        if before is not None and (row.get("gap") or row.get("segment") != before.get("segment")):
            found.append(day(row))
        before = row
    return found


def curve(entries: Iterable[Row], key: str, broken: Sequence[date]) -> list[Point]:
    """The known values of `key`, oldest first; a new run behind an unknown one and at each broken day."""
    return runs(((day(entry), number(entry, key)) for entry in entries), broken)


def runs(values: Iterable[tuple[date, float | None]], broken: Sequence[date]) -> list[Point]:
    points: list[Point] = []
    run, cut, passed = 0, False, 0
    for when, value in values:
        while passed < len(broken) and broken[passed] <= when:
            passed += 1
            cut = True
        if value is None:
            cut = True
            continue
        run += cut and bool(points)
        points.append(Point(when, value, run))
        cut = False
    return points


class Equity(NamedTuple):
    """What the equity is drawn from; `end` is later than the last valuation when a partial day follows."""

    wealth: list[Point]
    under: list[Point]
    hollow: list[Point]
    benchmark: list[Point]
    flows: dict[date, Decimal]
    start: date
    end: date

    def legend(self) -> list[str]:
        amounts = self.flows.values()
        marks = [("▲ deposit", any(value > 0 for value in amounts))]
        marks += [("▼ withdrawal", any(value < 0 for value in amounts))]
        return [mark for mark, there in [*marks, ("○ not fully valued", bool(self.hollow))] if there]


def equity_of(document: Document) -> Equity | None:
    """None with fewer than two valuations."""
    entries, broken = rows(document, "equity"), breaks(document)
    wealth = curve(entries, "wealth", broken)
    if len(wealth) < 2:
        return None
    marks = _hollow(document, wealth)
    start, end = wealth[0].day, max([wealth[-1].day, *(point.day for point in marks[-1:])])
    other = curve(rows(document, "benchmark", "equity"), "wealth", ())
    return Equity(
        wealth=wealth,
        under=curve(entries, "drawdown", broken),
        hollow=marks,
        benchmark=[point for point in other if start <= point.day <= end],
        flows={when: value for when, value in flow_days(document).items() if start <= when <= end},
        start=start,
        end=end,
    )


def _hollow(document: Document, known: Sequence[Point]) -> list[Point]:
    """Days not fully valued: completed ones at their wealth, others at the last known wealth before."""
    points = curve((row for row in rows(document, "equity") if row.get("carried")), "wealth", ())
    days = [point.day for point in known]
    for row in rows(document, "partial_points"):
        at = bisect_right(days, day(row))
        if at:
            points.append(Point(day(row), known[at - 1].value))
    return sorted(points)


def flow_days(document: Document) -> dict[date, Decimal]:
    """What came in (> 0) or went out (< 0) by day; days of transfers that net to nothing are left out."""
    total: dict[date, Decimal] = {}
    for row in rows(document, "flows"):
        when = day(row, "time")
        total[when] = total.get(when, Decimal(0)) + amount(row, "amount_usd")
    return {when: value for when, value in sorted(total.items()) if value}


def shown_name(name: str, columns: int = LABEL_COLUMNS) -> str:
    """A desk's own text on one line, the middle left out when it is long: options differ at the end."""
    clean = "".join(char if char.isprintable() else " " for char in name)
    if width(clean) <= columns:
        return clean
    head = _fitting(clean, columns - columns // 2 - 1)
    tail = _fitting(clean[::-1], columns // 2)[::-1]
    return f"{head}…{tail}"


def width(shown: str) -> int:
    """Columns of a terminal."""
    return sum(_columns(char) for char in shown)


def _columns(char: str) -> int:
    return 0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _fitting(shown: str, columns: int) -> str:
    kept = ""
    for char in shown[: 2 * columns]:
        if width(kept) + _columns(char) > columns:
            break
        kept += char
    return kept
