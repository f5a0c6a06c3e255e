"""Daily closes of ccxt's exchanges: Kraken's in the conformance suite, these by the shapes that the
venues document (and ccxt's source quotes)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from git_qoc.errors import VenueError
from git_qoc.model import Close, VenueType
from git_qoc.venues.ccxt_offers import profile
from tests.venues.ccxt_connectors import NOON, connector, served
from tests.venues.ccxt_server import Seen, raw

D = Decimal
DAYS = [date(2026, 7, day) for day in (2, 3, 4, 5)]
"""The last one is not over: it is 16:00 UTC of it."""
CLOSES = ["60100.5", "60200", "60300.25", "60400"]
EXPECTED = tuple(Close(day, D(close)) for day, close in zip(DAYS[:-1], CLOSES, strict=False))


def ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


ROWS = list(zip([ms(day) for day in DAYS], CLOSES, strict=True))


def okx(_: Seen) -> Any:
    rows = [[str(at), close, close, close, close, "628", "2.5", "62800", "1"] for at, close in reversed(ROWS)]
    return {"code": "0", "msg": "", "data": rows}


def binance(_: Seen) -> Any:
    return [[at, c, c, c, c, "1.5", at + 86399999, "0", 3, "0", "0", "0"] for at, c in ROWS]


def deribit(_: Seen) -> Any:
    closes = ", ".join(CLOSES)
    columns = ", ".join(
        f'"{name}": [{closes}]' for name in ("open", "high", "low", "close", "volume", "cost")
    )
    ticks = json.dumps([at for at, _ in ROWS])
    return raw(f'{{"jsonrpc": "2.0", "result": {{"status": "ok", "ticks": {ticks}, {columns}}}}}')


def hyperliquid(_: Seen) -> Any:
    return [
        {"t": at, "T": at + 86399999, "s": "BTC", "i": "1d", "o": c, "h": c, "l": c, "c": c, "v": "1", "n": 2}
        for at, c in ROWS
    ]


SHAPES = {
    "okx": ("BTC-USDT", "GET /api/v5/market/candles", okx),
    "binance": ("BTC/USDT", "GET /api/v3/klines", binance),
    "deribit": ("BTC-PERPETUAL", "GET /api/v2/public/get_tradingview_chart_data", deribit),
    "hyperliquid": ("BTC/USDC:USDC", "POST /info?candleSnapshot", hyperliquid),
}


@pytest.mark.parametrize("name", SHAPES)
def test_candles_of_each_exchange_are_closes_without_the_day_that_is_not_over(name: str) -> None:
    symbol, route, candles = SHAPES[name]
    with served(name, **{route: candles}) as server:
        found = connector(name, server.url).closes(symbol, DAYS[0], NOON.date())
    assert found == EXPECTED


def kraken(rows: list[Any]) -> Any:
    return {"error": [], "result": {"XXBTZUSD": rows, "last": 1}}


def candle(day: date, close: Any = "60000.5") -> list[Any]:
    return [ms(day) // 1000, "1", "1", "1", close, "1", "1", 3]


def test_a_venue_that_tells_only_the_last_days_is_asked_no_further() -> None:
    """Kraken tells its last 720 days whatever `since` is: here all of them in one answer."""
    days = [NOON.date() - timedelta(days=ago) for ago in range(719, -1, -1)]
    with served("kraken", **{"GET /0/public/OHLC": kraken([candle(day) for day in days])}) as server:
        found = connector("kraken", server.url).closes("BTC/USD", date(2016, 1, 1), NOON.date())
        assert len(server.sent("GET /0/public/OHLC")) == 1
    assert [one.day for one in found] == days[:-1]


def test_where_a_market_did_not_exist_yet_the_next_window_is_asked_for() -> None:
    listed = NOON.date() - timedelta(days=20)

    def window(seen: Seen) -> Any:
        """The hundred days after `since`."""
        first = int(seen.params["since"])
        rows = [candle(listed + timedelta(days=after)) for after in range(20)]
        return kraken([row for row in rows if first < row[0] <= first + 100 * 86400])

    with served("kraken", **{"GET /0/public/OHLC": window}) as server:
        found = connector("kraken", server.url).closes("BTC/USD", date(2025, 7, 1), NOON.date())
        assert len(server.sent("GET /0/public/OHLC")) <= 6
    assert [one.day for one in found] == [listed + timedelta(days=after) for after in range(20)]


def test_a_day_without_a_close_is_left_out() -> None:
    rows = kraken([candle(DAYS[0]), candle(DAYS[1], None), candle(DAYS[2])])
    with served("kraken", **{"GET /0/public/OHLC": rows}) as server:
        found = connector("kraken", server.url).closes("BTC/USD", DAYS[0], DAYS[2])
    assert [one.day for one in found] == [DAYS[0], DAYS[2]]


@pytest.mark.parametrize("close", ["0", "-1", "NaN", "much"])
def test_a_close_that_is_no_price_is_a_fault(close: str) -> None:
    rows = kraken([candle(DAYS[0], close)])
    with served("kraken", **{"GET /0/public/OHLC": rows}) as server, pytest.raises(VenueError) as told:
        connector("kraken", server.url).closes("BTC/USD", DAYS[0], DAYS[2])
    assert "kraken fetch_ohlcv: [0]" in str(told.value)


def test_an_unknown_market_has_no_closes_and_is_not_asked_for() -> None:
    with served("kraken") as server:
        assert connector("kraken", server.url).closes("NOSUCH/USD", DAYS[0], DAYS[2]) == ()


def test_an_exchange_that_is_only_read_offers_closes_where_ccxt_has_daily_candles_of_it() -> None:
    for name, offered in (("coinbase", True), ("bitstamp", True), ("coinmate", False)):
        known = profile(name)
        assert known is not None, name
        assert [offers.closes for offers in known.offers.values()] == [offered, offered], name
        assert set(known.offers) == {VenueType.CRYPTO, VenueType.FUTURES}
