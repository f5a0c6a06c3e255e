"""`git qoc log` over real repositories; the pager and colours are in test_pager."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from git_qoc.snapshots.snapshot import FlowRow
from tests.cli.qoc import Qoc
from tests.cli.record import at, path_of, take, write
from tests.history.desk import make

DAYS = ("2026-07-01", "2026-07-02", "2026-07-03", "2026-07-04")
NAVS = ("1000", "1010", "1010", "909")


def stamp(day: str) -> str:
    return f"{day}T16:00:00Z"


@pytest.fixture
def four(desk: Qoc) -> Qoc:
    """Four daily snapshots: up 1 %, flat, down 10 %; nothing flowed."""
    for day, nav in zip(DAYS, NAVS, strict=True):
        take(desk, stamp(day), nav)
    return desk


def days(desk: Qoc, *args: str, cwd: Path | None = None) -> list[str]:
    result = desk("log", "--json", *args, cwd=cwd)
    assert result.code == 0, result.err
    return [line["timestamp"][:10] for line in result.json]


def raw(desk: Qoc, *args: str, cwd: Path | None = None) -> bytes:
    """The bytes that a process of its own prints."""
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-m", "git_qoc", "log", *args],
        cwd=cwd or desk.git.path,
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def test_change_and_return_are_to_the_snapshot_before_also_when_it_is_not_shown(four: Qoc) -> None:
    lines = four.ok("log", "--json").json
    assert [line["change_usd"] for line in lines] == [-101, 0, 10, None]
    assert [line["period_return"] for line in lines] == [pytest.approx(-0.1), 0, pytest.approx(0.01), None]
    assert four.ok("log", "--json", "-n", "1").json == lines[:1]
    assert four.ok("log", "--json", "--", path_of(stamp(DAYS[1]))).json == lines[2:3]


def test_the_table_is_at_most_100_columns_and_says_what_the_json_says(four: Qoc) -> None:
    out = four.ok("log").out.splitlines()
    head = four.git("rev-parse", "HEAD")[:10]
    assert out[0].split() == ["time", "NAV", "USD", "change", "return", "flows", "commit"]
    assert out[2].split() == ["2026-07-04T16:00:00Z", "909.00", "-101.00", "-10.00%", "0.00", head]
    assert out[3].split()[2:5] == ["0.00", "0.00%", "0.00"]
    assert max(map(len, out)) <= 100


@pytest.mark.parametrize(
    "more",
    [
        {"net_flow_usd": Decimal(5)},
        {"net_flow_usd": None},
        {"degraded": ("other",)},
        {"connectors": ("main", "other")},
        {"since": at("2026-06-30T16:00:00Z")},
        {"flows": (FlowRow(at(stamp(DAYS[1])), "main", "deposit", Decimal(0)),)},
    ],
)
def test_no_return_is_claimed_where_the_change_may_be_something_else(desk: Qoc, more: dict[str, Any]) -> None:
    take(desk, stamp(DAYS[0]), "1000")
    take(desk, stamp(DAYS[1]), "1010", **more)
    (line, _) = desk.ok("log", "--json").json
    assert line["change_usd"] == 10
    assert line["period_return"] is None


def test_reverse_turns_the_newest_around(four: Qoc) -> None:
    assert days(four, "-n", "2") == ["2026-07-04", "2026-07-03"]
    assert days(four, "-2", "--reverse") == ["2026-07-03", "2026-07-04"]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (("--since", "2026-07-03"), DAYS[2:]),
        (("--until", "2026-07-02"), DAYS[:2]),
        (("--since", "2026-07-02", "--until", "2026-07-03"), DAYS[1:3]),
        (("--since", "2026-07-03T16:00:00Z", "--until", "2026-07-03T16:00:00Z"), DAYS[2:3]),
        (("--since", "2026-07-03T16:00:01Z"), DAYS[3:]),
        (("--until", "2026-07-03T15:59:59.999999Z"), DAYS[:2]),
        (("--since", "2d"), DAYS[2:]),  # the clock says 2026-07-05T16:00Z
        (("--since", "yesterday"), DAYS[3:]),
        (("--since", "2026-08"), ()),
        (("--until", "2026-07-03", "-n", "1"), DAYS[2:3]),
    ],
)
def test_since_and_until_are_about_the_snapshots_own_time(
    four: Qoc, args: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert days(four, "--reverse", *args) == list(expected)


def test_a_day_is_the_desks_and_times_are_shown_in_its_zone(desk: Qoc) -> None:
    file = desk.git.path / "desk.toml"
    write(
        desk, "desk.toml", '[workspace]\ntimezone = "America/New_York"\n\n[retrospective]\ntimezone = "UTC"\n'
    )
    take(desk, "2026-07-03T03:30:00Z", "10")  # 23:30 on the 2nd in New York
    file.write_text("not toml")  # the revision's counts
    assert days(desk, "--until", "2026-07-02") == ["2026-07-03"]
    assert days(desk, "--since", "2026-07-03") == []
    assert "2026-07-02T23:30:00-04:00" in desk.ok("log").out


def test_a_date_without_offset_is_refused_where_the_zone_is_not_known(four: Qoc) -> None:
    write(four, "desk.toml", "[workspace\n")
    result = four("log", "--since", "2026-07-03")
    assert (result.code, result.out) == (128, "")
    assert "time zone" in result.err
    assert days(four, "--since", "2026-07-04T00:00Z") == ["2026-07-04"]
    assert "2026-07-04T16:00:00Z" in four.ok("log").out


@pytest.mark.parametrize("date", ["garbage", "2026-02-30", ""])
def test_a_date_that_cannot_be_meant_is_usage_and_prints_nothing(four: Qoc, date: str) -> None:
    result = four("log", "--since", date)
    assert (result.code, result.out) == (129, "")
    assert "--since: expected" in result.err
    assert four("log", "--since", "2026-07-04", "--until", "2026-07-01").code == 129


def test_a_revision_has_its_own_record_and_a_range_what_its_commits_recorded(four: Qoc) -> None:
    assert days(four, "HEAD~2") == ["2026-07-02", "2026-07-01"]
    assert days(four, "HEAD~3..HEAD~1") == ["2026-07-03", "2026-07-02"]
    assert days(four, "HEAD~1..") == ["2026-07-04"]
    assert days(four, "^HEAD~1", "HEAD") == ["2026-07-04"]
    assert days(four, "HEAD..HEAD") == []
    four.git("tag", "-a", "-m", "x", "month-end", "HEAD~1")
    assert days(four, "month-end", "-n", "1") == ["2026-07-03"]


def test_a_range_finds_what_was_committed_by_hand(four: Qoc) -> None:
    text = '[meta]\ntimestamp = "2026-07-01T09:00:00Z"\nnav_usd = 7\n'
    commit = write(four, "snapshots/2026-07-01T09-00-00Z.toml", text)
    (line,) = four.ok("log", "--json", "HEAD~1..HEAD").json
    assert (line["commit"], line["nav_usd"], line["cash_usd"]) == (commit, 7, None)


@pytest.mark.parametrize(
    "words", [("nosuch",), ("HEAD", "HEAD~1"), ("HEAD...HEAD~1",), ("nosuch", "--"), ("HEAD:desk.toml",)]
)
def test_what_is_neither_a_revision_nor_a_path_is_refused(four: Qoc, words: tuple[str, ...]) -> None:
    result = four("log", *words)
    assert (result.code, result.out) == (128, "")
    assert len(result.err.splitlines()) == 1


def test_a_word_that_is_both_a_revision_and_a_path_needs_the_dashes(four: Qoc) -> None:
    four.git("branch", "snapshots", "HEAD~3")
    assert "both a revision and a path" in four("log", "snapshots").err
    assert days(four, "snapshots", "--") == ["2026-07-01"]
    assert len(days(four, "--", "snapshots")) == 4


def test_pathspecs_have_gits_magic_and_are_relative_to_the_folder(four: Qoc) -> None:
    below = four.git.path / "snapshots"
    for args, cwd, expected in (
        (("snapshots/*-02T*",), None, DAYS[1:2]),
        (("--", "*-02T*", "*-03T*"), below, DAYS[1:3]),
        (("--", ":(top)snapshots/*-02T*"), below, DAYS[1:2]),
        (("--", ":!*-02T*"), below, (DAYS[0], *DAYS[2:])),
        (("--", ":(icase)SNAPSHOTS/2026-07-02t*"), None, DAYS[1:2]),
        (("--", ":(glob)*.toml"), None, ()),
        (("--", ":(glob)**/*-04T*.toml"), None, DAYS[3:]),
        (("HEAD~1", "--", "snapshots/"), None, DAYS[:3]),
        (("--", "research"), None, ()),
    ):
        assert days(four, "--reverse", *args, cwd=cwd) == list(expected), args
    listed = four.git("ls-files", ":(glob)**/*-0[13]T*.toml").splitlines()
    assert [
        line["path"] for line in four.ok("log", "--reverse", "--json", "--", ":(glob)**/*-0[13]T*.toml").json
    ] == listed


def test_the_newest_n_are_the_first_n_of_all_whatever_is_in_the_record(four: Qoc) -> None:
    write(four, "snapshots/close.toml", '[meta]\ntimestamp = "2026-07-02T20:00:00Z"\nnav_usd = 5\n')
    write(four, path_of("2026-07-03T20:00:00Z"), "broken")
    write(four, path_of("2026-07-04T18:00:00Z"), '[meta]\ntimestamp = "2020-01-01T00:00:00Z"\nnav_usd = 3\n')
    take(four, "2026-07-02T16:00:00Z", "1020", path="snapshots/2026/2026-07-02T16-00-00Z.toml")
    take(four, "2026-07-04T16:00:00.250000Z", "910")
    take(four, "2026-06-01T16:00:00Z", "900", backfill=True)
    four.git("commit", "-q", "--allow-empty", "-m", "not a snapshot")
    every = four.ok("log", "--json").json
    assert len(every) == 9
    for count in range(1, 11):
        assert four.ok("log", "--json", "-n", str(count)).json == every[:count]
    assert four.ok("log", "--json", "--since", "2020-01-01").json == every
    assert four.ok("log", "--json", "--", ".").json == every


def test_a_desk_below_the_top_with_sha256_objects_is_read_the_same(tmp_path: Path) -> None:
    git = make(tmp_path / "mono", "--object-format=sha256")
    desk = tmp_path / "mono" / "books" / "my desk"
    (desk / "snapshots").mkdir(parents=True)
    qoc = Qoc(git)
    write(qoc, "books/my desk/desk.toml", "")
    for day in DAYS:
        take(qoc, stamp(day), "7", path=f"books/my desk/{path_of(stamp(day))}")
    assert days(qoc, "-n", "1", cwd=desk) == ["2026-07-04"]
    assert days(qoc, "--", "*-02T*", cwd=desk / "snapshots") == ["2026-07-02"]
    (line,) = qoc("log", "--json", "HEAD~1..HEAD", cwd=desk).json
    assert (line["commit"], len(line["blob"])) == (git("rev-parse", "HEAD"), 64)


def test_a_merge_of_two_clones_is_in_the_order_of_time_with_the_commits_that_recorded(four: Qoc) -> None:
    four.git("checkout", "-q", "-b", "other", "HEAD~2")
    theirs = take(four, "2026-07-03T12:00:00Z", "1")
    four.git("checkout", "-q", "main")
    ours = four.git("rev-parse", "HEAD")
    four.git("merge", "-q", "-m", "both", "other")
    lines = four.ok("log", "--json", "-n", "3").json
    assert [line["timestamp"][8:13] for line in lines] == ["04T16", "03T16", "03T12"]
    assert [line["commit"] for line in lines] == [ours, four.git("rev-parse", f"{ours}~1"), theirs]
    assert [line["commit"] for line in four.ok("log", "--json", "main~1..main").json] == [theirs]


def test_a_path_outside_and_broken_magic_are_gits_complaints(four: Qoc) -> None:
    for spec in ("../elsewhere", ":(nosuch)x"):
        result = four("log", "--", spec)
        assert (result.code, result.out) == (128, "")
        assert len(result.err.splitlines()) == 1


def test_what_is_special_is_flagged_and_noted(desk: Qoc) -> None:
    take(desk, stamp(DAYS[0]), "1000", backfill=True)
    take(desk, stamp(DAYS[1]), "1000", degraded=("crypto", "sweep"))
    take(desk, stamp(DAYS[2]), "1000")
    take(desk, stamp(DAYS[2]), "1001", path="snapshots/copy/2026-07-03T16-00-00Z.toml")
    take(desk, stamp(DAYS[3]), "1000", path="snapshots/2026-07-04T17-00-00Z.toml")
    lines = desk.ok("log", "--json", "--reverse").json
    assert [line["flags"] for line in lines] == [
        ["backfill"],
        ["degraded"],
        ["same-time"],
        ["same-time"],
        ["misnamed"],
    ]
    assert lines[1]["degraded"] == ["crypto", "sweep"]
    assert [line["note"] for line in lines[:2]] == ["back-filled", "without crypto, sweep"]


@pytest.mark.parametrize("args", [(), ("-n", "1"), ("HEAD~1..HEAD",), ("--since", "2026-07-04")])
@pytest.mark.parametrize("trailers", [False, True])
def test_an_edit_is_found_with_the_commit_that_made_it(
    four: Qoc, args: tuple[str, ...], trailers: bool
) -> None:
    path = path_of(stamp(DAYS[3]))
    text = (four.git.path / path).read_text().replace("909.00", "999.00")
    blob = four.git("hash-object", "--stdin", stdin=text)
    message = f"honest\n\nQoc-Snapshot: {path}\nQoc-Blob: {blob}" if trailers else "by hand"
    commit = write(four, path, text, message)
    line = four.ok("log", "--json", *args).json[0]
    assert (line["flags"], line["note"], line["nav_usd"]) == (["edited"], "edited since", 999)
    assert (line["commit"], line["blob"]) == (commit, blob)


@pytest.mark.parametrize("args", [(), ("-n", "4")])
def test_a_move_to_another_folder_keeps_the_commit_and_is_no_edit(four: Qoc, args: tuple[str, ...]) -> None:
    before = [line["commit"] for line in four.ok("log", "--json").json]
    (four.git.path / "snapshots" / "2026" / "07").mkdir(parents=True)
    for day in DAYS:
        name = path_of(stamp(day)).rpartition("/")[2]
        four.git("mv", f"snapshots/{name}", f"snapshots/2026/07/{name}")
    four.git("commit", "-qm", "monthly")
    lines = four.ok("log", "--json", *args).json
    assert [line["commit"] for line in lines] == before
    assert {tuple(line["flags"]) for line in lines} == {("moved",)}


def test_a_file_that_is_no_snapshot_is_warned_of_and_does_not_count(four: Qoc) -> None:
    write(four, path_of("2026-07-03T20:00:00Z"), "nav = lots\n")
    result = four.ok("log", "--json", "-n", "2")
    assert [line["timestamp"][:10] for line in result.json] == ["2026-07-04", "2026-07-03"]
    assert result.json[0]["change_usd"] == -101
    assert result.err.startswith("warning: snapshots/2026-07-03T20-00-00Z.toml: not a snapshot")
    (four.git.path / path_of("2026-07-03T20:00:00Z")).write_bytes(b"\xff")
    four.git("commit", "-qam", "worse")
    assert "not UTF-8 text" in four.ok("log").err


def test_a_record_of_which_nothing_can_be_read_says_so(qoc: Qoc) -> None:
    (qoc.git.path / "desk.toml").write_text("")
    write(qoc, "snapshots/2026-07-02T20-00-00Z.toml", "nav = 1\n")
    assert qoc.ok("log").err.endswith("\nThe only snapshot cannot be read.\n")


def test_a_file_of_another_name_stands_where_its_timestamp_says(four: Qoc) -> None:
    write(four, "snapshots/close.toml", '[meta]\ntimestamp = "2026-07-02T20:00:00Z"\nnav_usd = 5\n')
    assert days(four) == ["2026-07-04", "2026-07-03", "2026-07-02", "2026-07-02", "2026-07-01"]
    assert four.ok("log", "--json", "-n", "3").json[2]["path"] == "snapshots/close.toml"
    assert four.ok("log", "--json", "-n", "3").json[2]["flags"] == []


def test_an_unborn_branch_and_a_desk_without_snapshots_say_so(qoc: Qoc) -> None:
    (qoc.git.path / "desk.toml").write_text("")
    for _ in range(2):
        result = qoc.ok("log", "--since", "1d")
        assert (result.out, result.err) == (
            "",
            "There is no snapshot yet. Take one with `git qoc snapshot`.\n",
        )
        assert qoc.ok("log", "--json").json == []
        assert qoc.ok("log", "--porcelain").out == ""
        qoc.git("add", ".")
        qoc.git("commit", "-q", "--allow-empty", "-m", "a desk")
    assert qoc("log", "HEAD~9").code == 128
    assert qoc.ok("log", "HEAD").err == "There is no snapshot in that revision.\n"


def test_what_matches_nothing_says_so_on_stderr(four: Qoc) -> None:
    result = four.ok("log", "--since", "2026-07-05")
    assert (result.out, result.err) == ("", "None of the 4 snapshots matches.\n")


def test_a_bare_clone_reads_the_same_and_a_shallow_one_says_it_is_cut(four: Qoc, tmp_path: Path) -> None:
    four.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    assert four("log", cwd=tmp_path / "bare.git") == four("log")
    assert days(four, "--", "snapshots/*-02T*", cwd=tmp_path / "bare.git") == ["2026-07-02"]
    url = f"file://{four.git.path}"
    four.git("clone", "-q", "--depth", "2", url, str(tmp_path / "cut"))
    result = four("log", "--json", cwd=tmp_path / "cut")
    assert "shallow" in result.err
    commits = [line["commit"] for line in four.ok("log", "--json").json]
    assert [line["commit"] for line in result.json][:2] == commits[:2]
    assert set(result.json[3]["flags"]) == set()


def test_porcelain_is_ten_fields_with_all_digits_and_nothing_for_unknown(desk: Qoc) -> None:
    first = take(desk, stamp(DAYS[0]), "1234567.125", net_flow_usd=None)
    second = take(
        desk,
        stamp(DAYS[1]),
        "-2",
        cash_usd=Decimal("0.1"),
        realized_pnl=Decimal("-3.5"),
        unrealized_pnl=Decimal(4),
        degraded=("x",),
        backfill=True,
    )
    blobs = [desk.git("rev-parse", f"HEAD:{path_of(stamp(day))}") for day in DAYS[:2]]
    expected = [
        [
            stamp(DAYS[1]),
            "-2",
            "0.1",
            "-3.5",
            "4",
            "0",
            second,
            blobs[1],
            "backfill,degraded",
            path_of(stamp(DAYS[1])),
        ],
        [stamp(DAYS[0]), "1234567.125", "", "", "", "", first, blobs[0], "", path_of(stamp(DAYS[0]))],
    ]
    assert [line.split("\t") for line in desk.ok("log", "--porcelain").out.splitlines()] == expected
    assert [r.split("\t") for r in raw(desk, "-z").decode().split("\0")[:-1]] == expected


@pytest.mark.parametrize(
    "name", ["plain", "a b", "new\nline", "tab\t", 'quote"', "back\\slash", "\x1b[31m", "é", "\x9b", "\udcff"]
)
def test_paths_are_quoted_as_git_quotes_them_and_raw_with_z(desk: Qoc, name: str) -> None:
    path = f"snapshots/{name}.toml"
    file = desk.git.path / path
    file.write_text('[meta]\ntimestamp = "2026-07-01T00:00:00Z"\nnav_usd = 1\n')
    desk.git("add", "-A")
    desk.git("commit", "-qm", "odd")
    assert raw(desk, "-z").split(b"\t", 9)[-1] == os.fsencode(path) + b"\0"
    for quote in ("true", "false"):
        desk.git("config", "core.quotePath", quote)
        listed = subprocess.run(
            ["git", "ls-files", "snapshots/*.toml"], cwd=desk.git.path, capture_output=True, check=True
        )
        ours = raw(desk, "--porcelain").split(b"\t", 9)[-1]
        if quote == "false" and not name.isprintable():
            # git prints the bytes; here nothing that a terminal may obey is printed.
            assert ours.isascii()
        else:
            assert ours == listed.stdout
    assert days(desk, "--", f":(literal){path}") == ["2026-07-01"]


def test_json_and_porcelain_exclude_each_other(four: Qoc) -> None:
    assert four("log", "--json", "--porcelain").code == 129
    assert four("log", "--json", "-z").code == 129


def test_json_stays_json_whatever_a_file_says(desk: Qoc) -> None:
    write(
        desk,
        "snapshots/x.toml",
        '[meta]\ntimestamp = "2026-07-01T00:00:00Z"\nnav_usd = 1\n'
        'degraded = ["\\u009b1m\\u001b[2J\\u202ex"]\n',
    )
    (line,) = desk.ok("log", "--json").json
    assert line["degraded"] == ["\x9b1m\x1b[2J\u202ex"]
    assert "\x1b" not in desk.ok("log").out
    assert "without \\x9b1m\\x1b[2J\\u202ex" in desk.ok("log").out


def test_a_limited_log_neither_reads_nor_walks_what_it_does_not_need(desk: Qoc) -> None:
    """What is missing there is not missed: a blob, then a commit."""
    for day in range(1, 29):
        take(desk, f"2026-05-{day:02}T16:00:00Z", str(1000 + day))
    for name in ("HEAD~20:snapshots/2026-05-08T16-00-00Z.toml", "HEAD~20"):
        object_id = desk.git("rev-parse", name)
        (desk.git.path / ".git" / "objects" / object_id[:2] / object_id[2:]).unlink()
        result = desk.ok("log", "-n", "5", "--json")
        assert [line["timestamp"][8:10] for line in result.json] == ["28", "27", "26", "25", "24"]
        assert all(line["commit"] for line in result.json)
        assert desk("log").code == 128


def test_nothing_new_is_imported_when_stdout_is_no_terminal(four: Qoc) -> None:
    code = (
        "import sys; from git_qoc.cli.main import run; run(['log', '-n', '2']);"
        "heavy = {'tabulate', 'pygit2', 'pydantic', 'git_qoc.cli.pager', 'git_qoc.cli.colour',"
        " 'git_qoc.tasks.dates', 'git_qoc.history.provenance'};"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=four.git.path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == "[]\n"
