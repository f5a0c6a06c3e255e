"""What the paper venue offers by connector type (spec/accounts-and-brokers.txt, "Supported venue types")."""

from __future__ import annotations

from types import MappingProxyType

from git_qoc.market.orders import AssetClass
from git_qoc.model import OrderType, VenueType
from git_qoc.venues.offers import Capabilities

MARKET, LIMIT, STOP, STOP_LIMIT = OrderType

TRADES = MappingProxyType(
    {
        VenueType.EQUITIES: frozenset({AssetClass.STOCK}),
        VenueType.OPTIONS: frozenset({AssetClass.OPTION}),
        VenueType.CRYPTO: frozenset({AssetClass.COIN, AssetClass.PERPETUAL}),
        VenueType.FUTURES: frozenset({AssetClass.FUTURE}),
        VenueType.CASH: frozenset[AssetClass](),
    }
)
"""What an account of each type may trade."""


def _offers(*types: OrderType, fractional: bool = False, multi_leg: bool = False) -> Capabilities:
    return Capabilities(
        order_types=frozenset(types),
        time_in_force=frozenset({"day", "gtc", "ioc", "fok"} if types else ()),
        fractional=fractional,
        shorting=bool(types),
        multi_leg=multi_leg,
        client_order_id=r".{1,128}",
        quotes=True,
        fills=True,
        flows=True,
        history=True,
        closes=True,
        transfers=True,
    )


CAPABILITIES = MappingProxyType(
    {
        VenueType.EQUITIES: _offers(MARKET, LIMIT, STOP, STOP_LIMIT, fractional=True),
        VenueType.OPTIONS: _offers(MARKET, LIMIT, STOP, multi_leg=True),
        VenueType.CRYPTO: _offers(MARKET, LIMIT, STOP_LIMIT, fractional=True),
        VenueType.FUTURES: _offers(MARKET, LIMIT, STOP),
        VenueType.CASH: _offers(),
    }
)
