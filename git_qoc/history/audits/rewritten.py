"""A range `A..B` whose A is not in B's history: what B would do to the record if it took A's place.

Two clones that both recorded something look so, and that is no offence. A snapshot of A that B
records once more with another content is one: its commit was made again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from git_qoc.history.audits import changes as git
from git_qoc.history.audits.changes import TreeFile
from git_qoc.history.audits.ledger import Kind, Ledger, Offence, Recorded, name_of
from git_qoc.history.repository import Repository
from git_qoc.history.scan import AS_STORED


class Rewritten(NamedTuple):
    """`missing`: snapshots of the commits that a range leaves out, which its tips do not have."""

    offences: tuple[Offence, ...]
    missing: int


def rewritten(
    repo: Repository,
    bases: Sequence[str],
    trees: Sequence[Mapping[str, TreeFile]],
    ledger: Ledger,
    inside: Callable[[str], bool],
) -> Rewritten:
    """`bases` are in nobody's history; `trees` are those of the tips, `inside` tells the range's commits."""
    here = {
        name_of(path): (path, file) for tree in trees for path, file in tree.items() if ledger.holds(path)
    }
    told = {name_of(offence.path) for offence in ledger.offences if offence.kind is Kind.EDITED}
    offences, missing = {}, set()
    for base in bases:
        for path, file in git.tree_files(repo, base, ledger.folder.rstrip("/")).items():
            name = name_of(path)
            known = ledger.first.get(name)
            if not ledger.holds(path) or name in told:
                continue
            if name not in here:
                missing.add(name)
            elif here[name][1].blob != file.blob and known and known.commit and inside(known.commit):
                first = Recorded(path, file.blob, base)
                offences[name] = Offence(
                    Kind.EDITED, here[name][0], known.commit, "", first, here[name][1].blob
                )
    return Rewritten(tuple(offences.values()), len(missing))


def apart(repo: Repository, bases: Sequence[str], tips: Sequence[str]) -> tuple[str, ...]:
    """Those of the bases that are in no tip's history."""
    out = [f"^{tip}" for tip in tips]
    return tuple(
        base for base in bases if repo.git("rev-list", "--max-count=1", base, *out, "--", env=AS_STORED)
    )
