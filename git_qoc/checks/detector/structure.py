"""A parsed document: every `auth` of its connectors, also misspelt ones; its values and their names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from git_qoc.checks.detector.names import is_coin, is_phrase, names_secret_value, words_of
from git_qoc.checks.detector.tokens import MNEMONIC, NAME, SHAPE, Found
from git_qoc.desk.positions import Path

# Keys that say nothing, so that the table's name counts.
_NEUTRAL = (
    "value",
    "val",
    "data",
    "text",
    "string",
    "current",
    "v",
    "default",
    "literal",
    "plain",
    "raw",
    "content",
)
_WHERE = (
    "backend",
    "provider",
    "region",
    "project",
    "profile",
    "engine",
    "mount",
    "namespace",
    "store",
    "type",
    "version",
)
_PHRASES = ("mnemonic", "seed", "phrase", "recovery", "words", "backup")
_AMOUNTS = frozenset(
    ["id", "ids", "token", "market", "asset", "condition", "wei", "amount", "supply", "max", "min", "limit"]
)
_PARTS = (
    *("part", "half", "first", "second", "third", "one", "two", "three", "head", "tail", "left", "right"),
    *("start", "end", "rest", "lo", "hi", "piece", "chunk"),
)
_PART = rf"[_-]?(?:[0-9]{{1,2}}|(?<=[_-])[a-h]|{'|'.join(_PARTS)})$|^(?:{'|'.join(_PARTS)})[_-]?"


# Of one `auth`: its path and value, the path and value of its connector. Both tuples are plain, as a class
# of their own costs the hook's start.
Auth = tuple[Path, object, Path, Mapping[str, object]]
# Of a key, a string or a number: where it stands, what it is, whether it is a key.
Leaf = tuple[Path, str | int | float, bool]


def auths(document: Mapping[str, object]) -> Iterator[Auth]:
    """Every `auth` of every connector, in the order of the document."""
    for key, value in document.items():
        if not is_connector(key):
            continue
        entries = enumerate(value) if isinstance(value, list) else [("", value)]
        for index, entry in entries:
            if isinstance(entry, dict):
                path: Path = (key, index) if index != "" else (key,)
                for auth_path, auth in _under(entry, path):
                    yield auth_path, auth, path, entry


def is_connector(key: object) -> bool:
    """Whether a top-level key is, or looks like, the table of connectors."""
    return isinstance(key, str) and (_looks_like(key, "connector") or _looks_like(key, "connectors"))


def is_under_auth(path: Path) -> bool:
    """Whether a path leads through the `auth` of a connector."""
    return bool(path) and is_connector(path[0]) and any(_is_auth(key) for key in path)


def leaves(value: object, path: Path = ()) -> Iterator[Leaf]:
    """Every key, string and number."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key), key, True
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield path, value, False


def lists(value: object, path: Path = ()) -> Iterator[tuple[Path, list[str]]]:
    """Strings that may be pieces of one: of an array, or of keys that are numbered or called parts."""
    if isinstance(value, dict):
        parts: dict[str, tuple[Path, list[str]]] = {}
        for key, item in value.items():
            if isinstance(item, str):
                stem = _stem(key)
                if stem != key:
                    parts.setdefault(stem, ((*path, key), []))[1].append(item)
            else:
                yield from lists(item, (*path, key))
        yield from (part for part in parts.values() if len(part[1]) > 1)
    elif isinstance(value, list):
        strings = [item for item in value if isinstance(item, str)]
        if len(strings) > 1:
            yield path, strings
        for index, item in enumerate(value):
            if not isinstance(item, str):
                yield from lists(item, (*path, index))


def _stem(key: str) -> str:
    """What a numbered key, or one that is called a part, shares with the other parts."""
    if len(key) < 2:
        return ""
    if key[-1].isdigit() or key[-2:-1] in ("_", "-") or any(word in key for word in _PARTS):
        return re.sub(_PART, "", key)
    return key


def _under(value: object, path: Path) -> Iterator[tuple[Path, object]]:
    if isinstance(value, dict):
        for key, item in value.items():
            if _is_auth(key):
                yield (*path, key), item
            else:
                yield from _under(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _under(item, (*path, index))


def _looks_like(key: str, word: str) -> bool:
    """Whether a key would be read as `word`."""
    if not key.isascii():
        from git_qoc.checks.detector.lookalike import folded

        key = folded(key)
    return key.strip().casefold() == word


def _is_auth(key: object) -> bool:
    return isinstance(key, str) and _looks_like(key, "auth")


def by_name(names: list[str], value: str | int | float) -> Found | None:
    """The secret that a value is by the names of its key and tables, outermost first."""
    if not names:
        return None
    if not isinstance(value, str):
        return _number(names[-1], value)
    if names_secret_value(names[-1], value, "quoted") or (
        names[-1].lower() in _NEUTRAL and len(names) > 1 and names_secret_value(names[-2], value, "quoted")
    ):
        return Found(0, len(value), "a credential by its name", NAME)
    if len(names) > 1 and _is_kept_among_secrets(names[-2], names[-1], value):
        return Found(0, len(value), "a credential by its name", NAME)
    if is_phrase(value) and any(word in _PHRASES for name in names for word in words_of(name)):
        return Found(0, len(value), "a wallet's recovery words", MNEMONIC)
    return None


def _is_kept_among_secrets(table: str, key: str, value: str) -> bool:
    """`[secrets] kraken = "hunter2"`: letters and digits, under a key that is not about where secrets are."""
    if table.lower() not in ("secrets", "credentials", "passwords", "keys", "tokens"):
        return False
    if is_coin(value) or any(word in _WHERE for word in words_of(key)[-1:]):
        return False
    mixed = value.isalnum() and not value.isalpha() and not value.isdigit()
    return mixed and names_secret_value("secret", value, ":")


def _number(name: str, value: float) -> Found | None:
    """A number that a name calls secret, or that has as many digits as a private key."""
    if not isinstance(value, int):
        return None
    digits = str(value)
    if (
        len(digits) >= 60
        and len(set(digits)) > 5
        and value & (value + 1)
        and _AMOUNTS.isdisjoint(words_of(name))
    ):
        return Found(0, 0, "a private key written as a number", SHAPE)
    if len(digits) >= 4 and names_secret_value(name, digits, "quoted"):
        return Found(0, 0, "a credential by its name", NAME)
    return None
