"""A SimpleFIN server on loopback, over Python-side state (https://www.simplefin.org/protocol.html).

    with SimpleFinServer(accounts=[account("100.23")]) as server:
        …access_url=server.access_url…

Requests are held against the protocol's table of parameters, and counted by the server's clock:
the 25th within 24 hours fails the test, as the bridge's developer guide asks for "24 requests
or fewer per day".
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.checks.keys import HEX, made_of
from tests.venues.alpaca_faults import Fault, Reply
from tests.venues.loopback import Loopback, Seen, json_reply

Body = dict[str, Any]
NOON = datetime(2026, 7, 5, 16, tzinfo=UTC)
USER, PASSWORD = made_of(HEX, 40, seed=611).upper(), made_of(HEX, 40, seed=612).upper()
ROOT = "/simplefin"
PARAMETERS = {"start-date", "end-date", "pending", "account", "balances-only", "version"}
PER_DAY = 24


def epoch(time: datetime) -> int:
    return int(time.timestamp())


def account(balance: str, name: str = "2930002", **changes: Any) -> Body:
    """The account of the protocol's example, with this balance, changed an hour before noon."""
    row = {
        "org": {"domain": "mybank.com", "sfin-url": "https://sfin.mybank.com"},
        "id": name,
        "name": "Savings",
        "currency": "USD",
        "balance": balance,
        "balance-date": epoch(NOON - timedelta(hours=1)),
        "transactions": [],
    }
    return {**row, **{key.replace("_", "-"): value for key, value in changes.items()}}


def transaction(amount: str, posted: datetime | None, name: str = "12394832938403", **changes: Any) -> Body:
    """The transaction of the protocol's example; one that is not posted is pending."""
    row = {
        "id": name,
        "posted": 0 if posted is None else epoch(posted),
        "amount": amount,
        "description": "Uncle Frank's Bait Shop",
    }
    return {**row, **({"pending": True} if posted is None else {}), **changes}


class SimpleFinServer(Loopback):
    def __init__(
        self, *, accounts: Iterable[Body] = (), errors: Iterable[str] = (), password: str = PASSWORD
    ) -> None:
        super().__init__()
        self.accounts, self.errors = list(accounts), list(errors)
        self.extra: Body = {}
        self.password = password
        self.now = NOON
        self.asked: list[datetime] = []

    @property
    def access_url(self) -> str:
        return f"http://{USER}:{PASSWORD}@{self.address}{ROOT}"

    def route(self, seen: Seen) -> Fault:
        if seen.path != f"{ROOT}/accounts" or seen.method != "GET":
            self.noticed.append(f"no such resource: {seen.method} {seen.path}")
        if seen.query.keys() - PARAMETERS:
            self.noticed.append(f"no such parameter: {seen.query.keys() - PARAMETERS}")
        self.asked.append(self.now)
        if len([time for time in self.asked if time > self.now - timedelta(days=1)]) > PER_DAY:
            self.noticed.append(f"more than {PER_DAY} requests in 24 hours")
        pair = b64encode(f"{USER}:{self.password}".encode()).decode()
        if seen.headers.get("authorization") != f"Basic {pair}":
            return Reply(403, b"Forbidden", "text/plain")
        start = int(seen.query["start-date"])
        accounts = [
            {**row, "transactions": [one for one in row["transactions"] if _is_shown(one, start)]}
            for row in self.accounts
        ]
        return json_reply({"errors": self.errors, "accounts": accounts, **self.extra})


def _is_shown(row: Body, start: int) -> bool:
    return bool(row.get("pending")) or row["posted"] >= start
