"""What commits, or what is staged, do to snapshots/ against an append-only record, and what to do about it.

No edit, no deletion, no rename. What is staged is judged as `git qoc verify` judges a commit,
before it is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from shlex import quote

from git_qoc.checks.fault import Fault
from git_qoc.history.audits.changes import Commit, cut_commits
from git_qoc.history.audits.differing import described
from git_qoc.history.audits.ledger import Kind, Ledger, Offence, Recorded
from git_qoc.history.audits.recorded import all_first_recorded, first_recorded
from git_qoc.history.repository import Repository
from git_qoc.history.scan import Change

RULE = "snapshots"
FEW = 3
"""More paths than this are looked up together: one by one, 10,000 of a removed folder take hours."""
_STAGED = Commit("", ("HEAD",), None, None, ())
_REMEDIES: Mapping[Kind, str] = {
    Kind.EDITED: "{back}; take a new snapshot for new figures",
    Kind.DELETED: "{back}",
    Kind.RENAMED: "Rename it back; a file is named by the time it was taken",
    Kind.MERGE: "Next time rebase: snapshots are one file each and never conflict",
    Kind.TYPE: "{back}",
    Kind.TRAILERS: "Look at what it did, and ask who made it: git show --stat",
    Kind.UNSIGNED: "Ask who made it",
}


def check(repo: Repository, root: str, changes: Sequence[Change]) -> list[Fault]:
    """What staged changes do to the record of the desk in the folder `root` and must not.

    Raises:
        HistoryError: a content that is compared is missing.
    """
    cut = cut_commits(repo)

    many = len(changes) > FEW and repo.resolve("HEAD") is not None
    known = all_first_recorded(repo, f"{root}snapshots", cut) if many else {}

    def lookup(path: str, _: str) -> Recorded | None:
        return known.get(path) if many else first_recorded(repo, path, "HEAD", cut)

    ledger = Ledger(f"{root}snapshots/", cut, lookup)
    ledger.take(_STAGED, list(changes))
    return sorted(_faults(repo, ledger.offences))


def _faults(repo: Repository, offences: Sequence[Offence]) -> Iterator[Fault]:
    for offence, line, what in described(repo, offences):
        yield Fault(offence.path, line or 1, 1, RULE, f"{what}. {remedy(offence)}.")


def remedy(offence: Offence) -> str:
    """What to do about an offence: a sentence without its full stop."""
    if offence.mended:
        return "It is as it was recorded again; what was in between stays in history"
    first = offence.first.commit if offence.first else None
    back = f"git checkout {first[:10]} -- {quote(offence.first.path)}" if first and offence.first else ""
    return _REMEDIES[offence.kind].format(
        back=f"Put it back: {back}" if back else "Put back what was recorded"
    )
