"""`git qoc blame` over real records; the figures are those of test_bridge.py."""

from __future__ import annotations

from typing import Any

import pytest

from git_qoc.snapshots.snapshot import Snapshot
from tests.cli.qoc import Qoc
from tests.cli.recorded import add, desk_of
from tests.conftest import Git
from tests.snapshots.chains import account, at, position, snapshot
from tests.snapshots.test_bridge import FIRST, SECOND, THIRD


@pytest.fixture
def books(git: Git) -> Qoc:
    return desk_of(git, [FIRST, SECOND, THIRD])


def intervals(qoc: Qoc, *args: str) -> list[tuple[Any, ...]]:
    """(end, quantity before, quantity, realized, open P&L, so far)"""
    keys = ("end", "quantity_before", "quantity", "realized_usd", "unrealized_usd", "cumulative_usd")
    found = qoc.ok("blame", "--json", *args).json["intervals"]
    return [(row["end"][8:10], *(row[key] for key in keys[1:])) for row in found]


def test_each_interval_has_its_part_and_the_sum_so_far(books: Qoc) -> None:
    """Held at first sight; then +600 - 40 = 560; then +1,200 - 960 = 240, together 800."""
    assert intervals(books, "AAPL") == [
        ("01", None, 100, None, None, 0),
        ("02", 100, 60, 600, -40, 560),
        ("03", 60, 0, 1_200, -960, 800),
    ]
    found = books.ok("blame", "AAPL", "--json").json
    assert (found["realized_usd"], found["unrealized_usd"], found["pnl_usd"]) == (1_800, -1_000, 800)
    commits = [row["commit"] for row in found["intervals"]]
    assert commits == [books.git("rev-parse", rev) for rev in ("HEAD~2", "HEAD~1", "HEAD")]


def test_the_sum_is_that_of_the_bridge_over_the_same_time(books: Qoc) -> None:
    symbols = books.ok("diff", "HEAD~2", "HEAD", "--json").json["symbols"]
    for row in symbols:
        assert books.ok("blame", row["symbol"], "--json").json["pnl_usd"] == row["pnl_usd"]


def test_the_table_names_time_move_and_commit(books: Qoc) -> None:
    rows = [" ".join(line.split()) for line in books.ok("blame", "AAPL").out.splitlines()]
    second = books.git("rev-parse", "HEAD~1")[:10]
    assert f"2026-07-02T20:00:00Z a 100 → 60 110.00 → 116.00 +600.00 -40.00 +560.00 {second}" in rows
    assert "total +1,800.00 -1,000.00 +800.00" in rows
    assert any("held when it was first read, at 2026-07-01T20:00:00Z" in row for row in rows)


def test_a_time_may_be_given(books: Qoc) -> None:
    assert [row[0] for row in intervals(books, "AAPL", "--since", "2026-07-02")] == ["02", "03"]
    assert [row[0] for row in intervals(books, "AAPL", "--until", "2026-07-02")] == ["01", "02"]
    assert intervals(books, "AAPL", "--since", "2026-07-03", "--until", "2026-07-03T20:00:00Z") == [
        ("03", 60, 0, 1_200, -960, 240)
    ]
    assert "was not held in that time" in books.ok("blame", "AAPL", "--since", "2027-01-01").out
    assert books("blame", "AAPL", "--since", "soon").code == 129


def test_case_does_not_matter_where_no_symbol_is_spelt_so(books: Qoc) -> None:
    assert intervals(books, "aapl") == intervals(books, "AAPL")
    assert books.ok("blame", "aapl").err == "aapl: the record spells it AAPL\n"


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("APPL",), "Did you mean AAPL?"),
        (("AAP",), "Did you mean AAPL?"),
        (("main\nAAPL",), "is in no snapshot of HEAD"),
        (("",), "is in no snapshot of HEAD"),
        (("USD",), "is in no snapshot of HEAD"),
        (("AAPL", "--connector", "b"), "was never at b. It was at: a"),
    ],
)
def test_what_is_not_there_is_said_with_what_is_like_it(books: Qoc, args: tuple[str, ...], says: str) -> None:
    result = books("blame", *args)
    assert (result.code, result.out) == (128, "")
    assert says in result.err


def test_two_spellings_are_two_symbols(git: Git) -> None:
    chain = [
        snapshot(1, account("a", 1, 1), positions=[position("a", "Abc", 1, 1), position("a", "ABC", 2, 1)]),
    ]
    qoc = desk_of(git, chain)
    assert [row[2] for row in intervals(qoc, "ABC")] == [2]
    assert "Did you mean one of ABC, Abc?" in qoc("blame", "abc").err


def test_a_round_trip_between_two_snapshots_shows_by_what_it_realized(git: Git) -> None:
    chain = [
        snapshot(1, account("a", 1, 100)),
        snapshot(2, account("a", 2, 130, since=1, realized=30, flow=0), realized={("a", "X"): 30}),
        snapshot(3, account("a", 3, 130, since=2, realized=0, flow=0)),
    ]
    assert intervals(desk_of(git, chain), "X") == [("02", 0, 0, 30, 0, 30)]


def test_every_connector_that_held_it_has_its_rows(git: Git) -> None:
    chain = [
        snapshot(1, account("a", 1, 1), account("b", 1, 1)),
        snapshot(
            2,
            account("a", 2, 1, since=1, realized=0, flow=0),
            account("b", 2, 1, since=1, realized=0, flow=0),
            positions=[position("a", "X", 1, 10, 1), position("b", "X", 2, 10, 2)],
        ),
    ]
    qoc = desk_of(git, chain)
    assert intervals(qoc, "X") == [("02", 0, 1, 0, 1, 1), ("02", 0, 2, 0, 2, 3)]
    assert intervals(qoc, "X", "--connector", "b") == [("02", 0, 2, 0, 2, 2)]


def test_an_outage_makes_one_long_interval(git: Git) -> None:
    held = [position("b", "X", 1, 10, 5)]
    chain = [
        snapshot(1, account("a", 1, 1), account("b", 1, 1), positions=held),
        snapshot(2, account("a", 2, 1, since=1, realized=0, flow=0), degraded=["b"]),
        snapshot(
            3,
            account("a", 3, 1, since=2, realized=0, flow=0),
            account("b", 3, 1, since=1, realized=40, flow=0),
            realized={("b", "X"): 40},
        ),
    ]
    assert intervals(desk_of(git, chain), "X")[1:] == [("03", 1, 0, 40, -5, 35)]


def test_an_account_that_is_not_read_any_more_is_named(git: Git) -> None:
    chain = [
        snapshot(1, account("a", 1, 1), account("b", 1, 1), positions=[position("b", "X", 1, 10, 5)]),
        snapshot(2, account("a", 2, 1, since=1, realized=0, flow=0), degraded=["b"]),
    ]
    text = desk_of(git, chain).ok("blame", "X").out
    assert "b: still held when it was last read, at 2026-07-01T20:00:00Z" in text


def test_realized_pnl_of_older_files_is_not_known_and_named(books: Qoc) -> None:
    """Another tool's file: no [[realized]] rows, no account rows."""
    add(
        books.git,
        Snapshot(at(4), THIRD.nav_usd, connectors=("a",), positions=(position("a", "MSFT", 10, 395, -50),)),
    )
    assert intervals(books, "MSFT") == [("03", 0, 10, 0, -100, -100), ("04", 10, 10, None, 50, None)]
    text = books.ok("blame", "MSFT").out
    assert "realized P&L is not told by symbol in 1 of 2 intervals" in text
    assert "What is known sums up to -50.00 USD." in text


def test_what_two_clones_tell_of_one_period_counts_once(git: Git) -> None:
    chain = [
        snapshot(1, account("a", 1, 1_000)),
        snapshot(2, account("a", 2, 1_030, since=1, realized=30, flow=0), realized={("a", "X"): 30}),
        snapshot(3, account("a", 3, 1_050, since=1, realized=50, flow=0), realized={("a", "X"): 50}),
    ]
    assert [row[3] for row in intervals(desk_of(git, chain), "X")] == [30, 20]


def test_files_that_are_no_snapshots_and_do_not_name_it_are_not_looked_at(books: Qoc) -> None:
    folder = books.git.path / "snapshots"
    folder.mkdir(exist_ok=True)
    (folder / "2026-07-02T21-00-00Z.toml").write_text("no [toml, nothing of it")
    books.git("add", str(folder))
    books.git("commit", "-qm", "broken")
    assert len(intervals(books, "AAPL")) == 3


@pytest.mark.parametrize("symbol", ['A"B', "A\\B", "Ä-€", "A'B", "[[account]]", "BRK.B", "-x"])
def test_a_symbol_may_hold_any_character(git: Git, symbol: str) -> None:
    chain = [
        snapshot(1, account("a", 1, 1)),
        snapshot(
            2, account("a", 2, 1, since=1, realized=0, flow=0), positions=[position("a", symbol, 1, 2, 3)]
        ),
    ]
    assert intervals(desk_of(git, chain), "--", symbol) == [("02", 0, 1, 0, 3, 3)]
