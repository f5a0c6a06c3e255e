"""Alpaca on loopback: a real HTTP server over Python-side state.

    with AlpacaServer(positions=[position(qty="3")], faults={"/v2/clock": hang}) as server:
        …base_url=server.url…

Every well-formed answer, and every request that led to one, is validated against Alpaca's
OpenAPI documents; leaving the `with` block fails when one of them broke. State (`account`,
`positions`, `orders`, `activities`, `quotes`, `bars`, `history`, `clock`) may be changed between
requests; `requests` lists what came in, `POST /v2/orders` appends to `orders`.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.venues import alpaca_api
from tests.venues.alpaca_bodies import KEY, SECRET, Body, order
from tests.venues.alpaca_bodies import account as default_account
from tests.venues.alpaca_faults import Fault, Reply

ACTIVITIES = "/v2/account/activities"
COIN = {
    "class": "crypto",
    "exchange": "CRYPTO",
    "shortable": False,
    "min_order_size": "0.000000001",
    "min_trade_increment": "0.000000001",
    "price_increment": "0.01",
}
BARS_AT_ONCE = 7
LIVE_STATUSES = {"new", "accepted", "pending_new", "partially_filled", "pending_cancel", "held"}


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    raw: str

    @property
    def body(self) -> Any:
        """Its JSON, None where it has none."""
        return json.loads(self.raw) if self.raw else None


class AlpacaServer:
    """`faults` maps a path (or `POST /path`, or `*`) to a fault, or to a list used up one by one, then well.

    `after_accepting` is how an order that was taken is answered, None for well.
    `latency_s` delays every answer; `repeat_border` makes each activity page after the first
    begin with the row that its `page_token` names. `accepted` are the pairs of key and secret.
    """

    def __init__(
        self,
        *,
        account: Body | None = None,
        positions: Iterable[Body] = (),
        orders: Iterable[Body] = (),
        activities: Iterable[Body] = (),
        quotes: Mapping[str, Body] | None = None,
        history: Body | None = None,
        clock: str = "2026-07-05T12:00:00-04:00",
        latency_s: float = 0.0,
        faults: Mapping[str, Fault | list[Fault]] | None = None,
        repeat_border: bool = False,
        accepted: Collection[tuple[str, str]] = ((KEY, SECRET),),
    ) -> None:
        self.account = account if account is not None else default_account()
        self.positions = list(positions)
        self.orders = list(orders)
        self.activities = list(activities)
        self.quotes = dict(quotes or {})
        self.bars: dict[str, list[Body]] = {}
        self.history = history
        self.clock = clock
        self.latency_s = latency_s
        self.faults = dict(faults or {})
        self.repeat_border = repeat_border
        self.accepted = accepted
        self.assets: dict[str, Body] = {"AAPL": {}, "TSLA": {}, "BTC/USD": COIN}
        self.after_accepting: Fault | None = None
        self.requests: list[Seen] = []
        self.connections = 0
        self.violations: list[str] = []
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._http = _Http(("127.0.0.1", 0), _Handler)
        self._http.alpaca = self
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def start(self) -> AlpacaServer:
        self._thread.start()
        return self

    def close(self) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def __enter__(self) -> AlpacaServer:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if kind is None:
            assert self.violations == []

    def orders_sent(self) -> list[Seen]:
        return [seen for seen in self.requests if seen.method == "POST"]

    def paths(self) -> list[str]:
        return [seen.path for seen in self.requests]

    def answer(self, seen: Seen) -> Fault:
        with self._lock:
            self.requests.append(seen)
            fault = self._fault(seen)
            if fault is not None:
                return fault
            pair = seen.headers.get("apca-api-key-id"), seen.headers.get("apca-api-secret-key")
            if pair not in self.accepted:
                return json_reply({"message": "unauthorized."}, 401)
            return self._route(seen)

    def _fault(self, seen: Seen) -> Fault | None:
        keys = (f"{seen.method} {seen.path}", seen.path, "*")
        found = next((self.faults[key] for key in keys if key in self.faults), None)
        if isinstance(found, list):
            return found.pop(0) if found else None
        return found

    def _route(self, seen: Seen) -> Fault:
        for (method, pattern), respond in _ROUTES.items():
            match = re.fullmatch(pattern, seen.path)
            if match and method == seen.method:
                return respond(self, seen, *match.groups())
        return json_reply({"message": "endpoint not found"}, 404)

    def orders_page(self, seen: Seen) -> Reply:
        rows = sorted(self.orders, key=lambda row: str(row["submitted_at"]))
        if seen.query.get("nested") != "true":
            rows = [flat for row in rows for flat in _unrolled(row)]
        if seen.query.get("status", "open") == "open":
            rows = [row for row in rows if row["status"] in LIVE_STATUSES]
        if seen.query.get("direction", "desc") == "desc":
            rows.reverse()
        after = seen.query.get("after_order_id")
        if after is not None:
            rows = rows[[row["id"] for row in rows].index(after) + 1 :]
        return json_reply(rows[: int(seen.query.get("limit", "50"))])

    def one_order(self, seen: Seen) -> Reply:
        for row in self.orders:
            if row["client_order_id"] == seen.query.get("client_order_id"):
                return json_reply(row)
        return json_reply({"code": 40410000, "message": "order not found"}, 404)

    def new_order(self, seen: Seen) -> Fault:
        if any(row["client_order_id"] == seen.body["client_order_id"] for row in self.orders):
            return json_reply({"code": 40010001, "message": "client_order_id must be unique"}, 422)
        legs = [
            {
                **order(asset_class="us_option", order_class="mleg", type="", limit_price=None, status="new"),
                **leg,
            }
            for leg in seen.body.get("legs", [])
        ]
        empty = {"asset_class": "", "asset_id": "", "symbol": "", "side": "", "legs": legs} if legs else {}
        row = {**order(limit_price=None, order_class="", **empty), **seen.body, "legs": legs or None}
        self.orders.append(row)
        return self.after_accepting or json_reply(row)

    def delete_order(self, _: Seen, order_id: str) -> Reply:
        for row in self.orders:
            if row["id"] == order_id and row["status"] in LIVE_STATUSES:
                row["status"] = "canceled"
                return Reply(204, b"", checked=True)
        return json_reply({"code": 42210000, "message": "order is not cancelable"}, 422)

    def activities_page(self, seen: Seen, kind: str | None) -> Reply:
        kinds = [kind] if kind else seen.query["activity_types"].split(",")
        rows = [row for row in self.activities if row["activity_type"] in kinds]
        since = datetime.fromisoformat(seen.query["after"])
        rows = [row for row in rows if _booked(row, since) >= since]
        token = seen.query.get("page_token")
        if token is not None:
            rows = rows[[row["id"] for row in rows].index(token) + (0 if self.repeat_border else 1) :]
        return json_reply(rows[: int(seen.query.get("page_size", "100"))])

    def asset(self, _: Seen, symbol: str) -> Reply:
        if symbol not in self.assets:
            return json_reply({"code": 40410000, "message": f"asset not found for {symbol}"}, 404)
        return json_reply({**alpaca_api.example("Assets"), "symbol": symbol, **self.assets[symbol]})

    def quotes_page(self, seen: Seen) -> Reply:
        wanted = seen.query["symbols"].split(",")
        return json_reply({"quotes": {name: self.quotes[name] for name in wanted if name in self.quotes}})

    def bars_page(self, seen: Seen) -> Reply:
        """Both ends of the range are included; fewer rows than asked for may come, with a token for more."""
        (name,) = seen.query["symbols"].split(",")
        start, end = (datetime.fromisoformat(seen.query[key]) for key in ("start", "end"))
        rows = [row for row in self.bars.get(name, []) if start <= datetime.fromisoformat(row["t"]) <= end]
        first = int(seen.query.get("page_token", "0"))
        last = first + min(BARS_AT_ONCE, int(seen.query.get("limit", "1000")))
        some = {name: rows[first:last]} if rows[first:last] else {}
        return json_reply({"bars": some, "next_page_token": str(last) if last < len(rows) else None})


def json_reply(body: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(body).encode(), checked=True)


def _unrolled(row: Body) -> list[Body]:
    return [{**row, "legs": None}, *(row["legs"] or [])] if row["order_class"] != "mleg" else [row]


def _booked(row: Body, default: datetime) -> datetime:
    text = row.get("created_at") or row.get("transaction_time")
    return datetime.fromisoformat(text) if text else default


def _clock(server: AlpacaServer, _: Seen) -> Reply:
    later = {"next_open": "2026-07-06T09:30:00-04:00", "next_close": "2026-07-06T16:00:00-04:00"}
    return json_reply({"timestamp": server.clock, "is_open": False, **later})


_ROUTES: dict[tuple[str, str], Callable[..., Fault]] = {
    ("GET", "/v2/account"): lambda server, _: json_reply(server.account),
    ("GET", "/v2/positions"): lambda server, _: json_reply(server.positions),
    ("GET", "/v2/clock"): _clock,
    ("GET", "/v2/orders"): AlpacaServer.orders_page,
    ("POST", "/v2/orders"): AlpacaServer.new_order,
    ("GET", "/v2/orders:by_client_order_id"): AlpacaServer.one_order,
    ("DELETE", "/v2/orders/([^/]+)"): AlpacaServer.delete_order,
    ("GET", f"{ACTIVITIES}(?:/([A-Z]+))?"): AlpacaServer.activities_page,
    ("GET", "/v2/assets/(.+)"): AlpacaServer.asset,
    ("GET", "/v2/account/portfolio/history"): lambda server, _: json_reply(server.history),
    ("GET", "/v2/stocks/bars"): AlpacaServer.bars_page,
    ("GET", "/v1beta3/crypto/us/bars"): AlpacaServer.bars_page,
    ("GET", "/v2/stocks/quotes/latest"): AlpacaServer.quotes_page,
    ("GET", "/v1beta1/options/quotes/latest"): AlpacaServer.quotes_page,
    ("GET", "/v1beta3/crypto/us/latest/quotes"): AlpacaServer.quotes_page,
}


class _Http(ThreadingHTTPServer):
    alpaca: AlpacaServer
    request_queue_size = 64

    def handle_error(self, *_: Any) -> None:
        """A client that hangs up is what the tests are about; anything else is a fault of ours."""
        exc = sys.exception()
        if not isinstance(exc, ConnectionError):
            self.alpaca.violations.append(f"server: {exc!r}")


class _Handler(BaseHTTPRequestHandler):
    server: _Http
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.alpaca.connections += 1

    def _serve(self) -> None:
        alpaca = self.server.alpaca
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        seen = Seen(
            method=self.command,
            path=unquote(url.path),
            query={name: values[-1] for name, values in parse_qs(url.query, keep_blank_values=True).items()},
            headers={name.lower(): value for name, value in self.headers.items()},
            raw=raw.decode(),
        )
        if alpaca.latency_s:
            alpaca.stopping.wait(alpaca.latency_s)
        reply = alpaca.answer(seen)
        if not isinstance(reply, Reply):
            self.close_connection = True
            reply(self, alpaca.stopping)
            return
        if reply.checked:
            self._validate(seen, url.path.replace("%3A", ":"), url.query, raw, reply)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def _validate(self, seen: Seen, path: str, query: str, raw: bytes, reply: Reply) -> None:
        request = alpaca_api.Request(seen.method.lower(), path, query, seen.headers, raw or None)
        response = alpaca_api.Response(reply.body, reply.status)
        try:
            alpaca_api.validate(request, response)
        except Exception as exc:  # noqa: BLE001 - whatever it is, the test must see it
            self.server.alpaca.violations.append(f"{seen.method} {seen.path}: {exc!r}: {exc.__cause__!r}")

    do_GET = do_POST = do_DELETE = _serve  # noqa: N815 - the names http.server calls

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Quiet."""
