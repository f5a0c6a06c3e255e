"""Objects that a partial clone left with its remote, brought here in one fetch.

git fetches what is missing by itself, but one object at a time, each with a connection of its
own. Whoever is about to read many asks here first. In every other repository this costs one
look into a folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from git_qoc.errors import HistoryError
from git_qoc.history.process import complaint
from git_qoc.history.repository import Repository, is_true

REMOTES = r"^extensions\.partialclone$|^remote\..*\.promisor$"
# As git itself fetches what a promisor remote owes it (gitformat-pack, "partial clone"): nothing is
# negotiated, and trees come with all that is below them, without the blobs.
FETCH = (
    *("-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", "--no-tags", "--no-write-fetch-head"),
    *("--no-auto-maintenance", "--recurse-submodules=no", "--filter=blob:none", "--stdin"),
)


def promisors(repo: Repository) -> list[str]:
    """The remotes that hold what this clone left out; none where the clone is whole."""
    if next((repo.common_dir / "objects" / "pack").glob("*.promisor"), None) is None:
        return []
    settings = repo.config(REMOTES)
    named = settings.pop("extensions.partialclone", [])
    marked = [
        key.removeprefix("remote.").removesuffix(".promisor")
        for key, values in settings.items()
        if is_true(values[-1])
    ]
    return list(dict.fromkeys([*named[-1:], *marked]))


def bring(repo: Repository, ids: Sequence[str]) -> None:
    """Make sure that these objects are here, with at most one fetch from each promisor remote.

    Raises:
        HistoryError: some are not here and no remote gives them.
    """
    # One alone is fetched by git just as well, and the asking saved.
    remotes = promisors(repo) if len(ids) > 1 else []
    if remotes:
        _fetch(repo, remotes, _absent(repo, ids))


def bring_versions(repo: Repository, commits: Sequence[str], path: str) -> None:
    """As `bring`, for the file at `path` in each of these commits (by id)."""
    remotes = promisors(repo) if len(commits) > 1 else []
    if remotes:
        args = (
            *("--literal-pathspecs", "rev-list", "--objects"),
            *("--missing=print", "--no-walk=unsorted", "--stdin"),
        )
        listing = "".join(f"{line}\n" for line in (*commits, "--", path))
        lines = repo.git(*args, stdin=listing.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")
        _fetch(repo, remotes, [line[1:] for line in lines.splitlines() if line.startswith("?")])


def _absent(repo: Repository, ids: Sequence[str]) -> list[str]:
    """Those of `ids` that are not here; asking for what is missing must not fetch it."""
    args = ("rev-list", "--objects", "--no-object-names", "--missing=print", "--ignore-missing", "--stdin")
    wanted = list(dict.fromkeys(ids))
    here = set(repo.git(*args, stdin=_lines(wanted)).decode().splitlines())
    return [id_ for id_ in wanted if id_ not in here]


def _fetch(repo: Repository, remotes: Iterable[str], absent: list[str]) -> None:
    count, why = len(absent), b""
    for remote in remotes:
        if not absent:
            return
        done = repo.attempt(*FETCH[:-1], remote, FETCH[-1], stdin=_lines(absent))
        why = why or done.err
        absent = _absent(repo, absent) if done.code else []
    if absent:
        raise HistoryError(
            f"this clone is partial: {count} objects of the record are still with its remote, which does not"
            f" give them ({complaint(why)}). Connect to it and try again"
        )


def _lines(ids: Iterable[str]) -> bytes:
    return "".join(f"{id_}\n" for id_ in ids).encode()
