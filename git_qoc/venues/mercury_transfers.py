"""Sending money out of a Mercury account: what is asked, and what the answer means. Pure.

"Repeated requests with the same idempotency key will not create a duplicate transaction, and
will instead return HTTP 409 (conflict) with the normal API response for that transaction"
(docs.mercury.com/reference/transactions-2). So a 409 is the transfer itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus

from git_qoc.desk.secrets import Secret
from git_qoc.errors import OrderRejected, OrderUnknown, Unsupported, VenueError
from git_qoc.model import Flow, FlowKind
from git_qoc.money import CENT, plain
from git_qoc.venues.answers import Answer, meaning, message_of, parse_json, reason_given
from git_qoc.venues.mercury_account import Holdings
from git_qoc.venues.mercury_payloads import PAYMENT, AccountRow, PaymentRow, RecipientRow
from git_qoc.venues.payloads import parse

METHOD = "ach"
KEY_MAX = 100
CAME_TO_NOTHING = frozenset({"cancelled", "failed", "reversed", "blocked"})


@dataclass(frozen=True, slots=True)
class Payment:
    """`amount` > 0, in whole cents; `key` is the idempotency key."""

    source: str
    recipient: str
    amount: Decimal
    key: str

    @property
    def path(self) -> str:
        return f"/account/{self.source}/transactions"

    @property
    def body(self) -> str:
        """JSON whose amount has the very digits that were asked for."""
        fields = {"recipientId": self.recipient, "paymentMethod": METHOD, "idempotencyKey": self.key}
        return f'{json.dumps(fields)[:-1]}, "amount": {plain(self.amount)}}}'


def payment(
    amount: Decimal, to: str, client_id: str, found: Holdings, recipients: Iterable[RecipientRow]
) -> Payment:
    """The payment that is meant.

    Raises:
        Unsupported: no amount in cents, no usable client id, or no one account to take it from.
        OrderRejected: `to` names no recipient, or more than one.
    """
    if amount <= 0 or amount % CENT:
        raise Unsupported(f"mercury sends amounts above zero in whole cents, not {plain(amount)}")
    if not client_id.isprintable() or not 0 < len(client_id) <= KEY_MAX:
        raise Unsupported(f"mercury: expected a client id of 1 to {KEY_MAX} printable characters")
    return Payment(_source(found).id, _recipient(recipients, to).id, amount, client_id)


def _source(found: Holdings) -> AccountRow:
    active = [row for row in found.deposits if row.status == "active"]
    if len(active) != 1:
        raise Unsupported(
            f"mercury: a transfer needs one active account to leave from, found {len(active)}. "
            "Name it with account in desk.toml"
        )
    return active[0]


def _recipient(recipients: Iterable[RecipientRow], to: str) -> RecipientRow:
    active = [row for row in recipients if row.status == "active"]
    named = [row for row in active if to in (row.name, row.nickname)]
    fits = [row for row in active if row.id == to] or named
    if len(fits) == 1:
        return fits[0]
    if not fits:
        raise OrderRejected(f'mercury has no active recipient "{to}". Add it in Mercury, or check its name')
    raise OrderRejected(f'mercury has {len(fits)} active recipients "{to}". Give the id of one')


def sent(answer: Answer, asked: Payment, secrets: Sequence[Secret]) -> Flow:
    """The transfer as Mercury then has it: pending until it is approved and booked.

    Raises:
        OrderRejected: it was refused, or exists and came to nothing.
        OrderUnknown: it may exist.
    """
    where = f"mercury POST {asked.path}"
    if not answer.ok and answer.status != HTTPStatus.CONFLICT:
        if 400 <= answer.status < 500 and answer.status not in (408, 429):
            reason = reason_given(answer, secrets, said) or "refused, no reason given"
            raise OrderRejected(f"{where}: {answer.status} ({reason})")
        raise _unknown(f"{where}: {answer.status} ({meaning(answer.status)})")
    row = _transaction(answer, where)
    # The sign of the API's own example of this answer is that of an incoming payment.
    if (row.counterpartyId, abs(row.amount)) != (asked.recipient, asked.amount):
        raise _unknown(f"{where}: the answer is about another transfer")
    if row.status in CAME_TO_NOTHING:
        raise OrderRejected(f"{where}: the transfer was {row.status}")
    return Flow(row.id, row.postedAt or row.createdAt, FlowKind.WITHDRAWAL, -asked.amount)


def _transaction(answer: Answer, where: str) -> PaymentRow:
    try:
        return parse(PAYMENT, parse_json(where, answer), where)
    except VenueError as exc:
        raise _unknown(str(exc)) from None


def said(body: object) -> str | None:
    """The reason in an error body: `{"errors": {"message": "…"}}`."""
    errors = body.get("errors") if isinstance(body, dict) else None
    return message_of(errors) or message_of(body)


def _unknown(what: str) -> OrderUnknown:
    return OrderUnknown(
        f"{what}. It may have been done: ask again with the same client id, never with another"
    )
