"""Our adapter and alpaca-py on one exchange: the same account, positions, orders, fills, number for number.

alpaca-py gives texts for the trading API's numbers (taken as Decimal here) and floats for fills and
quotes: those are compared as the shortest decimal that is that float.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from git_qoc.desk.secrets import Secret
from git_qoc.errors import OrderRejected, OrderUnknown, RateLimited, VenueError
from git_qoc.model import FlowKind, OrderLeg, OrderRequest, OrderStatus, OrderType, Side, VenueType
from git_qoc.venues.alpaca import Alpaca
from git_qoc.venues.alpaca_symbols import joined
from git_qoc.venues.base import Settings
from tests.exchange.alpaca_py import (
    QueryOrderStatus,
    StockHistoricalDataClient,
    StockLatestQuoteRequest,
    TradeActivity,
    TradingClient,
    ask,
)
from tests.exchange.running import Running

D = Decimal
CALL, HIGHER = "AAPL170317C00030000", "AAPL170317C00032000"
LONG_AGO = datetime(2017, 1, 1, tzinfo=UTC)


def ours(exchange: Running, kind: VenueType = VenueType.EQUITIES) -> Alpaca:
    pair = {"api_key": Secret("any"), "api_secret": Secret("thing")}
    settings = Settings(
        name="main",
        type=kind,
        secrets=pair,
        clock=exchange.exchange.clock,
        state_dir=exchange.engine.path.parent,
        timeout_s=10.0,
        base_url=exchange.url,
    )
    return Alpaca(settings)


@pytest.fixture
def theirs(exchange: Running) -> Any:
    return TradingClient("any", "thing", url_override=exchange.url)


@pytest.fixture
def traded(exchange: Running) -> Running:
    """An account with something of everything, on its second day."""

    def place(kind: VenueType, *args: Any, **more: Any) -> None:
        ours(exchange, kind).place(OrderRequest(*args, **more))

    stocks, coins, options = VenueType.EQUITIES, VenueType.CRYPTO, VenueType.OPTIONS
    place(stocks, "a", "AAPL", Side.BUY, D("10.123456789"), OrderType.MARKET)
    place(stocks, "b", "XOM", Side.SELL, D(7), OrderType.MARKET)
    place(stocks, "c", "KO", Side.BUY, D(5), OrderType.LIMIT, D("20.25"), time_in_force="gtc")
    place(stocks, "d", "KO", Side.BUY, D(5), OrderType.STOP, None, D(90), time_in_force="gtc")
    place(stocks, "e", "AAPL", Side.SELL, D(4), OrderType.STOP_LIMIT, D(9), D(10), time_in_force="gtc")
    place(coins, "f", "BTC/USD", Side.BUY, D("0.123456789"), OrderType.MARKET, time_in_force="gtc")
    place(coins, "g", "BTCUSD", Side.BUY, D(2), OrderType.LIMIT, D("900.01"), time_in_force="gtc")
    legs = (OrderLeg(CALL, D(1)), OrderLeg(HIGHER, D(-1)))
    place(options, "h", "", Side.BUY, D(3), OrderType.MARKET, legs=legs)
    place(options, "i", "", Side.BUY, D(2), OrderType.LIMIT, D("0.5"), time_in_force="gtc", legs=legs)
    place(options, "j", CALL, Side.BUY, D(1), OrderType.LIMIT, D("0.05"), time_in_force="gtc")
    exchange.post("/qoc/cash", id="more", amount="1234.56")
    exchange.at("2017-03-02T12:00:00-05:00")
    place(stocks, "k", "AAPL", Side.SELL, D(1), OrderType.MARKET)
    return exchange


def shortest(number: float) -> Decimal:
    return D(repr(number))


def test_the_account_is_the_same(traded: Running, theirs: Any) -> None:
    mine, other = ours(traded).account(), theirs.get_account()
    assert mine.account_id == str(other.id)
    assert mine.cash is not None
    assert [(cash.currency, cash.amount) for cash in mine.cash] == [("USD", D(other.cash))]
    assert (mine.equity_usd, mine.margin_usd, mine.venue_buying_power_usd) == (
        D(other.equity),
        D(other.initial_margin),
        D(other.buying_power),
    )
    assert mine.leverage == D(other.multiplier)
    assert mine.blocked == ""


def test_the_positions_are_the_same(traded: Running, theirs: Any) -> None:
    mine = {one.symbol: (one.quantity, one.avg_cost, one.mark) for one in ours(traded).positions()}
    other = {
        one.symbol: (D(one.qty), D(one.avg_entry_price), D(one.current_price))
        for one in theirs.get_all_positions()
    }
    assert mine == other
    assert set(mine) == {"AAPL", "XOM", "BTCUSD", CALL, HIGHER}


def test_cash_and_positions_add_up_to_the_equity(traded: Running) -> None:
    venue = ours(traded)
    account = venue.account()
    assert account.cash is not None
    values = [one.quantity * (one.mark or 0) * one.multiplier for one in venue.positions()]
    assert account.cash[0].amount + sum(values) == account.equity_usd


def side_of(order: Any) -> str | None:
    return None if order.side is None else order.side.value


def test_the_open_orders_are_the_same(traded: Running, theirs: Any) -> None:
    mine = {
        one.client_order_id: (
            one.order_id,
            one.symbol,
            one.side and one.side.value,
            one.quantity,
            one.filled_quantity,
            one.type and one.type.value,
            one.limit_price,
            one.stop_price,
            [(leg.symbol, leg.ratio) for leg in one.legs],
            one.submitted_at,
        )
        for one in ours(traded).open_orders()
    }
    other = {
        one.client_order_id: (
            str(one.id),
            joined(one.symbol or ""),
            side_of(one),
            D(one.qty),
            D(one.filled_qty),
            one.type.value,
            one.limit_price and D(one.limit_price),
            one.stop_price and D(one.stop_price),
            [
                (leg.symbol, D(leg.ratio_qty) * (1 if leg.side.value == "buy" else -1))
                for leg in one.legs or []
            ],
            one.submitted_at,
        )
        for one in theirs.get_orders(ask.GetOrdersRequest(status=QueryOrderStatus.OPEN, nested=True))
    }
    assert mine == other
    assert set(mine) == set("cdegij")


def test_one_order_is_the_same_by_its_client_id(traded: Running, theirs: Any) -> None:
    for name in "abfhk":
        mine, other = ours(traded).order(name), theirs.get_order_by_client_id(name)
        assert mine is not None
        assert (mine.order_id, mine.status, mine.filled_quantity) == (
            str(other.id),
            OrderStatus.FILLED,
            D(other.filled_qty),
        )
    assert ours(traded).order("none") is None


def test_the_fills_are_the_same(traded: Running, theirs: Any) -> None:
    mine = [
        (one.fill_id, one.order_id, one.symbol, one.side.value, one.quantity, one.price, one.time)
        for one in ours(traded).fills(LONG_AGO)
    ]
    other = [
        (
            row.id,
            str(row.order_id),
            joined(row.symbol),
            row.side.value,
            shortest(row.qty),
            shortest(row.price),
            row.transaction_time,
        )
        for row in (
            TradeActivity(**one) for one in theirs.get("/account/activities/FILL", {"direction": "asc"})
        )
    ]
    # a, b, f, two legs of h, k.
    assert len(mine) == 6
    assert mine == other


def test_flows_are_the_deposits(traded: Running) -> None:
    flows = ours(traded).flows(LONG_AGO)
    assert [(flow.kind, flow.amount_usd) for flow in flows] == [
        (FlowKind.DEPOSIT, D(100000)),
        (FlowKind.DEPOSIT, D("1234.56")),
    ]
    assert ours(traded).flows(datetime(2017, 3, 1, 17, tzinfo=UTC)) == ()


def test_the_history_is_the_same(traded: Running, theirs: Any) -> None:
    traded.at("2017-03-03T17:00:00-05:00")
    instants = tuple(datetime(2017, 3, day, 22, tzinfo=UTC) for day in (1, 2, 3))
    mine = [statement.account.equity_usd for statement in ours(traded).history(instants)]
    request = ask.GetPortfolioHistoryRequest(
        start=datetime(2017, 3, 1, 12, tzinfo=UTC), end=instants[-1], timeframe="1D"
    )
    assert [float(one) for one in mine if one is not None] == theirs.get_portfolio_history(request).equity
    assert len(mine) == 3


def test_the_quotes_are_the_same(traded: Running) -> None:
    mine = ours(traded).quotes(["AAPL", "KO", "NOSUCH"])
    stocks: Any = StockHistoricalDataClient("any", "thing", url_override=traded.url)
    other = stocks.get_stock_latest_quote(StockLatestQuoteRequest(symbol_or_symbols=["AAPL", "KO"]))
    assert {name: (quote.bid, quote.ask, quote.time) for name, quote in mine.items()} == {
        name: (shortest(quote.bid_price), shortest(quote.ask_price), quote.timestamp)
        for name, quote in other.items()
    }


def test_an_order_placed_by_one_is_canceled_by_the_other(traded: Running, theirs: Any) -> None:
    theirs.cancel_order_by_id(theirs.get_order_by_client_id("c").id)
    found = ours(traded).order("c")
    assert found is not None
    assert found.status is OrderStatus.CANCELED
    assert ours(traded).cancel("d").status is OrderStatus.CANCELED
    assert theirs.get_order_by_client_id("d").status.value == "canceled"
    assert ours(traded).health() is None


@pytest.mark.parametrize("fault", ["500-after", "504-after", "drop-after", "truncate", "malformed"])
def test_an_order_without_an_answer_is_unknown_and_found_again(exchange: Running, fault: str) -> None:
    venue = ours(exchange)
    exchange.post("/qoc/faults", plan=f"{fault}@POST:/v2/orders")
    request = OrderRequest("once", "KO", Side.BUY, D(1), OrderType.MARKET)
    with pytest.raises(OrderUnknown):
        venue.place(request)
    found = venue.order("once")
    assert found is not None
    assert found.status is OrderStatus.FILLED
    with pytest.raises(OrderUnknown):
        venue.place(request)
    assert [fill.quantity for fill in venue.fills(LONG_AGO)] == [D(1)]


@pytest.mark.parametrize("fault", ["500-before", "504-before", "429=30", "drop-before"])
def test_an_order_that_never_arrived_is_not_found(exchange: Running, fault: str) -> None:
    exchange.post("/qoc/faults", plan=f"{fault}@POST:/v2/orders")
    with pytest.raises(OrderUnknown):
        ours(exchange).place(OrderRequest("once", "KO", Side.BUY, D(1), OrderType.MARKET))
    assert ours(exchange).order("once") is None


def test_a_read_is_asked_again_after_a_fault(exchange: Running) -> None:
    exchange.post("/qoc/faults", plan="504-before@/v2/account")
    assert ours(exchange).account().equity_usd == D(100000)
    exchange.post("/qoc/faults", plan="429=600@/v2/account")
    with pytest.raises(RateLimited):
        ours(exchange).account()


def test_fills_that_come_twice_and_out_of_order_are_read_once_and_sorted(traded: Running) -> None:
    plain = list(ours(traded).fills(LONG_AGO))
    traded.post("/qoc/faults", plan="9*duplicate,shuffle@/v2/account/activities/FILL")
    assert list(ours(traded).fills(LONG_AGO)) == plain


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (OrderRequest("x", "KO", Side.BUY, D(10**6), OrderType.MARKET), "insufficient buying power"),
        (OrderRequest("x", "AAPL", Side.SELL, D(10**6), OrderType.MARKET), "insufficient"),
    ],
)
def test_a_refusal_is_told_with_the_exchanges_reason(
    exchange: Running, request_: OrderRequest, words: str
) -> None:
    with pytest.raises(OrderRejected, match=words):
        ours(exchange).place(request_)


def test_a_wrong_key_is_refused(exchange: Running, tmp_path: Any) -> None:
    (tmp_path / "other").mkdir()
    with Running(tmp_path / "other", key="k", secret="s") as guarded:
        reads: list[Callable[[], object]] = [ours(guarded).account, ours(guarded).positions]
        for read in reads:
            with pytest.raises(VenueError, match="401"):
                read()
