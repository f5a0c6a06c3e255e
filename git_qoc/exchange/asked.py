"""What a client asks for: the values in queries and in JSON bodies, or a `Problem` that names the field."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NoReturn

from git_qoc.exchange.message import Problem, Request, unprocessable
from git_qoc.money import NumberError, to_decimal

Body = Mapping[str, object]
YEARS = range(1900, 2200)
_SURROGATE = re.compile("[\ud800-\udfff]")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
"""Narrower than what Decimal takes: no blanks, no `_`, no digits of other scripts."""


def body_of(request: Request) -> Body:
    """The JSON object of a body.

    Raises:
        Problem: 400, as Alpaca answers what is no JSON object.
    """
    try:
        found = json.loads(request.body or b"{}", parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Problem(400, 40010000, "request body format is invalid")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def text_in(body: Body, name: str) -> str | None:
    """A text; None where it is missing, null or empty."""
    value = body.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise unprocessable(f"{name} must be a string")
    if _SURROGATE.search(value):
        raise unprocessable(f"{name} must be text without unpaired surrogates")
    return value


def number_in(body: Body, name: str) -> Decimal | None:
    """A decimal number, as text (the document's form) or as a JSON number (which clients send too)."""
    value = body.get(name)
    return None if value is None or value == "" else _number(value, name)


def number(query: Mapping[str, str], name: str) -> Decimal | None:
    return _number(query[name], name) if query.get(name) else None


def _number(value: object, name: str) -> Decimal:
    try:
        if isinstance(value, str) and not _NUMBER.fullmatch(value):
            raise NumberError
        return to_decimal(value)
    except NumberError:
        raise unprocessable(f"{name} must be a decimal number") from None


def whole(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    """A whole number from 1 to `most`."""
    text = query.get(name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most):
        raise unprocessable(f"{name} must be a whole number from 1 to {most}")
    return int(text)


def flag(query: Mapping[str, str], name: str) -> bool:
    text = query.get(name, "").lower()
    if text not in ("", "true", "false"):
        raise unprocessable(f"{name} must be true or false")
    return text == "true"


def one_of(query: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """One of the choices; the first is the default."""
    text = query.get(name) or choices[0]
    if text not in choices:
        raise unprocessable(f"{name} must be one of {', '.join(choices)}")
    return text


def listed(query: Mapping[str, str], name: str) -> frozenset[str]:
    """The parts of a list with commas; empty where nothing was asked for."""
    return frozenset(part for part in query.get(name, "").split(",") if part)


def day(query: Mapping[str, str], name: str) -> date | None:
    """The date of `2026-07-05`, or of a time in UTC."""
    found = instant(query, name)
    return None if found is None else found.date()


def instant(query: Mapping[str, str], name: str) -> datetime | None:
    """An RFC 3339 time, a date (its midnight in UTC) or seconds since 1970."""
    text = query.get(name)
    if not text:
        return None
    try:
        found = _instant(text)
    except (ValueError, OverflowError, OSError):
        found = None
    if found is None or found.year not in YEARS:
        raise unprocessable(f"{name} must be a time such as 2026-07-05T16:00:00Z, or a date")
    return found


def _instant(text: str) -> datetime:
    if text.isascii() and text.isdigit() and len(text) > 8:
        return datetime.fromtimestamp(int(text), UTC)
    # A `+` of an offset that was not escaped arrives as a blank.
    found = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
