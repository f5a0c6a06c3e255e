"""What is about to be committed, and what a range of commits brought in, for the checks.

On the pre-commit hook's hot path: one git process, a second one where contents are asked for,
and no import beyond subprocess. Git's environment (GIT_INDEX_FILE, the quarantine of a
receiving repository) is passed on as it is, but for replace refs: what is committed and pushed
is the object itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from git_qoc.desk.environment import Environment
from git_qoc.errors import HistoryError
from git_qoc.history.objects import Objects
from git_qoc.history.process import Folder, call, complaint, plain_environ
from git_qoc.history.scan import AS_STORED, RAW, SUBMODULE, Change, changes_in, changes_of, in_conflict

if TYPE_CHECKING:
    from git_qoc.history.repository import Repository

NAMED = 100_000
"""Characters of paths that are asked for by name: every system's command line takes as many."""
Place = tuple[Folder, Mapping[str, str]]


def staged(where: Repository | Folder) -> list[Change]:
    """Everything that the index has otherwise than HEAD, by path; on an unborn branch all of it.

    `where` is a repository or any folder of its work tree; paths are relative to the root.

    Raises:
        HistoryError: this is no repository, the index cannot be read, or a file is in conflict.
    """
    done = call(("diff", "--cached", *RAW), *_place(where))
    if done.code:
        raise HistoryError(f"cannot read what is staged: {complaint(done.err)}")
    return [change for _, change in changes_of(done.out)]


def indexed(where: Repository | Folder, under: Sequence[str] = ()) -> list[Change]:
    """Everything in the index, below these folders or files, as if all of it were new.

    Raises:
        HistoryError: this is no repository, the index cannot be read, or a file is in conflict.
    """
    args = ("--literal-pathspecs", "ls-files", "-z", "--stage", "--full-name", "--", *under)
    done = call(args, *_place(where))
    if done.code:
        raise HistoryError(f"cannot read the index: {complaint(done.err)}")
    found = []
    for line in _names(done.out):
        meta, _, path = line.partition("\t")
        mode, blob, stage = meta.split(" ")
        if stage != "0":
            raise in_conflict(path)
        found.append(Change(path, "", "", mode, blob))
    return found


def introduced(where: Repository | Folder, revisions: Sequence[str]) -> list[tuple[str, Change]]:
    """What the commits of a range did to files, oldest first, each with its commit.

    `revisions` are as `git rev-list` takes them: `main..topic`, `--all`, `<new> --not --all`.

    Raises:
        HistoryError: git does not know the revisions.
    """
    return changes_in(revisions, *_place(where))


def contents(where: Repository | Folder, changes: Iterable[Change]) -> Iterator[tuple[Change, bytes]]:
    """Each change with what it wrote: of a symbolic link where it points, of a submodule nothing.

    Raises:
        HistoryError: an object is missing, or cannot be had from a partial clone's remote.
    """
    wanted = [change for change in changes if change.mode]
    if not wanted:
        return
    files = [change for change in wanted if change.mode != SUBMODULE]
    if not isinstance(where, str | os.PathLike):
        from git_qoc.history.promisor import bring  # what is staged is never with a remote

        bring(where, list(dict.fromkeys(change.blob for change in files)))
    with Objects(*_place(where)) as objects:
        found = objects.many(change.blob for change in files)
        for change in wanted:
            if change.mode == SUBMODULE:
                yield change, b""
                continue
            blob = next(found)
            if blob is None:
                raise HistoryError(
                    f"{change.path}: object {change.blob} is missing from the repository. Run: git fsck"
                )
            yield change, blob.data


def desks(where: Repository | Folder, folders: Iterable[str]) -> set[str]:
    """Which of these folders ("" or "books/") have a desk.toml in the index, or in HEAD.

    Raises:
        HistoryError: the index cannot be read.
    """
    wanted = {f"{folder}desk.toml": folder for folder in folders}
    if not wanted:
        return set()
    cwd, env = _place(where)
    env = Environment(env)
    for switch in ("LITERAL", "GLOB", "NOGLOB", "ICASE"):  # as `git --literal-pathspecs commit` hands them on
        env.pop(f"GIT_{switch}_PATHSPECS", None)
    # More names than fit on a command line, as a vendored tree has: then every desk there is.
    few = sum(map(len, wanted)) <= NAMED
    specs = [f":(top,literal){path}" for path in wanted] if few else [":(top,glob)**/desk.toml"]
    done = call(("ls-files", "-z", "--full-name", "--", *specs), cwd, env)
    if done.code:
        raise HistoryError(f"cannot read the index: {complaint(done.err)}")
    found = set(_names(done.out))
    if not wanted.keys() <= found:  # a desk that this very commit removes; on an unborn branch git finds none
        which = ("HEAD", "--", *wanted) if few else ("-r", "HEAD")
        found |= set(_names(call(("ls-tree", "-z", "--name-only", "--full-tree", *which), cwd, env).out))
    return {folder for path, folder in wanted.items() if path in found}


def _names(raw: bytes) -> list[str]:
    return raw.decode("utf-8", "surrogateescape").split("\0")[:-1]


def _place(where: Repository | Folder) -> Place:
    if isinstance(where, str | os.PathLike):
        return where, Environment(plain_environ(), **AS_STORED)
    return where.run_dir, Environment(where.environ(AS_STORED))
