"""The document's values by the type that is needed; what is missing or of another type is as undefined."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from git_qoc.report.values import Json

Row = Mapping[str, Json]


def rows(value: Json) -> list[Row]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def row(value: Json) -> Row:
    return value if isinstance(value, Mapping) else {}


def string(value: Json) -> str:
    return value if isinstance(value, str) else ""


def strings(value: Json) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def number(value: Json) -> float | None:
    return float(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None


def amount(value: Json) -> Decimal | None:
    """Money, exact where the document has it exact."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def day(value: Json) -> date | None:
    """The date that a date or a time begins with."""
    try:
        return date.fromisoformat(string(value)[:10])
    except ValueError:
        return None
