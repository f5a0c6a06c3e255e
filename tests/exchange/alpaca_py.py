"""alpaca-py, imported without the warning of a library of its stream (websockets.legacy)."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from alpaca.common.exceptions import APIError
    from alpaca.data.historical import (
        CryptoHistoricalDataClient,
        OptionHistoricalDataClient,
        StockHistoricalDataClient,
    )
    from alpaca.data.requests import (
        CryptoLatestQuoteRequest,
        CryptoLatestTradeRequest,
        OptionLatestQuoteRequest,
        StockBarsRequest,
        StockLatestBarRequest,
        StockLatestQuoteRequest,
        StockLatestTradeRequest,
    )
    from alpaca.data.timeframe import TimeFrame
    from alpaca.trading import requests as ask
    from alpaca.trading.client import TradingClient
    from alpaca.trading.enums import (
        AssetClass,
        ContractType,
        OrderClass,
        OrderSide,
        OrderStatus,
        OrderType,
        PositionSide,
        QueryOrderStatus,
        TimeInForce,
    )
    from alpaca.trading.models import NonTradeActivity, TradeActivity

__all__ = [
    "APIError",
    "AssetClass",
    "ContractType",
    "CryptoHistoricalDataClient",
    "CryptoLatestQuoteRequest",
    "CryptoLatestTradeRequest",
    "NonTradeActivity",
    "OptionHistoricalDataClient",
    "OptionLatestQuoteRequest",
    "OrderClass",
    "OrderSide",
    "OrderStatus",
    "OrderType",
    "PositionSide",
    "QueryOrderStatus",
    "StockBarsRequest",
    "StockHistoricalDataClient",
    "StockLatestBarRequest",
    "StockLatestQuoteRequest",
    "StockLatestTradeRequest",
    "TimeFrame",
    "TimeInForce",
    "TradeActivity",
    "TradingClient",
    "ask",
]
