"""Find one committed snapshot. Imports only what reading one file needs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from git_qoc.errors import HistoryError, SnapshotError
from git_qoc.history.reader import TreeFile, open_reader
from git_qoc.history.walk import snapshot_files
from git_qoc.snapshots.parse import loads
from git_qoc.snapshots.snapshot import Snapshot
from git_qoc.snapshots.toml import file_name
from git_qoc.tasks.place import Place, find_desk

TIMESTAMP = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}[:-]\d{2}([:-]\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})(\.toml)?"
)
LATEST = "latest"
NO_COMMIT = "there is no commit yet. Take a snapshot with `git qoc snapshot`."


@dataclass(frozen=True, slots=True)
class Found:
    """`path` is root-relative. `warnings` are for a person."""

    path: str
    snapshot: Snapshot
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Located:
    """A snapshot file, and all snapshot files of the revision's tree it is in, oldest first by name."""

    rev: str
    file: TreeFile
    files: Sequence[TreeFile]


def find_snapshot(start: Path, which: str) -> Found:
    """The snapshot that `which` names, as `locate` takes it.

    Raises:
        HistoryError: there is none, or no such revision.
        SnapshotError: the file is not a snapshot.
    """
    place = find_desk(start)
    file = locate(place, which, start).file
    return Found(file.path, read(place, file), place.warnings)


def locate(place: Place, which: str, start: Path) -> Located:
    """The newest snapshot of HEAD (`latest`), the one of a timestamp, a path or a file name in
    HEAD, or the newest of a revision. A path may be given from the root, the desk or `start`.

    Raises:
        HistoryError: there is none.
    """
    if which == LATEST:
        return newest(place, "HEAD")
    if place.repo.resolve("HEAD") is None and which == "HEAD":
        raise HistoryError(NO_COMMIT)
    is_time = TIMESTAMP.fullmatch(which) is not None
    # A file's name may hold a line break, a revision cannot.
    if not is_time and "\n" not in which and place.repo.resolve(which) is not None:
        return newest(place, which)
    files = snapshot_files(place.repo, "HEAD", place.root)
    file = _of_time(files, which) if is_time else _of_name(place, files, which, start)
    if file is not None:
        return Located("HEAD", file, files)
    if is_time or which.endswith(".toml"):
        raise HistoryError(f"there is no snapshot of {which} in HEAD. List them with `git qoc log`.")
    raise HistoryError(
        f'"{which}" is neither latest, a timestamp such as 2026-07-05T16:00:00Z, a revision, '
        "nor a snapshot's path."
    )


def newest(place: Place, rev: str) -> Located:
    """The snapshot with the newest name in a revision's tree.

    Raises:
        HistoryError: it has none, or there is no such revision.
    """
    files = snapshot_files(place.repo, rev, place.root)
    if files:
        return Located(rev, files[-1], files)
    if rev != "HEAD":
        raise HistoryError(f"there is no snapshot of {rev}.")
    if place.repo.resolve(rev) is None:
        raise HistoryError(NO_COMMIT)
    raise HistoryError("there is no snapshot yet. Take one with `git qoc snapshot`.")


def read(place: Place, file: TreeFile) -> Snapshot:
    """Parse one committed snapshot; the error names its path."""
    ((_, data),) = open_reader(place.repo, 1).blobs([file.blob])
    return parsed(file.path, data)


def parsed(path: str, data: bytes) -> Snapshot:
    """The snapshot in a file's bytes; the error names its path."""
    try:
        return loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise SnapshotError(f"{path}: not UTF-8 text.") from None
    except SnapshotError as exc:
        raise SnapshotError(f"{path}: {exc}.") from None


def _of_time(files: Sequence[TreeFile], text: str) -> TreeFile | None:
    date, _, clock = text.removesuffix(".toml").replace(" ", "T").partition("T")
    clock = re.sub(r"^(\d{2})-(\d{2})(?:-(\d{2}))?", lambda m: ":".join(filter(None, m.groups())), clock)
    try:
        wanted = file_name(datetime.fromisoformat(f"{date}T{clock}").astimezone(UTC))
    except (ValueError, OverflowError):
        return None
    return _named(files, wanted)


def _of_name(place: Place, files: Sequence[TreeFile], text: str, start: Path) -> TreeFile | None:
    """By path, from the root, the desk or the folder we stand in, else by bare name."""
    paths = {file.path: file for file in files}
    for path in (text, place.root + text, _below_top(place, start / text)):
        if path in paths:
            return paths[path]
    return _named(files, text) if "/" not in text else None


def _below_top(place: Place, path: Path) -> str:
    top = place.repo.top
    if top is None:
        return ""
    # The folder is resolved, the file is not: it need not be there.
    folder = path.parent.resolve()
    return (folder / path.name).relative_to(top.resolve()).as_posix() if _inside(folder, top) else ""


def _inside(folder: Path, top: Path) -> bool:
    return folder.is_relative_to(top.resolve())


def _named(files: Sequence[TreeFile], name: str) -> TreeFile | None:
    return next((file for file in files if file.path.rpartition("/")[2] == name), None)
