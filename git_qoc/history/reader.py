"""Trees and thousands of blobs, fast: the only module that may import pygit2.

git is the authority and pygit2 the accelerator. `open_reader` takes libgit2 only where it
saves more than its import costs, and never where it cannot open the repository (SHA-256,
reftable, unknown extensions) or would not see what git sees (replace refs).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from git_qoc.errors import HistoryError
from git_qoc.history.repository import Repository

if TYPE_CHECKING:
    import pygit2

IMPORT_US = 65_000
SAVED_US = 2
SAVED_LOOSE_US = 34
"""Measured (benchmarks/history.py): importing pygit2 takes 65 ms; a blob through `git cat-file`
takes 8 µs packed and 48 µs loose, through libgit2 6 and 14."""
OBJECTS_A_SNAPSHOT = 4


@dataclass(frozen=True, slots=True)
class TreeFile:
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

        Raises:
            HistoryError: an object is missing or no blob.
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
        files = []
        for line in self.repo.git(*args).decode("utf-8", "surrogateescape").split("\0")[:-1]:
            meta, _, path = line.partition("\t")
            _, kind, blob = meta.split(" ")
            if kind == "blob":
                files.append(TreeFile(path, blob))
        return files

    def blobs(self, ids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        wanted = list(ids)
        if not wanted:
            return
        with self.repo.objects() as objects:
            for blob, found in zip(wanted, objects.many(wanted), strict=True):
                if found is None or found.kind != "blob":
                    raise _missing(blob)
                yield blob, found.data


class LibgitReader:
    """Reads through libgit2.

    Raises:
        HistoryError: at construction, when libgit2 cannot open this repository.
    """

    def __init__(self, repo: Repository) -> None:
        import pygit2
        from pygit2.enums import RepositoryOpenFlag

        try:
            self._repo = pygit2.Repository(str(repo.git_dir), RepositoryOpenFlag.FROM_ENV)
        except (pygit2.GitError, KeyError, ValueError) as exc:
            raise HistoryError(f"libgit2 cannot open {repo.git_dir}: {exc}") from None

    def resolve(self, rev: str) -> str | None:
        commit = self._commit(rev)
        return str(commit.id) if commit else None

    def tree(self, rev: str, prefix: str) -> list[TreeFile]:
        import pygit2

        commit = self._commit(rev)
        if commit is None:
            raise HistoryError(f"{rev} is no commit of this repository")
        try:
            tree: pygit2.Object = commit.tree
            for part in prefix.split("/")[:-1]:
                if not isinstance(tree, pygit2.Tree) or part not in tree:
                    return []
                tree = tree[part]
            return list(_walk(tree, prefix)) if isinstance(tree, pygit2.Tree) else []
        except (pygit2.GitError, KeyError) as exc:
            raise HistoryError(f"cannot read the tree of {rev}: {exc}. Run: git fsck") from None

    def blobs(self, ids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        import pygit2

        read = self._repo.odb.read
        for blob in ids:
            try:
                kind, data = read(blob)[:2]
            except (pygit2.GitError, KeyError, ValueError):
                raise _missing(blob) from None
            if kind != pygit2.enums.ObjectType.BLOB:
                raise _missing(blob)
            yield blob, data

    def _commit(self, rev: str) -> pygit2.Commit | None:
        import pygit2

        try:
            return self._repo.revparse_single(_plain(rev)).peel(pygit2.Commit)
        except (pygit2.GitError, KeyError, ValueError):
            return None


def open_reader(repo: Repository, expected_blobs: int) -> Reader:
    """The reader that is right for this repository and fastest for so many blobs."""
    saved_us = SAVED_US * expected_blobs + SAVED_LOOSE_US * min(expected_blobs, _loose_snapshots(repo))
    if saved_us < IMPORT_US or repo.object_format != "sha1" or _replaces(repo):
        return GitReader(repo)
    try:
        return LibgitReader(repo)
    except HistoryError:
        return GitReader(repo)


def _loose_snapshots(repo: Repository) -> int:
    """Estimated as `git gc --auto` does it: object names are evenly spread over 256 folders."""
    try:
        return sum(1 for _ in (repo.common_dir / "objects" / "17").iterdir()) * 256 // OBJECTS_A_SNAPSHOT
    except OSError:
        return 0


def _replaces(repo: Repository) -> bool:
    return bool(repo.git("for-each-ref", "--count=1", "refs/replace/"))


def _walk(tree: pygit2.Tree, prefix: str) -> Iterator[TreeFile]:
    import pygit2

    for entry in tree:
        path = prefix + (entry.name or "")
        if isinstance(entry, pygit2.Tree):
            yield from _walk(entry, path + "/")
        elif entry.filemode != pygit2.enums.FileMode.COMMIT:
            yield TreeFile(path, str(entry.id))


def _plain(rev: str) -> str:
    if rev.startswith("-") or "\n" in rev or not rev:
        raise HistoryError(f"{rev!r} is no revision")
    return rev


def _missing(blob: str) -> HistoryError:
    return HistoryError(f"blob {blob} is missing from the repository or is no blob. Run: git fsck")
