"""What is staged, what the index holds, and what commits brought in: real git, to the byte."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from git_qoc.errors import HistoryError
from git_qoc.history.repository import Repository, discover
from git_qoc.history.scan import Change
from git_qoc.history.staged import contents, desks, indexed, introduced, staged
from tests.conftest import Git
from tests.history.desk import seed


def read(where: Path | Repository, changes: list[Change]) -> list[tuple[str, bytes]]:
    """Path and content of what was written."""
    return [(change.path, data) for change, data in contents(where, changes)]


def written(where: Path | Repository, *revisions: str) -> list[tuple[str, bytes]]:
    """Commit and content of every desk.toml that the range wrote."""
    found = [(commit, c) for commit, c in introduced(where, revisions) if c.path == "desk.toml" and c.mode]
    texts = contents(where, [change for _, change in found])
    return [(commit, data) for (commit, _), (_, data) in zip(found, texts, strict=True)]


def test_on_an_unborn_branch_everything_staged_is_new(git: Git) -> None:
    (git.path / "desk.toml").write_text("staged\n")
    (git.path / "other.toml").write_text("x\n")
    git("add", "-A")
    (git.path / "desk.toml").write_text("edited since\n")
    found = staged(git.path)
    assert read(git.path, found) == [("desk.toml", b"staged\n"), ("other.toml", b"x\n")]
    assert found[0] == Change("desk.toml", "", "", "100644", git("rev-parse", ":desk.toml"))


def test_only_what_differs_from_head_is_staged(git: Git) -> None:
    (git.path / "sub").mkdir()
    (git.path / "sub" / "desk.toml").write_text("sub\n")
    seed(git, desk__toml="1\n")
    assert staged(git.path) == []
    (git.path / "desk.toml").write_text("2\n")
    assert staged(git.path) == []
    git("add", "desk.toml")
    assert read(git.path, staged(git.path)) == [("desk.toml", b"2\n")]
    old = git("rev-parse", "HEAD:desk.toml")
    git("rm", "-q", "--cached", "desk.toml")
    assert staged(git.path) == [Change("desk.toml", "100644", old, "", "")]


def test_every_folder_is_looked_at_and_a_subfolder_is_as_good_a_place_to_ask(git: Git) -> None:
    (git.path / "a" / "b").mkdir(parents=True)
    (git.path / "a" / "b" / "desk.toml").write_text("deep\n")
    (git.path / "desk.toml").write_text("top\n")
    git("add", "-A")
    git("config", "diff.relative", "true")
    expected = ["a/b/desk.toml", "desk.toml"]
    assert [file.path for file in staged(git.path / "a")] == expected
    assert [file.path for file in staged(discover(git.path))] == expected


def test_a_renamed_file_is_seen_under_its_new_name(git: Git) -> None:
    seed(git, innocent__txt="api_key = 1\n" * 20)
    git("mv", "innocent.txt", "desk.toml")
    git("config", "diff.renames", "copies")
    assert [(c.path, bool(c.mode)) for c in staged(git.path)] == [
        ("desk.toml", True),
        ("innocent.txt", False),
    ]


def test_a_change_into_a_symbolic_link_is_told_by_its_mode(git: Git) -> None:
    seed(git, desk__toml="1\n")
    (git.path / "desk.toml").unlink()
    (git.path / "desk.toml").symlink_to("/etc/passwd")
    git("add", "desk.toml")
    ((change, data),) = contents(git.path, staged(git.path))
    assert (change.old_mode, change.mode, data) == ("100644", "120000", b"/etc/passwd")


def test_names_with_odd_letters_come_unquoted(git: Git) -> None:
    folder = git.path / 'é "x"\t'
    folder.mkdir()
    (folder / "desk.toml").write_text("1\n")
    git("add", "-A")
    assert [file.path for file in staged(git.path)] == ['é "x"\t/desk.toml']


@pytest.mark.parametrize("how", [["-a"], ["--only", "--", "desk.toml"], ["--include", "--", "desk.toml"]])
def test_in_a_hook_the_index_is_the_one_that_git_is_about_to_commit(git: Git, how: list[str]) -> None:
    seed(git, desk__toml="1\n")
    (git.path / "desk.toml").write_text("about to be committed\n")
    hook = git.path / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        f"#!/bin/sh\nPYTHONPATH='{Path(__file__).parents[2]}' exec '{sys.executable}' -c '"
        "from git_qoc.history.staged import contents, staged; "
        'print(dict(contents(".", staged("."))).popitem()[1])\' >seen\n'
    )
    hook.chmod(0o755)
    subprocess.run(["git", "commit", "-q", "-m", "x", *how], cwd=git.path, check=True, env={**os.environ})
    assert (git.path / "seen").read_text() == "b'about to be committed\\n'\n"


def test_a_range_gives_each_version_with_the_commit_that_brought_it(git: Git) -> None:
    seed(git, desk__toml="1\n")
    start = git("rev-parse", "HEAD")
    seed(git, desk__toml="2\n")
    second = git("rev-parse", "HEAD")
    seed(git, desk__toml="1\n")
    seed(git, desk__toml="2\n", other__txt="x\n")
    first = git("rev-parse", "HEAD~1")
    assert written(git.path, f"{start}..HEAD") == [
        (second, b"2\n"),
        (first, b"1\n"),
        (git("rev-parse", "HEAD"), b"2\n"),
    ]
    assert [data for _, data in written(discover(git.path), "--all")] == [b"1\n", b"2\n", b"1\n", b"2\n"]
    assert introduced(git.path, ("HEAD", "--not", "--all")) == []


def test_what_an_evil_merge_adds_is_introduced(git: Git) -> None:
    seed(git)
    git("checkout", "-q", "-b", "side")
    seed(git, side__txt="x\n")
    git("checkout", "-q", "main")
    seed(git, main__txt="x\n")
    git("merge", "-q", "--no-commit", "--no-ff", "side")
    seed(git, desk__toml="evil\n")
    assert set(written(git.path, "HEAD")) == {(git("rev-parse", "HEAD"), b"evil\n")}


def test_a_rename_and_a_secret_removed_again_are_introduced(git: Git) -> None:
    seed(git, innocent__txt="secret\n")
    git("mv", "innocent.txt", "desk.toml")
    git("commit", "-q", "-m", "rename")
    git("rm", "-q", "desk.toml")
    git("commit", "-q", "-m", "remove")
    assert [data for _, data in written(git.path, "HEAD")] == [b"secret\n"]


def test_a_wrong_range_and_a_folder_that_is_no_repository_are_errors(git: Git, tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="git rev-list failed: bad revision 'gone'"):
        introduced(git.path, ("gone",))
    (tmp_path / "plain").mkdir()
    with pytest.raises(HistoryError, match="cannot read what is staged"):
        staged(tmp_path / "plain")


def test_a_damaged_index_is_an_error_not_an_empty_answer(git: Git) -> None:
    seed(git)
    (git.path / ".git" / "index").write_bytes(b"garbage")
    with pytest.raises(HistoryError, match="cannot read what is staged"):
        staged(git.path)


def test_one_git_process_tells_what_is_staged_and_a_second_one_what_it_holds(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (git.path / "desk.toml").write_text("x\n")
    git("add", "-A")
    trace = tmp_path / "trace"
    monkeypatch.setenv("GIT_TRACE2_EVENT", str(trace))
    found = staged(git.path)
    assert trace.read_text().count('"event":"start"') == 1
    read(git.path, found)
    assert trace.read_text().count('"event":"start"') == 2
    read(git.path, [])
    assert trace.read_text().count('"event":"start"') == 2


def test_a_replaced_commit_is_read_as_other_clones_have_it(git: Git) -> None:
    seed(git, desk__toml="secret\n")
    leak = git("rev-parse", "HEAD")
    seed(git, desk__toml="clean\n")
    git("replace", leak, "HEAD")
    assert [data for _, data in written(git.path, "HEAD")] == [b"secret\n", b"clean\n"]


def test_the_index_is_told_as_a_whole_and_a_conflict_is_an_error(git: Git) -> None:
    seed(git, desk__toml="1\n", other__txt="x\n")
    assert [c.path for c in indexed(git.path)] == ["desk.toml", "other.txt"]
    assert [c.path for c in indexed(git.path, ["desk.toml"])] == ["desk.toml"]
    git("checkout", "-q", "-b", "side")
    seed(git, desk__toml="2\n")
    git("checkout", "-q", "main")
    seed(git, desk__toml="3\n")
    subprocess.run(["git", "merge", "-q", "side"], cwd=git.path, capture_output=True, check=False)
    for question in (staged, indexed):
        with pytest.raises(HistoryError, match=r"desk\.toml is in conflict"):
            question(git.path)


def test_a_desk_counts_where_the_index_or_head_has_one(git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = "odd \n*é/"
    for folder in ("a", "b", odd):
        (git.path / folder).mkdir()
        (git.path / folder / "desk.toml").write_text("")
    assert desks(git.path, ["", "a/"]) == set()
    git("add", "-A")
    assert desks(git.path, ["", "a/", odd]) == {"a/", odd}
    seed(git)
    git("rm", "-q", "--cached", "a/desk.toml")
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    assert desks(git.path / "b", ["", "a/", "b/", "c/"]) == {"a/", "b/"}
    assert desks(discover(git.path), ["a/"]) == {"a/"}
    many = [f"vendor/package-{number}/" for number in range(50_000)]
    assert desks(git.path, ["", "a/", *many]) == {"a/"}
