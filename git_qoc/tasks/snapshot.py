"""Take a snapshot: ask every venue, write the file, make the commit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from itertools import chain, islice

from git_qoc.account.collect import LastSight, Opened, collect
from git_qoc.account.uta import UnifiedAccount, unify
from git_qoc.errors import HistoryError, Refused, SnapshotError
from git_qoc.history.lock import alone
from git_qoc.history.reader import TreeFile, open_reader
from git_qoc.history.walk import snapshot_files
from git_qoc.history.write import Commit, commit_files, refuse_if_busy, write_only
from git_qoc.model import Clock
from git_qoc.money import plain, shown
from git_qoc.snapshots.capture import Previous, capture, previous_rows
from git_qoc.snapshots.parse import loads
from git_qoc.snapshots.snapshot import Snapshot
from git_qoc.snapshots.toml import dumps, file_name, timestamp_text
from git_qoc.tasks.connectors import open_connectors
from git_qoc.tasks.desk import Desk
from git_qoc.tasks.health import remember
from git_qoc.tasks.place import Place, detached

STALE = timedelta(days=4)


@dataclass(frozen=True, slots=True)
class Taken:
    """`path` is root-relative; `commit` is None when none was asked for. `warnings` are for a person."""

    snapshot: Snapshot
    path: str
    commit: str | None
    uta: UnifiedAccount
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Options:
    commit: bool = True
    strict: bool = False
    note: str = ""
    timeout_s: float = 10.0


def take(desk: Desk, clock: Clock, environ: Mapping[str, str], options: Options) -> Taken:
    """One live snapshot.

    Raises:
        Refused: no venue could be read, or with `strict` one of them could not; nothing is written.
        HistoryError: it cannot be committed; nothing is left behind.
    """
    if not desk.config.connectors:
        raise Refused("desk.toml has no connector yet. Add one with `git qoc connect TYPE --name NAME …`.")
    if options.commit:
        refuse_if_busy(desk.repo)
    with (
        open_connectors(desk, clock, environ, options.timeout_s) as opened,
        # Two at once would both tell what moved since the same snapshot, and could meet in one name.
        alone(desk.repo, "snapshot-lock"),
    ):
        return _take(desk, clock, opened, options)


def _take(desk: Desk, clock: Clock, opened: Sequence[Opened], options: Options) -> Taken:
    now = clock()
    files = snapshot_files(desk.repo, "HEAD", desk.place.root)[::-1]
    newest = next(_read(desk.place, files[:1]), None)
    # Who cannot be opened is not looked for: a name that was never seen is sought in all of history.
    names = [one.name for one in opened if one.connector is not None]
    told = _before(desk.place, files, now)
    newest_told = list(islice(told, 1))
    previous = previous_rows(chain(newest_told, told), names)
    last = {name: LastSight(row.as_of, frozenset(row.costs), True) for name, row in previous.items()}
    states = collect(opened, clock, options.timeout_s, last)
    uta = unify(remember(desk.place.state_dir, states))
    if options.strict and uta.degraded:
        raise Refused(f"--strict: {_degraded_line(uta)}. No snapshot was written.")
    timestamp = _free_timestamp(desk.place, files, clock)
    foreign = newest is not None and not newest.accounts
    since = newest_told[0].timestamp if newest_told else None
    snapshot = capture(uta, previous, timestamp, first=not files, foreign=foreign, since=since)
    path, commit = record(desk, snapshot, options)
    warnings = list(_warnings(uta, snapshot, previous))
    if newest is not None and newest.timestamp > now:
        warnings.append(
            f"the record holds a snapshot of {timestamp_text(newest.timestamp)}, which is later than "
            "this machine's clock. Is one of them wrong?"
        )
    warnings += detached(commit)
    return Taken(snapshot, path, commit.id if commit else None, uta, tuple(warnings))


def record(desk: Desk, snapshot: Snapshot, options: Options) -> tuple[str, Commit | None]:
    """Write one snapshot file and, if asked, its commit: (root-relative path, commit or None)."""
    monthly = desk.config.history.layout == "monthly"
    folder = f"{snapshot.timestamp:%Y/%m}/" if monthly else ""
    path = f"{desk.place.root}snapshots/{folder}{file_name(snapshot.timestamp)}"
    files = {path: dumps(snapshot).encode()}
    if not options.commit:
        write_only(desk.repo, files)
        return path, None
    # The record is append-only: a file that is there already is never written again.
    absent = {path: None}
    done = commit_files(
        desk.repo,
        files,
        lambda blobs: _message(snapshot, path, blobs[path], options.note),
        what="snapshot",
        derived_from=absent,
        run_hooks=desk.config.history.run_hooks,
    )
    if done is None:
        raise HistoryError(f"{path} is in the record already. Run the command again.")
    return path, done


def newest_first(place: Place, limit: int | None = None) -> Iterator[Snapshot]:
    """The snapshots of HEAD, newest first by name; those that cannot be read are passed over."""
    return _read(place, snapshot_files(place.repo, "HEAD", place.root)[::-1][:limit])


def _read(place: Place, files: Sequence[TreeFile]) -> Iterator[Snapshot]:
    """Those that are snapshots, in their order; read one, then two, four … at once, because the
    first mostly is enough, and what a partial clone must fetch it fetches at once."""
    reader = open_reader(place.repo, 1)
    start, size = 0, 1
    while start < len(files):
        for _, data in reader.blobs([file.blob for file in files[start : start + size]]):
            found = _parsed(data)
            if found is not None:
                yield found
        start, size = start + size, min(2 * size, 256)


def _before(place: Place, files: Sequence[TreeFile], now: datetime) -> Iterator[Snapshot]:
    """What was told before `now`, newest first: the record, and files that wait to be committed."""
    recorded = {file.path for file in files}
    folder = place.file("snapshots")
    waiting = [
        found
        for path in folder.rglob("*.toml")
        if f"{place.root}snapshots/{path.relative_to(folder).as_posix()}" not in recorded
        and (found := _parsed(path.read_bytes())) is not None
    ]
    both = merge(sorted(waiting, key=_time, reverse=True), _read(place, files), key=_time, reverse=True)
    return (snapshot for snapshot in both if snapshot.timestamp <= now)


def _time(snapshot: Snapshot) -> datetime:
    return snapshot.timestamp


def _parsed(data: bytes) -> Snapshot | None:
    try:
        return loads(data.decode("utf-8"))
    except (UnicodeDecodeError, SnapshotError):
        return None


def _free_timestamp(place: Place, files: Sequence[TreeFile], clock: Clock) -> datetime:
    """Now, to the second; with its microseconds when that second has a snapshot, recorded or waiting."""
    now = clock()
    second = now.replace(microsecond=0)
    name = file_name(second)
    waiting = any(place.file("snapshots").rglob(name))
    taken = waiting or any(file.path.endswith(f"/{name}") for file in files)
    return now.replace(microsecond=now.microsecond or 1) if taken else second


def _message(snapshot: Snapshot, path: str, blob: str, note: str) -> str:
    kind = "backfill" if snapshot.backfill else "snapshot"
    time = timestamp_text(snapshot.timestamp)
    body = f"\n{note.strip()}\n" if note.strip() else ""
    amounts = {
        "Qoc-Nav-Usd": snapshot.nav_usd,
        "Qoc-Cash-Usd": snapshot.cash_usd,
        "Qoc-Realized-Pnl": snapshot.realized_pnl,
        "Qoc-Unrealized-Pnl": snapshot.unrealized_pnl,
        "Qoc-Net-Flow-Usd": snapshot.net_flow_usd,
    }
    trailers = [
        ("Qoc-Snapshot", path),
        ("Qoc-Blob", blob),
        *((key, plain(amount)) for key, amount in amounts.items() if amount is not None),
        ("Qoc-Connectors", ", ".join(snapshot.connectors)),
        ("Qoc-Degraded", ", ".join(snapshot.degraded)),
        ("Qoc-Backfill", "true" if snapshot.backfill else ""),
    ]
    lines = "\n".join(f"{key}: {value}" for key, value in trailers if value)
    return f"{kind} {time}: NAV {shown(snapshot.nav_usd)} USD\n{body}\n{lines}\n"


def _warnings(uta: UnifiedAccount, snapshot: Snapshot, previous: Mapping[str, Previous]) -> Iterator[str]:
    if uta.degraded:
        yield f"{_degraded_line(uta)}; the snapshot is of the rest and says so"
    for sheet in uta.readable:
        name = sheet.state.connector
        yield from (f"{name}: {note}" for note in sheet.state.notes)
        if sheet.valuation and sheet.valuation.unreconciled_usd:
            gap = shown(sheet.valuation.unreconciled_usd)
            yield f"{name}: the venue's equity differs from its parts by {gap} USD; the venue's counts"
        stale = [
            p for p in sheet.state.positions or () if p.mark_time and snapshot.timestamp - p.mark_time > STALE
        ]
        if stale:
            oldest = min(p.mark_time for p in stale if p.mark_time)
            many = "1 mark is" if len(stale) == 1 else f"{len(stale)} marks are"
            yield f"{name}: {many} older than 4 days (oldest {oldest:%Y-%m-%d})"
    for row in snapshot.accounts:
        if row.connector in previous and row.realized_pnl is None:
            yield f"{row.connector}: realized P&L is unknown: no fills were told that explain the positions"


def _degraded_line(uta: UnifiedAccount) -> str:
    parts = [
        f"{s.state.connector} ({s.state.health.reason})"
        for s in uta.sheets
        if s.state.connector in uta.degraded
    ]
    return f"DEGRADED: {', '.join(parts)}"
