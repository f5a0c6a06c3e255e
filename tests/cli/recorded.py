"""A desk whose record is made of given snapshots, committed as the tool commits them."""

from __future__ import annotations

from collections.abc import Iterable

from git_qoc.history.repository import discover
from git_qoc.snapshots.snapshot import Snapshot
from git_qoc.snapshots.toml import dumps, file_name
from tests.cli.qoc import Qoc
from tests.conftest import Git
from tests.history.desk import record


def desk_of(git: Git, snapshots: Iterable[Snapshot], root: str = "") -> Qoc:
    """`root` is the desk's folder, "" or ending in `/`."""
    (git.path / root).mkdir(parents=True, exist_ok=True)
    (git.path / root / "desk.toml").write_text("")
    git("add", "-A")
    git("commit", "-qm", "desk")
    for snapshot in snapshots:
        add(git, snapshot, root)
    return Qoc(git)


def add(git: Git, snapshot: Snapshot, root: str = "") -> str:
    """The commit's id."""
    path = path_of(snapshot, root)
    assert record(discover(git.path), path, dumps(snapshot).encode()) is not None
    return git("rev-parse", "HEAD")


def path_of(snapshot: Snapshot, root: str = "") -> str:
    return f"{root}snapshots/{file_name(snapshot.timestamp)}"
