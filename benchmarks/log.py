"""What `git qoc log` costs beside git in one run: `python benchmarks/log.py [count …]`.

P is the time of `python -c pass`. Repositories are those of `benchmarks/history.py` with
snapshots in the tool's own layout, packed. Each figure is the least CPU time of several whole
processes, children included.
"""

from __future__ import annotations

import os
import sys
import tempfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import history

from git_qoc.snapshots.snapshot import PositionRow, Snapshot
from git_qoc.snapshots.toml import dumps

VALUES = "--format=%(trailers:key=Qoc-Nav-Usd,valueonly)"
GIT = {
    "git log --oneline -n 20 -- snapshots/": ["log", "--oneline", "-n", "20", "--", "snapshots/"],
    "git log <NAV trailers> -- snapshots/": ["log", VALUES, "--", "snapshots/"],
    "git log <NAV trailers>": ["log", VALUES],
}
OURS = {
    "git qoc log -n 20": ["-n", "20"],
    "git qoc log --since (30 days)": ["--since", "SINCE"],
    "git qoc log HEAD~20..HEAD": ["HEAD~20..HEAD"],
    "git qoc log -n 20 -- <glob>": ["-n", "20", "--", "snapshots/*T16*"],
    "git qoc log": [],
    "git qoc log --porcelain": ["--porcelain"],
    "git qoc log --json": ["--json"],
}


def snapshot(number: int) -> bytes:
    rows = tuple(
        PositionRow("main", f"S{k}", Decimal(150 + number % 37), mark=Decimal(200 + (number * 7 + k) % 100))
        for k in range(8)
    )
    taken = Snapshot(
        timestamp=history.START + timedelta(hours=6 * number),
        nav_usd=Decimal(100_000 + number * 7 % 1000),
        cash_usd=Decimal("41210.50"),
        realized_pnl=Decimal("1840.22"),
        unrealized_pnl=Decimal("3108.65"),
        connectors=("main",),
        schema=1,
        net_flow_usd=Decimal(0),
        positions=rows,
    )
    return dumps(taken).encode()


def measure(path: Path, count: int) -> None:
    python_s = history.cpu_s([sys.executable, "-c", "pass"], path, 20)
    print(f"{count:>7} snapshots: P {python_s * 1e3:.1f} ms")
    month_before = history.START + timedelta(hours=6 * (count - 1) - 30 * 24)
    since = f"{month_before:%Y-%m-%dT%H:%MZ}"
    commands = {label: ["git", *args] for label, args in GIT.items()}
    for label, args in OURS.items():
        words = [since if word == "SINCE" else word for word in args]
        commands[label] = [sys.executable, "-m", "git_qoc", "log", *words]
    for label, command in commands.items():
        cost_s = history.cpu_s(command, path, 3)
        print(f"        {label:<40} {cost_s * 1e3:8.1f} ms  = {cost_s / python_s:6.1f} P")


if __name__ == "__main__":
    history.snapshot = snapshot
    # An installed package has its bytecode; without it every run compiles the source again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as folder:
        for size in [int(arg) for arg in sys.argv[1:]] or [1_000, 10_000]:
            history.build(Path(folder) / str(size), size)
            measure(Path(folder) / str(size), size)
