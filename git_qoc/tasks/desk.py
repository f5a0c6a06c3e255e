"""Where the desk is and what stands in its desk.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic

from git_qoc.account.collect import Opened
from git_qoc.asking import Answer
from git_qoc.desk.config import ConnectorConfig, DeskConfig, parse
from git_qoc.desk.secrets import Secret, resolve
from git_qoc.errors import DeskError, QocError, VenueError
from git_qoc.history.repository import Repository
from git_qoc.model import Clock
from git_qoc.tasks.place import DESK_FILE, Place, find_desk
from git_qoc.venues.base import Settings
from git_qoc.venues.registry import DEFAULT_VENUE, auth_keys, open_connector, require_adapter


@dataclass(frozen=True, slots=True)
class Desk:
    """An open desk: its place, the text of desk.toml and what it says."""

    place: Place
    text: str
    config: DeskConfig

    @property
    def repo(self) -> Repository:
        return self.place.repo


def open_desk(start: Path) -> Desk:
    """The desk that `start` is in, from its work tree.

    Raises:
        HistoryError: not in a repository.
        DeskError: no desk.toml, or faults in it, one line each.
    """
    place = find_desk(start)
    path = place.file(DESK_FILE)
    if path.is_symlink():
        raise DeskError(f"{path}: is a symbolic link. Replace it with the file itself.")
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise DeskError(
            f"{path}: the sparse checkout leaves it out. Add its folder with git sparse-checkout add, "
            "or end it with git sparse-checkout disable."
        ) from None
    except UnicodeDecodeError as exc:
        raise DeskError(f"{path}: byte {exc.start}: not UTF-8. Save it as UTF-8 without a BOM.") from None
    except OSError as exc:
        raise DeskError(f"{path}: cannot be read: {exc.strerror}.") from None
    return Desk(place, text, parse(text))


def open_connectors(desk: Desk, clock: Clock, environ: Mapping[str, str], timeout_s: float) -> list[Opened]:
    """Every connector of desk.toml in file order; one that cannot be opened carries its trouble.

    All at once and within `timeout_s`, because a credential helper may ask somebody who is away.
    """
    allowed = frozenset(desk.repo.config(r"^qoc\.allowedhost$").get("qoc.allowedhost", []))
    deadline = monotonic() + timeout_s
    asked = [
        (connector, Answer(partial(_open, connector, desk, clock, environ, timeout_s, allowed)))
        for connector in desk.config.connectors
    ]
    opened = []
    for connector, answer in asked:
        if not answer.wait(deadline):
            opened.append(_unopened(connector, f"no secrets within {timeout_s:g} s"))
        elif answer.error is not None:
            kind = type(answer.error).__name__
            opened.append(_unopened(connector, f"its adapter failed with {kind}; please report it"))
        else:
            opened.append(answer.value)
    return opened


def _unopened(connector: ConnectorConfig, trouble: str) -> Opened:
    return Opened(connector.name, connector.type, _venue(connector), None, trouble=trouble)


def _venue(connector: ConnectorConfig) -> str:
    return connector.venue or DEFAULT_VENUE[connector.type]


def _open(  # the six things an adapter is opened with
    connector: ConnectorConfig,
    desk: Desk,
    clock: Clock,
    environ: Mapping[str, str],
    timeout_s: float,
    allowed: frozenset[str],
) -> Opened:
    venue = _venue(connector)
    if not connector.enabled:
        return Opened(connector.name, connector.type, venue, None, enabled=False)
    try:
        require_adapter(venue)
        opened = open_connector(
            venue,
            Settings(
                name=connector.name,
                type=connector.type,
                secrets=_secrets(connector, venue, environ),
                clock=clock,
                state_dir=desk.place.state_dir,
                timeout_s=timeout_s,
                base_url=connector.base_url,
                sandbox=connector.sandbox,
                account=connector.account,
                allowed_hosts=allowed,
            ),
        )
    except VenueError as exc:
        return _unopened(connector, str(exc))
    except QocError as exc:
        where = f'{DESK_FILE}:{_line(desk.text, connector.name)}: connector "{connector.name}"'
        return _unopened(connector, f"{where} {exc}, or set enabled = false.")
    return Opened(connector.name, connector.type, venue, opened)


def _secrets(connector: ConnectorConfig, venue: str, environ: Mapping[str, str]) -> Mapping[str, Secret]:
    wanted = auth_keys(venue)
    return {key: resolve(ref, key, environ) for key, ref in connector.auth.items() if key in wanted}


def _line(text: str, name: str) -> int:
    from git_qoc.desk.positions import locate

    config = parse(text)
    index = [c.name for c in config.connectors].index(name)
    return locate(text)["connector", index, "name"].line
