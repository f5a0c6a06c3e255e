"""One connector through the snapshots that matter: its fills, held against what it holds. Pure.

Nothing is guessed from positions. A trip counts only when fills lead the whole way: from one
snapshot's quantity to the next one's, in files that tell their fills. Where they do not (a
split, an expiry, a transfer in kind, a file of before there were fill rows) what is open is
unknown from there until it is flat, with the reason. Where fills are not told, only a position
of the same quantity and cost as before was not traded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from git_qoc.money import ZERO, plain
from git_qoc.retrospective.trades.seen import Holding, Seen
from git_qoc.retrospective.trades.trip import Trip, follow
from git_qoc.retrospective.trades.values import OpenTrip, RoundTrip, Unknown
from git_qoc.snapshots.snapshot import FillRow

HELD_BEFORE = "held before the record began"
UNEXPLAINED = "a split, an expiry, an assignment or a transfer"


class Period(NamedTuple):
    """Up to the snapshot of `end`; `told`: all fills are, but for those of the symbols in `lacking`."""

    end: datetime
    told: bool
    lacking: frozenset[str]


@dataclass(slots=True)
class Account:
    """`last` is its last row's `as_of`, `read_at` when its positions were last told (None: never)."""

    connector: str
    zone: ZoneInfo
    last: datetime | None = None
    read_at: datetime | None = None
    held: dict[str, Holding] = field(default_factory=dict)
    open: dict[str, Trip] = field(default_factory=dict)
    ended: list[RoundTrip | Unknown] = field(default_factory=list)
    waiting: list[FillRow] = field(default_factory=list)
    seen: set[tuple[object, ...]] = field(default_factory=set)
    untold: bool = False
    """Whether fills are missing from the time since `read_at`."""
    silent: tuple[datetime, datetime] | None = None
    silent_now: bool = False

    def see(self, now: Seen, time: datetime, *, before: datetime | None, follows: bool) -> None:
        """The next snapshot it is in that tells something new, of this time.

        `before` is the time of the one before it in the record, which need not have been seen, None
        where the account is not in that one; `follows`: it measures from that one.
        """
        if before and self.read_at and not (self.untold or self.waiting):
            self.read_at = before
        self.waiting += self._new(now.fills)
        covered = now.since is not None and self.last is not None and now.since <= self.last
        # What no fill rows mean: see `FillRow`.
        told = bool(now.fills or (now.since and now.realized)) and (follows or covered)
        self._note_silence(time, before, told=told)
        self.untold = self.untold or not told
        self.last = now.as_of
        if now.held is not None:
            lacking = now.gained - {fill.symbol for fill in now.fills}
            self._settle(now.held, Period(time, not self.untold, lacking))

    def still_open(self) -> Iterator[OpenTrip | Unknown]:
        return (trip.still_open() for trip in self.open.values())

    def silence(self, end: datetime) -> Iterator[Unknown]:
        """When not all fills of an account that ever held anything were told; the record ends at `end`."""
        if self.silent is None or not (self.ended or self.open or self.seen):
            return
        start, until = self.silent
        until = end if self.silent_now else until
        reason = f"not all of its fills from {self._day(start)} to {self._day(until)} are told"
        yield Unknown(self.connector, None, reason, until)

    def _note_silence(self, time: datetime, before: datetime | None, *, told: bool) -> None:
        if self.last is None:
            return
        if self.silent and self.silent_now and before:
            self.silent = (self.silent[0], before)
        if not told:
            self.silent = (self.silent[0] if self.silent else before or self.last, time)
        self.silent_now = not told

    def _settle(self, now: Mapping[str, Holding], period: Period) -> None:
        fills: dict[str, list[FillRow]] = {}
        for fill in sorted(self.waiting, key=lambda fill: fill.time):
            fills.setdefault(fill.symbol, []).append(fill)
        for symbol in dict.fromkeys((*self.held, *now, *fills)):
            after, own = now.get(symbol, Holding()), fills.get(symbol, [])
            if self.read_at is None:
                self._begin(symbol, after, own, period)
            self._symbol(symbol, after, own, period)
        self.held, self.waiting = dict(now), []
        self.read_at, self.untold = period.end, False

    def _begin(self, symbol: str, now: Holding, fills: Sequence[FillRow], period: Period) -> None:
        """What was there before the first fills that are told."""
        before = now.quantity - sum(map(_signed, fills), ZERO)
        self.held[symbol] = Holding(before, ((before, None),) if before else ())
        if before:
            self.open[symbol] = self._unknown(symbol, before, HELD_BEFORE, period)

    def _symbol(self, symbol: str, now: Holding, fills: Sequence[FillRow], period: Period) -> None:
        before = self.held.get(symbol, Holding())
        quiet = not fills and before.untouched(now)
        if self.read_at is not None and (symbol in period.lacking or not (period.told or quiet)):
            days = f"{self._day(self.read_at)} to {self._day(period.end)}"
            self._lose(symbol, now, f"its fills from {days} are not told", period)
            return
        moved = sum(map(_signed, fills), ZERO)
        if before.quantity + moved != now.quantity:
            said = f"while its fills make {plain(moved)}" if fills else "without a fill"
            change = f"from {plain(before.quantity)} to {plain(now.quantity)} by {self._day(period.end)}"
            self._lose(symbol, now, f"it went {change} {said}: {UNEXPLAINED}", period)
            return
        trip = self.open.pop(symbol, None)
        for fill in fills:
            trip, done = follow(trip, fill, now.currency if now.quantity else before.currency)
            self.ended += [done] if done else []
        if trip:
            self.open[symbol] = trip

    def _lose(self, symbol: str, now: Holding, reason: str, period: Period) -> None:
        """The open trip and what happened in the period are unknown, and what is held until it is flat."""
        trip = self.open.pop(symbol, None)
        reason = trip.reason if trip and trip.reason else reason
        if now.quantity:
            self.open[symbol] = self._unknown(symbol, now.quantity, reason, period)
        else:
            self.ended.append(Unknown(self.connector, symbol, reason, period.end))

    def _unknown(self, symbol: str, quantity: Decimal, reason: str, period: Period) -> Trip:
        sign = 1 if quantity > 0 else -1
        return Trip(self.connector, symbol, sign, abs(quantity), period.end, reason=reason)

    def _new(self, rows: Iterable[FillRow]) -> Iterator[FillRow]:
        """Those that no snapshot told before: two clones tell the same fill; equal ones of one file are two.

        Ids of some venues count up by symbol.
        """
        equal: Counter[FillRow] = Counter()
        for row in rows:
            if row.fill_id:
                key: tuple[object, ...] = (row.symbol, row.fill_id)
            else:
                key = (row, equal[row])
                equal[row] += 1
            if key not in self.seen:
                self.seen.add(key)
                yield row

    def _day(self, time: datetime) -> str:
        return time.astimezone(self.zone).date().isoformat()


def _signed(fill: FillRow) -> Decimal:
    return fill.quantity if fill.side == "buy" else -fill.quantity
