"""What a commit waits for: the hooks as whole processes beside Python, git and detect-secrets.

    python benchmarks/hook.py [RUNS]

One desk.toml of some 200 lines is staged, in a repository with 1,000 snapshots. Every command is
run RUNS times (default 25) in turn; medians of wall time, and multiples of `python -c pass`.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.startup import fill

ROOT = Path(__file__).parents[1]
SCRIPTS = Path(sysconfig.get_path("scripts"))
BLOCK = """
[[connector]]
name    = "venue-{n}"
type    = "crypto"
enabled = true

  [connector.auth]
  api_key    = {{ env = "V{n}_API_KEY" }}
  api_secret = {{ env = "V{n}_API_SECRET" }}
"""


def wall(args: Sequence[str], cwd: Path) -> float:
    start = time.perf_counter()
    done = subprocess.run(args, cwd=cwd, capture_output=True, check=False)
    taken = time.perf_counter() - start
    assert done.returncode == 0, (args, done.stderr)
    return taken


def main() -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PATH"] = f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 25
    with tempfile.TemporaryDirectory() as folder:
        desk = Path(folder) / "desk"
        subprocess.run(["git-qoc", "init", str(desk)], check=True, capture_output=True)
        fill(desk, 1_000)
        file = desk / "desk.toml"
        file.write_text(file.read_text() + "".join(BLOCK.format(n=n) for n in range(20)))
        subprocess.run(["git", "add", "desk.toml"], cwd=desk, check=True)
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "git diff --cached": ["git", "diff", "--cached"],
            "hooks/pre-commit, desk.toml staged": ["sh", str(ROOT / "hooks" / "pre-commit")],
            "git-qoc hook pre-commit": ["git-qoc", "hook", "pre-commit"],
            "git-qoc check credentials": ["git-qoc", "check", "credentials"],
            "git-qoc check desk": ["git-qoc", "check", "desk"],
            "detect-secrets-hook desk.toml": ["detect-secrets-hook", "desk.toml"],
        }
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                taken[name].append(wall(command, desk))
        base = statistics.median(taken["python -c pass"])
        print(f"{'median of ' + str(runs):40} {'wall ms':>8} {'ratio':>7}")
        for name, times in taken.items():
            median = statistics.median(times)
            print(f"{name:40} {median * 1000:8.1f} {median / base:6.1f} P")


if __name__ == "__main__":
    main()
