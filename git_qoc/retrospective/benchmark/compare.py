"""The retrospective beside a benchmark: what the same time would have brought there. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from git_qoc.retrospective import metrics
from git_qoc.retrospective.benchmark.closes import Series
from git_qoc.retrospective.benchmark.pairs import Pair, Pairs, pairs
from git_qoc.retrospective.benchmark.relative import KEYS, Both, relative
from git_qoc.retrospective.calendar import compounded
from git_qoc.retrospective.choices import Choices
from git_qoc.retrospective.days import Day
from git_qoc.retrospective.drawdowns import drawdowns
from git_qoc.retrospective.metrics import Figure, Sample, Undefined

NOT_CHOSEN = Undefined('no benchmark is chosen. Write benchmark = "SPX" under [retrospective]')


@dataclass(frozen=True, slots=True)
class Benchmark:
    """`figures` by JSON key, fractions; totals and the drawdown are from `start` to `end`, the first
    and last of the desk's days that a pair of returns begins and ends with.

    `n` counts those pairs of the sample, `left_out` the desk's returns in none of them, `linked` the
    pairs over more than one of them. `equity` is (day, wealth) on the desk's days that have a
    close, the first 1.
    """

    symbol: str
    source: str
    start: date
    end: date
    figures: Mapping[str, Figure]
    n: int
    left_out: int
    linked: int
    periods_per_year: Figure
    equity: tuple[tuple[date, float], ...]


def compare(
    days: Sequence[Day], series: Series | Undefined | None, choices: Choices, ppy: Figure
) -> Benchmark | Undefined:
    """`days` and `ppy` are the desk's; None stands for no benchmark chosen, undefined for a broken one."""
    if series is None or isinstance(series, Undefined):
        return series or NOT_CHOSEN
    found = pairs(days, series)
    if not found.all:
        return _nothing(days, series)
    periods = _periods(found.sample, choices, ppy)
    first, last = found.all[0], found.all[-1]
    return Benchmark(
        symbol=series.symbol,
        source=series.source,
        start=first.since,
        end=last.day,
        figures={**_totals(days, series, found), **_of_sample(days, found.sample, choices, periods)},
        n=len(found.sample),
        left_out=found.left_out,
        linked=sum(pair.days > 1 for pair in found.sample),
        periods_per_year=periods,
        equity=tuple(_wealth(days, series)),
    )


def _nothing(days: Sequence[Day], series: Series) -> Undefined:
    if not any(entry.value is not None for entry in days):
        return Undefined("there is no return yet to compare")
    return Undefined(
        f"{series.source}: found closes from {series.days[0]} to {series.days[-1]}, expected two on days "
        f"from {days[0].since} to {days[-1].day}. Fetch them with `git qoc run benchmark`"
    )


def _periods(sample: Sequence[Pair], choices: Choices, ppy: Figure) -> Figure:
    """The desk's, as long as each pair is of one of its returns; else as rule 8 has it, of the pairs."""
    if choices.periods_per_year != "auto" or all(pair.days == 1 for pair in sample):
        return ppy
    spacings = [(pair.day - pair.since).days for pair in sample]
    found = metrics.periods_per_year([pair.day for pair in sample], spacings)
    return found if isinstance(found, Undefined) else found[0]


def _totals(days: Sequence[Day], series: Series, found: Pairs) -> dict[str, Figure]:
    first, last = found.all[0], found.all[-1]
    theirs = series.change(first.opening, last.closing)
    ours = compounded(days[first.first : last.last + 1])
    levels = [(day, wealth) for day, wealth in _wealth(days, series) if first.since <= day <= last.day]
    depths = [d.depth for d in drawdowns([day for day, _ in levels], [wealth for _, wealth in levels])]
    return {
        "total_return": theirs,
        "own_total_return": ours,
        "excess_return": ours if isinstance(ours, Undefined) else ours - theirs,
        "cagr": metrics.cagr(theirs, (last.day - first.since).days),
        "max_drawdown": min(depths, default=0.0),
    }


def _of_sample(
    days: Sequence[Day], sample: Sequence[Pair], choices: Choices, ppy: Figure
) -> dict[str, Figure]:
    if isinstance(ppy, Undefined):
        return dict.fromkeys(("volatility", "sharpe_ratio", *KEYS), ppy)
    theirs, rate = Sample([pair.theirs for pair in sample], ppy), float(choices.risk_free)
    found: dict[str, Figure] = {
        "volatility": metrics.volatility(theirs),
        "sharpe_ratio": metrics.sharpe_ratio(theirs, rate),
    }
    ruined = next((entry for entry in days if entry.wealth == 0.0), None)
    if ruined is not None:
        return found | dict.fromkeys(KEYS, Undefined(f"NAV was used up on {ruined.day}"))
    return {**found, **relative(Both([pair.ours for pair in sample], theirs.returns, ppy), rate)}


def _wealth(days: Sequence[Day], series: Series) -> list[tuple[date, float]]:
    """On the desk's days that have a close not older than four days; the first is 1."""
    points = sorted({entry.since for entry in days} | {entry.day for entry in days})
    places = [(day, place) for day in points if (place := series.at(day)) is not None]
    return [(day, series.growth(places[0][1], place)) for day, place in places]
