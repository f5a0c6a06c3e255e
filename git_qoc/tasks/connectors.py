"""The connectors of a desk, opened for one command with their secrets, which go when it is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from time import monotonic

from git_qoc.account.collect import Opened
from git_qoc.asking import Answer
from git_qoc.desk.config import ConnectorConfig
from git_qoc.desk.found import Found
from git_qoc.desk.secrets import Secret
from git_qoc.desk.stores import Stores
from git_qoc.errors import VenueError
from git_qoc.model import Clock
from git_qoc.tasks.credentials import find, open_stores, venue_of
from git_qoc.tasks.desk import Desk
from git_qoc.tasks.place import DESK_FILE
from git_qoc.venues.base import Settings
from git_qoc.venues.registry import find_venue, open_connector


@contextmanager
def open_connectors(
    desk: Desk, clock: Clock, environ: Mapping[str, str], timeout_s: float, only: str | None = None
) -> Iterator[list[Opened]]:
    """Every connector of desk.toml in file order; one that cannot be opened carries its trouble.

    All at once and within `timeout_s`, because a credential helper may ask somebody who is away.
    Afterwards no connector holds its secrets any more. `only` opens the one of that name.
    """
    with open_stores(desk, environ) as stores:
        opening = _Opening(desk, clock, stores, timeout_s, _allowed_hosts(desk))
        deadline = monotonic() + timeout_s
        connectors = [one for one in desk.config.connectors if only in (None, one.name)]
        asked = [(one, Answer(partial(opening.open, one))) for one in connectors]
        yield [_opened(one, answer, deadline, timeout_s) for one, answer in asked]


def _allowed_hosts(desk: Desk) -> frozenset[str]:
    return frozenset(desk.repo.config(r"^qoc\.allowedhost$").get("qoc.allowedhost", []))


def _opened(connector: ConnectorConfig, answer: Answer[Opened], deadline: float, timeout_s: float) -> Opened:
    if not answer.wait(deadline):
        return _unopened(connector, f"no secrets within {timeout_s:g} s")
    if answer.error is not None:
        kind = type(answer.error).__name__
        return _unopened(connector, f"its adapter failed with {kind}; please report it")
    return answer.value


def _unopened(connector: ConnectorConfig, trouble: str) -> Opened:
    return Opened(connector.name, connector.type, venue_of(connector), None, trouble=trouble)


@dataclass(frozen=True, slots=True)
class _Opening:
    """What every adapter is opened with."""

    desk: Desk
    clock: Clock
    stores: Stores
    timeout_s: float
    allowed_hosts: frozenset[str]

    def open(self, connector: ConnectorConfig) -> Opened:
        venue = venue_of(connector)
        if not connector.enabled:
            return Opened(connector.name, connector.type, venue, None, enabled=False)
        try:
            keys = find_venue(venue).auth
            secrets, doubts, trouble = self._secrets(connector, keys)
            if trouble:
                return _unopened(connector, f"{self._where(connector)} {trouble}, or set enabled = false.")
            opened = open_connector(venue, self._settings(connector, secrets))
        except VenueError as exc:
            return _unopened(connector, str(exc))
        return Opened(connector.name, connector.type, venue, opened, notes=tuple(dict.fromkeys(doubts)))

    def _secrets(
        self, connector: ConnectorConfig, keys: tuple[str, ...]
    ) -> tuple[dict[str, Secret], list[str], str]:
        """What the venue needs by key, the doubts about where it is kept, and the first trouble or ""."""
        secrets: dict[str, Secret] = {}
        doubts: list[str] = []
        for key in keys:
            if key not in connector.auth:
                continue  # the registry says it
            found = find(self.stores, connector.auth[key], key, keys)
            if not isinstance(found, Found):
                return {}, [], found.message
            secrets[key] = found.secret
            doubts += (doubt.message for doubt in found.doubts)
        return secrets, doubts, ""

    def _settings(self, connector: ConnectorConfig, secrets: Mapping[str, Secret]) -> Settings:
        return Settings(
            name=connector.name,
            type=connector.type,
            secrets=secrets,
            clock=self.clock,
            state_dir=self.desk.place.state_dir,
            timeout_s=self.timeout_s,
            base_url=connector.base_url,
            sandbox=connector.sandbox,
            account=connector.account,
            allowed_hosts=self.allowed_hosts,
        )

    def _where(self, connector: ConnectorConfig) -> str:
        from git_qoc.desk.positions import locate

        index = [one.name for one in self.desk.config.connectors].index(connector.name)
        line = locate(self.desk.text)["connector", index, "name"].line
        return f'{DESK_FILE}:{line}: connector "{connector.name}"'
