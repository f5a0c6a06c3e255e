"""`git qoc run retrospective --html DIR`, from the command to the files."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.cli.qoc import Qoc
from tests.report.html_of import cells, parsed


def test_the_page_and_the_index_are_written_and_nothing_is_committed(desk: Qoc) -> None:
    desk.now = datetime(2017, 6, 28, 20, 5, tzinfo=UTC)
    desk.ok("connect", "equities", "--name", "stocks", "--venue", "paper")
    desk.ok("paper", "deposit", "stocks", "1000")
    desk.ok("snapshot")
    desk.pass_time(days=1)
    desk.ok("snapshot")
    head = desk.git("rev-parse", "HEAD")
    done = desk.ok("run", "retrospective", "--html", "public")
    folder = desk.git.path / "public"
    assert done.err.splitlines()[-2:] == [f"wrote {folder}/retrospective.html", f"wrote {folder}/index.html"]
    assert desk.git("rev-parse", "HEAD") == head
    assert not (desk.git.path / "research" / "retrospective.md").exists()
    page = parsed((folder / "retrospective.html").read_text())
    assert "28 June 2017 – 29 June 2017" in page.all("header")[0].words()
    assert len(cells(parsed((folder / "index.html").read_text()).with_id("reports"))) == 1


def test_a_folder_that_cannot_be_written_is_one_message(desk: Qoc) -> None:
    desk.now = datetime(2017, 6, 28, 20, 5, tzinfo=UTC)
    desk.ok("connect", "equities", "--name", "stocks", "--venue", "paper")
    desk.ok("snapshot")
    (desk.git.path / "public").write_text("in the way")
    done = desk("run", "retrospective", "--html", "public")
    assert done.code == 128
    assert done.err.count("cannot make the folder") == 1
