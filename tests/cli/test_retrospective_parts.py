"""A retrospective of a part of the record: since when, of whom, of what, and beside the time before."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.qoc import Qoc


@pytest.fixture
def two(desk: Qoc) -> Qoc:
    """Five days of two paper accounts: stocks bought KO before the first, coins came on the third."""
    desk.now = datetime(2017, 6, 26, 20, 5, tzinfo=UTC)
    desk.ok("connect", "equities", "--name", "stocks", "--venue", "paper")
    desk.ok("paper", "deposit", "stocks", "2000")
    desk.ok("paper", "buy", "stocks", "KO", "20")
    desk.pass_time(minutes=1)
    desk.ok("snapshot")
    desk.pass_time(days=1)
    desk.ok("snapshot")
    desk.git("tag", "two-days")
    desk.ok("connect", "crypto", "--name", "coins", "--venue", "paper")
    desk.ok("paper", "deposit", "coins", "5000")
    for _ in range(3):
        desk.pass_time(days=1)
        desk.ok("snapshot")
    return desk


def closes(symbol: str) -> dict[str, float]:
    """By date, as the shipped file has them."""
    text = (Path(__file__).parents[2] / "git_qoc" / "data" / "closes.csv").read_text()
    rows = (line.split(",") for line in text.splitlines())
    return {day: float(close) for day, name, close in rows if name == symbol}


def report(qoc: Qoc, *args: str) -> dict[str, object]:
    found: dict[str, object] = qoc.ok("run", "retrospective", "--json", *args).json
    return found


def test_of_one_connector(two: Qoc) -> None:
    found = report(two, "--connector", "coins")
    assert (found["start"], found["n_points"], found["nav_end_usd"]) == ("2017-06-28", 3, 5000)
    assert found["scope"] == {"connector": "coins", "symbol": None}
    stocks, whole = report(two, "--connector", "stocks"), report(two)
    assert stocks["pnl_usd"] == whole["pnl_usd"]
    assert stocks["n_points"] == 5


def test_of_one_symbol_its_return_is_that_of_its_closes(two: Qoc) -> None:
    """Nothing was traded between the first and the last close."""
    first, last = closes("KO")["2017-06-26"], closes("KO")["2017-06-30"]
    found = report(two, "--symbol", "KO")
    assert found["total_return"] == pytest.approx(last / first - 1, rel=1e-9)
    assert found["pnl_usd"] == pytest.approx(20 * (last - first))
    at_stocks = report(two, "--symbol", "KO", "--connector", "stocks")
    assert at_stocks["daily_returns"] == found["daily_returns"]


def test_since_a_tag_begins_with_the_snapshot_that_was_its_newest(two: Qoc) -> None:
    found = report(two, "--since", "two-days")
    assert (found["start"], found["end"], found["n_returns"]) == ("2017-06-27", "2017-06-30", 3)
    before = report(two, "--until", "two-days")
    assert (before["start"], before["end"], before["n_returns"]) == ("2017-06-26", "2017-06-27", 1)
    whole, total = report(two), 1.0
    for part in (before, found):
        total *= 1 + float(str(part["total_return"]))
    assert whole["total_return"] == pytest.approx(total - 1, rel=1e-12)


def test_two_days_are_counted_back_from_the_newest_snapshot_and_not_from_now(two: Qoc) -> None:
    first = two.ok("run", "retrospective", "--json", "--since", "2d").out
    assert json.loads(first)["start"] == "2017-06-28"
    two.pass_time(days=500)
    assert two.ok("run", "retrospective", "--json", "--since", "2d").out == first


def test_compared_with_the_period_of_equal_length_before(two: Qoc) -> None:
    found = report(two, "--since", "2d", "--compare", "previous")
    before = found["compare"]
    assert isinstance(before, dict)
    assert (before["start"], before["end"]) == ("2017-06-26", "2017-06-28")
    alone = report(two, "--until", "2017-06-28")
    assert before["figures"]["total_return"] == alone["total_return"]
    text = two.ok("run", "retrospective", "--print", "--since", "2d", "--compare", "previous").out
    assert "Before: 2017-06-26 to 2017-06-28" in text


def test_a_part_has_files_of_its_own_and_the_whole_report_stays(two: Qoc) -> None:
    two.ok("run", "retrospective")
    whole = (two.git.path / "research" / "retrospective.md").read_text()
    two.ok("run", "retrospective", "--since", "2d", "--connector", "stocks")
    subject, _, *files = two.git("show", "--format=%s", "--name-only", "HEAD").splitlines()
    assert subject == "retrospective of stocks 2017-06-28 to 2017-06-30"
    name = "research/retrospective-stocks-since-2d"
    assert {f"{name}.md", f"{name}.json"} < {*files}
    assert all(file.startswith(name) for file in files)
    assert (two.git.path / "research" / "retrospective.md").read_text() == whole


def test_print_is_the_report_and_writes_nothing(two: Qoc) -> None:
    state = two.state()
    text = two.ok("run", "retrospective", "--print").out
    assert text.startswith("# Retrospective 2017-06-26 to 2017-06-30\n")
    for title in ("Headline", "Months", "Drawdowns", "Contribution", "Rolling", "Exposure", "How computed"):
        assert f"\n## {title}\n" in text
    assert two.state() == state


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("--connector", "stock"), 1, 'no snapshot has a connector "stock". Known are: coins, stocks.'),
        (("--symbol", "XX"), 1, 'no snapshot holds "XX".'),
        (("--symbol", ""), 1, 'no snapshot holds "".'),
        (("--symbol", "KO", "--connector", "coins"), 1, 'no snapshot holds "KO" at "coins".'),
        (("--since", "nowhere"), 129, "or a revision such as HEAD~20"),
        (("--since", "today"), 129, "a report does not ask the clock"),
        (("--since", "2017-06-29", "--until", "2017-06-28"), 129, "Swap them"),
        (("--compare", "previous"), 129, "say since when, with --since"),
        (("--json", "--print"), 129, "--json and --print are different ways to take one report"),
        (("--html", "x", "--output", "y"), 129, "--output and --html are different ways"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_message(
    two: Qoc, args: tuple[str, ...], code: int, words: str
) -> None:
    state = two.state()
    result = two("run", "retrospective", *args)
    assert words in result.err
    assert result.out == ""
    assert result.code == code
    assert two.state() == state
