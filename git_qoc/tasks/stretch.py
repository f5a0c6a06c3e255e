"""The snapshots from one to a later one, each telling what happened since the one before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from git_qoc.errors import SnapshotError
from git_qoc.history.reader import TreeFile, open_reader
from git_qoc.history.walk import OUR_NAME, SUFFIX
from git_qoc.snapshots.since import restated
from git_qoc.snapshots.snapshot import AccountRow, FlowRow, Snapshot
from git_qoc.snapshots.toml import file_name
from git_qoc.tasks.place import Place
from git_qoc.tasks.show import parsed


@dataclass(frozen=True, slots=True)
class Stretch:
    """`snapshots` oldest first, both ends included; `faults`: a sentence per file passed over."""

    snapshots: tuple[Snapshot, ...]
    faults: tuple[str, ...]


def stretch(place: Place, files: Sequence[TreeFile], opening: Snapshot, closing: Snapshot) -> Stretch:
    """What the record `files` tells from `opening` to `closing` (not earlier), without overlaps.

    Where a row was measured from before `opening` (two clones took snapshots unknown to each
    other), as much of the record is read as it takes to know what is told twice.
    """
    faults: list[str] = []
    if opening == closing:
        return Stretch((opening,), ())
    low, high = order(opening.timestamp), order(closing.timestamp)
    # What another tool named must be read to know its time.
    inside = [file for file in files if (name := our_order(file.path)) is None or low < name < high]
    between = one_per_timestamp(
        found
        for found in _read(place, inside, faults)
        if opening.timestamp < found.timestamp < closing.timestamp
    )
    chain = [opening, *between, closing]
    older = [file for file in files if (our_order(file.path) or high) < low]
    told = without_overlaps(chain, lambda most: _before(place, older, most))
    return Stretch(tuple(told), tuple(faults))


Before = Callable[[int], list[Snapshot]]
"""Gives so many snapshots of before a chain, or all there are: oldest first."""


def without_overlaps(chain: Sequence[Snapshot], before: Before) -> list[Snapshot]:
    """The chain restated, with as many older snapshots at hand as are needed."""
    if _gapless(chain):
        return list(chain)
    done = restated(chain)
    older: list[Snapshot] = []
    wanted = 1
    while _reachable(_lost(chain, done), [*older, *chain]):
        more = before(wanted)
        if len(more) <= len(older):
            break
        older, wanted = more, 2 * wanted
        done = restated([*older, *chain])[len(older) :]
    return done


def _gapless(chain: Sequence[Snapshot]) -> bool:
    """Whether every row was measured from its connector's row before, which is the rule.

    And no flow is told twice.
    """
    last: dict[str, datetime] = {}
    flows: set[FlowRow] = set()
    for snapshot in chain:
        if not flows.isdisjoint(snapshot.flows):
            return False
        flows.update(snapshot.flows)
        for row in snapshot.accounts:
            if last.get(row.connector, row.since) != row.since:
                return False
            last[row.connector] = row.as_of
    return True


def _before(place: Place, older: Sequence[TreeFile], most: int) -> list[Snapshot]:
    return one_per_timestamp(_read(place, older[-most:], []))


def _lost(chain: Sequence[Snapshot], done: Sequence[Snapshot]) -> list[AccountRow]:
    """Rows that tell something of which it is not known how much was told before."""
    return [
        row
        for old, new in zip(chain[1:], done[1:], strict=True)
        for row, now in zip(old.accounts, new.accounts, strict=True)
        if (row.realized_pnl is not None and now.realized_pnl is None)
        or (row.net_flow_usd is not None and now.net_flow_usd is None)
    ]


def _reachable(lost: Sequence[AccountRow], at_hand: Sequence[Snapshot]) -> bool:
    """Whether older snapshots could still tell what these rows were measured from."""
    there = {(row.connector, row.as_of) for snapshot in at_hand for row in snapshot.accounts}
    oldest = at_hand[0].timestamp
    return any(
        row.since is not None and ((row.connector, row.since) in there or row.since < oldest) for row in lost
    )


def _read(place: Place, files: Sequence[TreeFile], faults: list[str]) -> Iterator[Snapshot]:
    blobs = open_reader(place.repo, len(files)).blobs([file.blob for file in files])
    for file, (_, data) in zip(files, blobs, strict=True):
        try:
            yield parsed(file.path, data)
        except SnapshotError as exc:
            faults.append(f"{exc} It is passed over.")


def one_per_timestamp(snapshots: Iterable[Snapshot]) -> list[Snapshot]:
    """Oldest first; a live one goes before a back-filled one of the same instant."""
    found: dict[datetime, Snapshot] = {}
    for snapshot in snapshots:
        if snapshot.timestamp not in found or found[snapshot.timestamp].backfill:
            found[snapshot.timestamp] = snapshot
    return [found[time] for time in sorted(found)]


def our_order(path: str) -> str | None:
    """What sorts by instant in a file name of ours, None for another name."""
    name = path.rpartition("/")[2].removesuffix(SUFFIX)
    return name.removesuffix("Z") if OUR_NAME.fullmatch(name) else None


def order(time: datetime) -> str:
    """As `our_order` of the file that a snapshot of this time is written to."""
    return file_name(time).removesuffix(SUFFIX).removesuffix("Z")
