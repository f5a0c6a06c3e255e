"""Past statements of several venues → synthetic snapshots, oldest first. Pure.

A venue that says nothing about an instant is not in that snapshot and is named in it, as it
would be in a live one: never carried forward, never zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from git_qoc.account.realized import Cost
from git_qoc.account.uta import unify
from git_qoc.model import Health, HealthStatus, Statement, VenueState, VenueType
from git_qoc.snapshots.capture import Previous, capture
from git_qoc.snapshots.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Source:
    """One connector and its statements by instant."""

    connector: str
    type: VenueType
    venue: str
    statements: Mapping[datetime, Statement]


def backfill(sources: Sequence[Source], instants: Sequence[datetime]) -> Iterator[Snapshot]:
    """One snapshot per instant (ascending) at which at least one venue says something."""
    previous: dict[str, Previous] = {}
    last: datetime | None = None
    for instant in instants:
        # Before its first booking an account is not out: it is not there yet.
        begun = [s for s in sources if s.statements and instant >= min(s.statements)]
        states = [_state(source, instant) for source in begun]
        uta = unify(states)
        if uta.nav_usd is None:
            continue
        yield capture(uta, previous, instant, first=not previous, backfill=True, since=last)
        last = instant
        for sheet in uta.readable:
            costs = {p.symbol: Cost(p.quantity, p.avg_cost) for p in sheet.state.positions or ()}
            previous[sheet.state.connector] = Previous(instant, costs)


def _state(source: Source, instant: datetime) -> VenueState:
    statement = source.statements.get(instant)
    if statement is None:
        health = Health(HealthStatus.DEGRADED, "its history says nothing about this instant", instant)
        return VenueState(source.connector, source.type, source.venue, health)
    return VenueState(
        connector=source.connector,
        type=source.type,
        venue=source.venue,
        health=Health(HealthStatus.OK),
        as_of=instant,
        account=statement.account,
        positions=statement.positions,
        open_orders=(),
        fills=statement.fills,
        flows=statement.flows,
    )
