"""Whole processes timed in turn: every case once, then all of them again, and the median of each.

What slows the machine down for a while then slows all cases, so that their ratios stay.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

PASS = (sys.executable, "-c", "pass")


class Cost(NamedTuple):
    """Seconds; CPU is user and system, children included."""

    wall_s: float
    cpu_s: float


def cost(args: list[str] | tuple[str, ...], cwd: Path) -> Cost:
    """Of one process that must succeed; its output is thrown away."""
    # An installed package has its bytecode; without it every run compiles the source again. The
    # two about OpenBLAS slow a current numpy down.
    unwanted = ("PYTHONDONTWRITEBYTECODE", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
    env = {key: value for key, value in os.environ.items() if key not in unwanted}
    start = time.perf_counter()
    process = subprocess.Popen(args, cwd=cwd, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, args
    return Cost(wall_s, usage.ru_utime + usage.ru_stime)


def medians(cases: Mapping[str, Callable[[], Cost]], rounds: int) -> dict[str, Cost]:
    taken: dict[str, list[Cost]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, run in cases.items():
            taken[name].append(run())
    return {
        name: Cost(*(statistics.median(column) for column in zip(*costs, strict=True)))
        for name, costs in taken.items()
    }


def forget(top: Path) -> None:
    """Remove what the tool has kept of a repository, so that the next run is cold."""
    for path in (top / ".git" / "qoc").glob("cache-*"):
        path.unlink()
