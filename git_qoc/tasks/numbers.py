"""The numbers of recorded snapshots: each file by itself, then from one to the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain as chained

from git_qoc.checks.chain import FILLS, Chained, Dated, Unfit, chain, duplicates, out_of_time
from git_qoc.checks.explained import unexplained
from git_qoc.checks.snapshots import examine, instant_of, line_of
from git_qoc.history.audits.audit import Audit
from git_qoc.history.audits.changes import contents
from git_qoc.history.audits.stored import Stored
from git_qoc.history.reader import TreeFile
from git_qoc.history.repository import Repository
from git_qoc.history.walk import name_order
from git_qoc.snapshots.snapshot import Snapshot

AT_A_TIME = 1_000
FEW_IN_FULL = 100
NEIGHBOURS = 3
"""How many snapshots before one that a range added are read, to find what its P&L is measured from."""
_REMEDY = {
    "unreadable": "Correct the program that wrote it",
    "name": "Look at who committed it",
    "footing": "Hold it against the venue's own statement",
    "duplicate": "Keep one: their P&L covers the same time",
    "time": "Look at that machine's clock, and at who committed it",
    "chain": "Look for interest, fees or a transfer that no venue told, or a changed figure",
    "fills": "Hold its fills against the venue's own list",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """`line` is 1-based, None where there is none; `commit` is the one to look at, None if unknown."""

    kind: str
    path: str
    line: int | None
    commit: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """P&L was followed over `links`, and not over `unknown` more for lack of a figure."""

    findings: tuple[Finding, ...]
    links: int
    unknown: int


def read_numbers(repo: Repository, found: Audit) -> Numbers:
    """Check every file of the audit, and hold it against its neighbours.

    Raises:
        HistoryError: a content is missing.
    """
    findings: list[Finding] = []
    record: list[Dated] = []
    by_path = {file.path: file for file in found.files}
    for file, data in _read(repo, found.files):
        snapshot, faults = examine(file.path, data)
        findings += [_finding(file, fault.line, fault.rule, fault.message) for fault in faults]
        if snapshot is not None:
            record.append(_dated(file, snapshot))
    for file, data in _read(repo, _near(found)):
        snapshot = examine(file.path, data).snapshot
        if snapshot is not None:
            record.append(replace(_dated(file, snapshot), context=True))
    linked = chain(record)
    unfit = [*linked.faults, *duplicates(record), *chained.from_iterable(map(out_of_time, record))]
    unfit += _unexplained(repo, {file.path: file for file in (*found.neighbours, *found.files)}, linked)
    findings += _placed(repo, [(by_path[item.path], item) for item in unfit])
    return Numbers(tuple(findings), linked.links, linked.unknown)


def _read(repo: Repository, files: Sequence[Stored]) -> Iterator[tuple[Stored, bytes]]:
    for start in range(0, len(files), AT_A_TIME):
        some = files[start : start + AT_A_TIME]
        data = contents(repo, [file.blob for file in some])
        yield from ((file, data[file.blob]) for file in some)


def _unexplained(repo: Repository, files: Mapping[str, Stored], linked: Chained) -> Iterator[Unfit]:
    for start in range(0, len(linked.traded), FEW_IN_FULL):
        some = linked.traded[start : start + FEW_IN_FULL]
        wanted = [files[path] for path in dict.fromkeys(path for pair in some for path in pair[:2])]
        full = {file.path: examine(file.path, data).snapshot for file, data in _read(repo, wanted)}
        for before, path, row in some:
            old, new = full[before], full[path]
            if old is not None and new is not None:
                yield from (Unfit(path, at, FILLS, what) for at, what in unexplained(old, new, row))


def _near(found: Audit) -> list[Stored]:
    """With a range: what the record has just before, and at the time of, each snapshot that was added."""
    if not found.neighbours:
        return []
    added = {(file.path, file.blob) for file in found.files}
    before: list[Stored] = []
    near: dict[tuple[str, str], Stored] = {}
    at = {instant_of(file.path) for file in found.files}
    for file in sorted((*found.files, *found.neighbours), key=lambda f: name_order(TreeFile(f.path, f.blob))):
        if (file.path, file.blob) in added:
            near |= {(one.path, one.blob): one for one in before[-NEIGHBOURS:]}
        else:
            before.append(file)
            if instant_of(file.path) in at:
                near[file.path, file.blob] = file
    return list(near.values())


def _dated(file: Stored, snapshot: Snapshot) -> Dated:
    # Thousands are kept at once: only what the chain looks at.
    small = replace(
        snapshot,
        positions=tuple(row for row in snapshot.positions if row.currency != "USD"),
        cash=tuple(row for row in snapshot.cash if row.currency != "USD"),
        flows=(),
        realized=(),
        fills=tuple({row.connector: row for row in snapshot.fills}.values()),
    )
    newest = instant_of(f"{file.newest_before}.toml") if file.newest_before else None
    return Dated(file.path, small, file.authored, newest, file.committed, file.known)


def _placed(repo: Repository, unfit: Sequence[tuple[Stored, Unfit]]) -> Iterator[Finding]:
    texts = contents(repo, [file.blob for file, _ in unfit])
    for file, item in unfit:
        line = line_of(texts[file.blob].decode("utf-8"), item.at)
        yield _finding(file, line, item.rule, item.message)


def _finding(file: Stored, line: int, rule: str, message: str) -> Finding:
    return Finding(rule, file.path, line, file.commit or file.edited, f"{message}. {_REMEDY[rule]}")
