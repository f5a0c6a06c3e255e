from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from git_qoc.errors import HistoryError
from git_qoc.history.repository import discover
from git_qoc.history.staged import introduced, staged
from tests.conftest import Git
from tests.history.desk import seed

NAMES = {"desk.toml"}


def test_on_an_unborn_branch_everything_staged_is_new(git: Git) -> None:
    (git.path / "desk.toml").write_text("staged\n")
    (git.path / "other.toml").write_text("x\n")
    git("add", "-A")
    (git.path / "desk.toml").write_text("edited since\n")
    (found,) = staged(git.path, NAMES)
    assert (found.path, found.data, found.mode) == ("desk.toml", b"staged\n", "100644")
    assert found.blob == git("rev-parse", ":desk.toml")


def test_only_what_differs_from_head_is_staged(git: Git) -> None:
    (git.path / "sub").mkdir()
    (git.path / "sub" / "desk.toml").write_text("sub\n")
    seed(git, desk__toml="1\n")
    assert staged(git.path, NAMES) == []
    (git.path / "desk.toml").write_text("2\n")
    assert staged(git.path, NAMES) == []
    git("add", "desk.toml")
    assert [file.data for file in staged(git.path, NAMES)] == [b"2\n"]
    git("rm", "-q", "--cached", "desk.toml")
    assert staged(git.path, NAMES) == []


def test_every_folder_is_looked_at_and_a_subfolder_is_as_good_a_place_to_ask(git: Git) -> None:
    (git.path / "a" / "b").mkdir(parents=True)
    (git.path / "a" / "b" / "desk.toml").write_text("deep\n")
    (git.path / "desk.toml").write_text("top\n")
    git("add", "-A")
    git("config", "diff.relative", "true")
    expected = ["a/b/desk.toml", "desk.toml"]
    assert [file.path for file in staged(git.path / "a", NAMES)] == expected
    assert [file.path for file in staged(discover(git.path), NAMES)] == expected


def test_a_renamed_file_is_seen_under_its_new_name(git: Git) -> None:
    seed(git, innocent__txt="api_key = 1\n" * 20)
    git("mv", "innocent.txt", "desk.toml")
    git("config", "diff.renames", "copies")
    assert [file.path for file in staged(git.path, NAMES)] == ["desk.toml"]


def test_a_change_into_a_symbolic_link_is_told_by_its_mode(git: Git) -> None:
    seed(git, desk__toml="1\n")
    (git.path / "desk.toml").unlink()
    (git.path / "desk.toml").symlink_to("/etc/passwd")
    git("add", "desk.toml")
    (found,) = staged(git.path, NAMES)
    assert (found.mode, found.data) == ("120000", b"/etc/passwd")


def test_names_with_odd_letters_come_unquoted(git: Git) -> None:
    folder = git.path / 'é "x"\t'
    folder.mkdir()
    (folder / "desk.toml").write_text("1\n")
    git("add", "-A")
    assert [file.path for file in staged(git.path, NAMES)] == ['é "x"\t/desk.toml']


@pytest.mark.parametrize("how", [["-a"], ["--only", "--", "desk.toml"], ["--include", "--", "desk.toml"]])
def test_in_a_hook_the_index_is_the_one_that_git_is_about_to_commit(git: Git, how: list[str]) -> None:
    seed(git, desk__toml="1\n")
    (git.path / "desk.toml").write_text("about to be committed\n")
    hook = git.path / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        f"#!/bin/sh\nPYTHONPATH='{Path(__file__).parents[2]}' exec '{sys.executable}' -c '"
        'from git_qoc.history.staged import staged; print(staged(".", ["desk.toml"])[0].data)\' >seen\n'
    )
    hook.chmod(0o755)
    subprocess.run(["git", "commit", "-q", "-m", "x", *how], cwd=git.path, check=True, env={**os.environ})
    assert (git.path / "seen").read_text() == "b'about to be committed\\n'\n"


def test_a_range_gives_each_content_once_with_the_commit_that_brought_it(git: Git) -> None:
    seed(git, desk__toml="1\n")
    start = git("rev-parse", "HEAD")
    seed(git, desk__toml="2\n")
    second = git("rev-parse", "HEAD")
    seed(git, desk__toml="1\n")
    seed(git, desk__toml="2\n", other__txt="x\n")
    found = introduced(git.path, f"{start}..HEAD", NAMES)
    assert [(item.commit, item.data) for item in found] == [
        (second, b"2\n"),
        (git("rev-parse", "HEAD~1"), b"1\n"),
    ]
    assert [item.data for item in introduced(discover(git.path), "--all", NAMES)] == [b"1\n", b"2\n"]
    assert introduced(git.path, "HEAD --not --all", NAMES) == []


def test_what_an_evil_merge_adds_is_introduced(git: Git) -> None:
    seed(git)
    git("checkout", "-q", "-b", "side")
    seed(git, side__txt="x\n")
    git("checkout", "-q", "main")
    seed(git, main__txt="x\n")
    git("merge", "-q", "--no-commit", "--no-ff", "side")
    seed(git, desk__toml="evil\n")
    (found,) = introduced(git.path, "HEAD", NAMES)
    assert (found.commit, found.data) == (git("rev-parse", "HEAD"), b"evil\n")


def test_a_rename_and_a_secret_removed_again_are_introduced(git: Git) -> None:
    seed(git, innocent__txt="secret\n")
    git("mv", "innocent.txt", "desk.toml")
    git("commit", "-q", "-m", "rename")
    git("rm", "-q", "desk.toml")
    git("commit", "-q", "-m", "remove")
    assert [item.data for item in introduced(git.path, "HEAD", NAMES)] == [b"secret\n"]


def test_a_wrong_range_and_a_folder_that_is_no_repository_are_errors(git: Git, tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="git rev-list failed: bad revision 'gone'"):
        introduced(git.path, "gone", NAMES)
    (tmp_path / "plain").mkdir()
    with pytest.raises(HistoryError, match="cannot read what is staged"):
        staged(tmp_path / "plain", NAMES)


def test_a_damaged_index_is_an_error_not_an_empty_answer(git: Git) -> None:
    seed(git)
    (git.path / ".git" / "index").write_bytes(b"garbage")
    with pytest.raises(HistoryError, match="cannot read what is staged"):
        staged(git.path, NAMES)


def test_two_git_processes_are_spent_and_one_when_nothing_of_interest_is_staged(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (git.path / "desk.toml").write_text("x\n")
    git("add", "-A")
    trace = tmp_path / "trace"
    for names, processes in ((NAMES, 2), ({"other.toml"}, 1)):
        monkeypatch.setenv("GIT_TRACE2_EVENT", str(trace))
        staged(git.path, names)
        monkeypatch.delenv("GIT_TRACE2_EVENT")
        assert trace.read_text().count('"event":"start"') == processes
        trace.unlink()
