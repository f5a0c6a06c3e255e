"""A desk whose venues are an exchange on loopback: connect, trade, status, snapshots, back-fill, blame.

Closes: AAPL 2017-02-28 32.096, 03-01 32.752, 03-02 32.558.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.cli.qoc import Qoc
from tests.conftest import Git
from tests.exchange.running import NOON, Running

D = Decimal
EVENING = datetime(2017, 3, 2, 22, tzinfo=UTC)


@pytest.fixture
def desk(git: Git, exchange: Running) -> Qoc:
    qoc = Qoc(git, NOON, {"EX_API_KEY": "any", "EX_API_SECRET": "thing"})
    qoc.ok("init")
    args = ("--name", "main", "--env-prefix", "EX_", "--base-url", exchange.url)
    qoc.ok("connect", "equities", *args)
    return qoc


def test_a_desk_records_what_was_traded_on_the_exchange(desk: Qoc, exchange: Running) -> None:
    desk.ok("snapshot")
    exchange.order("AAPL", "10")
    exchange.order("KO", "5", type="limit", limit_price="20", time_in_force="gtc")
    exchange.post("/qoc/cash", id="more", amount="500")
    exchange.at(EVENING.isoformat())
    desk.now = EVENING
    desk.ok("snapshot")
    first, last = reversed(desk.ok("log", "--json").json)
    assert D(str(first["nav_usd"])) == 100000
    # 100,000 + 500 + 10 × (32.558 − 32.096).
    assert D(str(last["nav_usd"])) == D("100504.62")


def test_buying_power_is_less_what_open_orders_bind(desk: Qoc, exchange: Running) -> None:
    exchange.order("KO", "100", type="limit", limit_price="20", time_in_force="gtc")
    status = desk.ok("status", "--json").json
    # 2 × 100,000 − 100 × 20.
    assert status["buying_power_usd"] == 198000
    assert [(one["health"], one["open_orders"]) for one in status["connectors"]] == [("OK", 1)]


def test_the_past_is_filled_in_from_the_exchanges_history(desk: Qoc, exchange: Running) -> None:
    exchange.order("AAPL", "10")
    exchange.at(EVENING.isoformat())
    desk.now = EVENING
    desk.ok("snapshot", "--backfill", "2017-03-01")
    rows = desk.ok("log", "--json").json
    assert [D(str(row["nav_usd"])) for row in rows] == [D("100006.56")]
