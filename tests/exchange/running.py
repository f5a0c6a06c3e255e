"""An exchange on loopback in this process, each of its answers held against Alpaca's documents.

    with Running(tmp_path) as exchange:
        exchange.post("/v2/orders", symbol="AAPL", qty="2", …)

Leaving the `with` block fails when an answer, or a request that led to a good one, broke the
documents. The clock stands at `NOON`; `at` moves it.
"""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from git_qoc.exchange.clock import ExchangeClock
from git_qoc.exchange.exchange import LEVERAGE, Exchange
from git_qoc.exchange.faults import Faults
from git_qoc.exchange.message import Answer, Request
from git_qoc.exchange.server import Server
from git_qoc.market.engine import Engine
from git_qoc.model import Clock
from tests.venues import alpaca_api

NOON = datetime(2017, 3, 1, 17, tzinfo=UTC)
"""12:00 in New York; prices are the closes of 2017-02-28: AAPL 32.096, KO 34.103, BTC 1192.69."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any
    headers: Mapping[str, str]


class Client:
    """One connection that is kept open; numbers with a fraction come as Decimal."""

    def __init__(self, url: str, *pair: str) -> None:
        key, secret = pair or ("any", "thing")
        self._keys = {"APCA-API-KEY-ID": key, "APCA-API-SECRET-KEY": secret}
        self._http = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)

    def __call__(self, method: str, path: str, body: Any = None, /, **query: str) -> Reply:
        target = f"{path}?{urlencode(query)}" if query else path
        return self.send(method, target, None if body is None else json.dumps(body, default=str))

    def send(self, method: str, target: str, text: str | None = None, **headers: str) -> Reply:
        """`X_Qoc_Fault` is the header X-Qoc-Fault."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        self._http.request(method, target, text, {**self._keys, **more})
        with self._http.getresponse() as answer:
            text = answer.read().decode()
            found = json.loads(text, parse_float=Decimal) if text else None
            return Reply(answer.status, found, dict(answer.headers))

    def get(self, path: str, **query: str) -> Any:
        return self._good(self("GET", path, **query))

    def post(self, path: str, **body: Any) -> Any:
        return self._good(self("POST", path, body))

    def delete(self, path: str, **query: str) -> Any:
        return self._good(self("DELETE", path, **query))

    def order(self, symbol: str, qty: str, side: str = "buy", /, **changes: Any) -> Any:
        """Submit a market order for the day, with changes."""
        return self.post("/v2/orders", **order_body(symbol, qty, side, **changes))

    def at(self, time: str) -> None:
        self.post("/qoc/clock", at=time)

    def close(self) -> None:
        self._http.close()

    @staticmethod
    def _good(reply: Reply) -> Any:
        assert reply.status < 300, reply
        return reply.body


def order_body(symbol: str, qty: str, side: str = "buy", /, **changes: Any) -> dict[str, Any]:
    time = "gtc" if "/" in symbol else "day"
    body = {"symbol": symbol, "qty": qty, "side": side, "type": "market", "time_in_force": time, **changes}
    return {name: value for name, value in body.items() if value is not None}


class Running(Client):
    def __init__(
        self,
        folder: Path,
        cash: str = "100000",
        *,
        at: datetime | None = NOON,
        real: Clock = lambda: NOON,
        **changes: Any,
    ) -> None:
        clock = ExchangeClock(real, at)
        self.engine = Engine(folder / "books.sqlite", clock, leverage=LEVERAGE)
        self.engine.create(Decimal(cash))
        self.faults = Faults()
        self.exchange = Exchange(self.engine, clock, self.faults, **changes)
        self.violations: list[str] = []
        self.log: list[str] = []
        self._server: Server | None = None
        self.url = self.listen()
        super().__init__(self.url)

    def listen(self) -> str:
        """The URL; a port that it once had is taken again."""
        port = int(self.url.rsplit(":", 1)[1]) if hasattr(self, "url") else 0
        self._server = Server(self._respond, self.faults, log=self.log.append, port=port, poll_s=0.005)
        self._server.start()
        return self._server.url

    def hang_up(self) -> None:
        """Nothing listens any more."""
        if self._server is not None:
            self._server.stop()
        self._server = None

    def __enter__(self) -> Running:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        self.hang_up()
        if kind is None:
            assert not self.violations, self.violations[:3]

    def _respond(self, request: Request) -> Answer:
        answer = self.exchange.answer(request)
        try:
            validate(request, answer)
        except Exception as exc:  # noqa: BLE001 - whatever it is, the test must see it
            self.violations.append(f"{request.method} {request.path}: {exc!r}: {exc.__cause__!r}")
        return answer


def validate(request: Request, answer: Answer) -> None:
    """Hold both against the document; an error only has to have Alpaca's form."""
    if answer.status >= 400:
        error = json.loads(answer.body)
        assert isinstance(error["code"], int)
        assert isinstance(error["message"], str)
        return
    if not request.path.startswith("/qoc/"):
        alpaca_api.validate(_request(request), alpaca_api.Response(_as_documented(answer), answer.status))


def _as_documented(answer: Answer) -> bytes:
    """Without the error that a position which cannot be closed has for a body: the document leaves it
    out (alpaca-py has it as FailedClosePositionDetails)."""
    if answer.status != 207:
        return answer.body
    rows = json.loads(answer.body)
    return json.dumps(
        [row if row["status"] < 400 else {"symbol": row["symbol"], "status": row["status"]} for row in rows]
    ).encode()


def _request(request: Request) -> alpaca_api.Request:
    """A pair's slash is part of a name; numbers are texts in the document, and alpaca-py sends numbers; a day
    may stand for a time, as the document says in words but not in its schemas."""
    path = request.path
    for prefix in ("/v2/positions/", "/v2/assets/"):
        if path.startswith(prefix):
            path = prefix + quote(path.removeprefix(prefix), safe="")
    headers = dict(request.headers)
    if path.startswith("/v1beta3/crypto/"):
        # The document wants keys, alpaca-py says that these need none.
        headers = {"apca-api-key-id": "-", "apca-api-secret-key": "-", **headers}
    days = "/v2/options/contracts"
    query = {
        name: f"{value}T00:00:00Z" if _DAY.fullmatch(value) and request.path != days else value
        for name, value in request.query.items()
    }
    body = json.dumps(_texts(json.loads(request.body))).encode() if request.body else None
    return alpaca_api.Request(request.method.lower(), path, urlencode(query), headers, body)


def _texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _texts(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_texts(item) for item in value]
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
