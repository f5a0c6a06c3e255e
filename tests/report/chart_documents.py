"""Documents that the charts are drawn from: a desk with everything, in numbers made by one formula."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

START = date(2025, 1, 2)


def noise(count: int, seed: int = 7) -> list[float]:
    """Numbers in [−1, 1) that look like chance and are always the same (a linear congruence, Knuth's)."""
    state, found = seed, []
    for _ in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        found.append(state / 2**63 - 1.0)
    return found


def weekdays(count: int, start: date = START) -> list[date]:
    days: list[date] = []
    day = start
    while len(days) < count:
        if day.weekday() < 5:
            days.append(day)
        day += timedelta(days=1)
    return days


def equity_rows(
    days: Sequence[date],
    wealth: Sequence[float],
    gaps: Sequence[int] = (),
    broken: Sequence[int] = (),
    carried: Sequence[int] = (),
) -> list[dict[str, Any]]:
    """One row a day, with its drawdown; the others are the places of what they name."""
    peak, segment, rows = 0.0, 0, []
    for i, (day, level) in enumerate(zip(days, wealth, strict=True)):
        peak, segment = max(peak, level), segment + (i in broken)
        rows.append({
            "date": day.isoformat(), "wealth": level, "drawdown": level / peak - 1.0 if peak else 0.0,
            "nav_usd": Decimal(str(round(level * 100_000, 2))), "segment": segment,
            "gap": i in gaps or i in broken,
            "carried": ["kraken"] if i in carried else [], "estimated": False,
        })  # fmt: skip
    return rows


def walk(count: int, drift: float = 0.0006, size: float = 0.018, seed: int = 7) -> list[float]:
    level, found = 1.0, [1.0]
    for step in noise(count - 1, seed):
        level *= 1.0 + drift + size * step
        found.append(level)
    return found[:count]


def plain(wealth: Sequence[float], start: date = START) -> dict[str, Any]:
    """A document with nothing but the equity of these points, one a day."""
    days = [start + timedelta(days=i) for i in range(len(wealth))]
    rows = equity_rows(days, wealth)
    return {"start": str(days[0]), "end": str(days[-1]), "total_return": wealth[-1] - 1.0, "equity": rows}


def desk(count: int = 330) -> dict[str, Any]:
    """A desk with gaps, a break, partial days, flows, a benchmark, and every list of the report."""
    days, wealth = weekdays(count + 12), walk(count)
    cut = count // 3
    days = days[:cut] + days[cut + 12 :]
    rows = equity_rows(
        days, wealth, gaps=[cut], broken=[count // 2], carried=[count // 16, count // 16 + 1, count // 2 - 15]
    )
    deepest = min(rows, key=lambda row: row["drawdown"])
    months: dict[str, float] = {}
    for i in range(1, count):
        key = days[i].isoformat()[:7]
        months[key] = (1 + months.get(key, 0.0)) * wealth[i] / wealth[i - 1] - 1
    years: dict[int, float] = {}
    for key, value in months.items():
        years[int(key[:4])] = (1 + years.get(int(key[:4]), 0.0)) * (1 + value) - 1
    return {
        "format": 1, "name": "Northwind Desk", "scope": {"connector": None, "symbol": None},
        "start": str(days[0]), "end": str(days[-1]), "total_return": wealth[-1] - 1.0,
        "max_drawdown": deepest["drawdown"], "max_drawdown_peak": "2025-02-13",
        "max_drawdown_trough": deepest["date"], "equity": rows, "reasons": {},
        "partial_points": [{"date": str(days[count // 5] + timedelta(days=1)), "missing": ["kraken"]}],
        "monthly_returns": [{"month": key, "value": value} for key, value in months.items()],
        "yearly_returns": [{"year": key, "value": value} for key, value in years.items()],
        "flows": [
            flow(days[count // 8], 25_000), flow(days[count // 4], -8_000), flow(days[count // 2], 12_000)
        ],
        "rolling": {"window": 126, "points": rolling_points(days[126:])},
        "contribution": contribution_rows(), "exposure": exposure_rows(days, wealth),
        "benchmark": {"symbol": "SPY", "total_return": 0.1, "equity": [
            {"date": str(day), "wealth": level}
            for day, level in zip(days, walk(count, 0.0004, 0.012, seed=11), strict=True)
        ]},
    }  # fmt: skip


def flow(day: date, amount: int) -> dict[str, Any]:
    kind = "deposit" if amount > 0 else "withdrawal"
    time = f"{day}T16:00:00-05:00"
    return {"time": time, "connector": "bank", "kind": kind, "amount_usd": Decimal(amount), "implied": False}


def rolling_points(days: Sequence[date]) -> list[dict[str, Any]]:
    sharpe, volatility = walk(len(days), 0, 0.05, 3), walk(len(days), 0, 0.02, 5)
    return [
        {"date": str(day), "sharpe_ratio": 2.4 * a - 1.6, "volatility": None if i == 30 else 0.16 * b}
        for i, (day, a, b) in enumerate(zip(days, sharpe, volatility, strict=True))
    ]


def contribution_rows() -> list[dict[str, Any]]:
    """Sums to 18,310.20."""
    table = [
        ("alpaca", "AAPL", "6120.50"), ("alpaca", "NVDA", "9240.25"), ("alpaca", "TSLA", "-3480.75"),
        ("alpaca", "MSFT", "1820.00"), ("kraken", "BTC/USD", "5310.10"), ("kraken", "ETH/USD", "-1220.40"),
        ("tastytrade", "SPY   260116C00500000", "840.00"), ("tastytrade", "SPY   260116P00450000", "-410.00"),
        ("alpaca", None, "-182.30"), ("kraken", None, "-96.20"), (None, None, "369.00"),
    ]  # fmt: skip
    return [
        {"connector": connector, "symbol": symbol, "pnl_usd": Decimal(pnl)}
        for connector, symbol, pnl in table
    ]


def exposure_rows(days: Sequence[date], wealth: Sequence[float]) -> list[dict[str, Any]]:
    lengths, shorts = walk(len(days), 0, 0.04, 21), walk(len(days), 0, 0.06, 22)
    rows = []
    for i, (day, level) in enumerate(zip(days, wealth, strict=True)):
        nav = Decimal(str(round(level * 100_000, 2)))
        long, short = Decimal(str(round(lengths[i] * 70_000, 2))), Decimal(str(round(-shorts[i] * 25_000, 2)))
        known = i != 60
        rows.append({
            "date": str(day), "nav_usd": nav, "long_usd": long if known else None,
            "short_usd": short if known else None, "cash_usd": nav - long - short,
        })  # fmt: skip
    return rows
