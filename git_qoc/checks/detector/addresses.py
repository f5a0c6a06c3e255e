"""Public addresses that are known by a checksum or by their prefix.

Of wallets (Bitcoin, Ethereum, Ripple, Polkadot, Stellar, TON, …), banks (IBAN) and firms (LEI). A token
in; whether it is one out. Sums are from the formats' own documents: base58check,
BIP-173 and BIP-350 (bech32), SS58, SEP-23 (Stellar), TEP-2 (TON), ISO 13616 and ISO 17442.
"""

from __future__ import annotations

import re
from functools import lru_cache

from git_qoc.checks.detector.vocabulary import ADDRESS_PREFIXES

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_RIPPLE = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_FORMS = re.compile(
    # Ethereum; a change of Gerrit, git describe; points of secp256k1; Nano, Filecoin, IPFS; Kraken's ids
    r"0x[0-9a-fA-F]{40}|I[0-9a-f]{40}|g[0-9a-f]{12,40}|0[23][0-9a-f]{64}|04[0-9a-f]{128}"
    r"|nano_[13][1-9a-z]{59}|[ft](?:[12][a-z2-7]{39}|3[a-z2-7]{84})|baf[a-z2-7]{50,}|[xyztuv]pub[1-9A-HJ-NP-Za-km-z]{100,}"
    r"|[A-Z0-9]{6}-[A-Z0-9]{5}-[A-Z0-9]{6}|01[0-9A-HJKMNP-TV-Z]{24}|BBG[A-Z0-9]{9}|EOS[1-9A-HJ-NP-Za-km-z]{50}|[pP](?:UB_K1|ub_k1)_\w{50}"
    r"|(?:edpk|sppk|p2pk)[1-9A-HJ-NP-Za-km-z]{50,52}|[PX]-(?:avax|fuji)1[02-9ac-hj-np-z]{38}"
    r"|(?:[a-z2-7]{5}-){4,}[a-z2-7]{3,5}|hx[0-9a-f]{40}|pk_(?:live|test)_[A-Za-z0-9]+"
)


_COUNTRIES = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 "
    "ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 "
    "LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 "
    "QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20"
)
_IBANS = {code[:2]: int(code[2:]) for code in _COUNTRIES.split()}
"""How long an account number of each country is (the IBAN registry)."""


@lru_cache(1024)
def is_public_address(token: str) -> bool:
    """Whether a token proves by checksum or prefix that it is public: an address, an account, an id."""
    if _FORMS.fullmatch(token):
        return True
    if len(token) < 20:
        return False
    return is_bech32(token) or _is_base58(token) or _is_bank_account(token) or _is_crc(token)


def is_bech32(token: str) -> bool:
    """Whether it is bech32(m) of a known prefix, or of any with the right checksum; secret keys are not."""
    prefix, one, data = token.lower().rpartition("1")
    if (
        not one
        or not prefix
        or len(data) < 20
        or data.strip(_BECH32)
        or token not in (token.lower(), token.upper())
    ):
        return False
    if prefix.endswith(("sec", "sk", "priv", "privkey", "prv", "secret-key-", "secret-key-pq-")):
        return False
    if prefix in ADDRESS_PREFIXES or prefix.startswith("lnbc"):
        return True
    sum_ = 1
    for value in [
        *(ord(c) >> 5 for c in prefix),
        0,
        *(ord(c) & 31 for c in prefix),
        *map(_BECH32.index, data),
    ]:
        top = sum_ >> 25
        sum_ = (sum_ & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            sum_ ^= generator if top >> bit & 1 else 0
    return sum_ in (1, 0x2BC830A3)


def base58(token: str, alphabet: str = _BASE58) -> bytes | None:
    """The bytes of a base58 text, None when it is none or too long to matter."""
    if len(token) > 120 or token.strip(alphabet):
        return None
    number = 0
    for char in token:
        number = number * 58 + alphabet.index(char)
    zeros = len(token) - len(token.lstrip(alphabet[0]))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def base58check(token: str, alphabet: str = _BASE58) -> bytes | None:
    """The bytes without their checksum, None when it does not hold."""
    data = base58(token, alphabet)
    if data is None or len(data) < 9:
        return None
    from hashlib import sha256

    return data[:-4] if sha256(sha256(data[:-4]).digest()).digest()[:4] == data[-4:] else None


def _is_base58(token: str) -> bool:
    if not 25 <= len(token) <= 60 or not token.isalnum():
        return False
    body = base58check(token)
    if body is not None:
        return len(body) in (21, 22, 23)  # the hash of a key; longer ones are keys themselves (WIF, BIP-38)
    ripple = base58check(token, _RIPPLE)
    if ripple is not None:
        return len(ripple) == 21  # shorter ones are seeds
    data = base58(token)
    if data is None or len(data) not in (34, 35, 36):
        return False
    if data[:2] == b"\x12\x20":  # an IPFS content id
        return True
    from hashlib import blake2b

    cut = 2 if len(data) in (35, 36) else 1
    return blake2b(b"SS58PRE" + data[:-cut]).digest()[:cut] == data[-cut:] and cut == 2


def _is_bank_account(token: str) -> bool:
    """IBAN (of a country's length) and LEI (20 characters): both are 1 modulo 97."""
    if re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", token) and _IBANS.get(token[:2]) == len(token):
        return _is_one(token[4:] + token[:4])
    return re.fullmatch(r"[A-Z0-9]{18}[0-9]{2}", token) is not None and _is_one(token)


def is_trade_id(token: str) -> bool:
    """Whether it begins with an LEI, as a unique trade identifier does (ISO 23897)."""
    return re.fullmatch(r"[A-Z0-9]{18}[0-9]{2}[A-Z0-9]{0,32}", token) is not None and _is_one(token[:20])


def _is_one(token: str) -> bool:
    return int("".join(str(int(char, 36)) for char in token)) % 97 == 1


def _is_crc(token: str) -> bool:
    """Stellar's accounts (base32) and TON's (base64): a CRC-16 at the end."""
    if len(token) not in (48, 56):
        return False
    from base64 import b32decode, urlsafe_b64decode
    from binascii import Error, crc_hqx

    try:
        if re.fullmatch(r"[GMC][A-Z2-7]{55}", token):
            data = b32decode(token)
            return crc_hqx(data[:-2], 0) == int.from_bytes(data[-2:], "little")
        if re.fullmatch(r"[EUk0][A-Za-z0-9+/_-]{47}", token):
            data = urlsafe_b64decode(token.replace("+", "-").replace("/", "_"))
            return crc_hqx(data[:-2], 0) == int.from_bytes(data[-2:], "big")
    except Error:
        pass
    return False
