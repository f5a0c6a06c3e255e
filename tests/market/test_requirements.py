from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from git_qoc.market.orders import BookingKind, Refusal, RefusalKind
from git_qoc.model import OrderStatus
from tests.market.trader import Trader, at

# closes.csv: AAPL 21.928 on 2016-07-05, 24.572 on 08-04; KO 36.317; SPX 2088.55; BTC-USD 676.18.


def refused(kind: RefusalKind, trader: Trader, side: str, symbol: str, quantity: str, **terms: str) -> None:
    with pytest.raises(Refusal) as caught:
        getattr(trader, side)(symbol, quantity, **terms)
    assert caught.value.kind is kind, caught.value


def test_a_buyer_needs_the_cash_to_the_last_cent(tmp_path: Path) -> None:
    trader = Trader(tmp_path, "219.28")
    refused(RefusalKind.NO_FUNDS, trader, "buy", "AAPL", "10.000000001")
    assert trader.buy("AAPL", "10").status is OrderStatus.FILLED
    assert trader.cash == 0
    refused(RefusalKind.NO_FUNDS, trader, "buy", "AAPL", "0.000000001")


def test_open_orders_count_and_a_cancel_frees_what_they_bound(tmp_path: Path) -> None:
    trader = Trader(tmp_path, "1000")
    rests = trader.buy("AAPL", "45", limit="20")
    refused(RefusalKind.NO_FUNDS, trader, "buy", "KO", "10", limit="10.001")
    refused(RefusalKind.NO_FUNDS, trader, "buy", "AAPL", "6", limit="20")
    assert trader.buy("KO", "10", limit="10").status is OrderStatus.OPEN
    trader.market.cancel(rests.order_id)
    assert trader.buy("AAPL", "41").status is OrderStatus.FILLED


def test_sells_of_what_is_held_bind_nothing(tmp_path: Path) -> None:
    trader = Trader(tmp_path, "219.28")
    trader.buy("AAPL", "10")
    assert trader.sell("AAPL", "10", limit="30").status is OrderStatus.OPEN
    # Selling 10 + x at 30 frees 300 and binds 15 x.
    refused(RefusalKind.NO_FUNDS, trader, "sell", "AAPL", "20.1", limit="30")
    assert trader.sell("AAPL", "20", limit="30").status is OrderStatus.OPEN


def test_a_stop_order_binds_four_percent_more_than_its_stop(tmp_path: Path) -> None:
    trader = Trader(tmp_path, "1040")
    refused(RefusalKind.NO_FUNDS, trader, "buy", "AAPL", "40.000000001", stop="25")
    assert trader.buy("AAPL", "40", stop="25").status is OrderStatus.OPEN


def test_a_stop_that_jumps_beyond_what_can_be_paid_is_lost_and_says_why(tmp_path: Path) -> None:
    """AAPL goes from 22.315 on 2016-07-26 to 23.765 the day after: 5.6 % beyond a stop at 22.50."""
    trader = Trader(tmp_path, "1000", start=at("2016-07-26T20:00"))
    order = trader.buy("AAPL", "42.7", stop="22.5", tif="gtc")  # binds 999.18
    trader.now = at("2016-07-27T20:00")
    done = trader.again(order)
    assert (done.status, done.filled_quantity) == (OrderStatus.REJECTED, Decimal(0))
    # 42.7 × 23.765 − 1000
    assert done.reason == "not enough cash: 14.7655 USD short at 2016-07-27 20:00Z"
    assert (trader.cash, trader.market.orders(open_only=True)) == (Decimal(1000), ())


def test_shorts_bind_half_of_their_value(tmp_path: Path) -> None:
    # 9 × 21.928 × 0.5 = 98.676 and 10 × 21.928 × 0.5 = 109.64
    trader = Trader(tmp_path, "100")
    refused(RefusalKind.NO_FUNDS, trader, "sell", "AAPL", "10")
    trader.sell("AAPL", "9")
    account = trader.market.account()
    assert (account.cash, account.equity, account.margin) == (
        Decimal("297.352"),
        Decimal(100),
        Decimal("98.676"),
    )
    assert account.short_value == Decimal("-197.352")


def test_under_a_margin_call_only_what_reduces_is_taken(tmp_path: Path) -> None:
    trader = Trader(tmp_path, "100")
    trader.sell("AAPL", "9")
    trader.now = at("2016-08-04T20:00")
    # 297.352 − 9 × 24.572 = 76.204, of which 110.574 are bound.
    account = trader.market.account()
    assert (account.equity, account.margin) == (Decimal("76.204"), Decimal("110.574"))
    assert account.buying_power == 0
    refused(RefusalKind.NO_FUNDS, trader, "sell", "AAPL", "0.1")
    refused(RefusalKind.NO_FUNDS, trader, "buy", "KO", "0.1")
    assert trader.buy("AAPL", "4").status is OrderStatus.FILLED
    assert trader.held("AAPL") == -5


def test_with_leverage_two_a_dollar_buys_two(tmp_path: Path) -> None:
    trader = Trader(tmp_path, "1000", leverage="2")
    assert trader.market.account().buying_power == 2000
    refused(RefusalKind.NO_FUNDS, trader, "buy", "AAPL", "92")
    trader.buy("AAPL", "91")
    account = trader.market.account()
    assert (account.cash, account.margin) == (Decimal("-995.448"), Decimal("997.724"))
    assert account.buying_power == Decimal("4.552")


def test_coins_are_paid_in_full_and_never_sold_short(tmp_path: Path) -> None:
    trader = Trader(tmp_path, "1000", leverage="2")
    refused(RefusalKind.NO_FUNDS, trader, "buy", "BTC-USD", "1.5")
    trader.buy("BTC-USD", "1")
    refused(RefusalKind.NOT_HELD, trader, "sell", "BTC-USD", "1.1")
    trader.sell("BTC-USD", "0.6", limit="900")
    refused(RefusalKind.NOT_HELD, trader, "sell", "BTC-USD", "0.5", limit="900")


def test_futures_and_perpetuals_bind_a_share_of_their_notional(tmp_path: Path) -> None:
    # 2088.55 × 50 × 0.06 = 6,265.65 and 676.18 × 0.10 = 67.618
    trader = Trader(tmp_path, "6300")
    refused(RefusalKind.NO_FUNDS, trader, "buy", "ESU6", "2")
    trader.buy("ESU6", "1")
    assert trader.market.account().margin == Decimal("6265.65")
    refused(RefusalKind.NO_FUNDS, trader, "sell", "BTC-USD-PERP", "1")
    trader.sell("BTC-USD-PERP", "0.5")
    assert trader.market.account().margin == Decimal("6265.65") + Decimal("33.809")


def test_a_long_option_is_paid_in_full(tmp_path: Path) -> None:
    trader = Trader(tmp_path, "1000", leverage="2")
    trader.buy("AAPL160715C00022000", "2")
    assert trader.free == trader.cash


@pytest.mark.parametrize(
    ("symbol", "bound"),
    [
        # 20 % of 21.928 = 4.3856, less 0.072 and 0.928 out of the money; in the money nothing is taken off.
        ("AAPL160715C00022000", "431.36"),
        ("AAPL160715P00021000", "345.76"),
        ("AAPL160715C00021000", "438.56"),
        # Far out of the money: 10 % of the underlying for a call, of the strike for a put.
        ("AAPL160715C00030000", "219.28"),
        ("AAPL160715P00015000", "150.00"),
    ],
)
def test_a_written_option_binds_what_the_cboe_margin_manual_says(
    tmp_path: Path, symbol: str, bound: str
) -> None:
    """Beyond its own value, which is in the equity already."""
    trader = Trader(tmp_path, "10000")
    trader.sell(symbol, "1")
    assert trader.market.account().margin == Decimal(bound)


@pytest.mark.parametrize(
    ("legs", "worst"),
    [
        ({"AAPL160715C00022000": -1, "AAPL160715C00023000": 1}, 100),
        ({"AAPL160715P00022000": 1, "AAPL160715P00021000": -1}, 0),
        ({"AAPL160715P00022000": -1, "AAPL160715P00020000": 1}, 200),
        (
            {
                "AAPL160715P00020000": 1,
                "AAPL160715P00021000": -1,
                "AAPL160715C00022000": -1,
                "AAPL160715C00024000": 1,
            },
            200,
        ),
    ],
)
def test_a_spread_binds_its_worst_loss_at_expiry(tmp_path: Path, legs: dict[str, int], worst: int) -> None:
    """The last is an iron condor with wings of one and two dollars."""
    trader = Trader(tmp_path, "10000")
    trader.trade_legs("3", legs)
    assert trader.cash - trader.free == 3 * worst


def test_a_spread_is_refused_when_its_worst_loss_cannot_be_paid(tmp_path: Path) -> None:
    trader = Trader(tmp_path, "120")
    with pytest.raises(Refusal) as caught:
        trader.trade_legs("2", {"AAPL160715C00022000": -1, "AAPL160715C00023000": 1})
    assert caught.value.kind is RefusalKind.NO_FUNDS
    order = trader.trade_legs("1", {"AAPL160715C00022000": -1, "AAPL160715C00023000": 1})
    assert order.status is OrderStatus.FILLED


def test_held_shares_cover_a_written_call(tmp_path: Path) -> None:
    trader = Trader(tmp_path, "2200")
    trader.buy("AAPL", "100")
    trader.sell("AAPL160715C00022000", "1")
    assert trader.free == trader.cash
    refused(RefusalKind.NO_FUNDS, trader, "sell", "AAPL160715C00022000", "1")


def test_only_cash_that_is_free_can_be_withdrawn(tmp_path: Path) -> None:
    trader = Trader(tmp_path, "1000")
    trader.buy("AAPL", "10", limit="20")
    with pytest.raises(Refusal, match="800 USD are free"):
        trader.market.move_cash("w1", BookingKind.WITHDRAWAL, Decimal("-800.01"))
    booking = trader.market.move_cash("w1", BookingKind.WITHDRAWAL, Decimal(-800))
    assert trader.market.move_cash("w1", BookingKind.WITHDRAWAL, Decimal(-800)) == booking
    assert trader.cash == 200
    with pytest.raises(Refusal, match="booked as something else"):
        trader.market.move_cash("w1", BookingKind.WITHDRAWAL, Decimal(-1))
