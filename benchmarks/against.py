"""The retrospective beside the libraries people use for the same figures, each as one whole process.

    python benchmarks/against.py [DAYS] [ROUNDS]

One series of DAYS (default 2,500) daily NAVs: a repository of as many snapshots for ours, and a CSV
of the same NAVs for the libraries, which read it with pandas as their READMEs do. What they compute
is the report's figures or all that their own report has. All cases take turns, medians of ROUNDS
(default 5) are printed as wall and CPU time and as multiples of `python -c pass` (P). A library that
is not installed is left out.
"""

from __future__ import annotations

import csv
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from retrospective import START, repository, snapshot
from timing import PASS, Cost, cost, forget, medians

READ = """
import warnings
warnings.simplefilter("ignore")
import pandas as pd
nav = pd.read_csv("nav.csv", index_col="date", parse_dates=True)["nav"]
returns = nav.pct_change().dropna()
"""
LIBRARIES = {
    "pandas, read the CSV only": ("pandas", READ),
    "empyrical, all figures": (
        "empyrical",
        READ
        + """
import empyrical as e
print(e.cum_returns_final(returns), e.annual_return(returns), e.annual_volatility(returns),
      e.sharpe_ratio(returns), e.sortino_ratio(returns), e.calmar_ratio(returns), e.max_drawdown(returns),
      e.value_at_risk(returns), e.conditional_value_at_risk(returns), e.omega_ratio(returns),
      e.tail_ratio(returns), e.stability_of_timeseries(returns), e.downside_risk(returns),
      e.aggregate_returns(returns, "monthly"), e.aggregate_returns(returns, "yearly"),
      e.roll_sharpe_ratio(returns, 126), e.roll_annual_volatility(returns, 126))
""",
    ),
    "ffn, calc_stats and display": (
        "ffn",
        READ + "import ffn\nstats = ffn.calc_stats(nav)\nstats.display()\n",
    ),
    "pyfolio, perf_stats and drawdowns": (
        "pyfolio",
        READ
        + """
import pyfolio as pf
print(pf.timeseries.perf_stats(returns), pf.timeseries.gen_drawdown_table(returns, 5))
""",
    ),
    "quantstats, stats functions": (
        "quantstats",
        READ
        + """
import quantstats.stats as q
print(q.comp(returns), q.cagr(returns), q.volatility(returns), q.sharpe(returns), q.sortino(returns),
      q.calmar(returns), q.max_drawdown(returns), q.win_rate(returns), q.profit_factor(returns),
      q.value_at_risk(returns), q.conditional_value_at_risk(returns), q.ulcer_index(returns),
      q.best(returns), q.worst(returns), q.consecutive_wins(returns), q.consecutive_losses(returns),
      q.monthly_returns(returns), q.probabilistic_sharpe_ratio(returns),
      q.rolling_sharpe(returns), q.rolling_volatility(returns),
      q.drawdown_details(q.to_drawdown_series(returns)))
""",
    ),
    "quantstats, reports.metrics": (
        "quantstats",
        READ + 'import quantstats as qs\nqs.reports.metrics(returns, mode="full", display=False)\n',
    ),
    "quantstats, reports.html": (
        "quantstats",
        READ + 'import quantstats as qs\nqs.reports.html(returns, output="quantstats.html")\n',
    ),
}


def cases(top: Path) -> dict[str, Callable[[], Cost]]:
    tool = str(Path(sysconfig.get_path("scripts")) / "git-qoc")

    def ours(*options: str) -> Callable[[], Cost]:
        return lambda: cost([tool, "run", "retrospective", *options], top)

    def cold(step: Callable[[], Cost]) -> Callable[[], Cost]:
        def after() -> Cost:
            forget(top)
            return step()

        return after

    def library(code: str) -> Callable[[], Cost]:
        return lambda: cost([sys.executable, "-c", code], top)

    found: dict[str, Callable[[], Cost]] = {"python -c pass": lambda: cost(PASS, top)}
    found["ours, --json, cold"] = cold(ours("--json"))
    found["ours, --json, warm"] = ours("--json")
    found["ours, --output report.md, warm"] = ours("--output", "report.md")
    for name, (module, code) in LIBRARIES.items():
        if find_spec(module) is None:
            print(f"{name}: {module} is not installed, left out")
        else:
            found[name] = library(code)
    return found


def main() -> None:
    days = int(sys.argv[1]) if len(sys.argv) > 1 else 2_500
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        repository(top, days, every=20)
        with (top / "nav.csv").open("w", encoding="utf-8", newline="") as file:
            navs = ((START + timedelta(days=i), snapshot(i, every=20).nav_usd) for i in range(days))
            csv.writer(file).writerows([("date", "nav"), *((when.date(), nav) for when, nav in navs)])
        for step in cases(top).values():
            step()  # bytecode, caches of fonts and of the disk: once for all
        taken = medians(cases(top), rounds)
    base, warm = taken["python -c pass"], taken["ours, --json, warm"]
    print(f"{days:,} days, median of {rounds} rounds in turn\n")
    print("| process | wall s | CPU s | P wall | P CPU | CPU of ours, warm |\n|---|---|---|---|---|---|")
    for name, found in taken.items():
        multiples = f"{found.wall_s / base.wall_s:.1f} | {found.cpu_s / base.cpu_s:.1f}"
        ratio = f"{found.cpu_s / warm.cpu_s:.1f} ×"
        print(f"| {name} | {found.wall_s:.3f} | {found.cpu_s:.3f} | {multiples} | {ratio} |")


if __name__ == "__main__":
    main()
