"""Mercury's JSON bodies as typed rows (OpenAPI 3.0 of docs.mercury.com/reference).

Amounts are JSON numbers in dollars, already Decimal. Unknown fields are left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from pydantic import Field, TypeAdapter

from git_qoc.venues.payloads import JsonNumber, Payload, Time, parse

AccountStatus = Literal["active", "deleted", "pending", "archived"]


class HoldingRow(Payload):
    """What a deposit account and a treasury account both state."""

    id: str = Field(min_length=1)
    status: AccountStatus
    currentBalance: JsonNumber  # noqa: N815 - the API's names
    availableBalance: JsonNumber  # noqa: N815


class AccountRow(HoldingRow):
    """A row of `GET /accounts`; only those of type `mercury` are held at Mercury."""

    accountNumber: str  # noqa: N815
    type: Literal["mercury", "external", "recipient"]


class RelatedRow(Payload):
    relationKind: str  # noqa: N815


class PaymentRow(Payload):
    """The answer of `POST /account/{id}/transactions`; published examples have no `accountId`."""

    id: str = Field(min_length=1)
    amount: JsonNumber
    counterpartyId: str  # noqa: N815
    createdAt: Time  # noqa: N815
    status: str
    postedAt: Time | None = None  # noqa: N815


class TransactionRow(PaymentRow):
    """A row of `GET /transactions`: `amount` < 0 left the account."""

    accountId: str  # noqa: N815
    kind: str
    relatedTransactions: list[RelatedRow] = Field(default_factory=list)  # noqa: N815


class RecipientRow(Payload):
    """A row of `GET /recipients`."""

    id: str = Field(min_length=1)
    name: str
    nickname: str | None = None
    status: Literal["active", "deleted"]


class _Named(Protocol):
    @property
    def id(self) -> str: ...


Row = TypeVar("Row", bound=_Named)


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """An endpoint that answers in pages: where it is, and under which key its rows are."""

    path: str
    key: str
    adapter: TypeAdapter[list[Row]]

    def rows(self, data: object) -> list[Row]:
        """The rows of a decoded body.

        Raises:
            VenueError: it has none, or one is wrong.
        """
        found = data.get(self.key) if isinstance(data, dict) else None
        return parse(self.adapter, found, f"mercury {self.path}: {self.key}")


ACCOUNTS = Listing("/accounts", "accounts", TypeAdapter(list[AccountRow]))
TREASURY = Listing("/treasury", "accounts", TypeAdapter(list[HoldingRow]))
TRANSACTIONS = Listing("/transactions", "transactions", TypeAdapter(list[TransactionRow]))
RECIPIENTS = Listing("/recipients", "recipients", TypeAdapter(list[RecipientRow]))
PAYMENT = TypeAdapter(PaymentRow)
