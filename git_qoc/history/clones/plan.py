"""What has to happen so that a branch and the remote's hold the same: nothing is changed here yet.

Equal, behind, ahead or both. Only when both sides have news are commits made again, and then
each of ours must be a snapshot that was never pushed.
"""

from __future__ import annotations

from dataclasses import dataclass

from git_qoc.errors import HistoryError, Refused
from git_qoc.history.clones.own import owned, subjects
from git_qoc.history.clones.remote import HEADS, Shared, tips_known
from git_qoc.history.clones.replay import Replayed, replay
from git_qoc.history.repository import Repository

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """From the branch's tip `head` and the remote's `tip` (None: no such branch) to the tip `new`."""

    head: str
    tip: str | None
    new: str
    fetched: int
    replayed: tuple[Replayed, ...]
    waiting: tuple[str, ...]
    others: tuple[str, ...] | None


def plan_for(repo: Repository, branch: str, shared: Shared, tip: str | None) -> Plan:
    head = repo.resolve(f"refs/heads/{branch}")
    if head is None:
        raise HistoryError(f"{branch} is gone. Try again on another branch")
    if tip is None:
        _require_never_pushed(repo, shared)
        return Plan(head, None, head, 0, (), _listed(repo, head), None)
    ahead = _listed(repo, head, f"^{tip}")
    _require_unpublished(repo, shared, tip, ahead)
    behind = len(_listed(repo, tip, f"^{head}"))
    found = owned(repo, ahead)
    others = [commit for commit, own in found.items() if own is None]
    if not ahead or not behind:
        return Plan(
            head,
            tip,
            head if ahead else tip,
            behind,
            (),
            ahead,
            tuple(subjects(repo, others)) if others else (),
        )
    if others:
        raise Refused(_unrelated(shared, branch, subjects(repo, others)))
    new, replayed = replay(repo, [own for own in found.values() if own], tip)
    waiting = tuple(one.new for one in replayed if one.new)
    return Plan(head, tip, new, behind, tuple(replayed), waiting, ())


def rewritten(repo: Repository, shared: Shared, before: str | None, tip: str | None) -> list[str]:
    if before is None or tip is None or before == tip:
        return []
    if repo.attempt("merge-base", "--is-ancestor", before, tip).code == 0:
        return []
    told = f"the record at {shared.name} was rewritten since it was last seen, at {before[:10]}"
    return [f"{told}; git log {tip[:10]}..{before[:10]} shows what is gone"]


def _require_never_pushed(repo: Repository, shared: Shared) -> None:
    known = repo.resolve(shared.tracking)
    if known is not None:
        raise Refused(
            f"{shared.name} is gone from the remote; it was at {known[:10]} when last seen. Nothing was"
            f" pushed. If that was meant, forget it with git branch -dr {shared.name} and sync again"
        )


def _require_unpublished(repo: Repository, shared: Shared, tip: str, ahead: tuple[str, ...]) -> None:
    """Refuse when commits here were at the remote once and are there no more."""
    if not ahead:
        return
    never = set(_listed(repo, *ahead, f"^{tip}", *(f"^{seen}" for seen in tips_known(repo, shared))))
    gone = [commit for commit in ahead if commit not in never]
    if gone:
        raise Refused(
            f"the record at {shared.name} was rewritten: {len(gone)} commits here were pushed and are no"
            f" longer there ({', '.join(_short(subjects(repo, gone)))}). Nothing was changed or pushed."
            f" Find out who did it. Then put them back (git merge {shared.name}, git push), or take the"
            f" remote's record (git rebase --onto {shared.name} {gone[-1][:10]})"
        )


def _unrelated(shared: Shared, branch: str, named: list[str]) -> str:
    return (
        f"{branch} and {shared.name} both have new commits, and {len(named)} of those here are no"
        f" snapshots, which sync never rewrites: {', '.join(_short(named))}. Nothing was changed."
        f" Bring them together (git pull --rebase {shared.remote} {shared.ref.removeprefix(HEADS)},"
        " or a merge), then sync again"
    )


def _short(named: list[str]) -> list[str]:
    return named[:SHOWN] + ([f"and {len(named) - SHOWN} more"] if len(named) > SHOWN else [])


def _listed(repo: Repository, *revisions: str) -> tuple[str, ...]:
    """Commits, parents before children. What is no longer here is no commit."""
    text = "".join(f"{revision}\n" for revision in revisions).encode()
    args = ("rev-list", "--stdin", "--ignore-missing", "--topo-order", "--reverse")
    return tuple(repo.git(*args, stdin=text).decode().split())
