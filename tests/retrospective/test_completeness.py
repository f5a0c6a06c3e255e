"""Rule 3: an outage is never a loss, a new account never a gain, a removed one never a loss."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from git_qoc.retrospective.metrics import Undefined
from git_qoc.retrospective.point import SnapshotRecord
from git_qoc.snapshots.snapshot import PositionRow
from tests.retrospective.builders import (
    UTC_CHOICES,
    at,
    figure,
    flow,
    kinds,
    ours,
    retro,
    returns,
    spec_only,
)

CARRY = replace(UTC_CHOICES, partial="carry")


def test_an_outage_day_is_not_a_valuation_point() -> None:
    # b is out on the 3rd. 100 + 100 → 110 + 110: +10 % over two days, nothing on the 3rd.
    result = retro(
        [
            ours("03-02", {"a": 100, "b": 100}),
            ours("03-03", {"a": 105}, enabled=["a", "b"], degraded=["b"]),
            ours("03-04", {"a": 110, "b": 110}),
        ]
    )
    assert returns(result) == [0.1]
    assert figure(result, "max_drawdown") == 0.0
    assert kinds(result) == ["partial"]


def test_flows_and_realized_pnl_of_partial_snapshots_count_in_the_linked_period() -> None:
    # a deposits 100 on the 3rd while b is out: 200 → 310, of which 100 is the deposit, at
    # half time: r = 10 / (200 + 0.5 · 100) = 0.04. Realized: 4 on the 3rd and 6 on the 4th.
    result = retro(
        [
            ours("03-02", {"a": 100, "b": 100}),
            ours(
                "03-03",
                {"a": 204},
                enabled=["a", "b"],
                flows=[flow("03-03", 100)],
                realized=4,
            ),
            ours("03-04", {"a": 205, "b": 105}, realized=6),
        ]
    )
    assert returns(result) == [0.04]
    assert result.pnl.pnl_usd == 10
    assert result.pnl.realized_pnl_usd == 10
    assert result.pnl.net_flow_usd == 100


def test_an_added_account_is_an_inflow_at_its_opening_nav() -> None:
    result = retro(
        [
            ours("03-02", {"a": 100}),
            ours("03-03", {"a": 110, "b": 1000}, unrealized={"b": 300}),
            ours("03-04", {"a": 110, "b": 1111}, unrealized={"b": 411}),
        ]
    )
    assert returns(result) == [0.1, 0.1]
    assert [(f.kind, f.connector, int(f.amount_usd), f.implied) for f in result.flows] == [
        ("connector_added", "b", 1000, False)
    ]
    assert result.pnl.pnl_usd == 121
    # b's open P&L of 300 was there before it joined: the change since then is 111.
    assert result.pnl.unrealized_change_usd == 111


def test_what_an_added_account_deposited_before_is_inside_its_opening_nav() -> None:
    result = retro(
        [
            ours("03-02", {"a": 1000}),
            ours(
                "03-03",
                {"a": 500, "b": 500},
                flows=[
                    flow("03-03 12:00", -500, "a", "transfer"),
                    flow("03-03 12:00", 500, "b", "transfer"),
                ],
            ),
        ]
    )
    assert returns(result) == [0.0]
    assert result.pnl.net_flow_usd == 0
    assert result.pnl.pnl_usd == 0


def test_account_totals_count_for_all_but_the_added_account() -> None:
    # 300 left a for b and came with b's opening NAV; a took 50 more: all at the close.
    moved = {"a": -250, "b": 300}
    result = retro(
        [ours("03-02", {"a": 1000}), ours("03-03", {"a": 760, "b": 300}, net_flow=50, account_flows=moved)]
    )
    assert [(f.connector, int(f.amount_usd)) for f in result.flows] == [("b", 300), ("a", -250)]
    assert returns(result) == [0.01]


def test_a_removed_account_is_an_outflow_at_its_last_nav() -> None:
    # b (1000) leaves at its last valuation, so a alone earns: 11 / 100.
    result = retro(
        [
            ours("03-02", {"a": 100, "b": 1000}),
            ours("03-03", {"a": 111}),
            ours("03-04", {"a": 111}),
        ]
    )
    assert returns(result) == [0.11, 0.0]
    assert [(f.kind, f.connector, int(f.amount_usd)) for f in result.flows] == [
        ("connector_removed", "b", -1000)
    ]
    assert result.pnl.pnl_usd == 11


def test_an_account_that_first_shows_in_a_partial_snapshot_opens_there() -> None:
    # c opens with 100 on the 3rd (b is out), half way; on the 4th it stands at 130.
    # P&L 30 over 200 + 0.5 · 100.
    result = retro(
        [
            ours("03-02", {"a": 100, "b": 100}),
            ours("03-03", {"a": 100, "c": 100}, enabled=["a", "b", "c"]),
            ours("03-04", {"a": 100, "b": 100, "c": 130}),
        ]
    )
    assert returns(result) == [0.12]


def test_an_account_removed_after_a_partial_snapshot_leaves_at_its_nav_there() -> None:
    # b earns 20 until the 3rd (a is out) and is gone on the 4th: P&L 20 + 4, capital
    # 200 − 0.5 · 120.
    result = retro(
        [
            ours("03-02", {"a": 100, "b": 100}),
            ours("03-03", {"b": 120}, enabled=["a", "b"]),
            ours("03-04", {"a": 104}),
        ]
    )
    assert returns(result) == [round(24 / 140, 12)]


def test_connectors_after_a_file_that_names_none_are_not_new() -> None:
    unsaid = SnapshotRecord("x.toml", '[meta]\ntimestamp = "2026-03-03T21:00:00Z"\nnav_usd = 110.0\n')
    result = retro([ours("03-02", {"a": 100}), unsaid, ours("03-04", {"a": 121}), ours("03-05", {"a": 121})])
    assert returns(result) == [0.1, 0.1, 0.0]
    first = retro([unsaid, ours("03-04", {"a": 121})])
    assert returns(first) == [0.1]


def test_a_disabled_and_enabled_again_account_goes_and_comes() -> None:
    result = retro(
        [
            ours("03-02", {"a": 100, "b": 100}),
            ours("03-03", {"a": 110}),
            ours("03-04", {"a": 110, "b": 250}),
            ours("03-05", {"a": 146, "b": 250}),
        ]
    )
    assert returns(result) == [0.1, 0.0, 0.1]
    assert [f.amount_usd for f in result.flows] == [-100, 250]


def test_without_account_rows_a_new_connector_is_implied_however_small() -> None:
    # NAV +30 on 1000, of which 20 came with b (below the 50 USD threshold of unchanged
    # desks) and b's open P&L of 5 was there before.
    new = PositionRow("b", "X", Decimal(1), pnl_open=Decimal(5))
    result = retro(
        [
            spec_only("03-02", 1000),
            spec_only("03-03", 1030, connectors=["a", "b"], realized=10, unrealized=5, positions=[new]),
        ]
    )
    assert [(f.connector, f.kind, int(f.amount_usd), f.implied) for f in result.flows] == [
        ("b", "deposit", 20, True)
    ]
    assert returns(result) == [0.01]


def test_without_account_rows_a_removed_connector_is_implied() -> None:
    # b held 500 with an open P&L of 40. a earns 5 on 500: ΔNAV −495 = 5 − 500.
    gone = PositionRow("b", "X", Decimal(1), pnl_open=Decimal(40))
    result = retro(
        [
            spec_only("03-02", 1000, connectors=["a", "b"], unrealized=40, positions=[gone]),
            spec_only("03-03", 505, realized=5, unrealized=0),
        ]
    )
    assert [(f.connector, int(f.amount_usd), f.implied) for f in result.flows] == [("b", -500, True)]
    assert returns(result) == [0.01]


@pytest.mark.parametrize(
    ("realized", "flows"),
    [(None, "auto"), (0, "explicit")],
)
def test_a_new_connector_whose_nav_nothing_tells_breaks_the_chain_instead_of_being_a_gain(
    realized: int | None, flows: str
) -> None:
    choices = replace(UTC_CHOICES, flows=flows)  # type: ignore[arg-type]
    result = retro(
        [
            spec_only("03-02", 1000),
            spec_only("03-03", 2000, connectors=["a", "b"], realized=realized),
            spec_only("03-04", 2200, connectors=["a", "b"]),
        ],
        choices,
    )
    assert returns(result)[0] is None
    assert "chain_break" in kinds(result)
    assert isinstance(result.pnl.pnl_usd, Undefined)
    assert any("chain breaks" in line for line in result.warnings)


def outage(*days: str) -> list[SnapshotRecord]:
    return [
        ours("03-02", {"a": 100, "b": 100}),
        *(ours(day, {"a": 110}, enabled=["a", "b"]) for day in days),
        ours("03-09", {"a": 110, "b": 132}),
    ]


def test_carry_stands_in_for_at_most_three_days() -> None:
    # 200 → 210 (b carried) → 242; the snapshot of the 6th is four days after b was seen.
    result = retro(outage("03-05", "03-06"), CARRY)
    assert returns(result) == [0.05, round(32 / 210, 12)]
    assert kinds(result) == ["carried", "partial"]
    assert [f.time.day for f in result.findings if f.time] == [5, 6]


def test_exclude_gives_the_same_total_as_carry() -> None:
    plain, carried = retro(outage("03-03", "03-04")), retro(outage("03-03", "03-04"), CARRY)
    assert figure(plain, "total_return") == pytest.approx(0.21, rel=1e-12)
    assert figure(carried, "total_return") == pytest.approx(0.21, rel=1e-12)


def test_a_flow_of_a_carried_account_counts_when_the_account_reports_it() -> None:
    # b got 100 on the 3rd while it was out; its row says so on the 4th: fully in the base.
    result = retro(
        [
            ours("03-02", {"a": 100, "b": 100}),
            ours("03-03 21:00", {"a": 100}, enabled=["a", "b"]),
            ours("03-04", {"a": 100, "b": 230}, flows=[flow("03-03 12:00", 100, "b")]),
        ],
        CARRY,
    )
    assert returns(result) == [0.0, 0.1]


def test_carry_without_account_rows_leaves_the_point_partial() -> None:
    result = retro(
        [
            spec_only("03-02", 200, connectors=["a", "b"], enabled=["a", "b"]),
            spec_only("03-03", 100, enabled=["a", "b"]),
            spec_only("03-04", 220, connectors=["a", "b"], enabled=["a", "b"], realized=20),
        ],
        CARRY,
    )
    assert returns(result) == [0.1]
    assert kinds(result) == ["partial"]


def test_an_account_removed_while_carried_leaves_at_the_carried_nav() -> None:
    result = retro(
        [
            ours("03-02", {"a": 100, "b": 100}),
            ours("03-03", {"a": 110}, enabled=["a", "b"]),
            ours("03-04", {"a": 121}),
        ],
        CARRY,
    )
    assert returns(result) == [0.05, 0.1]
    assert [(f.time, f.connector, int(f.amount_usd)) for f in result.flows] == [(at("03-03"), "b", -100)]


def test_carried_figures_include_the_open_pnl() -> None:
    # b's open 40 is carried on the 3rd; it closes at a gain of 50 by the 4th.
    result = retro(
        [
            ours("03-02", {"a": 100, "b": 100}, unrealized={"b": 40}),
            ours("03-03", {"a": 110}, unrealized={"a": 10}, enabled=["a", "b"]),
            ours("03-04", {"a": 110, "b": 110}, unrealized={"a": 10}, realized=50),
        ],
        CARRY,
    )
    assert result.pnl.unrealized_change_usd == -30
    assert result.pnl.other_pnl_usd == 0
    only = retro(
        [
            spec_only("03-01", 100),
            ours("03-02", {"a": 100, "b": 100}, unrealized={"b": 40}),
            ours("03-03", {"a": 110}, unrealized={"a": 10}, enabled=["a", "b"]),
        ],
        CARRY,
    )
    assert only.pnl.unrealized_change_usd == 10


def test_an_account_that_was_removed_is_not_carried_when_it_comes_back_degraded() -> None:
    records = [
        ours("03-02", {"a": 100_000, "b": 100_000}),
        ours("03-03", {"a": 100_000}),
        ours("03-04", {"a": 100_000}, enabled=["a", "b"]),
        ours("03-05", {"a": 100_000, "b": 100_000}),
    ]
    result = retro(records, CARRY)
    assert [value for value in returns(result) if value] == []
    assert result.pnl.pnl_usd == 0


def test_what_an_account_realized_while_it_was_away_is_inside_its_opening_nav() -> None:
    back = ours("03-04", {"a": 100_000, "b": 51_064}, realized=1_064)
    head, mark, last = str(back.text).rpartition("[[account]]")
    text = head + mark + last.replace("realized_pnl   = 0.00", "realized_pnl   = 1_064.00")
    records = [
        ours("03-02", {"a": 100_000, "b": 50_000}),
        ours("03-03", {"a": 100_000}),
        replace(back, text=text),
    ]
    result = retro(records)
    assert result.pnl.pnl_usd == 0
    assert result.pnl.realized_pnl_usd == 0
    assert result.pnl.other_pnl_usd == 0
