"""What the rows of venues' JSON bodies share. Pure.

A field that is missing or of the wrong kind is a `VenueError` that names the path and the
field, never the value.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, PlainValidator, TypeAdapter, ValidationError

from git_qoc.errors import VenueError
from git_qoc.money import to_decimal

Row = TypeVar("Row")


def _json_number(value: object) -> Decimal:
    if isinstance(value, str):
        raise ValueError("expected a JSON number, found text")
    return to_decimal(value)


def _text_number(value: object) -> Decimal:
    if not isinstance(value, str):
        raise ValueError(f"expected a number as text, found {_kind(value)}")
    return to_decimal(value)


def _time(value: object) -> datetime:
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        time = None
    if time is None or time.utcoffset() is None:
        raise ValueError(f"expected an RFC 3339 time with its offset or Z, found {_kind(value)}")
    return time.astimezone(UTC)


def _epoch(value: object) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"expected seconds since 1970, found {_kind(value)}")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError("expected seconds since 1970, found a number out of range") from None


def _kind(value: object) -> str:
    if isinstance(value, str):
        return "other text"
    return "nothing" if value is None else type(value).__name__


JsonNumber = Annotated[Decimal, PlainValidator(_json_number)]
TextNumber = Annotated[Decimal, PlainValidator(_text_number)]
AnyNumber = Annotated[Decimal, PlainValidator(to_decimal)]
"""For a venue that writes some numbers as text and some as JSON numbers."""
Time = Annotated[datetime, PlainValidator(_time)]
Epoch = Annotated[datetime, PlainValidator(_epoch)]


class Payload(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class Dasherized(Payload):
    """Its keys are in the body with dashes: `net-value` is `net_value` here."""

    model_config = ConfigDict(alias_generator=lambda name: name.replace("_", "-"))


def parse(adapter: TypeAdapter[Row], data: object, where: str) -> Row:
    """The typed value of a decoded body.

    Raises:
        VenueError: `mercury /accounts: accounts[0].id: expected …`, the first fault only.
    """
    try:
        return adapter.validate_python(data)
    except ValidationError as exc:
        fault = exc.errors(include_input=False, include_url=False, include_context=False)[0]
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault["loc"])
        what = fault["msg"].removeprefix("Value error, ")
    raise VenueError(f"{where}: {place.lstrip('.') or 'body'}: {what}")
