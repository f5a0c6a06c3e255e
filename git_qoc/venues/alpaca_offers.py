"""What Alpaca offers by connector type, and the refusal of anything else before it is sent."""

from __future__ import annotations

from types import MappingProxyType

from git_qoc.errors import Unsupported
from git_qoc.model import OrderRequest, OrderType, VenueType
from git_qoc.venues.base import Capabilities

_MARKET_LIMIT = frozenset({OrderType.MARKET, OrderType.LIMIT})

# Order types: spec/accounts-and-brokers.txt; times in force: TimeInForce of the Trading API.
CAPABILITIES = MappingProxyType(
    {
        VenueType.EQUITIES: Capabilities(
            order_types=_MARKET_LIMIT | {OrderType.STOP, OrderType.STOP_LIMIT},
            time_in_force=frozenset({"day", "gtc", "opg", "cls", "ioc", "fok"}),
            fractional=True,
            shorting=True,
            client_order_id_max=128,
            fills=True,
            flows=True,
            history=True,
        ),
        VenueType.OPTIONS: Capabilities(
            order_types=_MARKET_LIMIT | {OrderType.STOP},
            time_in_force=frozenset({"day", "gtc"}),
            shorting=True,
            multi_leg=True,
            client_order_id_max=128,
            fills=True,
            flows=True,
            history=True,
        ),
        VenueType.CRYPTO: Capabilities(
            order_types=_MARKET_LIMIT | {OrderType.STOP_LIMIT},
            time_in_force=frozenset({"gtc", "ioc"}),
            fractional=True,
            client_order_id_max=128,
            fills=True,
            flows=True,
            history=True,
        ),
    }
)


def check(request: OrderRequest, kind: VenueType) -> None:
    """Let a request pass that this type of connector can send.

    Raises:
        Unsupported: it needs what Alpaca does not offer here.
    """
    offers = CAPABILITIES[kind]
    for refused, what in (
        (request.type not in offers.order_types, f"order type {request.type.value}"),
        (request.time_in_force not in offers.time_in_force, f"time in force {request.time_in_force}"),
        (bool(request.legs) and not offers.multi_leg, "multi-leg orders"),
        (request.quantity % 1 != 0 and not offers.fractional, "fractional quantities"),
        (
            not 0 < len(request.client_order_id) <= offers.client_order_id_max,
            "this length of client order id",
        ),
    ):
        if refused:
            raise Unsupported(f"alpaca does not offer {what} for {kind.value}")
