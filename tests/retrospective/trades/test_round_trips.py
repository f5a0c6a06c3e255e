"""Round trips from snapshots; every figure is worked by hand. Each record is read from its sketches
and from its files, and both must agree (`record.trades`)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from git_qoc.retrospective.metrics import Undefined
from git_qoc.retrospective.trades.find import round_trips
from git_qoc.retrospective.trades.values import Trades
from git_qoc.snapshots.snapshot import FillRow
from tests.retrospective.builders import UTC_CHOICES, at
from tests.retrospective.trades.record import START, day, fill, records, trades, unknown


def values(*found: object) -> tuple[object, ...]:
    return found


def pnls(found: Trades) -> list[object]:
    return [trip.pnl_usd for trip in found.closed]


FIRST = day("03-01", {}, since=None)


def test_a_trade_is_from_flat_to_flat_at_the_weighted_averages_of_its_fills() -> None:
    # Entered 10 at 8 and 30 at 12: 440 / 40 = 11. Left 20 at 15 and 20 at 11: 520 / 40 = 13.
    # 40 · 2 = 80 less fees of 4 · 0.25.
    found = trades(
        FIRST,
        day(
            "03-02",
            {"A": 40},
            fill("03-02 10:00", 10, 8, fee="0.25"),
            fill("03-02 11:00", 30, 12, fee="0.25"),
        ),
        day("03-03", {"A": 20}, fill("03-03 10:00", -20, 15, fee="0.25"), realized={"A": 80}),
        day("03-04", {}, fill("03-04 11:00", -20, 11, fee="0.25"), realized={"A": 0}),
    )
    (trip,) = found.closed
    assert values(trip.side, trip.quantity, trip.entry_price, trip.exit_price) == ("long", 40, 11, 13)
    assert values(trip.entry_time, trip.exit_time) == (at("03-02 10:00"), at("03-04 11:00"))
    assert trip.holding == timedelta(days=2, hours=1)
    assert values(trip.gain, trip.fees_usd, trip.pnl_usd) == (80, 1, 79)
    assert trip.entry_orders == ("o-03-02 10:00", "o-03-02 11:00")
    assert trip.exit_orders == ("o-03-03 10:00", "o-03-04 11:00")
    assert values(found.open, found.unknown) == ((), ())


def test_a_short_gains_when_it_is_bought_back_for_less() -> None:
    found = trades(
        FIRST,
        day("03-02", {"A": -5}, fill("03-02 10:00", -5, 20)),
        day("03-03", {}, fill("03-03 10:00", 5, 18), realized={"A": 10}),
    )
    (trip,) = found.closed
    assert values(trip.side, trip.quantity, trip.pnl_usd) == ("short", 5, 10)


def test_a_fill_through_zero_closes_one_and_opens_another_with_its_share_of_the_fee() -> None:
    # 10 bought at 10; 15 sold at 12 for a fee of 3: 10 of them close (fee 2), 5 open a short (fee 1).
    found = trades(
        FIRST,
        day("03-02", {"A": -5}, fill("03-02 10:00", 10, 10), fill("03-02 11:00", -15, 12, fee=3)),
        day("03-03", {}, fill("03-03 10:00", 5, 11), realized={"A": 5}),
    )
    long, short = found.closed
    assert values(long.side, long.pnl_usd, long.fees_usd) == ("long", 18, 2)
    assert values(short.side, short.pnl_usd, short.fees_usd) == ("short", 4, 1)
    assert values(short.entry_time, short.entry_orders) == (long.exit_time, ("o-03-02 11:00",))


def test_partial_closes_of_an_open_trade_are_told_apart_and_close_nothing() -> None:
    # 10 at 10 and 10 at 14 cost 12 on average; 5 sold at 15 make 15, less fees of 1.
    found = trades(
        FIRST,
        day("03-02", {"A": 20}, fill("03-02 10:00", 10, 10), fill("03-02 11:00", 10, 14)),
        day("03-03", {"A": 15}, fill("03-03 10:00", -5, 15, fee=1), realized={"A": 14}),
    )
    assert found.closed == ()
    (trip,) = found.open
    assert values(trip.quantity, trip.since, found.open_realized_usd) == (15, at("03-02 10:00"), 14)


def test_a_contract_gains_its_multiplier_and_a_fee_not_told_is_unknown() -> None:
    buy = replace(fill("03-02 10:00", 2, "1.50", "O", fee=None), multiplier=Decimal(100))
    sell = replace(fill("03-02 12:00", -2, "1.75", "O", fee=1), multiplier=Decimal(100))
    (trip,) = trades(FIRST, day("03-02", {}, buy, sell, realized={"O": 49})).closed
    assert values(trip.pnl_usd, trip.fees_usd) == (49, None)


def test_what_was_held_before_the_record_began_is_no_trade_of_ours() -> None:
    found = trades(
        day("03-01", {"A": 10, "B": 3}, since=None),
        day("03-02", {"B": 3}, fill("03-02 10:00", -10, 20), realized={"A": 100}),
        day("03-03", {"A": -1, "B": 3}, fill("03-03 10:00", -1, 20)),
        day("03-04", {"B": 3}, fill("03-04 10:00", 1, 19), realized={"A": 1}),
    )
    assert [values(trip.side, trip.pnl_usd) for trip in found.closed] == [("short", 1)]
    assert unknown(found) == [("A", "held before the record began"), ("B", "held before the record began")]


def test_fills_that_lead_back_to_nothing_held_begin_the_record_too() -> None:
    """Its first snapshot is gone, or back-filled ones are left out."""
    found = trades(
        day("03-02", {"A": 4}, fill("03-02 10:00", 4, 5)), day("03-03", {}, fill("03-03 10:00", -4, 6))
    )
    assert pnls(found) == [4]


@pytest.mark.parametrize("after", [40, 0])
def test_a_change_without_a_fill_makes_what_is_open_unknown_from_there_on(after: int) -> None:
    """A split of four for one, or an expiry."""
    rest = [
        day("03-04", {"A": after}),
        day("03-05", {}, *([fill("03-05 10:00", -40, 4)] if after else [])),
        day("03-06", {}, fill("03-06 10:00", 1, 4), fill("03-06 11:00", -1, 5), realized={"A": 1}),
    ]
    found = trades(
        FIRST,
        day("03-02", {"A": 10}, fill("03-02 10:00", 10, 10)),
        day("03-03", {"A": after}, told=False),
        *rest,
    )
    assert pnls(found) == [1]
    reasons = dict(unknown(found))
    assert reasons["A"] == "its fills from 2026-03-02 to 2026-03-03 are not told"
    assert reasons[None] == "not all of its fills from 2026-03-02 to 2026-03-03 are told"


def test_fills_that_do_not_lead_to_what_is_held_count_for_nothing() -> None:
    # 10 held, split into 40, all sold: the fills alone would close a long of 10 and open a short of 30.
    found = trades(
        FIRST,
        day("03-02", {"A": 10}, fill("03-02 10:00", 10, 10)),
        day("03-03", {}, fill("03-03 10:00", -40, 3), told=False),
    )
    assert found.closed == ()
    why = "it went from 10 to 0 by 2026-03-03 while its fills make -40"
    assert unknown(found) == [("A", f"{why}: a split, an expiry, an assignment or a transfer")]


def test_where_fills_are_not_told_only_an_untouched_position_goes_on() -> None:
    opened = day("03-02", {"A": 10}, fill("03-02 10:00", 10, 10))
    sold = day("03-04", {}, fill("03-04 10:00", -10, 12), realized={"A": 20})
    same = trades(FIRST, opened, day("03-03", {"A": 10}, told=False), sold)
    assert pnls(same) == [20]
    reopened = trades(FIRST, opened, day("03-03", {"A": 10}, told=False, cost=11), sold)
    assert reopened.closed == ()
    no_cost = [
        replace(s, positions=tuple(replace(p, avg_cost=None) for p in s.positions)) for s in (opened, sold)
    ]
    assert trades(FIRST, no_cost[0], day("03-03", {"A": 10}, told=False, cost=None), no_cost[1]).closed == ()


def test_a_file_of_before_there_were_fill_rows_tells_that_it_traded() -> None:
    """It realized something, and holds what it held."""
    found = trades(
        FIRST,
        day("03-02", {"A": 10}, fill("03-02 10:00", 10, 10)),
        day("03-03", {"A": 10}, realized={"A": 7}),
        day("03-04", {}, fill("03-04 10:00", -10, 12), realized={"A": 20}),
    )
    assert found.closed == ()
    assert ("A", "its fills from 2026-03-02 to 2026-03-03 are not told") in unknown(found)


def test_a_deleted_snapshot_leaves_a_time_without_fills() -> None:
    found = trades(
        FIRST,
        day("03-02", {"A": 10}, fill("03-02 10:00", 10, 10)),
        day("03-05", {"A": 10}, cost=11),
        day("03-06", {}, fill("03-06 10:00", -10, 12), realized={"A": 10}),
    )
    assert found.closed == ()
    assert unknown(found)[0] == (None, "not all of its fills from 2026-03-02 to 2026-03-05 are told")


def test_a_venue_that_was_out_tells_later_what_it_did() -> None:
    out = replace(day("03-03", {}), accounts=(), connectors=(), degraded=("eq",), positions=())
    found = trades(
        FIRST,
        day("03-02", {"A": 10}, fill("03-02 10:00", 10, 10)),
        out,
        day("03-04", {}, fill("03-03 10:00", -10, 12), since="03-02", realized={"A": 20}),
    )
    assert pnls(found) == [20]
    assert found.unknown == ()


def test_a_fill_that_two_clones_tell_counts_once() -> None:
    bought, sold = fill("03-02 10:00", 10, 10), fill("03-02 18:00", -10, 12)
    one = day("03-02 16:00", {"A": 10}, bought, since="03-01")
    two = day("03-02 21:00", {}, bought, sold, since="03-01", realized={"A": 20})
    found = trades(FIRST, one, two, day("03-03", {}))
    assert [values(trip.quantity, trip.pnl_usd) for trip in found.closed] == [(10, 20)]
    assert found.unknown == ()


def test_equal_fills_without_an_id_are_two_in_one_file_and_one_in_two() -> None:
    bought = replace(fill("03-02 10:00", 5, 10), fill_id="")
    one = day("03-02 16:00", {"A": 10}, bought, bought, since="03-01")
    two = day("03-02 21:00", {"A": 10}, bought, bought, since="03-01")
    assert [trip.quantity for trip in trades(FIRST, one, two).open] == [10]


def test_two_connectors_of_one_symbol_are_two_trades() -> None:
    def both(when: str, held: int, quantity: int, since: str | None = "") -> list[FillRow]:
        return [fill(when, quantity, 10, name=name) for name in ("eq", "xx")]

    one, two = (day("03-02", {"A": 3}, fill("03-02 10:00", 3, 10, name=n), name=n) for n in ("eq", "xx"))
    first = replace(one, accounts=one.accounts + two.accounts, positions=one.positions + two.positions,
                    fills=one.fills + two.fills, connectors=("eq", "xx"))  # fmt: skip
    start = replace(FIRST, accounts=(*FIRST.accounts, replace(FIRST.accounts[0], connector="xx")),
                    connectors=("eq", "xx"))  # fmt: skip
    found = trades(start, first)
    assert [values(trip.connector, trip.quantity) for trip in found.open] == [("eq", 3), ("xx", 3)]
    assert [trip.connector for trip in found.of("xx", "A").open] == ["xx"]
    assert found.of(symbol="B").open == ()


def test_gains_in_another_currency_are_told_in_it_and_in_no_sum() -> None:
    # An inverse contract of 100 USD: 10 · 100 · (1/50,000 − 1/62,500) = 0.004 BTC.
    bought = replace(
        fill("03-02 10:00", 10, 50_000, "P"), multiplier=Decimal(100), currency="BTC", inverse=True
    )
    sold = replace(
        fill("03-02 11:00", -10, 62_500, "P"), multiplier=Decimal(100), currency="BTC", inverse=True
    )
    found = trades(FIRST, day("03-02", {}, bought, sold))
    assert found.closed == ()
    assert unknown(found) == [
        ("P", "1 round trip made 0.004 BTC before fees, and no fill tells a rate to USD")
    ]


def test_a_contract_whose_size_changed_is_unknown() -> None:
    bought = replace(fill("03-02 10:00", 1, 2, "O"), multiplier=Decimal(100))
    sold = replace(fill("03-02 11:00", -1, 3, "O"), multiplier=Decimal(150))
    found = trades(FIRST, day("03-02", {}, bought, sold))
    assert (found.closed, unknown(found)) == ((), [("O", "the size of its contract changed by 2026-03-02")])


def test_only_exits_within_the_window_count() -> None:
    days = [
        day(f"03-0{n}", {}, fill(f"03-0{n} 10:00", 1, 10), fill(f"03-0{n} 11:00", -1, 10 + n))
        for n in range(2, 6)
    ]
    book = [FIRST, *days]
    assert pnls(trades(*book)) == [2, 3, 4, 5]
    assert pnls(trades(*book, start=at("03-03"))) == [4, 5]
    until = replace(UTC_CHOICES, until=date(2026, 3, 4))
    assert pnls(trades(*book, start=at("03-03"), choices=until)) == [4]


def test_a_record_that_tells_no_fills_has_no_trades_and_says_so() -> None:
    old = [day("03-01", {"A": 1}, since=None), day("03-02", {"A": 2}, since=None)]
    assert round_trips(records(old), UTC_CHOICES, START) == Undefined("no snapshot tells its fills")
    assert round_trips(records(old), UTC_CHOICES, None) == Undefined("no complete snapshot")


def test_a_file_whose_rows_cannot_be_read_leaves_a_time_without_fills() -> None:
    found = records([
        FIRST,
        day("03-02", {"A": 10}, fill("03-02 10:00", 10, 10)),
        day("03-03", {"A": 10}, fill("03-03 10:00", 1, 10), fill("03-03 11:00", -1, 10)),
        day("03-04", {}, fill("03-04 10:00", -10, 12), realized={"A": 20}),
    ])  # fmt: skip
    broken = replace(found[2], text=str(found[2].text).replace('side       = "sell"', "side       = 7"))
    result = round_trips([*found[:2], broken, found[3]], UTC_CHOICES, START)
    assert not isinstance(result, Undefined)
    assert result.closed == ()
    assert (None, "not all of its fills from 2026-03-02 to 2026-03-04 are told") in unknown(result)
