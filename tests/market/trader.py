"""Somebody who trades in a simulated market whose clock the test moves."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from git_qoc.market.engine import Engine
from git_qoc.market.orders import MarketOrder, NewOrder
from git_qoc.model import OrderLeg, OrderType, Side

# closes.csv on 2016-07-05: AAPL 21.928, KO 36.317, UNH 127.525, SPX 2088.55; BTC-USD on 07-04: 676.18.
CLOSE = datetime(2016, 7, 5, 20, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class Trader:
    """Books in `folder` with a deposit at `start`."""

    def __init__(
        self,
        folder: Path,
        cash: str = "10000000",
        *,
        start: datetime = CLOSE,
        leverage: str = "1",
        seed: int = 0,
    ) -> None:
        self.now = start
        self.market = Engine(folder / "books.sqlite", lambda: self.now, seed=seed, leverage=Decimal(leverage))
        self.market.create(Decimal(cash))
        self._count = 0

    def buy(self, symbol: str, quantity: str, **terms: str) -> MarketOrder:
        return self._submit(symbol, Side.BUY, quantity, terms)

    def sell(self, symbol: str, quantity: str, **terms: str) -> MarketOrder:
        return self._submit(symbol, Side.SELL, quantity, terms)

    def trade_legs(self, quantity: str, legs: dict[str, int], **terms: str) -> MarketOrder:
        """One order of several legs; sold ones have a ratio below zero."""
        pairs = tuple(OrderLeg(symbol, Decimal(ratio)) for symbol, ratio in legs.items())
        return self._submit("", None, quantity, terms, pairs)

    def again(self, order: MarketOrder) -> MarketOrder:
        """The order as it stands now."""
        found = self.market.order(order.order_id)
        assert found is not None
        return found

    def held(self, symbol: str) -> Decimal:
        found = {one.instrument.symbol: one.quantity for one in self.market.holdings()}
        return found.get(symbol, Decimal(0))

    @property
    def cash(self) -> Decimal:
        return self.market.account().cash

    @property
    def free(self) -> Decimal:
        """Equity that no position binds."""
        account = self.market.account()
        return account.equity - account.margin

    def _submit(
        self,
        symbol: str,
        side: Side | None,
        quantity: str,
        terms: dict[str, str],
        legs: tuple[OrderLeg, ...] = (),
    ) -> MarketOrder:
        self._count += 1
        limit, stop = terms.get("limit"), terms.get("stop")
        kinds = {
            (False, False): OrderType.MARKET,
            (True, False): OrderType.LIMIT,
            (False, True): OrderType.STOP,
            (True, True): OrderType.STOP_LIMIT,
        }
        return self.market.submit(
            NewOrder(
                client_order_id=terms.get("id", f"o{self._count}"),
                symbol=symbol,
                side=side,
                quantity=Decimal(quantity),
                type=kinds[limit is not None, stop is not None],
                limit_price=None if limit is None else Decimal(limit),
                stop_price=None if stop is None else Decimal(stop),
                time_in_force=terms.get("tif", "day"),
                legs=legs,
            )
        )
