"""Snapshots of the past, from the venues' account histories."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from git_qoc.account.collect import Opened
from git_qoc.errors import Refused, VenueError
from git_qoc.history.lock import alone
from git_qoc.history.walk import snapshot_files
from git_qoc.history.write import refuse_if_busy
from git_qoc.model import Clock, Statement
from git_qoc.snapshots.backfill import Source
from git_qoc.snapshots.backfill import backfill as synthesize
from git_qoc.snapshots.snapshot import Snapshot
from git_qoc.snapshots.toml import timestamp_text
from git_qoc.tasks.connectors import open_connectors
from git_qoc.tasks.desk import Desk
from git_qoc.tasks.show import read
from git_qoc.tasks.snapshot import Options, record


@dataclass(frozen=True, slots=True)
class Backfilled:
    """`written` are root-relative paths, oldest first; `silent` are connectors without a history."""

    written: tuple[str, ...]
    silent: tuple[str, ...]


def backfill(  # what to fill, for whom, and who watches
    desk: Desk,
    instants: Sequence[datetime],
    clock: Clock,
    environ: Mapping[str, str],
    options: Options,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Backfilled:
    """Commit one snapshot per instant before the desk's first snapshot.

    Only before it: each snapshot says what flowed since the one before, so one put in between
    would tell the same deposit twice.

    Raises:
        Refused: nothing lies before the first snapshot, or no venue has a history of it.
    """
    refuse_if_busy(desk.repo)
    wanted = _before_first(desk, sorted(instants))
    with open_connectors(desk, clock, environ, options.timeout_s) as opened:
        sources, silent = _sources([one for one in opened if one.enabled], wanted)
    snapshots = list(synthesize(sources, wanted))
    if not snapshots:
        raise Refused("no venue has a history of that time, so nothing was back-filled.")
    with alone(desk.repo, "snapshot-lock"):
        written = tuple(_commit_all(desk, snapshots, options, progress))
    return Backfilled(written, silent)


def _before_first(desk: Desk, instants: list[datetime]) -> tuple[datetime, ...]:
    first = snapshot_files(desk.repo, "HEAD", desk.place.root)[:1]
    oldest = read(desk.place, first[0]).timestamp if first else None
    wanted = tuple(i for i in instants if oldest is None or i < oldest)
    if not wanted:
        since = "" if oldest is None else f" before the desk's first snapshot ({timestamp_text(oldest)})"
        raise Refused(f"there is nothing to back-fill{since}.")
    return wanted


def _sources(
    opened: Sequence[Opened], instants: tuple[datetime, ...]
) -> tuple[list[Source], tuple[str, ...]]:
    sources: list[Source] = []
    silent: list[str] = []
    for one in opened:
        if one.connector is None:
            raise VenueError(f"{one.name}: {one.trouble}")
        if not one.connector.capabilities.history:
            silent.append(one.name)
            statements: dict[datetime, Statement] = {}
        else:
            try:
                statements = {statement.time: statement for statement in one.connector.history(instants)}
            except VenueError as exc:
                raise VenueError(f"{one.name}: {exc}") from None
        sources.append(Source(one.name, one.type, one.venue, statements))
    return sources, tuple(silent)


def _commit_all(
    desk: Desk, snapshots: Sequence[Snapshot], options: Options, progress: Callable[[int, int], None]
) -> Iterator[str]:
    for number, snapshot in enumerate(snapshots, start=1):
        yield record(desk, snapshot, options)[0]
        progress(number, len(snapshots))
