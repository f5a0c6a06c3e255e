"""desk.toml as a tree of pieces: which lines are which block's, section's and key's.

Every line is in exactly one piece, and the pieces one after another are the text again, so
whoever moves pieces keeps comments and layout. A comment directly above a header or key
travels with it; one that stands alone is a piece of its own.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from git_qoc.desk.positions import Statement, scan

NAMED = {"connector": "name", "schedule": "name", "guard": "key"}
"""Arrays of tables whose blocks are told apart by this key of theirs."""

Key = tuple[str | int, ...]
Flat = dict[Key, str]


@dataclass(frozen=True, slots=True)
class Piece:
    """`gap` is blank lines above; `lead` the comment lines directly above; `body` the statement;
    `rest` what follows it on its line. A piece with `parts` has no text of its own.

    `value` tells equal meanings apart from equal spellings: a key's value, a connector's type.
    `name` is the name of a connector, schedule or guard as it is written; the key ignores case.
    """

    key: Key
    gap: str = ""
    lead: str = ""
    body: str = ""
    rest: str = ""
    value: str = ""
    name: str = ""
    parts: tuple[Piece, ...] = ()

    @property
    def text(self) -> str:
        """All of it but the gap."""
        if not self.parts:
            return self.lead + self.body + self.rest
        return "".join([self.parts[0].text, *(part.gap + part.text for part in self.parts[1:])])


@dataclass(frozen=True, slots=True)
class Document:
    """`blocks` in file order; `tables` is what each of them means, without the comments'."""

    blocks: tuple[Piece, ...]
    tables: dict[Key, Flat]


@dataclass(frozen=True, slots=True)
class _Line:
    """A statement with its own comments; `loose` are comments before it that stand alone."""

    statement: Statement | None
    piece: Piece
    trailing: tuple[Piece, ...]
    loose: tuple[Piece, ...]


class _Foreign(Exception):
    """A construct that has no clear blocks."""


def split(text: str) -> Document | None:
    """The pieces of `text`; None when it is no TOML or has a construct without clear blocks.

    Those are: CRLF, a byte order mark, dotted keys above the first header, one of `NAMED`
    written otherwise than as blocks with a name, and tables that do not stand together.
    """
    if "\r" in text or text.startswith("\ufeff"):
        return None
    if text and not text.endswith("\n"):
        text += "\n"
    found = scan(text)
    if not found.complete:
        return None
    try:
        tables = tomllib.loads(text, parse_float=lambda digits: ("float", digits))
        builder = _Builder(tables)
        for line in _lines(text, found.statements, tables):
            builder.add(line)
        return builder.document()
    except (ValueError, RecursionError, _Foreign):
        return None


def flat(value: object, path: Key = ()) -> Flat:
    """Every leaf below by its path, spelled so that 1, 1.0 and true differ."""
    if not isinstance(value, dict) or not value:
        return {path: repr(value)}
    leaves: Flat = {}
    for key, item in value.items():
        leaves |= flat(item, (*path, key))
    return leaves


def _lines(text: str, statements: list[Statement], tables: dict[str, Any]) -> Iterator[_Line]:
    """Each statement with what stands above it, then the end of the file."""
    at = 0
    for statement in statements:
        start = text.rfind("\n", 0, statement.start) + 1
        end = text.find("\n", statement.end) + 1
        gap, lead, trailing, loose = _comments(text[at:start], first=at == 0, end=False)
        body, rest = text[start : statement.end], text[statement.end : end]
        value = "" if statement.header else repr(_at(tables, statement.path))
        yield _Line(statement, Piece((), gap, lead, body, rest, value), trailing, loose)
        at = end
    gap, _, trailing, loose = _comments(text[at:], first=at == 0, end=True)
    yield _Line(None, Piece(("end",), gap), trailing, loose)


def _comments(above: str, *, first: bool, end: bool) -> tuple[str, str, tuple[Piece, ...], tuple[Piece, ...]]:
    """Gap and comment of the statement below; comments of the statement above; those of neither."""
    paragraphs: list[Piece] = []
    gap = ""
    for line in above.splitlines(keepends=True):
        if not line.strip():
            gap += line
        elif paragraphs and not gap:
            paragraphs[-1] = replace(paragraphs[-1], body=paragraphs[-1].body + line)
        else:
            paragraphs.append(Piece((), gap, body=line))
            gap = ""
    lead = ""
    if paragraphs and not gap and not end:
        own = paragraphs.pop()
        gap, lead = own.gap, own.body
    belongs = bool(paragraphs) and not paragraphs[0].gap and not first
    return gap, lead, tuple(paragraphs[:belongs]), tuple(paragraphs[belongs:])


class _Builder:
    """Takes the lines in order; blocks must stand together, or two of them would be one key."""

    def __init__(self, tables: dict[str, Any]) -> None:
        self._tables = tables
        self._top: list[Piece] = []
        self._meanings: dict[Key, Flat] = {}
        self._seen: Counter[Key] = Counter()
        self._block: Key = ()  # as the scanner counts: ("connector", 1) or ("workspace",)
        self._header: Key = ()
        self._sections: list[list[Piece]] = []

    def add(self, line: _Line) -> None:
        self._here().extend(line.trailing)
        statement = line.statement
        if statement is None:
            self._close()
            self._top += [*line.loose, line.piece]
        elif statement.header:
            self._add_header(statement.path, line)
        else:
            self._here().extend(line.loose)
            self._add_pair(statement.path, line.piece)

    def document(self) -> Document:
        return Document(_numbered(self._top), self._meanings)

    def _here(self) -> list[Piece]:
        return self._sections[-1] if self._sections else self._top

    def _add_header(self, path: Key, line: _Line) -> None:
        block = self._block_of(path)
        if block == self._block:
            self._here().extend(line.loose)
        else:
            self._close()
            self._top += line.loose
            self._block = block
        self._header = path
        self._sections.append([replace(line.piece, key=("[", *path[len(block) :]))])

    def _add_pair(self, path: Key, piece: Piece) -> None:
        key = ("=", *path[len(self._header) :])
        if not self._sections:
            if len(path) > 1 or path[0] in NAMED:
                raise _Foreign
            self._meanings[key] = {(): piece.value}
        self._here().append(replace(piece, key=key))

    def _block_of(self, path: Key) -> Key:
        top, one_of_many = path[0], len(path) > 1 and isinstance(path[1], int)
        if top not in NAMED:
            return path[:1]
        if not one_of_many:
            raise _Foreign
        return path[:2]

    def _close(self) -> None:
        if not self._sections:
            return
        key, meaning = self._identity()
        if key in self._meanings:
            raise _Foreign
        self._meanings[key] = flat(meaning)
        sections = [_joined(parts[0].key, parts) for parts in self._sections]
        whole = _joined(key, sections)
        if isinstance(meaning, list):  # an array that is not ours: nobody knows its blocks apart
            whole = Piece(key, whole.gap, body=whole.text, value=whole.text)
        elif any(isinstance(part, int) for section in sections for part in section.key):
            raise _Foreign
        elif isinstance(meaning, dict):
            name = str(meaning.get(NAMED.get(str(key[1]), "")))
            whole = replace(whole, value=repr(meaning.get("type")), name=name)
        self._top.append(whole)
        self._sections = []

    def _identity(self) -> tuple[Key, object]:
        """The block's key among its siblings, and what it means."""
        top = str(self._block[0])
        meaning = self._tables[top]
        if top not in NAMED:
            return ("[", top), meaning
        meaning = meaning[self._block[1]]
        name = meaning.get(NAMED[top])
        if not isinstance(name, str):
            raise _Foreign
        same = ("[[", top, name.casefold())
        self._seen[same] += 1
        return (*same, self._seen[same] - 1), meaning


def _joined(key: Key, parts: list[Piece]) -> Piece:
    return Piece(key, parts[0].gap, parts=_numbered([replace(parts[0], gap=""), *parts[1:]]))


def _numbered(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Comments get their text for a key."""
    seen: Counter[str] = Counter()
    done = []
    for piece in pieces:
        if piece.key:
            done.append(piece)
        else:
            done.append(replace(piece, key=("#", piece.body, seen[piece.body])))
            seen[piece.body] += 1
    return tuple(done)


def _at(tables: Any, path: Key) -> object:
    for part in path:
        tables = tables[part]
    return tables
