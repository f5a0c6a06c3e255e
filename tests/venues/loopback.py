"""A venue on loopback that answers JSON, to make a venue's server of.

A subclass has the state and `route`. `faults` maps a path (or `*`) to a fault of
`alpaca_faults`; `requests` lists what came in, and what `noticed` holds when the `with` block
is left fails the test.
"""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import dataclass
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.venues.alpaca_faults import Fault, Reply


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


class Loopback:
    def __init__(self) -> None:
        self.faults: dict[str, Fault] = {}
        self.requests: list[Seen] = []
        self.noticed: list[str] = []
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self._http = _Http(("127.0.0.1", 0), _Handler)
        self._http.loopback = self
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    def route(self, seen: Seen) -> Fault:
        raise NotImplementedError

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Any:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if kind is None:
            assert self.noticed == []

    def close(self) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def answer(self, seen: Seen) -> Fault:
        with self.lock:
            self.requests.append(seen)
            fault = self.faults.get(seen.path, self.faults.get("*"))
            return self.route(seen) if fault is None else fault


def json_reply(body: Any, status: int = 200) -> Reply:
    """The body as JSON; a `Decimal` in it becomes a number with its very digits."""
    marked = json.dumps(body, default=lambda number: f"\0{_number(number)}\0")
    return Reply(status, marked.replace('"\\u0000', "").replace('\\u0000"', "").encode(), checked=True)


def _number(value: object) -> str:
    assert isinstance(value, Decimal)
    return format(value, "f")


class _Http(ThreadingHTTPServer):
    loopback: Loopback
    request_queue_size = 64

    def handle_error(self, *_: Any) -> None:
        """A client that hangs up is what the tests are about; anything else is a fault of ours."""
        exc = sys.exception()
        if not isinstance(exc, ConnectionError):
            self.loopback.noticed.append(f"server: {exc!r}")


class _Handler(BaseHTTPRequestHandler):
    server: _Http
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        seen = Seen(
            method=self.command,
            path=unquote(url.path),
            query={name: ",".join(values) for name, values in parse_qs(url.query).items()},
            headers={name.lower(): value for name, value in self.headers.items()},
            body=json.loads(raw, parse_float=Decimal) if raw else None,
        )
        reply = self.server.loopback.answer(seen)
        if not isinstance(reply, Reply):
            self.close_connection = True
            reply(self, self.server.loopback.stopping)
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_POST = do_DELETE = _serve  # noqa: N815 - the names http.server calls

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Quiet."""
