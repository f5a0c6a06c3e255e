"""What is known of ccxt's exchanges without importing ccxt: titles, keys, what is offered. Pure.

The exchanges named here are traded on; any other that ccxt has is read through its unified methods.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from git_qoc.errors import VenueError
from git_qoc.model import OrderType, VenueType
from git_qoc.venues.ccxt_wired import ATTRIBUTES
from git_qoc.venues.offers import Capabilities

KEY_PAIR = ("api_key", "api_secret")
EXTRA = "ccxt"
NEEDED = "needs the ccxt extra: pipx install 'git-qoc[ccxt]'"

_MARKET, _LIMIT = OrderType.MARKET, OrderType.LIMIT
_STOP, _STOP_LIMIT = OrderType.STOP, OrderType.STOP_LIMIT


@dataclass(frozen=True, slots=True)
class Profile:
    """`sandbox`: the exchange has one. The rest as in `venue.Venue`."""

    title: str
    api: str
    auth: tuple[str, ...]
    sandbox: bool
    offers: Mapping[VenueType, Capabilities]


def _traded(
    types: set[OrderType],
    tif: set[str],
    client_id: str,
    *,
    fills: bool = True,
    flows: bool = False,
    short: bool = True,
) -> Capabilities:
    return Capabilities(
        order_types=frozenset(types),
        time_in_force=frozenset(tif),
        fractional=True,
        shorting=short,
        client_order_id=client_id,
        quotes=True,
        fills=fills,
        flows=flows,
        closes=True,
    )


# docs.kraken.com, Add Order, cl_ord_id: a UUID, its 32 digits, or free text of up to 18 characters.
_KRAKEN_ID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}|[!-~]{1,18}"
_KRAKENFUTURES_ID = r"[!-~]{1,100}"
_OKX_ID = r"[A-Za-z0-9]{1,32}"
_BINANCE_ID = r"[.A-Z:/a-z0-9_-]{1,36}"
_DERIBIT_ID = r"[!-~]{1,64}"
_HYPERLIQUID_ID = r"[0-9a-f]{32}"
_GOOD, _NOW, _ALL = {"gtc"}, {"gtc", "ioc"}, {"gtc", "ioc", "fok"}

_READ = Capabilities(quotes=True)
_READ_CLOSES = Capabilities(quotes=True, closes=True)

PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        "kraken": Profile(
            "Kraken spot, through ccxt",
            "https://docs.kraken.com/api/docs/rest-api/add-order",
            KEY_PAIR,
            False,
            {
                VenueType.CRYPTO: _traded(
                    {_MARKET, _LIMIT, _STOP_LIMIT}, _NOW, _KRAKEN_ID, flows=True, short=False
                )
            },
        ),
        "krakenfutures": Profile(
            "Kraken Futures, through ccxt",
            "https://docs.kraken.com/api/docs/futures-api/trading/send-order",
            KEY_PAIR,
            True,
            {
                VenueType.CRYPTO: _traded(
                    {_MARKET, _LIMIT, _STOP_LIMIT}, _NOW, _KRAKENFUTURES_ID, flows=True
                ),
                VenueType.FUTURES: _traded({_MARKET, _LIMIT, _STOP}, _NOW, _KRAKENFUTURES_ID, flows=True),
            },
        ),
        "okx": Profile(
            "OKX, through ccxt",
            "https://www.okx.com/docs-v5/en/",
            (*KEY_PAIR, "password"),
            True,
            {
                VenueType.CRYPTO: _traded({_MARKET, _LIMIT}, _ALL, _OKX_ID),
                VenueType.FUTURES: _traded({_MARKET, _LIMIT}, _ALL, _OKX_ID),
            },
        ),
        "binance": Profile(
            "Binance, through ccxt",
            "https://developers.binance.com/docs/",
            KEY_PAIR,
            True,
            {
                VenueType.CRYPTO: _traded({_MARKET, _LIMIT}, _ALL, _BINANCE_ID, fills=False),
                VenueType.FUTURES: _traded({_MARKET, _LIMIT}, _ALL, _BINANCE_ID, fills=False),
            },
        ),
        "deribit": Profile(
            "Deribit, through ccxt",
            "https://docs.deribit.com/",
            KEY_PAIR,
            True,
            {
                VenueType.CRYPTO: _traded({_MARKET, _LIMIT, _STOP_LIMIT}, _ALL, _DERIBIT_ID),
                VenueType.FUTURES: _traded({_MARKET, _LIMIT, _STOP}, _ALL, _DERIBIT_ID),
            },
        ),
        "hyperliquid": Profile(
            "Hyperliquid, through ccxt",
            "https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api",
            ("wallet_address", "private_key"),
            True,
            {VenueType.CRYPTO: _traded({_LIMIT, _STOP_LIMIT}, _NOW, _HYPERLIQUID_ID)},
        ),
    }
)

_REQUIRED = re.compile(r"'requiredCredentials': \{([^}]*)\}")
_TRUE = re.compile(r"'(\w+)': True")
_DAILY = (re.compile(r"'fetchOHLCV': True"), re.compile(r"'1d': "))


def folder() -> Path | None:
    """Where ccxt is installed, None when it is not."""
    spec = find_spec("ccxt")
    return Path(spec.origin).parent if spec is not None and spec.origin else None


def profile(name: str) -> Profile | None:
    """What is known of an exchange; None for one that ccxt, as installed, does not have.

    The source of an exchange that is not named here is read, not run, for the keys that it needs
    and for whether it tells daily candles.
    """
    if name in PROFILES:
        return PROFILES[name]
    place = folder()
    source = place / f"{name}.py" if place is not None and name.isidentifier() else None
    if source is None or name.startswith("_") or not source.is_file():
        return None
    text = source.read_text("utf-8")
    found = _REQUIRED.search(text)
    wanted = _TRUE.findall(found[1]) if found else ["apiKey", "secret"]
    auth = tuple(ours for ours, theirs in ATTRIBUTES.items() if theirs in wanted)
    offered = _READ_CLOSES if all(form.search(text) for form in _DAILY) else _READ
    offers = MappingProxyType({VenueType.CRYPTO: offered, VenueType.FUTURES: offered})
    return Profile(f"{name}, through ccxt, read only", "https://docs.ccxt.com", auth, False, offers)


def installed() -> None:
    """
    Raises:
        VenueError: ccxt is not.
    """
    if folder() is None:
        raise VenueError(NEEDED)


def hint() -> str:
    """What to add where a venue is not known: without ccxt its exchanges are not."""
    return "" if folder() is not None else f". An exchange that ccxt has {NEEDED}"
