"""How much equity positions bind. Pure.

Initial requirements, so that equity less their sum is what can still be spent:

- stocks: long value ÷ leverage, 50 % of short value (Regulation T, 12 CFR 220.12: 150 % of a short
  sale, of which 100 % is its proceeds); coins their whole value;
- futures 6 % and perpetuals 10 % of the notional;
- options, by underlying and expiry: their net value (they cannot be bought on margin) plus what a
  short position calls for: the worst loss at expiry; where that has no end, or is higher, per
  written option its value plus 20 % of the underlying less what it is out of the money, at least its
  value plus 10 % (of the strike for a put) (Cboe Margin Manual, "Short Put or Short Call"). Written
  calls that held shares cover call for nothing.

Maintenance: 25 % of long and 30 % of short stock (FINRA Rule 4210), three quarters of the initial
requirement of contracts, everything of options and coins.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from git_qoc.market.orders import AssetClass, Instrument
from git_qoc.money import ZERO

SHORT_STOCK = Decimal("0.50")
FUTURE = Decimal("0.06")
PERPETUAL = Decimal("0.10")
UNDERLYING, UNDERLYING_LEAST = Decimal("0.20"), Decimal("0.10")
MAINTAIN_LONG, MAINTAIN_SHORT, MAINTAIN_CONTRACT = Decimal("0.25"), Decimal("0.30"), Decimal("0.75")


@dataclass(frozen=True, slots=True)
class Marked:
    """A signed quantity of an instrument at its mark; `spot` is the mark of its underlying."""

    instrument: Instrument
    quantity: Decimal
    mark: Decimal
    spot: Decimal = ZERO

    @property
    def value(self) -> Decimal:
        return self.quantity * self.mark * self.instrument.multiplier


def initial(positions: Iterable[Marked], leverage: Decimal) -> Decimal:
    rows = tuple(positions)
    plain = sum((_initial(row, leverage) for row in rows if not _is_option(row)), ZERO)
    return plain + _options(rows)


def maintenance(positions: Iterable[Marked]) -> Decimal:
    rows = tuple(positions)
    plain = sum((_maintenance(row) for row in rows if not _is_option(row)), ZERO)
    return plain + _options(rows)


def _initial(row: Marked, leverage: Decimal) -> Decimal:
    match row.instrument.kind:
        case AssetClass.STOCK:
            return row.value / leverage if row.quantity > 0 else -row.value * SHORT_STOCK
        case AssetClass.FUTURE:
            return abs(row.value) * FUTURE
        case AssetClass.PERPETUAL:
            return abs(row.value) * PERPETUAL
        case _:
            return abs(row.value)


def _maintenance(row: Marked) -> Decimal:
    if row.instrument.kind is AssetClass.STOCK:
        return row.value * MAINTAIN_LONG if row.quantity > 0 else -row.value * MAINTAIN_SHORT
    share = MAINTAIN_CONTRACT if row.instrument.margined else Decimal(1)
    return _initial(row, Decimal(1)) * share


def _is_option(row: Marked) -> bool:
    return row.instrument.kind is AssetClass.OPTION


def _options(rows: Iterable[Marked]) -> Decimal:
    shares: dict[str, Decimal] = {}
    groups: dict[tuple[str, datetime | None], list[Marked]] = {}
    for row in rows:
        if _is_option(row):
            groups.setdefault((row.instrument.underlying, row.instrument.expiry), []).append(row)
        elif row.instrument.kind is AssetClass.STOCK:
            shares[row.instrument.symbol] = row.quantity
    covers = {symbol: _lots(quantity) for symbol, quantity in shares.items()}
    amount = ZERO
    for (underlying, _), group in sorted(groups.items(), key=lambda item: str(item[0])):
        amount += sum((row.value for row in group), ZERO)
        amount += _short_requirement(_uncovered(group, covers, underlying))
    return amount


def _lots(shares: Decimal) -> Decimal:
    return max(shares / 100, ZERO).to_integral_value(rounding=ROUND_DOWN)


def _uncovered(group: list[Marked], covers: dict[str, Decimal], underlying: str) -> list[Marked]:
    """The group without the written calls that shares cover, dearest first; uses up `covers`."""
    rows = []
    for row in sorted(group, key=lambda row: (row.instrument.strike or ZERO, row.instrument.symbol)):
        covered = ZERO
        if row.quantity < 0 and row.instrument.right == "C":
            covered = min(covers.get(underlying, ZERO), -row.quantity)
            covers[underlying] = covers.get(underlying, ZERO) - covered
        if row.quantity + covered:
            rows.append(Marked(row.instrument, row.quantity + covered, row.mark, row.spot))
    return rows


def _short_requirement(group: list[Marked]) -> Decimal:
    naked = sum((_naked(row) for row in group if row.quantity < 0), ZERO)
    calls = sum((row.quantity for row in group if row.instrument.right == "C"), ZERO)
    return naked if calls < 0 else min(naked, _worst_loss(group))


def _naked(row: Marked) -> Decimal:
    strike, spot = row.instrument.strike or ZERO, row.spot
    out_of_the_money = max(strike - spot if row.instrument.right == "C" else spot - strike, ZERO)
    least = (spot if row.instrument.right == "C" else strike) * UNDERLYING_LEAST
    per_unit = row.mark + max(spot * UNDERLYING - out_of_the_money, least)
    return -row.quantity * per_unit * row.instrument.multiplier


def _worst_loss(group: list[Marked]) -> Decimal:
    """At expiry, over every price of the underlying; it lies at a strike or at zero."""
    points = {ZERO} | {row.instrument.strike or ZERO for row in group}
    return -min(*(_payoff(group, spot) for spot in points), ZERO)


def _payoff(group: Iterable[Marked], spot: Decimal) -> Decimal:
    amount = ZERO
    for row in group:
        strike = row.instrument.strike or ZERO
        paid = max(spot - strike if row.instrument.right == "C" else strike - spot, ZERO)
        amount += row.quantity * paid * row.instrument.multiplier
    return amount
