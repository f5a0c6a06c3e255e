"""A retrospective → one document of plain values, which every form of the report is made from.

The keys are stable. Undefined is None, with its reason under `reasons` by the same key. Money is
exact. Fractions, not percent; drawdowns ≤ 0; dates in the report's zone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from git_qoc.report import series
from git_qoc.report.benchmark_part import benchmark_part
from git_qoc.report.trades_document import trades_document
from git_qoc.report.values import Json, Value
from git_qoc.retrospective.calendar import monthly_returns, yearly_returns
from git_qoc.retrospective.days import Day
from git_qoc.retrospective.drawdowns import Drawdown
from git_qoc.retrospective.metrics import Undefined
from git_qoc.retrospective.result import Retrospective

NO_DRAWDOWN = "no drawdown"
NO_SNAPSHOT = "no complete snapshot"
FORMAT = 1
"""Of the document; another one when a key's meaning changes, not when one is added."""


def document(retro: Retrospective) -> dict[str, Json]:
    """The report as plain values: the headline keys, then lists, then `reasons`."""
    reasons: dict[str, Json] = {}
    shown: dict[str, Json] = {}
    for key, value in _headline(retro):
        if isinstance(value, Undefined):
            reasons[key] = value.reason
            shown[key] = None
        else:
            shown[key] = value
    parts = _lists(retro), series.equity(retro), series.rolling(retro), series.contribution(retro)
    lists = {key: value for part in parts for key, value in part.items()}
    lists["benchmark"] = benchmark_part(retro.benchmark)
    for key, value in lists.items():
        if isinstance(value, Undefined):
            reasons[key] = value.reason
    if isinstance(retro.rolling, Undefined):
        reasons["rolling"] = retro.rolling.reason
    kept = {key: None if isinstance(value, Undefined) else value for key, value in lists.items()}
    kept["compare"] = None if retro.previous is None else _compared(retro.previous)
    if retro.previous is None:
        reasons["compare"] = "not asked for"
    return {**_about(retro), **shown, **kept, "reasons": reasons}


def _compared(before: Retrospective) -> Json:
    """The headline of the period before, with its own reasons."""
    whole = dict(_headline(before))
    figures = {key: None if isinstance(value, Undefined) else value for key, value in whole.items()}
    reasons = {key: value.reason for key, value in whole.items() if isinstance(value, Undefined)}
    return {
        "label": "previous",
        "start": figures.pop("start"),
        "end": figures.pop("end"),
        "figures": figures,
        "reasons": reasons,
        "warnings": list(before.warnings),
    }


def _about(retro: Retrospective) -> dict[str, Json]:
    choices = retro.choices
    scope: dict[str, Json] = {"connector": choices.connector, "symbol": choices.symbol}
    return {"format": FORMAT, "name": choices.desk, "scope": scope}


def _headline(retro: Retrospective) -> Iterable[tuple[str, Value]]:
    figures, pnl = retro.figures, retro.pnl
    yield "start", _day(retro.start, NO_SNAPSHOT)
    yield "end", _day(retro.end, NO_SNAPSHOT)
    yield "n_points", retro.n_points
    yield "n_returns", len(retro.returns)
    yield "periods_per_year", retro.periods_per_year
    for key in ("total_return", "cagr", "volatility", "sharpe_ratio", "sharpe_standard_error"):
        yield key, figures[key]
    for key in ("sortino_ratio", "calmar_ratio", "max_drawdown"):
        yield key, figures[key]
    yield from _max_drawdown(retro)
    yield "win_rate", figures["win_rate"]
    yield "days_up", retro.tally.up
    yield "days_down", retro.tally.down
    yield "days_flat", retro.tally.flat
    for key in ("value_at_risk_95", "cvar_95", "ulcer_index", "money_weighted_return"):
        yield key, figures[key]
    yield "pnl_usd", pnl.pnl_usd
    yield "net_flow_usd", pnl.net_flow_usd
    yield "nav_start_usd", pnl.nav_start_usd
    yield "nav_end_usd", pnl.nav_end_usd
    yield "realized_pnl_usd", pnl.realized_pnl_usd
    yield "unrealized_change_usd", pnl.unrealized_change_usd
    yield "other_pnl_usd", pnl.other_pnl_usd
    yield "profit_factor", figures["profit_factor"]
    yield "realized_win_rate", retro.realized.rate
    yield "n_snapshots", retro.n_snapshots
    yield "n_complete", retro.n_complete
    yield "n_dispersion", sum(entry.in_sample for entry in retro.days)


def _max_drawdown(retro: Retrospective) -> Iterable[tuple[str, Value]]:
    depth, deepest = retro.figures["max_drawdown"], retro.maximum
    why = depth if isinstance(depth, Undefined) else Undefined(NO_DRAWDOWN)
    yield "max_drawdown_peak", deepest.peak.isoformat() if deepest else why
    yield "max_drawdown_trough", deepest.trough.isoformat() if deepest else why
    if deepest is None:
        yield "max_drawdown_recovery", why
    else:
        yield "max_drawdown_recovery", _day(deepest.recovery, "not recovered")


def _lists(retro: Retrospective) -> dict[str, Value]:
    zone, trades = retro.choices.zone, retro.trades
    return {
        "daily_returns": [
            {
                "date": entry.day.isoformat(),
                "value": entry.value,
                "estimated": entry.estimated,
                "in_sample": entry.in_sample,
                **({"reason": entry.reason} if entry.reason else {}),
            }
            for entry in retro.days
        ],
        "best_day": _extreme(retro.best),
        "worst_day": _extreme(retro.worst),
        "segments": [
            {"start": part.start.isoformat(), "end": part.end.isoformat(), "total_return": part.total_return}
            for part in retro.segments
        ],
        "monthly_returns": [
            {"month": f"{year:04}-{month:02}", "value": _null(value)}
            for (year, month), value in monthly_returns(retro.days).items()
        ],
        "yearly_returns": [
            {"year": year, "value": _null(value)} for year, value in yearly_returns(retro.days).items()
        ],
        "drawdowns": [_drawdown(d) for d in retro.deepest],
        "current_drawdown": _drawdown(retro.current) if retro.current else None,
        "intraday_drawdown": _drawdown(retro.intraday, zone_of=retro) if retro.intraday else None,
        "flows": [
            {
                "time": flow.time.astimezone(zone).isoformat(),
                "connector": flow.connector,
                "kind": flow.kind,
                "amount_usd": flow.amount_usd,
                "implied": flow.implied,
            }
            for flow in retro.flows
        ],
        "trades": trades if isinstance(trades, Undefined) else trades_document(trades, zone),
        "data_quality": [
            {
                "kind": finding.kind.value,
                "time": finding.time.astimezone(zone).isoformat() if finding.time else None,
                "path": finding.path,
                "detail": finding.detail,
            }
            for finding in retro.findings
        ],
        "warnings": list(retro.warnings),
        "choices": [
            {"name": name, "value": value, "origin": origin} for name, value, origin in retro.choices.listed()
        ],
    }


def _extreme(entry: Day | None) -> Json:
    return None if entry is None else {"date": entry.day.isoformat(), "value": entry.value}


def _drawdown(found: Drawdown[date] | Drawdown[datetime], zone_of: Retrospective | None = None) -> Json:
    def when(moment: date | None) -> str | None:
        if isinstance(moment, datetime) and zone_of is not None:
            moment = moment.astimezone(zone_of.choices.zone)
        return moment.isoformat() if moment is not None else None

    return {
        "depth": found.depth,
        "level": found.level,
        "peak": when(found.peak),
        "trough": when(found.trough),
        "recovery": when(found.recovery),
    }


def _day(day: date | None, reason: str) -> Value:
    return Undefined(reason) if day is None else day.isoformat()


def _null(value: float | Undefined) -> float | None:
    return None if isinstance(value, Undefined) else value
