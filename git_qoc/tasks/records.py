"""The snapshots of a revision as the retrospective takes them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from git_qoc.desk.syntax import bounded
from git_qoc.errors import Refused
from git_qoc.history.reader import open_reader
from git_qoc.history.walk import Derive, Entry, blob_at, desk_blobs, entries, snapshot_files
from git_qoc.retrospective import digest
from git_qoc.retrospective.point import Restated, SnapshotRecord
from git_qoc.tasks.place import Place

if TYPE_CHECKING:
    from git_qoc.retrospective.scope import Scope

Read = Callable[[str], bytes]


def records(place: Place, read: Read) -> list[SnapshotRecord]:
    """Every snapshot file of `place.rev`, oldest name first; `read` gives a blob where it is needed."""
    found = entries(place.repo, place.rev, place.root, Derive(digest.version(), digest.line))
    return list(_records(place, found, read))


def scoped_records(
    place: Place, read: Read, connector: str | None, symbol: str | None
) -> list[SnapshotRecord]:
    """As `records`, of a part of the desk; a file that the part is not in is left out.

    Raises:
        Refused: no snapshot has it, or the symbol has no capital of its own in USD.
    """
    from git_qoc.retrospective.scope import OUTSIDE, Scope  # parses every file, which most reports do not

    scope = Scope(connector, symbol)
    found = entries(place.repo, place.rev, place.root, Derive(scope.version(), scope.line, "scoped"))
    inside = [entry for entry in found if entry.derived != OUTSIDE]
    if found and not any(map(_holds_something, inside)):
        raise Refused(_not_found(place, scope))
    own = frozenset(() if connector is None else (connector,))
    made = _records(place, inside, lambda blob: scope.text(read(blob)))
    return [_narrowed(record, own) if own else record for record in made]


def newest_time(found: Iterable[SnapshotRecord]) -> datetime | None:
    """The timestamp of the newest snapshot that can be read; None when there is none."""
    lines = (record.digest for record in found)
    return max((digest.parsed(line).timestamp for line in lines if line), default=None)


def time_at(place: Place, rev: str) -> datetime | None:
    """The timestamp of the newest snapshot of a revision; None where it has none or is no revision."""
    if place.repo.resolve(rev) is None:
        return None
    files = snapshot_files(place.repo, rev, place.root)
    data = blob_at(place.repo, rev, files[-1].path) if files else None
    line = "" if data is None else digest.line(data)
    return digest.parsed(line).timestamp if line else None


def _holds_something(entry: Entry) -> bool:
    return entry.derived == "" or bool(digest.parsed(entry.derived).nav_usd)


def _not_found(place: Place, scope: Scope) -> str:
    if scope.connector is not None:
        whole = entries(place.repo, place.rev, place.root, Derive(digest.version(), digest.line))
        lines = [digest.parsed(entry.derived) for entry in whole if entry.derived]
        known = sorted(frozenset[str]().union(*(line.connectors | line.degraded for line in lines)))
        if scope.connector not in known:
            return f'no snapshot has a connector "{scope.connector}". Known are: {", ".join(known)}.'
    what = " at ".join(f'"{part}"' for part in (scope.symbol, scope.connector) if part is not None)
    return f"no snapshot holds {what}. `git qoc show` prints what the newest one holds."


def _narrowed(record: SnapshotRecord, own: frozenset[str]) -> SnapshotRecord:
    return record if record.enabled is None else replace(record, enabled=record.enabled & own)


def _records(place: Place, found: Sequence[Entry], read: Read) -> Iterator[SnapshotRecord]:
    enabled = _enabled_at(place, [entry for entry in found if not digest.is_ours(entry.derived)])
    for entry in found:
        yield SnapshotRecord(
            path=entry.path,
            text=partial(read, entry.blob),
            commit=entry.commit,
            committed_at=entry.committed,
            enabled=enabled.get(entry.first_commit or entry.commit or ""),
            restated=Restated(entry.first_commit) if entry.first_commit else None,
            digest=entry.derived,
        )


def _enabled_at(place: Place, found: list[Entry]) -> Mapping[str, frozenset[str] | None]:
    """The connectors that desk.toml enabled at each commit; None where it cannot be read.

    Asked only for other tools' files: ours say themselves who was missing.
    """
    if not found:
        return {}
    commits = [first for entry in found if (first := entry.first_commit or entry.commit)]
    by_commit = desk_blobs(place.repo, commits, place.root)
    different = list(dict.fromkeys(by_commit.values()))
    texts = {blob: _enabled(data) for blob, data in open_reader(place.repo, 1).blobs(different)}
    return {commit: texts[blob] for commit, blob in by_commit.items()}


def _enabled(data: bytes) -> frozenset[str] | None:
    try:
        rows = tomllib.loads(bounded(data.decode("utf-8"))).get("connector", [])
        return frozenset(str(row["name"]) for row in rows if row.get("enabled", True) is True)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError, TypeError, KeyError, AttributeError):
        return None
