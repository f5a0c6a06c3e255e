"""A rich document: a computed desk, and by hand what it does not have, so that every part shows something."""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from git_qoc.report.document import document
from tests.report.sample_trading import noise, traded
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
    found |= {
        "equity": equity,
        **_beside(equity),
        **traded([point["date"] for point in equity]),
        "compare": _compare(),
    }
    found |= {"data_quality": _quality(equity), "segments": _segments(equity)}
    found["intraday_drawdown"] = {
        "depth": -0.1401,
        "level": 0.0,
        "peak": "2024-10-08T11:30:00-04:00",
        "trough": "2025-04-08T15:00:00-04:00",
        "recovery": None,
    }
    found["monthly_returns"][1]["value"] = None
    return found


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
    return {
        "date": moment.isoformat(),
        "wealth": wealth,
        "drawdown": drawdown,
        "nav_usd": Decimal(f"{1_000_000 * wealth:.2f}"),
        "segment": 0,
        "gap": False,
        "carried": [],
        "estimated": False,
    }


def _beside(equity: list[Document]) -> Document:
    days = [point["date"] for point in equity]
    missing = [date.fromisoformat(days[-19]) + timedelta(i) for i in range(-2, 0)]
    return {
        "rolling": {
            "window": 126,
            "points": [_rolled(equity[i : i + 127]) for i in range(len(equity) - 126)],
        },
        "exposure": [_held(i, point) for i, point in enumerate(equity)],
        "benchmark": _benchmark(days),
        "partial_points": [{"date": day.isoformat(), "missing": ["cx-spot", "fx-margin"]} for day in missing],
    }


def _held(i: int, point: Document) -> Document:
    nav = point["nav_usd"]
    return {
        "date": point["date"],
        "nav_usd": nav,
        "long_usd": nav * 3 / 4,
        "short_usd": -nav * 3 / 20 if i % 90 else None,
        "cash_usd": nav * 2 / 5,
    }


def _benchmark(days: list[str]) -> Document:
    level, line = 1.0, []
    for i, day in enumerate(days):
        level *= 1 + 0.0004 + 0.006 * noise(i, "index") if i else 1
        line.append({"date": day, "wealth": level})
    return {
        "symbol": "SPX",
        "source": "closes recorded in snapshots",
        "start": days[0],
        "end": days[-1],
        "total_return": level - 1,
        "cagr": 0.1212,
        "volatility": 0.1161,
        "sharpe_ratio": 1.04,
        "max_drawdown": -0.1034,
        "beta": 0.182,
        "alpha": 0.1093,
        "correlation": 0.134,
        "tracking_error": 0.1712,
        "information_ratio": None,
        "up_capture": 0.91,
        "down_capture": 0.64,
        "n": len(days) - 1,
        "reasons": {"information_ratio": "the periods of the two differ"},
        "equity": line,
    }


def _rolled(window: list[Document]) -> Document:
    changes = [b["wealth"] / a["wealth"] - 1 for a, b in pairwise(window)]
    deviation = math.sqrt(sum(c * c for c in changes) / len(changes))
    ratio = math.fsum(changes) / len(changes) / deviation * math.sqrt(365)
    return {"date": window[-1]["date"], "volatility": deviation * math.sqrt(365), "sharpe_ratio": ratio}


def _segments(equity: list[Document]) -> list[Document]:
    parts = [[point for point in equity if point["segment"] == i] for i in (0, 1)]
    return [
        {"start": part[0]["date"], "end": part[-1]["date"], "total_return": 0.0312 - i / 10}
        for i, part in enumerate(parts)
    ]


def _compare() -> Document:
    figures = {"total_return": 0.0412, "cagr": 0.031, "sharpe_ratio": 0.44, "pnl_usd": Decimal("41200.10")}
    return {"label": "the 20 months before", "start": "2022-07-12", "end": "2024-03-03", "figures": figures}


def _quality(equity: list[Document]) -> list[Document]:
    def finding(kind: str, day: str, detail: str) -> Document:
        path = f"snapshots/{day}T16-05-00Z.toml"
        return {"kind": kind, "time": f"{day}T16:05:00+00:00", "path": path, "detail": detail}

    days = [point["date"] for point in equity]
    found = [finding("backfilled", day, "backfilled") for day in days[:40]]
    found.append(finding("gap", days[40], "13 days without a snapshot"))
    found.append(finding("partial", days[60], "cx-spot is missing"))
    return [*found, finding("carried", days[80], "cx-spot: 2 days old")]
