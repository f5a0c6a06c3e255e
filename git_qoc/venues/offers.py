"""What a venue offers, and the refusal of anything else before it is sent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from git_qoc.errors import Unsupported
from git_qoc.model import OrderRequest, OrderType, VenueType
from git_qoc.money import plain


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a venue offers; anything not declared here is refused before it is sent.

    `client_order_id` is the regular expression that our ids must match as a whole, "" where
    the venue takes none. `quotes`, `fills`, `flows`, `history` and `closes` are what it can be
    asked for; account, positions and open orders every venue gives. `transfers`: money can be moved out.
    """

    order_types: frozenset[OrderType] = frozenset()
    time_in_force: frozenset[str] = frozenset()
    fractional: bool = False
    shorting: bool = False
    multi_leg: bool = False
    client_order_id: str = ""
    quotes: bool = False
    fills: bool = False
    flows: bool = False
    history: bool = False
    transfers: bool = False
    closes: bool = False


def check(request: OrderRequest, offers: Capabilities, venue: str, kind: VenueType) -> None:
    """Let a request pass that this type of connector can send.

    Raises:
        Unsupported: it needs what the venue does not offer here, or is no order at all.
    """
    for refused, what in (
        (request.type not in offers.order_types, f"order type {request.type.value}"),
        (request.time_in_force not in offers.time_in_force, f"time in force {request.time_in_force}"),
        (bool(request.legs) and not offers.multi_leg, "multi-leg orders"),
        (request.quantity % 1 != 0 and not offers.fractional, "fractional quantities"),
        (not re.fullmatch(offers.client_order_id, request.client_order_id), "this form of client order id"),
    ):
        if refused:
            raise Unsupported(f"{venue} does not offer {what} for {kind.value}")
    for wrong, what in (
        (request.quantity <= 0, "a quantity above zero"),
        (not request.symbol and not request.legs, "a symbol or legs"),
        (_lacks(request, request.limit_price, OrderType.LIMIT), "a limit_price, and only with limit orders"),
        (_lacks(request, request.stop_price, OrderType.STOP), "a stop_price, and only with stop orders"),
    ):
        if wrong:
            raise Unsupported(f"{venue}: expected {what}")


def _lacks(request: OrderRequest, price: Decimal | None, kind: OrderType) -> bool:
    return (price is None) == (request.type in (kind, OrderType.STOP_LIMIT))


def check_closes(offers: Capabilities, venue: str, kind: VenueType) -> None:
    """Let the question for daily closes pass where it is answered. An adapter without it need not have
    the method: whoever asks a connector asks this first.

    Raises:
        Unsupported: it is not; nothing was sent.
    """
    if not offers.closes:
        raise Unsupported(f"{venue} does not offer daily closes for {kind.value}")


def floored(quantity: Decimal, step: Decimal, venue: str, symbol: str) -> Decimal:
    """The quantity cut down to a multiple of the venue's increment, so never more than was meant.

    Raises:
        Unsupported: nothing is left of it.
    """
    steps = (quantity / step).to_integral_value(rounding=ROUND_DOWN)
    if not steps:
        raise Unsupported(
            f"{venue} trades {symbol} in steps of {plain(step)}; {plain(quantity)} is less than one"
        )
    return steps * step


def on_tick(price: Decimal, tick: Decimal, venue: str, symbol: str) -> None:
    """Let a price pass that is a multiple of the venue's increment; none is rounded for you.

    Raises:
        Unsupported: it is not; the message names its two neighbours.
    """
    if price % tick:
        below = price // tick * tick
        raise Unsupported(
            f"{venue} prices {symbol} in steps of {plain(tick)}, found {plain(price)}. "
            f"Take {plain(below)} or {plain(below + tick)}"
        )
