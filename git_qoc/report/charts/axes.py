"""The axes of the charts: time in UTC with round dates, values with few lines across."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from git_qoc.report.charts.reading import Spec
from git_qoc.report.charts.ticks import date_ticks

AXIS_WIDTH = 52


def time_axis(start: date, end: date, labels: bool = True) -> Spec:
    """In UTC, so that no machine's zone moves a date."""
    ticks = date_ticks(start, end)
    axis: Spec = {
        "values": [moment(when) for when in ticks.days],
        "format": ticks.format,
        "grid": False,
        "labels": labels,
        "ticks": labels,
    }
    scale: Spec = {"type": "utc", "domain": [moment(start), moment(end)]}
    return {"field": "date", "type": "temporal", "scale": scale, "axis": axis}


def value_axis(low: float, high: float, form: str, ticks: int = 5) -> Spec:
    scale: Spec = {"domain": [low, high], "zero": False, "nice": False}
    return _quantity(scale, {"format": form, "tickCount": ticks})


def log_axis(low: float, high: float, ticks: Sequence[float]) -> Spec:
    scale: Spec = {"type": "log", "domain": [low, high], "nice": False}
    return _quantity(scale, {"format": "~r", "values": list(ticks)})


def _quantity(scale: Spec, axis: Spec) -> Spec:
    look: Spec = {
        "labelExpr": "replace(datum.label, '%', ' %')",
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
        "minExtent": AXIS_WIDTH,
        "maxExtent": AXIS_WIDTH,
    }
    return {
        "field": "value",
        "type": "quantitative",
        "stack": None,
        "scale": scale,
        "axis": {**look, **axis},
    }


def moment(when: date) -> Spec:
    return {"year": when.year, "month": when.month, "date": when.day, "utc": True}
