"""Names that announce a secret (`api_secret = …`), and the values that are none all the same.

A name is taken apart into words (snake, kebab, camel case); what its last words say counts:
`api_key` holds a secret, `api_key_file` says where one is. In: text, or a name and a value;
out: spans and verdicts. The words themselves stand in `vocabulary`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from git_qoc.checks.chance import is_hex_key, is_opaque, mean_bits, mixes_three
from git_qoc.checks.vocabulary import ABOUT, NOT_SECRET, NOTHING, PINS, SECRETS, STEMS, WEAK, WHOLE

Surroundings = tuple[str, str]
"""The words before a place and after it: its key and table, and what is on the line."""

# What a name can say about its value.
NOTHING_SECRET, SECRET, SEED, PIN, LIKELY = "", "secret", "seed", "pin", "likely"

_ASSIGNMENT = re.compile(
    r"""(?<![\w.$-])([\w.$-]{2,80}+)(?![\w.$-])[\\"'`\])]{0,4}[ \t]{0,9}"""
    r"""(\+?=>|:=|:-|=(?!=)|:(?!//)|\||(?<=[ \t])(?<!=))[ \t]{0,9}"""
    r"""(?=(\\?["'`]{1,3}[^"'`\n\\]{0,400}|[^\s"'`,;\#\[\]{}()<>|&\\]{1,200}))"""
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SEPARATOR = re.compile(r"[\W_]+")
# Text, compiled when a value needs it.
_SETTER = (
    r"""\b(?:setx|setenv|set(?:[ \t]+-[-a-zA-Z]{1,10}){1,3})[ \t]+(\w{2,80})[ \t]+["']?([^\s"']{1,200})"""
)
_VARIABLE = r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|\$\(?\{?[A-Za-z_][\w.]*[)}]*|%[A-Z0-9_]+%|\{\{?.*"
_PLACEHOLDER = (
    r"(?is:[<(].*|\[.*\]|[xX*.\-_?…•#]+|(?:your|insert|put|paste|enter)[-_ ].*"
    r"|(?:the|see|ask|from|use|in|set) .*"
    r"|.*(?:\.\.\.|…|\*\*\*|•••|xxxx).*|.*(?:example|placeholder|redacted|change-?_?me|replace|dummy|todo).*)"
)
# A decimal number, a date or a time.
_MEASURE = r"[0-9]{1,20}\.[0-9]{1,20}|[0-9]{4}-[0-9]{2}-[0-9]{2}[T0-9:.Z+-]*"
_FILE = r"[\w.-]{1,80}\.(?:pem|key|crt|txt|json|toml|ya?ml|age|gpg|asc|env|p12|pfx|enc)"
_PLACE = r"/|~/|\.\.?/|\$[({]|[a-z][a-z0-9+.-]{0,20}:(?://|[a-z])|op:|sha[0-9]{1,3}[-:/=]"
_ADDRESS = r"0x[0-9a-fA-F]{40}|[1-9A-HJ-NP-Za-km-z]{32,44}"
_SIGNS = r"[!@#$%^&*?+~]"
_NEXT_WORD = r"[ \t]{1,9}(?!#|//|\||--|-[A-Za-z]\b|[\w.-]+[=:]|&&|and\b|und\b|\\$)[^\s\"'`,;)\]}]"


def secret_in_assignment(text: str) -> Iterator[tuple[int, int]]:
    """Spans of values whose name says that they are secret."""
    for match in _ASSIGNMENT.finditer(text):
        if _says(match[1]) == NOTHING_SECRET or not _is_assigned(text, match):
            continue
        raw, sign = match[3], match[2]
        value = raw.lstrip("\\").lstrip("\"'`")
        quotes = raw[: len(raw) - len(value)]
        start = match.start(3) + len(quotes)
        written = "quoted" if quotes else sign or "="
        if not quotes and ("=" not in written or text[start - 1].isspace()) and _goes_on(text, match.end(3)):
            written = "prose"
        is_output = value[:1].isspace() or (
            "`" in quotes and " " in value
        )  # of a command; or a quotation ends
        if not is_output and names_secret_value(match[1], value, written):
            yield start, start + len(value)
    if "setx" in text or "setenv" in text or "set -" in text:
        for match in re.finditer(_SETTER, text):
            if names_secret_value(match[1], match[2], "="):
                yield match.start(2), match.end(2)


def names_secret_value(name: str, value: str, written: str) -> bool:
    """Whether `value` under `name` is a secret.

    `written` is "quoted", the sign before a bare value, or "prose" when more words follow it.
    """
    says = _says(name)
    if says == NOTHING_SECRET or (says == SEED and value.replace("_", "").isdigit()):
        return False  # the latter of a random generator
    if says in (SECRET, SEED):
        is_one = _is_any_secret(value, written)
    elif says == PIN and value.isdigit() and written != "prose":
        is_one = 4 <= len(value) <= 12
    else:
        is_one = _is_likely_secret(value)
    return is_one and not _is_no_secret(value)


def secret_before(before: str) -> bool:
    """Whether the words just before something say that it is a secret: "my api key is"."""
    words = words_of(before[-80:])[-5:]
    for count in range(min(3, len(words))):
        if _ends_secret("".join(words[: len(words) - count])):
            return ABOUT.isdisjoint(words[len(words) - count :]) and NOT_SECRET.isdisjoint(words)
    return False


def words_of(name: str) -> list[str]:
    """The words of an identifier, in small letters."""
    return [word.lower() for word in _SEPARATOR.split(_CAMEL.sub("_", name)) if word]


def is_phrase(text: str) -> bool:
    """Whether a text is twelve or more small words and nothing else: recovery words, where a name says so."""
    words = text.split()
    return len(words) >= 12 and len(text) < 400 and all(word.isalpha() and word.islower() for word in words)


@lru_cache(1024)
def _says(name: str) -> str:
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
    if joined in WHOLE or _ends_secret(joined):
        return SEED if words[-1] == "seed" else SECRET
    if joined in PINS:
        return PIN
    weak = words[-1] in WEAK or words[0] in WEAK - {"key", "private"} or any(stem in joined for stem in STEMS)
    return LIKELY if weak and joined != "key" else NOTHING_SECRET


def _is_assigned(text: str, match: re.Match[str]) -> bool:
    if match[2] == "" and not match[1].startswith("--"):
        return False  # only an option of a command line has its value after a blank
    if match[2] == ":" and text[match.start() - 1 : match.start()] == ":":
        return False  # a name in a name: arn:…:secret:…
    # Code that looks it up: os.environ["…"]
    return match[3][:1] in ("\\", '"', "'", "`") or text[match.end(3) : match.end(3) + 1] not in ("(", "[")


def _ends_secret(joined: str) -> bool:
    return joined.endswith(SECRETS) or (joined.endswith("s") and joined[:-1].endswith(SECRETS))


def _goes_on(text: str, end: int) -> bool:
    """Whether more words follow a bare value, as in prose."""
    return re.compile(_NEXT_WORD).match(text, end) is not None


def _is_no_secret(value: str) -> bool:
    if value.lower() in NOTHING or _plain_values().fullmatch(value, 0, 200) or _is_name(value):
        return True
    return _places().match(value) is not None and (value.startswith("sha") or not _is_base64_like(value))


@lru_cache(1)
def _plain_values() -> re.Pattern[str]:
    return re.compile(f"{_VARIABLE}|{_PLACEHOLDER}|0x[0-9a-fA-F]{{40}}|{_MEASURE}|{_FILE}")


@lru_cache(1)
def _places() -> re.Pattern[str]:
    return re.compile(_PLACE)


def _is_name(value: str) -> bool:
    """The name of a secret, in a store: cx-api-secret."""
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


def _is_likely_secret(value: str) -> bool:
    if len(value) < 12 or " " in value or re.fullmatch(_ADDRESS, value):
        return False
    bare = value.replace("-", "")
    if value.isdigit():
        return 20 <= len(value) <= 40  # IBKR's Flex tokens; longer ones are numbers of coins
    if not bare.strip("0123456789abcdefABCDEF"):
        return len(bare) >= 16 and any(map(str.isalpha, bare)) and any(map(str.isdigit, bare))
    return is_hex_key(value) or is_opaque(value) or (mixes_three(value) and mean_bits(value) > 5.2)
