"""What a check found, as a value."""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """One fault; sorts by path, then line, then column (both 1-based).

    `message` says what was found and what to do, and never holds a secret or a part of one.
    """

    path: str
    line: int
    column: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}"
