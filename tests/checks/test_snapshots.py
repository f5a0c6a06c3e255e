"""One snapshot file: what our own tool writes holds together; what does not is told with its line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from git_qoc.account.realized import Cost
from git_qoc.account.uta import unify
from git_qoc.checks.snapshots import check, instant_of
from git_qoc.errors import Refused
from git_qoc.model import (
    Account,
    Cash,
    Fill,
    Flow,
    FlowKind,
    Health,
    HealthStatus,
    Position,
    Side,
    VenueState,
    VenueType,
)
from git_qoc.snapshots.capture import Previous, capture
from git_qoc.snapshots.toml import dumps, file_name
from tests.snapshots.test_toml import SPEC_EXAMPLE

NAME = "snapshots/2026-07-05T16-00-00Z.toml"
NOON = datetime(2026, 7, 5, 16, tzinfo=UTC)

# Worked by hand: eq has 1,000 + 10 × 11 = 1,110; fut 500 + (90 − 100) × 1 × 5 = 450, less a fee of 2
# that only the venue's equity knows; flows 30 − 10 = 20; realized 7 + 3 = 10.
WHOLE = """\
[meta]
timestamp      = "2026-07-05T16:00:00Z"
nav_usd        = 1_558.00
cash_usd       = 1_500.00
realized_pnl   = 10.00
unrealized_pnl = -40.00
connectors     = ["eq", "fut"]
schema         = 1
since          = "2026-07-04T16:00:00Z"
net_flow_usd   = 20.00

[[account]]
connector      = "eq"
type           = "equities"
venue          = "paper"
nav_usd        = 1_110.00
cash_usd       = 1_000.00
realized_pnl   = 10.00
unrealized_pnl = 10.00
net_flow_usd   = 20.00
as_of          = "2026-07-05T16:00:00Z"
since          = "2026-07-04T16:00:00Z"

[[account]]
connector      = "fut"
type           = "futures"
venue          = "paper"
nav_usd        = 448.00
cash_usd       = 500.00
unrealized_pnl = -50.00
unreconciled_usd = -2.00
as_of          = "2026-07-05T16:00:00Z"

[[cash]]
connector  = "eq"
currency   = "USD"
amount     = 1_000.00
amount_usd = 1_000.00

[[cash]]
connector  = "fut"
currency   = "USD"
amount     = 500.00
amount_usd = 500.00

[[flow]]
time       = "2026-07-05T15:00:00Z"
connector  = "eq"
kind       = "deposit"
amount_usd = 30.00

[[flow]]
time       = "2026-07-05T15:30:00Z"
connector  = "eq"
kind       = "withdrawal"
amount_usd = -10.00

[[realized]]
connector  = "eq"
symbol     = "A"
pnl_usd    = 7.00

[[realized]]
connector  = "eq"
symbol     = "B"
pnl_usd    = 3.00

[[position]]
connector  = "eq"
symbol     = "A"
quantity   = 10
avg_cost   = 10.00
mark       = 11.00
pnl_open   = 10.00

[[position]]
connector  = "fut"
symbol     = "ESZ6"
quantity   = 1
avg_cost   = 100.00
mark       = 90.00
pnl_open   = -50.00
multiplier = 5
margined   = true
"""


def faults(text: str, path: str = NAME) -> list[tuple[int, str]]:
    return [(fault.line, fault.rule) for fault in check(path, text.encode())]


def test_the_worked_example_and_the_specs_hold_together() -> None:
    assert check(NAME, WHOLE.encode()) == []
    assert check(NAME, SPEC_EXAMPLE.encode()) == []


# what to put in place of what → the lines of the faults
WRONG: dict[str, tuple[str, str, list[int]]] = {
    "nav": ("nav_usd        = 1_558.00", "nav_usd        = 1_658.00", [3]),
    "cash": ("cash_usd       = 1_500.00", "cash_usd       = 1_600.00", [4]),
    "realized": (
        "realized_pnl   = 10.00\nunrealized_pnl = -40",
        "realized_pnl   = 11.00\nunrealized_pnl = -40",
        [5],
    ),
    "unrealized": ("unrealized_pnl = -40.00", "unrealized_pnl = -41.00", [6]),
    "flow": ("net_flow_usd   = 20.00\n\n", "net_flow_usd   = 0.00\n\n", [10]),
    "an account's nav": ("nav_usd        = 1_110.00", "nav_usd        = 1_120.00", [3, 16]),
    "an account's flow": ("20.00\nas_of", "21.00\nas_of", [10, 20]),
    "a cash row": ("amount_usd = 500.00", "amount_usd = 501.00", [29, 44]),
    "a cash row's dollars": ("amount     = 500.00", "amount     = 500.01", [44]),
    "a cent of a total": ("nav_usd        = 1_558.00", "nav_usd        = 1_558.01", [3]),
    "a flow row": ("amount_usd = 30.00", "amount_usd = 31.00", [20]),
    "a realized row": ("pnl_usd    = 7.00", "pnl_usd    = 8.00", [18]),
    "an open P&L": ("pnl_open   = 10.00", "pnl_open   = 12.00", [19, 74]),
    "a quantity": ("quantity   = 10", "quantity   = 11", [16, 74]),
    "a mark": ("mark       = 90.00", "mark       = 91.00", [82]),
    "no unreconciled": ("unreconciled_usd = -2.00\n", "", [28]),
    "not listed": ('["eq", "fut"]', '["eq"]', [25, 41, 77]),
    "listed without account": ('["eq", "fut"]', '["eq", "fut", "x"]', [7]),
    "listed twice": ('["eq", "fut"]', '["eq", "fut", "eq"]', [7]),
    "both there and not": ("schema         = 1", 'schema         = 1\ndegraded = ["eq"]', [9]),
    "unknown part of a known sum": ("cash_usd       = 500.00\n", "", [4]),
    "another time": ('16:00:00Z"\nnav', '17:00:00Z"\nnav', [2]),
    "no number": ("nav_usd        = 1_558.00", "nav_usd        = nan", [1]),
    "no TOML": ("nav_usd        = 1_558.00", "nav_usd        = ", [3]),
}


@pytest.mark.parametrize(("old", "new", "lines"), WRONG.values(), ids=WRONG)
def test_what_does_not_hold_together_is_told_at_its_line(old: str, new: str, lines: list[int]) -> None:
    assert WHOLE.count(old) == 1, old
    found = faults(WHOLE.replace(old, new))
    assert sorted({line for line, _ in found}) == lines, found


def test_a_message_says_what_is_and_what_the_parts_say() -> None:
    (fault,) = check(NAME, WHOLE.replace("1_558.00", "1_658.00").encode())
    assert fault.message == "nav_usd is 1,658.00, but [[account]] add up to 1,558.00"
    (fault,) = check(NAME, WHOLE.replace("mark       = 90.00", "mark       = 91.00").encode())
    assert "pnl_open is -50.00, but (mark − avg_cost) × quantity × multiplier × fx is -45.00" in fault.message


def test_the_same_row_twice_is_one_told_twice_and_two_lots_are_not() -> None:
    row = '\n[[position]]\nconnector = "crypto-spot"\nsymbol = "X"\nquantity = {}\n'
    once = SPEC_EXAMPLE + row.format(1) + row.format(2)
    assert faults(once) == []
    assert faults(once + row.format(1)) == [(37, "footing")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("amount     = 500.00\namount_usd = 500.00", "amount     = 500.00"),  # one unknown part …
        ("mark       = 90.00\n", ""),
    ],
)
def test_a_part_that_is_unknown_is_never_taken_for_zero(old: str, new: str) -> None:
    text = WHOLE.replace(old, new).replace("schema         = 1\n", "")
    assert text.count(old) == 0
    assert faults(text) == []


def test_rounding_to_the_digits_written_is_no_fault() -> None:
    # Three thirds of a dollar, each rounded: 0.33 × 3 = 0.99, half a cent for each and for the sum.
    rows = "".join(
        f'\n[[account]]\nconnector = "{n}"\ntype = "cash"\nvenue = "v"\nnav_usd = 0.33\n'
        "as_of = 2026-07-05T16:00:00Z\n"
        for n in "abc"
    )
    text = '[meta]\ntimestamp = 2026-07-05T16:00:00Z\nnav_usd = {}\nconnectors = ["a", "b", "c"]\n' + rows
    assert faults(text.format("1.00")) == []
    assert faults(text.format("1.02")) == [(3, "footing")]


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("2026-07-05T16-00-00Z", True),
        ("2026-07-05T16-00-00.000000Z", True),
        ("2026-07-05T16-00-00.25Z", False),
        ("2026-07-05T16-00-01Z", False),
        ("2026-07-05", False),
        ("latest", False),
        ("2026-13-45T16-00-00Z", False),
    ],
)
def test_a_file_is_named_by_its_time(name: str, good: bool) -> None:
    found = faults(SPEC_EXAMPLE, f"snapshots/2026/07/{name}.toml")
    assert found == ([] if good else [(2, "name")])


def test_microseconds_are_part_of_the_name() -> None:
    text = SPEC_EXAMPLE.replace("16:00:00Z", "16:00:00.000123Z")
    assert faults(text) == [(2, "name")]
    assert faults(text, "snapshots/2026-07-05T16-00-00.000123Z.toml") == []
    assert instant_of("x/2026-07-05T16-00-00.000123Z.toml") == NOON + timedelta(microseconds=123)


@pytest.mark.parametrize(
    "data", [b"\xff", b"", b"x = 1", b"[meta]\n" * 2, b"[" * 5000, b"\0", b"[meta]\nnav_usd = " + b"9" * 5000]
)
def test_what_is_no_snapshot_is_a_fault_and_no_crash(data: bytes) -> None:
    assert [fault.rule for fault in check(NAME, data)] == ["unreadable"]


# ── what capture() can write ─────────────────────────────────────────────────────────────────

money = st.decimals(Decimal(-(10**9)), Decimal(10**9), places=4)
price = st.decimals(Decimal(0), Decimal(10**6), places=6)
maybe_price = st.one_of(st.none(), price)
rates = st.decimals(Decimal("0.0001"), Decimal(200), places=6)


@st.composite
def cash(draw: st.DrawFn) -> Cash:
    amount = draw(money)
    if draw(st.booleans()):
        return Cash("USD", amount, amount)
    return Cash("EUR", amount, draw(st.one_of(st.none(), money)))


@st.composite
def position(draw: st.DrawFn, symbol: str) -> Position:
    currency, fx = draw(
        st.sampled_from([("USD", Decimal(1)), ("EUR", None), ("EUR", Decimal("1.0837")), ("USD", Decimal(1))])
    )
    return Position(
        symbol,
        draw(st.decimals(Decimal(-(10**6)), Decimal(10**6), places=8)),
        draw(maybe_price),
        draw(maybe_price),
        draw(st.sampled_from([Decimal(1), Decimal(100), Decimal("0.001")])),
        currency,
        fx,
        draw(st.sampled_from([None, NOON])),
        draw(st.booleans()),
    )


@st.composite
def fills(draw: st.DrawFn, symbols: list[str]) -> tuple[Fill, ...]:
    return tuple(
        Fill(f"f{n}", "o", draw(st.sampled_from(symbols)), draw(st.sampled_from(list(Side))),
             draw(st.sampled_from([Decimal(1), Decimal("2.5")])), draw(price), NOON,
             draw(st.sampled_from([None, Decimal("0.35")])))
        for n in range(draw(st.integers(0, 3)))
    )  # fmt: skip


@st.composite
def venue_state(draw: st.DrawFn, name: str) -> VenueState:
    if draw(st.integers(0, 5)) == 0:
        down = Health(HealthStatus.DEGRADED, "timeout", NOON)
        return VenueState(name, VenueType.CRYPTO, "test", down, NOON)
    symbols = draw(st.lists(st.sampled_from(["A", "B", "C"]), unique=True))
    account = Account(
        "",
        "USD",
        draw(st.one_of(st.none(), st.lists(cash(), max_size=3).map(tuple))),
        draw(st.one_of(st.none(), money)),
        None,
    )
    flows = tuple(
        Flow(f"{name}{n}", NOON - timedelta(hours=n), draw(st.sampled_from(list(FlowKind))), draw(money))
        for n in range(draw(st.integers(0, 3)))
    )
    held = tuple(draw(position(symbol)) for symbol in symbols)
    return VenueState(
        connector=name,
        type=draw(st.sampled_from(list(VenueType))),
        venue="test",
        health=Health(HealthStatus.OK),
        as_of=NOON - timedelta(microseconds=draw(st.integers(0, 10**6))),
        account=account,
        positions=draw(st.sampled_from([None, held, held])),
        open_orders=(),
        fills=draw(st.one_of(st.none(), fills(["A", "B", "D"]))),
        flows=draw(st.sampled_from([None, flows, flows])),
    )


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_every_snapshot_of_ours_holds_together(data: st.DataObject) -> None:
    names = ["one", "two", "three"][: data.draw(st.integers(1, 3))]
    states = [data.draw(venue_state(name)) for name in names]
    known = [name for name in [*names, "gone"] if data.draw(st.booleans())]
    costs = {"A": Cost(Decimal(3), Decimal("7.77")), "B": Cost(Decimal(-2), None)}
    previous = {name: Previous(NOON - timedelta(days=1), costs) for name in known}
    stamp = NOON + timedelta(microseconds=data.draw(st.sampled_from([0, 1, 250_000])))
    try:
        snapshot = capture(
            unify(states),
            previous,
            stamp,
            first=data.draw(st.booleans()),
            foreign=data.draw(st.booleans()),
            backfill=data.draw(st.booleans()),
            since=data.draw(st.sampled_from([None, NOON - timedelta(days=1)])),
        )
    except Refused:
        return
    assert check(f"snapshots/{file_name(stamp)}", dumps(snapshot).encode()) == []
    # A file of before there were `since` and [[realized]] is no worse.
    old = replace(
        snapshot,
        since=None,
        realized=(),
        accounts=tuple(replace(row, since=None) for row in snapshot.accounts),
    )
    assert check(f"snapshots/{file_name(stamp)}", dumps(old).encode()) == []


def test_numbers_beyond_all_measure_are_faults_and_no_crash() -> None:
    huge = "9" * 23
    row = (
        '\n[[position]]\nconnector = "crypto-spot"\nsymbol = "X"\n'
        f"quantity = {huge}.0\nmultiplier = {huge}.0\nmark = {huge}.0\navg_cost = 1\npnl_open = 1\n"
    )
    (fault,) = check(NAME, (SPEC_EXAMPLE + row).encode())
    assert "pnl_open is 1.000000E+0, but" in fault.message


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_total_that_is_off_by_a_dollar_is_found(data: st.DataObject) -> None:
    states = [
        VenueState(
            name, VenueType.EQUITIES, "test", Health(HealthStatus.OK), NOON,
            Account("", "USD", (Cash("USD", amount, amount),), None, None),
            (Position("A", Decimal(2), Decimal(8), Decimal(10)),), (), fills=(),
            flows=(Flow(name, NOON, FlowKind.DEPOSIT, Decimal(5)),),
        )
        for name in ("one", "two")
        for amount in [data.draw(st.decimals(Decimal(0), Decimal(1000), places=2))]
    ]  # fmt: skip
    before = {name: Previous(NOON, {"A": Cost(Decimal(2), Decimal(8))}) for name in ("one", "two")}
    snapshot = capture(unify(states), before, NOON)
    key = data.draw(
        st.sampled_from(["nav_usd", "cash_usd", "realized_pnl", "unrealized_pnl", "net_flow_usd"])
    )
    wrong = replace(snapshot, **{key: getattr(snapshot, key) + data.draw(st.sampled_from([1, -1]))})
    assert key in str(check(NAME, dumps(wrong).encode()))
    rows = list(snapshot.accounts)
    rows[0] = replace(rows[0], **{key: getattr(rows[0], key) + 1})
    assert key in str(check(NAME, dumps(replace(snapshot, accounts=tuple(rows))).encode()))


def test_a_digit_changed_in_any_number_of_ours_is_found() -> None:
    # Nothing else in the file says what buying power and the number of the schema should be.
    for line in WHOLE.splitlines():
        key, _, number = line.partition("=")
        if not number.strip(" -").replace("_", "").replace(".", "").isdecimal():
            continue
        if key.strip() in ("buying_power_usd", "schema"):
            continue
        for place in (at for at in range(len(line)) if line[at].isdigit() and at > len(key)):
            other = line[:place] + ("1" if line[place] == "0" else "0") + line[place + 1 :]
            for text in (WHOLE.replace(line, other, 1), other.join(WHOLE.rsplit(line, 1))):
                assert faults(text), other
