"""OKX (https://www.okx.com/docs-v5/en/). Pure.

Symbols are OKX's: `BTC-USDT`, `BTC-USDT-SWAP`, `BTC-USD-260925`; contracts are counted in contracts. The
trading account is read, not the funding account. Its equity (`totalEq`) and initial margin are OKX's, in
USD; rates to USD are OKX's indices. Cash and coins are `cashBal`, without what positions gained. Spot
positions on margin and options are refused. Executions reach back three months. An order is found by its
client id in its market only. Conditional ("algo") orders stand in lists of their own and are not read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from git_qoc.errors import Unsupported, VenueError
from git_qoc.model import Fill, Order, OrderRequest, Position
from git_qoc.venues.ccxt_ask import Ask, Balance, Market, Markets, NoSuchOrder, Wallet
from git_qoc.venues.ccxt_dialect import Dialect, held
from git_qoc.venues.ccxt_rows import MaybeNumber, Number, Row, TradeRow, fill, part, read, read_all

PAGE = 100
KINDS = ("SPOT", "MARGIN", "SWAP", "FUTURES", "OPTION")
KEPT_DAYS = 90


class Detail(Row):
    ccy: str
    cashBal: Number  # noqa: N815 - OKX's name


class AccountRow(Row):
    totalEq: MaybeNumber = None  # noqa: N815 - OKX's name
    imr: MaybeNumber = None
    details: list[Detail]


class ConfigRow(Row):
    uid: str


class IndexRow(Row):
    instId: str  # noqa: N815 - OKX's name
    idxPx: Number  # noqa: N815 - OKX's name


class PositionRow(Row):
    """`pos` is signed in net mode; in long/short mode `posSide` gives the direction."""

    instId: str  # noqa: N815 - OKX's name
    instType: str  # noqa: N815 - OKX's name
    pos: MaybeNumber = None
    posSide: str  # noqa: N815 - OKX's name
    avgPx: MaybeNumber = None  # noqa: N815 - OKX's name
    markPx: MaybeNumber = None  # noqa: N815 - OKX's name


class FillInfo(Row):
    """`tradeId` is unique in one market only, `billId` in the account."""

    billId: str  # noqa: N815 - OKX's name


class Okx(Dialect):
    by_symbol = True
    # Its currencies are a private question, and nothing here needs them.
    options: ClassVar[Mapping[str, object]] = {
        "has": {"fetchCurrencies": False},
        "options": {"fetchMarkets": {"types": ["spot", "swap", "future"]}, "adjustForTimeDifference": False},
    }

    def wallet(self, ask: Ask) -> Wallet:
        uid = read_all(
            ConfigRow, self._data(ask("privateGetAccountConfig"), "account/config"), self.at("account/config")
        )
        where = self.at("account/balance")
        rows = read_all(AccountRow, self._data(ask("privateGetAccountBalance"), "account/balance"), where)
        if len(rows) != 1 or not uid:
            raise VenueError(f"{where}: expected one account, found {len(rows)}")
        balances = tuple(Balance(detail.ccy, detail.cashBal) for detail in rows[0].details)
        return Wallet(uid[0].uid, balances, rows[0].totalEq, rows[0].imr, self._indices(ask))

    def rates(self, ask: Ask, markets: Markets, codes: Collection[str]) -> dict[str, Decimal]:  # noqa: ARG002 - not needed
        return {code: rate for code, rate in self._indices(ask).items() if code in codes}

    def _indices(self, ask: Ask) -> dict[str, Decimal]:
        data = self._data(ask("publicGetMarketIndexTickers", {"quoteCcy": "USD"}), "market/index-tickers")
        rows = read_all(IndexRow, data, self.at("market/index-tickers"))
        return {row.instId.removesuffix("-USD"): row.idxPx for row in rows if row.instId.endswith("-USD")}

    def positions(self, ask: Ask, markets: Markets) -> Iterator[Position]:
        where = self.at("account/positions")
        for row in read_all(
            PositionRow, self._data(ask("privateGetAccountPositions"), "account/positions"), where
        ):
            if not row.pos:
                continue
            if row.instType not in ("SWAP", "FUTURES"):
                raise VenueError(f"{where}: holds {row.instId} ({row.instType}), which cannot be valued here")
            signed = -abs(row.pos) if row.posSide == "short" else row.pos
            yield held(markets.contract(row.instId, where), signed, row.avgPx, row.markPx, where)

    def open_orders(self, ask: Ask, markets: Markets) -> tuple[Order, ...]:
        found: dict[str, Order] = {}
        query: dict[str, object] = {"limit": PAGE}
        while True:
            rows = self._data(ask("privateGetTradeOrdersPending", query), "trade/orders-pending")
            page = self.orders([ask("parse_order", row) for row in rows], markets, "trade/orders-pending")
            fresh = {one.order_id: one for one in page if one.order_id not in found}
            found |= fresh
            if len(page) < PAGE:
                return tuple(found.values())
            if not fresh:
                raise VenueError(f"{self.at('trade/orders-pending')}: the pages do not advance")
            # Newest first; the id of the oldest leads on.
            query["after"] = min(fresh, key=int)

    def order(self, ask: Ask, markets: Markets, client_id: str, market: Market | None) -> Order | None:
        if market is None:
            return super().order(ask, markets, client_id, market)
        try:
            data = ask("fetch_order", None, market.unified, {"clientOrderId": client_id})
        except NoSuchOrder:
            return None
        return self.order_of(data, markets, "trade/order")

    def fills(self, ask: Ask, markets: Markets, since: datetime, now: datetime) -> Iterator[Fill]:
        if (now - since).days >= KEPT_DAYS:
            raise Unsupported(f"okx keeps executions for {KEPT_DAYS} days, less than is asked for")
        where = self.at("trade/fills-history")
        for kind in KINDS:
            begin = str(int(since.timestamp() * 1000))
            query: dict[str, object] = {"instType": kind, "begin": begin, "limit": PAGE}
            seen: set[str] = set()
            while True:
                rows = self._data(ask("privateGetTradeFillsHistory", query), "trade/fills-history")
                bills = [read(FillInfo, row, where).billId for row in rows]
                for row, bill in zip(rows, bills, strict=True):
                    yield fill(read(TradeRow, {**ask("parse_trade", row), "id": bill}, where), markets, where)
                if len(rows) < PAGE:
                    break
                if seen.issuperset(bills):
                    raise VenueError(f"{where}: the pages do not advance")
                seen.update(bills)
                query["after"] = min(bills, key=int)

    def _data(self, answer: Any, what: str) -> list[Any]:
        return part(answer, "data", list, self.at(what))

    def placing(self, request: OrderRequest, market: Market) -> tuple[str, dict[str, object]]:
        kind, params = super().placing(request, market)
        if market.kind == "spot":
            # The size in coins also where the venue's default is the amount to spend.
            params["tgtCcy"] = "base_ccy"
        return kind, params
