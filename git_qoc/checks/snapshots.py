"""One snapshot file: is it one, is it named by its time, do its numbers hold together?

Files of other tools in the format of spec/snapshots-and-equity.txt are held to what they say.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from git_qoc.checks.fault import Fault
from git_qoc.checks.footing import Key, Misfit, misfits
from git_qoc.errors import SnapshotError
from git_qoc.snapshots.parse import loads
from git_qoc.snapshots.snapshot import Snapshot
from git_qoc.snapshots.toml import file_name

if TYPE_CHECKING:
    from git_qoc.desk.positions import Position

UNREADABLE, NAME, FOOTING = "unreadable", "name", "footing"


class Checked(NamedTuple):
    """`snapshot` is None when the file is none."""

    snapshot: Snapshot | None
    faults: list[Fault]


def check(path: str, data: bytes) -> list[Fault]:
    """Every fault of one snapshot file, in the order of its lines."""
    return examine(path, data).faults


def examine(path: str, data: bytes) -> Checked:
    """As `check`, with the snapshot that was read for it."""
    try:
        text = data.decode("utf-8")
        snapshot = loads(text)
    except UnicodeDecodeError as exc:
        line = data[: exc.start].count(b"\n") + 1
        return Checked(None, [Fault(path, line, 1, UNREADABLE, "not UTF-8 text, so no snapshot")])
    except (SnapshotError, OverflowError) as exc:
        return Checked(None, [Fault(path, _error_line(str(exc)), 1, UNREADABLE, _no_snapshot(exc))])
    found = [(FOOTING, misfit) for misfit in misfits(snapshot)]
    if instant_of(path) != snapshot.timestamp:
        found.append((NAME, _misnamed(snapshot)))
    return Checked(snapshot, _placed(path, text, found) if found else [])


def instant_of(path: str) -> datetime | None:
    """The time that a snapshot's file name says, None when it says none: `…/2026-07-05T16-00-00Z.toml`."""
    stem = path.rpartition("/")[2].removesuffix(".toml")
    day, _, clock = stem.partition("T")
    if not clock.endswith("Z"):
        return None
    try:
        return datetime.fromisoformat(f"{day}T{clock.replace('-', ':')}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _misnamed(snapshot: Snapshot) -> Misfit:
    return Misfit(
        ("meta", "timestamp"),
        f"the file is not named by its timestamp, which is {file_name(snapshot.timestamp)}",
    )


def line_of(text: str, at: Key) -> int:
    """Where a key of a snapshot stands; a key that is not there has its table's line."""
    from git_qoc.desk.positions import locate

    return _line(locate(text), at)


def _line(where: Mapping[Key, Position], at: Key) -> int:
    place = next((where[at[:end]] for end in range(len(at), 0, -1) if at[:end] in where), None)
    return place.line if place else 1


def _placed(path: str, text: str, found: list[tuple[str, Misfit]]) -> list[Fault]:
    from git_qoc.desk.positions import locate

    where = locate(text)
    return sorted(Fault(path, _line(where, misfit.at), 1, rule, misfit.message) for rule, misfit in found)


def _error_line(message: str) -> int:
    """tomllib ends its messages in `(at line 3, column 7)`."""
    _, found, rest = message.rpartition("(at line ")
    digits = rest.partition(",")[0]
    return int(digits) if found and digits.isdecimal() else 1


def _no_snapshot(exc: Exception) -> str:
    text = str(exc)
    return text if text.startswith("not a snapshot") else f"not a snapshot: {text}"
