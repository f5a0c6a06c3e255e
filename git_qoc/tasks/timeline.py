"""The record in time order, of which only what is asked for is read.

The order is that of the file names, which are instants; a file that is named otherwise is read
first and stands where its timestamp says.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from git_qoc.errors import SnapshotError
from git_qoc.history.reader import TreeFile, open_reader
from git_qoc.history.repository import Repository
from git_qoc.history.walk import OUR_NAME, SUFFIX
from git_qoc.retrospective.meta import read_meta
from git_qoc.snapshots.snapshot import Snapshot
from git_qoc.snapshots.toml import file_name

FLOW_ROWS = b"\n[[flow]]"


class Reading(NamedTuple):
    """A file's `[meta]`; `flows`: it lists some. Where `snapshot` is None, `fault` says why."""

    snapshot: Snapshot | None
    flows: bool = False
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A file and where it stands; `key` is its instant as our names write it, or "" if it has none."""

    key: str
    file: TreeFile


class Timeline:
    """The snapshot files of one tree; `placed` is oldest first."""

    def __init__(self, repo: Repository, files: Sequence[TreeFile]) -> None:
        self._repo = repo
        self._readings: dict[str, Reading] = {}
        keys = [_our_key(file.path) for file in files]
        self._read(file.blob for file, key in zip(files, keys, strict=True) if not key)
        placed = (Placed(key or self._own_key(file), file) for file, key in zip(files, keys, strict=True))
        self.placed = sorted(placed, key=lambda one: (one.key, one.file.path))

    def between(self, since: datetime | None, until: datetime | None) -> range:
        """The indexes of the files from `since` to `until`, both included; all without them.

        What has no instant is only in a span without a beginning.
        """
        keys = [one.key for one in self.placed]
        first = 0 if since is None else bisect_left(keys, _key(since))
        last = len(keys) if until is None else bisect_right(keys, _key(until))
        return range(first, max(first, last))

    def read(self, indexes: Iterable[int]) -> None:
        """Read these together, which is faster than one by one."""
        self._read(self.placed[at].file.blob for at in indexes)

    def reading(self, index: int) -> Reading:
        blob = self.placed[index].file.blob
        self._read((blob,))
        return self._readings[blob]

    def before(self, index: int) -> Snapshot | None:
        """The nearest snapshot before the one at `index`, past files that are none."""
        for at in range(index - 1, -1, -1):
            snapshot = self.reading(at).snapshot
            if snapshot is not None:
                return snapshot
        return None

    def shares_time(self, index: int) -> bool:
        key = self.placed[index].key
        around = self.placed[max(0, index - 1) : index] + self.placed[index + 1 : index + 2]
        return bool(key) and any(one.key == key for one in around)

    def misnamed(self, index: int, timestamp: datetime) -> bool:
        """Whether the name says another instant than the file does."""
        return self.placed[index].key != _key(timestamp)

    def _own_key(self, file: TreeFile) -> str:
        snapshot = self._readings[file.blob].snapshot
        return "" if snapshot is None else _key(snapshot.timestamp)

    def _read(self, blobs: Iterable[str]) -> None:
        wanted = [blob for blob in dict.fromkeys(blobs) if blob not in self._readings]
        if wanted:
            for blob, data in open_reader(self._repo, len(wanted)).blobs(wanted):
                self._readings[blob] = _reading(data)


def _reading(data: bytes) -> Reading:
    try:
        return Reading(read_meta(data.decode("utf-8")), FLOW_ROWS in data)
    except UnicodeDecodeError:
        return Reading(None, fault="not UTF-8 text")
    except SnapshotError as exc:
        return Reading(None, fault=str(exc))


def _our_key(path: str) -> str:
    name = path.rpartition("/")[2].removesuffix(SUFFIX)
    return _normal(name.removesuffix("Z")) if OUR_NAME.fullmatch(name) else ""


def _key(instant: datetime) -> str:
    return file_name(instant).removesuffix("Z" + SUFFIX)


def _normal(key: str) -> str:
    """`…00.25` as `…00.250000`, as our own names write it."""
    whole, point, fraction = key.partition(".")
    return whole + point + fraction.ljust(6, "0") if point else whole
