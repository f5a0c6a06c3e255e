"""Which commit gave each snapshot file its content, and whether it was edited since.

The tree is the truth, trailers are provenance: one walk over commit messages collects what
they claim to have recorded (`Qoc-Snapshot`, `Qoc-Blob`), and a claim that does not match the
tree is not believed. Only for what is then still without a commit does git compare trees,
which is what makes 10,000 snapshots cheap. The values are named tuples for the same reason:
they are made four times faster than frozen dataclasses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from git_qoc.history.cache import unaltered
from git_qoc.history.compared import Compared
from git_qoc.history.messages import Message, Messages, Walk
from git_qoc.history.reader import TreeFile
from git_qoc.history.repository import Repository
from git_qoc.history.scan import Touch


class Origin(NamedTuple):
    """The commit that gave a file its present content, and what it was first committed as."""

    message: Message
    first_commit: str
    first_blob: str


class _Claims(NamedTuple):
    """By (path, blob) the message that claimed it first, as its index; by path the first (commit, blob)."""

    recorded: Mapping[tuple[str, str], int]
    first: Mapping[str, tuple[str, str]]


def origins(repo: Repository, commit: str, files: list[TreeFile], folder: str) -> dict[str, Origin]:
    """By path, for files of the commit's tree under `folder` (ending in `/`).

    A path is left out when the history that is here does not tell, as in a shallow clone.
    """
    keep = unaltered(repo)
    with Walk(repo, commit, keep=keep) as walk:
        return explained(repo, walk.messages(), files, folder, keep=keep)


def explained(
    repo: Repository, messages: Messages, files: list[TreeFile], folder: str, *, keep: bool
) -> dict[str, Origin]:
    """As `origins`, by messages at hand; with `keep` what has to be compared is kept for the next time."""
    claims = _claimed(messages)
    believed = _believed(files, messages, claims)
    rest = [file for file in files if file.path not in believed]
    if rest:
        # A shallow clone's oldest commits seem to have added everything.
        cut = _shallow_commits(repo)
        every = map(messages.message, range(len(messages.commits)))
        by_id = {message.commit: message for message in every if message.commit not in cut}
        trusted = {origin.message.commit for origin in believed.values()}
        compared = Compared(repo, folder, keep=keep)
        touched = _touched(compared, by_id, rest, trusted, repo.shallow)
        compared.keep(by_id)
        believed |= _compared(rest, touched, by_id, claims.first)
    return believed


def _claimed(messages: Messages) -> _Claims:
    recorded: dict[tuple[str, str], int] = {}
    first: dict[str, tuple[str, str]] = {}
    commits = messages.commits
    for at, path, blob in messages.claims():
        recorded.setdefault((path, blob), at)
        if path not in first:
            first[path] = commits[at], blob
    return _Claims(recorded, first)


def _believed(files: list[TreeFile], messages: Messages, claims: _Claims) -> dict[str, Origin]:
    """What the messages explain."""
    believed = {}
    missed = []
    for file in files:
        at = claims.recorded.get(file)
        if at is None:
            missed.append(file)
        else:
            believed[file.path] = Origin(messages.message(at), *claims.first[file.path])
    return believed | _moved(missed, messages, claims)


def _moved(files: list[TreeFile], messages: Messages, claims: _Claims) -> dict[str, Origin]:
    """Files that moved to another folder since they were recorded, name and content unchanged."""
    if not files:
        return {}
    by_name = {(_name(path), blob): at for (path, blob), at in claims.recorded.items()}
    found = {}
    for file in files:
        at = by_name.get((_name(file.path), file.blob))
        if at is not None:
            message = messages.message(at)
            found[file.path] = Origin(message, *claims.first.get(file.path, (message.commit, file.blob)))
    return found


def _compared(
    files: list[TreeFile],
    touched: Mapping[str, list[Touch]],
    by_id: Mapping[str, Message],
    first: Mapping[str, tuple[str, str]],
) -> dict[str, Origin]:
    """What trees explain."""
    found = {}
    for file in files:
        touches = touched.get(file.path, [])
        newest = _real((touch for touch in touches if touch.blob == file.blob), by_id)
        oldest = _real(reversed(touches), by_id)
        if newest is not None and oldest is not None:
            start = first.get(file.path, (oldest.commit, oldest.blob))
            found[file.path] = Origin(by_id[newest.commit], *start)
    return found


def _touched(
    compared: Compared, by_id: Mapping[str, Message], files: list[TreeFile], trusted: set[str], shallow: bool
) -> dict[str, list[Touch]]:
    """What commits did, by path, newest first.

    A comparison costs a millisecond or two a commit. Commits whose claims are trusted
    therefore come last, and only if some of `files` needs them still.
    """
    wanted = {(file.path, file.blob) for file in files}
    seen: list[Touch] = []
    for commits in ([c for c in by_id if c not in trusted], [c for c in by_id if c in trusted]):
        seen += compared.touches(commits)
        if shallow or wanted <= {(touch.path, touch.blob) for touch in seen}:
            break
    rank = {commit: at for at, commit in enumerate(by_id)}
    touched: dict[str, list[Touch]] = {}
    for touch in sorted(seen, key=lambda touch: rank[touch.commit]):
        touched.setdefault(touch.path, []).append(touch)
    return touched


def _real(touches: Iterable[Touch], by_id: Mapping[str, Message]) -> Touch | None:
    """The first that no merge merely brought along, else the first, else None."""
    candidates = list(touches)
    own = (touch for touch in candidates if not by_id[touch.commit].merge)
    return next(own, candidates[0] if candidates else None)


def _shallow_commits(repo: Repository) -> frozenset[str]:
    if not repo.shallow:
        return frozenset()
    return frozenset((repo.common_dir / "shallow").read_text(encoding="ascii").split())


def _name(path: str) -> str:
    return path.rpartition("/")[2]
