"""SimpleFIN's access URL taken apart: `https://user:password@host/path` in one secret.

Nothing here raises while it holds the secret's text, and what is kept of it are the address,
which is no secret, and a hash.
"""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import unquote

from git_qoc.desk.secrets import Secret
from git_qoc.venues.authorization import Derived, basic

_URL = re.compile(
    r"(?P<scheme>https?://)(?P<user>[^\s:/@?#]+):(?P<password>[^\s:/@?#]+)@"
    r"(?P<place>[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]+)*)/?",
    re.ASCII,
)
CLAIM_FIRST = (
    "simplefin: access_url holds a setup token. It can be claimed once, and you do that: "
    'curl -X POST "$(printf %s TOKEN | base64 -d)" prints the access URL; keep that instead'
)
NO_URL = (
    "simplefin: access_url is no access URL. "
    "Expected https://USER:PASSWORD@HOST/PATH, as the claim printed it"
)


@dataclass(frozen=True, slots=True)
class Access:
    """`url` has no user and no password. `struck` is what must not be repeated.

    `key` names what is kept for this URL: a hash of it, cut short. The user and password that
    a bridge hands out are random and long, so no guess can be held against it.
    """

    url: str
    authorization: Secret
    struck: tuple[Secret, ...]
    key: str


def access(secret: Secret) -> Access | str:
    """The parts of an access URL; what to tell the user when it is none."""
    text = secret.reveal()
    found = _URL.fullmatch(text) if text.isascii() else None
    if found is None:
        return CLAIM_FIRST if _is_setup_token(text) else NO_URL
    return Access(
        found["scheme"].lower() + found["place"],
        basic(secret, lambda url: f"{_part(url, 'user')}:{_part(url, 'password')}"),
        (secret, Derived(secret, lambda url: _part(url, "password")), Derived(secret, _user)),
        sha256(b"git-qoc simplefin\n" + text.encode()).hexdigest()[:16],
    )


def _user(url: str) -> str:
    return _part(url, "user")


def _part(url: str, name: str) -> str:
    found = _URL.fullmatch(url)
    return "" if found is None else unquote(found[name])


def _is_setup_token(text: str) -> bool:
    try:
        return b64decode(text, validate=True).startswith((b"https://", b"http://"))
    except ValueError:
        return False
