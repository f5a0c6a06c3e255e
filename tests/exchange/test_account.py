"""The account, its positions, and who may see them. Figures are worked by hand from the closes:

AAPL  2017-02-28 32.096   03-01 32.752   03-02 32.558   03-17 32.799
KO    2017-02-28 34.103   03-01 34.265
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.exchange.running import NOON, Client, Running, order_body
from tests.venues import alpaca_api

D = Decimal
CALL = "AAPL170317C00030000"
EVENING = "2017-03-02T17:00:00-05:00"


def test_a_new_account_has_its_cash_and_nothing_else(exchange: Running) -> None:
    account = exchange.get("/v2/account")
    assert (account["cash"], account["equity"], account["buying_power"]) == ("100000", "100000", "200000")
    assert (account["multiplier"], account["status"], account["initial_margin"]) == ("2", "ACTIVE", "0")
    assert exchange.get("/v2/positions") == []
    assert exchange.get("/v2/account/configurations")["no_shorting"] is False


def test_an_account_after_two_days(exchange: Running) -> None:
    exchange.order("AAPL", "10")
    exchange.at(EVENING)
    account = exchange.get("/v2/account")
    wanted = {
        "cash": "99679.04",  # 100,000 − 10 × 32.096
        "long_market_value": "325.58",  # 10 × 32.558
        "equity": "100004.62",
        "last_equity": "100006.56",  # 99,679.04 + 10 × 32.752
        "balance_asof": "2017-03-01",
        "initial_margin": "162.79",  # half of the value
        "regt_buying_power": "199683.66",  # (100,004.62 − 162.79) × 2
        "options_buying_power": "99841.83",
        "short_market_value": "0",
    }
    assert {name: account[name] for name in wanted} == wanted


def test_a_long_position(exchange: Running) -> None:
    exchange.order("AAPL", "10")
    exchange.order("AAPL", "4", "sell", type="limit", limit_price="90", time_in_force="gtc")
    exchange.at(EVENING)
    position = exchange.get("/v2/positions/AAPL")
    wanted = {
        "qty": "10",
        "qty_available": "6",
        "side": "long",
        "avg_entry_price": "32.096",
        "cost_basis": "320.96",
        "market_value": "325.58",
        "unrealized_pl": "4.62",
        "unrealized_plpc": "0.014394317",  # 4.62 / 320.96
        "current_price": "32.558",
        "lastday_price": "32.752",
        "unrealized_intraday_pl": "-1.94",  # 10 × (32.558 − 32.752)
        "unrealized_intraday_plpc": "-0.005923302",  # −1.94 / 327.52
        "change_today": "-0.005923302",
        "exchange": "NASDAQ",
    }
    assert {name: position[name] for name in wanted} == wanted
    assert exchange.get("/v2/positions") == [position]
    assert exchange.get(f"/v2/positions/{position['asset_id']}") == position


def test_open_orders_lower_the_buying_power_until_they_are_gone(exchange: Running) -> None:
    exchange.order("KO", "100", type="limit", limit_price="20", time_in_force="gtc")
    account = exchange.get("/v2/account")
    # 100 × 20 bind half of it.
    assert (account["buying_power"], account["options_buying_power"]) == ("198000", "99000")
    assert (account["initial_margin"], account["cash"]) == ("0", "100000")
    reply = exchange("POST", "/v2/orders", order_body("KO", "6000"))
    assert reply.body["buying_power"] == "198000"
    exchange.delete("/v2/orders")
    assert exchange.get("/v2/account")["buying_power"] == "200000"


def test_a_short_position_is_negative(exchange: Running) -> None:
    exchange.order("KO", "5", "sell")
    exchange.at("2017-03-02T12:00:00-05:00")
    position = exchange.get("/v2/positions/KO")
    wanted = {
        "qty": "-5",
        "qty_available": "-5",
        "side": "short",
        "cost_basis": "-170.515",
        "market_value": "-171.325",  # 5 × 34.265
        "unrealized_pl": "-0.81",
    }
    assert {name: position[name] for name in wanted} == wanted
    account = exchange.get("/v2/account")
    assert (account["cash"], account["short_market_value"], account["equity"]) == (
        "100170.515",
        "-171.325",
        "99999.19",
    )


@pytest.mark.parametrize("form", ["BTCUSD", "BTC/USD", "BTC%2FUSD", "BTC-USD"])
def test_a_position_in_a_coin_is_found_in_every_form(exchange: Running, form: str) -> None:
    exchange.order("BTC/USD", "0.000000001")
    position = exchange.get(f"/v2/positions/{form}")
    assert (position["symbol"], position["qty"], position["exchange"]) == ("BTCUSD", "0.000000001", "CRYPTO")


@pytest.mark.parametrize(
    ("query", "qty"),
    [({}, "7"), ({"qty": "2"}, "2"), ({"percentage": "50"}, "3"), ({"percentage": "100"}, "7")],
)
def test_a_position_is_closed_whole_or_in_part(exchange: Running, query: dict[str, str], qty: str) -> None:
    exchange.order("AAPL", "7")
    order = exchange.delete("/v2/positions/AAPL", **query)
    assert (order["side"], order["qty"], order["filled_avg_price"]) == ("sell", qty, "32.096")


def test_half_of_a_fractional_position_may_be_fractional(exchange: Running) -> None:
    exchange.order("AAPL", "7.5")
    assert exchange.delete("/v2/positions/AAPL", percentage="50")["qty"] == "3.75"


@pytest.mark.parametrize(
    "query",
    [{"qty": "8"}, {"qty": "0"}, {"percentage": "101"}, {"percentage": "1"}, {"qty": "1", "percentage": "1"}],
)
def test_more_or_less_than_a_position_is_not_closed(exchange: Running, query: dict[str, str]) -> None:
    exchange.order("AAPL", "7")
    assert exchange("DELETE", "/v2/positions/AAPL", **query).status == 422
    assert exchange.get("/v2/positions/AAPL")["qty"] == "7"


def test_all_positions_are_closed_with_a_status_each(exchange: Running) -> None:
    exchange.order("AAPL", "7")
    exchange.order("KO", "7", "sell")
    exchange.order("BTC/USD", "1")
    exchange.order("BTC/USD", "1", "sell", type="limit", limit_price="9000")
    reply = exchange("DELETE", "/v2/positions")
    assert reply.status == 207
    statuses = {row["symbol"]: row["status"] for row in reply.body}
    assert statuses == {"AAPL": 200, "KO": 200, "BTCUSD": 403}
    assert reply.body[1]["body"]["code"] == 40310000
    rest = exchange("DELETE", "/v2/positions", cancel_orders="true").body
    assert [(row["symbol"], row["status"]) for row in rest] == [("BTCUSD", 200)]
    assert exchange.get("/v2/positions") == []
    assert exchange.get("/v2/orders") == []


def test_a_given_key_and_secret_are_the_only_ones(tmp_path: Path) -> None:
    with Running(tmp_path, key="k", secret="s") as exchange:
        for key, secret in (("k", "x"), ("x", "s"), ("", ""), ("k", "")):
            client = Client(exchange.url, key, secret)
            for path in ("/v2/account", "/v2/stocks/quotes/latest?symbols=AAPL", "/qoc/clock"):
                assert client("GET", path).body == {"code": 40110000, "message": "request is not authorized"}
            client.close()
        right = Client(exchange.url, "k", "s")
        assert right("GET", "/v2/account").status == 200
        right.close()
        assert "s" not in repr(exchange.exchange).split("secret")


def test_any_key_will_do_but_none_will_not(exchange: Running) -> None:
    nobody = Client(exchange.url, "", "")
    assert nobody("GET", "/v2/account").status == 401
    assert nobody("GET", "/v1beta3/crypto/us/latest/quotes", symbols="BTC/USD").status == 200
    nobody.close()


def test_a_web_page_cannot_move_the_market(exchange: Running) -> None:
    reply = exchange.send("POST", "/qoc/cash", '{"id": "x", "amount": "1"}', Origin="https://example.com")
    assert reply.status == 403
    assert exchange.get("/v2/account")["cash"] == "100000"


def test_the_clock_moves_forward_only(exchange: Running) -> None:
    exchange.at("2017-03-04T12:00:00-05:00")
    assert exchange.get("/v2/clock") == {
        "timestamp": "2017-03-04T12:00:00-05:00",
        "is_open": False,
        "next_open": "2017-03-06T09:30:00-05:00",
        "next_close": "2017-03-06T16:00:00-05:00",
    }
    assert exchange("POST", "/qoc/clock", {"at": "2017-03-04T11:00:00-05:00"}).status == 422
    assert exchange("POST", "/qoc/clock", {}).status == 422
    assert exchange.get("/qoc/clock") == {"at": "2017-03-04T17:00:00Z", "stands": True}


def test_a_real_clock_cannot_be_moved(tmp_path: Path) -> None:
    with Running(tmp_path, at=None) as exchange:
        assert exchange.get("/qoc/clock") == {"at": "2017-03-01T17:00:00Z", "stands": False}
        assert exchange("POST", "/qoc/clock", {"at": "2018-01-01T00:00:00Z"}).status == 422


def test_orders_of_one_account_by_another_client_of_its_books(exchange: Running) -> None:
    """A future that the paper venue holds on the same books is not Alpaca's, but its money is."""
    from git_qoc.market.orders import NewOrder
    from git_qoc.model import OrderType, Side

    exchange.engine.submit(NewOrder("f", "ESH7", Side.BUY, D(1), OrderType.MARKET))
    resting = NewOrder("r", "ESH7", Side.BUY, D(1), OrderType.LIMIT, D(100), time_in_force="gtc")
    order_id = exchange.engine.submit(resting).order_id
    assert exchange("GET", f"/v2/orders/{order_id}").status == 404
    assert exchange("DELETE", f"/v2/orders/{order_id}").status == 404
    assert exchange("GET", "/v2/orders:by_client_order_id", client_order_id="r").status == 404
    assert exchange.delete("/v2/orders") == exchange.delete("/v2/positions", cancel_orders="true") == []
    assert [row.order_id for row in exchange.engine.orders(open_only=True)] == [order_id]
    assert exchange.get("/v2/positions") == []
    assert exchange.get("/v2/orders", status="all") == []
    assert exchange.get("/v2/account/activities/FILL") == []
    assert D(exchange.get("/v2/account")["initial_margin"]) > 0


def test_every_operation_that_is_served_was_held_against_the_documents(exchange: Running) -> None:
    before = alpaca_api.validated.copy()
    order = exchange.order(
        "KO", "1", type="limit", limit_price="20", time_in_force="gtc", client_order_id="a"
    )
    for path in (
        "/v2/account",
        "/v2/account/activities",
        "/v2/account/activities/FILL",
        "/v2/account/configurations",
        "/v2/account/portfolio/history?timeframe=1D",
        "/v2/assets",
        "/v2/assets/KO",
        "/v2/calendar",
        "/v2/clock",
        "/v2/options/contracts",
        f"/v2/options/contracts/{CALL}",
        "/v2/orders",
        f"/v2/orders/{order['id']}",
        "/v2/orders:by_client_order_id?client_order_id=a",
        "/v2/positions",
        "/v2/stocks/quotes/latest?symbols=KO",
        "/v2/stocks/trades/latest?symbols=KO",
        "/v2/stocks/bars/latest?symbols=KO",
        "/v2/stocks/bars?symbols=KO&timeframe=1Day",
        "/v2/stocks/KO/quotes/latest",
        "/v2/stocks/KO/trades/latest",
        "/v2/stocks/KO/bars/latest",
        "/v2/stocks/KO/bars?timeframe=1Day",
        "/v2/stocks/snapshots?symbols=KO",
        "/v2/stocks/KO/snapshot",
        f"/v1beta1/options/snapshots?symbols={CALL}",
        "/v1beta3/crypto/us/snapshots?symbols=BTC/USD",
        f"/v1beta1/options/quotes/latest?symbols={CALL}",
        f"/v1beta1/options/trades/latest?symbols={CALL}",
        "/v1beta3/crypto/us/latest/quotes?symbols=BTC/USD",
        "/v1beta3/crypto/us/latest/trades?symbols=BTC/USD",
        "/v1beta3/crypto/us/latest/bars?symbols=BTC/USD",
        "/v1beta3/crypto/us/bars?symbols=BTC/USD&timeframe=1Day",
    ):
        exchange.get(path)
    replaced = exchange("PATCH", f"/v2/orders/{order['id']}", {"qty": "2"}).body
    exchange.delete(f"/v2/orders/{replaced['id']}")
    exchange.delete("/v2/orders")
    exchange.order("KO", "2")
    exchange.get("/v2/positions/KO")
    exchange.delete("/v2/positions/KO", qty="1")
    exchange.delete("/v2/positions")
    assert exchange("POST", "/v2/orders", order_body("KO", "0")).status == 422
    assert len(alpaca_api.validated - before) == 40
    assert exchange.exchange.clock() == NOON
