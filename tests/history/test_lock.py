"""Who holds index.lock is said: processes by name and id, never what they were called with."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from git_qoc.errors import HistoryError
from git_qoc.history.holders import git_at_work
from git_qoc.history.repository import discover
from tests.conftest import Git
from tests.history.desk import record, seed, snapshot_path

linux = pytest.mark.skipif(not Path("/proc/self/comm").exists(), reason="there is no /proc")


@contextmanager
def waiting_git(folder: Path) -> Iterator[int]:
    """A git that waits for its stdin, in this folder."""
    args = ["git", "-c", "secret.password=hunter2", "cat-file", "--batch-check"]
    with subprocess.Popen(args, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        # Its answer shows that it runs and is called git by now.
        process.stdin.write(b"HEAD\n")
        process.stdin.flush()
        process.stdout.readline()
        yield process.pid
        process.stdin.close()


@linux
def test_git_at_work_below_the_folder_is_named_with_its_pid_and_nothing_more(
    git: Git, tmp_path: Path
) -> None:
    seed(git)
    deep = git.path / "deep"
    deep.mkdir()
    (tmp_path / "repo-beside").mkdir()
    with waiting_git(deep) as pid:
        assert git_at_work((git.path,)) == [f"git (pid {pid})"]
        assert git_at_work((tmp_path / "repo-beside",)) == []
    assert git_at_work((git.path,)) == []
    assert git_at_work(()) == []


@linux
def test_a_held_lock_names_its_age_and_who_is_at_work(git: Git) -> None:
    seed(git)
    lock = git.path / ".git" / "index.lock"
    lock.touch()
    made = lock.stat().st_mtime - 7200
    os.utime(lock, (made, made))
    with waiting_git(git.path) as pid, pytest.raises(HistoryError) as held:
        record(discover(git.path), snapshot_path(0), b"1")
    text = str(held.value)
    assert f"another git process holds {lock} (made 720" in text
    assert f"At work here: git (pid {pid}). Wait until it is done" in text
    assert "hunter2" not in text
    lock.unlink()
    assert git("status", "--porcelain") == ""


@linux
def test_the_git_that_started_us_is_not_taken_for_the_holder(git: Git, tmp_path: Path) -> None:
    seed(git)
    script = tmp_path / "git-ask"
    code = "import sys; from pathlib import Path; from git_qoc.history.holders import git_at_work;"
    script.write_text(
        f"#!/bin/sh\n{sys.executable} -c '{code} print(git_at_work((Path(sys.argv[1]),)))' \"$PWD\"\n"
    )
    script.chmod(0o755)
    env = {
        **os.environ,
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    done = subprocess.run(["git", "ask"], cwd=git.path, env=env, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
