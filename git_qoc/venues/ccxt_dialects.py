"""Which dialect an exchange has; one is imported only when it is spoken."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from git_qoc.venues.ccxt_dialect import Dialect

_CLASSES = {
    "kraken": "Kraken",
    "krakenfutures": "KrakenFutures",
    "okx": "Okx",
    "binance": "Binance",
    "deribit": "Deribit",
    "hyperliquid": "Hyperliquid",
}


def dialect(name: str) -> Dialect:
    """The exchange's own, or what ccxt's unified methods give."""
    if name not in _CLASSES:
        return Dialect(name)
    module = import_module(f"git_qoc.venues.ccxt_{name}")
    return cast(type[Dialect], getattr(module, _CLASSES[name]))(name)
