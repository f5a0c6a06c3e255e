"""Commits, what each says it recorded, and what each did to the files of one folder.

Told as the repository's objects have it: replace refs and grafts, which only change what this
machine sees, are not followed. A merge is compared with each of its parents.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from git_qoc.errors import HistoryError
from git_qoc.history.messages import SETTINGS, claimed
from git_qoc.history.process import complaint, failed
from git_qoc.history.repository import Repository
from git_qoc.history.scan import AS_STORED, RAW, Change, changes_of

FORMAT = "%H%x00%P%x00%at%x00%ct%x00%(trailers:key=Qoc-Snapshot,key=Qoc-Blob,separator=%x1F)"
FIELDS = 5
PLAIN_FILE = "100644"
SIGNATURES = {
    "N": "is not signed, or git cannot check its kind of signature here",
    "B": "has a bad signature: it was changed after it was signed",
    "E": "has a signature that cannot be checked: its key is not known here",
    "X": "has a signature that is expired",
    "Y": "is signed with a key that is expired",
    "R": "is signed with a key that was revoked",
}


class Commit(NamedTuple):
    """Times are in seconds since 1970, None where the commit has no such time."""

    id: str
    parents: tuple[str, ...]
    authored: int | None
    committed: int | None
    claims: tuple[tuple[str, str], ...]


class TreeFile(NamedTuple):
    """`mode` is octal (120000: a symbolic link, 160000: a submodule, whose `blob` is a commit)."""

    mode: str
    blob: str


def tips(repo: Repository, revisions: Sequence[str]) -> tuple[str, ...]:
    """The commits that a range leads up to, each once.

    Raises:
        HistoryError: git does not know the revisions.
    """
    done = repo.attempt("rev-list", "--max-count=1", *revisions, "--")
    if done.code:
        raise HistoryError(f"{complaint(done.err)}. Name a commit, or a range such as A..B")
    return _named(repo, [name for name in _names(repo, revisions) if not name.startswith("^")])


def left_out(repo: Repository, revisions: Sequence[str]) -> tuple[str, ...]:
    """The commits that a range begins behind, each once."""
    return _named(repo, [name[1:] for name in _names(repo, revisions) if name.startswith("^")])


def _names(repo: Repository, revisions: Sequence[str]) -> list[str]:
    return repo.git("rev-parse", "--revs-only", "--no-flags", *revisions).decode().split()


def _named(repo: Repository, names: Sequence[str]) -> tuple[str, ...]:
    found = commits_of(repo, names).values()
    return tuple(dict.fromkeys(commit for commit in found if commit is not None))


def commits_of(repo: Repository, names: Iterable[str]) -> dict[str, str | None]:
    """As `Repository.resolve` of each name, by name: one process for thousands of refs."""
    wanted = list(dict.fromkeys(names))
    with repo.objects(contents=False) as objects:
        found = objects.many(f"{name}^{{commit}}" for name in wanted)
        return {name: one.id if one else None for name, one in zip(wanted, found, strict=True)}


def listed(repo: Repository, revisions: Sequence[str]) -> frozenset[str]:
    """The ids of the commits of a range."""
    return frozenset(repo.git("rev-list", *revisions, "--", env=AS_STORED).decode().split())


def commits(repo: Repository, of: Sequence[str]) -> list[Commit]:
    """These commits and all before them, parents first."""
    args = ("log", "-z", "--topo-order", "--no-show-signature", "--encoding=UTF-8", f"--format={FORMAT}")
    # GIT_FLUSH: else git hands over every commit in a write of its own.
    env = {"GIT_FLUSH": "0", **AS_STORED}
    raw = repo.git(*SETTINGS, *args, *of, "--", env=env)
    fields = raw.decode("utf-8", "surrogateescape").split("\0")
    found = [
        Commit(
            fields[at],
            tuple(fields[at + 1].split()),
            _seconds(fields[at + 2]),
            _seconds(fields[at + 3]),
            claimed(fields[at + 4]),
        )
        for at in range(0, len(fields) - 1, FIELDS)
    ]
    return found[::-1]


def changes(repo: Repository, ids: Iterable[str], under: Sequence[str] = ()) -> dict[str, list[Change]]:
    """What each of these commits did to files, by commit; `under` limits it to paths.

    A commit that did nothing has an empty list.
    """
    wanted = list(ids)
    by_commit: dict[str, list[Change]] = {commit: [] for commit in wanted}
    if not wanted:
        return by_commit
    args = ("--literal-pathspecs", "diff-tree", "--stdin", "-m", "--root", *RAW, "--", *under)
    raw = repo.git(*args, stdin="".join(f"{commit}\n" for commit in wanted).encode(), env=AS_STORED)
    for commit, change in changes_of(raw):
        by_commit[commit].append(change)
    return by_commit


def tree_files(repo: Repository, commit: str, folder: str) -> dict[str, TreeFile]:
    """What the commit's tree has at and under `folder` (without `/`), by path."""
    args = ("--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree", commit, "--", folder)
    files = {}
    for line in repo.git(*args, env=AS_STORED).decode("utf-8", "surrogateescape").split("\0")[:-1]:
        meta, _, path = line.partition("\t")
        mode, _, blob = meta.split(" ")
        files[path] = TreeFile(mode, blob)
    return files


def contents(repo: Repository, blobs: Iterable[str]) -> dict[str, bytes]:
    """The content of each blob, by id.

    Raises:
        HistoryError: one is missing.
    """
    from git_qoc.history.objects import Objects

    wanted = list(dict.fromkeys(blobs))
    found: dict[str, bytes] = {}
    if wanted:
        with Objects(repo.run_dir, repo.environ(AS_STORED)) as objects:
            for blob, answer in zip(wanted, objects.many(wanted), strict=True):
                if answer is None or answer.kind != "blob":
                    raise HistoryError(
                        f"blob {blob} is missing from the repository or is no blob. Run: git fsck"
                    )
                found[blob] = answer.data
    return found


def unsigned(repo: Repository, ids: Sequence[str]) -> dict[str, str]:
    """Why the signature of a commit is not good, in words, by commit; those with a good one are left out.

    Good is what git calls good, also by a key whose owner is not known to be who they say
    (`%G?` G and U, see git-log(1)).
    """
    if not ids:
        return {}
    args = ("log", "--no-walk=unsorted", "--stdin", "--no-show-signature", "--format=%H %G?")
    done = repo.attempt(*args, stdin="".join(f"{commit}\n" for commit in ids).encode(), env=AS_STORED)
    if done.code:
        raise failed(args, done.err)
    pairs = [line.split(" ") for line in done.out.decode().splitlines()]
    return {commit: SIGNATURES.get(sign, SIGNATURES["N"]) for commit, sign in pairs if sign not in ("G", "U")}


def cut_commits(repo: Repository) -> frozenset[str]:
    """The oldest commits of a shallow clone, whose parents are not here."""
    if not repo.shallow:
        return frozenset()
    return frozenset((repo.common_dir / "shallow").read_text(encoding="ascii").split())


def _seconds(text: str) -> int | None:
    return int(text) if text.lstrip("-").isdecimal() else None
