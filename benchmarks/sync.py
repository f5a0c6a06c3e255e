"""Two clones of one desk and a bare remote, both taking snapshots: `python benchmarks/sync.py [times]`.

Real commands in two processes at once, 100 times each unless told otherwise. Afterwards every
snapshot must be in both clones once, byte for byte as it was taken, the history linear, and
every tip that a push has told of an ancestor of the last.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ENV = {
    **os.environ,
    "PYTHONPATH": str(Path(__file__).parents[1]),
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
}


@dataclass
class Clone:
    """What its commands told: snapshots taken, tips pushed, seconds and fetches of each sync."""

    path: Path
    taken: list[str] = field(default_factory=list)
    tips: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    rounds: list[int] = field(default_factory=list)
    replayed: int = 0
    renamed: int = 0

    def git(self, *args: str) -> str:
        done = subprocess.run(
            ["git", *args], cwd=self.path, env=ENV, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def qoc(self, *args: str) -> str:
        command = [sys.executable, "-m", "git_qoc", *args]
        done = subprocess.run(command, cwd=self.path, env=ENV, check=False, capture_output=True, text=True)
        assert done.returncode == 0, f"git qoc {' '.join(args)}: {done.returncode} {done.stderr}"
        return done.stdout

    def take(self) -> None:
        taken: dict[str, Any] = json.loads(self.qoc("snapshot", "--json"))
        self.taken.append(self.content(f"{taken['commit']}:{taken['path']}"))

    def content(self, name: str) -> str:
        """A snapshot without its own time, which sync moves by a microsecond where it is taken."""
        lines = self.git("cat-file", "-p", name).splitlines()
        return "\n".join(line for line in lines if not line.startswith("timestamp "))

    def sync(self) -> None:
        start = time.perf_counter()
        done: dict[str, Any] = json.loads(self.qoc("sync", "--json"))["synced"]
        self.seconds.append(time.perf_counter() - start)
        self.rounds.append(done["rounds"])
        self.tips.append(done["head"])
        self.replayed += len(done["replayed"])
        self.renamed += sum(one["was"] is not None for one in done["replayed"])

    def work(self, times: int) -> None:
        for _ in range(times):
            self.take()
            self.sync()


def clones(folder: Path) -> list[Clone]:
    bare = folder / "books.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(bare)], check=True)
    first, second = Clone(folder / "first"), Clone(folder / "second")
    subprocess.run(["git", "init", "-q", "-b", "main", str(first.path)], check=True)
    first.qoc("init")
    first.qoc("connect", "equities", "--name", "paper", "--venue", "paper")
    first.git("remote", "add", "origin", str(bare))
    first.qoc("sync", "origin")
    subprocess.run(["git", "clone", "-q", str(bare), str(second.path)], check=True)
    for clone, amount in ((first, "1000"), (second, "2000")):
        clone.qoc("paper", "deposit", "paper", amount)
    return [first, second]


def check(clone: Clone, both: list[Clone]) -> None:
    assert clone.git("status", "--porcelain") == ""
    assert clone.git("fsck", "--strict", "--no-dangling") == ""
    assert clone.git("rev-list", "--min-parents=2", "HEAD") == ""
    listing = clone.git("ls-tree", "-r", "HEAD", "snapshots/").splitlines()
    recorded = [clone.content(line.split()[2]) for line in listing if line.endswith(".toml")]
    assert sorted(recorded) == sorted(text for one in both for text in one.taken)
    assert clone.qoc("verify").startswith(f"{len(recorded)} snapshots")
    ancestors = set(clone.git("rev-list", "HEAD").split())
    assert {tip for one in both for tip in one.tips} <= ancestors
    edited = clone.git("log", "--diff-filter=MDTR", "--format=%H", "--", "snapshots/")
    assert edited == ""


def main(times: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        both = clones(Path(folder))
        start = time.perf_counter()
        with ThreadPoolExecutor(len(both)) as pool:
            list(pool.map(lambda clone: clone.work(times), both))
        seconds = time.perf_counter() - start
        for clone in both:
            clone.sync()
        for clone in both:
            check(clone, both)
        taken = sum(len(clone.taken) for clone in both)
        print(f"{taken} snapshots by {len(both)} clones in {seconds:.1f} s: all in both, each once, linear")
        for clone in both:
            print(
                f"{clone.path.name}: sync {statistics.median(clone.seconds) * 1e3:.0f} ms"
                f" (longest {max(clone.seconds):.1f} s), {sum(clone.rounds)} fetches in {len(clone.rounds)}"
                f" syncs (at most {max(clone.rounds)}), {clone.replayed} replayed,"
                f" {clone.renamed} of a second that was taken"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
