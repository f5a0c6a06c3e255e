"""What the git part costs, as ratios in one run: `python benchmarks/history.py [count …]`.

P is the time of `python -c pass`; G that of `git log --name-only -- snapshots/`, which is what
a person would type to see the record. Repositories are made by `git fast-import`, packed. Each
figure is the least of several; for reading it is the CPU time of the whole process, children
included.
"""

from __future__ import annotations

import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from git_qoc.history.repository import discover
from git_qoc.history.write import commit_files

START = datetime(2020, 1, 1, 16, tzinfo=UTC)
DESK = b'[workspace]\nname = "bench"\n'
READ_ALL = (
    "from git_qoc.history.repository import discover\n"
    "from git_qoc.history.walk import entries\n"
    "found = entries(discover())\n"
    "assert all(entry.commit and entry.data for entry in found)"
)
READ_LATEST = (
    "from git_qoc.history.repository import discover\n"
    "from git_qoc.history.walk import snapshot_files\n"
    "assert snapshot_files(discover())"
)


def name(number: int) -> str:
    return f"snapshots/{START + timedelta(hours=6 * number):%Y-%m-%dT%H-%M-%SZ}.toml"


def snapshot(number: int) -> bytes:
    position = (
        '\n[[position]]\nconnector  = "main-equities"\nsymbol     = "S{0}"\nquantity   = {1}\nmark = {2}\n'
    )
    rows = "".join(position.format(k, 150 + number % 37, 200 + (number * 7 + k * 13) % 100) for k in range(8))
    return f"[meta]\nnav_usd        = {100_000 + number}.00\n{rows}".encode()


def stream(count: int) -> Iterator[bytes]:
    for number in range(count):
        data = snapshot(number)
        blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
        message = f"snapshot {number}\n\nQoc-Snapshot: {name(number)}\nQoc-Blob: {blob}\n".encode()
        when = int((START + timedelta(hours=6 * number)).timestamp())
        yield b"commit refs/heads/main\ncommitter Ada <ada@example.com> %d +0000\n" % when
        yield b"data %d\n" % len(message) + message
        if number == 0:
            yield b"M 100644 inline desk.toml\ndata %d\n" % len(DESK) + DESK
        yield f"M 100644 inline {name(number)}\ndata {len(data)}\n".encode() + data + b"\n"


def build(path: Path, count: int) -> None:
    subprocess.run(["git", "init", "-q", "-b", "main", str(path)], check=True)
    subprocess.run(["git", "fast-import", "--quiet"], cwd=path, input=b"".join(stream(count)), check=True)
    for args in (
        ["repack", "-adq"],
        ["reset", "-q", "--hard"],
        ["config", "user.name", "Ada"],
        ["config", "user.email", "ada@example.com"],
    ):
        subprocess.run(["git", *args], cwd=path, check=True)


def wall_s(step: Callable[[int], object], rounds: int) -> float:
    times = []
    for number in range(rounds):
        start = time.perf_counter()
        step(number)
        times.append(time.perf_counter() - start)
    return min(times)


def cpu_s(args: list[str], path: Path, rounds: int) -> float:
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    times = []
    for _ in range(rounds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(args, cwd=path, env=env, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


def measure(path: Path, count: int) -> None:
    python_s = cpu_s([sys.executable, "-c", "pass"], path, 20)
    log_s = cpu_s(["git", "log", "--name-only", "--", "snapshots/"], path, 2)
    repo = discover(path)

    def commit(number: int) -> None:
        made = commit_files(repo, {name(count + number): snapshot(number)}, "bench", what="bench")
        assert made is not None

    commit_s = wall_s(commit, 10)
    subprocess.run(["git", "reset", "-q", "--hard", "HEAD~10"], cwd=path, check=True)
    print(f"{count:>7} snapshots: P {python_s * 1e3:.1f} ms, G {log_s:.2f} s")
    print(f"        commit       {commit_s * 1e3:7.1f} ms  = {commit_s / python_s:5.1f} P")
    for label, code in (("read latest", READ_LATEST), ("read all", READ_ALL)):
        cost_s = cpu_s([sys.executable, "-c", code], path, 5)
        ratios = f"{cost_s / python_s:5.1f} P = {cost_s / log_s:.3f} G"
        print(f"        {label:<12} {cost_s * 1e3:7.1f} ms  = {ratios}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for size in [int(arg) for arg in sys.argv[1:]] or [1_000, 10_000]:
            build(Path(folder) / str(size), size)
            measure(Path(folder) / str(size), size)
