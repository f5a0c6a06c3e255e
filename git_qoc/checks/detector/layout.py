"""Where things are in one text: lines, statements of TOML, and the words around a place."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise

from git_qoc.checks.detector.names import Surroundings
from git_qoc.checks.detector.structure import is_under_auth
from git_qoc.checks.detector.tokens import line_around
from git_qoc.desk.positions import Lines, Path, Scan, scan


def may_read_otherwise(text: str) -> bool:
    """Whether `views` could find anything in a text; most have nothing, and are spared the import."""
    if not text.isascii() or any(
        sign in text for sign in ("\\", "%", "&", '",', "',", '" "', "' '", '" +', "' +")
    ):
        return True
    lines = text.split("\n")
    return any(
        one and two and " " not in one.strip(" #\t") and " " not in two.strip(" #\t")
        for one, two in pairwise(lines)
    )


class Layout:
    """Of `text`; without statements when it is not TOML."""

    def __init__(self, text: str, is_toml: bool) -> None:
        self.text = text
        self.lines = Lines(text)
        self.scan: Scan = scan(text) if is_toml else Scan({}, [], 0, complete=False)
        self._starts = [statement.start for statement in self.scan.statements]

    def offset(self, path: Path) -> int:
        """Where the value at a path stands, or the nearest table above it."""
        while path and path not in self.scan.offsets:
            path = path[:-1]
        return self.scan.offsets.get(path, 0)

    def statement(self, offset: int) -> int:
        """The index of the statement an offset is in, -1 between statements (comments)."""
        index = bisect_right(self._starts, offset) - 1
        return index if index >= 0 and offset < self.scan.statements[index].end else -1

    def is_under_auth(self, statement: int) -> bool:
        """Whether a statement is one of a connector's auth."""
        return statement >= 0 and is_under_auth(self.scan.statements[statement].path)

    def line(self, offset: int) -> int:
        """The line of an offset, from 1."""
        return self.lines.position(offset).line

    def line_start(self, line: int) -> int:
        """The offset at which a line begins."""
        return self.lines.start(line)

    def around(self, start: int, end: int) -> Surroundings:
        """The words around a place, with the keys and tables that lead to it."""
        before, after = line_around(self.text, start, end)
        statement = self.statement(start)
        if statement < 0:  # in a comment, whose line may have a statement with words of its own
            index = bisect_right(self._starts, start) - 1
            ended = self.scan.statements[index].end if index >= 0 else 0
            return before[-max(0, start - ended) :] if start > ended else before, after
        path = self.scan.statements[statement].path
        token = self.text[start:end]
        names = " ".join(key for key in path if isinstance(key, str) and token not in key)
        return f"{names} {before}", after
