"""Ways in which a venue's answer goes wrong, for `AlpacaServer(faults=…)`.

A fault is a fixed `Reply`, or a function that writes to the raw connection.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from threading import Event


@dataclass(frozen=True)
class Reply:
    """`checked` replies are validated against the OpenAPI documents; faults are not."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    checked: bool = False


Raw = Callable[[BaseHTTPRequestHandler, Event], None]
Fault = Reply | Raw


def status(code: int, body: bytes = b'{"message": "no"}', **headers: str) -> Reply:
    """`status(429, Retry_After="1")`."""
    return Reply(code, body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def body(text: str, content_type: str = "application/json") -> Reply:
    return Reply(200, text.encode(), content_type)


def redirect(location: str) -> Reply:
    return Reply(302, b"moved", headers={"Location": location})


def hang(handler: BaseHTTPRequestHandler, stopping: Event) -> None:
    """Takes the request and never answers."""
    stopping.wait(30)


def drip_head(handler: BaseHTTPRequestHandler, stopping: Event) -> None:
    """Sends an endless header, a byte every 20 ms: each single read is in time."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    _drip(handler, stopping)


def drip_body(handler: BaseHTTPRequestHandler, stopping: Event) -> None:
    """Sends an endless body, a byte every 20 ms."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    _drip(handler, stopping)


def _drip(handler: BaseHTTPRequestHandler, stopping: Event) -> None:
    while not stopping.wait(0.02):
        handler.wfile.write(b" ")


def flood(handler: BaseHTTPRequestHandler, stopping: Event) -> None:
    """Sends a body without end, as fast as it is taken."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while not stopping.is_set():
        handler.wfile.write(b" " * 65536)


def cut(handler: BaseHTTPRequestHandler, stopping: Event) -> None:
    """Promises 100 bytes and sends ten."""
    handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"id": "e6')


def reset(handler: BaseHTTPRequestHandler, stopping: Event) -> None:
    """Tears the connection down once the request is in."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def not_http(handler: BaseHTTPRequestHandler, stopping: Event) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")


def refused_url() -> str:
    """A loopback URL on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
