"""What is random and public all the same: ids, hashes, certificates, public keys, pictures, addresses.

Some are known by their own form wherever they stand (`public_spans`, `is_public_address`); others
only by what the words around them say (`is_public`): 64 hexadecimal digits are a digest after
"sha256" and a wallet's private key after nothing. In: a text and a place in it; out: a verdict.
"""

from __future__ import annotations

import re

from git_qoc.checks.detector.addresses import base58, is_public_address, is_trade_id
from git_qoc.checks.detector.chance import RUN, UUID, is_hex_key, mean_bits
from git_qoc.checks.detector.names import Surroundings, names_a_secret, secret_before, words_of
from git_qoc.checks.detector.vocabulary import (
    ADDRESSES,
    HASHES,
    NODES,
    ORDERS,
    PICTURES,
    PUBLIC_KEYS,
    TRADES,
    WEAK,
)

# Wrapped as mail, TOML, markdown and JSON wrap it.
_BASE64 = r"(?:[A-Za-z0-9+/=]|\\?\r?\n[ \t#*>]{0,8}(?=[A-Za-z0-9+/=]{20})|\\n)"
_PEM = r"CERTIFICATE(?: REQUEST)?|PUBLIC KEY|CRL|SIGNATURE|PARAMETERS|MESSAGE|CSR"
_HASH = r"sha(?:1|2|224|256|384|512)|md5|blake[23][bs]?|b3|keccak(?:256)?|git"
_FIRST_BYTES = ("iVBORw0KGgo", "/9j/4", "R0lGOD", "UklGR", "AAABAAE", "PHN2Zy", "PD94bWwg", "d09GM", "T1RUTw")
_CODE_HOSTS = (
    "github|gitlab|bitbucket|codeberg|etherscan|arbiscan|basescan|bscscan|polygonscan|solscan|tronscan|snowtrace"
    "|mempool|blockchain|blockstream|blockchair|explorer|optimistic"
)
_PAGE_HOSTS = (
    "notion|google|figma|miro|linear|trello|youtube|medium|twitter|x|linkedin|t|uniswap|opensea|dune|defillama"
    "|tradingview|wikipedia|arxiv|doi|npmjs|pypi|docker|snapshot|tally|debank|dexscreener|coingecko|sec"
)
# (a part that must be there, the form)
_SPANS = (
    # PEM of what is public; a signature or an encrypted message opens nothing by itself
    ("---BEGIN ", rf"-----BEGIN (?:[A-Z0-9 ]{{0,30}}(?:{_PEM}))(?: BLOCK)?-----[^-]{{0,20000}}-----END"),
    (" AAAA", r"(?:ssh|ecdsa|sk)-\S{1,50} AAAA[A-Za-z0-9+/]{16,}={0,2}"),
    ("AAAA", r"AAAA[BCEG][23][A-Za-z0-9+/]{16,}={0,2}"),
    # DER: SubjectPublicKeyInfo of Ed25519, P-256, P-384, RSA; an X.509 certificate
    ("MCowBQYDK2V", r"MCowBQYDK2V[wu]AyEA[A-Za-z0-9+/]{43}="),
    ("YHKoZIzj0CA", r"M(?:FkwEw|HYwEA)YHKoZIzj0CA[A-Za-z0-9+/=]+"),
    ("BgkqhkiG9w0BAQEFAA", r"MI(?:GfMA0|IBIjAN)BgkqhkiG9w0BAQEFAA[A-Za-z0-9+/=]+"),
    ("MII", r"MII[A-Za-z0-9+/]{2}[DTjz]CC[A-Za-z0-9+/=]{40,}"),
    ("sha", r"sha(?:1|256|384|512)(?:[-:=]|//)[A-Za-z0-9+/_-]{27,}={0,2}"),
    ("SHA256:", r"SHA256:[A-Za-z0-9+/]{43}"),
    ("h1:", r"\bh1:[A-Za-z0-9+/]{43}="),
    *(
        (sign, rf"(?:{_HASH})(?:sum)?[:= -]{{1,2}}[0-9a-fA-F]{{32,128}}")
        for sign in ("sha", "md5", "blake", "b3", "git")
    ),
    # pictures and fonts: by what they are called, or by the first bytes
    (
        ";base64,",
        rf"data:(?:image|font|audio|video|application/font)[\w/+.-]*+(?:;[\w=.-]+)*+;base64,{_BASE64}*+",
    ),
    *((first, rf"{first}{_BASE64}*+") for first in _FIRST_BYTES),
    (
        "=",
        r"""(?<=[\s<"'])(?:d|points|values|path|transform)\\?=\\?["'][MmLlHhVvCcSsQqTtAaZz0-9.,eE+\s-]++["'\\]""",
    ),
    *(
        (f"{chain}:", rf"{chain}:[a-z0-9]{{40,70}}")
        for chain in ("bitcoincash", "ecash", "bchtest", "kaspa", "dash")
    ),
    # a JSON web key without its private part
    ('"kty"', r"""\{[^{}]{0,300}"kty"(?![^{}]{0,900}"(?:d|k|p|q)"\s{0,3}:)[^{}]{0,900}\}"""),
    ("", r"\b[A-Z]{1,6} {0,5}[0-9]{6}[CP][0-9]{8}"),  # an option in the OCC's form
    # Amazon's names of machines and networks
    (
        "-",
        r"\b(?:i|vpc|subnet|sg|vol|ami|eni|igw|nat|rtb|snap|eipalloc|tgw|acl|lt|pcx|vpce)-[0-9a-f]{8,17}\b",
    ),
    ("ibc/", r"\bibc/[0-9A-Fa-f]{64}"),
    ("::", r"\b0x[0-9a-fA-F]{1,64}::\w+"),
    ("enode://", r"enode://[0-9a-f]{120,130}@"),
    (
        ".",
        r"(?<![\w@/.:-])(?:https?://|wss?://)?[a-z0-9-]{16,63}(?:\.[a-z0-9-]{1,63}){1,6}\.(?:com|net|io|org|dev|app|cloud)\b(?!@)",
    ),
    (".onion", r"\b[a-z2-7]{56}\.onion\b"),
    ("", r"\b[0-9a-f]{64}(?::|i)[0-9]{1,5}\b"),  # an output of a transaction
    ("-", r"\b[A-Z0-9]{30,50}-(?:USD[CT]?|EUR|BTC|ETH)\b"),  # a market of a token
    *(
        (f"{kind} ", rf"\b{kind}\b[ 0-9]{{1,20}}[0-9A-Fa-f]{{32,}}")
        for kind in ("TLSA", "DS", "SSHFP", "DNSKEY", "CDS")
    ),
    ("", r"(?m:^[#> \t]{0,9})[0-9a-f]{32,128} [ *][\w./*-]+"),  # a line of sha256sum
    ("://", rf"https?://(?:\w{{2,6}}\.)?(?:{_CODE_HOSTS})[\w.-]{{0,40}}/[\w/.#-]{{0,300}}"),
    (
        "://",
        rf"https?://(?:\w{{2,8}}\.)?(?:{_PAGE_HOSTS})\.(?:so|com|app|org|me|io|xyz|gov|co)/[\w/.#~%-]{{0,300}}",
    ),
)
_LISTED = re.compile(
    # words, numbers, symbols (of options too)
    r".{1,6}|[A-Z]{1,6}[0-9]{6}[CP][0-9]{8}|[0-9.,_:TZ-]+|[A-Z0-9]{1,12}|[0-9]{0,6}[A-Z]{1,12}[0-9]{0,6}(?:[-/_.:][A-Z0-9]{1,12}){0,5}"
    r"|[A-Za-z0-9+]{1,12}(?:[-_./:][A-Za-z0-9+]{1,12}){1,8}|[A-Za-z]{1,14}[0-9]{0,4}|[Xx][Nn]--[A-Za-z0-9-]+|[0-9a-f]{7,12}"
)
_UUID = re.compile(UUID)


def public_spans(text: str) -> list[tuple[int, int]]:
    """What is public by its form alone, in the order of the text; spans do not overlap."""
    found = [m.span() for sign, form in _SPANS if sign in text for m in re.finditer(form, text, re.ASCII)]
    spans: list[tuple[int, int]] = []
    for start, end in sorted([*found, *(match.span() for match in _UUID.finditer(text))]):
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def is_public(token: str, around: Surroundings, in_desk: bool) -> bool:
    """Whether an opaque token is public by its own form, or by the words around it."""
    if is_public_address(token) or is_public_address(token.strip("/_-+=")) or "EXAMPLE" in token:
        return True
    near = " ".join(around).lower()
    if (names_a_secret(near) or "fa" in near) and secret_before(around[0]):
        return False
    if _is_plain_id(token, in_desk) and not any(node in near for node in NODES):
        return True
    words = {*words_of(around[0]), *words_of(around[1])}
    words |= {word.removesuffix("s") for word in words}
    if not TRADES.isdisjoint(words) and is_trade_id(token):
        return True
    if not in_desk and words_of(around[0])[-1:] in (["connector"], ["connectors"]):
        words.add("account")  # a wallet's address may be a connector's name
    bare = token.removeprefix("0x").removeprefix("0X")
    if not bare.strip("0123456789abcdef") or not bare.strip("0123456789ABCDEF"):
        return _is_public_hex(token, words, in_desk)
    return _is_called_public(token, around[0], words)


def _is_plain_id(token: str, in_desk: bool) -> bool:
    """Hexadecimal digits of a length that ids have: a git id, a fingerprint, an order's, a call's data."""
    bare = token.removeprefix("0x").removeprefix("0X")
    if bare.strip("0123456789abcdef") and bare.strip("0123456789ABCDEF"):
        return False
    if len(bare) == 40 or (bare != token and len(bare) != 64):
        return True
    return not in_desk and len(bare) in (64, 96, 128)


def _is_called_public(token: str, before: str, words: set[str]) -> bool:
    core = token.rstrip("=")
    if not ADDRESSES.isdisjoint(words) and _is_address_like(core):
        return True
    is_picture = not PICTURES.isdisjoint(words)
    if not PUBLIC_KEYS.isdisjoint(words) and len(token) <= 100 and (is_picture or _is_key_like(token)):
        return True
    ahead = {word.removesuffix("s") for word in words_of(before)}
    if ORDERS.isdisjoint(ahead) or not WEAK.isdisjoint(ahead):
        return False
    return len(core) <= 36 and re.fullmatch(r"[A-Za-z0-9_-]+", core) is not None


def is_listed(item: str) -> bool:
    """Whether a short text is what lists are made of (words, numbers, symbols, ids), no piece of a secret."""
    if item.isalpha() and item.isascii() and not (item.isupper() and len(item) <= 12):
        return len(item) <= 20 and mean_bits(item) < 5.3
    if (
        len(item) <= 60
        and not is_hex_key(item * 3)
        and all(mean_bits(run) < 5.2 for run in RUN.findall(item))
    ):
        return True
    return _LISTED.fullmatch(item) is not None or _UUID.fullmatch(item) is not None or is_public_address(item)


def _is_public_hex(token: str, words: set[str], in_desk: bool) -> bool:
    hashes = HASHES & words
    if not NODES.isdisjoint(words) and hashes <= {"base"}:
        return False  # a node's URL ends in its key; "base" may be of base_url
    return bool(hashes) or _is_plain_id(token, in_desk)


def _is_address_like(token: str) -> bool:
    if base58(token) is not None:
        return 25 <= len(token) <= 50 or len(token) in (87, 88, 95, 106)
    form = r"[A-Z2-7]{50,60}|[a-z2-7]{50,60}|[a-z0-9]{1,20}1[a-z0-9]{30,100}|[EUk0]Q[\w-]{46}"
    return re.fullmatch(form, token) is not None


def _is_key_like(token: str) -> bool:
    """Base64 by its signs or its length, or of one case; letters and digits alone may be a venue's secret."""
    core = token.rstrip("=")
    if not core.isalnum() or token != core or core in (core.lower(), core.upper()):
        return True
    return len(core) in (27, 43, 86) or core.startswith("RW") or base58(core) is not None
