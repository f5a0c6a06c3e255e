"""What the client adds to one exchange: questions by POST, forms, a pace, answers as they came."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs

import pytest

from git_qoc.desk.secrets import Secret
from git_qoc.errors import OrderRejected, OrderUnknown, RateLimited, VenueError
from git_qoc.venues.client import Client
from git_qoc.venues.pace import Pace
from tests.checks.keys import ALNUM, made_of
from tests.desk.leaks import found_in, told
from tests.venues import alpaca_faults as fault
from tests.venues.alpaca_server import AlpacaServer

TOKEN = made_of(ALNUM, 40, seed=601)
PATH = "/oauth/token"


def client(timeout_s: float = 5.0, pace: Pace | None = None) -> Client:
    return Client((), {}, timeout_s=timeout_s, pace=pace)


def leaks(exc: BaseException) -> list[str]:
    return found_in(told(exc), {"token": TOKEN})


def test_a_question_by_post_is_asked_again_with_its_whole_body() -> None:
    with AlpacaServer(faults={PATH: [fault.status(503), fault.reset, fault.body('{"ok": 1.50}')]}) as server:
        found = client().ask_json(server.url + PATH, {"a": 1})
        assert [seen.body for seen in server.requests] == [{"a": 1}] * 3
    assert str(found) == "{'ok': Decimal('1.50')}"


def test_a_form_carries_secrets_that_no_error_tells() -> None:
    with AlpacaServer(faults={PATH: fault.status(400, json.dumps({"message": TOKEN}).encode())}) as server:
        with pytest.raises(VenueError, match="400") as caught:
            client().ask_json(server.url + PATH, form={"refresh_token": Secret(TOKEN), "grant_type": "x&y"})
        (seen,) = server.requests
        assert seen.headers["content-type"] == "application/x-www-form-urlencoded"
        assert parse_qs(seen.raw) == {"refresh_token": [TOKEN], "grant_type": ["x&y"]}
    assert leaks(caught.value) == []


def test_headers_of_one_call_are_its_own_and_struck_out_of_a_refusal() -> None:
    told_back = json.dumps({"message": f"bad {TOKEN}"}).encode()
    with AlpacaServer(faults={"/v2/orders": fault.status(422, told_back)}) as server:
        with pytest.raises(OrderRejected, match=r"422 \(bad \*\*\*\*\)") as caught:
            client().post_json(server.url + "/v2/orders", {}, {"Authorization": Secret(TOKEN), "X-Once": "1"})
        assert server.requests[0].headers["authorization"] == TOKEN
        assert server.requests[0].headers["x-once"] == "1"
    assert leaks(caught.value) == []


@pytest.mark.parametrize("broken", [fault.hang, fault.reset])
def test_an_answer_as_it_came_is_unknown_when_it_was_asked_once_and_left(broken: fault.Fault) -> None:
    with AlpacaServer(faults={"*": broken}) as server:
        one = client(timeout_s=0.4)
        with pytest.raises(OrderUnknown):
            one.answer("POST", f"{server.url}/x?sig={TOKEN}", {}, "a=1", content_type="t/x", once=True)
        assert len(server.requests) == 1


def test_an_answer_as_it_came_may_be_any_status_and_its_query_is_never_told() -> None:
    with AlpacaServer(faults={"*": [fault.status(418), fault.hang]}) as server:
        one = client(timeout_s=0.4)
        url = f"{server.url}/x?sig={TOKEN}"
        found = one.answer("GET", url, {}, None, content_type="", once=False)
        assert (found.status, found.body) == (418, b'{"message": "no"}')
        assert server.requests[0].query == {"sig": TOKEN}
        with pytest.raises(VenueError) as caught:
            one.answer("GET", url, {}, None, content_type="", once=False)
    assert TOKEN not in str(caught.value)


def test_a_burst_goes_at_once_and_the_rest_at_the_pace() -> None:
    pace = Pace(per_s=50, burst=3)
    start = time.monotonic()
    assert [pace.wait(start + 5) for _ in range(3)] == [None] * 3
    assert time.monotonic() - start < 0.02
    assert [pace.wait(start + 5) for _ in range(3)] == [None] * 3
    assert 0.055 <= time.monotonic() - start < 0.5


def test_threads_share_the_pace_and_nobody_jumps_the_queue() -> None:
    pace = Pace(per_s=100, burst=1)
    start = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: pace.wait(start + 5), range(8))) == [None] * 8
    assert time.monotonic() - start >= 0.065


def test_a_turn_that_comes_too_late_is_told_at_once_and_nothing_is_sent() -> None:
    pace = Pace(per_s=0.01, burst=1)
    with AlpacaServer(faults={"*": fault.status(404)}) as server:
        slow = client(timeout_s=0.5, pace=pace)
        with pytest.raises(VenueError, match="404"):
            slow.get_json(server.url + "/nothing")
        asks: list[Callable[[], object]] = [
            lambda: slow.get_json(server.url + "/nothing"),
            lambda: slow.post_json(server.url + "/v2/orders", {}),
            lambda: slow.delete(server.url + "/v2/orders/1"),
        ]
        for ask in asks:
            start = time.monotonic()
            with pytest.raises(RateLimited, match="asked too often; its turn is in"):
                ask()
            assert time.monotonic() - start < 0.3
        assert len(server.requests) == 1
