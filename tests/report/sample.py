"""A rich document: a computed desk, and by hand what it does not have, so that every part shows something."""

from __future__ import annotations

import hashlib
import math
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from git_qoc.report.document import document
from tests.retrospective.builders import daily, retro

Document = dict[str, Any]

FIRST = date(2024, 3, 4)
WARNINGS = [
    "1 period has no defined return: the chain breaks on 2025-01-08",
    "2 returns are estimated: large flows with no valuation at the time",
]


def sample(n: int = 600, *, name: str = "Northwind capital") -> Document:
    """A desk of `n` days with a gap, a break of the chain, carried and partial days; the same every time."""
    records = daily(_navs(n), FIRST)
    del records[n // 3 : n // 3 + 12]
    found: Document = dict(document(retro(records)))
    equity = _equity(found["daily_returns"])
    found |= {"name": name, "format": 1, "scope": {"connector": None, "symbol": None}, "warnings": WARNINGS}
    found |= {"equity": equity, **_beside(equity), **_traded(equity), "compare": _compare()}
    found["data_quality"] = _quality(equity)
    return found


def noise(i: int, salt: str = "") -> float:
    """About normal with deviation 1, from the sum of twelve bytes."""
    return sum(hashlib.sha256(f"{salt}{i}".encode()).digest()[:12]) / 255 - 6


def _navs(n: int) -> list[Decimal]:
    navs, nav = [], 1_000_000.0
    for i in range(n):
        nav *= 1 + 0.0006 + 0.0075 * noise(i)
        navs.append(Decimal(f"{nav:.2f}"))
    return navs


def _equity(returns: list[Document]) -> list[Document]:
    n = len(returns)
    points, wealth, top = [_point(date.fromisoformat(returns[0]["date"]) - timedelta(1), 1.0, 0.0)], 1.0, 1.0
    for i, entry in enumerate(returns):
        wealth *= 1 + entry["value"]
        top = max(top, wealth)
        moment = date.fromisoformat(entry["date"])
        point = _point(moment, wealth, wealth / top - 1)
        point["gap"] = (moment - date.fromisoformat(points[-1]["date"])).days > 4
        point["segment"] = int(i >= n // 2)
        point["estimated"] = i in (n // 5, n // 2 + 3)
        point["carried"] = ["cx-spot"] if n - 40 < i < n - 36 else []
        points.append(point)
    del points[n - 20 : n - 18]
    return points


def _point(moment: date, wealth: float, drawdown: float) -> Document:
    nav = Decimal(f"{1_000_000 * wealth:.2f}")
    return {
        "date": moment.isoformat(),
        "wealth": wealth,
        "drawdown": drawdown,
        "nav_usd": nav,
        "carried": [],
    } | {
        "segment": 0,
        "gap": False,
        "estimated": False,
    }


def _beside(equity: list[Document]) -> Document:
    days = [point["date"] for point in equity]
    level, line = 1.0, []
    for i, day in enumerate(days):
        level *= 1 + 0.0004 + 0.006 * noise(i, "index") if i else 1
        line.append({"date": day, "wealth": level})
    rolling = [_rolled(equity[i : i + 127]) for i in range(len(equity) - 126)]
    exposure = [
        {
            "date": p["date"],
            "nav_usd": p["nav_usd"],
            "long_usd": p["nav_usd"] * 3 / 4,
            "cash_usd": p["nav_usd"] * 2 / 5,
        }
        | {"short_usd": -p["nav_usd"] * 3 / 20 if i % 90 else None}
        for i, p in enumerate(equity)
    ]
    missing = [date.fromisoformat(days[-19]) + timedelta(i) for i in range(-2, 0)]
    benchmark = {
        "symbol": "SPX",
        "source": "closes recorded in snapshots",
        "total_return": level - 1,
        "cagr": 0.1212,
    }
    benchmark |= {
        "volatility": 0.1161,
        "sharpe_ratio": 1.04,
        "max_drawdown": -0.1034,
        "beta": 0.182,
        "alpha": 0.1093,
    }
    benchmark |= {
        "correlation": 0.134,
        "tracking_error": 0.1712,
        "information_ratio": None,
        "up_capture": 0.91,
    }
    benchmark |= {"down_capture": 0.64, "n": len(days) - 1, "equity": line}
    benchmark["reasons"] = {"information_ratio": "the periods of the two differ"}
    return {
        "rolling": {"window": 126, "points": rolling},
        "exposure": exposure,
        "benchmark": benchmark,
        "partial_points": [{"date": day.isoformat(), "missing": ["cx-spot", "fx-margin"]} for day in missing],
    }


def _rolled(window: list[Document]) -> Document:
    changes = [b["wealth"] / a["wealth"] - 1 for a, b in pairwise(window)]
    deviation = math.sqrt(sum(c * c for c in changes) / len(changes))
    ratio = math.fsum(changes) / len(changes) / deviation * math.sqrt(365)
    return {"date": window[-1]["date"], "volatility": deviation * math.sqrt(365), "sharpe_ratio": ratio}


SYMBOLS = (
    ("main-equities", "AAPL"),
    ("main-equities", "KO"),
    ("options", "SPX 240621C05300000"),
    ("cx-spot", "BTC/USD"),
)


def _traded(equity: list[Document]) -> Document:
    days = [point["date"] for point in equity]
    rows = []
    for i in range(24):
        connector, symbol = SYMBOLS[i % 4]
        pnl = Decimal(f"{2400 * noise(i, 'pnl') + 400:.2f}")
        rows.append(
            {
                "connector": connector,
                "symbol": symbol,
                "side": "short" if i % 5 == 0 else "long",
                "pnl_usd": pnl,
            }
            | {
                "entry_time": f"{days[10 * i]}T10:31:00-05:00",
                "exit_time": f"{days[10 * i + 8]}T15:12:00-05:00",
            }
            | {
                "quantity": Decimal("0.00000125") if i % 4 == 3 else Decimal(100 + i),
                "entry_price": Decimal("182.3104"),
            }
            | {
                "exit_price": Decimal("187.2"),
                "fees_usd": Decimal("1.25") if i % 7 else None,
                "holding_days": 8.2,
            }
        )
    won = sum(row["pnl_usd"] > 0 for row in rows)
    trades = {
        "closed": 24,
        "won": won,
        "lost": 24 - won,
        "flat": 0,
        "win_rate": won / 24,
        "open": 3,
        "rows": rows,
    }
    trades |= {
        "average_win_usd": Decimal("2210.40"),
        "average_loss_usd": Decimal("-1730.12"),
        "fees_usd": None,
    }
    trades |= {"expectancy_usd": Decimal("402.11"), "profit_factor": 1.42, "average_holding_days": 8.2}
    trades |= {"reasons": {"fees_usd": "4 fills do not tell their fee"}}
    trades |= {
        "unknown": [
            {"connector": "old-bank", "symbol": "XAU", "reason": "its fills begin after the position"}
        ]
    }
    leaves = [
        {"connector": connector, "symbol": symbol, "pnl_usd": Decimal(90_000 - 61_000 * i)}
        | {
            "realized_pnl_usd": Decimal(40_000 - 30_000 * i),
            "unrealized_change_usd": Decimal(50_000 - 31_000 * i),
        }
        for i, (connector, symbol) in enumerate(SYMBOLS)
    ]
    leaves.append(
        {"connector": "main-equities", "symbol": None, "pnl_usd": Decimal("-312.40")}
        | {"realized_pnl_usd": Decimal(0), "unrealized_change_usd": Decimal(0)}
    )
    leaves.append({"connector": None, "symbol": None, "pnl_usd": Decimal("0.07")})
    flows = [
        {
            "time": f"{days[i]}T10:00:00-05:00",
            "connector": connector,
            "kind": kind,
            "amount_usd": Decimal(amount),
        }
        | {"implied": amount == 12_500}
        for i, connector, kind, amount in (
            (60, "main-equities", "deposit", 50_000),
            (150, "cx-spot", "transfer_in", 12_500),
            (300, "main-equities", "withdrawal", -30_000),
        )
    ]
    return {"trades": trades, "contribution": leaves, "flows": flows}


def _compare() -> Document:
    figures = {"total_return": 0.0412, "cagr": 0.031, "sharpe_ratio": 0.44, "pnl_usd": Decimal("41200.10")}
    return {"label": "the 20 months before", "start": "2022-07-12", "end": "2024-03-03", "figures": figures}


def _quality(equity: list[Document]) -> list[Document]:
    kinds = (
        ("gap", "13 days without a snapshot"),
        ("partial", "cx-spot is missing"),
        ("carried", "cx-spot: 2 days old"),
    )
    found = [
        {
            "kind": "backfilled",
            "time": f"{p['date']}T16:05:00Z",
            "path": "snapshots/x.toml",
            "detail": "backfilled",
        }
        for p in equity[:40]
    ]
    for i, (kind, detail) in enumerate(kinds):
        moment = f"{equity[50 * i + 5]['date']}T16:05:00+00:00"
        path = f"snapshots/{moment[:10]}T16-05-00Z.toml"
        found.append({"kind": kind, "time": moment, "path": path, "detail": detail})
    return found
