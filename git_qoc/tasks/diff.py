"""Two committed snapshots and the bridge between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from git_qoc.errors import HistoryError, SnapshotError, UsageError
from git_qoc.history.reader import TreeFile
from git_qoc.history.walk import name_order
from git_qoc.snapshots.bridge import bridge
from git_qoc.snapshots.parts import Bridge, swapped
from git_qoc.tasks.place import Place, find_desk
from git_qoc.tasks.show import LATEST, Located, locate, read
from git_qoc.tasks.stretch import our_order, stretch


@dataclass(frozen=True, slots=True)
class Diff:
    """From `opening` to `closing`, root-relative paths, as asked; `faults` are files passed over."""

    opening: str
    closing: str
    bridge: Bridge
    faults: tuple[str, ...]


def diff(start: Path, names: tuple[str, ...]) -> Diff:
    """No name: the newest snapshot of HEAD against the one before it; one: that against the newest.

    Two names, or `A..B`: from A to B; a bridge back in time has every amount's other sign.

    Raises:
        UsageError: more than two.
        HistoryError: there is no such snapshot.
        SnapshotError: an end is no snapshot.
    """
    place = find_desk(start)
    first, last = _ends(names)
    closing = locate(place, last, start)
    found = (
        since_before(place, closing)
        if first is None
        else compare(place, locate(place, first, start), closing)
    )
    if found is None:
        raise HistoryError(
            f"{closing.file.path} is the first snapshot: there is none before it to compare it with."
        )
    return replace(found, faults=(*place.warnings, *found.faults))


def since_before(place: Place, closing: Located) -> Diff | None:
    """From the snapshot before this one by name, in the same tree; None for the first.

    A file before it that is no snapshot is a fault and is passed over.
    """
    faults = []
    for file in reversed(_earlier(closing)):
        try:
            read(place, file)
        except SnapshotError as exc:
            faults.append(f"{exc} It is passed over.")
            continue
        found = compare(place, replace(closing, file=file), closing)
        return replace(found, faults=(*faults, *found.faults))
    return None


def _earlier(located: Located) -> Sequence[TreeFile]:
    """What is named by another tool has no place in the order of our names."""
    files = located.files
    if our_order(located.file.path) is not None:
        files = [file for file in files if our_order(file.path) is not None]
    return files[: files.index(located.file)]


def compare(place: Place, opening: Located, closing: Located) -> Diff:
    """The bridge between two snapshots, whichever is the later."""
    a, b = read(place, opening.file), read(place, closing.file)
    backwards = a.timestamp > b.timestamp
    early, late = (b, a) if backwards else (a, b)
    told = stretch(place, _both(opening, closing), early, late)
    forward = bridge(told.snapshots)
    return Diff(opening.file.path, closing.file.path, swapped(forward) if backwards else forward, told.faults)


def _ends(names: tuple[str, ...]) -> tuple[str | None, str]:
    # No name of git's holds "..", only a path does.
    if len(names) == 1 and ".." in names[0] and "../" not in names[0]:
        first, _, last = names[0].partition("..")
        if last.startswith("."):
            raise UsageError(f"{names[0]}: A...B has no meaning for snapshots. Say A..B.")
        return first or LATEST, last or LATEST
    if len(names) > 2:
        raise UsageError(f"expected at most two snapshots, found {len(names)}.")
    if not names:
        return None, LATEST
    return names[0], names[1] if len(names) == 2 else LATEST


def _both(one: Located, other: Located) -> list[TreeFile]:
    """The record of both trees; usually they are the same or one grew out of the other."""
    return sorted({*one.files, *other.files}, key=name_order)
