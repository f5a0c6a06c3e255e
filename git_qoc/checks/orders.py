"""orders/: each order is one file that lives in one of four folders and only moves forward.

    orders/pending  the intent, committed before anything is sent
    orders/open     the venue has it
    orders/filled   done, filled
    orders/closed   done, otherwise (cancelled, rejected, expired) or settled

An order is known by its file name. It happens once: the same name in two folders, a step back,
a record that vanishes, or a change of a done order is a fault. Pure but for what it is given;
the standard library only.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from git_qoc.checks.fault import Fault
from git_qoc.desk.syntax import bounded
from git_qoc.history.scan import Change

RULE = "orders"
STATES = ("pending", "open", "filled", "closed")
"""In the order of an order's life."""
DONE = frozenset(STATES[2:])
PLAIN_FILE = "100644"


class Standing(NamedTuple):
    """Where an order's file is: `state` is "" where that is none of `STATES`."""

    state: str
    name: str


def standing(path: str, root: str) -> Standing:
    """What a path below `<root>orders/` says of an order."""
    below = path.removeprefix(f"{root}orders/").split("/")
    state = below[0] if len(below) > 1 and below[0] in STATES else ""
    return Standing(state, below[-1])


def is_order(path: str) -> bool:
    """Whether a path below orders/ is an order's; a .gitkeep or a README is not."""
    return path.endswith(".toml")


def check(path: str, data: bytes) -> list[Fault]:
    """What is wrong with one order's file by itself."""
    try:
        tomllib.loads(bounded(data.decode("utf-8")))
    except UnicodeDecodeError:
        why = "not UTF-8 text"
    except (ValueError, RecursionError):
        why = "not TOML"
    else:
        return []
    return [Fault(path, 1, 1, RULE, f"{why}, so no order. Correct the program that wrote it.")]


def lifecycle(root: str, changes: Sequence[Change], after: Collection[str]) -> list[Fault]:
    """What these changes do to orders and must not; `after` are the paths below orders/ afterwards."""
    mine = [change for change in changes if is_order(change.path)]
    there = _there(root, after)
    faults: list[Fault] = []
    for change in mine:
        faults += _written(root, change) if change.mode else _removed(root, change, there)
    return sorted({*faults, *_doubled(root, mine, there)})


def joined(root: str, changes: Sequence[Change], after: Collection[str]) -> list[Fault]:
    """As `lifecycle`, of a merge against each of its parents: what it lost or doubled of what they have."""
    mine = [change for change in changes if is_order(change.path)]
    there = _there(root, after)
    removed = (fault for change in mine if not change.mode for fault in _removed(root, change, there))
    return sorted({*removed, *_doubled(root, mine, there)})


def _there(root: str, after: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    """(state, path) of each order by its name."""
    there: dict[str, list[tuple[str, str]]] = {}
    for path in filter(is_order, after):
        at = standing(path, root)
        there.setdefault(at.name, []).append((at.state, path))
    return there


def _doubled(root: str, mine: Sequence[Change], there: dict[str, list[tuple[str, str]]]) -> Iterator[Fault]:
    for name in dict.fromkeys(standing(change.path, root).name for change in mine):
        yield from _twice(there.get(name, []))


def _written(root: str, change: Change) -> Iterator[Fault]:
    at = standing(change.path, root)
    if not at.state:
        folders = ", ".join(f"orders/{state}" for state in STATES)
        yield _fault(change.path, f"an order stands in one of {folders}. Move it there.")
    if change.mode != PLAIN_FILE:
        yield _fault(change.path, "not a plain file, so no order. Replace it with the file itself.")
    elif change.old_blob and change.old_blob != change.blob and at.state in DONE:
        yield _fault(
            change.path,
            f"edited, and an order that is {at.state} is done. Put back what was committed.",
        )


def _removed(root: str, change: Change, there: dict[str, list[tuple[str, str]]]) -> Iterator[Fault]:
    was = standing(change.path, root)
    now = [state for state, _ in there.get(was.name, [])]
    if not now:
        yield _fault(
            change.path,
            "removed, and with it the only record of this order: nobody could look up whether it was sent. "
            "Put it back; an order that is over goes to orders/closed.",
        )
    elif was.state and now[0] and STATES.index(now[0]) < STATES.index(was.state):
        yield _fault(change.path, f"an order goes forward, and this one went back to {now[0]}. Put it back.")


def _twice(places: list[tuple[str, str]]) -> Iterator[Fault]:
    if len(places) > 1:
        first, *others = sorted(path for _, path in places)
        for path in others:
            yield _fault(path, f"the same order as {first}: it would be sent or counted twice. Keep one.")


def _fault(path: str, message: str) -> Fault:
    return Fault(path, 1, 1, RULE, message)
