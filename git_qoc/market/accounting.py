"""What a trade and a settlement do to a position and to cash. Pure.

A stock, option or coin is paid for in full. A margined contract moves no money when it is opened;
its open P&L is counted from its reference price: the last settlement, or its average cost before
the first one. Costs are rounded to eight decimals; for a margined contract, what that moves in the
open P&L is made up for in cash, so that a trade at the mark never changes the equity.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from git_qoc.market.orders import AssetClass, Instrument
from git_qoc.money import ZERO, open_pnl

COST_STEP = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class Held:
    """As in `Holding`; `reference` is where a margined contract's open P&L counts from."""

    quantity: Decimal = ZERO
    average_cost: Decimal = ZERO
    settle_price: Decimal | None = None

    @property
    def reference(self) -> Decimal:
        return self.average_cost if self.settle_price is None else self.settle_price


def traded(held: Held, instrument: Instrument, change: Decimal, price: Decimal) -> tuple[Held, Decimal]:
    """The position after `change` (signed) at `price`, and what that moves in cash."""
    after = Held(
        held.quantity + change,
        _blended(held.quantity, held.average_cost, change, price),
        None
        if held.settle_price is None or _crosses_zero(held.quantity, change)
        else _blended(held.quantity, held.settle_price, change, price),
    )
    if not instrument.margined:
        return after, -change * price * instrument.multiplier
    return after, open_value(held, instrument, price) - open_value(after, instrument, price)


def settled(held: Held, instrument: Instrument, price: Decimal) -> tuple[Held, Decimal]:
    """A future whose P&L up to `price` is paid in cash: the position and the variation."""
    return replace(held, settle_price=price), open_value(held, instrument, price)


def open_value(held: Held, instrument: Instrument, mark: Decimal) -> Decimal:
    """What a position adds to equity: its value, or the open P&L of a margined one."""
    if instrument.margined:
        return open_pnl(held.quantity, held.reference, mark, instrument.multiplier)
    return held.quantity * mark * instrument.multiplier


def is_future(instrument: Instrument) -> bool:
    return instrument.kind is AssetClass.FUTURE


def _crosses_zero(quantity: Decimal, change: Decimal) -> bool:
    return quantity == 0 or quantity * (quantity + change) <= 0


def _blended(quantity: Decimal, average: Decimal, change: Decimal, price: Decimal) -> Decimal:
    """The average price after a change: blended when it adds, kept when it takes, new when it turns."""
    if _crosses_zero(quantity, change):
        return price
    if quantity * change < 0:
        return average
    return ((quantity * average + change * price) / (quantity + change)).quantize(COST_STEP)
