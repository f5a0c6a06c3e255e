"""Every command in every shape of repository, each a process of its own: `python benchmarks/shapes.py`.

Prints a Markdown table: ok or what failed; then what `git fsck --strict`
says, and whether the user's staged, edited, stashed and hidden files are as they were. A shape
that the git at hand cannot make is left out by name.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import pytest  # noqa: E402

from tests.conftest import IDENTITY  # noqa: E402
from tests.history.shapes import COMMANDS, READING, SHAPES, Shape, state  # noqa: E402


def run(shape: Shape, env: dict[str, str], commands: tuple[tuple[str, ...], ...]) -> str:
    for command in commands:
        done = subprocess.run(
            [*shape.call, *command], cwd=shape.folder, env=env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            return f"{' '.join(command)}: {done.stderr.strip()}"
    return "ok"


def row(name: str, folder: Path, path: str) -> list[str]:
    shape = SHAPES[name](folder)
    changed = {key: value for key, value in shape.env.items() if value is not None}
    kept = {key: value for key, value in os.environ.items() if key not in shape.env}
    env = {**kept, **changed, "PATH": path}
    saved = dict(os.environ)
    os.environ.update(changed)
    before = None if shape.bare else state(shape.git)
    asked = READING if shape.bare else COMMANDS
    # Real commands have the real clock, so their commits are dated by it.
    env = {key: value for key, value in env.items() if not key.endswith("_DATE")}
    left_out = {column for column in COMMANDS if column not in asked} | ({"init"} if shape.adopted else set())
    cells = ["–" if column in left_out else run(shape, env, asked[column]) for column in COMMANDS]
    fsck = subprocess.run(
        ["git", "fsck", "--strict", "--no-dangling"],
        cwd=shape.git.path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    cells.append("clean" if fsck.returncode == 0 and not fsck.stdout else fsck.stdout + fsck.stderr)
    if shape.bare:
        cells.append("no work tree")
    else:
        cells.append("as before" if state(shape.git) == before else "CHANGED")
    os.environ.clear()
    os.environ.update(saved)
    return [name.replace("_", " "), *cells]


def main() -> None:
    os.environ.update(IDENTITY)
    print(subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout)
    header = ["shape", *COMMANDS, "fsck", "user's work"]
    print(f"| {' | '.join(header)} |\n|{'---|' * len(header)}")
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "bin" / "git-qoc"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m git_qoc "$@"\n')
        program.chmod(0o755)
        path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
        for name in SHAPES:
            place = Path(folder) / name
            place.mkdir()
            try:
                print(f"| {' | '.join(row(name, place, path))} |", flush=True)
            except pytest.skip.Exception as skipped:
                print(f"| {name} | {skipped} |")


if __name__ == "__main__":
    main()
