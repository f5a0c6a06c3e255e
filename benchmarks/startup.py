"""Whole-process times of the commands a person waits for, as multiples of `python -c pass`.

    python benchmarks/startup.py [RUNS]

Every command is run RUNS times (default 9) in turn with the baseline, so that a machine that
slows down slows both; medians of CPU time (user + system, children included) are printed, and
the commit hook beside a bare commit.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
SECRETLESS = '\n[[connector]]\nname = "a{n}"\ntype = "cash"\nenabled = true\nvenue = "paper"\n'


def cpu(args: list[str], cwd: Path) -> float:
    """Seconds of CPU of one process and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(args, cwd=cwd, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def medians(cases: dict[str, Callable[[], float]], runs: int) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(runs):
        for name, run in cases.items():
            taken[name].append(run())
    return {name: statistics.median(times) for name, times in taken.items()}


def git(*args: str, cwd: Path) -> str:
    return subprocess.run(["git", *args], cwd=cwd, check=True, capture_output=True, text=True).stdout.strip()


def main() -> None:
    # An installed package has its bytecode; without it every run compiles the source again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    with tempfile.TemporaryDirectory() as name:
        measure(Path(name), runs)


def measure(folder: Path, runs: int) -> None:
    tool = str(Path(sysconfig.get_path("scripts")) / "git-qoc")
    desk = folder / "desk"
    subprocess.run([tool, "init", str(desk)], check=True, capture_output=True)
    fill(desk, 10_000)
    number = iter(range(10**6))

    def commit(what: str, *options: str) -> float:
        if what == "desk.toml":
            with (desk / what).open("a") as file:
                file.write(SECRETLESS.format(n=next(number)))
        else:
            (desk / what).write_text(str(next(number)))
        git("add", what, cwd=desk)
        return cpu(["git", *options, "commit", "-qm", "x"], desk)

    hooks = ("-c", f"core.hooksPath={ROOT / 'hooks'}")
    os.environ["PATH"] = f"{Path(tool).parent}{os.pathsep}{os.environ['PATH']}"
    result = medians(
        {
            "python -c pass": lambda: cpu([sys.executable, "-c", "pass"], desk),
            "git qoc --version": lambda: cpu([tool, "--version"], desk),
            "git qoc -h": lambda: cpu([tool, "-h"], desk),
            "git qoc status --snapshot latest (10,000 snapshots)": lambda: cpu(
                [tool, "status", "--snapshot", "latest"], desk
            ),
            "bare commit, other file": lambda: commit("other"),
            "hook commit, other file": lambda: commit("other", *hooks),
            "bare commit, desk.toml": lambda: commit("desk.toml"),
            "hook commit, desk.toml": lambda: commit("desk.toml", *hooks),
        },
        runs,
    )
    base = result["python -c pass"]
    print(f"{'median of ' + str(runs):52} {'CPU ms':>8} {'ratio':>7}")
    for name, seconds in result.items():
        print(f"{name:52} {seconds * 1000:8.1f} {seconds / base:6.1f} P")
    for what in ("other file", "desk.toml"):
        extra = result[f"hook commit, {what}"] - result[f"bare commit, {what}"]
        print(f"{'the hook alone, ' + what:52} {extra * 1000:8.1f} {extra / base:6.1f} P")


def fill(desk: Path, count: int) -> None:
    """`count` snapshots in one commit; only how many there are matters to the commands measured here."""
    lines = ["commit refs/heads/x", "committer A <a@example.com> 0 +0000", "data 4", "fill"]
    for index in range(count):
        hours, rest = divmod(index, 3600)
        name = f"2026-{1 + hours // 24:02}-01T{hours % 24:02}-{rest // 60:02}-{rest % 60:02}Z"
        stamp = f"{name[:13]}:{name[14:16]}:{name[17:]}"
        text = f'[meta]\ntimestamp      = "{stamp}"\nnav_usd        = 1.00\nconnectors     = []\n'
        lines += [f"M 100644 inline snapshots/{name}.toml", f"data {len(text)}", text]
    git("checkout", "-q", "-B", "x", cwd=desk)
    head = git("rev-parse", "HEAD", cwd=desk)
    lines.insert(4, f"from {head}")
    stream = "\n".join(lines) + "\n"
    subprocess.run(
        ["git", "fast-import", "--quiet", "--force"], cwd=desk, input=stream, text=True, check=True
    )
    git("reset", "-q", "--hard", "x", cwd=desk)


if __name__ == "__main__":
    main()
