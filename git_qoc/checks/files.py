"""The checks of one file by itself, by the room of the desk it stands in. Pure.

A check is imported when there is a file for it, because a commit waits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from git_qoc.checks import rooms
from git_qoc.checks.fault import Fault

if TYPE_CHECKING:
    from git_qoc.checks.detector.allowed import Allowed
    from git_qoc.checks.detector.examination import Examined

CREDENTIALS, DESK, SNAPSHOTS, ORDERS = NAMES = ("credentials", "desk", "snapshots", "orders")
PLAIN_FILES = ("100644", "100755")
SUBMODULE = "160000"


class File(NamedTuple):
    """`room` is one of `rooms`; `mode` as git has it, `data` of a symbolic link is where it points."""

    path: str
    room: str
    mode: str
    data: bytes


class Judged(NamedTuple):
    """`faults` and `allowed` are sorted by path, line and column."""

    faults: list[Fault]
    allowed: list[Allowed]


def judge(names: Collection[str], files: Iterable[File]) -> Judged:
    """What the named checks find. A credential in a line is not told once more as a broken desk."""
    found: list[Fault] = []
    allowed: list[Allowed] = []
    for file in files:
        if CREDENTIALS in names:
            examined = _credentials(file)
            found += examined.faults
            allowed += examined.allowed
        found += _others(names, file)
    return Judged(distinct(found), sorted(allowed))


def distinct(faults: Iterable[Fault]) -> list[Fault]:
    """Sorted, each once, without what is told of a line that holds a credential."""
    found = set(faults)
    told = {(fault.path, fault.line) for fault in found if fault.rule == CREDENTIALS}
    return sorted(f for f in found if f.rule == CREDENTIALS or (f.path, f.line) not in told)


def _credentials(file: File) -> Examined:
    from git_qoc.checks import credentials

    if file.room != rooms.DESK:
        return credentials.examine_text(file.path, file.data)
    if file.mode in credentials.NO_FILE:
        return credentials.unjudged(file.path, credentials.NO_FILE[file.mode])
    return credentials.examine(file.path, file.data)


def _others(names: Collection[str], file: File) -> Iterator[Fault]:
    if file.mode not in PLAIN_FILES:
        return  # the record's and the orders' checks tell of it, and the credentials' check of a desk
    if file.room == rooms.DESK and DESK in names:
        from git_qoc.checks import desk  # costs pydantic

        yield from desk.check(file.path, file.data)
    elif file.room == rooms.SNAPSHOTS and SNAPSHOTS in names and file.path.endswith(".toml"):
        from git_qoc.checks import snapshots

        yield from snapshots.check(file.path, file.data)
    elif file.room == rooms.ORDERS and ORDERS in names and file.path.endswith(".toml"):
        from git_qoc.checks import orders

        yield from orders.check(file.path, file.data)
