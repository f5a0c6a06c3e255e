"""The faults that a client can be tested with, each by a header and by a plan."""

from __future__ import annotations

import http.client
import json
from pathlib import Path

import pytest

from git_qoc.exchange.faults import Faults, Plan, parse_faults, parse_plan
from git_qoc.exchange.message import Problem
from tests.exchange.running import Client, Running, order_body

BODY = json.dumps(order_body("AAPL", "1", client_order_id="one"))
DROPPED = (ConnectionResetError, http.client.RemoteDisconnected)


def taken(exchange: Running) -> list[str]:
    return [row["client_order_id"] for row in exchange.get("/v2/orders", status="all")]


@pytest.mark.parametrize(
    ("fault", "status", "code", "orders"),
    [
        ("500-before", 500, 50010000, []),
        ("503-before", 503, 50310000, []),
        ("504-before", 504, 50410000, []),
        ("503-after", 503, 50310000, ["one"]),
        ("500-after", 500, 50010000, ["one"]),
        ("504-after", 504, 50410000, ["one"]),
        ("429=7", 429, 42910000, []),
        ("429", 429, 42910000, []),
    ],
)
def test_an_error_before_or_after_an_order_is_taken(
    exchange: Running, fault: str, status: int, code: int, orders: list[str]
) -> None:
    reply = exchange.send("POST", "/v2/orders", BODY, X_Qoc_Fault=fault)
    assert (reply.status, reply.body["code"]) == (status, code)
    assert reply.headers.get("Retry-After") == {"429=7": "7", "429": "1"}.get(fault)
    assert taken(exchange) == orders


@pytest.mark.parametrize(("fault", "orders"), [("drop-before", []), ("drop-after", ["one"])])
def test_a_connection_dropped_before_or_after_an_order_is_taken(
    exchange: Running, fault: str, orders: list[str]
) -> None:
    client = Client(exchange.url)
    with pytest.raises(DROPPED):
        client.send("POST", "/v2/orders", BODY, X_Qoc_Fault=fault)
    client.close()
    assert taken(exchange) == orders


@pytest.mark.parametrize("fault", ["truncate", "malformed"])
def test_an_answer_that_is_no_json_though_the_order_is_taken(exchange: Running, fault: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        exchange.send("POST", "/v2/orders", BODY, X_Qoc_Fault=fault)
    assert taken(exchange) == ["one"]


def test_activities_come_twice_and_out_of_order(exchange: Running) -> None:
    for _ in range(4):
        exchange.order("KO", "1")
    path = "/v2/account/activities/FILL?direction=asc"
    rows = exchange.get(path)
    assert exchange.send("GET", path, X_Qoc_Fault="duplicate").body == [row for row in rows for _ in range(2)]
    shuffled = exchange.send("GET", path, X_Qoc_Fault="shuffle").body
    assert shuffled == [rows[3], rows[1], rows[2], rows[0]]
    both = exchange.send("GET", path, X_Qoc_Fault="shuffle,duplicate").body
    assert len(both) == 8
    assert exchange.send("GET", "/v2/account", X_Qoc_Fault="shuffle").body == exchange.get("/v2/account")


def test_latency_waits_as_long_as_it_says(tmp_path: Path) -> None:
    from git_qoc.exchange.faults import answer_with
    from git_qoc.exchange.message import Answer, Request

    waited: list[float] = []
    answer = answer_with(
        parse_faults("latency=1500,500-after"), Request("GET", "/"), lambda _: Answer(200), waited.append
    )
    assert waited == [1.5]
    assert answer is not None
    assert answer.status == 500


@pytest.mark.parametrize(("fault", "orders"), [("hang-before", []), ("hang-after", ["one"])])
def test_an_answer_that_never_comes_before_or_after_an_order_is_taken(
    exchange: Running, fault: str, orders: list[str]
) -> None:
    hanging = http.client.HTTPConnection(exchange.url.removeprefix("http://"), timeout=0.2)
    head = {"X-Qoc-Fault": fault, "APCA-API-KEY-ID": "a", "APCA-API-SECRET-KEY": "b"}
    hanging.request("POST", "/v2/orders", BODY, head)
    with pytest.raises(TimeoutError):
        hanging.getresponse()
    hanging.close()
    assert taken(exchange) == orders


def test_a_waiting_answer_does_not_keep_others_waiting_nor_the_end(tmp_path: Path) -> None:
    with Running(tmp_path) as exchange:
        slow = http.client.HTTPConnection(exchange.url.removeprefix("http://"), timeout=10)
        slow.request("GET", "/v2/clock", headers={"X-Qoc-Fault": "latency=600000", "APCA-API-KEY-ID": "a"})
        assert exchange.get("/v2/clock")["is_open"] is True
    slow.close()


def test_a_plan_is_for_the_next_requests_of_a_path(exchange: Running) -> None:
    exchange.post("/qoc/faults", plan="2*500-before@POST:/v2/orders")
    exchange.post("/qoc/faults", plan="429=3@/v2/account")
    assert exchange.get("/qoc/faults") == [
        {"faults": ["500-before"], "count": 2, "method": "POST", "path": "/v2/orders"},
        {"faults": ["429=3"], "count": 1, "method": "", "path": "/v2/account"},
    ]
    statuses = [exchange.send("POST", "/v2/orders", BODY).status for _ in range(3)]
    assert statuses == [500, 500, 200]
    assert exchange("GET", "/v2/orders").status == 200
    assert [exchange("GET", "/v2/account").status for _ in range(2)] == [429, 200]
    assert exchange.get("/qoc/faults") == []


def test_plans_can_be_taken_back(exchange: Running) -> None:
    exchange.post("/qoc/faults", plan="100*500-before@/v2/clock")
    exchange.delete("/qoc/faults")
    assert exchange("GET", "/v2/clock").status == 200


def test_a_plan_for_any_path_does_not_lock_its_own_control_out(exchange: Running) -> None:
    exchange.post("/qoc/faults", plan="9*500-before")
    assert exchange("GET", "/v2/clock").status == 500
    exchange.delete("/qoc/faults")
    assert exchange("GET", "/v2/clock").status == 200


@pytest.mark.parametrize(
    "text", ["", "503", "latency", "latency=x", "latency=600001", "429=-1", "drop", "hang", "500"]
)
def test_what_is_no_fault_is_refused_and_nothing_is_done(idle: Running, text: str) -> None:
    with pytest.raises(Problem, match="no such fault"):
        parse_faults(text)
    if text:
        reply = idle.send("POST", "/v2/orders", BODY, X_Qoc_Fault=text)
        assert (reply.status, taken(idle)) == (422, [])


@pytest.mark.parametrize("text", ["0*429", "429@v2", "x*429", "429@get:/v2", "429 @/v2", "429@/a?b"])
def test_what_is_no_plan_is_refused(idle: Running, text: str) -> None:
    assert idle("POST", "/qoc/faults", {"plan": text}).status == 422
    assert idle.get("/qoc/faults") == []


def test_plans_are_read_as_they_are_written() -> None:
    assert parse_plan("drop-after") == Plan(parse_faults("drop-after"))
    plan = parse_plan("12*latency=5,504-after@DELETE:/v2/orders")
    assert (plan.count, plan.method, plan.path) == (12, "DELETE", "/v2/orders")
    assert [str(fault) for fault in plan.faults] == ["latency=5", "504-after"]
    assert Faults([plan]).left() == (plan,)
