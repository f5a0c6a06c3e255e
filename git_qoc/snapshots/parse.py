"""Text → snapshot: ours, or anybody's in the format of spec/snapshots-and-equity.txt.

Numbers are decimals from the text on; a float, NaN or infinity never gets in. What a file
does not record stays None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from git_qoc.desk.syntax import bounded
from git_qoc.errors import SnapshotError
from git_qoc.money import DIGITS_BEFORE, to_decimal
from git_qoc.snapshots import cells, layout
from git_qoc.snapshots.cells import Table
from git_qoc.snapshots.snapshot import (
    AccountRow,
    CashRow,
    FillRow,
    FlowRow,
    PositionRow,
    RealizedRow,
    Snapshot,
)

WANTED = re.compile(r"^\s*\[\[\s*(?:account|cash|flow|realized)\s*\]\]", re.MULTILINE)
FIRST_TABLE = re.compile(r"\n\[\[")
FIRST_LONG_TABLE = re.compile(r"\n\[\[(?:position|fill)\]\]")
Row = TypeVar("Row")


def loads(text: str) -> Snapshot:
    """Read a whole snapshot file, ours or anybody's in the spec's format.

    Raises:
        SnapshotError: not TOML, no `[meta]` with a timestamp and a NAV, or a value of the
            wrong kind; the message names the key. Unknown keys are left alone.
    """
    tables = _parse(text)
    return replace(
        _meta(tables),
        accounts=tuple(_rows(tables, "account", _account)),
        cash=tuple(_rows(tables, "cash", _cash)),
        flows=tuple(_rows(tables, "flow", _flow)),
        realized=tuple(_rows(tables, "realized", _realized)),
        positions=tuple(_rows(tables, "position", _position)),
        fills=tuple(_rows(tables, "fill", _fill)),
    )


def loads_meta(text: str) -> Snapshot:
    """Only `[meta]`, for reading thousands; rows stay empty. Raises as `loads`."""
    return _until(text, FIRST_TABLE)


def loads_accounts(text: str) -> Snapshot:
    """All but the positions and fills, which stay empty. Raises as `loads`."""
    return _until(text, FIRST_LONG_TABLE)


def _until(text: str, mark: re.Pattern[str]) -> Snapshot:
    found = mark.search(text)
    if found is None or not text.lstrip().startswith("[meta]"):
        return loads(text)
    cut = found.start() + 1
    # In a file that is not ours, what is wanted may stand behind what is not.
    behind = WANTED.search(text, cut) if mark is FIRST_LONG_TABLE else None
    return loads(text if behind else text[:cut])


def _parse(text: str) -> Table:
    try:
        found: Table | None = layout.tables(text, _digits)
        if found is None:
            import tomllib

            found = tomllib.loads(bounded(text), parse_float=to_decimal)
    except RecursionError:
        raise SnapshotError("not a snapshot: its arrays are nested too deeply") from None
    except ValueError as exc:
        # Python's own words on an integer of more digits than int() takes would help nobody.
        why = "a number has too many digits" if "integer string conversion" in str(exc) else exc
        raise SnapshotError(f"not a snapshot: {why}") from None
    return found


def _digits(text: str) -> Decimal:
    """As `to_decimal`; so few digits need no look at their limits."""
    return Decimal(text) if len(text) < DIGITS_BEFORE else to_decimal(text)


def _rows(tables: Table, name: str, read: Callable[[Table], Row]) -> Iterable[Row]:
    rows = tables.get(name, [])
    if not isinstance(rows, list):
        raise SnapshotError(f"[[{name}]]: expected an array of tables")
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise SnapshotError(f"[[{name}]] {number}: expected a table")
        try:
            yield read(row)
        except SnapshotError as exc:
            raise SnapshotError(f"[[{name}]] {number}: {exc}") from None


def _meta(tables: Table) -> Snapshot:
    meta = tables.get("meta")
    if not isinstance(meta, dict):
        raise SnapshotError("expected a [meta] table")
    try:
        return Snapshot(
            timestamp=cells.time(meta, "timestamp"),
            nav_usd=cells.number(meta, "nav_usd"),
            cash_usd=cells.optional(meta, "cash_usd"),
            realized_pnl=cells.optional(meta, "realized_pnl"),
            unrealized_pnl=cells.optional(meta, "unrealized_pnl"),
            connectors=cells.names(meta, "connectors"),
            schema=_schema(meta),
            net_flow_usd=cells.optional(meta, "net_flow_usd"),
            buying_power_usd=cells.optional(meta, "buying_power_usd"),
            degraded=cells.names(meta, "degraded"),
            backfill=cells.flag(meta, "backfill"),
            since=cells.time(meta, "since") if "since" in meta else None,
        )
    except SnapshotError as exc:
        raise SnapshotError(f"[meta]: {exc}") from None


def _account(row: Table) -> AccountRow:
    return AccountRow(
        connector=cells.text(row, "connector"),
        type=cells.text(row, "type"),
        venue=cells.text(row, "venue"),
        nav_usd=cells.number(row, "nav_usd"),
        as_of=cells.time(row, "as_of"),
        cash_usd=cells.optional(row, "cash_usd"),
        margin_usd=cells.optional(row, "margin_usd"),
        realized_pnl=cells.optional(row, "realized_pnl"),
        unrealized_pnl=cells.optional(row, "unrealized_pnl"),
        net_flow_usd=cells.optional(row, "net_flow_usd"),
        unreconciled_usd=cells.optional(row, "unreconciled_usd"),
        since=cells.time(row, "since") if "since" in row else None,
    )


def _cash(row: Table) -> CashRow:
    return CashRow(
        connector=cells.text(row, "connector"),
        currency=cells.text(row, "currency"),
        amount=cells.number(row, "amount"),
        amount_usd=cells.optional(row, "amount_usd"),
    )


def _flow(row: Table) -> FlowRow:
    return FlowRow(
        time=cells.time(row, "time"),
        connector=cells.text(row, "connector"),
        kind=cells.text(row, "kind"),
        amount_usd=cells.number(row, "amount_usd"),
        flow_id=cells.name(row, "id"),
    )


def _realized(row: Table) -> RealizedRow:
    return RealizedRow(
        connector=cells.text(row, "connector"),
        symbol=cells.text(row, "symbol"),
        pnl_usd=cells.number(row, "pnl_usd"),
    )


def _position(row: Table) -> PositionRow:
    currency = cells.text(row, "currency") if "currency" in row else "USD"
    default_fx = Decimal(1) if currency == "USD" else None
    return PositionRow(
        connector=cells.text(row, "connector"),
        symbol=cells.text(row, "symbol"),
        quantity=cells.number(row, "quantity"),
        avg_cost=cells.optional(row, "avg_cost"),
        mark=cells.optional(row, "mark"),
        pnl_open=cells.optional(row, "pnl_open"),
        multiplier=cells.number(row, "multiplier") if "multiplier" in row else Decimal(1),
        currency=currency,
        fx_usd=cells.number(row, "fx_usd") if "fx_usd" in row else default_fx,
        mark_time=cells.time(row, "mark_time") if "mark_time" in row else None,
        margined=cells.flag(row, "margined"),
        inverse=cells.flag(row, "inverse"),
        settle_price=cells.optional(row, "settle_price"),
    )


def _fill(row: Table) -> FillRow:
    in_usd = "fee_usd" in row or "fee" not in row
    side, quantity = cells.text(row, "side"), cells.number(row, "quantity")
    if side not in ("buy", "sell"):
        raise SnapshotError("side: expected buy or sell, found other text")
    if quantity <= 0:
        raise SnapshotError("quantity: expected more than zero")
    return FillRow(
        connector=cells.text(row, "connector"),
        symbol=cells.text(row, "symbol"),
        side=side,
        quantity=quantity,
        price=cells.number(row, "price"),
        time=cells.time(row, "time"),
        fee=cells.optional(row, "fee_usd" if in_usd else "fee"),
        fee_currency="USD" if in_usd else cells.name(row, "fee_currency"),
        fill_id=cells.name(row, "fill_id"),
        order_id=cells.name(row, "order_id"),
        multiplier=cells.number(row, "multiplier") if "multiplier" in row else Decimal(1),
        currency=cells.text(row, "currency") if "currency" in row else "USD",
        inverse=cells.flag(row, "inverse"),
    )


def _schema(meta: Table) -> int | None:
    value = meta.get("schema")
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise SnapshotError(f"schema: expected a whole number, found {cells.kind(value)}")
    return value
