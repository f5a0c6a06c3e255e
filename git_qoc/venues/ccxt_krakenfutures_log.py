"""Kraken Futures' account log (`GET /api/history/v3/account-log`) as flows. Pure.

Each entry is one change of one balance, its worth `new_balance` less `old_balance`. Between a user's own
wallets of Kraken Futures ("transfer") nothing crosses the account's border; from and to Kraken spot, a
sub-account or Kraken itself it does.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from git_qoc.errors import Unsupported, VenueError
from git_qoc.model import Flow, FlowKind
from git_qoc.venues.ccxt_ask import Ask
from git_qoc.venues.ccxt_rows import MaybeNumber, Row, Words, part, read

PAGE = 500

CROSSING = {
    "cross-exchange transfer": FlowKind.TRANSFER,
    "subaccount transfer": FlowKind.TRANSFER,
    "admin transfer": FlowKind.TRANSFER,
    "deposit": FlowKind.DEPOSIT,
    "withdrawal": FlowKind.WITHDRAWAL,
}
INSIDE = frozenset(
    {
        "futures trade",
        "futures liquidation",
        "futures assignee",
        "futures assignor",
        "futures unwind counterparty",
        "futures unwind bankrupt",
        "covered liquidation",
        "settlement",
        "conversion",
        "funding rate change",
        "interest payment",
        "kfee applied",
        "tax withheld",
        "tax refund",
        "transfer",
    }
)


class LogRow(Row):
    id: int
    booking_uid: str
    date: str
    info: str
    asset: Words = None
    contract: Words = None
    old_balance: MaybeNumber = None
    new_balance: MaybeNumber = None


def flows(ask: Ask, since: datetime, where: str) -> Iterator[Flow]:
    """Oldest first by the log's own number; each page begins with the entry that the last one ended with."""
    query: dict[str, object] = {"since": int(since.timestamp() * 1000), "sort": "asc", "count": PAGE}
    last = -1
    while True:
        rows = [read(LogRow, data, where) for data in _logs(ask, query, where)]
        fresh = [row for row in rows if row.id > last]
        for row in fresh:
            found = _flow(row, since, where)
            if found is not None:
                yield found
        if len(rows) < PAGE:
            return
        if not fresh:
            raise VenueError(f"{where}: the pages do not advance")
        last = max(row.id for row in fresh)
        query["from"] = last


def _logs(ask: Ask, query: dict[str, object], where: str) -> list[Any]:
    return part(ask("historyGetAccountLog", query), "logs", list, where)


def _flow(row: LogRow, since: datetime, where: str) -> Flow | None:
    kind = CROSSING.get(row.info)
    if kind is None and row.info not in INSIDE:
        raise Unsupported(f"{where}: entry {row.id} is of a kind that is not known here")
    if kind is None or row.asset == row.contract:
        return None
    try:
        time = datetime.fromisoformat(row.date).astimezone(UTC)
    except ValueError:
        raise VenueError(f"{where}: entry {row.id}: expected an ISO time, found other text") from None
    if time > since and (row.asset or "").lower() != "usd":
        raise Unsupported(f"{where}: entry {row.id}: a transfer whose worth in USD is not stated")
    if row.old_balance is None or row.new_balance is None:
        raise VenueError(f"{where}: entry {row.id}: expected the balance before and after, found neither")
    return Flow(row.booking_uid, time, kind, row.new_balance - row.old_balance)
