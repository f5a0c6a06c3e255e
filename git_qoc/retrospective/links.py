"""Complete points → links: one period from a complete point to the next, with all that is in it.

Partial points are never valued, but what they recorded (flows, realized P&L, who was there)
belongs to the period they lie in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from git_qoc.retrospective.point import Point


class Direction(StrEnum):
    ADDED = "connector_added"
    REMOVED = "connector_removed"


@dataclass(frozen=True, slots=True)
class Transition:
    """A connector that came or went; `at` is its first or its last point."""

    connector: str
    direction: Direction
    at: Point


class Link(NamedTuple):
    """The period (`opening`, `closing`]; `span` are all points in it, partial ones too, oldest first."""

    opening: Point
    closing: Point
    span: tuple[Point, ...]
    transitions: tuple[Transition, ...]


def build_links(points: Sequence[Point]) -> tuple[Link, ...]:
    """Every complete point linked to the next complete one, oldest first."""
    links: list[Link] = []
    span: list[Point] = []
    opening: Point | None = None
    roster = Roster()
    for point in points:
        if opening is None:
            roster.open(point)
            opening = point if point.complete else None
            continue
        span.append(point)
        if point.complete:
            transitions = tuple(t for inner in span for t in roster.advance(inner))
            links.append(Link(opening, point, tuple(span), transitions))
            opening, span = point, []
    return tuple(links)


class Roster:
    """Which connectors the desk has, point by point, and where each was last seen.

    After a point that does not say who contributed nobody is known; the next one that does
    is taken as it is, so that its connectors do not count as new.
    """

    def __init__(self) -> None:
        self._last: dict[str, Point] = {}
        self._active: frozenset[str] | None = None

    def open(self, point: Point) -> None:
        """Take the connectors of a point before the first link, without transitions."""
        self._see(point)
        self._active = None if point.connectors is None else point.connectors | point.carried

    def advance(self, point: Point) -> tuple[Transition, ...]:
        """The connectors that came with this point or were gone by it."""
        here, active = point.connectors, self._active
        if here == active and here is not None:
            self._see(point)
            return ()
        if here is None or active is None:
            if point.complete:
                self.open(point)
            return ()
        gone = active - here - point.missing
        left = [Transition(name, Direction.REMOVED, self._last[name]) for name in sorted(gone)]
        came = [Transition(name, Direction.ADDED, point) for name in sorted(here - active)]
        self._active = (active - gone) | here
        self._see(point)
        return (*left, *came)

    def _see(self, point: Point) -> None:
        for name in point.connectors or ():
            self._last[name] = point
