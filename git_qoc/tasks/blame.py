"""Which snapshots made the P&L of a symbol. Files that do not name it are not parsed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from git_qoc.errors import HistoryError
from git_qoc.model import Clock
from git_qoc.money import ZERO, total
from git_qoc.snapshots.attribution import Interval, intervals
from git_qoc.snapshots.books import Key, reads
from git_qoc.snapshots.snapshot import Snapshot
from git_qoc.snapshots.toml import timestamp_text
from git_qoc.tasks.place import find_desk
from git_qoc.tasks.record import Record, did_you_mean
from git_qoc.tasks.stretch import one_per_timestamp, without_overlaps
from git_qoc.tasks.window import window, zone_at


@dataclass(frozen=True, slots=True)
class Choice:
    """`since` and `until` are dates as `git_qoc.tasks.dates` reads them, for the end of an interval."""

    symbol: str
    connector: str | None = None
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Blamed:
    """One interval, the snapshot at its end and the commit that recorded it.

    `cumulative_usd` is the P&L of the symbol up to here over all connectors, None from the
    first part on that is not known.
    """

    interval: Interval
    path: str
    commit: str | None
    cumulative_usd: Decimal | None


@dataclass(frozen=True, slots=True)
class Blame:
    """`rows` oldest first. The sums are None when a part is unknown; `known_usd` is of what is known.

    `symbol` is as the record spells it; `notes` name what is unknown; `faults` are files passed over.
    """

    symbol: str
    rows: tuple[Blamed, ...]
    realized_usd: Decimal | None
    unrealized_usd: Decimal | None
    known_usd: Decimal
    notes: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def pnl_usd(self) -> Decimal | None:
        return total((self.realized_usd, self.unrealized_usd))


def blame(start: Path, choice: Choice, clock: Clock) -> Blame:
    """Every interval in which the symbol was held or realized something.

    A symbol is found as it is spelt, else without regard to case.

    Raises:
        HistoryError: it is in no snapshot; the message names symbols like it.
        DeskError, UsageError: as `window`.
    """
    place = find_desk(start)
    first, last = window(choice.since, choice.until, clock, zone_at(place, "HEAD"))
    record = Record(place)
    symbol, hits = record.find(choice.symbol)
    holding: dict[Key, list[int]] = {}
    for at in hits:
        for key in _keys(record.snapshot(at), symbol):
            holding.setdefault(key, []).append(at)
    keys = sorted(holding)
    if not keys:
        raise HistoryError(f"{choice.symbol} is in no snapshot of HEAD.{did_you_mean(record, choice.symbol)}")
    chosen = [key for key in keys if choice.connector in (None, key.connector)]
    if not chosen:
        names = ", ".join(key.connector for key in keys)
        raise HistoryError(f"{symbol} was never at {choice.connector}. It was at: {names}.")
    found = [interval for key in chosen for interval in _intervals(record, key, holding[key])]
    told = [interval for interval in found if _inside(interval.end, first, last)]
    rows = tuple(_rows(record, sorted(told, key=lambda interval: (interval.end, interval.connector))))
    counted = [row.interval for row in rows if row.interval.start is not None]
    return Blame(
        symbol=symbol,
        rows=rows,
        realized_usd=total(interval.realized_usd for interval in counted),
        unrealized_usd=total(interval.unrealized_usd for interval in counted),
        known_usd=sum((usd for i in counted for usd in (i.realized_usd, i.unrealized_usd) if usd), ZERO),
        notes=(*_notes(rows), *_held(record, found)),
        faults=(*place.warnings, *record.faults),
    )


def _keys(snapshot: Snapshot | None, symbol: str) -> set[Key]:
    if snapshot is None:
        return set()
    named = {Key(row.connector, row.symbol) for row in snapshot.positions if row.symbol == symbol}
    return named | {Key(row.connector, row.symbol) for row in snapshot.realized if row.symbol == symbol}


def _intervals(record: Record, key: Key, holding: list[int]) -> Iterator[Interval]:
    """Stretch by stretch: the snapshots that name it, with the one before and the one after."""
    wanted = set(holding)
    firsts: set[int] = set()
    for at in holding:
        if at - 1 not in wanted:
            earlier = _nearest(record, key, range(at - 1, -1, -1))
            wanted.update(range(at if earlier is None else earlier, at))
            firsts.update([at] if earlier is None else [])
    for at in holding:
        if at + 1 not in wanted:
            later = _nearest(record, key, range(at + 1, len(record)))
            wanted.update(range(at, (at if later is None else later) + 1))
    for run in _runs(sorted(wanted)):
        chain = one_per_timestamp(record.snapshots(run))
        start = run[0]

        def before(most: int, start: int = start) -> list[Snapshot]:
            return one_per_timestamp(record.snapshots(range(max(0, start - most), start)))

        yield from intervals(without_overlaps(chain, before), key, first=start in firsts)


def _nearest(record: Record, key: Key, positions: range) -> int | None:
    """The first of these snapshots in which the connector was read."""
    for at in positions:
        if record.names(at, key.connector):
            snapshot = record.snapshot(at)
            if snapshot is not None and reads(snapshot, key.connector):
                return at
    return None


def _runs(positions: list[int]) -> Iterator[range]:
    start = 0
    for i in range(1, len(positions) + 1):
        if i == len(positions) or positions[i] != positions[i - 1] + 1:
            yield range(positions[start], positions[i - 1] + 1)
            start = i


def _inside(time: datetime, first: datetime | None, last: datetime | None) -> bool:
    return (first is None or time >= first) and (last is None or time <= last)


def _rows(record: Record, told: Iterable[Interval]) -> Iterator[Blamed]:
    cumulative: Decimal | None = ZERO
    for interval in told:
        if interval.start is not None:
            cumulative = total((cumulative, interval.pnl_usd))
        entry = record.entry_of(interval.end)
        yield Blamed(interval, entry.path, entry.commit, cumulative)


def _notes(rows: Iterable[Blamed]) -> Iterator[str]:
    told = [row.interval for row in rows]
    for interval in told:
        if interval.start is None:
            yield (
                f"{interval.connector}: held when it was first read, at {timestamp_text(interval.end)}; "
                "what it gained or lost before is not in this record."
            )
    counted = [interval for interval in told if interval.start is not None]
    for what, silent in (
        ("realized P&L is not told by symbol", [i.end for i in counted if i.realized_usd is None]),
        ("open P&L is not told", [i.end for i in counted if i.unrealized_usd is None]),
    ):
        if silent:
            time = timestamp_text(silent[0])
            yield f"its {what} in {len(silent)} of {len(counted)} intervals (the first ends at {time})."


def _held(record: Record, found: Iterable[Interval]) -> Iterator[str]:
    """Accounts that were not read any more while they held it."""
    last = {interval.connector: interval for interval in found}
    newest = record.newest_time
    for connector, interval in sorted(last.items()):
        if interval.quantity and newest is not None and interval.end < newest:
            yield f"{connector}: still held when it was last read, at {timestamp_text(interval.end)}."
