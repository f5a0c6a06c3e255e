"""Which exchanges of ccxt's there are, with and without ccxt, and those that are only read."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from git_qoc.errors import Unsupported, VenueError
from git_qoc.model import OrderRequest, OrderType, Side, VenueType
from git_qoc.venues.ccxt_ask import Market, Markets
from git_qoc.venues.ccxt_dialect import Dialect
from git_qoc.venues.registry import auth_keys, ccxt_venue, find_venue, open_connector
from tests.venues.ccxt_connectors import NOON, SECRETS
from tests.venues.ccxt_server import CcxtServer

D1 = Decimal(1)


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_registry_knows_six_exchanges_without_importing_ccxt() -> None:
    code = (
        "import sys; from git_qoc.venues.registry import *; "
        "print(find_venue('kraken').types, auth_keys('okx'), auth_keys('bybit')); "
        "print('ccxt' in sys.modules, 'pydantic' in sys.modules)"
    )
    said, imported = run(code).splitlines()
    assert said == (
        "(<VenueType.CRYPTO: 'crypto'>,) ('api_key', 'api_secret', 'password') ('api_key', 'api_secret')"
    )
    assert imported == "False False"


def test_without_the_extra_one_connector_says_how_to_get_it() -> None:
    # A process in which ccxt is not installed: an isolated path without it.
    code = (
        "import sys\n"
        "from git_qoc.venues import ccxt_offers, registry\n"
        "sys.path[:] = []\n"
        "sys.path_importer_cache.clear()\n"
        "print(ccxt_offers.profile('bybit'))\n"
        "print(registry.find_venue('kraken').auth, ccxt_offers.hint())\n"
        "try:\n"
        "    ccxt_offers.installed()\n"
        "except Exception as exc:\n"
        "    print(type(exc).__name__, exc)\n"
    )
    assert run(code).splitlines() == [
        "None",
        (
            "('api_key', 'api_secret') . An exchange that ccxt has needs the ccxt extra: "
            "pipx install 'git-qoc[ccxt]'"
        ),
        "VenueError needs the ccxt extra: pipx install 'git-qoc[ccxt]'",
    ]


def test_any_other_exchange_of_ccxts_is_read_only() -> None:
    venue = find_venue("bitstamp")
    assert venue.types == (VenueType.CRYPTO, VenueType.FUTURES)
    assert venue.extra == "ccxt"
    assert all(not offered.order_types for offered in venue.offers().values())


@pytest.mark.parametrize("name", ["nosuch", "base", "__init__", "../ccxt", "Exchange"])
def test_what_is_no_exchange_is_no_venue(name: str) -> None:
    assert ccxt_venue(name) is None
    with pytest.raises(VenueError, match="no adapter"):
        find_venue(name)


def test_an_alias_without_its_own_list_of_keys_has_the_usual_pair() -> None:
    assert auth_keys("binanceusdm") == ("api_key", "api_secret")
    assert auth_keys("kucoin") == ("api_key", "api_secret", "password")


def test_an_exchange_without_a_module_of_its_own_is_read_through_ccxts_unified_methods() -> None:
    """Answers from bitstamp.net/api (currencies, markets, account balances)."""
    routes: dict[str, Any] = {
        "GET /api/v2/currencies/": [
            {"name": "US dollar", "currency": "USD", "type": "fiat", "symbol": "$", "decimals": 2},
            {"name": "Bitcoin", "currency": "BTC", "type": "crypto", "symbol": "", "decimals": 8},
        ],
        "GET /api/v2/markets/": [
            {
                "name": "BTC/USD",
                "market_symbol": "btcusd",
                "url_symbol": "btcusd",
                "description": "Bitcoin / U.S. dollar",
                "minimum_order": "10 USD",
                "base_currency": "BTC",
                "base_decimals": 8,
                "counter_currency": "USD",
                "counter_decimals": 0,
                "minimum_order_value": "10",
                "maximum_order_value": "30000000",
                "trading": "Enabled",
                "instant_order_counter_decimals": 2,
                "market_type": "SPOT",
            }
        ],
        "POST /api/v2/account_balances/": [
            {"currency": "usd", "total": "100.50", "available": "100.50", "reserved": "0.00"},
            {"currency": "btc", "total": "0.25000000", "available": "0.25", "reserved": "0.00"},
        ],
    }
    routes["GET /api/v2/ticker/"] = [
        {"pair": "BTC/USD", "timestamp": "1783267199", "bid": "61190", "ask": "61210", "last": "61200"}
    ]
    with CcxtServer(routes) as server:
        venue = connector_of("bitstamp", server.url)
        account = venue.account()
        (position,) = venue.positions()
        with pytest.raises(Unsupported):
            venue.flows(NOON)
        with pytest.raises(Unsupported, match="order type market"):
            venue.place(OrderRequest("x", "btcusd", Side.BUY, 1, OrderType.MARKET))  # type: ignore[arg-type]
    assert account.cash is not None
    assert [(cash.currency, str(cash.amount)) for cash in account.cash] == [("USD", "100.50")]
    assert account.equity_usd is None
    assert (position.quantity, position.mark) == (Decimal("0.25"), Decimal(61200))


def test_contracts_at_an_exchange_that_is_not_known_are_not_added_to_its_balances() -> None:
    row = {"symbol": "BTC/USDT:USDT", "side": "long", "contracts": "2", "entryPrice": "1", "markPrice": "2"}
    market = Market("BTCUSDT", "BTC/USDT:USDT", "BTCUSDT", "swap", "BTC", "USDT", False, D1, None, None, None)

    def ask(method: str, *_: Any) -> Any:
        return [row]

    with pytest.raises(VenueError, match="whether its balances hold the gain"):
        list(Dialect("bybit").positions(ask, Markets([market])))


def connector_of(name: str, url: str) -> Any:
    from git_qoc.desk.secrets import Secret
    from git_qoc.venues.base import Settings

    secrets = {key: Secret(SECRETS["api_key"]) for key in auth_keys(name)}
    return open_connector(
        name,
        Settings("main", VenueType.CRYPTO, secrets, lambda: NOON, Path("/nonexistent"), 5.0, base_url=url),
    )
