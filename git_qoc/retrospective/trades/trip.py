"""One position from flat to flat, fill by fill. Pure.

A trip opens when a quantity leaves zero and closes when it is zero again. A fill through zero
closes one and opens another: its quantity and its fee are split in proportion. A closed trip's
gain needs no method of matching lots, it is what came in less what went out; only what the
partial closes of an open one made is at average cost, as `account.realized` has it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from git_qoc.money import ZERO
from git_qoc.retrospective.trades.values import OpenTrip, RoundTrip, Unknown
from git_qoc.snapshots.snapshot import FillRow

NO_PRICE = "an inverse contract has no price of zero"


@dataclass(slots=True)
class Leg:
    """The fills that enter, or those that leave; `worth` is what they add up to in the trip's currency."""

    quantity: Decimal = ZERO
    priced: Decimal = ZERO
    worth: Decimal = ZERO
    orders: dict[str, None] = field(default_factory=dict)

    @property
    def price(self) -> Decimal:
        return self.priced / self.quantity


@dataclass(slots=True)
class Trip:
    """`sign` is 1 for a long; `held` > 0. `reason`: why its gain cannot be known, "" where it can be."""

    connector: str
    symbol: str
    sign: int
    held: Decimal
    since: datetime
    currency: str = "USD"
    multiplier: Decimal = Decimal(1)
    inverse: bool = False
    reason: str = ""
    entry: Leg = field(default_factory=Leg)
    exit: Leg = field(default_factory=Leg)
    last: datetime | None = None
    fees: Decimal = ZERO
    all_fees_told: bool = True
    basis: Decimal = ZERO
    realized: Decimal = ZERO

    @property
    def quantity(self) -> Decimal:
        return self.sign * self.held

    def take(self, fill: FillRow, sign: int) -> None:
        """A fill that does not go through zero."""
        if (fill.multiplier, fill.inverse) != (self.multiplier, self.inverse) and not self.reason:
            self.reason = f"the size of its contract changed by {fill.time:%Y-%m-%d}"
        if fill.inverse and not fill.price and not self.reason:
            self.reason = NO_PRICE
        if self.reason:
            self.held += sign * self.sign * fill.quantity
            return
        if fill.currency != "USD":
            self.currency = fill.currency
        leg = self.entry if sign == self.sign else self.exit
        worth = _worth(fill)
        leg.quantity += fill.quantity
        leg.priced += fill.quantity * fill.price
        leg.worth += worth
        if fill.order_id:
            leg.orders[fill.order_id] = None
        self.last = fill.time
        self.fees += fill.fee_usd or ZERO
        self.all_fees_told = self.all_fees_told and fill.fee_usd is not None
        if leg is self.entry:
            self.basis += worth
            self.held += fill.quantity
        else:
            cost = self.basis * fill.quantity / self.held
            self.realized += self._gain(cost, worth)
            self.basis -= cost
            self.held -= fill.quantity

    def closed(self, time: datetime) -> RoundTrip | Unknown:
        if self.reason:
            return Unknown(self.connector, self.symbol, self.reason, time)
        return RoundTrip(
            connector=self.connector,
            symbol=self.symbol,
            side="long" if self.sign > 0 else "short",
            entry_time=self.since,
            exit_time=self.last or time,
            quantity=self.entry.quantity,
            entry_price=self.entry.price,
            exit_price=self.exit.price,
            gain=self._gain(self.entry.worth, self.exit.worth),
            stated_fees_usd=self.fees,
            fees_usd=self.fees if self.all_fees_told else None,
            currency=self.currency,
            multiplier=self.multiplier,
            entry_orders=tuple(self.entry.orders),
            exit_orders=tuple(self.exit.orders),
        )

    def still_open(self) -> OpenTrip | Unknown:
        if self.reason:
            return Unknown(self.connector, self.symbol, self.reason)
        made = self.realized - (self.fees if self.currency == "USD" else ZERO)
        return OpenTrip(self.connector, self.symbol, self.since, self.quantity, made, self.currency)

    def _gain(self, entered: Decimal, left: Decimal) -> Decimal:
        """An inverse contract is worth the fewer coins the higher its price."""
        return (entered - left if self.inverse else left - entered) * self.sign


def opened(fill: FillRow, sign: int, currency: str) -> Trip:
    trip = Trip(
        connector=fill.connector,
        symbol=fill.symbol,
        sign=sign,
        held=ZERO,
        since=fill.time,
        currency=currency if fill.currency == "USD" else fill.currency,
        multiplier=fill.multiplier,
        inverse=fill.inverse,
    )
    trip.take(fill, sign)
    return trip


def follow(trip: Trip | None, fill: FillRow, currency: str) -> tuple[Trip | None, RoundTrip | Unknown | None]:
    """(what is open after the fill, what it closed).

    `trip` is changed. `currency` is that of the position, which a fill may leave unsaid.
    """
    sign = 1 if fill.side == "buy" else -1
    if trip is None:
        return opened(fill, sign, currency), None
    if sign == trip.sign or fill.quantity < trip.held:
        trip.take(fill, sign)
        return trip, None
    over = fill.quantity - trip.held
    first, second = _split(fill, trip.held)
    trip.take(first, sign)
    return (opened(second, sign, currency) if over else None), trip.closed(fill.time)


def _split(fill: FillRow, quantity: Decimal) -> tuple[FillRow, FillRow]:
    """The part that closes `quantity`, and the rest; together they are the fill to the last digit."""
    if quantity == fill.quantity:
        return fill, fill
    part = None if fill.fee is None else fill.fee * quantity / fill.quantity
    rest = None if fill.fee is None or part is None else fill.fee - part
    return (
        replace(fill, quantity=quantity, fee=part),
        replace(fill, quantity=fill.quantity - quantity, fee=rest),
    )


def _worth(fill: FillRow) -> Decimal:
    """In the currency its gain is made in: coins for an inverse contract (see `money.open_pnl`)."""
    size = fill.quantity * fill.multiplier
    return size / fill.price if fill.inverse else size * fill.price
