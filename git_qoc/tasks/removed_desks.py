"""Desks that a range of commits takes away: what became of their records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from git_qoc.checks import removal
from git_qoc.checks.rooms import SNAPSHOTS, folder_of, is_desk, room
from git_qoc.history.audits.changes import TreeFile, tree_files
from git_qoc.history.audits.ledger import name_of
from git_qoc.tasks.brought import Found

if TYPE_CHECKING:
    from git_qoc.tasks.brought import Reading

Files = dict[tuple[str, str], str]
"""Paths of snapshots by name and blob."""


def removed_desks(reading: Reading, tip: str, bases: Sequence[str]) -> Iterator[Found]:
    """Of each desk that one of `bases` has and `tip` has not: a record that stays alone, or is lost."""
    by_folder = reading.removed_desks
    tree = reading.trees.get(tip, {})
    desks = {folder_of(path) for path in tree if is_desk(path)}
    if not by_folder.keys() - desks:
        return
    for base in bases:
        before = tree_files(reading.repo, base, ".")
        had = {folder_of(path): path for path in before if is_desk(path)}
        for root in sorted(by_folder.keys() & had.keys() - desks):
            faults = [
                *removal.left_behind(root, had[root], tree),
                *removal.lost(had[root], _snapshots(before, {root}), _snapshots(tree, {*desks, root}).keys()),
            ]
            yield from (Found(fault, by_folder[root]) for fault in faults)


def _snapshots(tree: dict[str, TreeFile], desks: set[str]) -> Files:
    rooms = ((path, file.blob, room(path, desks)) for path, file in tree.items() if path.endswith(".toml"))
    return {(name_of(path), blob): path for path, blob, at in rooms if at and at[0] == SNAPSHOTS}
