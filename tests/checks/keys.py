"""Made-up key material in the shapes that venues hand out; nothing here ever opened anything."""

from __future__ import annotations

import base64
import random
import string

UPPER = string.ascii_uppercase + string.digits
ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"


def made_of(alphabet: str, length: int, seed: int = 7) -> str:
    # Not "random": a fixed stream, so that a failing case fails again.
    source = random.Random(seed)  # noqa: S311
    return "".join(source.choice(alphabet) for _ in range(length))


def base64_of(count: int, seed: int = 7) -> str:
    return base64.b64encode(random.Random(seed).randbytes(count)).decode()  # noqa: S311


ALPACA_ID = "PK" + made_of(UPPER, 18)
ALPACA_ID_26 = "AK" + made_of(UPPER, 24)
ALPACA_BROKER_ID = "CK" + made_of(UPPER, 18)
ALPACA_SECRET = made_of(ALNUM, 40)
KRAKEN_KEY = base64_of(42)
KRAKEN_SECRET = base64_of(64)
BINANCE = made_of(ALNUM, 64)
HEX_32 = made_of(HEX, 32)
HEX_40 = made_of(HEX, 40)
HEX_64 = made_of(HEX, 64)
UUID = "-".join(made_of(HEX, n, seed=n) for n in (8, 4, 4, 4, 12))
COINBASE_NAME = f"organizations/{UUID}/apiKeys/{UUID}"
MERCURY = "secret-token:" + "mercury_production_" + made_of(ALNUM, 40)
AWS_ID = "AKIA" + made_of(UPPER, 16)
GITHUB = "ghp_" + made_of(ALNUM, 36)
STRIPE = "sk_live_" + made_of(ALNUM, 24)
JWT = f"eyJ{made_of(ALNUM, 33)}.eyJ{made_of(ALNUM, 60)}.{made_of(ALNUM, 43)}"
PEM = f"-----BEGIN EC PRIVATE KEY-----\n{base64_of(48)}\n{base64_of(48, 8)}\n-----END EC PRIVATE KEY-----"

VENUE_KEYS = {
    "alpaca id": ALPACA_ID,
    "alpaca id 26": ALPACA_ID_26,
    "alpaca broker id": ALPACA_BROKER_ID,
    "alpaca secret": ALPACA_SECRET,
    "kraken key": KRAKEN_KEY,
    "kraken secret": KRAKEN_SECRET,
    "binance": BINANCE,
    "coinbase name": COINBASE_NAME,
    "mercury": MERCURY,
    "aws": AWS_ID,
    "github": GITHUB,
    "stripe": STRIPE,
    "jwt": JWT,
}
