"""The words for a credential fault: which connector, which key, what to write instead.

Names come from the same file as the secret and may hold it; a name is only repeated when it
is plainly a name and has nothing in common with the value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice

from git_qoc.checks.references import ARGUMENT, FORMS, LITERAL, is_variable
from git_qoc.checks.tokens import is_key_material
from git_qoc.desk.positions import Path

_SHARED = 6
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}")
_REVOKE = "and revoke this key: it was in a file."


def in_auth(path: Path, entry: Mapping[str, object], key: str, fault: tuple[object, str]) -> str:
    """The message for a value under auth that is no reference; `fault` is (the value, why) of `judge`."""
    value, why = fault
    secret = str(value)
    name = entry.get("name")
    number = path[1] if len(path) > 1 else None
    if isinstance(name, str) and _is_printable(name, secret):
        where = f'connector "{name}"'
    else:
        where = f"connector {number + 1}" if isinstance(number, int) else "a connector"
    label = f"auth.{key}" if key and _is_printable(key, secret) else "auth"
    instead = f'{{ env = "{_variable(entry, key, secret)}" }}'
    if why == LITERAL:
        return f"a literal credential in {where} ({label}). Write {instead} instead, {_REVOKE}"
    if why == ARGUMENT:
        return (
            f"a malformed secret reference in {where} ({label}): it does not name a place. "
            f"Write {instead} instead, and if a key stood here, revoke it: it was in a file."
        )
    forms = ", ".join(FORMS)
    return f"no secret reference in {where} ({label}): expected one of {forms}. Write {instead}"


def in_plain_text(what: str) -> str:
    """The message for something outside auth that looks like `what`."""
    return f'this looks like {what}. Take it out and keep only a reference, {{ env = "NAME" }}, {_REVOKE}'


def _is_printable(name: str, secret: str) -> bool:
    if not _NAME.fullmatch(name) or is_key_material(name):
        return False
    folded, other = name.casefold(), secret.casefold()
    width = min(_SHARED, len(other)) or 1
    return not any(folded[at : at + width] in other for at in range(max(1, len(folded) - width + 1)))


def _variable(entry: Mapping[str, object], key: str, secret: str) -> str:
    """The variable to name: this connector's prefix where another key shows it, else its name."""
    suffix = _capitals(key)
    name = entry.get("name")
    prefix = _capitals(name) + "_" if isinstance(name, str) else ""
    auth = entry.get("auth")
    siblings = islice(auth.items(), 20) if isinstance(auth, dict) else ()
    for sibling, reference in siblings:
        target = reference.get("env") if isinstance(reference, dict) else None
        if isinstance(target, str) and target.endswith("_" + _capitals(sibling)):
            prefix = target.removesuffix(_capitals(sibling))
    variable = prefix + suffix
    return variable if is_variable(variable) and _is_printable(variable, secret) else "NAME"


def _capitals(text: str) -> str:
    return re.sub(r"[^A-Z0-9]+", "_", text.upper()).strip("_")
