"""Small real repositories for the tests of this room."""

from __future__ import annotations

import subprocess
from pathlib import Path

from git_qoc.history.journal import heal
from git_qoc.history.lock import writing
from git_qoc.history.repository import Repository, discover
from git_qoc.history.write import Commit, commit_files
from tests.conftest import Git


def make(path: Path, *options: str) -> Git:
    subprocess.run(["git", "init", "-q", "-b", "main", *options, str(path)], check=True)
    return Git(path)


def seed(git: Git, **files: str) -> Git:
    """A first commit of the user's own; `__` in a name is a dot."""
    for name, text in (files or {"notes__md": "mine\n"}).items():
        (git.path / name.replace("__", ".")).write_text(text)
    git("add", "-A")
    git("commit", "-q", "-m", "the user's own")
    return git


def snapshot_path(number: int) -> str:
    return f"snapshots/2026-07-{number // 24 + 1:02}T{number % 24:02}-00-00Z.toml"


def record(repo: Repository, path: str, data: bytes) -> Commit | None:
    """Commit one snapshot as the tool does, trailers included."""
    return commit_files(repo, {path: data}, lambda blobs: trailers(path, blobs[path]), what="snapshot")


def trailers(path: str, blob: str) -> str:
    return f"snapshot\n\nQoc-Snapshot: {path}\nQoc-Blob: {blob}\n"


def recover(repo: Repository) -> None:
    """What the next writer does first."""
    with writing(repo):
        heal(repo)


def recorded(git: Git, count: int) -> Repository:
    """A repository with `count` snapshots recorded."""
    repo = discover(git.path)
    for number in range(count):
        assert record(repo, snapshot_path(number), b"nav = %d\n" % number) is not None
    return repo


def changed_paths(git: Git, commit: str = "HEAD") -> list[str]:
    return git("show", "--format=", "--name-only", commit).splitlines()
