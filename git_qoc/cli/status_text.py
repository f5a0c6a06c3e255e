"""A unified account for a person, and as plain values for JSON."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from git_qoc.account.uta import AccountSheet, UnifiedAccount
from git_qoc.cli.output import age, table
from git_qoc.model import HealthStatus
from git_qoc.money import shown

NO_CONNECTOR = (
    "desk.toml has no connector yet. Add one: git qoc connect equities --name main-equities --env-prefix EQ_"
)


def as_text(uta: UnifiedAccount, now: datetime) -> str:
    if not uta.sheets:
        return NO_CONNECTOR
    headers = ("connector", "type", "venue", "health", "last quote", "NAV USD", "cash USD", "can fund USD")
    rows = [_row(sheet, now) for sheet in uta.sheets]
    blocks = [table(rows, headers, right=(5, 6, 7)), "\n".join(_totals(uta))]
    notes = list(_notes(uta, now))
    if notes:
        blocks.append("\n".join(notes))
    return "\n\n".join(blocks)


def _row(sheet: AccountSheet, now: datetime) -> tuple[str, ...]:
    state = sheet.state
    quoted = state.last_quote_time
    quote = f"{quoted:%Y-%m-%d %H:%M:%S}Z ({age(quoted, now)} ago)" if quoted else "n/a"
    nav = cash = "n/a"
    if sheet.valuation:
        nav, cash = shown(sheet.valuation.nav_usd), shown(sheet.valuation.cash_usd)
    return (
        state.connector,
        state.type,
        state.venue,
        state.health.status,
        quote,
        nav,
        cash,
        shown(sheet.funding_usd),
    )


def _totals(uta: UnifiedAccount) -> Iterator[str]:
    part = " (without the DEGRADED)" if uta.degraded and uta.readable else ""
    yield f"NAV           {shown(uta.nav_usd):>16} USD{part}"
    yield f"cash          {shown(uta.cash_usd):>16} USD"
    yield f"unrealized    {shown(uta.unrealized_pnl):>16} USD"
    least = f" at least (unknown for {', '.join(uta.unpooled)})" if uta.unpooled else ""
    yield f"buying power  {shown(uta.buying_power_usd):>16} USD{least or part}"


def _notes(uta: UnifiedAccount, now: datetime) -> Iterator[str]:
    for sheet in uta.sheets:
        state = sheet.state
        if state.health.status is HealthStatus.DEGRADED:
            since = f" (since {age(state.health.since, now)})" if _long(state.health.since, now) else ""
            yield f"{state.connector}: DEGRADED{since}: {state.health.reason}"
        if sheet.valuation and sheet.valuation.unreconciled_usd:
            gap = shown(sheet.valuation.unreconciled_usd)
            yield f"{state.connector}: its equity differs from its parts by {gap} USD; the venue's counts"
        if sheet.unpriced:
            yield f"{state.connector}: its buying power is unknown: {sheet.unpriced}"
        yield from (f"{state.connector}: {note}" for note in state.notes)


def _long(since: datetime | None, now: datetime) -> bool:
    return since is not None and (now - since).total_seconds() >= 60


def as_dict(uta: UnifiedAccount) -> dict[str, Any]:
    """The keys of `git qoc status --json`; null where unknown."""
    return {
        "nav_usd": uta.nav_usd,
        "cash_usd": uta.cash_usd,
        "unrealized_pnl": uta.unrealized_pnl,
        "buying_power_usd": uta.buying_power_usd,
        "buying_power_unknown_for": uta.unpooled,
        "degraded": uta.degraded,
        "connectors": [_sheet(sheet) for sheet in uta.sheets],
    }


def _sheet(sheet: AccountSheet) -> dict[str, Any]:
    state, valuation = sheet.state, sheet.valuation
    return {
        "name": state.connector,
        "type": state.type,
        "venue": state.venue,
        "health": state.health.status,
        "reason": state.health.reason or None,
        "since": state.health.since,
        "as_of": state.as_of,
        "last_quote": state.last_quote_time,
        "nav_usd": valuation and valuation.nav_usd,
        "cash_usd": valuation and valuation.cash_usd,
        "unrealized_pnl": valuation and valuation.unrealized_pnl,
        "unreconciled_usd": valuation and valuation.unreconciled_usd,
        "margin_usd": state.account.margin_usd if state.account else None,
        "available_usd": sheet.available_usd,
        "can_fund_usd": sheet.funding_usd,
        "venue_buying_power_usd": state.account.venue_buying_power_usd if state.account else None,
        "positions": None if state.positions is None else len(state.positions),
        "open_orders": None if state.open_orders is None else len(state.open_orders),
        "notes": state.notes,
    }
