from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from git_qoc.market.orders import NewOrder, Refusal, RefusalKind
from git_qoc.model import OrderStatus, OrderType, Side
from tests.market.trader import CLOSE, Trader, at

# closes.csv, 2016-07-05 to 07-08: AAPL 21.928 22.052 22.147 22.318; KO 36.317 36.189 36.045 36.277;
# UNH 127.525 128.264 126.841 127.264. Labor Day is 2016-09-05; summer time ended on 2016-11-06.
SIXTH, SEVENTH = at("2016-07-06T20:00"), at("2016-07-07T20:00")


def test_a_market_order_fills_at_the_last_close(trader: Trader) -> None:
    order = trader.buy("AAPL", "10")
    assert (order.status, order.average_price, order.filled_at) == (
        OrderStatus.FILLED,
        Decimal("21.928"),
        CLOSE,
    )
    assert trader.cash == 10_000_000 - 10 * Decimal("21.928")
    (execution,) = trader.market.executions()
    assert (execution.order_id, execution.price, execution.leaves) == (
        order.order_id,
        order.average_price,
        Decimal(0),
    )


@pytest.mark.parametrize(
    ("side", "limit", "fills"),
    [
        (Side.BUY, "21.928", True),
        (Side.BUY, "22", True),
        (Side.BUY, "21.927", False),
        (Side.SELL, "21.928", True),
        (Side.SELL, "21", True),
        (Side.SELL, "21.929", False),
    ],
)
def test_a_limit_order_fills_at_the_market_when_that_is_the_limit_or_better(
    trader: Trader, side: Side, limit: str, fills: bool
) -> None:
    trader.buy("AAPL", "1")
    order = (trader.buy if side is Side.BUY else trader.sell)("AAPL", "1", limit=limit)
    assert order.average_price == (Decimal("21.928") if fills else None)
    assert order.status is (OrderStatus.FILLED if fills else OrderStatus.OPEN)


@pytest.mark.parametrize(
    ("limit", "time", "price"), [("36.189", SIXTH, "36.189"), ("36.100", SEVENTH, "36.045")]
)
def test_a_resting_limit_order_fills_at_the_close_that_reaches_it(
    trader: Trader, limit: str, time: object, price: str
) -> None:
    order = trader.buy("KO", "10", limit=limit, tif="gtc")
    trader.now = at("2016-08-01")
    done = trader.again(order)
    assert (done.status, done.filled_at, done.average_price) == (OrderStatus.FILLED, time, Decimal(price))


@pytest.mark.parametrize(
    ("stop", "time", "price"), [("22.052", SIXTH, "22.052"), ("22.100", SEVENTH, "22.147")]
)
def test_a_buy_stop_fills_at_the_close_that_reaches_it_or_jumps_over_it(
    trader: Trader, stop: str, time: object, price: str
) -> None:
    order = trader.buy("AAPL", "10", stop=stop, tif="gtc")
    assert (order.status, order.triggered) == (OrderStatus.OPEN, False)
    trader.now = at("2016-08-01")
    done = trader.again(order)
    assert (done.filled_at, done.average_price, done.triggered) == (time, Decimal(price), True)


def test_a_sell_stop_fills_when_the_price_falls_to_it(trader: Trader) -> None:
    trader.buy("KO", "10")
    order = trader.sell("KO", "10", stop="36.2", tif="gtc")
    trader.now = at("2016-08-01")
    assert (trader.again(order).filled_at, trader.again(order).average_price) == (SIXTH, Decimal("36.189"))


def test_a_stop_limit_order_waits_for_its_limit_after_its_stop(trader: Trader) -> None:
    order = trader.buy("UNH", "10", stop="128", limit="127", tif="gtc")
    trader.now = SIXTH
    reached = trader.again(order)
    assert (reached.status, reached.triggered) == (OrderStatus.OPEN, True)
    trader.now = SEVENTH
    assert (trader.again(order).filled_at, trader.again(order).average_price) == (SEVENTH, Decimal("126.841"))


@pytest.mark.parametrize(
    ("placed", "ends"),
    [
        ("2016-07-05T20:01", "2016-07-06T20:00"),
        ("2016-07-06T20:00", "2016-07-07T20:00"),
        ("2016-07-06T19:59:59", "2016-07-06T20:00"),
        ("2016-09-02T20:01", "2016-09-06T20:00"),
        ("2016-11-04T20:01", "2016-11-07T21:00"),
        ("2026-07-04T12:00", "2026-07-06T20:00"),
    ],
)
def test_a_day_order_ends_at_the_first_close_after_it_came_in(trader: Trader, placed: str, ends: str) -> None:
    trader.now = at(placed)
    order = trader.buy("KO", "1", limit="1")
    trader.now = at(ends) - timedelta(seconds=1)
    assert trader.again(order).status is OrderStatus.OPEN
    trader.now = at("2026-08-01")
    done = trader.again(order)
    assert (done.status, done.expired_at) == (OrderStatus.EXPIRED, at(ends))


def test_a_day_order_still_gets_the_close_it_ends_at(trader: Trader) -> None:
    order = trader.buy("KO", "1", limit="36.189")
    trader.now = SIXTH
    assert trader.again(order).status is OrderStatus.FILLED


def test_a_coins_day_ends_at_midnight_utc(trader: Trader) -> None:
    order = trader.buy("BTC-USD", "1", limit="1")
    trader.now = at("2016-07-06")
    assert trader.again(order).expired_at == at("2016-07-06")


def test_what_the_session_does_not_trade_goes_on_at_the_next_opening(trader: Trader) -> None:
    first, second = (
        trader.market.volume("AAPL", at(day)) for day in ("2016-07-05T20:01", "2016-07-06T13:30")
    )
    assert first is not None
    assert second is not None
    order = trader.buy("AAPL", "80000", tif="gtc")
    share = first // 10
    assert 25_000 <= share < 75_000
    assert (order.status, order.filled_quantity) == (OrderStatus.PARTIALLY_FILLED, share)
    late = trader.buy("AAPL", "1", tif="gtc")
    assert late.status is OrderStatus.OPEN
    trader.now = at("2016-07-06T13:30")
    assert second // 10 > 80_000 - share
    assert (trader.again(order).filled_quantity, trader.again(late).status) == (
        Decimal(80_000),
        OrderStatus.FILLED,
    )
    assert trader.again(order).filled_at == at("2016-07-06T13:30")
    whole = [execution.cumulative for execution in trader.market.executions(order_id=order.order_id)]
    assert whole == [share, 80_000]


def test_a_partly_filled_order_that_is_canceled_keeps_what_it_has(trader: Trader) -> None:
    order = trader.buy("KO", "30000", limit="36.317")
    canceled = trader.market.cancel(order.order_id)
    assert canceled.status is OrderStatus.CANCELED
    assert canceled.filled_quantity == order.filled_quantity == trader.held("KO")
    trader.now = at("2016-08-01")
    assert trader.held("KO") == order.filled_quantity
    with pytest.raises(Refusal) as caught:
        trader.market.cancel(order.order_id)
    assert caught.value.kind is RefusalKind.DONE


def test_ioc_cancels_what_does_not_fill_and_fok_fills_whole_or_not_at_all(trader: Trader) -> None:
    share = (trader.market.volume("KO") or Decimal(0)) // 10
    none = trader.buy("KO", str(share + 1), tif="fok", limit="36.317")
    assert (none.status, none.filled_quantity) == (OrderStatus.CANCELED, Decimal(0))
    whole = trader.buy("KO", "5", tif="fok")
    assert whole.status is OrderStatus.FILLED
    part = trader.sell("KO", str(share), tif="ioc")
    assert (part.status, part.filled_quantity) == (OrderStatus.CANCELED, share - 5)
    assert trader.buy("KO", "1", limit="30", tif="ioc").status is OrderStatus.CANCELED
    assert trader.market.orders(open_only=True) == ()


CALL_22, CALL_23 = "AAPL160715C00022000", "AAPL160715C00023000"


def price(trader: Trader, symbol: str) -> Decimal:
    quote = trader.market.quote(symbol)
    assert quote is not None
    assert quote.last is not None
    return quote.last


def test_a_multi_leg_order_fills_all_legs_at_one_net_price_or_none(trader: Trader) -> None:
    net = price(trader, CALL_22) - price(trader, CALL_23)
    rests = trader.trade_legs("3", {CALL_22: 1, CALL_23: -1}, limit=str(net - Decimal("0.01")))
    assert (rests.status, trader.market.executions()) == (OrderStatus.OPEN, ())
    order = trader.trade_legs("3", {CALL_22: 1, CALL_23: -1}, limit=str(net))
    assert (order.status, order.average_price) == (OrderStatus.FILLED, net)
    assert [(e.symbol, e.side, e.quantity) for e in trader.market.executions()] == [
        (CALL_22, Side.BUY, Decimal(3)),
        (CALL_23, Side.SELL, Decimal(3)),
    ]
    assert trader.cash == 10_000_000 - 300 * net


def test_a_multi_leg_order_waits_until_every_leg_has_volume(trader: Trader) -> None:
    trader.trade_legs("1", {CALL_22: 1, CALL_23: -1}, limit="-5", tif="gtc")
    share = (trader.market.volume(CALL_23) or Decimal(0)) // 10
    trader.buy(CALL_23, str(share))
    order = trader.trade_legs("1", {CALL_22: 1, CALL_23: -1}, tif="gtc")
    assert (order.status, trader.held(CALL_22)) == (OrderStatus.OPEN, Decimal(0))
    trader.now = at("2016-07-06T13:30")
    assert (trader.again(order).status, trader.held(CALL_22)) == (OrderStatus.FILLED, Decimal(1))


def test_a_notional_order_buys_what_the_amount_pays_for(trader: Trader) -> None:
    asked = NewOrder("n", "AAPL", Side.BUY, None, OrderType.MARKET, notional=Decimal(100))
    order = trader.market.submit(asked)
    # 100 ÷ 21.928 = 4.5603794235…
    assert (order.status, order.filled_quantity) == (OrderStatus.FILLED, Decimal("4.560379423"))
    assert trader.cash > 10_000_000 - 100


def order(symbol: str = "AAPL", quantity: str = "1", kind: OrderType = OrderType.LIMIT) -> NewOrder:
    limit = Decimal(20) if kind is OrderType.LIMIT else None
    return NewOrder("x", symbol, Side.BUY, Decimal(quantity), kind, limit_price=limit)


@pytest.mark.parametrize(
    ("asked", "kind", "words"),
    [
        (order("NOSUCH"), RefusalKind.UNKNOWN_SYMBOL, "no NOSUCH"),
        (order("AAPL160715C00022100"), RefusalKind.UNKNOWN_SYMBOL, "no AAPL160715C00022100"),
        (order("AAPL169915C00022000"), RefusalKind.UNKNOWN_SYMBOL, "AAPL169915C00022000"),
        (order("SPX"), RefusalKind.NOT_TRADABLE, "SPX does not trade"),
        (order("AAPL160701C00022000"), RefusalKind.NOT_TRADABLE, "does not trade at 2016-07-05"),
        (order("AAPL220715C00022000"), RefusalKind.NOT_TRADABLE, "does not trade at"),
        (order("ESZ5"), RefusalKind.UNKNOWN_SYMBOL, "no ESZ5"),
        (order(quantity="0"), RefusalKind.BAD_REQUEST, "greater than zero"),
        (order(quantity="-1"), RefusalKind.BAD_REQUEST, "greater than zero"),
        (order("ESU6", "0.5"), RefusalKind.BAD_REQUEST, "steps of 1"),
        (replace(order(), limit_price=Decimal(-20)), RefusalKind.BAD_REQUEST, "above zero"),
        (replace(order(), limit_price=Decimal("20.0005")), RefusalKind.BAD_REQUEST, "steps of 0.001"),
        (replace(order(), limit_price=None), RefusalKind.BAD_REQUEST, "limit price"),
        (replace(order(), stop_price=Decimal(1)), RefusalKind.BAD_REQUEST, "stop price"),
        (replace(order(), time_in_force="opg"), RefusalKind.BAD_REQUEST, "day, gtc, ioc or fok"),
        (order(quantity="1e15"), RefusalKind.BAD_REQUEST, "below 1e+15"),
        (order(quantity="NaN"), RefusalKind.BAD_REQUEST, "finite"),
        (replace(order(), limit_price=Decimal("Infinity")), RefusalKind.BAD_REQUEST, "finite"),
        (order("AAPL16071\u0665C00022000"), RefusalKind.UNKNOWN_SYMBOL, "no AAPL16071"),
        (replace(order(), side=None), RefusalKind.BAD_REQUEST, "side"),
        (replace(order(), notional=Decimal(1)), RefusalKind.BAD_REQUEST, "either"),
        (replace(order(), quantity=None, notional=Decimal(1)), RefusalKind.BAD_REQUEST, "market orders only"),
    ],
)
def test_what_is_no_order_is_refused_and_leaves_nothing(
    trader: Trader, asked: NewOrder, kind: RefusalKind, words: str
) -> None:
    with pytest.raises(Refusal) as caught:
        trader.market.submit(asked)
    assert caught.value.kind is kind
    assert words in str(caught.value)
    assert trader.market.orders() == ()


@pytest.mark.parametrize(
    ("legs", "words"),
    [
        ({CALL_22: 1}, "two to 4 legs"),
        ({CALL_22: 1, "AAPL": 100}, "made of options"),
        ({CALL_22: 1, "KO160715C00036000": -1}, "on one stock"),
        ({CALL_22: 1, CALL_23: 0}, "other than zero"),
    ],
)
def test_what_is_no_multi_leg_order_is_refused(trader: Trader, legs: dict[str, int], words: str) -> None:
    with pytest.raises(Refusal, match=words):
        trader.trade_legs("1", legs)


def test_before_the_first_close_nothing_trades(tmp_path: Path) -> None:
    trader = Trader(tmp_path, start=at("2016-07-05T19:59"))
    with pytest.raises(Refusal, match="AAPL has no price at 2016-07-05 19:59Z"):
        trader.buy("AAPL", "1")
    with pytest.raises(Refusal, match=f"{CALL_22} has no price"):
        trader.trade_legs("1", {CALL_22: 1, CALL_23: -1})


def test_a_client_order_id_is_taken_once(trader: Trader) -> None:
    trader.buy("AAPL", "1", id="same")
    with pytest.raises(Refusal) as caught:
        trader.buy("AAPL", "1", id="same")
    assert caught.value.kind is RefusalKind.DUPLICATE_ID
    assert trader.held("AAPL") == 1


def test_an_order_that_is_replaced_says_by_which(trader: Trader) -> None:
    old = trader.buy("KO", "10", limit="30", tif="gtc")
    new = trader.market.replace(old.order_id, quantity=Decimal(20), limit_price=Decimal("36.2"))
    assert (new.replaces, new.asked.quantity, new.asked.limit_price) == (
        old.order_id,
        Decimal(20),
        Decimal("36.2"),
    )
    assert (trader.again(old).status, trader.again(old).replaced_by) == (OrderStatus.CANCELED, new.order_id)
    trader.now = SIXTH
    assert (trader.again(new).status, trader.held("KO")) == (OrderStatus.FILLED, Decimal(20))


def test_the_replacement_of_a_partly_filled_order_is_for_the_rest(trader: Trader) -> None:
    old = trader.buy("KO", "30000", limit="36.317", tif="gtc")
    filled = old.filled_quantity
    assert 0 < filled < 30_000 - 10
    new = trader.market.replace(old.order_id, quantity=filled + 10, limit_price=Decimal("36.2"))
    assert new.asked.quantity == 10
    with pytest.raises(Refusal, match="expected more"):
        trader.market.replace(new.order_id, quantity=Decimal(0))


def test_a_replacement_that_is_refused_leaves_the_old_order_open(trader: Trader) -> None:
    old = trader.buy("KO", "10", limit="30", tif="gtc")
    with pytest.raises(Refusal) as caught:
        trader.market.replace(old.order_id, quantity=Decimal(10_000_000))
    assert caught.value.kind is RefusalKind.NO_FUNDS
    assert trader.market.orders(open_only=True) == (old,)


def test_orders_are_told_by_time_and_count_newest_last(trader: Trader) -> None:
    ids = []
    for minute in range(5):
        trader.now = CLOSE + timedelta(minutes=minute)
        ids.append(trader.buy("KO", "1", limit="1" if minute % 2 else "40").order_id)
    told = [[one.order_id for one in trader.market.orders(**which)] for which in (
        {}, {"open_only": True}, {"limit": 2}, {"limit": 2, "newest": False},
        {"since": CLOSE + timedelta(minutes=1)}, {"until": CLOSE + timedelta(minutes=1)},
    )]  # fmt: skip
    assert told == [ids, [ids[1], ids[3]], ids[3:], ids[:2], ids[2:], ids[:2]]
    assert [one.order_id for one in trader.market.cancel_all()] == [ids[1], ids[3]]
