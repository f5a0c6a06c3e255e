from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from git_qoc.account.realized import Cost
from git_qoc.account.uta import unify
from git_qoc.errors import Refused
from git_qoc.model import (
    Account,
    Cash,
    Fill,
    Flow,
    FlowKind,
    Health,
    HealthStatus,
    Position,
    Side,
    Statement,
    VenueState,
    VenueType,
)
from git_qoc.snapshots.backfill import Source, backfill
from git_qoc.snapshots.capture import Previous, capture, previous_rows
from git_qoc.snapshots.parse import loads
from git_qoc.snapshots.snapshot import AccountRow, FillRow, Snapshot
from git_qoc.snapshots.toml import dumps

NOON = datetime(2026, 7, 5, 16, tzinfo=UTC)
BEFORE = NOON - timedelta(days=1)


def account(cash: str) -> Account:
    return Account("", "USD", (Cash("USD", Decimal(cash), Decimal(cash)),), None, None)


def state(
    name: str,
    cash: str,
    *positions: Position,
    fills: tuple[Fill, ...] | None = (),
    flows: tuple[Flow, ...] | None = (),
) -> VenueState:
    return VenueState(
        name,
        VenueType.EQUITIES,
        "test",
        Health(HealthStatus.OK),
        NOON,
        account(cash),
        positions,
        (),
        fills=fills,
        flows=flows,
    )


def down(name: str) -> VenueState:
    return VenueState(name, VenueType.CRYPTO, "test", Health(HealthStatus.DEGRADED, "timeout", NOON), NOON)


def long(quantity: str) -> Position:
    return Position("A", Decimal(quantity), Decimal(8), Decimal(10))


def sold(quantity: str, price: str) -> Fill:
    return Fill("f", "o", "A", Side.SELL, Decimal(quantity), Decimal(price), NOON)


def deposit(amount: str) -> Flow:
    return Flow("d", NOON, FlowKind.DEPOSIT, Decimal(amount))


HELD_TEN = {"a": Previous(BEFORE, {"A": Cost(Decimal(10), Decimal(8))})}


def test_the_first_snapshot_says_nothing_of_flows_and_has_realized_nothing() -> None:
    snapshot = capture(unify([state("a", "100", long("10"))]), {}, NOON)
    assert snapshot.nav_usd == 200
    assert snapshot.unrealized_pnl == 20
    assert snapshot.realized_pnl == 0
    assert snapshot.net_flow_usd is None
    assert snapshot.accounts[0].net_flow_usd is None


def test_realized_and_flows_are_since_the_connectors_previous_row() -> None:
    now = state("a", "190", long("6"), fills=(sold("4", "10"),), flows=(deposit("50"),))
    snapshot = capture(unify([now]), HELD_TEN, NOON)
    assert snapshot.realized_pnl == 8
    assert snapshot.net_flow_usd == 50
    assert [(row.kind, row.amount_usd) for row in snapshot.flows] == [("deposit", Decimal(50))]
    assert [(row.symbol, row.pnl_usd) for row in snapshot.realized] == [("A", Decimal(8))]
    assert snapshot.accounts[0].since == BEFORE
    # Δnav = realized + Δunrealized + flows + other: 250 − (100 + 100) = 8 + (12 − 20) + 50 + 0.
    assert snapshot.unrealized_pnl == 12
    assert snapshot.nav_usd - 200 == 8 + (12 - 20) + 50


def test_a_gain_on_an_average_cost_without_end_can_be_read_again() -> None:
    # 3 at 7.77 and 4 at 9.13 are 7 at 59.83 / 7 = 8.547142857…; 4 sold at 10 gain 40 − 239.32 / 7.
    bought = Fill("g", "o", "A", Side.BUY, Decimal(4), Decimal("9.13"), NOON)
    before = {"a": Previous(BEFORE, {"A": Cost(Decimal(3), Decimal("7.77"))})}
    now = state("a", "100", long("3"), fills=(bought, sold("4", "10")))
    read = loads(dumps(capture(unify([now]), before, NOON)))
    assert read.realized_pnl is not None
    assert abs(read.realized_pnl - (40 - Decimal("239.32") / 7)) <= Decimal("1e-36")
    assert read.realized_pnl == read.accounts[0].realized_pnl == read.realized[0].pnl_usd


def test_what_a_venue_cannot_say_stays_unknown() -> None:
    mute = state("a", "100", long("10"), fills=None, flows=None)
    snapshot = capture(unify([mute]), HELD_TEN, NOON)
    assert snapshot.realized_pnl is None
    assert snapshot.net_flow_usd is None


def test_a_new_account_is_no_flow_of_the_old_ones() -> None:
    snapshot = capture(unify([state("a", "100", long("10")), state("new", "5000")]), HELD_TEN, NOON)
    assert snapshot.net_flow_usd == 0
    assert [row.net_flow_usd for row in snapshot.accounts] == [0, None]


def test_a_degraded_venue_is_named_and_is_not_zero() -> None:
    snapshot = capture(unify([state("a", "100"), down("b")]), {}, NOON)
    assert snapshot.connectors == ("a",)
    assert snapshot.degraded == ("b",)
    assert [row.connector for row in snapshot.accounts] == ["a"]


def test_with_nothing_readable_there_is_no_snapshot() -> None:
    with pytest.raises(Refused, match=r"no venue could be read.*\nb: timeout"):
        capture(unify([down("b")]), {}, NOON)


def test_the_previous_row_is_looked_for_past_snapshots_that_lack_it() -> None:
    rows = [
        AccountRow(name, "cash", "t", Decimal(1), BEFORE - timedelta(days=days))
        for name, days in (("a", 0), ("b", 5), ("a", 9))
    ]
    history = [Snapshot(NOON, Decimal(1), accounts=(row,)) for row in rows]
    found = previous_rows(history, ["a", "b", "c"])
    assert {name: BEFORE - row.as_of for name, row in found.items()} == {
        "a": timedelta(0),
        "b": timedelta(days=5),
    }


def test_a_backfill_names_the_venue_that_says_nothing_once_it_has_begun() -> None:
    instants = (BEFORE, NOON, NOON + timedelta(days=1), NOON + timedelta(days=2))
    stocks = {i: Statement(i, account("10"), (), (), ()) for i in instants}
    coins = {i: Statement(i, account("5"), (), (), ()) for i in instants[1::2]}
    silent = Source("bank", VenueType.CASH, "t", {})
    found = list(
        backfill(
            [
                Source("stocks", VenueType.EQUITIES, "t", stocks),
                Source("coins", VenueType.CRYPTO, "t", coins),
                silent,
            ],
            instants,
        )
    )
    assert [(s.nav_usd, s.degraded) for s in found] == [
        (Decimal(10), ()),  # before its first statement an account is not out, it is not there yet
        (Decimal(15), ()),
        (Decimal(10), ("coins",)),
        (Decimal(15), ()),
    ]
    assert all(s.backfill for s in found)
    assert [s.net_flow_usd for s in found] == [None, 0, 0, 0]


def test_after_another_tools_files_nothing_is_known_since_them() -> None:
    snapshot = capture(unify([state("a", "100", long("10"))]), {}, NOON, first=False, foreign=True)
    assert snapshot.realized_pnl is None
    assert snapshot.net_flow_usd is None


def test_new_accounts_alone_tell_zero_since_they_bring_their_nav() -> None:
    for previous in (HELD_TEN, {}):  # also when the old ones could not even be opened
        snapshot = capture(unify([state("new", "100")]), previous, NOON, first=False)
        assert snapshot.realized_pnl == 0
        assert snapshot.net_flow_usd == 0


def test_fills_since_the_previous_row_are_kept_as_the_venue_told_them() -> None:
    bought = Fill("g", "o", "A", Side.BUY, Decimal(1), Decimal(9), NOON - timedelta(hours=1), Decimal("0.35"))
    now = state("a", "190", long("7"), fills=(bought, sold("4", "10")))
    snapshot = capture(unify([now]), HELD_TEN, NOON)
    assert snapshot.fills == (
        FillRow("a", "A", "buy", Decimal(1), Decimal(9), bought.time, Decimal("0.35"), "USD", "g", "o"),
        FillRow("a", "A", "sell", Decimal(4), Decimal(10), NOON, None, "USD", "f", "o"),
    )
    assert loads(dumps(snapshot)).fills == snapshot.fills


def test_a_connectors_first_row_tells_no_fills() -> None:
    now = state("a", "190", long("6"), fills=(sold("4", "10"),))
    assert capture(unify([now]), {}, NOON).fills == ()


def test_a_fee_in_another_currency_is_neither_in_usd_nor_taken_off_a_gain_in_usd() -> None:
    fill = replace(sold("4", "10"), fee=Decimal("0.90"))
    now = replace(
        state("a", "190", long("6"), fills=(fill,)), account=replace(account("190"), currency="EUR")
    )
    snapshot = capture(unify([now]), HELD_TEN, NOON)
    assert snapshot.realized_pnl is None
    (row,) = snapshot.fills
    assert (row.fee, row.fee_currency, row.fee_usd) == (Decimal("0.90"), "EUR", None)


def test_statements_of_the_past_tell_their_fills_from_the_second_on() -> None:
    def statement(time: datetime, *positions: Position, fills: tuple[Fill, ...] | None) -> Statement:
        return Statement(time, account("100"), positions, fills, ())

    bought = Fill("g", "o", "A", Side.BUY, Decimal(10), Decimal(8), BEFORE + timedelta(hours=1))
    first = statement(BEFORE, fills=None)
    second = statement(NOON, long("10"), fills=(bought,))
    source = Source("a", VenueType.EQUITIES, "test", {BEFORE: first, NOON: second})
    old, new = backfill([source], [BEFORE, NOON])
    assert old.fills == ()
    assert [(row.fill_id, row.time) for row in new.fills] == [("g", bought.time)]
