from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from git_qoc.errors import HistoryError
from git_qoc.history.repository import discover, is_true
from tests.conftest import Git
from tests.history.desk import make, seed


def test_a_work_tree_is_found_from_a_folder_deep_inside_it(git: Git) -> None:
    deep = git.path / "snapshots" / "2026"
    deep.mkdir(parents=True)
    repo = discover(deep)
    assert repo.top == git.path
    assert repo.git_dir == repo.common_dir == git.path / ".git"
    assert (repo.object_format, repo.shallow, repo.bare) == ("sha1", False, False)


def test_the_current_folder_is_where_it_starts(git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(git.path)
    assert discover().top == git.path


def test_a_start_inside_the_git_folder_finds_the_work_tree(git: Git) -> None:
    assert discover(git.path / ".git").top == git.path


def test_a_bare_repository_has_no_work_tree(tmp_path: Path) -> None:
    make(tmp_path / "books.git", "--bare")
    repo = discover(tmp_path / "books.git")
    assert repo.bare
    assert repo.top is None


def test_a_linked_work_tree_has_its_own_git_dir_and_the_shared_common_dir(git: Git, tmp_path: Path) -> None:
    seed(git)
    git("worktree", "add", "-q", str(tmp_path / "linked"))
    repo = discover(tmp_path / "linked")
    assert repo.top == tmp_path / "linked"
    assert repo.git_dir == git.path / ".git" / "worktrees" / "linked"
    assert repo.common_dir == git.path / ".git"
    assert repo.private_dir == git.path / ".git" / "qoc"


def test_a_separate_git_dir_is_found(tmp_path: Path) -> None:
    make(tmp_path / "desk", f"--separate-git-dir={tmp_path / 'books'}")
    repo = discover(tmp_path / "desk")
    assert (repo.git_dir, repo.top) == (tmp_path / "books", tmp_path / "desk")


def test_git_dir_and_git_work_tree_mean_what_they_mean_to_git(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_DIR", "repo/.git")
    monkeypatch.setenv("GIT_WORK_TREE", "repo")
    repo = discover()
    assert repo.top == git.path
    assert repo.git("rev-parse", "--show-toplevel").decode().strip() == str(git.path)


def test_a_sha256_and_a_shallow_repository_say_so(git: Git, tmp_path: Path) -> None:
    make(tmp_path / "new", "--object-format=sha256")
    assert discover(tmp_path / "new").object_format == "sha256"
    assert discover(tmp_path / "new").no_object == "0" * 64
    seed(git)
    git("commit", "-q", "--allow-empty", "-m", "second")
    subprocess.run(
        ["git", "clone", "-q", "--depth=1", f"file://{git.path}", str(tmp_path / "shallow")], check=True
    )
    assert discover(tmp_path / "shallow").shallow


def test_outside_a_repository_the_message_names_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match=r"is not inside a git repository\. Run `git qoc init`"):
        discover(tmp_path)


def test_a_wrong_git_dir_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "gone"))
    with pytest.raises(HistoryError, match=r"GIT_DIR=.*gone is not a git repository"):
        discover(tmp_path)


def test_a_repository_of_somebody_else_is_refused_with_gits_remedy(
    git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(
        HistoryError, match=r"dubious ownership.*Run: git config --global --add safe\.directory"
    ):
        discover(git.path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="gone is not a folder"):
        discover(tmp_path / "gone")
    (tmp_path / "file").touch()
    with pytest.raises(HistoryError, match="file is not a folder"):
        discover(tmp_path / "file")


def test_a_current_folder_that_was_removed_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(HistoryError, match="the current folder cannot be used"):
        discover()


def test_a_machine_without_git_is_told_so(git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HistoryError, match="git is not installed"):
        discover(git.path)


def test_a_failing_git_command_gives_its_first_complaint(git: Git) -> None:
    with pytest.raises(HistoryError, match=r"^git ls-tree failed: Not a valid object name nowhere$"):
        discover(git.path).git("ls-tree", "nowhere")


def test_settings_keep_all_values_in_order_and_a_bare_key_is_true(git: Git) -> None:
    git("config", "--add", "qoc.allowedHost", "one.example.com")
    git("config", "--add", "qoc.allowedHost", "two\nlines")
    with (git.path / ".git" / "config").open("a") as config:
        config.write("[commit]\n\tgpgsign\n[tag]\n\tgpgsign =\n")
    found = discover(git.path).config(r"^qoc\.|gpgsign$")
    assert found == {
        "qoc.allowedhost": ["one.example.com", "two\nlines"],
        "commit.gpgsign": ["true"],
        "tag.gpgsign": [""],
    }
    assert discover(git.path).config("^nothing$") == {}


@pytest.mark.parametrize("text", ["true", "Yes", "on", "1", "-1"])
def test_what_git_reads_as_true_is_true(text: str) -> None:
    assert is_true(text)


@pytest.mark.parametrize("text", ["false", "no", "off", "0", "", "maybe"])
def test_anything_else_is_not(text: str) -> None:
    assert not is_true(text)


def test_the_private_folder_is_closed_to_others(git: Git) -> None:
    repo = discover(git.path)
    assert repo.private_dir.stat().st_mode & 0o777 == 0o700


def test_resolving_knows_commits_and_nothing_else(git: Git) -> None:
    repo = discover(git.path)
    assert repo.resolve("HEAD") is None
    seed(git)
    assert repo.resolve("HEAD") == repo.resolve("main") == git("rev-parse", "HEAD")
    assert repo.resolve("no such branch") is None
    assert repo.resolve("--all") is None
    with pytest.raises(HistoryError, match="line break"):
        repo.resolve("main\nmain")


@pytest.mark.parametrize("module", ["repository", "write", "walk", "staged"])
def test_no_module_of_history_imports_a_third_party_library_by_itself(module: str) -> None:
    heavy = "{'pygit2', 'pydantic', 'click', 'tomlkit', 'requests'}"
    code = f"import sys, git_qoc.history.{module}; sys.exit(str({heavy} & set(sys.modules) or ''))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""


def test_the_hook_modules_do_not_even_import_dataclasses_or_pathlib() -> None:
    code = (
        "import sys, git_qoc.history.staged; print({'dataclasses', 'pathlib', 'inspect'} & set(sys.modules))"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, env=env
    )
    assert done.stdout.strip() == "set()"
