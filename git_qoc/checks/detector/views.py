"""Other readings of a text, in which a secret shows that its own lines hide.

A secret can be cut by line continuations, comments or the commas of an array, written with
escapes, entities or letters of other scripts. A view is the text as it reads then, and where
in the file it came from. Each is made only from the places that need it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from git_qoc.checks.detector.chance import is_opaque


class View(NamedTuple):
    """`text` as it reads, `offset` where the place begins in the file.

    `listed`: made of words, symbols or ids in a row, so that only a known form says something.
    `lines`: for each line of `text` its number in the file, where they do not follow each other.
    """

    offset: int
    text: str
    listed: bool = False
    lines: tuple[int, ...] = ()


_LONGEST, _OVERLAP = 4000, 400
_LED_ON = r"(?m:^)(?:[^\n]*\\\r?\n)+[^\n]*"
_BREAK = r"\\\r?\n[ \t]*(?:#[ \t]*|//[ \t]*|>[ \t]*)?"
# Quoted pieces in a row: an array, a sum of strings.
_QUOTED = (
    r"""(?:(["'])[A-Za-z0-9+/=_.:-]{3,100}\1[\s,+&.#\\]{1,60}(?=["'])){1,60}"""
    r"""(["'])[A-Za-z0-9+/=_.:-]{1,100}\2"""
)
_QUOTED_PIECE = r"""(["'])([A-Za-z0-9+/=_.:-]{1,100})\1"""
_ESCAPED = (
    r"\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\x[0-9a-fA-F]{2}|\\[\"'/]|%[0-9a-fA-F]{2}"
    r"|&(?:#x?[0-9a-fA-F]{1,6}|quot|amp|lt|gt|apos);"
)
_ODD = rf"[^\x00-\x7f]|{_ESCAPED}"
_NAMED = {"&quot;": '"', "&amp;": "&", "&lt;": "<", "&gt;": ">", "&apos;": "'"}


def views(text: str) -> Iterator[View]:
    """Every place that reads differently, in no order; texts are at most a few lines long."""
    if "\\\n" in text or "\\\r\n" in text:
        yield from _continued(text)
    for offset, pieces in _alone(text):
        yield from joined(offset, pieces)
    if any(sign in text for sign in ('",', "',", '" "', "' '", '" +', "' +")):
        for match in re.finditer(_QUOTED, text):
            yield from joined(match.start(), [piece for _, piece in re.findall(_QUOTED_PIECE, match[0])])
    if not text.isascii() or any(sign in text for sign in "\\%&"):
        yield from _changed(text)


def joined(offset: int, pieces: list[str]) -> Iterator[View]:
    """The pieces as one, when together they are long enough for a secret and short enough for one."""
    whole = "".join(pieces)
    if len(pieces) > 1 and 16 <= len(whole) <= _LONGEST and whole.isascii() and " " not in whole:
        yield View(offset, whole, _is_list(pieces[:16]))


def _is_list(pieces: list[str]) -> bool:
    """Whether pieces are items of a list: most of them are, and they are not cut to one length."""
    from git_qoc.checks.detector.innocent import is_listed

    listed = sum(is_listed(piece) or is_opaque(piece) for piece in pieces)
    widths = {len(piece) for piece in pieces[:-1]}
    is_cut = len(widths) == 1 and max(widths) >= 10 and len(pieces[-1]) <= max(widths)
    return listed == len(pieces) or (listed * 2 >= len(pieces) and not is_cut)


def _alone(text: str) -> Iterator[tuple[int, list[str]]]:
    """Pieces alone on their lines, of lines that follow each other: wrapped text, comment blocks."""
    at = begin = 0
    pieces: list[str] = []
    for line in text.split("\n"):
        piece = line.strip(" \t\r\\#>*|,'\"") if len(line) > 3 else ""
        if 4 <= len(piece) <= 80 and " " not in piece and "=" not in piece.rstrip("=") and len(pieces) < 60:
            begin = begin if pieces else at
            pieces.append(piece)
        else:
            if len(pieces) > 1:
                yield begin, pieces
            pieces = []
        at += len(line) + 1
    if len(pieces) > 1:
        yield begin, pieces


def _continued(text: str) -> Iterator[View]:
    """Lines that a backslash at the end leads on, as one; `_LONGEST` characters of them at a time."""
    for match in re.finditer(_LED_ON, text):
        for begin in range(match.start(), match.end(), _LONGEST - _OVERLAP):
            yield View(begin, re.sub(_BREAK, "", text[begin : min(begin + _LONGEST, match.end())]))


def _changed(text: str) -> Iterator[View]:
    """The lines that hold escapes, entities or letters of other scripts, as they read without.

    An empty line stands between those that do not follow each other.
    """
    from git_qoc.checks.detector.lookalike import folded

    escaped = re.compile(_ESCAPED)
    found: list[str] = []
    numbers: list[int] = []
    at, number = 0, 1
    odd = re.compile(_ODD)
    while match := odd.search(text, at):
        begin = text.rfind("\n", 0, match.start()) + 1
        close = text.find("\n", match.end())
        number += text.count("\n", at, begin)
        at = begin = max(begin, at)
        close = len(text) if close < 0 else close
        line = text[begin:close]
        other = folded(escaped.sub(_unescaped, line)).replace("\n", " ")
        if other != line:
            if numbers and numbers[-1] != number - 1:
                found.append("")
                numbers.append(number - 1)
            found.append(other)
            numbers.append(number)
        at = close
    if found:
        yield View(0, "\n".join(found), lines=tuple(numbers))


def _unescaped(match: re.Match[str]) -> str:
    escape = match[0]
    if escape in _NAMED:
        return _NAMED[escape]
    if len(escape) == 2:
        return escape[1]
    digits = escape.strip("\\uUx%&#;")
    try:
        return chr(int(digits, 16 if not escape.startswith("&#") or escape[2] in "xX" else 10))
    except (ValueError, OverflowError):
        return escape
