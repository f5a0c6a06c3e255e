"""Mercury on loopback: a bank that takes payments, over Python-side state.

    with MercuryServer(accounts=[deposit(100)]) as server:
        …base_url=server.url…

Every request is held against `mercury/api.json`, and so is every well-formed answer. What it
does on a payment is what Mercury documents (docs.mercury.com/reference/transactions-2): the
same idempotency key again is a 409 with the transaction, the same account, recipient and
amount within 24 hours under another key a 400. The refusals' texts are those of Mercury's
published examples, in openintegrations/openSDKs, mercury_v1.oas.json.
"""

from __future__ import annotations

import json
import re
import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS31Validator

from tests.checks.keys import MERCURY
from tests.venues.alpaca_faults import Fault, Reply, hang
from tests.venues.loopback import Loopback, Seen, json_reply

Body = dict[str, Any]
TOKEN = MERCURY
NOON = datetime(2026, 7, 5, 16, tzinfo=UTC)
OPENED = "2019-09-04T00:43:41.01958Z"
PREFIX = "/api/v1"
CHECKED = 50
"""How many rows of an answer are held against the description."""

validated: Counter[str] = Counter()
"""How many requests were held against the API's description in this process, by operation."""


def ident(number: int) -> str:
    return str(uuid.UUID(int=number))


def stamp(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def deposit(current: Any, available: Any = None, number: int = 1, **changes: Any) -> Body:
    """The published account with these balances; `accountNumber` ends in 5678."""
    row: Body = {
        "accountNumber": "91005678",
        "availableBalance": current if available is None else available,
        "createdAt": OPENED,
        "currentBalance": current,
        "dashboardLink": "https://mercury.com/accounts",
        "id": ident(number),
        "kind": "checking",
        "name": "Mercury Checking ••5678",
        "routingNumber": "051502395",
        "status": "active",
        "canReceiveTransactions": True,
        "type": "mercury",
        "nickname": "New primary account",
        "legalBusinessName": "Mercury Technologies Inc.",
    }
    return {**row, **changes}


def treasury(current: Any, number: int = 90, **changes: Any) -> Body:
    row = {"id": ident(number), "availableBalance": current, "currentBalance": current}
    return {**row, "createdAt": OPENED, "netReturns": [], "status": "active", **changes}


def recipient(name: str = "Rocco's Cafe", number: int = 500, **changes: Any) -> Body:
    """The published recipient."""
    row: Body = {
        "attachments": [],
        "checkInfo": None,
        "dateLastPaid": None,
        "defaultPaymentMethod": "ach",
        "domesticWireRoutingInfo": None,
        "electronicRoutingInfo": None,
        "emails": [],
        "id": ident(number),
        "internationalWireRoutingInfo": None,
        "name": name,
        "status": "active",
    }
    return {**row, **changes}


def transaction(amount: Any, number: int = 1000, posted: datetime | None = NOON, **changes: Any) -> Body:
    """The published transaction with the fields that the description has come to require."""
    row: Body = {
        "accountId": ident(1),
        "amount": amount,
        "attachments": [],
        "bankDescription": None,
        "compliantWithReceiptPolicy": True,
        "counterpartyId": "dd486506-d66b-11e9-8d8a-0b2e6a550f30",
        "counterpartyName": "Fake P. Erson",
        "createdAt": stamp((posted or NOON) - timedelta(days=1)),
        "dashboardLink": "https://mercury.com/transactions/dd4896c0-d66b-11e9-8d8a-cf31cc71dda0",
        "estimatedDeliveryDate": "2019-09-13T21:17:17.387585Z",
        "failedAt": None,
        "glAllocations": [],
        "hasGeneratedReceipt": False,
        "id": ident(number),
        "kind": "externalTransfer",
        "note": None,
        "postedAt": posted and stamp(posted),
        "reasonForFailure": None,
        "relatedTransactions": [],
        "status": "sent" if posted else "pending",
    }
    return {**row, **changes}


class MercuryServer(Loopback):
    def __init__(
        self,
        *,
        accounts: Iterable[Body] = (),
        treasuries: Iterable[Body] = (),
        transactions: Iterable[Body] = (),
        recipients: Iterable[Body] = (),
        token: str = TOKEN,
        page_max: int = 1000,
    ) -> None:
        super().__init__()
        self.accounts, self.treasuries = list(accounts), list(treasuries)
        self.transactions, self.recipients = list(transactions), list(recipients)
        self.token = token
        self.page_max = page_max
        self.now = NOON
        self.taken: dict[str, str] = {}
        self.hangs_after_taking = self.is_broke = False

    @property
    def url(self) -> str:
        return f"http://{self.address}{PREFIX}"

    def route(self, seen: Seen) -> Fault:
        if seen.headers.get("authorization") != f"Bearer {self.token}":
            return json_reply({"errors": {"message": "No matching token found"}}, 401)
        path = seen.path.removeprefix(PREFIX)
        paying = re.fullmatch(r"/account/([^/]+)/transactions", path)
        operation = f"{seen.method} {'/account/{accountId}/transactions' if paying else path}"
        self._hold("query", operation, seen.query)
        if paying:
            self._hold("body", operation, seen.body)
            reply = self._pay(paying[1], seen.body)
        else:
            reply = self._page(operation, seen.query)
        if isinstance(reply, Reply) and reply.status in (200, 409):
            self._hold("answer", operation, json.loads(reply.body))
        return reply

    def _hold(self, what: str, operation: str, value: Any) -> None:
        if what == "query":
            validated[operation] += 1
        for fault in _faults(what, operation, value):
            self.noticed.append(f"{operation}: {what}: {fault}")

    def _page(self, operation: str, query: dict[str, str]) -> Reply:
        rows: dict[str, list[Body]] = {
            "GET /accounts": self.accounts,
            "GET /treasury": self.treasuries,
            "GET /recipients": self.recipients,
            "GET /transactions": self.transactions,
        }
        found = [row for row in rows[operation] if _fits(row, query)]
        after = query.get("start_after")
        if after is not None:
            found = found[[row["id"] for row in found].index(after) + 1 :]
        key = description()["operations"][operation]["rows"][0]
        return json_reply({key: found[: min(int(query.get("limit", "1000")), self.page_max)]})

    def _pay(self, account_id: str, asked: Body) -> Fault:
        account = next(row for row in self.accounts if row["id"] == account_id)
        known = self.taken.get(asked["idempotencyKey"])
        if known is not None:
            return json_reply(next(row for row in self.transactions if row["id"] == known), 409)
        refusal = self._refusal(account, asked)
        if refusal is not None:
            return refusal
        number = 5000 + len(self.taken)
        row = transaction(
            -Decimal(asked["amount"]),
            number,
            None,
            accountId=account_id,
            counterpartyId=asked["recipientId"],
            createdAt=stamp(self.now),
            kind="outgoingPayment",
        )
        self.transactions.append(row)
        self.taken[asked["idempotencyKey"]] = row["id"]
        account["availableBalance"] = Decimal(str(account["availableBalance"])) + row["amount"]
        return hang if self.hangs_after_taking else json_reply(row)

    def _refusal(self, account: Body, asked: Body) -> Reply | None:
        if asked["recipientId"] not in [row["id"] for row in self.recipients]:
            told = "Sorry, we couldn't find a counter transaction party with that id"
            return json_reply({"errors": {"message": told}}, 404)
        if self.is_broke or Decimal(asked["amount"]) > Decimal(str(account["availableBalance"])):
            told = "Sorry, you have insufficient funds to make that transaction"
            return json_reply({"errors": {"message": told}}, 400)
        for row in self.transactions:
            same = (row["accountId"], row["counterpartyId"], row["amount"])
            if same == (account["id"], asked["recipientId"], -Decimal(asked["amount"])):
                return json_reply({"errors": {"message": "Duplicate transaction"}}, 400)
        return None

    def settle(self, client_id: str) -> None:
        """The payment leaves: booked now."""
        row = next(row for row in self.transactions if row["id"] == self.taken[client_id])
        account = next(account for account in self.accounts if account["id"] == row["accountId"])
        row.update(status="sent", postedAt=stamp(self.now))
        account["currentBalance"] = Decimal(str(account["currentBalance"])) + row["amount"]


def _fits(row: Body, query: dict[str, str]) -> bool:
    if query.get("status", row["status"]) != row["status"]:
        return False
    if query.get("accountId", row.get("accountId")) != row.get("accountId"):
        return False
    since = query.get("postedStart")
    return since is None or (row["postedAt"] is not None and _time(row["postedAt"]) >= _time(since))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


@cache
def description() -> Body:
    text = (Path(__file__).parent / "mercury" / "api.json").read_text("utf-8")
    loaded: Body = json.loads(text)
    return loaded


def _faults(what: str, operation: str, value: Any) -> list[str]:
    described = description()["operations"].get(operation)
    if described is None:
        return ["no such operation"]
    schema = described.get(what)
    if what == "answer" and "rows" in described:
        key, kind = described["rows"]
        value = {**value, key: value[key][:CHECKED]}
        rows = {"type": "array", "items": {"$ref": f"#/definitions/{kind}"}}
        schema = {"type": "object", "required": [key], "properties": {key: rows}}
    elif what == "answer":
        schema = {"$ref": f"#/definitions/{schema}"}
    validator = OAS31Validator({**schema, "definitions": description()["definitions"]})
    return [f"{'/'.join(map(str, fault.path))}: {fault.message}" for fault in validator.iter_errors(value)]
