"""The HTTP side: what breaks the protocol gets a short answer, and never a traceback."""

from __future__ import annotations

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from tests.exchange.running import Client, Running


def raw(exchange: Running, data: bytes) -> bytes:
    """What comes back for bytes on a connection of their own, until it is closed."""
    url = urlsplit(exchange.url)
    with socket.create_connection((url.hostname or "", url.port or 0), timeout=10) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


HEAD = b"POST /v2/orders HTTP/1.1\r\nHost: x\r\nAPCA-API-KEY-ID: a\r\nAPCA-API-SECRET-KEY: b\r\n"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET /v2/clock HTTP/9.9\r\n\r\n", 505),
        (b"BREW /v2/clock HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", 431),
        (HEAD + b"Content-Length: 2000000\r\n\r\n", 413),
        (HEAD + b"Content-Length: -1\r\n\r\n", 413),
        (HEAD + b"Content-Length: many\r\n\r\n", 413),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (HEAD + b"Content-Length: 10\r\n\r\n{}", 400),
        (HEAD + b"Content-Length: 2\r\nConnection: close\r\n\r\n[]", 400),
        (HEAD + b"Content-Length: 3\r\nConnection: close\r\n\r\n\xff\xfe\x00", 400),
        (HEAD + b'Content-Length: 9\r\nConnection: close\r\n\r\n{"a":NaN}', 400),
        (HEAD.replace(b"POST /v2/orders", b"GET /../../etc/passwd") + b"Connection: close\r\n\r\n", 404),
        (b"GET http://[ HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
    ],
)  # fmt: skip
def test_what_breaks_the_protocol_is_answered_in_json(idle: Running, data: bytes, status: int) -> None:
    head, _, body = raw(idle, data).partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert json.loads(body)["code"] // 100_000 in (status, 400)
    assert b"Traceback" not in body


def test_deep_json_is_refused(idle: Running) -> None:
    reply = idle.send("POST", "/v2/orders", "[" * 100_000)
    assert (reply.status, reply.body["message"]) == (400, "request body format is invalid")


def test_many_requests_go_over_one_connection_and_head_has_no_body(exchange: Running) -> None:
    for _ in range(3):
        assert exchange("GET", "/v2/clock").status == 200
    assert exchange.send("HEAD", "/v2/clock").status == 405
    assert exchange("GET", "/v2/clock").status == 200


def test_a_server_that_has_stopped_answers_on_no_connection(exchange: Running) -> None:
    assert exchange("GET", "/v2/clock").status == 200
    exchange.hang_up()
    with pytest.raises(OSError):  # noqa: PT011  # a reset, an end or a refusal, as it comes
        exchange("GET", "/v2/clock")
    exchange.listen()
    again = Client(exchange.url)
    assert again("GET", "/v2/clock").status == 200
    again.close()


def test_a_line_a_request_is_logged_without_query_header_or_body(exchange: Running) -> None:
    exchange("GET", "/v2/orders", status="all")
    exchange.order("KO", "1", client_order_id="secretive")
    text = "\n".join(exchange.log)
    assert [line.split()[:3] for line in exchange.log] == [
        ["GET", "/v2/orders", "200"],
        ["POST", "/v2/orders", "200"],
    ]
    assert "secretive" not in text
    assert "thing" not in text


def test_a_path_cannot_put_a_line_into_the_log(exchange: Running) -> None:
    exchange("GET", "/v2/x%0aPOST%20/v2/orders%20200%1b[31m")
    assert len(exchange.log) == 1
    assert exchange.log[0].isprintable()


def test_clients_at_once_get_what_they_would_one_by_one(exchange: Running) -> None:
    def life(number: int) -> str:
        client = Client(exchange.url, f"k{number}", "s")
        try:
            order = client.order("KO", "1", client_order_id=f"c{number}")
            return str(client.get(f"/v2/orders/{order['id']}")["client_order_id"])
        finally:
            client.close()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(life, range(24))) == [f"c{number}" for number in range(24)]
    assert exchange.get("/v2/positions/KO")["qty"] == "24"
    fills = exchange.get("/v2/account/activities/FILL")
    assert len({fill["id"] for fill in fills}) == 24


def test_a_reader_of_activities_misses_nothing_while_others_trade(exchange: Running) -> None:
    def trade(number: int) -> None:
        client = Client(exchange.url)
        for at in range(6):
            client.order("KO", "1")
            client.post("/qoc/cash", id=f"{number}/{at}", amount="1")
        client.close()

    with ThreadPoolExecutor(3) as pool:
        trading = [pool.submit(trade, number) for number in range(3)]
        found: list[str] = []
        query = {"direction": "asc", "page_size": "7"}
        while True:
            done = all(one.done() for one in trading)
            page = exchange.get("/v2/account/activities", **query)
            found += [row["id"] for row in page]
            if page:
                query["page_token"] = page[-1]["id"]
            elif done:
                break
    everything = exchange.get("/v2/account/activities", direction="asc")
    assert len(everything) == 1 + 2 * 18
    assert found == [row["id"] for row in everything]
