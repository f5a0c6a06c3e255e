"""`git qoc paper`, with the desk's clock standing after a close of the shipped data."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.cli.qoc import Qoc

# closes.csv: AAPL 2016-07-05 21.928; KO 36.317, on 07-06 36.189; SPX 2088.55.
CLOSE = datetime(2016, 7, 5, 20, 1, tzinfo=UTC)


@pytest.fixture
def trader(desk: Qoc) -> Qoc:
    desk.now = CLOSE
    for kind in ("equities", "options", "futures", "cash"):
        desk.ok("connect", kind, "--name", kind, "--venue", "paper")
        desk.ok("paper", "deposit", kind, "10000000")
    return desk


def test_what_filled_and_what_rests_is_said(trader: Qoc) -> None:
    said = trader.ok("paper", "buy", "equities", "AAPL", "10").out
    assert said == "equities: bought 10 AAPL at 21.93 (close of 2016-07-05)\n"
    said = trader.ok("paper", "sell", "equities", "AAPL", "4", "--limit", "30", "--tif", "gtc").out
    assert said.startswith("equities: open: sell 4 AAPL limit 30, paper-")
    part, rest = trader.ok("paper", "buy", "equities", "KO", "200000").out.splitlines()
    assert part.startswith("equities: bought ")
    assert part.endswith(" of 200000 KO at 36.32 (close of 2016-07-05)")
    assert rest.startswith("equities: open: buy ")


def test_an_order_that_ends_unfilled_is_a_negative_answer(trader: Qoc) -> None:
    result = trader("paper", "buy", "equities", "KO", "1", "--limit", "30", "--tif", "ioc")
    assert (result.code, result.out) == (1, "equities: canceled: buy 1 KO limit 30\n")
    result = trader("paper", "buy", "equities", "KO", "1", "--limit", "30", "--tif", "fok", "--json")
    assert (result.code, result.json["status"]) == (1, "canceled")


def test_open_orders_are_listed_and_canceled_by_the_beginning_of_their_id(trader: Qoc) -> None:
    nothing = trader.ok("paper", "orders", "equities")
    assert (nothing.out, nothing.err) == ("", "equities: no open orders\n")
    trader.ok("paper", "buy", "equities", "KO", "10", "--limit", "30")
    trader.ok("paper", "buy", "equities", "AAPL", "20", "--stop", "25", "--limit", "26")
    first, second = trader.ok("paper", "orders", "equities", "--json").json
    assert (first["symbol"], first["limit_price"], second["type"]) == ("KO", 30, "stop_limit")
    listed = trader.ok("paper", "orders", "equities").out
    assert "buy 20 AAPL stop 25 limit 26" in listed
    assert first["client_order_id"] in listed
    result = trader("paper", "cancel", "equities", "paper-")
    assert (result.code, "2 open orders" in result.err) == (1, True)
    result = trader("paper", "cancel", "equities", "nosuch")
    assert (result.code, "no open order" in result.err) == (1, True)
    said = trader.ok("paper", "cancel", "equities", first["client_order_id"][:20]).out
    assert said == "equities: canceled buy 10 KO limit 30\n"
    assert trader("paper", "cancel", "equities").code == 129
    assert trader.ok("paper", "cancel", "equities", "--all").out.endswith("AAPL stop 25 limit 26\n")
    assert trader.ok("paper", "orders", "equities", "--json").json == []


def test_a_day_order_is_gone_after_the_next_close(trader: Qoc) -> None:
    trader.ok("paper", "buy", "equities", "KO", "10", "--limit", "36.189")
    trader.ok("paper", "buy", "equities", "KO", "10", "--limit", "30")
    trader.pass_time(days=1)
    assert trader.ok("paper", "orders", "equities").out == ""
    status = trader.ok("status", "--json").json
    assert [row["cash_usd"] for row in status["connectors"] if row["name"] == "equities"] == [9999638.11]


def test_legs_are_bought_and_sold_as_one_at_their_net_price(trader: Qoc) -> None:
    legs = "AAPL160819C00022000,-AAPL160819C00023000"
    bought = trader.ok("paper", "buy", "options", legs, "3").out
    assert bought.startswith(f"options: bought 3 {legs} at 0.")
    price = bought.split(" at ")[1].split()[0]
    sold = trader.ok("paper", "sell", "options", legs, "3", "--limit", price).out
    assert sold.startswith(f"options: sold 3 {legs} at {price} ")
    rests = trader.ok("paper", "sell", "options", legs, "1", "--limit", "0.99").out
    assert "open: 1 × -AAPL160819C00022000,AAPL160819C00023000 limit -0.99" in rests


def test_futures_need_no_cash_but_equity(trader: Qoc) -> None:
    trader.ok("paper", "buy", "futures", "ESU6", "2")
    (row,) = [row for row in trader.ok("status", "--json").json["connectors"] if row["name"] == "futures"]
    assert (row["nav_usd"], row["cash_usd"]) == (10_000_000, 10_000_000)


def test_what_expires_between_two_snapshots_is_realized_in_the_second(trader: Qoc) -> None:
    """closes.csv: on 2016-09-16 SPX is 2139.16 and AAPL 26.672."""
    trader.ok("paper", "buy", "futures", "ESU6", "2")
    bought = trader.ok("paper", "buy", "options", "AAPL160916C00022000", "3", "--json").json
    assert bought["filled_quantity"] == 3
    trader.ok("snapshot")
    cash = {row["name"]: row["cash_usd"] for row in trader.ok("status", "--json").json["connectors"]}
    paid = 10_000_000 - cash["options"]
    trader.now = datetime(2016, 9, 16, 20, 1, tzinfo=UTC)
    trader.ok("snapshot")
    shown = trader.ok("status", "--snapshot", "latest", "--json").json["snapshot"]
    # 2 × (2139.16 − 2088.55) × 50 and 3 × (26.672 − 22) × 100
    realized = 5061.00 + 1401.60 - paid
    assert shown["realized_pnl"] == pytest.approx(realized, abs=1e-9)
    assert shown["nav_usd"] == pytest.approx(40_000_000 + realized, abs=1e-9)
    assert shown["positions"] == []


def test_money_goes_from_one_paper_account_to_another(trader: Qoc) -> None:
    assert trader.ok("paper", "transfer", "cash", "equities", "250.5").out == "cash: cash 9,999,749.50 USD\n"
    cash = {row["name"]: row["cash_usd"] for row in trader.ok("status", "--json").json["connectors"]}
    assert (cash["cash"], cash["equities"]) == (9999749.5, 10000250.5)


REFUSED = (
    (("transfer", "cash", "nobody", "1"), 128, "no other paper account of that name"),
    (("transfer", "cash", "equities", "10000001"), 128, "10000000 USD are free"),
    (("buy", "equities", "BTC-USD", "1"), 128, "does not trade here now"),
    (("buy", "equities", "KO", "1", "--limit", "x"), 129, "--limit: expected a decimal number"),
    (("buy", "equities", "KO", "0"), 129, "greater than zero"),
    (("buy", "equities", "KO", "1", "--tif", "opg"), 129, "--tif: expected one of day, gtc, ioc, fok"),
    (("buy", "equities", "KO", "1", "--limit", "-3"), 128, "above zero"),
    (("sell", "equities", "KO", "9000000"), 128, "not enough cash"),
    (("buy", "cash", "KO", "1"), 128, "does not offer order type market for cash"),
    (("buy", "options", "AAPL160819C00022000", "1", "--stop", "1", "--limit", "2"), 128, "stop_limit"),
    (("buy", "options", "AAPL160819C00022000,", "1"), 129, "found a comma too many"),
    (("orders", "nobody"), 129, "Paper accounts: equities, options, futures, cash"),
)


def test_what_cannot_be_done_is_said_in_one_line(trader: Qoc) -> None:
    for args, code, words in REFUSED:
        result = trader("paper", *args)
        assert (result.code, result.out) == (code, ""), args
        assert words in result.err, args
        assert "Traceback" not in result.err
