"""What SimpleFIN offers: to read, and that a cash account has no fills."""

from __future__ import annotations

from types import MappingProxyType

from git_qoc.model import VenueType
from git_qoc.venues.offers import Capabilities

CAPABILITIES = MappingProxyType({VenueType.CASH: Capabilities(fills=True, flows=True)})
