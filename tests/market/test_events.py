from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from git_qoc.market.orders import BookingKind
from git_qoc.model import OrderStatus, Side
from tests.market.trader import Trader, at

# closes.csv: SPX 2016-07-05 to 07-07 2088.55 2099.73 2097.90, on the expiry day 2016-09-16 2139.16;
# AAPL on Friday 2016-07-15 22.802, on 2016-11-04 25.391 and 11-07 25.757 (summer time ended on the 6th);
# BTC-USD 2016-07-04 to 07-06 676.18 674.08 674.19.


def test_a_future_pays_its_variation_in_cash_at_every_close(trader: Trader) -> None:
    trader.buy("ESU6", "1")
    assert trader.cash == 10_000_000
    trader.now = at("2016-07-07T20:00")
    # (2099.73 − 2088.55) × 50 = 559.00; (2097.90 − 2099.73) × 50 = −91.50
    variation = [one.amount for one in trader.market.bookings() if one.kind is BookingKind.VARIATION]
    assert variation == [Decimal("559.00"), Decimal("-91.50")]
    assert trader.cash == Decimal("10000467.50")
    (held,) = trader.market.holdings()
    assert (held.settle_price, held.average_cost) == (Decimal("2097.90"), Decimal("2088.55"))
    assert trader.market.account().equity == trader.cash


def test_a_future_that_is_sold_between_closes_has_paid_the_rest_by_then(trader: Trader) -> None:
    trader.buy("ESU6", "2")
    trader.now = at("2016-07-06T21:00")
    trader.buy("ESU6", "1")
    trader.now = at("2016-07-07T21:00")
    trader.sell("ESU6", "3")
    # Two made (2097.90 − 2088.55) × 50 each, the third lost (2099.73 − 2097.90) × 50.
    assert trader.cash == 10_000_000 + 2 * Decimal("467.50") - Decimal("91.50")
    assert trader.market.holdings() == ()


def test_a_future_is_settled_in_cash_on_its_third_friday(trader: Trader) -> None:
    trader.sell("ESU6", "2")
    trader.now = at("2016-09-16T19:59")
    assert trader.held("ESU6") == -2
    trader.now = at("2016-09-16T20:00")
    assert trader.market.holdings() == ()
    # −2 × (2139.16 − 2088.55) × 50 = −5,061.00
    assert trader.cash == Decimal("9994939.00")
    last = trader.market.executions()[-1]
    assert (last.order_id, last.side, last.price) == ("expiry-ESU6-2016-09-16", Side.BUY, Decimal("2139.16"))
    trader.now = at("2016-09-16T20:01")
    assert trader.market.quote("ESU6") is None


@pytest.mark.parametrize(
    ("symbol", "bought", "expiry", "worth"),
    [
        ("AAPL160715C00022000", "2016-07-05T20:01", "2016-07-15T20:00", "0.802"),
        ("AAPL160715P00022000", "2016-07-05T20:01", "2016-07-15T20:00", "0"),
        ("AAPL160715P00023000", "2016-07-05T20:01", "2016-07-15T20:00", "0.198"),
        ("AAPL160717C00022000", "2016-07-05T20:01", "2016-07-17T20:00", "0.802"),
        ("AAPL161104C00025000", "2016-11-03T20:01", "2016-11-04T20:00", "0.391"),
        ("AAPL161107C00025000", "2016-11-03T20:01", "2016-11-07T21:00", "0.757"),
    ],
)
def test_an_option_settles_in_cash_at_what_it_is_worth_at_expiry(
    trader: Trader, symbol: str, bought: str, expiry: str, worth: str
) -> None:
    """AAPL160717 expires on a Sunday, at Friday's close."""
    trader.now = at(bought)
    trader.buy(symbol, "2")
    paid = 10_000_000 - trader.cash
    trader.now = at(expiry) - timedelta(seconds=1)
    assert trader.held(symbol) == 2
    trader.now = at(expiry)
    assert trader.market.holdings() == ()
    assert trader.cash == 10_000_000 - paid + 200 * Decimal(worth)
    last = trader.market.executions()[-1]
    assert (last.price, last.time, last.client_order_id) == (Decimal(worth), at(expiry), "")


def test_a_written_option_pays_what_it_is_worth_at_expiry(trader: Trader) -> None:
    trader.sell("AAPL160715C00022000", "1")
    got = trader.cash - 10_000_000
    trader.now = at("2016-07-15T20:00")
    assert trader.cash == 10_000_000 + got - Decimal("80.20")


def test_an_order_for_an_option_ends_with_it(trader: Trader) -> None:
    """It no longer trades then: at AAPL's close of 22.802 it would cost nothing."""
    trader.now = at("2016-07-14T20:01")
    single = trader.buy("AAPL160715C00023000", "1", limit="0.01", tif="gtc")
    spread = trader.trade_legs(
        "1", {"AAPL160715C00023000": 1, "AAPL160715C00024000": -1}, limit="0.01", tif="gtc"
    )
    trader.now = at("2016-08-01")
    for order in (single, spread):
        done = trader.again(order)
        assert (done.status, done.filled_quantity) == (OrderStatus.EXPIRED, Decimal(0))
        assert done.expired_at == at("2016-07-15T20:00")


def test_longs_pay_and_shorts_receive_funding_every_eight_hours(trader: Trader) -> None:
    trader.sell("BTC-USD-PERP", "3")
    trader.now = at("2016-07-06T16:00")
    funding = [(one.time, one.amount) for one in trader.market.bookings() if one.kind is BookingKind.FUNDING]
    # 3 × 674.08 × 0.0001 at each of 00:00, 08:00 and 16:00.
    assert funding == [(at(f"2016-07-06T{hour}:00"), Decimal("0.202224")) for hour in ("00", "08", "16")]
    trader.buy("BTC-USD-PERP", "3")
    assert trader.cash == 10_000_000 + 3 * Decimal("0.202224") + 3 * Decimal("2.10")


def test_a_perpetual_adds_its_open_pnl_and_no_notional(trader: Trader) -> None:
    trader.buy("BTC-USD-PERP", "10")
    trader.now = at("2016-07-06")
    account = trader.market.account()
    assert account.cash == 10_000_000 - Decimal("0.67408")
    assert account.equity == account.cash + 10 * (Decimal("674.08") - Decimal("676.18"))


def test_a_year_of_funding_is_three_bookings_a_day(trader: Trader) -> None:
    trader.buy("BTC-USD-PERP", "1")
    trader.now = at("2017-07-05T21:00")
    assert len(trader.market.bookings()) == 1 + 365 * 3


def test_after_the_end_of_the_data_the_last_close_stands_and_sessions_go_on(trader: Trader) -> None:
    trader.now = at("2026-07-03T15:00")
    quote = trader.market.quote("AAPL")
    assert quote is not None
    assert (quote.last, quote.time) == (Decimal("33.76"), at("2017-07-03T20:00"))
    session = trader.market.session(trader.now)
    assert (session.is_open, session.next_close, session.next_open) == (
        True,
        at("2026-07-03T20:00"),
        at("2026-07-06T13:30"),
    )


@pytest.mark.parametrize(
    ("instant", "is_open", "next_open", "next_close"),
    [
        ("2016-07-05T13:29:59", False, "2016-07-05T13:30", "2016-07-05T20:00"),
        ("2016-07-05T13:30", True, "2016-07-06T13:30", "2016-07-05T20:00"),
        ("2016-07-05T20:00", False, "2016-07-06T13:30", "2016-07-06T20:00"),
        ("2016-09-03T12:00", False, "2016-09-06T13:30", "2016-09-06T20:00"),
        ("2016-11-04T20:00", False, "2016-11-07T14:30", "2016-11-07T21:00"),
        ("2017-03-10T21:00", False, "2017-03-13T13:30", "2017-03-13T20:00"),
    ],
)
def test_sessions_follow_new_york_through_holidays_and_daylight_saving(
    trader: Trader, instant: str, is_open: bool, next_open: str, next_close: str
) -> None:
    session = trader.market.session(at(instant))
    assert (session.is_open, session.next_open, session.next_close) == (
        is_open,
        at(next_open),
        at(next_close),
    )
