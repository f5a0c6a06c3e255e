"""Snapshots against each other: one per time, none out of its time, and P&L that leads from NAV to NAV.

Pure. In: the snapshots that could be read, with the commit and author time of each; out: faults
as values, the path being that of the snapshot that does not fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from git_qoc.checks.footing import Key
from git_qoc.money import ZERO, shown
from git_qoc.retrospective.flows import IMPLIED_FLOOR_USD, IMPLIED_FRACTION
from git_qoc.snapshots.snapshot import AccountRow, Snapshot
from git_qoc.snapshots.toml import timestamp_text

DUPLICATE, TIME, CHAIN, FILLS = "duplicate", "time", "chain", "fills"
STAMP: Key = ("meta", "timestamp")
AHEAD = timedelta(minutes=5)
"""How far two clocks may be apart, and how long a snapshot may wait for its commit (a passphrase)."""
LATE = timedelta(days=1)
"""A snapshot that was left to its owner to commit is committed within a day."""
APART = timedelta(days=31)
"""A clone comes back sooner: an author date that is older, and passes
over what others recorded, is set by hand."""


class Unfit(NamedTuple):
    """`at` is the place in the file that is meant."""

    path: str
    at: Key
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class Dated:
    """A snapshot of the record.

    `authored` is its commit's author time, `committed` when the commit was made, `known` the
    newest time at which it or one before it was made; None where that is not known.
    `newest_before` is the newest time among the snapshots that its commit's ancestors
    recorded. `context`: others are held against it, and it against nothing.
    """

    path: str
    snapshot: Snapshot
    authored: datetime | None = None
    newest_before: datetime | None = None
    committed: datetime | None = None
    known: datetime | None = None
    context: bool = False


class Traded(NamedTuple):
    """An account of the snapshot `path` that tells fills since its row in `before`."""

    before: str
    path: str
    row: AccountRow


@dataclass(frozen=True, slots=True)
class Chained:
    """`links` that were followed from NAV to NAV, and those that could not be for lack of a figure.

    `traded` are accounts whose fills `explained.unexplained` can be asked about.
    """

    faults: list[Unfit]
    links: int
    unknown: int
    traded: list[Traded]


def duplicates(record: Sequence[Dated]) -> Iterator[Unfit]:
    """Every file that has the timestamp of another one; the live one, else the first by path, stays."""
    first: dict[datetime, Dated] = {}
    for item in sorted(record, key=lambda d: (not d.context, d.snapshot.backfill, d.path)):
        stamp = item.snapshot.timestamp
        kept = first.setdefault(stamp, item)
        if kept is not item and not item.context:
            what = (
                "back-filled, of the same time as the live" if _mixed(item, kept) else "of the same time as"
            )
            yield Unfit(item.path, STAMP, DUPLICATE, f"{what} {kept.path} ({timestamp_text(stamp)})")


def out_of_time(item: Dated) -> Iterator[Unfit]:
    """A live snapshot that its commit cannot have recorded when it says it was taken.

    One that a rebase put behind a newer one of another clone is in time: its author date says
    that it was taken before that one was known.
    """
    taken, authored = item.snapshot.timestamp, item.authored
    if authored is None or item.snapshot.backfill or item.context:
        return
    at = f"says {timestamp_text(taken)}, committed {timestamp_text(authored)}"
    if taken - authored > AHEAD:
        yield Unfit(item.path, STAMP, TIME, f"{at}: taken after its own commit")
    elif authored - taken > LATE:
        yield Unfit(item.path, STAMP, TIME, f"{at}: written into the past, and not tagged backfill")
    elif item.newest_before is not None and _passed_over(taken, item.newest_before, authored):
        newer = timestamp_text(item.newest_before)
        yield Unfit(item.path, STAMP, TIME, f"{at}: put before {newer}, which was in the record already")
    else:
        yield from _dated_by_hand(item, authored)


def _dated_by_hand(item: Dated, authored: datetime) -> Iterator[Unfit]:
    """The author date is anybody's to set (`git commit --date`); git sets the committer's itself."""
    taken, newer = item.snapshot.timestamp, item.newest_before
    if item.committed is not None and taken - item.committed > AHEAD:
        at = f"says {timestamp_text(taken)}, but its commit was made {timestamp_text(item.committed)}"
        yield Unfit(item.path, STAMP, TIME, f"{at}: taken after its own commit")
    elif item.known is not None and newer is not None and newer > taken and item.known - authored > APART:
        at = f"says {timestamp_text(taken)}, but was put behind {timestamp_text(newer)} and"
        made = f"committed no earlier than {timestamp_text(item.known)}"
        yield Unfit(
            item.path, STAMP, TIME, f"{at} {made}: written into the past, its author date set by hand"
        )


def chain(record: Sequence[Dated]) -> Chained:
    """For each connector, NAV less NAV before = realized + change of unrealized + flow + other.

    Other (interest, dividends, fees, what no venue tells) beyond 1 % of NAV or 50 USD, whichever
    is more, is a fault: the threshold of the retrospective's rule 4. A row measures from the row
    its `since` names, else from the connector's row before it in time. A jump that the next
    link takes back is told once.
    """
    rows: dict[str, dict[datetime, tuple[AccountRow, Dated]]] = {}
    last: dict[str, datetime] = {}
    jumped: dict[tuple[str, datetime], Decimal] = {}
    faults: list[Unfit] = []
    traded: list[Traded] = []
    links = unknown = 0
    for item in sorted(record, key=lambda d: (d.snapshot.timestamp, d.path)):
        for row in item.snapshot.accounts:
            known = rows.setdefault(row.connector, {})
            start = row.since or last.get(row.connector)
            before = known.get(start) if start is not None else None
            known.setdefault(row.as_of, (row, item))
            last[row.connector] = row.as_of
            if start is None or item.context:
                continue
            if before is not None and any(fill.connector == row.connector for fill in item.snapshot.fills):
                traded.append(Traded(before[1].path, item.path, row))
            other = None if before is None or _foreign(row, before, item) else _other(before[0], row)
            if other is None or before is None:
                unknown += 1
                continue
            links += 1
            jump = jumped.pop((row.connector, before[0].as_of), ZERO)
            limit = max(abs(before[0].nav_usd) * IMPLIED_FRACTION, IMPLIED_FLOOR_USD)
            if abs(other) > limit and abs(other + jump) > limit:
                faults.append(_break(item, row, before[1], other))
                jumped[row.connector, row.as_of] = other
    return Chained(faults, links, unknown, traded)


def _passed_over(taken: datetime, newer: datetime, authored: datetime) -> bool:
    return taken < newer and authored - newer > AHEAD


def _other(before: AccountRow, now: AccountRow) -> Decimal | None:
    """What neither P&L nor flows explain; None where a figure is not known."""
    if now.realized_pnl is None or now.net_flow_usd is None:
        return None
    if now.unrealized_pnl is None or before.unrealized_pnl is None:
        return None
    change = now.unrealized_pnl - before.unrealized_pnl
    return now.nav_usd - before.nav_usd - now.realized_pnl - change - now.net_flow_usd


def _foreign(row: AccountRow, before: tuple[AccountRow, Dated], item: Dated) -> bool:
    """Money in another currency moves NAV with its rate, which is neither P&L nor flow."""
    for snapshot in (item.snapshot, before[1].snapshot):
        currencies = {c.currency for c in snapshot.cash if c.connector == row.connector}
        currencies |= {p.currency for p in snapshot.positions if p.connector == row.connector}
        if currencies - {"USD"}:
            return True
    return False


def _break(item: Dated, row: AccountRow, before: Dated, other: Decimal) -> Unfit:
    message = (
        f'"{row.connector}": NAV moved by {shown(other)} USD more than realized and unrealized P&L and flows '
        f"since {timestamp_text(before.snapshot.timestamp)} say"
        if other > 0
        else f'"{row.connector}": NAV lost {shown(-other)} USD that neither realized and unrealized P&L nor '
        f"flows since {timestamp_text(before.snapshot.timestamp)} say"
    )
    number = item.snapshot.accounts.index(row)
    return Unfit(item.path, ("account", number, "nav_usd"), CHAIN, message)


def _mixed(item: Dated, kept: Dated) -> bool:
    return item.snapshot.backfill and not kept.snapshot.backfill
