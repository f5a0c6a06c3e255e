"""Where things stand in a TOML text: key path → line and column.

tomllib says what a document means and forgets where it was written. This scanner says where,
presumes that tomllib accepts the text, and decodes nothing but keys. Standard library only:
the pre-commit hook pays for every import. Its time is linear in the text, and it stops at
nesting deeper than `MAX_DEPTH`, where tomllib itself is quadratic or out of stack; a caller
that must not hang looks at `Scan.complete` before it lets tomllib loose on a stranger's text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import NamedTuple

Path = tuple[str | int, ...]
"""Keys, and indexes (from 0) of arrays and arrays of tables: ("connector", 1, "auth", "api_key")."""

MAX_DEPTH = 32

_BASIC = r'"(?:[^"\\\n]++|\\.)*+"'
_LITERAL = r"'[^'\n]*+'"
_BLANK = re.compile(r"[ \t]*+")
_SKIP = re.compile(r"(?:[ \t\r\n]++|#[^\n]*+)*+")
_KEY = re.compile(rf"[A-Za-z0-9_-]++|{_BASIC}|{_LITERAL}")
_SCALAR = re.compile(
    # An atomic group, because Python 3.11.2 (Debian 12) finds nothing with "*+" over a lookahead.
    r'"""(?>(?:[^"\\]++|\\.|"(?!""))*)"{3,5}'
    r"|'''(?>(?:[^']++|'(?!''))*)'{3,5}"
    rf"|{_BASIC}|{_LITERAL}"
    r"""|(?:\d{4}-\d\d-\d\d (?=\d\d:))?[^\s"',\[\]{}=#]++""",
    re.DOTALL,
)


# Tuples here and in git_qoc/checks, not dataclasses: `import dataclasses` alone costs 10 ms.
class Position(NamedTuple):
    """1-based; the column counts characters."""

    line: int
    column: int


class Statement(NamedTuple):
    """A table header or a key with its value: text[start:end], without what follows on the line."""

    path: Path
    start: int
    end: int
    header: bool


class Scan(NamedTuple):
    """`offsets` are of values, and of the `[` of table headers; of the key for tables that are
    only implied by one. `end` is where the scanner stopped, before the end unless `complete`."""

    offsets: dict[Path, int]
    statements: list[Statement]
    end: int
    complete: bool


class _Stop(Exception):
    pass


def locate(text: str) -> dict[Path, Position]:
    """The position of every value and table; what was found so far when the text is not TOML."""
    lines = Lines(text)
    return {path: lines.position(offset) for path, offset in scan(text).offsets.items()}


class Lines:
    """The line starts of one text, to turn many offsets into positions."""

    def __init__(self, text: str) -> None:
        lengths = map((1).__add__, map(len, text.split("\n")))
        self._starts = list(accumulate(lengths, initial=0))[:-1]
        self._end = len(text)

    def start(self, line: int) -> int:
        """The offset at which a line (from 1) begins; the end of the text for one behind it."""
        return self._starts[line - 1] if line <= len(self._starts) else self._end

    def position(self, offset: int) -> Position:
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)


def scan(text: str) -> Scan:
    """Offsets and statements in the order of the text; never raises."""
    scanner = _Scanner(text)
    try:
        scanner.document()
    except _Stop:
        return Scan(scanner.offsets, scanner.statements, scanner.at, complete=False)
    return Scan(scanner.offsets, scanner.statements, scanner.at, complete=True)


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.offsets: dict[Path, int] = {}
        self.statements: list[Statement] = []
        self._table: Path = ()
        self._last: dict[Path, int] = {}  # array of tables → index of its latest table

    def document(self) -> None:
        self._skip()
        while self.at < len(self.text):
            start = self.at
            if self.text[start] == "[":
                self._table = path = self._header()
            else:
                path = self._pair(self._table)
            self.statements.append(Statement(path, start, self.at, self.text[start] == "["))
            self._blank()
            if self.text[self.at : self.at + 1] not in ("", "#", "\r", "\n"):
                raise _Stop
            self._skip()

    def _header(self) -> Path:
        start = self.at
        array = self.text.startswith("[[", start)
        self.at += 2 if array else 1
        keys = self._keys()
        self._expect("]]" if array else "]")
        path: Path = ()
        for key in keys[:-1]:
            path = self._latest((*path, key))
            self.offsets.setdefault(path, start)
        path = (*path, keys[-1])
        if not array:
            path = self._latest(path)
        else:
            self.offsets.setdefault(path, start)
            self._last[path] = self._last.get(path, -1) + 1
            path = self._latest(path)
        self.offsets[path] = start
        return path

    def _latest(self, path: Path) -> Path:
        return (*path, self._last[path]) if path in self._last else path

    def _pair(self, base: Path) -> Path:
        start = self.at
        keys = self._keys()
        if len(base) + len(keys) > MAX_DEPTH:
            raise _Stop
        for depth in range(1, len(keys)):
            self.offsets.setdefault((*base, *keys[:depth]), start)
        self._expect("=")
        self._blank()
        path = (*base, *keys)
        self._value(path)
        return path

    def _keys(self) -> list[str]:
        keys: list[str] = []
        while len(keys) < MAX_DEPTH:
            self._blank()
            match = _KEY.match(self.text, self.at)
            if match is None:
                break
            keys.append(_decoded(match[0]))
            self.at = match.end()
            self._blank()
            if not self.text.startswith(".", self.at):
                return keys
            self.at += 1
        raise _Stop

    def _value(self, path: Path) -> None:
        if len(path) > MAX_DEPTH:
            raise _Stop
        self.offsets[path] = self.at
        opening = self.text[self.at : self.at + 1]
        if opening == "[":
            self._items("]", path)
        elif opening == "{":
            self._items("}", path)
        else:
            match = _SCALAR.match(self.text, self.at)
            if match is None:
                raise _Stop
            self.at = match.end()

    def _items(self, closing: str, path: Path) -> None:
        self.at += 1
        index = 0
        while True:
            self._skip()
            if self.text.startswith(closing, self.at):
                break
            if closing == "]":
                self._value((*path, index))
            else:
                self._pair(path)
            index += 1
            self._skip()
            if not self.text.startswith(",", self.at):
                break
            self.at += 1
        self._expect(closing)

    def _expect(self, token: str) -> None:
        self._blank()
        if not self.text.startswith(token, self.at):
            raise _Stop
        self.at += len(token)

    def _blank(self) -> None:
        self.at = self._past(_BLANK)

    def _skip(self) -> None:
        self.at = self._past(_SKIP)

    def _past(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.at)
        return match.end() if match else self.at


def _decoded(key: str) -> str:
    if not key.startswith(('"', "'")):
        return key
    if "\\" not in key or key.startswith("'"):
        return key[1:-1]
    import tomllib

    try:
        return str(tomllib.loads(f"key = {key}")["key"])
    except ValueError:
        raise _Stop from None
