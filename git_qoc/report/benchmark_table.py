"""The benchmark's section of the markdown report: lines out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from git_qoc.report.pieces import or_reason, percent, plain_text, ratio, table
from git_qoc.retrospective.benchmark.compare import Benchmark
from git_qoc.retrospective.metrics import Figure, Undefined
from git_qoc.retrospective.result import Retrospective

Shown = Callable[[Figure], str]


def _unsigned(value: Figure) -> str:
    return percent(value, signed=False)


SIDE_BY_SIDE: tuple[tuple[str, str, str, Shown], ...] = (
    ("Total return", "own_total_return", "total_return", percent),
    ("CAGR", "cagr", "cagr", percent),
    ("Volatility, annual", "volatility", "volatility", _unsigned),
    ("Sharpe ratio", "sharpe_ratio", "sharpe_ratio", ratio),
    ("Max drawdown", "max_drawdown", "max_drawdown", percent),
)
RELATIVE: tuple[tuple[str, str, Shown], ...] = (
    ("Excess return", "excess_return", percent),
    ("Beta", "beta", ratio),
    ("Alpha (Jensen), a year", "alpha", percent),
    ("Correlation", "correlation", ratio),
    ("Tracking error, annual", "tracking_error", _unsigned),
    ("Information ratio", "information_ratio", ratio),
    ("Up capture", "up_capture", _unsigned),
    ("Down capture", "down_capture", _unsigned),
)
METHOD = (
    "- A pair: the desk's return between two of its days, and the benchmark's between their last closes.",
    "- Closes are at most 4 days old; a day without a new one is linked to the next that has one.",
    "- Beta: cov(r, b) / var(b). Alpha: (1 + mean((r − rf) − β(b − rf)))^periods − 1.",
    "- Tracking error: standard deviation (ddof 1) of r − b × √periods. Information ratio: annual.",
    "- Capture: the annual return over the pairs in which b rose (fell), over the benchmark's own there.",
)


def benchmark_table(retro: Retrospective) -> Iterator[str]:
    found = retro.benchmark
    if isinstance(found, Undefined):
        chosen = retro.choices.benchmark is not None
        yield f"n/a ({plain_text(found.reason)})" if chosen else "None chosen."
        return
    rows = [
        (label, _text(_own(retro, found, ours), shown), _text(found.figures[theirs], shown))
        for label, ours, theirs, shown in SIDE_BY_SIDE
    ]
    yield from table(("Figure", "Desk", plain_text(found.symbol)), rows, "lll")
    yield ""
    relative = [(label, _text(found.figures[key], shown)) for label, key, shown in RELATIVE]
    yield from table(("Against it", "Value"), relative, "ll")
    yield ""
    yield (
        f"From {found.start} to {found.end}: {found.n} pairs of returns, {ratio(found.periods_per_year)} "
        f"periods a year; {found.linked} of them over several days, {found.left_out} of the desk's returns "
        f"in none. Closes: {plain_text(found.source)}."
    )
    yield ""
    yield from METHOD


def _text(value: Figure, shown: Shown) -> str:
    return or_reason(shown(value), value)


def _own(retro: Retrospective, found: Benchmark, key: str) -> Figure:
    """The desk's total over the benchmark's time; its other figures are those of the whole report."""
    return found.figures[key] if key in found.figures and key.startswith("own_") else retro.figures[key]
