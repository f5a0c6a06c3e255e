"""The NAV bridge: worked by hand first, then the laws that hold for every chain of snapshots."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from git_qoc.money import ZERO
from git_qoc.snapshots.attribution import intervals
from git_qoc.snapshots.books import Key
from git_qoc.snapshots.bridge import bridge
from git_qoc.snapshots.moves import CashChange, Change, MarkMove, PositionChange
from git_qoc.snapshots.parts import REST, Bridge, Sight, swapped
from git_qoc.snapshots.since import restated
from git_qoc.snapshots.snapshot import AccountRow, CashRow, PositionRow, Snapshot
from tests.snapshots.chains import account, at, position, snapshot

D = Decimal
PARTS = ("flows_usd", "realized_usd", "unrealized_usd", "other_usd")


def line(found: Bridge, part: str) -> Any:
    return next(line.usd for line in found.lines if line.part == part)


def one(found: Bridge, connector: str) -> Any:
    return next(account for account in found.accounts if account.connector == connector)


def shown(*values: object) -> Any:
    """For comparing decimals with whole numbers side by side."""
    return values


def by_symbol(found: Bridge) -> Any:
    return {s.symbol: (s.realized_usd, s.unrealized_usd) for s in found.symbols}


# 1 July: 1,000 cash and 100 AAPL that cost 100 each, at 110: NAV 12,000, open P&L 1,000.
# 2 July: 40 AAPL sold at 115 (realized 40 × 15 = 600, cash + 4,600), 500 deposited, 7 of interest,
#         the rest at 116: 60 × 116 = 6,960, open P&L 960. Cash 1,000 + 4,600 + 500 + 7 = 6,107.
FIRST = snapshot(
    1,
    account("a", 1, 12_000, cash=1_000, unrealized=1_000),
    positions=[position("a", "AAPL", 100, 110, 1_000)],
    cash=[CashRow("a", "USD", D(1_000), D(1_000))],
)
SECOND = snapshot(
    2,
    account("a", 2, 13_067, since=1, cash=6_107, realized=600, unrealized=960, flow=500),
    positions=[position("a", "AAPL", 60, 116, 960)],
    realized={("a", "AAPL"): 600},
    cash=[CashRow("a", "USD", D(6_107), D(6_107))],
)
# 3 July: the 60 sold at 120 (realized 60 × 20 = 1,200), 10 MSFT bought at 400, now 390.
THIRD = snapshot(
    3,
    account("a", 3, 13_207, since=2, cash=9_307, realized=1_200, unrealized=-100, flow=0),
    positions=[position("a", "MSFT", 10, 390, -100)],
    realized={("a", "AAPL"): 1_200},
    cash=[CashRow("a", "USD", D(9_307), D(9_307))],
)


def test_a_day_of_a_sale_a_deposit_and_interest_as_worked_by_hand() -> None:
    found = bridge([FIRST, SECOND])
    assert found.change_usd == 1_067
    assert [shown(item.part, item.usd) for item in found.lines] == [
        ("flows", 500),
        ("realized", 600),
        ("unrealized", -40),
        ("other", 7),
    ]
    assert by_symbol(found) == {"AAPL": (600, -40)}
    assert found.moves.positions == (PositionChange("a", "AAPL", Change.RESIZED, D(100), D(60)),)
    # What was held throughout are the 60: 60 × 6.
    assert found.moves.marks == (MarkMove("a", "AAPL", D(60), D(110), D(116), D(360)),)
    assert found.moves.cash == (CashChange("a", "USD", D(1_000), D(6_107)),)


def test_realized_and_flows_of_the_snapshots_between_are_in_the_bridge() -> None:
    found = bridge([FIRST, SECOND, THIRD])
    assert found.snapshots == 3
    assert [item.usd for item in found.lines] == [500, 1_800, -1_100, 7]
    assert by_symbol(found) == {"AAPL": (1_800, -1_000), "MSFT": (0, -100)}
    assert [shown(p.symbol, p.change, p.before, p.after) for p in found.moves.positions] == [
        ("AAPL", Change.CLOSED, 100, 0),
        ("MSFT", Change.OPENED, 0, 10),
    ]


def test_a_snapshot_against_itself_is_a_bridge_of_nothing() -> None:
    found = bridge([SECOND])
    assert {item.usd for item in found.lines} == {ZERO}
    assert (found.moves.positions, found.moves.marks, found.moves.cash) == ((), (), ())


def test_unknown_realized_makes_one_account_untold_and_no_other() -> None:
    opening = snapshot(1, account("a", 1, 100, unrealized=10), account("b", 1, 200))
    closing = snapshot(
        2,
        account("a", 2, 130, since=1, realized=None, unrealized=15, flow=20),
        account("b", 2, 250, since=1, realized=50, flow=0),
    )
    found = bridge([opening, closing])
    a, b = one(found, "a"), one(found, "b")
    assert (a.flows_usd, a.realized_usd, a.unrealized_usd, a.other_usd, a.untold_usd) == (
        20,
        None,
        5,
        None,
        5,
    )
    assert a.reasons == ("its realized P&L is not told at 2026-07-02T20:00:00Z",)
    assert (b.flows_usd, b.realized_usd, b.unrealized_usd, b.other_usd, b.untold_usd) == (0, 50, 0, 0, 0)
    realized = next(item for item in found.lines if item.part == "realized")
    assert shown(realized.usd, realized.without) == (50, ("a",))
    assert line(found, "not told apart") == 5


@pytest.mark.parametrize(
    ("lacking", "reason"),
    [
        ({"net_flow_usd": None}, "its flows are not told"),
        ({"realized_pnl": None}, "its realized P&L is not told"),
        ({"unrealized_pnl": None}, "its open P&L is not told"),
    ],
)
def test_each_part_that_is_not_told_is_none_and_named(lacking: dict[str, Any], reason: str) -> None:
    (row,) = SECOND.accounts
    found = bridge([FIRST, replace(SECOND, accounts=(replace(row, **lacking),))])
    told = one(found, "a")
    assert told.other_usd is None
    assert sum(getattr(told, part) is None for part in PARTS) == 2
    assert len(told.reasons) == 1
    assert told.reasons[0].startswith(reason)
    assert sum(item.usd or ZERO for item in found.lines) == 1_067


def test_a_new_account_brings_its_nav_and_no_gain() -> None:
    opening = snapshot(1, account("a", 1, 100))
    middle = snapshot(
        2,
        account("a", 2, 100, since=1, realized=0, flow=0),
        account("b", 2, 5_000, unrealized=700),
        positions=[position("b", "BTC", 1, 5_000, 700)],
    )
    closing = snapshot(
        3,
        account("a", 3, 101, since=2, realized=1, flow=0),
        account("b", 3, 5_200, since=2, realized=0, unrealized=900, flow=0),
        positions=[position("b", "BTC", 1, 5_200, 900)],
        realized={("a", "AAPL"): 1},
    )
    found = bridge([opening, middle, closing])
    b = one(found, "b")
    assert (b.opening, b.opening_usd, b.came_usd, b.unrealized_usd) == (Sight.NEW, None, 5_000, 200)
    assert line(found, "new accounts") == 5_000
    assert (line(found, "realized"), line(found, "unrealized")) == (1, 200)
    # The 700 of open P&L came with the account; it was not made here.
    assert by_symbol(found) == {"AAPL": (1, 0), "BTC": (0, 200)}
    assert found.moves.positions == (PositionChange("b", "BTC", Change.CAME, None, D(1)),)
    back = swapped(found)
    assert (line(back, "left the desk"), one(back, "b").closing) == (-5_000, Sight.GONE)
    assert back.moves.positions == (PositionChange("b", "BTC", Change.WENT, D(1), None),)


@pytest.mark.parametrize(("degraded", "sight"), [((), Sight.GONE), (("b",), Sight.UNREAD)])
def test_an_account_that_is_not_there_any_more_is_no_loss(degraded: tuple[str, ...], sight: Sight) -> None:
    opening = snapshot(
        1,
        account("a", 1, 100),
        account("b", 1, 5_000, unrealized=700),
        positions=[position("b", "BTC", 1, 5_000, 700)],
    )
    closing = snapshot(2, account("a", 2, 100, since=1, realized=0, flow=0), degraded=degraded)
    found = bridge([opening, closing])
    b = one(found, "b")
    assert (b.closing, b.closing_usd, b.went_usd) == (sight, None, -5_000)
    assert (line(found, "realized"), line(found, "unrealized"), line(found, "other")) == (0, 0, 0)
    assert line(found, sight.value) == -5_000
    assert found.moves.positions == (PositionChange("b", "BTC", Change.WENT, D(1), None),)
    assert by_symbol(found) == {"BTC": (0, 0)}


def test_an_outage_between_two_snapshots_loses_nothing() -> None:
    opening = snapshot(1, account("a", 1, 100), account("b", 1, 200))
    out = snapshot(2, account("a", 2, 100, since=1, realized=0, flow=0), degraded=["b"])
    closing = snapshot(
        3,
        account("a", 3, 100, since=2, realized=0, flow=0),
        account("b", 3, 260, since=1, realized=50, flow=10),
    )
    b = one(bridge([opening, out, closing]), "b")
    assert (b.flows_usd, b.realized_usd, b.other_usd, b.came_usd, b.went_usd) == (10, 50, 0, 0, 0)
    back = one(bridge([out, closing]), "b")
    assert (back.opening, back.came_usd, back.realized_usd) == (Sight.UNREAD, 260, 0)


def test_what_two_clones_tell_of_one_period_counts_once() -> None:
    """Both measured from 1 July: 2 July told +30 realized, 3 July +50, of which 30 were told."""
    opening = snapshot(1, account("a", 1, 1_000))
    one_clone = snapshot(
        2, account("a", 2, 1_030, since=1, realized=30, flow=0), realized={("a", "AAPL"): 30}
    )
    other = snapshot(3, account("a", 3, 1_050, since=1, realized=50, flow=0), realized={("a", "AAPL"): 50})
    found = bridge(restated([opening, one_clone, other]))
    assert (line(found, "realized"), line(found, "other")) == (50, 0)
    assert by_symbol(found) == {"AAPL": (50, 0)}


def test_realized_pnl_that_no_symbol_tells_stands_in_its_own_row() -> None:
    """A file of before there were [[realized]] rows: the account realized 600, nobody says with what."""
    (row,) = SECOND.accounts
    old = replace(SECOND, realized=(), accounts=(replace(row, since=None),))
    assert by_symbol(bridge([FIRST, old])) == {"AAPL": (None, -40), REST: (600, 0)}


def test_files_without_account_rows_are_bridged_as_one_desk() -> None:
    """The format of spec/snapshots-and-equity.txt: flows are not told, so 540 - 40 are not told apart."""
    opening = Snapshot(at(1), D(1_000), None, D(0), D(100), ("a", "b"))
    closing = Snapshot(at(2), D(1_600), None, D(60), D(140), ("a", "b"))
    found = bridge([opening, closing])
    desk = one(found, "")
    assert (desk.flows_usd, desk.realized_usd, desk.unrealized_usd, desk.untold_usd) == (None, 60, 40, 500)


def test_files_without_account_rows_and_with_other_accounts_tell_no_part() -> None:
    opening = Snapshot(at(1), D(1_000), None, D(0), D(100), ("a",))
    closing = Snapshot(at(2), D(1_600), None, D(60), D(140), ("a", "b"))
    desk = one(bridge([opening, closing]), "")
    assert (desk.flows_usd, desk.realized_usd, desk.unrealized_usd, desk.untold_usd) == (
        None,
        None,
        None,
        600,
    )
    assert "not of the same accounts" in desk.reasons[0]


def test_account_rows_that_are_not_the_whole_nav_are_not_taken_for_it() -> None:
    found = bridge([replace(FIRST, nav_usd=D(12_001)), SECOND])
    assert [account.connector for account in found.accounts] == [""]
    assert sum(item.usd or ZERO for item in found.lines) == found.change_usd == 1_066


def test_a_split_is_no_loss_by_its_mark() -> None:
    """2 for 1: 100 at 200 become 200 at 100. No fill explains it, so realized is unknown."""
    opening = snapshot(1, account("a", 1, 20_000), positions=[position("a", "X", 100, 200)])
    closing = snapshot(
        2, account("a", 2, 20_000, since=1, realized=None, flow=0), positions=[position("a", "X", 200, 100)]
    )
    assert bridge([opening, closing]).moves.marks == (MarkMove("a", "X", D(100), D(200), D(100), None),)


@pytest.mark.parametrize(
    ("before", "after", "quantity", "effect"),
    [
        # A short gains when its mark falls: -10 × (90 - 100).
        (position("a", "X", -10, 100), position("a", "X", -10, 90), -10, 100),
        # A long that became a short held nothing throughout.
        (position("a", "X", 10, 100), position("a", "X", -10, 90), 0, 0),
        # One option of 100: 2 × 1.5 × 100.
        (
            position("a", "X", 2, 1, multiplier=D(100)),
            position("a", "X", 2, "2.5", multiplier=D(100)),
            2,
            300,
        ),
        # At the later rate: 10 × 2 × 1.1.
        (
            position("a", "X", 10, 50, currency="EUR", fx_usd=D(1)),
            position("a", "X", 10, 52, currency="EUR", fx_usd=D("1.1")),
            10,
            22,
        ),
        (position("a", "X", 1, 5), position("a", "X", 1, None), 1, None),
        (position("a", "X", 1, 5), position("a", "X", 1, 6, currency="EUR", fx_usd=None), 1, None),
        (position("a", "X", 1, 5), position("a", "X", 1, 6, multiplier=D(100)), 1, None),
    ],
)
def test_the_effect_of_a_mark_is_on_what_was_held_throughout(
    before: PositionRow, after: PositionRow, quantity: int, effect: int | None
) -> None:
    opening = snapshot(1, account("a", 1, 1), positions=[before])
    closing = snapshot(2, account("a", 2, 1, since=1, realized=0, flow=0), positions=[after])
    (move,) = bridge([opening, closing]).moves.marks
    assert shown(move.quantity, move.effect_usd) == (quantity, effect)


def test_marks_stand_by_the_size_of_their_effect_and_unknown_ones_last() -> None:
    opening = snapshot(1, account("a", 1, 1), positions=[position("a", s, 1, 100) for s in "ABCD"])
    marks = {"A": "101", "B": None, "C": "80", "D": "103"}
    closing = snapshot(
        2,
        account("a", 2, 1, since=1, realized=0, flow=0),
        positions=[position("a", symbol, 1, mark) for symbol, mark in marks.items()],
    )
    assert [m.symbol for m in bridge([opening, closing]).moves.marks] == ["C", "D", "A", "B"]


def test_cash_that_a_venue_does_not_tell_is_not_zero() -> None:
    opening = snapshot(1, account("a", 1, 1), cash=[CashRow("a", "EUR", D(5), D(6))])
    closing = snapshot(2, account("a", 2, 1, since=1, realized=0, flow=0, cash=None))
    assert bridge([opening, closing]).moves.cash == (CashChange("a", "EUR", D(5), None),)


amounts = st.decimals(-(10**9), 10**9, allow_nan=False, places=6)
maybe = st.one_of(st.none(), amounts)


@st.composite
def rows(draw: st.DrawFn, names: tuple[str, ...], whole: bool) -> list[Snapshot]:
    """A chain in which accounts come, go and fail; with `whole`, none does."""
    figure = amounts if whole else maybe
    last: dict[str, int] = {}
    found = []
    for day in range(1, draw(st.integers(2, 6)) + 1):
        present = [name for name in names if whole or draw(st.booleans())]
        accounts: list[AccountRow] = []
        for name in present:
            since = last.get(name)
            accounts.append(
                account(
                    name,
                    day,
                    draw(amounts),
                    since=since,
                    realized=draw(figure) if since else None,
                    unrealized=draw(figure),
                    flow=draw(figure) if since else None,
                )
            )
            last[name] = day
        gains = {(name, s): draw(amounts) for name in present for s in "XY" if draw(st.booleans())}
        held = [
            position(name, s, draw(st.integers(-3, 3)), draw(figure), draw(figure))
            for name in present
            for s in "XY"
        ]
        absent = [name for name in names if name not in present and draw(st.booleans())]
        found.append(snapshot(day, *accounts, positions=held, realized=gains, degraded=absent))
    return found


@given(rows(("a", "b", "c"), whole=False))
@settings(max_examples=150, deadline=None)
def test_the_parts_add_up_to_the_change_in_nav_to_the_last_digit(chain: list[Snapshot]) -> None:
    found = bridge(chain)
    assert sum((item.usd or ZERO for item in found.lines), ZERO) == chain[-1].nav_usd - chain[0].nav_usd
    assert sum((a.change_usd for a in found.accounts), ZERO) == found.change_usd
    for told in found.accounts:
        known = [part for part in (getattr(told, key) for key in PARTS) if part is not None]
        assert sum(known, told.came_usd + told.went_usd + told.untold_usd) == told.change_usd
        symbols = [s for s in found.symbols if s.connector == told.connector]
        for key in ("realized_usd", "unrealized_usd"):
            whole = getattr(told, key)
            if whole is not None:
                assert sum((getattr(s, key) or ZERO for s in symbols), ZERO) == whole


@given(rows(("a", "b"), whole=True), st.data())
@settings(max_examples=100, deadline=None)
def test_splitting_the_interval_changes_nothing(chain: list[Snapshot], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(chain) - 1))
    whole, left, right = bridge(chain), bridge(chain[: cut + 1]), bridge(chain[cut:])
    for name in ("a", "b"):
        for key in PARTS:
            parts = [getattr(one(found, name), key) for found in (left, right)]
            assert getattr(one(whole, name), key) == sum(parts, ZERO)


@given(rows(("a", "b"), whole=False))
@settings(max_examples=100, deadline=None)
def test_swapping_the_ends_negates_every_part_and_twice_is_nothing(chain: list[Snapshot]) -> None:
    forward = bridge(chain)
    back = swapped(forward)
    assert [item.usd for item in back.lines] == [
        None if item.usd is None else -item.usd for item in forward.lines
    ]
    assert back.change_usd == -forward.change_usd
    assert sum((item.usd or ZERO for item in back.lines), ZERO) == back.change_usd
    for told in back.accounts:
        known = [part for part in (getattr(told, key) for key in PARTS) if part is not None]
        assert sum(known, told.came_usd + told.went_usd + told.untold_usd) == told.change_usd
    assert swapped(back) == forward


def test_where_positions_were_not_told_nothing_was_opened_and_no_gain_is_known() -> None:
    """A venue's history may give totals only: then an account has no open P&L and lists nothing."""
    totals = snapshot(1, account("a", 1, 1_000, unrealized=None))
    live = snapshot(
        2,
        account("a", 2, 1_010, since=1, realized=None, unrealized=300, flow=0),
        positions=[position("a", "X", 10, 50, 300)],
    )
    found = bridge([totals, live])
    assert found.moves.positions == (PositionChange("a", "X", Change.CAME, None, D(10)),)
    assert [(s.symbol, s.unrealized_usd) for s in found.symbols if s.symbol] == [("X", None)]
    assert found.accounts[0].unrealized_usd is None
    (interval,) = intervals([totals, live], Key("a", "X"), first=True)
    assert (interval.quantity_before, interval.quantity) == (None, Decimal(10))
    assert interval.unrealized_usd is None
