"""Alpaca's daily portfolio history as statements. Pure.

`GET /v2/account/portfolio/history` with a timeframe of one day gives one equity per trading
day. Its labels are 20:00 in New York of that day in the published examples (midnight UTC in
summer: 2023-10-19T00:00Z carries the close of 2023-10-18, as the `base_value_asof` of the
intraday example shows) and midnight or the open in others; read as a New York date all agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from git_qoc.errors import VenueError
from git_qoc.model import Account, Flow, FlowKind, Statement
from git_qoc.venues.alpaca_payloads import HISTORY, HistoryBody, parse

HISTORY_PATH = "/v2/account/portfolio/history"
NEW_YORK = ZoneInfo("America/New_York")
SESSION_END = time(16)
CASHFLOW_TYPES = {
    "CSD": FlowKind.DEPOSIT,
    "CSW": FlowKind.WITHDRAWAL,
    "JNL": FlowKind.TRANSFER,
    "JNLC": FlowKind.TRANSFER,
    "ACATC": FlowKind.TRANSFER,
    "OCT": FlowKind.TRANSFER,
}


@dataclass(frozen=True, slots=True)
class _Day:
    close: datetime
    equity: Decimal | None
    flows: tuple[Flow, ...] | None


def params(instants: tuple[datetime, ...]) -> dict[str, str]:
    """The query for whole New York days around the instants (at least one)."""
    first, last = instants[0].astimezone(NEW_YORK), instants[-1].astimezone(NEW_YORK)
    return {
        "timeframe": "1D",
        "start": datetime.combine(first.date(), time(), NEW_YORK).isoformat(),
        "end": datetime.combine(last.date(), time(23, 59, 59), NEW_YORK).isoformat(),
        "cashflow_types": ",".join(CASHFLOW_TYPES),
    }


def statements(data: object, account_id: str, instants: tuple[datetime, ...]) -> Iterator[Statement]:
    """One statement for each instant at or after the 16:00 New York close of a day with an equity.

    Only the equity of that close is known: no cash, no positions, no realized P&L. Flows are
    those of the days since the previous statement's, None for the first.

    Raises:
        VenueError: a wrong body.
    """
    days = _days(parse(HISTORY, data, HISTORY_PATH))
    previous: date | None = None
    for instant in instants:
        today = instant.astimezone(NEW_YORK).date()
        day = days.get(today)
        if day is None or day.equity is None or instant < day.close:
            continue
        account = Account(account_id, "USD", cash=None, equity_usd=day.equity, margin_usd=None)
        yield Statement(instant, account, None, None, _flows_between(days, previous, today))
        previous = today


def _flows_between(days: dict[date, _Day], previous: date | None, today: date) -> tuple[Flow, ...] | None:
    if previous is None:
        return None
    found: list[Flow] = []
    for label, day in days.items():
        if previous < label <= today:
            if day.flows is None:
                return None
            found += day.flows
    return tuple(found)


def _days(body: HistoryBody) -> dict[date, _Day]:
    """By New York date, oldest first; equity is None where unstated and before the first deposit."""
    lists = {"equity": body.equity} | {f"cashflow.{name}": row for name, row in (body.cashflow or {}).items()}
    for name, row in lists.items():
        if len(row) != len(body.timestamp):
            raise VenueError(
                f"alpaca {HISTORY_PATH}: {name}: expected {len(body.timestamp)} values, "
                f"one for each timestamp, found {len(row)}"
            )
    days: dict[date, _Day] = {}
    funded = False
    for index, (label, equity) in enumerate(zip(body.timestamp, body.equity, strict=True)):
        day = _local_date(label)
        close = datetime.combine(day, SESSION_END, NEW_YORK).astimezone(UTC)
        funded = funded or bool(equity)
        days[day] = _Day(close, equity if funded else None, _flows(body, index, close))
    return dict(sorted(days.items()))


def _local_date(label: int) -> date:
    try:
        return datetime.fromtimestamp(label, NEW_YORK).date()
    except (ValueError, OverflowError, OSError):
        raise VenueError(f"alpaca {HISTORY_PATH}: timestamp: expected seconds since 1970") from None


def _flows(body: HistoryBody, index: int, close: datetime) -> tuple[Flow, ...] | None:
    """The day's flows; amounts are per window. None when the body has no cashflow at all."""
    if body.cashflow is None:
        return None
    found = []
    for name, kind in CASHFLOW_TYPES.items():
        amount = body.cashflow[name][index] if name in body.cashflow else None
        if amount:
            found.append(Flow(f"{name}:{close.date().isoformat()}", close, kind, amount))
    return tuple(found)
