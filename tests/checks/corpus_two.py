"""A corpus of desk files written blind: what real desks hold, and what people paste into them by mistake.

Every secret and id is made by a seeded generator in its venue's real format; nothing here was ever issued.
``«0»``, ``«1»`` … in a text stand for the made-up values of its case. A dirty case with ``secrets == ()`` is
a fault of structure alone: a literal under auth that is no secret by itself. Names in ``HIDDEN`` are of cases
whose secret is split, escaped or encoded, so that it does not occur in the bytes as such.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import random
import re
import struct
import tomllib
import uuid
import zlib
from collections import Counter
from typing import NamedTuple


class Case(NamedTuple):
    """One file and its verdict."""

    name: str
    path: str
    data: bytes
    secrets: tuple[str, ...]
    kind: str
    must_be_found: bool


CASES: list[Case] = []
HIDDEN: set[str] = set()
SEED = 20241125

UPPER, LOWER, DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789"
ALNUM = UPPER + LOWER + DIGITS
HEX = "0123456789abcdef"
BASE32 = UPPER + "234567"
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
RIPPLE58 = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

# word:index in the BIP-39 English list; a sample is enough, since the checksum needs the indices only
BIP39 = """
abandon:0 acoustic:16 alert:49 argue:92 artist:104 basket:153 beef:160 blind:190 board:197 bonus:203
brain:215 brick:221 buffalo:237 bullet:241 bundle:242 burden:244 business:248 cabbage:253 cabin:254
cage:257 candy:266 carbon:275 case:281 cat:286 catch:288 celery:296 century:299 chicken:317
citizen:330 clarify:335 clerk:339 cloud:351 clown:352 common:371 copper:383 coral:385 cradle:399
crop:415 crucial:419 crumble:422 crush:424 debate:450 deposit:472 desk:479 detail:482 detect:483
discover:503 disorder:507 doctor:514 drama:529 during:545 ecology:560 endorse:590 enhance:596
equal:608 essay:617 essence:618 estate:619 evidence:622 fantasy:664 federal:675 festival:681
figure:688 focus:721 foster:736 frame:740 front:746 gasp:769 ghost:780 harvest:843 heavy:851
helmet:855 hospital:879 hurry:893 illness:905 inch:914 involve:945 item:950 jazz:955 kite:985
language:999 learn:1014 left:1017 license:1033 make:1076 mechanic:1105 mixture:1138 model:1140
motion:1154 museum:1165 nasty:1177 nature:1179 nephew:1186 offer:1227 often:1229 over:1263
ozone:1268 panic:1277 pass:1285 patch:1286 permit:1305 place:1326 puppy:1392 purchase:1393
quality:1401 quit:1406 random:1421 range:1422 rebuild:1434 remove:1455 response:1469 rice:1481
riot:1489 risk:1491 robot:1497 rug:1512 salt:1525 scheme:1541 security:1558 sheriff:1580 sight:1601
similar:1607 six:1614 sketch:1617 slam:1624 slight:1629 slim:1630 slush:1634 snack:1640 soap:1645
start:1701 stock:1712 story:1716 subject:1727 sun:1738 sustain:1751 symbol:1763 task:1776
thunder:1804 tomorrow:1825 total:1838 tourist:1839 trend:1856 trumpet:1868 truth:1870 unaware:1891
unveil:1907 update:1908 verify:1941 version:1942 vote:1967 walk:1972 waste:1981 weapon:1986
wheat:1999 where:2002 wolf:2022 word:2027 wreck:2033 wrestle:2034
"""
WORD_INDEX = {word: int(index) for word, index in (pair.split(":") for pair in BIP39.split())}


# ---------------------------------------------------------------------------------------------- encodings


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def base58(data: bytes, alphabet: str = BASE58) -> str:
    number, out = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        out = alphabet[digit] + out
    return alphabet[0] * (len(data) - len(data.lstrip(b"\0"))) + out


def base58check(data: bytes, alphabet: str = BASE58) -> str:
    return base58(data + hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4], alphabet)


def _five_bits(data: bytes) -> list[int]:
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    return [int(bits[i : i + 5], 2) for i in range(0, len(bits), 5)]


def bech32(prefix: str, values: list[int], constant: int = 1) -> str:
    """BIP-173, or with the other constant BIP-350."""
    expanded = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    check = 1
    for value in expanded + values + [0] * 6:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> bit & 1 else 0
    check ^= constant
    tail = [check >> 5 * (5 - i) & 31 for i in range(6)]
    return prefix + "1" + "".join(BECH32[v] for v in values + tail)


def keccak256(data: bytes) -> bytes:
    """The pre-standard padding that Ethereum uses; hashlib has only the NIST one."""
    mask, rate = (1 << 64) - 1, 136
    padded = bytearray(data + b"\x01" + b"\0" * (-(len(data) + 1) % rate))
    padded[-1] |= 0x80
    lanes = [[0] * 5 for _ in range(5)]

    def rotate(value: int, by: int) -> int:
        return (value << by | value >> 64 - by) & mask if by else value

    for start in range(0, len(padded), rate):
        for i in range(rate // 8):
            lanes[i % 5][i // 5] ^= int.from_bytes(padded[start + 8 * i : start + 8 * i + 8], "little")
        register = 1
        for _ in range(24):
            parity = [lane[0] ^ lane[1] ^ lane[2] ^ lane[3] ^ lane[4] for lane in lanes]
            mix = [parity[(x + 4) % 5] ^ rotate(parity[(x + 1) % 5], 1) for x in range(5)]
            lanes = [[word ^ mix[x] for word in lanes[x]] for x in range(5)]
            x, y, current = 1, 0, lanes[1][0]
            for step in range(24):
                x, y = y, (2 * x + 3 * y) % 5
                current, lanes[x][y] = lanes[x][y], rotate(current, (step + 1) * (step + 2) // 2 % 64)
            for row in range(5):
                old = [lanes[column][row] for column in range(5)]
                for column in range(5):
                    lanes[column][row] = old[column] ^ (~old[(column + 1) % 5] & old[(column + 2) % 5])
            for power in range(7):
                register = (register << 1 ^ (register >> 7) * 0x71) % 256
                if register & 2:
                    lanes[0][0] ^= 1 << (1 << power) - 1
    return b"".join(lanes[i % 5][i // 5].to_bytes(8, "little") for i in range(4))


def _checksum_holds(words: list[str]) -> bool:
    """Whether words from the sample are a BIP-39 mnemonic."""
    check = len(words) // 3
    bits = "".join(f"{WORD_INDEX[word]:011b}" for word in words)
    entropy = int(bits[:-check], 2).to_bytes(check * 4, "big")
    return f"{hashlib.sha256(entropy).digest()[0]:08b}"[:check] == bits[-check:]


def crc16(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def wrapped(text: str, width: int = 64) -> str:
    return "\n".join(text[i : i + width] for i in range(0, len(text), width))


def armour(label: str, body: bytes) -> str:
    return f"-----BEGIN {label}-----\n{wrapped(b64(body))}\n-----END {label}-----"


def der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    octets = (size.bit_length() + 7) // 8
    return bytes([tag, 0x80 | octets]) + size.to_bytes(octets, "big") + body


# ------------------------------------------------------------------------------------------- made-up values


class Made:
    """Credentials and ids in their real formats, from one seed."""

    def __init__(self, seed: int) -> None:
        self.r = random.Random(seed)

    def of(self, alphabet: str, size: int) -> str:
        return "".join(self.r.choice(alphabet) for _ in range(size))

    def raw(self, size: int) -> bytes:
        return self.r.randbytes(size)

    def hex(self, size: int) -> str:
        return self.of(HEX, size)

    def uuid(self) -> str:
        return str(uuid.UUID(bytes=self.raw(16), version=4))

    # --- credentials

    def mixed(self, size: int) -> str:
        """Letters of both cases and digits, each surely there."""
        while True:
            text = self.of(ALNUM, size)
            if sum(c.isdigit() for c in text) > 1 and not text.islower() and not text.isupper():
                return text

    def alpaca_id(self, size: int = 20, live: bool = False) -> str:
        return ("AK" if live else "PK") + self.of(UPPER + DIGITS, size - 2)

    def alpaca_secret(self) -> str:
        return self.mixed(40)

    def kraken_key(self) -> str:
        return b64(self.raw(42))

    def kraken_secret(self) -> str:
        return b64(self.raw(64))

    def mercury(self) -> str:
        return f"secret-token:mercury_production_wma_{self.mixed(44)}_yrucrem"

    def jwt(self, typ: str = "JWT") -> str:
        issued = 1_700_000_000 + self.r.randrange(10**7)
        parts = {"typ": typ, "alg": "HS256"}, {"sub": self.uuid(), "iat": issued}
        told = ".".join(b64url(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
        return f"{told}.{b64url(self.raw(32))}"

    def aws_id(self, prefix: str = "AKIA") -> str:
        return prefix + self.of(BASE32, 16)

    def aws_secret(self) -> str:
        return b64(self.raw(30))

    def github(self) -> str:
        body, crc, tail = self.mixed(30), 0, ""
        crc = zlib.crc32(body.encode())
        digits = DIGITS + UPPER + LOWER
        while crc:
            crc, digit = divmod(crc, 62)
            tail = digits[digit] + tail
        return "ghp_" + body + tail.rjust(6, "0")

    def totp(self, size: int = 32) -> str:
        return self.of(BASE32, size)

    def weak(self) -> str:
        word = self.r.choice(["sommer", "tulpen", "dolphin", "bruegge", "kapitan", "maracuja", "letmein"])
        return word.capitalize() + self.of(DIGITS, 4)

    def words(self, count: int) -> str:
        return " ".join(self.r.sample(list(WORD_INDEX), count))

    def strong(self, size: int = 20) -> str:
        """What a password manager makes, without the characters that TOML or a shell would need escaped."""
        return "".join([*self.mixed(size - 3), "!", "-", "#"])

    def mnemonic(self, words: int) -> list[str]:
        """A valid BIP-39 mnemonic: the last bits are the checksum of the first."""
        names = list(WORD_INDEX)
        while True:
            chosen = [self.r.choice(names) for _ in range(words)]
            if _checksum_holds(chosen):
                return chosen

    def pem_ed25519(self) -> str:
        return armour("PRIVATE KEY", bytes.fromhex("302e020100300506032b657004220420") + self.raw(32))

    def pem_ec(self) -> str:
        oid = bytes.fromhex("06082a8648ce3d030107")
        public = der(0xA1, der(3, b"\0\x04" + self.raw(64)))
        return armour(
            "EC PRIVATE KEY", der(0x30, b"\x02\x01\x01", der(4, self.raw(32)), der(0xA0, oid), public)
        )

    def pem_rsa(self) -> str:
        numbers = [der(2, b"\0" + self.raw(n)) for n in (256, 255, 128, 128, 128, 128, 128)]
        return armour(
            "RSA PRIVATE KEY", der(0x30, b"\x02\x01\0", numbers[0], b"\x02\x03\x01\0\x01", *numbers[1:])
        )

    def openssh_key(self) -> str:
        public = self.ssh_blob()
        start = b"openssh-key-v1\0" + b"\0\0\0\x04none" * 2 + b"\0\0\0\0\0\0\0\x01" + b"\0\0\0\x33" + public
        return armour("OPENSSH PRIVATE KEY", start + b"\0\0\0\x90" + self.raw(144))

    def age_secret(self) -> str:
        return bech32("age-secret-key-", _five_bits(self.raw(32))).upper()

    def wif(self) -> str:
        return base58check(b"\x80" + self.raw(32) + b"\x01")

    def xprv(self, version: str = "0488ade4", key: bytes = b"\0") -> str:
        head = bytes.fromhex(version) + b"\x03" + self.raw(4) + b"\x80\0\0\0"
        return base58check(head + self.raw(32) + key + self.raw(32))

    # --- ids and public things

    def ssh_blob(self) -> bytes:
        return b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + self.raw(32)

    def ssh_public(self) -> str:
        return "ssh-ed25519 " + b64(self.ssh_blob())

    def ssh_rsa_public(self) -> str:
        return "ssh-rsa " + b64(b"\0\0\0\x07ssh-rsa\0\0\0\x03\x01\0\x01\0\0\x01\x81\0" + self.raw(384))

    def certificate(self) -> str:
        inner = der(0x30, bytes.fromhex("a003020102"), der(2, self.raw(16)), self.raw(420))
        return armour("CERTIFICATE", der(0x30, inner, self.raw(270)))

    def public_key(self) -> str:
        return armour("PUBLIC KEY", bytes.fromhex("302a300506032b6570032100") + self.raw(32))

    def eth(self) -> str:
        """An address with its EIP-55 checksum."""
        plain = self.hex(40)
        digest = keccak256(plain.encode()).hex()
        return "0x" + "".join(c.upper() if int(d, 16) > 7 else c for c, d in zip(plain, digest, strict=False))

    def btc(self, version: bytes = b"\0") -> str:
        return base58check(version + self.raw(20))

    def segwit(self, prefix: str = "bc") -> str:
        return bech32(prefix, [0, *_five_bits(self.raw(20))])

    def taproot(self) -> str:
        return bech32("bc", [1, *_five_bits(self.raw(32))], 0x2BC830A3)

    def solana(self) -> str:
        return base58(self.raw(32))

    def solana_signature(self) -> str:
        return base58(self.raw(64))

    def stellar(self) -> str:
        body = b"\x30" + self.raw(32)
        return base64.b32encode(body + crc16(body).to_bytes(2, "little")).decode()

    def ton(self) -> str:
        body = b"\x11\0" + self.raw(32)
        return base64.urlsafe_b64encode(body + crc16(body).to_bytes(2, "big")).decode()

    def polkadot(self) -> str:
        body = b"\0" + self.raw(32)
        return base58(body + hashlib.blake2b(b"SS58PRE" + body).digest()[:2])

    def ulid(self) -> str:
        return "01HM" + self.of(CROCKFORD, 22)

    def kraken_order(self, first: str = "O") -> str:
        code = UPPER + DIGITS
        return f"{first}{self.of(code, 5)}-{self.of(code, 5)}-{self.of(code, 6)}"

    def isin(self, country: str) -> str:
        body = country + self.of(DIGITS, 9)
        digits = "".join(str(int(c, 36)) for c in body)
        doubled = [int(d) * (2 - i % 2) for i, d in enumerate(reversed(digits))]
        return body + str(-sum(d // 10 + d % 10 for d in doubled) % 10)

    def cusip(self) -> str:
        body = self.of(DIGITS + "ABCDEFGHJKLMNPQRSTUVWXYZ", 8)
        doubled = [int(c, 36) * (1 + i % 2) for i, c in enumerate(body)]
        return body + str(-sum(d // 10 + d % 10 for d in doubled) % 10)

    def figi(self) -> str:
        body = "BBG" + self.of("BCDFGHJKLMNPQRSTVWXYZ0123456789", 8)
        doubled = [int(c, 36) * (1 + i % 2) for i, c in enumerate(body)]
        return body + str(-sum(d // 10 + d % 10 for d in doubled) % 10)

    def lei(self) -> str:
        body = self.of(DIGITS, 4) + "00" + self.of(UPPER + DIGITS, 12)
        return body + f"{98 - int(''.join(str(int(c, 36)) for c in body + '00')) % 97:02d}"

    def iban(self, country: str, bank: str, size: int) -> str:
        body = bank + self.of(DIGITS, size)
        check = 98 - int("".join(str(int(c, 36)) for c in body + country + "00")) % 97
        return f"{country}{check:02d}{body}"

    def png(self) -> bytes:
        """A icon, twelve by twelve, of random pixels: valid, and as random as base64 gets."""
        rows = b"".join(b"\0" + self.raw(36) for _ in range(12))

        def chunk(name: bytes, body: bytes) -> bytes:
            return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

        header = chunk(b"IHDR", struct.pack(">IIBBBBB", 12, 12, 8, 2, 0, 0, 0))
        return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


M = Made(SEED)

# ---------------------------------------------------------------------------------------------- the desks

EQUITIES = """\
[workspace]
name     = "north-desk"
timezone = "America/New_York"

[[connector]]
name    = "main-equities"
type    = "equities"
enabled = true

  [connector.auth]
  api_key    = { env = "EQ_API_KEY" }
  api_secret = { env = "EQ_API_SECRET" }

[[schedule]]
name = "daily-close-snapshot"
cron = "5 16 * * 1-5"
tz   = "America/New_York"
task = "snapshot"
"""

MIXED = """\
# Bücher des Desks Süd: Aktien, Optionen, Krypto, Kasse
[account]
currency = "EUR"

[[connector]]
name = "optionen"
type = "options"
venue = "tastytrade"
enabled = true
account = "5WX48213"
[connector.auth]
refresh_token = { keyring = "tastytrade/ines" }
client_secret = { file = "/run/secrets/tasty_client" }

[[connector]]
name = "kasse"
type = "cash"
enabled = false
[connector.auth]
api_key = { git-credential = "https://api.mercury.com" }

[[guard]]
key = "max_order_usd"
enabled = true
limit = 25_000
"""

WALLETS = """\
[[connector]]
name    = "crypto-spot"
type    = "crypto"
venue   = "kraken"
enabled = true
auth    = { api_key = { env = "CX_API_KEY" }, api_secret = { env = "CX_API_SECRET" } }

[[connector]]
name    = "perps"
type    = "futures"
enabled = true
sandbox = true

  [connector.auth]
  api_key.env    = "KF_API_KEY"
  api_secret.env = "KF_API_SECRET"
"""
DESKS = (EQUITIES, MIXED, WALLETS)


def _fill(text: str, values: tuple[str, ...]) -> str:
    for i, value in enumerate(values):
        text = text.replace(f"«{i}»", value)
    return text


def _placed(text: str, path: str, whole: bool) -> str:
    """The text as a file: a part of desk.toml stands after one of the desks."""
    if whole or path != "desk.toml":
        return text
    return DESKS[len(CASES) % len(DESKS)] + "\n" + text


def dirty(
    name: str,
    kind: str,
    text: str,
    *values: str,
    secrets: tuple[str, ...] | None = None,
    path: str = "desk.toml",
    whole: bool = False,
    hidden: bool = False,
    encoding: str = "utf-8",
) -> None:
    data = _placed(_fill(text, values), path, whole).encode(encoding)
    if hidden:
        HIDDEN.add(name)
    CASES.append(Case(name, path, data, values if secrets is None else secrets, kind, True))


def clean(
    name: str, text: str, *values: str, path: str = "desk.toml", whole: bool = False, kind: str = "clean"
) -> None:
    CASES.append(Case(name, path, _placed(_fill(text, values), path, whole).encode(), (), kind, False))


def auth(body: str, name: str = "spot-2") -> str:
    return f'[[connector]]\nname = "{name}"\ntype = "crypto"\nenabled = true\n\n  [connector.auth]\n{body}\n'


# ------------------------------------------------------------------------------------- dirty: under auth


def dirty_auth_values() -> None:
    dirty(
        "auth-kraken-pair",
        "auth",
        auth('  api_key = "«0»"\n  api_secret = "«1»"'),
        M.kraken_key(),
        M.kraken_secret(),
    )
    dirty("auth-weak-word", "auth", auth('  api_key = { env = "K" }\n  api_secret = "«0»"'), M.weak())
    dirty(
        "auth-uuid-as-key-okx",
        "auth",
        auth('  api_key = "«0»"\n  api_secret = { env = "OKX_SECRET" }'),
        M.uuid(),
    )
    dirty("auth-passphrase-of-words", "auth", auth('  passphrase = "«0»"'), M.words(4))
    dirty("auth-placeholder", "auth", auth('  api_key = "«0»"'), "paste-it-here-later")
    dirty("auth-empty-string", "structure", auth('  api_key = ""\n  api_secret = { env = "S" }'))
    dirty("auth-boolean", "structure", auth("  api_key = true"))
    dirty("auth-integer", "auth", auth("  flex_token = «0»"), M.of("123456789", 24))
    dirty("auth-shell-variable-as-text", "structure", auth('  api_key = "$CX_API_KEY"'))
    dirty("auth-env-prefix-as-text", "structure", auth('  api_key = "env:CX_API_KEY"'))
    dirty("auth-vault-address-as-text", "structure", auth('  api_key = "op://Desk/Kraken/credential"'))
    dirty("auth-array-of-chunks", "auth", auth('  api_secret = ["«0»", "«1»"]'), M.mixed(20), M.mixed(20))
    dirty("auth-multi-line-basic", "auth", auth('  api_secret = """\n«0»"""'), M.alpaca_secret())
    dirty("auth-multi-line-literal-pem", "auth", auth("  private_key = '''\n«0»\n'''"), M.pem_ec())
    dirty("auth-single-quotes", "auth", auth("  secret = '«0»'"), M.of(ALNUM, 64))
    dirty("auth-datetime-typed", "structure", auth("  api_secret = 2024-01-19"))
    dirty(
        "auth-only-second-connector",
        "auth",
        auth('  api_key = { env = "A" }') + auth('  k = "«0»"', "z"),
        M.weak(),
    )
    dirty("auth-disabled-connector", "auth", auth('  password = "«0»"').replace("true", "false"), M.weak())
    dirty(
        "auth-paper-connector", "auth", auth('  api_key = "«0»"').replace("spot-2", "paper-x"), M.alpaca_id()
    )
    dirty(
        "auth-username-too", "auth", auth('  username = "«0»"\n  password = { env = "P" }'), "ines.meyer.desk"
    )


def dirty_auth_forms() -> None:
    one = '[[connector]]\nname = "x"\ntype = "crypto"\nenabled = true\n'
    dirty("form-dotted-key", "structure", one + 'auth.api_secret = "«0»"\n', M.mixed(36))
    dirty(
        "form-inline-table",
        "structure",
        one + 'auth = { api_key = "«0»", api_secret = { env = "S" } }\n',
        M.mixed(18),
    )
    dirty("form-auth-is-a-string", "structure", one + 'auth = "«0»"\n', M.weak())
    dirty(
        "form-auth-is-an-array-of-tables",
        "structure",
        one + '[[connector.auth]]\napi_key = "«0»"\n',
        M.weak(),
    )
    dirty("form-quoted-header", "structure", one + '[connector."auth"]\n"api_key" = "«0»"\n', M.weak())
    dirty("form-escaped-header", "structure", one + r'[connector."\u0061uth"]' + '\nk = "«0»"\n', M.weak())
    dirty("form-spaces-in-header", "structure", one + "[ connector . 'auth' ]\nk = '«0»'\n", M.weak())
    dirty("form-sub-table-below-auth", "structure", one + '[connector.auth.live]\nid = "«0»"\n', M.weak())
    dirty(
        "form-reference-with-a-default",
        "structure",
        auth('  api_key = { env = "K", default = "«0»" }'),
        M.mixed(20),
    )
    dirty(
        "form-reference-with-a-value", "structure", auth('  api_key = { env = "K", value = "«0»" }'), M.weak()
    )
    dirty("form-value-table", "structure", auth('  api_key = { value = "«0»" }'), M.weak())
    dirty("form-command-is-no-reference", "structure", auth('  api_key = { command = "pass show kraken" }'))
    dirty("form-vault-is-no-reference", "structure", auth('  api_key = { vault = "kv/desk/kraken" }'))
    dirty("form-reference-in-an-array", "structure", auth('  api_key = [{ env = "K" }, "«0»"]'), M.weak())
    dirty(
        "form-dotted-reference-and-literal", "structure", auth('  k.env = "K"\n  s.literal = "«0»"'), M.weak()
    )
    dirty(
        "form-env-is-an-array",
        "structure",
        auth('  api_key = { env = ["«0»", "«1»"] }'),
        M.mixed(32),
        M.mixed(32),
    )
    homoglyph = auth('  api_secret = { "\u0435nv" = "«0»" }')
    dirty("form-homoglyph-env", "structure", homoglyph, M.kraken_secret())
    plain = '[connector]\nname = "x"\ntype = "cash"\n\n[connector.auth]\napi_key = "«0»"\n'
    dirty("form-one-connector-no-array", "structure", plain, M.weak(), whole=True)
    inline = 'connector = [ { name = "x", type = "cash", auth = { api_key = "«0»" } } ]\n'
    dirty("form-connectors-as-inline-array", "structure", inline, M.weak(), whole=True)


def dirty_reference_fields() -> None:
    dirty("ref-secret-in-env-binance", "auth", auth('  api_key = { env = "«0»" }'), M.mixed(64))
    dirty("ref-alpaca-id-in-env", "auth", auth('  api_key = { env = "«0»" }'), M.alpaca_id())
    dirty("ref-aws-id-in-env", "auth", auth('  api_key = { env = "«0»" }'), M.aws_id())
    dirty("ref-mercury-in-env", "auth", auth('  api_key = { env = "«0»" }'), M.mercury())
    dirty("ref-env-assignment", "auth", auth('  api_key = { env = "CX_API_KEY=«0»" }'), M.kraken_key())
    dirty(
        "ref-env-shell-default",
        "auth",
        auth('  api_secret = { env = "${CX_API_SECRET:-«0»}" }'),
        M.alpaca_secret(),
    )
    dirty("ref-env-shell-assign-default", "auth", auth('  s = { env = "${CX:=«0»}" }'), M.hex(64))
    dirty("ref-env-dotted-literal", "auth", auth("  api_secret.env = '«0»'"), M.kraken_secret())
    dirty(
        "ref-env-sub-table", "auth", auth('  [connector.auth.api_secret]\n  env = "«0»"'), M.alpaca_secret()
    )
    dirty("ref-file-holds-pem", "auth", auth('  k = { file = """«0»""" }'), M.pem_ed25519())
    data_url = auth('  k = { file = "data:text/plain;base64,«0»" }')
    dirty("ref-file-data-url", "auth", data_url, b64(M.alpaca_secret().encode()))
    dirty("ref-keyring-holds-secret", "auth", auth('  k = { keyring = "kraken/«0»" }'), M.kraken_secret())
    url = auth('  k = { git-credential = "https://desk:«0»@api.mercury.com" }')
    dirty("ref-git-credential-userinfo-weak", "url", url, M.weak())
    token = auth('  k = { git-credential = "https://«0»@git.example.com" }')
    dirty("ref-git-credential-token-as-user", "url", token, M.github())
    query = auth('  k = { git-credential = "https://api.example.com/?access_token=«0»" }')
    dirty("ref-git-credential-query", "url", query, M.mixed(40))
    later = auth('  api_key = { env = "CX_API_KEY" } # «0»\n  api_secret = { env = "CX_API_SECRET" }')
    dirty("ref-secret-in-trailing-comment", "auth", later, M.kraken_key())
    old = auth('  # api_secret = "«0»"\n  api_secret = { env = "CX_API_SECRET" }')
    dirty("ref-old-literal-commented-out", "auth", old, M.kraken_secret())


# ----------------------------------------------------------------------------------- dirty: token shapes


def dirty_shapes() -> None:
    note = '[notes]\nlast_call = "«0»"\n'
    dirty("shape-alpaca-id-neutral", "shape", note, M.alpaca_id(live=True))
    dirty(
        "shape-alpaca-id-26-new-form", "shape", "[notes]\nines = 'paper account «0» works'\n", M.alpaca_id(26)
    )
    dirty("shape-kraken-secret-neutral", "shape", note, M.kraken_secret())
    dirty("shape-binance-neutral", "entropy", note, M.mixed(64))
    dirty("shape-mercury-in-comment", "shape", "# Ben: neues Token für die Kasse «0»\n", M.mercury())
    dirty("shape-tastytrade-refresh-jwt", "shape", note, M.jwt("rt+jwt"))
    dirty("shape-deribit-secret", "name", '[feeds.deribit]\nclient_secret = "«0»"\n', b64url(M.raw(32)))
    hyper = '[wallet]\nagent_private_key = "«0»"\n'
    dirty("shape-hyperliquid-agent-key", "name", hyper, "0x" + M.hex(64))
    dirty(
        "shape-aws-pair-in-ini",
        "shape",
        '[s3]\nprofile = """\naws_access_key_id = «0»\naws_secret_access_key = «1»\n"""\n',
        M.aws_id(),
        M.aws_secret(),
    )
    dirty("shape-aws-temporary-id", "shape", "# assumed role: «0»\n", M.aws_id("ASIA"))
    dirty("shape-github-classic", "shape", '[sync]\nremote_hint = "«0»"\n', M.github())
    dirty(
        "shape-github-fine-grained",
        "shape",
        "# CI: «0»\n",
        f"github_pat_11{M.of(UPPER + DIGITS, 20)}_{M.mixed(59)}",
    )
    dirty("shape-gitlab", "shape", '[sync]\nmirror = "«0»"\n', "glpat-" + M.mixed(20))
    dirty("shape-stripe-live", "shape", '[billing]\nstripe = "«0»"\n', "sk_live_" + M.mixed(24))
    dirty("shape-stripe-restricted", "shape", "# «0» # read-only\n", "rk_live_" + M.mixed(24))
    dirty(
        "shape-slack-bot",
        "shape",
        '[alerts]\nbot = "«0»"\n',
        f"xoxb-{M.of(DIGITS, 12)}-{M.of(DIGITS, 13)}-{M.mixed(24)}",
    )
    dirty(
        "shape-telegram-bot", "shape", '[alerts]\nbot = "«0»"\n', f"{M.of('123456789', 10)}:AA{M.mixed(33)}"
    )
    dirty("shape-openai-style", "shape", '[agent]\nmodel_access = "«0»"\n', "sk-proj-" + M.mixed(48))
    dirty(
        "shape-anthropic-style", "shape", "# agent: «0»\n", f"sk-ant-api03-{b64url(M.raw(69))}-{M.mixed(6)}AA"
    )
    dirty("shape-google-api-key", "shape", '[maps]\nsheets = "«0»"\n', "AIza" + M.mixed(35))
    dirty("shape-sendgrid", "shape", '[mail]\nrelay = "«0»"\n', f"SG.{b64url(M.raw(16))}.{b64url(M.raw(32))}")
    dirty("shape-vault-token", "shape", '[notes]\nvault = "«0»"\n', "hvs." + b64url(M.raw(68)))
    dirty("shape-age-secret-key", "shape", '[backup]\nidentity = "«0»"\n', M.age_secret())
    dirty("shape-bitcoin-wif", "shape", '[wallet]\nsweep_key = "«0»"\n', M.wif())
    dirty("shape-xprv", "shape", '[wallet]\nroot = "«0»"\n', M.xprv())
    dirty("shape-stellar-secret-seed", "shape", '[wallet]\nxlm = "«0»"\n', stellar_seed())
    dirty("shape-jwt-cut-over-lines", "shape", '[notes]\nt = """\n«0»\n«1»\n"""\n', *halves(M.jwt(), 90))
    dirty("shape-jwt-in-table-header", "shape", "[sessions.«0»]\nok = true\n", M.jwt())
    dirty(
        "shape-silenced-for-another-tool", "shape", '[n]\na = "«0»" # pragma: allowlist secret\n', M.aws_id()
    )
    dirty("shape-gitleaks-allow", "shape", '[n]\na = "«0»" # gitleaks:allow\n', M.github())
    dirty("shape-nosec-mercury", "shape", "# nosec noqa: S105 «0»\n", M.mercury())


def stellar_seed() -> str:
    body = b"\x90" + M.raw(32)
    return base64.b32encode(body + crc16(body).to_bytes(2, "little")).decode()


def halves(text: str, at: int) -> tuple[str, str]:
    return text[:at], text[at:]


def dirty_private_keys() -> None:
    dirty("pem-rsa-in-a-string", "shape", "[tls]\nclient = '''\n«0»\n'''\n", M.pem_rsa())
    one_line = M.pem_ec().replace("\n", r"\n")
    dirty("pem-one-line-with-escapes-coinbase", "shape", '[notes]\ncdp = "«0»"\n', one_line)
    pem = M.pem_ed25519()
    dirty("pem-in-comment-lines", "shape", commented(pem), secrets=(pem.split("\n")[1],))
    body = M.pem_rsa().split("\n")[1:9]
    dirty("pem-body-without-armour", "entropy", commented("\n".join(body)), secrets=tuple(body))
    dirty("pem-openssh", "shape", '[deploy]\nidentity = """\n«0»\n"""\n', M.openssh_key())
    encrypted = armour(
        "ENCRYPTED PRIVATE KEY", der(0x30, bytes.fromhex("305706092a864886f70d01050d"), M.raw(190))
    )
    dirty("pem-encrypted-is-still-a-key", "shape", "[tls]\nk = '''\n«0»'''\n", encrypted)
    pgp = (
        f"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{wrapped(b64(M.raw(380)))}\n"
        f"=fY3k\n-----END PGP PRIVATE KEY BLOCK-----"
    )
    dirty("pgp-private-block", "shape", "[sign]\nkey = '''\n«0»\n'''\n", pgp)
    cdp = json.dumps({"name": f"organizations/{M.uuid()}/apiKeys/{M.uuid()}", "privateKey": M.pem_ec()})
    dirty("pem-coinbase-json-file-pasted", "shape", "[notes]\ncdp = '''«0»'''\n", cdp)
    pem = M.pem_rsa()
    service = json.dumps(
        {"type": "service_account", "private_key_id": M.hex(40), "private_key": pem}, indent=1
    )
    dirty(
        "pem-google-service-account",
        "shape",
        service,
        path="research/sheet.json",
        secrets=tuple(pem.split("\n")[1:-1]),
    )
    wireguard = '[vpn]\nconf = """\n[Interface]\nPrivateKey = «0»\nAddress = 10.8.0.2/32\n"""\n'
    dirty("wireguard-private-key", "name", wireguard, b64(M.raw(32)))
    jwk = json.dumps({"kty": "OKP", "crv": "Ed25519", "x": b64url(M.raw(32)), "d": b64url(M.raw(32))})
    dirty("jwk-with-private-part", "structure", "[sign]\nprivate_jwk = '«0»'\n", jwk)
    pem, crlf = M.pem_ed25519(), "[tls]\r\nk = '''\r\n«0»\r\n'''\r\n"
    dirty("pem-crlf", "shape", crlf, pem.replace("\n", "\r\n"), whole=True)
    ints = ", ".join(str(b) for b in M.raw(64))
    dirty("solana-keypair-as-bytes", "name", "[wallet]\nsolana_keypair = [«0»]\n", ints)
    dirty("solana-private-key-base58", "name", '[wallet]\nprivate_key = "«0»"\n', M.solana_signature())


def commented(text: str) -> str:
    return "".join(f"# {line}\n" for line in text.split("\n"))


def dirty_mnemonics() -> None:
    words = " ".join(M.mnemonic(12))
    dirty("mnemonic-12-neutral", "mnemonic", '[notes]\nledger_backup = "«0»"\n', words)
    dirty("mnemonic-15-in-comment", "mnemonic", "# cold wallet: «0»\n", " ".join(M.mnemonic(15)))
    chosen = M.mnemonic(18)
    dirty(
        "mnemonic-18-array",
        "mnemonic",
        f"[wallet]\nwords = {json.dumps(chosen)}\n",
        secrets=(" ".join(chosen),),
        hidden=True,
    )
    chosen = M.mnemonic(21)
    folded = "\n".join(" ".join(chosen[i : i + 7]) for i in range(0, 21, 7))
    dirty("mnemonic-21-over-lines", "mnemonic", "[wallet]\nhint = '''\n«0»\n'''\n", folded)
    dirty(
        "mnemonic-24-in-title-case",
        "mnemonic",
        '[w]\na = "«0»"\n',
        " ".join(w.title() for w in M.mnemonic(24)),
    )
    chosen = M.mnemonic(12)
    listed = "".join(f"{i}. {word}\n" for i, word in enumerate(chosen, 1))
    dirty(
        "mnemonic-numbered-in-markdown",
        "mnemonic",
        "# Recovery sheet\n\n" + listed,
        path="research/recovery.md",
        secrets=(listed.strip(),),
    )
    dirty("mnemonic-24-with-commas-in-comment", "mnemonic", "# seed phrase: «0»\n", ", ".join(M.mnemonic(24)))
    dirty("mnemonic-named-seed", "name", '[wallet]\nseed_phrase = "«0»"\n', " ".join(M.mnemonic(12)))
    flow = (
        '\n[[flow]]\ntime = "2026-07-05T14:00:00Z"\nconnector = "cold"\n'
        'kind = "deposit"\namount_usd = 10.0\nnote = "«0»"\n'
    )
    dirty(
        "mnemonic-in-a-flow-note", "mnemonic", snapshot_text() + flow, " ".join(M.mnemonic(24)), path=SNAPSHOT
    )


# ------------------------------------------------------------------------------ dirty: names say it, URLs


def dirty_names() -> None:
    dirty(
        "name-password-beside-auth",
        "name",
        '[[connector]]\nname = "tws"\ntype = "equities"\npassword = "«0»"\n',
        M.weak(),
    )
    dirty("name-api-secret-beside-auth-uuid", "name", '[feeds.kucoin]\napi_secret = "«0»"\n', M.uuid())
    dirty("name-client-secret-like-git-sha", "name", '[feeds.tasty]\nclient_secret = "«0»"\n', M.hex(40))
    dirty("name-camel-case", "name", '[feeds.x]\napiSecretKey = "«0»"\n', M.weak())
    dirty("name-header-spelling", "name", '[headers]\n"APCA-API-SECRET-KEY" = "«0»"\n', M.alpaca_secret())
    dirty("name-dotted", "name", '[feeds]\nkraken.api.secret = "«0»"\n', M.weak())
    dirty("name-escaped-key", "name", '[feeds.x]\n"pass\\u0077ord" = "«0»"\n', M.weak())
    dirty("name-upper-case-with-prefix", "name", '[env]\nIBKR_TWS_PASSWORD = "«0»"\n', M.weak())
    dirty("name-password-is-an-integer", "name", "[ibkr]\npassword = «0»\n", M.of("123456789", 8))
    dirty(
        "name-flex-token-underscored-integer",
        "name",
        "[ibkr]\nflex_token = «0»\n",
        "_".join(M.of("123456789", 4) for _ in range(6)),
    )
    dirty("name-private-key-hex-integer", "name", "[wallet]\nprivate_key = 0x«0»\n", M.hex(64))
    dirty("name-totp-seed-grouped-lower", "name", '[ibkr]\ntotp_seed = "«0»"\n', grouped(M.totp().lower()))
    dirty("name-passphrase-of-words", "name", '[okx]\npassphrase = "«0»"\n', M.words(4))
    dirty("name-german-strong", "name", '[kasse]\npasswort = "«0»"\n', M.strong())
    dirty("name-french-strong", "name", '[caisse]\nmot_de_passe = "«0»"\n', M.strong())
    dirty("name-spanish-strong", "name", '[caja]\n"contraseña" = "«0»"\n', M.strong(24))
    dirty("name-russian-strong", "name", '["касса"]\n"пароль" = "«0»"\n', M.strong(24))
    dirty("name-japanese-strong", "name", '["現金"]\n"パスワード" = "«0»"\n', M.strong(24))
    dirty("name-homoglyph-password", "name", '[feeds.x]\n"p\u0430ssw\u043erd" = "«0»"\n', M.weak())
    dirty("name-fullwidth-secret", "name", '[feeds.x]\n"ａｐｉ＿ｓｅｃｒｅｔ" = "«0»"\n', M.alpaca_secret())
    zero_width = M.alpaca_secret()
    broken = zero_width[:13] + "\u200b" + zero_width[13:29] + "\u2060" + zero_width[29:]
    dirty(
        "name-zero-width-inside",
        "name",
        f'[feeds.x]\napi_secret = "{broken}"\n',
        secrets=(zero_width,),
        hidden=True,
    )
    dirty(
        "name-contains-test-and-example",
        "name",
        '[feeds.x]\napi_secret = "«0»"\n',
        f"{M.mixed(18)}Example{M.mixed(15)}",
    )
    dirty("name-commented-password", "name", '# [ibkr]\n# user = "ines"\n# password = "«0»"\n', M.weak())
    dirty(
        "name-session-cookie",
        "name",
        '[scrape]\ncookie = "«0»"\n',
        f"csrftoken={M.mixed(32)}; sessionid={M.mixed(32)}",
    )
    dirty(
        "name-in-json-string-weak",
        "structure",
        '[x]\nextra = \'{"user": "desk", "password": "«0»"}\'\n',
        M.weak(),
    )
    dirty("name-md5-looking-api-key", "name", '[feeds.fred]\napi_key = "«0»"\n', M.hex(32))
    dirty(
        "name-in-a-guard",
        "name",
        '[[guard]]\nkey = "notify"\nwebhook_secret = "«0»"\n',
        "whsec_" + b64(M.raw(24)),
    )
    chunks = [M.mixed(8) for _ in range(5)]
    dirty(
        "name-array-of-chunks",
        "structure",
        f"[feeds.x]\napi_secret = {json.dumps(chunks)}\n",
        secrets=("".join(chunks),),
        hidden=True,
    )
    dirty(
        "name-secret-parts-in-two-keys",
        "structure",
        '[x]\nsecret_1 = "«0»"\nsecret_2 = "«1»"\n',
        M.mixed(22),
        M.mixed(22),
    )


def grouped(text: str) -> str:
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def dirty_urls() -> None:
    base = '[[connector]]\nname = "x"\ntype = "crypto"\nvenue = "kraken"\nbase_url = "«U»"\n'

    def url(name: str, text: str, *values: str, hidden: bool = False) -> None:
        dirty(name, "url", base.replace("«U»", text), *values, hidden=hidden)

    url("url-userinfo-weak", "https://desk:«0»@gateway.example.com/v1", M.weak())
    url("url-userinfo-alpaca", "https://«0»:«1»@paper-api.alpaca.markets", M.alpaca_id(), M.alpaca_secret())
    url("url-query-api-key", "https://data.example.com/v2?symbols=AAPL&apiKey=«0»", M.mixed(32))
    url("url-query-password-weak", "https://gw.example.com/login?user=desk&password=«0»", M.weak())
    url("url-query-uuid-key", "https://mainnet.helius-rpc.com/?api-key=«0»", M.uuid())
    url("url-alchemy-path", "https://eth-mainnet.g.alchemy.com/v2/«0»", M.mixed(32))
    url("url-infura-path", "wss://mainnet.infura.io/ws/v3/«0»", M.hex(32))
    url("url-fragment-token", "https://app.example.com/#access_token=«0»&token_type=bearer", M.jwt())
    hook = (
        f"https://hooks.slack.com/services/T{M.of(UPPER + DIGITS, 10)}/"
        f"B{M.of(UPPER + DIGITS, 10)}/{M.mixed(24)}"
    )
    dirty("url-slack-webhook", "url", '[alerts]\nslack = "«0»"\n', hook)
    discord = f"https://discord.com/api/webhooks/{M.of('123456789', 19)}/{b64url(M.raw(51))}"
    dirty("url-discord-webhook", "url", '[[guard]]\nkey = "notify"\nurl = "«0»"\n', discord)
    dirty(
        "url-telegram-send",
        "url",
        "# curl https://api.telegram.org/bot«0»/getMe\n",
        f"{M.of('123456789', 10)}:AA{M.mixed(33)}",
    )
    dirty(
        "url-postgres-weak", "url", '[store]\ndsn = "postgresql://qoc:«0»@db.internal:5432/books"\n', M.weak()
    )
    dirty("url-redis-no-user", "url", '[cache]\nurl = "redis://:«0»@10.0.0.5:6379/0"\n', M.weak())
    dirty("url-proxy", "url", '[net]\nproxy = "http://desk:«0»@proxy.corp.example:3128"\n', M.weak())
    dirty(
        "url-git-remote",
        "url",
        '[sync]\nremote = "https://x-access-token:«0»@git.example.com/d/books.git"\n',
        M.mixed(40),
    )
    encoded = M.kraken_secret().replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    dirty("url-percent-encoded-token", "url", '[x]\nu = "https://a.example/b?token=«0»"\n', encoded)
    sas = "https://desk.blob.core.windows.net/b/x.csv?sv=2022-11-02&se=2027-01-01&sr=b&sp=r&sig=«0»"
    dirty(
        "url-azure-sas",
        "url",
        f'[store]\nobject = "{sas}"\n',
        b64(M.raw(32)).replace("+", "%2B").replace("=", "%3D"),
    )
    otp = "otpauth://totp/Kraken:desk?secret=«0»&issuer=Kraken"
    dirty("url-otpauth", "url", f"# {otp}\n", M.totp(16))
    fred = (
        '{"source": "https://api.stlouisfed.org/fred/series/observations?series_id=DGS10&'
        'api_key=«0»&file_type=json", "n": 250}'
    )
    dirty("url-fred-in-research-json", "url", fred, M.hex(32), path="research/rates.json")


# -------------------------------------------------------------------------- dirty: pasted lines, positions


def dirty_pasted() -> None:
    dirty("paste-export-line", "shape", "# export CX_API_SECRET=«0»\n", M.kraken_secret())
    dirty("paste-export-weak-quoted", "name", "# export OKX_PASSPHRASE='«0»'\n", M.weak())
    dirty(
        "paste-temporary", "shape", '# TEMPORARY until Monday!! remove\n[tmp]\nx = "«0»"\n', M.alpaca_secret()
    )
    curl = (
        "# curl -s -H 'APCA-API-KEY-ID: «0»' -H 'APCA-API-SECRET-KEY: "
        "«1»' https://api.alpaca.markets/v2/account\n"
    )
    dirty("paste-curl-headers", "shape", curl, M.alpaca_id(live=True), M.alpaca_secret())
    dirty(
        "paste-curl-user",
        "structure",
        "# curl -u '«0»:' https://api.mercury.com/api/v1/accounts\n",
        M.mercury(),
    )
    bearer = '[http]\nheaders = ["Accept: application/json", "Authorization: Bearer «0»"]\n'
    dirty("paste-bearer-header", "structure", bearer, M.mixed(28))
    basic = b64(f"desk:{M.weak()}".encode())
    dirty(
        "paste-basic-header-weak", "structure", '[http]\nextra_header = "Authorization: Basic «0»"\n', basic
    )
    dirty("paste-basic-auth-key", "name", '[http]\nbasic_auth = "«0»"\n', b64(f"ines:{M.mixed(24)}".encode()))
    dotenv = '[notes]\nenv = """\nEQ_API_KEY=«0»\nEQ_API_SECRET=«1»\n"""\n'
    dirty("paste-dotenv-file", "shape", dotenv, M.alpaca_id(), M.alpaca_secret())
    dirty(
        "paste-yaml",
        "name",
        "[old]\nconf = '''\nkraken:\n  key: «0»\n  secret: «1»\n'''\n",
        M.kraken_key(),
        M.kraken_secret(),
    )
    netrc = "# machine api.bitstamp.net login desk7 password «0»\n"
    dirty("paste-netrc", "name", netrc, M.mixed(24))
    getenv = '# os.environ.get("BYBIT_SECRET", "«0»")\n'
    dirty("paste-python-default", "shape", getenv, M.mixed(36))
    compose = "# docker run -e BITFINEX_SECRET=«0» qoc\n"
    dirty("paste-docker-run", "shape", compose, M.mixed(43))
    dirty("paste-rotated-note", "shape", "# 2026-01-19 rotated by Ines, new one: «0»\n", M.mixed(64))
    code = "# Kraken notes\n\n```python\nx = ccxt.kraken({'apiKey': '«0»', 'secret': '«1»'})\n```\n"
    dirty(
        "paste-ccxt-in-markdown", "shape", code, M.kraken_key(), M.kraken_secret(), path="research/kraken.md"
    )
    log = (
        "Request failed:\n\n    headers={'APCA-API-KEY-ID': '«0»', 'APCA-API-SECRET-KEY': "
        "'«1»'}\n    401 Unauthorized\n"
    )
    dirty(
        "paste-debug-log-in-markdown",
        "shape",
        log,
        M.alpaca_id(),
        M.alpaca_secret(),
        path="research/incident-7.md",
    )
    blob = json.dumps({"returns": [0.01, -0.002], "config": {"exchange": "binance", "apiKey": M.mixed(64)}})
    dirty(
        "paste-config-in-research-json", "name", blob, path="research/backtest.json", secrets=(blob[-67:-3],)
    )
    table = "| venue | key | secret |\n|---|---|---|\n| bybit | «0» | «1» |\n"
    dirty("paste-markdown-table", "entropy", table, M.mixed(18), M.mixed(36), path="research/venues.md")
    order = '[order]\nid = "«1»"\nsymbol = "BTC-USD"\nquantity = 0.5\nnote = "sent with «0»"\n'
    uid = M.uuid()
    token = M.jwt()
    dirty("paste-jwt-in-an-order", "shape", order.replace("«1»", uid), token, path=f"orders/open/{uid}.toml")
    head = "# venue answered with key «0»\n"
    dirty("paste-in-snapshot-comment", "shape", head + snapshot_text(), M.kraken_key(), path=SNAPSHOT)
    account = (
        '\n[[account]]\nconnector = "x"\ntype = "crypto"\nvenue = "https:/'
        '/desk:«0»@api.example.com"\nnav_usd = 1.00\n'
    )
    dirty("paste-snapshot-venue-url", "url", snapshot_text() + account, M.weak(), path=SNAPSHOT)


def dirty_positions() -> None:
    dirty(
        "position-connector-name",
        "shape",
        '[[connector]]\nname = "«0»"\ntype = "crypto"\nenabled = true\n',
        M.mixed(64),
    )
    dirty("position-bare-key", "shape", "[notes]\n«0» = true\n", M.alpaca_secret())
    dirty("position-quoted-key", "shape", '[notes]\n"«0»" = 1\n', M.kraken_secret())
    dirty("position-table-header", "shape", "[venues.«0»]\nenabled = true\n", M.alpaca_id())
    dirty("position-array-table-header", "entropy", "[[«0»]]\nx = 1\n", M.mixed(64))
    dirty("position-dotted-key", "entropy", "[notes]\nkraken.«0».on = true\n", M.mixed(56))
    dirty(
        "position-schedule-name",
        "shape",
        '[[schedule]]\nname = "«0»"\ncron = "5 16 * * *"\ntz = "UTC"\ntask = "snapshot"\n',
        M.mercury(),
    )
    dirty(
        "position-schedule-task",
        "shape",
        '[[schedule]]\nname = "x"\ncron = "0 1 * * *"\ntask = "snapshot --token «0»"\n',
        M.mixed(40),
    )
    dirty(
        "position-account-field",
        "shape",
        '[[connector]]\nname = "x"\ntype = "equities"\naccount = "«0»"\n',
        M.alpaca_secret(),
    )
    dirty("position-workspace-name", "shape", '[workspace]\nname = "desk «0»"\n', M.github(), whole=True)
    dirty("position-comment-after-header", "shape", "[notes] # «0»\n", M.kraken_secret())
    dirty("position-first-line-of-file", "shape", "# «0»\n" + EQUITIES, M.alpaca_secret(), whole=True)
    dirty("position-last-line-no-newline", "shape", EQUITIES + "# «0»", M.kraken_key(), whole=True)
    dirty(
        "position-deep-inline",
        "entropy",
        '[a]\nb = [{ c = [{ d = { e = ["AAPL", "«0»"] } }] }]\n',
        M.mixed(48),
    )
    dirty(
        "position-far-right",
        "entropy",
        '[notes]\nlong = "' + "lorem ipsum dolor " * 400 + '«0»"\n',
        M.mixed(64),
    )
    many = "".join(f'[[position]]\nsymbol = "SYM{i}"\nquantity = {i}\n' for i in range(4000))
    dirty(
        "position-end-of-a-big-file",
        "entropy",
        snapshot_text() + many + "# «0»\n",
        M.kraken_secret(),
        path=SNAPSHOT,
    )
    dirty("position-glued-to-prose", "shape", "# der Schlüssel lautet:«0»;bitte löschen\n", M.alpaca_secret())
    dirty("position-between-wide-quotes", "shape", "# clé: “«0»”\n", M.kraken_secret())
    escaped = "".join(f"\\u{ord(c):04X}" for c in M.alpaca_id())
    whole = re.sub(r"\\u(....)", lambda m: chr(int(m[1], 16)), escaped)
    dirty(
        "escape-unicode-every-letter", "entropy", f'[notes]\nx = "{escaped}"\n', secrets=(whole,), hidden=True
    )
    secret = M.kraken_secret()
    folded = (
        '[notes]\nx = """\\\n   '
        + secret[:30]
        + "\\\n   "
        + secret[30:60]
        + "\\\n   "
        + secret[60:]
        + '"""\n'
    )
    dirty("split-line-continuation", "entropy", folded, secrets=(secret,), hidden=True)
    secret = M.mixed(64)
    dirty(
        "split-array-halves-neutral",
        "entropy",
        f"[notes]\nx = {json.dumps([secret[:32], secret[32:]])}\n",
        secrets=(secret,),
        hidden=True,
    )
    secret = M.kraken_secret()
    dirty(
        "split-two-neutral-keys",
        "entropy",
        f'[notes]\nhead = "{secret[:44]}"\ntail = "{secret[44:]}"\n',
        secrets=(secret,),
        hidden=True,
    )
    dirty("neutral-hex-80", "entropy", '[notes]\nx = "«0»"\n', M.hex(80))
    dirty(
        "neutral-base64-of-a-config",
        "entropy",
        '[notes]\nblob = "«0»"\n',
        b64(json.dumps({"k": M.kraken_key(), "s": M.kraken_secret()}).encode()),
    )
    dirty("neutral-base64url-43", "entropy", '[notes]\nx = "«0»"\n', b64url(M.raw(32)))
    dirty(
        "among-many-ids",
        "entropy",
        "[refs]\nids = [" + ", ".join(f'"{M.uuid()}"' for _ in range(30)) + ', "«0»"]\n',
        M.alpaca_secret(),
    )


def dirty_unreadable() -> None:
    text = auth('  api_key = "«0»"')
    key = M.kraken_secret()
    dirty("bytes-utf-16-with-bom", "unreadable", text, key, encoding="utf-16", hidden=True)
    dirty("bytes-utf-16-be-without-bom", "unreadable", text, key, encoding="utf-16-be", hidden=True)
    dirty("bytes-utf-32", "unreadable", text, M.weak(), encoding="utf-32", hidden=True)
    dirty("bytes-utf-8-bom", "unreadable", text, M.weak(), encoding="utf-8-sig")
    dirty(
        "bytes-latin-1", "unreadable", "# für später\n" + text, M.kraken_key(), encoding="latin-1", whole=True
    )
    dirty("bytes-nul-inside", "unreadable", "# \0\n" + text, M.alpaca_secret())
    dirty("toml-duplicate-key", "unreadable", auth('  k = { env = "A" }\n  k = "«0»"'), M.weak())
    dirty("toml-unclosed-string", "unreadable", auth('  api_key = "«0»'), M.alpaca_secret())
    dirty("toml-unclosed-multi-line", "unreadable", auth('  api_key = """«0»\n\n[x]\ny = 1'), M.kraken_key())
    dirty("toml-unquoted-value", "unreadable", auth("  api_secret = «0»"), M.mixed(40))
    dirty("toml-yaml-colon", "unreadable", auth("  api_secret: «0»"), M.mixed(40))
    conflict = '<<<<<<< HEAD\n  api_key = { env = "A" }\n=======\n  api_key = "«0»"\n>>>>>>> ben\n'
    dirty("toml-conflict-markers", "unreadable", auth(conflict), M.alpaca_id())
    dirty(
        "toml-bare-carriage-returns",
        "unreadable",
        auth('  api_key = "«0»"').replace("\n", "\r"),
        M.mixed(40),
        whole=True,
    )
    dirty("toml-smart-quotes", "unreadable", auth("  api_secret = “«0»”"), M.kraken_secret())
    dirty("toml-multi-line-inline-table", "unreadable", auth('  k = {\n    value = "«0»",\n  }'), M.mixed(36))
    dirty(
        "snapshot-does-not-parse",
        "unreadable",
        snapshot_text() + "\nx = «0»\n",
        M.kraken_secret(),
        path=SNAPSHOT,
    )
    packed = gzip.compress(_fill(text, (key,)).encode(), mtime=0)
    HIDDEN.add("bytes-gzip")
    CASES.append(Case("bytes-gzip", "desk.toml", packed, (key,), "unreadable", True))
    crlf = auth('  api_key = "«0»"').replace("\n", "\r\n")
    dirty("bytes-crlf-literal", "auth", crlf, M.weak(), whole=True)


SNAPSHOT = "snapshots/2026-07-05T16-00-00Z.toml"


def snapshot_text() -> str:
    return """\
[meta]
timestamp      = "2026-07-05T16:00:00Z"
nav_usd        = 167_420.88
cash_usd       = 41_210.50
realized_pnl   = 1_840.22
unrealized_pnl = 3_108.65
connectors     = ["main-equities", "crypto-spot", "sweep-cash"]

[[position]]
connector  = "main-equities"
symbol     = "AAPL"
quantity   = 150
avg_cost   = 198.42
mark       = 211.40
pnl_open   = 1_947.00
"""


# ---------------------------------------------------------------------------------- clean: references


def clean_references() -> None:
    for name, text in zip(("equities", "mixed", "wallets"), DESKS, strict=True):
        clean(f"desk-{name}", text, whole=True)
    clean(
        "ref-quoted-keys",
        auth("  \"api_key\" = { \"env\" = \"EQ_KEY\" }\n  'api_secret' = { 'env' = 'EQ_SECRET' }"),
    )
    clean("ref-dotted", auth('  api_key.env = "EQ_KEY"\n  api_secret.keyring = "alpaca/ines"'))
    clean(
        "ref-sub-tables",
        auth(
            '  [connector.auth.api_key]\n  env = "EQ_KEY"\n  [connector.auth.api_secret]\n'
            '  file = "/run/s/eq"'
        ),
    )
    clean(
        "ref-inline-auth",
        '[[connector]]\nname = "x"\ntype = "cash"\nauth = { api_key = { env = "CA_API_KEY" } }\n',
    )
    clean(
        "ref-dotted-from-the-connector",
        '[[connector]]\nname = "x"\ntype = "cash"\nauth.api_key.env = "CA_KEY"\n',
    )
    clean(
        "ref-multi-line-strings",
        auth("  api_key = { env = '''EQ_KEY''' }\n  api_secret = { env = \"\"\"EQ_SECRET\"\"\" }"),
    )
    clean("ref-escapes-in-key-and-name", auth(r'  "api\u005fkey" = { env = "EQ\u005fKEY" }'))
    clean(
        "ref-tabs-and-tight",
        auth('\tapi_key={env="EQ_KEY"}# live\n\tapi_secret\t=\t{\tenv\t=\t"EQ_SECRET"\t}\t# live'),
    )
    long_name = (
        "QOC_DESK_NORTH_2026_ALPACA_BROKERAGE_LIVE_ACCOUNT_04_TRADING_API_SECRET_KEY_V2_ROTATED_2026Q3"
    )
    clean("ref-env-of-90-letters", auth(f'  api_secret = {{ env = "{long_name}" }}'))
    hashed = f"QOC_{M.hex(8).upper()}_{M.hex(6).upper()}_SECRET"
    clean("ref-env-with-hex-parts", auth(f'  api_secret = {{ env = "{hashed}" }}'))
    prefixes = (
        '  a = { env = "SK_LIVE_KEY" }\n  b = { env = "GHP_TOKEN" }\n'
        '  c = { env = "AKIA_ID" }\n  d = { env = "PK_PAPER_2" }'
    )
    clean("ref-env-with-token-prefixes", auth(prefixes))
    clean(
        "ref-env-lower-and-digits",
        auth('  a = { env = "cx2_api_key" }\n  b = { env = "_CX9" }\n  c = { env = "K" }'),
    )
    clean(
        "ref-file-docker-layer",
        auth(f'  k = {{ file = "/var/lib/docker/containers/{M.hex(64)}/mounts/secrets/eq" }}'),
    )
    nix = M.of("0123456789abcdfghijklmnpqrsvwxyz", 32)
    clean("ref-file-nix-store", auth(f'  k = {{ file = "/nix/store/{nix}-qoc-secrets-1.4/eq_api_secret" }}'))
    pod = (
        f"/var/lib/kubelet/pods/{M.uuid()}/volumes/kubernetes.io~projected/"
        f"..2026_07_05_16_00_00.1234567890/api-key"
    )
    clean("ref-file-kubernetes", auth(f'  k = {{ file = "{pod}" }}'))
    clean(
        "ref-file-with-spaces-and-umlauts",
        auth('  k = { file = "/Volumes/Schlüssel Süd/kraken secret.txt" }'),
    )
    clean(
        "ref-file-credentials-directory",
        auth('  k = { file = "/run/credentials/qoc.service/kraken_api_secret" }'),
    )
    clean(
        "ref-keyring-mail-user",
        auth('  k = { keyring = "com.example.qoc.kraken/ines.meyer+desk@example.com" }'),
    )
    clean("ref-keyring-uuid-user", auth(f'  k = {{ keyring = "alpaca-live/{M.uuid()}" }}'))
    git = (
        '  a = { git-credential = "https://api.mercury.com" }\n  b = '
        '{ git-credential = "https://localhost:8443/v2" }'
    )
    clean("ref-git-credential-hosts", auth(git))
    clean("ref-git-credential-user", auth('  a = { git-credential = "https://desk-bot@api.example.com" }'))
    names = [
        "passphrase",
        "password",
        "totp_seed",
        "mnemonic",
        "private_key",
        "refresh_token",
        "client_secret",
        "pin",
        "cookie",
    ]
    clean(
        "ref-every-secret-sounding-name",
        auth("\n".join(f'  {n} = {{ env = "CX_{n.upper()}" }}' for n in names)),
    )
    clean(
        "ref-empty-auth-paper",
        '[[connector]]\nname = "p"\ntype = "equities"\nvenue = "paper"\n[connector.auth]\n',
    )
    clean(
        "ref-commented-out-reference",
        auth('  # api_key = { env = "OLD_KEY" }\n  api_key = { env = "NEW_KEY" }'),
    )
    clean("ref-commented-out-connector", commented(auth('  api_key = { keyring = "kraken/desk" }')))
    inline = (
        'connector = [ { name = "x", type = "cash", auth = { api_key '
        '= { env = "K" } } }, { name = "y", type = "crypto" } ]\n'
    )
    clean("ref-connectors-as-inline-array", inline, whole=True)
    clean("desk-crlf", EQUITIES.replace("\n", "\r\n"), whole=True)
    clean("desk-no-final-newline", MIXED.rstrip("\n"), whole=True)
    clean("desk-empty-file", "", whole=True)
    clean(
        "desk-forty-connectors",
        "".join(auth(f'  api_key = {{ env = "V{i:02d}_KEY" }}', f"v-{i:02d}") for i in range(40)),
        whole=True,
    )


# ------------------------------------------------------------------------------- clean: accounts and ids


def clean_accounts() -> None:
    def account(name: str, *numbers: str) -> None:
        blocks = (
            f'[[connector]]\nname = "a{i}"\ntype = "equities"\naccount = "{n}"\n'
            for i, n in enumerate(numbers)
        )
        clean(name, "\n".join(blocks))

    account("account-alpaca-uuid-and-number", M.uuid(), "PA3" + M.of(UPPER + DIGITS, 9))
    account(
        "account-ibkr-and-tastytrade",
        "U" + M.of(DIGITS, 8),
        "DU" + M.of(DIGITS, 7),
        "5WT" + M.of(DIGITS, 5),
        "F7812345",
    )
    account("account-iban", M.iban("DE", "", 18), M.iban("GB", "NWBK", 14), M.iban("NL", "ABNA", 10))
    account("account-iban-in-groups", grouped(M.iban("FR", "", 23)))
    account("account-masked", "****4821", "XXXX-XXXX-4821", "…4821")
    account("account-cusip-like-depot", "DEPOT-0048213-B", "7G-448213-01", "Z12-345678", "6AB-05921")
    clean(
        "account-bic-and-routing",
        '[wire]\nbic = "COBADEFFXXX"\nrouting = "021000021"\nimad = "20260705MMQFMP2L000123"\n',
    )
    wallets = {
        "ethereum-checksummed": (M.eth(), M.eth()),
        "ethereum-lower-case": ("0x" + M.hex(40),),
        "bitcoin-legacy-and-script": (M.btc(), M.btc(b"\x05")),
        "bitcoin-segwit-and-taproot": (M.segwit(), M.taproot()),
        "litecoin-and-dogecoin": (M.segwit("ltc"), M.btc(b"\x1e"), M.btc(b"\x30")),
        "solana": (M.solana(), M.solana()),
        "ripple": (base58check(b"\0" + M.raw(20), RIPPLE58),),
        "tron": (M.btc(b"\x41"),),
        "cardano": (bech32("addr", _five_bits(b"\x01" + M.raw(56))),),
        "polkadot": (M.polkadot(),),
        "stellar": (M.stellar(),),
        "ton": (M.ton(),),
        "cosmos-and-osmosis": (
            bech32("cosmos", _five_bits(M.raw(20))),
            bech32("osmo", _five_bits(M.raw(20))),
        ),
        "sui-and-aptos": ("0x" + M.hex(64), "0x" + M.hex(64)),
        "algorand": (M.of(BASE32, 58),),
        "monero": ("4" + M.of("0123456789AB", 1) + M.of(BASE58, 93),),
    }
    for chain, addresses in wallets.items():
        rows = "".join(f'[[wallet]]\nchain = "{chain}"\naddress = "{a}"\n' for a in addresses)
        clean(f"wallet-{chain}", rows)
    clean(
        "wallet-addresses-in-prose",
        "# sweep goes to «0», never to «1» (Ben's old one)\n",
        M.eth(),
        M.segwit(),
    )
    clean(
        "wallet-token-contracts",
        '[tokens]\nUSDC = "«0»"\nWETH = "«1»"\nBONK = "«2»"\n',
        M.eth(),
        M.eth(),
        M.solana(),
    )
    clean("wallet-addresses-as-keys", '[labels]\n"«0»" = "hot"\n«1» = "cold"\n', M.eth(), M.segwit())
    clean("wallet-derivation-path", '[wallet]\npath = "m/84\'/0\'/0\'/0/17"\nfingerprint = "d34db33f"\n')
    clean("wallet-xpub", '[wallet]\nxpub = "«0»"\n', M.xprv("0488b21e", b"\x02"))


def clean_identifiers() -> None:
    ids = (
        '[[holding]]\nisin = "«0»"\ncusip = "«1»"\nfigi = "«2»"\nlei '
        '= "«3»"\nsedol = "B0YBKJ7"\nwkn = "716460"\n'
    )
    clean("id-securities", ids, M.isin("US"), M.cusip(), M.figi(), M.lei())
    isins = json.dumps([M.isin(c) for c in ("DE", "FR", "IE", "LU", "CH", "JP", "GB", "XS")])
    clean("id-isins-in-a-list", f"[universe]\nisins = {isins}\n")
    clean(
        "id-leis-and-figis-in-lists",
        f"[u]\nleis = {json.dumps([M.lei() for _ in range(6)])}\nfigis = "
        f"{json.dumps([M.figi() for _ in range(6)])}\n",
    )
    clean(
        "id-big-integers",
        "[refs]\nlast_order = «0»\nas_of_ns = 1783267200123456789\nmask "
        "= 0xFF88_0011\nmode = 0o600\nbits = 0b1011\n",
        M.of("123456789", 19),
    )
    clean(
        "id-integers-as-strings",
        f"[refs]\norders = {json.dumps([M.of('123456789', 19) for _ in range(5)])}\n",
    )
    clean("id-ulids", f"[refs]\nintents = {json.dumps([M.ulid() for _ in range(6)])}\n")
    clean(
        "id-kraken-orders",
        f'[refs]\no = {json.dumps([M.kraken_order() for _ in range(5)])}\nt = "{M.kraken_order("T")}"\n',
    )
    clean(
        "id-ibkr-executions",
        '[refs]\nexec = ["0000e0d5.6571b3c6.01.01", "00025b46.63d2a1f7.02.01"]\nconid = 265598\n',
    )
    clean("id-alpaca-activity", '[refs]\nlast = "20260705143051234::«0»"\n', M.uuid())
    clean(
        "id-uuid-forms",
        '[refs]\na = "urn:uuid:«0»"\nb = "{«1»}"\nc = "«2»"\n',
        M.uuid(),
        M.uuid(),
        M.uuid().upper(),
    )
    clean(
        "id-idempotency-key",
        '[order]\nidempotency_key = "«0»"\nside = "buy"\n',
        M.uuid(),
        path="orders/open/a.toml",
    )
    clean(
        "id-tx-hashes", '[[transfer]]\ntx_hash = "0x«0»"\n[[transfer]]\ntxid = "«1»"\n', M.hex(64), M.hex(64)
    )
    clean("id-solana-signature", '[[transfer]]\nchain = "solana"\ntx = "«0»"\n', M.solana_signature())
    clean(
        "id-explorer-links",
        "# https://etherscan.io/tx/0x«0» and https://mempool.space/tx/«1»\n",
        M.hex(64),
        M.hex(64),
    )
    clean("id-ipfs", '[docs]\ncid = "«0»"\n', "Qm" + M.of(BASE58, 44))
    clean(
        "id-polymarket-token-id",
        '[market]\ntoken_id = "«0»"\ncondition_id = "0x«1»"\n',
        "7" + M.of(DIGITS, 76),
        M.hex(64),
    )
    clean(
        "id-version-and-builds",
        '[tool]\nversion = "2026.7.5+g3f2a91c"\nbuild = "qoc-1.4.0-rc.2+20260705T160000Z"\n',
    )
    clean(
        "id-network-names",
        '[net]\nmac = "3c:22:fb:9a:41:d7"\nv6 = "2001:db8:85a3::8a2e:370:7334"\narn = "«0»"\n',
        "arn:aws:s3:::desk-books-eu-central-1-482130017764",
    )
    clean(
        "id-uetr-and-sepa",
        '[wire]\nuetr = "«0»"\nend_to_end_id = "NOTPROVIDED-20260705-0042"\nmandate = "DE98ZZZ09999999999"\n',
        M.uuid(),
    )


def clean_hashes_and_keys() -> None:
    clean(
        "hash-git-shas",
        '# since 3f2a91c, see commit «0»\n[pin]\nrev = "«1»"\ncommit = "«2»"\n',
        M.hex(40),
        M.hex(40),
        M.hex(64),
    )
    clean(
        "hash-sha256-fields",
        '[data]\nsha256 = "«0»"\nchecksum = "sha256:«1»"\nmd5 = "«2»"\n',
        M.hex(64),
        M.hex(64),
        M.hex(32),
    )
    clean("hash-docker-digest", '[image]\nref = "ghcr.io/desk/qoc@sha256:«0»"\n', M.hex(64))
    sri = '[assets]\nintegrity = "sha384-«0»"\nnix = "sha256-«1»"\nlock = "sha512-«2»"\n'
    clean("hash-sri", sri, b64(M.raw(48)), b64(M.raw(32)), b64(M.raw(64)))
    clean("hash-go-sum", "# example.com/qoc/feed v1.4.0 h1:«0»\n", b64(M.raw(32)))
    clean("hash-pip-requirement", "# tomlkit==0.13.2 --hash=sha256:«0»\n", M.hex(64))
    clean(
        "hash-git-permalink", "# https://github.com/desk/books/blob/«0»/research/q3.md#L10-L42\n", M.hex(40)
    )
    clean("hash-sha1-upper-case", '[data]\nsha1 = "«0»"\n', M.hex(40).upper())
    clean("hash-sha512", '[data]\nsha512 = "«0»"\n', M.hex(128))
    clean("hash-tls-pin", '[tls]\npin_sha256 = "sha256/«0»"\n', b64(M.raw(32)))
    clean(
        "key-ssh-ed25519-public",
        '[sign]\nallowed = ["ines@example.com «0>", "ben@example.com «0»"]\n'.replace("«0>", "«1»"),
        M.ssh_public(),
        M.ssh_public(),
    )
    clean("key-ssh-rsa-public", '[sign]\npublic_key = "«0» desk@books"\n', M.ssh_rsa_public())
    clean(
        "key-ssh-fingerprints",
        '[sign]\nfp = "SHA256:«0»"\nold = "MD5:«1»"\n',
        b64(M.raw(32)).rstrip("="),
        ":".join(M.hex(2) for _ in range(16)),
    )
    clean("key-certificate", "[tls]\nca = '''\n«0»\n'''\n", M.certificate())
    clean("key-certificate-one-line", '[tls]\nca = "«0»"\n', M.certificate().replace("\n", r"\n"))
    clean("key-certificate-chain-in-comments", commented(M.certificate() + "\n" + M.certificate()))
    clean("key-public-pem", '[venue_keys]\nwebhook_public_key = """\n«0»\n"""\n', M.public_key())
    clean(
        "key-gpg-fingerprints",
        '[sign]\ngpg = "«0»"\nid = "0x«1»"\nspaced = "«2»"\n',
        M.hex(40).upper(),
        M.hex(16).upper(),
        grouped(M.hex(40).upper()),
    )
    pgp = (
        f"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{wrapped(b64(M.raw(340)))}\n"
        f"=k2Qd\n-----END PGP PUBLIC KEY BLOCK-----"
    )
    clean("key-pgp-public-block", "[sign]\nkey = '''\n«0»\n'''\n", pgp)
    clean(
        "key-age-recipients",
        '[backup]\nrecipients = ["«0»", "«1»"]\n',
        *(bech32("age", _five_bits(M.raw(32))) for _ in "ab"),
    )
    clean(
        "key-wireguard-public",
        '[vpn]\npeer_public_key = "«0»"\nendpoint = "vpn.example.com:51820"\n',
        b64(M.raw(32)),
    )
    jwks = json.dumps(
        {
            "keys": [
                {
                    "kty": "RSA",
                    "alg": "RS256",
                    "e": "AQAB",
                    "kid": M.hex(8),
                    "n": b64url(b"\xc1" + M.raw(255)),
                }
            ]
        }
    )
    clean("key-jwks-public", jwks, path="research/venue-jwks.json")


# ------------------------------------------------------------------- clean: symbols, names, words, URLs


def clean_symbols() -> None:
    def symbols(name: str, *rows: str) -> None:
        clean(name, f"[watch]\nsymbols = {json.dumps(rows)}\n")

    symbols(
        "symbol-occ",
        "AAPL  260918C00190000",
        "SPXW  260918P04700000",
        "BRKB  270115C00420000",
        "TSLA260918C00250000",
    )
    symbols(
        "symbol-tastytrade-futures-options",
        "./ESU6 EW4U6 260925P5600",
        "./CLQ6 LOQ6 260716C75",
        "/ESU6",
        ".SPXW260918P4700",
    )
    symbols(
        "symbol-deribit-okx-bybit",
        "BTC-25SEP26-100000-C",
        "BTC-USD-260925-100000-P",
        "ETH-25SEP26-4000-C-USDT",
        "BTC-PERPETUAL",
    )
    symbols("symbol-kraken", "PF_XBTUSD", "FI_XBTUSD_260925", "XXBTZUSD", "XETHZEUR", "PI_XBTUSD", "USDT.M")
    symbols("symbol-binance-multiplied", "1000SHIBUSDT", "1000000MOGUSDT", "BTCUSDT_260925", "1INCHUSDT")
    symbols(
        "symbol-prediction-markets",
        "KXBTCD-26SEP2517-T99999.99",
        "INXD-26JUL05-B5712",
        "KXFEDDECISION-26SEP-H0",
    )
    symbols(
        "symbol-bloomberg-and-reuters",
        "SPX US 12/18/26 C5000 Index",
        "AAPLI182619000.U",
        "ESU26C5600 Curncy",
        "BUND 0 08/15/54",
    )
    symbols(
        "symbol-eurex",
        "OESX 20260918 C 5000.00 S EU",
        "ODAX SI 20260918 CS EU P 18000.00 0",
        "FGBL SI 20260908 PS",
    )
    symbols(
        "symbol-structured-products",
        "GS8XQ2",
        "MB3TNK",
        "UBSE7K4P",
        "HVB 12% Protect ENEL2X LUXOTT 07/28",
        "SG9LVRG4X",
    )
    symbols(
        "symbol-pairs-and-pools",
        "WETH/USDC-0.05%",
        "stETH-ETH-f",
        "3Crv",
        "yvUSDC-A",
        "PT-sUSDe-25SEP2026",
        "aArbWBTC",
    )
    clean(
        "symbol-structure-legs",
        '[[combo]]\nname = "IC-SPX-260918-4600/4650/5200/5250"\nratio = "1:-1:-1:1@4.35"\n',
    )
    clean(
        "symbol-connector-names",
        "".join(
            f'[[connector]]\nname = "{n}"\ntype = "crypto"\n'
            for n in (
                "kraken-fut-2026Q3-eu-central-1b",
                "hl-subaccount-0x7f3a",
                "BinanceUSDMFuturesHedgeMode2",
                "caja_méxico_2",
            )
        ),
    )


def clean_names() -> None:
    guards = (
        "max_order_usd",
        "allowed_symbols",
        "no_private_placements",
        "key_rate_duration",
        "token_bucket",
    )
    rows = "".join(f'[[guard]]\nkey = "{k}"\nenabled = true\nlimit = 12_500\nwindow_s = 60\n' for k in guards)
    clean("name-guard-keys", rows)
    clean(
        "name-crypto-tokens",
        '[defi]\ntoken = "USDC"\nquote_token = "WETH"\ntokens = ["ARB",'
        ' "OP", "LINK"]\ntoken_standard = "ERC-20"\n',
    )
    clean(
        "name-key-words-finance",
        '[model]\nkey_rate_duration = 4.2\nkey_dates = ["2026-09-18"]\n'
        'primary_key = "symbol"\nsort_key = "time"\n',
    )
    clean(
        "name-bearer-bonds",
        '[[bond]]\nform = "bearer"\nbearer = true\nregistered = false\n'
        'coupon = "2.5%"\nsecret_ballot = false\n',
    )
    clean(
        "name-random-seeds",
        '[backtest]\nseed = 20260705\nrandom_seed = 42\nseeds = [1, 2, 3, 5, 8, 13]\nsalt = "none"\n',
    )
    clean(
        "name-exchange-mnemonic",
        '[[listing]]\nmnemonic = "SAP"\nmarket = "XETR"\n[[listing]]\nmnemonic = "ALV"\nmarket = "XETR"\n',
    )
    clean(
        "name-policies",
        '[policy]\npassword_policy = "rotate every 90 days"\nsecret_store '
        '= "keyring"\ntoken_ttl_s = 900\npass_through = true\n',
    )
    clean(
        "name-author",
        '[meta_info]\nauthor = "Ines Meyer"\nauthorized_by = "Ben Okafor"\n'
        'authority = "BaFin"\nsecretary = "Zoë"\n',
    )
    clean(
        "name-session",
        '[hours]\nsession = "regular"\nsessions = ["pre", "regular", "post"]\nopen = "09:30"\npasses = 2\n',
    )
    clean(
        "name-private-assets",
        '[[asset]]\nprivate = true\nclass = "private credit"\nkeystone '
        '= "Keystone Fund IV"\ntokenized = false\n',
    )
    clean(
        "name-boolean-switches",
        "[features]\napi_keys_rotated = true\nrequire_token = false\nuse_password = false\nsigned = true\n",
    )
    clean(
        "name-quoted-long-keys",
        '[labels]\n"Aktien & ETFs (Kernbestand 2026)" = 0.6\n'
        '"現金・短期国債" = 0.4\nmonkey = 1\nturnkey = 2\n',
    )
    clean(
        "name-cron-and-zones",
        "".join(
            f'[[schedule]]\nname = "s{i}"\ncron = "{c}"\ntz = "{z}"\ntask = "snapshot"\n'
            for i, (c, z) in enumerate(
                [
                    ("*/15 9-16 * * MON-FRI", "America/Argentina/ComodRivadavia"),
                    ("0 0 1 */3 *", "Etc/GMT+12"),
                    ("30 5,17 L * ?", "Asia/Ho_Chi_Minh"),
                    ("@daily", "Antarctica/DumontDUrville"),
                ]
            )
        ),
    )
    clean(
        "name-numbers-of-every-kind",
        "[n]\na = 1e-18\nb = 167_420.880_000\nc = -0.000_000_012\nd = 115792089237316195.42\n"
        "e = 6.022e23\nf = 2026-07-05T16:00:00.123456Z\ng = 07:32:00\n"
        "h = [0.1, 0.25, 0.5, 0.75, 0.9, 0.99]\n",
    )
    clean("name-strategy-words-as-bip39", f"[tags]\nlist = {json.dumps(TAGS)}\n")
    clean(
        "name-camel-case-classes",
        '[plugin]\nclass = "desk.strategies.VolatilityTargetedMeanReversionWithKalmanFilterV2"\n'
        'entry = "qoc_contrib.feeds.coinbase_advanced_trade:ReconnectingLevel2FeedHandler"\n',
    )
    clean(
        "name-colours-and-fonts",
        '[charts]\npalette = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728"]\nfont = "IBM Plex Mono, 11pt"\n',
    )
    clean(
        "name-regular-expressions",
        r"""[filters]
symbol = '^[A-Z]{1,6}\s*\d{6}[CP]\d{8}$'
order = '^O[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{6}$'
""",
    )
    clean(
        "name-formulas",
        '[alpha]\nexpr = "rank(ts_argmax(signedpower(where(ret<0,stddev(ret,20),close),2.0),5))-0.5"\n',
    )


# Sensible tags that all happen to be BIP-39 words; their checksum is wrong, so they are no mnemonic
TAGS = [
    "risk",
    "offer",
    "stock",
    "range",
    "trend",
    "total",
    "model",
    "security",
    "update",
    "start",
    "quality",
    "carbon",
]


def clean_urls() -> None:
    bases = (
        "https://paper-api.alpaca.markets",
        "wss://stream.data.alpaca.markets/v2/iex",
        "https://api.cert.tastyworks.com",
        "https://127.0.0.1:5000/v1/api",
        "http://[::1]:8080",
        "https://futures.kraken.com/derivatives/api/v3",
        "https://api-fxpractice.oanda.com/v3/accounts/101-004-1234567-001",
    )
    rows = "".join(
        f'[[connector]]\nname = "b{i}"\ntype = "crypto"\nbase_url = "{u}"\n' for i, u in enumerate(bases)
    )
    clean("url-base-urls", rows)
    clean(
        "url-harmless-queries",
        '[feeds]\nu = "https://api.example.com/v2/bars?symbols=BTC-USD,'
        'ETH-USD&timeframe=1Min&limit=1000&page=3"\n',
    )
    clean(
        "url-schema-directive",
        "#:schema https://example.com/schemas/desk/v1.4.0/desk.schema.json\n" + EQUITIES,
        whole=True,
    )
    clean(
        "url-user-without-password",
        '[sync]\na = "ssh://git@git.example.com:2222/desk/books.git"\nb = "git@github.com:desk/books.git"\n'
        'c = "postgresql://qoc@db.internal/books"\nd = "mailto:ops@example.com"\n',
    )
    clean(
        "url-times-and-prices-with-at",
        '[rules]\nopen = "Mo-Fr 09:00@XETR"\nfix = "5:1@120.50"\nhandle = "@ines:matrix.example.org"\n',
    )
    clean(
        "url-documentation-with-uuid",
        "# runbook: https://wiki.example.com/spaces/DESK/pages/«0»/Key+rotation+and+API+tokens\n",
        M.uuid(),
    )
    clean(
        "url-where-keys-are-made",
        "# new keys: https://pro.kraken.com/app/settings/api and https:/"
        "/docs.mercury.com/docs/api-token-security-policies\n",
    )
    clean(
        "url-s3-and-doi",
        '[docs]\na = "s3://desk-books-eu/2026/07/05/positions.parquet"\n'
        'b = "https://doi.org/10.1111/j.1540-6261.1997.tb03808.x"\n',
    )
    clean(
        "url-long-slug",
        "# https://blog.example.com/2026/07/how-we-rotate-api-keys-and-never-put-a-secret-into-a-"
        "git-repository-again\n",
    )
    clean(
        "url-grafana",
        '[links]\nboard = "https://grafana.example.com/d/aZ9xk4Mz/desk?orgId=1&'
        'from=now-24h&to=now&var-venue=kraken"\n',
    )


def clean_prose() -> None:
    clean(
        "prose-english",
        "# Never put an api_secret here. The password: ask Ines. Tokens: see the vault, entry Desk/Alpaca.\n"
        "# Bearer tokens are refreshed by the adapter every 15 minutes; a cookie is never stored.\n",
    )
    clean(
        "prose-german",
        "# Passwörter und API-Schlüssel gehören in den Schlüsselbund, nie in diese Datei.\n"
        "# Passwort: liegt im Tresor. Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenv"
        "erordnung.\n",
    )
    clean(
        "prose-french",
        "# Le mot de passe se trouve dans le coffre ; la clé secrète tourne chaque trimestre (voir Zoé).\n",
    )
    clean(
        "prose-spanish-and-portuguese",
        "# La contraseña: preguntar a Inés. A senha fica no cofre; o token expira às 17:00.\n",
    )
    clean(
        "prose-russian", "# Пароль хранится в сейфе. Ключи API обновляет Борис, секретов в этом файле нет.\n"
    )
    clean(
        "prose-japanese-and-chinese",
        "# パスワードは金庫にあります。APIキーはここに書かないこと。\n"
        "# 密码在保险箱里,令牌每十五分钟刷新一次。\n",
    )
    clean("prose-arabic-and-hebrew", "# كلمة المرور في الخزنة ولا تكتب هنا\n# הסיסמה בכספת\n")
    clean(
        "prose-about-formats",
        "# Alpaca paper keys start with PK, AWS ids with AKIA, Stripe "
        "with sk_live_, GitHub with ghp_; Kraken's secret is base64.\n",
    )
    placeholders = (
        "YOUR_API_KEY_HERE",
        "<your-secret>",
        "xxxxxxxxxxxxxxxx",
        "changeme",
        "...",
        "${EQ_API_KEY}",
        "$EQ_API_KEY",
        "{{ secrets.EQ_API_KEY }}",
        "****************",
        "REPLACE_ME",
        "op://Desk/Alpaca/api_key",
        "PKXXXXXXXXXXXXXXXXXX",
    )
    for i, chunk in enumerate((placeholders[:4], placeholders[4:8], placeholders[8:])):
        text = (
            "# How a connector looked before 1.0:\n"
            + "".join(f'#   api_key = "{p}"\n' for p in chunk)
            + "\n"
            + EQUITIES
        )
        clean(f"prose-placeholders-in-comments-{i}", text, whole=True)
    clean(
        "prose-shell-without-values",
        "# export EQ_API_KEY=… EQ_API_SECRET=…\n# export CX_API_SECRET=$(pass show desk/kraken)\n"
        "# read -rs CX_API_SECRET && export CX_API_SECRET\n# curl -H "
        '"Authorization: Bearer $MERCURY_TOKEN" https://api.mercury.com\n',
    )
    clean(
        "prose-ascii-art",
        "#  ____  _____ ____  _  __   _  _   ___   ___\n# |  _ \\| ____/ ___|| |/ /  | \\| | / _ \\ | _ \\\n"
        "# | | | |  _| \\___ \\| ' /   | .` || (_) ||   /\n# ===================================="
        "====\n# ----8<--------8<--------8<----\n",
    )
    clean(
        "prose-editor-lines",
        "# vim: set ft=toml ts=2 sw=2 et fdm=marker :\n# -*- mode: toml;"
        " coding: utf-8 -*-\n# SPDX-License-Identifier: Apache-2.0\n",
    )
    clean("prose-commit-list", "".join(f"# {M.hex(7)} rotate Kraken's key (#{i})\n" for i in range(120, 150)))
    clean(
        "prose-names-mail-phones",
        "# on call: Ines Meyer <ines.meyer+desk@example.com> +49 30 901820, Ben (ben@example.com), x4821\n",
    )


# ------------------------------------------------------------------------- clean: snapshots, orders, research


def clean_snapshots() -> None:
    clean("snapshot-of-the-spec", snapshot_text(), path=SNAPSHOT)
    kinds = ("deposit", "withdrawal", "transfer")
    refs = (
        M.kraken_order("L"),
        M.uuid(),
        M.ulid(),
        "ACH-20260705-004821",
        M.of("123456789", 19),
        "0x" + M.hex(64),
    )
    flows = "".join(
        f'\n[[flow]]\ntime = "2026-07-05T1{i}:00:00Z"\nconnector = "c{i}"\nkind = "{kinds[i % 3]}"\n'
        f'amount_usd = {i}_000.00\nid = "{ref}"\n'
        for i, ref in enumerate(refs, 1)
    )
    clean("snapshot-flows-with-ids", snapshot_text() + flows, path=SNAPSHOT)
    accounts = "".join(
        f'\n[[account]]\nconnector = "a{i}"\ntype = "options"\nvenue = "tastytrade"\nnav_usd = 10_{i}00.10\n'
        f'cash_usd = 1_000.00\nas_of = "2026-07-05T16:00:0{i}.123456Z"\n'
        for i in range(5)
    )
    clean("snapshot-accounts", snapshot_text() + accounts, path=SNAPSHOT)
    options = "".join(
        f'\n[[position]]\nconnector = "opt"\nsymbol = "SPXW  260918P0{4000 + 5 * i}000"\nquantity = -{i}\n'
        f"avg_cost = 12.{i:02d}\nmark = 11.{i:02d}\nmultiplier = 100\n"
        for i in range(40)
    )
    clean("snapshot-option-chain", snapshot_text() + options, path=SNAPSHOT)
    wallet = "".join(
        f'\n[[position]]\nconnector = "{a}"\nsymbol = "{s}"\nquantity '
        f"= 0.123456789012345678\nmark = 1.000_1\n"
        for a, s in ((M.eth(), "WSTETH"), (M.solana(), "JUP"), (M.segwit(), "BTC-USD"))
    )
    clean("snapshot-connectors-named-by-address", snapshot_text() + wallet, path=SNAPSHOT)
    big = "".join(
        f'\n[[position]]\nconnector = "x"\nsymbol = "{M.of(UPPER, 4)}"\n'
        f'isin = "{M.isin("US")}"\nquantity = {i}\n'
        for i in range(1500)
    )
    clean("snapshot-big", snapshot_text() + big, path=SNAPSHOT)
    degraded = snapshot_text().replace(
        "[meta]", '[meta]\ndegraded = ["crypto-spot: the venue refused the key (401), since 14:02Z"]'
    )
    clean("snapshot-degraded-reason", degraded, path=SNAPSHOT)
    clean(
        "snapshot-backfill",
        snapshot_text() + '\n[since]\nsnapshot = "2026-07-04T16-00-00Z"\nblob = "«0»"\n',
        M.hex(40),
        path=SNAPSHOT,
    )


def clean_orders() -> None:
    uid = M.uuid()
    order = (
        '[order]\nid = "«0»"\nclient_order_id = "qoc-«1»"\nvenue_order_id '
        '= "«2»"\nsymbol = "BTC-USD"\nlimit = 61_200.00\n'
    )
    clean("order-open-kraken", order, uid, M.ulid(), M.kraken_order(), path=f"orders/open/{uid}.toml")
    legs = "".join(
        f'[[leg]]\nsymbol = "AAPL  260918C00{k}000"\nratio = {r}\nfigi = "{M.figi()}"\n'
        for k, r in ((190, 1), (200, -1))
    )
    clean(
        "order-option-spread",
        order + legs,
        uid,
        M.ulid(),
        M.of("123456789", 10),
        path=f"orders/pending/{uid}.toml",
    )
    fills = "".join(
        f'[[fill]]\nexec_id = "{M.uuid()}"\ntrade_id = {M.of("123456789", 19)}\nprice = 61_1{i}0.5\n'
        for i in range(6)
    )
    clean("order-fills", order + fills, uid, M.ulid(), M.uuid(), path=f"orders/filled/{uid}.toml")
    chain = (
        '[[settlement]]\ntx_hash = "0x«3»"\nfrom = "«4»"\nto = "«5»"\n'
        'nonce = 4821\nblock_hash = "0x«6»"\ngas = 21_000\n'
    )
    clean(
        "order-settled-on-chain",
        order + chain,
        uid,
        M.ulid(),
        "12",
        M.hex(64),
        M.eth(),
        M.eth(),
        M.hex(64),
        path=f"orders/closed/{uid}.toml",
    )
    clean(
        "order-fix-message-ids",
        order + 'cl_ord_id = "DESK.20260705.000042.A"\nfix_session = "FIX.4.4:QOC01->BRKR"\n',
        uid,
        M.ulid(),
        "8-77A1",
        path=f"orders/open/{uid}.toml",
    )


def clean_research() -> None:
    rows = "".join(
        f"| {m}/2026 | {M.r.gauss(0, 0.03):.16f} | {M.r.gauss(0, 0.03):+.4%} | {M.r.random():.17g} |\n"
        for m in range(1, 13)
    )
    clean(
        "research-float-table",
        "# Retrospective\n\n| month | return | drawdown | sharpe |\n|---|---:|---:|---:|\n" + rows,
        path="research/r.md",
    )
    numbers = json.dumps(
        {
            "returns": [M.r.gauss(0, 0.01) for _ in range(300)],
            "cov": [[M.r.random() for _ in range(8)] for _ in range(8)],
        }
    )
    clean("research-json-floats", numbers, path="research/retrospective.json")
    icon = "# Q3\n\n![icon](data:image/png;base64,«0»)\n\nNAV is up.\n"
    clean("research-png-icon", icon, b64(M.png()), path="research/q3.md")
    clean(
        "research-png-icon-wrapped",
        "# Q3\n\n[icon]: <data:image/png;base64,«0»>\n",
        b64(M.png()),
        path="research/q3-icon.md",
    )
    points = " ".join(f"L{M.r.random() * 600:.2f},{M.r.random() * 200:.2f}" for _ in range(60))
    clean(
        "research-svg-path",
        f'# Curve\n\n<svg viewBox="0 0 600 200"><path d="M0,0 {points}" stroke="#1f77b4"/></svg>\n',
        path="research/c.md",
    )
    commits = "".join(
        f"| `{M.hex(40)}` | 2026-07-{d:02d} | {160_000 + d * 37}.{d:02d} |\n" for d in range(1, 25)
    )
    clean(
        "research-commits-table",
        "| commit | day | NAV |\n|---|---|---:|\n" + commits,
        path="research/commits.md",
    )
    sums = "".join(f"{M.hex(64)}  prices/{s}.csv\n" for s in ("AAPL", "JPM", "KO", "XOM"))
    clean("research-sha256sums", f"# Data\n\n```\n{sums}```\n", path="research/data.md")
    transfers = "".join(f"| 2026-07-0{i} | {M.eth()} | 0x{M.hex(64)} | {i}.5 |\n" for i in range(1, 8))
    clean(
        "research-transfers-table",
        "| day | to | tx hash | ETH |\n|---|---|---|---:|\n" + transfers,
        path="research/transfers.md",
    )
    ledger = [
        {
            "id": M.uuid(),
            "refid": M.kraken_order("L"),
            "isin": M.isin("IE"),
            "order_id": M.of("123456789", 19),
        }
        for _ in range(12)
    ]
    clean("research-ledger-json", json.dumps(ledger, indent=1), path="research/ledger.json")
    vega = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"name": "source-" + M.hex(32)},
        "mark": {"type": "line", "tooltip": True},
        "encoding": {"x": {"field": "time", "type": "temporal"}},
    }
    clean("research-vega-lite", json.dumps(vega), path="research/equity.json")
    clean(
        "research-latex",
        "$$\\mathrm{SR}=\\frac{\\mathbb{E}[R_p-R_f]}{\\sigma_p}\\sqrt{252},\\qquad\\hat\\sigma^2_{t+1}="
        "\\lambda\\hat\\sigma^2_t+(1-\\lambda)r_t^2$$\n",
        path="research/method.md",
    )
    clean(
        "research-security-note",
        "# Key rotation, July\n\nWe revoked both keys. The `api_secret` "
        "now comes from the keyring; `password` "
        "fields are gone.\n\n```toml\n[connector.auth]\napi_key = { env "
        '= "CX_API_KEY" }\n```\n\nToken lifetime: 15 min; see '
        "`git log -S api_secret`.\n",
        path="research/rotation.md",
    )
    clean(
        "research-sparklines",
        "NAV ▁▂▂▃▅▆▇█▇▆▅▃▂▁ ┌────┬────┐ │ Δ  │ σ  │ └────┴────┘ ░▒▓█\n",
        path="research/spark.md",
    )
    notebook = {
        "cells": [
            {
                "cell_type": "code",
                "id": M.hex(8),
                "execution_count": 3,
                "source": ["df.pct_change().std()"],
                "outputs": [{"text": ["0.012345678901234567\n"]}],
            }
        ],
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    clean("research-notebook", json.dumps(notebook), path="research/vol.json")
    clean(
        "research-long-german",
        "# Jahresrückblick\n\nDie Optionsprämienvereinnahmungsstrategie und die Rohstoffterminkontrakt"
        "rollverlustbegrenzung trugen bei; der Schlüssel zum Erfolg war Geduld.\n",
        path="research/jahr.md",
    )
    clean(
        "research-mermaid",
        "```mermaid\nflowchart LR\n  desk_toml-->venues-->|token bucket|account-->snapshots[(git)]\n```\n",
        path="research/flow.md",
    )


# ----------------------------------------------------------------------- clean: what the accountant brings


def clean_more_references() -> None:
    said = (
        "  # made 2026-01-19 by Ines, read-only, expires 2027-01-19, from 203.0.113.7 and 2001:db8::7 only\n"
    )
    clean("ref-prose-comments-in-auth", auth(said + '  api_key = { env = "CX_API_KEY" }'))
    four = '  a = { env = "A1" }\n  b = { file = "/run/secrets/b" }\n  c = { keyring = "kraken/desk" }\n'
    clean(
        "ref-four-forms-side-by-side",
        auth(four + '  d = { git-credential = "https://api.example.com/desk/north" }'),
    )
    numbered = "\n".join(f'  key_{i:03d} = {{ env = "EQ_API_KEY_{i:04d}" }}' for i in range(60))
    clean("ref-sixty-numbered-names", auth(numbered))
    clean("ref-file-on-a-mount-named-by-uuid", auth(f'  k = {{ file = "/media/{M.uuid()}/desk/eq.key" }}'))
    clean(
        "ref-file-encrypted-elsewhere",
        auth('  k = { file = "/etc/qoc/kraken_api_secret.2026-07-05T16:00Z.v3" }'),
    )
    clean("ref-keyring-with-spaces", auth('  k = { keyring = "Kraken Futures (Süd)/desk north" }'))
    named = "börse-süd", "株式口座", "caja-méxico", "опционы-2"
    clean("ref-connector-names-in-scripts", "\n".join(auth('  k = { env = "K" }', name) for name in named))
    foreign = (
        "[tool.rebalancer]\ntargets = [{ s = 'AAPL', w = 0.25 }, { s "
        "= 'BTC-USD', w = 0.05 }]\n[tool.rebalancer.bands]\nabs = 0.02\n"
    )
    clean("ref-table-of-another-tool", foreign)


def clean_more_ids() -> None:
    uti = M.lei() + M.of(UPPER + DIGITS, 32)
    clean(
        "id-unique-trade-identifier",
        '[[trade]]\nuti = "«0»"\nupi = "QZ5RP3V4H2JN"\ncfi = "OCASPS"\nmic = "XCBO"\n',
        uti,
    )
    clean(
        "id-kucoin-order",
        '[order]\nvenue_order_id = "«0»"\nsymbol = "BTC-USDT"\n',
        M.hex(24),
        path="orders/open/k.toml",
    )
    broker = '[order]\nclient_order_id = "x-R4BD3S82«0»"\nsymbol = "BTCUSDT"\n'
    clean("id-binance-broker-prefix", broker, M.hex(22), path="orders/open/b.toml")
    clean(
        "id-hyperliquid-cloid",
        '[order]\ncloid = "0x«0»"\noid = 48213097712\n',
        M.hex(32),
        path="orders/open/h.toml",
    )
    clean(
        "id-traceparent",
        '[order]\ntraceparent = "00-«0»-«1»-01"\n',
        M.hex(32),
        M.hex(16),
        path="orders/open/t.toml",
    )
    clean("id-validator-public-key", '[[validator]]\nvalidator_pubkey = "0x«0»"\nindex = 482130\n', M.hex(96))
    names = (
        '[[wallet]]\naddress = "desk.eth"\n[[wallet]]\naddress = "north-desk.near"\n'
        '[[wallet]]\naddress = "0.0.4821309"\n'
    )
    clean("wallet-names-instead-of-addresses", names)
    tezos = base58check(bytes.fromhex("06a19f") + M.raw(20))
    clean("wallet-tezos", f'[[wallet]]\nchain = "tezos"\naddress = "{tezos}"\n')
    cash = "bitcoincash:q" + M.of(BECH32, 41)
    clean("wallet-bitcoin-cash", f'[[wallet]]\nchain = "bch"\naddress = "{cash}"\n')
    clean("wallet-nostr-public-key", '[contact]\nnostr = "«0»"\n', bech32("npub", _five_bits(M.raw(32))))
    clean(
        "wallet-filecoin", '[[wallet]]\nchain = "filecoin"\naddress = "f1«0»"\n', M.of(LOWER + "234567", 39)
    )
    many = json.dumps({"watched": [{"address": M.eth(), "label": f"lp-{i}"} for i in range(50)]}, indent=1)
    clean("wallet-fifty-in-research-json", many, path="research/watched.json")


def clean_more_keys() -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:«0»\nsize 48213097\n"
    clean("hash-lfs-pointer", pointer, M.hex(64), path="research/ticks.md")
    clean(
        "hash-parquet-part",
        '[data]\nfile = "part-00000-«0»-c000.snappy.parquet"\netag = "W/\\"«1»\\""\n',
        M.uuid(),
        M.hex(32),
    )
    clean("hash-trailers-in-comment", "# Qoc-Blob: «0»\n# Change-Id: I«1»\n", M.hex(40), M.hex(40))
    merkle = '[proof]\nmerkle_root = "0x«0»"\nblock_hash = "«1»"\nblock = 21_482_130\n'
    clean("hash-merkle-and-block", merkle, M.hex(64), "0" * 19 + M.hex(45))
    colons = ":".join(M.hex(2).upper() for _ in range(32))
    clean("hash-certificate-fingerprint", f'[tls]\nfingerprint_sha256 = "{colons}"\n')
    hosts = f"|1|{b64(M.raw(20))}|{b64(M.raw(20))} {M.ssh_public()}"
    clean("key-known-hosts-hashed", '[sync]\nknown_hosts = ["«0»"]\n', hosts)
    point = b"\0\0\0\x13ecdsa-sha2-nistp256\0\0\0\x08nistp256\0\0\0\x41\x04" + M.raw(64)
    clean("key-ssh-ecdsa-public", '[sign]\nkey = "ecdsa-sha2-nistp256 «0» ben@desk"\n', b64(point))
    request = armour("CERTIFICATE REQUEST", der(0x30, M.raw(400)))
    clean("key-certificate-request", "[tls]\ncsr = '''\n«0»\n'''\n", request)
    signature = armour("SSH SIGNATURE", b"SSHSIG\0\0\0\x01\0\0\0\x33" + M.ssh_blob() + M.raw(110))
    clean("key-ssh-signature", "[attest]\nby_ines = '''\n«0»\n'''\n", signature)
    detached = (
        f"-----BEGIN PGP SIGNATURE-----\n\n{wrapped(b64(M.raw(220)))}\n=a1Bc\n-----END PGP SIGNATURE-----\n"
    )
    clean("key-pgp-signature-in-markdown", "Signed:\n\n" + detached, path="research/attest.md")


def clean_more_words() -> None:
    clean("name-keyboard-shortcuts", '[keys]\nbuy = "ctrl+b"\nsell = "ctrl+shift+s"\nkey_repeat_ms = 250\n')
    clean(
        "name-token-tables",
        '[tokens.USDC]\ndecimals = 6\nkind = "stablecoin"\n[tokens."1INCH"]\ndecimals = 18\n',
    )
    features = [f"{a}_{n}m_ewm_hl{n * 6}_z252" for a in ("ret", "vol", "imb", "spr") for n in (1, 5, 15, 60)]
    clean(
        "name-model-features",
        f'[model]\nfeatures = {json.dumps(features)}\nparams = "lr=3e-4;bs=256;wd=0.01;clip=1.0"\n',
    )
    query = (
        "[q]\nsql = '''\nselect symbol, sum(quantity*mark) as mv from "
        "positions\nwhere as_of >= date '2026-07-01' group by 1\n'''\n"
    )
    clean("name-sql-in-a-string", query)
    clean(
        "name-html-template",
        "[mail]\nbody = '''<p style=\"color:#333\">NAV {{ nav_usd }} <a href=\"{{ url }}\">more</a></p>'''\n",
    )
    bonds = (
        '[[bond]]\nname = "BTPS 4.35 11/01/33"\n[[bond]]\nname = "XS2434791690 '
        '0.875% 2028"\nctd = "DBR 2.5 08/15/46"\n'
    )
    clean("symbol-bonds", bonds)
    many = json.dumps([f"{M.of(UPPER, 4)}USDT" for _ in range(200)])
    clean("symbol-two-hundred-pairs", f"[universe]\nsymbols = {many}\n")
    clean("url-onion-service", '[node]\nbase_url = "http://«0»d.onion"\n', M.of(LOWER + "234567", 55))
    hosts = (
        '[net]\nhosts = ["d3k9x2v7m1qa8z.cloudfront.net", "«0»-482130017.eu-central-1.elb.amazonaws.com"]\n'
    )
    clean("url-cloud-host-names", hosts, "a" + M.hex(31))
    clean(
        "prose-italian-polish-turkish",
        "# La chiave segreta è nel portachiavi. Hasło jest w sejfie. Şifre kasada, anahtar Zeynep'te.\n",
    )
    clean(
        "prose-korean-and-vietnamese",
        "# 비밀번호는 금고에 있습니다. Mật khẩu nằm trong két, khóa API do Minh giữ.\n",
    )
    clean("prose-emoji", '[mood]\ntoday = "👩🏽‍💻🚀📈"\nflags = ["🇩🇪", "🇲🇽", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"]\n')
    story = (
        "we often make a purchase over the left side of the range, then "
        "walk away and learn what the total risk was; "
        "during a slim festival week the desk will verify every offer,"
        " remove the weak ones and update the story"
    )
    clean("prose-of-common-words", f"# {story}\n[notes]\nstory = '''{story}'''\n")
    clean(
        "prose-lorem",
        "# Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed "
        "do eiusmod tempor incididunt ut labore\n",
    )
    clean(
        "prose-many-comment-lines",
        "".join(f"# {i:04d} {M.r.choice(TAGS)} checked, nothing open\n" for i in range(2000)),
    )


def clean_more_research() -> None:
    counts = {"histogram": [M.r.randrange(256) for _ in range(64)], "bins": 64}
    clean("research-histogram-of-integers", json.dumps(counts), path="research/hist.json")
    trace = (
        'Traceback (most recent call last):\n  File "/srv/qoc/feed.py", line 118, in read\n'
        f"TimeoutError: <Session object at 0x7f{M.hex(10)}> after 10.0 s, request {M.uuid()}\n"
    )
    clean("research-traceback", "# Incident 8\n\n```\n" + trace + "```\n", path="research/incident-8.md")
    colours = json.dumps({"heatmap": [f"#{M.hex(6)}" for _ in range(64)]})
    clean("research-heatmap-colours", colours, path="research/heat.json")
    ticks = json.dumps(
        [
            [1_783_267_200_000 + 60_000 * i, *(f"{M.r.uniform(61e3, 62e3):.2f}" for _ in range(4))]
            for i in range(90)
        ]
    )
    clean("research-candles", ticks, path="research/candles.json")
    svg = (
        "![](data:image/svg+xml,%3Csvg%20xmlns%3D%22http%3A%2F%2Fwww.w3.org%2F2000%2Fsvg%22%3E%3C"
        "circle%20r%3D%224%22%2F%3E%3C%2Fsvg%3E)\n"
    )
    clean("research-svg-data-url", svg, path="research/dot.md")
    freeze = "".join(
        f"{n}=={v}\n"
        for n, v in (
            ("tomlkit", "0.13.2"),
            ("ccxt", "4.4.82"),
            ("pygit2", "1.18.0"),
            ("pydantic_core", "2.33.2"),
        )
    )
    clean("research-pip-freeze", f"```\n{freeze}```\n", path="research/env.md")
    summary = (
        "                 coef    std err          t      P>|t|      "
        "[0.025      0.975]\nconst          0.0004   2.31e-05     17.482 "
        "     0.000       0.000       0.001\n"
    )
    clean("research-regression", f"```\n{summary}```\n", path="research/ols.md")
    chain = "".join(
        f"| AAPL  260918C00{k}000 | {k / 10:.2f} | 0.{k} | {M.figi()} |\n" for k in range(150, 190, 2)
    )
    clean(
        "research-option-chain-table",
        "| OCC | strike | delta | FIGI |\n|---|---:|---:|---|\n" + chain,
        path="research/chain.md",
    )


def _build() -> None:
    for part in (
        clean_more_references,
        clean_more_ids,
        clean_more_keys,
        clean_more_words,
        clean_more_research,
        dirty_auth_values,
        dirty_auth_forms,
        dirty_reference_fields,
        dirty_shapes,
        dirty_private_keys,
        dirty_mnemonics,
        dirty_names,
        dirty_urls,
        dirty_pasted,
        dirty_positions,
        dirty_unreadable,
        clean_references,
        clean_accounts,
        clean_identifiers,
        clean_hashes_and_keys,
        clean_symbols,
        clean_names,
        clean_urls,
        clean_prose,
        clean_snapshots,
        clean_orders,
        clean_research,
    ):
        part()


_build()


# ------------------------------------------------------------------------------------------- invariants


def _parses(case: Case) -> bool:
    try:
        tomllib.loads(case.data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return False
    return True


def _check(case: Case) -> None:
    assert b"\xc2\xab0" not in case.data, f"{case.name}: a value was not filled in"
    toml = case.path.endswith(".toml")
    if not case.must_be_found:
        assert not case.secrets, f"{case.name}: a clean case with secrets"
        assert not toml or _parses(case), f"{case.name}: a clean TOML case that does not parse"
        if case.path.endswith(".json"):
            json.loads(case.data)
        return
    assert not toml or _parses(case) != (case.kind == "unreadable"), (
        f"{case.name}: parses, or does not, against its kind"
    )
    if case.name in HIDDEN:
        return
    text = case.data.decode("utf-8", "replace")
    for secret in case.secrets:
        assert secret in text, f"{case.name}: a secret that is not in the file"


def promised() -> None:
    """Assert what the corpus says of itself."""
    names = Counter(case.name for case in CASES)
    assert max(names.values()) == 1, [name for name, n in names.items() if n > 1]
    bad = [case for case in CASES if case.must_be_found]
    good = [case for case in CASES if not case.must_be_found]
    assert len(CASES) >= 170, len(CASES)
    assert len(good) >= len(bad), (len(good), len(bad))
    assert set(TAGS) <= set(WORD_INDEX)
    assert not _checksum_holds(TAGS)
    assert keccak256(b"").hex().startswith("c5d2460186f7233c927e7db2dcc703c0"), "keccak"
    for case in CASES:
        _check(case)
