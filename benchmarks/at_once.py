"""Eight processes take fifty snapshots each, at once, in one desk, through the real command.

    python benchmarks/at_once.py [PROCESSES [SNAPSHOTS]]

Prints the wall time and fails when a commit is lost, the index or the work tree is not clean,
a snapshot is told twice, or git fsck finds a fault.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
ENV = {
    **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
    **{
        f"GIT_{role}_{part}": "bench@example.com"
        for role in ("AUTHOR", "COMMITTER")
        for part in ("NAME", "EMAIL")
    },
    "GIT_CONFIG_GLOBAL": os.devnull,
    "PYTHONPATH": str(ROOT),
}


def git(desk: Path, *args: str) -> str:
    return subprocess.run(
        ["git", *args], cwd=desk, env=ENV, capture_output=True, text=True, check=True
    ).stdout


def qoc(desk: Path, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "git_qoc", *args]
    return subprocess.run(command, cwd=desk, env=ENV, capture_output=True, text=True, check=False)


def make_desk(folder: Path) -> Path:
    """A paper desk with a file of the user's staged and edited."""
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], env=ENV, check=True)
    for args in (
        ("init",),
        ("connect", "equities", "--name", "till", "--venue", "paper"),
        ("paper", "deposit", "till", "1000"),
        ("paper", "buy", "till", "KO", "3"),
    ):
        done = qoc(folder, *args)
        assert done.returncode == 0, done.stderr
    (folder / "mine.txt").write_text("staged\n")
    git(folder, "add", "mine.txt")
    (folder / "mine.txt").write_text("edited\n")
    return folder


def worker(desk: Path, count: int) -> list[str]:
    """What went wrong, one entry for each snapshot that failed."""
    runs = (qoc(desk, "snapshot") for _ in range(count))
    return [run.stderr.strip() for run in runs if run.returncode]


def main(processes: int = 8, count: int = 50) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = make_desk(Path(folder) / "desk")
        before = git(desk, "status", "--porcelain=v2")
        start = int(git(desk, "rev-list", "--count", "HEAD"))
        began = time.perf_counter()
        with ThreadPoolExecutor(processes) as pool:
            faults = [
                fault
                for result in pool.map(lambda _: worker(desk, count), range(processes))
                for fault in result
            ]
        wall = time.perf_counter() - began
        commits = int(git(desk, "rev-list", "--count", "HEAD")) - start
        files = git(desk, "ls-tree", "-r", "--name-only", "HEAD", "snapshots/").split()
        names = [line for line in git(desk, "log", "--format=", "--name-only", f"-{commits}").split() if line]
        print(
            f"{processes} processes × {count} snapshots: {wall:.1f} s,"
            f" {1000 * wall / max(commits, 1):.0f} ms each"
        )
        print(f"commits {commits}, snapshot files {len(files) - 1}, failed {len(faults)}")
        assert not faults, faults[:3]
        assert commits == processes * count == len(set(names)) == len(names) == len(files) - 1
        assert git(desk, "status", "--porcelain=v2") == before
        assert git(desk, "fsck", "--strict", "--no-dangling") == ""
        print("index and work tree as before, fsck clean, one new file in each commit")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
