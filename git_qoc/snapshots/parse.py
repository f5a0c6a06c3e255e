"""Text → snapshot: ours, or anybody's in the format of spec/snapshots-and-equity.txt.

Numbers are decimals from the text on; a float, NaN or infinity never gets in. What a file
does not record stays None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar

from git_qoc.desk.syntax import bounded
from git_qoc.errors import SnapshotError
from git_qoc.money import DIGITS_BEFORE, NumberError, to_decimal
from git_qoc.snapshots import layout
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
Table = Mapping[str, object]
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
            timestamp=_time(meta, "timestamp"),
            nav_usd=_number(meta, "nav_usd"),
            cash_usd=_optional(meta, "cash_usd"),
            realized_pnl=_optional(meta, "realized_pnl"),
            unrealized_pnl=_optional(meta, "unrealized_pnl"),
            connectors=_names(meta, "connectors"),
            schema=_schema(meta),
            net_flow_usd=_optional(meta, "net_flow_usd"),
            buying_power_usd=_optional(meta, "buying_power_usd"),
            degraded=_names(meta, "degraded"),
            backfill=_flag(meta, "backfill"),
            since=_time(meta, "since") if "since" in meta else None,
        )
    except SnapshotError as exc:
        raise SnapshotError(f"[meta]: {exc}") from None


def _account(row: Table) -> AccountRow:
    return AccountRow(
        connector=_text(row, "connector"),
        type=_text(row, "type"),
        venue=_text(row, "venue"),
        nav_usd=_number(row, "nav_usd"),
        as_of=_time(row, "as_of"),
        cash_usd=_optional(row, "cash_usd"),
        margin_usd=_optional(row, "margin_usd"),
        realized_pnl=_optional(row, "realized_pnl"),
        unrealized_pnl=_optional(row, "unrealized_pnl"),
        net_flow_usd=_optional(row, "net_flow_usd"),
        unreconciled_usd=_optional(row, "unreconciled_usd"),
        since=_time(row, "since") if "since" in row else None,
    )


def _cash(row: Table) -> CashRow:
    return CashRow(
        connector=_text(row, "connector"),
        currency=_text(row, "currency"),
        amount=_number(row, "amount"),
        amount_usd=_optional(row, "amount_usd"),
    )


def _flow(row: Table) -> FlowRow:
    return FlowRow(
        time=_time(row, "time"),
        connector=_text(row, "connector"),
        kind=_text(row, "kind"),
        amount_usd=_number(row, "amount_usd"),
        flow_id=_name(row, "id"),
    )


def _realized(row: Table) -> RealizedRow:
    return RealizedRow(
        connector=_text(row, "connector"), symbol=_text(row, "symbol"), pnl_usd=_number(row, "pnl_usd")
    )


def _position(row: Table) -> PositionRow:
    currency = _text(row, "currency") if "currency" in row else "USD"
    default_fx = Decimal(1) if currency == "USD" else None
    return PositionRow(
        connector=_text(row, "connector"),
        symbol=_text(row, "symbol"),
        quantity=_number(row, "quantity"),
        avg_cost=_optional(row, "avg_cost"),
        mark=_optional(row, "mark"),
        pnl_open=_optional(row, "pnl_open"),
        multiplier=_number(row, "multiplier") if "multiplier" in row else Decimal(1),
        currency=currency,
        fx_usd=_number(row, "fx_usd") if "fx_usd" in row else default_fx,
        mark_time=_time(row, "mark_time") if "mark_time" in row else None,
        margined=_flag(row, "margined"),
        inverse=_flag(row, "inverse"),
        settle_price=_optional(row, "settle_price"),
    )


def _fill(row: Table) -> FillRow:
    in_usd = "fee_usd" in row or "fee" not in row
    side, quantity = _text(row, "side"), _number(row, "quantity")
    if side not in ("buy", "sell"):
        raise SnapshotError("side: expected buy or sell, found other text")
    if quantity <= 0:
        raise SnapshotError("quantity: expected more than zero")
    return FillRow(
        connector=_text(row, "connector"),
        symbol=_text(row, "symbol"),
        side=side,
        quantity=quantity,
        price=_number(row, "price"),
        time=_time(row, "time"),
        fee=_optional(row, "fee_usd" if in_usd else "fee"),
        fee_currency="USD" if in_usd else _name(row, "fee_currency"),
        fill_id=_name(row, "fill_id"),
        order_id=_name(row, "order_id"),
        multiplier=_number(row, "multiplier") if "multiplier" in row else Decimal(1),
        currency=_text(row, "currency") if "currency" in row else "USD",
        inverse=_flag(row, "inverse"),
    )


def _number(table: Table, key: str) -> Decimal:
    if key not in table:
        raise SnapshotError(f"{key} is missing")
    value = table[key]
    if isinstance(value, Decimal):
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        raise SnapshotError(f"{key}: expected a number, found {_kind(value)}")
    try:
        return to_decimal(value)
    except NumberError as exc:
        raise SnapshotError(f"{key}: {exc}") from None


def _optional(table: Table, key: str) -> Decimal | None:
    return _number(table, key) if key in table else None


def _text(table: Table, key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str):
        raise SnapshotError(f"{key}: expected a string, found {_kind(value)}")
    return value


def _name(table: Table, key: str) -> str:
    """ "" where it is not there."""
    return _text(table, key) if key in table else ""


def _time(table: Table, key: str) -> datetime:
    value = table.get(key)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise SnapshotError(f"{key}: expected an ISO 8601 time, found other text") from None
    if not isinstance(value, datetime):
        raise SnapshotError(f"{key}: expected an ISO 8601 time, found {_kind(value)}")
    if value.utcoffset() is None:
        raise SnapshotError(f"{key}: expected a time with its offset or Z, found a local time")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise SnapshotError(f"{key}: expected a time within the calendar") from None


def _names(table: Table, key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise SnapshotError(f"{key}: expected a list of names")
    return tuple(value)


def _flag(table: Table, key: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise SnapshotError(f"{key}: expected true or false, found {_kind(value)}")
    return value


def _schema(meta: Table) -> int | None:
    value = meta.get("schema")
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise SnapshotError(f"schema: expected a whole number, found {_kind(value)}")
    return value


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    return {"str": "text", "dict": "a table", "list": "a list"}.get(
        type(value).__name__, type(value).__name__
    )
