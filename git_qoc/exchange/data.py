"""Market data: the latest quotes, trades and bars, and daily bars of the past.

The market knows closes only: bid and ask are the last price, for what one account can have of a
session; a trade is of one unit at it; a bar opens, tops, bottoms and closes at the close, and its
volume is the market's own. Symbols that are not known are left out, as Alpaca does.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from git_qoc.exchange import symbols
from git_qoc.exchange.asked import instant, listed, one_of, whole
from git_qoc.exchange.message import Problem, stamp
from git_qoc.market import closes
from git_qoc.market.engine import Engine
from git_qoc.market.orders import AssetClass
from git_qoc.market.volume import SHARE
from git_qoc.model import Quote
from git_qoc.money import ZERO

SYMBOLS_MAX = 100
BARS, BARS_MAX = 1000, 10_000
TICK = timedelta(microseconds=1)
_DAILY = re.compile(r"1(Day|D)")
Json = dict[str, object]


def latest(engine: Engine, query: Mapping[str, str], kind: AssetClass, what: str) -> Json:
    """`what` is quotes, trades or bars; rows by symbol as asked for."""
    return {what: _by_symbol(engine, query, kind, what)}


def _by_symbol(engine: Engine, query: Mapping[str, str], kind: AssetClass, what: str) -> Json:
    _check_currency(query)
    names = listed(query, "symbols")
    if not names:
        raise _invalid("symbols is required")
    if len(names) > SYMBOLS_MAX:
        raise _invalid(f"too many symbols: at most {SYMBOLS_MAX}")
    return {name: row for name in sorted(names) if (row := _latest(engine, name, kind, what))}


def latest_of(engine: Engine, name: str, query: Mapping[str, str], what: str) -> Json:
    """Of one stock; `what` as in `latest`.

    Raises:
        Problem: 404 for an unknown symbol.
    """
    return {what.removesuffix("s"): _known(engine, name, query, what), "symbol": name}


def snapshots(engine: Engine, query: Mapping[str, str], kind: AssetClass) -> Json:
    """The latest quote and trade and the last two daily bars by symbol; for stocks that is the whole body."""
    rows = _by_symbol(engine, query, kind, "snapshots")
    if kind is AssetClass.STOCK:
        return rows
    return {"snapshots": rows} | ({"next_page_token": None} if kind is AssetClass.OPTION else {})


def snapshot_of(engine: Engine, name: str, query: Mapping[str, str]) -> Json:
    return {"symbol": name, **_known(engine, name, query, "snapshots")}


def _known(engine: Engine, name: str, query: Mapping[str, str], what: str) -> Json:
    _check_currency(query)
    row = _latest(engine, name, AssetClass.STOCK, what)
    if row is None:
        raise symbols.asset_not_found(name)
    return row


def _latest(engine: Engine, name: str, kind: AssetClass, what: str) -> Json | None:
    found = symbols.find(engine, name)
    if found is None or found.kind is not kind:
        return None
    quote: Quote | None = engine.quote(found.symbol)
    if quote is None or quote.last is None:
        return None
    if what == "bars":
        return next(iter(_bars(engine, name, {}, kind, True)), None)
    size = int((engine.volume(found.symbol) or ZERO) * SHARE)
    bid_and_ask, trade = _quote(kind, quote.time, quote.last, size), _trade(kind, quote.time, quote.last)
    if what != "snapshots":
        return trade if what == "trades" else bid_and_ask
    days = zip(("dailyBar", "prevDailyBar"), _bars(engine, name, {}, kind, True), strict=False)
    return {"latestQuote": bid_and_ask, "latestTrade": trade, **dict(days)}


def bars(engine: Engine, query: Mapping[str, str], kind: AssetClass) -> Json:
    """Daily bars by symbol; the token of the next page is the place in all rows of the range."""
    _check_currency(query)
    if not _DAILY.fullmatch(query.get("timeframe", "")):
        raise _invalid("timeframe is not supported: the market has daily prices. Ask for 1Day")
    names = sorted(listed(query, "symbols"))
    if not names:
        raise _invalid("symbols is required")
    newest = one_of(query, "sort", ("asc", "desc")) == "desc"
    limit = whole(query, "limit", BARS, BARS_MAX)
    token = query.get("page_token") or "0"
    if not (token.isascii() and token.isdigit() and len(token) < 10):
        raise _invalid("invalid page_token")
    rows = [(name, row) for name in names for row in _bars(engine, name, query, kind, newest)]
    start, end = int(token), int(token) + limit
    found: dict[str, list[Json]] = {}
    for name, row in rows[start:end]:
        found.setdefault(name, []).append(row)
    return {"bars": found, "next_page_token": str(end) if end < len(rows) else None}


def bars_of(engine: Engine, name: str, query: Mapping[str, str]) -> Json:
    answer = bars(engine, {**query, "symbols": name}, AssetClass.STOCK)
    rows = answer["bars"]
    return {**answer, "bars": rows.get(name, []) if isinstance(rows, dict) else [], "symbol": name}


def _bars(engine: Engine, name: str, query: Mapping[str, str], kind: AssetClass, newest: bool) -> list[Json]:
    """Of the days whose close is known; a bar is labelled with the midnight its day begins at."""
    found = symbols.find(engine, name)
    if found is None or found.kind is not kind or kind is AssetClass.OPTION:
        return []
    rows = closes.closes().get(found.symbol, ())
    known = bisect_right(rows, engine.now(), key=lambda row: row[0])
    labels = [_begin(kind, time) for time, _ in rows[:known]]
    start, end = instant(query, "start"), instant(query, "end")
    first = bisect_left(labels, start) if start else 0
    last = bisect_right(labels, end) if end else known
    found_rows = [
        _bar(labels[at], rows[at][1], engine.volume(found.symbol, rows[at][0] - TICK) or ZERO)
        for at in range(first, last)
    ]
    return found_rows[::-1] if newest else found_rows


def _begin(kind: AssetClass, known_from: datetime) -> datetime:
    zone = closes.NEW_YORK if kind is AssetClass.STOCK else known_from.tzinfo
    return (known_from - TICK).astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _quote(kind: AssetClass, time: datetime, price: Decimal, size: int) -> Json:
    row: Json = {"t": stamp(time), "bp": price, "bs": size, "ap": price, "as": size}
    if kind is AssetClass.COIN:
        return row
    exchanges: Json = {"bx": "V", "ax": "V"}
    return row | exchanges | ({"c": ["R"], "z": "C"} if kind is AssetClass.STOCK else {"c": "A"})


def _trade(kind: AssetClass, time: datetime, price: Decimal) -> Json:
    row: Json = {"t": stamp(time), "p": price, "s": 1}
    if kind is AssetClass.OPTION:
        return row | {"x": "V", "c": "A"}
    row["i"] = int(time.timestamp())
    return row | ({"tks": "B"} if kind is AssetClass.COIN else {"x": "V", "c": ["@"], "z": "C"})


def _bar(time: datetime, price: Decimal, volume: Decimal) -> Json:
    prices: Json = dict.fromkeys(("o", "h", "l", "c", "vw"), price)
    return {"t": stamp(time), **prices, "v": volume, "n": 0}


def _check_currency(query: Mapping[str, str]) -> None:
    if query.get("currency") not in (None, "", "USD"):
        raise _invalid("currency is not supported: prices are in USD")


def _invalid(message: str) -> Problem:
    """As the data host says it: 400 and a message alone is its form."""
    return Problem(400, 40010001, message)
