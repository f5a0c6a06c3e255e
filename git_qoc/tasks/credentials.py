"""Where the credentials of a desk are kept, and whether they are there; never what they are."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic

from git_qoc.asking import Answer
from git_qoc.desk.config import LIKE_A_KEY, ConnectorConfig
from git_qoc.desk.found import Found, Trouble
from git_qoc.desk.secrets import MASK, Reference
from git_qoc.desk.stores import KnownToGit, Stores
from git_qoc.history.repository import Repository
from git_qoc.tasks.desk import Desk, open_desk
from git_qoc.tasks.place import DESK_FILE
from git_qoc.venues.registry import DEFAULT_VENUE, auth_keys, has_adapter

Result = Found | Trouble
Answers = Mapping[tuple[str, str], Result]


@dataclass(frozen=True, slots=True)
class Credential:
    """One key that a connector's venue needs, or that stands under its `auth`.

    `key` is None for a connector without any, `form` and `place` (`env`, `EQ_API_KEY`) where no
    reference stands; a place that may be the secret itself is masked. `resolves` is None where
    the secret is not needed. `state` is a few words, `remedies` are sentences.
    """

    connector: str
    venue: str
    enabled: bool
    key: str | None
    form: str | None
    place: str | None
    resolves: bool | None
    state: str
    remedies: tuple[str, ...]


def credentials(start: Path, environ: Mapping[str, str], timeout_s: float) -> list[Credential]:
    """Every connector's keys, in file order. All stores are asked at once, and no venue.

    Raises:
        HistoryError, DeskError: there is no desk, or its desk.toml has faults.
    """
    desk = open_desk(start)
    connectors = desk.config.connectors
    deadline = monotonic() + timeout_s
    late = Trouble("no answer", f"got no answer within {timeout_s:g} s. Give it more with --timeout SECONDS")
    with open_stores(desk, environ) as stores:
        asked = {
            (one.name, key): Answer(partial(find, stores, one.auth[key], key, _needed(one)))
            for one in connectors
            for key in _needed(one)
            if key in one.auth
        }
        answers = {at: answer.value if answer.wait(deadline) else late for at, answer in asked.items()}
    return [row for one in connectors for row in _rows(one, answers)]


def open_stores(desk: Desk, environ: Mapping[str, str]) -> Stores:
    """The places where this desk's secrets are kept; use it in a `with`."""
    return Stores(
        environ,
        desk.place.file(DESK_FILE).parent,
        desk.repo.git_dir,
        strict=desk.config.security.strict,
        known_to_git=partial(_known_to_git, desk.repo),
    )


def find(stores: Stores, reference: Reference, key: str, keys: Collection[str]) -> Result:
    """As `Stores.find`, but a target that names no place is not repeated: it may be the secret."""
    found = stores.find(reference, key, keys)
    if isinstance(found, Found) or _names_a_place(reference):
        return found
    told = f"has a reference under auth.{_shown(key)} that names no place and may hold the secret itself"
    return Trouble("names no place", f'{told}. Write {{ env = "NAME" }}')


def venue_of(connector: ConnectorConfig) -> str:
    return connector.venue or DEFAULT_VENUE[connector.type]


def _known_to_git(repo: Repository, path: Path) -> KnownToGit:
    real = path.resolve()
    if repo.top is None or not real.is_relative_to(repo.top.resolve()):
        return ""
    below = str(real.relative_to(repo.top.resolve()))
    args = ("--literal-pathspecs", "ls-files", "-t", "--cached", "--others", "--exclude-standard", "--")
    listing = repo.attempt(*args, below).out
    return "" if not listing else "unignored" if listing.startswith(b"?") else "tracked"


def _place(reference: Reference, result: Result | None) -> str:
    return reference.target if isinstance(result, Found) or _names_a_place(reference) else MASK


def _names_a_place(reference: Reference) -> bool:
    from git_qoc.checks.detector.references import judge

    return not list(judge({reference.form: reference.target}))


def _shown(key: str) -> str:
    return key if LIKE_A_KEY.fullmatch(key) else "…"


def _needed(connector: ConnectorConfig) -> tuple[str, ...]:
    """What the adapter takes; where there is none yet, what stands there."""
    venue = venue_of(connector)
    return auth_keys(venue) if has_adapter(venue) else tuple(connector.auth)


def _rows(connector: ConnectorConfig, answers: Answers) -> Iterator[Credential]:
    needed = _needed(connector)
    for key in (*needed, *(key for key in connector.auth if key not in needed)):
        yield _row(connector, key, answers.get((connector.name, key)))
    if not needed and not connector.auth:
        venue = venue_of(connector)
        state = "needs none" if has_adapter(venue) else f"no adapter for {venue} yet"
        yield Credential(connector.name, venue, connector.enabled, None, None, None, None, state, ())


def _row(connector: ConnectorConfig, key: str, result: Result | None) -> Credential:
    reference = connector.auth.get(key)
    venue = venue_of(connector)
    resolves: bool | None = isinstance(result, Found)
    state, remedies = "ok", []
    if reference is None:
        state = "missing in desk.toml"
        remedies = [f'needs auth.{key}. Write {key} = {{ env = "NAME" }} under [connector.auth]']
    elif result is None:
        resolves, state = None, f"not used by {venue}"
    elif isinstance(result, Trouble):
        state, remedies = result.state, [result.message]
    else:
        state = ", but ".join(("ok", *(doubt.state for doubt in result.doubts)))
        remedies = [doubt.message for doubt in result.doubts]
    return Credential(
        connector.name,
        venue,
        connector.enabled,
        _shown(key),
        reference.form if reference else None,
        _place(reference, result) if reference else None,
        resolves,
        state,
        tuple(f"{remedy}." for remedy in remedies),
    )
