"""Made-up desks: any valid desk.toml that holds references only, and a secret put anywhere into one."""

from __future__ import annotations

import base64
import hashlib
import random
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from hypothesis import strategies as st

from tests.checks.keys import ALNUM, HEX, UPPER, base64_of, made_of

SEEDS = st.integers(0, 2**48)
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BASE64URL = ALNUM + "-_"


def base58check(payload: bytes) -> str:
    data = payload + hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = BASE58[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def random_bytes(count: int, seed: int) -> bytes:
    return random.Random(seed).randbytes(count)  # noqa: S311


def _uuid(seed: int) -> str:
    digits = made_of(HEX, 32, seed)
    return "-".join((digits[:8], digits[8:12], "4" + digits[13:16], "a" + digits[17:20], digits[20:]))


def _pem(seed: int) -> str:
    return f"-----BEGIN PRIVATE KEY-----\\n{base64_of(48, seed)}\\n-----END PRIVATE KEY-----"


def _jwt(seed: int) -> str:
    header = base64.urlsafe_b64encode(b'{"alg":"RS256","typ":"rt+jwt"}').decode().rstrip("=")
    return (
        f"{header}.{base64.urlsafe_b64encode(random_bytes(60, seed)).decode()}.{made_of(BASE64URL, 86, seed)}"
    )


Maker = Callable[[int], str]

SECRETS: dict[str, Maker] = {
    "Alpaca id": lambda seed: "PK" + made_of(UPPER, 17, seed) + "7",
    "Alpaca id 26": lambda seed: "AK" + made_of(UPPER, 23, seed) + "4",
    "Alpaca secret": lambda seed: made_of(ALNUM, 40, seed),
    "Alpaca secret 44": lambda seed: made_of(ALNUM, 44, seed),
    "Kraken key": lambda seed: base64_of(42, seed),
    "Kraken secret": lambda seed: base64_of(64, seed),
    "Binance": lambda seed: made_of(ALNUM, 64, seed),
    "Bybit secret": lambda seed: made_of(ALNUM, 36, seed),
    "OKX secret": lambda seed: made_of(HEX.upper(), 30, seed) + "A7",
    "Gate secret": lambda seed: made_of(HEX, 62, seed) + "a7",
    "hex of 32": lambda seed: made_of(HEX, 30, seed) + "b4",
    "Hyperliquid": lambda seed: "0x" + made_of(HEX, 64, seed),
    "base64url of 43": lambda seed: made_of(BASE64URL, 42, seed) + "q",
    "Coinbase name": lambda seed: f"organizations/{_uuid(seed)}/apiKeys/{_uuid(seed + 1)}",
    "Mercury": lambda seed: "secret-token:" + "mercury_production_" + made_of(ALNUM, 38, seed) + "x4",
    "tastytrade": _jwt,
    "AWS": lambda seed: "AKIA" + made_of(UPPER, 16, seed),
    "GitHub": lambda seed: "ghp_" + made_of(ALNUM, 36, seed),
    "GitLab": lambda seed: "glpat-" + made_of(BASE64URL, 20, seed),
    "Stripe": lambda seed: "sk_live_" + made_of(ALNUM, 24, seed),
    "Slack": lambda seed: f"xoxb-{made_of('0123456789', 12, seed)}-{made_of(ALNUM, 24, seed)}",
    "Google": lambda seed: "AIza" + made_of(BASE64URL, 35, seed),
    "Telegram": lambda seed: made_of("123456789", 10, seed) + ":AA" + made_of(BASE64URL, 33, seed),
    "npm": lambda seed: "npm_" + made_of(ALNUM, 36, seed),
    "SendGrid": lambda seed: f"SG.{made_of(BASE64URL, 22, seed)}.{made_of(BASE64URL, 43, seed)}",
    "WIF": lambda seed: base58check(b"\x80" + random_bytes(32, seed) + b"\x01"),
    "xprv": lambda seed: base58check(bytes.fromhex("0488ade4") + random_bytes(74, seed)),
    "nsec": lambda seed: "nsec1" + made_of("qpzry9x8gf2tvdw0s3jn54khce6mua7l", 58, seed),
    "PEM": _pem,
}
"""Formats that show wherever they stand, under any name; each from a seed."""

SECRET = st.builds(lambda name, seed: SECRETS[name](seed), st.sampled_from(sorted(SECRETS)), SEEDS)


def parts(secret: str, width: int = 6) -> set[str]:
    """Every `width` characters of a secret in a row, case folded."""
    return {secret[at : at + width].casefold() for at in range(len(secret) - width + 1)}


CHECKS = Path(__file__).parents[2] / "git_qoc" / "checks"
GENERIC = frozenset().union(
    *map(parts, ("secret-token:mercury_production_", "organizations/apikeys/", "hooks.slack.com/services/")),
    *map(parts, ("-----begin private key-----\\n", "-----end private key-----")),
    *(
        parts(path.read_text("utf-8"))
        for path in (Path(__file__).parents[2] / "git_qoc/checks").rglob("*.py")
    ),
)
"""What is the same in every secret of its kind, and what our own messages are made of: in a million
messages a random secret has six letters in common with some word of theirs."""

PIECEABLE = ("Alpaca secret", "Alpaca secret 44", "AWS", "Binance", "GitHub")

_WORDS = (
    "eq cx main alpaca kraken paper live binance desk spot margin sub fut opt swap hedge grid t212 2 v3 eu"
)
WORDS = st.sampled_from(_WORDS.split())
NAMES = st.lists(WORDS, min_size=1, max_size=5).map("-".join)
ENVS = st.lists(WORDS, min_size=1, max_size=6).map(lambda words: "Q_" + "_".join(words).upper() + "_KEY")
FILES = st.lists(WORDS, min_size=1, max_size=6).map(lambda words: "/run/" + "/".join(words))
KEYRINGS = st.tuples(NAMES, NAMES).map("/".join)
HOSTS = st.lists(WORDS, min_size=1, max_size=3).map(lambda words: f"https://{'.'.join(words)}.example/v2")
REFERENCES = st.one_of(
    st.tuples(st.just("env"), ENVS),
    st.tuples(st.just("file"), FILES),
    st.tuples(st.just("keyring"), KEYRINGS),
    st.tuples(st.just("git-credential"), HOSTS),
)


def _isin(seed: int) -> str:
    return "US" + made_of(UPPER, 9, seed) + made_of("0123456789", 1, seed)


def _lei(seed: int) -> str:
    body = "5493" + "00" + made_of(UPPER, 12, seed)
    number = int("".join(str(int(char, 36)) for char in body + "00"))
    return f"{body}{98 - number % 97:02d}"


def _iban(seed: int) -> str:
    body = made_of("0123456789", 18, seed)
    return f"DE{98 - int(body + '131400') % 97:02d}{body}"


def _ssh(seed: int) -> str:
    blob = b"\0\0\0\x0bssh-ed25519\0\0\0 " + random_bytes(32, seed)
    return f"ssh-ed25519 {base64.b64encode(blob).decode()} ops@desk"


PUBLIC: dict[str, Maker] = {
    "account": _uuid,
    "broker_account": lambda seed: "DU" + made_of("0123456789", 7, seed),
    "commit": lambda seed: made_of(HEX, 40, seed),
    "tree_sha256": lambda seed: made_of(HEX, 64, seed),
    "image": lambda seed: f"ghcr.example/desk/qoc@sha256:{made_of(HEX, 64, seed)}",
    "integrity": lambda seed: f"sha384-{base64_of(48, seed)}",
    "payout": lambda seed: "0x" + made_of(HEX + "ABCDEF", 40, seed),
    "btc": lambda seed: base58check(b"\0" + random_bytes(20, seed)),
    "tron_address": lambda seed: base58check(b"\x41" + random_bytes(20, seed)),
    "sol_wallet": lambda seed: base58check(random_bytes(28, seed)),
    "cosmos": lambda seed: "cosmos1" + made_of("qpzry9x8gf2tvdw0s3jn54khce6mua7l", 38, seed),
    "tx_hash": lambda seed: "0x" + made_of(HEX, 64, seed),
    "isin": _isin,
    "figi": lambda seed: "BBG" + made_of(UPPER, 9, seed),
    "lei": _lei,
    "iban": _iban,
    "option": lambda seed: f"{made_of(UPPER[:26], 4, seed)}260116C{made_of('0123456789', 8, seed)}",
    "future": lambda seed: f"BTC-27JUN26-{seed % 100 * 1000}-C",
    "kraken_order": lambda seed: (
        f"O{made_of(UPPER, 5, seed)}-{made_of(UPPER, 5, seed)}-{made_of(UPPER, 6, seed)}"
    ),
    "order_id": lambda seed: made_of("123456789", 19, seed),
    "ulid": lambda seed: "01" + made_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 24, seed),
    "deploy_pubkey": _ssh,
    "host_fingerprint": lambda seed: "SHA256:" + made_of(ALNUM, 43, seed),
    "gpg_fingerprint": lambda seed: made_of(HEX.upper(), 40, seed),
}
"""Key → a public value of that kind, from a seed."""

PUBLIC_LINE = st.builds(
    lambda key, seed: f'{key} = "{PUBLIC[key](seed)}"', st.sampled_from(sorted(PUBLIC)), SEEDS
)
PROSE = st.lists(WORDS, min_size=1, max_size=9).map(" ".join)


class Desk(NamedTuple):
    """`lines` of valid TOML; `values` are the numbers of those that are `key = "text"`, of any text."""

    lines: tuple[str, ...]
    values: tuple[int, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


@st.composite
def desks(draw: st.DrawFn) -> Desk:
    lines: list[str] = [
        f"# {draw(PROSE)}",
        "[workspace]",
        f'name = "{draw(NAMES)}"',
        'timezone = "Europe/Zurich"',
    ]
    values = [2]
    for number in range(draw(st.integers(0, 3))):
        lines += ["", "[[connector]]", f'name = "{draw(NAMES)}-{number}"', 'type = "crypto"']
        values.append(len(lines) - 2)
        if draw(st.booleans()):
            lines.append(f'base_url = "{draw(HOSTS)}"')
        lines.append("[connector.auth]")
        for at in range(draw(st.integers(0, 3))):
            form, target = draw(REFERENCES)
            lines.append(f'key_{at} = {{ {form} = "{target}" }}')
    lines += ["", "[notes]", f'text = "{draw(PROSE)}"']
    values.append(len(lines) - 1)
    lines += [
        f"{line.partition(' ')[0]}_{number} {line.partition(' ')[2]}"
        for number, line in enumerate(draw(st.lists(PUBLIC_LINE, max_size=6)))
    ]
    lines += ["[[schedule]]", f'name = "{draw(NAMES)}"', 'cron = "5 16 * * 1-5"', f"# {draw(PROSE)}"]
    return Desk(tuple(lines), tuple(values))


def _pieces(secret: str, count: int) -> list[str]:
    width = -(-len(secret) // count)
    return [secret[at : at + width] for at in range(0, len(secret), width)]


Placed = Callable[[Desk, int, str], list[str]]
"""Takes a desk, a number that picks a place, and a secret; gives the lines of the desk with it."""


def _in_comment(desk: Desk, at: int, secret: str) -> list[str]:
    return [*desk.lines[:at], f"# {secret}", *desk.lines[at:]]


def _in_comment_on_line(desk: Desk, at: int, secret: str) -> list[str]:
    lines = list(desk.lines)
    lines[at - 1] += f"  # was {secret}"
    return lines


def _in_value(desk: Desk, at: int, secret: str) -> list[str]:
    lines = list(desk.lines)
    line = desk.values[at % len(desk.values)]
    quote = "'" if "\\" in secret and at % 2 else '"'
    lines[line] = f"{lines[line].partition('=')[0]}= {quote}{secret}{quote}"
    return lines


def _in_commented_key(desk: Desk, at: int, secret: str) -> list[str]:
    return [*desk.lines[:at], f'# x = "{secret}"', *desk.lines[at:]]


def _added(template: str) -> Placed:
    def added(desk: Desk, at: int, secret: str) -> list[str]:
        return [*desk.lines, "[more]", *template.replace("{}", secret).split("\n")]

    return added


def _in_array(desk: Desk, at: int, secret: str) -> list[str]:
    items = ", ".join(f'"{piece}"' for piece in _pieces(secret, 2 + at % 2))
    return [*desk.lines, "[more]", f"x = [{items}]"]


def _continued(desk: Desk, at: int, secret: str) -> list[str]:
    return [
        *desk.lines,
        "[more]",
        'x = """\\',
        *(f"  {piece}\\" for piece in _pieces(secret, 2 + at % 3)),
        '"""',
    ]


def _escaped(desk: Desk, at: int, secret: str) -> list[str]:
    text = "".join(
        f"\\u{ord(char):04x}" if (number + at) % 3 == 0 else char for number, char in enumerate(secret)
    )
    return [*desk.lines, "[more]", f'x = "{text}"']


POSITIONS: dict[str, Placed] = {
    "comment": _in_comment,
    "comment on a line": _in_comment_on_line,
    "value": _in_value,
    "commented-out key": _in_commented_key,
    "literal string": _added("x = '{}'"),
    "multi-line string": _added("x = '''\n{}\n'''"),
    "key": _added('"{}" = 1'),
    "header": _added('["{}"]'),
    "inline table": _added('x = {{ y = "{}" }}'.replace("{{", "{").replace("}}", "}")),
    "array of many lines": _added('x = [\n  "one",\n  "{}",\n]'),
    "word in a sentence": _added('x = "the old one was {} until May"'),
    "JSON in a string": _added('x = \'{"a": "{}"}\''),
    "user of a URL": _added('x = "https://me:{}@h.example/v1"'),
    "query of a URL": _added('x = "https://h.example/v1?t={}"'),
    "secret by name": _added('api_secret = "{}"'),
}
SPLIT_POSITIONS: dict[str, Placed] = {"array": _in_array, "continued": _continued, "escaped": _escaped}


@st.composite
def desks_with_a_secret(draw: st.DrawFn) -> tuple[str, str]:
    """(text of a desk, the secret in it)."""
    desk, at = draw(desks()), draw(st.integers(1, 10_000))
    if draw(st.integers(0, 3)):
        secret, position = draw(SECRET), POSITIONS[draw(st.sampled_from(sorted(POSITIONS)))]
    else:
        secret = SECRETS[draw(st.sampled_from(PIECEABLE))](draw(SEEDS))
        position = SPLIT_POSITIONS[draw(st.sampled_from(sorted(SPLIT_POSITIONS)))]
    return "\n".join(position(desk, 1 + at % len(desk.lines), secret)) + "\n", secret
