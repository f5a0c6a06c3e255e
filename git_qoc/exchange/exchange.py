"""Alpaca's REST API in front of one account of the simulated market: a request in, an answer out.

Pure but for the market's books: no sockets, no waiting. https://docs.alpaca.markets/reference
gives the paths; those that are not in the table are 404 in Alpaca's form (watchlists, corporate
actions, wallets, locates, order books, news), as is what changes the configuration.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from http import HTTPStatus

from git_qoc.errors import QocError
from git_qoc.exchange import (
    account,
    activities,
    assets,
    calendar,
    contracts,
    control,
    data,
    history,
    orders,
    positions,
    trading,
)
from git_qoc.exchange.asked import body_of
from git_qoc.exchange.clock import ExchangeClock
from git_qoc.exchange.faults import Faults
from git_qoc.exchange.message import Answer, Problem, Request, json_answer, not_found
from git_qoc.market.engine import Engine
from git_qoc.market.orders import AssetClass

LEVERAGE = Decimal(2)
"""Regulation T: overnight, half of a purchase can be borrowed."""


@dataclass(frozen=True)
class Exchange:
    """`key` and `secret` are those that clients must send, None where any will do.

    Market data of coins needs none, as at Alpaca; `/qoc/…` needs one only where one is given.
    """

    engine: Engine
    clock: ExchangeClock
    faults: Faults = field(default_factory=Faults)
    key: str | None = None
    secret: str | None = field(default=None, repr=False)

    def answer(self, request: Request) -> Answer:
        """Never raises: what cannot be done is an answer too."""
        try:
            self._check_key(request)
            return _route(self, request)
        except Problem as exc:
            return exc.answer()
        except QocError as exc:
            return json_answer({"code": 50010000, "message": str(exc)}, HTTPStatus.INTERNAL_SERVER_ERROR)

    def _check_key(self, request: Request) -> None:
        if "origin" in request.headers:
            # Any page in a browser on this machine can send to loopback; trading programs send no Origin.
            raise Problem(HTTPStatus.FORBIDDEN, 40310000, "requests from web pages are not answered")
        if request.path.startswith("/v1beta3/crypto/"):
            return
        pairs = (("apca-api-key-id", self.key), ("apca-api-secret-key", self.secret))
        for name, expected in pairs:
            given = request.headers.get(name, "")
            if expected is None:
                fits = bool(given or request.headers.get("authorization")) or request.path.startswith("/qoc/")
            else:
                fits = hmac.compare_digest(given.encode(), expected.encode())
            if not fits:
                raise Problem(HTTPStatus.UNAUTHORIZED, 40110000, "request is not authorized")


Respond = Callable[..., Answer]


def _route(exchange: Exchange, request: Request) -> Answer:
    methods = []
    for method, pattern, respond in _ROUTES:
        match = pattern.fullmatch(request.path)
        if match is None:
            continue
        if method == request.method:
            return respond(exchange, request, *match.groups())
        methods.append(method)
    if methods:
        raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, 40510000, "method not allowed")
    raise not_found("endpoint not found")


def _read(function: Callable[..., object]) -> Respond:
    """Of the engine alone."""
    return lambda exchange, _, *groups: json_answer(function(exchange.engine, *groups))


def _query(function: Callable[..., object]) -> Respond:
    """Of the engine, the path's groups and the query."""
    return lambda exchange, request, *groups: json_answer(function(exchange.engine, *groups, request.query))


def _body(function: Callable[..., object]) -> Respond:
    """Of the engine, the path's groups and the body."""
    return lambda exchange, request, *groups: json_answer(
        function(exchange.engine, *groups, body_of(request))
    )


def _activities(exchange: Exchange, request: Request, kind: str | None) -> Answer:
    return json_answer(activities.activities(exchange.engine, request.query, kind))


def _order(exchange: Exchange, _: Request, order_id: str) -> Answer:
    return json_answer(orders.order(exchange.engine, orders.known(exchange.engine, order_id)))


def _cancel(exchange: Exchange, _: Request, order_id: str) -> Answer:
    trading.cancel(exchange.engine, order_id)
    return Answer(HTTPStatus.NO_CONTENT)


def _cancel_all(exchange: Exchange, _: Request) -> Answer:
    return json_answer(trading.cancel_all(exchange.engine), HTTPStatus.MULTI_STATUS)


def _close_all(exchange: Exchange, request: Request) -> Answer:
    return json_answer(trading.close_all(exchange.engine, request.query), HTTPStatus.MULTI_STATUS)


def _latest(kind: AssetClass, exchange: Exchange, request: Request, what: str) -> Answer:
    return json_answer(data.latest(exchange.engine, request.query, kind, what))


def _latest_of(exchange: Exchange, request: Request, name: str, what: str) -> Answer:
    return json_answer(data.latest_of(exchange.engine, name, request.query, what))


def _bars(kind: AssetClass, exchange: Exchange, request: Request) -> Answer:
    return json_answer(data.bars(exchange.engine, request.query, kind))


def _snapshots(kind: AssetClass, exchange: Exchange, request: Request) -> Answer:
    return json_answer(data.snapshots(exchange.engine, request.query, kind))


def _clear_faults(exchange: Exchange, _: Request) -> Answer:
    exchange.faults.clear()
    return Answer(HTTPStatus.NO_CONTENT)


_TABLE: tuple[tuple[str, str, Respond], ...] = (
    ("GET", "/v2/account", _read(account.account)),
    ("GET", "/v2/account/configurations", _read(account.configurations)),
    ("GET", "/v2/account/activities(?:/([A-Z]+))?", _activities),
    ("GET", "/v2/account/portfolio/history", _query(history.history)),
    ("GET", "/v2/positions", _read(positions.positions)),
    ("DELETE", "/v2/positions", _close_all),
    # A pair has a slash, which some clients escape and some do not.
    ("GET", "/v2/positions/(.+)", _read(positions.one_position)),
    ("DELETE", "/v2/positions/(.+)", _query(trading.close)),
    ("GET", "/v2/assets", _query(assets.assets)),
    ("GET", "/v2/assets/(.+)", _read(assets.one_asset)),
    ("GET", "/v2/options/contracts", _query(contracts.contracts)),
    ("GET", "/v2/options/contracts/([^/]+)", _read(contracts.one_contract)),
    ("GET", "/v2/orders", _query(orders.orders)),
    ("POST", "/v2/orders", _body(trading.submit)),
    ("DELETE", "/v2/orders", _cancel_all),
    ("GET", "/v2/orders:by_client_order_id", _query(orders.by_client_order_id)),
    ("GET", "/v2/orders/([^/]+)", _order),
    ("PATCH", "/v2/orders/([^/]+)", _body(trading.replace)),
    ("DELETE", "/v2/orders/([^/]+)", _cancel),
    ("GET", "/v2/clock", _read(calendar.clock)),
    ("GET", "/v2/calendar", _query(calendar.calendar)),
    ("GET", "/v2/stocks/(quotes|trades|bars)/latest", partial(_latest, AssetClass.STOCK)),
    ("GET", "/v2/stocks/snapshots", partial(_snapshots, AssetClass.STOCK)),
    ("GET", "/v2/stocks/([^/]+)/snapshot", _query(data.snapshot_of)),
    ("GET", "/v1beta1/options/snapshots", partial(_snapshots, AssetClass.OPTION)),
    ("GET", "/v1beta3/crypto/[a-z0-9-]+/snapshots", partial(_snapshots, AssetClass.COIN)),
    ("GET", "/v2/stocks/bars", partial(_bars, AssetClass.STOCK)),
    ("GET", "/v2/stocks/([^/]+)/(quotes|trades|bars)/latest", _latest_of),
    ("GET", "/v2/stocks/([^/]+)/bars", _query(data.bars_of)),
    ("GET", "/v1beta1/options/(quotes|trades)/latest", partial(_latest, AssetClass.OPTION)),
    ("GET", "/v1beta3/crypto/[a-z0-9-]+/latest/(quotes|trades|bars)", partial(_latest, AssetClass.COIN)),
    ("GET", "/v1beta3/crypto/[a-z0-9-]+/bars", partial(_bars, AssetClass.COIN)),
    ("GET", "/qoc/clock", lambda exchange, _: json_answer(control.clock(exchange.clock))),
    ("POST", "/qoc/clock", lambda exchange, r: json_answer(control.move_clock(exchange.clock, body_of(r)))),
    ("GET", "/qoc/faults", lambda exchange, _: json_answer(control.planned(exchange.faults))),
    ("POST", "/qoc/faults", lambda exchange, r: json_answer(control.plan(exchange.faults, body_of(r)))),
    ("DELETE", "/qoc/faults", _clear_faults),
    ("POST", "/qoc/cash", _body(control.move_cash)),
)
_ROUTES = tuple((method, re.compile(pattern), respond) for method, pattern, respond in _TABLE)
