"""`git qoc run benchmark` and the benchmark of a report, from the command to the commit.

closes.csv: SPX 2017-06-23 2438.30, 06-26 2439.07, 06-27 2419.38, 06-28 2440.69, 06-29 2419.70, 06-30 2423.41.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.qoc import Qoc
from tests.conftest import Git
from tests.exchange.running import NOON, Running
from tests.venues.alpaca_bodies import KEY, SECRET, bar
from tests.venues.alpaca_server import AlpacaServer

SPX = "research/benchmarks/SPX.csv"
CHOSEN = '\n[retrospective]\nbenchmark = "SPX"\n'


@pytest.fixture
def traded(desk: Qoc) -> Qoc:
    """Three days of a paper account, a snapshot five minutes after each close."""
    desk.now = datetime(2017, 6, 28, 20, 5, tzinfo=UTC)
    desk.ok("connect", "equities", "--name", "stocks", "--venue", "paper")
    desk.ok("paper", "deposit", "stocks", "1000")
    desk.ok("paper", "buy", "stocks", "KO", "20")
    desk.pass_time(minutes=1)
    for _ in range(3):
        desk.ok("snapshot")
        desk.pass_time(days=1)
    return desk


def choose(desk: Qoc, text: str = CHOSEN) -> None:
    file = desk.git.path / "desk.toml"
    file.write_text(file.read_text() + text)
    desk.git("commit", "-qam", "choose")


def shipped(symbol: str) -> list[str]:
    text = (Path(__file__).parents[2] / "git_qoc" / "data" / "closes.csv").read_text()
    rows = [line.split(",") for line in text.splitlines()]
    return [f"{day},{close}" for day, name, close in rows if name == symbol]


def test_closes_from_four_days_before_the_first_snapshot_on_are_one_commit_of_one_file(traded: Qoc) -> None:
    (traded.git.path / "mine.txt").write_text("mine")
    traded.git("add", "mine.txt")
    result = traded.ok("run", "benchmark", "SPX")
    # 2017-06-24 and 25 were a weekend; of 07-01 there is none either.
    expected = [line for line in shipped("SPX") if "2017-06-24" <= line <= "2017-07-01"]
    assert traded.git("show", f"HEAD:{SPX}").splitlines() == ["date,close", *expected]
    assert traded.git("show", "--format=%s", "--name-only", "HEAD").splitlines() == [
        "benchmark SPX 2017-06-26 to 2017-06-30",
        "",
        SPX,
    ]
    assert result.out == (
        "SPX: 5 daily closes, 2017-06-26 to 2017-06-30, 5 of them new, from stocks (paper)\n"
    )
    assert traded.git("status", "--porcelain") == "A  mine.txt"


def test_later_closes_are_added_and_the_same_ones_make_no_commit(traded: Qoc) -> None:
    choose(traded)
    traded.ok("run", "benchmark")
    head = traded.git("rev-parse", "HEAD")
    again = traded.ok("run", "benchmark")
    assert (traded.git("rev-parse", "HEAD"), "nothing was written" in again.err) == (head, True)
    # 2017-07-03 20:00 UTC is the next close: one minute before it nothing is new.
    traded.now = datetime(2017, 7, 3, 19, 59, tzinfo=UTC)
    assert traded.ok("run", "benchmark", "--json").json["added"] == 0
    traded.pass_time(minutes=1)
    done = traded.ok("run", "benchmark", "--json").json
    assert (done["added"], done["first"], done["last"]) == (1, "2017-06-26", "2017-07-03")
    assert done["commit"] == traded.git("rev-parse", "HEAD")
    assert traded.git("show", "--format=", "--numstat", "HEAD") == f"1\t0\t{SPX}"


def test_without_a_commit_the_file_is_written_and_committed_the_next_time(traded: Qoc) -> None:
    head = traded.git("rev-parse", "HEAD")
    traded.ok("run", "benchmark", "SPX", "--no-commit")
    assert traded.git("rev-parse", "HEAD") == head
    assert "research/benchmarks/" in traded.git("status", "--porcelain")
    traded.ok("run", "benchmark", "SPX")
    assert traded.git("show", "--format=", "--name-only", "HEAD") == SPX
    assert traded.git("status", "--porcelain") == ""


def test_the_report_compares_with_the_closes_of_the_record_and_asks_no_venue(traded: Qoc) -> None:
    """SPX from 06-28 to 06-30: 2423.41 / 2440.69 − 1; 20 KO from 37.464 to 37.076, of 1,000 USD."""
    choose(traded)
    traded.ok("run", "benchmark")
    (traded.git.path / SPX).write_text("date,close\n")
    (traded.git.path / ".git" / "qoc" / "paper" / "stocks.sqlite").unlink()
    report = traded.ok("run", "retrospective", "--json").json
    found = report["benchmark"]
    assert (found["symbol"], found["source"], found["n"]) == ("SPX", SPX, 2)
    assert found["total_return"] == pytest.approx(2423.41 / 2440.69 - 1, rel=1e-9)
    assert found["excess_return"] == pytest.approx(-20 * 0.388 / 1000 - found["total_return"], rel=1e-9)
    assert [row["date"] for row in found["equity"]] == [row["date"] for row in report["equity"]]
    assert found["reasons"]["beta"] == "needs 20 pairs of returns, has 2"
    assert {"name": "benchmark", "value": "SPX", "origin": "desk.toml"} in report["choices"]


def test_the_same_history_gives_the_same_bytes_with_a_benchmark_too(traded: Qoc) -> None:
    choose(traded)
    traded.ok("run", "benchmark")
    traded.ok("run", "retrospective")
    text = (traded.git.path / "research" / "retrospective.md").read_text()
    assert "| Figure             | Desk" in text
    assert f"Closes: {SPX}." in text
    head = traded.git("rev-parse", "HEAD")
    traded.pass_time(days=9)
    traded.ok("run", "retrospective")
    assert traded.git("rev-parse", "HEAD") == head


def test_a_benchmark_of_the_command_line_has_a_report_of_its_own(traded: Qoc) -> None:
    choose(traded, '\n[retrospective]\nbenchmark = "KO"\n')
    traded.ok("run", "benchmark", "SPX")
    report = traded.ok("run", "retrospective", "--benchmark", "SPX", "--json").json
    assert {"name": "benchmark", "value": "SPX", "origin": "command line"} in report["choices"]
    traded.ok("run", "retrospective", "--benchmark", "SPX")
    names = traded.git("show", "--format=", "--name-only", "HEAD").splitlines()
    assert {"research/retrospective-against-SPX.json", "research/retrospective-against-SPX.md"} < {*names}
    assert all(name.startswith("research/retrospective-against-SPX") for name in names)


MISSING = f"{SPX}: found no such file in HEAD, expected closes. Run `git qoc run benchmark SPX`."
NEGATIVE = (
    f'{SPX}:2: found a close of "-1", expected a number above zero. Correct the line, or remove it: '
    "a day without a close is no fault."
)


@pytest.mark.parametrize(("text", "reason"), [(None, MISSING), ("date,close\n2017-06-28,-1\n", NEGATIVE)])
def test_the_rest_of_the_report_stands_when_the_closes_are_missing_or_broken(
    traded: Qoc, text: str | None, reason: str
) -> None:
    choose(traded)
    if text is not None:
        file = traded.git.path / SPX
        file.parent.mkdir(parents=True)
        file.write_text(text)
        traded.git("add", SPX)
        traded.git("commit", "-qm", "closes")
    result = traded.ok("run", "retrospective", "--json")
    assert result.json["benchmark"] is None
    assert result.json["reasons"]["benchmark"] == reason
    assert result.json["total_return"] == pytest.approx(-20 * 0.388 / 1000, rel=1e-9)
    assert f"the report has no benchmark: {reason}" in result.err
    assert "n/a (" in traded.ok("run", "retrospective", "--print").out


def test_a_csv_file_of_the_desk_is_a_benchmark(traded: Qoc) -> None:
    (traded.git.path / "data").mkdir()
    rows = [f"2017-06-{day},{symbol},{close}" for day, close in ((28, 100), (29, 102), (30, 101))
            for symbol in ("A", "B/C")]  # fmt: skip
    (traded.git.path / "data" / "mine.csv").write_text("\n".join(["date,symbol,close", *rows]) + "\n")
    traded.git("add", "data")
    choose(traded, '\n[retrospective]\nbenchmark = "data/mine.csv:B/C"\n')
    found = traded.ok("run", "retrospective", "--json").json["benchmark"]
    assert (found["symbol"], found["source"]) == ("B/C", "data/mine.csv")
    assert found["total_return"] == pytest.approx(0.01, rel=1e-9)
    refused = traded("run", "benchmark")
    assert refused.code == 129
    assert "data/mine.csv, which nothing is fetched for" in refused.err


def test_a_link_to_a_file_outside_the_repository_is_not_followed(traded: Qoc, tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text("date,close\n2017-06-28,1\n2017-06-29,2\n")
    (traded.git.path / "link.csv").symlink_to(outside)
    traded.git("add", "link.csv")
    choose(traded, '\n[retrospective]\nbenchmark = "link.csv"\n')
    report = traded.ok("run", "retrospective", "--json").json
    assert report["benchmark"] is None
    assert report["reasons"]["benchmark"].startswith("link.csv:1: found ")


def test_a_path_out_of_the_desk_is_a_fault_of_desk_toml_and_of_the_command_line(traded: Qoc) -> None:
    refused = traded("run", "retrospective", "--benchmark", "../closes.csv")
    assert (refused.code, "--benchmark: expected a symbol" in refused.err) == (129, True)
    choose(traded, '\n[retrospective]\nbenchmark = "../closes.csv"\n')
    refused = traded("run", "retrospective")
    assert refused.code == 128
    assert "retrospective: benchmark: expected a symbol" in refused.err


def test_what_cannot_be_fetched_is_refused_and_nothing_is_written(traded: Qoc) -> None:
    state = traded.state()
    for args, code, told in (
        ((), 129, "which closes? Name a symbol"),
        (("a b",), 129, "expected a symbol such as SPY"),
        (("../SPX",), 129, "expected a symbol such as SPY"),
        (("NOSUCH",), 1, "stocks (paper) tells no daily close of NOSUCH from 2017-06-24 on"),
        (("SPX", "--connector", "nobody"), 129, "no connector of that name. Connectors: stocks."),
        (("SPX", "--since", "some day"), 129, "--since: expected"),
        (("SPX", "--since", "2017-07-01"), 1, "tells no daily close of SPX from 2017-07-01 on"),
        (("SPX", "--timeout", "0"), 129, "--timeout"),
    ):
        result = traded("run", "benchmark", *args)
        assert (result.code, told in result.err) == (code, True), (args, result.err)
    assert traded.state() == state


def test_before_the_first_snapshot_a_date_is_needed(desk: Qoc) -> None:
    desk.now = datetime(2017, 6, 28, 20, 5, tzinfo=UTC)
    assert "no enabled connector of desk.toml tells daily closes" in desk("run", "benchmark", "SPX").err
    desk.ok("connect", "cash", "--name", "sweep", "--venue", "paper")
    assert "there is no snapshot yet" in desk("run", "benchmark", "SPX").err
    desk.ok("run", "benchmark", "SPX", "--since", "2017-06-26")
    assert desk.git("show", f"HEAD:{SPX}").count("\n") == 3


def test_a_venue_without_closes_is_not_asked(traded: Qoc) -> None:
    traded.environ = {"MY_API_KEY": "secret-token:mercury_production_x"}
    traded.ok("connect", "cash", "--name", "bank", "--env-prefix", "MY_", "--base-url", "http://127.0.0.1:9")
    refused = traded("run", "benchmark", "SPX", "--connector", "bank")
    assert refused.err == "bank: mercury does not offer daily closes for cash\n"
    assert traded.ok("run", "benchmark", "SPX", "--json").json["connector"] == "stocks"


# Over HTTP.


@pytest.fixture
def server() -> Iterator[AlpacaServer]:
    with AlpacaServer() as running:
        yield running


@pytest.fixture
def at_alpaca(desk: Qoc, server: AlpacaServer) -> Qoc:
    """2026-07-05, a Sunday: closes of SPY from Monday to Thursday, two pages' worth before."""
    desk.environ = {"EQ_API_KEY": KEY, "EQ_API_SECRET": SECRET}
    desk.ok("connect", "equities", "--name", "main", "--env-prefix", "EQ_", "--base-url", server.url)
    tell(server, 1)
    return desk


def tell(server: AlpacaServer, factor: float, last: int = 20) -> None:
    first = datetime(2026, 6, 1, 4, tzinfo=UTC)
    days = [first + timedelta(days=after) for after in range(last)]
    server.bars["SPY"] = [bar(day, factor * (600 + number)) for number, day in enumerate(days)]


def test_a_close_that_changed_is_told_and_nothing_is_mixed(at_alpaca: Qoc, server: AlpacaServer) -> None:
    """After a split of 2:1 every adjusted close is half of what it was."""
    at_alpaca.ok("run", "benchmark", "SPY", "--since", "2026-06-01")
    head = at_alpaca.git("rev-parse", "HEAD")
    tell(server, 0.5, last=22)
    refused = at_alpaca("run", "benchmark", "SPY", "--since", "2026-06-01")
    assert refused.code == 1
    assert refused.err == (
        "research/benchmarks/SPY.csv: found other closes than main (alpaca) tells now on 20 of 20 dates: "
        "2026-06-01 (600, now 300), 2026-06-02 (601, now 300.5), 2026-06-03 (602, now 301), "
        "2026-06-04 (603, now 301.5), 2026-06-05 (604, now 302), …. Nothing was written. Adjusted closes "
        "change with every split and dividend: --refresh takes all of them anew.\n"
    )
    assert at_alpaca.git("rev-parse", "HEAD") == head
    done = at_alpaca.ok("run", "benchmark", "SPY", "--since", "2026-06-01", "--refresh", "--json").json
    assert (done["closes"], done["added"]) == (22, 2)
    assert at_alpaca.git("show", "HEAD:research/benchmarks/SPY.csv").splitlines()[1] == "2026-06-01,300"


def test_dates_that_a_venue_no_longer_tells_stay_until_all_is_taken_anew(
    at_alpaca: Qoc, server: AlpacaServer
) -> None:
    at_alpaca.ok("run", "benchmark", "SPY", "--since", "2026-06-01")
    del server.bars["SPY"][:9]
    assert at_alpaca.ok("run", "benchmark", "SPY", "--since", "2026-06-01", "--json").json["closes"] == 20
    result = at_alpaca.ok("run", "benchmark", "SPY", "--since", "2026-06-01", "--refresh")
    assert "9 dates that main (alpaca) no longer tells, 2026-06-01 to 2026-06-09, are gone" in result.err
    assert "main (alpaca) tells closes from 2026-06-10 on, not from 2026-06-01 on" in result.err


def test_a_broken_file_is_not_overwritten(at_alpaca: Qoc) -> None:
    file = at_alpaca.git.path / "research" / "benchmarks" / "SPY.csv"
    file.parent.mkdir(parents=True)
    file.write_text("date,close\n2026-06-01,x\n")
    refused = at_alpaca("run", "benchmark", "SPY", "--since", "2026-06-01")
    assert refused.code == 1
    assert refused.err.startswith('research/benchmarks/SPY.csv:2: found a close of "x", expected a number')
    assert refused.err.endswith("Or remove the file to fetch it anew.\n")
    assert file.read_text().endswith("x\n")


def test_a_venue_that_fails_is_named(at_alpaca: Qoc, server: AlpacaServer) -> None:
    server.accepted = [("another", "pair")]
    refused = at_alpaca("run", "benchmark", "SPY", "--since", "2026-06-01")
    assert refused.code == 128
    assert refused.err.startswith("main: ")


def test_on_the_simulated_exchange_closes_of_days_that_are_over_are_fetched(git: Git, tmp_path: Path) -> None:
    """After the close of 2017-03-01 the exchange has a bar of that day, which is not over before midnight."""
    desk = Qoc(git, NOON, {"EX_API_KEY": "any", "EX_API_SECRET": "thing"})
    desk.ok("init")
    with Running(tmp_path) as exchange:
        args = ("--name", "main", "--env-prefix", "EX_", "--base-url", exchange.url)
        desk.ok("connect", "equities", *args)
        exchange.at("2017-03-01T21:30:00Z")
        desk.now = datetime(2017, 3, 1, 21, 30, tzinfo=UTC)
        for symbol, path in (("AAPL", "AAPL"), ("BTC/USD", "BTC%2FUSD")):
            desk.ok("run", "benchmark", symbol, "--since", "2017-02-25")
            text = desk.git("show", f"HEAD:research/benchmarks/{path}.csv")
            name = symbol.replace("/", "-")
            expected = [line for line in shipped(name) if "2017-02-25" <= line < "2017-03-01"]
            assert text.splitlines() == ["date,close", *expected]
