"""Snapshots against each other; every figure is worked by hand in the table it stands in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from git_qoc.checks.chain import Dated, chain, duplicates, out_of_time
from git_qoc.snapshots.snapshot import AccountRow, CashRow, PositionRow, Snapshot
from git_qoc.snapshots.toml import file_name

NOON = datetime(2026, 7, 5, 16, tzinfo=UTC)
DAY = timedelta(days=1)


def amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def row(
    day: int,
    nav: str,
    realized: str | None = "0",
    unrealized: str | None = "0",
    flow: str | None = "0",
    since: int | None = None,
    name: str = "eq",
) -> AccountRow:
    return AccountRow(
        name,
        "equities",
        "test",
        Decimal(nav),
        NOON + day * DAY,
        realized_pnl=amount(realized),
        unrealized_pnl=amount(unrealized),
        net_flow_usd=amount(flow),
        since=None if since is None else NOON + since * DAY,
    )


def dated(
    day: int, *rows: AccountRow, backfill: bool = False, path: str = "", context: bool = False
) -> Dated:
    time = NOON + day * DAY
    nav = sum((r.nav_usd for r in rows), Decimal(0))
    snapshot = Snapshot(
        time, nav, accounts=rows, connectors=tuple(r.connector for r in rows), backfill=backfill
    )
    return Dated(path or f"snapshots/{file_name(time)}", snapshot, context=context)


def breaks(*record: Dated) -> list[str]:
    return [fault.path[10:20] for fault in chain(record).faults]


def test_nav_that_pnl_and_flows_explain_is_clean() -> None:
    # 1,000 + 30 realized + (25 − 10) unrealized + 200 flow = 1,245
    found = chain([dated(0, row(0, "1000", unrealized="10")), dated(1, row(1, "1245", "30", "25", "200"))])
    assert (found.faults, found.links, found.unknown) == ([], 1, 0)


@pytest.mark.parametrize(
    ("nav", "broken"),
    [
        ("10100", False),  # 1 % of 10,000 is 100
        ("10100.01", True),
        ("9900", False),
        ("9899.99", True),
    ],
)
def test_what_is_unexplained_beyond_one_percent_is_told(nav: str, broken: bool) -> None:
    found = chain([dated(0, row(0, "10000")), dated(1, row(1, nav))])
    assert bool(found.faults) == broken


def test_under_five_thousand_it_is_fifty_dollars() -> None:
    assert breaks(dated(0, row(0, "100")), dated(1, row(1, "150"))) == []
    assert breaks(dated(0, row(0, "100")), dated(1, row(1, "150.01"))) == ["2026-07-06"]


def test_the_message_names_connector_and_amount() -> None:
    two = dated(1, row(1, "1000", name="eq"), row(1, "700", name="cx"))
    (fault,) = chain([dated(0, row(0, "1000", name="eq"), row(0, "1000", name="cx")), two]).faults
    assert fault.message.startswith('"cx": NAV lost 300.00 USD that neither')
    assert fault.at == ("account", 1, "nav_usd")


def test_a_jump_that_is_taken_back_is_told_once_and_a_new_level_too() -> None:
    one = [dated(n, row(n, nav)) for n, nav in enumerate(["1000", "1000", "600", "1000", "1000"])]
    assert breaks(*one) == ["2026-07-07"]
    level = [dated(n, row(n, nav)) for n, nav in enumerate(["1000", "600", "600", "600"])]
    assert breaks(*level) == ["2026-07-06"]
    two = [dated(n, row(n, nav)) for n, nav in enumerate(["1000", "600", "300"])]
    assert breaks(*two) == ["2026-07-06", "2026-07-07"]


@pytest.mark.parametrize(
    "now",
    [
        row(1, "5000", realized=None),
        row(1, "5000", unrealized=None),
        row(1, "5000", flow=None),
        row(1, "5000", since=-3),  # measured from one that is not here
    ],
)
def test_what_is_not_known_is_counted_and_not_judged(now: AccountRow) -> None:
    found = chain([dated(0, row(0, "1000")), dated(1, now)])
    assert (found.faults, found.links, found.unknown) == ([], 0, 1)


def test_money_in_another_currency_is_not_judged() -> None:
    euro = dated(1, row(1, "1200"))
    for rows in (
        {"cash": (CashRow("eq", "EUR", Decimal(1), Decimal(1)),)},
        {"positions": (PositionRow("eq", "SAP", Decimal(1), currency="EUR"),)},
    ):
        import dataclasses

        mixed = dataclasses.replace(euro, snapshot=dataclasses.replace(euro.snapshot, **rows))
        assert chain([dated(0, row(0, "1000")), mixed]).unknown == 1
        assert breaks(dated(0, row(0, "1000")), mixed) == []


def test_each_row_is_held_against_the_one_it_was_measured_from() -> None:
    """Two clones: both tell the deposit of 500 since day 0, and both are right."""
    record = [
        dated(0, row(0, "1000")),
        dated(1, row(1, "1500", flow="500", since=0)),
        dated(2, row(2, "1500", flow="500", since=0)),
        dated(3, row(3, "1500", since=2)),
    ]
    assert breaks(*record) == []
    told_wrong = dated(2, row(2, "1500", flow="0", since=0))
    assert breaks(record[0], record[1], told_wrong, record[3]) == ["2026-07-07"]


def test_a_connector_that_was_out_is_followed_over_the_gap() -> None:
    other = row(1, "10", name="cx")
    assert breaks(dated(0, row(0, "1000")), dated(1, other), dated(2, row(2, "1000", since=0))) == []
    assert breaks(dated(0, row(0, "1000")), dated(1, other), dated(2, row(2, "700"))) == ["2026-07-07"]


def test_what_is_only_context_is_not_told() -> None:
    record = [dated(n, row(n, nav), context=n < 3) for n, nav in enumerate(["1000", "600", "600", "300"])]
    assert breaks(*record) == ["2026-07-08"]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (False, False, "b.toml"),
        (True, False, "a.toml"),
        (False, True, "b.toml"),
        (True, True, "b.toml"),
    ],
)
def test_of_two_with_one_time_the_backfilled_or_later_one_is_told(
    first: bool, second: bool, told: str
) -> None:
    record = [dated(0, backfill=first, path="a.toml"), dated(0, backfill=second, path="b.toml"), dated(1)]
    assert [fault.path for fault in duplicates(record)] == [told]


def taken(offset: timedelta, backfill: bool = False, newest: timedelta | None = None) -> list[str]:
    """Faults of a snapshot of NOON that was committed `offset` later."""
    before = None if newest is None else NOON + newest
    item = Dated("x", Snapshot(NOON, Decimal(1), backfill=backfill), NOON + offset, before)
    return [fault.message.rpartition(": ")[2] for fault in out_of_time(item)]


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("offset", "newest", "told"),
    [
        (timedelta(), None, ""),
        (-5 * MINUTE, None, ""),
        (-6 * MINUTE, None, "taken after its own commit"),
        (DAY, None, ""),
        (DAY + MINUTE, None, "written into the past, and not tagged backfill"),
        (timedelta(hours=1), -MINUTE, ""),  # the newest before it is older: all is well
        (timedelta(hours=1), MINUTE, "put before 2026-07-05T16:01:00Z, which was in the record already"),
        (MINUTE, MINUTE / 2, ""),  # rebased behind another clone's: committed before that was known
    ],
)
def test_a_live_snapshot_is_committed_when_it_is_taken(
    offset: timedelta, newest: timedelta | None, told: str
) -> None:
    assert taken(offset, newest=newest) == ([told] if told else [])
    assert taken(offset, backfill=True, newest=newest) == []


def test_without_a_commits_time_nothing_is_said() -> None:
    assert list(out_of_time(Dated("x", Snapshot(NOON, Decimal(1))))) == []
