"""What may stand under a connector's `auth`: a secret reference with a well-formed argument.

Stricter than reading a desk needs to be: a key pasted where the name of its place belongs
(`{ env = "<the key>" }`) must not pass for a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from git_qoc.checks.detector.chance import UUID, surprise
from git_qoc.checks.detector.names import words_of
from git_qoc.checks.detector.shapes import known_shapes
from git_qoc.checks.detector.tokens import is_key_material
from git_qoc.desk.positions import Path

LITERAL, FORM, ARGUMENT = "literal", "form", "argument"

# Text, compiled when a value needs it.
_UPPER = r"(?=.{1,128}\Z)[A-Z_][A-Z0-9_]*"
_LOWER = r"(?=.{1,128}\Z)[a-z]+(?:_[a-z]+[0-9]{0,3}|_[0-9]{1,4})+"
_MIXED = r"(?=.{1,128}\Z)[A-Za-z_][A-Za-z0-9_]*"
_SECRETS = frozenset(["key", "secret", "token", "password", "passphrase", "pass", "pwd", "pin", "seed"])
_HASHED = rf"(?:[0-9a-f]{{32,64}}|{UUID})\b|(?=[0-9a-z]*[0-9])[0-9a-df-np-sv-z]{{32}}-"
_FILE = r"(?:/|~/|\.\.?/|[A-Za-z]:[\\/])[^\x00-\x1f\x7f=]+|[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_. -]+)+"
_KEYRING = r"\w[\w ._:@/+~()&',-]{0,127}/\w[\w ._@+:~()&',-]{0,63}"
_URL = (
    r"https?://(?:[A-Za-z0-9._%+-]+@)?(?:[A-Za-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?(?:/[^\s?#\"'<>=]*)?"
)


def is_variable(target: str) -> bool:
    """Whether `target` reads as an environment variable's name: EQ_API_KEY, or eq_api_key."""
    if re.fullmatch(_LOWER, target):
        return not any(len(word) > 20 for word in target.split("_"))
    limit = 12 if "_" in target else 8
    if re.fullmatch(_UPPER, target):
        return all(_is_word(word, limit) for word in target.split("_"))
    return re.fullmatch(_MIXED, target) is not None and _says_secret(words_of(target))


def _says_secret(words: list[str]) -> bool:
    """CxApiKey: a secret does not call itself one."""
    plain = all(len(word) <= 16 and word.rstrip("0123456789").isalpha() for word in words)
    return plain and not _SECRETS.isdisjoint(word.rstrip("0123456789") for word in words)


def _is_word(word: str, limit: int) -> bool:
    """Key ids are capitals and digits as well, but long ones and mixed."""
    letters = word.rstrip("0123456789")
    return len(word) <= limit or (len(letters) <= 24 and letters.isalpha() and surprise(word) < 5.2)


def _is_file(target: str) -> bool:
    """A path; hashes and ids are names of folders and files too, among at least two that are words."""
    parts = [part for part in target.split("/") if part]
    plain = [part for part in parts if not re.match(_HASHED, part)]
    if len(plain) < 2 or len(plain) == len(parts):
        plain = parts
    if next(known_shapes(target), None):
        return False
    return re.fullmatch(_FILE, target) is not None and not is_key_material(target[0] + "/".join(plain))


def _is_keyring(target: str) -> bool:
    return re.fullmatch(_KEYRING, target) is not None and not any(
        map(is_key_material, re.split("[/@]", target))
    )


def _is_url(target: str) -> bool:
    return re.fullmatch(_URL, target) is not None and not is_key_material(target)


_ARGUMENTS: Mapping[str, Callable[[str], bool]] = {
    "env": lambda target: is_variable(target) and not is_key_material(target),
    "file": _is_file,
    "keyring": _is_keyring,
    "git-credential": _is_url,
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
    elif not _ARGUMENTS[key](item):
        yield (), ARGUMENT
