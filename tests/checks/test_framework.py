"""The published hooks under the real pre-commit framework: commits, merges, pushes, whole runs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checks.keys import ALPACA_SECRET
from tests.cli.entering import CLEAN, DIRTY, FIRST, Clone, template
from tests.cli.installed import install
from tests.conftest import Git

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
TYPES = ("pre-commit", "pre-merge-commit", "pre-push")


def local_config() -> str:
    """The manifest as a config of local hooks that run the installed git-qoc, which needs no network."""
    hooks = MANIFEST.read_text().replace("language: python", "language: system")
    body = "".join(f"  {line}\n" for line in hooks.splitlines() if not line.startswith("#"))
    return f"repos:\n- repo: local\n  hooks:\n{body}"


def pre_commit(where: Path, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pre_commit", *args]
    return subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return template(tmp_path_factory.mktemp("framework"))


@pytest.fixture
def clone(origin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    """A clone whose hooks are pre-commit's, with our manifest; its server has none."""
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "cache"))
    install(tmp_path / "bin", monkeypatch)
    shutil.copytree(origin, tmp_path / "desk", symlinks=True)
    (tmp_path / "desk" / "server.git" / "hooks" / "pre-receive").unlink()
    clone = Clone(tmp_path / "desk" / "clone", hooks=True)
    clone.quietly("config", "--unset", "core.hooksPath")
    clone.write(local_config(), ".pre-commit-config.yaml")
    clone.quietly("commit", "-qam", "config")
    done = pre_commit(clone.path, "install", *(f"--hook-type={kind}" for kind in TYPES))
    assert done.returncode == 0, done.stderr
    return clone


def refused(clone: Clone, hook: str, *args: str) -> str:
    """What pre-commit says when git refuses because of this hook."""
    clone.said = ""
    assert not clone(*args), clone.said
    assert f"hook id: {hook}" in clone.said
    assert not any(ALPACA_SECRET[at : at + 6] in clone.said for at in range(len(ALPACA_SECRET) - 5))
    return clone.said


def test_a_commit_is_refused_and_passes_as_staged(clone: Clone) -> None:
    clone.write(DIRTY)
    clone.quietly("add", "-A")
    clone.write(CLEAN)
    assert 'a literal credential in connector "cx"' in refused(clone, "qoc-credentials", "commit", "-qm", "x")
    clone.write(CLEAN + "# mine\n")
    clone.quietly("add", "-A")
    clone.write(DIRTY)
    assert clone("commit", "-qm", "x"), clone.said
    assert (clone.path / "desk.toml").read_text() == DIRTY


def test_a_broken_desk_and_another_type_are_refused(clone: Clone) -> None:
    clone.write(CLEAN.replace("crypto", "equities"))
    assert 'desk.toml:3:8: the type of "cx" is locked' in refused(clone, "qoc-desk", "commit", "-qam", "x")
    clone.write(CLEAN + '[[schedule]]\nname = "a"\ncron = "61 * * * *"\ntask = "snapshot"\n')
    refused(clone, "qoc-desk", "commit", "-qam", "x")


def test_a_deleted_snapshot_is_refused_although_no_file_is_there(clone: Clone) -> None:
    clone.quietly("rm", "-q", FIRST)
    assert f"{FIRST}:1:1: deleted in what is staged" in refused(clone, "qoc-snapshots", "commit", "-qm", "x")


def test_a_vanished_order_is_refused(clone: Clone) -> None:
    clone.write('client_order_id = "a"\n', "orders/pending/a.toml")
    clone.quietly("add", "-A")
    assert clone("commit", "-qm", "x"), clone.said
    clone.quietly("rm", "-q", "orders/pending/a.toml")
    refused(clone, "qoc-orders", "commit", "-qm", "x")


def test_a_merge_is_refused(clone: Clone) -> None:
    clone.side()
    refused(clone, "qoc-credentials", "merge", "-q", "--no-edit", "side")


@pytest.mark.parametrize("branch", ["main", "topic"])
def test_a_push_of_a_secret_that_was_taken_out_again_is_refused(clone: Clone, branch: str) -> None:
    clone.write(DIRTY)
    clone.quietly("commit", "-qam", "leak")
    leak = Git(clone.path)("rev-parse", "--short=10", "HEAD")
    clone.write(CLEAN)
    assert clone("commit", "-qam", "hide it"), clone.said
    said = refused(clone, "qoc-credentials", "push", "-q", "origin", f"main:refs/heads/{branch}")
    assert f"{leak}:desk.toml:7:16" in said
    assert "First revoke each of these keys" in said


def test_a_whole_run_looks_at_every_file_and_not_only_at_what_is_staged(clone: Clone) -> None:
    assert pre_commit(clone.path, "run", "--all-files").returncode == 0
    clone.write(DIRTY)
    clone.quietly("commit", "-qam", "leak")
    done = pre_commit(clone.path, "run", "--all-files")
    assert done.returncode == 1
    assert "desk.toml:7:16: a literal credential" in done.stdout
    done = pre_commit(clone.path, "run", "--from-ref", "HEAD~1", "--to-ref", "HEAD")
    assert "desk.toml:7:16: a literal credential" in done.stdout


def test_the_manifest_is_valid_and_the_config_of_init_says_the_same(clone: Clone) -> None:
    assert pre_commit(clone.path, "validate-manifest", str(MANIFEST)).returncode == 0
    ids = ["qoc-credentials", "qoc-desk", "qoc-snapshots", "qoc-orders"]
    assert [hook.split("\n")[0] for hook in MANIFEST.read_text().split("\n- id: ")[1:]] == ids
    clone.quietly("checkout", "-q", "HEAD~1", "--", ".pre-commit-config.yaml")
    config = (clone.path / ".pre-commit-config.yaml").read_text()
    assert [line.split("id: ")[1] for line in config.splitlines() if "- id:" in line] == ids
    assert pre_commit(clone.path, "install").returncode == 0
    assert sorted(file.name for file in (clone.path / ".git/hooks").iterdir() if not file.suffix) == sorted(
        TYPES
    )
    clone.write(DIRTY)
    assert "hook id: qoc-credentials" in refused(clone, "qoc-credentials", "commit", "-qam", "x")
