"""A desk's record made of snapshots with figures of the test's own."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from git_qoc.history.repository import discover
from git_qoc.snapshots.snapshot import Snapshot
from git_qoc.snapshots.toml import dumps, file_name
from tests.cli.qoc import Qoc
from tests.history.desk import record


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def path_of(stamp: str) -> str:
    return f"snapshots/{file_name(at(stamp))}"


def take(desk: Qoc, stamp: str, nav: str, path: str = "", **more: Any) -> str:
    """Record one snapshot as the tool does, at the time it says; its commit is returned."""
    fields: dict[str, Any] = {"connectors": ("main",), "schema": 1, "net_flow_usd": Decimal(0)}
    snapshot = Snapshot(at(stamp), Decimal(nav), **(fields | more))
    with pytest.MonkeyPatch.context() as patch:
        for who in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{who}_DATE", stamp)
        done = record(discover(desk.git.path), path or path_of(stamp), dumps(snapshot).encode())
    assert done is not None
    return done.id


def write(desk: Qoc, path: str, text: str, message: str = "by hand") -> str:
    """Commit a file as a person does, without trailers; the commit is returned."""
    file = desk.git.path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    desk.git("add", "-A")
    desk.git("commit", "-q", "-m", message)
    return desk.git("rev-parse", "HEAD")
