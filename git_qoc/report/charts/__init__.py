"""The report's charts: each a pure function of the document to one Vega-Lite specification.

A chart with nothing to show is None. What turns a specification into a picture is `report/pictures.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from git_qoc.report.charts.contribution import contribution
from git_qoc.report.charts.equity import equity
from git_qoc.report.charts.exposure import exposure
from git_qoc.report.charts.months import months
from git_qoc.report.charts.reading import Document, Spec
from git_qoc.report.charts.rolling import rolling

CHARTS: Mapping[str, Callable[[Document], Spec | None]] = {
    "equity": equity,
    "months": months,
    "contribution": contribution,
    "exposure": exposure,
    "rolling": rolling,
}


def specs(document: Document) -> dict[str, Spec]:
    """The charts that have something to show, by name, in the report's order."""
    return {name: spec for name, chart in CHARTS.items() if (spec := chart(document)) is not None}
