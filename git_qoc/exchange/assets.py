"""`/v2/assets`: the stocks and coins of the market."""

from __future__ import annotations

from collections.abc import Mapping

from git_qoc.exchange import symbols
from git_qoc.exchange.asked import listed, one_of
from git_qoc.exchange.message import figure, unprocessable
from git_qoc.market.engine import Engine
from git_qoc.market.orders import AssetClass, Instrument

Json = dict[str, object]
# Where the stocks of the data are listed (nasdaqtrader.com, symbol directory); the others: NYSE.
_NASDAQ = frozenset({"AAPL", "MSFT"})
# Long stock needs half of its value under Regulation T (12 CFR 220.12), short stock 150 % less its proceeds.
_MARGIN_PERCENT = "50"


def assets(engine: Engine, query: Mapping[str, str]) -> list[Json]:
    """By symbol; `us_equity` unless another class is asked for, as in Alpaca's document."""
    kind = query.get("asset_class") or "us_equity"
    status = one_of(query, "status", ("active", "inactive"))
    if kind not in symbols.CLASSES.values() or kind == "us_option":
        raise unprocessable(f"invalid asset_class: {kind}")
    if status == "inactive" or listed(query, "attributes") - {"has_options"}:
        return []
    rows = (asset(one) for one in engine.instruments() if symbols.CLASSES.get(one.kind) == kind)
    return [row for row in rows if query.get("exchange") in (None, "", row["exchange"])]


def one_asset(engine: Engine, name: str) -> Json:
    """Raises `Problem` (404) for an unknown symbol or id, and for an option."""
    found = symbols.known(engine, name)
    if found.kind is AssetClass.OPTION:
        raise symbols.asset_not_found(name)
    return asset(found)


def asset(one: Instrument) -> Json:
    row: Json = {
        "id": symbols.asset_id(one.symbol),
        "class": symbols.CLASSES[one.kind],
        "exchange": exchange(one.symbol),
        "symbol": symbols.shown(one.symbol),
        "name": one.name,
        "status": "active",
        "tradable": True,
        "marginable": one.kind is AssetClass.STOCK,
        "shortable": one.shortable,
        "easy_to_borrow": one.shortable,
        "fractionable": one.step < 1,
        "attributes": ["has_options"] if one.kind is AssetClass.STOCK else [],
    }
    if one.kind is AssetClass.COIN:
        steps = {"min_order_size": one.step, "min_trade_increment": one.step, "price_increment": one.tick}
        return row | {name: figure(size) for name, size in steps.items()}
    margins = dict.fromkeys(("margin_requirement_long", "margin_requirement_short"), _MARGIN_PERCENT)
    return row | {"borrow_status": "easy_to_borrow"} | margins


def exchange(symbol: str) -> str:
    """Where a symbol of the market is listed; "" for an option, as in Alpaca's positions."""
    kind = symbols.kind_of(symbol)
    if kind is AssetClass.OPTION:
        return ""
    return "CRYPTO" if kind is AssetClass.COIN else "NASDAQ" if symbol in _NASDAQ else "NYSE"
