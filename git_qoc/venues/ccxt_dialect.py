"""What differs from exchange to exchange behind ccxt, and what ccxt's unified methods give. Pure.

A `Dialect` reads what is true of one exchange; this one reads through ccxt's unified methods alone
and is what an exchange gets that has no module of its own (`ccxt_<id>.py`): it is read, never traded on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from git_qoc.errors import Unsupported, VenueError
from git_qoc.model import Fill, Flow, Order, OrderRequest, OrderType, Position
from git_qoc.venues.ccxt_ask import Ask, Balance, Market, Markets, Wallet
from git_qoc.venues.ccxt_rows import (
    MarketRow,
    MaybeNumber,
    Number,
    OrderRow,
    Row,
    TickerRow,
    Words,
    order,
    read,
    read_all,
    time_of,
)


class PositionRow(Row):
    """ccxt's position; `contracts` is never negative."""

    symbol: Words = None
    side: Words = None
    contracts: MaybeNumber = None
    entryPrice: MaybeNumber = None  # noqa: N815 - ccxt's name
    markPrice: MaybeNumber = None  # noqa: N815 - ccxt's name


class Totals(Row):
    total: dict[str, Number]


class Dialect:
    """One exchange's ways.

    `options` go into ccxt's configuration; `in_turn`, `posts_forms` as in `ccxt.Exchange`;
    `by_symbol`: it finds an order by its client id only together with its market; `coins_are_cash`: they are
    collateral, also where it has spot markets; `margin_holds_orders`: the margin it states for the
    account is that of open orders too.
    """

    options: ClassVar[Mapping[str, object]] = {}
    in_turn = False
    posts_forms = False
    by_symbol = False
    coins_are_cash = False
    margin_holds_orders = False

    def __init__(self, name: str) -> None:
        self.name = name

    def at(self, what: str) -> str:
        """Where a fault is: `kraken fetch_open_orders`."""
        return f"{self.name} {what}"

    def symbol(self, row: MarketRow) -> str:
        """This connector's symbol: the venue's own id, where that is unambiguous."""
        return row.id

    def multiplier(self, row: MarketRow) -> Decimal:
        """What one unit of `amount` in orders and positions is worth in units of price."""
        return row.contractSize if row.contractSize is not None else Decimal(1)

    def market(self, data: object) -> Market:
        row = read(MarketRow, data, self.at("markets"))
        spot = row.type == "spot"
        return Market(
            symbol=self.symbol(row),
            unified=row.symbol,
            native=row.id,
            kind=row.type or "",
            base=row.base or "",
            currency=(row.quote if spot else row.settle) or "",
            inverse=bool(row.inverse),
            multiplier=Decimal(1) if spot else self.multiplier(row),
            step=row.precision.amount or None,
            tick=row.precision.price or None,
            minimum=row.limits.amount.min if row.limits.amount is not None else None,
        )

    def server_time(self, ask: Ask) -> datetime | None:
        """The venue's clock; None where it has none to ask for."""
        try:
            found = ask("fetch_time")
        except Unsupported:
            return None
        if not isinstance(found, int):
            raise VenueError(f"{self.at('fetch_time')}: expected a time, found {type(found).__name__}")
        return time_of(found)

    def trouble(self, ask: Ask) -> str | None:  # noqa: ARG002 - the others use it
        """Why the venue's answers cannot be used now, None when they can."""
        return None

    def wallet(self, ask: Ask) -> Wallet:
        totals = read(Totals, ask("fetch_balance"), self.at("fetch_balance")).total
        balances = tuple(Balance(code, amount) for code, amount in totals.items())
        return Wallet("", balances, None, None, {})

    def balances(self, ask: Ask) -> tuple[Balance, ...]:
        """The wallet's balances alone."""
        return self.wallet(ask).balances

    def ticker_time(self, ask: Ask) -> datetime | None:  # noqa: ARG002 - the others use it
        """What stands for the time of tickers that have none; None where tickers have one."""
        return None

    def rates(self, ask: Ask, markets: Markets, codes: Collection[str]) -> dict[str, Decimal]:
        """USD per unit by currency, from the venue's own market against USD; unknown ones left out."""
        found = {code: market for code in codes if (market := markets.spot(code, "USD")) is not None}
        tickers = self.tickers(ask, list(found.values()))
        return {
            code: price for code, market in found.items() if (price := middle(tickers.get(market.unified)))
        }

    def positions(self, ask: Ask, markets: Markets) -> Iterator[Position]:
        """Contracts held, their rate to USD still open, their mark too where the venue states none.

        Raises:
            VenueError: there are some, and whether the balances hold their gains is not known here.
        """
        if any(market.kind != "spot" for market in markets.all):
            for position in self.contracts(ask("fetch_positions"), markets, self.at("fetch_positions")):
                raise VenueError(
                    f"{self.name} holds {position.symbol}; whether its balances hold the gain is not known"
                )
        return iter(())

    def contracts(self, rows: Any, markets: Markets, where: str) -> Iterator[Position]:
        """ccxt's position structures as ours."""
        for row in read_all(PositionRow, rows, where):
            if not row.contracts:
                continue
            market = markets.of(row.symbol, where)
            if row.side not in ("long", "short"):
                raise VenueError(f"{where}: expected side long or short")
            signed = row.contracts if row.side == "long" else -row.contracts
            yield held(market, signed, row.entryPrice, row.markPrice, where)

    def tickers(self, ask: Ask, wanted: Sequence[Market]) -> dict[str, TickerRow]:
        """By unified symbol; most venues answer for one kind of market at a time."""
        kinds: dict[str, list[str]] = {}
        for market in wanted:
            kinds.setdefault(market.kind, []).append(market.unified)
        found: dict[str, TickerRow] = {}
        for symbols in kinds.values():
            answer = ask("fetch_tickers", sorted(symbols))
            found |= {name: read(TickerRow, row, self.at("fetch_tickers")) for name, row in answer.items()}
        return found

    def open_orders(self, ask: Ask, markets: Markets) -> tuple[Order, ...]:
        return self.orders(ask("fetch_open_orders"), markets, "fetch_open_orders")

    def orders(self, rows: Any, markets: Markets, what: str) -> tuple[Order, ...]:
        if not isinstance(rows, list):
            raise VenueError(f"{self.at(what)}: expected a list, found {type(rows).__name__}")
        return tuple(self.order_of(row, markets, what) for row in rows)

    def order_of(self, data: Any, markets: Markets, what: str) -> Order:
        return order(read(OrderRow, self.completed(data), self.at(what)), markets, self.at(what))

    def completed(self, data: Any) -> Any:
        """ccxt's order with what ccxt left out of the venue's own row (`info`)."""
        return data

    def order(self, ask: Ask, markets: Markets, client_id: str, market: Market | None) -> Order | None:  # noqa: ARG002 - the others use it
        """The order of our id, None when the venue surely has none."""
        for found in self.open_orders(ask, markets):
            if found.client_order_id == client_id:
                return found
        raise Unsupported(f"{self.name}: this version of git-qoc looks up no orders there")

    def fills(self, ask: Ask, markets: Markets, since: datetime, now: datetime) -> Iterator[Fill]:  # noqa: ARG002 - the others use it
        """Executions after `since` in any order, some perhaps twice."""
        raise Unsupported(f"{self.name}: this version of git-qoc reads no executions there")

    def flows(self, ask: Ask, since: datetime) -> Iterator[Flow]:  # noqa: ARG002 - the others use it
        """Bookings after `since` in any order, some perhaps twice."""
        raise Unsupported(f"{self.name}: this version of git-qoc reads no deposits and withdrawals there")

    def placing(self, request: OrderRequest, market: Market) -> tuple[str, dict[str, object]]:  # noqa: ARG002 - the others use it
        """ccxt's order type and parameters of our request."""
        limited = request.type in (OrderType.LIMIT, OrderType.STOP_LIMIT)
        params: dict[str, object] = {"clientOrderId": request.client_order_id}
        if limited:
            params["timeInForce"] = request.time_in_force.upper()
        if request.stop_price is not None:
            params["stopLossPrice"] = f"{request.stop_price:f}"
        return "limit" if limited else "market", params

    def canceling(self, found: Order) -> dict[str, object]:  # noqa: ARG002 - the others use it
        return {}


def held(
    market: Market, quantity: Decimal, cost: Decimal | None, mark: Decimal | None, where: str
) -> Position:
    """A position in a contract.

    Raises:
        VenueError: an option or something else that is not valued by its distance from its cost.
    """
    if market.kind not in ("swap", "future"):
        raise VenueError(f"{where}: holds {market.symbol} ({market.kind}), which this adapter cannot value")
    return Position(
        symbol=market.symbol,
        quantity=quantity,
        avg_cost=cost or None,
        mark=mark or None,
        multiplier=market.multiplier,
        currency=market.currency,
        fx_usd=Decimal(1) if market.currency == "USD" else None,
        margined=True,
        inverse=market.inverse,
    )


def middle(row: TickerRow | None) -> Decimal | None:
    if row is None:
        return None
    return (row.bid + row.ask) / 2 if row.bid and row.ask else row.last or None
