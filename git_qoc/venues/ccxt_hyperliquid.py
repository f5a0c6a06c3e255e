"""Hyperliquid (https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api). Pure.

Symbols are Hyperliquid's coins: `BTC` is the perpetual, `@107` and `PURR/USDC` are spot. Perpetuals are
margined in USDC; the account's value, stated in dollars, is its equity as long as the spot wallet is empty,
but USDC has no rate to USD there, so cash has none. The first perpetual exchange is read, not those of
builders (HIP-3). Unified and portfolio-margin accounts are refused: their figures mean something else.
Our id is 32 hex digits, Hyperliquid's `0x` and those. There are no market orders: a limit with ioc is one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from git_qoc.errors import Unsupported, VenueError
from git_qoc.model import Fill, Order, OrderRequest, Position
from git_qoc.venues.ccxt_ask import Ask, Balance, Market, Markets, NoSuchOrder, Wallet
from git_qoc.venues.ccxt_dialect import Dialect
from git_qoc.venues.ccxt_rows import MarketRow, Number, Row, TradeRow, fill, part, read

PAGE = 2000


class Summary(Row):
    accountValue: Number  # noqa: N815 - Hyperliquid's name
    totalMarginUsed: Number  # noqa: N815 - Hyperliquid's name


class Perpetual(Row):
    unrealizedPnl: Number  # noqa: N815 - Hyperliquid's name


class Carried(Row):
    position: Perpetual


class Clearing(Row):
    marginSummary: Summary  # noqa: N815 - Hyperliquid's name
    assetPositions: list[Carried]  # noqa: N815 - Hyperliquid's name


class SpotBalance(Row):
    coin: str
    total: Number


class Spot(Row):
    balances: list[SpotBalance]


class Hyperliquid(Dialect):
    options: ClassVar[Mapping[str, object]] = {
        "has": {"fetchCurrencies": False},
        # Unified margin is asked about here; ccxt would swallow a failing answer.
        "options": {
            "fetchMarkets": {"types": ["spot", "swap"]},
            "enableUnifiedMargin": False,
            "builderFee": False,
            "refSet": True,
        },
    }

    def symbol(self, row: MarketRow) -> str:
        info = row.info if isinstance(row.info, dict) else {}
        return str(info.get("name") or row.id)

    def ticker_time(self, ask: Ask) -> datetime | None:
        return self.server_time(ask)

    def wallet(self, ask: Ask) -> Wallet:
        user = _user(ask)
        mode = ask("publicPostInfo", {"type": "userAbstraction", "user": user})
        if mode in ("unifiedAccount", "portfolioMargin"):
            raise Unsupported(f"hyperliquid: this account is in mode {mode}, which is not read")
        data = ask("publicPostInfo", {"type": "clearinghouseState", "user": user})
        perps = read(Clearing, data, self.at("clearinghouseState"))
        data = ask("publicPostInfo", {"type": "spotClearinghouseState", "user": user})
        spot = read(Spot, data, self.at("spotClearinghouseState"))
        open_pnl = sum((row.position.unrealizedPnl for row in perps.assetPositions), Decimal(0))
        summary = perps.marginSummary
        return Wallet(
            user,
            (
                Balance("USDC", summary.accountValue - open_pnl),
                *(Balance(row.coin, row.total) for row in spot.balances),
            ),
            None if any(row.total for row in spot.balances) else summary.accountValue,
            summary.totalMarginUsed,
            {},
        )

    def rates(self, ask: Ask, markets: Markets, codes: Collection[str]) -> dict[str, Decimal]:  # noqa: ARG002 - there are none
        return {}

    def positions(self, ask: Ask, markets: Markets) -> Iterator[Position]:
        where = self.at("clearinghouseState")
        answer = ask("publicPostInfo", {"type": "clearinghouseState", "user": _user(ask)})
        for data in part(answer, "assetPositions", list, where):
            yield from self.contracts([ask("parse_position", data)], markets, where)

    def open_orders(self, ask: Ask, markets: Markets) -> tuple[Order, ...]:
        rows = ask("publicPostInfo", {"type": "frontendOpenOrders", "user": _user(ask)})
        if not isinstance(rows, list):
            raise VenueError(f"{self.at('frontendOpenOrders')}: expected a list, found {type(rows).__name__}")
        opened = [ask("parse_order", {**row, "ccxtStatus": "open"}) for row in rows]
        return self.orders(opened, markets, "frontendOpenOrders")

    def completed(self, data: Any) -> Any:
        cloid = data.get("clientOrderId")
        return {**data, "clientOrderId": cloid.removeprefix("0x") if isinstance(cloid, str) else None}

    def order(self, ask: Ask, markets: Markets, client_id: str, market: Market | None) -> Order | None:  # noqa: ARG002 - not needed
        try:
            data = ask("fetch_order", None, None, {"clientOrderId": f"0x{client_id}"})
        except NoSuchOrder:
            return None
        return self.order_of(data, markets, "orderStatus")

    def fills(self, ask: Ask, markets: Markets, since: datetime, now: datetime) -> Iterator[Fill]:  # noqa: ARG002 - not needed
        """Oldest first, 2,000 at a time; pages overlap by one millisecond."""
        where = self.at("userFillsByTime")
        start = int(since.timestamp() * 1000)
        while True:
            query = {"type": "userFillsByTime", "user": _user(ask), "startTime": start}
            found = ask("publicPostInfo", query)
            if not isinstance(found, list):
                raise VenueError(f"{where}: expected a list, found {type(found).__name__}")
            rows = [read(TradeRow, ask("parse_trade", row), where) for row in found]
            for row in rows:
                yield fill(row, markets, where)
            if len(rows) < PAGE:
                return
            last = max(row.timestamp or 0 for row in rows)
            if last <= start:
                raise VenueError(f"{where}: the pages do not advance")
            start = last

    def placing(self, request: OrderRequest, market: Market) -> tuple[str, dict[str, object]]:
        kind, params = super().placing(request, market)
        return kind, {**params, "clientOrderId": f"0x{request.client_order_id}"}


def _user(ask: Ask) -> str:
    """The wallet's address."""
    return str(ask("handle_public_address", "fetchBalance", {})[0])
