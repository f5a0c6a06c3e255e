"""One snapshot with all that the record says of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from git_qoc.snapshots.snapshot import Snapshot
from git_qoc.tasks.commit import Commit, commit_of, snapshot_of
from git_qoc.tasks.diff import Diff, since_before
from git_qoc.tasks.place import find_desk
from git_qoc.tasks.show import read


@dataclass(frozen=True, slots=True)
class Inspected:
    """`commit` is None where the history that is here does not tell, `diff` for the first snapshot."""

    path: str
    snapshot: Snapshot
    commit: Commit | None
    diff: Diff | None
    warnings: tuple[str, ...] = ()


def inspect(start: Path, which: str) -> Inspected:
    """The snapshot that `which` names, the commit that recorded it, and the bridge from the one before.

    Raises:
        HistoryError: there is none.
        SnapshotError: it is no snapshot.
    """
    place = find_desk(start)
    located = snapshot_of(place, which, start)
    return Inspected(
        path=located.file.path,
        snapshot=read(place, located.file),
        commit=commit_of(place, located),
        diff=since_before(place, located),
        warnings=place.warnings,
    )
