from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from git_qoc.snapshots.since import restated
from git_qoc.snapshots.snapshot import AccountRow, FlowRow, RealizedRow, Snapshot

START = datetime(2026, 7, 5, 16, tzinfo=UTC)


def hour(number: int) -> datetime:
    return START + timedelta(hours=number)


def told(
    at: int,
    since: int | None,
    realized: int | None = 0,
    flow: int | None = 0,
    symbols: dict[str, int] | None = None,
    flows: tuple[FlowRow, ...] = (),
) -> Snapshot:
    """Account `a` at hour `at`, measured from hour `since`."""
    start = None if since is None else hour(since)
    row = AccountRow(
        "a", "equities", "t", Decimal(100), hour(at),
        realized_pnl=None if realized is None else Decimal(realized),
        net_flow_usd=None if flow is None else Decimal(flow),
        since=start,
    )  # fmt: skip
    return Snapshot(
        hour(at),
        Decimal(100),
        realized_pnl=row.realized_pnl,
        net_flow_usd=row.net_flow_usd,
        accounts=(row,),
        flows=flows,
        since=start,
        realized=tuple(RealizedRow("a", name, Decimal(pnl)) for name, pnl in (symbols or {}).items()),
    )


def deposit(at: int, amount: int) -> FlowRow:
    return FlowRow(hour(at), "a", "deposit", Decimal(amount))


def test_neighbours_are_left_as_they_are() -> None:
    record = [told(0, None), told(1, 0, 5, 10), told(2, 1, 7, -3)]
    assert restated(record) == record


def test_of_a_time_told_twice_the_later_snapshot_keeps_the_rest() -> None:
    # Two clones measure from hour 0: one sees 5 by hour 1, the other 12 by hour 2.
    now = restated([told(0, None), told(1, 0, 5, 10), told(2, 0, 12, 10)])
    assert [s.realized_pnl for s in now] == [0, 5, 7]
    assert [s.net_flow_usd for s in now] == [0, 10, 0]
    assert now[2].accounts[0].since == hour(1)


def test_a_flow_told_twice_stays_where_it_was_told_first() -> None:
    first, second = deposit(1, 10), deposit(2, 4)
    now = restated(
        [told(0, None), told(1, 0, 0, 10, flows=(first,)), told(2, 0, 0, 14, flows=(first, second))]
    )
    assert [s.flows for s in now] == [(), (first,), (second,)]
    assert now[2].net_flow_usd == 4


def test_symbols_are_restated_like_their_account() -> None:
    now = restated([told(0, None), told(1, 0, 5, symbols={"A": 5}), told(2, 0, 12, symbols={"A": 5, "B": 7})])
    assert [(r.symbol, r.pnl_usd) for r in now[2].realized] == [("B", Decimal(7))]


def test_what_was_measured_from_a_row_that_is_gone_is_unknown() -> None:
    now = restated([told(0, None), told(2, 1, 7, 3)])
    assert now[1].realized_pnl is None
    assert now[1].net_flow_usd is None


def test_an_unknown_part_makes_only_what_contains_it_unknown() -> None:
    record = [told(0, None), told(1, 0, None), told(2, 0, 12), told(3, 2, 4), told(4, 2, 9)]
    # 1 → 2 contains what hour 1 does not know; 3 → 4 is 9 − 4, whatever was before.
    assert [s.realized_pnl for s in restated(record)] == [0, None, None, 4, 5]


def test_a_file_that_does_not_say_since_when_is_taken_as_it_is() -> None:
    record = [told(0, None), told(1, None, 5), told(2, None, 7)]
    assert restated(record) == record


@given(
    st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=2, max_size=12),
    st.data(),
)
def test_whatever_each_was_measured_from_the_sums_are_what_happened(
    events: list[tuple[int, int]], data: st.DataObject
) -> None:
    """`events[k]` happens in hour k; each snapshot measures from any earlier one, as clones do."""
    record = [told(0, None)]
    for at in range(1, len(events)):
        since = data.draw(st.integers(0, at - 1))
        gains = sum(gain for gain, _ in events[since:at])
        flows = sum(flow for _, flow in events[since:at])
        record.append(told(at, since, gains, flows, {"A": gains}))
    now = restated(record)
    assert [s.realized_pnl for s in now[1:]] == [gain for gain, _ in events[:-1]]
    assert [s.net_flow_usd for s in now[1:]] == [flow for _, flow in events[:-1]]
    assert [sum(r.pnl_usd for r in s.realized) for s in now[1:]] == [gain for gain, _ in events[:-1]]
