"""`git qoc run retrospective` and the demo desk, from the command to the commit."""

from __future__ import annotations

import json
import tomllib
import warnings
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy
import pytest

from tests.cli.qoc import Qoc
from tests.conftest import IDENTITY, Git

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import empyrical

MARKERS = "<!-- qoc:notes -->"
# What three days of one account can be drawn of, with the extra `charts`.
FILES = [
    "research/retrospective-badge.svg",
    "research/retrospective-contribution.svg",
    "research/retrospective-equity.svg",
    "research/retrospective-exposure.svg",
    "research/retrospective-months.svg",
    "research/retrospective.json",
    "research/retrospective.md",
]


@pytest.fixture
def traded(desk: Qoc) -> Qoc:
    """Three days of one paper account: 1,000 USD, a KO position, a deposit on the third day."""
    desk.now = datetime(2017, 6, 28, 20, 5, tzinfo=UTC)
    desk.ok("connect", "equities", "--name", "stocks", "--venue", "paper")
    desk.ok("paper", "deposit", "stocks", "1000")
    desk.ok("paper", "buy", "stocks", "KO", "20")
    desk.pass_time(minutes=1)
    desk.ok("snapshot")
    desk.pass_time(days=1)
    desk.ok("snapshot")
    desk.pass_time(hours=6)
    desk.ok("paper", "deposit", "stocks", "500")
    desk.pass_time(hours=18)
    desk.ok("snapshot")
    return desk


def test_the_report_and_its_pictures_are_one_commit_and_the_same_history_gives_no_second(traded: Qoc) -> None:
    result = traded.ok("run", "retrospective")
    assert "Total return (TWR)" in result.out
    assert traded.git("show", "--format=%s", "--name-only", "HEAD").splitlines() == [
        "retrospective 2017-06-28 to 2017-06-30",
        "",
        *FILES,
    ]
    head = traded.git("rev-parse", "HEAD")
    traded.pass_time(days=100)
    again = traded.ok("run", "retrospective")
    assert traded.git("rev-parse", "HEAD") == head
    assert "says the same" in again.err
    assert traded.git("status", "--porcelain") == ""


def test_a_deposit_is_no_return(traded: Qoc) -> None:
    """closes.csv, KO: 2017-06-28 43.176, 06-29 43.079, 06-30 42.990."""
    report = traded.ok("run", "retrospective", "--json").json
    closes = {}
    text = (Path(__file__).parents[2] / "git_qoc" / "data" / "closes.csv").read_text()
    for line in text.splitlines():
        day, symbol, close = line.split(",")
        if symbol == "KO":
            closes[day] = Decimal(close)
    days = [closes[f"2017-06-{day}"] for day in (28, 29, 30)]
    navs = [1000 + 20 * (close - days[0]) for close in days]
    first = navs[1] / navs[0] - 1
    # The 500 came six hours into the second day: it was there for three quarters of it.
    second = (navs[2] - navs[1]) / (navs[1] + Decimal(500) * 3 / 4)
    assert report["net_flow_usd"] == 500
    assert report["pnl_usd"] == float(navs[2] - navs[0])
    assert [entry["value"] for entry in report["daily_returns"]] == pytest.approx(
        [float(first), float(second)], rel=1e-9
    )
    assert report["total_return"] == pytest.approx(float((1 + first) * (1 + second) - 1), rel=1e-9)


def test_notes_survive_and_the_users_other_changes_do_not_matter(traded: Qoc) -> None:
    traded.ok("run", "retrospective")
    path = traded.git.path / "research" / "retrospective.md"
    noted = path.read_text().replace(MARKERS, f"{MARKERS}\nSold too early.")
    path.write_text(noted)
    traded.pass_time(days=1)
    traded.ok("snapshot")
    traded.ok("run", "retrospective")
    assert "Sold too early." in path.read_text()
    assert "2017-07-01" in path.read_text()
    assert traded.git("status", "--porcelain") == ""


def test_json_prints_and_writes_nothing(traded: Qoc) -> None:
    head = traded.git("rev-parse", "HEAD")
    report = traded.ok("run", "retrospective", "--json").json
    assert {"sharpe_ratio", "max_drawdown", "win_rate", "daily_returns", "reasons"} <= report.keys()
    assert traded.git("rev-parse", "HEAD") == head
    assert traded.git("status", "--porcelain") == ""


def test_what_is_kept_between_runs_changes_no_byte(traded: Qoc) -> None:
    for _ in range(2):
        first = traded.ok("run", "retrospective", "--json").out
        files = list((traded.git.path / ".git" / "qoc").glob("cache-*"))
        assert len(files) == 2
        assert traded.ok("run", "retrospective", "--json").out == first
        for path in files:
            path.write_bytes(path.read_bytes().replace(b"1", b"2"))
        assert traded.ok("run", "retrospective", "--json").out == first
        for path in files:
            path.unlink()
        assert traded.ok("run", "retrospective", "--json").out == first
        traded.pass_time(days=1)
        traded.ok("snapshot")


def test_since_and_until_choose_the_days_and_are_printed(traded: Qoc) -> None:
    args = ("--since", "2017-06-29", "--until", "2017-06-30", "--output", "mine.md")
    traded.ok("run", "retrospective", *args)
    text = (traded.git.path / "mine.md").read_text()
    assert text.startswith("# Retrospective 2017-06-28 to 2017-06-30")
    assert "command line" in text
    assert traded.git("status", "--porcelain") == "?? mine.md"
    traded.ok("run", "retrospective", "--output", "mine.json")
    assert json.loads((traded.git.path / "mine.json").read_text())["n_points"] == 3


def test_no_commit_leaves_the_commit_to_the_user(traded: Qoc) -> None:
    traded.ok("run", "retrospective", "--no-commit")
    assert traded.git("status", "--porcelain").splitlines() == [f"?? {path}" for path in FILES]


def test_an_edited_snapshot_is_named_as_restated(traded: Qoc) -> None:
    name = "snapshots/2017-06-29T20-06-00Z.toml"
    path = traded.git.path / name
    path.write_text(path.read_text().replace("nav_usd        = ", "nav_usd        = 1", 1))
    traded.git("commit", "-qam", "look richer")
    report = traded.ok("run", "retrospective", "--json").json
    assert any(entry["kind"] == "restated" for entry in report["data_quality"])
    assert "edited since" in traded.ok("log").out


def test_an_outage_is_no_loss(traded: Qoc) -> None:
    traded.ok("connect", "cash", "--name", "bank", "--env-prefix", "B_")
    before = traded.ok("run", "retrospective", "--json").json
    traded.pass_time(days=1)
    traded.ok("snapshot")
    after = traded.ok("run", "retrospective", "--json").json
    assert after["total_return"] == before["total_return"]
    assert after["max_drawdown"] == before["max_drawdown"]


def returns_of(git: Git) -> Any:
    """Daily returns of the committed files, by rule 5 and without our code, as empyrical takes them."""
    points = []
    for path in git("ls-files", "snapshots/*.toml").splitlines():
        file = tomllib.loads((git.path / path).read_text())
        flows = [(datetime.fromisoformat(row["time"]), row["amount_usd"]) for row in file.get("flow", [])]
        points.append((datetime.fromisoformat(file["meta"]["timestamp"]), file["meta"]["nav_usd"], flows))
    values = []
    for (start, before, _), (end, after, flows) in pairwise(sorted(points)):
        moved = sum(amount for _, amount in flows)
        weighed = sum(amount * ((end - time) / (end - start)) for time, amount in flows)
        values.append((after - before - moved) / (before + weighed))
    return numpy.array(values)


def test_the_demo_gives_the_same_navs_twice_and_a_desk_that_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine where git knows nobody, too."""
    for key in IDENTITY:
        monkeypatch.delenv(key)
    monkeypatch.setenv("EMAIL", "")
    navs = []
    qoc = Qoc(Git(tmp_path))
    for name in ("demo", "two"):
        result = qoc("demo", name, cwd=tmp_path)
        assert result.code == 0, result.err
        qoc.git = Git(tmp_path / name)
        navs.append(qoc.git("log", "--format=%(trailers:key=Qoc-Nav-Usd,valueonly,separator=)"))
        assert qoc.git("status", "--porcelain") == ""
        assert qoc.git("fsck", "--strict", "--no-dangling") == ""
    assert navs[0] == navs[1]
    lines = qoc.ok("log", "--json").json
    assert len(lines) == 261
    assert [line["note"] for line in lines[:2]] == ["", "back-filled"]
    assert qoc.ok("check", "desk.toml").code == 0
    report = qoc.ok("run", "retrospective", "--json").json
    # P&L and flows are exact: NAV at the end is what came in plus what was earned.
    assert report["nav_end_usd"] == pytest.approx(
        report["nav_start_usd"] + report["net_flow_usd"] + report["pnl_usd"]
    )
    assert report["net_flow_usd"] == 7000
    # demo.toml: 300 KO and 120 XOM bought on 2016-07-05 and sold on 2016-11-09 and 2017-02-01, without
    # fees, at that day's close of closes.csv: 300 · (34.067 − 36.317) and 120 · (60.44 − 66.622).
    trades = report["trades"]
    assert [(t["symbol"], t["entry_price"], t["exit_price"]) for t in trades["rows"]] == [
        ("KO", 36.317, 34.067),
        ("XOM", 66.622, 60.44),
    ]
    assert [t["pnl_usd"] for t in trades["rows"]] == [-675, -741.84]
    assert (trades["closed"], trades["lost"], trades["open"], trades["unknown"]) == (2, 2, 5, [])
    # Nothing that was realized is in neither: closed trades, or partial closes of what is still open.
    assert trades["pnl_usd"] + trades["open_realized_usd"] == pytest.approx(report["realized_pnl_usd"])
    independent = returns_of(qoc.git)
    assert [entry["value"] for entry in report["daily_returns"]] == pytest.approx(independent, abs=1e-12)
    theirs = {
        "total_return": empyrical.cum_returns_final(independent),
        "sharpe_ratio": empyrical.sharpe_ratio(independent, annualization=252),
        "max_drawdown": empyrical.max_drawdown(independent),
        "volatility": empyrical.annual_volatility(independent, annualization=252),
    }
    assert {name: report[name] for name in theirs} == pytest.approx(theirs, rel=1e-9)
    refused = qoc("demo", ".")
    assert refused.code == 129
    assert "is not empty" in refused.err
    # The report that the README shows is the one that the demo writes; `make docs` renews it.
    for shown in sorted((Path(__file__).parents[2] / "docs" / "demo").iterdir()):
        assert shown.read_bytes() == (tmp_path / "demo" / "research" / shown.name).read_bytes(), shown.name


def test_choices_of_the_desk_are_used_and_printed_with_their_origin(traded: Qoc) -> None:
    path = traded.git.path / "desk.toml"
    path.write_text(path.read_text() + '\n[retrospective]\nperiods_per_year = 12\nday_cutoff = "16:05"\n')
    traded.git("commit", "-qam", "choose")
    report = traded.ok("run", "retrospective", "--json").json
    assert report["periods_per_year"] == 12
    traded.ok("run", "retrospective")
    lines = (traded.git.path / "research" / "retrospective.md").read_text().splitlines()
    row = next(line for line in lines if "periods per year" in line)
    assert [cell.strip() for cell in row.split("|")[1:4]] == ["periods per year", "12", "desk.toml"]
    path.write_text(path.read_text().replace("= 12", '= "often"'))
    traded.git("commit", "-qam", "mistake")
    refused = traded("run", "retrospective")
    assert refused.code == 128
    assert refused.err.startswith("HEAD:desk.toml:")


def test_a_day_is_one_of_the_desks_zone(traded: Qoc) -> None:
    """20:06 UTC is the next day in Tokyo."""
    path = traded.git.path / "desk.toml"
    path.write_text(path.read_text().replace('"UTC"', '"Asia/Tokyo"'))
    traded.git("commit", "-qam", "move")
    assert traded.ok("run", "retrospective", "--json").json["start"] == "2017-06-29"


def test_a_move_to_month_folders_after_a_new_account_changes_no_figure(traded: Qoc) -> None:
    before = traded.ok("run", "retrospective", "--json").json
    traded.ok("connect", "cash", "--name", "late", "--venue", "paper")
    folder = traded.git.path / "snapshots" / "2017" / "06"
    folder.mkdir(parents=True)
    for path in sorted((traded.git.path / "snapshots").glob("*.toml")):
        traded.git("mv", str(path), str(folder))
    traded.git("commit", "-qm", "by month")
    after = traded.ok("run", "retrospective", "--json").json
    assert {**after, "data_quality": []} == {**before, "data_quality": []}


def test_rows_behind_the_positions_of_another_tool_are_read(desk: Qoc) -> None:
    """A deposit of 10,000 between 100,000 and 110,500: 0.5 % of what was there, not 10.5 %."""
    text = '[meta]\ntimestamp = "2026-03-0{}T21:00:00Z"\nnav_usd = {}\nconnectors = ["a"]\n'
    text += '\n[[position]]\nconnector = "a"\nsymbol = "X"\nquantity = 1\n'
    flow = (
        '\n[[flow]]\ntime = "2026-03-03T21:00:00Z"\nconnector = "a"\nkind = "deposit"\namount_usd = 10000\n'
    )
    for day, nav, more in ((2, 100_000, ""), (3, 110_500, flow)):
        path = desk.git.path / "snapshots" / f"2026-03-0{day}T21-00-00Z.toml"
        path.write_text(text.format(day, nav) + more)
        desk.git("add", ".")
        desk.git("commit", "-qm", f"day {day}")
    assert desk.ok("run", "retrospective", "--json").json["total_return"] == pytest.approx(0.005)
