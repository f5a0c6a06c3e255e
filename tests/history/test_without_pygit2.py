"""The tests of reading once more in a Python that has no pygit2, and the commands too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Git

ROOT = Path(__file__).parents[2]
READING = ("test_reader.py", "test_walk.py", "test_promisor.py")


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment in which importing pygit2 fails, as where it is not built for the platform."""
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "pygit2.py").write_text("raise ImportError('no pygit2 here')\n")
    return {**os.environ, "PYTHONPATH": f"{tmp_path / 'without'}{os.pathsep}{ROOT}"}


@pytest.mark.skipif("QOC_NO_PYGIT2" in os.environ, reason="is running without pygit2 already")
def test_everything_that_reads_history_works_without_pygit2(environ: dict[str, str], tmp_path: Path) -> None:
    files = [str(Path(__file__).with_name(name)) for name in READING]
    options = ("-q", "-n", "0", "-p", "no:cacheprovider", f"--basetemp={tmp_path / 'inner'}")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *files],
        cwd=ROOT,
        env={**environ, "QOC_NO_PYGIT2": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


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
