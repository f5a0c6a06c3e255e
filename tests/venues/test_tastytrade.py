"""What is particular to tastytrade. Orders are the published example of "Order Management" (Live Orders)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from git_qoc.account.valuation import contribution, unrealized_pnl
from git_qoc.desk.secrets import Secret
from git_qoc.errors import DeskError, OrderRejected, OrderUnknown, Unsupported, VenueError
from git_qoc.model import FlowKind, OrderLeg, OrderRequest, OrderStatus, OrderType, Side, VenueType
from git_qoc.venues.base import Settings
from git_qoc.venues.tastytrade import Tastytrade
from tests.desk.leaks import found_in, told
from tests.venues import alpaca_faults as fault
from tests.venues.loopback import json_reply
from tests.venues.tastytrade_bench import CALLS, TastytradeBench
from tests.venues.tastytrade_server import (
    CLIENT_SECRET,
    NOON,
    REFRESH_TOKEN,
    TOKEN,
    TastytradeServer,
    refused,
)

D = Decimal
LONG_AGO = NOON - timedelta(days=400)
SPREAD: dict[str, Any] = {
    "id": 53959020,
    "account-number": "5WT00001",
    "time-in-force": "GTC",
    "order-type": "Limit",
    "size": 1,
    "underlying-symbol": "SPY",
    "price": "1.27",
    "price-effect": "Debit",
    "status": "Live",
    "cancellable": True,
    "editable": True,
    "edited": False,
    "legs": [
        {
            "instrument-type": "Equity Option",
            "symbol": "SPY 191018P00300000",
            "quantity": 1,
            "remaining-quantity": 1,
            "action": "Buy to Close",
            "fills": [],
        },
        {
            "instrument-type": "Equity Option",
            "symbol": "SPY 191018P00270000",
            "quantity": 1,
            "remaining-quantity": 1,
            "action": "Sell to Close",
            "fills": [],
        },
    ],
}
SINGLE = {**SPREAD, "id": 54758826, "price": "3.0", "legs": [SPREAD["legs"][0]]}


def connector(
    server: TastytradeServer, kind: VenueType = VenueType.EQUITIES, account: str | None = None
) -> Tastytrade:
    secrets = {"client_secret": Secret(CLIENT_SECRET), "refresh_token": Secret(REFRESH_TOKEN)}
    folder = Path("/nonexistent")
    return Tastytrade(
        Settings("t", kind, secrets, lambda: NOON, folder, 5.0, base_url=server.url, account=account)
    )


def movement(sub_type: str, amount: str = "10", effect: str = "Credit", **changes: Any) -> dict[str, Any]:
    row = {
        "id": 1,
        "transaction-type": "Money Movement",
        "transaction-sub-type": sub_type,
        "executed-at": "2026-07-05T12:00:00.000+00:00",
        "created-at": "2026-07-06T12:00:00.000+00:00",
        "currency": "USD",
        "net-value": amount,
        "net-value-effect": effect,
    }
    return {**row, **changes}


def test_published_orders() -> None:
    with TastytradeServer() as server:
        server.orders = [SINGLE, SPREAD, {**SINGLE, "id": 1, "status": "Cancelled"}]
        spread, single = connector(server, VenueType.OPTIONS).open_orders()
    assert (single.symbol, single.side, single.limit_price) == ("SPY 191018P00300000", Side.BUY, D("3.0"))
    assert (spread.symbol, spread.side, spread.limit_price) == ("", None, D("1.27"))
    assert spread.legs == (OrderLeg("SPY 191018P00300000", D(1)), OrderLeg("SPY 191018P00270000", D(-1)))
    assert (spread.multiplier, spread.status, spread.type) == (D(100), OrderStatus.OPEN, OrderType.LIMIT)


def test_the_price_of_a_spread_that_brings_money_in_is_below_zero() -> None:
    with TastytradeServer() as server:
        server.orders = [{**SPREAD, "price-effect": "Credit"}]
        (spread,) = connector(server, VenueType.OPTIONS).open_orders()
    assert spread.limit_price == D("-1.27")


def test_a_spread_is_filled_as_far_as_its_slowest_leg() -> None:
    legs = [
        {**SPREAD["legs"][0], "quantity": 4, "fills": [{"quantity": 4}]},
        {**SPREAD["legs"][1], "quantity": 8, "fills": [{"quantity": 2}]},
    ]
    with TastytradeServer() as server:
        server.orders = [{**SPREAD, "size": 4, "legs": legs}]
        (spread,) = connector(server, VenueType.OPTIONS).open_orders()
    assert [leg.ratio for leg in spread.legs] == [D(1), D(-2)]
    assert (spread.filled_quantity, spread.status) == (D(1), OrderStatus.PARTIALLY_FILLED)


def test_of_a_future_only_what_came_since_the_settlement_adds_to_nav() -> None:
    """Two E-minis from 4,990, settled at 5,000, now 5,003: 2 × 50 × 3 to come, 2 × 50 × 13 made."""
    bench = TastytradeBench(VenueType.FUTURES)
    bench.hold("/ESZ6", D(2), D(4990), D(5003))
    bench.server.positions[0]["average-daily-market-close-price"] = "5000.0"
    with bench.running():
        (held,) = bench.connector().positions()
    assert held.margined
    assert (contribution(held), unrealized_pnl(held)) == (D(300), D(1300))


def test_the_fills_of_a_future_have_its_contract_size_and_all_fees() -> None:
    bench = TastytradeBench(VenueType.FUTURES)
    with bench.running():
        connector_ = bench.connector()
        bench.book_fills(50)
        fills = list(connector_.fills(LONG_AGO))
    assert {fill.multiplier for fill in fills} == {D(50)}
    assert {fill.fee for fill in fills} == {D("1.1")}


@pytest.mark.parametrize(
    ("held", "side", "action"),
    [
        ("0", Side.BUY, "Buy to Open"),
        ("5", Side.BUY, "Buy to Open"),
        ("-20", Side.BUY, "Buy to Close"),
        ("0", Side.SELL, "Sell to Open"),
        ("10", Side.SELL, "Sell to Close"),
    ],
)
def test_whether_an_order_opens_or_closes_is_told_by_what_is_held(held: str, side: Side, action: str) -> None:
    bench = TastytradeBench(VenueType.EQUITIES)
    if held != "0":
        bench.hold("AAPL", D(held), D(1), D(1))
    with bench.running():
        bench.connector().place(bench.order("c", side))
        (leg,) = bench.server.orders[0]["legs"]
    assert leg["action"] == action
    assert bench.server.orders[0]["price-effect"] == ("Debit" if side is Side.BUY else "Credit")


def test_an_order_through_zero_is_refused_unsent() -> None:
    bench = TastytradeBench(VenueType.EQUITIES)
    bench.hold("AAPL", D(4), D(1), D(1))
    with bench.running():
        with pytest.raises(Unsupported, match="would close the 4 held and open the opposite"):
            bench.connector().place(bench.order("c", Side.SELL))
        assert [seen for seen in bench.server.requests if "orders" in seen.path] == []


def test_an_order_is_tried_first_and_a_dry_run_without_an_answer_orders_nothing() -> None:
    bench = TastytradeBench(VenueType.FUTURES)
    with bench.running():
        bench.server.dry_run = fault.status(500)
        with pytest.raises(VenueError, match="Only tried: nothing was ordered") as caught:
            bench.connector().place(bench.order("c"))
        assert not isinstance(caught.value, OrderUnknown)
        assert bench.server.orders == []
        bench.server.dry_run = refused(422, "preflight", "One or more checks failed", "Not enough power")
        with pytest.raises(OrderRejected, match=r"422 \(Not enough power\)"):
            bench.connector().place(bench.order("c"))
        bench.server.dry_run = None
        bench.connector().place(bench.order("c"))
    paths = [seen.path.rpartition("/")[2] for seen in bench.server.requests if seen.method == "POST"]
    assert paths[-2:] == ["dry-run", "orders"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"symbol": CALLS[0]}, "is no equity, which equities connectors trade"),
        ({"symbol": "/ESZ6"}, "is no equity"),
        ({"symbol": "BTC/USD"}, "is no equity"),
    ],
)
def test_what_another_type_of_connector_trades_is_refused_unsent(changes: dict[str, Any], why: str) -> None:
    bench = TastytradeBench(VenueType.EQUITIES)
    with bench.running():
        with pytest.raises(Unsupported, match=why):
            bench.connector().place(replace(bench.order("c"), **changes))
        assert bench.server.requests == []


def test_a_stop_with_several_legs_is_refused() -> None:
    bench = TastytradeBench(VenueType.OPTIONS)
    legs = tuple(OrderLeg(symbol, D(1)) for symbol in CALLS)
    request = OrderRequest("c", "", Side.BUY, D(1), OrderType.STOP, stop_price=D(1), legs=legs)
    with bench.running(), pytest.raises(Unsupported, match="of type market and limit, not stop"):
        bench.connector().place(request)


def test_a_login_with_several_accounts_must_say_which() -> None:
    with TastytradeServer() as server:
        server.accounts.append({"account-number": "5WT00002", "margin-or-cash": "Cash"})
        with pytest.raises(VenueError, match=r"several accounts \(…0001, …0002\). Set account in desk.toml"):
            connector(server).positions()
        assert connector(server, account="5WT00001").positions() == ()


@pytest.mark.parametrize(
    ("kind", "margin", "expected"),
    [
        (VenueType.EQUITIES, "Margin", D(2)),
        (VenueType.OPTIONS, "Margin", D(1)),
        (VenueType.FUTURES, "Margin", D(1)),
        (VenueType.EQUITIES, "Cash", None),
    ],
)
def test_a_cash_account_spends_cash_only(kind: VenueType, margin: str, expected: Decimal | None) -> None:
    with TastytradeServer() as server:
        server.accounts[0]["margin-or-cash"] = margin
        account = connector(server, kind).account()
    assert account.leverage == expected


@pytest.mark.parametrize(
    ("stocks", "futures", "margin"),
    [("250.5", "0", "250.5"), ("0", "1000", "1000"), ("0", "0", "0"), ("250.5", "1000", None)],
)
def test_margins_of_which_one_may_hold_the_other_are_not_summed(
    stocks: str, futures: str, margin: str | None
) -> None:
    with TastytradeServer() as server:
        server.margins = D(stocks), D(futures)
        found = connector(server).account().margin_usd
    assert found == (None if margin is None else D(margin))


def test_a_margin_that_is_not_stated_is_unknown() -> None:
    with TastytradeServer() as server:
        body = '{"data": {"account-number": "5WT00001", "cash-balance": "1", "net-liquidating-value": "1"}}'
        server.faults = {"/accounts/5WT00001/balances": fault.body(body)}
        assert connector(server).account().margin_usd is None


def test_an_account_that_may_not_trade_says_why() -> None:
    with TastytradeServer() as server:
        server.status |= {"is-closing-only": True, "is-futures-enabled": False}
        assert connector(server).account().blocked == "positions can only be closed"
        told_of = connector(server, VenueType.FUTURES).account().blocked
    assert told_of == "positions can only be closed; futures are not enabled"


def test_deposits_count_from_when_they_were_booked_and_income_is_no_flow() -> None:
    with TastytradeServer() as server:
        server.transactions = [
            movement("Deposit", "100.5"),
            movement("Withdrawal", "30", "Debit", id=2),
            *(movement(name, id=3 + at) for at, name in enumerate(("Dividend", "Mark to Market", "Fee"))),
        ]
        since = NOON - timedelta(hours=10)  # after it happened, before it was booked
        flows = connector(server).flows(since)
    assert [(flow.kind, flow.amount_usd) for flow in flows] == [
        (FlowKind.DEPOSIT, D("100.5")),
        (FlowKind.WITHDRAWAL, D(-30)),
    ]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (movement("Lottery"), "of a kind that is not known here"),
        (movement("Deposit", currency="EUR"), "in another currency"),
        (movement("ACAT", **{"transaction-type": "Receive Deliver"}), "a transfer of securities"),
    ],
)
def test_a_flow_is_neither_dropped_nor_guessed(row: dict[str, Any], why: str) -> None:
    with TastytradeServer() as server:
        server.transactions = [row]
        with pytest.raises(Unsupported, match=why):
            connector(server).flows(LONG_AGO)


def test_threads_share_one_login_and_it_is_made_once() -> None:
    with TastytradeServer() as server:
        one = connector(server)
        asks: list[Callable[[], object]] = [one.account, one.positions, one.open_orders] * 4
        with ThreadPoolExecutor(12) as pool:
            list(pool.map(lambda ask: ask(), asks))
        paths = [seen.path for seen in server.requests]
        assert server.tokens == paths.count("/customers/me/accounts") == 1


def test_a_grant_that_was_revoked_tells_no_secret() -> None:
    with TastytradeServer() as server:
        server.granted = "another"
        with pytest.raises(VenueError, match="/oauth/token: 400") as caught:
            connector(server).account()
    secrets = {"refresh": REFRESH_TOKEN, "client": CLIENT_SECRET, "token": TOKEN}
    assert found_in(told(caught.value), secrets) == []


def test_a_token_is_gone_with_the_secret_that_it_was_granted_for() -> None:
    refresh = Secret(REFRESH_TOKEN)
    with TastytradeServer() as server:
        secrets = {"client_secret": Secret(CLIENT_SECRET), "refresh_token": refresh}
        settings = Settings(
            "t", VenueType.EQUITIES, secrets, lambda: NOON, Path("/nonexistent"), 5.0, base_url=server.url
        )
        one = Tastytrade(settings)
        one.account()
        refresh.forget()
        with pytest.raises(DeskError, match="dropped after use"):
            one.account()


@pytest.mark.parametrize(
    "body", ['{"data": {"items": {}}}', '{"data": []}', "[]", '{"data": {"items": [{"symbol": "A"}]}}', "{}"]
)
def test_what_is_no_answer_of_the_api_is_no_empty_account(body: str) -> None:
    with TastytradeServer() as server:
        server.faults = {"/accounts/5WT00001/positions": fault.body(body)}
        with pytest.raises(VenueError, match="tastytrade"):
            connector(server).positions()


@pytest.mark.parametrize("pagination", [[1], {}, {"total-pages": "2"}, {"total-pages": True}])
def test_a_list_whose_pages_cannot_be_counted_is_unreadable(pagination: Any) -> None:
    with TastytradeServer() as server:
        path = "/accounts/5WT00001/orders/live"
        server.faults[path] = json_reply({"data": {"items": []}, "pagination": pagination})
        with pytest.raises(VenueError, match="expected pagination with a number of total-pages"):
            connector(server).open_orders()


def test_pages_end_with_the_first_empty_one_whatever_their_number() -> None:
    with TastytradeServer() as server:
        path = "/accounts/5WT00001/orders/live"
        server.faults[path] = json_reply({"data": {"items": []}, "pagination": {"total-pages": 10**30}})
        assert connector(server).open_orders() == ()


@pytest.mark.parametrize("lasts", [10**400, -5, 0])
def test_a_token_that_lasts_no_sane_time_is_none(lasts: int) -> None:
    with TastytradeServer() as server:
        server.faults["/oauth/token"] = json_reply({"access_token": TOKEN, "expires_in": lasts})
        with pytest.raises(VenueError, match="expected access_token and expires_in") as raised:
            connector(server).health()
    assert TOKEN not in str(raised.value)


@pytest.mark.parametrize("effect", [None, "None"])
def test_a_fee_that_may_be_cost_or_rebate_is_not_guessed(effect: str | None) -> None:
    bench = TastytradeBench(VenueType.EQUITIES)
    with bench.running():
        bench.book_fills(1)
        bench.server.transactions[0] |= {"commission": "1.00", "commission-effect": effect}
        with pytest.raises(VenueError, match="expected a fee's effect, Credit or Debit"):
            list(bench.connector().fills(LONG_AGO))


def test_a_future_whose_settlement_is_not_told_is_not_valued_from_its_cost() -> None:
    bench = TastytradeBench(VenueType.FUTURES)
    bench.hold("/ESZ6", D(1), D(5000), D(5100))
    del bench.server.positions[0]["average-daily-market-close-price"]
    with bench.running(), pytest.raises(VenueError, match="what its cash holds already"):
        bench.connector().positions()


@pytest.mark.parametrize("effect", [None, "None"])
def test_a_spread_whose_price_has_no_direction_is_unreadable(effect: str | None) -> None:
    with TastytradeServer() as server:
        server.orders = [{**SPREAD, "price-effect": effect}]
        with pytest.raises(VenueError, match="price-effect of Credit or Debit"):
            connector(server, VenueType.OPTIONS).open_orders()


def test_a_token_that_the_venue_dropped_is_asked_for_anew_once() -> None:
    with TastytradeServer() as server:
        one = connector(server)
        one.account()
        server.tokens += 1  # the one that was granted is no longer taken
        assert one.positions() == ()
        server.granted = "another"
        server.tokens += 1
        with pytest.raises(VenueError, match="/oauth/token: 400"):
            one.positions()


def test_credentials_that_stay_refused_are_not_asked_for_ever() -> None:
    with TastytradeServer() as server:
        server.faults = {"/accounts/5WT00001/positions": fault.status(401)}
        with pytest.raises(VenueError, match="401"):
            connector(server, account="5WT00001").positions()
        assert server.tokens == 2
