"""Trees and thousands of blobs: the only module that may import pygit2.

git is the authority and pygit2 the accelerator. What libgit2 is trusted with is packed blobs:
a loose object that was cut short, as a power failure leaves it, makes libgit2 1.9 loop for
ever (github.com/libgit2/libgit2/issues/7342). Loose blobs, trees and revisions are git's.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from git_qoc.errors import HistoryError
from git_qoc.history.objects import Object
from git_qoc.history.promisor import bring, promisors
from git_qoc.history.repository import Repository
from git_qoc.history.running import Running

MANY_PACKED = 20_000
"""From here on pygit2 saves CPU time, its 65 ms of import included: 10,000 packed blobs take 0.13 s
either way, 100,000 take libgit2 0.91 s and `git cat-file` 1.15. (By the clock git is ahead
where it has a second core to itself: 0.78 s.)"""
OBJECTS_A_SNAPSHOT = 4
AT_ONCE = 4096
"""Blobs that one git process reads: 10 MB of snapshots."""
ELSEWHERE = ("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES")


class TreeFile(NamedTuple):
    """`path` is relative to the root; a symbolic link's blob holds where it points."""

    path: str
    blob: str


class Reader(Protocol):
    def resolve(self, rev: str) -> str | None:
        """The commit's id, None when `rev` names none."""
        ...

    def tree(self, rev: str, prefix: str) -> list[TreeFile]:
        """Every file under the folder `prefix` ("" for all, else ending in `/`), in git's order.

        Submodules are left out.

        Raises:
            HistoryError: `rev` names no commit, or an object is missing.
        """
        ...

    def blobs(self, ids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Each blob's id and content, in the order of `ids`.

        Those that a partial clone lacks are fetched at once before the first is given.

        Raises:
            HistoryError: an object is missing, cannot be fetched, or is no blob.
        """
        ...


@dataclass(frozen=True, slots=True)
class GitReader:
    """Reads through git processes; works wherever git does."""

    repo: Repository

    def resolve(self, rev: str) -> str | None:
        return self.repo.resolve(rev)

    def tree(self, rev: str, prefix: str) -> list[TreeFile]:
        folder = ("--", prefix) if prefix else ()
        args = ("--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree", _plain(rev), *folder)
        lines = self.repo.git(*args).decode("utf-8", "surrogateescape").split("\0")
        start, end = len("100644 blob "), len("100644 blob ") + len(self.repo.no_object)
        return [TreeFile(line[end + 1 :], line[start:end]) for line in lines if line[7:11] == "blob"]

    def blobs(self, ids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        wanted = list(ids)
        bring(self.repo, wanted)
        parts = [wanted[start : start + AT_ONCE] for start in range(0, len(wanted), AT_ONCE)]
        with ExitStack() as stack:
            ahead = [stack.enter_context(self._reading(part)) for part in parts[:1]]
            for number, part in enumerate(parts):
                running = ahead.pop()
                if part is not parts[-1]:
                    ahead.append(stack.enter_context(self._reading(parts[number + 1])))
                yield from self._contents(part, running.done().out)
                running.close()

    def _reading(self, blobs: list[str]) -> Running:
        """Git, writing one part while the part before it is looked at here."""
        args = ("-c", "core.warnAmbiguousRefs=false", "cat-file", "--batch", "--buffer")
        asked = "".join(f"{blob}\n" for blob in blobs).encode("utf-8", "surrogateescape")
        return Running(args, self.repo.run_dir, self.repo.environ(), asked)

    def _contents(self, blobs: list[str], answer: bytes) -> Iterator[tuple[str, bytes]]:
        at = 0
        for number, blob in enumerate(blobs):
            start = answer.find(b"\n", at) + 1
            header = answer[at:start].split()
            end = start + int(header[2]) if len(header) == 3 else start
            if header[1:2] != [b"blob"] or end >= len(answer):
                # Git ended at one of these, and may have kept answers before it to itself.
                yield from self._one_by_one(blobs[number:])
                return
            yield blob, answer[start:end]
            at = end + 1

    def _one_by_one(self, blobs: list[str]) -> Iterator[tuple[str, bytes]]:
        with self.repo.objects() as objects:
            for blob, found in zip(blobs, objects.many(blobs), strict=True):
                yield blob, content(blob, found)


class LibgitReader:
    """Reads packed blobs through libgit2 and all else through git.

    Raises:
        HistoryError: at construction, when pygit2 cannot be loaded or cannot open this repository.
    """

    def __init__(self, repo: Repository) -> None:
        try:
            import pygit2
            from pygit2.enums import RepositoryOpenFlag
        except ImportError as exc:
            raise HistoryError(f"pygit2 cannot be loaded: {exc}") from None
        self._repo = repo
        self._git = GitReader(repo)
        try:
            self._libgit = pygit2.Repository(str(repo.git_dir), RepositoryOpenFlag.FROM_ENV)
        except (pygit2.GitError, KeyError, ValueError) as exc:
            raise HistoryError(f"libgit2 cannot open {repo.git_dir}: {exc}") from None

    def resolve(self, rev: str) -> str | None:
        return self._git.resolve(rev)

    def tree(self, rev: str, prefix: str) -> list[TreeFile]:
        return self._git.tree(rev, prefix)

    def blobs(self, ids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        import pygit2

        loose = _loose(self._repo)
        read, is_blob = self._libgit.odb.read, pygit2.enums.ObjectType.BLOB
        with self._repo.objects() as objects:
            for blob in ids:
                if blob in loose:
                    yield blob, content(blob, objects.get(blob))
                    continue
                try:
                    kind, data = read(blob)[:2]
                except (pygit2.GitError, KeyError, ValueError):
                    raise _missing(blob) from None
                if kind != is_blob:
                    raise _missing(blob)
                yield blob, data


def open_reader(repo: Repository, expected_blobs: int) -> Reader:
    """The reader that is right for this repository and fastest for so many blobs.

    libgit2 cannot open every repository (SHA-256, reftable, unknown extensions), does not see
    what git sees where there are replace refs, fetches nothing that a partial clone lacks, and
    loose objects of alternates are not known here; then it is git, as it is without pygit2.
    """
    if expected_blobs < MANY_PACKED or repo.object_format != "sha1":
        return GitReader(repo)
    if expected_blobs - len(_loose(repo)) // OBJECTS_A_SNAPSHOT < MANY_PACKED or _apart(repo):
        return GitReader(repo)
    try:
        return LibgitReader(repo)
    except HistoryError:
        return GitReader(repo)


def content(blob: str, found: Object | None) -> bytes:
    """The blob's bytes; raises `HistoryError` when git found none."""
    if found is None or found.kind != "blob":
        raise _missing(blob)
    return found.data


def _loose(repo: Repository) -> set[str]:
    """The ids of all loose objects; `git gc --auto` keeps them to some thousands."""
    folders = (repo.common_dir / "objects").glob("[0-9a-f][0-9a-f]")
    return {folder.name + file.name for folder in folders for file in folder.iterdir()}


def _apart(repo: Repository) -> bool:
    """Objects are kept elsewhere too, left with a remote, or replaced."""
    return (
        any(name in os.environ for name in ELSEWHERE)
        or (repo.common_dir / "objects" / "info" / "alternates").exists()
        or bool(promisors(repo))
        or bool(repo.git("for-each-ref", "--count=1", "refs/replace/"))
    )


def _plain(rev: str) -> str:
    if rev.startswith("-") or "\n" in rev or not rev:
        raise HistoryError(f"{rev!r} is no revision")
    return rev


def _missing(blob: str) -> HistoryError:
    return HistoryError(f"blob {blob} is missing from the repository or is no blob. Run: git fsck")
