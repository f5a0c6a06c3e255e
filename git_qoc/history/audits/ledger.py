"""What an append-only record does not allow, judged from commits and their changes. Pure.

A snapshot is known by its base name, which is its instant: moved to another folder with name
and content unchanged it is the same one. What is first committed under a name is the record;
whatever comes after is held against it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from git_qoc.history.audits.changes import PLAIN_FILE, Commit
from git_qoc.history.audits.forks import sides
from git_qoc.history.scan import Change
from git_qoc.history.walk import SUFFIX

NO_FILES = {"120000": "a symbolic link", "160000": "a submodule", "100755": "executable"}


class Kind(StrEnum):
    EDITED = "edited"
    DELETED = "deleted"
    RENAMED = "renamed"
    MERGE = "merge"
    TYPE = "type"
    TRAILERS = "trailers"
    UNSIGNED = "unsigned"


class Recorded(NamedTuple):
    """What a snapshot was first committed as; `commit` is None when the history here does not tell."""

    path: str
    blob: str
    commit: str | None


class Offence(NamedTuple):
    """`first` is what the record says, `blob` what was made of it ("" for nothing).

    `commit` is "" for what is only staged. `why` is a clause that goes after the commit
    (`renamed to …`). `mended`: the newest tree
    has again what was recorded.
    """

    kind: Kind
    path: str
    commit: str | None
    why: str
    first: Recorded | None = None
    blob: str = ""
    mended: bool = False


Lookup = Callable[[str, str], Recorded | None]
"""(path, commit that changed it) → what it was first committed as, where no commit that was read says."""


@dataclass(slots=True)
class Ledger:
    """Takes commits, parents first. `folder` ends in `/`; `cut` are a shallow clone's oldest commits.

    `first` is by name; `moved` counts files that only changed their folder.
    """

    folder: str
    cut: frozenset[str]
    lookup: Lookup
    first: dict[str, Recorded] = field(default_factory=dict)
    offences: list[Offence] = field(default_factory=list)
    by_commit: Counter[str] = field(default_factory=Counter)
    moved: int = 0
    _alive: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    _removed: set[str] = field(default_factory=set)
    _believed: set[str] = field(default_factory=set)

    def take(self, commit: Commit, steps: list[Change] | None) -> None:
        """`steps` are what the commit did, None where only its trailers are believed."""
        ours = [claim for claim in commit.claims if self.holds(claim[0])]
        if steps is None:
            self._believe(commit, ours)
            return
        if commit.claims and commit.id not in self.cut:
            self._trailers(commit, steps, ours)
        mine = [step for step in steps if self.holds(step.path)]
        if len(commit.parents) > 1:
            self._merge(commit, mine)
        else:
            self._odd(commit, steps)
            self._plain(commit, mine)

    def take_all(self, commits: Iterable[Commit], changes: Mapping[str, list[Change]]) -> None:
        """Every commit, then what was told on two sides of a merge."""
        kept = list(commits)
        for commit in kept:
            self.take(commit, changes.get(commit.id))
        for merge, counts in sides(kept, self.by_commit):
            what = " and ".join(str(count) for count in counts)
            why = f"joins lines of history that recorded {what} snapshots apart: each side tells its P&L"
            self._tell(Kind.MERGE, self.folder.rstrip("/"), merge, f"{why} since the same earlier snapshot")

    def holds(self, path: str) -> bool:
        """Whether a path is a snapshot's."""
        return path.startswith(self.folder) and path.endswith(SUFFIX)

    def places(self, path: str, blob: str) -> set[str]:
        """Where the name of this path stands with this content, after all that was taken."""
        return self._alive.get((name_of(path), blob), set())

    def _believe(self, commit: Commit, claims: list[tuple[str, str]]) -> None:
        """Where the file stands is not believed: whether it was moved or deleted depends on it."""
        for path, blob in claims if len(commit.parents) < 2 else ():
            if name_of(path) not in self.first:
                self._record(commit, Change(path, "", "", PLAIN_FILE, blob))
                self._believed.add(commit.id)

    def _plain(self, commit: Commit, steps: list[Change]) -> None:
        gone = {step.path: step.old_blob for step in steps if not step.blob}
        for step in steps:
            if step.blob and step.blob != step.old_blob:
                self._written(commit, step, gone)
        for path, blob in gone.items():
            self._forget(path, blob)
        for path, blob in gone.items():
            self._gone(commit, path, blob)

    def _written(self, commit: Commit, step: Change, gone: dict[str, str]) -> None:
        name = name_of(step.path)
        source = next((path for path, blob in gone.items() if blob == step.blob), None)
        if step.old_blob:
            known = self._known(step.path, step.old_blob, commit.id)
            self._forget(step.path, step.old_blob)
            if step.blob == known.blob:
                known = self._doubted(step, known, commit.id)
            if step.blob != known.blob:
                self._tell(Kind.EDITED, step.path, commit.id, "", known, step.blob)
        elif source is not None and name_of(source) != name:
            known = self._known(source, step.blob, commit.id)
            why = f"renamed to {step.path}"
            self._tell(Kind.RENAMED, source, commit.id, why, known, step.blob)
            self._forget(source, gone.pop(source))
            self._removed.add(source)
            self._record(commit, step)
            self.by_commit[commit.id] -= 1
        elif name not in self.first:
            self._record(commit, step)
        else:
            known = self.first[name]
            again = known.path == step.path or any(name_of(path) == name for path in gone)
            if step.blob != known.blob and again:
                self.by_commit[commit.id] += 1
                self._tell(Kind.EDITED, step.path, commit.id, "", known, step.blob)
        self._stands(step)

    def _gone(self, commit: Commit, path: str, blob: str, why: str = "deleted") -> None:
        known = self._known(path, blob, commit.id)
        self._removed.add(path)
        if self._alive.get((name_of(path), blob)):
            self.moved += 1
        else:
            self._tell(Kind.DELETED, path, commit.id, why, known)

    def _merge(self, commit: Commit, steps: list[Change]) -> None:
        by_path: dict[str, list[Change]] = {}
        for step in steps:
            by_path.setdefault(step.path, []).append(step)
        made = [path for path, found in by_path.items() if len(found) == len(commit.parents)]
        for path in made:
            if by_path[path][0].blob:
                self._odd(commit, by_path[path][:1])
                self._made_by_merge(commit, by_path[path])
        for path, found in by_path.items():
            if found[0].blob:
                continue
            for step in found:
                self._forget(path, step.old_blob)
            if path not in self._removed:
                why = "deleted by this merge" if path in made else "left out by this merge"
                self._gone(commit, path, found[0].old_blob, why)

    def _made_by_merge(self, commit: Commit, found: list[Change]) -> None:
        step = found[0]
        name = name_of(step.path)
        known = self.first.get(name)
        if known is None and not any(each.old_blob for each in found):
            self._record(commit, step)
            self._tell(
                Kind.MERGE,
                step.path,
                commit.id,
                "is a merge and added this snapshot, which no side of it has",
            )
        elif known is None:
            known = self._known(step.path, next(each.old_blob for each in found if each.old_blob), commit.id)
        if known is not None and known.blob != step.blob:
            self._tell(Kind.EDITED, step.path, commit.id, "", known, step.blob)
        self._stands(step)

    def _trailers(self, commit: Commit, steps: list[Change], claims: list[tuple[str, str]]) -> None:
        """A snapshot commit holds what it says and nothing else."""
        if not claims:
            return
        made = {(step.path, step.blob): step for step in steps}
        at = {step.path: step for step in steps}
        for path, blob in claims:
            if (path, blob) not in made:
                why = f"{_claim(blob)}, and {_found(at.get(path))}"
                self._tell(Kind.TRAILERS, path, commit.id, why, blob=at[path].blob if path in at else "")
        said = {path for path, _ in claims}
        others = list(dict.fromkeys(step.path for step in steps if step.path not in said))
        if others and len(commit.parents) < 2:
            more = f" and {len(others) - 3} more" if len(others) > 3 else ""
            what = ", ".join(others[:3]) + more
            why = f"records a snapshot and also changes {what}"
            self._tell(Kind.TRAILERS, claims[0][0], commit.id, why)

    def _odd(self, commit: Commit, steps: list[Change]) -> None:
        root = self.folder.rstrip("/")
        for step in steps:
            odd = step.path == root or (self.holds(step.path) and step.mode != PLAIN_FILE)
            if odd and step.mode and step.mode != step.old_mode:
                self._tell(Kind.TYPE, step.path, commit.id, odd_type(step.mode), blob=step.blob)

    def _record(self, commit: Commit, step: Change) -> None:
        known = None if commit.id in self.cut else commit.id
        self.first[name_of(step.path)] = Recorded(step.path, step.blob, known)
        self.by_commit[commit.id] += 1

    def _known(self, path: str, blob: str, commit: str) -> Recorded:
        """What the record says of a name; where no commit that was read recorded it, what stood here."""
        name = name_of(path)
        if name not in self.first:
            self.first[name] = self.lookup(path, commit) or Recorded(path, blob, None)
        return self.first[name]

    def _doubted(self, step: Change, known: Recorded, commit: str) -> Recorded:
        """A believed claim that this change makes true: so it was false before, or this puts back."""
        if known.commit not in self._believed:
            return known
        first = self.lookup(step.path, commit)
        if first is None or first.blob == known.blob:
            return known
        why = f"{_claim(known.blob)}, and recorded {first.blob[:10]}"
        self._tell(Kind.TRAILERS, step.path, known.commit, why, blob=first.blob)
        self.first[name_of(step.path)] = first
        return first

    def _stands(self, step: Change) -> None:
        self._alive.setdefault((name_of(step.path), step.blob), set()).add(step.path)
        self._removed.discard(step.path)

    def _forget(self, path: str, blob: str) -> None:
        self._alive.get((name_of(path), blob), set()).discard(path)

    def _tell(
        self,
        kind: Kind,
        path: str,
        commit: str | None,
        why: str,
        first: Recorded | None = None,
        blob: str = "",
    ) -> None:
        self.offences.append(Offence(kind, path, commit, why, first, blob))


def name_of(path: str) -> str:
    """The base name, which for a snapshot is its instant."""
    return path.rpartition("/")[2]


def _claim(blob: str) -> str:
    return f"says in its trailers that it recorded blob {blob[:10]} here"


def _found(step: Change | None) -> str:
    if step is None:
        return "did nothing to it"
    return f"recorded {step.blob[:10]}" if step.blob else "deleted it"


def odd_type(mode: str) -> str:
    """What stands where a plain file is expected."""
    return f"made it {NO_FILES.get(mode, f'of mode {mode}')}, expected a plain file"
