"""`git qoc diff` and `git qoc show` over real records; the figures are those of test_bridge.py."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from git_qoc.cli.snapshot_text import tables
from git_qoc.snapshots.snapshot import FillRow, FlowRow, Snapshot
from git_qoc.snapshots.toml import dumps
from tests.cli.qoc import Qoc
from tests.cli.recorded import add, desk_of, path_of
from tests.conftest import Git
from tests.snapshots.chains import account, at, position, snapshot
from tests.snapshots.test_bridge import FIRST, SECOND, THIRD

FILE = "2026-07-02T20-00-00Z.toml"


@pytest.fixture
def books(git: Git) -> Qoc:
    return desk_of(git, [FIRST, SECOND, THIRD])


def sums(qoc: Qoc, *args: str) -> list[float]:
    return [line["usd"] for line in qoc.ok("diff", "--json", *args).json["lines"]]


def test_without_names_it_is_the_newest_against_the_one_before(books: Qoc) -> None:
    found = books.ok("diff", "--json").json
    assert (found["opening"], found["closing"]) == ("2026-07-02T20:00:00Z", "2026-07-03T20:00:00Z")
    # 13,207 - 13,067 = 140 = 0 + 1,200 + (-100 - 960) + 0.
    assert [line["usd"] for line in found["lines"]] == [0, 1_200, -1_060, 0]
    assert found["change_usd"] == 140


@pytest.mark.parametrize(
    "names",
    [
        ("2026-07-01T20:00:00Z",),
        ("2026-07-01T20:00:00Z", "latest"),
        ("HEAD~2", "HEAD"),
        ("HEAD~2..HEAD",),
        ("HEAD~2..",),
        ("snapshots/2026-07-01T20-00-00Z.toml", "snapshots/2026-07-03T20-00-00Z.toml"),
        ("2026-07-01T20-00-00Z.toml", "2026-07-03T20-00-00Z.toml"),
        ("2026-07-01T22:00:00+02:00..latest",),
    ],
)
def test_ends_may_be_named_in_every_way(books: Qoc, names: tuple[str, ...]) -> None:
    assert sums(books, *names) == [500, 1_800, -1_100, 7]


def test_the_table_reads_as_a_trader_wants_it(books: Qoc) -> None:
    rows = [" ".join(line.split()) for line in books.ok("diff", "HEAD~2", "HEAD~1").out.splitlines()]
    assert rows[:7] == [
        "2026-07-01T20:00:00Z → 2026-07-02T20:00:00Z NAV 12,000.00 → 13,067.00 USD +1,067.00",
        "",
        "NAV 2026-07-01T20:00:00Z 12,000.00",
        "flows +500.00",
        "realized +600.00",
        "unrealized -40.00",
        "other +7.00",
    ]
    assert "a AAPL +600.00 -40.00 +560.00" in rows
    assert "resized a AAPL 100 → 60" in rows
    assert "a AAPL 60 110.00 → 116.00 +360.00" in rows
    assert "a USD 1,000.00 → 6,107.00 +5,107.00" in rows


def test_the_other_way_round_has_the_other_signs_and_says_so(books: Qoc) -> None:
    assert sums(books, "latest", "HEAD~2") == [-500, -1_800, 1_100, -7]
    assert "Told backwards in time" in books.ok("diff", "latest", "HEAD~2").out
    moves = books.ok("diff", "latest", "HEAD~2", "--json").json["positions"]
    assert [(move["symbol"], move["change"]) for move in moves] == [("AAPL", "opened"), ("MSFT", "closed")]


def test_ten_marks_are_shown_and_the_rest_is_counted_and_summed(git: Git) -> None:
    """12 symbols, number n moves by n USD: the two smallest are left out, 1 + 2."""
    symbols = [(f"S{n:02}", n) for n in range(1, 13)]
    opening = snapshot(1, account("a", 1, 1), positions=[position("a", s, 1, 100) for s, _ in symbols])
    closing = snapshot(
        2,
        account("a", 2, 79, since=1, realized=0, unrealized=78, flow=0),
        positions=[position("a", s, 1, 100 + n, n) for s, n in symbols],
    )
    qoc = desk_of(git, [opening, closing])
    rows = [" ".join(line.split()) for line in qoc.ok("diff").out.splitlines()]
    assert "2 more (--all) 0.00 +3.00 +3.00" in rows
    assert "2 more (--all) +3.00" in rows
    assert not any("S02" in row for row in rows)
    everything = qoc.ok("diff", "--all").out
    assert everything.count("S02") == 2
    assert "more" not in everything


def test_what_two_clones_measured_from_one_snapshot_counts_once(git: Git) -> None:
    """2 and 3 July both tell since 1 July: +30 and +50 realized. From 2 to 3 July it was 20."""
    chain = [
        snapshot(1, account("a", 1, 1_000)),
        snapshot(2, account("a", 2, 1_030, since=1, realized=30, flow=0), realized={("a", "X"): 30}),
        snapshot(3, account("a", 3, 1_050, since=1, realized=50, flow=0), realized={("a", "X"): 50}),
        snapshot(4, account("a", 4, 1_060, since=3, realized=10, flow=0), realized={("a", "X"): 10}),
    ]
    qoc = desk_of(git, chain)
    assert sums(qoc, "HEAD~3", "HEAD") == [0, 60, 0, 0]
    assert sums(qoc, "HEAD~2", "HEAD~1") == [0, 20, 0, 0]
    assert sums(qoc, "HEAD~2", "HEAD") == [0, 30, 0, 0]
    assert sums(qoc, "HEAD~3", "HEAD~1") == [0, 50, 0, 0]


def test_a_flow_that_two_neighbours_both_tell_counts_once(git: Git) -> None:
    """A venue that dates a deposit to its day tells it again to the next snapshot of that day."""
    deposit = FlowRow(at(2), "a", "deposit", Decimal(500), "f1")
    late = FlowRow(at(2), "a", "deposit", Decimal(7), "f2")
    chain = [
        snapshot(1, account("a", 1, 1_000)),
        replace(snapshot(2, account("a", 2, 1_500, since=1, realized=0, flow=500)), flows=(deposit,)),
        replace(snapshot(3, account("a", 3, 1_507, since=2, realized=0, flow=507)), flows=(deposit, late)),
    ]
    qoc = desk_of(git, chain)
    assert sums(qoc, "HEAD~2", "HEAD") == [507, 0, 0, 0]
    assert sums(qoc, "HEAD~1", "HEAD") == [7, 0, 0, 0]
    report = json.loads(qoc.ok("run", "retrospective", "--json").out, parse_float=Decimal)
    assert Decimal(report["net_flow_usd"]) == 507


def test_clones_that_parted_long_ago_are_told_apart_from_where_they_parted(git: Git) -> None:
    """Odd days are one clone's, even days the other's, each +10 since its own day before; from 1 July."""
    chain = [snapshot(1, account("a", 1, 1_000))]
    for day in range(2, 10):
        since = max(1, day - 2)
        gain = 5 * (day - since)
        row = account("a", day, 1_000 + 5 * (day - 1), since=since, realized=gain, flow=0)
        chain.append(snapshot(day, row))
    qoc = desk_of(git, chain)
    # Worked by hand: 5 USD a day, so 5 from 8 to 9 July, though the 9th tells 10 since the 7th.
    assert sums(qoc, "HEAD~1", "HEAD") == [0, 5, 0, 0]
    assert sums(qoc, "HEAD~8", "HEAD") == [0, 40, 0, 0]


def test_measured_from_a_snapshot_that_is_not_in_the_record_is_not_known(git: Git) -> None:
    chain = [
        snapshot(2, account("a", 2, 1_000)),
        snapshot(3, account("a", 3, 1_050, since=1, realized=50, flow=0)),
    ]
    found = desk_of(git, chain).ok("diff", "--json").json
    assert found["accounts"][0]["realized_usd"] is None
    assert {line["part"]: line["usd"] for line in found["lines"]}["realized"] is None
    assert found["accounts"][0]["untold_usd"] == 50


def test_a_file_between_that_is_no_snapshot_is_named_and_passed_over(books: Qoc) -> None:
    path = books.git.path / "snapshots" / "2026-07-02T21-00-00Z.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text("no [toml")
    books.git("add", str(path))
    books.git("commit", "-qm", "broken")
    result = books.ok("diff", "2026-07-01T20:00:00Z", "2026-07-03T20:00:00Z", "--json")
    assert [line["usd"] for line in result.json["lines"]] == [500, 1_800, -1_100, 7]
    assert "2026-07-02T21-00-00Z.toml" in result.err
    assert "passed over" in result.err
    fatal = books("diff", path.name)
    assert fatal.code == 128
    assert f"snapshots/{path.name}: not a snapshot" in fatal.err


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("yesterday",), 128),
        (("HEAD~99",), 128),
        (("2001-01-01T00:00:00Z",), 128),
        (("gone.toml",), 128),
        (("../../gone.toml",), 128),
        (("HEAD\nHEAD",), 128),
        (("",), 128),
        (("a", "b", "c"), 129),
        (("HEAD~2...HEAD",), 129),
        (("--nonsense",), 129),
    ],
)
def test_what_is_not_there_is_said_in_one_line(books: Qoc, names: tuple[str, ...], code: int) -> None:
    result = books("diff", *names)
    assert (result.code, result.out) == (code, "")
    assert result.err.strip()


def test_the_first_snapshot_has_none_before_it(git: Git) -> None:
    qoc = desk_of(git, [FIRST])
    result = qoc("diff")
    assert result.code == 128
    assert "is the first snapshot" in result.err
    assert "It is the first snapshot" in qoc.ok("show").out
    assert qoc.ok("show", "--json").json["bridge"] is None


def test_a_desk_below_the_top_is_read_from_anywhere_in_it(git: Git) -> None:
    qoc = desk_of(git, [FIRST, SECOND], "books/desk/")
    below = git.path / "books" / "desk" / "snapshots"
    result = qoc("diff", "2026-07-01T20-00-00Z.toml", FILE, cwd=below)
    assert result.code == 0, result.err
    assert "+1,067.00" in result.out
    for name in (f"books/desk/snapshots/{FILE}", f"snapshots/{FILE}", f"./{FILE}", f"../snapshots/{FILE}"):
        assert qoc("show", name, cwd=below).code == 0


def test_a_bare_clone_and_a_detached_head_are_read(books: Qoc) -> None:
    books.git("checkout", "-q", "--detach")
    assert sums(books) == [0, 1_200, -1_060, 0]
    bare = books.git.path.parent / "bare.git"
    books.git("clone", "-q", "--bare", ".", str(bare))
    result = books("diff", cwd=bare)
    assert result.code == 0, result.err
    assert "+140.00" in result.out


def test_show_has_the_commit_its_note_the_tables_and_the_bridge(books: Qoc) -> None:
    fourth = snapshot(4, account("a", 4, 13_300, since=3, realized=93, flow=0, unrealized=-100))
    path = path_of(fourth)
    add(books.git, fourth)
    blob = books.git("rev-parse", f"HEAD:{path}")
    message = f"snapshot: x\n\nBefore the holiday.\nAll quiet.\n\nQoc-Snapshot: {path}\nQoc-Blob: {blob}\n"
    books.git("commit", "-q", "--amend", "-m", message)
    result = books.ok("show")
    head = books.git("rev-parse", "HEAD")
    assert result.out.startswith(
        f"commit {head}\nAuthor: Ada Trader <ada@example.com>\nDate:   2026-07-05T16:00:00Z\n"
        f"File:   {path}\n\n    Before the holiday.\n    All quiet.\n\n2026-07-04T20:00:00Z  NAV 13,300.00"
    )
    assert ["realized", "+93.00"] in [line.split() for line in result.out.splitlines()]
    found = books.ok("show", "--json").json
    assert found["commit"]["note"] == "Before the holiday.\nAll quiet."
    assert found["commit"]["signature"] is None
    assert found["bridge"]["change_usd"] == 93
    assert found["snapshot"]["nav_usd"] == 13_300


def test_show_of_a_snapshot_commit_is_that_very_snapshot(books: Qoc) -> None:
    """A back-fill commits an old day late: the commit's own snapshot is not the newest of its tree."""
    add(books.git, Snapshot(at(0), Decimal(5)))
    assert books.ok("show", "HEAD", "--json").json["path"] == "snapshots/2026-06-30T20-00-00Z.toml"
    (books.git.path / "note").write_text("x")
    books.git("add", "note")
    books.git("commit", "-qm", "mine")
    found = books.ok("show", "HEAD", "--json").json
    assert found["path"] == "snapshots/2026-07-03T20-00-00Z.toml"
    assert found["commit"]["id"] == books.git("rev-parse", "HEAD~2")


@pytest.mark.parametrize("name", ["2026-07-02T20:00:00Z", FILE, f"snapshots/{FILE}", "HEAD~1"])
def test_show_by_any_name_finds_the_commit_that_recorded_it(books: Qoc, name: str) -> None:
    found = books.ok("show", name, "--json").json
    assert found["commit"]["id"] == books.git("rev-parse", "HEAD~1")


def test_the_state_of_the_signature_is_shown_where_git_is_told_to(books: Qoc) -> None:
    assert "Signed" not in books.ok("show").out
    books.git("config", "log.showSignature", "true")
    assert "\nSigned: no signature\n" in books.ok("show").out


def test_a_shallow_clone_says_that_it_does_not_know_the_commit(books: Qoc) -> None:
    shallow = books.git.path.parent / "shallow"
    books.git("clone", "-q", "--depth=1", f"file://{books.git.path}", str(shallow))
    old = books("show", "2026-07-01T20:00:00Z", cwd=shallow)
    assert old.code == 0, old.err
    assert old.out.startswith("commit not known: the history that is here is cut")
    newest = books("show", "latest", "--json", cwd=shallow)
    assert newest.json["commit"]["id"] == books.git("rev-parse", "HEAD")
    assert sums(books) == [0, 1_200, -1_060, 0]


def test_a_broken_file_before_the_newest_does_not_hide_it(books: Qoc) -> None:
    path = books.git.path / "snapshots" / FILE
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"\xff")
    books.git("add", str(path))
    books.git("commit", "-qm", "broken")
    result = books.ok("show", "latest")
    assert f"snapshots/{FILE}: not UTF-8 text. It is passed over." in result.err
    assert "2026-07-01T20:00:00Z → 2026-07-03T20:00:00Z" in result.out


@pytest.mark.parametrize("name", ["a b\nc.toml", "-x.toml", "Ä.toml"])
def test_files_that_another_tool_named_are_found_by_name(books: Qoc, name: str) -> None:
    folder = books.git.path / "snapshots"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(dumps(SECOND))
    books.git("add", "--", "snapshots")
    books.git("commit", "-qm", "theirs")
    head = books.git("rev-parse", "HEAD")
    assert books.ok("show", "--json", "--", name).json["commit"]["id"] == head
    assert books.ok("show", "--json", "HEAD").json["path"] == f"snapshots/{name}"
    assert sums(books, "--", FILE, name) == [0, 0, 0, 0]


def test_a_merge_is_not_taken_for_the_commit_of_a_snapshot(books: Qoc) -> None:
    books.git("checkout", "-q", "-b", "side", "HEAD~1")
    side = add(books.git, snapshot(4, account("a", 4, 13_300, since=2, realized=1_293, flow=0)))
    books.git("checkout", "-q", "main")
    books.git("merge", "-q", "--no-ff", "-m", "both", "side")
    found = books.ok("show", "--json").json
    assert found["commit"]["id"] == side
    # 3 and 4 July both tell since the 2nd: 1,293 - 1,200 from 3 to 4 July, + 100 of open P&L regained.
    assert [line["usd"] for line in found["bridge"]["lines"]] == [0, 93, 100, -100]
    assert found["bridge"]["change_usd"] == 93


def test_show_has_the_last_ten_fills_and_all_of_them_on_demand(git: Git) -> None:
    price, fee = Decimal("9.5"), Decimal("0.35")
    fills = tuple(FillRow("main", f"S{n}", "buy", Decimal(n + 1), price, at(1), fee) for n in range(12))
    found = replace(snapshot(1, account("main", 1, 1_000, realized=0, flow=0)), fills=fills)
    shown, everything = tables(found), tables(found, everything=True)
    assert "S2 " in shown
    assert "S1 " not in shown
    assert shown.endswith("… and 2 before them (git qoc show --all)")
    assert [line.split() for line in everything.splitlines()][-12] == [
        "2026-07-01T20:00:00Z", "main", "S0", "buy", "1", "9.50", "0.35",
    ]  # fmt: skip
