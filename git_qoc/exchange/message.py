"""Requests and answers as values, and the JSON between them with every digit.

Numbers come in as Decimal (or whole ones as int) and go out as they are: a Decimal becomes a
number literal, never a float.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from http import HTTPStatus

from git_qoc.money import plain

DECIMALS = 9
"""The decimals that Alpaca takes and gives at most."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; header names are in lower case, values of one name are joined by commas."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Problem(Exception):
    """What the client is told instead of what it asked for, in Alpaca's form.

    `code` is Alpaca's: the status and four digits (docs.alpaca.markets, "Options Trading", "Error
    Responses": code and status are the contract, the message is not).
    """

    def __init__(self, status: int, code: int, message: str, **more: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, **more}

    def answer(self) -> Answer:
        return json_answer(self.body, self.status)


def unprocessable(message: str) -> Problem:
    """A parameter that is missing, of the wrong form or not offered."""
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, 42210000, message)


def not_found(message: str) -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, 40410000, message)


def json_answer(value: object, status: int = HTTPStatus.OK) -> Answer:
    return Answer(status, encode(value).encode())


def encode(value: object) -> str:
    """The JSON text of dicts, lists, texts, ints, Decimals, bools and None."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(str(key))}:{encode(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(encode(item) for item in value) + "]"
    if isinstance(value, Decimal):
        return plain(value)
    return json.dumps(value)


def figure(number: Decimal) -> str:
    """A number as the trading API writes it: text with every digit, without exponent."""
    return plain(number)


def quotient(number: Decimal) -> str:
    """As `figure`, for what has no end: to nine decimals."""
    return plain(round(number, DECIMALS))


def fraction(part: Decimal, whole: Decimal) -> Decimal:
    """`part` of `whole`; 0 of nothing, as Alpaca states it."""
    return part / whole if whole else Decimal(0)


def stamp(instant: datetime | None) -> str | None:
    """An instant as Alpaca writes it, in UTC with Z; None stays None."""
    return None if instant is None else instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
