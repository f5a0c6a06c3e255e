"""The snapshots of a record in order, and which of them matter for the round trips. Pure.

Those that tell a trade, or hold something else than the one before them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from git_qoc.errors import SnapshotError
from git_qoc.retrospective import digest
from git_qoc.retrospective.choices import Choices
from git_qoc.retrospective.digest import Mark
from git_qoc.retrospective.findings import EARLIEST
from git_qoc.retrospective.point import SnapshotRecord, decoded
from git_qoc.retrospective.points import day_of
from git_qoc.retrospective.trades import trace


class Marked(NamedTuple):
    mark: Mark
    record: SnapshotRecord


def in_order(records: Iterable[SnapshotRecord], choices: Choices) -> list[Marked]:
    """The record up to the end of the window, oldest first, one per timestamp (rule 1).

    None of it where no snapshot tells its fills.
    """
    lines = [(record, _line(record)) for record in records]
    if not any(trace.tells_fills(digest.trace_of(line)) for _, line in lines):
        return []
    found: dict[datetime, Marked] = {}
    for one in (Marked(digest.marked(line), record) for record, line in lines if line):
        other = found.get(one.mark.time)
        if _counts(one.mark, choices) and (other is None or _precedence(one) > _precedence(other)):
            found[one.mark.time] = one
    return [found[time] for time in sorted(found)]


def wanted(marked: Sequence[Marked]) -> list[bool]:
    """By index, whether it must be read.

    Where one does not measure from the one before it, or is not of the same connectors, that one
    is read too: the times of its accounts say whether a time was left out.
    """
    wanted = [True] * len(marked)
    states = [trace.state(one.mark.trace) for one in marked]
    for i in range(1, len(marked)):
        before, now = marked[i - 1].mark, marked[i].mark
        apart = now.connectors != before.connectors or (now.since and now.since != before.stamp)
        wanted[i] = bool(apart) or states[i] != states[i - 1] or trace.has_traded(now.trace)
        if apart:
            wanted[i - 1] = True
    return wanted


def _line(record: SnapshotRecord) -> str:
    if record.digest is not None:
        return record.digest
    try:
        return digest.line_of(decoded(record.text))
    except (UnicodeDecodeError, SnapshotError):
        return ""


def _counts(mark: Mark, choices: Choices) -> bool:
    if choices.live_only and mark.backfill:
        return False
    try:
        return choices.holds(mark.time, day_of(mark.time, choices.zone, choices.day_cutoff))
    except OverflowError:
        return False


def _precedence(one: Marked) -> tuple[bool, datetime, str]:
    return not one.mark.backfill, one.record.committed_at or EARLIEST, one.record.path
