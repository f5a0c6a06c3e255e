"""Bring this clone's branch and the branch its clones share to one and the same tip.

Fetch; make our own unpushed snapshot commits again on top of what came, when both sides have
news; move the branch, index and work tree there; push, with a lease on the tip that was
fetched. When somebody else was faster, all of it again. What was pushed once is never made
again, nor is any commit that is not a snapshot of ours, and a push only ever adds commits.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from random import SystemRandom

from git_qoc.errors import HeadMoved, HistoryError, Refused
from git_qoc.history import journal
from git_qoc.history.clones import move
from git_qoc.history.clones.plan import Plan, plan_for, rewritten
from git_qoc.history.clones.remote import Shared, fetch, follow, push, shared_branch
from git_qoc.history.clones.replay import Replayed
from git_qoc.history.lock import alone, writing
from git_qoc.history.repository import Repository
from git_qoc.history.write import refuse_if_busy

ROUNDS = 60
"""Each round that is lost, somebody else's push has won, so 20 clones need at most 20."""
FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 2.0


@dataclass(frozen=True, slots=True)
class Options:
    """`timeout_s` holds for each step over the network. `dry_run` fetches and changes nothing else."""

    push: bool = True
    dry_run: bool = False
    timeout_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync did, or with `dry_run` would have done; commits are ids, oldest first.

    `head` is the branch's tip here. `fetched` is the number of commits that came from the
    remote into the branch. `pushed` are the commits that the remote now has from us. `others`
    are those of `pushed` (else of what waits to be pushed) that are no snapshots, as
    `1a2b3c4d5e subject`; None where that was not asked, on a branch's first push. `rounds`
    counts the fetches.
    """

    branch: str
    remote: str
    head: str
    fetched: int
    replayed: tuple[Replayed, ...]
    waiting: tuple[str, ...]
    pushed: tuple[str, ...]
    others: tuple[str, ...] | None
    follows: bool
    rounds: int
    warnings: tuple[str, ...]


def sync(
    repo: Repository,
    remote: str | None = None,
    options: Options = Options(),
    pause: Callable[[float], None] = time.sleep,
) -> Synced:
    """Sync the branch that HEAD is on; `remote` as in `remote.shared_branch`.

    Raises:
        Refused: commits that are not ours to make again are in the way, the remote's branch was
            rewritten or is gone, edited files are in the way, or a push was refused. The
            branch, the index and the work tree are as they were or as an earlier, whole
            round left them.
        HistoryError: this repository cannot be synced, or the remote cannot be reached.
    """
    if repo.top is None:
        raise HistoryError(f"{repo.git_dir} has no work tree. Run this in a clone of it")
    refuse_if_busy(repo)
    with alone(repo, "sync-lock"):
        return _sync(repo, remote, options, pause)


def _sync(repo: Repository, remote: str | None, options: Options, pause: Callable[[float], None]) -> Synced:
    branch = _branch(repo)
    shared = shared_branch(repo, branch, remote)
    warnings: list[str] = []
    fetched, replayed = 0, dict[str, Replayed]()
    limit_s = FIRST_PAUSE_S
    for number in range(1, ROUNDS + 1):
        before = repo.resolve(shared.tracking)
        tip = fetch(repo, shared, options.timeout_s)
        warnings += rewritten(repo, shared, before, tip)
        try:
            plan = (
                plan_for(repo, branch, shared, tip)
                if options.dry_run
                else _advance(repo, branch, shared, tip)
            )
        except HeadMoved:
            continue
        fetched += plan.fetched
        replayed = _chained(replayed, plan.replayed)
        wanted = options.push and bool(plan.waiting)
        if options.dry_run or not wanted or _pushed(repo, shared, plan, options.timeout_s):
            sent = plan.waiting if wanted else ()
            follows = shared.follow and options.push
            if not options.dry_run:
                _finish(repo, shared, branch if follows else None)
            return Synced(
                branch, shared.name, plan.new, fetched, tuple(replayed.values()), plan.waiting, sent,
                plan.others, follows, number, tuple(warnings),
            )  # fmt: skip
        pause(SystemRandom().uniform(0, limit_s))
        limit_s = min(limit_s * 1.5, LONGEST_PAUSE_S)
    raise Refused(
        f"{shared.name} moved {ROUNDS} times while this was pushed. Nothing is lost; sync again when"
        " fewer clones push"
    )


def _branch(repo: Repository) -> str:
    done = repo.attempt("symbolic-ref", "-q", "HEAD")
    if done.code:
        raise HistoryError("HEAD is detached, so there is no branch to sync. Go to one: git switch BRANCH")
    branch = done.out.decode("utf-8", "surrogateescape").rstrip("\n").removeprefix("refs/heads/")
    if repo.resolve("HEAD") is None:
        raise HistoryError(
            f"{branch} has no commit yet, so there is nothing to sync. Bring what the remote has with"
            " git pull, or take a first snapshot"
        )
    return branch


def _advance(repo: Repository, branch: str, shared: Shared, tip: str | None) -> Plan:
    """Plan and move there, with no other writer of ours in between."""
    # A snapshot that is being taken has chosen its name: let it be recorded before others' arrive.
    with alone(repo, "snapshot-lock"), writing(repo) as lock:
        journal.heal(repo)
        move.heal(repo)
        refuse_if_busy(repo)
        plan = plan_for(repo, branch, shared, tip)
        if plan.new != plan.head:
            move.move(repo, branch, plan.head, plan.new, lock)
        return plan


def _finish(repo: Repository, shared: Shared, follower: str | None) -> None:
    if follower is not None:
        follow(repo, shared, follower)
    repo.attempt("maintenance", "run", "--auto", "--quiet")


def _pushed(repo: Repository, shared: Shared, plan: Plan, timeout_s: float) -> bool:
    """Whether the remote took it; False when it has moved since it was fetched."""
    # The lease guards against others; this guards against ourselves.
    if plan.tip and repo.attempt("merge-base", "--is-ancestor", plan.tip, plan.new).code:
        raise HistoryError(f"{plan.new[:10]} does not descend from {shared.name}. Nothing was pushed")
    return push(repo, shared, plan.tip, plan.new, timeout_s)


def _chained(earlier: dict[str, Replayed], now: tuple[Replayed, ...]) -> dict[str, Replayed]:
    """By the commit's id as it now is; `old` is what it was before the first round."""
    kept = dict(earlier)
    for one in now:
        first = kept.pop(one.old, None)
        old, was = (first.old, first.was or one.was) if first else (one.old, one.was)
        kept[one.new or one.old] = Replayed(old, one.new, one.path, was if was != one.path else None)
    return kept
