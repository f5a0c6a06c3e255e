"""Sizes and prices as the asset takes them; Alpaca's published example of AAPL is fractionable."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from git_qoc.errors import OrderUnknown, Unsupported, VenueError
from git_qoc.model import Order, OrderRequest, OrderType, Side, VenueType
from tests.venues import alpaca_faults as fault
from tests.venues.alpaca_bodies import Body, connector, position
from tests.venues.alpaca_server import AlpacaServer

D = Decimal


def place(
    symbol: str, quantity: str, limit: str, asset: dict[str, Any], kind: VenueType = VenueType.EQUITIES
) -> Order:
    force = "gtc" if kind is VenueType.CRYPTO else "day"
    request = OrderRequest(
        "c", symbol, Side.BUY, D(quantity), OrderType.LIMIT, limit_price=D(limit), time_in_force=force
    )
    with AlpacaServer() as server:
        server.assets = {"BTC/USD" if kind is VenueType.CRYPTO else symbol: asset}
        try:
            return connector(server.url, kind).place(request)
        except Unsupported:
            assert server.orders_sent() == []
            raise


@pytest.mark.parametrize(
    ("quantity", "asset", "sent"),
    [
        ("1.1234567899", {}, "1.123456789"),
        ("2.9", {"fractionable": False}, "2"),
        ("7", {"fractionable": False}, "7"),
    ],
)
def test_an_equity_is_cut_down_to_what_it_trades_in(quantity: str, asset: dict[str, Any], sent: str) -> None:
    assert place("AAPL", quantity, "150", asset).quantity == D(sent)


def test_a_coin_is_cut_down_to_its_increment() -> None:
    steps = {"class": "crypto", "exchange": "CRYPTO", "min_trade_increment": "0.0001", "price_increment": "1"}
    assert place("BTCUSD", "0.12349", "60000", steps, VenueType.CRYPTO).quantity == D("0.1234")


@pytest.mark.parametrize(
    ("symbol", "quantity", "limit", "asset", "why"),
    [
        ("AAPL", "0.5", "150", {"fractionable": False}, "trades AAPL in steps of 1"),
        ("AAPL", "1", "150.005", {}, "steps of 0.01, found 150.005. Take 150 or 150.01"),
        ("AAPL", "1", "0.12345", {}, "steps of 0.0001, found 0.12345. Take 0.1234 or 0.1235"),
        ("AAPL", "1", "150", {"tradable": False}, "does not trade AAPL"),
    ],
)
def test_what_does_not_trade_like_this_is_refused_unsent(
    symbol: str, quantity: str, limit: str, asset: dict[str, Any], why: str
) -> None:
    with pytest.raises(Unsupported, match=why):
        place(symbol, quantity, limit, asset)


def test_an_asset_that_is_not_there_is_refused_unsent() -> None:
    with AlpacaServer() as server:
        request = OrderRequest("c", "ZZZZ", Side.BUY, D(1), OrderType.MARKET)
        with pytest.raises(Unsupported, match="alpaca has no ZZZZ"):
            connector(server.url).place(request)
        assert server.orders_sent() == []


@pytest.mark.parametrize("answer", [fault.status(500), fault.body("[]")])
def test_an_asset_that_cannot_be_read_sends_no_order(answer: fault.Fault) -> None:
    with AlpacaServer(faults={"/v2/assets/AAPL": answer}) as server:
        request = OrderRequest("c", "AAPL", Side.BUY, D(1), OrderType.MARKET)
        with pytest.raises(VenueError) as caught:
            connector(server.url).place(request)
        assert not isinstance(caught.value, OrderUnknown)
        assert server.orders_sent() == []


def sell(
    quantity: str, asset: Body, *held: Body, kind: VenueType = VenueType.EQUITIES, force: str = "day"
) -> list[str]:
    """Paths asked before the order left."""
    symbol, form = ("BTCUSD", "BTC/USD") if kind is VenueType.CRYPTO else ("AAPL", "AAPL")
    request = OrderRequest("c", symbol, Side.SELL, D(quantity), OrderType.MARKET, time_in_force=force)
    with AlpacaServer(positions=held) as server:
        server.assets = {form: asset}
        try:
            connector(server.url, kind).place(request)
        finally:
            before = [seen.path for seen in server.requests if seen.method == "GET"]
            sent = len(server.orders_sent())
    assert sent == 1
    return before


def test_a_share_that_can_be_borrowed_is_sold_short_without_asking_for_positions() -> None:
    assert sell("3", {}) == ["/v2/assets/AAPL"]


@pytest.mark.parametrize(("quantity", "asset"), [("2", {"shortable": False}), ("0.5", {})])
def test_what_is_held_is_sold_even_where_it_cannot_be_shorted(quantity: str, asset: Body) -> None:
    assert sell(quantity, asset, position(qty="2")) == ["/v2/assets/AAPL", "/v2/positions"]


@pytest.mark.parametrize(
    ("quantity", "asset", "held", "why"),
    [
        ("3", {"shortable": False}, "2", "sell AAPL short: expected to sell at most the 2 held, found 3"),
        ("2.5", {}, "2", "sell a part of AAPL short: expected to sell at most the 2 held, found 2.5"),
        ("1", {"shortable": False}, "-2", "at most the -2 held"),
        ("1", {"shortable": False}, None, "at most the 0 held"),
    ],
)
def test_a_short_sale_that_cannot_be_is_refused_unsent(
    quantity: str, asset: Body, held: str | None, why: str
) -> None:
    side = "short" if held == "-2" else "long"
    rows = [] if held is None else [position(qty=held, side=side)]
    with AlpacaServer(positions=rows) as server:
        server.assets = {"AAPL": asset}
        request = OrderRequest("c", "AAPL", Side.SELL, D(quantity), OrderType.MARKET)
        with pytest.raises(Unsupported, match=why):
            connector(server.url).place(request)
        assert server.orders_sent() == []


def test_a_coin_is_sold_up_to_what_is_held() -> None:
    coin = {"class": "crypto", "exchange": "CRYPTO", "shortable": False, "min_trade_increment": "0.0001"}
    held = position("BTCUSD", qty="0.5", asset_class="crypto", exchange="CRYPTO")
    assert sell("0.5", coin, held, kind=VenueType.CRYPTO, force="gtc")[-1] == "/v2/positions"


def test_a_part_of_a_share_is_for_the_day_only() -> None:
    with AlpacaServer() as server:
        request = OrderRequest(
            "c", "AAPL", Side.BUY, D("0.5"), OrderType.LIMIT, limit_price=D(150), time_in_force="gtc"
        )
        with pytest.raises(Unsupported, match="parts of AAPL for the day only"):
            connector(server.url).place(request)
        assert server.orders_sent() == []
