"""What the ccxt adapter's pure modules may ask of an exchange, without knowing ccxt.

`Ask` calls one method of ccxt's exchange class: a unified one (`fetch_open_orders`), or one of the
venue's own endpoints (`privatePostLedgers`). Everything that comes back is untyped: texts for
numbers with a fraction, ints for whole ones, never a float.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from git_qoc.errors import Unsupported, VenueError


class NoSuchOrder(VenueError):
    """The venue says that it has no such order; `order` then answers None."""


class Ask(Protocol):
    def __call__(self, method: str, *args: Any) -> Any:
        """What ccxt's `method` returns; a read, so it may be asked again.

        Raises:
            NoSuchOrder, RateLimited, Unsupported, VenueError
        """
        ...


@dataclass(frozen=True, slots=True)
class Market:
    """What is traded, as the venue describes it.

    `symbol` is this connector's form, `unified` ccxt's. `kind` is spot, swap, future, option or
    another word of ccxt's. `currency` is what its gains are made in; `multiplier` and `inverse` as in
    `Position`. `step` and `tick` are the increments of quantities and prices, None where unsaid.
    """

    symbol: str
    unified: str
    native: str
    kind: str
    base: str
    currency: str
    inverse: bool
    multiplier: Decimal
    step: Decimal | None
    tick: Decimal | None
    minimum: Decimal | None

    @property
    def margined(self) -> bool:
        return self.kind in ("swap", "future")

    @property
    def fx_usd(self) -> Decimal | None:
        """One USD is one USD; any other currency's rate has to be asked for."""
        return Decimal(1) if self.currency == "USD" else None


@dataclass(frozen=True, slots=True)
class Balance:
    """An amount of a currency or coin; `usd` is its worth where the venue states it."""

    code: str
    amount: Decimal
    usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Wallet:
    """What the venue says of the account as a whole.

    `equity_usd` and `margin_usd` are its own figures, None where it states none; `account_id` is
    "" where it names none. `rates` are the venue's own USD rates by currency, as far as it gives them.
    """

    account_id: str
    balances: tuple[Balance, ...]
    equity_usd: Decimal | None
    margin_usd: Decimal | None
    rates: Mapping[str, Decimal]


class Markets:
    """The markets of one exchange by every form of their symbol."""

    def __init__(self, markets: Collection[Market]) -> None:
        self.all = tuple(markets)
        self._by_form = {market.unified: market for market in self.all}
        self._by_form |= {market.symbol: market for market in self.all}
        self._by_native = {(market.native, market.kind == "spot"): market for market in self.all}

    def find(self, symbol: str) -> Market | None:
        """The market of our symbol or of ccxt's unified one."""
        return self._by_form.get(symbol)

    def of(self, unified: str | None, where: str) -> Market:
        """The market that an answer is about.

        Raises:
            Unsupported: it is not among those that the venue describes (an option, or no longer listed).
        """
        found = self._by_form.get(unified or "")
        if found is None:
            raise Unsupported(f"{where}: about a market that the venue does not list")
        return found

    def contract(self, native: str, where: str) -> Market:
        """The contract of the venue's own id; raises as `of`."""
        found = self._by_native.get((native, False))
        if found is None:
            raise Unsupported(f"{where}: about a contract that the venue does not list")
        return found

    def spot(self, base: str, currency: str) -> Market | None:
        found = self._by_form.get(f"{base}/{currency}")
        return found if found is not None and found.kind == "spot" else None

    def home(self, coin: str) -> Market | None:
        """The spot market in which a coin is held: against USD, else a stablecoin, else none."""
        quotes = ("USD", "USDT", "USDC")
        return next((market for quote in quotes if (market := self.spot(coin, quote))), None)
