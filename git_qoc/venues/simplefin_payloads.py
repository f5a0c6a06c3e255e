"""SimpleFIN's Account Set as typed rows (https://www.simplefin.org/protocol.html). Pure.

Amounts are texts, times seconds since 1970. Version 1 has `errors`, a list of texts, version 2
`errlist`, a list of objects with a `message`; a server may send both.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pydantic import Field, TypeAdapter

from git_qoc.venues.payloads import Epoch, Payload, TextNumber, parse

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WHERE = "simplefin /accounts"


class TransactionRow(Payload):
    """`id` is unique within its account; `posted` may be 0 while it is pending."""

    id: str = Field(min_length=1)
    posted: Epoch
    amount: TextNumber
    pending: bool = False

    @property
    def is_booked(self) -> bool:
        return not self.pending and self.posted > EPOCH


class AccountRow(Payload):
    """`currency` is an ISO 4217 code, or a URL that identifies a custom one."""

    id: str = Field(min_length=1)
    currency: str = Field(pattern=r"^[!-~]{1,200}$")
    balance: TextNumber
    available: TextNumber | None = Field(default=None, alias="available-balance")
    balance_date: Epoch = Field(alias="balance-date")
    transactions: list[TransactionRow] = Field(default_factory=list)


class ErrorRow(Payload):
    message: str


class AccountSet(Payload):
    accounts: list[AccountRow]
    errors: list[str] = Field(default_factory=list)
    errlist: list[ErrorRow] = Field(default_factory=list)


_SET = TypeAdapter(AccountSet)
_ACCOUNT = ("id", "currency", "balance", "available-balance", "balance-date")
_TRANSACTION = ("id", "posted", "amount", "pending")


def account_set(data: object) -> AccountSet:
    """The typed rows of a decoded body.

    Raises:
        VenueError: a field is missing or of the wrong kind, or two accounts have one id.
    """
    return parse(_SET, data, WHERE)


def reduced(data: Any, told: Callable[[str], str]) -> dict[str, object]:
    """A body that `account_set` takes, down to what is read of it; messages go through `told`.

    Names, descriptions and institutions are left out: it is kept in a file.
    """
    found = account_set(data)
    messages = [*found.errors, *(error.message for error in found.errlist)]
    return {
        "errors": list(dict.fromkeys(told(message) for message in messages)),
        "accounts": [
            _only(row, _ACCOUNT)
            | {"transactions": [_only(one, _TRANSACTION) for one in row.get("transactions", [])]}
            for row in data["accounts"]
        ],
    }


def _only(row: dict[str, object], fields: tuple[str, ...]) -> dict[str, object]:
    return {name: row[name] for name in fields if name in row}
