"""Find one committed snapshot. Imports only what reading one file needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from git_qoc.errors import HistoryError, SnapshotError
from git_qoc.history.reader import TreeFile, open_reader
from git_qoc.history.walk import latest, snapshot_files
from git_qoc.snapshots.parse import loads
from git_qoc.snapshots.snapshot import Snapshot
from git_qoc.snapshots.toml import file_name
from git_qoc.tasks.place import Place, find_desk

TIMESTAMP = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}[:-]\d{2}([:-]\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})(\.toml)?"
)


@dataclass(frozen=True, slots=True)
class Found:
    """`path` is root-relative."""

    path: str
    snapshot: Snapshot


def find_snapshot(start: Path, which: str) -> Found:
    """The newest snapshot of HEAD (`latest`), the one of a timestamp, or the newest of a revision.

    Raises:
        HistoryError: there is none, or no such revision.
        SnapshotError: the file is not a snapshot.
    """
    place = find_desk(start)
    is_time = TIMESTAMP.fullmatch(which) is not None
    rev = "HEAD" if which == "latest" or is_time else which
    if place.repo.resolve(rev) is None:
        if rev == "HEAD":
            raise HistoryError("there is no commit yet. Take a snapshot with `git qoc snapshot`.")
        raise HistoryError(
            f'"{which}" is neither latest, a timestamp such as 2026-07-05T16:00:00Z, nor a revision.'
        )
    if is_time:
        file = _of_time(snapshot_files(place.repo, rev, place.root), which)
        if file is not None:
            return Found(file.path, read(place, file))
    else:
        newest = latest(place.repo, rev, place.root)
        if newest is not None:
            return Found(newest.path, _parsed(newest.path, newest.data or b""))
    what = f"of {which}" if which != "latest" else "yet. Take one with `git qoc snapshot`"
    raise HistoryError(f"there is no snapshot {what}.")


def read(place: Place, file: TreeFile) -> Snapshot:
    """Parse one committed snapshot; the error names its path."""
    ((_, data),) = open_reader(place.repo, 1).blobs([file.blob])
    return _parsed(file.path, data)


def _parsed(path: str, data: bytes) -> Snapshot:
    try:
        return loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise SnapshotError(f"{path}: not UTF-8 text.") from None
    except SnapshotError as exc:
        raise SnapshotError(f"{path}: {exc}.") from None


def _of_time(files: list[TreeFile], text: str) -> TreeFile | None:
    date, _, clock = text.removesuffix(".toml").replace(" ", "T").partition("T")
    clock = re.sub(r"^(\d{2})-(\d{2})(?:-(\d{2}))?", lambda m: ":".join(filter(None, m.groups())), clock)
    try:
        wanted = file_name(datetime.fromisoformat(f"{date}T{clock}").astimezone(UTC))
    except (ValueError, OverflowError):
        return None
    return next((file for file in files if file.path.rpartition("/")[2] == wanted), None)
