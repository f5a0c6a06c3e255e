"""Binance (https://developers.binance.com/docs/). Pure.

Symbols are Binance's, `BTCUSDT` for spot, `BTCUSD_PERP` and `BTCUSDT_260925` for contracts, but for the
USDⓈ-M perpetuals: those share their ids with spot, so they are written as ccxt does, `BTC/USDT:USDT`. One
key has three wallets, spot, USDⓈ-M and COIN-M, and all are read; the margin, funding and portfolio-margin
wallets are not. Binance has no market against USD: its rates are the indices of its multi-assets mode, and
it states no equity in USD. It lists executions and finds orders in one market at a time only, so executions
are not read. Conditional orders of contracts stand in a list of their own and are not read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from itertools import chain
from typing import ClassVar

from git_qoc.errors import VenueError
from git_qoc.model import Order, Position
from git_qoc.venues.ccxt_ask import Ask, Balance, Market, Markets, NoSuchOrder, Wallet
from git_qoc.venues.ccxt_dialect import Dialect, held
from git_qoc.venues.ccxt_rows import MarketRow, MaybeNumber, Number, Row, read, read_all


class SpotAsset(Row):
    asset: str
    free: Number
    locked: Number


class SpotAccount(Row):
    uid: int | None = None
    balances: list[SpotAsset]


class ContractAsset(Row):
    asset: str
    walletBalance: Number  # noqa: N815 - Binance's name
    initialMargin: Number  # noqa: N815 - Binance's name


class ContractAccount(Row):
    assets: list[ContractAsset]


class IndexRow(Row):
    symbol: str
    index: Number


class PositionRow(Row):
    symbol: str
    positionAmt: Number  # noqa: N815 - Binance's name
    entryPrice: MaybeNumber = None  # noqa: N815 - Binance's name
    markPrice: MaybeNumber = None  # noqa: N815 - Binance's name


class Binance(Dialect):
    margin_holds_orders = True
    by_symbol = True
    # Its currencies are a private question, and nothing here needs them.
    options: ClassVar[Mapping[str, object]] = {
        "has": {"fetchCurrencies": False},
        "options": {
            "fetchMarkets": {"types": ["spot", "linear", "inverse"]},
            "fetchMargins": False,
            "warnOnFetchOpenOrdersWithoutSymbol": False,
        },
    }

    def symbol(self, row: MarketRow) -> str:
        shared = row.type == "swap" and row.settle == row.quote
        return row.symbol if shared else row.id

    def wallet(self, ask: Ask) -> Wallet:
        spot = read(SpotAccount, ask("privateGetAccount", {}), self.at("api/v3/account"))
        linear = read(ContractAccount, ask("fapiPrivateV3GetAccount", {}), self.at("fapi/v3/account"))
        inverse = read(ContractAccount, ask("dapiPrivateGetAccount", {}), self.at("dapi/v1/account"))
        rates = self._indices(ask)
        assets = list(chain(linear.assets, inverse.assets))
        balances = (
            *(Balance(row.asset, row.free + row.locked) for row in spot.balances),
            *(Balance(row.asset, row.walletBalance) for row in assets),
        )
        return Wallet(
            "" if spot.uid is None else str(spot.uid), balances, None, _margin(assets, rates), rates
        )

    def rates(self, ask: Ask, markets: Markets, codes: Collection[str]) -> dict[str, Decimal]:  # noqa: ARG002 - not needed
        return {code: rate for code, rate in self._indices(ask).items() if code in codes}

    def _indices(self, ask: Ask) -> dict[str, Decimal]:
        rows = read_all(IndexRow, ask("fapiPublicGetAssetIndex"), self.at("fapi/v1/assetIndex"))
        return {row.symbol.removesuffix("USD"): row.index for row in rows if row.symbol.endswith("USD")}

    def positions(self, ask: Ask, markets: Markets) -> Iterator[Position]:
        for method in ("fapiPrivateV3GetPositionRisk", "dapiPrivateGetPositionRisk"):
            where = self.at(method)
            for row in read_all(PositionRow, ask(method, {}), where):
                if row.positionAmt:
                    market = markets.contract(row.symbol, where)
                    yield held(market, row.positionAmt, row.entryPrice, row.markPrice, where)

    def open_orders(self, ask: Ask, markets: Markets) -> tuple[Order, ...]:
        found: list[Order] = []
        for method in ("privateGetOpenOrders", "fapiPrivateGetOpenOrders", "dapiPrivateGetOpenOrders"):
            rows = ask(method, {})
            if not isinstance(rows, list):
                raise VenueError(f"{self.at(method)}: expected a list, found {type(rows).__name__}")
            found += self.orders([ask("parse_order", row) for row in rows], markets, method)
        return tuple(found)

    def order(self, ask: Ask, markets: Markets, client_id: str, market: Market | None) -> Order | None:
        if market is None:
            return super().order(ask, markets, client_id, market)
        try:
            data = ask("fetch_order", None, market.unified, {"origClientOrderId": client_id})
        except NoSuchOrder:
            return None
        found = self.order_of(data, markets, "order")
        if found.client_order_id != client_id:
            raise VenueError(f"{self.at('order')}: the answer is about another order")
        return found


def _margin(assets: list[ContractAsset], rates: dict[str, Decimal]) -> Decimal | None:
    """The initial margin of all positions and orders, None when an asset's rate is not known."""
    used = [row for row in assets if row.initialMargin]
    if any(row.asset not in rates for row in used):
        return None
    return sum((row.initialMargin * rates[row.asset] for row in used), Decimal(0))
