"""Which venues there are: one dict of ours, then installed plug-ins, then what ccxt knows.

An adapter is imported only when it is opened or asked what it offers. A plug-in is an entry
point of the group `git_qoc.venues` whose object is a `Venue`; it cannot take a name of ours.
"""

from __future__ import annotations

from collections.abc import Mapping

from git_qoc.errors import VenueError
from git_qoc.model import VenueType
from git_qoc.venues.base import Connector, Settings
from git_qoc.venues.ccxt_offers import EXTRA, KEY_PAIR, PROFILES, Profile, hint, installed, profile
from git_qoc.venues.offers import Capabilities
from git_qoc.venues.venue import Venue

Offers = Mapping[VenueType, Capabilities]

PLUGINS = "git_qoc.venues"


def _alpaca(settings: Settings) -> Connector:
    from git_qoc.venues.alpaca import Alpaca

    return Alpaca(settings)


def _alpaca_offers() -> Offers:
    from git_qoc.venues.alpaca_offers import CAPABILITIES

    return CAPABILITIES


def _paper(settings: Settings) -> Connector:
    from git_qoc.venues.paper import Paper

    return Paper(settings)


def _paper_offers() -> Offers:
    from git_qoc.venues.paper_offers import CAPABILITIES

    return CAPABILITIES


def _tastytrade(settings: Settings) -> Connector:
    from git_qoc.venues.tastytrade import Tastytrade

    return Tastytrade(settings)


def _tastytrade_offers() -> Offers:
    from git_qoc.venues.tastytrade_offers import CAPABILITIES

    return CAPABILITIES


def _mercury(settings: Settings) -> Connector:
    from git_qoc.venues.mercury import Mercury

    return Mercury(settings)


def _mercury_offers() -> Offers:
    from git_qoc.venues.mercury_offers import CAPABILITIES

    return CAPABILITIES


def _simplefin(settings: Settings) -> Connector:
    from git_qoc.venues.simplefin import SimpleFin

    return SimpleFin(settings)


def _simplefin_offers() -> Offers:
    from git_qoc.venues.simplefin_offers import CAPABILITIES

    return CAPABILITIES


def _of_ccxt(name: str, known: Profile) -> Venue:
    def connector(settings: Settings) -> Connector:
        installed()
        from git_qoc.venues.ccxt_connector import CcxtConnector

        return CcxtConnector(name, settings, known)

    return Venue(
        title=known.title,
        api=known.api,
        auth=known.auth,
        offers=lambda: known.offers,
        open=connector,
        extra=EXTRA,
        sandbox=known.sandbox,
    )


def ccxt_venue(name: str) -> Venue | None:
    """The exchange of this name that ccxt knows, None when it knows none; ccxt is not imported."""
    known = profile(name)
    return None if known is None else _of_ccxt(name, known)


VENUES: Mapping[str, Venue] = {
    "alpaca": Venue(
        title="Alpaca Trading API",
        api="https://docs.alpaca.markets/reference",
        auth=KEY_PAIR,
        offers=_alpaca_offers,
        open=_alpaca,
        sandbox=True,
    ),
    "tastytrade": Venue(
        title="tastytrade Open API",
        api="https://developer.tastytrade.com",
        auth=("client_secret", "refresh_token"),
        offers=_tastytrade_offers,
        open=_tastytrade,
        sandbox=True,
    ),
    "mercury": Venue(
        title="Mercury API",
        api="https://docs.mercury.com/reference",
        auth=("api_key",),
        offers=_mercury_offers,
        open=_mercury,
        sandbox=True,
    ),
    "simplefin": Venue(
        title="SimpleFIN Bridge",
        api="https://www.simplefin.org/protocol.html",
        auth=("access_url",),
        offers=_simplefin_offers,
        open=_simplefin,
    ),
    "paper": Venue(
        title="simulated account on shipped closes",
        api="",
        auth=(),
        offers=_paper_offers,
        open=_paper,
    ),
    **{name: _of_ccxt(name, known) for name, known in PROFILES.items()},
}

DEFAULT_VENUE: Mapping[VenueType, str] = {
    VenueType.EQUITIES: "alpaca",
    VenueType.OPTIONS: "alpaca",
    VenueType.CRYPTO: "alpaca",
    VenueType.FUTURES: "krakenfutures",
    VenueType.CASH: "mercury",
}


class UnknownVenue(VenueError):
    """No adapter has this name."""


def find_venue(name: str) -> Venue:
    """The venue of this name.

    Raises:
        UnknownVenue: there is none.
        VenueError: its plug-in is broken.
    """
    found = VENUES.get(name) or _plugin(name) or ccxt_venue(name)
    if found is None:
        raise UnknownVenue(f'this version of git-qoc has no adapter for venue "{name}"{hint()}')
    return found


def has_adapter(name: str) -> bool:
    try:
        find_venue(name)
    except VenueError:
        return False
    return True


def plugin_names() -> tuple[str, ...]:
    """The venues of installed plug-ins, sorted, without those that take a name of ours."""
    from importlib.metadata import entry_points

    return tuple(sorted({point.name for point in entry_points(group=PLUGINS)} - VENUES.keys()))


def _plugin(name: str) -> Venue | None:
    from importlib.metadata import entry_points

    for point in entry_points(group=PLUGINS, name=name):
        try:
            found = point.load()
        except Exception as exc:  # noqa: BLE001  # a plug-in may raise what it likes
            raise VenueError(f'the plug-in for venue "{name}" failed with {type(exc).__name__}') from None
        if not isinstance(found, Venue):
            raise VenueError(f'the plug-in for venue "{name}" is no git_qoc.venues.venue.Venue')
        return found
    return None


def auth_keys(name: str) -> tuple[str, ...]:
    """The keys of `[connector.auth]` for a venue; the usual pair for one without an adapter."""
    return find_venue(name).auth if has_adapter(name) else KEY_PAIR


def open_connector(name: str, settings: Settings) -> Connector:
    """Open one account; makes no request yet.

    Raises:
        VenueError: there is no such adapter, it does not serve this type, or a secret is missing.
    """
    found = find_venue(name)
    if settings.type not in found.types:
        served = ", ".join(found.types)
        raise VenueError(f'venue "{name}" has no {settings.type} accounts (it has: {served})')
    missing = [key for key in found.auth if key not in settings.secrets]
    if missing:
        raise VenueError(f"auth.{missing[0]} is missing in desk.toml")
    return found.open(settings)
