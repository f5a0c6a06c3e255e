"""What Alpaca says of an asset, and an order cut to its increments. Pure.

Crypto assets state their increments; equities trade in nine decimals where they are fractionable
(docs.alpaca.markets, "Fractional Trading") and whole otherwise, at prices of two decimals from
1 USD on and four below it ("Placing Orders", Sub-penny increments). A part of a share trades for
the day only and is never sold short.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from urllib.parse import quote

from git_qoc.errors import Unsupported
from git_qoc.model import OrderRequest, Side, VenueType
from git_qoc.money import plain
from git_qoc.venues.alpaca_payloads import ASSET, AssetRow, parse
from git_qoc.venues.alpaca_symbols import paired
from git_qoc.venues.offers import floored, on_tick

ASSETS_PATH = "/v2/assets"
FRACTION, WHOLE = Decimal("1E-9"), Decimal(1)
CENT, SUB_PENNY = Decimal("0.01"), Decimal("0.0001")


def path(symbol: str, kind: VenueType) -> str:
    form = paired(symbol) if kind is VenueType.CRYPTO else symbol
    return f"{ASSETS_PATH}/{quote(form, safe='')}"


def sized(data: object, request: OrderRequest, held: Callable[[], Decimal]) -> OrderRequest:
    """The request with its quantity cut down to the asset's increment.

    `held` asks for the position in it, and only where a short sale would be refused.

    Raises:
        Unsupported: it does not trade, a price is between two ticks, too little is left, or it
            would be sold short and cannot be.
        VenueError: a wrong body.
    """
    if data is None:
        raise Unsupported(f"alpaca has no {request.symbol}")
    row = parse(ASSET, data, ASSETS_PATH)
    if not row.tradable:
        raise Unsupported(f"alpaca does not trade {request.symbol}")
    for price in (request.limit_price, request.stop_price):
        if price is not None:
            on_tick(price, _tick(row, price), "alpaca", request.symbol)
    step = row.min_trade_increment or (FRACTION if row.fractionable else WHOLE)
    quantity = floored(request.quantity, step, "alpaca", request.symbol)
    if row.min_order_size is not None and quantity < row.min_order_size:
        raise Unsupported(f"alpaca trades {request.symbol} from {row.min_order_size} on, found {quantity}")
    found = replace(request, quantity=quantity)
    _check_part(row, found)
    _check_short(row, found, held)
    return found


def _is_part(row: AssetRow, request: OrderRequest) -> bool:
    """A part of a share; coins, which state their increment, have none."""
    return row.min_trade_increment is None and request.quantity % 1 != 0


def _check_part(row: AssetRow, request: OrderRequest) -> None:
    if _is_part(row, request) and request.time_in_force != "day":
        raise Unsupported(
            f"alpaca trades parts of {request.symbol} for the day only, "
            f"found {plain(request.quantity)} {request.time_in_force}. Write day, or a whole quantity"
        )


def _check_short(row: AssetRow, request: OrderRequest, held: Callable[[], Decimal]) -> None:
    part = _is_part(row, request)
    if request.side is Side.BUY or (row.shortable and not part):
        return
    owned = held()
    if owned < request.quantity:
        what = f"a part of {request.symbol}" if part else request.symbol
        raise Unsupported(
            f"alpaca does not sell {what} short: expected to sell at most the {plain(owned)} held, "
            f"found {plain(request.quantity)}"
        )


def _tick(row: AssetRow, price: Decimal) -> Decimal:
    return row.price_increment or (CENT if price >= 1 else SUB_PENNY)
