"""A report of one connector, or one symbol, is the report of a desk that had nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest

from git_qoc.errors import Refused
from git_qoc.retrospective.metrics import Undefined
from git_qoc.retrospective.point import SnapshotRecord, decoded
from git_qoc.retrospective.result import Retrospective
from git_qoc.retrospective.scope import OUTSIDE, Scope
from tests.retrospective.books import Account, booked, fill
from tests.retrospective.builders import UTC_CHOICES, at, figure, flow, kinds, ours, retro, returns, spec_only


def narrowed(records: Sequence[SnapshotRecord], scope: Scope) -> list[SnapshotRecord]:
    """As `tasks.records` makes them: the line and the text of the part, files without it left out."""
    made = []
    for record in records:
        data = decoded(record.text).encode()
        line = scope.line(data)
        if line != OUTSIDE:
            made.append(replace(record, text=partial(scope.text, data), digest=line, enabled=None))
    return made


def of(records: Sequence[SnapshotRecord], scope: Scope) -> Retrospective:
    chosen = replace(UTC_CHOICES, connector=scope.connector, symbol=scope.symbol)
    return retro(narrowed(records, scope), chosen)


A, X = Scope("a"), Scope(None, "X")

DESK = [
    ours("03-02", {"a": 100, "b": 900}),
    ours("03-03", {"a": 110, "b": 800}),
    ours("03-04", {"b": 700}, degraded=["a"]),
    ours("03-05", {"a": 171, "b": 600}, flows=[flow("03-05", 50), flow("03-05", -7, connector="b")],
         account_flows={"a": 50, "b": -7}),
]  # fmt: skip


def test_a_connector_has_its_own_returns_flows_and_outages() -> None:
    result = of(DESK, A)
    # 110 / 100, then (171 − 50) / 110, over the day on which a could not be read.
    assert returns(result) == [0.1, 0.1]
    assert [(f.connector, f.amount_usd) for f in result.flows] == [("a", Decimal(50))]
    assert kinds(result) == ["partial"]
    assert [result.pnl.nav_start_usd, result.pnl.pnl_usd] == [100, 21]


def test_the_desk_with_one_connector_and_its_report_by_connector_are_the_same() -> None:
    alone = [
        ours("03-02", {"a": 100}),
        ours("03-03", {"a": 110}),
        ours("03-05", {"a": 171}, flows=[flow("03-05", 50)], account_flows={"a": 50}),
    ]
    result, whole = of(DESK, A), retro(alone)
    assert result.figures == whole.figures
    assert result.pnl == whole.pnl


def test_a_connector_that_joined_later_begins_with_its_own_first_snapshot() -> None:
    records = [
        booked("03-02", None, {"b": Account(1)}),
        booked("03-03", "03-02", {"b": Account(1), "a": Account(200, first=True)}),
        booked("03-04", "03-03", {"b": Account(1), "a": Account(220)}),
    ]
    result = of(records, A)
    assert (result.n_snapshots, returns(result)) == (2, [0.1])


def test_files_that_tell_no_accounts_cannot_be_cut_and_are_named() -> None:
    result = of([spec_only("03-02", 100, connectors=("a", "b")), *DESK[2:]], A)
    assert kinds(result) == ["unparsable", "partial"]
    # One that holds this connector alone is its own.
    assert of([spec_only("03-02", 100), spec_only("03-03", 103)], A).n_complete == 2


TRADED = [
    booked("03-02", None, {"a": Account(1000)}),
    # Bought 10 X at 50, up to 55: (550 − 500) / 500.
    booked("03-03", "03-02", {"a": Account(500, {"X": (10, 50, 55)})}),
    # 55 → 66.
    booked("03-04", "03-03", {"a": Account(500, {"X": (10, 50, 66), "Y": (1, 3, 4)})}),
    # All sold at 60: (600 − 660) / 660.
    booked("03-05", "03-04", {"a": Account(1100, gains={"X": 100})}),
    booked("03-06", "03-05", {"a": Account(1100)}),
    # 4 bought at 100 and still there.
    booked("03-07", "03-06", {"a": Account(700, {"X": (4, 100, 101)})}),
]


def test_a_symbols_return_is_on_what_was_in_it_and_purchases_are_flows() -> None:
    result = of(TRADED, X)
    assert returns(result) == pytest.approx([0.1, 0.2, -60 / 660, 0.0, 0.01])
    assert [(f.kind, f.amount_usd) for f in result.flows] == [
        ("bought", Decimal(500)),
        ("sold", Decimal(-600)),
        ("bought", Decimal(400)),
    ]
    assert result.pnl.pnl_usd == 104


def test_a_day_without_the_symbol_is_no_break_and_no_observation() -> None:
    result = of(TRADED, X)
    assert len(result.segments) == 1
    assert [entry.in_sample for entry in result.days] == [True, True, True, False, True]
    assert figure(result, "total_return") == pytest.approx(1.1 * 1.2 * (600 / 660) * 1.01 - 1)


def test_by_its_fills_a_purchase_counts_from_when_it_was_made() -> None:
    records = [
        booked("03-02", None, {"a": Account(1000, {"X": (10, 50, 50)})}),
        # Six hours before the close 10 more were bought at 52: 1060 − 500 − 520 = 40 on 500 + 520 / 4.
        booked(
            "03-03", "03-02", {"a": Account(480, {"X": (20, 51, 53)})}, fills=[fill("03-03 15:00", 10, 52)]
        ),
        # All sold at 54 six hours before the close: (1080 − 1060) / 1060, and nothing was there after.
        booked("03-04", "03-03", {"a": Account(1560, gains={"X": 60})}, fills=[fill("03-04 15:00", -20, 54)]),
    ]
    result = of(records, X)
    assert returns(result) == pytest.approx([40 / 630, 20 / 1060])
    assert [(f.kind, f.connector, f.amount_usd, f.valued) for f in result.flows] == [
        ("bought", "a", Decimal(520), False),
        ("sold", "a", Decimal(-1080), True),
    ]


def test_a_trade_within_a_day_is_measured_on_what_it_cost_with_its_fee() -> None:
    records = [
        booked("03-02", None, {"a": Account(1000)}),
        booked(
            "03-03",
            "03-02",
            {"a": Account("1048.50", gains={"X": "48.50"})},
            fills=[fill("03-03 10:00", 10, 50, fee="0.50"), fill("03-03 11:00", -10, 55, fee=1)],
        ),
    ]
    result = of(records, X)
    assert returns(result) == pytest.approx([48.5 / 500.5])
    assert result.pnl.pnl_usd == Decimal("48.50")


def test_fills_that_are_not_the_whole_of_it_give_no_times() -> None:
    records = [
        booked("03-02", None, {"a": Account(1000, {"X": (10, 50, 50)})}),
        booked(
            "03-03", "03-02", {"a": Account(480, {"X": (20, 51, 53)})}, fills=[fill("03-03 15:00", 9, 52)]
        ),
    ]
    result = of(records, X)
    assert [(f.time, f.amount_usd) for f in result.flows] == [(at("03-03"), Decimal(520))]
    assert returns(result) == pytest.approx([40 / 1020])


def test_a_symbol_at_one_of_two_connectors() -> None:
    both = [
        booked("03-02", None, {"a": Account(0, {"X": (1, 10, 10)}), "b": Account(0, {"X": (1, 10, 100)})}),
        booked("03-03", "03-02", {"a": Account(0, {"X": (1, 10, 11)}), "b": Account(0, {"X": (1, 10, 50)})}),
    ]
    assert returns(of(both, Scope("a", "X"))) == [0.1]
    assert returns(of(both, X)) == [round(61 / 110 - 1, 12)]


def test_without_what_was_realized_a_sale_is_no_loss_but_unknown() -> None:
    records = [
        booked("03-02", None, {"a": Account(0, {"X": (10, 50, 60)})}),
        booked("03-03", "03-02", {"a": Account(610, told=False)}),
    ]
    result = of(records, X)
    assert isinstance(result.figures["total_return"], Undefined)
    assert "what was realized is not told" in result.warnings[0]
    assert isinstance(result.pnl.pnl_usd, Undefined)


@pytest.mark.parametrize(
    ("row", "why"),
    [("margined   = true\n", "is margined"), ('currency   = "EUR"\nfx_usd     = 1.1\n', "is priced in EUR")],
)
def test_a_symbol_without_capital_in_usd_is_refused(row: str, why: str) -> None:
    record = booked("03-02", None, {"a": Account(0, {"X": (10, 50, 60)})})
    text = str(record.text)
    with pytest.raises(Refused, match=why):
        X.line((text + row).encode())


def test_a_position_without_a_mark_makes_the_snapshot_unreadable_for_its_symbol() -> None:
    record = booked("03-02", None, {"a": Account(0, {"X": (10, 50, 60)})})
    text = str(record.text).replace("mark       = 60.00\n", "").replace("pnl_open   = 100.00\n", "")
    assert X.line(text.encode()) == ""
    assert X.line(b"\xff") == ""
