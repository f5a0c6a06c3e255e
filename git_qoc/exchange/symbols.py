"""The market's symbols as Alpaca writes them, and back.

A coin is `BTC-USD` in the market, `BTC/USD` in assets, orders and market data, `BTCUSD` in
positions; requests take all three. Stocks and OCC options are the same on both sides. What
Alpaca does not trade (futures, perpetuals, indexes) does not exist here. Asset ids are made from
the symbol and so stay the same for ever.
"""

from __future__ import annotations

import re
import uuid
from decimal import Decimal

from git_qoc.exchange.message import Problem, not_found
from git_qoc.market.closes import INDEXES, closes, is_coin
from git_qoc.market.engine import Engine
from git_qoc.market.orders import AssetClass, Instrument

CLASSES = {
    AssetClass.STOCK: "us_equity",
    AssetClass.OPTION: "us_option",
    AssetClass.COIN: "crypto",
}
_OCC = re.compile(r"[A-Z]{1,6}[0-9]{6}[CP][0-9]{8}")
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "assets.git-qoc")


def kind_of(symbol: str) -> AssetClass:
    """What a symbol of the market is, of what is traded here."""
    if _OCC.fullmatch(symbol):
        return AssetClass.OPTION
    return AssetClass.COIN if is_coin(symbol) else AssetClass.STOCK


def traded_here(symbol: str) -> bool:
    """Whether a symbol of the market exists at Alpaca; other clients of the same books may trade more."""
    return bool(_OCC.fullmatch(symbol)) or (symbol in closes() and symbol not in INDEXES)


def multiplier(symbol: str) -> Decimal:
    return Decimal(100) if kind_of(symbol) is AssetClass.OPTION else Decimal(1)


def underlying(symbol: str) -> str:
    """The stock of an option; another symbol as it is."""
    return symbol[:-15] if _OCC.fullmatch(symbol) else symbol


def shown(symbol: str) -> str:
    """The form of assets, orders and market data."""
    return symbol.replace("-", "/")


def joined(symbol: str) -> str:
    """The form of positions."""
    return symbol.replace("-", "")


def asset_id(symbol: str) -> str:
    """The id of a symbol of the market."""
    return str(uuid.uuid5(_NAMESPACE, symbol))


def find(engine: Engine, name: str) -> Instrument | None:
    """What a client calls by symbol or asset id; None for what is not traded here."""
    for symbol in _forms(name):
        found = engine.instrument(symbol)
        if found is not None and found.kind in CLASSES:
            return found
    if _is_uuid(name):
        listed = (one for one in engine.instruments() if one.kind in CLASSES)
        return next((one for one in listed if asset_id(one.symbol) == name.lower()), None)
    return None


def known(engine: Engine, name: str) -> Instrument:
    """As `find`.

    Raises:
        Problem: 404, as Alpaca answers an unknown asset.
    """
    found = find(engine, name)
    if found is None:
        raise asset_not_found(name)
    return found


def asset_not_found(name: str) -> Problem:
    return not_found(f"asset not found for {name}")


def _forms(name: str) -> tuple[str, ...]:
    if not name.isascii():
        return ()
    paired = name.replace("/", "-")
    dashed = f"{name[:-3]}-USD" if name.endswith("USD") and len(name) > 3 else ""
    return tuple(form for form in dict.fromkeys((paired, dashed)) if form)


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
