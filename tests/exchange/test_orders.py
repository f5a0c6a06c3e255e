"""Orders: taken, refused, listed, replaced, canceled. Prices are the closes of the data (`NOON`)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.exchange.running import Running, order_body

CALL, HIGHER = "AAPL170317C00030000", "AAPL170317C00032000"
RESTING = {"type": "limit", "limit_price": "20", "time_in_force": "gtc"}


def legs(first: str = "buy", second: str = "sell", **more: Any) -> list[dict[str, Any]]:
    return [
        {"symbol": CALL, "ratio_qty": "1", "side": first, **more},
        {"symbol": HIGHER, "ratio_qty": "1", "side": second},
    ]


def spread(**changes: Any) -> dict[str, Any]:
    body = {"order_class": "mleg", "qty": "2", "type": "market", "time_in_force": "day", "legs": legs()}
    return {name: value for name, value in {**body, **changes}.items() if value is not None}


def test_a_market_order_fills_at_the_last_close(exchange: Running) -> None:
    order = exchange.order("AAPL", "10", client_order_id="mine")
    assert (order["status"], order["filled_qty"], order["filled_avg_price"]) == ("filled", "10", "32.096")
    assert (order["symbol"], order["asset_class"], order["side"]) == ("AAPL", "us_equity", "buy")
    assert order["submitted_at"] == order["filled_at"] == "2017-03-01T17:00:00Z"
    assert exchange.get(f"/v2/orders/{order['id']}") == order
    assert exchange.get("/v2/orders:by_client_order_id", client_order_id="mine") == order


@pytest.mark.parametrize("name", ["BTC/USD", "BTCUSD", "BTC-USD"])
def test_a_coin_is_taken_in_every_form_and_shown_as_a_pair(exchange: Running, name: str) -> None:
    order = exchange.order(name, "0.5", time_in_force="gtc")
    assert (order["symbol"], order["asset_class"], order["filled_avg_price"]) == (
        "BTC/USD",
        "crypto",
        "1192.69",
    )


def test_an_asset_can_be_ordered_by_its_id(exchange: Running) -> None:
    asset = exchange.get("/v2/assets/KO")
    assert exchange.order(asset["id"], "1")["symbol"] == "KO"


def test_numbers_may_be_texts_or_json_numbers(exchange: Running) -> None:
    first = exchange.order("KO", "1", **{**RESTING, "limit_price": "20.25"})
    second = exchange.order("KO", Decimal(1), **{**RESTING, "limit_price": 20.25})  # type: ignore[arg-type]
    assert {first["qty"], second["qty"]} == {"1"}
    assert {first["limit_price"], second["limit_price"]} == {"20.25"}


def test_an_order_by_notional_buys_what_the_money_is_worth(exchange: Running) -> None:
    # 341.03 at 34.103 a share.
    order = exchange.order("KO", "", notional="341.03")
    assert (order["qty"], order["notional"], order["filled_qty"]) == (None, "341.03", "10")


@pytest.mark.parametrize(
    ("changes", "status", "filled"),
    [
        ({"type": "limit", "limit_price": "32.11"}, "filled", "10"),
        ({"type": "limit", "limit_price": "32.09"}, "new", "0"),
        ({"type": "stop", "stop_price": "33"}, "new", "0"),
        ({"type": "stop_limit", "stop_price": "33", "limit_price": "34"}, "new", "0"),
        ({"type": "limit", "limit_price": "32.09", "time_in_force": "ioc"}, "canceled", "0"),
        ({"type": "limit", "limit_price": "32.09", "time_in_force": "fok"}, "canceled", "0"),
    ],
)
def test_orders_of_every_type(exchange: Running, changes: dict[str, str], status: str, filled: str) -> None:
    order = exchange.order("AAPL", "10", **changes)
    assert (order["status"], order["filled_qty"]) == (status, filled)
    assert {name: order[name] for name in changes} == changes


def test_a_day_order_expires_with_its_session_and_a_stop_triggers_at_a_close(exchange: Running) -> None:
    day = exchange.order("AAPL", "10", type="limit", limit_price="20")
    stop = exchange.order("AAPL", "10", type="stop", stop_price="32.5", time_in_force="gtc")
    exchange.at("2017-03-01T16:00:00-05:00")
    ended = exchange.get(f"/v2/orders/{day['id']}")
    assert (ended["status"], ended["expired_at"]) == ("expired", "2017-03-01T21:00:00Z")
    done = exchange.get(f"/v2/orders/{stop['id']}")
    assert (done["status"], done["filled_avg_price"]) == ("filled", "32.752")


def test_a_spread_is_one_order_whose_legs_state_their_own_fills(exchange: Running) -> None:
    order = exchange.post("/v2/orders", **spread())
    quotes = exchange.get("/v1beta1/options/quotes/latest", symbols=f"{CALL},{HIGHER}")["quotes"]
    long, short = order["legs"]
    assert (order["status"], order["filled_qty"], order["order_class"]) == ("filled", "2", "mleg")
    assert (order["symbol"], order["side"], order["asset_class"]) == ("", "", "")
    assert (long["side"], long["filled_qty"], short["side"], short["filled_qty"]) == ("buy", "2", "sell", "2")
    assert Decimal(long["filled_avg_price"]) == quotes[CALL]["ap"]
    assert Decimal(short["filled_avg_price"]) == quotes[HIGHER]["bp"]
    assert Decimal(order["filled_avg_price"]) == quotes[CALL]["ap"] - quotes[HIGHER]["bp"]
    assert [row["id"] for row in exchange.get("/v2/orders", status="all", nested="true")] == [order["id"]]


def test_a_credit_spread_has_a_negative_limit_and_price(exchange: Running) -> None:
    sold = spread(type="limit", limit_price="-1.5", legs=legs("sell", "buy"))
    order = exchange.post("/v2/orders", **sold)
    quotes = exchange.get("/v1beta1/options/quotes/latest", symbols=f"{CALL},{HIGHER}")["quotes"]
    credit = quotes[CALL]["bp"] - quotes[HIGHER]["ap"]
    assert credit >= Decimal("1.5")
    assert (order["status"], order["limit_price"]) == ("filled", "-1.5")
    assert Decimal(order["filled_avg_price"]) == -credit
    resting = exchange.post("/v2/orders", **{**sold, "limit_price": "-1.99"})
    assert (resting["status"], resting["filled_qty"]) == ("new", "0")
    assert Decimal(resting["legs"][0]["qty"]) == 2


def test_a_leg_may_give_its_direction_as_an_intent(exchange: Running) -> None:
    rows = [{"symbol": CALL, "ratio_qty": "1", "position_intent": "buy_to_open"}, legs()[1]]
    assert exchange.post("/v2/orders", **spread(legs=rows))["legs"][0]["side"] == "buy"


REFUSED: list[tuple[dict[str, Any], int, int, str]] = [
    (order_body("AAPL", "1", symbol=None), 422, 40010001, "symbol is required"),
    (order_body("NOSUCH", "1"), 422, 42210000, 'asset "NOSUCH" not found'),
    (order_body("SPX", "1"), 422, 42210000, 'asset "SPX" not found'),
    (order_body("ESH7", "1"), 422, 42210000, 'asset "ESH7" not found'),
    (order_body("AAPL", "1", side=None), 422, 40010001, "side is required"),
    (order_body("AAPL", "1", side="hold"), 422, 42210000, "invalid side"),
    (order_body("AAPL", "1", type=None), 422, 40010001, "type is required"),
    (order_body("AAPL", "1", type="iceberg"), 422, 42210000, "invalid order type"),
    (
        order_body("AAPL", "1", type="trailing_stop", trail_price="1"),
        422,
        42210000,
        "trailing_stop orders are not",
    ),
    (order_body("AAPL", "1", time_in_force=None), 422, 40010001, "time_in_force is required"),
    (order_body("AAPL", "1", time_in_force="opg"), 422, 42210000, "invalid time_in_force"),
    (order_body("BTC/USD", "1", time_in_force="day"), 422, 42210000, "invalid crypto time_in_force"),
    (order_body(CALL, "1", time_in_force="ioc"), 422, 42210000, "invalid option time_in_force"),
    (order_body("AAPL", "1", qty=None), 422, 40010001, "qty or notional is required"),
    (order_body("AAPL", "1", notional="5"), 422, 42210000, "qty and notional are mutually exclusive"),
    (order_body("AAPL", "0"), 422, 42210000, "qty must be > 0"),
    (order_body("AAPL", "-1"), 422, 42210000, "qty must be > 0"),
    (order_body("AAPL", "1.0000000001"), 422, 42210000, "qty must be > 0, with at most 9 decimals"),
    (order_body("AAPL", "one"), 422, 42210000, "qty must be a decimal number"),
    (order_body("AAPL", "NaN"), 422, 42210000, "qty must be a decimal number"),
    (order_body("AAPL", "1", qty=True), 422, 42210000, "qty must be a decimal number"),
    (order_body("AAPL", "1_0"), 422, 42210000, "qty must be a decimal number"),
    (order_body("AAPL", " 1"), 422, 42210000, "qty must be a decimal number"),
    (order_body("AAPL", "\u0661"), 422, 42210000, "qty must be a decimal number"),
    (order_body("AAPL", "0.5", time_in_force="gtc"), 422, 42210000, "fractional orders must be DAY orders"),
    (order_body(CALL, "0.5"), 422, 42210000, "qty must be integer for options trading"),
    (order_body("AAPL", "1", type="limit"), 422, 42210000, "limit price is required"),
    (order_body("AAPL", "1", limit_price="5"), 422, 42210000, "limit price is not valid"),
    (order_body("AAPL", "1", type="stop"), 422, 42210000, "stop price is required"),
    (order_body("AAPL", "1", type="limit", limit_price="-1"), 422, 42210000, "limit_price must be > 0"),
    (
        order_body("AAPL", "1", type="limit", limit_price="20.123"),
        422,
        42210000,
        "invalid limit_price 20.123. sub-penny increment does not fulfill minimum pricing criteria",
    ),
    (order_body("AAPL", "1", order_class="bracket"), 422, 42210000, "bracket orders are not supported"),
    (order_body("AAPL", "1", order_class="swarm"), 422, 42210000, "invalid order_class"),
    (
        order_body("AAPL", "1", take_profit={"limit_price": "9"}),
        422,
        42210000,
        "take_profit is not supported",
    ),
    (order_body("AAPL", "1", trail_percent="1"), 422, 42210000, "trail_percent is not valid for this type"),
    (order_body("AAPL", "1", trail_price="1"), 422, 42210000, "trail_price is not valid for this type"),
    (order_body("AAPL", "1", extended_hours=True), 422, 42210000, "extended hours orders are not supported"),
    (order_body("AAPL", "1", client_order_id="x" * 129), 422, 42210000, "no more than 128 characters"),
    (order_body("AAPL", "1", client_order_id="\ud83d"), 422, 42210000, "without unpaired surrogates"),
    (order_body("AAPL", "1", client_order_id=7), 422, 42210000, "client_order_id must be a string"),
    (order_body(CALL, "1", position_intent="buy_to_close"), 422, 42210000, "inferred: buy_to_open"),
    (order_body("AAPL", "1", legs=legs()), 422, 42210000, "legs are only valid for order_class mleg"),
    (spread(qty=None), 422, 40010001, "qty is required"),
    (spread(legs=legs()[:1]), 422, 42210000, "mleg orders must have from 2 to 4 legs"),
    (spread(legs=[1, 2]), 422, 42210000, "leg.0 must be an object"),
    (spread(legs=legs(symbol="AAPL")), 422, 42210000, "asset not found for AAPL"),
    (spread(legs=legs(ratio_qty=None)), 422, 40010001, "leg.0 ratio_qty is required"),
    (spread(legs=legs(side=None)), 422, 42210000, "leg.0 position intent is required"),
    (spread(legs=legs(position_intent="sell_to_open")), 422, 42210000, "do not agree"),
    (spread(type="stop", stop_price="1"), 422, 42210000, "invalid order type for options trading"),
]


@pytest.mark.parametrize(("body", "status", "code", "words"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_order_is_refused_in_alpacas_form(
    idle: Running, body: dict[str, Any], status: int, code: int, words: str
) -> None:
    reply = idle("POST", "/v2/orders", body)
    assert (reply.status, reply.body["code"]) == (status, code)
    assert words in reply.body["message"]
    assert idle.get("/v2/orders", status="all") == []


def test_more_than_the_account_can_pay_for_is_forbidden(exchange: Running) -> None:
    reply = exchange("POST", "/v2/orders", order_body("AAPL", "7000"))
    assert reply.status == 403
    # 7,000 × 32.096 is more than twice 100,000.
    assert reply.body == {
        "code": 40310000,
        "message": "insufficient buying power",
        "buying_power": "200000",
        "cost_basis": "224672",
    }
    coin = exchange("POST", "/v2/orders", order_body("BTC/USD", "100"))
    assert coin.status == 403
    assert coin.body["message"] == "insufficient balance for USD (requested: 119269, available: 100000)"
    option = exchange("POST", "/v2/orders", order_body(CALL, "900"))
    assert option.status == 403
    assert option.body["message"].startswith("insufficient options buying power (required: ")


def test_a_coin_that_is_not_held_cannot_be_sold(exchange: Running) -> None:
    exchange.order("BTC/USD", "2")
    exchange.order("BTC/USD", "1.5", "sell", type="limit", limit_price="9000")
    reply = exchange("POST", "/v2/orders", order_body("BTC/USD", "1", "sell"))
    assert reply.status == 403
    assert reply.body == {
        "code": 40310000,
        "message": "insufficient qty available for order (requested: 1, available: 0.5)",
        "available": "0.5",
        "existing_qty": "2",
        "held_for_orders": "1.5",
        "symbol": "BTC/USD",
    }


def test_a_client_order_id_is_taken_once(exchange: Running) -> None:
    exchange.order("AAPL", "1", client_order_id="once")
    reply = exchange("POST", "/v2/orders", order_body("KO", "1", client_order_id="once"))
    assert (reply.status, reply.body) == (
        422,
        {"code": 40010001, "message": "client_order_id must be unique"},
    )
    assert len(exchange.get("/v2/orders", status="all")) == 1


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["client_order_id"] for row in rows]


def test_orders_are_listed_by_status_time_symbol_and_side(exchange: Running) -> None:
    exchange.order("AAPL", "1", client_order_id="a")
    exchange.order("KO", "1", client_order_id="b", **RESTING)
    exchange.at("2017-03-02T12:00:00-05:00")
    exchange.order("BTC/USD", "1", client_order_id="c", type="limit", limit_price="900")
    exchange.order("AAPL", "1", "sell", client_order_id="d")

    def listed(**query: str) -> list[str]:
        return ids(exchange.get("/v2/orders", **query))

    assert listed() == ["c", "b"]
    assert listed(status="closed") == ["d", "a"]
    assert listed(status="all") == ["d", "c", "b", "a"]
    assert listed(status="all", direction="asc") == ["a", "b", "c", "d"]
    assert listed(status="all", limit="2") == ["d", "c"]
    assert listed(status="all", limit="2", direction="asc") == ["a", "b"]
    assert listed(status="all", symbols="AAPL,BTCUSD") == ["d", "c", "a"]
    assert listed(status="all", symbols="BTC/USD") == ["c"]
    assert listed(status="all", side="sell") == ["d"]
    assert listed(status="all", asset_class="crypto") == ["c"]
    assert listed(status="all", after="2017-03-01T17:00:00Z") == ["d", "c"]
    assert listed(status="all", until="2017-03-02T17:00:00Z") == ["b", "a"]
    assert listed(status="all", until="2017-03-02") == ["b", "a"]
    assert listed(status="all", asset_class="us_option", symbols="AAPL") == []
    exchange.order(CALL, "1", client_order_id="e")
    assert listed(status="all", asset_class="us_option", symbols="AAPL") == ["e"]


def test_a_list_goes_on_from_an_order_though_the_clock_stands(exchange: Running) -> None:
    for name in "abcde":
        exchange.order("KO", "1", client_order_id=name, **RESTING)
    found: list[str] = []
    query = {"limit": "2", "direction": "asc"}
    while page := exchange.get("/v2/orders", **query):
        found += ids(page)
        query["after_order_id"] = page[-1]["id"]
    assert found == list("abcde")
    first = exchange.get("/v2/orders", limit="1", direction="asc")[0]["id"]
    exchange.delete(f"/v2/orders/{first}")
    assert ids(exchange.get("/v2/orders", after_order_id=first, direction="asc")) == list("bcde")
    last = exchange.get("/v2/orders", limit="1")[0]["id"]
    assert ids(exchange.get("/v2/orders", limit="2", before_order_id=last)) == ["d", "c"]


@pytest.mark.parametrize(
    "query",
    [
        {"status": "odd"},
        {"limit": "0"},
        {"limit": "501"},
        {"limit": "x"},
        {"direction": "up"},
        {"after": "yesterday"},
        {"until": "2017-13-01"},
        {"nested": "perhaps"},
        {"after_order_id": "x", "before_order_id": "y"},
        {"after_order_id": "x"},
    ],
)
def test_a_query_that_cannot_be_meant_is_unprocessable(idle: Running, query: dict[str, str]) -> None:
    reply = idle("GET", "/v2/orders", **query)
    assert (reply.status, reply.body["code"]) == (422, 42210000)


def test_an_order_is_replaced_by_another_one(exchange: Running) -> None:
    old = exchange.order("KO", "10", client_order_id="old", **RESTING)
    reply = exchange(
        "PATCH", f"/v2/orders/{old['id']}", {"qty": "4", "limit_price": "21", "client_order_id": "new"}
    )
    new = reply.body
    assert (reply.status, new["qty"], new["limit_price"], new["replaces"]) == (200, "4", "21", old["id"])
    assert new["client_order_id"] == "new"
    gone = exchange.get(f"/v2/orders/{old['id']}")
    assert (gone["status"], gone["replaced_by"], gone["canceled_at"]) == ("replaced", new["id"], None)
    assert gone["replaced_at"] == "2017-03-01T17:00:00Z"
    assert ids(exchange.get("/v2/orders")) == ["new"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "order parameters are not changed"),
        ({"qty": "10", "limit_price": "20"}, "order parameters are not changed"),
        ({"stop_price": "21"}, "stop price is not valid"),
        ({"qty": "0"}, "qty must be > filled_qty"),
        ({"time_in_force": "opg"}, "invalid time_in_force"),
        ({"limit_price": "20.12345"}, "sub-penny"),
        ({"trail": "1"}, "trail cannot be replaced"),
        ({"client_order_id": "x" * 129, "qty": "3"}, "no more than 128"),
        ({"client_order_id": "old", "qty": "3"}, "must be unique"),
    ],
)
def test_a_replacement_that_cannot_be_leaves_the_order(
    exchange: Running, change: dict[str, str], words: str
) -> None:
    old = exchange.order("KO", "10", client_order_id="old", **RESTING)
    reply = exchange("PATCH", f"/v2/orders/{old['id']}", change)
    assert reply.status == 422
    assert words in reply.body["message"]
    assert exchange.get(f"/v2/orders/{old['id']}")["status"] == "new"


def test_a_done_order_is_neither_replaced_nor_canceled(exchange: Running) -> None:
    done = exchange.order("KO", "10")
    path = f"/v2/orders/{done['id']}"
    replaced, canceled = exchange("PATCH", path, {"qty": "11"}), exchange("DELETE", path)
    assert (replaced.status, replaced.body["message"]) == (422, "cannot replace order in filled status")
    assert (canceled.status, canceled.body) == (
        422,
        {"code": 42210000, "message": 'order is already in "filled" state'},
    )


def test_an_order_is_canceled_once(exchange: Running) -> None:
    order = exchange.order("KO", "10", **RESTING)
    path = f"/v2/orders/{order['id']}"
    first = exchange("DELETE", path)
    assert (first.status, first.body, first.headers.get("Content-Length")) == (204, None, None)
    assert exchange.get(path)["status"] == "canceled"
    assert exchange("DELETE", path).body["message"] == 'order is already in "canceled" state'


def test_all_orders_are_canceled_with_a_status_each(exchange: Running) -> None:
    orders = [exchange.order("KO", "1", **RESTING) for _ in range(3)]
    exchange.order("KO", "1")
    reply = exchange("DELETE", "/v2/orders")
    assert reply.status == 207
    assert reply.body == [{"id": order["id"], "status": 200} for order in orders]
    assert exchange("DELETE", "/v2/orders").body == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v2/orders/00000000-0000-4000-8000-000000000000"),
        ("PATCH", "/v2/orders/00000000-0000-4000-8000-000000000000"),
        ("DELETE", "/v2/orders/00000000-0000-4000-8000-000000000000"),
        ("GET", "/v2/orders:by_client_order_id?client_order_id=none"),
        ("GET", "/v2/positions/AAPL"),
        ("DELETE", "/v2/positions/AAPL"),
        ("GET", "/v2/assets/NOSUCH"),
        ("GET", "/v2/options/contracts/NOSUCH"),
        ("GET", "/v2/watchlists"),
        ("GET", "/v2/corporate_actions/announcements"),
        ("GET", "/v3/clock"),
        ("GET", "/"),
    ],
)
def test_what_is_not_there_is_404_in_alpacas_form(idle: Running, method: str, path: str) -> None:
    reply = idle(method, path, {} if method == "PATCH" else None)
    assert (reply.status, reply.body["code"]) == (404, 40410000)


def test_what_is_no_id_and_what_is_no_method_are_told_apart(idle: Running) -> None:
    assert idle("GET", "/v2/orders/7").body == {"code": 40010001, "message": "invalid order_id: 7"}
    assert idle("PUT", "/v2/orders", {}).status == 405
    assert idle("GET", "/v2/orders:by_client_order_id").status == 422
