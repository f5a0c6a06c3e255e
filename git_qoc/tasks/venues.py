"""Every venue that a connector can be at: ours, those of plug-ins, and what they offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from git_qoc.errors import VenueError
from git_qoc.model import VenueType
from git_qoc.venues.offers import Capabilities
from git_qoc.venues.registry import DEFAULT_VENUE, VENUES, find_venue, plugin_names
from git_qoc.venues.venue import Venue


@dataclass(frozen=True, slots=True)
class Listed:
    """`default_for` are the types whose connectors are here unless they say otherwise.

    `extra` is what has to be installed for it, "" when nothing has; `installed` whether it is.
    `trouble` is why a plug-in cannot be used, "" otherwise; then it offers nothing.
    """

    name: str
    title: str
    api: str
    auth: tuple[str, ...]
    extra: str
    installed: bool
    sandbox: bool
    plugin: bool
    default_for: tuple[VenueType, ...]
    offers: Mapping[VenueType, Capabilities]
    trouble: str = ""


def list_venues() -> list[Listed]:
    """Ours in the order of the registry, then plug-ins by name. Nothing is asked of any venue."""
    ours = [_listed(name, venue, plugin=False) for name, venue in VENUES.items()]
    return [*ours, *(_plugin(name) for name in plugin_names())]


def _plugin(name: str) -> Listed:
    try:
        return _listed(name, find_venue(name), plugin=True)
    except VenueError as exc:
        trouble = str(exc)
    except Exception as exc:  # noqa: BLE001  # what a plug-in offers is its own code
        trouble = f'the plug-in for venue "{name}" failed with {type(exc).__name__}'
    return Listed(name, "", "", (), "", False, False, True, (), {}, trouble)


def _listed(name: str, venue: Venue, *, plugin: bool) -> Listed:
    offers = venue.offers()
    return Listed(
        name=name,
        title=venue.title,
        api=venue.api,
        auth=venue.auth,
        extra=venue.extra,
        installed=venue.installed,
        sandbox=venue.sandbox,
        plugin=plugin,
        default_for=tuple(kind for kind, default in DEFAULT_VENUE.items() if default == name),
        offers={kind: offers[kind] for kind in VenueType if kind in offers},
    )
