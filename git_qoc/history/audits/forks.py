"""Merges of lines of history that both recorded something since they parted. Pure."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence

from git_qoc.history.audits.changes import Commit


def sides(commits: Sequence[Commit], recorded: Mapping[str, int]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """(merge, what each of its sides recorded alone) for every merge where more than one did.

    `commits` come parents first; `recorded` counts by commit.
    """
    rank = {commit.id: at for at, commit in enumerate(commits)}
    for commit in commits:
        if len(commit.parents) > 1:
            counts = _alone(commit, commits, rank, recorded)
            if sum(count > 0 for count in counts) > 1:
                yield commit.id, tuple(count for count in counts if count)


def _alone(
    merge: Commit, commits: Sequence[Commit], rank: Mapping[str, int], recorded: Mapping[str, int]
) -> list[int]:
    """By parent, what only it and its ancestors recorded; walks back to where all sides are one."""
    seen: dict[int, int] = {}
    queue: list[int] = []

    def reach(commit: str, side: int) -> None:
        at = rank.get(commit)
        if at is None:
            return
        if at not in seen:
            heapq.heappush(queue, -at)
        seen[at] = seen.get(at, 0) | side

    for number, parent in enumerate(merge.parents):
        reach(parent, 1 << number)
    everyone = (1 << len(merge.parents)) - 1
    counts = [0] * len(merge.parents)
    apart = sum(seen[-at] != everyone for at in queue)
    while queue and apart:
        at = -heapq.heappop(queue)
        side = seen[at]
        if side.bit_count() == 1:
            counts[side.bit_length() - 1] += recorded.get(commits[at].id, 0)
        for parent in commits[at].parents:
            reach(parent, side)
        apart = sum(seen[-left] != everyone for left in queue)
    return counts
