"""`/v2/options/contracts`: the options that the market lists.

The market settles in cash at expiry, so contracts are `european`; any other OCC symbol that the
market knows is found by its symbol too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from git_qoc.exchange import symbols
from git_qoc.exchange.asked import day, flag, listed, number, one_of, whole
from git_qoc.exchange.message import figure, not_found, unprocessable
from git_qoc.market.closes import NEW_YORK
from git_qoc.market.engine import Engine
from git_qoc.market.orders import AssetClass, Instrument

LIMIT, LIMIT_MAX = 100, 10_000
RIGHTS = {"C": "call", "P": "put"}
Json = dict[str, object]


def contracts(engine: Engine, query: Mapping[str, str]) -> Json:
    """A page by symbol, and the token of the next one: the symbol to go on from, None on the last.

    Without `expiration_date_lte` all expiries are meant (Alpaca's own default is the next weekend).
    """
    limit = whole(query, "limit", LIMIT, LIMIT_MAX)
    deliverables = flag(query, "show_deliverables")
    after = query.get("page_token") or ""
    found = [one for one in _meant(engine, query) if one.symbol > after]
    page, more = found[:limit], len(found) > limit
    return {
        "option_contracts": [_contract(engine, one, deliverables) for one in page],
        "next_page_token": page[-1].symbol if more else None,
    }


def one_contract(engine: Engine, name: str) -> Json:
    found = symbols.find(engine, name)
    if found is None or found.kind is not AssetClass.OPTION:
        raise not_found(f"option contract {name} not found")
    return _contract(engine, found, True)


def _meant(engine: Engine, query: Mapping[str, str]) -> Iterator[Instrument]:
    roots = listed(query, "underlying_symbols") | listed(query, "root_symbol")
    right = one_of(query, "type", ("", "call", "put"))
    style = one_of(query, "style", ("", "american", "european"))
    inactive = one_of(query, "status", ("active", "inactive")) == "inactive"
    if query.get("ppind") not in (None, "", "true", "false"):
        raise unprocessable("ppind must be true or false")
    if style == "american" or inactive or query.get("ppind") == "false":
        return
    exact = day(query, "expiration_date")
    first = exact or day(query, "expiration_date_gte") or date.min
    last = exact or day(query, "expiration_date_lte") or date.max
    low, high = number(query, "strike_price_gte"), number(query, "strike_price_lte")
    for one in engine.instruments():
        if one.kind is not AssetClass.OPTION or (roots and one.underlying not in roots):
            continue
        if right not in ("", RIGHTS[one.right]) or not first <= _expiry(one) <= last:
            continue
        if (low is None or _strike(one) >= low) and (high is None or _strike(one) <= high):
            yield one


def _expiry(one: Instrument) -> date:
    assert one.expiry is not None  # noqa: S101  # of an option
    return one.expiry.astimezone(NEW_YORK).date()


def _strike(one: Instrument) -> Decimal:
    assert one.strike is not None  # noqa: S101  # of an option
    return one.strike


def _contract(engine: Engine, one: Instrument, deliverables: bool) -> Json:
    over = one.expiry is not None and one.expiry <= engine.now()
    quote = engine.quote(one.symbol)
    name = f"{one.underlying} {_expiry(one):%b %d %Y} {figure(_strike(one))} {RIGHTS[one.right].title()}"
    row: Json = {
        "id": symbols.asset_id(one.symbol),
        "symbol": one.symbol,
        "name": name,
        "status": "inactive" if over else "active",
        "tradable": not over,
        "expiration_date": _expiry(one).isoformat(),
        "root_symbol": one.underlying,
        "underlying_symbol": one.underlying,
        "underlying_asset_id": symbols.asset_id(one.underlying),
        "type": RIGHTS[one.right],
        "style": "european",
        "strike_price": figure(_strike(one)),
        "multiplier": figure(one.multiplier),
        "size": figure(one.multiplier),
        "ppind": True,
    }
    if quote is not None and quote.last is not None:
        closed = quote.time.astimezone(NEW_YORK).date().isoformat()
        row |= {"close_price": figure(quote.last), "close_price_date": closed}
    return row | ({"deliverables": [_cash(one)]} if deliverables else {})


def _cash(one: Instrument) -> Json:
    return {
        "type": "cash",
        "symbol": "USD",
        "amount": figure(one.multiplier),
        "allocation_percentage": "100",
        "settlement_type": "T+0",
        "settlement_method": "CADF",
        "delayed_settlement": False,
    }
