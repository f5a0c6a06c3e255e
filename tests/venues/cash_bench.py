"""What the benches of the two cash venues share: nothing is traded, so most of a bench is never asked."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import NoReturn

from git_qoc.model import OrderRequest, Side, VenueType
from tests.venues import alpaca_faults as faults
from tests.venues.bench import Case, Fault
from tests.venues.loopback import Loopback

NOON = datetime(2026, 7, 5, 16, tzinfo=UTC)
NO_ORDERS = dict.fromkeys(
    (
        Case.SHORT_POSITION, Case.QUOTES, Case.HANGING_ORDER, Case.FILL, Case.PARTIAL_FILL, Case.CANCEL,
        Case.CANCEL_DONE, Case.UNKNOWN_ID, Case.INCREMENTS, Case.MULTI_LEG, Case.PAGING,
        Case.CLOSES,
    ),
    "a bank trades nothing",
)  # fmt: skip
FAULTS: dict[Fault, faults.Fault] = {
    Fault.RATE_LIMITS: faults.status(429, Retry_After="30"),
    Fault.IS_SLOW: faults.hang,
    Fault.IS_DOWN: faults.status(503),
    Fault.ANSWERS_GARBAGE: faults.body("<html>"),
}


class CashBench:
    """`address` is where the connector goes: the server, or where nothing listens."""

    type = VenueType.CASH

    def __init__(self, server: Loopback) -> None:
        self._server = server
        self._nobody = faults.refused_url().removeprefix("http://")
        self.address = server.address

    def now(self) -> datetime:
        return NOON

    def requests_sent(self) -> int:
        return len(self._server.requests)

    def break_with(self, fault: Fault) -> None:
        if fault in FAULTS:
            self._server.faults["*"] = FAULTS[fault]
        elif fault is Fault.REFUSES_CONNECTIONS:
            self.address = self._nobody

    def heal(self) -> None:
        self._server.faults.clear()
        self.address = self._server.address

    def hold(self, symbol: str, quantity: Decimal, avg_cost: Decimal, mark: Decimal) -> NoReturn:
        raise AssertionError("a bank holds no positions")

    def fill(self, client_order_id: str, quantity: Decimal, price: Decimal) -> NoReturn:
        raise AssertionError("a bank takes no orders")

    def book_fills(self, count: int) -> NoReturn:
        raise AssertionError("a bank fills no orders")

    def equity_was(self, time: datetime, equity: Decimal) -> NoReturn:
        raise AssertionError("these banks state no past balances")

    def daily_closes(self) -> NoReturn:
        raise AssertionError("a bank has no prices")

    def order(self, client_order_id: str, side: Side = Side.BUY, *, hanging: bool = True) -> OrderRequest:
        raise AssertionError("a bank takes no orders")
