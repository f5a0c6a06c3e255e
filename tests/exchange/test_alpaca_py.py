"""alpaca-py, unchanged, through its whole order life.

The account begins on 2017-03-01 with 100,000 USD. Closes: AAPL 32.096, KO 34.103, BTC 1192.69.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.exchange.alpaca_py import (
    APIError,
    AssetClass,
    ContractType,
    CryptoHistoricalDataClient,
    CryptoLatestQuoteRequest,
    CryptoLatestTradeRequest,
    NonTradeActivity,
    OptionHistoricalDataClient,
    OptionLatestQuoteRequest,
    OrderClass,
    OrderSide,
    OrderStatus,
    OrderType,
    PositionSide,
    QueryOrderStatus,
    StockBarsRequest,
    StockHistoricalDataClient,
    StockLatestBarRequest,
    StockLatestQuoteRequest,
    StockLatestTradeRequest,
    TimeFrame,
    TimeInForce,
    TradeActivity,
    TradingClient,
    ask,
)
from tests.exchange.running import Running

CALL, HIGHER = "AAPL170317C00030000", "AAPL170317C00032000"
DAY, GTC, BUY, SELL = TimeInForce.DAY, TimeInForce.GTC, OrderSide.BUY, OrderSide.SELL


@pytest.fixture
def client(exchange: Running) -> Any:
    """Its methods return a model or, with raw_data, a dict: Any, to not tell them apart everywhere."""
    return TradingClient("key", "secret", url_override=exchange.url)


def submit(client: Any, kind: Any, symbol: str, qty: float | None, **more: Any) -> Any:
    more = {"side": BUY, "time_in_force": DAY, **more}
    return client.submit_order(kind(symbol=symbol, qty=qty, **more))


def test_account_clock_calendar_and_assets(client: Any) -> None:
    account = client.get_account()
    assert (account.cash, account.equity, account.buying_power, account.multiplier) == (
        "100000",
        "100000",
        "200000",
        "2",
    )
    assert client.get_account_configurations().fractional_trading is True
    clock = client.get_clock()
    assert (clock.is_open, clock.timestamp) == (True, datetime(2017, 3, 1, 17, tzinfo=UTC))
    days = client.get_calendar(ask.GetCalendarRequest(start=date(2017, 1, 13), end=date(2017, 1, 17)))
    assert [day.date for day in days] == [date(2017, 1, 13), date(2017, 1, 17)]
    assets = client.get_all_assets(ask.GetAssetsRequest(asset_class=AssetClass.US_EQUITY))
    assert "AAPL" in [asset.symbol for asset in assets]
    assert client.get_asset("BTC/USD").asset_class is AssetClass.CRYPTO
    chain = client.get_option_contracts(
        ask.GetOptionContractsRequest(
            underlying_symbols=["AAPL"], expiration_date=date(2017, 3, 17), type=ContractType.CALL
        )
    )
    assert {CALL, HIGHER} <= {one.symbol for one in chain.option_contracts}
    assert client.get_option_contract(CALL).strike_price == 30


@dataclass(frozen=True)
class Book:
    """One order of every type, as answered."""

    market: Any
    money: Any
    limit: Any
    stop: Any
    stop_limit: Any
    coin: Any
    short: Any
    spread: Any


def book(client: Any) -> Book:
    legs = [
        ask.OptionLegRequest(symbol=CALL, ratio_qty=1, side=BUY),
        ask.OptionLegRequest(symbol=HIGHER, ratio_qty=1, side=SELL),
    ]
    gtc = {"time_in_force": GTC}
    return Book(
        submit(client, ask.MarketOrderRequest, "AAPL", 10, client_order_id="market"),
        client.submit_order(
            ask.MarketOrderRequest(symbol="KO", notional=341.03, side=BUY, time_in_force=DAY)
        ),
        submit(client, ask.LimitOrderRequest, "KO", 5, limit_price=20.5, client_order_id="limit", **gtc),
        submit(client, ask.StopOrderRequest, "KO", 5, stop_price=90, **gtc),
        submit(client, ask.StopLimitOrderRequest, "KO", 5, stop_price=90, limit_price=91, **gtc),
        submit(client, ask.MarketOrderRequest, "BTC/USD", 0.5, **gtc),
        submit(client, ask.MarketOrderRequest, "XOM", 3, side=SELL),
        client.submit_order(
            ask.MarketOrderRequest(qty=2, order_class=OrderClass.MLEG, time_in_force=DAY, legs=legs)
        ),
    )


def test_orders_of_every_type_are_taken(client: Any) -> None:
    done = book(client)
    market = done.market
    assert (market.status, market.filled_qty, market.filled_avg_price) == (OrderStatus.FILLED, "10", "32.096")
    # 341.03 at 34.103 a share.
    assert (done.money.notional, done.money.filled_qty) == ("341.03", "10")
    assert {order.status for order in (done.limit, done.stop, done.stop_limit)} == {OrderStatus.NEW}
    assert (done.stop_limit.type, done.stop_limit.stop_price, done.stop_limit.limit_price) == (
        OrderType.STOP_LIMIT,
        "90",
        "91",
    )
    assert (done.coin.asset_class, done.coin.filled_avg_price) == (AssetClass.CRYPTO, "1192.69")
    assert (done.short.side, done.short.filled_qty) == (SELL, "3")
    spread = done.spread
    assert (spread.status, spread.order_class, len(spread.legs)) == (OrderStatus.FILLED, OrderClass.MLEG, 2)


def refusal(call: Any, *args: Any) -> tuple[int, int, str]:
    with pytest.raises(APIError) as caught:
        call(*args)
    return caught.value.status_code, caught.value.code, caught.value.message


def test_what_is_refused_is_an_api_error(client: Any) -> None:
    submit(client, ask.MarketOrderRequest, "AAPL", 10, client_order_id="market")
    dear = ask.MarketOrderRequest(symbol="AAPL", qty=1e6, side=BUY, time_in_force=DAY)
    assert refusal(client.submit_order, dear) == (403, 40310000, "insufficient buying power")
    unknown = ask.MarketOrderRequest(symbol="NOSUCH", qty=1, side=BUY, time_in_force=DAY)
    assert refusal(client.submit_order, unknown) == (422, 42210000, 'asset "NOSUCH" not found')
    trailing = ask.TrailingStopOrderRequest(
        symbol="AAPL", qty=1, side=SELL, time_in_force=DAY, trail_percent=1
    )
    assert refusal(client.submit_order, trailing)[:2] == (422, 42210000)
    bracket = ask.MarketOrderRequest(
        symbol="AAPL",
        qty=1,
        side=BUY,
        time_in_force=DAY,
        order_class=OrderClass.BRACKET,
        take_profit=ask.TakeProfitRequest(limit_price=90),
        stop_loss=ask.StopLossRequest(stop_price=10),
    )
    assert refusal(client.submit_order, bracket) == (422, 42210000, "bracket orders are not supported")
    twice = ask.MarketOrderRequest(
        symbol="AAPL", qty=1, side=BUY, time_in_force=DAY, client_order_id="market"
    )
    assert refusal(client.submit_order, twice) == (422, 40010001, "client_order_id must be unique")
    assert refusal(client.get_open_position, "MSFT") == (404, 40410000, "position does not exist")
    assert refusal(client.get_order_by_client_id, "none") == (404, 40410000, "order not found for none")
    assert refusal(client.get_watchlists)[0] == 404


def test_orders_are_found_by_status_symbol_and_id(client: Any) -> None:
    book(client)

    def listed(**query: Any) -> list[Any]:
        return list(client.get_orders(ask.GetOrdersRequest(**query)))

    assert [order.type for order in listed()] == [OrderType.STOP_LIMIT, OrderType.STOP, OrderType.LIMIT]
    assert len(listed(status=QueryOrderStatus.ALL)) == 8
    assert len(listed(status=QueryOrderStatus.CLOSED)) == 5
    assert len(listed(status=QueryOrderStatus.ALL, symbols=["AAPL", "BTC/USD"])) == 2
    assert [order.symbol for order in listed(status=QueryOrderStatus.ALL, side=SELL)] == ["XOM"]
    first = client.get_order_by_client_id("limit")
    assert client.get_order_by_id(first.id) == first


def test_an_order_is_replaced_and_canceled_and_all_are(client: Any) -> None:
    old = book(client).limit
    new = client.replace_order_by_id(old.id, ask.ReplaceOrderRequest(qty=3, limit_price=21.25))
    assert (new.qty, new.limit_price, new.replaces) == ("3", "21.25", old.id)
    gone = client.get_order_by_id(old.id)
    assert (gone.status, gone.replaced_by) == (OrderStatus.REPLACED, new.id)
    client.cancel_order_by_id(new.id)
    assert client.get_order_by_id(new.id).status is OrderStatus.CANCELED
    assert refusal(client.cancel_order_by_id, new.id)[2] == 'order is already in "canceled" state'
    assert [row.status for row in client.cancel_orders()] == [200, 200]
    assert client.get_orders() == []


def test_positions_say_what_was_bought(client: Any) -> None:
    book(client)
    held = {position.symbol: position for position in client.get_all_positions()}
    assert set(held) == {"AAPL", "KO", "XOM", "BTCUSD", CALL, HIGHER}
    assert (held["AAPL"].qty, held["AAPL"].avg_entry_price, held["AAPL"].side) == (
        "10",
        "32.096",
        PositionSide.LONG,
    )
    assert (held["XOM"].qty, held["XOM"].side) == ("-3", PositionSide.SHORT)
    assert held[HIGHER].side is PositionSide.SHORT
    assert client.get_open_position("BTCUSD") == held["BTCUSD"]


def test_activities_parse_and_page(client: Any) -> None:
    book(client)
    rows, query = [], {"page_size": 2, "direction": "asc"}
    while page := client.get("/account/activities/FILL", query):
        rows += [TradeActivity(**row) for row in page]
        query["page_token"] = page[-1]["id"]
    # The spread filled two legs.
    assert [(row.symbol, row.side, row.qty) for row in rows] == [
        ("AAPL", BUY, 10),
        ("KO", BUY, 10),
        ("BTC/USD", BUY, 0.5),
        ("XOM", SELL, 3),
        (CALL, BUY, 2),
        (HIGHER, SELL, 2),
    ]
    deposits = [NonTradeActivity(**row) for row in client.get("/account/activities/CSD")]
    assert [row.net_amount for row in deposits] == [100000]


def test_latest_market_data(exchange: Running) -> None:
    stocks: Any = StockHistoricalDataClient("key", "secret", url_override=exchange.url)
    quotes = stocks.get_stock_latest_quote(StockLatestQuoteRequest(symbol_or_symbols=["AAPL", "KO"]))
    assert {name: quote.bid_price for name, quote in quotes.items()} == {"AAPL": 32.096, "KO": 34.103}
    trade = stocks.get_stock_latest_trade(StockLatestTradeRequest(symbol_or_symbols="AAPL"))
    assert trade["AAPL"].price == 32.096
    bar = stocks.get_stock_latest_bar(StockLatestBarRequest(symbol_or_symbols="AAPL"))
    assert bar["AAPL"].close == 32.096
    request = StockBarsRequest(
        symbol_or_symbols="AAPL", timeframe=TimeFrame.Day, start=datetime(2017, 2, 27, tzinfo=UTC)
    )
    assert [row.close for row in stocks.get_stock_bars(request)["AAPL"]] == [32.082, 32.096]
    coins: Any = CryptoHistoricalDataClient(url_override=exchange.url)
    quote = coins.get_crypto_latest_quote(CryptoLatestQuoteRequest(symbol_or_symbols="BTC/USD"))["BTC/USD"]
    assert quote.ask_price == 1192.69
    coin = coins.get_crypto_latest_trade(CryptoLatestTradeRequest(symbol_or_symbols="BTC/USD"))["BTC/USD"]
    assert coin.price == 1192.69
    options: Any = OptionHistoricalDataClient("key", "secret", url_override=exchange.url)
    found = options.get_option_latest_quote(OptionLatestQuoteRequest(symbol_or_symbols=CALL))
    assert found[CALL].bid_price == found[CALL].ask_price > 0


def test_a_position_is_closed_in_part_and_all_are_closed(client: Any) -> None:
    book(client)
    part = client.close_position("AAPL", ask.ClosePositionRequest(percentage="50"))
    assert (part.qty, part.side) == ("5", SELL)
    closed = client.close_all_positions(cancel_orders=True)
    assert {row.symbol for row in closed} == {"AAPL", "KO", "XOM", "BTCUSD", CALL, HIGHER}
    assert {row.status for row in closed} == {200}
    assert client.get_all_positions() == []
    # Bought and sold at the same closes, without fees.
    assert client.get_account().cash == "100000"


def test_portfolio_history(exchange: Running, client: Any) -> None:
    submit(client, ask.MarketOrderRequest, "AAPL", 10)
    exchange.at("2017-03-02T17:00:00-05:00")
    request = ask.GetPortfolioHistoryRequest(
        start=datetime(2017, 3, 1, 5, tzinfo=UTC),
        end=datetime(2017, 3, 2, 23, tzinfo=UTC),
        timeframe="1D",
        cashflow_types="CSD",
    )
    found = client.get_portfolio_history(request)
    assert found.equity == [100006.56, 100004.62]
    assert [list(row) for row in found.cashflow.values()] == [[100000, 0]]
    assert Decimal(client.get_account().equity) == Decimal("100004.62")
