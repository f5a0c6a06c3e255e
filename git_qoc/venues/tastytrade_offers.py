"""What tastytrade offers by connector type."""

from __future__ import annotations

from types import MappingProxyType

from git_qoc.model import OrderType, VenueType
from git_qoc.venues.offers import Capabilities

_MARKET_LIMIT_STOP = frozenset({OrderType.MARKET, OrderType.LIMIT, OrderType.STOP})
_FORCE = frozenset({"day", "gtc", "ioc"})
# A field without a stated form; their guide takes UUIDs and names like aapl-buy-0001.
_ID = r"[A-Za-z0-9._-]{1,64}"


def _offers(order_types: frozenset[OrderType], *, multi_leg: bool = False) -> Capabilities:
    return Capabilities(
        order_types=order_types,
        time_in_force=_FORCE,
        shorting=True,
        multi_leg=multi_leg,
        client_order_id=_ID,
        quotes=True,
        fills=True,
        flows=True,
        history=True,
    )


CAPABILITIES = MappingProxyType(
    {
        VenueType.EQUITIES: _offers(_MARKET_LIMIT_STOP | {OrderType.STOP_LIMIT}),
        VenueType.OPTIONS: _offers(_MARKET_LIMIT_STOP, multi_leg=True),
        VenueType.FUTURES: _offers(_MARKET_LIMIT_STOP),
    }
)
