"""What is kept of a snapshot's trades says what the file says, or that it must be read."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given

from git_qoc.retrospective.trades import seen, trace
from git_qoc.snapshots.parse import loads
from git_qoc.snapshots.snapshot import FillRow, Snapshot
from git_qoc.snapshots.toml import dumps
from tests.retrospective.builders import at
from tests.retrospective.trades.record import day, fill
from tests.snapshots.test_toml import SPEC_EXAMPLE, snapshots


@given(snapshots)
def test_a_sketch_says_what_the_file_says(snapshot: Snapshot) -> None:
    names = [row.connector for row in snapshot.accounts]
    kept = trace.sketch(trace.trace(dumps(snapshot)))
    if kept and len(set(names)) == len(names) and names:
        assert seen.of_sketch(kept) == seen.of_snapshot(replace(snapshot, connectors=tuple(names)))


def test_every_key_of_a_fill_is_kept() -> None:
    odd = FillRow(
        "eq", "P-é", "sell", Decimal("1234567.5"), Decimal("-0.01"), at("03-02 10:00"), Decimal("-0.5"),
        "EUR", "f", "o", Decimal("0.001"), "BTC", True,
    )  # fmt: skip
    snapshot = day("03-02", {"A": "1_000.5", "B": -2}, odd, fill("03-02 11:00", 5, 3), realized={"A": 7})
    kept = trace.sketch(trace.trace(dumps(snapshot)))
    assert seen.of_sketch(kept) == seen.of_snapshot(snapshot)
    assert seen.of_sketch(kept)["eq"].fills == snapshot.fills


def test_what_did_not_trade_and_holds_the_same_has_the_same_trace() -> None:
    one, two = (trace.trace(dumps(day(when, {"A": 1}))) for when in ("03-02", "03-03"))
    assert one == two
    assert not trace.has_traded(one)
    for other in (day("03-03", {"A": 2}), day("03-03", {"A": 1}, cost=9), day("03-03", {"A": 1}, told=False)):
        assert trace.state(trace.trace(dumps(other))) != trace.state(one)


@pytest.mark.parametrize(
    "text",
    [
        SPEC_EXAMPLE + '\n[[ position ]]\nconnector = "x"\nsymbol = "Y"\nquantity = 1\n',
        SPEC_EXAMPLE.replace("[[position]]", "  [[position]]"),
        SPEC_EXAMPLE.replace('"AAPL"', "'AAPL'"),
        SPEC_EXAMPLE.replace('"AAPL"', '"A\\u0041PL"'),
        SPEC_EXAMPLE.replace("quantity   = 150", "quantity   = 1.5e2"),
        SPEC_EXAMPLE.replace("quantity   = 150", "quantity = 150"),
    ],
)
def test_another_layout_must_be_read(text: str) -> None:
    assert loads(text).positions[0].quantity == 150
    assert trace.trace(text) == trace.UNKNOWN


def test_a_long_sketch_is_not_kept() -> None:
    many = day("03-02", {}, *(fill(f"03-02 10:{n:02}", 1, 3) for n in range(60)))
    mark = trace.trace(dumps(many))
    assert trace.has_traded(mark)
    assert trace.sketch(mark) == ""
