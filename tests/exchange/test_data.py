"""What can be traded and when, and at which prices: the closes of the data."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.exchange.running import Running

D = Decimal
CALL = "AAPL170317C00030000"


def test_the_calendar_has_the_sessions(idle: Running) -> None:
    days = idle.get("/v2/calendar", start="2017-01-13", end="2017-01-18")
    # 2017-01-16 was Martin Luther King Day.
    assert [day["date"] for day in days] == ["2017-01-13", "2017-01-17", "2017-01-18"]
    assert days[0]["settlement_date"] == "2017-01-17"
    settled = idle.get("/v2/calendar", start="2017-01-17", end="2017-01-17", date_type="SETTLEMENT")
    assert [day["date"] for day in settled] == ["2017-01-13"]
    assert idle("GET", "/v2/calendar", start="1000-01-01", end="2017-01-01").status == 422


def test_assets_are_listed_by_class(idle: Running) -> None:
    stocks = idle.get("/v2/assets")
    assert [row["symbol"] for row in stocks] == ["AAPL", "JPM", "KO", "MSFT", "UNH", "XOM"]
    coins = idle.get("/v2/assets", asset_class="crypto")
    assert [row["symbol"] for row in coins] == ["BTC/USD"]
    assert [row["symbol"] for row in idle.get("/v2/assets", exchange="NASDAQ")] == ["AAPL", "MSFT"]
    assert idle.get("/v2/assets", status="inactive") == []
    assert idle.get(f"/v2/assets/{coins[0]['id']}") == idle.get("/v2/assets/BTC%2FUSD") == coins[0]
    assert idle("GET", "/v2/assets", asset_class="moons").status == 422


def test_option_contracts_are_selected_and_paged(idle: Running) -> None:
    query = {"underlying_symbols": "AAPL", "expiration_date": "2017-03-17", "type": "call"}
    whole = idle.get("/v2/options/contracts", **query)
    assert whole["next_page_token"] is None
    rows = whole["option_contracts"]
    assert {(row["root_symbol"], row["expiration_date"], row["type"]) for row in rows} == {
        ("AAPL", "2017-03-17", "call")
    }
    paged: list[Any] = []
    more: dict[str, str] | None = {}
    while more is not None:
        page = idle.get("/v2/options/contracts", **query, limit="2", **more)
        paged += page["option_contracts"]
        more = {"page_token": page["next_page_token"]} if page["next_page_token"] else None
    assert paged == rows
    some = idle.get("/v2/options/contracts", **query, strike_price_gte="30", strike_price_lte="31")
    assert {row["strike_price"] for row in some["option_contracts"]} == {"30", "31"}
    one = idle.get(f"/v2/options/contracts/{CALL}")
    assert (one["strike_price"], one["size"], one["deliverables"][0]["type"]) == ("30", "100", "cash")
    assert idle.get("/v2/options/contracts", style="american")["option_contracts"] == []


def test_latest_market_data_is_the_last_close(exchange: Running) -> None:
    quotes = exchange.get("/v2/stocks/quotes/latest", symbols="AAPL,NOSUCH,BTC/USD")["quotes"]
    assert set(quotes) == {"AAPL"}
    assert (quotes["AAPL"]["bp"], quotes["AAPL"]["ap"], quotes["AAPL"]["t"]) == (
        D("32.096"),
        D("32.096"),
        "2017-02-28T21:00:00Z",
    )
    one = exchange.get("/v2/stocks/AAPL/quotes/latest")
    assert one == {"quote": quotes["AAPL"], "symbol": "AAPL"}
    assert exchange.get("/v2/stocks/KO/trades/latest")["trade"]["p"] == D("34.103")
    assert exchange.get("/v2/stocks/bars/latest", symbols="KO")["bars"]["KO"]["c"] == D("34.103")
    coin = exchange.get("/v1beta3/crypto/us/latest/quotes", symbols="BTC/USD")["quotes"]["BTC/USD"]
    assert (coin["bp"], coin["t"]) == (D("1192.69"), "2017-03-01T00:00:00Z")
    option = exchange.get("/v1beta1/options/trades/latest", symbols=CALL)["trades"][CALL]
    assert option["p"] == D(exchange.order(CALL, "1")["filled_avg_price"])
    assert exchange("GET", "/v2/stocks/quotes/latest").status == 400
    assert exchange("GET", "/v2/stocks/quotes/latest", symbols="AAPL", currency="EUR").status == 400
    assert exchange("GET", "/v2/stocks/NOSUCH/quotes/latest").status == 404


def test_a_snapshot_has_the_last_price_and_the_last_two_days(idle: Running) -> None:
    one = idle.get("/v2/stocks/AAPL/snapshot")
    assert (one["latestTrade"]["p"], one["latestQuote"]["bp"]) == (D("32.096"), D("32.096"))
    assert (one["dailyBar"]["t"], one["dailyBar"]["c"]) == ("2017-02-28T05:00:00Z", D("32.096"))
    assert (one["prevDailyBar"]["t"], one["prevDailyBar"]["c"]) == ("2017-02-27T05:00:00Z", D("32.082"))
    assert one["dailyBar"] == idle.get("/v2/stocks/AAPL/bars/latest")["bar"]
    many = idle.get("/v2/stocks/snapshots", symbols="AAPL,NOSUCH")
    assert many == {"AAPL": {name: row for name, row in one.items() if name != "symbol"}}
    coin = idle.get("/v1beta3/crypto/us/snapshots", symbols="BTC/USD")["snapshots"]["BTC/USD"]
    assert coin["dailyBar"]["c"] == coin["latestTrade"]["p"] == D("1192.69")
    assert idle("GET", "/v2/stocks/NOSUCH/snapshot").status == 404


def test_daily_bars_end_with_the_last_close_that_is_known(idle: Running) -> None:
    query = {"symbols": "AAPL,KO", "timeframe": "1Day", "start": "2017-02-27"}
    found = idle.get("/v2/stocks/bars", **query)
    assert [row["c"] for row in found["bars"]["AAPL"]] == [D("32.082"), D("32.096")]
    assert [row["t"] for row in found["bars"]["KO"]] == ["2017-02-27T05:00:00Z", "2017-02-28T05:00:00Z"]
    first = idle.get("/v2/stocks/bars", **query, limit="3")
    rest = idle.get("/v2/stocks/bars", **query, limit="3", page_token=first["next_page_token"])
    assert first["bars"]["AAPL"] == found["bars"]["AAPL"]
    assert first["bars"]["KO"] + rest["bars"]["KO"] == found["bars"]["KO"]
    assert rest["next_page_token"] is None
    newest = idle.get("/v2/stocks/AAPL/bars", timeframe="1Day", sort="desc", limit="1")
    assert [row["c"] for row in newest["bars"]] == [D("32.096")]
    coins = idle.get("/v1beta3/crypto/us/bars", symbols="BTC/USD", timeframe="1Day", start="2017-02-28")
    assert [(row["t"], row["c"]) for row in coins["bars"]["BTC/USD"]] == [
        ("2017-02-28T00:00:00Z", D("1192.69"))
    ]
    assert idle("GET", "/v2/stocks/bars", symbols="AAPL", timeframe="1Min").status == 400
