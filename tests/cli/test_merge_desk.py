"""The merge driver for desk.toml, run by git itself."""

from __future__ import annotations

import os
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from git_qoc.history.drivers import MERGE_COMMAND
from tests.cli.installed import install, without_qoc
from tests.cli.qoc import Qoc
from tests.conftest import Git

pytestmark = pytest.mark.usefixtures("installed")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "bin with a space", monkeypatch)


@pytest.fixture
def driven(desk: Qoc) -> Qoc:
    """A desk in a repository that knows the driver."""
    desk.git("config", "merge.qoc-desk.driver", MERGE_COMMAND)
    return desk


def attempt(git: Git, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *args], cwd=git.path, capture_output=True, text=True, check=False)


def connect(desk: Qoc, name: str, kind: str = "crypto") -> None:
    desk.ok("connect", kind, "--name", name, "--venue", "paper")


def edit(desk: Qoc, old: str, new: str) -> None:
    file = desk.git.path / "desk.toml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    desk.git("commit", "-q", "-a", "-m", f"{old} to {new}")


def split(desk: Qoc, ours: Callable[[], None], theirs: Callable[[], None]) -> None:
    """`main` with ours and `topic` with theirs, since the same commit."""
    desk.git("branch", "topic")
    ours()
    desk.git("checkout", "-q", "topic")
    theirs()
    desk.git("checkout", "-q", "main")


def names(text: str) -> list[str]:
    return [row["name"] for row in tomllib.loads(text)["connector"]]


def both_connect(desk: Qoc) -> None:
    connect(desk, "first", "cash")
    split(desk, lambda: connect(desk, "mine"), lambda: connect(desk, "yours"))


def test_without_the_driver_two_clones_that_each_connect_conflict(desk: Qoc) -> None:
    both_connect(desk)
    assert attempt(desk.git, "merge", "topic").returncode == 1


def test_two_clones_that_each_connect_a_venue_merge(driven: Qoc, tmp_path: Path) -> None:
    connect(driven, "first", "cash")
    subprocess.run(["git", "clone", "-q", str(driven.git.path), str(tmp_path / "clone")], check=True)
    clone = Qoc(Git(tmp_path / "clone"))
    clone.git("config", "merge.qoc-desk.driver", MERGE_COMMAND)
    connect(driven, "mine")
    connect(clone, "yours")
    clone.git("pull", "-q", "--no-rebase", "--no-edit")
    assert names((clone.git.path / "desk.toml").read_text()) == ["first", "yours", "mine"]
    assert clone.git("status", "--porcelain") == ""
    assert clone.ok("check", "--all").err == "3 files of a desk: no fault.\n"


def test_rebase_puts_theirs_on_top_of_ours(driven: Qoc) -> None:
    both_connect(driven)
    driven.git("rebase", "-q", "main", "topic")
    assert names(driven.git("show", "HEAD:desk.toml")) == ["first", "mine", "yours"]


def test_cherry_pick(driven: Qoc) -> None:
    both_connect(driven)
    driven.git("cherry-pick", "topic")
    assert names(driven.git("show", "HEAD:desk.toml")) == ["first", "mine", "yours"]


def test_revert_of_an_older_connect_takes_that_block_and_no_other(driven: Qoc) -> None:
    for name in ("a", "b", "c"):
        connect(driven, name)
    driven.git("revert", "--no-edit", "HEAD~1")
    assert names(driven.git("show", "HEAD:desk.toml")) == ["a", "c"]


def test_merge_tree_needs_no_work_tree(driven: Qoc, tmp_path: Path) -> None:
    both_connect(driven)
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(driven.git.path), str(bare)], check=True)
    git = Git(bare)
    git("config", "merge.qoc-desk.driver", MERGE_COMMAND)
    (bare / "info").mkdir(exist_ok=True)
    (bare / "info" / "attributes").write_text("desk.toml merge=qoc-desk\n")
    for place in (driven.git, git):
        tree = place("merge-tree", "--write-tree", "main", "topic")
        assert names(place("show", f"{tree}:desk.toml")) == ["first", "mine", "yours"]


def test_stash_pop(driven: Qoc) -> None:
    connect(driven, "first", "cash")
    driven.ok("connect", "crypto", "--name", "stashed", "--venue", "paper", "--no-commit")
    driven.git("stash", "-q")
    connect(driven, "mine")
    driven.git("stash", "pop", "-q")
    assert names((driven.git.path / "desk.toml").read_text()) == ["first", "mine", "stashed"]


def test_criss_cross_merges_merge(driven: Qoc) -> None:
    both_connect(driven)
    driven.git("branch", "left", "main")
    driven.git("branch", "right", "topic")
    driven.git("merge", "-q", "--no-edit", "topic")
    driven.git("checkout", "-q", "topic")
    driven.git("merge", "-q", "--no-edit", "left")
    connect(driven, "more")
    driven.git("checkout", "-q", "main")
    connect(driven, "most")
    driven.git("merge", "-q", "--no-edit", "topic")
    found = names(driven.git("show", "HEAD:desk.toml"))
    assert sorted(found) == ["first", "mine", "more", "most", "yours"]


def test_conflict_is_named_marked_kept_from_commits_and_resolved(driven: Qoc) -> None:
    connect(driven, "a", "cash")
    split(
        driven,
        lambda: edit(driven, "enabled = true", 'enabled = true\naccount = "1"'),
        lambda: edit(driven, "enabled = true", 'enabled = true\naccount = "2"'),
    )
    done = attempt(driven.git, "merge", "topic")
    assert done.returncode == 1
    assert (
        'desk.toml: connector "a": account: added by both, with different contents. Keep one.' in done.stderr
    )
    text = (driven.git.path / "desk.toml").read_text()
    assert text.endswith(
        "enabled = true\n"
        '<<<<<<< ours (connector "a": account: added by both, with different contents. Keep one)\n'
        'account = "1"\n=======\naccount = "2"\n>>>>>>> theirs\nvenue   = "paper"\n'
    )
    assert driven.git("status", "--porcelain") == "UU desk.toml"
    driven.git("add", "desk.toml")
    assert driven("check").code == 1
    (driven.git.path / "desk.toml").write_text(text.split("<<<<<<<")[0] + 'account = "2"\n')
    driven.git("commit", "-q", "-a", "--no-edit")
    assert driven("check").code == 0


def test_markers_and_base_follow_git_settings(driven: Qoc) -> None:
    connect(driven, "a", "cash")
    (driven.git.path / ".git/info/attributes").write_text("desk.toml conflict-marker-size=11\n")
    driven.git("config", "merge.conflictStyle", "diff3")
    split(driven, lambda: edit(driven, "true", "false"), lambda: edit(driven, "= true", "= 1"))
    attempt(driven.git, "merge", "topic")
    lines = (driven.git.path / "desk.toml").read_text().splitlines()
    assert [line.split()[0] for line in lines if line[:5] in ("<" * 5, "|" * 5, "=" * 5, ">" * 5)] == [
        "<" * 11, "|" * 11, "=" * 11, ">" * 11,
    ]  # fmt: skip


def test_type_changed_by_one_side_is_a_conflict_that_says_why(driven: Qoc) -> None:
    connect(driven, "a", "cash")
    split(driven, lambda: connect(driven, "b"), lambda: edit(driven, '"cash"', '"crypto"'))
    done = attempt(driven.git, "merge", "topic")
    assert done.returncode == 1
    assert 'connector "a": its type is locked after the first connect' in done.stderr


@pytest.mark.parametrize("broken", ["missing", "crashes", "killed", "refuses"])
def test_a_git_qoc_that_cannot_run_leaves_the_merge_to_git_and_loses_no_side(
    driven: Qoc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    both_connect(driven)
    if broken == "missing":
        monkeypatch.setenv("PATH", without_qoc())
    else:
        body = {"crashes": "exit 3", "killed": "kill -9 $$", "refuses": "exit 255"}[broken]
        install(tmp_path / "bin", monkeypatch, f"#!/bin/sh\n{body}\n")
    assert attempt(driven.git, "merge", "topic").returncode == 1
    text = (driven.git.path / "desk.toml").read_text()
    assert text.count("<<<<<<<") >= 1
    assert '"mine"' in text
    assert '"yours"' in text


def test_a_text_without_clear_blocks_is_merged_as_git_merges_text(driven: Qoc) -> None:
    (driven.git.path / "desk.toml").write_text('workspace.name = "x"\n\n\n[account]\ncurrency = "USD"\n')
    driven.git("commit", "-q", "-a", "-m", "dotted")
    split(
        driven,
        lambda: edit(driven, '"x"', '"y"'),
        lambda: edit(driven, "[account]", "# money\n[account]"),
    )
    driven.git("merge", "-q", "--no-edit", "topic")
    expected = 'workspace.name = "y"\n\n\n# money\n[account]\ncurrency = "USD"\n'
    assert (driven.git.path / "desk.toml").read_text() == expected


def test_a_clean_merge_of_lines_that_gives_one_name_twice_is_a_conflict(driven: Qoc) -> None:
    block = '[[connector]]\nname = "x"\ntype = "cash"\nvenue = "paper"\n'
    (driven.git.path / "desk.toml").write_text('z.k = 1\n\n[account]\ncurrency = "USD"\n\n\n[t]\nk = 1\n')
    driven.git("commit", "-q", "-a", "-m", "dotted")
    split(
        driven,
        lambda: edit(driven, "[account]", f"{block}\n[account]"),
        lambda: edit(driven, "[t]\nk = 1\n", f"[t]\nk = 1\n\n{block}"),
    )
    done = attempt(driven.git, "merge", "topic")
    assert done.returncode == 1
    assert 'desk.toml: connector "x": there are two. Keep one.' in done.stderr


def test_a_hostile_folder_name_reaches_no_shell(driven: Qoc) -> None:
    folder = driven.git.path / "x'; touch pwned; '$(touch pwned)\x1b[2J"
    assert driven("init", str(folder)).code == 0
    books = Qoc(driven.git)

    def add(name: str) -> None:
        done = books("connect", "cash", "--name", name, "--venue", "paper", cwd=folder)
        assert done.code == 0, done.err

    split(driven, lambda: add("mine"), lambda: add("yours"))
    done = attempt(driven.git, "merge", "--no-edit", "topic")
    assert done.returncode == 0, done.stderr
    assert names((folder / "desk.toml").read_text()) == ["mine", "yours"]
    assert not list(driven.git.path.rglob("pwned"))
    assert "\x1b" not in done.stderr


def test_nothing_that_desk_toml_names_is_run_or_read(driven: Qoc, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    evil = f'git-credential = "!touch {trap}"'
    connect(driven, "a", "cash")
    split(
        driven,
        lambda: edit(driven, "enabled = true", f"enabled = true\nauth = {{ k = {{ {evil} }} }}"),
        lambda: edit(driven, "[workspace]", f"# $(touch {trap}) `touch {trap}`\n[workspace]"),
    )
    driven.git("merge", "-q", "--no-edit", "topic")
    assert evil in (driven.git.path / "desk.toml").read_text()
    assert not trap.exists()


def test_a_cloned_desk_names_drivers_and_cannot_bring_their_commands(desk: Qoc, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    both_connect(desk)
    (desk.git.path / ".gitconfig").write_text(f'[merge "qoc-desk"]\n\tdriver = touch {trap}\n')
    (desk.git.path / ".gitmodules").write_text(f'[merge "qoc-desk"]\n\tdriver = touch {trap}\n')
    desk.git("config", "merge.qoc-desk.driver", f"touch {trap}")
    desk.git("config", "diff.qoc-snapshot.textconv", f"touch {trap};")
    desk.git("add", "-A")
    desk.git("commit", "-q", "-m", "bait")
    subprocess.run(["git", "clone", "-q", str(desk.git.path), str(tmp_path / "clone")], check=True)
    clone = Git(tmp_path / "clone")
    assert clone("check-attr", "merge", "--", "desk.toml") == "desk.toml: merge: qoc-desk"
    assert attempt(clone, "merge", "origin/topic").returncode == 1
    clone("merge", "--abort")
    (clone.path / "snapshots" / "a.toml").write_text("[meta]\n")
    clone("add", "-A")
    assert "+[meta]" in clone("diff", "--cached", "--", "snapshots")
    assert not trap.exists()


def test_bad_arguments_are_usage_and_unreadable_files_no_result(
    desk: Qoc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["git-qoc", "merge-desk", *args], cwd=tmp_path, capture_output=True, text=True, check=False
        )

    assert run().returncode == 129
    assert run("o", "a", "b", "seven", "p").returncode == 129
    done = run("o", "a", "b", "7", "desk.toml")
    assert done.returncode == 255
    assert done.stderr == "desk.toml: not merged: o: cannot be read: No such file or directory.\n"
    for name in "oab":
        (tmp_path / name).write_bytes(os.urandom(64) + b"\0")
    done = run("o", "a", "b", "7", "desk.toml", "%S", "%X", "%Y")
    assert done.returncode == 255
    assert "git merge-file failed" in done.stderr
