"""Round trips as values; `round_trips` finds them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from git_qoc.money import ZERO


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """From flat to flat in one symbol at one connector, by its fills alone.

    `quantity` > 0 is all that was entered, in however many fills, which is all that was left
    again; the prices are averages weighted by quantity. `gain` is before fees, in `currency`.
    `fees_usd` > 0 is a cost, None where a fill's fee was not told in USD; `stated_fees_usd` are
    those that were. Orders are the venue's ids, in the order of their first fill.
    """

    connector: str
    symbol: str
    side: str
    entry_time: datetime
    exit_time: datetime
    quantity: Decimal
    entry_price: Decimal
    exit_price: Decimal
    gain: Decimal
    stated_fees_usd: Decimal
    fees_usd: Decimal | None
    currency: str = "USD"
    multiplier: Decimal = Decimal(1)
    entry_orders: tuple[str, ...] = ()
    exit_orders: tuple[str, ...] = ()

    @property
    def pnl_usd(self) -> Decimal:
        """The gain less the fees that were told, as `account.realized` has it; meant for trips in USD."""
        return self.gain - self.stated_fees_usd

    @property
    def holding(self) -> timedelta:
        return self.exit_time - self.entry_time


@dataclass(frozen=True, slots=True)
class OpenTrip:
    """One that is not flat yet; `quantity` is signed, what is held now.

    `realized` is what its partial closes made at average cost, in `currency`, the fees of all
    its fills that were told in USD taken off where that is USD.
    """

    connector: str
    symbol: str
    since: datetime
    quantity: Decimal
    realized: Decimal
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Unknown:
    """What was held or traded and makes no round trip here, and why.

    `symbol` is None where it concerns all of a connector. `until` is when it ended, None while
    it goes on.
    """

    connector: str
    symbol: str | None
    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Trades:
    """`closed` in order of their exits, all in USD; `open` and `unknown` by connector and symbol."""

    closed: tuple[RoundTrip, ...]
    open: tuple[OpenTrip, ...]
    unknown: tuple[Unknown, ...]

    @property
    def open_realized_usd(self) -> Decimal:
        """What partial closes of trips that are still open made, in USD, since each was opened."""
        return sum((trip.realized for trip in self.open if trip.currency == "USD"), ZERO)

    def of(self, connector: str | None = None, symbol: str | None = None) -> Trades:
        """Those of one connector, one symbol or both; None is any."""

        def meant(row: RoundTrip | OpenTrip | Unknown) -> bool:
            here = connector is None or row.connector == connector
            return here and (symbol is None or row.symbol in (symbol, None))

        return replace(
            self,
            closed=tuple(filter(meant, self.closed)),
            open=tuple(filter(meant, self.open)),
            unknown=tuple(filter(meant, self.unknown)),
        )
