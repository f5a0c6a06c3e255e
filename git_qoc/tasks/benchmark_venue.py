"""Which connector of the desk tells daily closes; no venue is asked, and no secret looked for."""

from __future__ import annotations

from dataclasses import dataclass

from git_qoc.desk.config import ConnectorConfig
from git_qoc.errors import Refused, UsageError, VenueError
from git_qoc.tasks.credentials import venue_of
from git_qoc.tasks.desk import Desk
from git_qoc.venues.offers import Capabilities, check_closes
from git_qoc.venues.registry import find_venue


@dataclass(frozen=True, slots=True)
class Teller:
    connector: str
    venue: str


def teller(desk: Desk, name: str | None) -> Teller:
    """The connector of that name; without one the first of desk.toml that is enabled and tells closes.

    Always the same one, so that one series never mixes the closes of two venues.

    Raises:
        UsageError: no connector has this name.
        Refused: it is disabled, or none tells closes.
        VenueError: its venue has no adapter, or does not offer them.
    """
    connectors = desk.config.connectors
    if name is not None:
        return _named(next((one for one in connectors if one.name == name), None), desk)
    for one in connectors:
        if one.enabled and _offers_closes(one):
            return Teller(one.name, venue_of(one))
    raise Refused(
        "no enabled connector of desk.toml tells daily closes. Those of alpaca, paper and most exchanges of "
        'ccxt\'s do (git qoc venues); or choose a file of your own: benchmark = "data/closes.csv".'
    )


def _named(one: ConnectorConfig | None, desk: Desk) -> Teller:
    if one is None:
        names = ", ".join(other.name for other in desk.config.connectors) or "none"
        raise UsageError(f"desk.toml has no connector of that name. Connectors: {names}.")
    if not one.enabled:
        raise Refused(f"{one.name} is disabled. Set enabled = true, or name another connector.")
    venue = venue_of(one)
    try:
        check_closes(_offers(one), venue, one.type)
    except VenueError as exc:
        raise VenueError(f"{one.name}: {exc}") from None
    return Teller(one.name, venue)


def _offers(one: ConnectorConfig) -> Capabilities:
    return find_venue(venue_of(one)).offers().get(one.type, Capabilities())


def _offers_closes(one: ConnectorConfig) -> bool:
    try:
        return _offers(one).closes
    except Exception:  # noqa: BLE001 - what a plug-in offers is its own code; another one is taken
        return False
