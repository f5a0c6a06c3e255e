"""What Alpaca offers by connector type."""

from __future__ import annotations

from types import MappingProxyType

from git_qoc.model import OrderType, VenueType
from git_qoc.venues.offers import Capabilities

_ANY_128 = r"(?s).{1,128}"
_MARKET_LIMIT = frozenset({OrderType.MARKET, OrderType.LIMIT})

# Order types: spec/accounts-and-brokers.txt; times in force: TimeInForce of the Trading API.
CAPABILITIES = MappingProxyType(
    {
        VenueType.EQUITIES: Capabilities(
            order_types=_MARKET_LIMIT | {OrderType.STOP, OrderType.STOP_LIMIT},
            time_in_force=frozenset({"day", "gtc", "opg", "cls", "ioc", "fok"}),
            fractional=True,
            shorting=True,
            client_order_id=_ANY_128,
            quotes=True,
            fills=True,
            flows=True,
            history=True,
            closes=True,
        ),
        VenueType.OPTIONS: Capabilities(
            order_types=_MARKET_LIMIT | {OrderType.STOP},
            time_in_force=frozenset({"day", "gtc"}),
            shorting=True,
            multi_leg=True,
            client_order_id=_ANY_128,
            quotes=True,
            fills=True,
            flows=True,
            history=True,
            closes=True,
        ),
        VenueType.CRYPTO: Capabilities(
            order_types=_MARKET_LIMIT | {OrderType.STOP_LIMIT},
            time_in_force=frozenset({"gtc", "ioc"}),
            fractional=True,
            client_order_id=_ANY_128,
            quotes=True,
            fills=True,
            flows=True,
            history=True,
            closes=True,
        ),
    }
)
