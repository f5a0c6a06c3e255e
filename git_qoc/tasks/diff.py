"""Two committed snapshots and the bridge between them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from git_qoc.errors import HistoryError, UsageError
from git_qoc.history.reader import TreeFile
from git_qoc.history.walk import name_order
from git_qoc.snapshots.bridge import bridge
from git_qoc.snapshots.parts import Bridge, swapped
from git_qoc.tasks.place import Place, find_desk
from git_qoc.tasks.show import LATEST, Located, locate, read
from git_qoc.tasks.stretch import stretch


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
    opening = before(closing) if first is None else locate(place, first, start)
    if opening is None:
        raise HistoryError(
            f"{closing.file.path} is the first snapshot: there is none before it to compare it with."
        )
    return compare(place, opening, closing)


def compare(place: Place, opening: Located, closing: Located) -> Diff:
    """The bridge between two snapshots, whichever is the later."""
    a, b = read(place, opening.file), read(place, closing.file)
    backwards = a.timestamp > b.timestamp
    early, late = (b, a) if backwards else (a, b)
    told = stretch(place, _both(opening, closing), early, late)
    forward = bridge(told.snapshots)
    return Diff(opening.file.path, closing.file.path, swapped(forward) if backwards else forward, told.faults)


def before(located: Located) -> Located | None:
    """The snapshot before this one by name, in the same tree; None for the first."""
    at = located.files.index(located.file)
    return Located(located.rev, located.files[at - 1], located.files) if at else None


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
