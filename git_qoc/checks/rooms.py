"""Which files of a commit are a desk's, and in which of its rooms they stand. Pure, from paths alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from git_qoc.history.scan import Change

    ByRoom = dict[tuple[str, str], list[Change]]
    """Changes by (room, the desk's folder)."""

DESK_FILE = "desk.toml"
DESK, SNAPSHOTS, ORDERS, RESEARCH = "desk", "snapshots", "orders", "research"
FOLDERS = (SNAPSHOTS, ORDERS, RESEARCH)


def is_desk(path: str) -> bool:
    """Whether a path is a desk.toml. Where file names ignore case, Desk.toml is opened as desk.toml."""
    return path.rpartition("/")[2].casefold() == DESK_FILE


def folder_of(path: str) -> str:
    """The folder of a file, "" or ending in `/`."""
    head, slash, _ = path.rpartition("/")
    return head + slash


def candidates(path: str) -> Iterator[tuple[str, str]]:
    """(folder, room) for every desk folder that would make this path a file of one of its rooms.

    The deepest folder comes first: `a/research/b/orders/x` belongs to `a/research/b/` if that is
    a desk, else to `a/`.
    """
    parts = path.split("/")[:-1]
    for at in range(len(parts) - 1, -1, -1):
        if parts[at] in FOLDERS:
            yield "".join(f"{part}/" for part in parts[:at]), parts[at]


def room(path: str, desks: Collection[str]) -> tuple[str, str] | None:
    """(room, the desk's folder) of a path; None for a file of none of these desks."""
    if is_desk(path):
        return DESK, folder_of(path)
    return next(((name, folder) for folder, name in candidates(path) if folder in desks), None)


def changes_by_room(changes: Iterable[Change], desks: Collection[str]) -> ByRoom:
    """The changes of one commit to files of these desks.

    A file that moves with its desk to another folder, unchanged, is not removed: what left the
    old folder is left out.
    """
    found: ByRoom = {}
    for change in changes:
        at = room(change.path, desks)
        if at:
            found.setdefault(at, []).append(change)
    came = {
        (name, change.path.removeprefix(folder), change.blob)
        for (name, folder), some in found.items()
        for change in some
        if not change.old_mode
    }
    for (name, folder), some in found.items():
        some[:] = [c for c in some if c.mode or (name, c.path.removeprefix(folder), c.old_blob) not in came]
    return found
