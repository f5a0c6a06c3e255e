"""Our unpushed snapshot commits once more, on top of what the remote has.

Nobody sees the result until a branch is moved to it. A snapshot keeps its bytes, its author
and its message. When another clone has recorded the same desk in the same second, both are
kept: ours becomes one of a microsecond later, as it would have been had both been taken here,
in its name, its timestamp and its message. To refuse would stop every clone whose schedule
fires at the same second, until a person rewrote history by hand.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from git_qoc.errors import Refused
from git_qoc.history.clones.own import Own
from git_qoc.history.identity import require_identity
from git_qoc.history.messages import BLOB_TRAILER, PATH_TRAILER
from git_qoc.history.reader import GitReader
from git_qoc.history.repository import Repository, is_true
from git_qoc.history.trees import TreeEntry, Trees
from git_qoc.history.walk import OUR_NAME, SUFFIX
from git_qoc.snapshots.toml import retimed

SETTINGS = r"^(user|author|committer)\.(name|email)$|^commit\.gpgsign$"
DIGITS = 6
NAMES = 1000


@dataclass(frozen=True, slots=True)
class Replayed:
    """`old` was made again as `new`, with its file at `path`.

    `was` is the path it had, if another one. `new` is None when the remote has the very file.
    """

    old: str
    new: str | None
    path: str
    was: str | None = None


def replay(repo: Repository, commits: Sequence[Own], onto: str) -> tuple[str, list[Replayed]]:
    """(the new tip, what became of each commit), on top of the commit `onto`.

    Raises:
        HistoryError: git cannot write, sign, or does not know who commits.
        Refused: a file of the same name but other content is there, and its name is no time.
    """
    settings = repo.config(SETTINGS)
    require_identity(repo, settings)
    sign = is_true(settings.get("commit.gpgsign", ["false"])[-1])
    tip, done = onto, []
    kept = {own.path for own in commits}
    for own in commits:
        tip, one = _again(repo, own, tip, kept - {own.path}, sign=sign)
        done.append(one)
    return tip, done


def _again(
    repo: Repository, own: Own, tip: str, kept: Collection[str], *, sign: bool
) -> tuple[str, Replayed]:
    with repo.objects() as objects:
        trees = Trees(objects, lambda raw: _stored(repo, raw), len(repo.no_object) // 2)
        commit = objects.get(tip)
        assert commit is not None  # noqa: S101 - fetched or made a moment ago
        tree = commit.data.split(b"\n", 1)[0].removeprefix(b"tree ").decode()
        path = _free(trees, tree, own, tip, kept)
        if trees.entry(tree, path) is not None:
            return tip, Replayed(own.commit, None, path)
        was = own.path
        if path != was:
            own = _later(repo, own, path)
        grafted = trees.graft(tree, {path: own.entry})
    new = _commit(repo, own, grafted, tip, sign=sign)
    return new, Replayed(own.commit, new, path, was if path != was else None)


def _free(trees: Trees, tree: str, own: Own, tip: str, kept: Collection[str]) -> str:
    """The path itself where the tree has nothing or the same there, else the next name that is free."""
    folder, _, name = own.path.rpartition("/")
    stem = name.removesuffix(SUFFIX)
    for later in range(NAMES):
        path = own.path if later == 0 else f"{folder}/{_microseconds_on(stem, later)}{SUFFIX}"
        found = None if later and path in kept else trees.entry(tree, path)
        if found == own.entry or (found is None and path not in kept):
            return path
        if not OUR_NAME.fullmatch(stem):
            break
    raise Refused(
        f"{own.path} was recorded twice with different contents: here by {own.commit[:10]}, and by the"
        f" remote ({tip[:10]}). Rename the one here (git mv, git commit --amend), then sync again"
    )


def _microseconds_on(stem: str, microseconds: int) -> str:
    """`2026-07-05T16-00-00Z` so many microseconds later, within its second."""
    second, _, fraction = stem.removesuffix("Z").partition(".")
    count = int(fraction.ljust(DIGITS, "0")[:DIGITS] or "0") + microseconds
    return f"{second}.{count % 10**DIGITS:0{DIGITS}}Z"


def _later(repo: Repository, own: Own, path: str) -> Own:
    """The snapshot as one of the later time that `path` names."""
    ((_, data),) = GitReader(repo).blobs([own.entry.id])
    now = retimed(data, _time(path))
    blob = repo.git("hash-object", "-w", "--stdin", stdin=now).decode().strip()
    message = own.message
    for old, new in (
        (f"{PATH_TRAILER}{own.path}", f"{PATH_TRAILER}{path}"),
        (f"{BLOB_TRAILER}{own.entry.id}", f"{BLOB_TRAILER}{blob}"),
    ):
        before, _, after = message.rpartition(old.encode("utf-8", "surrogateescape"))
        message = before + new.encode("utf-8", "surrogateescape") + after
    if now != data:
        told, tells = (_time(name).encode() for name in (own.path, path))
        subject, newline, body = message.partition(b"\n")
        message = subject.replace(told, tells) + newline + body
    return replace(own, path=path, entry=TreeEntry(own.entry.mode, blob), message=message)


def _time(path: str) -> str:
    """`…/2026-07-05T16-00-00Z.toml` as the timestamp it names."""
    date, _, clock = path.rpartition("/")[2].removesuffix(SUFFIX).partition("T")
    return f"{date}T{clock.replace('-', ':')}"


def _stored(repo: Repository, raw: bytes) -> str:
    return repo.git("hash-object", "-t", "tree", "-w", "--stdin", stdin=raw).decode().strip()


def _commit(repo: Repository, own: Own, tree: str, parent: str, *, sign: bool) -> str:
    args = ("-c", f"i18n.commitEncoding={own.encoding}", "commit-tree", *("-S",) * sign, "-p", parent, tree)
    return repo.git(*args, stdin=own.message, env=own.author).decode().strip()
