"""What key material looks like, and what only looks like it.

Text in, spans out; it knows no TOML. Every pattern is linear in the text, or bounded: the
text is a stranger's. Shapes come from what venues hand out: Alpaca (PK…/AK…/CK… and 40 or
44 characters), Kraken (56 and 88 of base64), Binance (64 alphanumerics), Coinbase
(organizations/…/apiKeys/… and a PEM key), Mercury (secret-token:mercury_…).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from git_qoc.checks.chance import RUN, UUID, alternates, is_opaque, is_random
from git_qoc.checks.names import holds_public_address, secret_in_assignment


class Found(NamedTuple):
    """text[start:end] looks like `what` (a noun phrase)."""

    start: int
    end: int
    what: str


_SHAPES = re.compile(
    r"""(?<![A-Za-z0-9])(?:
      (?P<aws>A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9]))
    | (?P<alpaca>[PAC]K(?=[A-Z]*[0-9])[A-Z0-9]{18}(?:[A-Z0-9]{6})?(?![A-Za-z0-9]))
    | (?P<bank>secret-token:[^\s"']{8,})
    | (?P<github>gh[opsur]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})
    | (?P<stripe>[sr]k_(?:live|test)_[A-Za-z0-9]{8,}|whsec_[A-Za-z0-9+/]{16,})
    | (?P<jwt>eyJ[A-Za-z0-9_-]{8,200}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+)?)
    | (?P<coinbase>organizations/[0-9a-f-]{36}/apiKeys/[0-9a-f-]{36})
    | (?P<token>glpat-[A-Za-z0-9_-]{20,}|xox[abprs]-[A-Za-z0-9-]{10,}|AIza[A-Za-z0-9_-]{35}
               |sk-[A-Za-z0-9_-]{20,}|hf_[A-Za-z0-9]{30,}|npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{30,})
    | (?P<wallet>xprv[A-Za-z0-9]{50,}|nsec1[a-z0-9]{50,}|AGE-SECRET-KEY-1[A-Z0-9]{50,})
    )""",
    re.VERBOSE,
)
_SHAPE_NAMES = {
    "aws": "an AWS access key id",
    "alpaca": "an Alpaca key id",
    "bank": "a bank's API token",
    "github": "a GitHub token",
    "stripe": "a Stripe key",
    "jwt": "a JSON web token",
    "coinbase": "a Coinbase key name",
    "token": "an access token",
    "wallet": "a wallet's private key",
}
_USERINFO = re.compile(r"""://([^\s/?#"'<>]++)""")
_NO_PASSWORDS = frozenset(["pass", "password", "xxx", "xxxx", "secret"])
_LONGEST_PEM = 10_000
_WORD = re.compile(r"[A-Za-z0-9+/_-]{20,}")
_ETH_KEY = re.compile(r"(?<![A-Za-z0-9])0x[0-9a-fA-F]{64}(?![A-Za-z0-9])")
_HASH_BEFORE = re.compile(r"(?:tx|txid|tx_?hash|hash|transaction)\b[^A-Za-z0-9]{0,6}$", re.IGNORECASE)


def find(text: str) -> Iterator[Found]:
    """Everything in `text` that looks like key material: by shape, in a URL, by its name, by chance.

    Spans may overlap; the order is not that of the text. Nothing but a PEM key spans lines.
    """
    yield from _private_keys(text)
    for match in _SHAPES.finditer(text):
        if len(set(match[0][4:])) >= 6 and "EXAMPLE" not in match[0]:
            yield Found(match.start(), match.end(), _SHAPE_NAMES[match.lastgroup or "token"])
    for match in _ETH_KEY.finditer(text):
        if not _HASH_BEFORE.search(text[max(0, match.start() - 30) : match.start()]):
            yield Found(match.start(), match.end(), "a wallet's private key")
    for match in _USERINFO.finditer(text):
        if _password_in(match[1]):
            yield Found(match.start(1), match.end(1), "a password in a URL")
    for start, end in secret_in_assignment(text):
        yield Found(start, end, "a secret by its name")
    for match in _WORD.finditer(text):
        if is_opaque(match[0]) and not holds_public_address(text, match):
            yield Found(match.start(), match.end(), "key material")


def _private_keys(text: str) -> Iterator[Found]:
    at = text.find("-----BEGIN ")
    while at >= 0:
        end = at + 60
        if "PRIVATE KEY" in text[at:end]:
            closing = text.find("-----END ", at, at + _LONGEST_PEM)
            end = closing if closing >= 0 else end
            yield Found(at, end, "a private key")
        at = text.find("-----BEGIN ", end)


def is_key_material(text: str) -> bool:
    """Whether a short text that should name a place (a variable, a path, a user) is a key instead."""
    squeezed = "".join(RUN.findall(re.sub(UUID, "", text)))
    return (
        any(True for _ in find(text))
        or any(_is_long_mixture(run) for run in RUN.findall(text))
        or (len(squeezed) >= 16 and alternates(text) and is_random(squeezed))
    )


def _is_long_mixture(run: str) -> bool:
    """More than 16 letters and digits that are not a word, a number, or a word with a number."""
    return len(run) > 16 and not run.rstrip("0123456789").isalpha() and not run.isdigit()


def _password_in(authority: str) -> bool:
    userinfo, at, _ = authority.rpartition("@")
    user, colon, password = userinfo.partition(":")
    if not at:
        return False
    if not colon:
        return is_key_material(user)
    return bool(password) and not password.startswith(("$", "<", "{", "*")) and password not in _NO_PASSWORDS
