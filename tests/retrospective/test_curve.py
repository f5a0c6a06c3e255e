"""The curve: where it stands, where it is broken, and what is not on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from git_qoc.retrospective.result import Retrospective
from tests.retrospective.builders import UTC_CHOICES, at, daily, figure, ours, retro


def wealth(result: Retrospective) -> list[float]:
    return [round(entry.wealth, 12) for entry in result.curve]


def test_it_starts_at_the_capital_and_its_lowest_drawdown_is_the_maximum() -> None:
    result = retro(daily([100, 110, 99, 121]))
    assert wealth(result) == [1.0, 1.1, 0.99, 1.21]
    assert [entry.drawdown for entry in result.curve] == pytest.approx([0, 0, -0.1, 0])
    assert min(entry.drawdown for entry in result.curve) == figure(result, "max_drawdown")
    assert [entry.point.nav_usd for entry in result.curve] == [100, 110, 99, 121]


def test_a_gap_breaks_the_line_and_not_the_index() -> None:
    days = (("03-02", 100), ("03-03", 110), ("03-04", 110), ("03-20", 121))
    result = retro([ours(when, {"a": nav}) for when, nav in days])
    assert [entry.gap for entry in result.curve] == [False, False, False, True]
    assert wealth(result) == [1.0, 1.1, 1.1, 1.21]


def test_after_a_break_of_the_chain_the_drawdown_begins_anew() -> None:
    result = retro(daily([100, 50, -10, 100, 90]))
    broken = [entry for entry in result.curve if entry.gap]
    assert broken
    assert all(entry.drawdown <= 0 for entry in result.curve)


def test_partial_days_are_beside_the_curve_unless_the_day_has_a_whole_snapshot_too() -> None:
    records = [
        ours("03-02", {"a": 100, "b": 100}),
        ours("03-03", {"a": 105}, enabled=["a", "b"]),
        ours("03-04 10:00", {"a": 105}, enabled=["a", "b"]),
        ours("03-04", {"a": 110, "b": 100}),
    ]
    result = retro(records)
    assert result.partial_days == ((date(2026, 3, 3), frozenset({"b"})),)
    assert [entry.day.day for entry in result.curve] == [2, 4]
    carried = retro(records, replace(UTC_CHOICES, partial="carry"))
    assert carried.partial_days == ()
    assert [(entry.day.day, sorted(entry.point.carried)) for entry in carried.curve] == [
        (2, []),
        (3, ["b"]),
        (4, []),
    ]


def test_the_first_day_has_its_capital_and_its_end() -> None:
    result = retro([ours("03-02 10:00", {"a": 100}), ours("03-02", {"a": 110}), ours("03-03", {"a": 121})])
    assert [(entry.day.day, round(entry.wealth, 12)) for entry in result.curve] == [
        (2, 1.0),
        (2, 1.1),
        (3, 1.21),
    ]
    assert result.curve[0].point.time == at("03-02 10:00")


def test_without_a_snapshot_there_is_no_curve() -> None:
    assert retro([]).curve == ()
