"""What the commits of a range brought into the desks of a repository, read once and checked by itself.

Every commit is looked at, an evil merge too, and what a later commit took out again. Reads
objects only: the same in a bare repository, and in a receiving one whose new objects are still
in quarantine. The record as a whole is judged by `check_range.record`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from git_qoc.checks.fault import Fault
from git_qoc.checks.files import CREDENTIALS, DESK, ORDERS, SNAPSHOTS, File, judge
from git_qoc.checks.rooms import changes_by_room, folder_of, is_desk, room
from git_qoc.history.audits.changes import tips, tree_files
from git_qoc.history.connector_types import known_types
from git_qoc.history.repository import Repository
from git_qoc.history.scan import AS_STORED, Change
from git_qoc.history.staged import contents, introduced

if TYPE_CHECKING:
    from git_qoc.checks.detector.allowed import Allowed


class Found(NamedTuple):
    """`commits` brought it in, oldest first; () where it is in none yet, or in none that is known."""

    fault: Fault
    commits: tuple[str, ...] = ()


class Ranged(NamedTuple):
    """`files` versions in `commits` were looked at. `warnings`: a sentence for each thing that was not."""

    found: list[Found]
    allowed: list[Allowed]
    files: int
    commits: int
    warnings: tuple[str, ...]


class Reading:
    """What the commits of a range did themselves, and to which desks; raises as `check_range.check_range`.

    `roots` are the folders of all desks that the range knows, `roots_at_tips` of those it ends with.
    """

    def __init__(self, repo: Repository, revisions: Sequence[str]) -> None:
        self.repo = repo
        parents = _parents(repo, revisions)
        brought = introduced(repo, revisions)
        self.changes = list(_own(brought, parents))
        # A merge leaves out what a side has by taking the other side's tree: its own doing all the same.
        self.merged = [(commit, change) for commit, change in brought if parents[commit] > 1]
        self.trees = {tip: tree_files(repo, tip, ".") for tip in tips(repo, revisions)}
        self.roots_at_tips = sorted(
            {folder_of(p) for tree in self.trees.values() for p in tree if is_desk(p)}
        )
        touched = {folder_of(change.path) for _, change in self.changes if is_desk(change.path)}
        self.roots = touched | set(self.roots_at_tips)
        self.files: dict[tuple[str, str, str], list[tuple[str, Change]]] = {}
        for commit, change in self.changes:
            at = room(change.path, self.roots)
            if at and change.mode:
                self.files.setdefault((change.blob, at[0], change.mode), []).append((commit, change))

    def checked(self, names: Collection[str]) -> Ranged:
        """Credentials, desk and orders, as far as they are named; the record is `record`'s."""
        found, allowed = self._judged([name for name in names if name in (CREDENTIALS, ORDERS)])
        if DESK in names:
            found += self._desks([name for name in names if name in (CREDENTIALS, DESK)])
        if ORDERS in names:
            found += self._orders()
        commits = {commit for commit, _ in self.changes}
        return Ranged(sorted(set(found)), allowed, len(self.files), len(commits), ())

    def snapshots(self) -> Iterator[Change]:
        """Every change of a snapshot file."""
        return (change for _, change in self.changes if self._is_snapshot(change))

    @property
    def removed_desks(self) -> dict[str, tuple[str, ...]]:
        """The commits that took away the desk.toml of a folder, by the folder."""
        found: dict[str, tuple[str, ...]] = {}
        for commit, change in (*self.changes, *self.merged):
            if is_desk(change.path) and not change.mode:
                folder = folder_of(change.path)
                found[folder] = tuple(dict.fromkeys((*found.get(folder, ()), commit)))
        return found

    @property
    def is_record_touched(self) -> bool:
        """Whether a commit changed a snapshot file, or a merge has one otherwise than one of its sides."""
        return any(self._is_snapshot(change) for _, change in (*self.changes, *self.merged))

    def _is_snapshot(self, change: Change) -> bool:
        at = room(change.path, self.roots)
        return at is not None and at[0] == SNAPSHOTS and change.path.endswith(".toml")

    def _judged(self, names: Sequence[str]) -> tuple[list[Found], list[Allowed]]:
        """What is wrong with single versions; one that many have is told once."""
        grouped: dict[tuple[object, ...], tuple[Fault, list[str]]] = {}
        allowed: list[Allowed] = []
        firsts = [versions[0][1] for versions in self.files.values()]
        for (_, name, _), (change, data) in zip(self.files, contents(self.repo, firsts), strict=True):
            commits = [commit for commit, _ in self.files[change.blob, name, change.mode]]
            judged = judge(names, [File(change.path, name, change.mode, data)])
            allowed += judged.allowed
            lines = data.split(b"\n")
            for fault in judged.faults:
                line = lines[fault.line - 1] if fault.line <= len(lines) else b""
                key = (fault.path, fault.rule, fault.message, line)
                grouped.setdefault(key, (fault, []))[1].extend(commits)
        order = {commit: at for at, (commit, _) in enumerate(self.changes)}
        found = [
            Found(fault, tuple(sorted(set(commits), key=order.__getitem__)))
            for fault, commits in grouped.values()
        ]
        return found, sorted(set(allowed))

    def _desks(self, names: Sequence[str]) -> Iterator[Found]:
        """desk.toml as the tips have it, where the range wrote it, without what `_judged` told of a line."""
        from git_qoc.checks import desk

        for tip, tree in self.trees.items():
            for path, file in tree.items():
                versions = self.files.get((file.blob, DESK, file.mode))
                if not is_desk(path) or not versions:
                    continue
                commit, change = versions[-1]
                for _, data in contents(self.repo, [change]):
                    faults = judge(names, [File(path, DESK, file.mode, data)]).faults
                    faults += desk.locked(path, data, known_types(self.repo, path, tip))
                    yield from (Found(fault, (commit,)) for fault in faults if fault.rule == DESK)

    def _orders(self) -> Iterator[Found]:
        from git_qoc.checks import orders

        told = {change.path for _, change in self.changes if not change.mode}
        left_out = [(commit, c) for commit, c in self.merged if c.mode or c.path not in told]
        for rule, changes in ((orders.lifecycle, self.changes), (orders.joined, left_out)):
            by_commit: dict[str, list[Change]] = {}
            for commit, change in changes:
                by_commit.setdefault(commit, []).append(change)
            for commit, some in by_commit.items():
                for (name, root), mine in changes_by_room(some, self.roots).items():
                    if name == ORDERS:
                        after = tree_files(self.repo, commit, f"{root}orders")
                        yield from (Found(fault, (commit,)) for fault in rule(root, mine, after))


def _own(changes: Iterable[tuple[str, Change]], parents: Counter[str]) -> Iterator[tuple[str, Change]]:
    """What a commit did itself: of a merge, what it has otherwise than each of its parents."""
    merged: dict[tuple[str, str], int] = {}
    for commit, change in changes:
        if parents[commit] < 2:
            yield commit, change
            continue
        seen = merged[commit, change.path] = merged.get((commit, change.path), 0) + 1
        if seen == parents[commit]:
            yield commit, change


def _parents(repo: Repository, revisions: Sequence[str]) -> Counter[str]:
    """How many parents the merges of the range have."""
    args = ("rev-list", "--merges", "--parents", *revisions, "--")
    lines = [line.split() for line in repo.git(*args, env=AS_STORED).decode().splitlines()]
    return Counter({line[0]: len(line) - 1 for line in lines})
