"""Daily candles of an exchange of ccxt's as closes. Pure.

`fetch_ohlcv` (docs.ccxt.com, "OHLCV Candlestick Charts") answers `[begin in ms, open, high, low, close,
volume]`, oldest first, from `since` on and as many as the exchange gives at once; the day that is still
going on comes too. Some exchanges answer for a window after `since` alone, empty where the market
did not exist yet; some (Kraken: 720 days) give the latest days only, however long ago `since` is.
A day is the UTC date on which its candle begins.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from git_qoc.errors import VenueError
from git_qoc.model import Close
from git_qoc.venues.ccxt_ask import Ask, Market
from git_qoc.venues.ccxt_rows import decimal_of, time_of

DAY = timedelta(days=1)
WINDOW = 100 * DAY
"""The narrowest that an exchange here answers for (OKX)."""


def closes(
    ask: Ask, market: Market, since: date, until: date, now: datetime, where: str
) -> tuple[Close, ...]:
    """
    Raises:
        VenueError: candles that cannot be read.
    """
    found: dict[date, Decimal] = {}
    begin, end = _midnight(since), min(_midnight(until), now - DAY)
    while begin <= end:
        answer = ask("fetch_ohlcv", market.unified, "1d", round(begin.timestamp() * 1000))
        candles = [candle for candle in _candles(answer, where) if candle[0] >= begin]
        found |= {at.date(): price for at, price in candles if at <= end and price is not None}
        last = max((at for at, _ in candles), default=None)
        begin = begin + WINDOW if last is None else _midnight(last.date()) + DAY
    return tuple(Close(day, price) for day, price in sorted(found.items()) if since <= day <= until)


def _candles(answer: object, where: str) -> list[tuple[datetime, Decimal | None]]:
    if not isinstance(answer, list):
        raise VenueError(f"{where}: expected a list, found {type(answer).__name__}")
    return [_candle(row, f"{where}: [{number}]") for number, row in enumerate(answer)]


def _candle(row: object, where: str) -> tuple[datetime, Decimal | None]:
    if not isinstance(row, list) or len(row) < 5 or not isinstance(row[0], int):
        raise VenueError(f"{where}: expected a candle with a time")
    price = decimal_of(row[4], where)
    if price is not None and price <= 0:
        raise VenueError(f"{where}: expected a close above zero")
    try:
        return time_of(row[0]), price
    except OverflowError:
        raise VenueError(f"{where}: expected milliseconds since 1970") from None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), UTC)
