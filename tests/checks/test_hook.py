"""The hook as git runs it: real repositories, the real shell shim, the real pre-commit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from git_qoc.checks import hook
from git_qoc.checks.fault import Fault
from tests.checks.keys import ALPACA_SECRET
from tests.cli.installed import install, without_qoc
from tests.conftest import Git

ROOT = Path(__file__).parents[2]
CLEAN = '[[connector]]\nname = "cx"\ntype = "crypto"\n\n  [connector.auth]\n  api_key = { env = "CX_KEY" }\n'
DIRTY = CLEAN + f'  api_secret = "{ALPACA_SECRET}"\n'


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", without_qoc())


@pytest.fixture
def desk(git: Git) -> Git:
    """A repository whose hooks are ours."""
    git("config", "core.hooksPath", str(ROOT / "hooks"))
    return git


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "bin", monkeypatch)


def stage(git: Git, text: str, path: str = "desk.toml") -> None:
    file = git.path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    git("add", "--", path)


def commit(git: Git, *args: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        ["git", *(args or ("commit", "-q", "-m", "x"))],
        cwd=git.path,
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert not any(ALPACA_SECRET[at : at + 6] in said for at in range(len(ALPACA_SECRET) - 5))
    return done


def test_commit_without_a_staged_desk_needs_no_git_qoc(desk: Git) -> None:
    stage(desk, "x", "notes.txt")
    assert commit(desk).returncode == 0


def test_commit_with_a_staged_desk_fails_closed_without_git_qoc(desk: Git) -> None:
    stage(desk, CLEAN)
    done = commit(desk)
    assert done.returncode == 1
    assert done.stderr.startswith("git-qoc: not on PATH")
    assert done.stderr.count("\n") == 1


@pytest.mark.usefixtures("installed")
def test_clean_desk_is_committed_on_an_unborn_branch_and_later(desk: Git) -> None:
    stage(desk, CLEAN)
    assert commit(desk).returncode == 0
    stage(desk, CLEAN + "# more\n")
    assert commit(desk).returncode == 0
    assert desk("rev-list", "--count", "HEAD") == "2"


@pytest.mark.usefixtures("installed")
def test_credential_is_refused_on_an_unborn_branch_and_later(desk: Git) -> None:
    stage(desk, DIRTY)
    done = commit(desk)
    assert done.returncode == 1
    assert done.stderr == (
        'desk.toml:7:16: a literal credential in connector "cx" (auth.api_secret). '
        'Write { env = "CX_API_SECRET" } instead, and revoke this key: it was in a file.\n'
        "1 fault in what is staged; nothing is committed. Mend, git add, commit again.\n"
    )
    stage(desk, CLEAN)
    assert commit(desk).returncode == 0
    stage(desk, DIRTY)
    assert commit(desk).returncode == 1


@pytest.mark.usefixtures("installed")
def test_secret_staged_then_removed_from_the_work_tree_is_refused(desk: Git) -> None:
    stage(desk, DIRTY)
    (desk.path / "desk.toml").write_text(CLEAN)
    assert commit(desk).returncode == 1


@pytest.mark.usefixtures("installed")
def test_secret_only_in_the_work_tree_passes(desk: Git) -> None:
    stage(desk, CLEAN)
    (desk.path / "desk.toml").write_text(DIRTY)
    assert commit(desk).returncode == 0


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("args", [("commit", "-a", "-m", "x"), ("commit", "-m", "x", "--", "desk.toml")])
def test_index_that_git_makes_for_this_commit_is_the_one_checked(desk: Git, args: tuple[str, ...]) -> None:
    stage(desk, CLEAN)
    assert commit(desk).returncode == 0
    (desk.path / "desk.toml").write_text(DIRTY)
    assert commit(desk, *args).returncode == 1


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    "path",
    [
        "a/b/desk.toml",
        "snapshots/desk.toml",
        "Desk.TOML",
        "odd \n'$(x)é/desk.toml",
        "-x/desk.toml",
        ":(top)/desk.toml",
    ],
)
def test_desk_in_any_folder_and_letter_case_is_checked(desk: Git, path: str) -> None:
    file = desk.path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(DIRTY)
    desk("add", "-A")
    done = commit(desk)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 2


@pytest.mark.parametrize("path", ["mydesk.toml", "desk.toml.bak", "desk.toml/notes"])
def test_other_names_are_not_a_desk(desk: Git, path: str) -> None:
    stage(desk, DIRTY, path)
    assert commit(desk).returncode == 0


@pytest.mark.usefixtures("installed")
def test_renaming_a_file_to_desk_is_checked_and_removing_a_bad_desk_is_allowed(desk: Git) -> None:
    stage(desk, DIRTY, "notes.toml")
    assert commit(desk).returncode == 0
    desk("mv", "notes.toml", "desk.toml")
    assert commit(desk).returncode == 1
    desk("-c", "core.hooksPath=/dev/null", "commit", "-q", "-m", "x")
    desk("rm", "-q", "desk.toml")
    assert commit(desk).returncode == 0


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    "switch", ["--literal-pathspecs", "--glob-pathspecs", "--noglob-pathspecs", "--icase-pathspecs"]
)
def test_pathspec_switches_of_git_do_not_blind_the_hook(desk: Git, switch: str) -> None:
    stage(desk, DIRTY)
    assert commit(desk, switch, "commit", "-m", "x").returncode == 1


@pytest.mark.usefixtures("installed")
def test_users_diff_settings_do_not_blind_the_hook(desk: Git) -> None:
    stage(desk, DIRTY, "sub/desk.toml")
    (desk.path / ".gitattributes").write_text("*.toml -diff diff=none\n")
    for key, value in {"diff.external": "true", "diff.relative": "true", "diff.renames": "copies"}.items():
        desk("config", key, value)
    assert commit(desk).returncode == 1


@pytest.mark.usefixtures("installed")
def test_replace_refs_do_not_hide_what_is_committed(desk: Git) -> None:
    stage(desk, CLEAN)
    assert commit(desk).returncode == 0
    stage(desk, DIRTY)
    dirty = desk("rev-parse", ":desk.toml")
    desk("replace", dirty, desk("rev-parse", "HEAD:desk.toml"))
    assert commit(desk).returncode == 1
    same = desk("commit-tree", "-m", "x", desk("write-tree"))
    desk("replace", "HEAD", same)
    assert commit(desk).returncode == 1


@pytest.mark.usefixtures("installed")
def test_symbolic_link_in_place_of_the_desk_is_refused(desk: Git) -> None:
    stage(desk, CLEAN)
    assert commit(desk).returncode == 0
    (desk.path / "desk.toml").unlink()
    (desk.path / "desk.toml").symlink_to("/run/secrets/desk.toml")
    desk("add", "desk.toml")
    done = commit(desk)
    assert done.returncode == 1
    assert "symbolic link" in done.stderr


@pytest.mark.usefixtures("installed")
def test_submodule_in_place_of_the_desk_is_refused(desk: Git) -> None:
    stage(desk, "x", "x")
    assert commit(desk).returncode == 0
    desk("update-index", "--add", "--cacheinfo", f"160000,{desk('rev-parse', 'HEAD')},desk.toml")
    done = commit(desk)
    assert done.returncode == 1
    assert "submodule" in done.stderr


@pytest.mark.usefixtures("installed")
def test_linked_work_tree_has_its_own_index(desk: Git, tmp_path: Path) -> None:
    stage(desk, CLEAN)
    assert commit(desk).returncode == 0
    desk("worktree", "add", "-q", str(tmp_path / "second"))
    second = Git(tmp_path / "second")
    stage(second, DIRTY)
    assert commit(second).returncode == 1
    stage(desk, "x", "x")
    assert commit(desk).returncode == 0


@pytest.mark.usefixtures("installed")
def test_sha256_repository(tmp_path: Path) -> None:
    path = tmp_path / "sha256"
    subprocess.run(["git", "init", "-q", "--object-format=sha256", str(path)], check=True)
    git = Git(path)
    git("config", "core.hooksPath", str(ROOT / "hooks"))
    stage(git, DIRTY)
    assert commit(git).returncode == 1
    stage(git, CLEAN)
    assert commit(git).returncode == 0


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("args", [("hook", "pre-commit"), ("check", "credentials")])
def test_check_outside_a_repository_is_fatal(
    args: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    done = subprocess.run(["git-qoc", *args], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 128
    assert done.stderr.startswith("git-qoc: cannot read what is staged")


def test_faults_are_told_one_a_line_and_control_characters_of_a_path_are_not_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    faults = [Fault(path, 1, 15, "credentials", "this") for path in ("a\x1b[2J\udcff", "b\nc")]
    assert hook.report(faults, sys.stderr) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == [r"a\x1b[2J\udcff:1:15: this", r"b\nc:1:15: this"]
    assert lines[2].startswith("2 faults")


@pytest.mark.parametrize("name", sorted(file.name for file in (ROOT / "hooks").iterdir()))
def test_hooks_are_plain_posix_shell(name: str) -> None:
    subprocess.run(["sh", "-n", str(ROOT / "hooks" / name)], check=True)
    assert os.access(ROOT / "hooks" / name, os.X_OK)


def test_hot_path_imports_only_the_standard_library_and_not_dataclasses() -> None:
    code = "import sys, git_qoc.checks.hook; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    modules = set(done.stdout.split())
    assert "dataclasses" not in modules
    assert not {"pydantic", "click", "tomlkit", "pygit2", "requests", "croniter", "tabulate"} & modules
