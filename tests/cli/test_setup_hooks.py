"""`git qoc setup --hooks` as typed, with the hooks that come with git-qoc."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

import pytest

from git_qoc.cli.setup import _completions
from git_qoc.tasks.setup_hooks import RECEIVING, shims
from tests.checks.keys import ALPACA_SECRET
from tests.cli.installed import ROOT, install, without_qoc
from tests.cli.qoc import Qoc
from tests.conftest import Git

CLIENT = sorted(set(shims()) - RECEIVING)
TOLD = "git qoc setup --hooks\n"


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """git-qoc on PATH, and a home of its own."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("GIT_CONFIG_GLOBAL")
    install(tmp_path / "bin", monkeypatch)


def hooks(git: Git) -> list[str]:
    return sorted(file.name for file in (git.path / ".git/hooks").iterdir() if file.suffix != ".sample")


def test_hooks_are_set_up_shown_and_taken_back_in_a_repository_that_is_no_desk(
    qoc: Qoc, tmp_path: Path
) -> None:
    dry = qoc.ok("setup", "--hooks", "--print")
    assert [line.split()[:3] for line in dry.out.splitlines()] == [["to", "be", "installed"]] * len(CLIENT)
    assert dry.err == "Nothing was written.\n"
    assert hooks(qoc.git) == []
    steps = qoc.ok("setup", "--hooks", "--json").json
    assert [(step["state"], step["what"]) for step in steps] == [
        ("installed", f"{name} hook") for name in CLIENT
    ]
    assert hooks(qoc.git) == CLIENT
    assert list((tmp_path / "home").iterdir()) == []
    assert qoc.ok("setup", "--hooks").out.splitlines()[0] == (
        f"present   {qoc.git.path}/.git/hooks/{CLIENT[0]}: {CLIENT[0]} hook"
    )
    removed = qoc.ok("setup", "--hooks", "--remove")
    assert removed.out.count("removed ") == len(CLIENT)
    assert hooks(qoc.git) == []


def test_a_literal_credential_is_refused_and_a_reference_is_committed(desk: Qoc) -> None:
    desk.ok("setup", "--hooks")
    file = desk.git.path / "desk.toml"
    block = '\n[[connector]]\nname = "cx"\ntype = "crypto"\n[connector.auth]\napi_secret = '
    clean = file.read_text()
    file.write_text(f'{clean}{block}"{ALPACA_SECRET}"\n')
    done = subprocess.run(
        ["git", "commit", "-a", "-m", "x"], cwd=desk.git.path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert 'a literal credential in connector "cx"' in done.stderr
    assert ALPACA_SECRET[:8] not in done.stdout + done.stderr
    file.write_text(f'{clean}{block}{{ env = "CX_SECRET" }}\n')
    desk.git("commit", "-q", "-a", "-m", "x")


def test_a_hook_that_was_not_touched_makes_the_exit_code_one(qoc: Qoc) -> None:
    qoc.git("config", "core.hooksPath", "/dev/null")
    done = qoc("setup", "--hooks", "--force")
    assert done.code == 1
    assert done.out.count("kept ") == len(CLIENT)
    assert qoc("setup", "--hooks", "--remove").code == 0


def test_without_git_qoc_on_path_it_says_that_the_hooks_refuse(
    qoc: Qoc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", without_qoc())
    assert (
        qoc.ok("setup", "--hooks").err == "warning: git-qoc is not on PATH: until it is, the hooks refuse\n"
    )


def test_plain_setup_tells_of_the_hooks_only_while_they_are_not_there(desk: Qoc) -> None:
    assert desk.ok("setup").err.endswith(TOLD)
    assert hooks(desk.git) == []
    assert TOLD not in desk.ok("setup", "--global").err
    desk.ok("setup", "--hooks")
    assert TOLD not in desk.ok("setup").err
    assert desk.ok("setup", "--remove").err.endswith("git qoc setup --hooks --remove\n")
    assert hooks(desk.git) == CLIENT


def test_contrary_options_and_places_are_refused(qoc: Qoc, tmp_path: Path) -> None:
    both = qoc("setup", "--hooks", "--global")
    assert both.code == 129
    assert both.err == "give --global or --hooks, not both.\n"
    assert qoc("setup", "--hooks", "--remove", "--force").code == 129
    assert qoc("setup", "--hooks", "--local").code == 0
    assert qoc("setup", "--hooks", cwd=tmp_path).code == 128


def test_help_man_page_readme_and_completions_tell_of_it(qoc: Qoc) -> None:
    assert "--hooks" in qoc.ok("setup", "-h").out
    assert "\\fB\\-\\-hooks\\fR" in (ROOT / "man/git-qoc.1").read_text()
    assert "git qoc setup --hooks" in (ROOT / "README.md").read_text()
    texts = _completions()
    assert "--hooks" in texts["bash"]
    assert "--hooks" in texts["zsh"]
    assert "-l hooks" in texts["fish"]


def test_the_hooks_are_package_data() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"]["hooks"] == "git_qoc/data/hooks"
