"""One text, looked through from every side: as it stands, as it parses, as it reads.

In: a text and what it is; out: faults, and what comments allowed. A statement (in TOML) has
one fault, the first that is found; a comment or a line of prose has one for each secret.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from git_qoc.checks.detector.layout import Layout, may_read_otherwise
from git_qoc.checks.detector.references import LITERAL, judge
from git_qoc.checks.detector.shapes import known_shapes
from git_qoc.checks.detector.structure import Auth, auths, by_name, is_under_auth, leaves, lists
from git_qoc.checks.detector.tokens import CHANCE, MOST, SHAPE, Found, always, find, is_key_material
from git_qoc.checks.detector.wording import RULE, in_auth, in_plain_text, lookalike, not_toml, too_many
from git_qoc.checks.fault import Fault
from git_qoc.desk.positions import Lines, Path

if TYPE_CHECKING:
    from git_qoc.checks.detector.allowed import Allowed, Comment
    from git_qoc.checks.detector.views import View

_STATED = r"at line (\d+), column (\d+)"
_MARK = "qoc:"
SHORTEST = 16
"""No form and no chance makes key material of less; names do, and a key has none."""

DESK, TOML, MARKUP, PLAIN = "desk", "toml", "markup", "plain"
"""What a text is: a desk.toml; TOML beside it; markdown, HTML or SVG; anything else."""


class Examined(NamedTuple):
    """`faults` in the order of the text; `allowed` is what comments silenced."""

    faults: list[Fault]
    allowed: tuple[Allowed, ...]


# (offset, message): plain, as a class of its own costs the hook's start.
_Hit = tuple[int, str]


def _assigns(key: str) -> bool:
    return "=" in key or ":" in key


class Examination:
    """Of one text; `run` once."""

    def __init__(self, path: str, text: str, kind: str) -> None:
        self.path = path
        self.text = text
        self.kind = kind
        self.is_desk = kind == DESK
        self.layout = Layout(text, kind in (DESK, TOML))
        self.document: Mapping[str, object] | None = None
        self._has_mark = _MARK in text
        self._judged: set[int] = set()  # statements that have their fault
        self._told: set[int] = set()  # lines that have one
        self._allowed: dict[int, Allowed] = {}  # by where their comments begin
        self._public: list[tuple[int, int]] | None = None

    def run(self) -> Examined:
        """Every fault, at most `MOST` of them and one that says that there are more."""
        hits = list(islice(self._hits(), MOST + 1))
        faults = sorted({self._fault(*hit) for hit in hits[:MOST]})
        if len(hits) > MOST:
            faults.append(self._fault(max(0, len(self.text) - 1), too_many(MOST)))
        return Examined(faults, tuple(sorted(self._allowed.values())))

    def _hits(self) -> Iterator[_Hit]:
        if self.kind in (DESK, TOML):
            yield from self._parse()
        if self.document is not None and self.is_desk:
            for auth in auths(self.document):
                yield from self._in_auth(auth)
        yield from self._in_text()
        if self.document is not None:
            yield from self._in_values(self.document)
        yield from self._in_views()

    def _parse(self) -> Iterator[_Hit]:
        """Sets `document`; a desk.toml that is not TOML is a fault."""
        offset = self.layout.scan.end
        if self.layout.scan.complete:  # else tomllib, quadratic in the depth of a key, may not return
            try:
                self.document = tomllib.loads(self.text)
            except (ValueError, RecursionError) as exc:
                stated = re.search(_STATED, str(exc))
                offset = self.layout.line_start(int(stated[1])) + int(stated[2]) - 1 if stated else offset
        if self.document is None and self.is_desk:
            yield offset, not_toml()

    def _in_auth(self, auth: Auth) -> Iterator[_Hit]:
        auth_path, held, connector_path, connector = auth
        parts = held.items() if isinstance(held, dict) else [("", held)]
        before = len(self._judged)
        for key, value in parts:
            path: Path = (*auth_path, key) if key else auth_path
            faults = [((*path, *below), key, value, why) for below, why in judge(value)]
            if not faults and is_key_material(key):
                faults = [(path, "", key, LITERAL)]
            for place, name, secret, why in faults:
                offset = self.layout.offset(place)
                self._judge(offset)
                yield offset, in_auth(connector_path, connector, name, (secret, why))
        if auth_path[-1] != "auth" and len(self._judged) == before:
            yield self.layout.offset(auth_path), lookalike(connector_path, connector)

    def _in_text(self) -> Iterator[_Hit]:
        covered = -1
        found = sorted(find(self.text, self.layout.around, self.is_desk), key=lambda f: (f.start, -f.end))
        for one in found:
            if one.start >= covered and not self._is_settled(one.start):
                for hit in self._hit(one, one.start):
                    covered = one.end
                    yield hit
        if len(found) >= MOST:  # of one kind, perhaps: others may have been left out
            yield found[-1].start, too_many(MOST)

    def _in_values(self, document: Mapping[str, object]) -> Iterator[_Hit]:
        """What only shows when escapes, line breaks and the names around a value are read."""
        for path, value, is_key in leaves(document):
            offset = self.layout.offset(path)
            if is_under_auth(path) or self._is_settled(offset):
                continue
            if is_key and isinstance(value, str) and len(value) < SHORTEST and not _assigns(value):
                continue
            names = [key for key in path if isinstance(key, str)]
            found = None
            # Else it was read as it stands.
            if isinstance(value, str) and not self.text.startswith(value, offset + 1):
                found = next(find(value, always((" ".join(names[-3:]), "")), self.is_desk), None)
            if found is None and not is_key:
                found = by_name(names, value)
            if found is not None:
                yield from self._hit(found, offset)

    def _in_views(self) -> Iterator[_Hit]:
        lists_ = [place for place in lists(self.document or {}) if not is_under_auth(place[0])]
        if not lists_ and not may_read_otherwise(self.text):
            return
        from git_qoc.checks.detector.views import joined, views

        arrays = chain.from_iterable(joined(self.layout.offset(path), pieces) for path, pieces in lists_)
        for number, view in enumerate(chain(views(self.text), arrays)):
            if number >= 5 * MOST:
                yield view.offset, too_many(number)
                break
            if view.lines:
                yield from self._in_lines(view)
            else:
                yield from self._seen(self._in_view(view), view.offset)

    def _in_view(self, view: View) -> Found | None:
        if view.listed:
            return next((Found(*shape, SHAPE) for shape in known_shapes(view.text)), None)
        is_prose = "\n" in view.text or " " in view.text
        around = None if is_prose else always(self.layout.around(view.offset, view.offset))
        return next(find(view.text, around, self.is_desk), None)

    def _in_lines(self, view: View) -> Iterator[_Hit]:
        """Over a view of whole lines."""
        lines = Lines(view.text)
        for one in sorted(find(view.text, None, self.is_desk)):
            offset = self.layout.line_start(view.lines[lines.position(one.start).line - 1])
            while self.text[offset : offset + 1] in (" ", "\t"):
                offset += 1
            yield from self._seen(one, offset)

    def _seen(self, found: Found | None, offset: int) -> Iterator[_Hit]:
        """The hit for what only a view shows, unless its line has one already."""
        if found is None or self.layout.line(offset) in self._told or self._is_settled(offset):
            return
        if found.kind != CHANCE or not self._is_public(offset):
            yield from self._hit(found, offset)

    def _is_public(self, offset: int) -> bool:
        """Whether a place is in something public by its form, whose lines alone do not show it."""
        from git_qoc.checks.detector.innocent import public_spans

        if self._public is None:
            self._public = public_spans(self.text)
        return any(start <= offset < end for start, end in self._public)

    def _is_settled(self, offset: int) -> bool:
        """Whether a place is in a statement that has its fault, or is one of auth and was judged there."""
        statement = self.layout.statement(offset)
        if statement in self._judged:
            return True
        return self.is_desk and self.document is not None and self.layout.is_under_auth(statement)

    def _judge(self, offset: int) -> None:
        self._judged.add(self.layout.statement(offset))
        self._judged.discard(-1)
        self._told.add(self.layout.line(offset))

    def _hit(self, found: Found, offset: int) -> Iterator[_Hit]:
        """The hit, unless a comment allows it."""
        comment = self._comment(offset) if self._has_mark else None
        if (
            comment is not None
            and found.kind == CHANCE
            and comment.reason
            and (offset < comment.start or self.kind == MARKUP)
        ):
            from git_qoc.checks.detector.allowed import Allowed, is_clean

            if is_clean(comment.reason, self.text[offset : max(found.end, offset)]):
                place = self.layout.lines.position(offset)
                self._allowed.setdefault(comment.start, Allowed(self.path, *place, comment.reason))
                return
        self._judge(offset)
        yield offset, in_plain_text(found, comment, self.kind == MARKUP)

    def _comment(self, offset: int) -> Comment | None:
        from git_qoc.checks.detector.allowed import markup_comment, toml_comment

        if self.kind == MARKUP:
            return markup_comment(self.text, offset)
        if self.document is None:
            return None
        statement = self.layout.statement(offset)
        end = self.layout.scan.statements[statement].end if statement >= 0 else offset
        in_values = any(_MARK in text for _, text, _ in leaves(self.document) if isinstance(text, str))
        return toml_comment(self.text, offset, end, in_values)

    def _fault(self, offset: int, message: str) -> Fault:
        return Fault(self.path, *self.layout.lines.position(offset), RULE, message)
