"""The files of a record → its round trips. Pure: the same files give the same trades."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from git_qoc.money import ZERO, plain
from git_qoc.retrospective.choices import Choices
from git_qoc.retrospective.metrics import Undefined
from git_qoc.retrospective.point import SnapshotRecord
from git_qoc.retrospective.trades.sights import in_order
from git_qoc.retrospective.trades.values import OpenTrip, RoundTrip, Trades, Unknown

NO_FILLS = "no snapshot tells its fills"
NO_START = "no complete snapshot"


def round_trips(
    records: Iterable[SnapshotRecord], choices: Choices, start: datetime | None
) -> Trades | Undefined:
    """Those that were closed after `start`, the first complete snapshot of the window, until its end.

    All of the record up to there is looked at, because a trip may have been opened long before.
    Undefined where no snapshot up to there tells its fills.
    """
    if start is None:
        return Undefined(NO_START)
    marked = in_order(records, choices)
    if not marked:
        return Undefined(NO_FILLS)
    from git_qoc.retrospective.trades.follow import followed  # costs what most records need not spend

    accounts = followed(marked, choices.zone)
    ended = [end for account in accounts for end in account.ended]
    left = [one for account in accounts for one in account.still_open()]
    closed = [end for end in ended if isinstance(end, RoundTrip) and end.exit_time > start]
    unknown = [one for one in (*ended, *left) if isinstance(one, Unknown)]
    unknown += [one for account in accounts for one in account.silence(marked[-1].mark.time)]
    unknown = [one for one in unknown if one.until is None or one.until > start]
    return Trades(
        closed=tuple(sorted((t for t in closed if t.currency == "USD"), key=_by_exit)),
        open=tuple(sorted((one for one in left if isinstance(one, OpenTrip)), key=_by_name)),
        unknown=tuple(sorted((*unknown, *_abroad(closed)), key=_by_name)),
    )


def _abroad(closed: Sequence[RoundTrip]) -> Iterator[Unknown]:
    """What was made in another currency, one line for each symbol and currency."""
    for connector, symbol, currency in sorted(
        {(t.connector, t.symbol, t.currency) for t in closed if t.currency != "USD"}
    ):
        trips = [t for t in closed if (t.connector, t.symbol, t.currency) == (connector, symbol, currency)]
        made = plain(sum((trip.gain for trip in trips), ZERO))
        many = "1 round trip" if len(trips) == 1 else f"{len(trips)} round trips"
        reason = f"{many} made {made} {currency} before fees, and no fill tells a rate to USD"
        yield Unknown(connector, symbol, reason, max(trip.exit_time for trip in trips))


def _by_exit(trip: RoundTrip) -> tuple[datetime, str, str, datetime]:
    return trip.exit_time, trip.connector, trip.symbol, trip.entry_time


def _by_name(one: OpenTrip | Unknown) -> tuple[str, str, str]:
    return one.connector, one.symbol or "", one.reason if isinstance(one, Unknown) else ""
