"""The benchmark's part of the document."""

from __future__ import annotations

from git_qoc.report.values import Json
from git_qoc.retrospective.benchmark.compare import Benchmark
from git_qoc.retrospective.metrics import Undefined


def benchmark_part(found: Benchmark | Undefined) -> dict[str, Json] | Undefined:
    """Plain values by key, undefined ones None with their reason under `reasons`; as found without one."""
    if isinstance(found, Undefined):
        return found
    figures = {**found.figures, "periods_per_year": found.periods_per_year}
    reasons: dict[str, Json] = {
        key: value.reason for key, value in figures.items() if isinstance(value, Undefined)
    }
    return {
        "symbol": found.symbol,
        "source": found.source,
        "start": found.start.isoformat(),
        "end": found.end.isoformat(),
        **{key: None if isinstance(value, Undefined) else value for key, value in figures.items()},
        "n": found.n,
        "left_out": found.left_out,
        "linked": found.linked,
        "reasons": reasons,
        "equity": [{"date": day.isoformat(), "wealth": wealth} for day, wealth in found.equity],
    }
