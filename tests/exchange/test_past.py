"""What was: activities and equity by day. Figures are worked by hand from the closes:

AAPL  2017-02-28 32.096   03-01 32.752   03-02 32.558   03-17 32.799
KO    2017-02-28 34.103   03-01 34.265
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.exchange.running import Running

D = Decimal
CALL = "AAPL170317C00030000"
EVENING = "2017-03-02T17:00:00-05:00"


def test_equity_by_day_with_its_cash_flows(exchange: Running) -> None:
    exchange.order("AAPL", "10")
    exchange.at(EVENING)
    query = {"start": "2017-02-28T00:00:00-05:00", "end": "2017-03-02T23:59:59-05:00", "timeframe": "1D"}
    found = exchange.get("/v2/account/portfolio/history", **query, cashflow_types="CSD,CSW")
    assert found == {
        # 20:00 in New York of 02-28, 03-01 and 03-02.
        "timestamp": [1488330000, 1488416400, 1488502800],
        "equity": [D(0), D("100006.56"), D("100004.62")],
        "profit_loss": [D(0), D("100006.56"), D("-1.94")],
        "profit_loss_pct": [D(0), D(0), D("-0.000019399")],
        "base_value": D(0),
        "base_value_asof": "2017-02-27",
        "timeframe": "1D",
        "cashflow": {"CSD": [D(0), D(100000), D(0)], "CSW": [D(0), D(0), D(0)]},
    }
    assert "cashflow" not in exchange.get("/v2/account/portfolio/history", **query)
    assert exchange.get("/v2/account/portfolio/history", timeframe="1D", period="1W")["equity"][-1] == D(
        "100004.62"
    )


def test_money_booked_after_a_close_belongs_to_the_next_day(exchange: Running) -> None:
    exchange.at("2017-03-01T18:00:00-05:00")
    exchange.post("/qoc/cash", id="late", amount="500")
    exchange.at(EVENING)
    found = exchange.get(
        "/v2/account/portfolio/history", start="2017-03-01", timeframe="1D", cashflow_types="ALL"
    )
    assert found["cashflow"]["CSD"] == [D(0), D(100000), D(500)]
    assert found["equity"] == [D(0), D(100000), D(100500)]


@pytest.mark.parametrize(
    "query",
    [
        {"timeframe": "15Min"},
        {"timeframe": "1W"},
        {"period": "1D"},
        {"period": "forever"},
        {"period": "1M", "start": "2017-01-01", "end": "2017-02-01"},
        {"cashflow_types": "csd,x"},
        {"start": "1900-01-01", "end": "2017-01-01"},
    ],
)
def test_a_history_that_is_not_kept_is_refused(idle: Running, query: dict[str, str]) -> None:
    assert idle("GET", "/v2/account/portfolio/history", **query).status == 422


def test_a_range_without_sessions_is_empty(idle: Running) -> None:
    query = {"start": "2017-02-25T12:00:00-05:00", "end": "2017-02-26T12:00:00-05:00", "timeframe": "1D"}
    found = idle.get("/v2/account/portfolio/history", **query, cashflow_types="CSD")
    assert (found["timestamp"], found["equity"], found["base_value"]) == ([], [], None)


def test_fills_and_bookings_are_activities(exchange: Running) -> None:
    order = exchange.order("AAPL", "10")
    exchange.post("/qoc/cash", id="out", amount="-250")
    exchange.post("/qoc/cash", id="out", amount="-250")
    out, fill, opening = exchange.get("/v2/account/activities")
    assert (out["activity_type"], out["net_amount"], out["date"]) == ("CSW", "-250", "2017-03-01")
    assert (opening["activity_type"], opening["net_amount"]) == ("CSD", "100000")
    assert fill["id"].startswith("20170301120000000::")
    wanted = {
        "activity_type": "FILL",
        "type": "fill",
        "order_id": order["id"],
        "symbol": "AAPL",
        "side": "buy",
        "qty": "10",
        "price": "32.096",
        "cum_qty": "10",
        "leaves_qty": "0",
        "transaction_time": "2017-03-01T17:00:00Z",
    }
    assert {name: fill[name] for name in wanted} == wanted
    assert exchange.get("/v2/account/activities/CSW") == [out]
    assert exchange.get("/v2/account/activities", activity_types="FILL,CSW") == [out, fill]
    assert exchange.get("/v2/account/activities", category="trade_activity") == [fill]
    assert exchange.get("/v2/account/activities", category="non_trade_activity") == [out, opening]
    assert exchange.get("/v2/account/activities/FILL", order_id=order["id"]) == [fill]
    assert exchange.get("/v2/account/activities/DIV") == []


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("size", ["1", "3", "4", "100"])
def test_pages_of_activities_have_each_row_once_though_all_are_of_one_instant(
    exchange: Running, direction: str, size: str
) -> None:
    orders = [exchange.order("KO", "1")["id"] for _ in range(8)]
    found: list[str] = []
    query = {"page_size": size, "direction": direction, "activity_types": "FILL"}
    while page := exchange.get("/v2/account/activities", **query):
        found += [row["order_id"] for row in page]
        query["page_token"] = page[-1]["id"]
    assert found == (orders if direction == "asc" else orders[::-1])


def test_activities_are_selected_by_the_time_of_booking(exchange: Running) -> None:
    exchange.order("KO", "1")
    exchange.at("2017-03-02T12:00:00-05:00")
    exchange.order("KO", "2")

    def sizes(**query: str) -> list[str]:
        return [row["qty"] for row in exchange.get("/v2/account/activities/FILL", **query)]

    assert sizes() == ["2", "1"]
    assert sizes(after="2017-03-01T16:59:59Z") == ["2", "1"]
    assert sizes(after="2017-03-01T17:00:00Z") == ["2"]
    assert sizes(until="2017-03-02T17:00:00Z") == ["1"]
    assert sizes(date="2017-03-01") == ["1"]


@pytest.mark.parametrize(
    "query",
    [
        {"page_token": "x"},
        {"page_size": "101"},
        {"category": "odd"},
        {"category": "trade_activity", "activity_types": "FILL"},
        {"activity_types": "fill"},
        {"direction": "up"},
        {"after": "now"},
    ],
)
def test_a_query_for_activities_that_cannot_be_meant(idle: Running, query: dict[str, str]) -> None:
    assert idle("GET", "/v2/account/activities", **query).status == 422


def test_a_large_order_fills_in_parts_over_sessions(tmp_path: Path) -> None:
    with Running(tmp_path, cash="100000000") as exchange:
        order = exchange.order("KO", "150000", time_in_force="gtc")
        share = int(exchange.engine.volume("KO") or 0) // 10
        assert (order["status"], order["filled_qty"]) == ("partially_filled", str(share))
        (fill,) = exchange.get("/v2/account/activities/FILL")
        assert (fill["type"], fill["order_status"]) == ("partial_fill", "partially_filled")
        assert (fill["cum_qty"], fill["leaves_qty"]) == (str(share), str(150000 - share))
        exchange.delete(f"/v2/orders/{order['id']}")
        done = exchange.get(f"/v2/orders/{order['id']}")
        assert (done["status"], done["filled_qty"]) == ("canceled", str(share))


def test_an_option_is_settled_in_cash_at_its_expiry(exchange: Running) -> None:
    exchange.order(CALL, "2")
    exchange.at("2017-03-20T12:00:00-04:00")
    (row,) = exchange.get("/v2/account/activities/OPEXP")
    # 2 × 100 × (32.799 − 30).
    assert (row["net_amount"], row["symbol"], row["qty"]) == ("559.8", CALL, "-2")
    assert exchange.get("/v2/positions") == []
    assert len(exchange.get("/v2/account/activities/FILL")) == 1
