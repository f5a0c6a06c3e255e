"""When the simulated markets open and close.

Stocks, options and futures: 9:30 to 16:00 New York time on the days that have stock closes in
the data; before and after the data, on every weekday. Coins and perpetuals: every UTC day, from
midnight to midnight.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from git_qoc.market.closes import INDEXES, NEW_YORK, closes, is_coin
from git_qoc.market.orders import AssetClass, Session

OPENS = time(9, 30)
CLOSES = time(16)
DAY = timedelta(days=1)
AROUND_THE_CLOCK = frozenset({AssetClass.COIN, AssetClass.PERPETUAL})


def session_at(instant: datetime) -> Session:
    opens, ends = next_open(AssetClass.STOCK, instant), next_close(AssetClass.STOCK, instant)
    return Session(instant, ends < opens, opens, ends)


def next_close(kind: AssetClass, instant: datetime) -> datetime:
    """The first end of a session after `instant`."""
    if kind in AROUND_THE_CLOCK:
        return _midnight(instant) + DAY
    return _next(CLOSES, instant)


def next_open(kind: AssetClass, instant: datetime) -> datetime:
    """The first begin of a session after `instant`."""
    if kind in AROUND_THE_CLOCK:
        return _midnight(instant) + DAY
    return _next(OPENS, instant)


def last_close(kind: AssetClass, instant: datetime) -> datetime:
    """The last end of a session at or before `instant`."""
    if kind in AROUND_THE_CLOCK:
        return _midnight(instant)
    day = instant.astimezone(NEW_YORK).date()
    while not is_session(day) or at_new_york(day, CLOSES) > instant:
        day -= DAY
    return at_new_york(day, CLOSES)


def volume_day(kind: AssetClass, instant: datetime) -> date:
    """The day of the session whose volume is traded at `instant`: the last one that has opened."""
    if kind in AROUND_THE_CLOCK:
        return instant.astimezone(UTC).date()
    day = instant.astimezone(NEW_YORK).date()
    while not is_session(day) or at_new_york(day, OPENS) > instant:
        day -= DAY
    return day


def is_session(day: date) -> bool:
    known = _stock_days()
    return day in known if min(known) <= day <= max(known) else day.weekday() < 5


def at_new_york(day: date, at: time) -> datetime:
    return datetime.combine(day, at, NEW_YORK).astimezone(UTC)


def _next(at: time, instant: datetime) -> datetime:
    day = instant.astimezone(NEW_YORK).date()
    while not is_session(day) or at_new_york(day, at) <= instant:
        day += DAY
    return at_new_york(day, at)


def _midnight(instant: datetime) -> datetime:
    return datetime.combine(instant.astimezone(UTC).date(), time(0), UTC)


@cache
def _stock_days() -> frozenset[date]:
    return frozenset(
        known_from.astimezone(NEW_YORK).date()
        for symbol, rows in closes().items()
        if not is_coin(symbol) and symbol not in INDEXES
        for known_from, _ in rows
    )
