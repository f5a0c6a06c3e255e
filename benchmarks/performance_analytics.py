"""Every figure beside R's PerformanceAnalytics, on the desks of tests/retrospective/real_closes.py.

    python benchmarks/performance_analytics.py

Needs Rscript and the R package PerformanceAnalytics; R_LIBS says where, as for any R. R gets the
returns of the closes with 17 digits, never a figure of ours. Where the definition is another one, the
formula beside the figure makes theirs ours exactly and the table says what differs. Exits 1 when
two figures are further apart than 1e-9.
"""

from __future__ import annotations

import csv
import io
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from statistics import NormalDist
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from git_qoc.retrospective.calendar import monthly_returns
from git_qoc.retrospective.metrics import Sample, Undefined, sharpe_ratio, volatility
from tests.retrospective.builders import figure
from tests.retrospective.real_closes import DESKS, EXACT, RISK_FREE, Given, given, ours, values

SCRIPT = Path(__file__).with_suffix(".R")


class Row(NamedTuple):
    """`turn` makes ours of R's, `why` says what differs; both empty where nothing does."""

    key: str
    name: str
    turn: Callable[[float, Given], float] | None = None
    why: str = ""


def calendar(theirs: float, data: Given) -> float:
    return math.pow(1 + theirs, data.n / data.periods * 365.25 / data.days) - 1


def calendar_calmar(theirs: float, data: Given) -> float:
    depth = -float((data.prices / data.prices.cummax() - 1).min())
    return calendar(theirs * depth, data) / depth


def annualised(theirs: float, data: Given) -> float:
    return theirs * math.sqrt(data.periods)


def lo_of_probability(theirs: float, data: Given) -> float:
    """P = Φ(|SR|·√(n − 1) / √(1 + SR²/2)) → √((1 + SR²/2) / n)·√periods."""
    excess = data.returns - data.rate
    ratio = abs(float(excess.mean() / excess.std(ddof=1)))
    sigma = ratio / NormalDist().inv_cdf(theirs)
    return sigma * math.sqrt((data.n - 1) / data.n * data.periods)


def decided(theirs: float, data: Given) -> float:
    return theirs * data.n / float((data.returns != 0).sum())


def negative(theirs: float, _: Given) -> float:
    return -theirs


PERIODS = "counts periods, not calendar days"
ROWS = (
    Row("total_return", "Return.cumulative"),
    Row("cagr", "Return.annualized", calendar, PERIODS),
    Row("volatility", "StdDev.annualized"),
    Row("sharpe_ratio", "SharpeRatio", annualised, "of a period"),
    Row("sharpe_ratio", "SharpeRatio.annualized"),
    Row("sharpe_standard_error", "ProbSharpeRatio", lo_of_probability, "over n − 1, as a probability"),
    Row("sortino_ratio", "SortinoRatio", annualised, "of a period"),
    Row("sortino_ratio", "DownsideDeviation", annualised, "mean over it, of a period"),
    Row("calmar_ratio", "CalmarRatio", calendar_calmar, PERIODS),
    Row("max_drawdown", "maxDrawdown", negative, "depth > 0"),
    Row("value_at_risk_95", "VaR historical"),
    Row("cvar_95", "ES historical"),
    Row("ulcer_index", "UlcerIndex"),
    Row("profit_factor", "Omega"),
    Row("win_rate", "UpsideFrequency", decided, "flat days count as lost"),
)


class Line(NamedTuple):
    desk: str
    key: str
    name: str
    ours: float
    theirs: float
    turned: float
    why: str

    @property
    def difference(self) -> float:
        return abs(self.ours - self.turned)

    @property
    def agrees(self) -> bool:
        return self.difference <= EXACT * max(1.0, abs(self.turned))


def asked(desks: Iterable[str]) -> dict[tuple[str, str], str]:
    """What R answers, by desk and name."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for desk in desks:
            data = given(desk)
            rows = [
                (s.date(), repr(float(v)), data.periods, repr(data.rate)) for s, v in data.returns.items()
            ]
            with (folder / f"{desk}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([("date", "value", "periods", "rate"), *rows])
        done = subprocess.run(["Rscript", SCRIPT, folder], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"Rscript: {done.stderr.strip()}")
    return {(desk, key): value for desk, key, value in csv.reader(io.StringIO(done.stdout))}


def figures(desk: str, answers: Mapping[tuple[str, str], str]) -> Iterator[Line]:
    result, data = ours(desk), given(desk)
    for row in ROWS:
        if isinstance(result.figures[row.key], Undefined):
            continue
        theirs = float(answers[desk, row.name])
        turned = row.turn(theirs, data) if row.turn else theirs
        yield Line(desk, row.key, row.name, figure(result, row.key), theirs, turned, row.why)
    returns = values(result)
    for key, value in (("max", max(returns)), ("min", min(returns))):
        theirs = float(answers[desk, key])
        yield Line(desk, "best_day" if key == "max" else "worst_day", key, value, theirs, theirs, "")
    for (year, month), value in monthly_returns(result.days).items():
        theirs = float(answers[desk, f"month {year}-{month:02}"])
        assert not isinstance(value, Undefined)
        yield Line(desk, f"month {year}-{month:02}", "apply.monthly", value, theirs, theirs, "")
    last = Sample(returns[-126:], data.periods)
    for key, name, value in (
        ("rolling volatility", "rolling StdDev.annualized", volatility(last)),
        ("rolling sharpe_ratio", "apply.rolling SharpeRatio.annualized", sharpe_ratio(last, RISK_FREE)),
    ):
        theirs = float(answers[desk, name])
        assert not isinstance(value, Undefined)
        yield Line(desk, key, name, value, theirs, theirs, "")
    for i, drawdown in enumerate(result.deepest, start=1):
        theirs = float(answers[desk, f"table.Drawdowns {i}"])
        yield Line(desk, f"drawdown {i}", "table.Drawdowns", drawdown.depth, theirs, theirs, "")


def misdated(desk: str, answers: Mapping[tuple[str, str], str]) -> Iterator[str]:
    """R dates a drawdown from its first day under water: the day after our peak."""
    days = [stamp.date() for stamp in given(desk).prices.index]
    for i, drawdown in enumerate(ours(desk).deepest, start=1):
        first = days[days.index(drawdown.peak) + 1]
        expected = f"{first} {drawdown.trough} {drawdown.recovery or 'NA'}"
        if answers[desk, f"dates {i}"] != expected:
            yield f"{desk}: drawdown {i}: ours {expected}, R {answers[desk, f'dates {i}']}"


def main() -> None:
    answers = asked(DESKS)
    lines = [line for desk in DESKS for line in figures(desk, answers)]
    dates = [fault for desk in DESKS for fault in misdated(desk, answers)]
    print(f"PerformanceAnalytics {answers['version', 'version']}, {answers['version', 'R']}")
    print("\n| desk | figure | R | ours | R's own | difference | definition |\n|---|---|---|---|---|---|---|")
    for line in lines:
        if not line.key.startswith("month"):
            numbers = f"{line.ours:.12g} | {line.theirs:.12g} | {line.difference:.1e}"
            print(f"| {line.desk} | {line.key} | {line.name} | {numbers} | {line.why or 'the same'} |")
    apart = [line for line in lines if not line.agrees]
    worst = max(line.difference / max(1.0, abs(line.turned)) for line in lines)
    months = sum(line.key.startswith("month") for line in lines)
    print(f"\n{len(lines)} figures ({months} of them months), greatest difference {worst:.1e}")
    print(f"{sum(len(ours(desk).deepest) for desk in DESKS)} drawdowns' dates, {len(dates)} differ")
    for line in apart:
        print(f"APART: {line.desk} {line.key}: ours {line.ours!r}, of {line.name} {line.turned!r}")
    for fault in dates:
        print(f"APART: {fault}")
    sys.exit(bool(apart or dates))


if __name__ == "__main__":
    main()
