from __future__ import annotations

from pathlib import Path

from tests.cli.qoc import Qoc

MADE = [
    ".gitattributes",
    ".pre-commit-config.yaml",
    "desk.toml",
    "research/.gitkeep",
    "snapshots/.gitkeep",
]


def test_a_new_desk_is_one_commit_of_its_files(qoc: Qoc) -> None:
    assert "is a desk now" in qoc.ok("init").out
    assert qoc.git("log", "--format=%s") == "Make this repository a trading desk"
    assert qoc.git("ls-tree", "-r", "--name-only", "HEAD").splitlines() == MADE
    assert qoc.git("status", "--porcelain") == ""


def test_a_folder_outside_of_any_repository_becomes_one(qoc: Qoc, tmp_path: Path) -> None:
    assert qoc("init", str(tmp_path / "new" / "books")).code == 0
    assert (tmp_path / "new" / "books" / ".git").is_dir()


def test_in_a_desk_nothing_changes(desk: Qoc) -> None:
    before = desk.state()
    result = desk.ok("init")
    assert "a desk already; nothing was changed" in result.out
    assert desk.state() == before


def test_a_file_of_the_users_is_kept_and_staged_work_stays_staged(qoc: Qoc) -> None:
    (qoc.git.path / ".gitattributes").write_text("* -text\n")
    (qoc.git.path / "mine.txt").write_text("staged\n")
    qoc.git("add", "mine.txt")
    result = qoc.ok("init")
    assert "kept your .gitattributes" in result.err
    assert (qoc.git.path / ".gitattributes").read_text() == "* -text\n"
    assert ".gitattributes" not in qoc.git("ls-tree", "--name-only", "HEAD")
    assert qoc.git("diff", "--cached", "--name-only") == "mine.txt"


def test_a_desk_may_be_a_folder_of_a_repository(qoc: Qoc) -> None:
    folder = qoc.git.path / "books"
    assert qoc("init", "books").code == 0
    assert (folder / "desk.toml").exists()
    assert not (folder / ".git").exists()
    added = qoc("connect", "cash", "--name", "c", "--venue", "paper", cwd=folder / "snapshots")
    assert added.code == 0, added.err
    assert qoc.git("show", "--format=", "--name-only", "HEAD") == "books/desk.toml"
    taken = qoc("snapshot", cwd=folder)
    assert taken.code == 0, taken.err
    assert qoc.git("show", "--format=", "--name-only", "HEAD").startswith("books/snapshots/2026-07-05T")
