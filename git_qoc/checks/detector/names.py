"""Names that announce a secret (`api_secret = …`), and the values that are none all the same.

A name is taken apart into words (snake, kebab, camel case); what its last words say counts:
`api_key` holds a secret, `api_key_file` says where one is. In: a name and a value;
out: a verdict. The words themselves stand in `vocabulary`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from git_qoc.checks.detector.chance import is_hex_key, is_opaque, mean_bits, mixes_three
from git_qoc.checks.detector.vocabulary import ABOUT, NOT_SECRET, NOTHING, PINS, SECRETS, STEMS, WEAK, WHOLE

Surroundings = tuple[str, str]
"""The words before a place and after it: its key and table, and what is on the line."""

# What a name can say about its value.
NOTHING_SECRET, SECRET, SEED, PIN, LIKELY = "", "secret", "seed", "pin", "likely"

_LONG_NAMES = tuple(name for name in SECRETS if len(name) > 4)
_SHORT_NAMES = tuple(name for name in SECRETS if len(name) <= 4)
"""An id of hexadecimal digits may end in 2fa."""
_SIGNS_OF_NAMES = (
    *(
        "key",
        "token",
        "secret",
        "pass",
        "auth",
        "pwd",
        "psk",
        "seed",
        "otp",
        "wort",
        "woord",
        "geheim",
        "contrase",
        "senha",
    ),
    *("haslo", "recovery", "backup"),
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SEPARATOR = re.compile(r"[\W_]+")
# Text, compiled when a value needs it.
_VARIABLE = r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|\$\(?\{?[A-Za-z_][\w.]*[)}]*|%[A-Z0-9_]+%|\{\{?.*"
_PLACEHOLDER = (
    r"(?is:[<(].*|\[.*\]|[xX*.\-_?…•#]+|(?:your|insert|put|paste|enter)[-_ ].*"
    r"|(?:the|see|ask|from|use|in|set) .*"
    r"|.*(?:\.\.\.|…|\*\*\*|•••|xxxx).*|.*(?:example|placeholder|redacted|change-?_?me|replace|dummy|todo).*)"
)
# A decimal number, a date or a time.
_MEASURE = r"[0-9]{1,20}\.[0-9]{1,20}|[0-9]{4}-[0-9]{2}-[0-9]{2}[T0-9:.Z+-]*"
_PATTERN = r"\[[A-Za-z0-9]-[A-Za-z0-9]|\\[bdwsBDWS](?![A-Za-z])|\{[0-9]+(?:,[0-9]*)?\}"
_FILE = r"[\w.-]{1,80}\.(?:pem|key|crt|txt|json|toml|ya?ml|age|gpg|asc|env|p12|pfx|enc)"
_PLACE = r"/|~/|\.\.?/|\$[({]|[a-z][a-z0-9+.-]{0,20}:(?://|[a-z])|op:|sha[0-9]{1,3}[-:/=]"
_ADDRESS = r"0x[0-9a-fA-F]{40}|[1-9A-HJ-NP-Za-km-z]{32,44}"
_SIGNS = r"[!@#$%^&*?+~]"


def names_secret_value(name: str, value: str, written: str) -> bool:
    """Whether `value` under `name` is a secret.

    `written` is "quoted", the sign before a bare value, or "prose" when more words follow it.
    """
    what = says(name)
    if what == NOTHING_SECRET or (what == SEED and value.replace("_", "").isdigit()):
        return False  # the latter of a random generator
    if what in (SECRET, SEED):
        is_one = _is_any_secret(value, written)
    elif what == PIN and value.isdigit() and written != "prose":
        is_one = 4 <= len(value) <= 12
    else:
        is_one = _is_likely_secret(value)
    return is_one and not is_no_secret(value)


@lru_cache(1024)
def secret_before(before: str) -> bool:
    """Whether the words just before something say that it is a secret: "my api key is"."""
    words = words_of(before[-80:])[-5:]
    for count in range(min(3, len(words))):
        if _ends_secret(words[: len(words) - count]):
            return ABOUT.isdisjoint(words[len(words) - count :]) and NOT_SECRET.isdisjoint(words)
    return False


def names_a_secret(text: str) -> bool:
    """Whether a text may name a secret at all: thousands of ids in a table need no look each."""
    folded = text.lower()
    return any(sign in folded for sign in _SIGNS_OF_NAMES) or not text.isascii()


def words_of(name: str) -> list[str]:
    """The words of an identifier, in small letters."""
    return [word.lower() for word in _SEPARATOR.split(_CAMEL.sub("_", name)) if word]


def is_coin(value: str) -> bool:
    """Whether a value may be the address of a coin, of Ethereum's or Solana's form."""
    return re.fullmatch(_ADDRESS, value) is not None


def is_phrase(text: str) -> bool:
    """Whether a text is twelve or more small words and nothing else: recovery words, where a name says so."""
    words = text.split()
    return len(words) >= 12 and len(text) < 400 and all(word.isalpha() and word.islower() for word in words)


@lru_cache(1024)
def says(name: str) -> str:
    """What a name says about its value: one of the words above."""
    words = words_of(name)
    while len(words) > 1 and words[-1].isdigit():  # api_secret_2
        words.pop()
    if (
        not words
        or words[-1] in ABOUT
        or words[-2:] == ["git", "credential"]
        or not NOT_SECRET.isdisjoint(words)
    ):
        return NOTHING_SECRET
    joined = "".join(words)
    if joined in WHOLE or _ends_secret(words):
        return SEED if words[-1] == "seed" else SECRET
    if joined in PINS:
        return PIN
    weak = words[-1] in WEAK or words[0] in WEAK - {"key", "private"} or any(stem in joined for stem in STEMS)
    return LIKELY if weak and joined != "key" else NOTHING_SECRET


def _ends_secret(words: list[str]) -> bool:
    """Whether words, as one or apart, end as a secret's name does; short names must be words of their own."""
    joined = "".join(words)
    for name in (joined, joined.removesuffix("s")):
        if name.endswith(_LONG_NAMES) or (name.endswith(_SHORT_NAMES) and _last(words) in _SHORT_NAMES):
            return True
    return False


def _last(words: list[str]) -> str:
    return words[-1].removesuffix("s") if words[-1] not in _SHORT_NAMES else words[-1]


def is_no_secret(value: str) -> bool:
    """Whether a value is a placeholder, a variable, a place, a measure, or says itself that it is none."""
    if value.lower() in NOTHING or _plain_values().fullmatch(value, 0, 80) or _is_name(value):
        return True
    if re.search(_PATTERN, value) or (value.lstrip().startswith("-----BEGIN ") and "PRIVATE" not in value):
        return True  # a regular expression; a certificate or public key
    return _places().match(value) is not None and (value.startswith("sha") or not _is_base64_like(value))


@lru_cache(1)
def _plain_values() -> re.Pattern[str]:
    return re.compile(f"{_VARIABLE}|{_PLACEHOLDER}|0x[0-9a-fA-F]{{40}}|{_MEASURE}|{_FILE}")


@lru_cache(1)
def _places() -> re.Pattern[str]:
    return re.compile(_PLACE)


def _is_name(value: str) -> bool:
    """The name of a secret, in a store: cx-api-secret."""
    if len(value) > 60:
        return False
    words = words_of(value.replace("/", "-"))
    joined = "".join(words)
    return len(words) > 1 and value.isascii() and joined.isalpha() and any(stem in joined for stem in STEMS)


def _is_base64_like(value: str) -> bool:
    """A path never ends in padding, and no path of words mixes cases and digits without a break."""
    return value.endswith("=") or ("+" in value and len(value) > 30) or is_opaque(value)


def _is_any_secret(value: str, written: str) -> bool:
    if written == "quoted":
        return len(value.strip()) >= 3
    if len(value) < (8 if written == "prose" else 5):
        return False
    if "=" in written or written == ":-":
        return True
    digit = any(map(str.isdigit, value))
    if written == "prose":
        return digit and any(map(str.isalpha, value))
    mixed = value[1:] not in (value[1:].lower(), value[1:].upper())
    return digit or mixed or re.search(_SIGNS, value) is not None


def _is_login(value: str) -> bool:
    from git_qoc.checks.detector.urls import is_login

    return is_login(value, strict=True)


def _is_likely_secret(value: str) -> bool:
    if len(value) < 12 or " " in value or is_coin(value):
        return False
    bare = value.replace("-", "")
    if value.isdigit():
        return 20 <= len(value) <= 40  # IBKR's Flex tokens; longer ones are numbers of coins
    if not bare.strip("0123456789abcdefABCDEF"):
        return len(bare) >= 16 and any(map(str.isalpha, bare)) and any(map(str.isdigit, bare))
    if value.endswith("=") and _is_login(value):
        return True
    return is_hex_key(value) or is_opaque(value) or (mixes_three(value) and mean_bits(value) > 5.2)
