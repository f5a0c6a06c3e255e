"""Make or adopt a repository as a desk. Never overwrites a file."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from git_qoc.errors import DeskError, HistoryError, QocError
from git_qoc.history.repository import Repository, discover
from git_qoc.history.walk import blob_at
from git_qoc.history.write import commit_files, refuse_if_busy

DESK_TOML = """\
# The desk: which venues it has, and what runs when. Credentials are never written here:
# `git qoc connect` writes where they are kept, and the hooks refuse anything else.

[workspace]
name     = "{name}"
timezone = "{zone}"

[account]
currency = "USD"
"""

GITATTRIBUTES = """\
# The record is the same bytes on every machine.
# diff and merge name drivers of `git qoc setup`; without it git takes plain text.
desk.toml text eol=lf merge=qoc-desk
snapshots/** text eol=lf diff=qoc-snapshot
research/** text eol=lf
"""

PRE_COMMIT = """\
# `pre-commit install` makes git run these before each commit, merge and push. They use the
# installed git-qoc, so they need no network.
default_install_hook_types: [pre-commit, pre-merge-commit, pre-push]
default_stages: [pre-commit, pre-merge-commit, pre-push]
repos:
  - repo: local
    hooks:
      - id: qoc-credentials
        name: no credential in the desk
        entry: git-qoc check credentials
        language: system
        always_run: true
        pass_filenames: false
      - id: qoc-desk
        name: desk.toml is well-formed
        entry: git-qoc check desk
        language: system
        files: (?i)(^|/)desk\\.toml$
        pass_filenames: false
      - id: qoc-snapshots
        name: snapshots are append-only
        entry: git-qoc check snapshots
        language: system
        always_run: true
        pass_filenames: false
      - id: qoc-orders
        name: orders only move forward
        entry: git-qoc check orders
        language: system
        always_run: true
        pass_filenames: false
"""


@dataclass(frozen=True, slots=True)
class Made:
    """`written` and `kept` are paths below `folder`; `commit` is None when nothing was made."""

    folder: Path
    already: bool
    written: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    commit: str | None = None


def init(folder: Path, zone: str = "UTC") -> Made:
    """A desk in `folder`, which is made when missing, in its repository or in a new one.

    In a desk nothing changes. A file of the user's that has the name of one of ours is kept.

    Raises:
        HistoryError: git refused; a folder that was made stays, empty.
    """
    folder = folder.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise QocError(f"{folder}: cannot be made: {exc.strerror}.") from None
    if (folder / "desk.toml").exists():
        return Made(folder, already=True)
    repo = _repository(folder)
    refuse_if_busy(repo)
    if repo.top is None:
        raise HistoryError(
            f"{folder} is a bare repository, which has no work tree. Run this in a clone of it."
        )
    below = folder.relative_to(repo.top.resolve()).as_posix()
    root = "" if below == "." else f"{below}/"
    wanted = {
        "desk.toml": DESK_TOML.format(name=_plain(folder.name), zone=zone),
        ".gitattributes": GITATTRIBUTES,
        ".pre-commit-config.yaml": PRE_COMMIT,
        "snapshots/.gitkeep": "",
        "research/.gitkeep": "",
    }
    _refuse_hidden(repo, root + "desk.toml")
    kept = tuple(name for name in wanted if (folder / name).exists())
    files = {root + name: text.encode() for name, text in wanted.items() if name not in kept}
    commit = commit_files(repo, files, "Make this repository a trading desk\n", what="init")
    written = tuple(name for name in wanted if name not in kept)
    return Made(folder, already=False, written=written, kept=kept, commit=commit.id if commit else None)


def _refuse_hidden(repo: Repository, path: str) -> None:
    """A desk.toml that HEAD has and the work tree lacks is somebody's, and must not be replaced."""
    if blob_at(repo, "HEAD", path) is not None:
        raise DeskError(
            f"{path} is in HEAD but not in the work tree. Bring it back with git checkout HEAD -- :/{path}"
            " (in a sparse checkout: git sparse-checkout disable)."
        )


def _repository(folder: Path) -> Repository:
    try:
        return discover(folder)
    except HistoryError:
        if (folder / ".git").exists():
            raise
    return make_repository(folder)


def make_repository(folder: Path) -> Repository:
    """A repository of its own in this folder, also inside of another one."""
    done = subprocess.run(["git", "init", "-q", str(folder)], capture_output=True, check=False)
    if done.returncode:
        raise HistoryError(f"{folder}: git init failed: {done.stderr.decode(errors='replace').strip()}")
    return discover(folder)


def _plain(name: str) -> str:
    return "".join(c if c.isalnum() or c in "._-" else "-" for c in name)
