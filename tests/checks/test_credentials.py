"""What is a credential in a desk.toml, what only looks like one, and what is said about it."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from git_qoc.checks.credentials import MAX_BYTES, check, check_text
from git_qoc.checks.detector.references import FORMS
from git_qoc.checks.fault import Fault
from git_qoc.desk import secrets
from tests.checks.desks import GENERIC, Desk, desks, desks_with_a_secret, parts
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
    base64_of,
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
    "Cyrillic auth": (HEAD + '[connector."\u0430uth"]\n' + OK, [4]),
    "auth in capitals": (HEAD + "[connector.AUTH]\n" + OK, [4]),
    "full-width auth": (HEAD + '[connector."\uff41\uff55\uff54\uff48"]\napi_key = "hunter2"', [5]),
    "auth with an invisible character": (HEAD + '[connector."au\u200bth"]\n' + OK, [4]),
    "Cyrillic connector": ('[["\u0441onnector"]]\n["\u0441onnector".auth]\npin = "hunter2"', [3]),
    "full-width form": (AUTH + 'api_key = { "\uff45nv" = "A_KEY" }', [5]),
    "Cyrillic name of a secret": ('[other]\n"\u0430pi_secret" = "hunter2"', [2]),
    "invisible character in a key": (f'[other]\nx = "{ALPACA_SECRET[:20]}\u200b{ALPACA_SECRET[20:]}"', [2]),
    "key under auth that is a key": (AUTH + f'{ALPACA_SECRET} = {{ env = "A_KEY" }}', [5]),
    "array splits it": (f'[other]\nx = ["{BINANCE[:30]}", "{BINANCE[30:]}"]', [2]),
    "array splits its prefix": (f'[other]\nx = ["AKIA", "{AWS_ID[4:]}"]', [2]),
    "numbered keys split it": (
        f'[o]\nk_1 = "{BINANCE[:12]}"\nk_2 = "{BINANCE[12:26]}"\nk_3 = "{BINANCE[26:40]}"',
        [2],
    ),
    "comment lines split it": (f"# {BINANCE[:14]}\n# {BINANCE[14:28]}\n# {BINANCE[28:40]}\n", [1]),
    "continued comment lines split it": (
        f"# {BINANCE[:14]}\\\n# {BINANCE[14:28]}\\\n# {BINANCE[28:40]}\n",
        [1],
    ),
    "a sum of strings in a comment": (f'# "{BINANCE[:14]}" + "{BINANCE[14:28]}" + "{BINANCE[28:40]}"\n', [1]),
    "integer": ("[other]\napi_secret = 8471928374", [2]),
    "integer of a private key": (f"[other]\nx = {int(HEX_64, 16)}", [2]),
    "integer in hexadecimal": (f"[other]\nx = 0x{HEX_64}", [2]),
    "bytes of a wallet's key": (f"[other]\nsigner_key = {[n * 37 % 251 for n in range(64)]}", [2]),
    "table named for the secret": ('[other.password]\nvalue = "hunter2"', [2]),
    "passwords in an array": ('[other]\npasswords = ["hunter2"]', [2]),
    "JSON in a string": ('[other]\nx = "{\\"password\\": \\"hunter2\\"}"', [2]),
    "curl with a login": ("# curl -u ada:hunter2 https://api.example.com\n", [1]),
    "option of a command": ("# run --api-secret hunter2\n", [1]),
    "setx": ("# setx KRAKEN_SECRET swordfish\n", [1]),
    "netrc": ("# machine api.example.com login ada password sword$fish\n", [1]),
    "basic authentication": ('[other]\nh = "Basic YWRhOmh1bnRlcjI="', [2]),
    "login in base64": ('[other]\nx = "YWRhOmNvcnJlY3Rob3JzZTk="', [2]),
    "key of a node in its URL": (f'[other]\nx = "https://rpc.example.com/eth/{HEX_40}"', [2]),
    "bearer token in prose": (f"# my api key is {UUID}\n", [1]),
    "password in German": ("# Passwort: hunter2\n", [1]),
    "not TOML, with a secret": (
        f'[[connector]\nname = \n# {GITHUB}\napi_secret = "{ALPACA_SECRET}"',
        [1, 3, 4],
    ),
    "not TOML": ("a = 1\nb = \n", [2]),
    "too deep": ("a" + ".a" * 5000 + " = 1", [1]),
    "twice the same key": ("a = 1\na = 2", [2]),
}

CLEAN: dict[str, str] = {
    "env of a very long name": AUTH + f'api_key = {{ env = "{"_".join(["EQUITIES"] * 13)}" }}',
    "env in mixed case": AUTH + 'api_key = { env = "CxApiKey2" }',
    "file named by a hash": AUTH + f'api_key = {{ file = "/run/agenix.d/17/{HEX_40}" }}',
    "file in a store": AUTH
    + f'k = {{ file = "/nix/store/{made_of("0123456789abcdfghijklmnpqrsvwxyz", 32)}-agenix/key" }}',
    "file beside desk.toml": AUTH + 'api_key = { file = "keys/eq.txt" }',
    "keyring's user with a tag": AUTH + 'k = { keyring = "org.example.Secret/ada+desk@example.com" }',
    "code that looks a secret up": '# api_key = os.environ["CX_API_KEY"]; api_secret = getenv("X")\n',
    "store that is asked": "# export CX_API_KEY=`gopass show cx`\n# set -gx CX_API_SECRET (pass cx)\n",
    "password described": "# password: rotated in May\n# Passwort: siehe Tresor\n# secret: keyring\n",
    "seed of a generator": "[other]\nseed = 20260705\nrandom_seed = 1_234_567_890",
    "weights": f"[other]\nweights = {[n * 37 % 251 for n in range(64)]}",
    "largest number of 256 bits": f"[other]\nmax_wei = {2**256 - 1}",
    "public keys": f'[other]\npublic_key = "{HEX_64}"\nverify_key = "{base64_of(32)}"',
    "fingerprints": f'[other]\nhost = "SHA256:{made_of(ALNUM, 43)}"\ngpg = "{made_of(HEX.upper(), 40)}"',
    "symbols in an array": '[other]\nx = ["ESZ6", "M2KZ26", "6EU6", "SR3H27", "1000PEPEUSDT", "BTC-2xLev"]',
    "wrapped tokens": '[other]\nx = ["aEthUSDC", "variableDebtEthWETH", "wstETH"]',
    "ids of orders": f'[other]\norder_id = "{made_of(HEX, 24)}"\ncloid = "0x{HEX_32}"',
    "short git ids in an array": '[other]\nskip = ["1a6a8ed0", "bce73199", "56e49355", "3769b04e"]',
    "transactions in an array": f'[other]\ntxs = [\n  "{HEX_64}",\n  "0x{HEX_64}",\n]',
    "sentence of common words": "# able traders absorb news about action across all world markets again\n",
    "node's public key": f'[other]\nx = "enode://{HEX_64}{HEX_64}@10.0.0.1:30303"',
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


ENCODED = {
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16 text without": lambda text: text.encode("utf-16-le"),
    "UTF-16 text": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "UTF-32": lambda text: text.encode("utf-32"),
    "byte order mark": lambda text: text.encode("utf-8-sig"),
    "not UTF-8": lambda text: (text + "# Schl\xfcssel\n").encode("latin-1"),
    "NUL": lambda text: text.replace("a", "a\0").encode(),
}


@pytest.mark.parametrize("name", ENCODED)
def test_other_encodings_are_a_fault_and_looked_through_all_the_same(name: str) -> None:
    [flaw] = check("desk.toml", ENCODED[name]("a = 1\n"))
    assert (flaw.line, flaw.column) == (1, 1)
    assert name in flaw.message
    faults = check("desk.toml", ENCODED[name](f'a = 1\n[other]\nx = "{ALPACA_SECRET}"\n'))
    assert [fault.line for fault in faults] == [1, 3]


def test_a_desk_that_is_too_large_to_be_judged_is_a_fault() -> None:
    [fault] = check("desk.toml", b"#" * (MAX_BYTES + 1))
    assert "larger than 512 KiB" in fault.message


def test_forms_are_those_that_secrets_can_resolve() -> None:
    assert FORMS == secrets.FORMS


def test_key_ids_as_names_are_not_repeated() -> None:
    text = f'[[connector]]\nname = "{ALPACA_ID}"\n[connector.auth]\n{BINANCE} = "x"'
    said = "\n".join(map(str, check("desk.toml", text.encode())))
    assert "connector 1 (auth)" in said


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
    assert not {part for part in parts(key) - GENERIC if part in said}


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
    "lines of one token": b"aB3dE6gH9j\n" * 95_000,
    "pieces": b"x = [" + b'"aB3dE6gH9j", ' * 70_000 + b"]",
    "continuations": b"# aaaaaaaa\\\n" * 90_000,
    "ids": b"01234567-89ab-cdef-0123-456789abcdef " * 27_000,
    "certificates": b"-----BEGIN CERTIFICATE-----\n" * 37_000,
    "eleven words": b"# " + (b"abandon " * 11 + b". of ") * 10_000,
    "headers": b"basic dXNlcjpwYXNz " * 52_000,
    "commands": b"set -a -b " * 100_000,
    "pictures": b"iVBORw0KGgo" * 90_000,
    "paths of a drawing": b' d="M1' * 180_000,
    "allowing comments": b"# aB3dE6gH9jK2mN5pQ8sTaB3dE6gH9jK2mN5pQ8sT # qoc: allow abc\n" * 15_000,
}


@pytest.mark.parametrize("look", [check, check_text], ids=["desk", "text"])
@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_takes_bounded_time(data: bytes, look: Callable[[str, bytes], list[Fault]]) -> None:
    """A second of wall time on an idle machine, which benchmarks/fuzz_credentials.py holds it to."""
    size = MAX_BYTES if look is check else len(data)
    start = time.process_time()
    look("desk.toml", data[:size])
    assert time.process_time() - start < 10


def test_more_faults_than_can_be_listed_are_one_more_fault() -> None:
    faults = check("desk.toml", b"".join(b'x%d = "ghp_%s"\n' % (n, GITHUB[4:].encode()) for n in range(1200)))
    assert len(faults) == 1001
    assert "no more are listed" in faults[-1].message


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


@settings(max_examples=200, deadline=None)
@given(desks_with_a_secret())
def test_secret_put_anywhere_into_any_desk_is_found_and_never_said(case: tuple[str, str]) -> None:
    text, secret = case
    faults = check("desk.toml", text.encode())
    assert faults
    said = "\n".join(map(str, faults)).casefold()
    assert not {part for part in parts(secret) - GENERIC if part in said}


@settings(max_examples=200, deadline=None)
@given(desks())
def test_desk_of_references_and_public_ids_passes(desk: Desk) -> None:
    assert check("desk.toml", desk.text.encode()) == []
