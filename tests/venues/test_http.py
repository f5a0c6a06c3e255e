"""The client against a real server that misbehaves; deadlines are fractions of a second."""

from __future__ import annotations

import json
import socket
import threading
import time
import traceback
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_qoc.desk.secrets import Secret
from git_qoc.errors import DeskError, OrderRejected, OrderUnknown, RateLimited, VenueError
from git_qoc.venues.answers import Answer, Failure, explain, reason_given
from git_qoc.venues.client import Client
from git_qoc.venues.outgoing import Body
from tests.desk.leaks import found_in, told
from tests.venues import alpaca_faults as fault
from tests.venues.alpaca_bodies import KEY, SECRET
from tests.venues.alpaca_faults import Fault
from tests.venues.alpaca_server import AlpacaServer

HEADERS = {"APCA-API-KEY-ID": Secret(KEY), "APCA-API-SECRET-KEY": Secret(SECRET)}
PATH = "/v2/account"
TOKEN = "hunter2"
ORDERS = "/v2/orders"


def client(timeout_s: float = 5.0, max_bytes: int = 100_000) -> Client:
    return Client((), HEADERS, timeout_s=timeout_s, max_bytes=max_bytes)


def secrets_in(exc: BaseException) -> list[str]:
    return found_in(told(exc), {"key": KEY, "secret": SECRET})


FAULTS: list[tuple[str, Fault, str]] = [
    ("401", fault.status(401), "401 (credentials refused). Check the key and secret"),
    ("403", fault.status(403), "403 (credentials refused). Check the key and secret"),
    ("404", fault.status(404), "404 (not found). Check base_url and account"),
    ("418", fault.status(418), "418 (i'm a teapot)"),
    ("422", fault.status(422), "422 (unprocessable"),
    ("500", fault.status(500), "500 (the venue is not available)"),
    ("999", fault.status(999), "999 (the venue is not available)"),
    ("html", fault.body("<html>maintenance</html>", "text/html"), "the answer is not JSON"),
    ("empty", fault.body(""), "the answer is not JSON"),
    ("half", fault.body('{"id": "e6fe16f3'), "the answer is not JSON"),
    ("nan", fault.body('{"equity": NaN}'), "the answer is not JSON"),
    ("infinity", fault.body('{"equity": -Infinity}'), "the answer is not JSON"),
    ("huge exponent", fault.body('{"equity": 1e99999999999999999999}'), "the answer is not JSON"),
    ("deep", fault.body("[" * 50_000), "the answer is not JSON"),
    ("latin1", fault.Reply(200, b'"\xe9"'), "the answer is not JSON"),
    ("redirect", fault.redirect("https://evil.example.com/"), "302 (a redirect, which is not followed"),
    ("flood", fault.flood, "the answer is larger than 100,000 bytes"),
    ("not http", fault.not_http, "the answer is not HTTP"),
]


@pytest.mark.parametrize(("given", "expected"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_each_fault_of_an_answer_is_one_clear_line_without_secrets(given: Fault, expected: str) -> None:
    with AlpacaServer(faults={PATH: given}) as server:
        with pytest.raises(VenueError) as caught:
            client().get_json(server.url + PATH, {"token": TOKEN})
        message = str(caught.value)
        assert message.startswith(f"GET {server.url}{PATH}: {expected}")
        assert "\n" not in message
        assert TOKEN not in "".join(traceback.format_exception(caught.value))
        assert secrets_in(caught.value) == []
        assert len(server.requests) == 1


@pytest.mark.parametrize("given", [fault.hang, fault.drip_head, fault.drip_body], ids=lambda f: f.__name__)
def test_a_call_ends_at_its_deadline_however_the_server_stalls(given: Fault) -> None:
    with AlpacaServer(faults={PATH: given}) as server:
        started = time.monotonic()
        with pytest.raises(VenueError, match=r"no answer within 0\.3 s$") as caught:
            client(timeout_s=0.3).get_json(server.url + PATH)
        assert 0.29 <= time.monotonic() - started < 1.0
        assert SECRET not in told(caught.value)


@pytest.mark.parametrize("given", [fault.hang, fault.drip_head, fault.drip_body], ids=lambda f: f.__name__)
def test_a_call_that_was_given_up_on_lets_go_of_its_connection_and_thread(given: Fault) -> None:
    before = set(threading.enumerate())
    with AlpacaServer(faults={PATH: given}) as server:
        with pytest.raises(VenueError, match="no answer within"):
            client(timeout_s=0.2).get_json(server.url + PATH)
        for thread in set(threading.enumerate()) - before:
            if thread.name == "git-qoc-http":
                thread.join(10)
                assert not thread.is_alive()


def test_a_refused_connection_says_so() -> None:
    with pytest.raises(VenueError, match=r"connection refused$"):
        client(timeout_s=3).get_json(fault.refused_url() + PATH)


def test_an_unknown_host_name_and_a_timeout_are_told_from_a_refusal() -> None:
    late = Failure("late", transient=False)
    with pytest.raises(socket.gaierror) as unknown:
        socket.getaddrinfo("no.such.host", 443, flags=socket.AI_NUMERICHOST)
    assert explain(unknown.value, late).what.startswith("the host name is not known")
    wrapped = OSError("wrapped", TimeoutError())
    assert explain(wrapped, late) is late
    assert explain(ConnectionRefusedError(), late) == Failure("connection refused", transient=True)
    assert explain(ValueError("hunter2"), late) == Failure("no answer (ValueError)", transient=False)


def test_plain_http_where_tls_is_expected_says_so() -> None:
    with AlpacaServer() as server, pytest.raises(VenueError, match="TLS failed"):
        client().get_json(server.url.replace("http://", "https://") + PATH)


@pytest.mark.parametrize(
    "given", [fault.status(502), fault.status(503), fault.status(504), fault.cut, fault.reset]
)
def test_a_read_is_tried_again_after_a_passing_fault(given: Fault) -> None:
    with AlpacaServer(faults={PATH: [given, given]}) as server:
        found = client().get_json(server.url + PATH)
        assert isinstance(found, dict)
        assert server.paths() == [PATH] * 3


def test_a_lasting_fault_is_given_up_after_four_tries() -> None:
    with AlpacaServer(faults={PATH: fault.status(503)}) as server:
        with pytest.raises(VenueError, match="503"):
            client().get_json(server.url + PATH)
        assert len(server.requests) == 4


@pytest.mark.parametrize(("given", "what"), [(fault.cut, "the answer broke off"), (fault.reset, "broke off")])
def test_a_broken_answer_is_never_taken_for_a_whole_one(given: Fault, what: str) -> None:
    with AlpacaServer(faults={PATH: given}) as server, pytest.raises(VenueError, match=what):
        client().get_json(server.url + PATH)


def test_a_rate_limit_is_waited_out_when_it_fits_into_the_deadline() -> None:
    with AlpacaServer(faults={PATH: [fault.status(429, Retry_After="0")]}) as server:
        assert isinstance(client().get_json(server.url + PATH), dict)


@pytest.mark.parametrize(
    ("header", "expected"),
    [("60", 60.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None), ("nan", None), (None, None)],
)
def test_a_rate_limit_that_does_not_fit_says_when(header: str | None, expected: float | None) -> None:
    given = fault.status(429) if header is None else fault.status(429, Retry_After=header)
    with AlpacaServer(faults={PATH: given}) as server:
        with pytest.raises(RateLimited, match="429") as caught:
            client().get_json(server.url + PATH)
        assert caught.value.retry_after_s == expected
        assert len(server.requests) == 1


def test_a_redirect_is_not_followed_not_even_to_the_same_host() -> None:
    with AlpacaServer() as server:
        server.faults[PATH] = fault.redirect(f"{server.url}/v2/clock")
        with pytest.raises(VenueError, match="302"):
            client().get_json(server.url + PATH)
        assert server.paths() == [PATH]


def test_a_secret_never_reaches_a_foreign_host() -> None:
    with AlpacaServer() as server:
        foreign = server.url.replace("127.0.0.1", "name.invalid")
        with pytest.raises(
            VenueError, match=r"not sent to name\.invalid:\d+, .* git config --add qoc\.allowedHost"
        ):
            client().get_json(foreign + PATH)
        assert server.requests == []
        assert server.connections == 0


def test_netrc_neither_replaces_nor_adds_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login eve password hunter2\ndefault login eve password hunter2\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with AlpacaServer() as server:
        client().get_json(server.url + PATH)
        assert "authorization" not in server.requests[0].headers
        assert server.requests[0].headers["apca-api-key-id"] == KEY


def test_loopback_is_never_sent_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with AlpacaServer() as server, AlpacaServer() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        client().get_json(server.url + PATH)
        assert proxy.connections == 0


def test_a_proxy_of_the_environment_is_honoured_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    with AlpacaServer() as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        with pytest.raises(VenueError, match="the proxy does not let it through") as caught:
            Client(("api.alpaca.markets",), HEADERS, timeout_s=2.0).get_json(
                "https://api.alpaca.markets/v2/account"
            )
        assert proxy.connections > 0
        assert SECRET not in told(caught.value)
        assert proxy.requests == []


def test_a_cookie_is_not_sent_back() -> None:
    with AlpacaServer(
        faults={PATH: fault.Reply(200, b"{}", headers={"Set-Cookie": "id=1; Path=/"})}
    ) as server:
        one = client()
        one.get_json(server.url + PATH)
        one.get_json(server.url + PATH)
        assert "cookie" not in server.requests[1].headers


def test_numbers_with_a_fraction_are_exact_decimals() -> None:
    with AlpacaServer(
        faults={PATH: fault.body('{"a": 0.1, "b": 1E+2, "c": 12345678901234567890.123456789, "d": 7}')}
    ) as server:
        found = client().get_json(server.url + PATH)
    assert found == {
        "a": Decimal("0.1"),
        "b": Decimal(100),
        "c": Decimal("12345678901234567890.123456789"),
        "d": 7,
    }


def test_several_threads_share_a_client_and_its_connections() -> None:
    with AlpacaServer() as server:
        one = client()
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: one.get_json(server.url + PATH), range(64)))
        assert all(isinstance(body, dict) and body["currency"] == "USD" for body in found)
        assert server.connections <= 8


def test_one_slow_call_does_not_delay_another_of_the_same_client() -> None:
    with AlpacaServer(faults={"/v2/clock": fault.hang}) as server:
        one = client(timeout_s=0.5)

        def wait() -> None:
            with pytest.raises(VenueError, match="no answer"):
                one.get_json(server.url + "/v2/clock")

        stuck = threading.Thread(target=wait)
        stuck.start()
        assert isinstance(one.get_json(server.url + PATH), dict)
        assert stuck.is_alive()
        stuck.join()


@pytest.mark.parametrize("value", ["", "line\nbreak", "café", "tab\t"])
def test_a_secret_that_no_header_can_carry_is_refused_unrepeated(value: str) -> None:
    with pytest.raises(VenueError, match="APCA-API-KEY-ID holds characters") as caught:
        Client((), {"APCA-API-KEY-ID": Secret(value)}, timeout_s=1)
    assert not value or value not in str(caught.value)


@given(st.text(max_size=40), st.integers(0, 300))
def test_a_venues_reason_never_holds_a_secret_or_a_second_line(text: str, padding: int) -> None:
    body = json.dumps({"message": "x" * padding + text + SECRET + text}).encode()
    found = reason_given(Answer(422, body, None), HEADERS.values())
    assert SECRET not in found
    assert SECRET[: len(SECRET) // 2] not in found
    assert found.isprintable()
    assert len(found) <= 201


ECHO = f"{KEY} {SECRET} {b64encode(f'{KEY}:{SECRET}'.encode()).decode()}"
ECHOES: dict[str, Fault] = {
    "401": fault.status(401, json.dumps({"message": ECHO}).encode()),
    "429": fault.status(429, ECHO.encode(), X_Echo=ECHO),
    "503": fault.status(503, ECHO.encode()),
    "html": fault.body(f"<html>{ECHO}</html>", "text/html"),
    "json that breaks off": fault.body(f'{{"message": "{ECHO}'),
    "redirect": fault.redirect(f"https://evil.example.com/?{SECRET}"),
    "over the limit": fault.body(ECHO * 2000),
    "cut": fault.cut,
    "reset": fault.reset,
    "not http": fault.not_http,
    "hang": fault.hang,
    "drip": fault.drip_body,
    "flood": fault.flood,
}


@pytest.mark.parametrize("name", ECHOES)
def test_no_frame_of_a_failure_holds_a_secret_even_if_the_venue_echoes_it(name: str) -> None:
    with AlpacaServer(faults={"*": ECHOES[name]}) as server:
        one = client(timeout_s=0.25)
        calls: list[Callable[[], object]] = [
            lambda: one.get_json(server.url + PATH),
            lambda: one.find_json(server.url + PATH, {}, {}),
            lambda: one.post_json(server.url + ORDERS, {"symbol": "AAPL"}),
            lambda: one.delete(server.url + ORDERS + "/1"),
        ]
        for call in calls[: 3 if name in ("html", "json that breaks off") else 4]:
            with pytest.raises(VenueError) as caught:
                call()
            assert secrets_in(caught.value) == []


def test_no_frame_of_a_failure_before_any_answer_holds_a_secret() -> None:
    with AlpacaServer() as server:
        urls = {
            server.url.replace("127.0.0.1", "name.invalid"): "not sent to",
            server.url.replace("http://", "https://"): "TLS failed",
            fault.refused_url(): "connection refused",
            "http://127.0.0.1:x": "not a plain URL",
        }
        for url, message in urls.items():
            with pytest.raises(VenueError, match=message) as caught:
                client().get_json(url + PATH)
            assert secrets_in(caught.value) == []


def test_no_frame_of_a_secret_that_no_header_can_carry_holds_one() -> None:
    with pytest.raises(VenueError, match="no header can carry") as caught:
        Client((), {**HEADERS, "X": Secret(f"{SECRET}\r\nHost: evil")}, timeout_s=1)
    assert secrets_in(caught.value) == []


def test_what_fails_unforeseen_within_the_transport_brings_no_locals_of_it() -> None:
    """As when a thread that was given up on comes to send after the secrets were dropped."""
    late = Secret("late")
    one = Client((), {**HEADERS, "X-Late": late}, timeout_s=1)
    late.forget()
    with AlpacaServer() as server:
        with pytest.raises(DeskError, match="dropped after use") as caught:
            one.get_json(server.url + PATH)
        assert server.requests == []
    assert secrets_in(caught.value) == []
    assert caught.value.__context__ is None
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    transport = [frame for frame in frames if frame.f_code.co_name in ("_send", "_stream", "reveal")]
    assert transport
    assert all(frame.f_locals == {} for frame in transport)


# Orders: what left may exist.


def test_a_body_that_is_held_back_never_leaves_and_one_that_left_says_so() -> None:
    held, left = Body(b"{}"), Body(b"{}")
    assert held.hold()
    with pytest.raises(TimeoutError):
        held.read()
    assert left.read() == b"{}"
    assert not left.hold()


def post(server_url: str, timeout_s: float = 5.0) -> object:
    return client(timeout_s=timeout_s).post_json(server_url + ORDERS, {"symbol": "AAPL", "qty": "1"})


@pytest.mark.parametrize(
    "given",
    [
        fault.status(500),
        fault.status(502),
        fault.status(503),
        fault.status(504),
        fault.status(408),
        fault.status(429, Retry_After="0"),
        fault.redirect("https://evil.example.com/"),
        fault.body("<html>", "text/html"),
        fault.body(""),
        fault.cut,
        fault.reset,
        fault.not_http,
    ],
)
def test_an_order_without_a_clear_answer_is_unknown_and_left_once(given: Fault) -> None:
    with AlpacaServer(faults={ORDERS: given}) as server:
        with pytest.raises(OrderUnknown, match="look the order up, never send it again") as caught:
            post(server.url)
        assert len(server.requests) == 1
        assert SECRET not in told(caught.value)


@pytest.mark.parametrize("given", [fault.hang, fault.drip_head, fault.drip_body], ids=lambda f: f.__name__)
def test_an_order_answered_too_late_is_unknown(given: Fault) -> None:
    with AlpacaServer(faults={ORDERS: given}) as server:
        with pytest.raises(OrderUnknown, match=r"no answer within 0\.3 s"):
            post(server.url, timeout_s=0.3)
        assert len(server.requests) == 1


def test_an_order_that_never_left_is_not_unknown() -> None:
    with pytest.raises(VenueError, match=r"connection refused\. Nothing was sent") as caught:
        post(fault.refused_url(), timeout_s=1.0)
    assert not isinstance(caught.value, OrderUnknown)


@pytest.mark.parametrize("code", [400, 401, 403, 404, 422])
def test_a_refused_order_carries_the_venues_reason(code: int) -> None:
    given = fault.status(code, b'{"code": 40310000, "message": "insufficient buying power"}')
    expected = rf"{code} \(insufficient buying power\)$"
    with AlpacaServer(faults={ORDERS: given}) as server, pytest.raises(OrderRejected, match=expected):
        post(server.url)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<html>secret page</html>", "refused, no reason given"),
        (b"[]", "refused, no reason given"),
        (b'{"message": {"a": 1}}', "refused, no reason given"),
        (b'{"message": "two\\nlines \\u001b[31mred\\u202e"}', "two lines [31mred"),
        (f'{{"message": "bad key {SECRET} and {KEY}"}}'.encode(), "bad key **** and ****"),
        (b'{"message": "' + b"x" * 500 + b'"}', "x" * 200 + "…"),
    ],
)
def test_a_reason_is_one_short_line_without_secrets(body: bytes, expected: str) -> None:
    with AlpacaServer(faults={ORDERS: fault.status(422, body)}) as server:
        with pytest.raises(OrderRejected) as caught:
            post(server.url)
        assert str(caught.value) == f"POST {server.url}{ORDERS}: 422 ({expected})"


@pytest.mark.parametrize(
    ("code", "expected"), [(204, True), (200, True), (404, False), (409, False), (422, False)]
)
def test_a_deletion_tells_done_from_nothing_to_delete(code: int, expected: bool) -> None:
    with AlpacaServer(faults={"*": fault.status(code, b"")}) as server:
        assert client().delete(f"{server.url}{ORDERS}/1") is expected


@pytest.mark.parametrize(("given", "kind"), [(fault.reset, OrderUnknown), (fault.status(403), VenueError)])
def test_a_deletion_leaves_once(given: Fault, kind: type[Exception]) -> None:
    with AlpacaServer(faults={"*": given}) as server:
        with pytest.raises(kind):
            client().delete(f"{server.url}{ORDERS}/1")
        assert len(server.requests) == 1


def test_an_order_goes_out_on_a_connection_of_its_own() -> None:
    with AlpacaServer(faults={ORDERS: fault.body("{}")}) as server:
        one = client()
        calls: list[Callable[[], object]] = [
            lambda: one.get_json(server.url + PATH),
            lambda: one.get_json(server.url + PATH),
            lambda: one.post_json(server.url + ORDERS, {}),
        ]
        counts = []
        for call in calls:
            call()
            counts.append(server.connections)
        assert counts == [1, 1, 2]
