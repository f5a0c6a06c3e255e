"""What a merged desk.toml must mean, worked out from values alone: a witness to merges of text."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from typing import Any, TypeVar

from git_qoc.desk.pieces import Document, Flat, Key
from git_qoc.desk.positions import scan

NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")

T = TypeVar("T", str, Flat)
Tables = dict[Key, Flat]


def of(document: Document) -> Tables:
    """Every value by block and path; an empty table says nothing."""
    return {
        block: {path: value for path, value in leaves.items() if value != "{}"}
        for block, leaves in document.tables.items()
    }


def common(base: Document, ours: Document, theirs: Document) -> Tables | None:
    """What the merge of the three must mean; None when both sides changed one value in two ways."""
    sides = of(base), of(ours), of(theirs)
    try:
        return {
            block: leaves
            for block in {**sides[1], **sides[2]}
            if (leaves := _block(*(side.get(block) for side in sides))) is not None
        }
    except _Clash:
        return None


def doubts(base: str, ours: str, theirs: str, merged: str) -> tuple[str, ...]:
    """Why a merge of lines must be looked at that found no conflict; `base` may be anything.

    Nothing is said where one of the two sides could not be read before.
    """
    sides = _types(ours), _types(theirs)
    result, before = _types(merged), dict(_types(base) or ())
    if sides[0] is None or sides[1] is None:
        return ()
    if result is None:
        return ("the merged text is not TOML. Mend it by hand",)
    our, their = dict(sides[0]), dict(sides[1])
    taken = Counter(name.casefold() for name, _ in result)
    twice = [f'connector "{shown(name)}": there are two. Keep one' for name in taken if taken[name] > 1]
    moved = [
        f'connector "{shown(name)}": its type was changed by one side, and is locked. Keep the old one'
        for name in our.keys() & their.keys() & before.keys()
        if (our[name] != before[name]) != (their[name] != before[name])
    ]
    return tuple(sorted([*twice, *moved]))


def shown(name: object) -> str:
    """A name for a message; what looks like no name of ours may be a secret in the wrong place."""
    return str(name) if NAME.fullmatch(str(name)) else "…"


def _types(text: str) -> list[tuple[str, str]] | None:
    """Name and type of each connector; None when the text is not TOML."""
    if not scan(text).complete:
        return None
    try:
        tables: dict[str, Any] = tomllib.loads(text)
    except (ValueError, RecursionError):
        return None
    rows = tables.get("connector", [])
    rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [(str(row.get("name")), repr(row.get("type"))) for row in rows]


class _Clash(Exception):
    pass


def _block(base: Flat | None, ours: Flat | None, theirs: Flat | None) -> Flat | None:
    if base is None or ours is None or theirs is None:
        return _changed(base, ours, theirs)
    return {
        path: value
        for path in {**ours, **theirs}
        if (value := _changed(base.get(path), ours.get(path), theirs.get(path))) is not None
    }


def _changed(base: T | None, ours: T | None, theirs: T | None) -> T | None:
    if theirs in (ours, base):
        return ours
    if ours == base:
        return theirs
    raise _Clash
