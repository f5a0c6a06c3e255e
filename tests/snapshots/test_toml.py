"""The snapshot file: the spec's example byte for byte, and every value back as it went in."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import tomlkit  # noqa: TID251  # the second, independent parser
from hypothesis import given
from hypothesis import strategies as st

from git_qoc.errors import SnapshotError
from git_qoc.snapshots.parse import loads, loads_accounts, loads_meta
from git_qoc.snapshots.snapshot import (
    AccountRow,
    CashRow,
    FillRow,
    FlowRow,
    PositionRow,
    RealizedRow,
    Snapshot,
)
from git_qoc.snapshots.toml import dumps, file_name

# spec/snapshots-and-equity.txt, "Example snapshot file".
SPEC_EXAMPLE = """\
[meta]
timestamp      = "2026-07-05T16:00:00Z"
nav_usd        = 167_420.88
cash_usd       = 41_210.50
realized_pnl   = 1_840.22
unrealized_pnl = 3_108.65
connectors     = ["main-equities", "crypto-spot", "sweep-cash"]

[[position]]
connector  = "main-equities"
symbol     = "AAPL"
quantity   = 150
avg_cost   = 198.42
mark       = 211.40
pnl_open   = 1_947.00

[[position]]
connector  = "crypto-spot"
symbol     = "BTC-USD"
quantity   = 0.5
avg_cost   = 58_400.00
mark       = 61_200.00
pnl_open   = 1_400.00
"""

NOON = datetime(2026, 7, 5, 16, tzinfo=UTC)

numbers = st.decimals(
    min_value=Decimal("-1e15"), max_value=Decimal("1e15"), allow_nan=False, allow_infinity=False, places=18
)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
times = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
maybe = st.one_of(st.none(), numbers)
accounts = st.builds(
    AccountRow,
    names,
    names,
    names,
    numbers,
    times,
    maybe,
    maybe,
    maybe,
    maybe,
    maybe,
    maybe,
    st.one_of(st.none(), times),
)
positions = st.builds(
    PositionRow, names, names, numbers, maybe, maybe, maybe, st.integers(1, 1000).map(Decimal),
    st.just("USD"), st.just(Decimal(1)), st.one_of(st.none(), times), st.booleans(),
)  # fmt: skip
above_zero = st.decimals(
    min_value=Decimal("1e-18"), max_value=Decimal("1e15"), allow_nan=False, allow_infinity=False, places=18
)
fees = st.one_of(
    st.just({}),
    st.builds(
        lambda fee, currency: {"fee": fee, "fee_currency": currency},
        numbers,
        st.sampled_from(["USD", "EUR", ""]),
    ),
)
fills = st.builds(
    lambda fee, **cells: FillRow(**cells, **fee),
    fee=fees,
    connector=names,
    symbol=names,
    side=st.sampled_from(["buy", "sell"]),
    quantity=above_zero,
    price=numbers,
    time=times,
    fill_id=st.one_of(st.just(""), names),
    order_id=st.one_of(st.just(""), names),
    multiplier=st.integers(1, 1000).map(Decimal),
    currency=st.sampled_from(["USD", "BTC"]),
    inverse=st.booleans(),
)
snapshots = st.builds(
    Snapshot,
    timestamp=times,
    nav_usd=numbers,
    cash_usd=maybe,
    realized_pnl=maybe,
    unrealized_pnl=maybe,
    connectors=st.lists(names, max_size=3).map(tuple),
    schema=st.one_of(st.none(), st.just(1)),
    net_flow_usd=maybe,
    buying_power_usd=maybe,
    degraded=st.lists(names, max_size=3).map(tuple),
    backfill=st.booleans(),
    accounts=st.lists(accounts, max_size=3).map(tuple),
    cash=st.lists(st.builds(CashRow, names, names, numbers, maybe), max_size=2).map(tuple),
    flows=st.lists(st.builds(FlowRow, times, names, names, numbers), max_size=2).map(tuple),
    positions=st.lists(positions, max_size=3).map(tuple),
    since=st.one_of(st.none(), times),
    realized=st.lists(st.builds(RealizedRow, names, names, numbers), max_size=2).map(tuple),
    fills=st.lists(fills, max_size=2).map(tuple),
)


def test_spec_example_is_read_and_written_byte_for_byte() -> None:
    assert dumps(loads(SPEC_EXAMPLE)) == SPEC_EXAMPLE


def test_spec_example_holds_the_numbers_of_the_spec() -> None:
    snapshot = loads(SPEC_EXAMPLE)
    assert snapshot.nav_usd == Decimal("167420.88")
    assert snapshot.timestamp == NOON
    assert [p.quantity for p in snapshot.positions] == [Decimal(150), Decimal("0.5")]
    assert snapshot.net_flow_usd is None
    assert snapshot.schema is None


@given(snapshots)
def test_what_is_written_is_read_back_equal(snapshot: Snapshot) -> None:
    assert loads(dumps(snapshot)) == snapshot


@given(snapshots)
def test_two_independent_parsers_agree_on_the_text(snapshot: Snapshot) -> None:
    text = dumps(snapshot)
    assert tomllib.loads(text) == tomlkit.parse(text).unwrap()


@given(snapshots)
def test_reading_a_part_gives_that_part(snapshot: Snapshot) -> None:
    text = dumps(snapshot)
    assert loads_accounts(text) == replace(snapshot, positions=(), fills=())
    meta = replace(snapshot, accounts=(), cash=(), flows=(), positions=(), realized=(), fills=())
    assert loads_meta(text) == meta


def test_meta_that_stands_last_is_still_found() -> None:
    meta, _, rest = SPEC_EXAMPLE.partition("\n[[")
    assert loads_meta("[[" + rest + "\n" + meta).nav_usd == Decimal("167420.88")


def test_money_has_two_decimals_and_never_loses_a_digit() -> None:
    text = dumps(Snapshot(NOON, Decimal("1234567.123456789012345678"), cash_usd=Decimal("-0.5")))
    assert "nav_usd        = 1_234_567.123456789012345678\n" in text
    assert "cash_usd       = -0.50\n" in text


def test_a_quantity_beyond_64_bits_is_written_as_a_float() -> None:
    row = PositionRow("x", "SHIB", Decimal(10**20))
    assert "quantity   = 100_000_000_000_000_000_000.0\n" in dumps(
        Snapshot(NOON, Decimal(0), positions=(row,))
    )


def test_file_name_has_no_colon_and_keeps_microseconds() -> None:
    assert file_name(NOON) == "2026-07-05T16-00-00Z.toml"
    assert file_name(NOON + timedelta(microseconds=250)) == "2026-07-05T16-00-00.000250Z.toml"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a [meta] table"),
        ("[meta\n", "not a snapshot"),
        ("[meta]\nnav_usd = 1", "[meta]: timestamp: expected an ISO 8601 time, found nothing"),
        ('[meta]\ntimestamp = "2026-07-05T16:00:00Z"', "[meta]: nav_usd is missing"),
        ('[meta]\ntimestamp = "2026-07-05T16:00:00"\nnav_usd = 1', "found a local time"),
        ('[meta]\ntimestamp = "2026-07-05T16:00:00Z"\nnav_usd = nan', "finite number"),
        ('[meta]\ntimestamp = "2026-07-05T16:00:00Z"\nnav_usd = -inf', "finite number"),
        ('[meta]\ntimestamp = "2026-07-05T16:00:00Z"\nnav_usd = "1"', "expected a number, found text"),
        ('[meta]\ntimestamp = "2026-07-05T16:00:00Z"\nnav_usd = true', "expected a number, found bool"),
        ('position = 1\n[meta]\ntimestamp = "2026-07-05T16:00:00Z"\nnav_usd = 1', "array of tables"),
        (
            '[meta]\ntimestamp = "2026-07-05T16:00:00Z"\nnav_usd = 1\n[[position]]\nconnector = "a"',
            "[[position]] 1: symbol: expected a string, found nothing",
        ),
    ],
)
def test_a_text_that_is_no_snapshot_is_refused_with_the_key(text: str, message: str) -> None:
    with pytest.raises(SnapshotError) as caught:
        loads(text)
    assert message in str(caught.value)
