"""Kraken Futures (https://docs.kraken.com/api/docs/futures-api/). Pure.

Symbols are Kraken's: `PF_XBTUSD` (linear perpetual, in coin), `PI_XBTUSD` and `FI_XBTUSD_260925` (inverse,
one USD a contract). Equity and margin are the multi-collateral ("flex") wallet's, in USD; where the cash
wallet or a single-collateral one holds something too, no equity is stated. Coins are collateral, so cash.
Positions come without a mark: the ticker has it. Executions come without fees (ccxt would compute some).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from git_qoc.errors import VenueError
from git_qoc.model import Fill, Flow, Order, OrderRequest, OrderStatus, OrderType, Position, Side
from git_qoc.money import ZERO
from git_qoc.venues import ccxt_krakenfutures_log
from git_qoc.venues.ccxt_ask import Ask, Balance, Market, Markets, Wallet
from git_qoc.venues.ccxt_dialect import Dialect, held
from git_qoc.venues.ccxt_krakenfutures_rows import (
    TYPES,
    FillRow,
    Flex,
    FlexCurrency,
    OpenOrderRow,
    PastOrder,
    PositionRow,
)
from git_qoc.venues.ccxt_rows import TickerRow, part, read, read_all, rows_of

FILLS_MAX = 100
HISTORY_PAGES = 10


class KrakenFutures(Dialect):
    margin_holds_orders = True
    posts_forms = True

    def server_time(self, ask: Ask) -> datetime | None:
        return _time(
            part(ask("publicGetInstrumentsStatus"), "serverTime", str, self.at("serverTime")),
            self.at("serverTime"),
        )

    def wallet(self, ask: Ask) -> Wallet:
        accounts = part(ask("privateGetAccounts"), "accounts", dict, self.at("accounts"))
        for name in accounts:
            part(accounts, name, dict, self.at("accounts"))
        flex = read(Flex, accounts.get("flex"), self.at("accounts.flex"))
        balances = [
            Balance(_code(name), held.quantity, held.value if held.quantity else ZERO)
            for name, held in flex.currencies.items()
        ]
        besides = list(self._besides(accounts))
        return Wallet(
            "",
            (*balances, *besides),
            None if any(balance.amount for balance in besides) else flex.portfolioValue,
            None if self._margin_besides(accounts) else flex.initialMarginWithOrders,
            {},
        )

    def _besides(self, accounts: Any) -> Iterator[Balance]:
        """Wallets besides the multi-collateral one; `PI_XBTUSD` among a wallet's currencies is a position."""
        for name, account in accounts.items():
            for code, amount in (account.get("balances") or {}).items() if name != "flex" else ():
                if "_" not in code:
                    row = read(FlexCurrency, {"quantity": amount}, self.at(f"accounts.{name}.{code}"))
                    yield Balance(_code(code), row.quantity)

    def _margin_besides(self, accounts: Any) -> bool:
        required = [(account.get("marginRequirements") or {}).get("im") for account in accounts.values()]
        return any(amount not in (None, 0, "0", "0.0") for amount in required)

    def rates(self, ask: Ask, markets: Markets, codes: Any) -> dict[str, Decimal]:
        """From the index of the coin's perpetual."""
        perpetuals = {code: markets.find(f"{code}/USD:USD") for code in codes}
        wanted = {code: market for code, market in perpetuals.items() if market is not None}
        tickers = self.tickers(ask, list(wanted.values())) if wanted else {}
        found = {
            code: tickers[market.unified] for code, market in wanted.items() if market.unified in tickers
        }
        return {code: row.indexPrice for code, row in found.items() if row.indexPrice}

    def tickers(self, ask: Ask, wanted: Sequence[Market]) -> dict[str, TickerRow]:
        """All in one answer, and as of its time: `lastTime` is that of the last trade."""
        answer = ask("publicGetTickers")
        time = _time(part(answer, "serverTime", str, self.at("tickers")), self.at("tickers"))
        stamp = int(time.timestamp() * 1000) if time is not None else None
        natives = {market.native.upper(): market.unified for market in wanted}
        found = {}
        for data in rows_of(answer, "tickers", self.at("tickers")):
            unified = natives.get(str(data.get("symbol")).upper())
            if unified is not None:
                found[unified] = read(TickerRow, {**data, "timestamp": stamp}, self.at("tickers"))
        return found

    def positions(self, ask: Ask, markets: Markets) -> Iterator[Position]:
        where = self.at("openpositions")
        for row in read_all(
            PositionRow, part(ask("privateGetOpenpositions"), "openPositions", list, where), where
        ):
            if row.side not in ("long", "short"):
                raise VenueError(f"{where}: expected side long or short")
            market = markets.contract(row.symbol.upper(), where)
            yield held(market, row.size if row.side == "long" else -row.size, row.price, None, where)

    def open_orders(self, ask: Ask, markets: Markets) -> tuple[Order, ...]:
        where = self.at("openorders")
        rows = read_all(OpenOrderRow, part(ask("privateGetOpenorders"), "openOrders", list, where), where)
        return tuple(self._open(row, markets) for row in rows)

    def _open(self, row: OpenOrderRow, markets: Markets) -> Order:
        where = self.at("openorders")
        market = markets.contract(row.symbol.upper(), where)
        kind = TYPES.get(row.orderType)
        if kind is OrderType.STOP and row.limitPrice is not None:
            kind = OrderType.STOP_LIMIT
        return Order(
            order_id=row.order_id,
            client_order_id=row.cliOrdId,
            symbol=market.symbol,
            side=_side(row.side, where),
            quantity=row.filledSize + row.unfilledSize,
            filled_quantity=row.filledSize,
            type=kind,
            status=OrderStatus.PARTIALLY_FILLED if row.filledSize else OrderStatus.OPEN,
            limit_price=row.limitPrice,
            stop_price=row.stopPrice,
            multiplier=market.multiplier,
            submitted_at=_time(row.receivedTime, where),
            currency=market.currency,
            fx_usd=market.fx_usd,
            margined=market.margined,
        )

    def order(self, ask: Ask, markets: Markets, client_id: str, market: Market | None) -> Order | None:  # noqa: ARG002 - not needed
        """Open ones, then those done within the last seconds, then the account's history."""
        for found in self.open_orders(ask, markets):
            if found.client_order_id == client_id:
                return found
        answer = ask("privateGetOrdersStatus", {"cliOrdIds": client_id})
        rows = [ask("parse_order", row) for row in part(answer, "orders", list, self.at("orders/status"))]
        now = [one for one in self.orders(rows, markets, "orders/status") if one.client_order_id == client_id]
        past = None if now and _is_clear(now[0]) else self._past(ask, markets, client_id)
        if past is None and now and not _is_clear(now[0]):
            raise VenueError(f"{self.at('orders/status')}: the order changed a moment ago. Ask again")
        return past if past is not None else next((_sized(one) for one in now), None)

    def _past(self, ask: Ask, markets: Markets, client_id: str) -> Order | None:
        for method in ("historyGetOrders", "historyGetTriggers"):
            query: dict[str, object] = {}
            for _ in range(HISTORY_PAGES):
                page = ask(method, query)
                for element in rows_of(page, "elements", self.at(method)):
                    events = part(element, "event", dict, self.at(method))
                    for event in events:
                        data = part(events, event, dict, self.at(method))
                        name = "newOrder" if data.get("newOrder") else "order"
                        past = part(data, name, dict, self.at(method)) if data.get(name) else {}
                        if past.get("clientId") == client_id:
                            return _ended(
                                event, read(PastOrder, past, self.at(method)), markets, self.at(method)
                            )
                if not page.get("continuationToken"):
                    break
                query = {"continuation_token": page["continuationToken"]}
            else:
                raise VenueError(f"{self.at(method)}: not among the latest orders, and there are more")
        return None

    def fills(self, ask: Ask, markets: Markets, since: datetime, now: datetime) -> Iterator[Fill]:  # noqa: ARG002 - not needed
        """Back from the newest, a page at a time; pages overlap by what happened in one millisecond."""
        where = self.at("fills")
        query: dict[str, object] = {}
        while True:
            found = [
                _fill(row, markets, where)
                for row in read_all(FillRow, part(ask("privateGetFills", query), "fills", list, where), where)
            ]
            yield from found
            oldest = min((one.time for one in found), default=since)
            if len(found) < FILLS_MAX or oldest <= since:
                return
            before = _text(oldest + timedelta(milliseconds=1))
            if query.get("lastFillTime") == before:
                raise VenueError(f"{where}: the pages do not advance")
            query = {"lastFillTime": before}

    def flows(self, ask: Ask, since: datetime) -> Iterator[Flow]:
        return ccxt_krakenfutures_log.flows(ask, since, self.at("account-log"))

    def placing(self, request: OrderRequest, market: Market) -> tuple[str, dict[str, object]]:
        kind, params = super().placing(request, market)
        if params.pop("timeInForce", "GTC") == "IOC":
            params["timeInForce"] = "ioc"
        if "stopLossPrice" in params:
            # As a trigger of its own: ccxt's stop loss is an order that may only reduce.
            params["triggerPrice"] = params.pop("stopLossPrice")
        return kind, params


def _is_clear(order: Order) -> bool:
    """Whether its size is plain: the page does not say if `quantity` is the order's or what is left of it."""
    return order.status is OrderStatus.FILLED or not order.filled_quantity


def _sized(order: Order) -> Order:
    return replace(order, quantity=order.filled_quantity) if order.status is OrderStatus.FILLED else order


def _code(name: str) -> str:
    return {"XBT": "BTC"}.get(name.upper(), name.upper())


def _side(text: str, where: str) -> Side:
    if text not in ("buy", "sell"):
        raise VenueError(f"{where}: expected side buy or sell")
    return Side(text)


def _time(text: str | None, where: str) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (TypeError, ValueError):
        raise VenueError(f"{where}: expected an ISO time, found other text") from None


def _text(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _fill(row: FillRow, markets: Markets, where: str) -> Fill:
    market = markets.contract(row.symbol.upper(), where)
    time = _time(row.fillTime, where)
    if time is None or row.size <= 0:
        raise VenueError(f"{where}: expected a fill with a time and a size above zero")
    return Fill(
        fill_id=row.fill_id,
        order_id=row.order_id,
        symbol=market.symbol,
        side=_side(row.side, where),
        quantity=row.size,
        price=row.price,
        time=time,
        fee=None,
        multiplier=market.multiplier,
        currency=market.currency,
        inverse=market.inverse,
    )


def _ended(event: str, past: PastOrder, markets: Markets, where: str) -> Order:
    """The order as its latest event left it; an event that ends nothing leaves it unknown."""
    market = markets.contract(past.tradeable.upper(), where)
    status = _ENDS.get(event, OrderStatus.UNKNOWN)
    if event in ("OrderPlaced", "OrderUpdated") and not past.quantity and past.filled:
        status = OrderStatus.FILLED
    limited = past.orderType == "Limit"
    return Order(
        order_id=past.uid,
        client_order_id=past.clientId,
        symbol=market.symbol,
        side=_side(past.direction.lower(), where),
        quantity=past.quantity + past.filled,
        filled_quantity=past.filled,
        # "IoC" is a market order and a limit one that may not rest alike.
        type=OrderType.LIMIT if limited else None,
        status=status,
        limit_price=past.limitPrice if limited else None,
        multiplier=market.multiplier,
        currency=market.currency,
        fx_usd=market.fx_usd,
        margined=market.margined,
    )


_ENDS = {
    "OrderCancelled": OrderStatus.CANCELED,
    "OrderTriggerCancelled": OrderStatus.CANCELED,
    "OrderRejected": OrderStatus.REJECTED,
}
