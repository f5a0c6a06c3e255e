"""The trades of a retrospective as plain values: the key `trades` of the document."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from git_qoc.report.values import Json
from git_qoc.retrospective.metrics import Undefined
from git_qoc.retrospective.trades.statistics import statistics
from git_qoc.retrospective.trades.values import RoundTrip, Trades

DAY = timedelta(days=1)


def trades_document(trades: Trades, zone: ZoneInfo) -> dict[str, Json]:
    """Figures (undefined ones null, with their `reasons`), then the rows, then what makes none."""
    figures = statistics(trades.closed)
    shown: dict[str, Json] = {}
    reasons: dict[str, Json] = {}
    for name in (field.name for field in fields(figures)):
        value = getattr(figures, name)
        undefined = isinstance(value, Undefined)
        shown[name] = None if undefined else value
        reasons |= {name: value.reason} if undefined else {}
    return {
        **shown,
        "rows": [_row(trip, zone) for trip in trades.closed],
        "open": len(trades.open),
        "open_realized_usd": trades.open_realized_usd,
        "unknown": [
            {"connector": one.connector, "symbol": one.symbol, "reason": one.reason} for one in trades.unknown
        ],
        "reasons": reasons,
    }


def _row(trip: RoundTrip, zone: ZoneInfo) -> Json:
    return {
        "connector": trip.connector,
        "symbol": trip.symbol,
        "side": trip.side,
        "entry_time": _time(trip.entry_time, zone),
        "exit_time": _time(trip.exit_time, zone),
        "quantity": trip.quantity,
        "entry_price": trip.entry_price,
        "exit_price": trip.exit_price,
        "pnl_usd": trip.pnl_usd,
        "fees_usd": trip.fees_usd,
        "holding_days": trip.holding / DAY,
        "multiplier": trip.multiplier,
        "entry_orders": list(trip.entry_orders),
        "exit_orders": list(trip.exit_orders),
    }


def _time(time: datetime, zone: ZoneInfo) -> str:
    return time.astimezone(zone).isoformat()
