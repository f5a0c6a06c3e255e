"""Kraken spot (https://docs.kraken.com/api/docs/rest-api/). Pure.

Symbols are Kraken's own of the web site and its newer API, `BTC/USD`. Balances are read by asset; what
Kraken lends a suffix (`.F` earning by itself, `.B`, `.M`, `.S`, `.P` in its programs, `.HOLD` on hold) is
the asset itself. Kraken states no cost, so coins have none, and no equity of all assets, so there is
none. Spot positions on margin are refused: what they are worth is not read here. Reads are POSTs with a
growing nonce, so they go one after the other; a ticker has no time, Kraken's clock stands for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from git_qoc.errors import Unsupported, VenueError
from git_qoc.model import Fill, Flow, FlowKind, Order, Position
from git_qoc.venues.ccxt_ask import Ask, Balance, Market, Markets, Wallet
from git_qoc.venues.ccxt_dialect import Dialect
from git_qoc.venues.ccxt_rows import EPOCH, MarketRow, Number, Part, Row, TradeRow, Words, fill, part, read

PROGRAMS = (".F", ".B", ".M", ".S", ".P", ".HOLD")


class BalanceRow(Row):
    balance: Number


class TradeBalance(Row):
    """`m`: initial margin of open positions."""

    m: Number


class LedgerRow(Row):
    """An entry of `POST /0/private/Ledgers`; `fee` is taken off besides `amount`."""

    type: str
    subtype: Words = None
    asset: str
    amount: Number
    fee: Number
    time: Number


class ExactTime(Row):
    time: Number


LEDGER_KINDS = {
    "deposit": FlowKind.DEPOSIT,
    "withdrawal": FlowKind.WITHDRAWAL,
    "transfer": FlowKind.TRANSFER,
}
# Between Kraken's own programs: it does not leave the account.
INSIDE = frozenset({"spottostaking", "stakingfromspot", "stakingtospot", "spotfromstaking", "autoallocation"})
DOLLARS = frozenset({"ZUSD", "USD"})


class Kraken(Dialect):
    in_turn = True

    def symbol(self, row: MarketRow) -> str:
        return row.symbol

    def trouble(self, ask: Ask) -> str | None:
        status = _result(ask("publicGetSystemStatus"), dict, self.at("SystemStatus")).get("status")
        return None if status == "online" else "Kraken is in maintenance"

    def ticker_time(self, ask: Ask) -> datetime | None:
        return self.server_time(ask)

    def balances(self, ask: Ask) -> tuple[Balance, ...]:
        where = self.at("BalanceEx")
        rows = _result(ask("privatePostBalanceEx"), dict, where)
        return tuple(
            Balance(_asset(str(ask("safe_currency_code", asset))), read(BalanceRow, row, where).balance)
            for asset, row in rows.items()
        )

    def wallet(self, ask: Ask) -> Wallet:
        where = self.at("TradeBalance")
        answer = ask("privatePostTradeBalance", {"asset": "ZUSD"})
        margin = read(TradeBalance, _result(answer, dict, where), where)
        return Wallet("", self.balances(ask), None, margin.m, {})

    def positions(self, ask: Ask, markets: Markets) -> Iterator[Position]:  # noqa: ARG002 - the dialect's form
        if _result(ask("privatePostOpenPositions"), dict, self.at("OpenPositions")):
            raise VenueError("kraken holds spot positions on margin, which this adapter cannot value")
        return iter(())

    def open_orders(self, ask: Ask, markets: Markets) -> tuple[Order, ...]:
        return self._orders(ask, markets, "open", {})

    def _orders(self, ask: Ask, markets: Markets, which: str, query: dict[str, object]) -> tuple[Order, ...]:
        """`POST /0/private/OpenOrders` and `ClosedOrders`, by their id."""
        where = f"{which.capitalize()}Orders"
        rows = part(
            _result(ask(f"privatePost{where}", query), dict, self.at(where)), which, dict, self.at(where)
        )
        return self.orders(
            [ask("parse_order", {**row, "id": name}) for name, row in rows.items()], markets, where
        )

    def completed(self, data: Any) -> Any:
        # ccxt takes `userref` for a client order id where there is none.
        return {**data, "clientOrderId": data["info"].get("cl_ord_id")}

    def order(self, ask: Ask, markets: Markets, client_id: str, market: Market | None) -> Order | None:  # noqa: ARG002 - not needed
        for which in ("open", "closed"):
            for found in self._orders(ask, markets, which, {"cl_ord_id": client_id}):
                if found.client_order_id == client_id:
                    return found
        return None

    def fills(self, ask: Ask, markets: Markets, since: datetime, now: datetime) -> Iterator[Fill]:  # noqa: ARG002 - not needed
        where = self.at("TradesHistory")

        def page(offset: int) -> list[tuple[str, Any]]:
            answer = ask("privatePostTradesHistory", {"start": _start(since), "ofs": offset})
            return list(part(_result(answer, dict, where), "trades", dict, where).items())

        for name, data in self._pages(page):
            found = fill(read(TradeRow, ask("parse_trade", {**data, "id": name}), where), markets, where)
            # To the microsecond: ccxt cuts Kraken's stamps to milliseconds.
            exact = _time(read(ExactTime, data, where).time)
            yield replace(found, time=exact)

    def flows(self, ask: Ask, since: datetime) -> Iterator[Flow]:
        where = self.at("Ledgers")

        def page(offset: int) -> list[tuple[str, Any]]:
            query = {"start": _start(since), "ofs": offset}
            result = _result(ask("privatePostLedgers", query), dict, where)
            return list(part(result, "ledger", dict, where).items())

        for ledger_id, data in self._pages(page):
            if data.get("type") in LEDGER_KINDS and (data.get("subtype") or "") not in INSIDE:
                yield self._flow(ledger_id, read(LedgerRow, data, where), since)

    def _flow(self, ledger_id: str, row: LedgerRow, since: datetime) -> Flow:
        time = _time(row.time)
        if row.asset not in DOLLARS and time > since:
            raise Unsupported(
                f"{self.at('Ledgers')}: {ledger_id}: a {row.type} whose worth in USD is not stated"
            )
        return Flow(ledger_id, time, LEDGER_KINDS[row.type], row.amount - row.fee)

    def _pages(self, page: Callable[[int], list[tuple[str, Any]]]) -> Iterator[tuple[str, Any]]:
        """All rows, newest first; what is booked meanwhile moves rows on, so some come twice."""
        offset = 0
        seen: set[str] = set()
        while rows := page(offset):
            if seen.issuperset(name for name, _ in rows):
                raise VenueError(f"{self.name}: the pages do not advance")
            seen.update(name for name, _ in rows)
            yield from rows
            offset += len(rows)


def _result(answer: Any, kind: type[Part], where: str) -> Part:
    return part(answer, "result", kind, where)


def _asset(code: str) -> str:
    return next((code.removesuffix(end) for end in PROGRAMS if code.endswith(end)), code)


def _start(since: datetime) -> int:
    """Whole seconds; Kraken's `start` is exclusive."""
    return int(since.timestamp()) - 1


def _time(seconds: Decimal) -> datetime:
    return EPOCH + timedelta(microseconds=int(seconds * 1_000_000))
