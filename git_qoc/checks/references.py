"""What may stand under a connector's `auth`: a secret reference with a well-formed argument.

Stricter than reading a desk needs to be: a key pasted where the name of its place belongs
(`{ env = "<the key>" }`) must not pass for a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from git_qoc.checks.tokens import is_key_material
from git_qoc.desk.positions import Path

LITERAL, FORM, ARGUMENT = "literal", "form", "argument"

_UPPER = re.compile(r"(?=.{1,64}\Z)[A-Z_][A-Z0-9_]*")
_LOWER = re.compile(r"(?=.{1,64}\Z)[a-z]+(?:_[a-z]+[0-9]{0,3}|_[0-9]{1,4})+")
_FILE = re.compile(r"(?:/|~/|\.\.?/|[A-Za-z]:[\\/])[^\x00-\x1f\x7f=]+")
_KEYRING = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:@/-]{0,127}/[A-Za-z0-9][A-Za-z0-9 ._@-]{0,63}")
_URL = re.compile(
    r"https?://(?:[A-Za-z0-9._-]+@)?(?:[A-Za-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?(?:/[^\s?#\"'<>=]*)?"
)


def is_variable(target: str) -> bool:
    """Whether `target` reads as an environment variable's name: EQ_API_KEY, or eq_api_key."""
    if _LOWER.fullmatch(target):
        return not any(len(word) > 20 for word in target.split("_"))
    limit = 12 if "_" in target else 8
    return _UPPER.fullmatch(target) is not None and all(_is_word(word, limit) for word in target.split("_"))


def _is_word(word: str, limit: int) -> bool:
    """Key ids are capitals and digits as well, but long ones and mixed."""
    letters = word.rstrip("0123456789")
    return len(word) <= limit or (len(letters) <= 20 and letters.isalpha())


_ARGUMENTS: Mapping[str, Callable[[str], object]] = {
    "env": is_variable,
    "file": _FILE.fullmatch,
    "keyring": _KEYRING.fullmatch,
    "git-credential": _URL.fullmatch,
}
FORMS = tuple(_ARGUMENTS)
"""As in git_qoc.desk.secrets, which costs too much to import here; a test holds them together."""


def judge(value: object) -> Iterator[tuple[Path, str]]:
    """What is wrong with the value of one auth key: where in it, and which of the three it is.

    LITERAL is a value that stands there itself, FORM a table that is no reference, ARGUMENT
    a reference whose argument cannot be the name of a place (perhaps it is the secret).
    """
    if isinstance(value, dict):
        faults = [((key, *below), why) for key, item in value.items() for below, why in _part(key, item)]
        if not faults and (len(value) != 1 or next(iter(value)) not in FORMS):
            faults = [((), FORM)]
    elif isinstance(value, list):
        faults = [((index, *below), why) for index, item in enumerate(value) for below, why in judge(item)]
        faults = faults or [((), FORM)]
    else:
        faults = [((), LITERAL)]
    yield from faults


def _part(key: str, item: object) -> Iterator[tuple[Path, str]]:
    if key not in FORMS or not isinstance(item, str):
        yield from list(judge(item)) or [((), FORM)]
    elif not _ARGUMENTS[key](item) or is_key_material(item):
        yield (), ARGUMENT
