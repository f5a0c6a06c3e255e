"""What the desk of `sample` traded: trades, contribution and flows by hand."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

SYMBOLS = (
    ("main-equities", "AAPL"),
    ("main-equities", "KO"),
    ("options", "SPX 240621C05300000"),
    ("cx-spot", "BTC/USD"),
)
FLOWS = (
    (60, "main-equities", "deposit", 50_000),
    (150, "cx-spot", "transfer_in", 12_500),
    (300, "main-equities", "withdrawal", -30_000),
)


def noise(i: int, salt: str = "") -> float:
    """About normal with deviation 1, from the sum of twelve bytes."""
    return sum(hashlib.sha256(f"{salt}{i}".encode()).digest()[:12]) / 255 - 6


def traded(days: list[str]) -> dict[str, Any]:
    return {
        "trades": _trades(days),
        "contribution": _contribution(),
        "flows": [
            {
                "time": f"{days[i]}T10:00:00-05:00",
                "connector": connector,
                "kind": kind,
                "amount_usd": Decimal(amount),
                "implied": amount == 12_500,
            }
            for i, connector, kind, amount in FLOWS
            if i < len(days)
        ],
    }


def _trades(days: list[str]) -> dict[str, Any]:
    closed = [_trade(i, days) for i in range(24)]
    won = sum(trade["pnl_usd"] > 0 for trade in closed)
    return {
        "closed": 24,
        "won": won,
        "lost": 24 - won,
        "flat": 0,
        "win_rate": won / 24,
        "average_win_usd": Decimal("2210.40"),
        "average_loss_usd": Decimal("-1730.12"),
        "expectancy_usd": Decimal("402.11"),
        "profit_factor": 1.42,
        "fees_usd": None,
        "average_holding_days": 8.2,
        "rows": closed,
        "open": 3,
        "unknown": [
            {"connector": "old-bank", "symbol": "XAU", "reason": "its fills begin after the position"}
        ],
        "reasons": {"fees_usd": "4 fills do not tell their fee"},
    }


def _trade(i: int, days: list[str]) -> dict[str, Any]:
    connector, symbol = SYMBOLS[i % 4]
    return {
        "connector": connector,
        "symbol": symbol,
        "side": "short" if i % 5 == 0 else "long",
        "entry_time": f"{days[5 * i]}T10:31:00-05:00",
        "exit_time": f"{days[5 * i + 8]}T15:12:00-05:00",
        "quantity": Decimal("0.00000125") if symbol == "BTC/USD" else Decimal(100 + i),
        "entry_price": Decimal("182.3104"),
        "exit_price": Decimal("187.2"),
        "pnl_usd": Decimal(f"{2400 * noise(i, 'pnl') + 400:.2f}"),
        "fees_usd": Decimal("1.25") if i % 7 else None,
        "holding_days": 8.2,
    }


def _contribution() -> list[dict[str, Any]]:
    leaves = [
        _leaf(connector, symbol, Decimal(40_000 - 30_000 * i), Decimal(50_000 - 31_000 * i))
        for i, (connector, symbol) in enumerate(SYMBOLS)
    ]
    leaves.append(_leaf("main-equities", None, Decimal("-312.40"), Decimal(0)))
    leaves.append(_leaf(None, None, Decimal("0.07"), Decimal(0)) | {"realized_pnl_usd": None})
    return leaves


def _leaf(connector: str | None, symbol: str | None, realized: Decimal, change: Decimal) -> dict[str, Any]:
    return {
        "connector": connector,
        "symbol": symbol,
        "pnl_usd": realized + change,
        "realized_pnl_usd": realized,
        "unrealized_change_usd": change,
    }
