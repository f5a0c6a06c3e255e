"""The user's hooks around a commit of ours: when asked for, as `git commit --only` runs them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from git_qoc.errors import HistoryError
from git_qoc.history.publish import Commit
from git_qoc.history.repository import discover
from git_qoc.history.write import commit_files
from tests.cli.qoc import Qoc
from tests.conftest import Git
from tests.history.desk import changed_paths, make, recover, seed, snapshot_path

PATH, DATA = snapshot_path(0), b"nav = 1\n"


def hook(git: Git, name: str, script: str, folder: str = ".git/hooks") -> Path:
    path = git.path / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def commit(git: Git, *, run_hooks: bool = True) -> Commit | None:
    return commit_files(discover(git.path), {PATH: DATA}, "ours\n", what="test", run_hooks=run_hooks)


def work(git: Git) -> tuple[str, str]:
    seed(git, a__txt="a\n", b__txt="b\n")
    (git.path / "a.txt").write_text("staged\n")
    git("add", "a.txt")
    (git.path / "b.txt").write_text("edited\n")
    return as_before(git)


def as_before(git: Git) -> tuple[str, str]:
    assert not list((git.path / ".git" / "qoc").glob("hook-index*"))
    assert not list((git.path / ".git" / "qoc").glob("journal*"))
    assert git("fsck", "--strict", "--no-dangling") == ""
    return git("rev-parse", "HEAD"), git("status", "--porcelain=v2")


def test_hooks_are_not_run_unless_asked_for(git: Git) -> None:
    work(git)
    for name in ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"):
        hook(git, name, "exit 1")
    assert commit(git, run_hooks=False) is not None


def test_without_hooks_asking_for_them_changes_nothing(git: Git) -> None:
    _, status = work(git)
    assert commit(git) is not None
    assert as_before(git)[1] == status
    assert changed_paths(git) == [PATH]


def test_pre_commit_sees_the_new_tree_and_the_new_file_and_not_what_the_user_staged(
    git: Git, tmp_path: Path
) -> None:
    _, status = work(git)
    seen = tmp_path / "seen"
    ask = f"git diff --cached --name-only; git diff --name-only; cat {PATH}; pwd; echo $GIT_EDITOR"
    hook(git, "pre-commit", f'exec >"{seen}"; {ask}')
    assert commit(git) is not None
    assert seen.read_text().splitlines() == [PATH, "a.txt", "b.txt", "nav = 1", str(git.path), ":"]
    assert as_before(git)[1] == status


def test_the_first_commit_of_a_repository_passes_through_hooks_too(git: Git, tmp_path: Path) -> None:
    hook(git, "pre-commit", f'git ls-files >"{tmp_path / "seen"}"')
    assert commit(git) is not None
    assert (tmp_path / "seen").read_text() == f"{PATH}\n"


@pytest.mark.parametrize("name", ["pre-commit", "prepare-commit-msg", "commit-msg"])
def test_a_hook_that_refuses_is_quoted_and_nothing_is_left(git: Git, name: str) -> None:
    before = work(git)
    hook(git, name, "echo to stdout; echo to stderr >&2; exit 3")
    with pytest.raises(HistoryError) as refused:
        commit(git)
    assert str(refused.value).startswith(f"the {name} hook refused (exit code 3). It said:\n")
    assert {"to stdout", "to stderr"} <= set(str(refused.value).splitlines())
    assert as_before(git) == before
    assert not (git.path / "snapshots").exists()


def test_message_hooks_write_the_message_and_post_commit_comes_last(git: Git, tmp_path: Path) -> None:
    seed(git)
    hook(git, "prepare-commit-msg", 'test "$2" = message && echo prepared >>"$1"')
    hook(git, "commit-msg", 'printf "\\n\\n\\nChange-Id: I1  \\n" >>"$1"')
    hook(git, "post-commit", f'git log -1 --format=%H >"{tmp_path / "seen"}"; exit 1')
    made = commit(git)
    assert made is not None
    assert git("log", "-1", "--format=%B") == "ours\nprepared\n\nChange-Id: I1\n"
    assert (tmp_path / "seen").read_text().strip() == made.id


def test_a_message_emptied_by_a_hook_is_refused(git: Git) -> None:
    before = work(git)
    hook(git, "commit-msg", ': >"$1"')
    with pytest.raises(HistoryError, match="left an empty message"):
        commit(git)
    assert as_before(git) == before


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("git add b.txt", "staged something else"),
        (f"echo more >>{PATH}", f"changed {PATH}"),
        (f"rm {PATH}", f"changed {PATH}"),
        (f"echo more >>{PATH}; exit 1", "the pre-commit hook refused"),
    ],
)
def test_a_hook_that_changes_what_is_recorded_is_refused_and_undone(
    git: Git, script: str, message: str
) -> None:
    before = work(git)
    hook(git, "pre-commit", script)
    with pytest.raises(HistoryError, match=message):
        commit(git)
    assert as_before(git) == before
    assert not (git.path / "snapshots").exists()


def test_a_hook_that_goes_to_another_repository_is_in_that_one_as_under_git_itself(
    git: Git, tmp_path: Path
) -> None:
    work(git)
    other = seed(make(tmp_path / "other"), b__txt="b\n")
    hook(git, "pre-commit", f'unset GIT_INDEX_FILE; git -C "{other.path}" ls-files >"{tmp_path / "seen"}"')
    assert commit(git) is not None
    assert (tmp_path / "seen").read_text() == "b.txt\n"


def test_hooks_of_core_hookspath_are_the_ones(git: Git) -> None:
    work(git)
    hook(git, "pre-commit", "exit 0")
    hook(git, "pre-commit", "exit 1", folder="shared-hooks")
    git("config", "core.hooksPath", "shared-hooks")
    with pytest.raises(HistoryError, match="the pre-commit hook refused"):
        commit(git)


def test_signing_comes_after_the_message_hooks_and_its_failure_leaves_nothing(git: Git) -> None:
    before = work(git)
    git("config", "commit.gpgSign", "true")
    git("config", "gpg.program", "false")
    with pytest.raises(HistoryError, match="git commit-tree failed"):
        commit(git)
    assert as_before(git) == before
    assert not (git.path / "snapshots").exists()


def test_what_a_killed_run_of_hooks_left_is_no_obstacle(git: Git) -> None:
    seed(git)
    private = discover(git.path).private_dir
    for name in ("hook-index", "hook-index.lock", "COMMIT_EDITMSG"):
        (private / name).write_text("torn")
    assert commit(git) is not None


def test_run_hooks_in_desk_toml_makes_commands_ask_the_hooks(git: Git) -> None:
    qoc = Qoc(git)
    qoc.ok("init")
    hook(git, "commit-msg", 'echo "no: $(head -1 "$1")"; exit 1')
    qoc.ok("connect", "equities", "--name", "till", "--venue", "paper")
    desk = git.path / "desk.toml"
    desk.write_text(desk.read_text() + "\n[history]\nrun_hooks = true\n")
    git("commit", "-q", "--no-verify", "-m", "ask the hooks", "desk.toml")
    before = qoc.state()
    for command, subject in (
        (("snapshot",), "snapshot 2026-07-05T16:00:00Z: NAV 0.00 USD"),
        (("connect", "cash", "--name", "sweep", "--venue", "paper"), "connect sweep (cash)"),
    ):
        done = qoc(*command)
        assert done.code == 128
        assert f"the commit-msg hook refused (exit code 1). It said:\nno: {subject}" in done.err
        assert qoc.state() == before
    (git.path / ".git" / "hooks" / "commit-msg").unlink()
    qoc.ok("snapshot")
    hook(git, "commit-msg", "exit 1")
    assert "the commit-msg hook refused" in qoc("run", "retrospective").err
    assert not (git.path / "research" / "retrospective.md").exists()


def test_a_writer_that_is_killed_while_its_hook_runs_leaves_nothing_half_done(git: Git) -> None:
    before = work(git)
    hook(git, "pre-commit", "kill -9 $(ps -o ppid= -p $PPID)")
    code = (
        "from git_qoc.history.repository import discover; from git_qoc.history.write import commit_files;"
        f"commit_files(discover(), {{{PATH!r}: {DATA!r}}}, 'ours', what='test', run_hooks=True)"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code], cwd=git.path, env=env, check=False)
    assert done.returncode == -signal.SIGKILL
    assert (git.path / PATH).exists()
    recover(discover(git.path))
    assert git("status", "--porcelain=v2") == before[1]
    (git.path / ".git" / "hooks" / "pre-commit").unlink()
    assert commit(git) is not None
    assert as_before(git)[1] == before[1]
