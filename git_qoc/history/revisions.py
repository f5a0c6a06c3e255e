"""What a person named on the command line: a revision or a range, and paths, as git takes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from git_qoc.errors import HistoryError
from git_qoc.history.process import call, complaint
from git_qoc.history.repository import Repository

REVISION = re.compile(r"\^?([0-9a-f]{40}|[0-9a-f]{64})", re.ASCII)
SEPARATE = "Put `--` between revisions and paths"


@dataclass(frozen=True, slots=True)
class Asked:
    """`commit` is None when HEAD has no commit yet; `excluded` are the ids of what a range leaves out.

    `pathspecs` are as typed, relative to the folder they were typed in.
    """

    commit: str | None
    excluded: tuple[str, ...] = ()
    pathspecs: tuple[str, ...] = ()


def asked(repo: Repository, cwd: Path, words: Sequence[str], paths: Sequence[str] | None) -> Asked:
    """Read `[REV|A..B] [PATHSPEC...]`; `paths` is what came behind `--`, None without one.

    Git tells revisions from paths (git-rev-parse); without `--`, what is both is refused.

    Raises:
        HistoryError: a word is neither, a revision is no commit, or more than one is named.
    """
    found: list[str] = []
    behind = tuple(paths or ())
    if words:
        found, named = _told_apart(repo, cwd, words, separated=paths is not None)
        behind = named + behind
    wanted = [id_ for id_ in found if not id_.startswith("^")]
    if len(wanted) > 1:
        raise HistoryError(f"expected one revision or A..B, found {' '.join(words)}. {SEPARATE}.")
    commit = repo.resolve(wanted[0] if wanted else "HEAD")
    if wanted and commit is None:
        raise HistoryError(f"{' '.join(words)} names no commit. Name a commit, a tag or a branch.")
    return Asked(
        commit,
        tuple(id_.removeprefix("^") for id_ in found if id_.startswith("^")),
        behind,
    )


def matching(repo: Repository, cwd: Path, commit: str, pathspecs: Sequence[str]) -> frozenset[str]:
    """The paths of the commit's tree that match the pathspecs, with all of git's magic.

    Raises:
        HistoryError: git does not take one of them.
    """
    import hashlib

    nothing = hashlib.new(repo.object_format, b"tree 0\0", usedforsecurity=False).hexdigest()
    args = ("diff-tree", "-r", "-z", "--name-only", "--no-renames", nothing, commit, "--", *pathspecs)
    done = call(args, cwd, repo.environ())
    if done.code:
        raise HistoryError(f"{complaint(done.err)}.")
    return frozenset(done.out.decode("utf-8", "surrogateescape").split("\0")[:-1])


def commits_of(repo: Repository, asked_for: Asked) -> frozenset[str]:
    """The commits of the range."""
    assert asked_for.commit is not None  # noqa: S101 - a range was resolved
    exclude = (f"^{id_}" for id_ in asked_for.excluded)
    return frozenset(repo.git("rev-list", asked_for.commit, *exclude, "--").decode().split())


def _told_apart(
    repo: Repository, cwd: Path, words: Sequence[str], *, separated: bool
) -> tuple[list[str], tuple[str, ...]]:
    """(ids, those left out with `^`; the words that are paths)."""
    args = ("rev-parse", *words, *(("--",) if separated else ()))
    done = call(args, cwd, repo.environ())
    if done.code:
        raise HistoryError(f"{complaint(done.err)}. Name a revision, A..B or a path. {SEPARATE}.")
    lines = done.out.decode("utf-8", "surrogateescape").removesuffix("\n").split("\n")
    count = next((at for at, line in enumerate(lines) if not REVISION.fullmatch(line)), len(lines))
    ids, rest = lines[:count], "\n".join(lines[count:])
    if separated:
        return ids, ()
    first = next(at for at in range(len(words) + 1) if "\n".join(words[at:]) == rest)
    for word in words[:first]:
        if (cwd / word).exists():
            raise HistoryError(f"{word} is both a revision and a path. {SEPARATE}.")
    return ids, tuple(words[first:])
