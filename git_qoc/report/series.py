"""The long lists of the document: what the charts are drawn from."""

from __future__ import annotations

from git_qoc.report.values import Json, Value
from git_qoc.retrospective.curve import CurvePoint
from git_qoc.retrospective.metrics import Undefined
from git_qoc.retrospective.result import Retrospective
from git_qoc.retrospective.rolling import WINDOW


def equity(retro: Retrospective) -> dict[str, Value]:
    """The curve with its capital first, the days that have no valuation, and what was held each day."""
    return {
        "equity": [_curve_point(entry) for entry in retro.curve],
        "partial_points": [
            {"date": day.isoformat(), "missing": sorted(missing)} for day, missing in retro.partial_days
        ],
        "exposure": [_exposure(entry) for entry in retro.curve],
    }


def rolling(retro: Retrospective) -> dict[str, Value]:
    """Without points where there are too few returns."""
    found = () if isinstance(retro.rolling, Undefined) else retro.rolling
    points: list[Json] = [
        {"date": entry.day.isoformat(), "volatility": entry.volatility, "sharpe_ratio": entry.sharpe_ratio}
        for entry in found
    ]
    return {"rolling": {"window": WINDOW, "points": points}}


def contribution(retro: Retrospective) -> dict[str, Value]:
    """Rows that sum to the P&L."""
    found = retro.contribution
    if isinstance(found, Undefined):
        return {"contribution": found}
    rows: list[Json] = [
        {
            "connector": row.connector,
            "symbol": row.symbol,
            "pnl_usd": row.pnl_usd,
            "realized_pnl_usd": row.realized_usd,
            "unrealized_change_usd": row.unrealized_usd,
        }
        for row in found
    ]
    return {"contribution": rows}


def _curve_point(entry: CurvePoint) -> Json:
    return {
        "date": entry.day.isoformat(),
        "wealth": entry.wealth,
        "drawdown": entry.drawdown,
        "nav_usd": entry.point.nav_usd,
        "segment": entry.segment,
        "gap": entry.gap,
        "carried": sorted(entry.point.carried),
        "estimated": entry.estimated,
    }


def _exposure(entry: CurvePoint) -> Json:
    """Of all accounts that were read; unknown where one is carried forward."""
    held, point = entry.point.holdings, entry.point
    whole = not point.carried
    return {
        "date": entry.day.isoformat(),
        "nav_usd": point.nav_usd,
        "long_usd": held.long_usd if whole else None,
        "short_usd": held.short_usd if whole else None,
        "cash_usd": point.cash_usd if whole else None,
    }
