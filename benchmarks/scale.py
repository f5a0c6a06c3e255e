"""What the record costs as it grows, flat and in monthly folders, beside git's own commands in one run.

    python benchmarks/scale.py FOLDER [COUNT …]

Records (see records.py) are made in FOLDER and used again; 100,000 flat ones take five minutes.
Wall and CPU seconds are of whole processes, children included, the least of three rounds (of
one at 100,000). Cold is without the cache, warm with it. Adding is done in a clone that shares
the objects. What takes git longer than LIMIT_S is stopped and shown as more than that.
"""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from git_qoc.history.repository import discover
from git_qoc.history.write import commit_files
from git_qoc.snapshots.toml import dumps

sys.path.insert(0, str(Path(__file__).parent))
from records import build, path_of, snapshot

ROOT = Path(__file__).parents[1]
LIMIT_S = 60
LAYOUTS = ("flat", "monthly")
POINTS = (
    "from git_qoc.history.repository import discover\n"
    "from git_qoc.history.walk import Derive, entries\n"
    "from git_qoc.retrospective import digest\n"
    "found = entries(discover(), derive=Derive(digest.version(), digest.line))\n"
    "points = [digest.parsed(entry.derived) for entry in found]\n"
    "assert len(points) == {count} and all(entry.commit for entry in found)"
)
TOOL = "from git_qoc.cli.entry import main; main()"


class Cost(NamedTuple):
    """Of a process and its children; `memory_mb` is the largest one's, or ours when it was forked."""

    wall_s: float
    cpu_s: float
    memory_mb: float

    def __str__(self) -> str:
        return f"{self.wall_s:8.2f} {self.cpu_s:8.2f} {self.memory_mb:7.0f}"


def cost(args: list[str], cwd: Path, stdin: bytes = b"") -> Cost | None:
    """None when it took longer than the limit."""
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile() as source:
        source.write(stdin)
        source.seek(0)
        start = time.perf_counter()
        process = subprocess.Popen(
            ["timeout", str(LIMIT_S), *args],
            cwd=cwd,
            env={**env, "PYTHONPATH": str(ROOT)},
            stdin=source,
            stdout=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode == 124:
        return None
    assert process.returncode == 0, args
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def least(step: Callable[[], Cost | None], rounds: int) -> Cost | None:
    costs = [step() for _ in range(rounds)]
    return min((found for found in costs if found), default=None)


def forget(top: Path) -> None:
    for path in (top / ".git" / "qoc").glob("cache-*"):
        path.unlink()


def reading(top: Path, count: int, rounds: int) -> dict[str, Cost | None]:
    def tool(*args: str) -> Cost | None:
        return cost([sys.executable, "-c", TOOL, *args], top)

    def points() -> Cost | None:
        return cost([sys.executable, "-c", POINTS.format(count=count)], top)

    def cold(step: Callable[[], Cost | None]) -> Callable[[], Cost | None]:
        def after() -> Cost | None:
            forget(top)
            return step()

        return after

    def report() -> Cost | None:
        return tool("run", "retrospective", "--json")

    listing = subprocess.run(
        ["git", "ls-tree", "-r", "HEAD"], cwd=top, check=True, capture_output=True
    ).stdout
    ids = b"".join(line.split()[2] + b"\n" for line in listing.splitlines())
    return {
        "read all points, cold": least(cold(points), rounds),
        "read all points, warm": least(points, rounds),
        "retrospective, cold": least(cold(report), rounds),
        "retrospective, warm": least(report, rounds),
        "status --snapshot latest": least(lambda: tool("status", "--snapshot", "latest"), rounds),
        "git log --name-only": least(
            lambda: cost(["git", "log", "--name-only", "--", "snapshots/"], top),
            1 if count > 1000 else rounds,
        ),
        "git cat-file --batch": least(lambda: cost(["git", "cat-file", "--batch"], top, ids), rounds),
    }


def loose_bytes(top: Path) -> int:
    return sum(path.stat().st_size for path in (top / ".git" / "objects").glob("??/*"))


def adding(top: Path, layout: str, count: int, rounds: int) -> tuple[float, float]:
    """(seconds, bytes of loose objects) of one more snapshot."""
    with tempfile.TemporaryDirectory(dir=top.parent) as name:
        clone = Path(name) / "clone"
        subprocess.run(["git", "clone", "-qns", str(top), str(clone)], check=True)
        for args in (
            ["read-tree", "HEAD"],
            ["config", "gc.auto", "0"],
            ["config", "maintenance.auto", "false"],
        ):
            subprocess.run(["git", *args], cwd=clone, check=True)
        for key in ("name", "email"):
            subprocess.run(["git", "config", f"user.{key}", "ada@example.com"], cwd=clone, check=True)
        repo = discover(clone)
        times, before = [], loose_bytes(clone)
        for number in range(count, count + rounds):
            files = {path_of(number, layout): dumps(snapshot(number)).encode()}
            start = time.perf_counter()
            made = commit_files(repo, files, "bench\n", what="bench")
            times.append(time.perf_counter() - start)
            assert made is not None
        return min(times), (loose_bytes(clone) - before) / rounds


def size_after_gc(top: Path) -> tuple[int | None, Cost | None]:
    with tempfile.TemporaryDirectory(dir=top.parent) as name:
        copy = Path(name) / "copy"
        shutil.copytree(top / ".git", copy / ".git")
        forget(copy)
        taken = cost(["git", "gc", "-q"], copy)
        size = sum(path.stat().st_size for path in (copy / ".git" / "objects").rglob("*") if path.is_file())
        return (size if taken else None), taken


def exponent(small: tuple[int, float], large: tuple[int, float]) -> str:
    return f"{math.log(large[1] / small[1]) / math.log(large[0] / small[0]):.2f}"


def show(layout: str, counts: list[int], found: dict[int, dict[str, Cost | None]]) -> None:
    print(f"\n{layout}: growth, exponents of wall and CPU from {counts[0]} on and of the last step")
    for name in found[counts[0]]:
        costs = [(count, value) for count in counts if (value := found[count][name])]
        if len(costs) < 2:
            continue
        first, before, last = costs[0], costs[-2], costs[-1]
        parts = [
            exponent((start[0], start[1][column]), (last[0], last[1][column]))
            for start in (first, before)
            for column in (0, 1)
        ]
        print(f"  {name:26} {'  '.join(parts)}   ({first[0]} to {last[0]})")


def main() -> None:
    folder = Path(sys.argv[1]).absolute()
    counts = [int(arg) for arg in sys.argv[2:]] or [1_000, 10_000, 100_000]
    print(f"{'':>8} {'':7} {'':26} {'wall s':>8} {'CPU s':>8} {'MB':>7}")
    for layout in LAYOUTS:
        found = {}
        for count in counts:
            top = folder / f"{layout}-{count}"
            if not top.exists():
                build(top, layout, count)
            rounds = 1 if count >= 100_000 else 3
            found[count] = reading(top, count, rounds)
            for name, value in found[count].items():
                print(f"{count:>8} {layout:7} {name:26} {value or f'  > {LIMIT_S}'}", flush=True)
            added_s, added_bytes = adding(top, layout, count, 5)
            print(
                f"{count:>8} {layout:7} {'add one snapshot':26} {added_s:8.3f} s, {added_bytes / 1e3:,.1f} kB"
            )
            size, taken = size_after_gc(top)
            shown = (
                f"{size / 1e6:8.1f} MB, gc took {taken.wall_s:.1f} s"
                if size and taken
                else f"  > {LIMIT_S} s"
            )
            print(f"{count:>8} {layout:7} {'size after gc':26} {shown}", flush=True)
        show(layout, counts, found)


if __name__ == "__main__":
    main()
