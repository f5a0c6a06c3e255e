"""What the paper venue offers by connector type."""

from __future__ import annotations

from types import MappingProxyType

from git_qoc.model import OrderType, VenueType
from git_qoc.venues.offers import Capabilities


def _offers(*, trades: bool) -> Capabilities:
    return Capabilities(
        order_types=frozenset({OrderType.MARKET}) if trades else frozenset(),
        time_in_force=frozenset({"day"}) if trades else frozenset(),
        fractional=trades,
        client_order_id=r".{1,128}",
        quotes=True,
        fills=True,
        flows=True,
        history=True,
        transfers=True,
    )


CAPABILITIES = MappingProxyType(
    {kind: _offers(trades=kind in (VenueType.EQUITIES, VenueType.CRYPTO)) for kind in VenueType}
)
