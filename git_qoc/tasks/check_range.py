"""All the checks over the commits of a range: for CI, pushes and servers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from git_qoc.checks.fault import Fault
from git_qoc.checks.files import SNAPSHOTS
from git_qoc.history.audits.changes import left_out
from git_qoc.history.repository import Repository
from git_qoc.tasks.brought import Found, Ranged, Reading
from git_qoc.tasks.numbers import Finding
from git_qoc.tasks.place import Place
from git_qoc.tasks.removed_desks import removed_desks
from git_qoc.tasks.verify import Options, verify_place

REFUSED = frozenset(
    ("edited", "deleted", "renamed", "type", "trailers", "unsigned", "unreadable", "name", "footing")
)
"""Of what `git qoc verify` finds. The rest (merges, times, jumps of NAV) is for a person to judge."""


def check_range(repo: Repository, names: Collection[str], revisions: Sequence[str]) -> Ranged:
    """All the named checks over the commits that `git rev-list` lists for `revisions`.

    desk.toml is held to its schema as the range leaves it, and to everything else in each version.

    Raises:
        HistoryError: git does not know the revisions, or an object is missing.
    """
    reading = Reading(repo, revisions)
    done = reading.checked(names)
    if SNAPSHOTS not in names:
        return done
    records = [record(Place(repo, root), revisions) for root in reading.roots_at_tips]
    found = [*done.found, *(one for recorded, _ in records for one in recorded)]
    bases = left_out(repo, revisions)
    found += (one for tip in reading.trees for one in removed_desks(reading, tip, bases))
    warnings = dict.fromkeys(sentence for _, not_verified in records for sentence in not_verified)
    return done._replace(found=sorted(set(found)), warnings=tuple(warnings))


def record(place: Place, revisions: Sequence[str]) -> tuple[list[Found], tuple[str, ...]]:
    """What the range did to one desk's record and must not have, and what was not verified."""
    # All of HEAD's history is verified the quick way, where a range compares every commit.
    wanted = "" if tuple(revisions) == ("HEAD",) else " ".join(revisions)
    done = verify_place(place, Options(wanted))
    refused = [finding for finding in done.findings if finding.kind in REFUSED]
    return [_found(finding) for finding in refused], done.not_verified


def _found(finding: Finding) -> Found:
    fault = Fault(finding.path, finding.line or 1, 1, finding.kind, f"{finding.message}.")
    return Found(fault, (finding.commit,) if finding.commit else ())
