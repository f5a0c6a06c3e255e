"""Realized P&L between two sights of an account, at average cost. Pure.

Average cost, because every venue of the spec states one (`avg_cost`). The venue's own figure
at the previous snapshot is the starting point, so no older fill is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from git_qoc.model import Fill, Position, Side
from git_qoc.money import ZERO, market_value


class Cost(NamedTuple):
    """A signed quantity and its average cost per unit, None when the venue stated none."""

    quantity: Decimal
    avg_cost: Decimal | None


def realized_pnl(
    before: Mapping[str, Cost], fills: Iterable[Fill], after: Iterable[Position]
) -> dict[str, Decimal] | None:
    """USD gained (> 0) or lost by what the fills closed, by symbol, fees taken off where stated.

    None when it cannot be known: a closed part had no cost or is priced in another currency, or
    the fills do not lead from the quantities before to those after (a split, an assignment, a
    transfer in kind).
    """
    after = tuple(after)
    foreign = {position.symbol for position in after if position.currency != "USD"}
    running = dict(before)
    result: dict[str, Decimal] = {}
    for fill in fills:
        gain, running[fill.symbol] = _apply(running.get(fill.symbol, Cost(ZERO, None)), fill)
        abroad = fill.symbol in foreign or fill.currency != "USD" or fill.inverse
        if gain is None or (abroad and (gain or fill.fee)):
            return None
        result[fill.symbol] = result.get(fill.symbol, ZERO) + gain - (fill.fee or ZERO)
    now = {position.symbol: position.quantity for position in after if position.quantity}
    left = {symbol: cost.quantity for symbol, cost in running.items() if cost.quantity}
    return result if left == now else None


def _apply(held: Cost, fill: Fill) -> tuple[Decimal | None, Cost]:
    """(gain of the closed part, the position after); the gain is None without a cost."""
    change = fill.quantity if fill.side is Side.BUY else -fill.quantity
    quantity = held.quantity + change
    if not held.quantity or (held.quantity > 0) == (change > 0):
        if held.quantity and held.avg_cost is None:
            return ZERO, Cost(quantity, None)
        spent = held.quantity * (held.avg_cost or ZERO) + change * fill.price
        return ZERO, Cost(quantity, spent / quantity)
    closed = min(abs(change), abs(held.quantity)) * (1 if held.quantity > 0 else -1)
    flipped = quantity and (quantity > 0) != (held.quantity > 0)
    after = Cost(quantity, fill.price if flipped else held.avg_cost)
    if held.avg_cost is None:
        return None, after
    return market_value(closed, fill.price - held.avg_cost, fill.multiplier), after
