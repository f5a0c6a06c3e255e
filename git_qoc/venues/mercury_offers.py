"""What Mercury offers: a cash account trades nothing, so its fills are known to be none."""

from __future__ import annotations

from types import MappingProxyType

from git_qoc.model import VenueType
from git_qoc.venues.offers import Capabilities

CAPABILITIES = MappingProxyType({VenueType.CASH: Capabilities(fills=True, flows=True, transfers=True)})
