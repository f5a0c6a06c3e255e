"""Which venues there are: one dict. An adapter is imported only when it is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from git_qoc.errors import VenueError
from git_qoc.model import VenueType
from git_qoc.venues.base import Connector, Settings


@dataclass(frozen=True, slots=True)
class Venue:
    """`auth` are the keys an adapter needs under `[connector.auth]`; () when it needs none."""

    title: str
    types: frozenset[VenueType]
    auth: tuple[str, ...]
    open: Callable[[Settings], Connector]


def _alpaca(settings: Settings) -> Connector:
    from git_qoc.venues.alpaca import Alpaca

    return Alpaca(settings)


def _paper(settings: Settings) -> Connector:
    from git_qoc.venues.paper import Paper

    return Paper(settings)


KEY_PAIR = ("api_key", "api_secret")

VENUES: Mapping[str, Venue] = {
    "alpaca": Venue(
        "Alpaca Trading API",
        frozenset({VenueType.EQUITIES, VenueType.OPTIONS, VenueType.CRYPTO}),
        KEY_PAIR,
        _alpaca,
    ),
    "paper": Venue("simulated account on shipped closes", frozenset(VenueType), (), _paper),
}

DEFAULT_VENUE: Mapping[VenueType, str] = {
    VenueType.EQUITIES: "alpaca",
    VenueType.OPTIONS: "alpaca",
    VenueType.CRYPTO: "alpaca",
    VenueType.FUTURES: "krakenfutures",
    VenueType.CASH: "mercury",
}


def auth_keys(venue: str) -> tuple[str, ...]:
    """The keys of `[connector.auth]` for a venue; the usual pair for one without an adapter yet."""
    return VENUES[venue].auth if venue in VENUES else KEY_PAIR


def require_adapter(venue: str) -> None:
    """Raise VenueError when no adapter has this name."""
    if venue not in VENUES:
        raise VenueError(f'this version of git-qoc has no adapter for venue "{venue}"')


def open_connector(venue: str, settings: Settings) -> Connector:
    """Open one account; makes no request yet.

    Raises:
        VenueError: there is no such adapter, it does not serve this type, or a secret is missing.
    """
    require_adapter(venue)
    found = VENUES[venue]
    if settings.type not in found.types:
        served = ", ".join(sorted(found.types))
        raise VenueError(f'venue "{venue}" has no {settings.type} accounts (it has: {served})')
    missing = [key for key in found.auth if key not in settings.secrets]
    if missing:
        raise VenueError(f"auth.{missing[0]} is missing in desk.toml")
    return found.open(settings)
