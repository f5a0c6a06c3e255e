"""What is about to be committed, and what a range of commits brought in, for the checks.

On the pre-commit hook's hot path: two git processes, one when nothing of interest is staged,
and no import beyond subprocess. Git's environment (GIT_INDEX_FILE, the quarantine of a
receiving repository) is passed on as it is.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from git_qoc.errors import HistoryError
from git_qoc.history.objects import Objects
from git_qoc.history.process import Folder, call, complaint
from git_qoc.history.scan import RAW, SUBMODULE, Touch, parsed, touches_in

if TYPE_CHECKING:
    from git_qoc.history.repository import Repository

Place = tuple[Folder, Mapping[str, str] | None]


class StagedFile(NamedTuple):
    """A file's content in the index or in a commit.

    `path` is relative to the root. `mode` is octal; 120000 is a symbolic link, whose `data`
    is where it points, 160000 a submodule, whose `data` is empty.
    """

    path: str
    blob: str
    data: bytes
    mode: str


class Introduced(NamedTuple):
    """`commit` is the oldest of the range that brought this content in."""

    commit: str
    path: str
    blob: str
    data: bytes
    mode: str


def staged(where: Repository | Folder, names: Collection[str]) -> list[StagedFile]:
    """Files of these base names that the index adds or changes against HEAD, by path.

    On an unborn branch that is every one in the index. `where` is a repository or any folder
    of its work tree.

    Raises:
        HistoryError: this is no repository, or the index or an object cannot be read.
    """
    args = ("diff", "--cached", *RAW, "--no-abbrev", "--no-relative")
    place = _place(where)
    done = call(args, *place)
    if done.code:
        raise HistoryError(f"cannot read what is staged: {complaint(done.err)}")
    wanted = _of_interest(parsed(done.out), names)
    return [StagedFile(t.path, t.blob, data, t.mode) for t, data in _contents(place, wanted)]


def introduced(where: Repository | Folder, revisions: str, names: Collection[str]) -> list[Introduced]:
    """Files of these base names that commits of the range added or changed; each blob once, oldest first.

    `revisions` is as `git rev-list` takes it, parts separated by spaces: `main..topic`,
    `--all`, `<new> --not --all`.

    Raises:
        HistoryError: git does not know the revisions, or an object is missing.
    """
    place = _place(where)
    once: dict[str, Touch] = {}
    for touch in _of_interest(touches_in(revisions.split(), *place), names):
        once.setdefault(touch.blob, touch)
    if not isinstance(where, str | os.PathLike):
        from git_qoc.history.promisor import bring  # what is staged is never with a remote

        bring(where, [touch.blob for touch in once.values() if touch.mode != SUBMODULE])
    return [
        Introduced(t.commit, t.path, t.blob, data, t.mode)
        for t, data in _contents(place, list(once.values()))
    ]


def _place(where: Repository | Folder) -> Place:
    if isinstance(where, str | os.PathLike):
        return where, None
    return where.run_dir, where.environ()


def _of_interest(touches: Iterator[Touch] | list[Touch], names: Collection[str]) -> list[Touch]:
    # Where file names ignore case, Desk.toml is opened as desk.toml.
    wanted = {name.casefold() for name in names}
    return [touch for touch in touches if touch.path.rpartition("/")[2].casefold() in wanted]


def _contents(place: Place, touches: list[Touch]) -> Iterator[tuple[Touch, bytes]]:
    if not touches:
        return
    links = [touch for touch in touches if touch.mode == SUBMODULE]
    yield from ((link, b"") for link in links)
    rest = [touch for touch in touches if touch.mode != SUBMODULE]
    with Objects(*place) as objects:
        for touch, found in zip(rest, objects.many(t.blob for t in rest), strict=True):
            if found is None:
                raise HistoryError(
                    f"{touch.path}: object {touch.blob} is missing from the repository. Run: git fsck"
                )
            yield touch, found.data
