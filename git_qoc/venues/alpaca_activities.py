"""Alpaca's account activities as fills and flows. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from git_qoc.errors import Unsupported, VenueError
from git_qoc.model import Fill, Flow, FlowKind, Side
from git_qoc.venues.alpaca_payloads import ActivityRow, FillRow
from git_qoc.venues.alpaca_symbols import joined, multiplier

ACTIVITIES_PATH = "/v2/account/activities"
NEW_YORK = ZoneInfo("America/New_York")

# Dividends, interest and fees are income or cost: they change NAV, they do not cross its border.
CASH_TYPES = {
    "CSD": FlowKind.DEPOSIT,
    "CSW": FlowKind.WITHDRAWAL,
    "JNL": FlowKind.TRANSFER,
    "JNLC": FlowKind.TRANSFER,
    "ACATC": FlowKind.TRANSFER,
    "OCT": FlowKind.TRANSFER,
}
# Securities that come or go: they cross the border, and the rows state no amount of money.
SECURITY_TYPES = frozenset({"ACATS", "JNLS", "FOPT"})
FLOW_TYPES = (*CASH_TYPES, *sorted(SECURITY_TYPES))


def fills(rows: Iterable[FillRow], since: datetime) -> tuple[Fill, ...]:
    """Executions after `since`, oldest first, each id once however often it was read."""
    found = {row.id: _fill(row) for row in rows if row.transaction_time > since}
    return tuple(sorted(found.values(), key=lambda fill: (fill.time, fill.fill_id)))


def _fill(row: FillRow) -> Fill:
    if row.qty <= 0:
        raise VenueError(f"alpaca {ACTIVITIES_PATH}/FILL: {row.id}: expected qty above zero")
    return Fill(
        fill_id=row.id,
        order_id=row.order_id,
        symbol=joined(row.symbol),
        side=Side.BUY if row.side == "buy" else Side.SELL,
        quantity=row.qty,
        price=row.price,
        time=row.transaction_time,
        # Alpaca books fees as activities of their own (FEE, CFEE), not by execution.
        fee=None,
        multiplier=multiplier(row.symbol),
    )


def flows(rows: Iterable[ActivityRow], since: datetime) -> tuple[Flow, ...]:
    """Money that crossed the border, booked after `since`, oldest first, each id once.

    A row without `created_at` is dated to the start of its day in New York and trusted to be
    after `since`, as the API selects by booking time.

    Raises:
        Unsupported: a transfer of securities, or of money that is not USD: what it was worth
            is not stated, and a flow is neither dropped nor guessed.
    """
    found = {
        row.id: _flow(row)
        for row in rows
        if row.status != "canceled" and (row.created_at is None or row.created_at > since)
    }
    return tuple(sorted(found.values(), key=lambda flow: (flow.time, flow.flow_id)))


def _flow(row: ActivityRow) -> Flow:
    where = f"alpaca {ACTIVITIES_PATH}: {row.id}"
    if row.activity_type not in FLOW_TYPES:
        raise VenueError(f"{where}: asked for deposits, withdrawals and transfers, found something else")
    on_chain = row.activity_type == "OCT"
    if row.activity_type in SECURITY_TYPES or (on_chain and not row.net_amount):
        raise Unsupported(f"{where}: a transfer ({row.activity_type}) whose worth in USD is not stated")
    if row.currency not in (None, "", "USD"):
        raise Unsupported(f"{where}: a flow in another currency, whose worth in USD is not stated")
    if row.net_amount is None:
        raise VenueError(f"{where}: net_amount: expected a decimal number as text, found nothing")
    kind = _on_chain(row.net_amount) if on_chain else CASH_TYPES[row.activity_type]
    return Flow(row.id, row.created_at or _day(row, where), kind, row.net_amount)


def _on_chain(amount: Decimal) -> FlowKind:
    return FlowKind.DEPOSIT if amount > 0 else FlowKind.WITHDRAWAL


def _day(row: ActivityRow, where: str) -> datetime:
    try:
        day = datetime.fromisoformat(row.date or "").date()
    except ValueError:
        raise VenueError(f"{where}: expected created_at or date, found neither") from None
    return datetime.combine(day, time(), NEW_YORK).astimezone(UTC)
