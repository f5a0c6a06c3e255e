"""Is the record append-only, and do its numbers hold together?

Reads commits, trees and blobs only: the same in a bare repository, and in a receiving one
whose new objects are still in quarantine.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from git_qoc.checks.record import remedy
from git_qoc.desk.syntax import MAX_DESK_BYTES, bounded
from git_qoc.errors import DeskError
from git_qoc.history.audits.audit import Audit, Scope, audit
from git_qoc.history.audits.changes import left_out, tips
from git_qoc.history.audits.differing import described
from git_qoc.history.repository import Repository
from git_qoc.history.walk import blob_at
from git_qoc.tasks.numbers import Finding, Numbers, read_numbers
from git_qoc.tasks.place import DESK_FILE, Place, find_desk, require_whole


@dataclass(frozen=True, slots=True)
class Verified:
    """`commits` touched the record, `snapshots` were read, and P&L was followed over
    `links` from one to the next. `not_verified`: a sentence for each thing.
    """

    findings: tuple[Finding, ...]
    snapshots: int
    commits: int
    moved: int
    links: int
    not_verified: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Options:
    """`revisions` as `git rev-list` takes them, "" for all of HEAD's history; `whole` refuses a cut one."""

    revisions: str = ""
    every_commit: bool = False
    require_signed: bool = False
    whole: bool = False


def verify(start: Path, options: Options) -> Verified:
    """The desk around `start`; in a bare repository every desk that its HEAD has.

    Raises:
        HistoryError: no repository, an unknown revision, a missing object; a shallow clone where the
            whole is wanted.
        DeskError: no desk here.
    """
    place = find_desk(start)
    if place.repo.top is not None:
        return verify_place(place, options)
    return _joined([verify_place(Place(place.repo, root), options) for root in _roots(place.repo, options)])


def verify_place(place: Place, options: Options) -> Verified:
    """One desk, known by its repository and its folder there. Raises as `verify`."""
    repo = place.repo
    if options.whole:
        require_whole(repo)
    revisions = tuple(options.revisions.split()) or None
    signed = options.require_signed or _signing_demanded(place, revisions)
    found = audit(repo, place.root, Scope(revisions, options.every_commit, signed))
    told = [
        Finding(o.kind.value, o.path, line, o.commit, f"{text}. {remedy(o)}")
        for o, line, text in described(repo, found.offences)
    ]
    numbers = read_numbers(repo, found)
    return Verified(
        tuple(sorted({*told, *numbers.findings}, key=_order)),
        len(found.files),
        found.commits,
        found.moved,
        numbers.links,
        tuple(_not_verified(place, found, numbers)),
    )


def _order(finding: Finding) -> tuple[str, int, str, str, str]:
    return finding.path, finding.line or 0, finding.kind, finding.commit or "", finding.message


def _signing_demanded(place: Place, revisions: Sequence[str] | None) -> bool:
    """What `[history] require_signed` says in the newest desk.toml, or said before the range.

    Raises:
        DeskError: what it says cannot be known.
    """
    repo = place.repo
    ends = (*tips(repo, revisions), *left_out(repo, revisions)) if revisions else ("HEAD",)
    return any(_demands(place, end) for end in ends)


def _demands(place: Place, commit: str) -> bool:
    where = f"{place.root}{DESK_FILE} at {commit[:10]}"
    try:
        data = blob_at(place.repo, commit, place.root + DESK_FILE) or b""
        text = data.decode("utf-8") if len(data) <= MAX_DESK_BYTES else "not read"
        history = tomllib.loads(bounded(text)).get("history", {})
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        raise DeskError(
            f"{where} is not TOML, so whether it demands signed commits is not known. Correct and commit it."
        ) from None
    demanded = history.get("require_signed", False) if isinstance(history, dict) else None
    if not isinstance(demanded, bool):
        raise DeskError(f"{where}: [history] require_signed: expected true or false. Correct and commit it.")
    return demanded


def _not_verified(place: Place, found: Audit, numbers: Numbers) -> Iterator[str]:
    if found.believed:
        yield (
            f"{found.believed:,} of {found.commits:,} commits were checked by their trailers and the present "
            "tree; --every-commit compares each"
        )
    if found.missing:
        many = "1 snapshot" if found.missing == 1 else f"{found.missing:,} snapshots"
        yield (
            f"the range begins behind commits with {many} that its end does not have: git qoc sync brings "
            "them together, a forced push would drop them"
        )
    for root, count in found.gone.items():
        many = "1 snapshot" if count == 1 else f"{count:,} snapshots"
        yield (
            f"the desk that was in {root or 'the top folder'} is gone, and {many} of it could not be "
            f"verified. Look who removed it: git log --full-history -- {quote(f':/{root}snapshots')}"
        )
    if place.repo.shallow:
        yield (
            "the clone is shallow: nothing before its oldest commit could be verified. "
            "Run git fetch --unshallow"
        )
    if numbers.unknown:
        yield (
            f"P&L was not followed over {numbers.unknown:,} of {numbers.unknown + numbers.links:,} links "
            "between snapshots: a figure is unknown, or money is in another currency"
        )


def _roots(repo: Repository, options: Options) -> list[str]:
    """The folders of a bare repository's desks."""
    if not options.revisions and repo.resolve("HEAD") is None:
        return [""]
    found: dict[str, None] = {}
    for tip in tips(repo, options.revisions.split() or ("HEAD",)):
        names = repo.git("ls-tree", "-r", "-z", "--name-only", "--full-tree", tip)
        for path in names.decode("utf-8", "surrogateescape").split("\0"):
            folder, slash, name = path.rpartition("/")
            if name == DESK_FILE:
                found[folder + slash] = None
    return sorted(found) or [""]


def _joined(parts: Sequence[Verified]) -> Verified:
    return Verified(
        tuple(finding for part in parts for finding in part.findings),
        sum(part.snapshots for part in parts),
        sum(part.commits for part in parts),
        sum(part.moved for part in parts),
        sum(part.links for part in parts),
        tuple(dict.fromkeys(sentence for part in parts for sentence in part.not_verified)),
    )
