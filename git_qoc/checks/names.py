"""Names that announce a secret (`api_secret = …`), and the values that are none all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

from git_qoc.checks.chance import is_random

_ASSIGNMENT = re.compile(
    r"""(?<![A-Za-z0-9_.-])([A-Za-z0-9_.-]{2,}+)["']?[ \t]{0,9}(=>|:=|[=:])[ \t]{0,9}"""
    r"""(?=("[^"\n]*|'[^'\n]*|[^\s"',;\#\[\]{}=&]{1,200}))"""
)
_NAME_BEFORE = re.compile(r"""([A-Za-z0-9_-]+)["']?[ \t]*[=:][ \t]*["']?$""")
_STRONG = re.compile(
    r"(?:api|private|access|signing|secret|encryption|client)key|secret|passw(?:or)?d|passphrase|mnemonic"
    r"|(?:seed|recovery)phrase|(?:access|refresh|auth|bearer|api|session|bot)token"
)
_WEAK = frozenset(
    ["key", "token", "pass", "pwd", "pin", "auth", "authorization", "bearer", "credential", "otp", "jwt"]
)
_ADDRESS = frozenset(["address", "addresses", "wallet", "mint", "contract", "pubkey"])
_BASE58 = re.compile(r"[1-9A-HJ-NP-Za-km-z]{25,44}")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|\$\{?[A-Za-z_][A-Za-z0-9_]*\}?|%[A-Z0-9_]+%")
# Text, compiled when a value needs it.
_PLACEHOLDER = (
    r"(?i:<.*>|\[.*\]|[xX*.\-_?…]+|(?:your|insert|put|paste|enter)[-_ ].*|.*(?:\.\.\.|…).*"
    r"|.*(?:example|placeholder|redacted|change-?_?me|replace|dummy|todo).*)"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEPARATOR = re.compile(r"[_.-]+")


def secret_in_assignment(text: str) -> Iterator[tuple[int, int]]:
    """Spans of values whose name says that they are secret."""
    for match in _ASSIGNMENT.finditer(text):
        raw = match[3]
        quoted = raw[0] in "\"'"
        value = raw[1:] if quoted else raw
        if names_secret_value(match[1], value, "quoted" if quoted else match[2]):
            start = match.start(3) + quoted
            yield start, start + len(value)


def names_secret_value(name: str, value: str, written: str) -> bool:
    """Whether `value` under `name` is a secret; `written` is "quoted", or the sign before a bare value."""
    words = [word.lower() for word in _SEPARATOR.split(_CAMEL.sub("_", name)) if word]
    joined = "".join(words)
    strong = _STRONG.search(joined)
    if words[-1:] in (["env"], ["file"], ["keyring"]) or words[-2:] == ["git", "credential"]:
        return False  # a reference's argument, which references.py judges
    if not words or not (strong or (words[-1] in _WEAK and len(words) > 1) or words[0] in _WEAK - {"key"}):
        return False
    if _is_no_secret(value):
        return False
    if strong and strong.end() == len(joined):
        return _is_any_secret(value, written)
    return _is_likely_secret(value)


def holds_public_address(text: str, token: re.Match[str]) -> bool:
    """Whether the name in front of a token says that it is a public address, and it can be one."""
    name = _NAME_BEFORE.search(text[max(0, token.start() - 80) : token.start()])
    return (
        name is not None
        and not _ADDRESS.isdisjoint(_SEPARATOR.split(name[1].lower()))
        and _BASE58.fullmatch(token[0]) is not None
    )


def _is_no_secret(value: str) -> bool:
    return (
        _VARIABLE.fullmatch(value) is not None
        or re.fullmatch(_PLACEHOLDER, value[:200]) is not None
        or (
            re.match(r"/|~/|\.\.?/|\$\(|[a-z][a-z0-9+.-]{0,20}://", value) is not None
            and not is_base64_like(value)
        )
    )


def is_base64_like(value: str) -> bool:
    """A path never ends in padding, and no path of words mixes cases and digits without a break."""
    return value.endswith("=") or ("+" in value and len(value) > 30)


def _is_any_secret(value: str, written: str) -> bool:
    if written == "quoted":
        return len(value) >= 6
    digit, letter = any(map(str.isdigit, value)), any(map(str.isalpha, value))
    return (len(value) >= 6 and digit) if "=" in written else (len(value) >= 8 and digit and letter)


def _is_likely_secret(value: str) -> bool:
    if len(value) < 12 or " " in value:
        return False
    hexadecimal = not value.replace("-", "").strip("0123456789abcdefABCDEF") and len(value) >= 16
    return (hexadecimal and any(map(str.isalpha, value))) or is_random(value)
