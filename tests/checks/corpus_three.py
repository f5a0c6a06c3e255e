"""Whole desks as people keep them, with and without a secret: the exam of a checker its author has not seen.

Every secret is generated from a fixed seed, in the venue's format. Nothing here is real.
"""

import base64
import hashlib
import json
import random
import re
import string
import struct
import tomllib
import uuid
import zlib
from collections import Counter
from typing import NamedTuple


class Case(NamedTuple):
    name: str
    path: str
    data: bytes
    secrets: tuple[str, ...]
    kind: str
    must_be_found: bool


CASES: list[Case] = []
HIDDEN: set[str] = set()  # cases whose secret is split, escaped or encoded on purpose

UPPER, LOWER, DIGITS = string.ascii_uppercase, string.ascii_lowercase, string.digits
ALNUM = UPPER + LOWER + DIGITS
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
RIPPLE = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
BASE32 = UPPER + "234567"


# Words of the English BIP-39 list with their places in it: enough to make mnemonics whose checksum holds.
_PLACES = """
    abstract7 achieve14 act19 action20 admit29 adult30 alarm46 allow53 amazing62 ankle73 any81 apart82
    april87 area90 army96 artist104 assist110 attack115 attitude117 avocado127 avoid128 awesome132
    axis135 bacon138 ball143 banana145 banner146 bar147 barely148 between173 bicycle175 bike177 birth181
    blade184 bless189 bone202 book204 borrow208 brass217 brave218 bright224 burst246 business248
    butter250 buyer251 call259 camp262 canoe268 capital272 carpet278 cart280 caution293 cherry315
    chest316 cigar327 click341 cloth350 clown352 coil362 coin363 congress376 country392 coyote397
    cradle399 crazy406 creek409 crouch417 cruel420 crumble422 crystal426 cup429 cute437 dance442
    daring444 demand465 depend471 diagram487 dial488 dice491 differ494 digital495 dignity496 dilemma497
    direct500 disease504 dismiss506 distance509 divert510 dizzy513 domain519 donor522 dove526 draw531
    dress533 drift534 drive538 during545 dwarf549 easily556 easy558 egg566 enact587 enrich600 erase611
    escape616 essay617 ethics621 exist638 exit639 expire643 face652 fall657 farm665 fatal668 find693
    fish701 fitness703 food726 fork731 forum733 foster736 fragile739 fuel751 gain758 gap762 garment767
    giant781 gift782 giraffe785 govern808 grain812 grass815 great817 hire864 humor888 hurry893
    husband895 illegal904 immune909 impose911 indicate919 industry921 inner931 issue949 ivory951
    jewel959 journey963 juice966 keen973 keep974 key976 kick977 kidney979 kind980 know991 large1001
    latin1003 lecture1016 lend1023 letter1028 life1034 lift1035 lottery1056 loud1057 luggage1062
    mail1073 man1078 mango1081 marble1085 master1093 material1095 maze1100 measure1103 medal1106
    melody1108 member1110 memory1111 method1121 modify1141 mom1142 moment1143 monkey1145 museum1165
    music1167 napkin1175 negative1183 net1189 next1194 nice1195 nose1203 ocean1223 off1226 office1228
    oil1230 olive1233 open1241 option1245 ozone1268 pact1269 parade1280 pass1285 patient1288 patrol1289
    pattern1290 payment1293 perfect1304 phrase1310 pill1318 pistol1323 plastic1328 pluck1333 poem1336
    pond1342 portion1346 practice1355 pretty1361 priority1367 property1379 pulse1388 pupil1391
    purchase1393 push1397 put1398 rabbit1409 radio1414 rally1418 rebuild1434 recipe1437 record1438
    reflect1441 region1444 regret1445 reveal1475 reward1477 ripple1490 robot1497 rotate1505 rug1512
    runway1515 salt1525 sample1528 sauce1532 scan1537 scatter1539 scheme1541 school1542 science1543
    scissors1544 scrap1547 section1557 sheriff1580 shield1581 shoe1587 shove1592 shuffle1595 sibling1597
    sister1612 sketch1617 slam1624 slender1626 smooth1639 snap1642 spawn1669 speak1670 spider1677
    split1681 spy1690 squeeze1692 stable1694 stand1700 step1707 stomach1713 street1719 struggle1722
    stumble1725 sudden1732 sunset1740 sure1744 surround1748 survey1749 swarm1755 swing1760 system1766
    table1767 taxi1779 tell1782 tent1786 that1791 there1795 tissue1814 together1821 tragic1847
    trigger1860 trust1869 truth1870 two1885 typical1887 unit1901 unknown1903 upgrade1909 usual1921
    valid1926 velvet1936 venue1939 verify1941 view1951 violin1954 virtual1955 wagon1970 wall1973
    walnut1974 warm1977 wasp1980 waste1981 wet1996 wide2005 wife2007 word2027 wrap2032 year2039
    """
WORDS: dict[str, int] = {w.rstrip(DIGITS): int(w.lstrip(LOWER)) for w in _PLACES.split()}


class Gen(random.Random):
    """Makes keys, ids and addresses; two with the same seed make the same."""

    def pick(self, alphabet: str, n: int) -> str:
        return "".join(self.choice(alphabet) for _ in range(n))

    def alnum(self, n: int) -> str:
        while True:
            s = self.pick(ALNUM, n)
            if re.search("[a-z]", s) and re.search("[A-Z]", s) and re.search("[0-9]", s):
                return s

    def hex(self, n: int) -> str:
        return self.pick("0123456789abcdef", n)

    def b64(self, n: int) -> str:
        return base64.b64encode(self.randbytes(n)).decode()

    def b64u(self, n: int) -> str:
        return base64.urlsafe_b64encode(self.randbytes(n)).decode().rstrip("=")

    def uuid(self) -> str:
        return str(uuid.UUID(bytes=self.randbytes(16), version=4))

    def digits(self, n: int) -> str:
        return self.pick("123456789", 1) + self.pick(DIGITS, n - 1)

    # venues

    def alpaca_id(self) -> str:
        return self.choice(("PK", "AK")) + self.pick(UPPER + DIGITS, 18)

    def alpaca_secret(self) -> str:
        return self.alnum(40)

    def kraken_key(self) -> str:
        return self.b64(42)

    def kraken_secret(self) -> str:
        return self.b64(64)

    def binance(self) -> str:
        return self.alnum(64)

    def okx_secret(self) -> str:
        return self.pick("0123456789ABCDEF", 32)

    def deribit_secret(self) -> str:
        return self.b64u(32)

    def bybit_secret(self) -> str:
        return self.alnum(36)

    def mercury(self) -> str:
        return "secret-token:mercury_production_wma_" + self.alnum(44) + "_yrucrem"

    def aws_id(self) -> str:
        return "AKIA" + self.pick(BASE32, 16)

    def stripe(self) -> str:
        return "sk_live_" + self.alnum(24)

    def github(self) -> str:
        body = self.alnum(30)
        n, check = zlib.crc32(body.encode()), ""
        while n:
            n, digit = divmod(n, 62)
            check = (DIGITS + UPPER + LOWER)[digit] + check
        return "ghp_" + body + check.rjust(6, "0")

    def telegram(self) -> str:
        return self.digits(10) + ":AA" + self.b64u(25)[:33]

    def slack_hook(self) -> str:
        path = f"T0{self.pick(UPPER + DIGITS, 9)}/B0{self.pick(UPPER + DIGITS, 9)}/{self.alnum(24)}"
        return "https://hooks.slack.com/services/" + path

    def discord_hook(self) -> str:
        return f"https://discord.com/api/webhooks/{self.digits(19)}/{self.b64u(51)}"

    def jwt(self, **claims: str | int) -> str:
        parts = [{"alg": "ES256", "typ": "JWT"}, {"iss": "https://api.example-venue.com", **claims}]
        heads = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts]
        return ".".join([*heads, self.b64u(64)])

    def pem(self, label: str, n: int, start: str = "") -> str:
        body = (start + self.b64(n))[: (n * 4 // 3) // 4 * 4]
        lines = [body[i : i + 64] for i in range(0, len(body), 64)]
        return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----"])

    def ssh_public(self, comment: str) -> str:
        blob = struct.pack(">I", 11) + b"ssh-ed25519" + struct.pack(">I", 32) + self.randbytes(32)
        return f"ssh-ed25519 {base64.b64encode(blob).decode()} {comment}"

    def ssh_private(self) -> str:
        head = b"openssh-key-v1\0" + struct.pack(">I", 4) + b"none" + struct.pack(">I", 4) + b"none"
        body = base64.b64encode(head + self.randbytes(210)).decode()
        lines = [body[i : i + 70] for i in range(0, len(body), 70)]
        return "\n".join(["-----BEGIN OPENSSH PRIVATE KEY-----", *lines, "-----END OPENSSH PRIVATE KEY-----"])

    def age_secret(self) -> str:
        return bech32("age-secret-key-", self.randbytes(32)).upper()

    def age_public(self) -> str:
        return bech32("age", self.randbytes(32))

    def mnemonic(self, n: int) -> str:
        """A phrase of n words from the embedded part of the list whose BIP-39 checksum is right."""
        entropy_bits = n * 11 * 32 // 33
        while True:
            words = [self.choice(list(WORDS)) for _ in range(n)]
            bits = "".join(f"{WORDS[w]:011b}" for w in words)
            entropy = int(bits[:entropy_bits], 2).to_bytes(entropy_bits // 8, "big")
            check = f"{hashlib.sha256(entropy).digest()[0]:08b}"[: n * 11 - entropy_bits]
            if bits[entropy_bits:] == check:
                return " ".join(words)

    # addresses

    def eth(self) -> str:
        low = self.hex(40)
        nibbles = keccak256(low.encode()).hex()
        pairs = zip(low, nibbles, strict=False)
        return "0x" + "".join(c.upper() if int(h, 16) > 7 else c for c, h in pairs)

    def btc(self) -> str:
        return bech32("bc", self.randbytes(20), 0)

    def btc_legacy(self) -> str:
        return base58check(b"\0" + self.randbytes(20))

    def tron(self) -> str:
        return base58check(b"\x41" + self.randbytes(20))

    def ltc(self) -> str:
        return bech32("ltc", self.randbytes(20), 0)

    def sol(self) -> str:
        return base58(self.randbytes(32))

    def xrp(self) -> str:
        return base58check(b"\0" + self.randbytes(20)).translate(str.maketrans(BASE58, RIPPLE))

    def cardano(self) -> str:
        return bech32("addr", b"\x01" + self.randbytes(56))

    def cosmos(self) -> str:
        return bech32("cosmos", self.randbytes(20))

    def stellar(self, version: int = 6 << 3) -> str:
        raw = bytes([version]) + self.randbytes(32)
        return base64.b32encode(raw + struct.pack("<H", crc16(raw))).decode()

    def polkadot(self) -> str:
        raw = b"\0" + self.randbytes(32)
        return base58(raw + hashlib.blake2b(b"SS58PRE" + raw).digest()[:2])

    def extended(self, private: bool) -> str:
        version = bytes.fromhex("0488ade4" if private else "0488b21e")
        key = (b"\0" if private else b"\2") + self.randbytes(32)
        return base58check(version + b"\3" + self.randbytes(4) + b"\x80\0\0\0" + self.randbytes(32) + key)

    def wif(self) -> str:
        return base58check(b"\x80" + self.randbytes(32) + b"\1")

    # securities and banks

    def isin(self, country: str) -> str:
        body = country + self.pick(DIGITS, 9)
        for check in DIGITS:
            if luhn("".join(str(int(c, 36)) for c in body + check)):
                return body + check
        raise AssertionError

    def lei(self) -> str:
        body = self.pick(DIGITS, 4) + "00" + self.pick(UPPER + DIGITS, 12)
        return body + f"{98 - mod97(body + '00'):02d}"

    def iban(self, country: str, n: int) -> str:
        body = self.digits(n)
        return country + f"{98 - mod97(body + country + '00'):02d}" + body

    def figi(self) -> str:
        return "BBG00" + self.pick("BCDFGHJKLMNPQRSTVWXYZ" + DIGITS, 6) + self.pick(DIGITS, 1)

    def ulid(self) -> str:
        return "01J" + self.pick("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 23)

    def kraken_order(self) -> str:
        a = UPPER + DIGITS
        return f"O{self.pick(a, 5)}-{self.pick(a, 5)}-{self.pick(a, 6)}"


def mod97(s: str) -> int:
    return int("".join(str(int(c, 36)) for c in s)) % 97


def luhn(s: str) -> bool:
    total = 0
    for i, c in enumerate(reversed(s)):
        n = int(c) * (1 + i % 2)
        total += n - 9 if n > 9 else n
    return total % 10 == 0


def crc16(raw: bytes) -> int:
    crc = 0
    for byte in raw:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def base58(raw: bytes) -> str:
    n, out = int.from_bytes(raw, "big"), ""
    while n:
        n, digit = divmod(n, 58)
        out = BASE58[digit] + out
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + out


def base58check(raw: bytes) -> str:
    return base58(raw + hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4])


def bech32(prefix: str, raw: bytes, version: int | None = None) -> str:
    bits = "".join(f"{b:08b}" for b in raw)
    bits += "0" * (-len(bits) % 5)
    data = [int(bits[i : i + 5], 2) for i in range(0, len(bits), 5)]
    data = data if version is None else [version, *data]
    head = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    check = 1
    for value in head + data + [0] * 6:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
        for i, g in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= g if top >> i & 1 else 0
    data += [(check ^ 1) >> 5 * (5 - i) & 31 for i in range(6)]
    return prefix + "1" + "".join(BECH32[d] for d in data)


def keccak256(raw: bytes) -> bytes:
    """Ethereum's hash: SHA-3 before its padding was changed, which hashlib does not have."""
    mask = (1 << 64) - 1

    def rol(v: int, n: int) -> int:
        return (v << n | v >> 64 - n) & mask if n else v

    padded = raw + b"\1" + b"\0" * (-(len(raw) + 2) % 136) + b"\x80"
    a = [[0] * 5 for _ in range(5)]
    for start in range(0, len(padded), 136):
        for i in range(17):
            a[i % 5][i // 5] ^= int.from_bytes(padded[start + 8 * i : start + 8 * i + 8], "little")
        lfsr = 1
        for _ in range(24):
            c = [a[x][0] ^ a[x][1] ^ a[x][2] ^ a[x][3] ^ a[x][4] for x in range(5)]
            d = [c[x - 1] ^ rol(c[(x + 1) % 5], 1) for x in range(5)]
            a = [[a[x][y] ^ d[x] for y in range(5)] for x in range(5)]
            x, y, cur = 1, 0, a[1][0]
            for t in range(24):
                x, y = y, (2 * x + 3 * y) % 5
                cur, a[x][y] = a[x][y], rol(cur, (t + 1) * (t + 2) // 2 % 64)
            for y in range(5):
                row = [a[x][y] for x in range(5)]
                for x in range(5):
                    a[x][y] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5])
            for j in range(7):
                lfsr = (lfsr << 1 ^ (lfsr >> 7) * 0x71) % 256
                if lfsr & 2:
                    a[0][0] ^= 1 << (1 << j) - 1
    return b"".join(a[i][0].to_bytes(8, "little") for i in range(4))


def png() -> str:
    """A 16 × 16 picture as base64."""
    g = Gen("png")
    rows = b"".join(b"\0" + g.randbytes(16) for _ in range(16))

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 16, 16, 8, 0, 0, 0, 0)
    parts = [chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(parts)).decode()


def desk(base: str, **slots: str) -> str:
    """A base desk with text put at its marked places; a mark that is not used vanishes."""
    for slot, text in slots.items():
        assert f"#:{slot}\n" in base, slot
        base = base.replace(f"#:{slot}\n", text.rstrip("\n") + "\n")
    return re.sub(r"(?m)^#:\w+\n", "", base)


def swap(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, (old, text.count(old))
    return text.replace(old, new)


def clean(name: str, text: str | bytes, path: str = "desk.toml") -> None:
    data = text if isinstance(text, bytes) else text.encode()
    CASES.append(Case(name, path, data, (), "clean", False))


def dirty(
    name: str, kind: str, text: str | bytes, *secrets: str, path: str = "desk.toml", hidden: bool = False
) -> None:
    data = text if isinstance(text, bytes) else text.encode()
    if hidden:
        HIDDEN.add(name)
    CASES.append(Case(name, path, data, secrets, kind, True))


# A person's swing-trading desk: English, German, French.
EQUITIES = '''#:top
# ─────────────────────────────────────────────────────────────
#  Swing desk Hartmann & Fils      (git qoc, see research/README.md)
#  Zugangsdaten stehen NICHT hier, sondern in /run/secrets.
#  Les identifiants restent dans le trousseau, jamais dans ce fichier.
# ─────────────────────────────────────────────────────────────
[workspace]
name     = "swing-hartmann"
timezone = "Europe/Berlin"

[account]
currency = "USD"

[[connector]]
name    = "main-equities"
type    = "equities"
enabled = true
#:name

  [connector.auth]
  api_key    = { env = "EQ_API_KEY" }
  api_secret = { env = "EQ_API_SECRET" }
#:auth

#:between
[[connector]]
name    = "ibkr-options"
type    = "options"
venue   = "alpaca"          # IBKR folgt, sobald der Adapter da ist
account = "U7654321"
enabled = false

  [connector.auth]
  api_key    = { keyring = "qoc-ibkr/hartmann" }
  api_secret = { file = "/run/secrets/ibkr/flex" }

[[connector]]
name    = "sweep-cash"
type    = "cash"
account = "9f2c1f0e-5b7d-4a37-9c88-0f9b6d1a2e44"
enabled = true

  [connector.auth]
  api_key = { git-credential = "https://api.mercury.com" }

# Nach Börsenschluss, New Yorker Zeit (auch an halben Tagen)
[[schedule]]
name  = "daily-close-snapshot"
cron  = "5 16 * * 1-5"
tz    = "America/New_York"
task  = "snapshot"

[[schedule]]
name  = "weekly-retrospective"
cron  = "30 7 * * 6"
tz    = "Europe/Berlin"
task  = "retrospective"

[[guard]]
key     = "max-position-size"
enabled = true
limit   = 0.08              # 8 % du NAV, pas plus

[[guard]]
key     = "symbol-whitelist"
enabled = true
symbols = ["AAPL", "MSFT", "BRK.B", "RHM.DE", "MC.PA", "SPY   260918C00650000"]

[notes]
risk     = "Kein neues Risiko vor Zahlen. Pas de position avant les résultats."
schedule = """
Mo–Fr 08:30 Marktbericht lesen
Mo–Fr 16:05 ET Snapshot (läuft von selbst)
Sa    07:30 Rückblick"""
#:notes

[tool.ruff]
line-length = 110
select      = ["E", "F", "I", "UP", "B"]
#:foreign
#:end
'''

# A crypto desk with many venues: English, Spanish, Portuguese.
CRYPTO = """#:top
#:schema https://raw.githubusercontent.com/example/qoc/3f1c0f7f8f6f4a7d9f5b2a1c0e9d8b7a6f5e4d3c/schema/desk.json
[workspace]
name = "cripto-lisboa"
timezone = "Europe/Lisbon"

# === Spot =====================================================
# Clave de solo lectura para snapshots; la de trading está en el otro portátil.
[[connector]]
name = "crypto-spot"
type = "crypto"
venue = "kraken"
enabled = true
#:name
[connector.auth]
api_key = { env = "CX_API_KEY" }
api_secret = { env = "CX_API_SECRET" }
#:auth

#:between
# === Perps ====================================================
[[connector]]
name = "okx-perps"
type = "crypto"
venue = "okx"
enabled = true
base_url = "https://www.okx.com/api/v5"
[connector.auth]
api_key = { env = "OKX_DESK7_API_KEY_2026Q3" }
api_secret = { env = "OKX_DESK7_API_SECRET_2026Q3" }
passphrase = { file = "/run/secrets/okx-passphrase" }

# Só testnet! Não mexer sem falar com a Inês.
[[connector]]
name = "binance-testnet"
type = "crypto"
venue = "binance"
sandbox = true
enabled = false
base_url = "https://testnet.binance.vision"
[connector.auth]
api_key = { keyring = "binance-testnet/desk" }
api_secret = { keyring = "binance-testnet/desk-secret" }

[[connector]]
name = "coinbase-prime"
type = "crypto"
enabled = false
[connector.auth]
api_key = { file = "~/.config/qoc/cdp_api_key.name" }
api_secret = { file = "~/.config/qoc/cdp_api_key.pem" }

[[schedule]]
name = "snapshot-cada-4h"
cron = "0 */4 * * *"
tz = "UTC"
task = "snapshot"

[[guard]]
key = "max-leverage"
enabled = true
limit = 3

[[guard]]
key = "cooldown"
enabled = true
minutes = 15

[pairs]   # nuestra propia tabla, la lee el screener
spot  = ["XBT/USD", "ETH/EUR", "SOL-USDT", "1INCHUSDT", "1000SHIBUSDT"]
perps = ["BTC-USDT-SWAP", "PF_XBTUSD", "PI_ETHUSD", "ETH-27MAR26-4000-C", "BTCUSDT_260925"]
token = "USDC"
#:notes
#:foreign
#:end
"""

# A futures desk at an introducing broker: English, Dutch, Polish; tabs and CRLF are put in by the cases.
FUTURES = """#:top
# desk.toml – AMS futures book
# Wachtwoorden horen in de kluis (zie wiki), niet in git.
# Hasła trzymamy w menedżerze haseł; tutaj tylko nazwy zmiennych.

[workspace]
name = "ams-futures"
timezone = "Europe/Amsterdam"

[[connector]]
name = "kf-main"
type = "futures"
enabled = true
#:name

	[connector.auth]
	api_key = { env = "KF_MAIN_API_KEY" }
	api_secret = { env = "KF_MAIN_API_SECRET" }
#:auth

#:between
[[connector]]
name = "kf-hedge"
type = "futures"
sandbox = true
base_url = "https://demo-futures.kraken.com"
enabled = true

	[connector.auth]
	api_key = { env = "KF_HEDGE_API_KEY" }
	api_secret = { env = "KF_HEDGE_API_SECRET" }

[[schedule]]
name = "settle"
cron = "15 22 * * 1-5"
tz = "Europe/Warsaw"
task = "snapshot"

[[guard]]
key = "max-contracts"
enabled = true
per_symbol = { ESZ6 = 4, NQZ6 = 2, FGBLZ6 = 10, FDAXZ6 = 1, CLF7 = 3, "6EZ6" = 5 }

[margin]
# initial margin per contract, broker sheet 2026-11-02
ESZ6 = 22_440.00
NQZ6 = 33_990.00
FGBLZ6 = 3_265.00

[notes]
roll = "Rol acht dagen voor expiratie; FGBL eerder."
kontakt = "Dział rozliczeń: +48 22 555 01 17, back.office@example.pl"
#:notes
#:foreign
#:end
"""

# What a language model writes when it is asked for a desk: everything explained twice. English, Japanese, Chinese.  # noqa: E501
AGENT = """#:top
# ============================================================================
# desk.toml — generated by the desk agent
# ============================================================================
#
# ✅ SECURITY NOTE: No credentials are stored in this file. Every value under
#    [connector.auth] is a *reference* to an environment variable.
# 認証情報はこのファイルに書かないこと。環境変数を使用してください。
# 请勿在此文件中写入任何密钥,仅使用环境变量引用。
#
# Required environment variables:
#   EQ_API_KEY, EQ_API_SECRET        – equities venue
#   CX_API_KEY, CX_API_SECRET        – crypto venue
#   OPT_API_KEY, OPT_API_SECRET      – options venue
# ----------------------------------------------------------------------------

[workspace]
name = "agentic-desk-01"
timezone = "Asia/Tokyo"

# ----------------------------------------------------------------------------
# 1. Equities connector (株式 / 股票)
# ----------------------------------------------------------------------------
[[connector]]
name = "main-equities"        # unique, human readable
type = "equities"             # locked after the first connect!
enabled = true
#:name

[connector.auth]
api_key = { env = "EQ_API_KEY" }        # the public identifier of the key pair
api_secret = { env = "EQ_API_SECRET" }  # the private half: keep it safe
#:auth

#:between
# ----------------------------------------------------------------------------
# 2. Crypto connector (暗号資産 / 加密货币)
# ----------------------------------------------------------------------------
[[connector]]
name = "crypto-spot"
type = "crypto"
enabled = true

[connector.auth]
api_key = { env = "CX_API_KEY" }
api_secret = { env = "CX_API_SECRET" }

# ----------------------------------------------------------------------------
# 3. Options connector (オプション / 期权), disabled until approved
# ----------------------------------------------------------------------------
# [[connector]]
# name = "options-income"
# type = "options"
# enabled = false
#
# [connector.auth]
# api_key = { env = "OPT_API_KEY" }
# api_secret = { env = "OPT_API_SECRET" }

# ----------------------------------------------------------------------------
# 4. Schedules
# ----------------------------------------------------------------------------
[[schedule]]
name = "tokyo-close"
cron = "30 15 * * 1-5"
tz = "Asia/Tokyo"
task = "snapshot"

[[schedule]]
name = "new-york-close"
cron = "5 16 * * 1-5"
tz = "America/New_York"
task = "snapshot"

# ----------------------------------------------------------------------------
# 5. Guards: evaluated in file order, fail closed
# ----------------------------------------------------------------------------
[[guard]]
key = "max-position-size"
enabled = true
limit = 0.05

[[guard]]
key = "max-drawdown"
enabled = true
limit = 0.12
window_days = 30

[llm]
model = "claude-sonnet-4-5-20250929"
fallback = "gpt-4o-mini-2024-07-18"
max_tokens = 4096
token_budget_per_day = 2_000_000
tokenizer = "cl100k_base"
api_key_env = "ANTHROPIC_API_KEY"
temperature = 0.2
#:notes
#:foreign
#:end
"""

# Inline tables, dotted, quoted and escaped keys: the desk of somebody fond of TOML. English, Italian, Russian.  # noqa: E501
DOTTED = """#:top
workspace.name = 'famiglia-ufficio'
workspace."timezone" = "Europe/Rome"
account = { currency = "EUR" }

# Le credenziali si leggono dal portachiavi; il file contiene solo riferimenti.
# Ключи лежат в связке ключей, в этом файле только ссылки на них.
[[connector]]
"name"  = 'eq-milano'
'type'  = "equities"
enabled = true
#:name
auth.api_key.env          = "EQ_MILANO_API_KEY"
auth."api_secret".'file'  = '/var/lib/qoc/secrets/eq-milano.key'
#:auth

#:between
[[connector]]
name = "cr-\\u0066reddo"      # cold wallet, sola lettura
type = "crypto"
enabled = true
auth = { api_key = { keyring = "cr-freddo/lettura" }, "api_secret" = { "keyring" = '''cr-freddo/segreto''' } }

[[connector]]
name = "cassa"
type = "cash"
enabled = true
[connector.auth.api_key]
git-credential = "https://tesoreria@api.mercury.com/api/v1"

[[schedule]]
name = "chiusura"
cron = "40 17 * * 1-5"
tz   = "Europe/Rome"
task = "snapshot"

[[guard]]
key     = "max-order-value"
enabled = true
limit   = { EUR = 25_000, USD = 27_500.50 }

[retention]
since  = 2021-03-01T00:00:00+01:00
review = 07:45:00
hours  = 0x18
ratio  = 6.02e-2
mask   = 0b1101
#:notes
#:foreign
#:end
"""


def fleet() -> str:
    """Some three hundred lines: a prop shop's twelve books, made by a script. English, Korean, Turkish."""
    head = """#:top
# 운영팀 전용: 비밀키는 절대 커밋하지 마십시오. 환경 변수만 사용합니다.
# Gizli anahtarlar bu dosyada tutulmaz; yalnızca ortam değişkeni adları yazılır.
[workspace]
name = "prop-fleet"
timezone = "Asia/Seoul"
"""
    venues = (("equities", "alpaca"), ("crypto", "kraken"), ("futures", "krakenfutures"), ("cash", "mercury"))
    parts = [head]
    for i in range(12):
        kind, venue = venues[i % 4]
        account = Gen(f"fleet{i}").uuid()
        parts.append(f"""
# ---- book {i:02d} / 북 {i:02d} / defter {i:02d} ----
[[connector]]
name = "book{i:02d}-{venue}"
type = "{kind}"
venue = "{venue}"
account = "{account}"
enabled = {"true" if i % 3 else "false"}
{"#:name" if i == 4 else "# risk owner: desk lead"}

  [connector.auth]
  api_key = {{ env = "FLEET_BOOK{i:02d}_{venue.upper()}_API_KEY_V2" }}
  api_secret = {{ env = "FLEET_BOOK{i:02d}_{venue.upper()}_API_SECRET_V2" }}
{"#:auth" if i == 4 else ""}
{"#:between" if i == 4 else ""}
""")
    for i in range(12):
        parts.append(f"""
[[schedule]]
name = "book{i:02d}-close"
cron = "{i * 5} 16 * * 1-5"
tz = "{("America/New_York", "UTC", "Asia/Seoul", "Europe/Istanbul")[i % 4]}"
task = "snapshot"
""")
    for i in range(6):
        parts.append(f"""
[[guard]]
key = "max-position-size"
enabled = true
limit = 0.{i + 3:02d}   # kitap {i:02d} için üst sınır
""")
    return "".join(parts) + "\n[contacts]\nops = 'ops@example.co.kr'\n#:notes\n#:foreign\n#:end\n"


FLEET = fleet()
BASES = {
    "equities": EQUITIES, "crypto": CRYPTO, "futures": FUTURES,
    "agent": AGENT, "dotted": DOTTED, "fleet": FLEET,
}  # fmt: skip


def clean_desks() -> None:
    for name, text in BASES.items():
        clean(f"whole desk, {name}, as it is", desk(text))
    clean("whole desk with tabs and CRLF", desk(FUTURES).replace("\n", "\r\n"))
    clean("whole desk without a last newline", desk(DOTTED).rstrip("\n"))
    clean(
        "agent's desk with an auth block of every reference form",
        desk(
            AGENT,
            auth="""
passphrase = { keyring = "agentic-desk/okx" }
session_token = { file = '/run/user/1000/qoc/session' }
totp = { git-credential = "https://totp.example.com:8443/desk" }
"2fa" = { env = '''TOTP_SEED_2026''' }""",
        ),
    )
    clean(
        "fleet with reference names of 60 characters and digits",
        desk(
            FLEET,
            auth="""
  passphrase = { env = "FLEET_BOOK04_KRAKEN_SUBACCOUNT_000123_PASSPHRASE_V2_2026Q3_ROTATED" }
  otp = { file = "/run/credentials/5f0c9a3e7b214d6c8a90b1c2d3e4f506/otp.seed" }""",
        ),
    )
    clean(
        "file reference whose path is a sha256 and a UUID",
        swap(
            desk(EQUITIES),
            "/run/secrets/ibkr/flex",
            f"/nix/store/{Gen('nix').pick('0123456789abcdfghijklmnpqrsvwxyz', 32)}-desk/{Gen('p').uuid()}/{Gen('s').hex(64)}",  # noqa: E501
        ),
    )
    clean(
        "lower-case env names and a Windows path",
        swap(
            swap(desk(EQUITIES), '"EQ_API_KEY"', '"eq_api_key"'),
            '"/run/secrets/ibkr/flex"',
            r"'C:\ProgramData\qoc\secrets\flex.txt'",
        ),
    )
    clean(
        "auth as an inline table over one connector of an inline array",
        """
# Mini-Desk, alles in einer Zeile
connector = [{ name = "main", type = "equities", enabled = true, auth = { api_key = { env = "A_KEY" }, api_secret = { env = "A_SECRET" } } }, { name = "papier", type = "cash", venue = "paper", enabled = true }]
schedule = [{ name = "close", cron = "5 16 * * 1-5", tz = "America/New_York", task = "snapshot" }]
""",  # noqa: E501
    )
    clean(
        "a second connector that is commented out in full",
        desk(
            CRYPTO,
            between="""
# [[connector]]
# name = "bybit-old"      # cerrado en marzo, no borrar todavía
# type = "crypto"
# [connector.auth]
# api_key = { env = "BYBIT_API_KEY" }
# api_secret = { file = "/run/secrets/bybit" }""",
        ),
    )


def clean_blocks(seed: str = "clean blocks") -> dict[str, str]:
    """Tables beside a desk's own, as other tools and people put them there."""
    g = Gen(seed)
    return {
        "wallet addresses of ten chains": (
            f"""
[wallets]  # öffentliche Adressen, nur zum Beobachten
ethereum = "{g.eth()}"
bitcoin  = "{g.btc()}"
legacy   = "{g.btc_legacy()}"
litecoin = "{g.ltc()}"
tron     = "{g.tron()}"
solana   = "{g.sol()}"
ripple   = "{g.xrp()}"
cardano  = "{g.cardano()}"
cosmos   = "{g.cosmos()}"
stellar  = "{g.stellar()}"
polkadot = "{g.polkadot()}"
"""
        ),
        "token contracts and pools": (
            f"""
[tokens]
USDC = "{g.eth()}"
WETH = "{g.eth()}"
[[pool]]
token_address = "{g.eth()}"
token0 = "WBTC"
token1 = "USDT"
pool_id = "0x{g.hex(64)}"   # Balancer pool id
"""
        ),
        "transaction hashes with their explorer": (
            f"""
[audit]
last_deposit_tx = "0x{g.hex(64)}"
btc_txid = "{g.hex(64)}"
explorer = "https://etherscan.io/tx/0x{g.hex(64)}"
solana_tx_url = "https://solscan.io/account/{g.sol()}"
"""
        ),
        "watch-only extended public key": (
            f"""
[cold]
xpub = "{g.extended(False)}"
derivation = "m/84'/0'/0'/0/17"
fingerprint = "{g.hex(8)}"
"""
        ),
        "identifiers of securities": (
            f"""
[universe]
isin  = ["{g.isin("US")}", "{g.isin("DE")}", "{g.isin("LU")}", "{g.isin("XS")}"]
figi  = ["{g.figi()}", "{g.figi()}"]
cusip = ["037833100", "594918104", "17275R102"]
sedol = ["2046251", "B16GWD5", "0263494"]
lei   = "{g.lei()}"
wkn   = ["A1EWWW", "BASF11", "703712"]
"""
        ),
        "bank details for withdrawals": (
            f"""
[withdraw]  # Auszahlungskonto / compte de retrait
iban = "{g.iban("DE", 18)}"
bic  = "COBADEFFXXX"
aba  = "121000248"
account_number = "{g.digits(12)}"
reference = "RF18 5390 0754 7034"
"""
        ),
        "account numbers of brokers": (
            f"""
[accounts]
alpaca = "{g.uuid()}"
ibkr = ["U1234567", "DU7654321", "F8812345"]
schwab_hash = "{g.hex(64).upper()}"   # accountHash, of the account number; not a credential
tastytrade = "5WT00042"
okx_uid = {g.digits(18)}
kraken_iiban = "AA{g.digits(2)} N84G WOAL {g.pick(UPPER, 4)}"
hyperliquid_vault = "{g.eth()}"
"""
        ),
        "option symbols of four venues": (
            """
[watch]
occ = ["AAPL  260918C00250000", "SPXW  261120P05850000", "BRKB  270115C00500000"]
alpaca = ["AAPL260918C00250000", "TSLA261218P00300000"]
deribit = ["BTC-25DEC26-120000-C", "ETH-27MAR26-4000-P", "BTC_USDC-PERPETUAL"]
eurex = ["ODAX202612C24000", "OESX-20261218-P-4800-EUR"]
tastytrade = [".AAPL260918C250", "./ESZ6 E3AU6 260918P5500"]
"""
        ),
        "long crypto and futures symbols": (
            """
[symbols]
kraken = ["XXBTZUSD", "XETHZEUR", "PF_1INCHUSD", "FI_XBTUSD_261225"]
binance = ["1000000MOGUSDT", "1000SATSUSDT", "BTCUSDT_261225", "ETHUSD_PERP"]
cme = ["ESZ2026", "MESH7", "ZNZ6 C11100", "SR3H28"]
bloomberg = ["SPX 12/18/26 C6500 Index", "EURUSDV3M BGN Curncy"]
reuters = ["0#SPXZ62026.U", ".STOXX50E", "ESc1"]
leveraged = ["BTC3L_USDT", "ETHBULL2025USDT"]
"""
        ),
        "order ids of every venue": (
            f"""
[reconcile]  # offene Posten vom Audit
kraken = ["{g.kraken_order()}", "{g.kraken_order()}"]
alpaca = "{g.uuid()}"
binance = {g.digits(11)}
okx = {g.digits(18)}
coinbase = "{g.uuid()}"
ours = "{g.ulid()}"
idempotency_key = "{g.uuid()}"
"""
        ),
        "git shas and object ids": (
            f"""
[provenance]
commit = "{g.hex(40)}"
blob = "{g.hex(64)}"
short = "{g.hex(12)}"
tree = "sha256:{g.hex(64)}"
describe = "v1.8.2-14-g{g.hex(7)}"
range = "{g.hex(40)}..{g.hex(40)}"
"""
        ),
        "docker images by digest": (
            f"""
[compose.services.gateway]
image = "ghcr.io/example/ib-gateway@sha256:{g.hex(64)}"
restart = "unless-stopped"
[compose.services.redis]
image = "redis:7.4.1-alpine@sha256:{g.hex(64)}"
command = "redis-server --save 60 1 --loglevel warning"
"""
        ),
        "lock table of a package manager": (
            f"""
[[package]]
name = "tomlkit"
version = "0.13.2"
source = {{ registry = "https://packages.example/simple" }}
sdist = {{ url = "https://files.packages.example/packages/{g.hex(2)}/{g.hex(2)}/{g.hex(60)}/tomlkit-0.13.2.tar.gz", hash = "sha256:{g.hex(64)}", size = 192885 }}
"""  # noqa: E501
        ),
        "sri hashes of a dashboard": (
            f"""
[dashboard]
vega = {{ src = "https://cdn.jsdelivr.net/npm/vega@5.30.0", integrity = "sha384-{g.b64(48)}" }}
embed = {{ src = "https://cdn.jsdelivr.net/npm/vega-embed@6", integrity = "sha512-{g.b64(64)}" }}
"""
        ),
        "ssh public keys and allowed signers": (
            f"""
[signing]
allowed_signers = [
  "{g.ssh_public("ines@lisboa")}",
  "{g.ssh_public("desk-bot")}",
]
host_fingerprint = "SHA256:{g.b64(32).rstrip("=")}"
"""
        ),
        "certificate and public key in PEM": (
            f"""
[tls]
ca = '''
{g.pem("CERTIFICATE", 700, "MIID")}
'''
webhook_key = '''
{g.pem("PUBLIC KEY", 91, "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD")}
'''
pin_sha256 = "{g.b64(32)}"
"""
        ),
        "gpg fingerprints and key ids": (
            f"""
[gpg]
signer = "{g.hex(40).upper()}"
spaced = "{" ".join(g.hex(4).upper() for _ in range(10))}"
key_id = "0x{g.hex(16).upper()}"
"""
        ),
        "age recipients": (
            f"""
[sops]
age_recipients = ["{g.age_public()}", "{g.age_public()}"]
encrypted_regex = "^(data|stringData)$"
kms_arn = "arn:aws:kms:eu-central-1:123456789012:key/{g.uuid()}"
"""
        ),
        "names of secrets in other stores": (
            """
[stores]
secret_backend = "keyring"
secret_name = "desk/prod/kraken"
secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:desk/prod/kraken-trading"
vault_path = "kv/data/desks/lisboa/okx"
onepassword = "op://Trading/Kraken/api-secret"
passphrase_file = "/run/secrets/okx-passphrase"
password_command_docs = "https://wiki.example.com/desk/secrets#passwords"
"""
        ),
        "environment of another tool, by name only": (
            """
[env]
KRAKEN_API_KEY = "${KRAKEN_API_KEY}"
KRAKEN_API_SECRET = "${KRAKEN_API_SECRET}"
REDIS_URL = "redis://:${REDIS_PASSWORD}@cache:6379/0"
DATABASE_URL = "postgresql://reader@db.internal:5432/marks?sslmode=verify-full"
PYTHONHASHSEED = "0"
"""
        ),
        "ci workflow that reads its secrets": (
            """
[ci]
token = "${{ secrets.GITHUB_TOKEN }}"
script = '''
export EQ_API_KEY="$(pass show desk/eq/key)"
export EQ_API_SECRET="$EQ_API_SECRET_CI"
git qoc status --credentials
'''
"""
        ),
        "key words that are no secrets": (
            """
[strategy]
key = "momentum-12-1"
sort_key = "sharpe"
partition_key = "symbol"
keyboard = "de-latin1-nodeadkeys"
token_bucket = { capacity = 10, refill_per_second = 2 }
session = "regular"
pass_rate = 0.62
pin_bar_ratio = 2.5
secret_rotation_days = 90
password_policy = "rotate every 90 days, 16 characters or more"
auth_method = "oauth2"
"""
        ),
        "placeholders outside auth": (
            """
[template]
api_key = "<your-api-key>"
api_secret = "YOUR_API_SECRET"
webhook = "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"
# password = "********"
# token = "<paste your token here, then move it to the keyring>"
"""
        ),
        "urls with long paths and queries": (
            f"""
[links]
chart = "https://www.tradingview.com/chart/?symbol=NASDAQ%3AAAPL&interval=240&theme=dark"
filing = "https://www.sec.gov/Archives/edgar/data/320193/000032019326000106/aapl-20260926.htm"
sheet = "https://github.com/example/desk/blob/{g.hex(40)}/research/2026-q3.md#L10-L42"
gist = "https://gist.github.com/example/{g.hex(32)}"
cron = "https://crontab.guru/#5_16_*_*_1-5"
calendar = "https://query1.finance.yahoo.com/v8/finance/chart/BTC-USD?range=1mo&interval=1d"
"""
        ),
        "urls with a user name only": (
            """
[remotes]
origin = "ssh://git@git.example.com:2222/desks/lisboa.git"
mirror = "git@github.com:example/desk-mirror.git"
backup = "sftp://backup-user@vault.example.net/var/backups/desk"
mail = "mailto:trading.desk+alerts@example.com"
proxy = "socks5h://127.0.0.1:9050"
"""
        ),
        "build ids and product names": (
            """
[hardware]
server = "Dell PowerEdge R760xs 8x2.5 NVMe"
nic = "Mellanox ConnectX-6 Dx MCX623106AN-CDAT"
cpu = "AMD EPYC 9374F 32C/64T 3.85GHz"
disk = "Samsung MZQL23T8HCLS-00A07"
build = "20261102.4-rc1+build.8871"
gateway = "IBGateway-10.30.1f-standalone-linux-x64"
"""
        ),
        "cron lines, zones and paths": (
            """
[cron]
lines = ["*/5 9-16 * * 1-5 /usr/local/bin/qoc-mark --venue kraken", "@daily /opt/desk/bin/rotate-logs.sh"]
zones = ["America/Argentina/ComodRivadavia", "America/Indiana/Tell_City", "Etc/GMT+12"]
log = "/var/log/qoc/2026/11/02/book04-krakenfutures-snapshot-20261102T160500Z.log.zst"
"""
        ),
        "prose about keys in six languages": (
            '''
[handbook]
de = "Der API-Schlüssel liegt im Schlüsselbund; das Passwort kennt nur Anna."
fr = "Le mot de passe est dans le coffre, la clé API aussi. Ne rien coller ici."
es = "La contraseña se cambia cada trimestre; el token vive en el llavero."
pl = "Hasło jest w sejfie, klucz API w zmiennej środowiskowej."
ja = "パスワードは金庫にあります。APIキーは環境変数から読み込みます。"
ru = "Пароль хранится в сейфе, ключ берётся из переменной окружения."
en = """
The secret is kept in the vault. Tokens expire after 15 minutes; the refresh token
is renewed by the gateway. If a key leaks, revoke it first and tell the desk second."""
'''
        ),
        "long words and identifiers in camel case": (
            """
[terms]
de = "Wertpapierdienstleistungsunternehmen, Kapitalertragsteuerbescheinigung"
nl = "kredietbeoordelingsbureau en aansprakelijkheidsverzekering"
fi = "arvopaperinvälitysliikkeenharjoittaja"
klass = "AbstractSingletonProxyFactoryBean"
function = "compute_rolling_exponentially_weighted_volatility_v2"
"""
        ),
        "ascii art and rulers": (
            r"""
# =====================================================================
#    ____  _____ ____  _  __        /\        risk off  >>>>>>>>>>>>>>
#   |  _ \| ____/ ___|| |/ /       /  \  /\   ++++++++++++++++++++++++
#   | |_| |  _| \___ \| ' <   /\  /    \/  \  0123456789012345678901234
#   |____/|_____|____/|_|\_\_/  \/          \_AAAAAAAAAAAAAAAAAAAAAAAA
# =====================================================================
[banner]
ruler = "----+----1----+----2----+----3----+----4----+----5----+----6"
"""
        ),
        "tables of numbers": (
            """
[curve]
tenors = ["1M", "3M", "6M", "1Y", "2Y", "5Y", "10Y", "30Y"]
rates = [0.043125, 0.042875, 0.041250, 0.0398437500, 0.03812345678901, 0.0386, 0.0412, 0.0447]
epochs = [1793577600, 1793664000000, 1793750400000000000]
matrix = [[1.0, 0.8231, -0.1172], [0.8231, 1.0, 0.0441], [-0.1172, 0.0441, 1.0]]
big = 9_223_372_036_854_775_807
"""
        ),
        "model and feature ids": (
            f"""
[model]
name = "xgb-vol-2026-10-31T22-00-00Z-depth6-eta0.05-n800"
run_id = "{g.hex(32)}"
experiment = "mlflow-artifacts:/17/{g.hex(32)}/artifacts/model"
etag = 'W/"{g.hex(32)}"'
seed = 20261102
features = ["ret_5d_z", "rsi14", "atr20_pct", "iv30_minus_hv20", "px_over_sma200"]
"""
        ),
        "aws without a key": (
            """
[backup]
bucket = "s3://example-desk-backups-eu-central-1/books/2026/"
role_arn = "arn:aws:iam::123456789012:role/desk-backup-writer"
profile = "desk-prod"
endpoint = "https://s3.eu-central-1.amazonaws.com"
kms_alias = "alias/desk-backup"
"""
        ),
        "oauth settings without a secret": (
            f"""
[oauth]
client_id_env = "SCHWAB_CLIENT_ID"
token_url = "https://api.schwabapi.com/v1/oauth/token"
redirect_uri = "https://127.0.0.1:8182/callback"
scopes = ["openid", "offline_access", "trade:read"]
jwks_kid = "{g.uuid()}"
token_cache = "~/.cache/desk/schwab-token.json"
"""
        ),
        "coinbase's key name without its key": (
            f"""
[cdp]
organization = "organizations/{g.uuid()}"
private_key_file = "/run/secrets/cdp.pem"
algorithm = "ed25519"
"""
        ),
        "counterparties and legal text": (
            f"""
[counterparty]
name = "Société Générale S.A., Frankfurt Branch"
lei = "{g.lei()}"
mic = ["XETR", "XNAS", "ARCX", "BATS", "XCME"]
isda = "2002 ISDA Master Agreement, dated as of 14 March 2024 (ref. SG/HF-2024-000417-B)"
uti = "{g.lei()}HF20261102{g.digits(14)}"
"""
        ),
        "telegraf and mqtt without passwords": (
            """
[outputs.influxdb_v2]
urls = ["https://influx.internal:8086"]
token = "$INFLUX_TOKEN"
organization = "desk"
bucket = "marks"
[outputs.mqtt]
servers = ["ssl://mqtt.internal:8883"]
tls_key = "/etc/telegraf/client-key.pem"
"""
        ),
        "percent-encoded and base32 names": (
            f"""
[exports]
file = "Kontoausz%C3%BCge%20Oktober%202026%20%28final%29.pdf"
ipfs = "bafybeig{g.pick(BASE32.lower(), 51)}"
magnet = "magnet:?xt=urn:btih:{g.hex(40)}&dn=cme-settlements-2026"
message_id = "<{g.digits(14)}.{g.hex(10)}@mail.example.com>"
"""
        ),
        "regular expressions and templates": (
            r"""
[parse]
occ = '^(?P<root>[A-Z]{1,6})\s*(?P<date>\d{6})(?P<cp>[CP])(?P<strike>\d{8})$'
alpaca_key = '\b[PAC]K[A-Z0-9]{18}\b'     # what the leak scanner of the blog looks for
jinja = "{{ connector.name }}-{{ now().strftime('%Y%m%dT%H%M%SZ') }}"
strftime = "%Y-%m-%dT%H-%M-%SZ"
"""
        ),
        "translations with escapes": (
            r"""
[labels]
ok = "\u2714 gepr\u00fcft"
warn = "\u26a0\ufe0f acht\u00f3ng"
flag = "\U0001F1E9\U0001F1EA DAX"
jp = "\u65e5\u7d4c\u5e73\u5747\u682a\u4fa1"
"""
        ),
        "mnemonic-like prose that is no mnemonic": (
            """
[journal]
monday = "market open weak, volume thin, we hold the spread and wait for the print before we add size"
tuesday = "oil up, gold flat, the dollar index broke the range; sold half the calendar and let the rest run"
lesson = "trust the process, keep the size small, never add to a loser, do not trade the first minute"
"""
        ),
        "words of the bip39 list in a short list": (
            """
[desks]
codenames = ["eagle", "ocean", "copper", "violin"]
floors = ["north wing", "south wing", "trading hall"]
"""
        ),
        "mac addresses, ips and ports": (
            """
[net]
gateway = "fd12:3456:789a:1::1"
mac = "3c:ec:ef:12:9a:7b"
allow = ["10.20.0.0/16", "2001:db8:85a3::8a2e:370:7334"]
fix = { host = "fix.example.com", port = 9443, sender = "HARTMANN01", target = "CMEGLBX7" }
"""
        ),
        "phone, postal and vat numbers": (
            """
[office]
phone = "+351 21 555 01 42"
vat = ["PT509442013", "DE136695976", "NL004495445B01"]
address = "Rua Áurea 181, 2.º Esq., 1100-060 Lisboa"
geo = "38.709865,-9.137541"
"""
        ),
    }


SLOT_OF = tuple(BASES.values())


def clean_with_blocks() -> None:
    for i, (name, block) in enumerate(clean_blocks().items()):
        clean(f"whole desk with {name}", desk(SLOT_OF[i % len(SLOT_OF)], foreign=block))
    pile = "\n".join(b for i, b in enumerate(clean_blocks().values()) if i % 3 == 0)
    clean("fleet with fifteen foreign tables", desk(FLEET, foreign=pile))
    commented = "\n".join("# " + x for x in clean_blocks()["order ids of every venue"].splitlines() if x)
    clean("agent's desk with the order ids in a comment", desk(AGENT, top=commented))


SNAPSHOT = """[meta]
timestamp      = "2026-11-02T21:05:00Z"
schema         = 1
nav_usd        = 167_420.88
cash_usd       = 41_210.50
realized_pnl   = 1_840.22
unrealized_pnl = 3_108.65
net_flow_usd   = -2_500.00
connectors     = ["main-equities", "crypto-spot", "sweep-cash"]
degraded       = ["kf-main"]

[[account]]
connector = "main-equities"
type      = "equities"
venue     = "alpaca"
nav_usd   = 98_110.12
as_of     = "2026-11-02T21:04:58.482913Z"

[[position]]
connector  = "main-equities"
symbol     = "SPY   261218C00650000"
quantity   = -2
avg_cost   = 11.4200
mark       = 9.855
pnl_open   = 313.00
multiplier = 100

[[position]]
connector  = "crypto-spot"
symbol     = "BTC-USD"
quantity   = 0.48731925
avg_cost   = 58_400.123456789012
mark       = 61_200.00
pnl_open   = 1_364.44
"""
ORDER = """# Kauforder, aus dem Wochenplan
[order]
client_order_id = "qoc-%(ulid)s"
connector = "main-equities"
symbol = "AAPL"
side = "buy"
type = "limit"
quantity = 25
limit_price = 204.15
time_in_force = "day"
created = "2026-11-02T14:31:07Z"
"""


def clean_records() -> None:
    g = Gen("records")
    at = "snapshots/2026-11-02T21-05-00Z.toml"
    flow = f"""
[[flow]]
time       = "2026-11-02T09:12:44Z"
connector  = "sweep-cash"
kind       = "withdrawal"
amount_usd = -2_500.00
id         = "{g.uuid()}"

[[flow]]
time       = "2026-11-02T10:40:01Z"
connector  = "crypto-spot"
kind       = "deposit"
amount_usd = 0.01
id         = "0x{g.hex(64)}"
"""
    clean("snapshot as the desk writes it", SNAPSHOT, at)
    clean("snapshot with flows by uuid and tx hash", SNAPSHOT + flow, at)
    clean(
        "snapshot of a sharded folder with CRLF",
        SNAPSHOT.replace("\n", "\r\n"),
        "snapshots/2026/11/2026-11-02T21-05-00Z.toml",
    )
    many = "".join(
        f'\n[[position]]\nconnector = "fleet-{i:02d}"\nsymbol = "{s}"\nquantity = {g.randint(1, 900)}\n'
        f"avg_cost = {g.random() * 900:.10f}\nmark = {g.random() * 900:.4f}\npnl_open = {g.random() * 90:.2f}\n"  # noqa: E501
        for i, s in enumerate(["1000SHIBUSDT", "BTC-25DEC26-120000-C", "PF_XBTUSD", "TSLA261218P00300000",
                               "ODAX202612C24000", "XS2434791690", "US91282CHT18", "6EZ6"] * 5)
    )  # fmt: skip
    clean("snapshot with forty positions of many venues", SNAPSHOT + many, at)
    clean(
        "back-filled snapshot with a note",
        SNAPSHOT.replace(
            "schema         = 1",
            'schema = 1\nbackfill = true\nnote = "rekonstruiert aus Kontoauszug 2026/10, Seite 3"',
        ),
        at,
    )
    realized = (
        '\n[[realized]]\nconnector = "crypto-spot"\nsymbol = "ETH-USD"\npnl = 12.50\nsince ='
        f' "snapshots/2026-11-01T21-05-00Z.toml@{g.hex(40)}"\n'
    )
    clean("snapshot that names the blob it was measured from", SNAPSHOT + realized, at)
    clean("open order with a ulid", ORDER % {"ulid": g.ulid()}, "orders/open/2026-11-02-aapl.toml")
    clean(
        "pending order of three legs",
        (ORDER % {"ulid": g.ulid()}).replace(
            'symbol = "AAPL"',
            """
legs = [
  { symbol = "SPXW  261120P05850000", ratio = 1 },
  { symbol = "SPXW  261120P05800000", ratio = -2 },
  { symbol = "SPXW  261120P05750000", ratio = 1 },
]""",
        ),
        "orders/pending/butterfly.toml",
    )
    filled = (
        (ORDER % {"ulid": g.ulid()})
        + f"""
[[fill]]
id = "{g.digits(17)}::{g.uuid()}"
price = 204.11
quantity = 25
venue_order_id = "{g.uuid()}"
exec_id = "0000e0d5.{g.hex(8)}.01.01"
"""
    )
    clean("filled order with ibkr's execution ids", filled, "orders/filled/2026-11-02-aapl.toml")
    kraken = (
        ORDER % {"ulid": g.ulid()}
    ) + f'\n[venue]\ntxid = "{g.kraken_order()}"\ntrade = "T{g.kraken_order()[1:]}"\nuserref = 1793577600\n'
    clean("closed order with kraken's ids", kraken, "orders/closed/2026-11-02-xbt.toml")
    clean(
        "order whose reason is prose about a key level",
        ORDER
        % {"ulid": g.ulid()}
        + '\n[why]\nthesis = """\nKey level 204.15 held twice; the token move to 210 is the'
        ' target.\nSchlüsselmarke hält, Stop 198,40."""\n',
        "orders/open/key-level.toml",
    )
    onchain = (
        ORDER % {"ulid": g.ulid()}
        + f'\n[settlement]\ntx = "0x{g.hex(64)}"\nfrom = "{g.eth()}"\nto = "{g.eth()}"\nnonce = 4711\n'
    )
    clean("closed order settled on chain", onchain, "orders/closed/otc-settlement.toml")


def clean_research() -> None:
    g = Gen("research")
    table = "\n".join(
        f"| 2026-10-{d:02d} | {g.random() * 9e4 + 1e5:,.2f} | {g.random() / 50:+.6f} | `{g.hex(7)}` |"
        for d in range(1, 29)
    )
    clean(
        "retrospective with a table of commits",
        f"# Retrospective\n\n| day | NAV | return | commit |\n|---|---:|---:|---|\n{table}\n\nSharpe 1.42,"
        " max drawdown −6.1 %.\n",
        "research/retrospective.md",
    )
    clean(
        "note with a chart as base64",
        f"# Equity curve\n\n![curve](data:image/png;base64,{png()})\n\nDie Kurve ist flach seit Juli.\n",
        "research/2026-10-curve.md",
    )
    clean(
        "how-to that reads its keys from the environment",
        """# Reading Kraken balances

```python
import os, ccxt
ex = ccxt.kraken({"apiKey": os.environ["CX_API_KEY"], "secret": os.environ["CX_API_SECRET"]})
print(ex.fetch_balance()["total"])
```

```sh
curl -s https://paper-api.alpaca.markets/v2/account \\
  -H "APCA-API-KEY-ID: $EQ_API_KEY" -H "APCA-API-SECRET-KEY: ${EQ_API_SECRET}"
curl -H "Authorization: Bearer $MERCURY_TOKEN" https://api.mercury.com/api/v1/accounts
```
""",
        "research/howto-balances.md",
    )
    clean(
        "plan for a key rotation in German and English",
        """# Schlüsselrotation Q4

1. Neuen API-Schlüssel bei Kraken anlegen (nur *Query Funds*), alten **sofort** widerrufen.
2. `keyring set qoc-kraken desk`: das Passwort wird abgefragt, nicht als Argument übergeben.
3. `git qoc status --credentials` must say `there` for each reference.
4. Passphrases of OKX are 8 to 32 characters; write them down on paper, never in the wiki.
""",
        "research/rotation-plan.md",
    )
    clean(
        "report on stablecoins with addresses",
        "# Réserves\n\n| jeton | contrat | chaîne |\n|---|---|---|\n"
        + "".join(
            f"| {t} | `{g.eth()}` | Ethereum |\n| {t} | `{g.tron()}` | Tron |\n| {t} | `{g.sol()}` |"
            " Solana |\n"
            for t in ("USDC", "USDT", "PYUSD")
        ),
        "research/stablecoins.md",
    )
    clean(
        "deposit trace with explorer links",
        "# Traza del depósito\n\n"
        + "".join(f"{i}. https://etherscan.io/tx/0x{g.hex(64)}\n   desde `{g.eth()}`\n" for i in range(1, 6))
        + f"\nBTC: https://mempool.space/tx/{g.hex(64)}\n",
        "research/deposit-trace.md",
    )
    clean(
        "requirements with hashes in a note",
        "# Reproduce\n\n```\n"
        + "".join(
            f"{p} \\\n    --hash=sha256:{g.hex(64)} \\\n    --hash=sha256:{g.hex(64)}\n"
            for p in ("numpy==2.1.3", "pandas==2.2.3", "arch==7.1.0")
        )
        + "```\n",
        "research/environment.md",
    )
    clean(
        "backtest result as JSON",
        json.dumps(
            {
                "run": g.uuid(),
                "git": g.hex(40),
                "data_sha256": g.hex(64),
                "returns": [round(g.gauss(0, 0.01), 16) for _ in range(200)],
                "params": {"lookback": 252, "key": "mom-12-1", "token": "BTC"},
            },
            indent=1,
        ),
        "research/backtest-mom.json",
    )
    clean(
        "vega-lite chart as JSON",
        json.dumps(
            {
                "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
                "data": {
                    "values": [
                        {"t": f"2026-10-{d:02d}T20:00:00Z", "nav": round(1e5 + g.gauss(0, 900), 2)}
                        for d in range(1, 31)
                    ]
                },
                "mark": "line",
                "encoding": {
                    "x": {"field": "t", "type": "temporal"},
                    "y": {"field": "nav", "type": "quantitative"},
                },
            }
        ),
        "research/equity-curve.json",
    )
    clean(
        "trades as one line of JSON",
        json.dumps(
            [
                {
                    "id": g.kraken_order(),
                    "order": g.uuid(),
                    "price": round(g.random() * 7e4, 1),
                    "ts": 1793577600000 + i,
                }
                for i in range(60)
            ],
            separators=(",", ":"),
        ),
        "research/trades.json",
    )
    clean(
        "notebook with an image and ids",
        json.dumps(
            {
                "cells": [
                    {
                        "cell_type": "code",
                        "id": g.hex(8),
                        "source": ["df.plot()"],
                        "outputs": [{"data": {"image/png": png(), "text/plain": ["<Axes: xlabel='t'>"]}}],
                    }
                ],
                "metadata": {"kernelspec": {"name": "python3"}},
                "nbformat": 4,
                "nbformat_minor": 5,
            },
            indent=1,
        ),
        "research/vol-notebook.json",
    )
    clean(
        "agent's memo in Japanese and English",
        """# 日次メモ 2026-11-02

- **方針**: 新規建てなし。決算後に再評価する。
- APIキーの更新は完了(キーチェーンに保存済み)。トークンの有効期限は 15 分。
- Fill quality: 3.2 bps vs. arrival; see `orders/filled/2026-11-02-aapl.toml`.

> I did not read or print any credential while I was preparing this memo.
""",
        "research/2026-11-02-memo.md",
    )
    clean(
        "note about leaks with redacted keys",
        """# Post-mortem: key in a screenshot

The key began with `AKIA…` and was shown as `AKIA****************`. It was revoked at 14:02 UTC.
Tokens of GitHub look like `ghp_…`, of Slack like `xoxb-…`, of Stripe like `sk_live_…`; none is quoted here.
Authorization header in the log: `Authorization: Bearer ***`.
""",
        "research/post-mortem.md",
    )
    clean(
        "git log and diff in a fence",
        "# Was ist passiert\n\n```diff\n"
        f"commit {g.hex(40)}\nindex {g.hex(7)}..{g.hex(7)} 100644\n--- a/desk.toml\n+++ b/desk.toml\n@@"
        ' -12,3 +12,3 @@\n-  api_key    = { env = "EQ_KEY" }\n+  api_key    = { env = "EQ_API_KEY"'
        " }\n```\n",
        "research/what-happened.md",
    )
    clean(
        "verification report with public keys",
        f"# Verify\n\n```\nGood signature with key {g.ssh_public('desk-bot')}\nkey"
        f" SHA256:{g.b64(32).rstrip('=')}\nPrimary key fingerprint:"
        f" {' '.join(g.hex(4).upper() for _ in range(10))}\n```\n\n{g.pem('CERTIFICATE', 600, 'MIIC')}\n",
        "research/verify.md",
    )
    clean(
        "screener output with isins",
        "# Screener\n\n"
        + "".join(
            f"- {g.isin(c)} · {g.figi()} · LEI {g.lei()}\n"
            for c in ("US", "DE", "FR", "GB", "JP", "CH", "NL", "SE", "LU", "IE")
        ),
        "research/screener.md",
    )
    clean(
        "empty order book as JSON with big integers",
        json.dumps(
            {
                "bids": [[f"{g.random() * 6e4:.8f}", f"{g.random():.8f}"] for _ in range(50)],
                "lastUpdateId": int(g.digits(13)),
                "checksum": int(g.digits(10)),
            }
        ),
        "research/book.json",
    )


def clean_again() -> None:
    """The random ones once more, with other values, in comments, notes and other desks."""
    blocks = clean_blocks("again")
    for i, name in enumerate(
        (
            "wallet addresses of ten chains", "token contracts and pools", "identifiers of securities",
            "account numbers of brokers", "order ids of every venue", "git shas and object ids",
            "sri hashes of a dashboard", "ssh public keys and allowed signers", "gpg fingerprints and key ids",  # noqa: E501
            "transaction hashes with their explorer", "model and feature ids", "lock table of a package manager",  # noqa: E501
            "bank details for withdrawals", "docker images by digest", "certificate and public key in PEM",
            "counterparties and legal text", "age recipients", "percent-encoded and base32 names",
        )
    ):  # fmt: skip
        text = "\n".join("# " + line for line in blocks[name].splitlines() if line)
        clean(f"desk with a comment block of {name}", desk(SLOT_OF[(i + 3) % len(SLOT_OF)], between=text))


def clean_contrasts() -> None:
    """What stands where people also put keys, and is none."""
    g = Gen("contrasts")
    account = g.eth()
    clean("connector whose account is a wallet address", desk(CRYPTO, name=f'account = "{account}"'))
    clean(
        "connector whose name is long and has digits",
        swap(desk(EQUITIES), '"main-equities"', '"hartmann-2026q4-us-largecap-momentum-book-07b"'),
    )
    clean(
        "base_url with a long path and a version",
        desk(
            CRYPTO,
            name='base_url = "https://api-gateway-eu-central-1.kraken.example.com/0/private/desk/lisboa/v2"',
        ),
    )
    clean(
        "base_url on loopback with a port",
        desk(FUTURES, name='base_url = "http://127.0.0.1:18080/futures/derivatives/api/v3"'),
    )
    clean("base_url with an ipv6 host", desk(FLEET, name='  base_url = "http://[::1]:7497/v1/api"'))
    clean(
        "account as a broker's number in a comment too",
        desk(EQUITIES, name=f'account = "{g.uuid()}"   # Alpaca, Konto {g.digits(9)}'),
    )
    clean(
        "schedule whose task is a curl line with a variable",
        desk(
            AGENT,
            foreign="""
[[job]]
cron = "0 6 * * *"
run = "curl -fsS -H \\"Authorization: Bearer ${HOOK_TOKEN}\\" https://hooks.example.com/nav"
""",
        ),
    )
    clean(
        "guard with a list of account ids",
        desk(
            FLEET,
            foreign=f"""
[[guard]]
key = "account-whitelist"
enabled = true
accounts = ["{g.uuid()}", "{g.uuid()}", "U1234567"]
""",
        ),
    )
    clean(
        "guard with expressions",
        desk(
            DOTTED,
            foreign="""
[[guard]]
key = "custom"
enabled = false
expr = "abs(delta) <= 0.35 and iv_rank(symbol, 252) > 0.5 and not earnings_within(symbol, days=5)"
""",
        ),
    )
    clean(
        "guard with a pool of ethereum contracts",
        desk(
            CRYPTO,
            foreign='[[guard]]\nkey = "contract-whitelist"\nenabled = true\ncontracts = [\n'
            + "".join(f'  "{g.eth()}",\n' for _ in range(6))
            + "]\n",
        ),
    )
    clean(
        "password outside auth as a reference",
        desk(
            EQUITIES,
            foreign="""
[smtp]
host = "mail.example.com"
user = "desk@example.com"
password = { env = "SMTP_PASSWORD" }
""",
        ),
    )
    clean(
        "token outside auth as keyring and file references",
        desk(
            AGENT,
            foreign="""
[alerts]
slack_webhook = { file = "/run/secrets/slack-webhook" }
telegram.token = { keyring = "desk-telegram/bot" }
""",
        ),
    )
    clean(
        "comment that explains how to export",
        desk(
            CRYPTO,
            between="""
# Antes de arrancar:
#   read -rs CX_API_SECRET && export CX_API_SECRET
#   export CX_API_KEY="$(pass show kraken/key)"
# y después: git qoc status --credentials""",
        ),
    )
    clean(
        "comment with the history of a rotation",
        desk(
            FUTURES,
            between="""
# 2026-03-14  API key rotated (ticket OPS-4471), old one revoked by Jan
# 2026-06-14  API key rotated (ticket OPS-4812)
# 2026-09-15  sleutel vernieuwd, wachtwoord van het portaal gewijzigd (OPS-5090)""",
        ),
    )
    clean(
        "comment with a traceback",
        desk(
            AGENT,
            between="""
# Traceback (most recent call last):
#   File "/usr/lib/python3.12/site-packages/ccxt/base/exchange.py", line 581, in fetch
#     self.handle_http_status_code(http_status_code, http_status_text, url, method, http_response)
# ccxt.base.errors.AuthenticationError: kraken {"error":["EAPI:Invalid key"]}""",
        ),
    )
    clean(
        "comment with a commit and a review link",
        desk(
            EQUITIES,
            between=(
                f"# siehe {g.hex(40)} und"
                f" https://git.example.com/desk/-/merge_requests/118#note_{g.digits(9)}"
            ),
        ),
    )
    clean(
        "comment table of variables",
        desk(
            FLEET,
            between="""
# | connector  | variable                                 | where       |
# |------------|------------------------------------------|-------------|
# | book04     | FLEET_BOOK04_EQUITIES_API_SECRET_V2      | vault       |
# | book05     | FLEET_BOOK05_KRAKEN_API_SECRET_V2        | vault       |""",
        ),
    )
    clean(
        "spdx header and licence",
        desk(
            DOTTED,
            top=(
                "# SPDX-FileCopyrightText: 2026 Famiglia Ufficio S.r.l. <desk@example.it>\n#"
                " SPDX-License-Identifier: CC-BY-NC-ND-4.0"
            ),
        ),
    )
    clean(
        "editor modelines and schema directive",
        desk(
            FUTURES,
            top=(
                "# vim: set ft=toml ts=4 noet:\n# -*- coding: utf-8 -*-\n# yaml-language-server:"
                " $schema=https://json.schemastore.org/any.json"
            ),
        ),
    )
    clean(
        "emoji and box drawing",
        desk(
            AGENT,
            top=(
                "# ┌──────────────┬───────────────┐\n# │ 🔑 keys      │ env only      │\n# │ 🔒 passwords │"
                " keyring only  │\n# └──────────────┴───────────────┘"
            ),
        ),
    )
    clean(
        "poem in a note",
        desk(
            DOTTED,
            foreign=(
                '[motto]\ntesto = """\nChi va piano va sano\ne va lontano;\nchi va forte\nva alla morte."""\n'
            ),
        ),
    )
    clean(
        "notes with levels and tickers",
        desk(
            EQUITIES,
            notes='levels = "AAPL 204.15/198.40, RHM 1.482,50, ESZ6 6012.25; IV30 24.3 vs HV20 19.8; r=0.62"',
        ),
    )
    clean(
        "notes that ask for a secret's place",
        desk(CRYPTO, notes='duda = "¿Dónde está la passphrase de OKX? En /run/secrets, pregúntale a Inês."'),
    )
    clean(
        "workspace of a monorepo",
        desk(
            FLEET,
            foreign=(
                '[monorepo]\nmembers = ["desks/seoul", "desks/istanbul", "libs/marks-v2",'
                ' "infra/terraform/eu-central-1"]\nowner = "@example/desk-ops"'
            ),
        ),
        "desk.toml",
    )
    clean(
        "kubernetes and terraform names",
        desk(
            AGENT,
            foreign="""
[deploy]
pod = "qoc-snapshot-28871045-x7k2p"
replica_set = "ib-gateway-6d4cf56db6"
secret_ref = "desk-kraken-credentials"
subnet = "subnet-0a1b2c3d4e5f67890"
""",
        ),
    )
    clean(
        "old desk with other tools' connectors by reference",
        desk(
            DOTTED,
            foreign="""
[freqtrade.exchange]
name = "kraken"
key = "${FT_KEY}"
secret = "${FT_SECRET}"
pair_whitelist = ["BTC/USDT", "ETH/USDT", "1000SATS/USDT:USDT"]
""",
        ),
    )
    clean(
        "hash pins of data files",
        desk(
            FUTURES,
            foreign=f"""
[data]
"closes-2026.parquet" = "blake3:{g.hex(64)}"
"rolls.csv" = "md5:{g.hex(32)}"
"fx.csv" = "sha1:{g.hex(40)}"
""",
        ),
    )
    clean(
        "dates, times and intervals",
        desk(
            DOTTED,
            foreign="""
[calendar]
holidays = [2026-11-26, 2026-12-25, 2027-01-01]
half_days = ["2026-11-27T13:00:00-05:00/2026-11-27T16:00:00-05:00"]
rrule = "FREQ=MONTHLY;BYDAY=3FR;BYHOUR=9;BYMINUTE=30;UNTIL=20271231T235959Z"
""",
        ),
    )
    clean(
        "fix session and message",
        desk(
            FLEET,
            foreign="""
[fix]
begin = "FIX.4.4"
sample = "8=FIX.4.4|9=148|35=D|34=1080|49=HARTMANN01|56=CMEGLBX7|11=ORD10001|55=ESZ6|54=1|38=2|40=2|44=6012.25|10=092|"
""",  # noqa: E501
        ),
    )
    clean(
        "chart colours and fonts",
        desk(
            EQUITIES,
            foreign="""
[theme]
palette = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728cc"]
font = "IBM Plex Mono, 'JetBrains Mono NL', monospace"
svg = "M10 80 C 40 10, 65 10, 95 80 S 150 150, 180 80"
""",
        ),
    )
    clean(
        "feature flags and log formats",
        desk(
            AGENT,
            foreign=r"""
[logging]
format = "%(asctime)s.%(msecs)03d %(levelname)-8s %(name)s:%(lineno)d %(message)s"
redact = ["api_key", "api_secret", "passphrase", "authorization", "set-cookie"]
level = "INFO"
""",
        ),
    )
    clean("research on auction tokens and keys of tables", "# Keys\n\nPrimary key: (`connector`, `symbol`, `timestamp`). Foreign key: `order.client_order_id`.\n\n"  # noqa: E501
          "Token unlocks: ARB 92.65M on 2026-11-16, `OP` 31.34M on 2026-11-29.\n", "research/keys-and-tokens.md")  # fmt: skip  # noqa: E501
    clean(
        "research with an option chain",
        "# Chain\n\n| symbol | bid | ask | iv |\n|---|---:|---:|---:|\n"
        + "".join(
            f"| SPXW261120P{k:05d}000 | {g.random() * 20:.2f} | {g.random() * 20 + 20:.2f} |"
            f" {g.random():.4f} |\n"
            for k in range(5400, 6000, 25)
        ),
        "research/chain.md",
    )
    clean(
        "research summary in Chinese",
        "# 周报\n\n本周净值 167,420.88 美元,回撤 −2.1%。密钥已轮换,旧密钥已吊销。\n\n- 提交:`"
        + g.hex(40)
        + "`\n- 账户:`"
        + g.uuid()
        + "`\n",
        "research/weekly-zh.md",
    )
    clean(
        "open order of a perpetual at okx",
        ORDER
        % {"ulid": g.ulid()}
        + f'\n[venue]\nordId = "{g.digits(18)}"\nclOrdId = "qoc{g.hex(29)}"\ninstId = "BTC-USDT-SWAP"\ntdMode'
        ' = "cross"\n',
        "orders/open/perp.toml",
    )
    clean(
        "snapshot of cash in many currencies",
        SNAPSHOT
        + "".join(
            f'\n[[cash]]\nconnector = "sweep-cash"\ncurrency = "{c}"\namount ='
            f" {g.random() * 9e5:.2f}\namount_usd = {g.random() * 9e5:.2f}\n"
            for c in ("EUR", "JPY", "KRW", "TRY", "USDC", "XBT")
        ),
        "snapshots/2026-11-02T21-05-00Z.toml",
    )


SECRET_EQ = 'api_secret = { env = "EQ_API_SECRET" }'
SECRET_CX = 'api_secret = { env = "CX_API_SECRET" }'
SECRET_KF = 'api_secret = { env = "KF_MAIN_API_SECRET" }'


def dirty_auth() -> None:
    """Under auth: whatever is no reference."""
    name = "auth: trader pastes alpaca's secret over the reference"
    s = Gen(name).alpaca_secret()
    dirty(name, "auth", swap(desk(EQUITIES), SECRET_EQ, f'api_secret = "{s}"'), s)
    name = "auth: both of kraken's, pasted at midnight"
    g = Gen(name)
    k, s = g.kraken_key(), g.kraken_secret()
    text = swap(
        desk(CRYPTO),
        'api_key = { env = "CX_API_KEY" }\n' + SECRET_CX,
        f'api_key = "{k}"\napi_secret = "{s}"  # TODO mañana a env',
    )
    dirty(name, "auth", text, k, s)
    name = "auth: junior leaves changeme"
    dirty(name, "auth", swap(desk(FUTURES), SECRET_KF, 'api_secret = "changeme"'), "changeme")
    name = "auth: shell form of a variable, which is a literal"
    dirty(name, "auth", swap(desk(EQUITIES), SECRET_EQ, 'api_secret = "$EQ_API_SECRET"'), "$EQ_API_SECRET")
    name = "auth: passphrase that is one word"
    dirty(name, "auth", desk(CRYPTO, auth='passphrase = "caravela"'), "caravela")
    name = "auth: pin as an integer"
    dirty(name, "auth", desk(FLEET, auth="  pin = 482913"), "482913")
    name = "auth: ibkr's flex token as an integer of 24 digits in a string"
    s = Gen(name).digits(24)
    dirty(name, "auth", swap(desk(EQUITIES), '{ file = "/run/secrets/ibkr/flex" }', f"'{s}'"), s)
    name = "auth: a shell command in place of a reference"
    dirty(
        name,
        "auth",
        swap(desk(CRYPTO), '{ keyring = "binance-testnet/desk" }', '{ cmd = "pass show binance/desk" }'),
        "pass show binance/desk",
    )
    name = "auth: env with a default beside it"
    s = Gen(name).binance()
    dirty(
        name,
        "auth",
        swap(
            desk(CRYPTO),
            '{ keyring = "binance-testnet/desk-secret" }',
            f'{{ env = "BN_SECRET", default = "{s}" }}',
        ),
        s,
    )
    name = "auth: the secret in the env field itself"
    s = Gen(name).alpaca_secret()
    dirty(name, "auth", swap(desk(AGENT), SECRET_EQ, f'api_secret = {{ env = "{s}" }}'), s)
    name = "auth: alpaca's key id in the env field"
    s = Gen(name).alpaca_id()
    dirty(name, "auth", swap(desk(AGENT), '{ env = "EQ_API_KEY" }', f'{{ env = "{s}" }}'), s)
    name = "auth: variable with a shell default in the env field"
    s = Gen(name).bybit_secret()
    dirty(
        name,
        "auth",
        swap(desk(FLEET), 'env = "FLEET_BOOK01_KRAKEN_API_SECRET_V2"', f'env = "${{BOOK01:-{s}}}"'),
        s,
    )
    name = "auth: name and value in the env field as for export"
    s = Gen(name).okx_secret()
    dirty(name, "auth", swap(desk(CRYPTO), '"OKX_DESK7_API_SECRET_2026Q3"', f'"OKX_API_SECRET={s}"'), s)
    name = "auth: contractor pastes the secret into the file field"
    s = Gen(name).kraken_secret()
    dirty(
        name, "auth", swap(desk(CRYPTO), '{ file = "/run/secrets/okx-passphrase" }', f'{{ file = "{s}" }}'), s
    )
    name = "auth: git-credential url with a password"
    s = Gen(name).alnum(22)
    dirty(name, "auth", swap(desk(DOTTED), "https://tesoreria@api", f"https://tesoreria:{s}@api"), s)
    name = "auth: mercury's token in a dotted key"
    s = Gen(name).mercury()
    dirty(name, "auth", desk(DOTTED, auth=f"auth.token = '{s}'"), s)
    name = "auth: quoted and escaped auth table with a literal"
    s = Gen(name).deribit_secret()
    dirty(
        name,
        "auth",
        desk(
            FLEET,
            foreign=(
                '[[connector]]\nname = "deribit"\ntype ='
                f' "options"\n["connector"."au\\u0074h"]\nclient_secret = "{s}"'
            ),
        ),
        s,
    )
    name = "auth: an array of reference and literal"
    s = Gen(name).alnum(32)
    dirty(name, "auth", swap(desk(AGENT), SECRET_EQ, f'api_secret = [{{ env = "EQ_API_SECRET" }}, "{s}"]'), s)
    name = "auth: secret in pieces of an array"
    s = Gen(name).alpaca_secret()
    parts = ", ".join(f'"{s[i : i + 8]}"' for i in range(0, 40, 8))
    dirty(name, "auth", swap(desk(FUTURES), SECRET_KF, f"api_secret = [{parts}]"), s, hidden=True)
    name = "auth: coinbase's PEM in a multi-line string"
    s = Gen(name).pem("EC PRIVATE KEY", 121, "MHcCAQEE")
    dirty(name, "auth", swap(desk(CRYPTO), '{ file = "~/.config/qoc/cdp_api_key.pem" }', f'"""\n{s}\n"""'), s)
    name = "auth: a totp seed beside references"
    s = Gen(name).pick(BASE32, 32)
    dirty(name, "auth", desk(EQUITIES, auth=f'  totp = "{s}"'), s)
    name = "auth: boolean-like username and password of a broker"
    dirty(name, "auth", desk(FUTURES, auth='\tusername = "jdevries"\n\tpassword = "Tulp-1637"'), "Tulp-1637")
    name = "auth: two keys of deribit in an inline table"
    g = Gen(name)
    k, s = g.pick(ALNUM, 8), g.deribit_secret()
    dirty(
        name,
        "auth",
        desk(
            DOTTED,
            foreign=(
                f'[[connector]]\nname = "deribit"\ntype = "options"\nauth = {{ api_key = "{k}", api_secret ='
                f' "{s}" }}'
            ),
        ),
        k,
        s,
    )
    name = "auth: secret as the key of the table"
    s = Gen(name).alnum(40)
    dirty(name, "auth", desk(AGENT, auth=f'"{s}" = {{ env = "EQ_EXTRA" }}'), s)
    name = "auth: a comment keeps the old key behind the reference"
    s = Gen(name).alpaca_secret()
    dirty(name, "auth", swap(desk(EQUITIES), SECRET_EQ, f"{SECRET_EQ}   # alt: {s}"), s)


def dirty_comments() -> None:
    """What people leave in comments."""
    name = "comment: commented-out block with the real keys"
    g = Gen(name)
    k, s = g.alpaca_id(), g.alpaca_secret()
    dirty(
        name,
        "shape",
        desk(
            EQUITIES,
            between=(
                '# [[connector]]\n# name = "alt-equities"\n# type = "equities"\n#   [connector.auth]\n#  '
                f' api_key    = "{k}"\n#   api_secret = "{s}"'
            ),
        ),
        k,
        s,
    )
    name = "comment: exported shell lines above the connector"
    g = Gen(name)
    k, s = g.kraken_key(), g.kraken_secret()
    dirty(
        name,
        "name",
        desk(
            CRYPTO,
            between=f"# para probar en local:\n#   export CX_API_KEY={k}\n#   export CX_API_SECRET='{s}'",
        ),
        k,
        s,
    )
    name = "comment: curl line with both headers"
    g = Gen(name)
    k, s = g.alpaca_id(), g.alpaca_secret()
    dirty(
        name,
        "shape",
        desk(
            AGENT,
            between=(
                f'# Verified with:\n# curl -s -H "APCA-API-KEY-ID: {k}" \\\n#      -H "APCA-API-SECRET-KEY:'
                f' {s}" https://paper-api.alpaca.markets/v2/account'
            ),
        ),
        k,
        s,
    )
    name = "comment: curl with basic auth on the command line"
    s = Gen(name).alnum(24)
    dirty(
        name,
        "url",
        desk(FUTURES, between=f"# curl -u ams-desk:{s} https://gateway.example.com/v1/positions"),
        s,
    )
    name = "comment: authorization header with base64"
    user = "hartmann:" + Gen(name).alnum(18)
    s = base64.b64encode(user.encode()).decode()
    dirty(name, "shape", desk(EQUITIES, between=f"# funktioniert: Authorization: Basic {s}"), s)
    name = "comment: temporary, at the end of a schedule line"
    s = Gen(name).binance()
    dirty(name, "entropy", swap(desk(CRYPTO), 'task = "snapshot"', f'task = "snapshot"  # temp!! {s}'), s)
    for lang, line in {
        "German": "Passwort fürs IBKR-Portal: {}", "French": "mot de passe du portail : {}",
        "Spanish": "contraseña del portal: {}", "Polish": "hasło do portalu: {}",
        "Russian": "пароль от портала: {}", "Japanese": "ポータルのパスワード: {}", "Dutch": "wachtwoord portaal: {}",  # noqa: E501
    }.items():  # fmt: skip
        name = f"comment: password of the broker's portal in {lang}"
        s = Gen(name).choice(("Winter", "Matterhorn", "Kormoran")) + "!" + Gen(name).digits(4) + "xQ"
        base = {
            "German": EQUITIES,
            "French": EQUITIES,
            "Spanish": CRYPTO,
            "Polish": FUTURES,
            "Dutch": FUTURES,
        }.get(lang, DOTTED)
        dirty(name, "name", desk(base, between="# " + line.format(s)), s)
    name = "comment: english password with equals"
    dirty(
        name,
        "name",
        desk(FLEET, between="# gateway login: user=ops password=Seoul2026!gate"),
        "Seoul2026!gate",
    )
    name = "comment: wallet's recovery words, twelve"
    s = Gen(name).mnemonic(12)
    dirty(name, "shape", desk(CRYPTO, between=f"# backup de la wallet caliente: {s}"), s)
    name = "comment: recovery words of 24 over three lines"
    s = Gen(name).mnemonic(24)
    words = s.split()
    lines = "\n".join("#   " + " ".join(words[i : i + 8]) for i in (0, 8, 16))
    dirty(name, "shape", desk(DOTTED, between="# seme del portafoglio freddo\n" + lines), s, hidden=True)
    name = "comment: key beside the base url that is to be tried"
    s = Gen(name).hex(32)
    dirty(name, "url", desk(CRYPTO, between=f'# base_url = "https://mainnet.infura.io/v3/{s}"'), s)
    name = "comment: jwt of a session"
    s = Gen(name).jwt(sub="desk", exp=1793577600)
    dirty(name, "shape", desk(EQUITIES, end=f"# tastytrade, gilt bis Freitag\n# {s}"), s)
    name = "comment: agent documents the values it was given"
    g = Gen(name)
    k, s = g.alpaca_id(), g.alpaca_secret()
    dirty(
        name,
        "shape",
        desk(
            AGENT,
            top=f"# Environment used during generation:\n#   EQ_API_KEY    -> {k}\n#   EQ_API_SECRET -> {s}",
        ),
        k,
        s,
    )
    name = "comment: diff of the old line pasted by a contractor"
    s = Gen(name).kraken_secret()
    dirty(
        name,
        "name",
        desk(FUTURES, end=f'#-\tapi_secret = "{s}"\n#+\tapi_secret = {{ env = "KF_MAIN_API_SECRET" }}'),
        s,
    )
    name = "comment: private key of an age identity"
    s = Gen(name).age_secret()
    dirty(name, "shape", desk(FLEET, end=f"# sops: {s}"), s)
    name = "comment: ssh private key in commented lines"
    s = Gen(name).ssh_private()
    dirty(name, "shape", desk(FLEET, end="\n".join("# " + x for x in s.splitlines())), s, hidden=True)
    name = "comment: cookie of the web portal"
    s = Gen(name).b64u(48)
    dirty(name, "name", desk(EQUITIES, end=f"# Cookie: session_token={s}; theme=dark"), s)
    name = "comment: key under a ruler in the banner"
    s = Gen(name).github()
    dirty(
        name,
        "shape",
        desk(
            EQUITIES,
            top=(
                f"# ════════════════════════════════════════\n#  push: {s}\n#"
                " ════════════════════════════════════════"
            ),
        ),
        s,
    )


def dirty_connector() -> None:
    """In the connector itself, beside auth."""
    name = "connector: its name is alpaca's key id"
    s = Gen(name).alpaca_id()
    dirty(name, "shape", swap(desk(EQUITIES), 'name    = "main-equities"', f'name    = "{s}"'), s)
    name = "connector: user and password in base_url"
    s = Gen(name).alnum(20)
    dirty(name, "url", desk(EQUITIES, name=f'base_url = "https://hartmann:{s}@gateway.example.com/v2"'), s)
    name = "connector: weak password in base_url"
    dirty(
        name,
        "url",
        desk(FUTURES, name='base_url = "https://desk:stroopwafel@demo-futures.kraken.com"'),
        "stroopwafel",
    )
    name = "connector: api key in the query of base_url"
    s = Gen(name).pick(LOWER + DIGITS, 32)
    dirty(
        name,
        "url",
        desk(EQUITIES, name=f'base_url = "https://api.polygon.io/v2/aggs?adjusted=true&apiKey={s}"'),
        s,
    )
    name = "connector: access token in the fragment of base_url"
    s = Gen(name).alnum(43)
    dirty(
        name,
        "url",
        desk(CRYPTO, name=f'base_url = "https://app.example.com/callback#access_token={s}&expires_in=900"'),
        s,
    )
    name = "connector: node key in the path of base_url"
    s = Gen(name).alnum(32)
    dirty(name, "url", desk(FLEET, name=f'base_url = "https://eth-mainnet.g.alchemy.com/v2/{s}"'), s)
    name = "connector: api_key beside auth in place of in it"
    g = Gen(name)
    k, s = g.binance(), g.binance()
    dirty(name, "name", desk(CRYPTO, name=f'api_key = "{k}"\napi_secret = "{s}"'), k, s)
    name = "connector: account holds login and password"
    dirty(
        name,
        "name",
        desk(EQUITIES, name='account = "login=hartmann;password=Alster-Schwan7"'),
        "Alster-Schwan7",
    )
    name = "connector: table credentials with a weak password"
    dirty(
        name,
        "name",
        desk(
            FLEET,
            foreign=(
                '[[connector]]\nname = "fix"\ntype = "futures"\n[connector.credentials]\nuser ='
                ' "ops"\npassword = "bosphorus"'
            ),
        ),
        "bosphorus",
    )
    name = "connector: passphrase outside auth in dotted form"
    dirty(name, "name", desk(DOTTED, name='okx.passphrase = "girasole"'), "girasole")
    name = "connector: hyperliquid agent's private key"
    s = "0x" + Gen(name).hex(64)
    dirty(name, "name", desk(CRYPTO, name=f'agent_private_key = "{s}"'), s)
    name = "connector: literal in an inline connector array"
    s = Gen(name).alpaca_secret()
    dirty(
        name,
        "auth",
        '# mini\nconnector = [{ name = "m", type = "equities", enabled = true, auth = { api_key = { env ='
        f' "A" }}, api_secret = "{s}" }} }}]\n',
        s,
    )
    name = "connector: a table header is the key"
    s = Gen(name).stripe()
    dirty(name, "shape", desk(AGENT, foreign=f'[billing."{s}"]\nplan = "pro"'), s)


def dirty_foreign() -> None:
    """In tables of other tools, notes, schedules and guards."""
    g = Gen("dirty foreign")
    slack, discord, tele = g.slack_hook(), g.discord_hook(), g.telegram()
    dirty(
        "foreign: slack webhook for alerts",
        "url",
        desk(EQUITIES, foreign=f'[alerts]\nslack = "{slack}"\nlevel = "warn"'),
        slack,
    )
    dirty(
        "foreign: discord webhook in an array",
        "url",
        desk(CRYPTO, foreign=f'[alerts]\nhooks = [\n  "https://example.com/ping",\n  "{discord}",\n]'),
        discord,
    )
    dirty(
        "foreign: telegram bot in a url",
        "url",
        desk(
            FUTURES,
            foreign=(
                f'[notify]\nurl = "https://api.telegram.org/bot{tele}/sendMessage"\nchat_id = -1001442230017'
            ),
        ),
        tele,
    )
    s = g.aws_id()
    k = g.b64(30)
    dirty(
        "foreign: aws pair of the backup job",
        "shape",
        desk(
            FLEET,
            foreign=(
                f'[backup]\nbucket = "s3://fleet-backups"\naws_access_key_id = "{s}"\naws_secret_access_key ='
                f' "{k}"'
            ),
        ),
        s,
        k,
    )
    s = g.alnum(20)
    dirty(
        "foreign: database url with password",
        "url",
        desk(FLEET, foreign=f'[db]\nurl = "postgresql+psycopg://marks:{s}@db.internal:5432/marks"'),
        s,
    )
    s = g.alnum(24)
    dirty(
        "foreign: redis url with only a password",
        "url",
        desk(DOTTED, foreign=f'[cache]\nurl = "redis://:{s}@cache.internal:6379/0"'),
        s,
    )
    s = "sk-ant-api03-" + g.b64u(69) + "-" + g.b64u(4) + "AA"
    dirty(
        "foreign: key of the language model",
        "shape",
        desk(AGENT, foreign=f'[agent]\nmodel = "claude"\nkey = "{s}"'),
        s,
    )
    s = "sk-proj-" + g.b64u(36) + "T3BlbkFJ" + g.b64u(36)
    dirty(
        "foreign: openai key with a shell default",
        "shape",
        desk(AGENT, foreign=f'[env]\nOPENAI_API_KEY = "${{OPENAI_API_KEY:-{s}}}"'),
        s,
    )
    s = g.hex(32)
    dirty(
        "foreign: fred key by its name",
        "name",
        desk(FUTURES, foreign=f'[data]\nfred_api_key = "{s}"\nseries = ["DGS10", "T10Y2Y"]'),
        s,
    )
    s = g.pick(UPPER + DIGITS, 16)
    dirty(
        "foreign: alphavantage key by its name",
        "name",
        desk(EQUITIES, foreign=f'[data.alphavantage]\napikey = "{s}"'),
        s,
    )
    s = "AIza" + g.b64u(27)[:35]
    dirty(
        "foreign: google key in a sheet's url",
        "url",
        desk(
            CRYPTO,
            foreign=f'[sheet]\nurl = "https://sheets.googleapis.com/v4/spreadsheets/marks/values/A1?key={s}"',
        ),
        s,
    )
    s = "SG." + g.b64u(16) + "." + g.b64u(32)
    dirty(
        "foreign: mailer's sendgrid key",
        "shape",
        desk(FLEET, foreign=f'[mail]\nhost = "smtp.sendgrid.net"\nuser = "apikey"\npass = "{s}"'),
        s,
    )
    dirty(
        "foreign: smtp password that is a word",
        "name",
        desk(
            EQUITIES, foreign='[smtp]\nhost = "mail.example.com"\nuser = "desk"\npassword = "elbphilharmonie"'
        ),
        "elbphilharmonie",
    )
    dirty(
        "foreign: german key name with a weak password",
        "name",
        desk(EQUITIES, foreign='[portal]\nbenutzer = "hartmann"\npasswort = "rotwein1989"'),
        "rotwein1989",
    )
    dirty(
        "foreign: smtp password as an integer",
        "name",
        desk(FLEET, foreign='[smtp]\nuser = "ops"\npassword = 88120417'),
        "88120417",
    )
    s = g.alnum(36)
    dirty(
        "foreign: npm token in a command",
        "shape",
        desk(
            AGENT,
            foreign=f'[tasks]\nbuild = "npm config set //npm.example/:_authToken=npm_{s} && npm ci"',
        ),
        "npm_" + s,
    )
    s = g.github()
    dirty(
        "foreign: github token in a remote's url",
        "url",
        desk(
            FUTURES, foreign=f'[remotes]\norigin = "https://x-access-token:{s}@github.com/example/desk.git"'
        ),
        s,
    )
    s = g.pem("PRIVATE KEY", 1200, "MIIEv")
    blob = json.dumps(
        {
            "type": "service_account",
            "project_id": "desk-marks",
            "private_key": s + "\n",
            "client_email": "marks@desk-marks.iam.gserviceaccount.com",
        }
    )
    dirty(
        "foreign: service account as JSON in a literal string",
        "structure",
        desk(FLEET, foreign=f"[bigquery]\nservice_account = '{blob}'"),
        s,
        hidden=True,
    )
    s = g.alpaca_secret()
    blob = base64.b64encode(json.dumps({"key": g.alpaca_id(), "secret": s}).encode()).decode()
    dirty(
        "foreign: base64 of a JSON with the secret",
        "structure",
        desk(AGENT, foreign=f'[bootstrap]\nconfig_b64 = "{blob}"'),
        blob,
    )
    s = g.mnemonic(24)
    dirty("foreign: 24 words under seed", "name", desk(CRYPTO, foreign=f'[wallet]\nseed = "{s}"'), s)
    s = g.mnemonic(15)
    dirty(
        "foreign: 15 words as an array",
        "structure",
        desk(DOTTED, foreign="[freddo]\nparole = [" + ", ".join(f'"{w}"' for w in s.split()) + "]"),
        s,
        hidden=True,
    )
    s = g.mnemonic(18)
    dirty(
        "foreign: 18 words in a multi-line string",
        "structure",
        desk(EQUITIES, foreign='[archiv]\ntext = """\n' + s.replace(" ", "\n") + '\n"""'),
        s,
        hidden=True,
    )
    s = g.extended(True)
    dirty(
        "foreign: extended private key in place of the public",
        "shape",
        desk(CRYPTO, foreign=f'[cold]\nxpub = "{s}"\nderivation = "m/84\'/0\'/0\'"'),
        s,
    )
    s = g.wif()
    dirty(
        "foreign: private key in wallet import format",
        "name",
        desk(DOTTED, foreign=f'[freddo]\nprivate_key = "{s}"'),
        s,
    )
    s = g.stellar(18 << 3)
    dirty(
        "foreign: stellar secret seed",
        "name",
        desk(CRYPTO, foreign=f'[stellar]\naddress = "{g.stellar()}"\nsecret = "{s}"'),
        s,
    )
    s = json.dumps(list(g.randbytes(64)))
    dirty(
        "foreign: solana keypair as 64 integers",
        "structure",
        desk(CRYPTO, foreign=f"[solana]\nkeypair = {s}"),
        s,
    )
    s = g.pick(BASE32, 32)
    dirty(
        "foreign: otpauth url from the qr code",
        "url",
        desk(
            EQUITIES, foreign=f'[ibkr]\notp = "otpauth://totp/IBKR:hartmann?secret={s}&issuer=IBKR&digits=6"'
        ),
        s,
    )
    s = g.kraken_secret()
    lines = " \\\n  ".join(s[i : i + 22] for i in range(0, len(s), 22))
    dirty(
        "foreign: kraken secret folded with line continuations",
        "structure",
        desk(CRYPTO, foreign=f'[old]\nkraken_secret = """{lines}"""'),
        s,
        hidden=True,
    )
    s = g.alpaca_secret()
    escaped = "".join(f"\\u{ord(c):04x}" for c in s)
    dirty(
        "foreign: secret in unicode escapes",
        "structure",
        desk(FLEET, foreign=f'[x]\napi_secret = "{escaped}"'),
        s,
        hidden=True,
    )
    s = g.jwt(sub="refresh", scope="trade")
    dirty(
        "foreign: refresh token of tastytrade",
        "shape",
        desk(EQUITIES, foreign=f'[tastytrade]\nremember = true\nrefresh = "{s}"'),
        s,
    )
    s = g.hex(40)
    dirty(
        "foreign: oauth client_secret of 40 hex",
        "name",
        desk(EQUITIES, foreign=f'[oauth]\nclient_id = "{g.uuid()}"\nclient_secret = "{s}"'),
        s,
    )
    s = g.uuid()
    dirty(
        "foreign: kucoin's secret is a uuid under its name",
        "name",
        desk(CRYPTO, foreign=f'[kucoin]\napi_secret = "{s}"'),
        s,
    )
    s = g.uuid()
    dirty(
        "foreign: vault token header in a fetch table",
        "name",
        desk(DOTTED, foreign=f'[fetch.headers]\n"X-Api-Token" = "{s}"\nAccept = "application/json"'),
        s,
    )
    s = g.kraken_secret()
    dirty(
        "foreign: real secret in the middle of twenty harmless tables",
        "entropy",
        desk(
            FLEET,
            foreign="\n".join(list(clean_blocks().values())[:20])
            + f'\n[old]\nprivate = "{s}"\n'
            + clean_blocks()["tables of numbers"],
        ),
        s,
    )
    s = g.binance()
    dirty(
        "foreign: binance key under a neutral key", "entropy", desk(FUTURES, foreign=f'[misc]\nb = "{s}"'), s
    )
    s = g.alpaca_secret()
    dirty(
        "notes: secret in the middle of a paragraph",
        "entropy",
        desk(
            EQUITIES,
            notes=(
                f'todo = """\nBitte bis Montag erledigen:\n- Paper-Konto schließen ({s}), danach\n- Bericht'
                ' an Marie"""'
            ),
        ),
        s,
    )
    dirty(
        "notes: the password is, in a sentence",
        "name",
        desk(
            FUTURES,
            notes='portal = "User is ams-desk, the password is Grachten!88, ask Jan for the token device."',
        ),
        "Grachten!88",
    )
    s = g.kraken_key()
    dirty(
        "notes: chat message forwarded into the desk",
        "name",
        desk(CRYPTO, foreign=f'[chat]\nines = "[14:02] Inês: key={s} usa esa por ahora"'),
        s,
    )
    s = g.alnum(40)
    dirty(
        "schedule: token in a shell task",
        "name",
        desk(
            AGENT,
            foreign=(
                '[[schedule]]\nname = "push"\ncron = "0 6 * * *"\ntz = "UTC"\ntask = "curl -H'
                f" 'Authorization: Bearer {s}' https://hooks.example.com/x\""
            ),
        ),
        s,
    )
    s = g.alnum(32)
    dirty(
        "guard: token in a url option",
        "url",
        desk(
            FLEET,
            foreign=(
                '[[guard]]\nkey = "external"\nenabled = true\nurl ='
                f' "https://risk.example.com/check?token={s}"'
            ),
        ),
        s,
    )
    s = g.aws_id()
    dirty(
        "foreign: aws id glued to a symbol list",
        "shape",
        desk(CRYPTO, foreign=f'[symbols]\nextra = ["BTCUSDT", "{s}", "ETHUSDT"]'),
        s,
    )
    s = g.digits(24)
    dirty(
        "foreign: flex query token beside its query id",
        "name",
        desk(EQUITIES, foreign=f'[flex]\nquery_id = 1043321\nflex_token = "{s}"'),
        s,
    )
    s = g.pem("RSA PRIVATE KEY", 900, "MIIE")
    folded = s.replace("\n", "\\n")
    dirty(
        "foreign: rsa key in one line with escaped newlines",
        "shape",
        desk(FLEET, foreign=f'[fix]\nsigning = "{folded}\\n"'),
        s,
        hidden=True,
    )
    s = g.pem("ENCRYPTED PRIVATE KEY", 700, "MIIF")
    dirty(
        "foreign: private key behind its certificate",
        "shape",
        desk(FLEET, foreign=f"[tls]\nbundle = '''\n{g.pem('CERTIFICATE', 700, 'MIID')}\n{s}\n'''"),
        s,
    )
    s = g.alpaca_secret()
    halves = f'[split]\nsecret_a = "{s[:20]}"\nsecret_b = "{s[20:]}"'
    dirty(
        "foreign: secret in two halves that say so", "structure", desk(AGENT, foreign=halves), s, hidden=True
    )
    s = g.bybit_secret()
    dirty(
        "foreign: homoglyph in the key of a secret",
        "structure",
        desk(CRYPTO, foreign=f'[bybit]\n"\u0430pi_secret" = "{s}"'),
        s,
    )
    s = g.okx_secret()
    dirty(
        "foreign: okx secret by its name in upper-case hex",
        "name",
        desk(CRYPTO, foreign=f'[okx_old]\nsecret_key = "{s}"'),
        s,
    )
    s = g.hex(32) + "-" + g.hex(32)
    dirty(
        "foreign: oanda token by its name",
        "name",
        desk(FUTURES, foreign=f'[oanda]\naccount = "001-004-{g.digits(7)}-001"\ntoken = "{s}"'),
        s,
    )


def dirty_encodings() -> None:
    """Secrets in files that are not plain UTF-8 with line feeds, or are no TOML."""
    name = "encoding: UTF-16 with a BOM, saved by Notepad"
    s = Gen(name).alpaca_secret()
    dirty(
        name,
        "unreadable",
        swap(desk(EQUITIES), SECRET_EQ, f'api_secret = "{s}"').encode("utf-16"),
        s,
        hidden=True,
    )
    name = "encoding: Latin-1 umlauts and a secret"
    s = Gen(name).alpaca_secret()
    text = swap(
        desk(DOTTED).encode("ascii", "ignore").decode(),
        "enabled = true\nauth.",
        f'note = "für Käufe"\nsecret = "{s}"\nauth.',
    )
    dirty(name, "unreadable", text.encode("latin-1"), s)
    name = "encoding: CRLF and a BOM around a pasted secret"
    s = Gen(name).kraken_secret()
    dirty(
        name,
        "auth",
        b"\xef\xbb\xbf"
        + swap(desk(FUTURES), SECRET_KF, f'api_secret = "{s}"').replace("\n", "\r\n").encode(),
        s,
    )
    name = "broken: merge conflict with the secret on one side"
    s = Gen(name).alpaca_secret()
    text = swap(
        desk(EQUITIES),
        "  " + SECRET_EQ,
        f'<<<<<<< HEAD\n  {SECRET_EQ}\n=======\n  api_secret = "{s}"\n>>>>>>> feature/quick-fix',
    )
    dirty(name, "unreadable", text, s)
    name = "broken: smart quotes from a chat"
    s = Gen(name).binance()
    dirty(name, "unreadable", swap(desk(CRYPTO), SECRET_CX, f"api_secret = \u201c{s}\u201d"), s)
    name = "broken: secret without quotes"
    s = Gen(name).alnum(40)
    dirty(name, "unreadable", swap(desk(AGENT), SECRET_EQ, f"api_secret = {s}"), s)
    name = "broken: python's os.getenv with a default"
    s = Gen(name).alpaca_secret()
    dirty(
        name, "unreadable", swap(desk(AGENT), SECRET_EQ, f'api_secret = os.getenv("EQ_API_SECRET", "{s}")'), s
    )
    name = "broken: yaml pasted under the desk"
    s = Gen(name).kraken_secret()
    dirty(name, "unreadable", desk(CRYPTO, end=f"connectors:\n  - name: kraken\n    api_secret: {s}"), s)
    name = "broken: a .env pasted at the top"
    g = Gen(name)
    k, s = g.alpaca_id(), g.alpaca_secret()
    dirty(name, "unreadable", desk(AGENT, top=f"APCA_API_KEY_ID={k}\nAPCA_API_SECRET_KEY={s}"), k, s)


def dirty_beside() -> None:
    """In research, orders and snapshots."""
    g = Gen("dirty beside")
    k, s = g.alpaca_id(), g.alpaca_secret()
    dirty(
        "research: python cell with the keys",
        "shape",
        f'# Fills\n\n```python\napi = REST("{k}", "{s}", paper=True)\n```\n',
        k,
        s,
        path="research/fills.md",
    )
    k, s = g.kraken_key(), g.kraken_secret()
    dirty(
        "research: ccxt config in a fence",
        "name",
        f"# Saldos\n\n```json\n{json.dumps({'apiKey': k, 'secret': s, 'enableRateLimit': True}, indent=2)}\n```\n",  # noqa: E501
        k,
        s,
        path="research/saldos.md",
    )
    s = g.alnum(43)
    dirty(
        "research: log with the authorization header",
        "name",
        "# Fehler 401\n\n```\nDEBUG send: GET /api/v1/accounts\nDEBUG header: Authorization: Bearer"
        f" {s}\nDEBUG reply: 401\n```\n",
        s,
        path="research/fehler-401.md",
    )
    s = g.mercury()
    dirty(
        "research: mercury token in a curl line",
        "shape",
        f"```sh\ncurl --user {s}: https://api.mercury.com/api/v1/accounts\n```\n",
        s,
        path="research/cash.md",
    )
    s = g.mnemonic(12)
    dirty(
        "research: recovery words in a numbered list",
        "structure",
        "# Wallet\n\n" + "\n".join(f"{i}. {w}" for i, w in enumerate(s.split(), 1)) + "\n",
        s,
        path="research/wallet.md",
        hidden=True,
    )
    s = g.mnemonic(21)
    dirty(
        "research: 21 words in a quote",
        "shape",
        f"# Récupération\n\n> {s}\n",
        s,
        path="research/recuperation.md",
    )
    s = g.slack_hook()
    dirty(
        "research: webhook in a link",
        "url",
        f"# Alertes\n\nPoster via [ce lien]({s}) quand la NAV baisse.\n",
        s,
        path="research/alertes.md",
    )
    dirty(
        "research: table of logins",
        "name",
        "# Zugänge\n\n| Portal | Benutzer | Passwort |\n|---|---|---|\n| IBKR | hartmann | password:"
        " Möwe-4711 |\n",
        "Möwe-4711",
        path="research/zugaenge.md",
    )
    s = g.b64u(60)
    har = {
        "log": {
            "entries": [
                {
                    "request": {
                        "url": "https://portal.example.com/api",
                        "headers": [{"name": "Cookie", "value": f"sessionid={s}"}],
                    }
                }
            ]
        }
    }
    dirty(
        "research: har capture with a session cookie",
        "structure",
        json.dumps(har, indent=1),
        s,
        path="research/capture.json",
    )
    s = g.hex(64)
    dirty(
        "research: private key in a web3 snippet",
        "name",
        f'```python\nacct = Account.from_key(private_key="0x{s}")\n```\n',
        "0x" + s,
        path="research/settle.md",
    )
    s = g.binance()
    dirty(
        "research: JSON config with api_secret",
        "name",
        json.dumps({"exchange": "binance", "api_secret": s, "pairs": ["BTCUSDT"]}),
        s,
        path="research/config.json",
    )
    s = g.stripe()
    dirty(
        "research: stripe key in an html comment",
        "shape",
        f"# Billing\n\n<!-- {s} -->\nNothing to see.\n",
        s,
        path="research/billing.md",
    )
    s = g.alnum(24)
    dirty(
        "research: database url in a notebook",
        "url",
        json.dumps(
            {
                "cells": [
                    {
                        "cell_type": "code",
                        "source": [f"engine = create_engine('postgresql://quant:{s}@db.internal/marks')"],
                    }
                ],
                "nbformat": 4,
            }
        ),
        s,
        path="research/vol.json",
    )
    s = g.jwt(sub="agent")
    dirty(
        "research: agent's transcript with a jwt",
        "shape",
        f'# Transcript\n\n**tool** `GET /session` → `{{"access_token": "{s}"}}`\n',
        s,
        path="research/transcript.md",
    )
    s = "xoxb-" + g.digits(12) + "-" + g.digits(13) + "-" + g.alnum(24)
    dirty(
        "research: slack bot token in prose",
        "shape",
        f"Nutze {s} für den Bot, bis der neue da ist.\n",
        s,
        path="research/bot.md",
    )
    order = ORDER % {"ulid": g.ulid()}
    s = g.alpaca_secret()
    dirty(
        "order: secret in its comment",
        "entropy",
        order.replace("# Kauforder, aus dem Wochenplan", f"# sent by hand with {s}"),
        s,
        path="orders/open/by-hand.toml",
    )
    dirty(
        "order: password in the note",
        "name",
        order + 'note = "Telefonorder, Kennwort: Blaumeise-12"\n',
        "Blaumeise-12",
        path="orders/filled/telefon.toml",
    )
    s = g.alnum(40)
    dirty(
        "order: headers of the request kept for debugging",
        "name",
        order + f'\n[debug.headers]\nAPCA-API-SECRET-KEY = "{s}"\n',
        s,
        path="orders/closed/debug.toml",
    )
    s = g.alnum(20)
    dirty(
        "order: callback url with a password",
        "url",
        order + f'\n[callback]\nurl = "https://desk:{s}@hooks.example.com/filled"\n',
        s,
        path="orders/pending/callback.toml",
    )
    at = "snapshots/2026-11-02T21-05-00Z.toml"
    s = g.alpaca_id()
    dirty(
        "snapshot: alpaca's key id as the account",
        "shape",
        SNAPSHOT.replace('venue     = "alpaca"', f'venue = "alpaca"\naccount = "{s}"'),
        s,
        path=at,
    )
    s = g.alnum(40)
    dirty(
        "snapshot: degraded reason quotes the url with the token",
        "url",
        SNAPSHOT + '\n[[account]]\nconnector = "kf-main"\nreason = "401 for'
        f' https://api.example.com/v1/accounts?access_token={s}"\n',
        s,
        path=at,
    )
    s = g.kraken_secret()
    dirty("snapshot: secret in a comment at its end", "name", SNAPSHOT + f"# api_secret {s}\n", s, path=at)


def promised() -> None:
    """Assert what the corpus says of itself."""
    names = [c.name for c in CASES]
    assert len(names) == len(set(names)), [n for n, k in Counter(names).items() if k > 1]
    good = [c for c in CASES if not c.must_be_found]
    assert len(CASES) >= 170
    assert 2 * len(good) >= len(CASES)
    for case in CASES:
        assert case.must_be_found == bool(case.secrets) == (case.kind != "clean"), case.name
        if case.path.endswith(".toml") and case.kind != "unreadable":
            try:
                tomllib.loads(case.data.decode("utf-8-sig"))
            except tomllib.TOMLDecodeError as error:
                raise AssertionError(f"{case.name}: {error}") from error
        if case.path.endswith(".json"):
            json.loads(case.data)
        for secret in case.secrets:
            assert (secret.encode() in case.data) != (case.name in HIDDEN), case.name


for fill in (
    clean_desks, clean_with_blocks, clean_again, clean_contrasts, clean_records, clean_research,
    dirty_auth, dirty_comments, dirty_connector, dirty_foreign, dirty_encodings, dirty_beside,
):  # fmt: skip
    fill()
