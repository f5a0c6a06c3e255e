"""An exchange of ccxt's on loopback: a real HTTP server that answers by method and path.

    with CcxtServer({"GET /0/public/Time": {...}, "POST /0/private/AddOrder": place}) as server:
        …base_url=server.url…

A route is a JSON value, or a function of `Seen` that returns one, a `Reply` or a raw fault; a list of
them is used up one by one, the last one staying. `requests` lists what came in.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.venues.alpaca_faults import Fault, Reply


@dataclass(frozen=True)
class Seen:
    """`params` are those of the query, the form or the JSON body."""

    method: str
    path: str
    params: Mapping[str, Any]
    headers: Mapping[str, str]
    query: str
    body: str

    @property
    def route(self) -> str:
        return f"{self.method} {self.path}"


DISTINCTIVE = ("type", "instType", "currency", "index_name")

Route = Any
Routes = Mapping[str, Route]


def payloads(exchange: str) -> dict[str, Any]:
    """The recorded answers of an exchange by method and path (`tests/venues/ccxt/README.md` says whence)."""
    return dict(json.loads((Path(__file__).parent / "ccxt" / f"{exchange}.json").read_text("utf-8")))


class CcxtServer:
    """`fault` stands before every route; `unknown` are the routes that were asked for and are not there."""

    def __init__(self, routes: Routes, fault: Fault | None = None) -> None:
        self.routes = dict(routes)
        self.fault = fault
        self.requests: list[Seen] = []
        self.unknown: list[str] = []
        self.stopping = threading.Event()
        self._lock = threading.RLock()
        self._http = _Http(("127.0.0.1", 0), _Handler)
        self._http.owner = self
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> CcxtServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
        if kind is None:
            assert self.unknown == []

    def sent(self, route: str) -> list[Seen]:
        return [seen for seen in self.requests if seen.route == route]

    def _names(self, seen: Seen) -> list[str]:
        """`GET /path?SPOT` stands before `GET /path`: some venues tell questions apart by one parameter."""
        told = [str(seen.params[name]) for name in DISTINCTIVE if name in seen.params]
        return [*(f"{seen.route}?{value}" for value in told), seen.route]

    def answer(self, seen: Seen) -> Fault:
        with self._lock:
            self.requests.append(seen)
            if self.fault is not None:
                return self.fault
            route = next((self.routes[name] for name in self._names(seen) if name in self.routes), None)
            if route is None:
                self.unknown.append(seen.route)
                return reply({"error": "no such route"}, 404)
            if isinstance(route, Series):
                route = route.next()
            found = route(seen) if callable(route) else route
        return found if isinstance(found, Reply) or callable(found) else reply(found)


class Series:
    """Answers used up one by one, the last one staying."""

    def __init__(self, *routes: Route) -> None:
        self._routes = list(routes)

    def next(self) -> Route:
        return self._routes.pop(0) if len(self._routes) > 1 else self._routes[0]


def reply(body: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(body).encode())


def raw(text: str, status: int = 200) -> Reply:
    """JSON as written, so that the digits of its numbers are the test's."""
    return Reply(status, text.encode())


class _Http(ThreadingHTTPServer):
    owner: CcxtServer
    request_queue_size = 64

    def handle_error(self, *_: Any) -> None:
        """A client that hangs up is what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Http
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        owner = self.server.owner
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        url = urlsplit(self.path)
        seen = Seen(
            self.command,
            unquote(url.path),
            {**_flat(url.query), **_params(body)},
            {name.lower(): value for name, value in self.headers.items()},
            url.query,
            body,
        )
        answer = owner.answer(seen)
        if not isinstance(answer, Reply):
            self.close_connection = True
            answer(self, owner.stopping)
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_DELETE = _serve  # noqa: N815 - the names http.server calls

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Quiet."""


def _params(body: str) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return _flat(body)
    if isinstance(value, list):
        return dict(value[0]) if value else {}
    return dict(value) if isinstance(value, dict) else {}


def _flat(query: str) -> dict[str, Any]:
    return {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}


Respond = Callable[[Seen], Any]
