"""The snapshots that matter, oldest first → every account with its trips. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from git_qoc.errors import SnapshotError
from git_qoc.retrospective.point import decoded
from git_qoc.retrospective.trades import seen, trace
from git_qoc.retrospective.trades.account import Account
from git_qoc.retrospective.trades.seen import Seen
from git_qoc.retrospective.trades.sights import Marked, wanted


def followed(marked: Sequence[Marked], zone: ZoneInfo) -> list[Account]:
    """Every account that was seen in the record; days in reasons are those of the zone."""
    accounts: dict[str, Account] = {}
    here: dict[str, Seen] = {}
    lost = False
    for i, must in enumerate(wanted(marked)):
        if not must and not lost:
            continue
        mark = marked[i].mark
        before = marked[i - 1].mark if i else None
        found = _read(marked[i])
        # The trades of one that cannot be read are missing, and only its own.
        before = None if lost else before
        follows = before is not None and mark.since == before.stamp
        lost = found is None
        if found is None:
            continue
        former, here = here, found
        for name, account in here.items():
            last = before.time if before and name in former else None
            of_name = accounts.setdefault(name, Account(name, zone))
            of_name.see(account, mark.time, before=last, follows=follows and last is not None)
    return list(accounts.values())


def _read(one: Marked) -> dict[str, Seen] | None:
    kept = trace.sketch(one.mark.trace)
    if kept:
        try:
            return seen.of_sketch(kept)
        except (ValueError, ArithmeticError):
            return None
    from git_qoc.snapshots.parse import loads  # costs 8 ms, which a record of sketches need not spend

    try:
        return seen.of_snapshot(loads(decoded(one.record.text)))
    except SnapshotError:
        return None
