"""What goes out through ccxt and what its errors become: keys, hosts, sandbox, extra, faults."""

from __future__ import annotations

import gc
import traceback
from typing import Any

import pytest

from git_qoc.errors import DeskError, OrderRejected, RateLimited, VenueError
from git_qoc.model import OrderRequest, OrderType, Side
from git_qoc.venues.ccxt_offers import PROFILES
from tests.venues import alpaca_faults
from tests.venues.ccxt_connectors import NOON, SECRETS, connector, keys, served
from tests.venues.ccxt_server import reply

SIX = tuple(PROFILES)
KIND = {name: next(iter(profile.offers)) for name, profile in PROFILES.items()}


# --- keys ---


@pytest.mark.parametrize("name", SIX)
def test_no_secret_leaves_but_the_key_and_none_is_in_a_url(name: str) -> None:
    with served(name) as server:
        venue = connector(name, server.url, KIND[name])
        venue.health()
        venue.account()
        venue.positions()
        seen = [(request.query, request.body, str(request.headers)) for request in server.requests]
    shown = {"api_key", "password", "wallet_address"}
    for key in set(PROFILES[name].auth) - shown:
        assert not any(SECRETS[key] in text for parts in seen for text in parts)
    assert not any(SECRETS[key] in query for key in PROFILES[name].auth for query, _, _ in seen)


@pytest.mark.parametrize("name", SIX)
def test_once_secrets_are_forgotten_nothing_of_the_connector_holds_them(name: str) -> None:
    secrets = keys(name)
    with served(name) as server:
        venue = connector(name, server.url, KIND[name], secrets=secrets)
        venue.account()
        for secret in secrets.values():
            secret.forget()
        with pytest.raises((DeskError, VenueError)):
            venue.account()
    held = [text for text in reachable(venue) if any(SECRETS[key] in text for key in secrets)]
    # What the wallet's address is, Hyperliquid says itself.
    assert held == []


def reachable(root: object) -> set[str]:
    """All texts that can be reached from an object."""
    seen: dict[int, object] = {}
    todo = [root]
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, type) or type(one).__name__ in ("module", "function"):
            continue
        seen[id(one)] = one
        todo += gc.get_referents(one)
    return {one for one in seen.values() if isinstance(one, str)}


FAULTS: dict[str, Any] = {
    "credentials": reply({"error": ["EAPI:Invalid key"]}),
    "signature, the key echoed": reply({"error": [f"EAPI:Invalid signature {SECRETS['api_secret']}"]}),
    "401": alpaca_faults.status(401),
    "503": alpaca_faults.status(503),
    "garbage": alpaca_faults.body("<html>"),
    "not what ccxt expects": reply({"error": [], "result": [1, 2]}),
    "null": reply(None),
    "cut": alpaca_faults.cut,
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_no_secret_query_or_body_is_in_an_error_nor_in_its_traceback(fault: Any) -> None:
    with served("kraken", **{"POST /0/private/BalanceEx": lambda _: fault}) as server:
        with pytest.raises(VenueError) as raised:
            connector("kraken", server.url, timeout_s=1.0).positions()
        server.unknown.clear()
    ours = raised.value.__traceback__
    assert ours is not None
    error = raised.value.with_traceback(ours.tb_next)  # without the test's own frame, which holds the fault
    text = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert not any(secret in text for secret in SECRETS.values())
    assert "nonce" not in str(raised.value)
    assert "<html>" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None


# --- what errors mean ---

ERRORS: list[tuple[Any, type[VenueError], str]] = [
    (reply({"error": ["EAPI:Invalid key"]}), VenueError, "credentials refused.*Check the key and secret"),
    (reply({"error": ["EAPI:Invalid nonce"]}), VenueError, "nonce refused.*Set this machine's clock"),
    (reply({"error": ["EAPI:Rate limit exceeded"]}), RateLimited, "too many requests"),
    (reply({"error": ["EService:Unavailable"]}), VenueError, "not available"),
    (reply({"error": ["EGeneral:Permission denied"]}), VenueError, "Permission denied"),
    (alpaca_faults.status(429, Retry_After="30"), RateLimited, "429"),
    (alpaca_faults.status(403), VenueError, "403"),
    (alpaca_faults.status(418), RateLimited, "418"),
    (alpaca_faults.redirect("https://elsewhere.example/"), VenueError, "not followed"),
]


@pytest.mark.parametrize(("fault", "kind", "match"), ERRORS, ids=[match for _, _, match in ERRORS])
def test_an_error_says_where_what_and_what_to_do(fault: Any, kind: type[VenueError], match: str) -> None:
    with (
        served("kraken", **{"POST /0/private/BalanceEx": lambda _: fault}) as server,
        pytest.raises(kind, match=match) as raised,
    ):
        connector("kraken", server.url, timeout_s=1.0).positions()
    assert type(raised.value) is kind
    assert "POST http://127.0.0.1:" in str(raised.value)


def test_a_read_is_tried_again_and_kraken_reads_by_post() -> None:
    with served("kraken") as server:
        good = server.routes["POST /0/private/OpenOrders"]
        answers = [alpaca_faults.status(503), alpaca_faults.reset, good]
        server.routes["POST /0/private/OpenOrders"] = lambda _: answers.pop(0)
        assert len(connector("kraken", server.url).open_orders()) == 2


def test_krakens_nonces_grow_with_a_clock_that_stands() -> None:
    with served("kraken") as server:
        venue = connector("kraken", server.url)
        venue.account()
        venue.positions()
        nonces = [int(seen.params["nonce"]) for seen in server.requests if seen.method == "POST"]
    assert nonces == sorted(set(nonces))
    assert nonces[0] == int(NOON.timestamp() * 1000)


def test_a_second_request_for_one_order_does_not_leave() -> None:
    request = OrderRequest("a" * 32, "ETH", Side.BUY, 1, OrderType.LIMIT, 2200, None, "gtc")  # type: ignore[arg-type]
    with served("hyperliquid", **{"POST /exchange": reply({"status": "err", "response": "no"})}) as server:
        with pytest.raises(VenueError):
            connector("hyperliquid", server.url).place(request)
        assert len(server.sent("POST /exchange")) == 1


def test_a_rejection_never_repeats_a_secret() -> None:
    echo = reply({"error": [f"EOrder:Invalid order {SECRETS['api_key']}"]})
    request = OrderRequest("a" * 32, "BTC/USD", Side.BUY, 1, OrderType.MARKET, None, None, "gtc")  # type: ignore[arg-type]
    with (
        served("kraken", **{"POST /0/private/AddOrder": echo}) as server,
        pytest.raises(OrderRejected) as raised,
    ):
        connector("kraken", server.url).place(request)
    assert SECRETS["api_key"] not in str(raised.value)
    assert "****" in str(raised.value)


# --- where it goes ---


@pytest.mark.parametrize("name", SIX)
def test_secrets_go_to_the_exchanges_hosts_only(name: str) -> None:
    venue = connector(name, "https://elsewhere.example", KIND[name])
    with pytest.raises(VenueError, match=r"secrets are not sent to elsewhere\.example"):
        venue.health()


@pytest.mark.parametrize("name", SIX)
def test_a_sandbox_is_another_host_or_refused(name: str) -> None:
    if PROFILES[name].sandbox:
        connector(name, None, KIND[name], sandbox=True)
    else:
        with pytest.raises(VenueError, match=r"has no sandbox\. Set sandbox = false"):
            connector(name, None, KIND[name], sandbox=True)


def test_okx_sandbox_orders_say_that_they_are_simulated() -> None:
    with served("okx") as server:
        connector("okx", server.url, sandbox=True).account()
        (seen,) = server.sent("GET /api/v5/account/balance")
    assert seen.headers["x-simulated-trading"] == "1"
