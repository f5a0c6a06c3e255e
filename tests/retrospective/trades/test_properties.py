"""What holds for any stream of fills, and what pyfolio's round trips say of the same ones.

pyfolio (`round_trips.extract_round_trips`) matches lots first in, first out, so that one of our
trips may be several of its own; the P&L of a symbol that ends flat is the same in both, and
where every trip is one fill in and one fill out so is everything else.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from git_qoc.money import ZERO
from git_qoc.retrospective.trades.trip import Trip, follow
from git_qoc.retrospective.trades.values import RoundTrip, Unknown
from git_qoc.snapshots.snapshot import FillRow
from tests.retrospective.builders import at
from tests.retrospective.trades.record import day, trades

with warnings.catch_warnings():
    # Their imports of scientific packages may warn; what they compute may not.
    warnings.simplefilter("ignore")
    pyfolio: Any = import_module("pyfolio.round_trips")
    pd: Any = import_module("pandas")

MORNING = at("03-02 09:00")
sizes = st.integers(1, 50)
prices = st.decimals(Decimal(1), Decimal(500), places=2)
costs = st.decimals(Decimal(0), Decimal(5), places=2)
moves = st.lists(
    st.tuples(st.sampled_from(["A", "B"]), st.sampled_from(["buy", "sell"]), sizes, prices, costs)
)


def stream(found: list[tuple[str, str, int, Decimal, Decimal]], *, flat: bool = True) -> list[FillRow]:
    """One fill a minute; a last one of each symbol makes it flat."""
    left: dict[str, int] = {}
    for symbol, side, size, _, _ in found:
        left[symbol] = left.get(symbol, 0) + (size if side == "buy" else -size)
    last = [
        (s, "sell" if q > 0 else "buy", abs(q), Decimal(100), Decimal(1))
        for s, q in left.items()
        if q and flat
    ]
    return [
        FillRow(
            "eq",
            symbol,
            side,
            Decimal(size),
            price,
            MORNING + timedelta(minutes=n),
            fee,
            "USD",
            f"f{n}",
            f"o{n}",
        )
        for n, (symbol, side, size, price, fee) in enumerate([*found, *last])
    ]


def followed(fills: list[FillRow]) -> tuple[list[RoundTrip], dict[str, Trip]]:
    trips: dict[str, Trip] = {}
    closed = []
    for fill in fills:
        trip, done = follow(trips.pop(fill.symbol, None), fill, "USD")
        assert not isinstance(done, Unknown)
        closed += [done] if done else []
        trips |= {fill.symbol: trip} if trip else {}
    return closed, trips


def cash(fills: list[FillRow]) -> Decimal:
    """What selling brought in less what buying and fees cost."""
    return sum(
        ((1 if f.side == "sell" else -1) * f.quantity * f.price - (f.fee or ZERO) for f in fills), ZERO
    )


def near(left: Decimal, right: Decimal) -> bool:
    return abs(left - right) < Decimal("1e-40")


@given(moves)
def test_the_trades_of_flat_symbols_made_what_their_fills_brought_in(found: Any) -> None:
    fills = stream(found)
    closed, open_trips = followed(fills)
    assert open_trips == {}
    assert near(sum((trip.pnl_usd for trip in closed), ZERO), cash(fills))
    assert near(
        sum((trip.fees_usd or ZERO for trip in closed), ZERO), sum((f.fee or ZERO for f in fills), ZERO)
    )
    assert all(near(trip.gain, (trip.exit_price - trip.entry_price) * trip.quantity *
                    (1 if trip.side == "long" else -1)) for trip in closed)  # fmt: skip


@given(moves)
def test_closed_trades_and_partial_closes_and_what_is_open_are_all_there_is(found: Any) -> None:
    fills = stream(found, flat=False)
    closed, trips = followed(fills)
    # What is open, at its average cost, is worth what it cost.
    worth = sum((trip.basis * trip.sign for trip in trips.values()), ZERO)
    made = sum((trip.realized - trip.fees for trip in trips.values()), ZERO)
    assert near(sum((trip.pnl_usd for trip in closed), ZERO) + made, cash(fills) + worth)


@given(moves, st.data())
def test_a_fill_in_two_parts_is_the_same_fill(found: Any, data: st.DataObject) -> None:
    fills = stream(found)
    parts = []
    for fill in fills:
        share = data.draw(st.sampled_from([Decimal("0.5"), Decimal("0.25"), None]))
        if share is None or fill.fee is None:
            parts.append(fill)
            continue
        first = replace(fill, quantity=fill.quantity * share, fee=fill.fee * share)
        parts += [
            first,
            replace(fill, quantity=fill.quantity - first.quantity, fee=fill.fee - (first.fee or ZERO)),
        ]
    for whole, split in zip(followed(fills)[0], followed(parts)[0], strict=True):
        assert near(whole.pnl_usd, split.pnl_usd)
        assert near(whole.entry_price, split.entry_price)
        assert (whole.entry_time, whole.exit_time) == (split.entry_time, split.exit_time)
        assert (whole.side, whole.quantity) == (split.side, split.quantity)
        assert (whole.entry_orders, whole.exit_orders) == (split.entry_orders, split.exit_orders)


@given(moves)
def test_ten_times_the_quantity_and_fee_make_ten_times_the_pnl(found: Any) -> None:
    fills = stream(found)
    tenfold = [replace(f, quantity=10 * f.quantity, fee=10 * (f.fee or ZERO)) for f in fills]
    pairs = zip(followed(fills)[0], followed(tenfold)[0], strict=True)
    assert all(
        near(10 * one.pnl_usd, ten.pnl_usd) and ten.quantity == 10 * one.quantity for one, ten in pairs
    )


@given(moves, st.randoms())
@settings(max_examples=40, deadline=None)
def test_how_fills_are_told_over_snapshots_changes_nothing(found: Any, random: Any) -> None:
    """In one snapshot or in many, through their texts."""
    fills = stream(found)
    shuffled = sorted(fills, key=lambda fill: (random.random(), fill.fill_id))
    first = day("03-01", {}, since=None)
    once = trades(first, day("03-02", {}, *shuffled))
    cut = random.randint(0, len(fills))
    held: dict[str, Decimal] = {}
    for fill in fills[:cut]:
        held[fill.symbol] = held.get(fill.symbol, ZERO) + (
            fill.quantity if fill.side == "buy" else -fill.quantity
        )
    noon = day("03-02 20:00", held, *fills[:cut], since="03-01")
    twice = trades(first, noon, day("03-02", {}, *fills[cut:], since="03-02 20:00"))
    assert once == twice
    assert list(once.closed) == sorted(
        followed(fills)[0], key=lambda t: (t.exit_time, t.symbol, t.entry_time)
    )


def theirs(fills: list[FillRow]) -> Any:
    frame = pd.DataFrame(
        {
            "amount": [float(f.quantity if f.side == "buy" else -f.quantity) for f in fills],
            "price": [float(f.price) for f in fills],
            "symbol": [f.symbol for f in fills],
        },
        index=pd.DatetimeIndex([f.time for f in fills]),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pyfolio.extract_round_trips(frame)


@given(moves.filter(bool))
@settings(max_examples=40, deadline=None)
def test_pyfolio_finds_the_same_pnl_by_symbol_first_in_first_out(found: Any) -> None:
    fills = [replace(fill, fee=ZERO) for fill in stream(found)]
    # It takes fills of one side within eight hours as one at their average price.
    fills = [replace(fill, time=MORNING + n * timedelta(hours=9)) for n, fill in enumerate(fills)]
    sums = theirs(fills).groupby("symbol")["pnl"].sum()
    for symbol in {fill.symbol for fill in fills}:
        ours = sum((trip.pnl_usd for trip in followed(fills)[0] if trip.symbol == symbol), ZERO)
        assert abs(float(ours) - sums[symbol]) < 1e-6


@given(st.lists(st.tuples(st.sampled_from(["buy", "sell"]), sizes, prices, prices), min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_pyfolio_finds_the_same_trips_where_each_is_one_fill_in_and_one_out(found: Any) -> None:
    fills = []
    for n, (side, size, entered, left) in enumerate(found):
        other = "sell" if side == "buy" else "buy"
        for k, (way, price) in enumerate(((side, entered), (other, left))):
            time = MORNING + timedelta(hours=9 * (2 * n + k))
            fills.append(FillRow("eq", "A", way, Decimal(size), price, time, ZERO))
    table = theirs(fills).sort_values("close_dt")
    ours = followed(fills)[0]
    assert [trip.side == "long" for trip in ours] == list(table["long"])
    assert [trip.entry_time for trip in ours] == [stamp.to_pydatetime() for stamp in table["open_dt"]]
    assert [trip.exit_time for trip in ours] == [stamp.to_pydatetime() for stamp in table["close_dt"]]
    assert all(abs(float(t.pnl_usd) - pnl) < 1e-6 for t, pnl in zip(ours, table["pnl"], strict=True))
