"""Snapshot files of a revision, with their contents and the commits that recorded them.

The tree says which snapshots there are; `provenance` says where each came from. Parsing is
left to `git_qoc.snapshots.parse`.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from git_qoc.history.reader import TreeFile, open_reader
from git_qoc.history.repository import Repository

if TYPE_CHECKING:
    from git_qoc.history.provenance import Origin

FOLDER = "snapshots/"
SUFFIX = ".toml"
OUR_NAME = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(\.\d+)?Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """One snapshot file of a tree; `path` is relative to the repository's root.

    `data` is the file's bytes, None when the caller said it knows this blob. `commit` is
    the one that gave the file this content, with its committer time (UTC) and subject; None
    when the history that is here does not tell (a shallow clone). `original_blob` and
    `first_commit` are what the file was first committed as, both None unless its content
    is another one now: set means edited, which the record does not allow.
    """

    path: str
    blob: str
    data: bytes | None
    commit: str | None = None
    committed: datetime | None = None
    subject: str = ""
    original_blob: str | None = None
    first_commit: str | None = None

    @property
    def edited(self) -> bool:
        return self.original_blob is not None


def entries(repo: Repository, rev: str = "HEAD", root: str = "", known: Container[str] = ()) -> list[Entry]:
    """Every `<root>snapshots/**/*.toml` of rev's tree, oldest name first; [] when there are none.

    `root` is the desk's folder in the repository, "" or ending in `/`. The contents of
    blobs in `known` (the caller's cache) are not read.

    Raises:
        HistoryError: an object is missing, or git fails.
    """
    from git_qoc.history.provenance import origins

    commit = repo.resolve(rev)
    if commit is None:
        return []
    reader = open_reader(repo, 0)
    found = _snapshots(reader.tree(commit, root + FOLDER))
    by_path = origins(repo, commit, found, root + FOLDER) if found else {}
    unread = [file.blob for file in found if file.blob not in known]
    contents = dict(open_reader(repo, len(unread)).blobs(unread))
    return [
        _entry(file, contents.get(file.blob), by_path.get(file.path))
        for file in sorted(found, key=name_order)
    ]


def latest(repo: Repository, rev: str = "HEAD", root: str = "") -> Entry | None:
    """The snapshot with the newest name, without its commit; None when there is none.

    Names of ours (`2026-07-05T16-00-00Z.toml`) are preferred to any other.
    """
    reader = open_reader(repo, 1)
    found = _found(repo, rev, root)
    if not found:
        return None
    newest = max(found, key=name_order)
    ((_, data),) = reader.blobs([newest.blob])
    return Entry(newest.path, newest.blob, data)


def snapshot_files(repo: Repository, rev: str = "HEAD", root: str = "") -> list[TreeFile]:
    """The snapshot files of rev's tree, oldest first by name; none when there is no such commit."""
    return sorted(_found(repo, rev, root), key=name_order)


def _found(repo: Repository, rev: str, root: str) -> list[TreeFile]:
    commit = repo.resolve(rev)
    return [] if commit is None else _snapshots(open_reader(repo, 1).tree(commit, root + FOLDER))


def blob_at(repo: Repository, rev: str, path: str) -> bytes | None:
    """The file's bytes in rev's tree; None when it has no such file."""
    with repo.objects() as objects:
        found = objects.get(f"{rev}:{path}")
    return found.data if found and found.kind == "blob" else None


def desk_blobs(repo: Repository, commits: Iterable[str], root: str = "") -> dict[str, str]:
    """The blob id of `<root>desk.toml` at each commit; commits without one are left out.

    Few desks stand behind many commits: read each of the ids once, with `reader.blobs`.
    """
    asked = list(dict.fromkeys(commits))
    with repo.objects(contents=False) as objects:
        answers = zip(asked, objects.many(f"{commit}:{root}desk.toml" for commit in asked), strict=True)
        return {commit: found.id for commit, found in answers if found and found.kind == "blob"}


def name_order(file: TreeFile) -> tuple[bool, str, str]:
    """Sorts by instant: `…00Z` before `…00.25Z`, whatever the folder; other names come first."""
    name = file.path.rpartition("/")[2].removesuffix(SUFFIX)
    return OUR_NAME.fullmatch(name) is not None, name.removesuffix("Z"), file.path


def _snapshots(files: Iterable[TreeFile]) -> list[TreeFile]:
    return [file for file in files if file.path.endswith(SUFFIX)]


def _entry(file: TreeFile, data: bytes | None, origin: Origin | None) -> Entry:
    if origin is None:
        return Entry(file.path, file.blob, data)
    message = origin.message
    now = Entry(file.path, file.blob, data, message.commit, message.committed, message.subject)
    if origin.first_blob == file.blob:
        return now
    return replace(now, original_blob=origin.first_blob, first_commit=origin.first_commit)
