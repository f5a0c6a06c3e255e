"""Sync the desk's branch with the remote that its clones share."""

from __future__ import annotations

from pathlib import Path

from git_qoc.history.clones.sync import Options, Synced
from git_qoc.history.clones.sync import sync as sync_branch
from git_qoc.tasks.place import find_desk


def sync(start: Path, remote: str | None, options: Options) -> Synced:
    """Sync the branch of the desk around `start`; only a desk's branch is ever pushed.

    Raises:
        DeskError: there is no desk here.
        Refused, HistoryError: as `history.sync.sync`.
    """
    return sync_branch(find_desk(start).repo, remote, options)
