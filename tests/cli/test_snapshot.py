"""A snapshot from the command to the commit, over paper venues; over HTTP in test_alpaca_desk."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.cli.qoc import Qoc

# closes.csv: AAPL 2017-07-03 34.012? read from the file by the venue; here only sums are claimed.
CLOSE = datetime(2017, 7, 3, 20, 5, tzinfo=UTC)


@pytest.fixture
def funded(desk: Qoc) -> Qoc:
    """Two paper venues: 10,000 USD with 100 KO bought, and 500 USD in cash."""
    desk.now = CLOSE
    desk.ok("connect", "equities", "--name", "stocks", "--venue", "paper")
    desk.ok("connect", "cash", "--name", "cash", "--venue", "paper")
    desk.ok("paper", "deposit", "stocks", "10000")
    desk.ok("paper", "buy", "stocks", "KO", "100")
    desk.ok("paper", "deposit", "cash", "500")
    desk.pass_time(minutes=1)
    return desk


def committed(qoc: Qoc) -> dict[str, Any]:
    path = qoc.git("show", "--format=", "--name-only", "HEAD")
    return tomllib.loads(qoc.git("show", f"HEAD:{path}"), parse_float=Decimal)


def test_a_snapshot_is_one_path_with_trailers_that_hold(funded: Qoc) -> None:
    funded.ok("snapshot", "-m", "first look")
    path = funded.git("show", "--format=", "--name-only", "HEAD")
    assert path == "snapshots/2017-07-03T20-06-00Z.toml"
    assert funded.git("log", "-1", "--format=%s") == "snapshot 2017-07-03T20:06:00Z: NAV 10,500.00 USD"
    assert "first look" in funded.git("log", "-1", "--format=%b")

    def trailer(key: str) -> str:
        return funded.git("log", "-1", f"--format=%(trailers:key={key},valueonly,separator=)")

    assert trailer("Qoc-Snapshot") == path
    assert trailer("Qoc-Blob") == funded.git("rev-parse", f"HEAD:{path}")
    assert trailer("Qoc-Nav-Usd") == "10500"
    assert Decimal(trailer("Qoc-Unrealized-Pnl")) == committed(funded)["meta"]["unrealized_pnl"]
    assert trailer("Qoc-Net-Flow-Usd") == trailer("Qoc-Degraded") == ""  # nothing to tell


def test_each_snapshot_says_which_one_it_was_measured_from(funded: Qoc) -> None:
    funded.ok("snapshot")
    first = committed(funded)
    funded.pass_time(hours=1)
    funded.ok("snapshot")
    second = committed(funded)
    assert "since" not in first["meta"]
    assert second["meta"]["since"] == first["meta"]["timestamp"]
    assert [row["since"] for row in second["account"]] == [row["as_of"] for row in first["account"]]


def test_a_monthly_record_has_a_folder_a_month_and_is_read_with_the_flat_one(funded: Qoc) -> None:
    funded.ok("snapshot")
    path = funded.git.path / "desk.toml"
    path.write_text(path.read_text() + '\n[history]\nlayout = "monthly"\n')
    funded.git("commit", "-qam", "monthly")
    funded.pass_time(days=40)
    funded.ok("snapshot")
    funded.ok("snapshot")  # within the same second
    assert funded.git("ls-files", "snapshots/*.toml").splitlines() == [
        "snapshots/2017-07-03T20-06-00Z.toml",
        "snapshots/2017/08/2017-08-12T20-06-00.000001Z.toml",
        "snapshots/2017/08/2017-08-12T20-06-00Z.toml",
    ]
    assert [line["path"] for line in funded.ok("log", "--reverse", "--json").json] == [
        "snapshots/2017-07-03T20-06-00Z.toml",
        "snapshots/2017/08/2017-08-12T20-06-00Z.toml",
        "snapshots/2017/08/2017-08-12T20-06-00.000001Z.toml",
    ]
    assert committed(funded)["meta"]["since"] == "2017-08-12T20:06:00Z"


def test_nav_is_cash_plus_positions_and_the_second_says_what_moved(funded: Qoc) -> None:
    funded.ok("snapshot")
    first = committed(funded)["meta"]
    funded.pass_time(hours=1)
    funded.ok("paper", "deposit", "cash", "250")
    funded.ok("paper", "sell", "stocks", "KO", "100")
    funded.pass_time(hours=1)
    funded.ok("snapshot")
    snapshot = committed(funded)
    meta = snapshot["meta"]
    assert meta["nav_usd"] == meta["cash_usd"] == 10750
    assert meta["net_flow_usd"] == 250
    assert meta["realized_pnl"] == 0
    assert "position" not in snapshot
    assert first["connectors"] == ["stocks", "cash"]
    assert "net_flow_usd" not in first


def test_the_users_index_and_files_are_not_touched(funded: Qoc) -> None:
    top = funded.git.path
    for name in ("staged", "modified", "removed"):
        (top / name).write_text("one\n")
    funded.git("add", ".")
    funded.git("commit", "-qm", "files")
    (top / "staged").write_text("two\n")
    (top / "new").write_text("new\n")
    (top / "intent").write_text("later\n")
    (top / "untracked").write_text("?\n")
    funded.git("add", "staged", "new")
    funded.git("add", "-N", "intent")
    funded.git("rm", "-q", "--cached", "removed")
    (top / "modified").write_text("two\n")
    before = funded.git("status", "--porcelain=v2")
    funded.ok("snapshot")
    assert funded.git("status", "--porcelain=v2") == before
    assert funded.git("show", "--format=", "--name-only", "HEAD").startswith("snapshots/")
    assert funded.git("fsck", "--strict", "--no-dangling") == ""


def test_two_snapshots_in_one_second_are_two_files(funded: Qoc) -> None:
    funded.ok("snapshot")
    funded.now = funded.now.replace(microsecond=250000)
    funded.ok("snapshot")
    names = funded.git("ls-tree", "--name-only", "HEAD", "snapshots/").splitlines()
    assert names[-2:] == [
        "snapshots/2017-07-03T20-06-00.250000Z.toml",
        "snapshots/2017-07-03T20-06-00Z.toml",
    ]
    latest = funded.ok("status", "--snapshot", "latest", "--json").json
    assert latest["path"].endswith("00.250000Z.toml")


def test_a_degraded_venue_is_left_out_and_named(funded: Qoc) -> None:
    funded.ok("connect", "crypto", "--name", "coins", "--env-prefix", "CX_")
    result = funded.ok("snapshot")
    assert "CX_API_KEY, which is not set" in result.err
    meta = committed(funded)["meta"]
    assert isinstance(meta, dict)
    assert meta["degraded"] == ["coins"]
    assert meta["connectors"] == ["stocks", "cash"]
    assert meta["nav_usd"] == 10500
    before = funded.state()
    refused = funded("snapshot", "--strict")
    assert refused.code == 1
    assert funded.state() == before


def test_with_no_readable_venue_nothing_is_written(desk: Qoc) -> None:
    assert desk("snapshot").code == 1
    desk.ok("connect", "crypto", "--name", "coins", "--env-prefix", "CX_")
    before = desk.state()
    result = desk("snapshot")
    assert (result.code, desk.state()) == (1, before)
    assert "no venue could be read" in result.err
    assert list((desk.git.path / "snapshots").iterdir()) == [desk.git.path / "snapshots" / ".gitkeep"]


def test_no_commit_writes_the_file_only(funded: Qoc) -> None:
    head = funded.git("rev-parse", "HEAD")
    result = funded.ok("snapshot", "--no-commit", "--json").json
    assert result["commit"] is None
    assert funded.git("rev-parse", "HEAD") == head
    assert funded.git("status", "--porcelain") == f"?? {result['path']}"


def test_log_prints_nav_change_flows_and_commit(funded: Qoc) -> None:
    funded.ok("snapshot")
    funded.pass_time(days=1)
    funded.ok("paper", "deposit", "cash", "100")
    funded.pass_time(minutes=1)
    funded.ok("snapshot")
    newest, oldest = funded.ok("log", "--json").json
    assert (newest["nav_usd"], newest["change_usd"], newest["net_flow_usd"]) == (10600, 100, 100)
    assert oldest["change_usd"] is None
    assert newest["commit"] == funded.git("rev-parse", "HEAD")
    assert funded.ok("log", "--json", "--reverse").json == [oldest, newest]
    assert funded.ok("log", "--json", "-n", "1").json == [newest]
    assert "10,600.00" in funded.ok("log").out


@pytest.mark.parametrize("which", ["latest", "HEAD", "2017-07-03T20:06:00Z", "2017-07-03T16:06:00-04:00"])
def test_status_shows_a_committed_snapshot_by_name(funded: Qoc, which: str) -> None:
    funded.ok("snapshot")
    shown = funded.ok("status", "--snapshot", which).out
    assert "NAV 10,500.00 USD" in shown
    assert "KO" in shown
    assert funded.ok("status", "--snapshot", which, "--json").json["snapshot"]["nav_usd"] == 10500


@pytest.mark.parametrize("which", ["yesterday", "HEAD~99", "2001-01-01T00:00:00Z", "--all"])
def test_a_snapshot_that_is_not_there_is_named(funded: Qoc, which: str) -> None:
    funded.ok("snapshot")
    result = funded("status", "--snapshot", which)
    assert result.code in (128, 129)
    assert result.err.count("\n") == 1


def test_backfill_makes_one_tagged_commit_an_instant_and_only_before_the_first(funded: Qoc) -> None:
    (funded.git.path / "desk.toml").write_text(
        (funded.git.path / "desk.toml").read_text()
        + '\n[[schedule]]\nname = "close"\ncron = "5 16 * * 1-5"\n'
        + 'tz = "America/New_York"\ntask = "snapshot"\n'
    )
    funded.pass_time(days=4)
    funded.ok("snapshot")
    result = funded.ok("snapshot", "--backfill", "2017-06-30")
    names = funded.git("ls-tree", "--name-only", "HEAD", "snapshots/").splitlines()
    # Friday's instant is before the first deposit; the weekend has no instants.
    assert names[1:] == [
        "snapshots/2017-07-03T20-05-00Z.toml",
        "snapshots/2017-07-04T20-05-00Z.toml",
        "snapshots/2017-07-05T20-05-00Z.toml",
        "snapshots/2017-07-06T20-05-00Z.toml",
        "snapshots/2017-07-07T20-05-00Z.toml",
        "snapshots/2017-07-07T20-06-00Z.toml",
    ]
    assert "back-filled 5 snapshots" in result.out
    assert committed(funded)["meta"]["backfill"] is True
    again = funded("snapshot", "--backfill", "2017-07-03")
    assert again.code == 1
    assert "nothing to back-fill" in again.err


def test_snapshots_taken_at_once_are_all_in_the_record_and_each_tells_its_own(funded: Qoc) -> None:
    """Real processes with the real clock: they meet in one second, and every flow is told once."""
    funded.ok("snapshot")
    funded.pass_time(minutes=1)
    funded.ok("paper", "deposit", "cash", "77")
    command = [sys.executable, "-m", "git_qoc", "snapshot"]
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    children = [
        subprocess.Popen(command, cwd=funded.git.path, env=environ, stdout=subprocess.DEVNULL)
        for _ in range(6)
    ]
    assert [child.wait() for child in children] == [0] * 6
    lines = funded.ok("log", "--json").json
    assert len(lines) == 7
    assert len({line["commit"] for line in lines}) == 7
    assert sum(line["net_flow_usd"] or 0 for line in lines) == 77
    assert all(line["note"] == "" for line in lines)
    assert funded.git("status", "--porcelain") == ""


def test_a_snapshot_file_that_lies_there_is_never_overwritten(funded: Qoc) -> None:
    path = funded.git.path / "snapshots" / "2017-07-03T20-06-00Z.toml"
    path.write_text("mine\n")
    result = funded.ok("snapshot", "--json").json
    assert result["path"].endswith("20-06-00.000001Z.toml")
    assert path.read_text() == "mine\n"


def test_files_that_wait_to_be_committed_tell_nothing_twice(funded: Qoc) -> None:
    """Realized P&L and flows are since the file before, committed or not."""
    funded.ok("snapshot")
    funded.pass_time(minutes=1)
    funded.ok("paper", "deposit", "cash", "250")
    first, second = (waiting(funded) for _ in range(2))
    assert (first["net_flow_usd"], second["net_flow_usd"]) == (250, 0)
    funded.git("add", "snapshots")
    funded.git("commit", "-qm", "both")
    assert sum(line["net_flow_usd"] or 0 for line in funded.ok("log", "--json").json) == 250


def waiting(qoc: Qoc) -> dict[str, Any]:
    qoc.pass_time(minutes=1)
    snapshot: dict[str, Any] = qoc.ok("snapshot", "--no-commit", "--json").json["snapshot"]
    return snapshot


def test_a_snapshot_under_a_wrong_clock_is_named_and_spoils_no_later_flow(funded: Qoc) -> None:
    funded.ok("snapshot")
    right = funded.now
    funded.now = right.replace(year=2037)
    funded.ok("snapshot")
    funded.now = right
    funded.pass_time(minutes=1)
    funded.ok("paper", "deposit", "cash", "40")
    funded.pass_time(minutes=1)
    result = funded.ok("snapshot", "--json")
    assert result.json["snapshot"]["net_flow_usd"] == 40
    assert "2037-07-03T20:06:00Z, which is later than this machine's clock" in result.err


def test_in_a_clone_paper_accounts_are_degraded_and_not_empty(funded: Qoc, tmp_path: Path) -> None:
    funded.ok("snapshot")
    clone = tmp_path / "clone"
    funded.git("clone", "-q", ".", str(clone))
    result = funded("status", "--json", cwd=clone)
    assert [c["health"] for c in result.json["connectors"]] == ["DEGRADED", "DEGRADED"]
    assert result.json["nav_usd"] is None
    assert funded("snapshot", cwd=clone).code == 1


def test_an_amount_that_cannot_be_kept_exactly_is_refused_before_it_is_booked(funded: Qoc) -> None:
    for amount in ("1e70", "1" * 30, "1e-40"):
        assert funded("paper", "deposit", "cash", amount).code == 129
    assert "10,500.00" in funded.ok("status").out


def test_times_at_the_end_of_the_calendar_stop_nothing(funded: Qoc) -> None:
    path = funded.git.path / "snapshots" / "0001-01-01T00-00-00Z.toml"
    path.write_text('[meta]\ntimestamp = "0001-01-01T00:00:00+14:00"\nnav_usd = 1e400\n')
    funded.git("add", "snapshots")
    funded.git("commit", "-qm", "odd")
    funded.ok("snapshot")
    assert "0001-01-01T00-00-00Z.toml" in funded.ok("log").err
    assert funded("status", "--snapshot", "9999-12-31T23:59:59-14:00").code == 128
    assert funded("snapshot", "--backfill", "0001-01-01").code == 129


def test_a_desk_that_is_a_symbolic_link_is_refused(funded: Qoc) -> None:
    path = funded.git.path / "desk.toml"
    path.rename(path.with_name("real.toml"))
    path.symlink_to("real.toml")
    result = funded("snapshot")
    assert result.code == 128
    assert "is a symbolic link" in result.err


def test_a_recorded_file_that_the_work_tree_lacks_is_not_written_over(funded: Qoc) -> None:
    funded.ok("snapshot")
    name = "snapshots/2017-07-03T20-06-00Z.toml"
    blob = funded.git("rev-parse", f"HEAD:{name}")
    (funded.git.path / name).unlink()
    assert funded.ok("snapshot", "--json").json["path"] != name
    assert funded.git("rev-parse", f"HEAD:{name}") == blob


def test_after_another_tools_snapshot_nothing_is_claimed_since_it(funded: Qoc) -> None:
    """A realized P&L of 0.00 there would make the gain a deposit."""
    path = funded.git.path / "snapshots" / "2017-07-03T20-05-30Z.toml"
    path.write_text('[meta]\ntimestamp = "2017-07-03T20:05:30Z"\nnav_usd = 9000\nunrealized_pnl = 0\n')
    funded.git("add", "snapshots")
    funded.git("commit", "-qm", "another tool")
    meta = funded.ok("snapshot", "--json").json["snapshot"]
    assert (meta["realized_pnl"], meta["net_flow_usd"]) == (None, None)


def test_a_backfill_names_the_connector_that_has_no_past_to_tell(qoc: Qoc) -> None:
    qoc.ok("init")
    qoc.ok("connect", "cash", "--name", "kept", "--venue", "paper")
    qoc.ok("connect", "cash", "--name", "gone", "--venue", "paper")
    (qoc.git.path / ".git" / "qoc" / "paper" / "gone.sqlite").unlink()
    done = qoc("snapshot", "--backfill", "2017-06-30")
    assert done.code == 128
    assert done.err.startswith("gone: the books of this paper account are not here")
