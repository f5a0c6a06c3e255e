"""What the registry knows of a venue without opening it; third parties make one too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec

from git_qoc.model import VenueType
from git_qoc.venues.base import Connector, Settings
from git_qoc.venues.offers import Capabilities


@dataclass(frozen=True, slots=True)
class Venue:
    """An adapter that can be opened.

    `api` is the page of the venue's documentation. `auth` are the keys it needs under
    `[connector.auth]`, () when it needs none. `offers` says by type of account what it can do;
    `extra` is the extra of git-qoc that has to be installed for it, "" for none. `sandbox`:
    `sandbox = true` leads to a place where no money is at stake. `open` and `offers` import
    what they need when they are called, and not before.
    """

    title: str
    api: str
    auth: tuple[str, ...]
    offers: Callable[[], Mapping[VenueType, Capabilities]]
    open: Callable[[Settings], Connector]
    extra: str = ""
    sandbox: bool = False

    @property
    def installed(self) -> bool:
        """Whether its extra is, or it needs none."""
        return not self.extra or find_spec(self.extra) is not None

    @property
    def types(self) -> tuple[VenueType, ...]:
        """The types of account it serves, in the spec's order."""
        served = self.offers()
        return tuple(kind for kind in VenueType if kind in served)
