"""Three-way merge of desk.toml by block: connectors and schedules by name, guards by key.

Three texts in, one text out, with git's conflict markers around what the two sides changed in
two ways. Pure: no git, no file, and nothing that desk.toml names is run, read or resolved. What
is not understood for certain is not merged; the caller then lets git merge the lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from git_qoc.desk import meaning
from git_qoc.desk.pieces import Document, Key, Piece, split
from git_qoc.desk.succession import succession
from git_qoc.errors import printable

TYPE: Key = ("=", "type")
OWN_KEYS: Key = ("[",)
END: Key = ("end",)


@dataclass(frozen=True, slots=True)
class Style:
    """How conflicts are written: the label of each side, the size of the markers, the base or not."""

    ours: str = "ours"
    base: str = "base"
    theirs: str = "theirs"
    size: int = 7
    show_base: bool = False


@dataclass(frozen=True, slots=True)
class Merged:
    """`conflicts` are sentences in the order of the text; none when the merge is clean."""

    text: str
    conflicts: tuple[str, ...] = ()


def merge(base: str, ours: str, theirs: str, style: Style | None = None) -> Merged | None:
    """`ours` with what `theirs` changed since `base`; None where the blocks are not clear.

    The order is ours, or theirs' where only they changed it; what they added stands behind
    what it was added behind. A clean result is TOML without two connectors of one name, and
    each of its values is the one of a side.

    A connector's `type` is locked (spec/accounts-and-brokers.txt): changed by one side while
    the other keeps it, it is a conflict. A side that equals `base` as a whole is not looked
    into, because git asks no driver then.
    """
    if theirs in (ours, base):
        return Merged(ours)
    if ours == base:
        return Merged(theirs)
    return _by_blocks(split(base), split(ours), split(theirs), _Work(style or Style()))


def _by_blocks(
    base: Document | None, ours: Document | None, theirs: Document | None, work: _Work
) -> Merged | None:
    if base is None or ours is None or theirs is None or _unclear_names(base, ours, theirs):
        return None
    try:
        text = work.siblings((base.blocks, ours.blocks, theirs.blocks), "")
    except _UnclearOrder:
        return None
    if work.conflicts:
        return Merged(text, tuple(work.conflicts))
    result = split(text)
    if result is None or _unclear_names(result):
        return None
    return Merged(text) if meaning.of(result) == meaning.common(base, ours, theirs) else None


def _unclear_names(*documents: Document) -> bool:
    """Whether a connector's name is taken twice, or it cannot be said which guard is which."""
    sides = [Counter(key[:3] for key in side.tables if key[0] == "[[") for side in documents]
    for same in {key for side in sides for key in side}:
        counts = {side[same] for side in sides}
        if max(counts) > 1 and (len(counts) > 1 or same[1] == "connector"):
            return True
    return False


class _UnclearOrder(Exception):
    """Both sides moved pieces, each in its own way."""


@dataclass(frozen=True, slots=True)
class _Three:
    """One piece as each side has it, None where a side has not."""

    base: Piece | None
    ours: Piece | None
    theirs: Piece | None

    @property
    def changed(self) -> Piece | None:
        """What the side made of it that changed it; to be asked when there is no clash."""
        return self.theirs if _text(self.ours) == _text(self.base) else self.ours

    @property
    def clash(self) -> bool:
        base, ours, theirs = _text(self.base), _text(self.ours), _text(self.theirs)
        return ours not in (base, theirs) and theirs != base

    @property
    def moves_type(self) -> bool:
        """Whether one side changed a connector's type and the other one kept it."""
        if self.base is None or self.ours is None or self.theirs is None:
            return False
        if self.base.key[:2] != ("[[", "connector"):
            return False
        return (self.ours.value != self.base.value) != (self.theirs.value != self.base.value)


@dataclass(slots=True)
class _Work:
    style: Style
    conflicts: list[str] = field(default_factory=list)

    def siblings(self, sides: Sequence[Sequence[Piece]], where: str, *, locked: bool = False) -> str:
        """The pieces that stand one after another, merged; `where` is the block they are in."""
        base, ours, theirs = ({piece.key: piece for piece in side} for side in sides)
        first = {side[0].key for side in sides[1:] if side}
        text = ""
        keys = succession(list(base), list(ours), list(theirs))
        if keys is None:
            raise _UnclearOrder
        for key in keys:
            three = _Three(base.get(key), ours.get(key), theirs.get(key))
            merged = self._one(three, where, locked=locked)
            gap = (three.ours or three.theirs or Piece(key)).gap
            if not where and key in first and text and not gap:
                gap = "\n"
            elif not text and key not in first:
                gap = ""
            text += gap + merged if merged or key == END else ""
        return text

    def _one(self, three: _Three, where: str, *, locked: bool) -> str:
        """The piece merged, "" when it is gone."""
        base, ours, theirs = three.base, three.ours, three.theirs
        locked = locked or three.moves_type
        if base is None or ours is None or theirs is None:
            return self._conflict(three, where) if three.clash else _text(three.changed)
        if locked and base.key == TYPE:
            return self._conflict(three, where)
        if base.parts and ours.parts and theirs.parts and (three.clash or locked):
            inner = locked and (base.key == OWN_KEYS or three.moves_type)
            sides = (base.parts, ours.parts, theirs.parts)
            name = _name(base)
            inside = f"{where}: {name.strip('[]')}" if where and name else where or name
            return self.siblings(sides, inside, locked=inner)
        if not three.clash:
            return _text(three.changed)
        merged = _leaf(base, ours, theirs)
        return self._conflict(three, where) if merged is None else merged

    def _conflict(self, three: _Three, where: str) -> str:
        style, why = self.style, self._why(three, where)
        self.conflicts.append(why)
        base = f"{_marker('|', style.size, style.base)}{_text(three.base)}" if style.show_base else ""
        return (
            f"{_marker('<', style.size, f'{style.ours} ({why})')}{_text(three.ours)}{base}"
            f"{'=' * style.size}\n{_text(three.theirs)}{_marker('>', style.size, style.theirs)}"
        )

    def _why(self, three: _Three, where: str) -> str:
        piece = three.ours or three.theirs or Piece(("=",))
        what = ": ".join(part for part in (where, _name(piece)) if part)
        if piece.key == TYPE and where.startswith("connector") and ": " not in where:
            return (
                f"{where}: its type is locked after the first connect. Keep the old one; "
                "for another type connect under another name"
            )
        if three.base is None:
            return f"{what}: added by both, with different contents. Keep one"
        if three.ours is None or three.theirs is None:
            gone, kept = (
                (self.style.ours, self.style.theirs)
                if three.ours is None
                else (self.style.theirs, self.style.ours)
            )
            return f"{what}: removed by {gone}, changed by {kept}. Keep it or delete it"
        return f"{what}: changed by both. Keep one"


def _leaf(base: Piece, ours: Piece, theirs: Piece) -> str | None:
    """A line that both changed: comment, statement and the comment behind it each for itself."""
    lead = _agreed(base.lead, ours.lead, theirs.lead)
    body = _agreed(base.body, ours.body, theirs.body)
    rest = _agreed(base.rest.strip(), ours.rest.strip(), theirs.rest.strip())
    if body is None and theirs.value in (ours.value, base.value):
        body = ours.body  # the other one changed but the spelling
    elif body is None and ours.value == base.value:
        body = theirs.body
    if lead is None or body is None or rest is None:
        return None
    layout = theirs if rest == theirs.rest.strip() != ours.rest.strip() else ours
    return lead + body + layout.rest


def _agreed(base: str, ours: str, theirs: str) -> str | None:
    if theirs in (ours, base):
        return ours
    return theirs if ours == base else None


def _text(piece: Piece | None) -> str:
    return piece.text if piece else ""


def _marker(sign: str, size: int, label: str) -> str:
    return f"{sign * size} {printable(label)}".replace("\n", " ").rstrip() + "\n"


def _name(piece: Piece) -> str:
    """`connector "a"`, `[workspace]`, `auth.api_key`; what looks like no name of ours is not repeated."""
    kind, *parts = piece.key
    if kind == "[[":
        return f'{parts[0]} "{meaning.shown(piece.name)}"'
    name = ".".join(map(meaning.shown, parts))
    return f"[{name}]" if kind == "[" and name else name
