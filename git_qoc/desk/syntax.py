"""What is wrong with a text that is not TOML, in one line, without repeating what stands there."""

from __future__ import annotations

import re

from git_qoc.desk.positions import Lines

_STATED = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
_QUOTED = re.compile(r"\(['\"].*\)|'[^']{7,}'|\"[^\"]{7,}\"")


def syntax_message(path: str, text: str, exc: Exception) -> str:
    """`desk.toml:3:7: not valid TOML: …` from the error that tomllib raised over `text`."""
    stated = _STATED.search(str(exc))
    position = Lines(text).position(len(text))
    line, column = position.line, position.column
    if stated and stated[1]:
        line, column = int(stated[1]), int(stated[2])
    # A key that tomllib repeats may be a credential in the wrong place.
    reason = _QUOTED.sub("a key", _STATED.sub("", str(exc))) or "it cannot be read"
    return f"{path}:{line}:{column}: not valid TOML: {reason}. Fix it, then run the command again."
