"""Faults in words, for people. No click: git's hooks print with it too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from git_qoc.tasks.brought import Found

ABBREVIATED = 10
NAMED = 5
ROTATE = """\
First revoke each of these keys where it was made: who could read these commits may have it.
Only then, if you must, take it out of history: git rebase -i where nothing was pushed yet; else
git filter-repo --replace-text, a forced push, and a new clone for everybody."""


def told(found: Found) -> str:
    """`<commit>:<path>:<line>:<column>: message`, as git names the version, and in which commits it is."""
    if not found.commits:
        return str(found.fault)
    first, *others = [commit[:ABBREVIATED] for commit in found.commits]
    line = f"{first}:{found.fault}"
    if not others:
        return line
    more = f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
    return f"{line} Also in {', '.join(others[:NAMED])}{more}."


def advice(found: Sequence[Found]) -> str | None:
    """What to do first about keys that are in history; None where there is none."""
    leaked = any(one.commits and one.fault.rule == "credentials" for one in found)
    return ROTATE if leaked else None


def counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
