"""What holds for all six exchanges of ccxt's. Expected numbers are worked by hand from `ccxt/*.json`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Decimal

import pytest

from git_qoc.account.collect import Opened, collect
from git_qoc.account.valuation import value
from git_qoc.errors import VenueError
from git_qoc.model import Cash, Quote, VenueType
from git_qoc.venues.ccxt_offers import PROFILES
from tests.venues.ccxt_connectors import NOON, connector, served
from tests.venues.ccxt_server import raw

D = Decimal
FUTURES = VenueType.FUTURES
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
THIS_YEAR = datetime(2026, 6, 1, tzinfo=UTC)


QUOTES = [
    ("kraken", "BTC/USD", Quote("BTC/USD", NOON, D(61190), D(61210), D("61200.5"))),
    ("krakenfutures", "PF_XBTUSD", Quote("PF_XBTUSD", NOON, D(61200), D(61201), D("61200.5"))),
    (
        "okx",
        "BTC-USDT",
        Quote("BTC-USDT", NOON - timedelta(milliseconds=877), D(117799), D(117801), D("117800.1")),
    ),
    ("binance", "BTCUSDT", Quote("BTCUSDT", NOON - timedelta(seconds=1), D(61519), D(61521), D(61520))),
    (
        "deribit",
        "BTC-PERPETUAL",
        Quote("BTC-PERPETUAL", NOON - timedelta(milliseconds=850), D("61499.5"), D("61500.5"), D(61500)),
    ),
    ("hyperliquid", "BTC", Quote("BTC", NOON, D(61500), D(61501), D("61500.5"))),
]


@pytest.mark.parametrize(("name", "symbol", "quote"), QUOTES, ids=[name for name, _, _ in QUOTES])
def test_quotes_have_the_venues_time_and_unknown_symbols_are_left_out(
    name: str, symbol: str, quote: Quote
) -> None:
    with served(name) as server:
        found = connector(name, server.url).quotes([symbol, "NOSUCH"])
    assert found == {symbol: quote}


NAVS = [
    # 25435.21 + 110 + 999.8 of cash and 76500 of bitcoin.
    ("kraken", D("103045.01")),
    ("krakenfutures", D("12291.77")),
    ("okx", D("203591.84019105993")),
    ("deribit", D("107625.875")),
    ("hyperliquid", D("142.66")),
]


@pytest.mark.parametrize(("name", "nav"), NAVS, ids=[name for name, _ in NAVS])
def test_an_account_is_collected_in_threads_and_its_nav_foots(name: str, nav: Decimal) -> None:
    kind = next(iter(PROFILES[name].offers))
    with served(name) as server:
        opened = Opened("main", kind, name, connector(name, server.url, kind))
        (state,) = collect([opened], lambda: NOON, 5.0)
    assert state.health.ok, state.health.reason
    assert state.account is not None
    found = value(state.account, state.positions)
    assert not isinstance(found, str)
    assert found.nav_usd == nav


def test_binances_nav_is_the_sum_of_what_it_states() -> None:
    with served("binance") as server:
        opened = Opened("main", VenueType.CRYPTO, "binance", connector("binance", server.url))
        (state,) = collect([opened], lambda: NOON, 5.0)
    assert state.account is not None
    found = value(state.account, state.positions)
    assert not isinstance(found, str)
    # USDT: cash 1023.72469206, coins 0.75268058 × 61520, the perpetual −2.5485; all at 0.9997.
    tethered = (D("1023.72469206") + D("0.75268058") * 61520 - D("2.5485")) * D("0.9997")
    # 2 contracts of 100 USD: 200 × (1/37643.10000021 − 1/38103.05510455) BTC, by Binance 0.00006413.
    coined = (found.nav_usd - tethered) / 61500
    assert coined.quantize(D("0.00000001"), ROUND_DOWN) == D("0.00006413")


def test_all_digits_of_json_numbers_survive() -> None:
    body = """{"result": "success", "serverTime": "2026-07-05T16:00:00Z", "accounts": {"flex": {
        "currencies": {"USD": {"quantity": 1000000000000000.123456789012345678,
                               "value": 1000000000000000.123456789012345678}},
        "initialMarginWithOrders": 1e-18, "portfolioValue": 1000000000000000.000000000000000001}}}"""
    with served("krakenfutures", **{"GET /derivatives/api/v3/accounts": lambda _: raw(body)}) as server:
        account = connector("krakenfutures", server.url, FUTURES).account()
    digits = D("1000000000000000.123456789012345678")
    assert account.cash == (Cash("USD", digits, digits),)
    assert account.margin_usd == D("0.000000000000000001")
    assert account.equity_usd == D("1000000000000000.000000000000000001")


def test_the_markets_are_asked_for_once() -> None:
    with served("krakenfutures") as server:
        venue = connector("krakenfutures", server.url, FUTURES)
        venue.account()
        venue.positions()
        venue.quotes(["PF_XBTUSD"])
        assert len(server.sent("GET /derivatives/api/v3/instruments")) == 1


def test_health_asks_neither_for_markets_nor_balances() -> None:
    with served("kraken") as server:
        assert connector("kraken", server.url).health() is None
        paths = {seen.path for seen in server.requests}
    assert paths == {"/0/public/SystemStatus", "/0/public/Time"}


def test_an_exchange_in_maintenance_says_so() -> None:
    body = {"error": [], "result": {"status": "maintenance", "timestamp": "2026-07-05T16:00:00Z"}}
    with served("kraken", **{"GET /0/public/SystemStatus": body}) as server:
        assert connector("kraken", server.url).health() == "Kraken is in maintenance"


def test_a_long_and_a_short_of_one_contract_are_refused() -> None:
    row = {"instId": "BTC-USDT-SWAP", "instType": "SWAP", "pos": "1", "avgPx": "1", "markPx": "1"}
    rows = [{**row, "posSide": "long"}, {**row, "posSide": "short"}]
    body = {"code": "0", "msg": "", "data": rows}
    with (
        served("okx", **{"GET /api/v5/account/positions": body}) as server,
        pytest.raises(VenueError, match="twice, long and short"),
    ):
        connector("okx", server.url).positions()


def test_the_account_that_is_expected_is_checked_where_the_venue_names_one() -> None:
    with served("okx") as server:
        found = connector("okx", server.url, account="44705892343619584").account()
        assert found.account_id == "44705892343619584"
        with pytest.raises(VenueError, match="opens another account"):
            connector("okx", server.url, account="1").account()
    with served("kraken") as server, pytest.raises(VenueError, match="does not say which account"):
        connector("kraken", server.url, account="1").account()
