"""Is the record append-only? What its commits did to it, from git alone; no number is read.

To compare the trees of every commit is quadratic in a flat folder, in git itself. So commits
that carry trailers are believed where that would take long, and their claims are held against
the newest tree; every other commit is compared. What does not fit is then looked for in the
commits that were believed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from git_qoc.history.audits import changes as git
from git_qoc.history.audits.changes import PLAIN_FILE, TreeFile
from git_qoc.history.audits.gone import gone
from git_qoc.history.audits.ledger import Kind, Ledger, Offence, Recorded, name_of, odd_type
from git_qoc.history.audits.recorded import first_recorded
from git_qoc.history.audits.rewritten import Rewritten, apart, rewritten
from git_qoc.history.audits.stored import Stored, stored
from git_qoc.history.repository import Repository
from git_qoc.history.scan import Change
from git_qoc.history.walk import FOLDER, SUFFIX

AFFORDABLE = 120_000_000
"""Tree entries that may be compared unasked: commits times entries of the biggest folder. 10,000 flat
snapshots are 105 million and take 3.3 s (benchmarks/verify.py); the bound is about four."""
ENTRIES_A_COMMIT = 500
"""What a commit costs by itself, in tree entries: 10,000 of a monthly record take 0.2 s."""

NARROW = 100
"""So many paths fit on a command line."""


@dataclass(frozen=True, slots=True)
class Scope:
    """`revisions` as `git rev-list` takes them, None for all of HEAD's history.

    `every`: compare every commit. `signed`: demand good signatures. `affordable` tree entries
    are compared unasked.
    """

    revisions: tuple[str, ...] | None = None
    every: bool = False
    signed: bool = False
    affordable: int = AFFORDABLE


@dataclass(frozen=True, slots=True)
class Audit:
    """What the scope's commits did, and what there is to read numbers from.

    `files` are the tip's snapshots, with a range only those that the range recorded; `neighbours`
    are the others. `commits` touched the record; `believed` of them were held against the tip's
    tree by their trailers only. `moved` files only changed their folder. `gone`: by folder of a
    desk that the tips no longer have, how many snapshots it recorded that are not here. `missing`
    snapshots are in what the range leaves out and not at its tips.
    """

    offences: tuple[Offence, ...] = ()
    files: tuple[Stored, ...] = ()
    neighbours: tuple[Stored, ...] = ()
    commits: int = 0
    believed: int = 0
    moved: int = 0
    gone: Mapping[str, int] = field(default_factory=dict)
    missing: int = 0


def audit(repo: Repository, root: str = "", scope: Scope | None = None) -> Audit:
    """Everything that commits of the scope did to `<root>snapshots/` and an append-only record forbids.

    Needs no work tree, and sees the objects of a receiving repository's quarantine.

    Raises:
        HistoryError: git does not know the revisions, or an object is missing.
    """
    scope = scope or Scope()
    if scope.revisions is None and repo.resolve("HEAD") is None:
        return Audit()
    tips = git.tips(repo, scope.revisions or ("HEAD",))
    if not tips:
        return Audit()
    return _Reading(repo, root + FOLDER, scope, tips).audit()


class _Reading:
    """One audit: the commits, what was compared of them, and the tips' trees."""

    def __init__(self, repo: Repository, folder: str, scope: Scope, tips: tuple[str, ...]) -> None:
        self.repo, self.folder, self.scope, self.tips = repo, folder, scope, tips
        self.commits = git.commits(repo, tips)
        self.inside = git.listed(repo, scope.revisions) if scope.revisions else None
        self.cut = git.cut_commits(repo)
        self.trees = [git.tree_files(repo, tip, folder.rstrip("/")) for tip in tips]
        self.by_id = {commit.id: commit for commit in self.commits}
        self.gone = gone(repo, folder, self.commits, tips)

    def audit(self) -> Audit:
        claiming, others = self._divided()
        if self.scope.every or self.scope.revisions or self._affordable(claiming):
            others, claiming = others + claiming, []
        steps = self._compare(others)
        ledger = self._judged(steps)
        if not self.scope.revisions:
            affected = self._unexplained(ledger)
            if affected and claiming:
                few = len(affected) <= NARROW
                steps |= self._narrowed(claiming, affected) if few else self._compare(claiming)
                ledger = self._judged(steps)
                affected = self._unexplained(ledger)
            ledger.offences += self._unexplained_offences(affected)
        ledger.offences += self._odd_in_trees(ledger)
        ledger.offences += self.gone.offences(ledger, self.commits)
        against = self._rewritten(ledger)
        ledger.offences += against.offences
        touching = self._touching(steps, ledger)
        offences = [o for o in ledger.offences if o.commit is None or self._inside(o.commit)]
        offences = self._seen_now(offences) + self._unsigned(touching)
        files = stored(self.trees, self.commits, ledger)
        added = {(o.path, o.blob) for o in files if self._inside(o.commit or "")}
        return Audit(
            tuple(offences),
            tuple(file for file in files if (file.path, file.blob) in added),
            tuple(file for file in files if (file.path, file.blob) not in added),
            len(touching),
            len([commit for commit in claiming if commit not in steps]),
            ledger.moved,
            {} if self.scope.revisions else self.gone.left(ledger),
            against.missing,
        )

    def _rewritten(self, ledger: Ledger) -> Rewritten:
        bases = git.left_out(self.repo, self.scope.revisions) if self.scope.revisions else ()
        return rewritten(self.repo, apart(self.repo, bases, self.tips), self.trees, ledger, self._inside)

    def _holds(self, path: str) -> bool:
        return path.startswith(self.folder) and path.endswith(SUFFIX)

    def _inside(self, commit: str) -> bool:
        return self.inside is None or commit in self.inside

    def _divided(self) -> tuple[list[str], list[str]]:
        """(commits whose trailers can be believed, commits that must be compared), in the scope."""
        claiming, others = [], []
        claims: set[str] = set()
        # Whether a merge left something out or joined a deletion is known only from all before it.
        far = any(len(commit.parents) > 1 and self._inside(commit.id) for commit in self.commits)
        for commit in self.commits:
            names = [name_of(path) for path, _ in commit.claims if self._holds(path)]
            plain = names and len(commit.parents) < 2 and commit.id not in self.cut
            if plain and claims.isdisjoint(names):
                claiming.append(commit.id)
            elif far or self._inside(commit.id):
                others.append(commit.id)
            claims.update(names)
        return [commit for commit in claiming if self._inside(commit)], others

    def _affordable(self, claiming: Sequence[str]) -> bool:
        folders = Counter(path.rpartition("/")[0] for tree in self.trees for path in tree)
        biggest = max(folders.values(), default=0)
        return len(claiming) * (biggest + ENTRIES_A_COMMIT) <= self.scope.affordable

    def _compare(self, ids: Sequence[str]) -> dict[str, list[Change]]:
        """Snapshot commits are compared wholly, for they hold nothing else; others below the folder."""
        ours = {c for c in ids if any(self._holds(path) for path, _ in self.by_id[c].claims)}
        rest = [c for c in ids if c not in ours]
        # In the order of history, because git keeps the trees it has just read.
        whole = git.changes(self.repo, [c for c in ids if c in ours])
        return whole | git.changes(self.repo, rest, [self.folder.rstrip("/")])

    def _narrowed(self, claiming: Sequence[str], affected: Sequence[str]) -> dict[str, list[Change]]:
        """What believed commits did to the affected paths, and beside that what they claim."""
        wanted = set(affected)
        ours = {
            c: [claim for claim in self.by_id[c].claims if claim[0].startswith(self.folder)] for c in claiming
        }
        found = git.changes(self.repo, claiming, affected)
        return {
            commit: found[commit]
            + [Change(path, "", "", PLAIN_FILE, blob) for path, blob in ours[commit] if path not in wanted]
            for commit in claiming
            if found[commit] or any(path in wanted for path, _ in ours[commit])
        }

    def _judged(self, steps: Mapping[str, list[Change]]) -> Ledger:
        ledger = Ledger(self.folder, self.cut, self._lookup)
        ledger.take_all(self.commits, steps)
        return ledger

    def _lookup(self, path: str, commit: str) -> Recorded | None:
        return first_recorded(self.repo, path, commit, self.cut)

    def _unexplained(self, ledger: Ledger) -> list[str]:
        """Paths whose state in the newest tree follows from nothing that was read."""
        (tree,) = self.trees
        told = {name_of(offence.path) for offence in ledger.offences}
        names = {name_of(path): file for path, file in tree.items() if ledger.holds(path)}
        odd = [
            path
            for path, file in tree.items()
            if ledger.holds(path) and name_of(path) not in told and not _explained(ledger, path, file)
        ]
        gone = [known.path for name, known in ledger.first.items() if name not in names and name not in told]
        return [*odd, *gone, *(ledger.first[name_of(p)].path for p in odd if name_of(p) in ledger.first)]

    def _unexplained_offences(self, affected: Sequence[str]) -> list[Offence]:
        why = "what the newest tree has here follows from no commit that is here"
        return [Offence(Kind.TRAILERS, path, None, why) for path in dict.fromkeys(affected)]

    def _odd_in_trees(self, ledger: Ledger) -> list[Offence]:
        """What a believed commit smuggled in as something else than a file."""
        told = {offence.path for offence in ledger.offences if offence.kind is Kind.TYPE}
        return [
            Offence(Kind.TYPE, path, None, f"a commit {odd_type(file.mode)}", blob=file.blob)
            for tree in self.trees
            for path, file in tree.items()
            if self.inside is None and ledger.holds(path) and file.mode != PLAIN_FILE and path not in told
        ]

    def _seen_now(self, offences: Sequence[Offence]) -> list[Offence]:
        """With `mended` set where every tip has again what was recorded."""
        here = [{(name_of(path), file.blob) for path, file in tree.items()} for tree in self.trees]
        return [
            o._replace(mended=all((name_of(o.first.path), o.first.blob) in tree for tree in here))
            if o.first is not None and o.kind is not Kind.RENAMED
            else o
            for o in offences
        ]

    def _touching(self, steps: Mapping[str, list[Change]], ledger: Ledger) -> list[str]:
        """Commits of the scope that did something to the record by themselves."""
        found = []
        for commit in self.commits:
            if not self._inside(commit.id):
                continue
            counts = Counter(step.path for step in steps.get(commit.id, ()) if ledger.holds(step.path))
            made = any(count >= len(commit.parents) for count in counts.values())
            claims = commit.id not in steps and any(ledger.holds(path) for path, _ in commit.claims)
            if made or claims:
                found.append(commit.id)
        return found

    def _unsigned(self, touching: Sequence[str]) -> list[Offence]:
        if not self.scope.signed:
            return []
        reasons = git.unsigned(self.repo, touching)
        path = self.folder.rstrip("/")
        return [
            Offence(Kind.UNSIGNED, path, commit, reasons[commit]) for commit in touching if commit in reasons
        ]


def _explained(ledger: Ledger, path: str, file: TreeFile) -> bool:
    known = ledger.first.get(name_of(path))
    if known is None or known.blob != file.blob:
        return False
    return known.path == path or path in ledger.places(path, file.blob)
