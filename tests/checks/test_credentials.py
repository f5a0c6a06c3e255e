"""What is a credential in a desk.toml, what only looks like one, and what is said about it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from git_qoc.checks.credentials import MAX_BYTES, check
from git_qoc.checks.references import FORMS
from git_qoc.desk import secrets
from tests.checks.keys import (
    ALNUM,
    ALPACA_ID,
    ALPACA_SECRET,
    AWS_ID,
    BINANCE,
    COINBASE_NAME,
    GITHUB,
    HEX,
    HEX_32,
    HEX_40,
    HEX_64,
    JWT,
    KRAKEN_SECRET,
    MERCURY,
    PEM,
    UPPER,
    UUID,
    VENUE_KEYS,
    made_of,
)

HEAD = '[[connector]]\nname = "crypto-spot"\ntype = "crypto"\n'
AUTH = HEAD + "[connector.auth]\n"
OK = 'api_key = { env = "CX_API_KEY" }\n'


def lines_of(text: str) -> list[int]:
    return [fault.line for fault in check("desk.toml", text.encode())]


BROKEN_UP = "\\\n  ".join(BINANCE[at : at + 16] for at in range(0, 64, 16))
# name → (text, lines of the faults)
DIRTY: dict[str, tuple[str, list[int]]] = {
    "literal": (AUTH + OK + f'api_secret = "{ALPACA_SECRET}"', [6]),
    "literal that looks like nothing": (AUTH + 'password = "hunter2"', [5]),
    "empty literal": (AUTH + 'api_key = ""', [5]),
    "placeholder literal": (AUTH + 'api_key = "<your key>"', [5]),
    "shell default": (AUTH + 'api_key = "${CX_API_KEY:-hunter2}"', [5]),
    "shell default in env": (AUTH + 'api_key = { env = "CX_API_KEY:-hunter2" }', [5]),
    "number": (AUTH + "pin = 123456", [5]),
    "truth value": (AUTH + "pin = true", [5]),
    "date": (AUTH + "pin = 2026-07-05", [5]),
    "array": (AUTH + 'api_key = ["a", "b"]', [5, 5]),
    "empty table": (AUTH + "api_key = {}", [5]),
    "two forms": (AUTH + 'api_key = { env = "A_KEY", file = "/run/a" }', [5]),
    "form in capitals": (AUTH + 'api_key = { ENV = "A_KEY" }', [5]),
    "unknown form": (AUTH + 'api_key = { command = "pass show cx" }', [5]),
    "reference and a literal": (AUTH + 'api_key = { env = "A_KEY", value = "x" }', [5]),
    "nested table": (AUTH + '[connector.auth.more]\napi_key = { env = "A_KEY" }', [6]),
    "reference in a reference": (AUTH + 'api_key = { env = { env = "A_KEY" } }', [5]),
    "reference in an array": (AUTH + 'api_key = [{ env = "A_KEY" }]', [5]),
    "auth is a string": (HEAD + f'auth = "{BINANCE}"', [4]),
    "auth is an array": (HEAD + 'auth = ["x"]', [4]),
    "dotted key": (HEAD + 'auth.api_key = "hunter2"', [4]),
    "inline auth": (HEAD + 'auth = { api_key = "hunter2" }', [4]),
    "quoted keys": ("[[connector]]\nname='a'\n[connector.\"auth\"]\n'api_key' = 'hunter2'", [4]),
    "escaped keys": ('[[connector]]\n"\\u0061uth".api_key = "hunter2"', [2]),
    "inline connectors": ('connector = [{ name = "a", auth = { api_key = "hunter2" } }]', [1]),
    "single connector table": ('[connector]\nname = "a"\n[connector.auth]\napi_key = "hunter2"', [4]),
    "misspelt table": ('[[connectors]]\n[connectors.auth]\napi_key = "hunter2"', [3]),
    "multi-line literal": (AUTH + 'api_key = """\nhunter2"""\n', [5]),
    "auth under a nested table": (HEAD + '[connector.live.auth]\npin = "hunter2"', [5]),
    "the second of two connectors": (AUTH + OK + AUTH + 'api_key = "hunter2"', [10]),
    "key pasted into env": (AUTH + f'api_key = {{ env = "{ALPACA_ID}" }}', [5]),
    "secret pasted into env": (AUTH + f'api_key = {{ env = "{ALPACA_SECRET}" }}', [5]),
    "hex pasted into env": (AUTH + f'api_key = {{ env = "{HEX_64}" }}', [5]),
    "word pasted into env": (AUTH + 'api_key = { env = "hunter2" }', [5]),
    "short key pasted into env": (AUTH + f'api_key = {{ env = "{made_of(UPPER, 12)}" }}', [5]),
    "env with a leading digit": (AUTH + 'api_key = { env = "2FA" }', [5]),
    "env too long": (AUTH + f'api_key = {{ env = "{"A_" * 66}" }}', [5]),
    "empty env": (AUTH + 'api_key = { env = "" }', [5]),
    "base64 pasted into file": (AUTH + f'api_key = {{ file = "/{KRAKEN_SECRET}" }}', [5]),
    "relative file": (AUTH + 'api_key = { file = "hunter2" }', [5]),
    "key pasted into a file's name": (AUTH + f'api_key = {{ file = "/run/{BINANCE}" }}', [5]),
    "keyring without a user": (AUTH + 'api_key = { keyring = "service" }', [5]),
    "key pasted into keyring": (AUTH + f'api_key = {{ keyring = "eq/{ALPACA_SECRET}" }}', [5]),
    "password in a git credential": (AUTH + 'k = { git-credential = "https://a:b4Rk@h.example" }', [5]),
    "query in a git credential": (AUTH + 'k = { git-credential = "https://h.example/?t=1" }', [5]),
    "git credential without a host": (AUTH + 'k = { git-credential = "h.example" }', [5]),
    "comment": (f"# {GITHUB}\n" + AUTH + OK, [1]),
    "comment on a good line": (AUTH + f'api_key = {{ env = "A_KEY" }}  # {ALPACA_ID}', [5]),
    "commented-out block": (f'# [[connector]]\n# [connector.auth]\n# api_secret = "{HEX_40}"\n', [3]),
    "commented-out weak password": ('# password = "hunter2"', [1]),
    "commented export": (f"# export EQ_API_SECRET={HEX_32}\n", [1]),
    "connector name": (f'[[connector]]\nname = "{ALPACA_ID}"', [2]),
    "base_url with a password": (HEAD + 'base_url = "https://me:t0psecret@api.example.com"', [4]),
    "base_url with a token for a user": (HEAD + f'base_url = "https://{ALPACA_SECRET}@api.example.com"', [4]),
    "base_url with a key in the query": (HEAD + f'base_url = "https://h.example/v1?api_key={HEX_32}"', [4]),
    "foreign table": (f'[other]\ntoken = "{JWT}"', [2]),
    "foreign table, weak password": ('[database]\npassword = "hunter2"', [2]),
    "table name": (f"[other.{ALPACA_ID}]\n", [1]),
    "key": (f'[other]\n"{ALPACA_ID}" = 1', [2]),
    "escapes hide the shape": (f'[other]\nx = "\\u0041KIA{AWS_ID[4:]}"', [2]),
    "line breaks hide the shape": (f'[other]\nx = """{BROKEN_UP}"""', [2]),
    "name and value on two lines": ('[other]\npassword = """\nhunter2"""', [2]),
    "private key in a multi-line string": (f'[other]\nx = """\n{PEM}\n"""', [3]),
    "private key in comments": ("".join(f"# {line}\n" for line in PEM.splitlines()), [1]),
    "wallet's private key": (f'[other]\nhot = "0x{HEX_64}"', [2]),
    "Coinbase key name": (f'[other]\nx = "{COINBASE_NAME}"', [2]),
    "bank token": (f"# {MERCURY}", [1]),
    "UUID as a key": (f'[other]\napi_key = "{UUID}"', [2]),
    "git id as a secret": (f'[other]\nclient_secret = "{HEX_40}"', [2]),
    "bearer header": (f'[other]\nheader = "Authorization: Bearer {ALPACA_SECRET}"', [2]),
    "not TOML, with a secret": (
        f'[[connector]\nname = \n# {GITHUB}\napi_secret = "{ALPACA_SECRET}"',
        [1, 3, 4],
    ),
    "not TOML": ("a = 1\nb = \n", [2]),
    "too deep": ("a" + ".a" * 5000 + " = 1", [1]),
    "twice the same key": ("a = 1\na = 2", [2]),
}

CLEAN: dict[str, str] = {
    "empty": "",
    "only a comment": "# a desk\n",
    "env": AUTH + OK,
    "env in small letters": AUTH + 'api_key = { env = "cx_api_key" }',
    "env with digits": AUTH + 'api_key = { env = "T212_API_KEY_2" }',
    "env with a venue's digits": AUTH + 'api_key = { env = "BYBIT2_SUB3_API_KEY1" }',
    "long env": AUTH + 'api_key = { env = "EQUITIES_ALPACA_PAPER_TRADING_ACCOUNT_NUMBER_TWO_API_SECRET" }',
    "env without underscore": AUTH + 'api_key = { env = "ALPACAKEY" }',
    "file": AUTH + 'api_key = { file = "/run/secrets/eq" }',
    "file at home": AUTH + 'api_key = { file = "~/.config/qoc/eq-api-key" }',
    "file with blanks and a date": AUTH
    + 'k = { file = "/Users/ada/Library/Application Support/Keys 2026/eq" }',
    "file named by UUID": AUTH + f'k = {{ file = "/var/lib/keys/{UUID}" }}',
    "keyring": AUTH + 'api_key = { keyring = "qoc/ada@example.com" }',
    "keyring with a service URL": AUTH + 'api_key = { keyring = "api.alpaca.markets/eq-1" }',
    "git credential": AUTH + 'api_key = { git-credential = "https://api.example.com" }',
    "git credential with user, port and path": AUTH
    + 'k = { git-credential = "https://ada@api.example.com:8443/v2" }',
    "references by dotted keys": HEAD + 'auth.api_key.env = "CX_API_KEY"\nauth.api_secret.file = "/run/cx"',
    "references by tables": AUTH + '[connector.auth.api_key]\nenv = "CX_API_KEY"',
    "inline connectors": 'connector = [{ name = "a", auth = { api_key = { env = "A_KEY" } } }]',
    "no auth": HEAD,
    "empty auth": AUTH,
    "paper": '[[connector]]\nname = "p"\ntype = "crypto"\nvenue = "paper"\n',
    "commented-out references": '# [connector.auth]\n# api_key = { env = "CX_API_KEY" }\n',
    "commented env assignment": "# export EQ_API_KEY=$(pass show eq)\n# EQ_API_SECRET=$EQ_SECRET\n",
    "commented call of a password store": '# export EQ_API_KEY="$(op read op://desk/eq/api_key)"',
    "address in a password store": '[other]\napi_key = "op://desk/eq/api_key"',
    "prose about keys": "# api_key: ask Bob; the secret is rotated each May, token included\n",
    "placeholders in comments": '# api_key = "<your key>"\n# api_secret = "your-secret-here"\n',
    "crosses in comments": '# token = "xxxxxxxx"\n',
    "variable name as a value": '[other]\napi_key = "EQ_API_KEY"\napi_key_env = "EQ_API_KEY"',
    "secret's path": '[other]\nsecret_file = "/run/secrets/eq"\nclient_secret = "/run/secrets/eq"',
    "token URL": '[other]\ntoken = "https://auth.example.com/oauth2/token"\nauth_url = "https://a.example"',
    "git id": f'# since {HEX_40}\n[other]\ncommit = "{HEX_40}"',
    "sha256": f'[other]\nblob = "{HEX_64}"\nimage = "desk@sha256:{HEX_64}"',
    "short git id": '[other]\nrev = "9f86d081884c"',
    "UUID": f'[[connector]]\nname = "a"\naccount = "{UUID}"',
    "wallet address": '[other]\nwallet = "0x52908400098527886E0F7030069857D2E4169EE7"',
    "bech32 address": '[other]\npayout = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"',
    "solana address": '[other]\nwallet = "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU"',
    "transaction": f"# funded by tx 0x{HEX_64}",
    "ISIN and FIGI": '[other]\nisin = "US0378331005"\nfigi = "BBG000B9XRY4"',
    "option symbol": '[other]\nsymbol = "AAPL  260116C00200000"\nother = "GOOGL260116C00200000"',
    "futures symbols": '[other]\nsymbols = ["PF_XBTUSD", "FI_XBTUSD_260327", "BTC-27JUN26-100000-C"]',
    "IBAN": '[other]\niban = "DE89370400440532013000"',
    "cron": '[[schedule]]\nname = "daily-close-snapshot"\ncron = "5 16 * * 1-5"\ntz = "America/New_York"',
    "guard key": '[[guard]]\nkey = "max_order_notional"\nenabled = true\nlimit = 25000',
    "schema directive": "#:schema https://example.com/schemas/git-qoc/desk-v1.schema.json\n",
    "long names": '[other]\nreport = "daily-close-snapshot-of-main-equities-and-crypto-spot-2026"',
    "a path": '[other]\nout = "research/2026/07/2026-07-05T16-00-00Z-retrospective.md"',
    "camel case": '[other]\nclass = "InteractiveBrokersGatewayPaperAccountAdapter"',
    "URL": HEAD + 'base_url = "https://paper-api.alpaca.markets/v2/account/portfolio/history?period=1A"',
    "URL with a user": HEAD + 'base_url = "ssh://git@example.com/desk.git"',
    "mail address": '# ask ada.trader@example.com\n[other]\nmail = "ada@example.com"',
    "password hint": '[other]\npassword_hint = "the one of the old desk"',
    "token symbols": '[other]\ntoken = "USDC"\ntoken_name = "wrapped-bitcoin"',
    "sort key": '[other]\nsort_key = "quantity_desc"',
    "subresource hash": '[other]\ni = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="',
    "SSH public key": "# ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGLc9q0N5tX5mCq0H1qv7c1o9i2y3fJ2g5b6mV8k1",
    "AWS's documented example": "# AKIAIOSFODNN7EXAMPLE",
    "numbers": "[other]\na = 123456789012345678\nb = 3.14159265358979\nc = 0xdeadbeefdeadbeef",
    "CRLF": AUTH.replace("\n", "\r\n") + 'api_key = { env = "CX_API_KEY" }\r\n',
    "not English": '# Schlüssel: siehe Tresor\n[other]\n"schlüssel" = "größe"',
    "a ruler of dashes": "# " + "-" * 70 + "\n# " + "=" * 70 + "\n",
    "an alphabet": '[other]\nx = "abcdefghijklmnopqrstuvwxyz0123456789"',
}


@pytest.mark.parametrize(("text", "lines"), DIRTY.values(), ids=DIRTY)
def test_credential_is_found_at_its_line(text: str, lines: list[int]) -> None:
    assert lines_of(text) == lines


@pytest.mark.parametrize("text", CLEAN.values(), ids=CLEAN)
def test_what_is_no_credential_passes(text: str) -> None:
    assert check("desk.toml", text.encode()) == []


@pytest.mark.parametrize("key", VENUE_KEYS.values(), ids=VENUE_KEYS)
@pytest.mark.parametrize(
    "text",
    ["# {}", "# x = {}", '[other]\nx = "{}"', "[other]\nx = ['{}']", 'zz = {{ y = "{}" }}', '"{}" = 1'],
)
def test_every_venues_key_is_found_wherever_it_stands(text: str, key: str) -> None:
    assert len(check("desk.toml", text.format(key).encode())) == 1


def test_message_names_connector_and_key_and_what_to_write() -> None:
    text = AUTH + OK + f'api_secret = "{ALPACA_SECRET}"'
    [fault] = check("desk.toml", text.encode())
    assert str(fault) == (
        'desk.toml:6:14: a literal credential in connector "crypto-spot" (auth.api_secret). '
        'Write { env = "CX_API_SECRET" } instead, and revoke this key: it was in a file.'
    )


def test_variable_is_proposed_from_the_connectors_name_when_nothing_shows_the_prefix() -> None:
    [fault] = check("desk.toml", (AUTH + 'api_key = "hunter2"').encode())
    assert '{ env = "CRYPTO_SPOT_API_KEY" }' in fault.message


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ("a = 1".encode("utf-16"), "UTF-16"),
        ("a = 1".encode("utf-16-le"), "UTF-16"),
        ("﻿a = 1".encode(), "byte order mark"),
        (b'a = "\xff"', "not UTF-8"),
        (b"#" * (MAX_BYTES + 1), "larger than 512 KiB"),
    ],
)
def test_bytes_that_cannot_be_judged_are_a_fault(data: bytes, word: str) -> None:
    [fault] = check("desk.toml", data)
    assert word in fault.message


def test_forms_are_those_that_secrets_can_resolve() -> None:
    assert FORMS == secrets.FORMS


def test_key_ids_as_names_are_not_repeated() -> None:
    text = f'[[connector]]\nname = "{ALPACA_ID}"\n[connector.auth]\n{BINANCE} = "x"'
    said = "\n".join(map(str, check("desk.toml", text.encode())))
    assert "connector 1 (auth)" in said


def parts(secret: str, width: int = 6) -> set[str]:
    return {secret[at : at + width].casefold() for at in range(len(secret) - width + 1)}


SAID_IN = [
    AUTH + 'api_key = "{0}"',
    AUTH + 'api_key = {{ env = "{0}" }}',
    AUTH + 'api_key = {{ file = "{0}" }}',
    AUTH + "\"{0}\" = '{0}'",
    '[[connector]]\nname = "{0}"\n[connector.auth]\napi_key = "{0}"',
    '[[connector]]\nname = "x {0}"\n[connector.auth]\napi_key = {{ "{0}" = "{0}" }}',
    "# {0}\n{0}",
    '[other]\n"{0}" = "{0}"\n["{0}"]\n["{0}"]',
    'a = "{0}',
    '[connector.auth]\n"{0}" = 1\n"{0}" = 2',
]


@pytest.mark.parametrize("template", SAID_IN)
@pytest.mark.parametrize("key", VENUE_KEYS.values(), ids=VENUE_KEYS)
def test_no_message_holds_six_characters_of_a_secret(template: str, key: str) -> None:
    faults = check("desk.toml", template.format(key).encode())
    assert faults
    said = "\n".join(map(str, faults)).casefold()
    generic = {
        part for part in parts(key) if part in "secret-token:mercury_production_organizations/apikeys/"
    }
    assert not {part for part in parts(key) - generic if part in said}


HOSTILE = {
    "one word": b"# " + b"aB3" * 330_000,
    "words": b"# " + b"aB3dE6gH9jK2mN5pQ8sT " * 47_000,
    "equal signs": b"#" + b"=a" * 500_000,
    "colons": b"#" + b"a:" * 500_000,
    "quotes": b"#" + b"a=\"b='" * 160_000,
    "passwords": b"#" + b"password=x" * 100_000,
    "urls": b"#" + b"://a:b" * 160_000,
    "tokens cut short": b"#" + b"-eyJaaaaaaaaaa" * 70_000,
    "key headers": b"# -----BEGIN PRIVATE KEY\n" * 40_000,
    "dots": b"a" + b".a" * 500_000 + b"=1",
    "brackets": b"a=" + b"[" * 1_000_000,
    "literals": b"[[connector]]\n[connector.auth]\n" + b"".join(b'a%d="x"\n' % n for n in range(60_000)),
    "connectors": b"[[connector]]\nauth.a=1\n" * 40_000,
    "escapes": b'a="' + b"\\u0041" * 160_000 + b'"',
    "digits": b"a=" + b"9" * 1_000_000,
    "keys": b"".join(b"k%d=1\n" % n for n in range(90_000)),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_a_megabyte_of_hostile_text_takes_bounded_time(data: bytes) -> None:
    start = time.process_time()
    check("desk.toml", data)
    assert time.process_time() - start < 15


TOKENS = st.builds(made_of, st.sampled_from([ALNUM, HEX, UPPER]), st.integers(32, 88), st.integers(0, 2**32))
IN_AUTH = st.sampled_from(
    [
        AUTH + 'api_key = "{}"',
        AUTH + "'k' = '''{}'''",
        AUTH + 'api_key = {{ env = "{}" }}',
        AUTH + 'api_key = {{ file = "{}" }}',
        AUTH + 'api_key = {{ file = "/{}" }}',
        AUTH + 'api_key = {{ keyring = "{}" }}',
        AUTH + 'api_key = {{ keyring = "qoc/{}" }}',
        AUTH + 'api_key = {{ git-credential = "{}" }}',
        AUTH + 'api_key = {{ git-credential = "https://{}@h.example" }}',
        AUTH + 'api_key = {{ env = "A_KEY", x = "{}" }}',
        HEAD + 'auth.api_key = "{}"',
        HEAD + 'auth = {{ api_key = "{}" }}',
        'connector = [{{ auth = {{ k = "{}" }} }}]',
    ]
)


@settings(max_examples=300, deadline=None)
@given(IN_AUTH, TOKENS)
def test_random_token_as_any_auth_value_is_found_and_never_said(template: str, token: str) -> None:
    faults = check("desk.toml", template.format(token).encode())
    assert faults
    said = "\n".join(map(str, faults)).casefold()
    assert not {part for part in parts(token) if part in said}


BASE64 = ALNUM + "+/"
MISSED = [(ALNUM, 40, 1), (ALNUM, 64, 0.5), (BASE64, 56, 0.5), (BASE64, 88, 0.5), (UPPER, 40, 1)]


@pytest.mark.parametrize(("alphabet", "length", "percent"), MISSED)
@pytest.mark.parametrize("template", ["# {}", "# {} since May", '[other]\nx = "{}"'])
def test_random_token_outside_auth_is_missed_at_most_once_in_a_hundred(
    template: str, alphabet: str, length: int, percent: float
) -> None:
    tokens = [made_of(alphabet, length, seed) for seed in range(1000)]
    missed = [token for token in tokens if not check("desk.toml", template.format(token).encode())]
    assert len(missed) <= percent * 10


WORDS = st.sampled_from(
    [
        "eq",
        "cx",
        "main",
        "alpaca",
        "kraken",
        "paper",
        "live",
        "binance",
        "desk",
        "api",
        "key",
        "secret",
        "t212",
        "2",
    ]
)
ENVS = st.lists(WORDS, min_size=2, max_size=6).map(lambda words: "A_" + "_".join(words).upper())
FILES = st.lists(WORDS, min_size=1, max_size=6).map(lambda words: "/run/" + "/".join(words))
KEYRINGS = st.tuples(WORDS, WORDS).map("/".join)
URLS = st.lists(WORDS, min_size=1, max_size=3).map(lambda words: f"https://{'.'.join(words)}.example/v2")
REFERENCES = st.one_of(
    st.tuples(st.just("env"), ENVS),
    st.tuples(st.just("file"), FILES),
    st.tuples(st.just("keyring"), KEYRINGS),
    st.tuples(st.just("git-credential"), URLS),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(REFERENCES, max_size=3), max_size=4))
def test_desk_of_references_only_passes(connectors: list[list[tuple[str, str]]]) -> None:
    text = ""
    for number, references in enumerate(connectors):
        text += f'[[connector]]\nname = "venue-{number}"\ntype = "crypto"\n\n  [connector.auth]\n'
        text += "".join(
            f'  key_{at} = {{ {form} = "{target}" }}\n' for at, (form, target) in enumerate(references)
        )
    assert check("desk.toml", text.encode()) == []
