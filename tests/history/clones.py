"""A bare remote and clones of it, each a real repository."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from git_qoc.history.clones.sync import Options, Synced, sync
from git_qoc.history.repository import Repository, discover
from tests.conftest import Git
from tests.history.desk import make, record, seed, snapshot_path


@dataclass
class Fleet:
    """`bare` is the remote; clones are made from it by name."""

    folder: Path
    bare: Git

    def clone(self, name: str, *options: str, address: str = "") -> Git:
        path = self.folder / name
        source = address or str(self.bare.path)
        subprocess.run(["git", "clone", "-q", "--template=", *options, source, str(path)], check=True)
        return Git(path)

    def log(self, form: str = "%s") -> list[str]:
        return self.bare("log", "--reverse", f"--format={form}", "main").splitlines()

    def files(self) -> list[str]:
        return self.bare("ls-tree", "-r", "--name-only", "main").splitlines()

    def linear(self) -> bool:
        return self.bare("rev-list", "--min-parents=2", "main") == ""


def fleet(folder: Path, *options: str) -> Fleet:
    """A bare remote with one commit of a user's: desk.toml and notes.md."""
    first = seed(make(folder / "origins", *options), desk__toml="[workspace]\n", notes__md="notes\n")
    bare = make(folder / "books.git", "--bare", "--template=", *options)
    first("remote", "add", "origin", str(bare.path))
    first("push", "-q", "-u", "origin", "main")
    return Fleet(folder, bare)


def snap(git: Git, number: int, text: str | None = None) -> str:
    """Record snapshot `number`; returns its commit."""
    data = text or f"nav = {number}\n"
    commit = record(discover(git.path), snapshot_path(number), data.encode())
    assert commit is not None
    return commit.id


def edit(git: Git, name: str, text: str, subject: str = "by hand") -> str:
    """A commit of the user's own, of that one file; returns its id."""
    (git.path / name).write_text(text)
    git("add", "--", name)
    git("commit", "-q", "-m", subject, "--", name)
    return git("rev-parse", "HEAD")


def synced(git: Git, remote: str | None = None, **options: bool | float) -> Synced:
    return sync(discover(git.path), remote, Options(**options), pause=lambda _: None)  # type: ignore[arg-type]


def repository(git: Git) -> Repository:
    return discover(git.path)


def clean(git: Git) -> None:
    """Index and work tree are HEAD's, and nothing of a sync is left over."""
    assert git("status", "--porcelain=v2") == ""
    assert git("fsck", "--strict", "--no-dangling") == ""
    left = {path.name for path in (git.path / ".git" / "qoc").iterdir()}
    assert {name for name in left if not name.startswith("cache-")} <= {"lock", "sync-lock", "snapshot-lock"}
