from __future__ import annotations

import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from git_qoc.account.valuation import contribution
from git_qoc.market.orders import AssetClass, Refusal
from git_qoc.model import OrderStatus, Position, Side
from tests.market.trader import CLOSE, Trader

CALL, PUT = "AAPL160819C00022000", "AAPL160819P00023000"
PRICES = {
    "AAPL": "21.928",
    "KO": "36.317",
    "BTC-USD": "676.18",
    "BTC-USD-PERP": "676.18",
    "ESU6": "2088.55",
    CALL: "0.60",
    PUT: "1.30",
}


class Step(NamedTuple):
    wait_h: int
    symbol: str
    side: Side
    quantity: int
    limit: Decimal | None
    stop: Decimal | None
    tif: str
    spread: bool


def near(symbol: str) -> st.SearchStrategy[Decimal | None]:
    price = Decimal(PRICES[symbol])
    ratios = st.sampled_from(["0.9", "0.98", "1", "1.02", "1.1"])
    return st.none() | ratios.map(lambda ratio: (price * Decimal(ratio)).quantize(Decimal("0.01")))


@st.composite
def steps(draw: st.DrawFn) -> Step:
    symbol = draw(st.sampled_from(sorted(PRICES)))
    stop = draw(near(symbol))
    return Step(
        wait_h=draw(st.sampled_from([0, 1, 8, 24, 100, 400])),
        symbol=symbol,
        side=draw(st.sampled_from(Side)),
        quantity=draw(st.sampled_from([1, 3, 40, 900, 60_000])),
        limit=draw(near(symbol)),
        stop=stop,
        tif=draw(st.sampled_from(["day", "gtc"] if stop else ["day", "gtc", "ioc", "fok"])),
        spread=draw(st.booleans()),
    )


def do(trader: Trader, step: Step) -> None:
    terms = {"tif": step.tif}
    terms |= {"limit": str(step.limit)} if step.limit else {}
    with suppress(Refusal):
        if step.symbol in (CALL, PUT) and step.spread and not step.stop:
            legs = {CALL: 1, "AAPL160819C00024000": -1}
            trader.trade_legs(str(min(step.quantity, 50)), legs, **terms)
            return
        terms |= {"stop": str(step.stop)} if step.stop else {}
        (trader.buy if step.side is Side.BUY else trader.sell)(step.symbol, str(step.quantity), **terms)


def foots(trader: Trader) -> None:
    """Equity is cash and what positions add, reckoned by the code that values every venue."""
    account = trader.market.account()
    added = Decimal(0)
    for held in trader.market.holdings():
        assert held.mark is not None
        position = Position(
            held.instrument.symbol,
            held.quantity,
            held.average_cost,
            held.mark,
            held.instrument.multiplier,
            margined=held.instrument.margined,
            settle_price=held.settle_price,
        )
        added += contribution(position) or Decimal(0)
        assert held.quantity > 0 or held.instrument.kind is not AssetClass.COIN
    assert account.equity == account.cash + added
    (past,) = trader.market.equity_at([trader.now])
    assert (past.cash, past.equity, past.margin) == (account.cash, account.equity, account.margin)


def fair(trader: Trader) -> None:
    """No order filled beyond its quantity or worse than its limit."""
    for order in trader.market.orders():
        asked = order.asked
        assert asked.quantity is not None
        assert 0 <= order.filled_quantity <= asked.quantity
        assert (order.status is OrderStatus.FILLED) == (order.filled_quantity == asked.quantity)
        if asked.limit_price is None or asked.legs:
            continue
        for one in trader.market.executions(order_id=order.order_id):
            sign = 1 if asked.side is Side.BUY else -1
            assert sign * one.price <= sign * asked.limit_price


@settings(max_examples=25, deadline=None)
@given(st.lists(steps(), min_size=1, max_size=12), st.sampled_from(["1", "2"]))
def test_the_books_foot_and_orders_are_filled_fairly(script: list[Step], leverage: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        trader = Trader(Path(folder), "500000", leverage=leverage)
        for step in script:
            trader.now += timedelta(hours=step.wait_h)
            do(trader, step)
            foots(trader)
        fair(trader)


@settings(max_examples=8, deadline=None)
@given(st.lists(steps(), min_size=1, max_size=8), st.sampled_from([7, 50]))
def test_time_that_passes_in_one_step_or_in_many_comes_to_the_same(script: list[Step], stride_h: int) -> None:
    ends: list[object] = []
    for stride in (None, timedelta(hours=stride_h)):
        with tempfile.TemporaryDirectory() as folder:
            trader = Trader(Path(folder), "500000")
            for step in script:
                do(trader, step)
                wait(trader, trader.now + timedelta(hours=4 * step.wait_h), stride)
            market = trader.market
            ends.append(
                (
                    market.account(),
                    market.holdings(),
                    market.orders(),
                    market.executions(),
                    market.bookings(),
                )
            )
    assert ends[0] == ends[1]


def wait(trader: Trader, until: datetime, stride: timedelta | None) -> None:
    while stride is not None and trader.now + stride < until:
        trader.now += stride
        trader.market.holdings()
    trader.now = until
    trader.market.holdings()


@settings(max_examples=8, deadline=None)
@given(st.lists(steps(), min_size=1, max_size=12))
def test_an_account_without_leverage_never_owes_cash_it_did_not_write_options_or_margin_for(
    script: list[Step],
) -> None:
    """What is paid in full and only bought leaves cash at zero or above, whatever rests and jumps."""
    with tempfile.TemporaryDirectory() as folder:
        trader = Trader(Path(folder), "50000", start=CLOSE)
        for step in script:
            trader.now += timedelta(hours=step.wait_h)
            if step.symbol in ("AAPL", "KO", "BTC-USD"):
                do(trader, step._replace(side=Side.BUY))
            assert trader.cash >= 0
