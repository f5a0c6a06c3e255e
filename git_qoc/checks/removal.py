"""A desk.toml that goes away. What is beside it would be no desk's, and so checked by nobody. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from git_qoc.checks.fault import Fault
from git_qoc.checks.rooms import ORDERS, SNAPSHOTS, folder_of, is_desk, room

if TYPE_CHECKING:
    from git_qoc.history.scan import Change

RULE = "snapshots"


def removed(changes: Iterable[Change]) -> dict[str, str]:
    """The path of each desk.toml that these changes take away, by its folder; a new letter case is none."""
    desks = [change for change in changes if is_desk(change.path)]
    kept = {folder_of(change.path) for change in desks if change.mode}
    return {folder_of(c.path): c.path for c in desks if folder_of(c.path) not in kept}


def left_behind(root: str, path: str, after: Iterable[str]) -> Iterator[Fault]:
    """Of the desk.toml at `path` that is gone from the folder `root`, where it leaves a record or orders."""
    rooms = (room(one, (root,)) for one in after if one.endswith(".toml"))
    if any(at is not None and at[0] in (SNAPSHOTS, ORDERS) for at in rooms):
        yield _fault(
            path,
            "removed, and the record beside it stays, where nothing would hold it append-only. Put it back; "
            "a desk that is over keeps its desk.toml, one that moves takes its record along in one commit.",
        )


def lost(
    path: str, recorded: Mapping[tuple[str, str], str], here: Collection[tuple[str, str]]
) -> Iterator[Fault]:
    """Of snapshots, each (name, blob) with its path, that a desk had and none has as recorded."""
    gone = sorted(at for one, at in recorded.items() if one not in here)
    if gone:
        many = "1 snapshot" if len(gone) == 1 else f"{len(gone):,} snapshots"
        yield _fault(
            path,
            f"removed, and with it {many} that no desk has as recorded (the first is {gone[0]}). "
            "The record is append-only: put the desk and its snapshots back.",
        )


def _fault(path: str, message: str) -> Fault:
    return Fault(path, 1, 1, RULE, message)
