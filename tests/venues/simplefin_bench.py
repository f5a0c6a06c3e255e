"""SimpleFIN under test: the server of `simplefin_server`, its accounts one for each currency.

Every connector has a folder of its own, and so asks the bridge once, as in a fresh clone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from git_qoc.desk.secrets import Secret
from git_qoc.money import plain
from git_qoc.venues.base import Settings
from git_qoc.venues.simplefin import SimpleFin
from tests.venues.bench import Case, Fault, Terms
from tests.venues.cash_bench import NO_ORDERS, NOON, CashBench
from tests.venues.simplefin_server import PASSWORD, ROOT, USER, Body, SimpleFinServer, account, transaction

READ_ONLY = dict.fromkeys((Case.TRANSFER, Case.REJECTION, Case.TIMES_OUT), "SimpleFIN is read-only")


class SimpleFinBench(CashBench):
    venue = "simplefin"
    terms = Terms("", Decimal(0), Decimal(0), Decimal(1), flows_from=NOON - timedelta(days=30))
    not_supported: Mapping[Case, str] = {
        **NO_ORDERS,
        **READ_ONLY,
        Case.HISTORY: "SimpleFIN states the latest balance only",
        Case.CLOCK: "SimpleFIN does not tell the time",
    }

    def __init__(self, folder: Path) -> None:
        self.server = SimpleFinServer()
        super().__init__(self.server)
        self._folder = folder
        self._opened = 0
        self._account("USD")

    @contextmanager
    def running(self) -> Iterator[None]:
        with self.server:
            yield

    def connector(self, timeout_s: float = 5.0) -> SimpleFin:
        self._opened += 1
        where = self._folder / str(self._opened)
        secrets = {"access_url": Secret(f"http://{USER}:{PASSWORD}@{self.address}{ROOT}")}
        return SimpleFin(Settings("main", self.type, secrets, self.now, where, timeout_s))

    @property
    def secrets(self) -> tuple[str, ...]:
        return USER, PASSWORD

    def balance(self, currency: str, amount: Decimal) -> None:
        self._account(currency)["balance"] = plain(amount)

    def book_flow(self, amount: Decimal, time: datetime) -> None:
        rows = self._account("USD")["transactions"]
        rows.append(transaction(plain(amount), time, f"T{len(rows)}"))

    def _account(self, currency: str) -> Body:
        for row in self.server.accounts:
            if row["currency"] == currency:
                return row
        self.server.accounts.append(account("0", f"in-{currency}", currency=currency))
        return self.server.accounts[-1]

    def break_with(self, fault: Fault) -> None:
        super().break_with(fault)
        if fault is Fault.REFUSES_CREDENTIALS:
            self.server.password = "another"

    def heal(self) -> None:
        super().heal()
        self.server.password = PASSWORD

    def orders_taken(self) -> list[str]:
        return []
