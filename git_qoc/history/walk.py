"""Snapshot files of a revision, with their contents and the commits that recorded them.

The tree says which snapshots there are; `provenance` says where each came from. Parsing is
left to `git_qoc.snapshots.parse`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from git_qoc.history.objects import Objects
from git_qoc.history.promisor import bring_versions
from git_qoc.history.reader import TreeFile, content, open_reader
from git_qoc.history.repository import Repository

if TYPE_CHECKING:
    from git_qoc.history.cache import Cache
    from git_qoc.history.provenance import Origin

FOLDER = "snapshots/"
SUFFIX = ".toml"
OUR_NAME = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(\.\d+)?Z", re.ASCII)


class Derive(NamedTuple):
    """What a caller makes of a snapshot's contents, once for each content and kept from then on.

    `line` gives one line of text from the bytes alone; `version` changes whenever it would
    give another one. What is kept of a `kind` is that of its last version.
    """

    version: str
    line: Callable[[bytes], str]
    kind: str = "derived"


class Entry(NamedTuple):
    """One snapshot file of a tree; `path` is relative to the repository's root.

    `data` is the file's bytes, or None and `derived` what the caller makes of them. `commit` is
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
    derived: str = ""

    @property
    def edited(self) -> bool:
        return self.original_blob is not None


def entries(repo: Repository, rev: str = "HEAD", root: str = "", derive: Derive | None = None) -> list[Entry]:
    """Every `<root>snapshots/**/*.toml` of rev's tree, oldest name first; [] when there are none.

    `root` is the desk's folder in the repository, "" or ending in `/`. With `derive` the
    entries have what it makes of their contents, and only contents that are new are read.

    Raises:
        HistoryError: an object is missing, or git fails.
    """
    from git_qoc.history.cache import Cache, unaltered
    from git_qoc.history.messages import Walk
    from git_qoc.history.provenance import explained

    commit = repo.resolve(rev)
    if commit is None:
        return []
    keep = unaltered(repo)
    with Walk(repo, commit, keep=keep) as walk:
        found = _snapshots(open_reader(repo, 0).tree(commit, root + FOLDER))
        if not found:
            return []
        contents: Mapping[str, bytes] = {}
        derived: Mapping[str, str] = {}
        if derive is None:
            contents = dict(_blobs(repo, (file.blob for file in found)))
        else:
            cache = Cache(repo, derive.kind, root, derive.version) if keep else None
            derived = _derived(repo, found, derive, cache)
        by_path = explained(repo, walk.messages(), found, root + FOLDER, keep=keep)
    return [
        _entry(file, contents.get(file.blob), derived.get(file.blob, ""), by_path.get(file.path))
        for file in sorted(found, key=name_order)
    ]


def _blobs(repo: Repository, blobs: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Each content once."""
    wanted = list(dict.fromkeys(blobs))
    return open_reader(repo, len(wanted)).blobs(wanted)


def _derived(repo: Repository, files: list[TreeFile], derive: Derive, cache: Cache | None) -> dict[str, str]:
    """By blob; what is kept from now on is that of these files."""
    before = ((cache and cache.read()) or b"").decode().split("\n")
    id_length = len(repo.no_object)
    known = {line[:id_length]: line[id_length + 1 :] for line in before if line}
    lines = {file.blob: known.get(file.blob) for file in files}
    new = [blob for blob, line in lines.items() if line is None]
    made = {blob: derive.line(data) for blob, data in _blobs(repo, new)}
    found = {blob: made[blob] if line is None else line for blob, line in lines.items()}
    if cache is not None and (made or len(found) != len(known)):
        cache.write("".join(f"{blob} {line}\n" for blob, line in found.items()).encode())
    return found


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


@contextmanager
def late_blobs(repo: Repository) -> Iterator[Callable[[str], bytes]]:
    """What reads one blob by id, for the few that are needed after all; no git runs before the first.

    Reading raises `HistoryError` when there is no such blob.
    """
    with ExitStack() as stack:
        started: list[Objects] = []

        def read(blob: str) -> bytes:
            if not started:
                started.append(stack.enter_context(repo.objects()))
            return content(blob, started[0].get(blob))

        yield read


def desk_blobs(repo: Repository, commits: Iterable[str], root: str = "") -> dict[str, str]:
    """The blob id of `<root>desk.toml` at each commit; commits without one are left out.

    Few desks stand behind many commits: read each of the ids once, with `reader.blobs`.
    """
    asked = list(dict.fromkeys(commits))
    bring_versions(repo, asked, f"{root}desk.toml")
    with repo.objects(contents=False) as objects:
        answers = zip(asked, objects.many(f"{commit}:{root}desk.toml" for commit in asked), strict=True)
        return {commit: found.id for commit, found in answers if found and found.kind == "blob"}


def name_order(file: TreeFile) -> tuple[bool, str, str]:
    """Sorts by instant: `…00Z` before `…00.25Z`, whatever the folder; other names come first."""
    name = file.path.rpartition("/")[2].removesuffix(SUFFIX)
    return OUR_NAME.fullmatch(name) is not None, name.removesuffix("Z"), file.path


def _snapshots(files: Iterable[TreeFile]) -> list[TreeFile]:
    return [file for file in files if file.path.endswith(SUFFIX)]


def _entry(file: TreeFile, data: bytes | None, derived: str, origin: Origin | None) -> Entry:
    if origin is None:
        return Entry(file.path, file.blob, data, derived=derived)
    message = origin.message
    now = Entry(
        file.path, file.blob, data, message.commit, message.committed, message.subject, derived=derived
    )
    if origin.first_blob == file.blob:
        return now
    return now._replace(original_blob=origin.first_blob, first_commit=origin.first_commit)
