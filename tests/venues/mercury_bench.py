"""Mercury under test: the server of `mercury_server`, with one deposit account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from git_qoc.desk.secrets import Secret
from git_qoc.venues.base import Settings
from git_qoc.venues.mercury import Mercury
from tests.checks.keys import ALNUM, made_of
from tests.venues.bench import Case, Fault, Terms
from tests.venues.cash_bench import NO_ORDERS, CashBench
from tests.venues.mercury_server import PREFIX, MercuryServer, deposit, recipient, transaction

TOKEN = "secret-token:" + "mercury_sandbox_" + made_of(ALNUM, 44, seed=621)


class MercuryBench(CashBench):
    venue = "mercury"
    terms = Terms("", Decimal(0), Decimal(0), Decimal(1), transfer_to="Rocco's Cafe")
    not_supported: Mapping[Case, str] = {
        **NO_ORDERS,
        Case.FOREIGN_CASH: "Mercury's accounts are in USD",
        Case.HISTORY: "statements are PDFs of whole months",
        Case.CLOCK: "Mercury does not tell the time",
    }

    def __init__(self) -> None:
        self.server = MercuryServer(accounts=[deposit(0)], recipients=[recipient()], token=TOKEN)
        super().__init__(self.server)

    @contextmanager
    def running(self) -> Iterator[None]:
        with self.server:
            yield

    def connector(self, timeout_s: float = 5.0) -> Mercury:
        where, url = Path("/nonexistent"), f"http://{self.address}{PREFIX}"
        secrets = {"api_key": Secret(TOKEN)}
        return Mercury(Settings("main", self.type, secrets, self.now, where, timeout_s, base_url=url))

    @property
    def secrets(self) -> tuple[str, ...]:
        return (TOKEN,)

    def balance(self, currency: str, amount: Decimal) -> None:
        assert currency == "USD"
        self.server.accounts[0].update(currentBalance=amount, availableBalance=amount)

    def book_flow(self, amount: Decimal, time: datetime) -> None:
        self.server.transactions.append(transaction(amount, 1000 + len(self.server.transactions), time))

    def break_with(self, fault: Fault) -> None:
        super().break_with(fault)
        if fault is Fault.REFUSES_CREDENTIALS:
            self.server.token = "another"
        self.server.hangs_after_taking = fault is Fault.TIMES_OUT_AFTER_ACCEPTING
        self.server.is_broke = fault is Fault.REJECTS_ORDERS

    def heal(self) -> None:
        super().heal()
        self.server.token = TOKEN
        self.server.hangs_after_taking = self.server.is_broke = False

    def orders_taken(self) -> list[str]:
        return list(self.server.taken)
