"""The commands in a Python that has no pygit2; `make test` runs all of this room once more in one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Git

ROOT = Path(__file__).parents[2]


@pytest.fixture
def environ() -> dict[str, str]:
    """An environment in which importing pygit2 fails, as where it is not built for the platform."""
    return {**os.environ, "PYTHONPATH": f"{ROOT / 'tests' / 'without_pygit2'}{os.pathsep}{ROOT}"}


def test_the_commands_work_without_pygit2(git: Git, environ: dict[str, str]) -> None:
    def qoc(*args: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "git_qoc", *args],
            cwd=git.path, env=environ, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    qoc("init")
    qoc("connect", "equities", "--name", "till", "--venue", "paper")
    qoc("snapshot")
    assert "NAV" in qoc("log")
    qoc("run", "retrospective", "--json")


def test_where_pygit2_is_missing_and_blobs_are_many_git_reads_them(git: Git, environ: dict[str, str]) -> None:
    code = (
        "from git_qoc.history.repository import discover; from git_qoc.history.reader import *;"
        "print(type(open_reader(discover(), 1_000_000)).__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=git.path, env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout == "GitReader\n"
