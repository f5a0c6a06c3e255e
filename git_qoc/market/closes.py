"""The shipped closes (git_qoc/data): what the paper venue trades at.

A stock's close is known from 16:00 New York time of its date, a coin's from the end of its
UTC date. Between closes the last one stands, with its own time; nothing is interpolated.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from git_qoc.model import Quote

NEW_YORK = ZoneInfo("America/New_York")
INDEXES = frozenset({"SPX"})
TICK = timedelta(microseconds=1)


@cache
def closes() -> dict[str, tuple[tuple[datetime, Decimal], ...]]:
    """(time from which it is known, close) by symbol, oldest first."""
    series: dict[str, list[tuple[datetime, Decimal]]] = {}
    text = files("git_qoc.data").joinpath("closes.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        symbol = row["symbol"]
        series.setdefault(symbol, []).append((_known_from(row["date"], symbol), Decimal(row["close"])))
    return {symbol: tuple(sorted(rows)) for symbol, rows in series.items()}


def is_coin(symbol: str) -> bool:
    return symbol.endswith("-USD")


def days(symbol: str, instant: datetime) -> list[tuple[date, Decimal]]:
    """(date, close) of every day that is over at `instant`, oldest first; [] for an unknown symbol."""
    rows = closes().get(symbol, ())
    zone = UTC if is_coin(symbol) else NEW_YORK
    # A coin's close is known from the midnight after its date.
    return [((time - TICK).astimezone(zone).date(), price) for time, price in rows if time <= instant]


def close_at(symbol: str, instant: datetime) -> Quote | None:
    """The last close known at `instant`; None before the first one or for an unknown symbol."""
    rows = closes().get(symbol, ())
    index = bisect_right(rows, instant, key=lambda row: row[0])
    if index == 0:
        return None
    time, price = rows[index - 1]
    return Quote(symbol, time, last=price)


def _known_from(text: str, symbol: str) -> datetime:
    day = datetime.fromisoformat(text)
    if is_coin(symbol):
        return day.replace(tzinfo=UTC) + timedelta(days=1)
    return day.replace(hour=16, tzinfo=NEW_YORK).astimezone(UTC)
