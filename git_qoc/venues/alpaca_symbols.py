"""Alpaca's symbol forms, told apart by shape alone.

Stocks and ETFs are one to five letters, some with a class (`BRK.B`). Options are OCC symbols
(`AAPL250620C00100000`). A crypto pair is `BTC/USD` in orders and market data and `BTCUSD` in
positions; the form of positions is this connector's, so orders and fills are brought to it.
"""

from __future__ import annotations

import re
from decimal import Decimal

# Root of up to six characters, yymmdd, call or put, strike in thousandths on eight digits.
_OCC = re.compile(r"[A-Z][A-Z0-9]{0,5}[0-9]{6}[CP][0-9]{8}")
# The currencies Alpaca quotes pairs in, the longer ones first. No stock symbol has six letters.
_PAIR = re.compile(r"(?P<base>[A-Z0-9]{2,})(?P<quote>USDT|USDC|USD|BTC)")

OPTION_MULTIPLIER = Decimal(100)


def is_option(symbol: str) -> bool:
    return _OCC.fullmatch(symbol) is not None


def multiplier(symbol: str) -> Decimal:
    """100 for an OCC symbol, else 1."""
    return OPTION_MULTIPLIER if is_option(symbol) else Decimal(1)


def is_crypto(symbol: str, crypto_venue: bool = False) -> bool:
    """True for `BTC/USD`, and for `BTCUSD` (always so on a connector of type crypto)."""
    if "/" in symbol:
        return True
    if is_option(symbol) or _PAIR.fullmatch(symbol) is None:
        return False
    return crypto_venue or len(symbol) >= 6


def joined(symbol: str) -> str:
    """The form of positions: `BTC/USD` → `BTCUSD`; others unchanged."""
    return symbol.replace("/", "")


def paired(symbol: str) -> str:
    """The form of crypto market data: `BTCUSD` → `BTC/USD`; what is no pair stays unchanged."""
    match = None if "/" in symbol else _PAIR.fullmatch(symbol)
    return f"{match['base']}/{match['quote']}" if match else symbol
