"""Records of desks that HEAD no longer has: where a desk moved to, what it brought along is held to them.

A desk that moves to another folder takes its record along, and there git sees new files. What
the snapshots were before the move is known by the trailers of the commits that recorded them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from git_qoc.history.audits.changes import Commit
from git_qoc.history.audits.ledger import Kind, Ledger, Offence, Recorded, name_of
from git_qoc.history.objects import Objects
from git_qoc.history.repository import Repository
from git_qoc.history.scan import AS_STORED
from git_qoc.history.walk import FOLDER

DESK_FILE = "desk.toml"
SNAPSHOT = re.compile(r"(.*/)?snapshots/.+\.toml")
"""On one line: a trailer that goes on over several names no path of ours."""


@dataclass(frozen=True, slots=True)
class Gone:
    """`first` is by the snapshot's name: what the first commits say that recorded it in gone desks."""

    first: dict[str, list[Recorded]]

    def offences(self, ledger: Ledger, commits: Sequence[Commit]) -> Iterator[Offence]:
        """Snapshots that came to this desk by hand, with another content than a gone desk recorded."""
        claims = {commit.id: commit.claims for commit in commits if commit.claims}
        for name, known in ledger.first.items():
            if known.commit and (known.path, known.blob) not in claims.get(known.commit, ()):
                # Any that differs, because a forged claim could agree.
                other = next((one for one in self.first.get(name, ()) if one.blob != known.blob), None)
                if other is not None:
                    yield Offence(Kind.EDITED, known.path, known.commit, "", other, known.blob)

    def left(self, ledger: Ledger) -> dict[str, int]:
        """By folder of a gone desk, how many of its snapshots are not in this desk's record."""
        here = {(name, known.blob) for name, known in ledger.first.items()}
        left = [one for name, all_ in self.first.items() for one in all_ if (name, one.blob) not in here]
        return dict(Counter(_root(one.path) for one in left))


def gone(repo: Repository, folder: str, commits: Sequence[Commit], tips: Sequence[str]) -> Gone:
    """What commits say they recorded outside of `folder`, for desks whose desk.toml no tip has."""
    claims: dict[str, Recorded] = {}
    for commit in commits:
        for path, blob in commit.claims:
            if SNAPSHOT.fullmatch(path) and not path.startswith(folder):
                claims.setdefault(path, Recorded(path, blob, commit.id))
    roots = list(dict.fromkeys(_root(path) for path in claims))
    if not roots:
        return Gone({})
    with Objects(repo.run_dir, repo.environ(AS_STORED), contents=False) as objects:
        kept = {root for root in roots for tip in tips if objects.get(f"{tip}:{root}{DESK_FILE}") is not None}
    first: dict[str, list[Recorded]] = {}
    for claim in claims.values():
        if _root(claim.path) not in kept:
            first.setdefault(name_of(claim.path), []).append(claim)
    return Gone(first)


def _root(path: str) -> str:
    return path.partition(FOLDER)[0]
