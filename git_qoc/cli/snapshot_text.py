"""A snapshot for a person: a headline and tables."""

from __future__ import annotations

from git_qoc.cli.output import table
from git_qoc.money import plain, shown, shown_price
from git_qoc.snapshots.snapshot import Snapshot
from git_qoc.snapshots.toml import timestamp_text

LAST_FILLS = 10


def headline(snapshot: Snapshot) -> str:
    """One line: time, NAV, cash, P&L; what is missing is named."""
    parts = [
        f"{timestamp_text(snapshot.timestamp)}  NAV {shown(snapshot.nav_usd)} USD",
        f"cash {shown(snapshot.cash_usd)}",
        f"realized {shown(snapshot.realized_pnl)}",
        f"unrealized {shown(snapshot.unrealized_pnl)}",
    ]
    if snapshot.degraded:
        parts.append(f"without {', '.join(snapshot.degraded)}")
    if snapshot.backfill:
        parts.append("back-filled")
    return "  ".join(parts)


def tables(snapshot: Snapshot, *, everything: bool = False) -> str:
    """The headline, then accounts, positions, flows and the last fills, or all of them."""
    blocks = [headline(snapshot)]
    if snapshot.accounts:
        blocks.append(_accounts(snapshot))
    if snapshot.positions:
        blocks.append(_positions(snapshot))
    if snapshot.flows:
        rows = [(timestamp_text(f.time), f.connector, f.kind, shown(f.amount_usd)) for f in snapshot.flows]
        blocks.append(table(rows, ("time", "connector", "flow", "USD"), right=(3,)))
    if snapshot.fills:
        blocks.append(_fills(snapshot, None if everything else LAST_FILLS))
    return "\n\n".join(blocks)


def _accounts(snapshot: Snapshot) -> str:
    rows = [
        (
            row.connector,
            row.type,
            row.venue,
            shown(row.nav_usd),
            shown(row.cash_usd),
            shown(row.unrealized_pnl),
            shown(row.realized_pnl),
            shown(row.net_flow_usd),
        )
        for row in snapshot.accounts
    ]
    headers = ("connector", "type", "venue", "NAV USD", "cash USD", "unrealized", "realized", "flows")
    return table(rows, headers, right=(3, 4, 5, 6, 7))


def _positions(snapshot: Snapshot) -> str:
    rows = [
        (
            row.connector,
            row.symbol,
            plain(row.quantity),
            shown(row.avg_cost),
            shown(row.mark),
            shown(row.pnl_open),
        )
        for row in snapshot.positions
    ]
    headers = ("connector", "symbol", "quantity", "avg cost", "mark", "open P&L USD")
    return table(rows, headers, right=(2, 3, 4, 5))


def _fills(snapshot: Snapshot, limit: int | None) -> str:
    rows = [
        (
            timestamp_text(row.time),
            row.connector,
            row.symbol,
            row.side,
            plain(row.quantity),
            shown_price(row.price),
            shown(row.fee_usd),
        )
        for row in snapshot.fills[-limit if limit else 0 :]
    ]
    more = len(snapshot.fills) - len(rows)
    headers = ("time", "connector", "symbol", "fill", "quantity", "price", "fee USD")
    text = table(rows, headers, right=(4, 5, 6))
    return f"{text}\n… and {more} before them (git qoc show --all)" if more else text
