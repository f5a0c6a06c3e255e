"""Our checker beside detect-secrets over the corpora of tests/checks: recall, false alarms, time.

    python benchmarks/credentials.py [SAMPLE]

Every case of tests/checks/corpus_*.py is written to a folder of its own; both tools look at
the same files: detect-secrets with all its plugins, by its own `scan` and `detect-secrets-hook`.
Whole processes are timed: one over all files, and one a file over SAMPLE of them (default 20).
The last lines name each miss and false alarm of ours. Needs the dev group of pyproject.toml.
"""

from __future__ import annotations

import importlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
SCRIPTS = Path(sys.executable).parent
OURS, THEIRS = "git-qoc", "detect-secrets"


def cases() -> list[tuple[str, object]]:
    """(corpus and name, case) of every corpus that is there."""
    modules = sorted(path.stem for path in (ROOT / "tests/checks").glob("corpus_*.py"))
    return [
        (f"{module}: {case.name}", case)
        for module in modules
        for case in importlib.import_module(f"tests.checks.{module}").CASES
    ]


def look(paths: Sequence[Path]) -> Iterator[Path]:
    """The files in which our checker finds a fault; what the child process runs."""
    from git_qoc.checks.credentials import check, check_text

    for path in paths:
        is_desk = path.name.casefold() == "desk.toml"
        if (check if is_desk else check_text)(path.name, path.read_bytes()):
            yield path


def ours(paths: Sequence[Path], folder: Path) -> set[str]:
    done = run([sys.executable, str(Path(__file__).resolve()), "--look", *map(str, paths)], folder)
    return set(done.splitlines())


def theirs(paths: Sequence[Path], folder: Path) -> set[str]:
    """In the folder of the files: it passes over what is outside of where it runs."""
    command = [str(SCRIPTS / "detect-secrets"), "scan", "--all-files", "--no-verify", *map(str, paths)]
    return set(json.loads(run(command, folder))["results"])


def run(command: list[str], folder: Path) -> str:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


def seconds(command: list[str], folder: Path) -> float:
    start = time.perf_counter()
    run(command, folder)
    return time.perf_counter() - start


def one_by_one(paths: Sequence[Path], folder: Path) -> dict[str, float]:
    """Median seconds of a process over one file, in turn with `python -c pass`."""
    taken: dict[str, list[float]] = {OURS: [], THEIRS: [], "python -c pass": []}
    for path in paths:
        taken["python -c pass"].append(seconds([sys.executable, "-c", "pass"], folder))
        taken[OURS].append(
            seconds([sys.executable, str(Path(__file__).resolve()), "--look", str(path)], folder)
        )
        taken[THEIRS].append(
            seconds([str(SCRIPTS / "detect-secrets-hook"), "--no-verify", str(path)], folder)
        )
    return {name: statistics.median(times) for name, times in taken.items()}


def main(sample: int) -> None:
    named = cases()
    with tempfile.TemporaryDirectory() as folder:
        files: dict[str, tuple[str, bool]] = {}
        for number, (name, case) in enumerate(named):
            path = Path(str(number), case.path)
            Path(folder, path).parent.mkdir(parents=True)
            Path(folder, path).write_bytes(case.data)
            files[str(path)] = (name, case.must_be_found)
        paths = [Path(path) for path in files]
        found, whole = {}, {}
        for tool, look_at in ((OURS, ours), (THEIRS, theirs)):
            start = time.perf_counter()
            found[tool] = look_at(paths, Path(folder))
            whole[tool] = time.perf_counter() - start
        single = one_by_one(paths[:: max(1, len(paths) // sample)][:sample], Path(folder))
    dirty = {path for path, (_, must) in files.items() if must}
    clean = set(files) - dirty
    print(f"{len(files)} files, {len(dirty)} with a secret, {len(clean)} without\n")
    print(f"{'':16}{'recall':>9}{'false alarms':>15}{'all files, s':>14}{'a file, ms':>12}")
    for tool in (OURS, THEIRS):
        recall = len(found[tool] & dirty) / max(1, len(dirty))
        alarms = f"{len(found[tool] & clean)} of {len(clean)}"
        print(f"{tool:16}{recall:9.1%}{alarms:>15}{whole[tool]:14.2f}{single[tool] * 1000:12.0f}")
    print(f"{'python -c pass':16}{'':9}{'':15}{'':14}{single['python -c pass'] * 1000:12.0f}\n")
    for what, wrong in (("missed", dirty - found[OURS]), ("false alarm", found[OURS] & clean)):
        for path in sorted(wrong):
            print(f"{what}: {files[path][0]}")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    if sys.argv[1:2] == ["--look"]:
        print("\n".join(map(str, look([Path(arg) for arg in sys.argv[2:]]))))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
