from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from git_qoc.errors import Unsupported, VenueError
from git_qoc.model import Close, VenueType
from tests.venues import alpaca_faults as fault
from tests.venues.alpaca_bodies import bar, connector
from tests.venues.alpaca_server import AlpacaServer

D = Decimal
STOCKS, CRYPTO = "/v2/stocks/bars", "/v1beta3/crypto/us/bars"
FIRST, LAST = date(2026, 3, 5), date(2026, 3, 10)


def test_the_consolidated_tape_is_asked_adjusted_and_never_for_a_day_that_is_not_over() -> None:
    """`feed` is left out; the range ends long before the last fifteen minutes. It is 2026-07-05 there."""
    with AlpacaServer() as server:
        connector(server.url).closes("AAPL", FIRST, date(2030, 1, 1))
        (seen,) = server.requests
    assert seen.path == STOCKS
    assert seen.query == {
        "symbols": "AAPL",
        "timeframe": "1Day",
        "start": "2026-03-05T00:00:00-05:00",
        "end": "2026-07-04T12:00:00-04:00",
        "limit": "10000",
        "sort": "asc",
        "adjustment": "all",
    }


@pytest.mark.parametrize(
    ("symbol", "kind", "form"),
    [
        ("BTC/USD", VenueType.EQUITIES, "BTC/USD"),
        ("BTCUSD", VenueType.EQUITIES, "BTC/USD"),
        ("OPUSD", VenueType.CRYPTO, "OP/USD"),
    ],
)
def test_coins_are_asked_where_they_are_and_are_not_adjusted(symbol: str, kind: VenueType, form: str) -> None:
    with AlpacaServer() as server:
        connector(server.url, kind).closes(symbol, FIRST, LAST)
        (seen,) = server.requests
    assert (seen.path, seen.query["symbols"]) == (CRYPTO, form)
    assert "adjustment" not in seen.query
    assert seen.query["start"] == "2026-03-05T00:00:00+00:00"


def test_a_stocks_day_is_new_yorks_on_both_sides_of_the_change_of_clocks() -> None:
    """Clocks went forward on 2026-03-08: midnight in New York is 05:00 UTC before it and 04:00 after."""
    labels = [datetime(2026, 3, 6, 5, tzinfo=UTC), datetime(2026, 3, 9, 4, tzinfo=UTC)]
    with AlpacaServer() as server:
        server.bars["AAPL"] = [bar(at, 190.5 + number) for number, at in enumerate(labels)]
        found = connector(server.url).closes("AAPL", FIRST, LAST)
    assert found == (Close(date(2026, 3, 6), D("190.5")), Close(date(2026, 3, 9), D("191.5")))


def test_a_coins_day_is_utcs() -> None:
    with AlpacaServer() as server:
        server.bars["BTC/USD"] = [bar(datetime(2026, 3, 6, tzinfo=UTC), 60000.25)]
        assert connector(server.url).closes("BTC/USD", FIRST, LAST) == (
            Close(date(2026, 3, 6), D("60000.25")),
        )


def test_closes_of_an_option_are_refused_unsent() -> None:
    with AlpacaServer() as server:
        with pytest.raises(Unsupported, match="not of an option"):
            connector(server.url, VenueType.OPTIONS).closes("AAPL260918C00200000", FIRST, LAST)
        assert server.requests == []


def test_a_page_that_leads_to_itself_ends_in_a_fault() -> None:
    again = fault.body('{"bars": {}, "next_page_token": "QUFQTA=="}')
    with (
        AlpacaServer(faults={STOCKS: again}) as server,
        pytest.raises(VenueError, match="the pages do not advance"),
    ):
        connector(server.url).closes("AAPL", FIRST, LAST)


ONE = '{"t": "2026-03-06T05:00:00Z", "c": 190.5}'


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        (f"[{ONE}, {ONE}]", "expected one bar a day, oldest first"),
        (f'[{{"t": "2026-03-09T04:00:00Z", "c": 1}}, {ONE}]', "expected one bar a day, oldest first"),
        ('[{"t": "2026-03-06T05:00:00Z", "c": 0}]', "expected a close above zero"),
        ('[{"t": "2026-03-06T05:00:00Z", "c": -1}]', "expected a close above zero"),
        ('[{"t": "2026-03-06T05:00:00Z", "c": "1"}]', "c: expected a JSON number"),
        ('[{"t": "2026-03-06T05:00:00Z"}]', "c: Field required"),
        ('[{"t": "2026-03-06", "c": 1}]', "t: expected a time with its offset"),
        ('[{"t": "0001-01-01T00:00:00+14:00", "c": 1}]', "t: expected an RFC 3339 time, found one beyond"),
        ('[{"t": "0001-01-01T00:00:00Z", "c": 1}]', "t: expected a time within the calendar"),
        ("{}", "bars.AAPL"),
    ],
)
def test_bars_that_cannot_be_closes_are_a_fault(rows: str, place: str) -> None:
    text = f'{{"bars": {{"AAPL": {rows}}}, "next_page_token": null}}'
    with AlpacaServer(faults={STOCKS: fault.body(text)}) as server, pytest.raises(VenueError, match=place):
        connector(server.url).closes("AAPL", FIRST, LAST)


@pytest.mark.parametrize("text", ['{"bars": null, "next_page_token": null}', '{"bars": {"KO": []}}'])
def test_no_bars_are_no_closes(text: str) -> None:
    with AlpacaServer(faults={STOCKS: fault.body(text)}) as server:
        assert connector(server.url).closes("AAPL", FIRST, LAST) == ()


def test_bars_in_another_currency_are_a_fault() -> None:
    text = '{"bars": {}, "next_page_token": null, "currency": "EUR"}'
    with (
        AlpacaServer(faults={STOCKS: fault.body(text)}) as server,
        pytest.raises(VenueError, match="expected bars in USD"),
    ):
        connector(server.url).closes("AAPL", FIRST, LAST)
