"""What the user keeps in the index beside entries: bits, extensions, and where it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from git_qoc.errors import HistoryError
from git_qoc.history.repository import discover
from git_qoc.history.write import commit_files
from tests.conftest import Git
from tests.history.desk import record, recorded, seed, snapshot_path

PATH, DATA = snapshot_path(0), b"nav = 1\n"
BITS = ("--skip-worktree", "--assume-unchanged")


@pytest.mark.parametrize(("bits", "tag"), [(BITS[:1], "S"), (BITS[1:], "h"), (BITS, "s")])
def test_bits_of_the_very_file_that_is_committed_survive(git: Git, bits: tuple[str, ...], tag: str) -> None:
    seed(git, desk__toml="1\n", a__txt="a\n")
    for bit in bits:
        git("update-index", bit, "desk.toml")
    assert git("ls-files", "-v", "desk.toml") == f"{tag} desk.toml"
    assert commit_files(discover(git.path), {"desk.toml": b"2\n"}, "x", what="x") is not None
    assert git("ls-files", "-v") == f"H a.txt\n{tag} desk.toml"
    assert git("diff", "--cached") == ""


@pytest.mark.parametrize(("bit", "tag"), [(BITS[0], "S"), (BITS[1], "h")])
def test_bits_survive_a_commit_that_fails_and_is_taken_back(git: Git, bit: str, tag: str) -> None:
    seed(git, desk__toml="1\n")
    git("update-index", bit, "desk.toml")
    hook = git.path / ".git" / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntest $1 != prepared\n")
    hook.chmod(0o755)
    with pytest.raises(HistoryError, match="git update-ref failed"):
        commit_files(discover(git.path), {"desk.toml": b"2\n"}, "x", what="x")
    assert git("ls-files", "-v", "-s") == f"{tag} 100644 {git('rev-parse', 'HEAD:desk.toml')} 0\tdesk.toml"


@pytest.mark.parametrize(
    ("switch", "signatures"),
    [
        (("core.splitIndex", "--split-index"), (b"link", b"UNTR")),
        (("core.fsmonitor", "--fsmonitor"), (b"FSMN", b"UNTR")),
    ],
)
def test_split_index_untracked_cache_and_fsmonitor_stay_switched_on(
    git: Git, tmp_path: Path, switch: tuple[str, str], signatures: tuple[bytes, ...]
) -> None:
    """One by one: with both, git's own `git add` gives up the split index."""
    seed(git)
    # Says "anything may have changed", as a monitor that has just been started does (githooks).
    monitor = tmp_path / "monitor"
    monitor.write_text("#!/bin/sh\nprintf 'token\\0/\\0'\n")
    monitor.chmod(0o755)
    key, option = switch
    git("config", key, str(monitor) if key == "core.fsmonitor" else "true")
    git("config", "core.untrackedCache", "true")
    git("update-index", option, "--untracked-cache")
    recorded(git, 3)
    assert git("status", "--porcelain") == ""
    # gitformat-index: the extensions' signatures.
    index = (git.path / ".git" / "index").read_bytes()
    assert [signature for signature in signatures if signature not in index] == []
    assert len(git("ls-files", "snapshots").splitlines()) == 3


def test_the_stash_is_as_it_was(git: Git) -> None:
    seed(git, a__txt="a\n")
    (git.path / "a.txt").write_text("aside\n")
    git("stash", "-q")
    before = git("rev-parse", "stash@{0}"), git("stash", "list")
    record(discover(git.path), PATH, DATA)
    assert (git("rev-parse", "stash@{0}"), git("stash", "list")) == before
    git("stash", "pop", "-q")
    assert (git.path / "a.txt").read_text() == "aside\n"


def test_during_a_bisect_the_commit_is_made_on_a_detached_head(git: Git) -> None:
    for number in range(4):
        seed(git, a__txt=f"{number}\n")
    git("bisect", "start", "HEAD", "HEAD~3")
    commit = record(discover(git.path), PATH, DATA)
    assert commit is not None
    assert commit.branch is None
    git("bisect", "reset")
    assert git("status", "--porcelain") == ""


def test_while_a_patch_is_applied_am_is_named(git: Git, tmp_path: Path) -> None:
    seed(git, a__txt="1\n")
    seed(git, a__txt="2\n")
    patch = git("format-patch", "-1", "-o", str(tmp_path))
    git("reset", "-q", "--hard", "HEAD^")
    seed(git, a__txt="other\n")
    with pytest.raises(AssertionError):
        git("am", "-q", patch)
    with pytest.raises(HistoryError, match=r"an? am is in progress\. Finish it .git am --continue. or abort"):
        record(discover(git.path), PATH, DATA)


def test_a_pick_of_one_of_several_under_way_in_another_work_tree_is_no_obstacle(
    git: Git, tmp_path: Path
) -> None:
    seed(git, a__txt="1\n")
    git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    side = Git(tmp_path / "side")
    seed(side, a__txt="2\n")
    seed(git, a__txt="3\n")
    with pytest.raises(AssertionError):
        git("cherry-pick", "side")
    with pytest.raises(HistoryError, match="a cherry-pick is in progress"):
        record(discover(git.path), PATH, DATA)
    assert record(discover(side.path), PATH, DATA) is not None


def upkeep(git: Git, folder: Path, monkeypatch: pytest.MonkeyPatch, knows_detach: bool) -> list[str]:
    """The upkeep commands after one commit, asked of a git that knows `--detach` (2.47) or not."""
    real, told = shutil.which("git"), folder / "told"
    refuse = "" if knows_detach else 'case "$*" in *--detach*) exit 129;; esac; '
    folder.mkdir()
    ours = f'if [ "$1" = maintenance ]; then echo "$*" >>"{told}"; {refuse}exit 0; fi'
    (folder / "git").write_text(f'#!/bin/sh\n{ours}\nexec {real} "$@"\n')
    (folder / "git").chmod(0o755)
    with monkeypatch.context() as patch:
        patch.setenv("PATH", str(folder), prepend=":")
        record(discover(git.path), snapshot_path(0), b"1")
    return told.read_text().splitlines() if told.exists() else []


RUN = "maintenance run --auto --quiet"


@pytest.mark.parametrize(
    ("setting", "knows_detach", "expected"),
    [
        (None, True, [f"{RUN} --detach"]),
        (None, False, [f"{RUN} --detach", RUN]),
        (("maintenance.auto", "false"), True, []),
        (("gc.autoDetach", "false"), True, [RUN]),
        (("maintenance.autoDetach", "no"), True, [RUN]),
    ],
)
def test_upkeep_runs_in_the_background_as_the_users_settings_say(
    git: Git,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    setting: tuple[str, str] | None,
    knows_detach: bool,
    expected: list[str],
) -> None:
    if setting:
        git("config", *setting)
    assert upkeep(git, tmp_path / "bin", monkeypatch, knows_detach) == expected
