"""The words for a credential fault: which connector, which key, what to write instead.

Names come from the same file as the secret and may hold it; a name is only repeated when it
is plainly a name and has nothing in common with the value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING

from git_qoc.checks.detector.references import ARGUMENT, FORMS, LITERAL, is_variable
from git_qoc.checks.detector.tokens import CHANCE, Found, is_key_material
from git_qoc.desk.positions import Path

if TYPE_CHECKING:
    from git_qoc.checks.detector.allowed import Comment

RULE = "credentials"
_SHARED = 6
_NAME = r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}"
_REVOKE = "and revoke this key: it was in a file."


def in_auth(path: Path, entry: Mapping[str, object], key: str, fault: tuple[object, str]) -> str:
    """The message for a value under auth that is no reference; `fault` is (the value, why) of `judge`."""
    value, why = fault
    secret = str(value)
    where = _connector(path, entry, secret)
    label = f"auth.{key}" if key and _is_printable(key, secret) else "auth"
    instead = f'{{ env = "{_variable(entry, key, secret)}" }}'
    if why == LITERAL:
        return f"a literal credential in {where} ({label}). Write {instead} instead, {_REVOKE}"
    if why == ARGUMENT:
        return (
            f"a malformed reference in {where} ({label}): it does not name a place. "
            f"Write {instead} instead, and if a key stood here, revoke it: it was in a file."
        )
    forms = ", ".join(FORMS)
    return f"no reference in {where} ({label}): expected one of {forms}. Write {instead}"


def in_plain_text(found: Found, comment: Comment | None, is_markup: bool) -> str:
    """The message for something outside auth; `comment` is one that would allow it and does not."""
    message = (
        f'this looks like {found.what}. Take it out and keep only a reference, {{ env = "NAME" }}, {_REVOKE}'
    )
    if found.kind != CHANCE:
        return f"{message} A comment cannot allow this." if comment else message
    if comment is not None and not comment.reason:
        return f"{message} The comment that would allow it has no reason: write why it is no secret."
    if comment is not None:
        return f"{message} The comment does not allow it: its reason holds key material as well."
    sign = "<!-- qoc: allow REASON -->" if is_markup else "# qoc: allow REASON"
    return f"{message} If it is no secret, say why on this line: {sign}"


def lookalike(path: Path, entry: Mapping[str, object]) -> str:
    """The message for a key that is read as `auth` and is none."""
    return (
        f"a key in {_connector(path, entry, '')} looks like auth and is not: capitals, blanks, or letters of "
        "another script. Write it as auth"
    )


def not_toml() -> str:
    """The message for a desk.toml that does not parse; no parser's words, which may quote the line."""
    return "this file is not valid TOML, so it cannot be checked for credentials. Fix it, then commit again"


def not_plain(flaw: str) -> str:
    """The message for a desk.toml in another encoding than TOML's; `flaw` names it."""
    return f"this file is {flaw}; TOML is plain UTF-8, so other tools would not read it. Save it as UTF-8"


def too_many(count: int) -> str:
    """The message where looking stopped."""
    return (
        f"more than {count} places in this file look like credentials; no more are listed. Mend these first"
    )


def _connector(path: Path, entry: Mapping[str, object], secret: str) -> str:
    name = entry.get("name")
    number = path[1] if len(path) > 1 else None
    if isinstance(name, str) and _is_printable(name, secret):
        return f'connector "{name}"'
    return f"connector {number + 1}" if isinstance(number, int) else "a connector"


def _is_printable(name: str, secret: str) -> bool:
    if not re.fullmatch(_NAME, name) or is_key_material(name):
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
