"""The comment that allows a false alarm, and what it can allow.

In TOML, at the end of the line of the finding or of the last line of its statement, or in the
comment line itself, after what was found:

    build = "f3Qm…"  # qoc: allow the id of the release build

In markdown, HTML and SVG, on the line of the finding: `<!-- qoc: allow REASON -->`. REASON
has at least three letters and holds no key material. Only what looks random (`chance`) can
be allowed; nothing under `auth`, no known form, no secret by its name, no password in a URL
and no recovery words can. CSV and JSON have no comments, so nothing in them can be allowed,
and neither can anything in TOML that does not parse, where nobody knows what is a comment.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from git_qoc.checks.detector.chance import mean_bits
from git_qoc.checks.detector.tokens import find

_TOML = r"(?<![A-Za-z0-9+/=_-])#[ \t]*qoc:[ \t]*allow\b[ \t:]*([^\n]*)"
_MARKUP = r"<!--[ \t]*qoc:[ \t]*allow\b[ \t:]*([^\n]*?)[ \t]*-->"


class Allowed(NamedTuple):
    """What a comment silenced: where it was found, and why it is no credential."""

    path: str
    line: int
    column: int
    reason: str


class Comment(NamedTuple):
    """`start` is where it begins in the text; `reason` is empty when there is none."""

    start: int
    reason: str


def toml_comment(text: str, found: int, end: int, is_in_values: bool) -> Comment | None:
    """The comment for something at `found`, in a statement that ends at `end` or in a comment there.

    Within a statement, as in an array of many lines, only if no value of the file holds the
    mark itself (`is_in_values`): else it may be a string's and no comment.
    """
    comment = _search(_TOML, text, end)
    if comment is None and not is_in_values and found < end:
        comment = _search(_TOML, text, found)
    return comment


def markup_comment(text: str, found: int) -> Comment | None:
    """The comment on the line of something in markdown, HTML or SVG."""
    comment = _search(_MARKUP, text, text.rfind("\n", 0, found) + 1)
    inside = comment is not None and comment.start <= found < text.find("-->", comment.start)
    return None if inside else comment


def is_clean(reason: str, secret: str) -> bool:
    """Whether a reason can be repeated: it is no key material, and no part of what it is for."""
    folded = secret.casefold()
    if not all(len(word) < 12 or (_is_plain(word) and mean_bits(word) < 5.3) for word in reason.split()):
        return False
    shared = any(reason[at : at + 6].casefold() in folded for at in range(max(1, len(reason) - 5)))
    return not shared and next(find(reason), None) is None


def _is_plain(word: str) -> bool:
    return re.fullmatch(r"[\w.,:;!?()/'@#+-]{1,80}", word) is not None


def _search(pattern: str, text: str, start: int) -> Comment | None:
    close = text.find("\n", start)
    match = re.compile(pattern).search(text, start, close if close >= 0 else len(text))
    if match is None:
        return None
    reason = match[1].strip()
    return Comment(match.start(), reason if sum(map(str.isalpha, reason)) >= 3 else "")
