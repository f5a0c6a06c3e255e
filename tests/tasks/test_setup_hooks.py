"""Which folder of which repository gets the hooks, what git then runs, and what is left alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from git_qoc.errors import HistoryError
from git_qoc.tasks.setup_hook_text import CHAINED, READS_STDIN
from git_qoc.tasks.setup_hooks import RECEIVING, setup_hooks, shims, shims_folder
from tests.cli.installed import without_qoc
from tests.conftest import Git
from tests.tasks.hooks import (
    CLIENT,
    SHIMS,
    attempt,
    files,
    folder,
    order,
    put,
    ran,
    recording,
    states,
    take,
    users,
)

pytestmark = pytest.mark.usefixtures("record")


def chained(git: Git) -> Git:
    """A repository with a commit, a hook of the user's for everything, and ours before each."""
    git("commit", "-q", "--allow-empty", "-m", "first")
    for name in CLIENT:
        users(git, name)
    assert states(put(git)) == {"installed"}
    return git


def both(*names: str) -> list[str]:
    return [f"{who} {name}" for name in names for who in ("ours", "yours")]


def everything(git: Git, remote: Path) -> None:
    """Commit, merge, am and push run ours and then the user's, with the same arguments and input."""
    start = git("rev-parse", "HEAD")
    git("commit", "-q", "--allow-empty", "-m", "one")
    assert order() == both("pre-commit", "prepare-commit-msg")
    (git.path / "side.txt").write_text("x")
    git("checkout", "-q", "-b", "side", start)
    git("add", "side.txt")
    git("commit", "-q", "-m", "side")
    patch = git("format-patch", "-1", "--stdout")
    git("checkout", "-q", "-")
    ran()
    git("merge", "-q", "--no-edit", "side")
    assert order() == both("pre-merge-commit", "prepare-commit-msg")
    git("checkout", "-q", "--detach", start)
    git("am", "-q", stdin=patch + "\n")
    assert order() == both("pre-applypatch")
    subprocess.run(["git", "init", "-q", "--bare", str(remote)], check=True)
    git("push", "-q", str(remote), "HEAD:refs/heads/main", "side")
    lines = ran()
    ours, theirs = (
        [line.partition(" ")[2] for line in lines if line.startswith(who)] for who in ("ours", "yours")
    )
    assert ours == theirs
    assert ours[0] == f"pre-push {remote} {remote}"
    assert [line.split()[3] for line in ours[1:]] == ["refs/heads/main", "refs/heads/side"]
    assert lines == [*(f"ours {line}" for line in ours), *(f"yours {line}" for line in theirs)]


def test_commit_merge_am_and_push_run_ours_and_then_the_users(git: Git, tmp_path: Path) -> None:
    everything(chained(git), tmp_path / "remote")


def test_linked_work_trees_share_the_hooks(git: Git, tmp_path: Path) -> None:
    chained(git)("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = Git(tmp_path / "linked")
    assert states(put(linked)) == {"present"}
    everything(linked, tmp_path / "remote")
    assert states(take(linked)) == {"removed"}
    assert sorted(file.name for file in folder(git).iterdir() if file.suffix != ".sample") == sorted(CLIENT)


def test_a_submodule_has_hooks_of_its_own(git: Git, tmp_path: Path) -> None:
    source = tmp_path / "source"
    subprocess.run(["git", "init", "-q", str(source)], check=True)
    Git(source)("commit", "-q", "--allow-empty", "-m", "x")
    git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(source), "sub")
    before = files(folder(git))
    sub = chained(Git(git.path / "sub"))
    assert folder(sub) == git.path / ".git/modules/sub/hooks"
    assert files(folder(git)) == before
    everything(sub, tmp_path / "remote")


def test_a_bare_repository_gets_what_receives_from_wherever_it_is_meant(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = Git(tmp_path / "server.git")
    subprocess.run(["git", "init", "-q", "--bare", str(bare.path)], check=True)
    for name in RECEIVING:
        users(bare, name)
    assert set(put(bare)) == {"post-receive", "pre-receive"}
    assert {step.state for step in setup_hooks(bare.path / "refs", SHIMS)} == {"present"}
    monkeypatch.setenv("GIT_DIR", str(bare.path))
    assert {step.state for step in setup_hooks(tmp_path, SHIMS)} == {"present"}
    monkeypatch.delenv("GIT_DIR")
    git("commit", "-q", "--allow-empty", "-m", "x")
    git("push", "-q", str(bare.path), "HEAD:refs/heads/main", "HEAD:refs/tags/v1")
    both = ran()
    for name, lines in (("pre-receive", both[:6]), ("post-receive", both[6:])):
        assert [line.split()[0] for line in lines] == ["ours"] * 3 + ["yours"] * 3
        told = [line.partition(" ")[2] for line in lines]
        assert told[:3] == told[3:]
        assert told[0].startswith(name)
    monkeypatch.setenv("ours", "1")
    refused = attempt(git, "push", str(bare.path), "HEAD:refs/heads/other")
    assert refused.returncode == 1
    assert "pre-receive hook declined" in refused.stderr
    assert [line.split()[0] for line in ran()] == ["ours"] * 2


def test_a_work_tree_of_a_bare_repository_gets_what_commits(tmp_path: Path) -> None:
    bare = Git(tmp_path / "server.git")
    subprocess.run(["git", "init", "-q", "--bare", str(bare.path)], check=True)
    tree = bare("commit-tree", "-m", "x", bare("hash-object", "-t", "tree", "-w", "--stdin", stdin=""))
    bare("worktree", "add", "-q", str(tmp_path / "tree"), tree)
    linked = Git(tmp_path / "tree")
    assert set(put(linked)) == set(CLIENT)
    linked("commit", "-q", "--allow-empty", "-m", "x")
    assert order() == ["ours pre-commit", "ours prepare-commit-msg"]
    assert {name for name, step in take(bare).items() if step.state == "removed"} == set(CLIENT)


def test_a_repository_without_a_hooks_folder_or_a_desk_gets_one_and_outside_is_an_error(
    tmp_path: Path,
) -> None:
    subprocess.run(["git", "init", "-q", "--template=", str(tmp_path / "plain")], check=True)
    git = Git(tmp_path / "plain")
    assert not folder(git).exists()
    assert states(take(git)) == {"absent"}
    assert states(put(git, dry=True)) == {"installed"}
    assert not folder(git).exists()
    assert states(put(git)) == {"installed"}
    (git.path / "deep").mkdir()
    assert {step.state for step in setup_hooks(git.path / "deep", SHIMS)} == {"present"}
    (tmp_path / "outside").mkdir()
    with pytest.raises(HistoryError, match="not inside a git repository"):
        setup_hooks(tmp_path / "outside", SHIMS)


@pytest.mark.parametrize("group", [0o755, 0o2775, 0o700])
def test_who_may_enter_the_folder_may_run_the_hooks_whatever_the_umask(git: Git, group: int) -> None:
    folder(git).chmod(group)
    before = os.umask(0o077)
    try:
        put(git)
    finally:
        os.umask(before)
    assert (folder(git) / "pre-commit").stat().st_mode & 0o777 == group & 0o755


def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> Path:
    file = tmp_path / "gitconfig"
    file.write_text(text)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(file))
    return file


def test_a_folder_shared_by_every_repository_is_left_alone_and_the_line_to_add_fails_closed(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    file = config(tmp_path, monkeypatch, f"[core]\n\thooksPath = {shared}\n")
    users(git, "pre-commit")
    before = files(shared), files(git.path)
    steps = put(git, force=True)
    assert (files(shared), files(git.path)) == before
    assert states(steps) == {"kept"}
    (shared / "pre-push").mkdir()
    assert put(git)["pre-push"].note.startswith("pre-push is a folder, expected a file")
    note = steps["pre-commit"].note
    assert note == (
        f"core.hooksPath is '{shared}' (global, {file}), which is not this repository's alone. Put this first"
        f' into {shared}/pre-commit: git-qoc hook pre-commit "$@" || exit'
    )
    line = note.rpartition(": ")[2]
    (shared / "pre-commit").write_text(f"#!/bin/sh\n{line}\n{recording('yours', 'pre-commit')}")
    assert put(git)["pre-commit"].state == "present"
    monkeypatch.setenv("PATH", without_qoc())
    assert attempt(git, "commit", "--allow-empty", "-m", "x").returncode == 1
    command = tmp_path / "bin" / "git-qoc"
    command.parent.mkdir()
    command.write_text("#!/bin/sh\nexit ${ours:-0}\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}{os.pathsep}{os.environ['PATH']}")
    assert attempt(git, "commit", "--allow-empty", "-m", "x").returncode == 0
    assert order() == ["yours pre-commit"]
    monkeypatch.setenv("ours", "1")
    assert attempt(git, "commit", "--allow-empty", "-m", "x").returncode == 1
    assert order() == []


def test_the_line_to_add_to_a_hook_that_reads_stdin_hands_it_on(git: Git, tmp_path: Path) -> None:
    git("config", "core.hooksPath", "hooks")
    (git.path / "hooks").mkdir()
    note = put(git)["pre-push"].note
    assert ", an executable file that begins with #!/bin/sh, and pipe " in note
    command = tmp_path / "git-qoc"
    command.write_text('#!/bin/sh\necho "$@" >>"$RECORD"\ncat >>"$RECORD"\n')
    command.chmod(0o755)
    line = note.rpartition(": ")[2]
    script = f'PATH={tmp_path}:$PATH\n{line}\nprintf "%s\\n" "$input"\n'
    done = subprocess.run(
        ["sh", "-c", script, "pre-push", "origin", "url"],
        input="a b\nc d\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "a b\nc d\n"
    assert ran() == ["hook pre-push origin url", "a b", "c d"]


def test_huskys_hooks_are_those_of_the_folder_above(git: Git) -> None:
    husky = git.path / ".husky" / "_"
    husky.mkdir(parents=True)
    (husky / "h").write_text("")
    (husky / "pre-commit").write_text('#!/usr/bin/env sh\n. "$(dirname "$0")/h"')
    git("config", "core.hooksPath", ".husky/_")
    step = put(git)["pre-commit"]
    assert step.state == "kept"
    assert f"first into {git.path}/.husky/pre-commit, an executable file" in step.note
    (git.path / ".husky/pre-commit").write_text('git-qoc hook pre-commit "$@" || exit\nnpm test\n')
    assert put(git)["pre-commit"].state == "present"


def test_our_own_folder_as_core_hooks_path_is_present(git: Git, tmp_path: Path) -> None:
    git("config", "core.hooksPath", str(shims_folder()))
    real = [step for step in setup_hooks(git.path, shims()) if step.state != "present"]
    assert real == []
    copied = tmp_path / "copied"
    copied.mkdir()
    for name, text in SHIMS.items():
        (copied / name).write_text(text)
        (copied / name).chmod(0o755)
    git("config", "core.hooksPath", str(copied))
    assert states(put(git)) == {"present"}
    (copied / "pre-commit").chmod(0o644)
    assert put(git)["pre-commit"].state == "kept"


@pytest.mark.parametrize("value", ["/dev/null", "", "missing"])
def test_a_core_hooks_path_that_turns_all_hooks_off_is_named(git: Git, value: str) -> None:
    git("config", "core.hooksPath", value)
    steps = put(git)
    assert states(steps) == {"kept"}
    assert (
        f"core.hooksPath is '{value}' (local, {git.path}/.git/config), which is no folder"
        in steps["pre-push"].note
    )
    assert not (git.path / "missing").exists()


def test_a_core_hooks_path_inside_the_repository_is_set_up(git: Git) -> None:
    for value in (".git/hooks", str(git.path / ".git" / "mine")):
        git("config", "core.hooksPath", value)
        assert states(put(git)) == {"installed"}
        git("commit", "-q", "--allow-empty", "-m", "x")
        assert order() == ["ours pre-commit", "ours prepare-commit-msg"]


def test_a_repository_whose_own_folder_serves_every_repository_is_left_alone(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config(tmp_path, monkeypatch, f"[core]\n\thooksPath = {git.path}/.git/hooks\n")
    assert states(put(git)) == {"kept"}


def test_hooks_made_before_core_hooks_path_was_set_are_taken_back(git: Git) -> None:
    before = files(folder(git))
    made = folder(git)
    put(git)
    git("config", "core.hooksPath", "elsewhere")
    assert states(take(git)) == {"removed"}
    assert files(made) == before


def test_a_hooks_folder_that_is_a_link_to_elsewhere_is_left_alone(git: Git, tmp_path: Path) -> None:
    made = folder(git)
    made.rename(tmp_path / "real")
    made.symlink_to(tmp_path / "real")
    before = files(tmp_path / "real")
    steps = put(git)
    assert states(steps) == {"kept"}
    assert steps["pre-commit"].note.startswith(f"{made} is a link to {tmp_path}/real, which is not this")
    assert states(take(git)) == {"absent"}
    assert files(tmp_path / "real") == before


def test_several_setups_at_once_chain_the_users_hook_once(git: Git) -> None:
    file = users(git, "pre-commit")
    before = file.read_bytes()
    code = (
        "import sys; from pathlib import Path; from git_qoc.tasks.setup_hooks import setup_hooks;"
        "print(*(step.state for step in setup_hooks(Path.cwd(), {'pre-commit': 'exit 0'})))"
    )
    command = [sys.executable, "-c", code]
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    running = [
        subprocess.Popen(command, cwd=git.path, env=environ, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert sorted(process.communicate()[0] for process in running) == ["installed\n"] + ["present\n"] * 3
    assert Path(f"{file}{CHAINED}").read_bytes() == before


def test_the_hooks_that_came_with_git_qoc_are_posix_sh_named_as_git_names_them(git: Git) -> None:
    assert {*RECEIVING, *READS_STDIN} <= set(SHIMS)
    samples = {file.stem for file in folder(git).glob("*.sample")}
    assert set(shims()) - {"post-receive"} <= samples  # git ships no sample of that one
    setup_hooks(git.path, {**SHIMS, **shims()})
    for name in CLIENT:
        subprocess.run(["sh", "-n", str(folder(git) / name)], check=True)
