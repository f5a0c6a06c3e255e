"""Where the desk is, when it does not simply lie in the current folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.cli.qoc import Qoc
from tests.conftest import Git

ROOT = Path(__file__).parents[2]


def hide(git: Git) -> None:
    git("sparse-checkout", "set", "--no-cone", "/*", "!/desk.toml")
    assert not (git.path / "desk.toml").exists()


def test_a_desk_that_the_sparse_checkout_leaves_out_is_read_and_never_made_anew(desk: Qoc) -> None:
    desk.ok("connect", "equities", "--name", "till", "--venue", "paper")
    desk.ok("snapshot")
    hide(desk.git)
    before = desk.git("rev-parse", "HEAD"), desk.git("status", "--porcelain=v2")
    assert len(desk.ok("log", "--json").json) == 1
    desk.ok("run", "retrospective", "--json")
    done = desk("init")
    assert done.code == 128
    assert "desk.toml is in HEAD but not in the work tree" in done.err
    done = desk("snapshot")
    assert done.code == 128
    assert "the sparse checkout leaves it out" in done.err
    assert (desk.git("rev-parse", "HEAD"), desk.git("status", "--porcelain=v2")) == before
    desk.git("sparse-checkout", "disable")
    desk.pass_time(days=1)
    desk.ok("snapshot")


def test_from_a_subfolder_a_hidden_desk_is_nearer_than_the_one_above(desk: Qoc) -> None:
    below = desk.git.path / "books"
    below.mkdir()
    sub = Qoc(Git(below))
    sub.ok("init")
    sub.ok("connect", "equities", "--name", "till", "--venue", "paper")
    sub.ok("snapshot")
    desk.git("sparse-checkout", "set", "--no-cone", "/*", "!/books/desk.toml")
    assert [line["path"] for line in sub.ok("log", "--json").json] == [
        "books/snapshots/2026-07-05T16-00-00Z.toml"
    ]
    assert desk.ok("log", "--json").json == []


def test_a_desk_file_that_was_deleted_is_said_to_be_and_how_it_comes_back(desk: Qoc) -> None:
    (desk.git.path / "desk.toml").unlink()
    done = desk("log")
    assert done.code == 128
    assert "desk.toml was deleted here. Bring it back: git restore :/desk.toml" in done.err
    assert desk("init").code == 128
    desk.git("restore", ":/desk.toml")
    desk.ok("log")


def test_a_folder_with_a_line_break_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "a\nb"
    subprocess.run(["git", "init", "-q", str(path)], check=True)
    done = Qoc(Git(path))("init")
    assert done.code == 128
    assert "a folder with a line break in its name. Rename that folder" in done.err


def shell(git: Git, tmp_path: Path, cwd: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a command line in a folder, with git-qoc installed."""
    program = tmp_path / "bin" / "git-qoc"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m git_qoc "$@"\n')
    program.chmod(0o755)
    env = {**os.environ, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(script, shell=True, cwd=cwd, env=env, capture_output=True, text=True, check=False)  # noqa: S602


def test_an_alias_that_goes_elsewhere_first_means_it(git: Git, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (git.path / name / "a").mkdir(parents=True)
    git("config", "alias.there", "!cd b && git qoc")
    assert shell(git, tmp_path, git.path / "a", "git there init").returncode == 0
    assert git("ls-files", "*desk.toml") == "b/desk.toml"


def test_a_commit_hook_is_at_the_top_wherever_the_user_commits(desk: Qoc, tmp_path: Path) -> None:
    hook = desk.git.path / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ngit-qoc check desk.toml\n")
    hook.chmod(0o755)
    done = shell(desk.git, tmp_path, desk.git.path / "research", "git commit --allow-empty -m x")
    assert done.returncode == 0, done.stderr
    (desk.git.path / "desk.toml").write_text("[workspce]\n[[connector]]\n")
    done = shell(desk.git, tmp_path, desk.git.path / "research", "git commit --allow-empty -m y")
    assert done.returncode == 1
    assert "desk.toml:2" in done.stderr


def test_a_file_named_to_an_alias_is_named_from_the_users_folder(desk: Qoc, tmp_path: Path) -> None:
    desk.ok("connect", "equities", "--name", "till", "--venue", "paper")
    desk.ok("snapshot")
    folder = desk.git.path / "research"
    desk.git("config", "alias.books", "!git-qoc")
    done = shell(desk.git, tmp_path, folder, "git books run retrospective --output mine.md")
    assert done.returncode == 0, done.stderr
    assert (folder / "mine.md").exists()
