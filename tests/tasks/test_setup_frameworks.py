"""Beside the real pre-commit, installed before us, after us, again, and taken away."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from git_qoc.tasks.setup_hook_text import CHAINED
from tests.conftest import Git
from tests.tasks.hooks import attempt, files, folder, order, put, ran, recording, states, take, users

CONFIG = """\
default_install_hook_types: [pre-commit, pre-push, prepare-commit-msg]
repos:
- repo: local
  hooks:
  - id: framework
    name: framework
    entry: sh -c 'echo "framework pre-commit" >>"$RECORD"'
    language: system
    always_run: true
    pass_filenames: false
    stages: [pre-commit]
"""
COMMIT = ("commit", "-q", "--allow-empty", "-m", "x")
ALL = ["ours pre-commit", "yours pre-commit", "framework pre-commit"]


@pytest.fixture
def project(git: Git, record: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """A repository with a configuration of pre-commit's, which is not installed, and a user's hook."""
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "cache"))
    (git.path / ".pre-commit-config.yaml").write_text(CONFIG)
    git("add", "-A")
    git("commit", "-q", "-m", "config")
    users(git, "pre-commit")
    return git


def pre_commit(git: Git, *args: str) -> None:
    subprocess.run([sys.executable, "-m", "pre_commit", *args], cwd=git.path, capture_output=True, check=True)


def committed(git: Git) -> list[str]:
    """What ran at a commit, but for the preparation of its message."""
    done = attempt(git, *COMMIT)
    assert done.returncode == 0, done.stderr
    return [line for line in order() if "prepare" not in line]


def test_installed_before_us_it_runs_ours_and_the_users_before_its_own(project: Git) -> None:
    pre_commit(project, "install")
    before = files(folder(project))
    steps = put(project)
    assert states(steps) == {"installed"}
    assert steps["pre-commit"].where == f"{folder(project)}/pre-commit.legacy"
    assert steps["pre-commit"].note == f"pre-commit runs it first, then yours, pre-commit{CHAINED}"
    assert committed(project) == ALL
    assert states(put(project)) == {"present"}
    assert states(take(project)) == {"removed"}
    assert files(folder(project)) == before
    assert committed(project) == ALL[1:]


def test_installed_after_us_and_again_everything_still_runs_once(project: Git) -> None:
    put(project)
    for _ in range(2):
        pre_commit(project, "install")
        assert committed(project) == ALL
        whole = files(folder(project))
        assert states(put(project)) == {"present"}
        assert files(folder(project)) == whole
    take(project)
    assert committed(project) == ALL[1:]


def test_taken_away_it_leaves_ours_before_the_users(project: Git) -> None:
    pre_commit(project, "install")
    put(project)
    pre_commit(project, "uninstall")
    assert committed(project) == ALL[:2]
    assert states(put(project)) == {"present"}
    take(project)
    assert committed(project) == ALL[1:2]


def test_installed_by_force_it_drops_ours_and_the_next_setup_brings_it_back(project: Git) -> None:
    put(project)
    pre_commit(project, "install", "--overwrite")
    assert committed(project) == ALL[2:]
    assert take(project)["pre-commit"].note == f"nothing runs pre-commit{CHAINED}, an earlier one of yours"
    assert put(project)["pre-commit"].state == "installed"
    assert committed(project) == ALL


def test_what_it_is_told_of_a_push_reaches_ours(project: Git, tmp_path: Path) -> None:
    users(project, "pre-push", recording("yours", "pre-push"))
    pre_commit(project, "install")
    put(project)
    ran()
    remote = tmp_path / "remote"
    subprocess.run(["git", "init", "-q", "--bare", str(remote)], check=True)
    project("push", "-q", str(remote), "main", "main:other")
    lines = ran()
    assert [line.split()[:2] for line in lines if " reads " not in line] == [
        ["ours", "pre-push"],
        ["yours", "pre-push"],
    ]
    read = [line.partition(" reads ")[::2] for line in lines if " reads " in line]
    assert [text for who, text in read if who == "ours"] == [text for who, text in read if who == "yours"]
    assert len(read) == 4


def test_refused_by_ours_nothing_is_committed(project: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    put(project)
    pre_commit(project, "install")
    monkeypatch.setenv("ours", "1")
    assert attempt(project, *COMMIT).returncode == 1
