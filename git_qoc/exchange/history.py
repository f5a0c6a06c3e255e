"""`/v2/account/portfolio/history`, by day.

One value for each session whose close is past: the equity at 16:00 New York time, labelled 20:00
as in Alpaca's published examples. `profit_loss` is the difference from the value before (the
first: from `base_value`, the close before the range), `profit_loss_pct` its fraction of that value;
so they are in the examples, flows included. `cashflow` is what was booked after the close before
and up to this one. Before the books were begun equity is 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from git_qoc.exchange.activities import TYPES
from git_qoc.exchange.asked import instant
from git_qoc.exchange.message import fraction, unprocessable
from git_qoc.market.closes import NEW_YORK
from git_qoc.market.engine import Engine
from git_qoc.market.sessions import CLOSES, at_new_york, is_session
from git_qoc.money import ZERO

DAY = timedelta(days=1)
DAYS_MAX = 40 * 366
LABEL = time(20)
_PERIOD = re.compile(r"([1-9]\d{0,3})([DWMA])")
_DAYS = {"D": 1, "W": 7, "M": 30, "A": 365}
_NAME = re.compile(r"[A-Z]{2,8}")
Json = dict[str, object]


def history(engine: Engine, query: Mapping[str, str]) -> Json:
    start, end = _range(engine, query)
    _check_timeframe(query, start, end)
    days = _days(start, end)
    closes = [at_new_york(one, CLOSES) for one in days]
    equities = _equities(engine, closes)
    base, values = (equities[0], equities[1:]) if equities else (None, [])
    before = equities[:-1]
    gains = [value - old for value, old in zip(values, before, strict=True)]
    body: Json = {
        "timestamp": [int(at_new_york(one, LABEL).timestamp()) for one in days[1:]],
        "equity": values,
        "profit_loss": gains,
        "profit_loss_pct": [_percent(gain, old) for gain, old in zip(gains, before, strict=True)],
        "base_value": base,
        "timeframe": "1D",
    }
    if days:
        body["base_value_asof"] = days[0].isoformat()
    types = _cashflow_types(query)
    return body | ({"cashflow": _cashflows(engine, closes, types)} if types else {})


def _percent(gain: Decimal, of: Decimal) -> Decimal:
    return round(fraction(gain, of), 9)


def _range(engine: Engine, query: Mapping[str, str]) -> tuple[date, date]:
    """First and last New York day that is asked for."""
    start, end = instant(query, "start"), instant(query, "end")
    period = query.get("period")
    if start and end and period:
        raise unprocessable("period cannot be used with both start and end")
    length = _length(period or "1M")
    now = engine.now()
    if end is None:
        end = start + length if start else now
    end = min(end, now)
    start = start or end - length
    if end - start > DAYS_MAX * DAY:
        raise unprocessable("start and end are too far apart")
    return start.astimezone(NEW_YORK).date(), _last_closed(end)


def _length(period: str) -> timedelta:
    match = _PERIOD.fullmatch(period)
    if match is None:
        raise unprocessable("invalid period. Use a number and D, W, M or A, such as 1M")
    return int(match[1]) * _DAYS[match[2]] * DAY


def _last_closed(end: datetime) -> date:
    local = end.astimezone(NEW_YORK)
    return local.date() if local.time() >= CLOSES else local.date() - DAY


def _check_timeframe(query: Mapping[str, str], start: date, end: date) -> None:
    """As in Alpaca's document, a range of less than 30 days has a default below a day."""
    asked = query.get("timeframe") or ("1D" if (end - start).days >= 28 else "15Min")
    if asked == "1D":
        return
    if asked in ("1Min", "5Min", "15Min", "1H"):
        raise unprocessable(f"timeframe {asked} is not supported: the market has daily prices. Ask for 1D")
    raise unprocessable("invalid timeframe. Valid timeframes are 1Min, 5Min, 15Min, 1H, 1D")


def _days(start: date, end: date) -> list[date]:
    """The sessions of the range and the one before them; empty for a range without sessions."""
    found = [one for one in (start + DAY * n for n in range((end - start).days + 1)) if is_session(one)]
    if not found:
        return []
    before = found[0] - DAY
    while not is_session(before):
        before -= DAY
    return [before, *found]


def _equities(engine: Engine, closes: list[datetime]) -> list[Decimal]:
    known = {past.time: past.equity for past in engine.equity_at(closes)}
    return [known.get(close, ZERO) for close in closes]


def _cashflow_types(query: Mapping[str, str]) -> tuple[str, ...]:
    text = query.get("cashflow_types") or "NONE"
    if text == "NONE":
        return ()
    if text == "ALL":
        return tuple(dict.fromkeys(TYPES.values()))
    names = tuple(dict.fromkeys(text.split(",")))
    if not all(_NAME.fullmatch(name) for name in names):
        raise unprocessable("invalid cashflow_types")
    return names


def _cashflows(engine: Engine, closes: list[datetime], types: Iterable[str]) -> dict[str, list[Decimal]]:
    rows = {name: [ZERO] * (len(closes) - 1) for name in types if closes}
    for booking in engine.bookings(since=closes[0]) if closes else ():
        name = TYPES[booking.kind]
        place = next((n for n, close in enumerate(closes[1:]) if booking.time <= close), None)
        if name in rows and place is not None:
            rows[name][place] += booking.amount
    return rows
