"""The snapshot files of the tips, each with the commit that recorded it and what came before. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from git_qoc.history.audits.changes import PLAIN_FILE, Commit, TreeFile
from git_qoc.history.audits.ledger import Kind, Ledger, name_of
from git_qoc.history.walk import OUR_NAME, SUFFIX


@dataclass(frozen=True, slots=True)
class Stored:
    """A snapshot file of a tip's tree, or in a range one that the range added.

    `commit` recorded it (None where the history here does not tell), authored at `authored` and
    made at `committed`; `known` is the newest time at which it or a commit before it was made.
    `edited` is the one that gave it another content than was recorded.
    `newest_before` is the newest name of ours (`2026-07-05T16-00-00Z`) in that commit's
    ancestry, "" when there is none.
    """

    path: str
    blob: str
    commit: str | None
    authored: datetime | None
    committed: datetime | None
    known: datetime | None
    newest_before: str
    edited: str | None = None


def stored(
    trees: Iterable[Mapping[str, TreeFile]], commits: Sequence[Commit], ledger: Ledger
) -> list[Stored]:
    """Every snapshot that is a plain file, once for each content; `commits` come parents first."""
    newest = _newest_before(commits, ledger)
    by_id = {commit.id: commit for commit in commits}
    known_at = _known_at(commits)
    edits = {(o.path, o.blob): o.commit for o in ledger.offences if o.kind is Kind.EDITED}
    found: dict[tuple[str, str], Stored] = {}
    for tree in trees:
        for path, file in tree.items():
            if ledger.holds(path) and file.mode == PLAIN_FILE:
                known = ledger.first.get(name_of(path))
                commit = known.commit if known is not None and known.blob == file.blob else None
                own = by_id.get(commit or "")
                found[path, file.blob] = Stored(
                    path,
                    file.blob,
                    commit,
                    _time(own.authored) if own else None,
                    _time(own.committed) if own else None,
                    _time(known_at[own.id]) if own else None,
                    newest.get(commit or "", ""),
                    edits.get((path, file.blob)),
                )
    return list(found.values())


def _known_at(commits: Sequence[Commit]) -> dict[str, int]:
    """By commit, the newest time at which it or one before it was made: a date may be set back."""
    known: dict[str, int] = {}
    for commit in commits:
        known[commit.id] = max(commit.committed or 0, *(known.get(p, 0) for p in commit.parents), 0)
    return known


def _newest_before(commits: Sequence[Commit], ledger: Ledger) -> dict[str, str]:
    """By commit, the newest name of ours that its ancestors recorded."""
    names: dict[str, str] = {}
    for name, known in ledger.first.items():
        stem = name.removesuffix(SUFFIX)
        if known.commit is not None and OUR_NAME.fullmatch(stem):
            names[known.commit] = max(names.get(known.commit, ""), stem, key=_instant)
    newest: dict[str, str] = {}
    with_own: dict[str, str] = {}
    for commit in commits:
        newest[commit.id] = max((with_own.get(p, "") for p in commit.parents), default="", key=_instant)
        with_own[commit.id] = max(newest[commit.id], names.get(commit.id, ""), key=_instant)
    return newest


def _instant(stem: str) -> str:
    return stem.removesuffix("Z")


def _time(seconds: int | None) -> datetime | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
