"""Offences against the record in words: which commits, and the first line that is another one now."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from git_qoc.history.audits.changes import contents
from git_qoc.history.audits.ledger import Kind, Offence
from git_qoc.history.repository import Repository

FIGURE = re.compile(rb'\s*(\w{1,40})\s*=\s*(-?[0-9][0-9_.]{0,40}|"[0-9TZ:.+-]{1,40}"|true|false)\s*')
"""A line that may be shown. Any other could hold what nobody should see twice."""
ABBREVIATED = 10
STAGED, UNKNOWN = "what is staged", "a commit that is not known"


def described(repo: Repository, offences: Sequence[Offence]) -> Iterator[tuple[Offence, int | None, str]]:
    """Each offence with the line it is about (1-based, None where there is none) and one sentence.

    Raises:
        HistoryError: a content that is compared is missing.
    """
    edits = [o for o in offences if o.kind is Kind.EDITED and o.first is not None]
    texts = contents(repo, [blob for o in edits if o.first for blob in (o.first.blob, o.blob)])
    for offence in offences:
        if offence.kind is Kind.EDITED:
            line, change = _difference(offence, texts)
            yield offence, line, f"edited in {_commits(offence)}: {change}"
        elif offence.first is not None:
            yield offence, None, f"{offence.why} in {_commits(offence)}"
        elif offence.commit is not None:
            yield offence, None, f"commit {offence.commit[:ABBREVIATED]} {offence.why}"
        else:
            yield offence, None, offence.why


def first_difference(old: bytes, new: bytes) -> tuple[int, str]:
    """(line, what it was and is); figures are shown, other text is not."""
    pairs = zip_longest(old.splitlines(), new.splitlines())
    for number, (before, after) in enumerate(pairs, start=1):
        if before != after:
            return number, _shown(before, after)
    return 1, "its line ends are others"


def _difference(offence: Offence, texts: Mapping[str, bytes]) -> tuple[int, str]:
    if offence.first is None:
        return 1, "its content is another one"
    return first_difference(texts.get(offence.first.blob, b""), texts.get(offence.blob, b""))


def _shown(before: bytes | None, after: bytes | None) -> str:
    was = FIGURE.fullmatch(before) if before is not None else None
    now = FIGURE.fullmatch(after) if after is not None else None
    if was and now and was[1] == now[1]:
        return f"{was[1].decode()} was {was[2].decode()}, is {now[2].decode()}"
    if before is None:
        return "this line was added"
    if after is None:
        return "the lines from here on were removed"
    return "this line is another one"


def _commits(offence: Offence) -> str:
    now = offence.commit[:ABBREVIATED] if offence.commit else UNKNOWN if offence.commit is None else STAGED
    known = offence.first.commit if offence.first else None
    first = f"recorded in {known[:ABBREVIATED]}" if known else "recorded before the history that is here"
    return f"{now}, first {first}"
