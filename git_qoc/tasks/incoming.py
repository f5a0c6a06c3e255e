"""What a push would bring to other clones: before it leaves (pre-push), before it is taken (pre-receive).

All refs are looked at, and every commit that is new to the other side. A record that was
rewritten, and a push that would drop snapshots, are refused too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from git_qoc.checks import rooms
from git_qoc.checks.fault import Fault
from git_qoc.checks.files import CREDENTIALS, DESK, ORDERS, SNAPSHOTS, File, judge
from git_qoc.history.audits.changes import commits_of, listed, tree_files
from git_qoc.history.audits.ledger import name_of
from git_qoc.history.repository import Repository
from git_qoc.history.scan import AS_STORED, Change
from git_qoc.history.staged import contents
from git_qoc.tasks.brought import Found, Ranged, Reading
from git_qoc.tasks.check_range import record
from git_qoc.tasks.place import Place
from git_qoc.tasks.removed_desks import removed_desks

BRANCH = "refs/heads/"


class Update(NamedTuple):
    """A ref of the receiving side that moves from `old` to `new`, ids of objects; "" is none."""

    ref: str
    old: str
    new: str


def received_updates(lines: Sequence[str]) -> list[Update]:
    """From what git tells pre-receive and post-receive on stdin."""
    fields = [line.split(" ", 2) for line in lines]
    return [Update(ref, id_(old), id_(new)) for old, new, ref in fields]


def id_(text: str) -> str:
    """ "" for git's zeros, which mean that there is none."""
    return text if text.strip("0") else ""


class Move(NamedTuple):
    """As `Update`, in commits, None where it is none; `unknown`: the old one is not here."""

    ref: str
    old: str | None
    new: str | None
    unknown: bool

    @property
    def branch(self) -> str:
        return self.ref.removeprefix(BRANCH)


class Others(NamedTuple):
    """What the other side has besides: `known` as arguments of `git rev-list`, `kept` refs that stay."""

    known: tuple[str, ...]
    kept: tuple[str, ...]


def pushed(repo: Repository, remote: str, updates: Sequence[Update]) -> Ranged:
    """Before a push to `remote` (its name, or a URL of which nothing is known).

    Raises:
        HistoryError: an object is missing.
    """
    tracking = f"refs/remotes/{remote}/"
    moved = {tracking + update.ref.removeprefix(BRANCH) for update in updates}
    olds = commits_of(repo, [update.old for update in updates if update.old]).values()
    refs = _refs(repo, tracking)
    kept = dict.fromkeys(id_ for ref, id_ in refs if ref not in moved)
    known = dict.fromkeys(f"^{id_}" for id_ in (*(id_ for _, id_ in refs), *filter(None, olds)))
    return _checked(repo, updates, Others(tuple(known), tuple(kept)))


def received(repo: Repository, updates: Sequence[Update]) -> Ranged:
    """Before a server takes what was pushed, whose objects are still in quarantine. Raises as `pushed`."""
    moved = {update.ref for update in updates}
    kept = dict.fromkeys(id_ for ref, id_ in _refs(repo, "refs/") if ref not in moved)
    return _checked(repo, updates, Others(("--not", "--all"), tuple(kept)))


def _refs(repo: Repository, under: str) -> list[tuple[str, str]]:
    """(ref, object) of every ref below `under` that leads to a commit."""
    form = "--format=%(objecttype) %(*objecttype) %(objectname) %(refname)"
    lines = repo.git("for-each-ref", form, under).decode("utf-8", "surrogateescape").split("\n")[:-1]
    parts = [line.split(" ", 3) for line in lines]
    return [(ref, id_) for kind, target, id_, ref in parts if "commit" in (kind, target)]


def _checked(repo: Repository, updates: Sequence[Update], others: Others) -> Ranged:
    found = list[Found]()
    moves = []
    commits = commits_of(repo, [id_ for update in updates for id_ in (update.old, update.new) if id_])
    for update in updates:
        old, new = commits.get(update.old), commits.get(update.new)
        moves.append(Move(update.ref, old, new, bool(update.old) and old is None))
        if update.new and new is None:
            found += _no_commit(repo, update)
    done = _brought(repo, moves, others)
    return done._replace(found=sorted({*done.found, *found, *_dropped(repo, moves, others)}))


def _brought(repo: Repository, moves: Sequence[Move], others: Others) -> Ranged:
    """What is wrong with commits that are new to the other side.

    A ref to what is known there brings nothing, whatever its old history is like.
    """
    tips = dict.fromkeys(move.new for move in moves if move.new)
    news = listed(repo, (*tips, *others.known)) if tips else frozenset()
    bringing = [move for move in moves if move.new in news]
    if not bringing:
        return Ranged([], [], 0, 0, ())
    reading = Reading(repo, (*(tip for tip in tips if tip in news), *others.known))
    done = reading.checked((CREDENTIALS, DESK, ORDERS))
    found = list[Found]()
    for old, new in dict.fromkeys((move.old, move.new) for move in bringing if move.new):
        bases = [old] if old else _boundary(repo, new, others)
        found += removed_desks(reading, new, bases)
        if reading.is_record_touched:
            found += _recorded(repo, new, bases)
    return done._replace(found=[*done.found, *found])


def _no_commit(repo: Repository, update: Update) -> Iterator[Found]:
    """A tag may name a tree or a blob, which has no history and can hold a key all the same."""
    kind = repo.git("cat-file", "-t", f"{update.new}^{{}}", env=AS_STORED).decode().strip()
    changes = [Change(update.ref, "", "", "100644", f"{update.new}^{{}}")]
    if kind == "tree":
        files = tree_files(repo, update.new, ".")
        changes = [Change(path, "", "", file.mode, file.blob) for path, file in files.items()]
    roots = {rooms.folder_of(change.path) for change in changes if rooms.is_desk(change.path)}
    for change, data in contents(repo, changes):
        at = rooms.room(change.path, roots)
        name = at[0] if at else rooms.RESEARCH
        if at or kind != "tree":
            judged = judge((CREDENTIALS,), [File(change.path, name, change.mode, data)])
            yield from (Found(fault) for fault in judged.faults)


def _recorded(repo: Repository, commit: str, bases: Sequence[str]) -> Iterator[Found]:
    """What the commits since `bases` do to the record of each desk that the last one has."""
    desks = {rooms.folder_of(path) for path in tree_files(repo, commit, ".") if rooms.is_desk(path)}
    for root in sorted(desks):
        yield from record(Place(repo, root), (commit, *(f"^{base}" for base in bases)))[0]


def _boundary(repo: Repository, commit: str, others: Others) -> list[str]:
    """The commits, known to the other side, on which the new ones are built."""
    lines = repo.git("rev-list", "--boundary", commit, *others.known, "--", env=AS_STORED).decode().split()
    return [line[1:] for line in lines if line.startswith("-")]


def _dropped(repo: Repository, moves: Sequence[Move], others: Others) -> Iterator[Found]:
    """Snapshots that a branch or tag has, and nothing would have any more."""
    # Tags too: a branch may be gone because a tag kept what it had.
    leaders = [move for move in moves if move.ref.startswith((BRANCH, "refs/tags/"))]
    stay = [f"^{id_}" for id_ in dict.fromkeys((*others.kept, *(move.new for move in moves if move.new)))]
    olds = dict.fromkeys(move.old for move in leaders if move.old)
    # Nearly always nothing leaves, and one question about all refs tells.
    leaving = olds and repo.git("rev-list", "--max-count=1", *olds, *stay, "--", env=AS_STORED)
    for move in leaders:
        if move.unknown and move.new and _has_desk(repo, move.new):
            yield _of_ref(
                move.ref,
                f"{move.branch} has commits over there that are not here, so whether this push would drop "
                "snapshots is not known. Run git fetch, or git qoc sync, first.",
            )
        elif leaving and move.old:
            yield from _lost(repo, move, stay)


def _lost(repo: Repository, move: Move, stay: Sequence[str]) -> Iterator[Found]:
    leaving = Reading(repo, (str(move.old), *stay))
    have = tree_files(repo, move.new, ".") if move.new else {}
    stays = {(name_of(path), file.blob) for path, file in have.items()}
    recorded = {(name_of(change.path), change.blob) for change in leaving.snapshots() if change.mode}
    lost = sorted(recorded - stays)
    if lost:
        many = "1 snapshot" if len(lost) == 1 else f"{len(lost):,} snapshots"
        what = "moving" if move.new else "deleting"
        yield _of_ref(
            move.ref,
            f"{what} {move.branch} like this would drop {many} that nothing else has as recorded (the "
            f"first is {lost[0][0]}). The record is append-only: git qoc sync brings two histories together.",
        )


def _has_desk(repo: Repository, commit: str) -> bool:
    return any(rooms.is_desk(path) for path in tree_files(repo, commit, "."))


def _of_ref(ref: str, message: str) -> Found:
    return Found(Fault(ref, 1, 1, SNAPSHOTS, message))
