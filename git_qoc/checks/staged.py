"""The checks over what is staged: for the hooks, for pre-commit and for `git qoc check`.

What is checked is what is about to be committed, to the byte, never the work tree. For a
commit of another file that is one process of git; for a desk.toml two, and the standard library.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from git_qoc.checks.fault import Fault
from git_qoc.checks.files import DESK, ORDERS, SNAPSHOTS, File, distinct, judge
from git_qoc.checks.removal import left_behind, removed
from git_qoc.checks.rooms import candidates, changes_by_room, folder_of, is_desk, room
from git_qoc.history.staged import contents, desks, indexed, staged

if TYPE_CHECKING:
    from git_qoc.checks.detector.allowed import Allowed
    from git_qoc.checks.rooms import ByRoom
    from git_qoc.history.process import Folder
    from git_qoc.history.repository import Repository
    from git_qoc.history.scan import Change


class Checked(NamedTuple):
    """`files` were looked at; `allowed` are those false alarms that a comment silenced."""

    faults: list[Fault]
    allowed: list[Allowed]
    files: int


def check_staged(where: Folder, names: Collection[str]) -> Checked:
    """What is staged, against HEAD. `where` is any folder of the work tree.

    Raises:
        HistoryError: no repository, or the index or an object cannot be read.
    """
    changes = staged(where)
    return _checked(where, names, changes, changes)


def check_all(where: Folder, names: Collection[str]) -> Checked:
    """Every file of every desk as the index has it, and what is staged. Raises as `check_staged`."""
    return _checked(where, names, indexed(where), staged(where))


def _checked(
    where: Folder, names: Collection[str], files: Sequence[Change], changes: Sequence[Change]
) -> Checked:
    roots = _roots(where, (*files, *changes))
    at = {change.path: room(change.path, roots) for change in (*files, *changes)}
    wanted = [change for change in files if change.mode and at[change.path]]
    read = list(_read(where, wanted, roots))
    judged = judge(names, read)
    faults = judged.faults
    if DESK in names:
        faults += _locked(where, read)
    by_room = changes_by_room(changes, roots)
    if SNAPSHOTS in names:
        faults += _recorded(where, by_room)
        faults += _removed(where, changes)
    if ORDERS in names:
        faults += _ordered(where, by_room)
    return Checked(distinct(faults), judged.allowed, len(wanted))


def _roots(where: Folder, changes: Iterable[Change]) -> set[str]:
    """The folders of the desks that these changes touch."""
    own: set[str] = set()
    others: set[str] = set()
    for change in changes:
        if is_desk(change.path):
            own.add(folder_of(change.path))
        others.update(folder for folder, _ in candidates(change.path))
    return own | desks(where, sorted(others - own))


def _read(where: Folder, changes: Sequence[Change], roots: Collection[str]) -> Iterator[File]:
    for change, data in contents(where, changes):
        at = room(change.path, roots)
        if at:
            yield File(change.path, at[0], change.mode, data)


def _locked(where: Folder, files: Iterable[File]) -> Iterator[Fault]:
    for file in files:
        if file.room == DESK:
            from git_qoc.checks import desk
            from git_qoc.history.connector_types import known_types

            yield from desk.locked(file.path, file.data, known_types(_repository(where), file.path))


def _recorded(where: Folder, by_room: ByRoom) -> Iterator[Fault]:
    for (name, root), changes in by_room.items():
        if name == SNAPSHOTS and any(change.old_mode or change.mode != "100644" for change in changes):
            from git_qoc.checks import record

            yield from record.check(_repository(where), root, changes)


def _removed(where: Folder, changes: Sequence[Change]) -> Iterator[Fault]:
    for root, path in removed(changes).items():
        after = [change.path for change in indexed(where, [f"{root}snapshots", f"{root}orders"])]
        yield from left_behind(root, path, after)


def _ordered(where: Folder, by_room: ByRoom) -> Iterator[Fault]:
    for (name, root), changes in by_room.items():
        if name == ORDERS:
            from git_qoc.checks import orders

            after = [change.path for change in indexed(where, [f"{root}orders"])]
            yield from orders.lifecycle(root, changes, after)


def _repository(where: Folder) -> Repository:
    from pathlib import Path  # costs the hook 4 ms

    from git_qoc.history.repository import discover

    return discover(Path(where))
