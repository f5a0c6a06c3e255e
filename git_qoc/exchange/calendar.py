"""`/v2/clock` and `/v2/calendar`: sessions of the stock market, times in New York."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from git_qoc.exchange.asked import day, one_of
from git_qoc.exchange.message import unprocessable
from git_qoc.market.closes import NEW_YORK
from git_qoc.market.engine import Engine
from git_qoc.market.sessions import CLOSES, OPENS, is_session

DAY = timedelta(days=1)
DAYS_MAX = 40 * 366
Json = dict[str, object]


def clock(engine: Engine) -> Json:
    session = engine.session(engine.now())
    return {
        "timestamp": _local(session.time),
        "is_open": session.is_open,
        "next_open": _local(session.next_open),
        "next_close": _local(session.next_close),
    }


def _local(instant: datetime) -> str:
    return instant.astimezone(NEW_YORK).isoformat()


def calendar(engine: Engine, query: Mapping[str, str]) -> list[Json]:
    """Both days included; without them, from a year before today to a year after it.

    Trades settle on the next session (`date_type=SETTLEMENT` selects by that day).
    """
    today = engine.now().astimezone(NEW_YORK).date()
    start = day(query, "start") or today - 366 * DAY
    end = day(query, "end") or max(start, today) + 366 * DAY
    by_settlement = one_of(query, "date_type", ("TRADING", "SETTLEMENT")) == "SETTLEMENT"
    if (end - start).days > DAYS_MAX:
        raise unprocessable("start and end are too far apart")
    first = start - 14 * DAY if by_settlement else start
    rows = ((one, _next_session(one)) for one in _sessions(first, end))
    return [_day(one, settles) for one, settles in rows if not by_settlement or start <= settles <= end]


def _sessions(start: date, end: date) -> Iterator[date]:
    return (one for one in (start + DAY * n for n in range((end - start).days + 1)) if is_session(one))


def _next_session(one: date) -> date:
    one += DAY
    while not is_session(one):
        one += DAY
    return one


def _day(one: date, settles: date) -> Json:
    opens, closes = (f"{time:%H:%M}" for time in (OPENS, CLOSES))
    return {
        "date": one.isoformat(),
        "open": opens,
        "close": closes,
        # There is no trading outside of the session, so the extended one is the session.
        "session_open": opens.replace(":", ""),
        "session_close": closes.replace(":", ""),
        "settlement_date": settles.isoformat(),
    }
