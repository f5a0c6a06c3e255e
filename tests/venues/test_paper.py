from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from git_qoc.errors import OrderRejected, Unsupported, VenueError
from git_qoc.market import closes as market
from git_qoc.model import FlowKind, OrderRequest, OrderStatus, OrderType, Side, VenueType
from git_qoc.venues.base import Settings
from git_qoc.venues.paper import Paper, begin

# closes.csv: AAPL 2016-07-05 21.928; BTC-USD 2016-07-04 676.18.
FIRST_CLOSE = datetime(2016, 7, 5, 20, tzinfo=UTC)

Open = Callable[..., Paper]


@pytest.fixture
def paper(tmp_path: Path) -> Open:
    def open_at(time: datetime, kind: VenueType = VenueType.EQUITIES, name: str = "p") -> Paper:
        return Paper(Settings(name, kind, {}, lambda: time, tmp_path, 5.0))

    return open_at


def buy(
    symbol: str,
    quantity: str,
    order_id: str = "o1",
    side: Side = Side.BUY,
    kind: OrderType = OrderType.MARKET,
) -> OrderRequest:
    return OrderRequest(order_id, symbol, side, Decimal(quantity), kind)


def cash(account: Paper) -> Decimal:
    balances = account.account().cash
    assert balances is not None
    return balances[0].amount


def test_a_stock_close_is_known_at_four_in_new_york_and_a_coins_at_the_end_of_its_utc_day() -> None:
    before = market.close_at("AAPL", FIRST_CLOSE - timedelta(seconds=1))
    at = market.close_at("AAPL", FIRST_CLOSE)
    assert before is None
    assert at is not None
    assert at.last == Decimal("21.928")
    coin = market.close_at("BTC-USD", datetime(2016, 7, 5, tzinfo=UTC))
    assert coin is not None
    assert coin.last == Decimal("676.18")
    assert market.close_at("BTC-USD", datetime(2016, 7, 4, 23, 59, 59, tzinfo=UTC)) is None


def test_on_a_sunday_fridays_close_stands_with_fridays_time() -> None:
    quote = market.close_at("AAPL", datetime(2016, 7, 10, 12, tzinfo=UTC))
    assert quote is not None
    assert quote.time == datetime(2016, 7, 8, 20, tzinfo=UTC)


def test_winter_closes_are_an_hour_later_in_utc() -> None:
    quote = market.close_at("AAPL", datetime(2016, 12, 30, 23, tzinfo=UTC))
    assert quote is not None
    assert quote.time == datetime(2016, 12, 30, 21, tzinfo=UTC)


def test_books_that_are_not_here_are_no_empty_account(paper: Open, tmp_path: Path) -> None:
    """They are no part of a clone: there, zero cash would be a loss of everything."""
    account = paper(FIRST_CLOSE)
    for question in (account.account, account.positions, lambda: account.flows(FIRST_CLOSE)):
        with pytest.raises(VenueError, match="no part of a clone"):
            question()
    assert list(tmp_path.iterdir()) == []
    begin(tmp_path, "p")
    assert cash(account) == 0
    assert account.positions() == ()


def test_a_buy_costs_the_close_and_survives_in_the_file(paper: Open) -> None:
    account = paper(FIRST_CLOSE)
    account.book(Decimal(1000), FlowKind.DEPOSIT, "d1")
    order = account.place(buy("AAPL", "10.5"))
    assert order.status is OrderStatus.FILLED
    again = paper(FIRST_CLOSE + timedelta(hours=1))
    assert cash(again) == Decimal(1000) - Decimal("10.5") * Decimal("21.928")
    (position,) = again.positions()
    assert (position.quantity, position.avg_cost, position.mark) == (
        Decimal("10.5"),
        Decimal("21.928"),
        Decimal("21.928"),
    )


def test_the_same_order_id_fills_once(paper: Open) -> None:
    account = paper(FIRST_CLOSE)
    account.book(Decimal(1000), FlowKind.DEPOSIT, "d1")
    account.book(Decimal(1000), FlowKind.DEPOSIT, "d1")
    first = account.place(buy("AAPL", "10"))
    assert account.place(buy("AAPL", "10")) == first
    assert account.order("o1") == first
    with pytest.raises(OrderRejected, match="there is an order o1 already"):
        account.place(buy("AAPL", "11"))
    assert cash(account) == Decimal(1000) - 10 * Decimal("21.928")


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (buy("AAPL", "100"), "not enough cash"),
        (buy("AAPL", "20", side=Side.SELL), "not enough cash"),
        (buy("BTC-USD", "0.1"), "does not trade here"),
        (buy("SPX", "1"), "does not trade here"),
    ],
)
def test_what_the_account_cannot_do_is_rejected_and_changes_nothing(
    paper: Open, request_: OrderRequest, why: str
) -> None:
    account = paper(FIRST_CLOSE)
    account.book(Decimal(100), FlowKind.DEPOSIT, "d1")
    with pytest.raises(OrderRejected) as caught:
        account.place(request_)
    assert why in str(caught.value)
    assert cash(account) == 100


def test_coins_are_not_sold_short(paper: Open) -> None:
    account = paper(FIRST_CLOSE, VenueType.CRYPTO)
    account.book(Decimal(10000), FlowKind.DEPOSIT, "d1")
    with pytest.raises(OrderRejected, match=r"not enough BTC-USD: 0\.5 short"):
        account.place(buy("BTC-USD", "0.5", side=Side.SELL))


def test_an_unoffered_order_type_no_quantity_and_an_overdraft_are_refused(paper: Open) -> None:
    account = paper(FIRST_CLOSE)
    with pytest.raises(Unsupported):
        paper(FIRST_CLOSE, VenueType.CRYPTO).place(buy("BTC-USD", "1", kind=OrderType.STOP))
    with pytest.raises(Unsupported, match="above zero"):
        account.place(buy("AAPL", "-1"))
    account.book(Decimal(1), FlowKind.DEPOSIT, "d1")
    with pytest.raises(OrderRejected):
        account.book(Decimal(-2), FlowKind.WITHDRAWAL, "w1")


def test_money_sent_to_another_paper_account_arrives_once(paper: Open, tmp_path: Path) -> None:
    sender, receiver = paper(FIRST_CLOSE), paper(FIRST_CLOSE, VenueType.CASH, "sweep")
    begin(tmp_path, "sweep")
    begin(tmp_path, "third")
    sender.book(Decimal(100), FlowKind.DEPOSIT, "d1")
    for _ in range(2):
        flow = sender.transfer(Decimal(40), "sweep", "t1")
        assert (flow.amount_usd, flow.kind) == (Decimal(-40), FlowKind.TRANSFER)
    assert cash(sender) == 60
    assert cash(receiver) == 40
    (arrived,) = receiver.flows(FIRST_CLOSE - timedelta(days=1))
    assert (arrived.amount_usd, arrived.flow_id) == (Decimal(40), "t1")
    for account, to in ((sender, "third"), (receiver, "p"), (sender, "bank")):
        with pytest.raises(OrderRejected, match="booked as something else"):
            account.transfer(Decimal(40), to, "t1")
    with pytest.raises(OrderRejected, match="no other paper account"):
        sender.transfer(Decimal(1), "p", "t2")
    assert cash(paper(FIRST_CLOSE, name="third")) == 0


def test_no_money_leaves_for_a_paper_account_whose_market_is_ahead_of_the_clock(paper: Open) -> None:
    sender, receiver = paper(FIRST_CLOSE), paper(FIRST_CLOSE + timedelta(days=9), VenueType.CASH, "sweep")
    sender.book(Decimal(100), FlowKind.DEPOSIT, "d1")
    receiver.book(Decimal(1), FlowKind.DEPOSIT, "d1")
    with pytest.raises(VenueError, match="the market cannot go back"):
        sender.transfer(Decimal(40), "sweep", "t1")
    assert (cash(sender), cash(receiver)) == (Decimal(100), Decimal(1))


def test_a_fill_of_long_ago_keeps_the_multiplier_it_had(paper: Open) -> None:
    account = paper(FIRST_CLOSE, VenueType.FUTURES)
    account.book(Decimal(100_000), FlowKind.DEPOSIT, "d1")
    account.place(buy("ESU6", "1"))
    later = paper(datetime(2026, 7, 5, tzinfo=UTC), VenueType.FUTURES)
    bought, settled = later.fills(FIRST_CLOSE - timedelta(days=1))
    assert bought.multiplier == settled.multiplier == 50
    order = later.order("o1")
    assert order is not None
    assert order.multiplier == 50
    # (2139.16 − 2088.55) × 50
    assert cash(later) == 100_000 + Decimal("2530.50")
    assert later.positions() == ()


def test_an_account_states_a_margin_only_when_something_binds_cash(paper: Open) -> None:
    account = paper(FIRST_CLOSE)
    account.book(Decimal(1000), FlowKind.DEPOSIT, "d1")
    account.place(buy("AAPL", "10"))
    assert account.account().margin_usd == 0
    account.place(buy("KO", "2", "o2", side=Side.SELL))
    held = account.account()
    # 10 × 21.928 + 2 × 36.317 × 0.5
    assert held.margin_usd == Decimal("219.28") + Decimal("36.317")
    assert held.equity_usd == 1000


def test_history_says_what_the_account_was_then_and_what_moved_in_between(paper: Open) -> None:
    day = timedelta(days=1)
    start = paper(FIRST_CLOSE)
    start.book(Decimal(1000), FlowKind.DEPOSIT, "d1")
    start.place(buy("AAPL", "10"))
    paper(FIRST_CLOSE + day).book(Decimal(50), FlowKind.DEPOSIT, "d2")
    instants = (FIRST_CLOSE - day, FIRST_CLOSE, FIRST_CLOSE + day, FIRST_CLOSE + 2 * day)
    first, second, third = paper(FIRST_CLOSE + 9 * day).history(instants)
    assert (first.time, first.flows, first.fills) == (FIRST_CLOSE, None, None)
    assert second.flows is not None
    assert [flow.amount_usd for flow in second.flows] == [50]
    assert (third.flows, third.fills) == ((), ())
    assert third.positions is not None
    assert third.positions[0].quantity == 10


def test_a_process_killed_while_booking_leaves_whole_bookings(paper: Open, tmp_path: Path) -> None:
    code = f"""
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from git_qoc.model import FlowKind, VenueType
from git_qoc.venues.base import Settings
from git_qoc.venues.paper import Paper
now = datetime(2017, 1, 1, tzinfo=UTC)
p = Paper(Settings("p", VenueType.CASH, {{}}, lambda: now, Path({str(tmp_path)!r}), 5.0))
for n in range(100000):
    p.book(Decimal(1), FlowKind.DEPOSIT, f"d{{n}}")
    print(n, flush=True)
"""
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    booked = [next(child.stdout) for _ in range(20)]
    child.kill()
    child.stdout.close()
    child.wait()
    held = cash(paper(datetime(2017, 1, 2, tzinfo=UTC), VenueType.CASH))
    assert held >= len(booked)
    assert held == held.to_integral_value()


def test_an_open_order_of_a_future_holds_back_its_margin_and_one_that_closes_nothing(paper: Open) -> None:
    # 6 % of price × 50: 2000 → 6,000 and 1900 → 5,700. One is held: the first sell closes it, the second
    # is one short in its place, the third binds 2200 × 50 × 6 % = 6,600.
    account = paper(FIRST_CLOSE, VenueType.FUTURES)
    account.book(Decimal(100_000), FlowKind.DEPOSIT, "d")
    held = account.place(buy("ESU6", "1"))
    assert (held.margined, held.margin_usd) == (True, None)
    asked = (("buy", "2000"), ("buy", "1900"), ("sell", "2200"), ("sell", "2200"), ("sell", "2200"))
    for number, (side, limit) in enumerate(asked):
        request = buy("ESU6", "1", f"l{number}", Side(side), OrderType.LIMIT)
        account.place(replace(request, limit_price=Decimal(limit), time_in_force="gtc"))
    orders = account.open_orders()
    assert [one.margin_usd for one in orders] == [6000, 5700, 0, 0, 6600]
    assert all(one.margined for one in orders)
    assert account.order("l1") == orders[1]
    account.cancel("l0")
    assert [one.margin_usd for one in account.open_orders()] == [5700, 0, 0, 6600]


def test_an_order_of_a_share_states_no_margin(paper: Open) -> None:
    account = paper(FIRST_CLOSE)
    account.book(Decimal(1000), FlowKind.DEPOSIT, "d")
    request = replace(buy("AAPL", "1", kind=OrderType.LIMIT), limit_price=Decimal(20), time_in_force="gtc")
    order = account.place(request)
    assert (order.margined, order.margin_usd) == (False, None)
