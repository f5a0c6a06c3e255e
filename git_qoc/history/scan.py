"""What commits did to files, told from the commits themselves, evil merges and renames included.

The recipe is `git rev-list | git diff-tree --stdin -m -r --root --raw`: `git log --raw` misses
what a merge adds by itself, and rename detection lets a renamed file slip by. Light, because
hooks pass here.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from git_qoc.errors import HistoryError
from git_qoc.history.process import Folder, call, failed, not_started, plain_environ

AS_STORED = {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_GRAFT_FILE": os.devnull}
"""Objects as every clone has them: replace refs and grafts only change what this machine sees."""
RAW = (
    *("-r", "--raw", "-z", "--no-renames", "--no-abbrev", "--no-relative"),
    # Else the desk's own .gitmodules says which of them are not shown.
    "--ignore-submodules=none",
)
WRITTEN = "--diff-filter=AMT"
ABSENT = "000000"
SUBMODULE = "160000"


class Change(NamedTuple):
    """A file against one parent, or what is staged against HEAD; mode and blob are "" where there is none."""

    path: str
    old_mode: str
    old_blob: str
    mode: str
    blob: str


class Touch(NamedTuple):
    """A commit's file: added, modified or of another type than in one of its parents.

    `commit` is "" for what is only staged. `mode` is octal (120000: a symbolic link, 160000: a
    submodule, whose `blob` is a commit of another repository).
    """

    commit: str
    path: str
    mode: str
    blob: str


def touches(
    commits: Iterable[str], cwd: Folder, env: Mapping[str, str] | None = None, under: Sequence[str] = ()
) -> Iterator[Touch]:
    """What each commit (by id) did to files, in the order given; `under` limits it to folders.

    A merge is compared with each of its parents.
    """
    args = ("--literal-pathspecs", "diff-tree", "--stdin", "-m", "--root", *RAW, WRITTEN, "--", *under)
    done = call(args, cwd, env, "".join(f"{commit}\n" for commit in commits).encode())
    if done.code:
        raise failed(args, done.err)
    return parsed(done.out)


def changes_in(
    revisions: Sequence[str], cwd: Folder, env: Mapping[str, str] | None = None
) -> list[tuple[str, Change]]:
    """What the commits of a range did to files, deletions included, oldest first, each with its commit.

    `revisions` are as `git rev-list` takes them (`A..B`, `--all`). A merge is compared with each
    of its parents.

    Raises:
        HistoryError: git does not know the revisions.
    """
    listing = ("rev-list", "--reverse", *revisions, "--")
    args = ("diff-tree", "--stdin", "-m", "--root", *RAW)
    env = {**(plain_environ() if env is None else env), **AS_STORED}
    try:
        with subprocess.Popen(
            ["git", *listing], cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as source:
            done = subprocess.run(
                ["git", *args], cwd=cwd, env=env, stdin=source.stdout, capture_output=True, check=False
            )
            _, err = source.communicate()
    except (OSError, ValueError) as exc:
        raise not_started(exc, cwd) from None
    if source.returncode:
        raise failed(listing, err)
    if done.returncode:
        raise failed(args, done.stderr)
    return list(changes_of(done.stdout))


def changes_of(raw: bytes) -> Iterator[tuple[str, Change]]:
    """Git's `--raw -z` output as (commit, change); the commit is "" for what is only staged.

    Raises:
        HistoryError: a file is in conflict, so that no one content of it is staged.
    """
    commit = ""
    fields = iter(raw.decode("utf-8", "surrogateescape").split("\0"))
    for field in fields:
        # A field that begins with no colon where one could is a commit's id.
        if field.startswith(":"):
            old_mode, mode, old_blob, blob, status = field[1:].split(" ")
            path = next(fields)
            if status == "U":
                raise in_conflict(path)
            # Git writes an absent side as zeros.
            old = (old_mode, old_blob) if old_mode != ABSENT else ("", "")
            new = (mode, blob) if mode != ABSENT else ("", "")
            yield commit, Change(path, *old, *new)
        elif field:
            commit = field


def in_conflict(path: str) -> HistoryError:
    return HistoryError(f"{path} is in conflict. Resolve it and git add it, then try again")


def parsed(raw: bytes) -> Iterator[Touch]:
    """As `changes_of`, of what was written."""
    return (Touch(commit, c.path, c.mode, c.blob) for commit, c in changes_of(raw) if c.mode)
