"""Whatever is sent, the answer is one of Alpaca's form, and never a failure of the exchange itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from git_qoc.exchange.message import Request
from tests.exchange.running import Running, validate

KEYS = {"apca-api-key-id": "a", "apca-api-secret-key": "b"}
CALL, PUT = "AAPL170317C00030000", "AAPL170317P00032000"
QUICK = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=8),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)
NUMBERS = st.one_of(
    st.sampled_from(
        ["1", "0", "-1", "0.000000001", "1e9", "1E-30", "1e999", "NaN", "٣", " 1", "1_0", "99.99", "32.09"]
    ),
    st.integers(1, 10**6).map(str),
    st.decimals("0.01", "5000", places=2).map(str),
)
SYMBOLS = st.sampled_from(
    ["AAPL", "KO", "BTC/USD", "BTCUSD", CALL, PUT, "SPX", "ESH7", "BTC-USD-PERP", "A１"]
)
LEG = st.fixed_dictionaries(
    {"symbol": SYMBOLS | JUNK, "ratio_qty": NUMBERS | JUNK},
    optional={
        "side": st.sampled_from(["buy", "sell"]) | JUNK,
        "position_intent": st.sampled_from(["buy_to_open", "sell_to_close"]) | JUNK,
    },
)
BODY = st.fixed_dictionaries(
    {
        "symbol": SYMBOLS | JUNK,
        "side": st.sampled_from(["buy", "sell"]) | JUNK,
        "type": st.sampled_from(["market", "limit", "stop", "stop_limit", "trailing_stop"]) | JUNK,
        "time_in_force": st.sampled_from(["day", "gtc", "ioc", "fok", "opg"]) | JUNK,
    },
    optional={
        "qty": NUMBERS | JUNK,
        "notional": NUMBERS | JUNK,
        "limit_price": NUMBERS | JUNK,
        "stop_price": NUMBERS | JUNK,
        "order_class": st.sampled_from(["", "simple", "mleg", "bracket"]) | JUNK,
        "legs": st.lists(LEG, max_size=5) | JUNK,
        "client_order_id": st.text(max_size=130) | JUNK,
        "extended_hours": st.booleans() | JUNK,
        "position_intent": st.sampled_from(["buy_to_open", "sell_to_open"]) | JUNK,
    },
)


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("books"), cash="10000000") as running:
        yield running


def ask(
    exchange: Running, method: str, path: str, query: dict[str, str], body: Any = None
) -> tuple[int, Any]:
    sent = b"" if body is None else json.dumps(body).encode()
    request = Request(method, path, query, KEYS, sent)
    answer = exchange.exchange.answer(request)
    if answer.status >= 400:
        validate(request, answer)
    assert answer.status < 500, answer.body
    return answer.status, json.loads(answer.body) if answer.body else None


@QUICK
@given(BODY)
def test_any_body_is_an_order_or_a_refusal(exchange: Running, body: dict[str, Any]) -> None:
    status, order = ask(exchange, "POST", "/v2/orders", {}, body)
    assert status in (200, 400, 403, 422)
    if status == 200:
        assert ask(exchange, "GET", f"/v2/orders/{order['id']}", {}) == (200, order)


CHANGES = st.sampled_from(["qty", "limit_price", "stop_price", "time_in_force", "client_order_id", "trail"])
RESTING = {"side": "buy", "type": "limit", "limit_price": "9", "time_in_force": "gtc"}


@QUICK
@given(st.dictionaries(CHANGES, NUMBERS | JUNK))
def test_any_change_is_a_replacement_or_a_refusal(exchange: Running, change: dict[str, Any]) -> None:
    body = {"symbol": "KO", "qty": "1", **RESTING}
    status, order = ask(exchange, "POST", "/v2/orders", {}, body)
    assume(status == 200)  # other examples may have spent the money
    status, _ = ask(exchange, "PATCH", f"/v2/orders/{order['id']}", {}, change)
    assert status in (200, 400, 403, 422)


WORDS = [
    "1", "0", "-1", "100", "asc", "desc", "all", "true", "AAPL", "BTC/USD,KO", "1D", "1Day", "1A", "x",
    "2017-02-28", "2017-02-28T00:00:00Z", "2017-02-28T00:00:00", "9999-12-31T23:59:59Z", "0001-01-01",
    "ALL", "1488330000", "99999999999", "NaN", "1e400", "٣", "FILL", "CSD,FILL", "call", "2017-02-30",
    "us_option",
]  # fmt: skip
NAMES = [
    "after", "until", "direction", "limit", "status", "symbols", "side", "nested", "after_order_id", "date",
    "page_size", "page_token", "activity_types", "category", "order_id", "start", "end", "period", "sort",
    "timeframe", "cashflow_types", "asset_class", "underlying_symbols", "expiration_date",
    "strike_price_gte", "client_order_id", "percentage", "qty", "date_type", "type", "style", "ppind",
    "feed", "currency",
]  # fmt: skip
PATHS = [
    "/v2/account", "/v2/orders", "/v2/orders:by_client_order_id", "/v2/orders/x", "/v2/account/activities",
    "/v2/positions", "/v2/clock", "/v2/account/activities/FILL", "/v2/account/portfolio/history",
    "/v2/positions/AAPL", "/v2/assets", "/v2/assets/x", "/v2/calendar", "/v2/options/contracts",
    "/v2/options/contracts/AAPL", "/v2/stocks/quotes/latest", "/v2/stocks/bars", "/v2/stocks/KO/bars",
    "/v1beta1/options/quotes/latest", "/v1beta3/crypto/us/bars", "/qoc/clock", "/qoc/faults",
]  # fmt: skip
QUERIES = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["", "\x00", *WORDS]), max_size=4)


@settings(QUICK, max_examples=250)
@given(st.sampled_from(PATHS), QUERIES)
def test_any_query_is_answered(exchange: Running, path: str, query: dict[str, str]) -> None:
    ask(exchange, "GET", path, query)


@QUICK
@given(st.sampled_from(["/v2/orders", "/qoc/clock", "/qoc/faults", "/qoc/cash"]), st.binary(max_size=40))
def test_any_bytes_are_answered(exchange: Running, path: str, body: bytes) -> None:
    answer = exchange.exchange.answer(Request("POST", path, {}, KEYS, body))
    assert 400 <= answer.status < 500
