"""A real `git qoc snapshot` is killed with SIGKILL: at every git call, and at random moments.

    python benchmarks/kills.py [RANDOM_KILLS [SEED]]

After each kill git fsck must find no fault and every snapshot in HEAD must be whole; after the
next snapshot nothing half-written may be left, and the user's staged and edited files must be
as they were. Prints how many kills there were, and how many came after the commit.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from contextlib import suppress
from pathlib import Path

from at_once import ENV, git, make_desk, qoc

COMMAND = [sys.executable, "-m", "git_qoc", "snapshot"]
REAL = shutil.which("git") or "git"


def recorded(desk: Path) -> int:
    """How many snapshots HEAD has; the newest is whole, or this fails."""
    listing = git(desk, "ls-tree", "-r", "--name-only", "HEAD", "snapshots/").split()
    paths = [path for path in listing if path.endswith(".toml")]
    for path in paths[-1:]:
        assert tomllib.loads(git(desk, "show", f"HEAD:{path}"))["meta"]["nav_usd"] is not None, path
    return len(paths)


def check(desk: Path, before: str, had: int) -> bool:
    """All is well after a kill; True when the commit had been made."""
    assert git(desk, "fsck", "--strict", "--no-dangling") == ""
    landed = recorded(desk) - had
    assert landed in (0, 1), landed
    done = qoc(desk, "snapshot")
    assert done.returncode == 0, done.stderr
    assert recorded(desk) == had + landed + 1
    assert git(desk, "status", "--porcelain=v2") == before, git(desk, "status")
    assert git(desk, "show", ":mine.txt") == "staged\n"
    assert (desk / "mine.txt").read_text() == "edited\n"
    left = [
        *desk.rglob("*qoc-tmp"),
        *(desk / ".git" / "qoc").glob("journal*"),
        *(desk / ".git").glob("*.lock"),
    ]
    assert not left, left
    assert git(desk, "fsck", "--strict", "--no-dangling") == ""
    return landed == 1


def at_git_call(desk: Path, folder: Path, number: int, *, after: bool) -> bool:
    """Kill the writer before or after its n-th git call; False when it made fewer."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "count").write_text("0\n")
    run = f'{REAL} "$@";' if after else ""
    (folder / "git").write_text(
        f"#!/bin/sh\nread count <'{folder}/count'\ncount=$((count + 1))\necho $count >'{folder}/count'\n"
        f'if [ $count = {number} ]; then {run} kill -9 $PPID; exit 1; fi\nexec {REAL} "$@"\n'
    )
    (folder / "git").chmod(0o755)
    env = {**ENV, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(COMMAND, cwd=desk, env=env, capture_output=True, check=False).returncode != 0


def at_random(desk: Path, after_s: float) -> bool:
    """Kill the writer after some seconds; False when it had ended by then. Its git children live on."""
    process = subprocess.Popen(
        COMMAND, cwd=desk, env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    with suppress(subprocess.TimeoutExpired):
        process.wait(after_s)
    process.kill()
    return process.wait() == -signal.SIGKILL


def main(kills: int = 200, seed: int = 1) -> None:
    chance = random.Random(seed)  # noqa: S311 - moments, not secrets
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        desk = make_desk(Path(folder) / "desk")
        before = git(desk, "status", "--porcelain=v2")
        for after in (False, True):
            number, killed = 1, True
            while killed:
                had = recorded(desk)
                killed = at_git_call(desk, Path(folder) / "bin", number, after=after)
                if not killed:
                    assert recorded(desk) == had + 1
                    break
                counts["at a git call"] += 1
                counts["committed"] += check(desk, before, had)
                number += 1
        began = time.perf_counter()
        assert qoc(desk, "snapshot").returncode == 0
        whole_s = time.perf_counter() - began
        for _ in range(kills):
            had = recorded(desk)
            killed = at_random(desk, chance.uniform(0.2, 1.1) * whole_s)
            counts["at a random moment" if killed else "too late"] += 1
            # What else the machine does changes; the moments stay spread over the whole run.
            whole_s *= 1.02 if killed else 0.9
            counts["committed"] += check(desk, before, had)
        print(", ".join(f"{count} {what}" for what, count in counts.items()))
        print("after every kill fsck clean, nothing half-written, the user's files as before")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
