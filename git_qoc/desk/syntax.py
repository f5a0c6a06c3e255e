"""What is wrong with a text that is not TOML, in one line, without repeating what stands there."""

from __future__ import annotations

import re

from git_qoc.desk.positions import Lines

MAX_PARTS = 1_000
"""Of one key, in dots. tomllib's time is quadratic in them: 1,000 take 20 ms, 30,000 take 15 s."""
MAX_DESK_BYTES = 1 << 19
"""Of a desk.toml that is looked into where it was not written here: tomllib takes 17 s for 100 MB."""
_STATED = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
_QUOTED = re.compile(r"\(['\"].*\)|'[^']{7,}'|\"[^\"]{7,}\"")


def bounded(text: str) -> str:
    """The text, for tomllib, if it is sure to come back from it.

    Raises:
        TOMLDecodeError: a key in it has more parts than anybody writes.
    """
    if text.count(".") > MAX_PARTS and any(part.count(".") > MAX_PARTS for part in re.split(r"[=,\n]", text)):
        from tomllib import TOMLDecodeError

        raise TOMLDecodeError(f"a key has more than {MAX_PARTS:,} parts")
    return text


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
