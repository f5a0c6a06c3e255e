"""The record, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from git_qoc.history.reader import TreeFile
from git_qoc.history.recent import Trace, traces
from git_qoc.history.revisions import Asked, asked, commits_of, matching
from git_qoc.history.walk import entries, snapshot_files
from git_qoc.tasks.line import Line, Row, line_of
from git_qoc.tasks.place import Place, find_desk
from git_qoc.tasks.timeline import Timeline
from git_qoc.tasks.window import window, zone_at

if TYPE_CHECKING:
    from git_qoc.model import Clock


@dataclass(frozen=True, slots=True)
class Query:
    """`words` are `[REV|A..B] [PATHSPEC...]`, `paths` what came behind `--` (None: there was none).

    `since` and `until` are dates as `git_qoc.tasks.dates` reads them. `limit` keeps the newest.
    """

    words: Sequence[str] = ()
    paths: Sequence[str] | None = None
    since: str | None = None
    until: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Log:
    """`lines` oldest first; `zone` is the desk's, None when its desk.toml does not tell."""

    lines: list[Line]
    warnings: list[str]
    zone: ZoneInfo | None
    total: int


def log(start: Path, query: Query, clock: Clock) -> Log:
    """The snapshots that `query` asks for.

    Raises:
        HistoryError: no repository, or no such revision or path.
        DeskError: no desk, or a date needs the desk's zone and desk.toml does not tell it.
        UsageError: a date that cannot be meant.
    """
    place = find_desk(start)
    wanted = asked(place.repo, start, query.words, query.paths)
    if wanted.commit is None:
        return Log([], [], None, 0)
    zone = zone_at(place, wanted.commit)
    since, until = window(query.since, query.until, clock, zone)
    record = Timeline(place.repo, snapshot_files(place.repo, wanted.commit, place.root))
    chosen: Sequence[int] = record.between(since, until)
    if wanted.pathspecs:
        paths = matching(place.repo, start, wanted.commit, wanted.pathspecs)
        chosen = [at for at in chosen if record.placed[at].file.path in paths]
    origins: dict[str, Trace] = {}
    if wanted.excluded:
        origins = _origins(place, wanted.commit, [record.placed[at].file for at in chosen])
        chosen = _within(place, wanted, record, chosen, origins)
    rows, faults = _rows(record, chosen, query.limit)
    if not wanted.excluded:
        oldest = min((row.snapshot.timestamp for row in rows), default=None)
        origins = _origins(place, wanted.commit, [row.file for row in rows], oldest)
    lines = [line_of(record, row, origins.get(row.file.path)) for row in rows]
    return Log(lines, [*place.warnings, *faults], zone, len(record.placed))


def _within(
    place: Place, wanted: Asked, record: Timeline, chosen: Iterable[int], origins: Mapping[str, Trace]
) -> list[int]:
    """Those recorded by commits of the range."""
    commits = commits_of(place.repo, wanted)
    recorded = {path for path, origin in origins.items() if origin.commit in commits}
    return [at for at in chosen if record.placed[at].file.path in recorded]


def _origins(
    place: Place, commit: str, files: Sequence[TreeFile], oldest: datetime | None = None
) -> dict[str, Trace]:
    """Where each file came from; left out where the history that is here does not tell."""
    if not files:
        return {}
    found = traces(place.repo, commit, files, oldest)
    if len(found) == len(files):
        return found
    every = {entry.path: entry for entry in entries(place.repo, commit, place.root)}
    for file in files:
        entry, moved = every[file.path], file.path in found and found[file.path].moved
        if entry.commit is not None:
            found[file.path] = Trace(entry.commit, entry.edited, moved)
    return found


def _rows(record: Timeline, chosen: Sequence[int], limit: int | None) -> tuple[list[Row], list[str]]:
    """The newest of the chosen, oldest first, and a sentence for each file met that is no snapshot."""
    rows: list[Row] = []
    faults: list[str] = []
    rest = list(chosen)
    while rest and (limit is None or len(rows) < limit):
        size = len(rest) if limit is None else limit - len(rows)
        batch, rest = rest[-size:][::-1], rest[:-size]
        # The one before each is read with it, for the change.
        record.read({at for index in batch for at in (index, index - 1) if at >= 0})
        for at in batch:
            reading, file = record.reading(at), record.placed[at].file
            if reading.snapshot is None:
                faults.append(f"{file.path}: {reading.fault}")
            else:
                rows.append(Row(at, file, reading.snapshot, reading.flows))
    return rows[::-1], faults[::-1]
