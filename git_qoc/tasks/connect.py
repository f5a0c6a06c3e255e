"""Write a venue into desk.toml: its block, one commit, never a credential."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

from git_qoc.checks import credentials
from git_qoc.desk.config import NAME, NAME_RULE, parse
from git_qoc.desk.document import ConnectorEntry, append_connector
from git_qoc.errors import DeskError, UsageError, VenueError
from git_qoc.history.connector_types import known_types
from git_qoc.history.write import commit_files, refuse_if_busy, write_only
from git_qoc.model import VenueType
from git_qoc.tasks.desk import Desk, open_desk
from git_qoc.tasks.place import DESK_FILE, detached
from git_qoc.venues.ccxt_offers import hint
from git_qoc.venues.registry import (
    DEFAULT_VENUE,
    VENUES,
    UnknownVenue,
    auth_keys,
    find_venue,
    has_adapter,
    plugin_names,
)

PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}_")


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked on the command line, as text."""

    type: str
    name: str
    env_prefix: str | None
    venue: str | None = None
    base_url: str | None = None
    sandbox: bool = False
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Connected:
    """`variables` are the environment variables that must be set, in order."""

    name: str
    venue: str
    variables: tuple[str, ...]
    commit: str | None
    has_adapter: bool
    warnings: tuple[str, ...] = ()


def connect(start: Path, request: Request, *, commit: bool = True) -> Connected:
    """Append the connector's block and commit desk.toml alone.

    Raises:
        UsageError: unknown type or venue, malformed name or prefix.
        DeskError: the name is taken, or history knows it under another type.
    """
    entry = _entry(request)
    desk = open_desk(start)
    _refuse_taken(desk, entry)
    if commit:
        refuse_if_busy(desk.repo)
    text = append_connector(desk.text, entry)
    parse(text)
    path = desk.place.root + DESK_FILE
    faults = credentials.check(path, text.encode())
    if faults:
        raise DeskError("\n".join(map(str, faults)))
    files = {path: text.encode()}
    done = None
    if commit:
        subject = f"connect {entry.name} ({entry.type})\n"
        seen = {path: desk.text.encode()}
        run_hooks = desk.config.history.run_hooks
        done = commit_files(desk.repo, files, subject, what="connect", derived_from=seen, run_hooks=run_hooks)
    else:
        write_only(desk.repo, files)
    if entry.venue == "paper":
        _begin_books(desk, entry.name)
    return Connected(
        name=entry.name,
        venue=entry.venue or DEFAULT_VENUE[VenueType(entry.type)],
        variables=tuple(variable for _, variable in entry.auth),
        commit=done.id if done else None,
        has_adapter=has_adapter(entry.venue or DEFAULT_VENUE[VenueType(entry.type)]),
        warnings=(*detached(done), *_extra(entry.venue or DEFAULT_VENUE[VenueType(entry.type)])),
    )


def _begin_books(desk: Desk, name: str) -> None:
    from git_qoc.venues.paper import begin

    try:
        begin(desk.place.state_dir, name)
    except VenueError as exc:
        way_out = f"Mend that, then begin its books: git qoc paper deposit {name} AMOUNT"
        raise VenueError(f'"{name}" is in {DESK_FILE} now, but {exc}. {way_out}') from None


def _entry(request: Request) -> ConnectorEntry:
    if request.type not in set(VenueType):
        raise UsageError(f'unknown venue type "{request.type}".{_near(request.type, list(VenueType))}')
    if not NAME.fullmatch(request.name):
        raise UsageError(f"malformed --name: expected {NAME_RULE}.")
    if request.account is not None and not request.account.strip():
        raise UsageError("--account is empty: expected the venue's id of the one account meant.")
    default = DEFAULT_VENUE[VenueType(request.type)]
    venue = default if request.venue is None else request.venue
    kinds = _served(venue, needed=venue != default)
    if kinds and request.type not in kinds:
        raise UsageError(f'venue "{venue}" has no {request.type} accounts. It has: {", ".join(kinds)}.')
    if kinds and request.sandbox and not find_venue(venue).sandbox:
        raise UsageError(f'venue "{venue}" has no sandbox. Leave out --sandbox.')
    keys = auth_keys(venue)
    return ConnectorEntry(
        name=request.name,
        type=request.type,
        auth=tuple((key, f"{_prefix(request)}{key.upper()}") for key in keys),
        venue=None if venue == default else venue,
        base_url=request.base_url,
        sandbox=request.sandbox,
        account=request.account,
    )


def _served(venue: str, *, needed: bool) -> tuple[VenueType, ...]:
    """The types of account at a venue; () where it has no adapter and needs none."""
    try:
        return find_venue(venue).types
    except UnknownVenue:
        if needed:
            near = _near(venue, [*VENUES, *plugin_names()])
            more = hint().removeprefix(".")
            raise UsageError(f'unknown venue "{venue}".{near}{more}') from None
        return ()
    except VenueError as exc:
        raise UsageError(f"{exc}.") from None
    except Exception as exc:  # noqa: BLE001  # what a plug-in offers is its own code
        raise UsageError(f'the plug-in for venue "{venue}" failed with {type(exc).__name__}.') from None


def _extra(venue: str) -> tuple[str, ...]:
    """That the venue needs an extra which is not installed; () otherwise."""
    if not has_adapter(venue) or find_venue(venue).installed:
        return ()
    extra = find_venue(venue).extra
    return (f"{venue} needs the {extra} extra: pipx install 'git-qoc[{extra}]'. Until then it is DEGRADED",)


def _prefix(request: Request) -> str:
    prefix = request.env_prefix
    if prefix is None:
        raise UsageError(
            "--env-prefix is needed: the start of the environment variables that hold the credentials, "
            f"such as --env-prefix {re.sub(r'[^A-Z0-9]', '_', request.name.upper())}_"
        )
    if not PREFIX.fullmatch(prefix):
        # The text is not repeated: somebody may have pasted the key itself.
        raise UsageError(
            "malformed --env-prefix: expected the start of a variable name that ends in '_', such as EQ_. "
            "It names where the credential is kept; the credential itself never goes on the command line."
        )
    return prefix


def _refuse_taken(desk: Desk, entry: ConnectorEntry) -> None:
    for connector in desk.config.connectors:
        if connector.name.casefold() == entry.name.casefold():
            raise DeskError(
                f'{DESK_FILE}: the name "{connector.name}" is taken by a connector of type {connector.type}. '
                "Choose another --name."
            )
    for name, kind in known_types(desk.repo, desk.place.root + DESK_FILE).items():
        if name.casefold() == entry.name.casefold() and kind != entry.type:
            raise DeskError(
                f'the type of "{name}" is locked: history knows it as {kind}, not {entry.type}. '
                "Choose another --name, so that the record of the old account stays readable."
            )


def _near(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word.lower(), known, n=1)
    hint = f' Did you mean "{near[0]}"?' if near else ""
    return f"{hint} Known: {', '.join(sorted(known))}."
