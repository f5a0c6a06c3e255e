"""HTTP on loopback in front of an exchange.

HTTP/1.1 with connections kept open, a thread each. Headers and bodies are bounded; a client that
breaks the protocol gets a JSON error and never a traceback. One line a request goes to `log`:
method, path without query, status, milliseconds; no header, no body.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from git_qoc.errors import printable
from git_qoc.exchange.faults import Faults, answer_with
from git_qoc.exchange.message import Answer, Problem, Request

BODY_MAX = 1 << 20
IDLE_S = 60.0
Respond = Callable[[Request], Answer]
Log = Callable[[str], None]


class Server:
    """Listens from its making on; from `start` to `stop` it answers in threads of its own.

    `poll_s`: how often it looks whether it is to stop.

    Raises:
        OSError: the port cannot be had.
    """

    def __init__(
        self, respond: Respond, faults: Faults, *, log: Log, port: int = 0, poll_s: float = 0.1
    ) -> None:
        self._http = _Http(("127.0.0.1", port), _Handler)
        self._http.respond, self._http.faults, self._http.log = respond, faults, log
        self._thread = threading.Thread(target=self._http.serve_forever, args=(poll_s,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Nothing listens any more and every connection is closed; a request under way may get no answer."""
        self._http.stopping.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
        self._http.close_connections()


class _Http(ThreadingHTTPServer):
    respond: Respond
    faults: Faults
    log: Log
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *args: Any) -> None:
        self.stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(*args)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """Wake every thread that waits for its client's next request."""
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, *_: Any) -> None:
        """A client that hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Http
    protocol_version = "HTTP/1.1"
    server_version = "git-qoc-exchange"
    sys_version = ""
    disable_nagle_algorithm = True
    timeout = IDLE_S

    def _serve(self) -> None:
        begun = time.monotonic()
        answer: Answer | None
        try:
            request = self._request()
            faults = self.server.faults.take(request)
            answer = answer_with(faults, request, self.server.respond, self.server.stopping.wait)
        except Problem as exc:
            answer = exc.answer()
        except Exception as exc:  # noqa: BLE001  # the boundary: a bug is told as its kind alone
            text = f"the exchange has a bug: {type(exc).__name__}"
            answer = Problem(HTTPStatus.INTERNAL_SERVER_ERROR, 50010000, text).answer()
        status = "dropped" if answer is None else f"{answer.status:d}"
        path = printable(self.path.partition("?")[0])
        with contextlib.suppress(OSError, ValueError):  # nobody may be reading it any more
            self.server.log(f"{self.command} {path} {status} {(time.monotonic() - begun) * 1000:.0f} ms")
        if answer is None:
            self._reset()
        else:
            self._send(answer)

    def _request(self) -> Request:
        try:
            url = urlsplit(self.path)
        except ValueError:
            self.close_connection = True
            raise Problem(HTTPStatus.BAD_REQUEST, 40010000, "the request target is no URL") from None
        return Request(
            method=self.command,
            path=unquote(url.path),
            query=_joined(parse_qsl(url.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self._body(),
        )

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length") or "0"
        if self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            raise Problem(HTTPStatus.LENGTH_REQUIRED, 41110000, "a body needs a Content-Length")
        if not (length.isascii() and length.isdigit() and len(length) < 12 and int(length) <= BODY_MAX):
            self.close_connection = True
            raise Problem(413, 41310000, f"a body has at most {BODY_MAX} bytes")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            raise Problem(HTTPStatus.BAD_REQUEST, 40010000, "the body is shorter than its Content-Length")
        return body

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Type", "application/json; charset=UTF-8")
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def _reset(self) -> None:
        """The peer sees a reset, not an orderly end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """What http.server itself refuses, as JSON instead of its page of HTML."""
        self.close_connection = True
        words = HTTPStatus(code).phrase.lower()
        # It takes what it could not read for HTTP/0.9, whose answers have no head.
        self.request_version = self.protocol_version
        self._send(Problem(code, code * 100_000 + 10_000, words).answer())

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = _serve  # noqa: N815  # http.server's names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # http.server's name
        """Silent: `_serve` says one line a request."""


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """A name that is given several times is a list with commas, which some clients write so."""
    query: dict[str, str] = {}
    for name, value in pairs:
        query[name] = f"{query[name]},{value}" if name in query else value
    return query
