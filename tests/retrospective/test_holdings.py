"""What is kept of a snapshot's rows, by the fast way and the slow one."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given

from git_qoc.retrospective.holdings import Holdings, line_from, line_of, nothing, parsed
from git_qoc.snapshots.parse import loads
from git_qoc.snapshots.snapshot import PositionRow, Snapshot
from git_qoc.snapshots.toml import dumps
from tests.retrospective.books import Account, booked
from tests.snapshots.test_toml import snapshots

ONE = Decimal(1)


@given(snapshots)
def test_both_ways_say_the_same_of_any_snapshot(snapshot: Snapshot) -> None:
    assert parsed(line_of(dumps(snapshot), snapshot.connectors)) == parsed(line_from(snapshot))


def position(quantity: int, mark: str | None, **more: object) -> PositionRow:
    row = PositionRow("a", "X", Decimal(quantity), ONE, None if mark is None else Decimal(mark))
    return replace(row, **more)  # type: ignore[arg-type]


def held(*rows: PositionRow) -> Holdings:
    snapshot = loads(str(booked("03-03", "03-02", {"a": Account(100)}).text))
    return parsed(line_of(dumps(replace(snapshot, positions=rows)), ("a",)))


@pytest.mark.parametrize(
    ("rows", "long", "short"),
    [
        ((), 0, 0),
        ((position(3, "10"), position(2, "5")), 40, 0),
        ((position(3, "10"), position(-2, "5")), 30, -10),
        ((position(1, "2.5", multiplier=Decimal(100)),), 250, 0),
        ((position(-1, "10", currency="EUR", fx_usd=Decimal("1.25")),), 0, "-12.5"),
        # Of a future the notional, of an inverse contract its coins at the coin's rate.
        ((position(2, "5000", multiplier=Decimal(50), margined=True),), 500_000, 0),
        ((position(10, "50000", multiplier=Decimal(100), currency="BTC", fx_usd=Decimal(50_000),
                   margined=True, inverse=True),), 1000, 0),
    ],
)  # fmt: skip
def test_exposure_by_hand(rows: tuple[PositionRow, ...], long: int, short: int | str) -> None:
    found = held(*rows)
    assert (found.long_usd, found.short_usd) == (Decimal(long), Decimal(short))


@pytest.mark.parametrize(
    "rows",
    [
        (position(3, "10"), position(1, None)),
        (position(3, "10", currency="EUR", fx_usd=None),),
        (position(3, "0", currency="BTC", fx_usd=ONE, inverse=True),),
    ],
)
def test_one_position_of_no_known_value_makes_the_exposure_unknown_and_never_less(
    rows: tuple[PositionRow, ...],
) -> None:
    found = held(*rows)
    assert (found.long_usd, found.short_usd) == (None, None)


def test_an_account_that_tells_no_positions_makes_the_exposure_unknown() -> None:
    text = str(booked("03-03", "03-02", {"a": Account(100), "b": Account(5)}).text)
    silent = text.replace(
        "unrealized_pnl = 0.00\nnet_flow_usd   = 0.00\nas_of", "net_flow_usd   = 0.00\nas_of", 1
    )
    assert silent != text
    assert parsed(line_of(silent, ("a", "b"))).long_usd is None


def test_gains_and_who_tells_nothing() -> None:
    accounts = {
        "a": Account(1, gains={"X": 5, "Y": "-2.5"}),
        "b": Account(1, told=False),
        "c": Account(1, flow=None),
        "d": Account(1, first=True),
    }
    found = parsed(line_of(str(booked("03-03", "03-02", accounts).text), tuple(accounts)))
    assert found.gains == (("a", "X", Decimal(5)), ("a", "Y", Decimal("-2.5")))
    assert found.untold == {"b", "d"}
    assert found.silent == {"c", "d"}


def test_rows_that_cannot_be_read_tell_nothing() -> None:
    found = parsed(nothing(("a", "b")))
    assert found == Holdings(None, None, (), frozenset("ab"), frozenset("ab"))
