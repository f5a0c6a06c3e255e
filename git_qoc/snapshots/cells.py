"""The values of one table of a snapshot file, each of its kind; a message names the key.

Every one of them raises `SnapshotError` for a value of another kind, and where a key that must be
there is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from git_qoc.errors import SnapshotError
from git_qoc.money import NumberError, to_decimal

Table = Mapping[str, object]


def number(table: Table, key: str) -> Decimal:
    if key not in table:
        raise SnapshotError(f"{key} is missing")
    value = table[key]
    if isinstance(value, Decimal):
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        raise SnapshotError(f"{key}: expected a number, found {kind(value)}")
    try:
        return to_decimal(value)
    except NumberError as exc:
        raise SnapshotError(f"{key}: {exc}") from None


def optional(table: Table, key: str) -> Decimal | None:
    return number(table, key) if key in table else None


def text(table: Table, key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str):
        raise SnapshotError(f"{key}: expected a string, found {kind(value)}")
    return value


def name(table: Table, key: str) -> str:
    """A text, "" where the key is not there."""
    return text(table, key) if key in table else ""


def time(table: Table, key: str) -> datetime:
    value = table.get(key)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise SnapshotError(f"{key}: expected an ISO 8601 time, found other text") from None
    if not isinstance(value, datetime):
        raise SnapshotError(f"{key}: expected an ISO 8601 time, found {kind(value)}")
    if value.utcoffset() is None:
        raise SnapshotError(f"{key}: expected a time with its offset or Z, found a local time")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise SnapshotError(f"{key}: expected a time within the calendar") from None


def names(table: Table, key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise SnapshotError(f"{key}: expected a list of names")
    return tuple(value)


def flag(table: Table, key: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise SnapshotError(f"{key}: expected true or false, found {kind(value)}")
    return value


def kind(value: object) -> str:
    if value is None:
        return "nothing"
    return {"str": "text", "dict": "a table", "list": "a list"}.get(
        type(value).__name__, type(value).__name__
    )
