"""Every command in every shape of repository: it works, git finds no fault, the user's work is as it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.qoc import Qoc, Result
from tests.conftest import Git
from tests.history.desk import make
from tests.history.shapes import (
    CALL,
    COMMANDS,
    READING,
    SHAPES,
    Shape,
    clone,
    commit_own,
    committed_at,
    desk_in,
    state,
)

ROOT = Path(__file__).parents[2]
every_shape = pytest.mark.parametrize("name", SHAPES)


class User:
    """Types commands where the shape's user stands; through git itself where the way matters."""

    def __init__(self, shape: Shape, bin_folder: Path) -> None:
        self.shape = shape
        self.qoc = Qoc(Git(shape.folder))
        self.bin = bin_folder

    def __call__(self, *args: str) -> Result:
        if self.shape.call == CALL:
            self.qoc.pass_time(days=1)
            with committed_at(self.qoc.now):
                return self.qoc(*args)
        path = f"{installed(self.bin)}{os.pathsep}{os.environ['PATH']}"
        with committed_at(None):
            done = subprocess.run(
                [*self.shape.call, *args],
                cwd=self.shape.folder,
                env={**os.environ, "PATH": path},
                capture_output=True,
                text=True,
                check=False,
            )
        return Result(done.returncode, done.stdout, done.stderr)


def installed(folder: Path) -> Path:
    """A folder for PATH with `git-qoc` in it."""
    script = folder / "git-qoc"
    if not script.exists():
        folder.mkdir(exist_ok=True)
        script.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m git_qoc "$@"\n')
        script.chmod(0o755)
    return folder


@pytest.fixture
def user(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> User:
    shape = SHAPES[name](tmp_path)
    for key, value in shape.env.items():
        if value is None:
            monkeypatch.delenv(key)
        else:
            monkeypatch.setenv(key, value)
    return User(shape, tmp_path / "bin")


@every_shape
def test_every_command_works_and_leaves_git_and_the_users_work_sound(name: str, user: User) -> None:
    shape = user.shape
    before = state(shape.git) if not shape.bare else None
    for column, commands in (READING if shape.bare else COMMANDS).items():
        for command in commands if column != "init" or not shape.adopted else ():
            done = user(*command)
            assert done.code == 0, f"{command}: {done.err}"
            if column in READING and command != ("status",):
                assert ("git fetch --unshallow" in done.err + done.out) == ("shallow" in name)
            if name == "detached_head" and command[0] in ("snapshot", "run"):
                assert "HEAD is detached" in done.err
            assert shape.git("fsck", "--strict", "--no-dangling") == ""
            assert before is None or state(shape.git) == before, command
    lines = json.loads(user("log", "--json").out)
    assert len(lines) == shape.recorded + (0 if shape.bare else 2)
    assert all(line["path"].startswith(f"{shape.below}snapshots/") for line in lines)
    assert shape.bare or lines[0]["nav_usd"] == (1500 if shape.adopted else 1000)


def records(shape: Shape) -> tuple[str, str, list[str]]:
    """Refs, objects and files of a bare repository; a cache of ours may come and go."""
    names = sorted(path.name for path in shape.folder.iterdir() if path.name != "qoc")
    return shape.git("for-each-ref"), shape.git("count-objects", "-v"), names


@pytest.mark.parametrize("name", [name for name in SHAPES if name.startswith("bare")])
def test_where_there_is_no_work_tree_whatever_writes_is_refused_in_one_sentence(
    name: str, user: User
) -> None:
    before = records(user.shape)
    for command in (
        ("init",),
        ("connect", "equities", "--name", "till", "--venue", "paper"),
        ("snapshot",),
        ("snapshot", "--no-commit"),
        ("status",),
        ("run", "retrospective"),
    ):
        done = user(*command)
        assert (done.code, done.out) == (128, "")
        assert "is a bare repository, which has no work tree. Run this in a clone of it." in done.err
        assert len(done.err.splitlines()) == 1
    assert records(user.shape) == before


@pytest.mark.parametrize(
    ("name", "author"), [("include_if", "Ada at the desk"), ("worktree_config", "Ada of the linked tree")]
)
def test_the_configuration_that_holds_here_says_who_commits(name: str, author: str, user: User) -> None:
    assert user("init").code == 0
    assert user.shape.git("log", "-1", "--format=%an %cn") == f"{author} {author}"


def test_a_bare_repository_with_several_desks_names_them(tmp_path: Path) -> None:
    first = commit_own(make(tmp_path / "first"))
    for below in ("a", "b/c"):
        desk_in(first, below, snapshots=1)
    done = Qoc(clone(first.path, tmp_path / "books.git", "--bare"))("log")
    assert done.code == 128
    assert "HEAD has several desks (a/, b/c/). Clone it and go to the one you mean." in done.err


def test_a_bare_repository_without_a_desk_says_so(tmp_path: Path) -> None:
    first = commit_own(make(tmp_path / "first"))
    done = Qoc(clone(first.path, tmp_path / "books.git", "--bare"))("log")
    assert done.code == 128
    assert "no desk.toml in HEAD" in done.err


def test_a_bare_repository_without_a_commit_has_no_snapshot(tmp_path: Path) -> None:
    done = Qoc(make(tmp_path / "books.git", "--bare"))("log")
    assert done.code == 0
    assert "There is no snapshot yet. Take one with `git qoc snapshot`." in done.out + done.err
