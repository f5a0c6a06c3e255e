"""tastytrade's transactions as fills and flows. Pure.

Types: Trade (an execution of one leg), Money Movement, Receive Deliver (expiry, assignment,
exercise, splits, transfers in kind).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from git_qoc.errors import Unsupported, VenueError
from git_qoc.model import Fill, Flow, FlowKind, Side
from git_qoc.money import ZERO
from git_qoc.venues.tastytrade_payloads import Effect, TransactionRow, signed
from git_qoc.venues.tastytrade_symbols import OPTION_MULTIPLIER

FLOWS = {
    "Deposit": FlowKind.DEPOSIT,
    "Withdrawal": FlowKind.WITHDRAWAL,
    "Transfer": FlowKind.TRANSFER,
}
# Income and costs: they change NAV, they do not cross its border. "Mark to Market" is the daily
# settlement of futures.
INCOME = frozenset(
    {
        "Balance Adjustment",
        "Credit Interest",
        "Debit Interest",
        "Dividend",
        "Fee",
        "Fully Paid Stock Lending Income",
        "Mark to Market",
    }
)
# Securities that come or go; no amount of money is stated.
IN_KIND = frozenset({"ACAT", "ACATS", "Transfer"})


def fills(
    rows: Iterable[TransactionRow], since: datetime, multipliers: Mapping[str, Decimal]
) -> tuple[Fill, ...]:
    """Executions after `since`, oldest first, each once; `multipliers` are those of futures."""
    found = {
        row.id: _fill(row, multipliers)
        for row in rows
        if row.transaction_type == "Trade" and row.executed_at > since
    }
    return tuple(sorted(found.values(), key=lambda fill: (fill.time, fill.fill_id)))


def futures_in(rows: Iterable[TransactionRow]) -> set[str]:
    return {row.symbol for row in rows if row.instrument_type == "Future" and row.symbol}


def _fill(row: TransactionRow, multipliers: Mapping[str, Decimal]) -> Fill:
    where = f"tastytrade /transactions: {row.id}"
    word = (row.action or "").partition(" ")[0]
    if row.symbol is None or row.price is None or not row.quantity or word not in ("Buy", "Sell"):
        raise VenueError(f"{where}: expected symbol, quantity, price and an action of Buy or Sell")
    return Fill(
        fill_id=row.id,
        order_id=row.order_id or "",
        symbol=row.symbol,
        side=Side.BUY if word == "Buy" else Side.SELL,
        quantity=abs(row.quantity),
        price=row.price,
        time=row.executed_at,
        fee=_fee(row),
        multiplier=_multiplier(row, multipliers),
    )


def _multiplier(row: TransactionRow, multipliers: Mapping[str, Decimal]) -> Decimal:
    if row.instrument_type == "Future" and row.symbol is not None:
        return multipliers[row.symbol]
    if row.instrument_type == "Equity Option":
        return OPTION_MULTIPLIER
    if row.instrument_type in ("Equity", "Cryptocurrency"):
        return Decimal(1)
    raise Unsupported(f"tastytrade /transactions: {row.id}: a fill whose contract size is not known here")


def _fee(row: TransactionRow) -> Decimal | None:
    """Commission and fees, a cost > 0; None where none of them is stated."""
    parts = list(_fees(row))
    return -sum(parts, ZERO) if parts else None


def _fees(row: TransactionRow) -> Iterator[Decimal]:
    stated: tuple[tuple[Decimal | None, Effect | None], ...] = (
        (row.commission, row.commission_effect),
        (row.clearing_fees, row.clearing_fees_effect),
        (row.regulatory_fees, row.regulatory_fees_effect),
        (row.proprietary_index_option_fees, row.proprietary_index_option_fees_effect),
    )
    for amount, effect in stated:
        if amount is None:
            continue
        if amount and effect not in ("Credit", "Debit"):
            raise VenueError(f"tastytrade /transactions: {row.id}: expected a fee's effect, Credit or Debit")
        yield signed(amount, effect)


def flows(rows: Iterable[TransactionRow], since: datetime) -> tuple[Flow, ...]:
    """Money that crossed the border, booked after `since`, oldest first, each once.

    Raises:
        Unsupported: securities were transferred, or money of a kind or currency that is not
            known: a flow is neither dropped nor guessed.
    """
    found = {row.id: _flow(row) for row in rows if (row.created_at or row.executed_at) > since}
    known = [flow for flow in found.values() if flow is not None]
    return tuple(sorted(known, key=lambda flow: (flow.time, flow.flow_id)))


def _flow(row: TransactionRow) -> Flow | None:
    where = f"tastytrade /transactions: {row.id}"
    if row.transaction_type == "Receive Deliver":
        if row.transaction_sub_type in IN_KIND:
            raise Unsupported(f"{where}: a transfer of securities, whose worth in USD is not stated")
        return None
    if row.transaction_type != "Money Movement" or row.transaction_sub_type in INCOME:
        return None
    if row.transaction_sub_type not in FLOWS:
        raise Unsupported(f"{where}: a movement of money of a kind that is not known here")
    if row.currency not in (None, "USD"):
        raise Unsupported(f"{where}: a flow in another currency, whose worth in USD is not stated")
    if row.net_value is None or row.net_value_effect not in ("Credit", "Debit"):
        raise VenueError(f"{where}: expected a net-value with an effect of Credit or Debit")
    amount = signed(row.net_value, row.net_value_effect)
    return Flow(row.id, row.created_at or row.executed_at, FLOWS[row.transaction_sub_type], amount)
