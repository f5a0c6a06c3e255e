"""Who made the P&L: worked by hand, and always the whole of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from git_qoc.money import ZERO
from git_qoc.retrospective.choices import Choices
from git_qoc.retrospective.metrics import Undefined
from git_qoc.retrospective.point import SnapshotRecord
from git_qoc.retrospective.result import Retrospective
from tests.retrospective.books import Account, booked
from tests.retrospective.builders import UTC_CHOICES, at, flow, ours, retro, spec_only
from tests.retrospective.test_properties import choices, desks

Row = tuple[str | None, str | None, Decimal]


def rows(records: Sequence[SnapshotRecord], chosen: Choices = UTC_CHOICES) -> list[Row]:
    return of(retro(records, chosen))


def of(result: Retrospective) -> list[Row]:
    assert not isinstance(result.contribution, Undefined), result.contribution
    return [(row.connector, row.symbol, row.pnl_usd) for row in result.contribution]


TWO_VENUES = [
    booked("03-02", None, {"a": Account(1000, {"X": (10, 50, 50)}), "b": Account(500)}),
    # a: X 50 → 60 (+100), a fee of 3. b: bought 4 Y at 25, still at 25.
    booked("03-03", "03-02", {"a": Account(997, {"X": (10, 50, 60)}), "b": Account(400, {"Y": (4, 25, 25)})}),
    # a: sold 5 X at 62: realized 60, the others +2 each over 60. b: deposit of 200, Y 25 → 20.
    booked(
        "03-04",
        "03-03",
        {
            "a": Account(1307, {"X": (5, 50, 62)}, gains={"X": 60}),
            "b": Account(600, {"Y": (4, 25, 20)}, flow=200),
        },
        flows=[flow("03-04 10:00", 200, connector="b")],
    ),
]


def test_a_symbol_has_what_it_realized_and_the_change_of_its_open_pnl_and_the_fee_is_of_no_symbol() -> None:
    assert rows(TWO_VENUES) == [
        ("a", "X", Decimal(120)),
        ("a", None, Decimal(-3)),
        ("b", "Y", Decimal(-20)),
    ]


def test_the_split_of_a_symbol_is_shown() -> None:
    found = retro(TWO_VENUES).contribution
    assert not isinstance(found, Undefined)
    assert [(r.realized_usd, r.unrealized_usd) for r in found] == [(60, 60), (None, None), (0, -20)]


def test_a_window_counts_only_what_happened_in_it() -> None:
    chosen = replace(UTC_CHOICES, since=at("03-03"))
    assert rows(TWO_VENUES, chosen) == [("a", "X", Decimal(20)), ("b", "Y", Decimal(-20))]


def test_what_an_account_brought_along_is_nobodys_gain() -> None:
    records = [
        booked("03-02", None, {"a": Account(1000)}),
        # b joins with an open gain of 300; since then Z rose by 7 each.
        booked("03-03", "03-02", {"a": Account(1000), "b": Account(0, {"Z": (10, 20, 50)}, first=True)}),
        booked("03-04", "03-03", {"a": Account(1001), "b": Account(0, {"Z": (10, 20, 57)})}),
    ]
    assert rows(records) == [("a", None, Decimal(1)), ("b", "Z", Decimal(70))]


def test_an_account_that_leaves_keeps_what_it_made() -> None:
    records = [
        booked("03-02", None, {"a": Account(1000), "b": Account(0, {"Z": (10, 20, 20)})}),
        booked("03-03", "03-02", {"a": Account(1000), "b": Account(0, {"Z": (10, 20, 26)})}),
        booked("03-04", "03-03", {"a": Account(1004)}),
    ]
    assert rows(records) == [("a", None, Decimal(4)), ("b", "Z", Decimal(60))]


def test_what_happened_during_an_outage_is_told_when_the_venue_is_back() -> None:
    a = Account(1000)
    records = [
        booked("03-02", None, {"a": a, "b": Account(0, {"Z": (10, 10, 10)})}),
        booked("03-03", "03-02", {"a": a}, degraded=["b"]),
        booked("03-04", "03-03", {"a": a, "b": Account(150, gains={"Z": 50}, since="03-02")}),
    ]
    assert rows(records) == [("a", None, Decimal(0)), ("b", "Z", Decimal(50))]


def test_a_venue_that_tells_no_fills_has_one_row_and_no_guess_by_symbol() -> None:
    records = [
        booked("03-02", None, {"a": Account(0, {"X": (10, 50, 60)})}),
        # X was sold at 61, which the venue does not tell: its open gain of 100 is gone, its P&L is +10.
        booked("03-03", "03-02", {"a": Account(610, told=False)}),
    ]
    assert rows(records) == [("a", None, Decimal(10))]


def test_a_flow_of_no_known_account_leaves_those_that_tell_no_flows_unattributed() -> None:
    records = [
        booked("03-02", None, {"a": Account(1000), "b": Account(1000)}),
        # 5,000 came into b, which does not tell flows: implied for the desk.
        booked("03-03", "03-02", {"a": Account(1007), "b": Account(6000, flow=None)}),
    ]
    result = retro(records)
    assert [(f.connector, f.amount_usd, f.implied) for f in result.flows] == [(None, Decimal(5007), True)]
    assert of(result) == [("a", None, Decimal(7)), (None, None, Decimal(-7))]


def test_a_sum_of_flows_that_names_nobody_leaves_all_who_were_there_unattributed() -> None:
    whole = booked("03-03", "03-02", {"a": Account(1107), "b": Account(500, first=True)})
    # The desk's sum says 100 came in; no row says to whom, and b, which is new, cannot have had it.
    text = str(whole.text).replace("net_flow_usd   = 0.00", "net_flow_usd   = 100.00", 1)
    records = [booked("03-02", None, {"a": Account(1000)}), replace(whole, text=text)]
    result = retro(records)
    assert result.pnl.pnl_usd == 7
    assert of(result) == [("b", None, Decimal(0)), (None, None, Decimal(7))]


def test_files_that_name_no_accounts_attribute_nothing() -> None:
    assert rows([spec_only("03-02", 100), spec_only("03-03", 110, realized=10)]) == [
        (None, None, Decimal(10))
    ]


def test_one_snapshot_has_no_contribution_and_says_why() -> None:
    assert retro(TWO_VENUES[:1]).contribution == Undefined("needs two complete snapshots")


def test_under_carry_an_account_that_is_out_at_the_end_has_what_it_made_until_then() -> None:
    records = [
        ours("03-02", {"a": 100, "b": 100}),
        ours("03-03", {"a": 100, "b": 130}),
        ours("03-04", {"a": 105}, enabled=["a", "b"]),
    ]
    found = rows(records, replace(UTC_CHOICES, partial="carry"))
    assert sum(pnl for _, _, pnl in found) == 35
    assert {name: pnl for name, _, pnl in found} == {"a": Decimal(5), "b": Decimal(30)}


@given(desks, choices)
def test_of_any_desk_the_rows_sum_to_the_pnl(records: list[SnapshotRecord], chosen: Choices) -> None:
    result = retro(records, chosen)
    if isinstance(result.contribution, Undefined):
        assert isinstance(result.pnl.pnl_usd, Undefined)
        return
    assert sum((row.pnl_usd for row in result.contribution), ZERO) == result.pnl.pnl_usd
    names = [(row.connector, row.symbol) for row in result.contribution]
    assert len(set(names)) == len(names)


prices = st.integers(1, 500)


@given(st.lists(st.tuples(prices, prices, st.integers(-3, 3)), min_size=2, max_size=12))
def test_a_desk_that_trades_two_symbols_at_its_marks_is_attributed_to_the_cent(
    days: list[tuple[int, int, int]],
) -> None:
    """X is held, Y is traded: each one's P&L is its quantity times its moves, whatever was bought."""
    x, y0, _ = days[0]
    cash, held, cost = Decimal(10_000), Decimal(0), Decimal(0)
    records = [booked("03-02", None, {"a": Account(cash, {"X": (7, x, x)})})]
    gain_y = Decimal(0)
    for i, (px, py, change) in enumerate(days[1:], start=3):
        gain_y += held * (py - y0)
        y0 = py
        bought = max(Decimal(change), -held)
        realized = Decimal(0)
        if bought > 0:
            cost = (held * cost + bought * py) / (held + bought)
        elif bought < 0:
            realized = -bought * (py - cost)
        held, cash = held + bought, cash - bought * py
        lots: dict[str, tuple[int | Decimal, int | Decimal, int | Decimal]] = {"X": (7, x, px)}
        if held:
            lots["Y"] = (held, cost, py)
        account = Account(cash, lots, gains={"Y": realized} if realized else {})
        records.append(booked(f"03-{i:02}", f"03-{i - 1:02}", {"a": account}))
    found = {symbol: pnl for _, symbol, pnl in rows(records) if symbol}
    rest = {symbol: pnl for _, symbol, pnl in rows(records) if not symbol}
    assert found["X"] == 7 * (days[-1][0] - x)
    # Average costs are quotients: what they leave is far below a cent.
    assert abs(found.get("Y", Decimal(0)) - gain_y) < Decimal("1e-20")
    assert all(abs(pnl) < Decimal("1e-20") for pnl in rest.values())
