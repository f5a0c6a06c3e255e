from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from git_qoc.errors import VenueError
from git_qoc.model import Quote, VenueType
from git_qoc.venues.alpaca_symbols import is_crypto, is_option, joined, paired
from tests.venues import alpaca_faults as fault
from tests.venues.alpaca_api import DATA, document
from tests.venues.alpaca_bodies import connector
from tests.venues.alpaca_server import AlpacaServer

D = Decimal
STOCKS = "/v2/stocks/quotes/latest"
OPTIONS = "/v1beta1/options/quotes/latest"
CRYPTO = "/v1beta3/crypto/us/latest/quotes"
CALL = "AAPL250321C00190000"


def published(path: str) -> dict[str, Any]:
    operation = document(DATA)["paths"][path]["get"]["responses"]["200"]
    quotes: dict[str, Any] = operation["content"]["application/json"]["examples"]["quotes"]["value"]["quotes"]
    return quotes


QUOTES = published(STOCKS) | published(OPTIONS) | published("/v1beta3/crypto/{loc}/latest/quotes")


def test_each_symbol_is_asked_where_its_form_belongs() -> None:
    with AlpacaServer(quotes=QUOTES) as server:
        found = connector(server.url).quotes(["AAPL", CALL, "BTC/USD", "ETHUSD", "UNHEARD"])
        asked = {seen.path: seen.query["symbols"] for seen in server.requests}
    assert asked == {STOCKS: "AAPL,UNHEARD", OPTIONS: CALL, CRYPTO: "BTC/USD,ETH/USD"}
    assert set(found) == {"AAPL", CALL, "BTC/USD", "ETHUSD"}
    assert found["AAPL"] == Quote(
        "AAPL", datetime(2022, 8, 17, 10, 7, 40, 286587, tzinfo=UTC), bid=D("172.62"), ask=D("172.7")
    )
    assert (found[CALL].bid, found[CALL].ask) == (D("16.75"), D(17))
    assert (found["ETHUSD"].symbol, found["ETHUSD"].bid) == ("ETHUSD", D(1817))


def test_no_symbols_ask_nothing() -> None:
    with AlpacaServer() as server:
        assert connector(server.url).quotes([]) == {}
        assert server.requests == []


def test_a_price_of_zero_means_no_bid_or_no_ask() -> None:
    rows = {"AAPL": {**QUOTES["AAPL"], "bp": 0, "ap": 0.0}}
    with AlpacaServer(quotes=rows) as server:
        found = connector(server.url).quotes(["AAPL"])["AAPL"]
    assert (found.bid, found.ask, found.last) == (None, None, None)


def test_options_are_asked_a_hundred_at_a_time() -> None:
    symbols = [f"AAPL250321C{strike:08d}" for strike in range(250)]
    with AlpacaServer() as server:
        assert connector(server.url).quotes(symbols) == {}
        asked = [seen.query["symbols"].split(",") for seen in server.requests]
    assert sorted(len(some) for some in asked) == [50, 100, 100]
    assert sorted(symbol for some in asked for symbol in some) == symbols


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (
            '{"quotes": {"AAPL": {"t": "2022-08-17T10:07:40Z", "bp": "1", "ap": 2}}}',
            "bp: expected a JSON number",
        ),
        ('{"quotes": {"AAPL": {"bp": 1, "ap": 2}}}', "t: Field required"),
        ('{"quotes": null}', "quotes: "),
        ('{"quotes": {}, "currency": "EUR"}', "expected quotes in USD"),
    ],
)
def test_quotes_of_the_wrong_shape_are_a_fault(text: str, place: str) -> None:
    with AlpacaServer(faults={STOCKS: fault.body(text)}) as server, pytest.raises(VenueError, match=place):
        connector(server.url).quotes(["AAPL"])


@pytest.mark.parametrize(
    ("symbol", "option", "crypto", "on_crypto_venue"),
    [
        ("AAPL", False, False, False),
        ("BRK.B", False, False, False),
        ("OPUSD", False, False, True),
        ("BTC/USD", False, True, True),
        ("BTCUSD", False, True, True),
        ("SHIBUSDT", False, True, True),
        ("USDTUSD", False, True, True),
        ("AAPL250620C00100000", True, False, False),
        ("F250620P00010000", True, False, False),
        ("BRKB250620P00100000", True, False, False),
        ("AAPL1250620C00100000", True, False, False),
        ("AAPL250620X00100000", False, False, False),
    ],
)
def test_a_symbol_is_told_by_its_shape(
    symbol: str, option: bool, crypto: bool, on_crypto_venue: bool
) -> None:
    assert is_option(symbol) is option
    assert is_crypto(symbol) is crypto
    assert is_crypto(symbol, crypto_venue=True) is on_crypto_venue


@pytest.mark.parametrize(
    "pair", ["BTC/USD", "BTC/USDT", "BTC/USDC", "ETH/BTC", "USDT/USD", "USDC/USD", "1INCH/USD"]
)
def test_a_pair_is_joined_and_split_again(pair: str) -> None:
    assert paired(joined(pair)) == pair
    assert paired(pair) == pair


def test_types_declare_what_the_spec_lists() -> None:
    table = {
        VenueType.EQUITIES: {"market", "limit", "stop", "stop_limit"},
        VenueType.OPTIONS: {"market", "limit", "stop"},
        VenueType.CRYPTO: {"market", "limit", "stop_limit"},
    }
    for kind, types in table.items():
        offers = connector(None, kind).capabilities
        assert {str(one) for one in offers.order_types} == types
        assert offers.multi_leg is (kind is VenueType.OPTIONS)
        assert offers.fills
        assert offers.flows
        assert offers.history
        assert not offers.transfers
