"""Fills against what is held and was realized; every figure is worked by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from git_qoc.checks.explained import unexplained
from git_qoc.snapshots.snapshot import AccountRow, FillRow, PositionRow, RealizedRow, Snapshot

NOON = datetime(2026, 7, 5, 16, tzinfo=UTC)
DAY = timedelta(days=1)


def snapshot(day: int, quantity: int, cost: str, realized: str | None, *fills: FillRow) -> Snapshot:
    time, gain = NOON + day * DAY, None if realized is None else Decimal(realized)
    row = AccountRow("eq", "equities", "test", Decimal(1), time, realized_pnl=gain, since=time - DAY)
    held = (PositionRow("eq", "A", Decimal(quantity), Decimal(cost)),) if quantity else ()
    gains = (RealizedRow("eq", "A", gain),) if gain else ()
    return Snapshot(time, Decimal(1), accounts=(row,), positions=held, realized=gains, fills=fills)


def fill(side: str, quantity: str, price: str, fee: str | None = None) -> FillRow:
    fee_usd = None if fee is None else Decimal(fee)
    return FillRow("eq", "A", side, Decimal(quantity), Decimal(price), NOON + DAY, fee_usd)


def told(before: Snapshot, after: Snapshot) -> list[str]:
    return [f"{misfit.at[0]}: {misfit.message}" for misfit in unexplained(before, after, after.accounts[0])]


BEFORE = snapshot(0, 10, "8", "0")


def test_fills_that_lead_to_quantity_and_gain_are_clean() -> None:
    # 4 of 10 bought at 8 sold at 10.50, for a fee of 0.25: 4 · 2.50 − 0.25 = 9.75
    assert told(BEFORE, snapshot(1, 6, "8", "9.75", fill("sell", "4", "10.50", "0.25"))) == []


def test_another_price_than_the_one_that_was_realized_is_told() -> None:
    assert told(BEFORE, snapshot(1, 6, "8", "9.75", fill("sell", "4", "11", "0.25"))) == [
        'fill: "eq" A: 9.75 USD are told as realized, but its fills realized 11.75'
    ]


def test_a_quantity_the_fills_do_not_lead_to_is_told() -> None:
    assert told(BEFORE, snapshot(1, 6, "8", "9.75", fill("sell", "3", "10.50"))) == [
        'fill: "eq" A: 10 held and -3 by its fills are not the 6 held now'
    ]


def test_what_the_file_does_not_claim_to_explain_is_no_fault() -> None:
    split = snapshot(1, 6, "8", None, fill("sell", "3", "10.50"))
    assert told(BEFORE, split) == []
    old = replace(snapshot(1, 6, "8", "9.75"), fills=())
    assert told(BEFORE, old) == []
