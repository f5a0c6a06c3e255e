"""Passwords and tokens in URLs, headers and command lines. Text in, spans out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from git_qoc.checks.detector.chance import is_opaque, mixes_three

_BLANKS = {9: 32, 10: 32, 13: 32}
_USER = r"[\w.@+\\-]{1,64}"
_PLACE = ("$", "<", "{", "*", "%", "[", "…", "...")
_NO_PASSWORDS = (
    *("pass", "password", "passwd", "pw", "pwd", "secret", "user", "token", "key", "apikey", "api_key"),
    *("changeme", "xxx", "xxxx", "xxxxx", "***", "****"),
)


def passwords(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, what) of passwords in URLs, and of those that headers and options hold."""
    folded = text.lower()
    for what, signs, pattern, is_one in _PLACES:
        if any(sign in folded for sign in signs):
            for match in re.finditer(pattern, text):
                if is_one(match[1]):
                    yield match.start(1), match.end(1), what


def decoded(token: str) -> str:
    """What base64 says when it is plain ASCII text; empty when it is not."""
    body = token.rstrip("=")
    if len(body) % 4 == 1 or token.isupper() or token.islower():
        return ""
    from binascii import a2b_base64

    try:
        raw = a2b_base64(body.replace("-", "+").replace("_", "/") + "=" * (-len(body) % 4))
    except ValueError:  # also of letters that are not ASCII
        return ""
    if not raw.isascii():
        return ""
    text = raw.decode("ascii")
    return text if text.translate(_BLANKS).isprintable() else ""


def is_login(token: str, strict: bool = False) -> bool:
    """Whether base64 holds a user and a password; `strict` where nothing but the token says so."""
    if strict and ("-" in token or "_" in token or not any(map(str.isdigit, token))):
        return False  # a name; sixteen characters of base64 have a digit
    user, colon, password = decoded(token).strip().partition(":")
    if not colon or not user or not password:
        return False
    if not strict:
        return True
    return (
        re.fullmatch(_USER, user) is not None
        and re.fullmatch(r"[^\s\"/|][^\s\"|]{3,100}", password) is not None
    )


def _is_password(text: str) -> bool:
    return bool(text) and not text.startswith(_PLACE) and text.lower() not in _NO_PASSWORDS


def _is_userinfo(authority: str) -> bool:
    userinfo, at, _ = authority.rpartition("@")
    user, colon, password = userinfo.partition(":")
    if not at or colon:
        return bool(at) and _is_password(password)
    if len(user) >= 66 and not user.strip("0123456789abcdef"):
        return False  # a node's public key
    return len(user) >= 16 and _is_token(user)


def _is_option(login: str) -> bool:
    return _is_password(login.partition(":")[2])


def _is_signature(text: str) -> bool:
    return "EXAMPLE" not in text


def _is_mixed(text: str) -> bool:
    return _is_password(text) and any(map(str.isdigit, text)) and any(map(str.isalpha, text))


def _is_token(text: str) -> bool:
    bare = text.replace("-", "")
    is_hex = len(bare) >= 24 and not bare.strip("0123456789abcdefABCDEF")
    return is_hex or mixes_three(text) or is_opaque(text)


_PLACES: tuple[tuple[str, tuple[str, ...], str, Callable[[str], bool]], ...] = (
    ("a login in a URL", ("://",), r"""://([^\s/?#"'<>`\\]{1,400}+)""", _is_userinfo),
    ("a login in a header", ("basic",), r"(?i:\bbasic)[ \t]{1,4}([A-Za-z0-9+/_-]{6,}={0,2})", is_login),
    (
        "a bearer token",
        ("bearer", "token"),
        r"(?i:\b(?:bearer|token))[ \t]{1,4}([A-Za-z0-9+/_.~-]{12,}={0,2})",
        _is_token,
    ),
    (
        "a signed URL",
        ("sig",),
        r"[?&;](?i:sig|signature|x-amz-signature|x-goog-signature)=([A-Za-z0-9+/%_=-]{20,})",
        _is_signature,
    ),
    (
        "a login as in .netrc",
        ("login",),
        r"\blogin[ \t]{1,4}(?!and\b|or\b)[^\s]{1,80}[ \t]{1,4}password[ \t]{1,4}([^\s\"']{3,100})",
        _is_password,
    ),
    (
        "a login in a sentence",
        ("login ", "login:", "creds", "credentials"),
        r"(?i:\b(?:login|creds?|credentials))[ :=]{1,3}[\w.@-]{1,40}(?::| / )([^\s\"'/]{5,100})",
        _is_mixed,
    ),
    (
        "a login in a command",
        ("-u", "--user", "--proxy-user"),
        r"""(?<![\w-])(?:-u|--user|--proxy-user|-U)[ \t=]{1,3}["']?([^\s:"'/\\]{1,80}:[^\s"'\\]{3,200})""",
        _is_option,
    ),
    (
        "a login in a command",
        ("sshpass", "mysql", "redis-cli"),
        r"""\b(?:sshpass|mysql|redis-cli)\b[^\n]{0,80}?[ \t](?:-p|-a)[ \t]?["']?([^\s"'-][^\s"']{3,80})""",
        _is_password,
    ),
)
