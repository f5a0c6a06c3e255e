"""Which commits are snapshots of ours, and so may be made again on another parent.

A commit is ours when its trees say what its trailers claim: one parent, one file added, under
a `snapshots/` folder, with the claimed path and content. Whatever else a commit does or
carries, it is somebody's work and is never made again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from git_qoc.errors import HistoryError
from git_qoc.history.messages import BLOB_TRAILER, PATH_TRAILER
from git_qoc.history.objects import Object
from git_qoc.history.process import failed
from git_qoc.history.repository import Repository
from git_qoc.history.trees import FILES, TreeEntry

SNAPSHOT = re.compile(r"(.*/)?snapshots/(.*/)?[^/]+\.toml", re.DOTALL)
IDENT = re.compile(rb"(?P<name>[^<>\n]*) <(?P<email>[^<>\n]*)> (?P<time>\d+) (?P<zone>[+-]\d{4})")
KNOWN = {b"tree", b"parent", b"author", b"committer", b"encoding", b"gpgsig", b"gpgsig-sha256"}
"""Headers that can be made again; a commit with any other is left as it is."""


@dataclass(frozen=True, slots=True)
class Own:
    """A snapshot commit. `author` maps git's GIT_AUTHOR_* to their values; `message` is its bytes."""

    commit: str
    path: str
    entry: TreeEntry
    author: Mapping[str, str]
    message: bytes
    encoding: str


def owned(repo: Repository, commits: Sequence[str]) -> dict[str, Own | None]:
    """For each commit (by id, in the order given) what it recorded, None when it is not ours.

    Raises:
        HistoryError: a commit is missing.
    """
    if not commits:
        return {}
    added = _added(repo, commits)
    found: dict[str, Own | None] = {}
    with repo.objects() as objects:
        for commit, raw in zip(commits, objects.many(commits), strict=True):
            if raw is None:
                raise HistoryError(f"commit {commit} is missing from the repository. Run: git fsck")
            found[commit] = _own(raw, added.get(commit))
    return found


def subjects(repo: Repository, commits: Sequence[str]) -> list[str]:
    """`1a2b3c4d5e subject` of each commit, in the order given."""
    text = "".join(f"{commit}\n" for commit in commits).encode()
    args = ("log", "--no-walk=unsorted", "--stdin", "-z", "--no-show-signature", "--format=%H %s")
    lines = repo.git("-c", "log.follow=false", *args, stdin=text).decode("utf-8", "replace").split("\0")
    return [f"{line[:10]} {line.partition(' ')[2]}" for line in lines if line]


def _added(repo: Repository, commits: Sequence[str]) -> dict[str, tuple[str, TreeEntry]]:
    """By commit, the one file that it adds to its parent; commits that do anything else are left out."""
    args = ("diff-tree", "--stdin", "-r", "-z", "--raw", "--no-renames", "--root", "-m")
    done = repo.attempt(*args, stdin="".join(f"{commit}\n" for commit in commits).encode())
    if done.code:
        raise failed(args, done.err)
    rows: dict[str, list[tuple[str, str]]] = {}
    commit = ""
    fields = iter(done.out.decode("utf-8", "surrogateescape").split("\0"))
    for field in fields:
        if field.startswith(":"):
            rows.setdefault(commit, []).append((field, next(fields)))
        elif field:
            commit = field
    found = {}
    for commit, changes in rows.items():
        (change, path), *others = changes
        _, mode, _, blob, status = change.split(" ")
        if not others and status == "A" and mode in FILES:
            found[commit] = (path, TreeEntry(mode, blob))
    return found


def _own(raw: Object, added: tuple[str, TreeEntry] | None) -> Own | None:
    head, _, message = raw.data.partition(b"\n\n")
    # A line that begins with a space continues the header before it, as a signature does.
    headers = [line.partition(b" ") for line in head.split(b"\n") if not line.startswith(b" ")]
    names = [name for name, _, _ in headers]
    values = {name: value for name, _, value in headers}
    author = IDENT.fullmatch(values.get(b"author", b""))
    if added is None or author is None or not set(names) <= KNOWN or names.count(b"parent") != 1:
        return None
    path, entry = added
    if not SNAPSHOT.fullmatch(path) or _claims(message) != [(path, entry.id)]:
        return None
    text = {key: value.decode("utf-8", "surrogateescape") for key, value in author.groupdict().items()}
    return Own(
        raw.id,
        path,
        entry,
        {
            "GIT_AUTHOR_NAME": text["name"],
            "GIT_AUTHOR_EMAIL": text["email"],
            "GIT_AUTHOR_DATE": f"@{text['time']} {text['zone']}",
        },
        message,
        values.get(b"encoding", b"UTF-8").decode("ascii", "replace"),
    )


def _claims(message: bytes) -> list[tuple[str, str]]:
    """The paths and blobs of the message's last paragraph, the n-th path with the n-th blob."""
    last = message.decode("utf-8", "surrogateescape").rstrip("\n").rpartition("\n\n")[2].split("\n")
    paths = [line.removeprefix(PATH_TRAILER) for line in last if line.startswith(PATH_TRAILER)]
    blobs = [line.removeprefix(BLOB_TRAILER) for line in last if line.startswith(BLOB_TRAILER)]
    return list(zip(paths, blobs, strict=False)) if len(paths) == len(blobs) else []
