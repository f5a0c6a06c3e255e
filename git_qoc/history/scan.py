"""What commits did to files, told from the commits themselves, evil merges and renames included.

The recipe is `git rev-list | git diff-tree --stdin -m -r --root --raw`: `git log --raw` misses
what a merge adds by itself, and rename detection lets a renamed file slip by. Light, because
hooks pass here.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from git_qoc.history.process import Folder, call, failed, not_started, plain_environ

RAW = ("-r", "--raw", "-z", "--no-renames", "--diff-filter=AMT")
SUBMODULE = "160000"


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
    args = ("--literal-pathspecs", "diff-tree", "--stdin", "-m", "--root", *RAW, "--", *under)
    done = call(args, cwd, env, "".join(f"{commit}\n" for commit in commits).encode())
    if done.code:
        raise failed(args, done.err)
    return parsed(done.out)


def touches_in(revisions: Sequence[str], cwd: Folder, env: Mapping[str, str] | None = None) -> list[Touch]:
    """As `touches`, for the revisions as `git rev-list` takes them (`A..B`, `--all`), oldest first."""
    listing = ("rev-list", "--reverse", *revisions, "--")
    args = ("diff-tree", "--stdin", "-m", "--root", *RAW)
    env = plain_environ() if env is None else env
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
    return list(parsed(done.stdout))


def parsed(raw: bytes) -> Iterator[Touch]:
    """Git's `--raw -z` output; a field that begins with no colon where one could is a commit's id."""
    commit = ""
    fields = iter(raw.decode("utf-8", "surrogateescape").split("\0"))
    for field in fields:
        if field.startswith(":"):
            _, mode, _, blob, _ = field.split(" ")
            path = next(fields)
            yield Touch(commit, path, mode, blob)
        elif field:
            commit = field
