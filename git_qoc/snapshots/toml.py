"""Snapshot → text, byte-stable: the same snapshot always gives the same bytes.

The keys of spec/snapshots-and-equity.txt come first, in the spec's order, alignment and
number format; what was added follows. Written by hand rather than with a TOML library
because the layout is fixed and 10,000 positions must not take seconds; the tests hold every
byte against two independent TOML parsers. `git_qoc.snapshots.parse` reads it back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

from git_qoc.money import amount_text, quantity_text
from git_qoc.snapshots.snapshot import (
    AccountRow,
    CashRow,
    FillRow,
    FlowRow,
    PositionRow,
    RealizedRow,
    Snapshot,
)

META_WIDTH = 14
ACCOUNT_WIDTH = 14
ROW_WIDTH = 10
_TIMESTAMP = re.compile(rb'\A(\[meta\]\ntimestamp += ")[0-9T:.-]+Z(")')

Value = Decimal | str | bool | int | datetime | tuple[str, ...] | None


def timestamp_text(time: datetime) -> str:
    """`2026-07-05T16:00:00Z`; microseconds only when there are some."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def file_name(time: datetime) -> str:
    """`2026-07-05T16-00-00Z.toml`: colons are not allowed in names everywhere."""
    return timestamp_text(time).replace(":", "-") + ".toml"


def retimed(data: bytes, timestamp: str) -> bytes:
    """A snapshot file of ours with another timestamp; one in another layout comes back as it is."""
    return _TIMESTAMP.sub(rf"\g<1>{timestamp}\g<2>".encode(), data)


def dumps(snapshot: Snapshot) -> str:
    """The text of a snapshot file, ending in a newline."""
    blocks = [_block("[meta]", _meta_items(snapshot), META_WIDTH)]
    blocks += [_block("[[account]]", _account_items(row), ACCOUNT_WIDTH) for row in snapshot.accounts]
    blocks += [_block("[[cash]]", _cash_items(row), ROW_WIDTH) for row in snapshot.cash]
    blocks += [_block("[[flow]]", _flow_items(row), ROW_WIDTH) for row in snapshot.flows]
    blocks += [_block("[[realized]]", _realized_items(row), ROW_WIDTH) for row in snapshot.realized]
    blocks += [_block("[[position]]", _position_items(row), ROW_WIDTH) for row in snapshot.positions]
    blocks += [_block("[[fill]]", _fill_items(row), ROW_WIDTH) for row in snapshot.fills]
    return "\n".join(blocks)


def _meta_items(s: Snapshot) -> Iterable[tuple[str, Value]]:
    yield "timestamp", s.timestamp
    yield "nav_usd", s.nav_usd
    yield "cash_usd", s.cash_usd
    yield "realized_pnl", s.realized_pnl
    yield "unrealized_pnl", s.unrealized_pnl
    yield "connectors", s.connectors
    yield "schema", s.schema
    yield "since", s.since
    yield "net_flow_usd", s.net_flow_usd
    yield "buying_power_usd", s.buying_power_usd
    yield "degraded", s.degraded or None
    yield "backfill", s.backfill or None


def _account_items(row: AccountRow) -> Iterable[tuple[str, Value]]:
    yield "connector", row.connector
    yield "type", row.type
    yield "venue", row.venue
    yield "nav_usd", row.nav_usd
    yield "cash_usd", row.cash_usd
    yield "margin_usd", row.margin_usd
    yield "realized_pnl", row.realized_pnl
    yield "unrealized_pnl", row.unrealized_pnl
    yield "net_flow_usd", row.net_flow_usd
    yield "unreconciled_usd", row.unreconciled_usd
    yield "as_of", row.as_of
    yield "since", row.since


def _cash_items(row: CashRow) -> Iterable[tuple[str, Value]]:
    yield "connector", row.connector
    yield "currency", row.currency
    yield "amount", row.amount
    yield "amount_usd", row.amount_usd


def _flow_items(row: FlowRow) -> Iterable[tuple[str, Value]]:
    yield "time", row.time
    yield "connector", row.connector
    yield "kind", row.kind
    yield "amount_usd", row.amount_usd
    yield "id", row.flow_id or None


def _realized_items(row: RealizedRow) -> Iterable[tuple[str, Value]]:
    yield "connector", row.connector
    yield "symbol", row.symbol
    yield "pnl_usd", row.pnl_usd


def _position_items(row: PositionRow) -> Iterable[tuple[str, Value]]:
    yield "connector", row.connector
    yield "symbol", row.symbol
    yield "quantity", row.quantity
    yield "avg_cost", row.avg_cost
    yield "mark", row.mark
    yield "pnl_open", row.pnl_open
    yield "multiplier", row.multiplier if row.multiplier != 1 else None
    yield "currency", row.currency if row.currency != "USD" else None
    yield "fx_usd", row.fx_usd if row.fx_usd != 1 or row.currency != "USD" else None
    yield "mark_time", row.mark_time
    yield "margined", row.margined or None
    yield "inverse", row.inverse or None
    yield "settle_price", row.settle_price


def _fill_items(row: FillRow) -> Iterable[tuple[str, Value]]:
    in_usd = row.fee_currency == "USD"
    yield "connector", row.connector
    yield "symbol", row.symbol
    yield "side", row.side
    yield "quantity", row.quantity
    yield "price", row.price
    yield "time", row.time
    yield "fee_usd", row.fee if in_usd else None
    yield "fee", None if in_usd else row.fee
    yield "fee_currency", None if in_usd else row.fee_currency or None
    yield "fill_id", row.fill_id or None
    yield "order_id", row.order_id or None
    yield "multiplier", row.multiplier if row.multiplier != 1 else None
    yield "currency", row.currency if row.currency != "USD" else None
    yield "inverse", row.inverse or None


def _block(header: str, items: Iterable[tuple[str, Value]], width: int) -> str:
    lines = [header]
    for key, value in items:
        if value is not None:
            lines.append(f"{key:<{width}} = {_value_text(key, value)}")
    return "\n".join(lines) + "\n"


def _value_text(key: str, value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        exact = key in ("quantity", "multiplier", "fx_usd")
        return quantity_text(value) if exact else amount_text(value)
    if isinstance(value, datetime):
        return _string(timestamp_text(value))
    if isinstance(value, tuple):
        return "[" + ", ".join(_string(item) for item in value) + "]"
    return str(value) if isinstance(value, int) else _string(str(value))


def _string(text: str) -> str:
    """A TOML basic string (toml.io/en/v1.0.0#string)."""
    out = []
    for char in text:
        if char in '"\\':
            out.append("\\" + char)
        elif ord(char) < 0x20 or ord(char) == 0x7F:
            out.append(f"\\u{ord(char):04x}")
        else:
            out.append(char)
    return '"' + "".join(out) + '"'
