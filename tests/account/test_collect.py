"""Every connector at once; one venue's trouble stays its own. Connectors here are plain objects
that keep the protocol, because the claims are about timing and isolation, not about a venue."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from time import monotonic

import pytest

from git_qoc.account.collect import LastSight, Opened, collect
from git_qoc.errors import OrderRejected, RateLimited, Unsupported, VenueError
from git_qoc.model import (
    Account,
    Cash,
    Close,
    Fill,
    Flow,
    FlowKind,
    HealthStatus,
    Order,
    OrderRequest,
    Position,
    Quote,
    Statement,
    VenueState,
    VenueType,
)
from git_qoc.venues.base import Connector
from git_qoc.venues.offers import Capabilities

NOON = datetime(2026, 7, 5, 16, tzinfo=UTC)
NEVER = threading.Event()


@dataclass
class Fake:
    """A venue that waits `wait_s` before each answer and raises `error` if there is one."""

    wait_s: float = 0.0
    error: Exception | None = None
    trouble: str | None = None
    quotes_error: VenueError | None = None
    blocked: str = ""
    booked: tuple[Flow, ...] = ()
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(flows=True, fills=True))

    def _answer(self) -> None:
        NEVER.wait(self.wait_s)
        if self.error:
            raise self.error

    def health(self) -> str | None:
        return self.trouble

    def account(self) -> Account:
        self._answer()
        return Account("", "USD", (Cash("USD", Decimal(1), Decimal(1)),), None, None, blocked=self.blocked)

    def positions(self) -> tuple[Position, ...]:
        self._answer()
        return (Position("A", Decimal(1), Decimal(1), Decimal(1)),)

    def open_orders(self) -> tuple[Order, ...]:
        self._answer()
        return ()

    def quotes(self, symbols: Collection[str]) -> Mapping[str, Quote]:
        if self.quotes_error:
            raise self.quotes_error
        return {symbol: Quote(symbol, NOON - timedelta(minutes=5)) for symbol in symbols}

    def order(self, client_order_id: str) -> Order | None:
        return None

    def fills(self, since: datetime) -> Iterator[Fill]:
        return iter(())

    def flows(self, since: datetime) -> tuple[Flow, ...]:
        return tuple(flow for flow in self.booked if flow.time > since)

    def history(self, instants: tuple[datetime, ...]) -> Iterator[Statement]:
        return iter(())

    def place(self, request: OrderRequest) -> Order:
        raise OrderRejected("no")

    def cancel(self, client_order_id: str) -> Order:
        raise OrderRejected("no")

    def closes(self, symbol: str, since: date, until: date) -> tuple[Close, ...]:
        raise NotImplementedError

    def transfer(self, amount: Decimal, to: str, client_id: str) -> Flow:
        raise Unsupported("no")


def opened(name: str, connector: Connector | None, **more: object) -> Opened:
    return Opened(name, VenueType.EQUITIES, "fake", connector, **more)  # type: ignore[arg-type]


def read(*connectors: Opened, timeout_s: float = 5.0) -> list[VenueState]:
    return collect(connectors, lambda: NOON, timeout_s)


def test_ten_slow_venues_take_as_long_as_one() -> None:
    start = monotonic()
    states = read(*(opened(f"v{i}", Fake(wait_s=0.3)) for i in range(10)))
    assert [state.health.status for state in states] == [HealthStatus.OK] * 10
    assert [state.connector for state in states] == [f"v{i}" for i in range(10)]
    assert monotonic() - start < 10 * 0.3


def test_a_hanging_venue_is_degraded_at_the_deadline_and_the_others_are_whole() -> None:
    states = read(opened("hangs", Fake(wait_s=60)), opened("fine", Fake()), timeout_s=0.3)
    assert states[0].health.status is HealthStatus.DEGRADED
    assert "no answer" in states[0].health.reason
    assert states[0].account is None
    assert states[1].health.ok


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (VenueError("GET /v2/account: 500"), "GET /v2/account: 500"),
        (RateLimited("too many requests", 3.0), "too many requests"),
        (KeyError("s3cr3t-value"), "its adapter failed with KeyError; please report it"),
    ],
)
def test_a_failing_venue_is_degraded_with_its_reason(error: Exception, reason: str) -> None:
    broken, fine = read(opened("broken", Fake(error=error)), opened("fine", Fake()))
    assert broken.health.status is HealthStatus.DEGRADED
    assert broken.health.reason == reason
    assert broken.account is None
    assert broken.positions is None
    assert fine.health.ok


def test_a_venue_that_calls_itself_ill_is_degraded() -> None:
    (state,) = read(opened("a", Fake(trouble="its clock is 90 s off")))
    assert (state.health.status, state.health.reason) == (HealthStatus.DEGRADED, "its clock is 90 s off")


def test_disabled_and_unopened_connectors_are_not_asked() -> None:
    off, unopened = read(
        opened("off", Fake(error=VenueError("asked")), enabled=False), opened("x", None, trouble="no key")
    )
    assert off.health.status is HealthStatus.DISABLED
    assert (unopened.health.status, unopened.health.reason) == (HealthStatus.DEGRADED, "no key")


def test_missing_quotes_and_a_trading_block_are_notes_and_the_account_still_counts() -> None:
    (state,) = read(
        opened("a", Fake(quotes_error=VenueError("403 on the data host"), blocked="account closed"))
    )
    assert state.health.ok
    assert state.notes == ("no quotes: 403 on the data host", "may not trade: account closed")
    assert state.last_quote_time is None


def booked_at(*minutes: int) -> tuple[Flow, ...]:
    return tuple(
        Flow(str(minute), NOON + timedelta(minutes=minute), FlowKind.DEPOSIT, Decimal(1))
        for minute in minutes
    )


LAST = {"a": LastSight(NOON - timedelta(minutes=5), frozenset(), bookings=True)}


def test_flows_are_those_since_the_last_sight_and_only_when_asked() -> None:
    one = opened("a", Fake(booked=booked_at(-10, -1)))
    (state,) = collect([one], lambda: NOON, 5.0, LAST)
    assert [flow.flow_id for flow in state.flows or ()] == ["-1"]
    (unasked,) = collect([one], lambda: NOON, 5.0)
    assert unasked.flows is None


def test_an_account_is_read_again_when_money_was_booked_meanwhile() -> None:
    """A deposit in the balances and in no list of flows would be a gain."""
    times = iter(NOON + timedelta(minutes=2 * n) for n in range(10))
    (state,) = collect([opened("a", Fake(booked=booked_at(-1, 1)))], lambda: next(times), 5.0, LAST)
    assert [flow.flow_id for flow in state.flows or ()] == ["-1", "1"]
    assert state.as_of == NOON + timedelta(minutes=2)


def test_when_it_cannot_be_told_flows_are_unknown_and_never_zero() -> None:
    (state,) = collect([opened("a", Fake(booked=booked_at(1)))], lambda: NOON, 5.0, LAST)
    assert state.health.ok
    assert state.flows is None
    assert state.notes == ("flows unknown: money was booked while the account was read",)


def test_what_was_held_is_quoted_without_a_second_round() -> None:
    asked: list[set[str]] = []

    class Quoting(Fake):
        def quotes(self, symbols: Collection[str]) -> Mapping[str, Quote]:
            asked.append(set(symbols))
            return Fake.quotes(self, symbols)

    last = {"a": LastSight(NOON, frozenset({"A", "SOLD"}))}
    (state,) = collect([opened("a", Quoting())], lambda: NOON, 5.0, last)
    assert asked == [{"A", "SOLD"}]
    assert set(state.quotes) == {"A"}


def test_flows_that_a_venue_cannot_put_into_figures_are_unknown_and_it_stays_readable() -> None:
    class Mute(Fake):
        def flows(self, since: datetime) -> tuple[Flow, ...]:
            raise Unsupported("shares came in and have no amount")

    last = {"a": LastSight(NOON, frozenset(), bookings=True)}
    (state,) = collect([opened("a", Mute())], lambda: NOON, 5.0, last)
    assert state.health.ok
    assert state.flows is None
    assert state.notes == ("flows unknown: shares came in and have no amount",)
