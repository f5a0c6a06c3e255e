"""Deribit (https://docs.deribit.com/). Pure.

Symbols are Deribit's: `BTC-PERPETUAL`, `BTC-25SEP26`, `BTC_USDC-PERPETUAL`. An inverse contract's quantity
is in USD, a linear one's in coin, so a unit is worth one (ccxt's contract size is only the increment).
Collateral is cash, in coin; its rate and the equity's are Deribit's indices, but for an account whose
collateral is one pool, of which Deribit states the equity in USD. Options are refused, not valued. Open gains
are paid into the balance at 08:00 UTC, which the cross-check of NAV does not know. Our id is the label.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from git_qoc.errors import Unsupported, VenueError
from git_qoc.model import Fill, Order, OrderRequest, OrderType, Position
from git_qoc.venues.ccxt_ask import Ask, Balance, Market, Markets, Wallet
from git_qoc.venues.ccxt_dialect import Dialect, held
from git_qoc.venues.ccxt_rows import (
    MarketRow,
    MaybeNumber,
    Number,
    Part,
    Row,
    TickerRow,
    TradeRow,
    fill,
    part,
    read,
    read_all,
)

PAGE = 1000


class Summary(Row):
    """One currency; the totals in USD are those of all currencies in the cross-collateral pool."""

    currency: str
    balance: Number
    equity: Number
    initial_margin: Number
    cross_collateral_enabled: bool | None = None
    total_equity_usd: MaybeNumber = None
    total_initial_margin_usd: MaybeNumber = None


class Summaries(Row):
    id: int
    summaries: list[Summary]


class Index(Row):
    index_price: Number


class PositionRow(Row):
    """`size` is signed: in USD for inverse contracts, in coin for linear ones."""

    instrument_name: str
    size: Number
    average_price: MaybeNumber = None
    mark_price: MaybeNumber = None


class Deribit(Dialect):
    coins_are_cash = True

    def multiplier(self, row: MarketRow) -> Decimal:  # noqa: ARG002 - always the same
        return Decimal(1)

    def wallet(self, ask: Ask) -> Wallet:
        data = _result(ask("privateGetGetAccountSummaries", {}), dict, self.at("get_account_summaries"))
        found = read(Summaries, data, self.at("get_account_summaries"))
        used = [row for row in found.summaries if row.balance or row.equity or row.initial_margin]
        rates = self._indices(ask, [row.currency for row in used])
        equity = _in_usd([(row.equity, row.currency) for row in used], rates)
        margin = _in_usd([(row.initial_margin, row.currency) for row in used], rates)
        if used and all(row.cross_collateral_enabled for row in used):
            equity, margin = used[0].total_equity_usd, used[0].total_initial_margin_usd
        balances = tuple(Balance(row.currency, row.balance) for row in used)
        return Wallet(str(found.id), balances, equity, margin, rates)

    def rates(self, ask: Ask, markets: Markets, codes: Collection[str]) -> dict[str, Decimal]:  # noqa: ARG002 - not needed
        return self._indices(ask, codes)

    def _indices(self, ask: Ask, codes: Collection[str]) -> dict[str, Decimal]:
        """Only some coins have an index in USD; stablecoins have none."""
        where = self.at("get_index_price")
        names = _result(ask("publicGetGetIndexPriceNames", {}), list, self.at("get_index_price_names"))
        found = {}
        for code in sorted(codes):
            name = f"{code.lower()}_usd"
            if name in names:
                answer = _result(ask("publicGetGetIndexPrice", {"index_name": name}), dict, where)
                found[code] = read(Index, answer, where).index_price
        return found

    def positions(self, ask: Ask, markets: Markets) -> Iterator[Position]:
        where = self.at("get_positions")
        for row in read_all(PositionRow, _result(ask("privateGetGetPositions", {}), list, where), where):
            if row.size:
                market = markets.contract(row.instrument_name, where)
                yield held(market, row.size, row.average_price, row.mark_price, where)

    def tickers(self, ask: Ask, wanted: Sequence[Market]) -> dict[str, TickerRow]:
        return {
            market.unified: read(TickerRow, ask("fetch_ticker", market.unified), self.at("ticker"))
            for market in wanted
        }

    def open_orders(self, ask: Ask, markets: Markets) -> tuple[Order, ...]:
        rows = _result(ask("privateGetGetOpenOrders", {}), list, self.at("get_open_orders"))
        return self.orders([ask("parse_order", row) for row in rows], markets, "get_open_orders")

    def completed(self, data: Any) -> Any:
        info = data["info"]
        stop = info.get("trigger_price") or info.get("stop_price")
        kind = {"stop_limit": "limit", "stop_market": "market"}.get(info.get("order_type"), data.get("type"))
        return {**data, "type": kind, "clientOrderId": info.get("label"), "triggerPrice": stop}

    def order(self, ask: Ask, markets: Markets, client_id: str, market: Market | None) -> Order | None:
        """By label, in the market's currency, else in each that there is."""
        codes = {one.currency if one.kind != "spot" else one.base for one in markets.all}
        wanted = [market.currency] if market is not None else sorted(codes)
        for code in wanted:
            query = {"currency": code, "label": client_id}
            rows = _result(ask("privateGetGetOrderStateByLabel", query), list, self.at("by_label"))
            for found in self.orders([ask("parse_order", row) for row in rows], markets, "by_label"):
                if found.client_order_id == client_id:
                    return found
        return None

    def fills(self, ask: Ask, markets: Markets, since: datetime, now: datetime) -> Iterator[Fill]:
        """Deribit keeps the last day and what was before in two places; both are asked."""
        used = read(
            Summaries,
            _result(ask("privateGetGetAccountSummaries", {}), dict, self.at("get_account_summaries")),
            self.at("get_account_summaries"),
        )
        end = int((now + timedelta(days=1)).timestamp() * 1000)
        for code in [row.currency for row in used.summaries]:
            for historical in ("true", "false"):
                query = {"currency": code, "historical": historical, "end_timestamp": end}
                yield from self._trades(ask, markets, query, int(since.timestamp() * 1000))

    def _trades(self, ask: Ask, markets: Markets, query: dict[str, Any], start: int) -> Iterator[Fill]:
        where = self.at("get_user_trades")
        while True:
            page = {**query, "start_timestamp": start, "count": PAGE, "sorting": "asc"}
            answer = _result(ask("privateGetGetUserTradesByCurrencyAndTime", page), dict, where)
            trades = part(answer, "trades", list, where)
            rows = [read(TradeRow, ask("parse_trade", row), where) for row in trades]
            for row in rows:
                found = fill(row, markets, where)
                if markets.of(found.symbol, where).kind not in ("spot", "swap", "future"):
                    raise Unsupported(f"{where}: traded {found.symbol}, which this adapter cannot value")
                yield found
            if not answer.get("has_more"):
                return
            last = max(row.timestamp or 0 for row in rows) if rows else start
            if last <= start:
                raise VenueError(f"{where}: the pages do not advance")
            start = last

    def placing(self, request: OrderRequest, market: Market) -> tuple[str, dict[str, object]]:
        kind, params = super().placing(request, market)
        params["label"] = params.pop("clientOrderId")
        stops = {OrderType.STOP: "stop_market", OrderType.STOP_LIMIT: "stop_limit"}
        return stops.get(request.type, kind), params


def _result(answer: Any, kind: type[Part], where: str) -> Part:
    return part(answer, "result", kind, where)


def _in_usd(amounts: list[tuple[Decimal, str]], rates: dict[str, Decimal]) -> Decimal | None:
    rated = {"USD": Decimal(1), **rates}
    if any(amount and code not in rated for amount, code in amounts):
        return None
    return sum((amount * rated[code] for amount, code in amounts if amount), Decimal(0))
