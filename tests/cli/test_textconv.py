"""What git shows of two snapshots through `git-qoc textconv`: real git, real processes."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from git_qoc.snapshots.snapshot import FillRow, PositionRow, Snapshot
from git_qoc.snapshots.toml import dumps
from tests.conftest import Git
from tests.snapshots.chains import account, at, position, snapshot

ROOT = Path(__file__).parents[2]


def book(day: int, *positions: PositionRow) -> Snapshot:
    return snapshot(day, account("main", day, 1_000, since=day - 1, realized=0, flow=0), positions=positions)


@pytest.fixture
def driven(git: Git) -> Git:
    """Four snapshots: a mark moves, then a position is opened and one resized, then one is closed."""
    driver = f"PYTHONPATH='{ROOT}' '{sys.executable}' -m git_qoc textconv"
    git("config", "diff.qoc-snapshot.textconv", driver)
    (git.path / ".gitattributes").write_text("snapshots/**/*.toml diff=qoc-snapshot\n")
    (git.path / "snapshots").mkdir()
    books = [
        book(1, position("main", "AAPL", 100, "211.40", 0), position("main", "MSFT", 10, 400, 0)),
        book(2, position("main", "AAPL", 100, "212.50", 110), position("main", "MSFT", 10, 400, 0)),
        book(
            3,
            position("main", "AAPL", 150, "212.50", 110),
            position("main", "KO", 7, 60, 0),
            position("main", "MSFT", 10, 400, 0),
        ),
        book(4, position("main", "KO", 7, 60, 0), position("main", "MSFT", 10, 400, 0)),
    ]
    for day, found in enumerate(books, start=1):
        (git.path / name(day)).write_text(dumps(found))
        git("add", "-A")
        git("commit", "-qm", f"day {day}")
    return git


def name(day: int) -> str:
    return f"snapshots/2026-07-{day:02}T20-00-00Z.toml"


def changed(diff: str) -> list[str]:
    """The lines that a diff takes away and adds, single-spaced, the snapshot's own times left out."""
    lines = [line for line in diff.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    kept = [line for line in lines if line[1:].split()[0] not in ("timestamp", "since")]
    return [line[0] + " ".join(line[1:].split()) for line in kept]


def between(git: Git, first: int, second: int) -> list[str]:
    return changed(git("diff", f"HEAD:{name(first)}", f"HEAD:{name(second)}"))


def test_a_mark_that_moved_is_all_that_shows(driven: Git) -> None:
    assert between(driven, 1, 2) == [
        "-mark main AAPL 211.40",
        "+mark main AAPL 212.50",
        "-pnl_open main AAPL 0.00",
        "+pnl_open main AAPL 110.00",
    ]


def test_positions_opened_and_resized_stand_together(driven: Git) -> None:
    assert between(driven, 2, 3) == [
        "-quantity main AAPL 100",
        "+quantity main AAPL 150",
        "+quantity main KO 7",
        "+mark main KO 60.00",
        "+pnl_open main KO 0.00",
    ]


def test_a_closed_position_goes_with_all_its_facts(driven: Git) -> None:
    assert between(driven, 3, 4) == [
        "-quantity main AAPL 150",
        "-mark main AAPL 212.50",
        "-pnl_open main AAPL 110.00",
    ]


def test_git_shows_log_and_show_read_the_same_way(driven: Git) -> None:
    for command in (("log", "-p", "-1"), ("show", "HEAD"), ("diff", "HEAD~1", "HEAD", "--", "snapshots/")):
        added = [line for line in driven(*command).splitlines() if line.startswith("+quantity")]
        assert [line.split() for line in added] == [
            ["+quantity", "main", "KO", "7"],
            ["+quantity", "main", "MSFT", "10"],
        ]


def test_an_edit_of_a_recorded_file_in_the_work_tree_shows(driven: Git) -> None:
    path = driven.path / name(2)
    path.write_text(path.read_text().replace("quantity   = 100", "quantity   = 900"))
    assert changed(driven("diff")) == ["-quantity main AAPL 100", "+quantity main AAPL 900"]


@pytest.mark.parametrize("data", [b"no [toml", b"\xff\xfe\x00", b"", b"[other]\na = 1\n", b"[meta\n" * 3])
def test_what_is_no_snapshot_is_printed_as_it_is(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a file.toml"
    path.write_bytes(data)
    assert textconv(path.name, tmp_path) == (0, data, b"")


def test_git_diff_goes_on_over_a_file_that_is_no_snapshot(driven: Git) -> None:
    (driven.path / name(2)).write_bytes(b"\xff broken\n")
    (driven.path / name(3)).write_text("not = [toml\n")
    assert "+not = [toml" in subprocess.run(
        ["git", "diff"], cwd=driven.path, capture_output=True, check=True
    ).stdout.decode("latin-1")


def test_control_characters_and_hostile_names_stay_on_their_line(tmp_path: Path) -> None:
    path = tmp_path / "-x.toml"
    found = Snapshot(at(1), Decimal(1), positions=(position("a\nb", "\x1b[31mX", 1, 2, 3),))
    path.write_text(dumps(found))
    code, out, err = textconv("./-x.toml", tmp_path)
    assert (code, err) == (0, b"")
    assert b"\x1b" not in out
    assert [line.split() for line in out.splitlines() if line.startswith(b"quantity")] == [
        [b"quantity", b"a\\nb", b"\\x1b[31mX", b"1"]
    ]
    assert textconv("--", tmp_path, "-x.toml")[1] == out


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    code, out, err = textconv("gone.toml", tmp_path)
    assert (code, out) == (128, b"")
    assert err == b"gone.toml: No such file or directory.\n"


def test_a_name_longer_than_its_column_moves_no_other_line(tmp_path: Path) -> None:
    short = book(1, position("main", "AAPL", 1, 2, 0))
    long = book(1, position("main", "AAPL", 1, 2, 0), position("m" * 60, "B" * 60, 1, 2, 0))
    texts = []
    for found in (short, long):
        (tmp_path / "a.toml").write_text(dumps(found))
        texts.append(textconv("a.toml", tmp_path)[1].splitlines())
    assert set(texts[0]) < set(texts[1])


def test_a_mark_of_another_day_is_told_with_its_date(tmp_path: Path) -> None:
    found = book(
        5, position("main", "AAPL", 1, 2, 0, mark_time=at(3)), position("main", "B", 1, 2, 0, mark_time=at(5))
    )
    (tmp_path / "a.toml").write_text(dumps(found))
    marks = [
        line for line in textconv("a.toml", tmp_path)[1].decode().splitlines() if line.startswith("mark ")
    ]
    assert [" ".join(line.split()) for line in marks] == [
        "mark main AAPL 2.00 of 2026-07-03",
        "mark main B 2.00",
    ]


def test_it_needs_none_of_the_libraries_that_take_time(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(dumps(book(1)))
    script = (
        "import sys; sys.argv = ['git-qoc', 'textconv', 'a.toml']\n"
        "from git_qoc.cli.entry import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'click', 'pydantic', 'pygit2', 'tabulate', 'tomllib', 'decimal', 'subprocess'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environ(), capture_output=True, check=True
    )
    assert done.stderr == b"[]\n"


def environ() -> dict[str, str]:
    return {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "LC_ALL": "C"}


def textconv(file: str, cwd: Path, *more: str) -> tuple[int, bytes, bytes]:
    command = [sys.executable, "-m", "git_qoc", "textconv", file, *more]
    done = subprocess.run(command, cwd=cwd, env=environ(), capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_a_fill_is_one_line_with_all_its_facts(tmp_path: Path) -> None:
    fill = FillRow(
        "main", "KO", "sell", Decimal(300), Decimal("60.5"), at(1), Decimal("0.35"), "USD", "f1", "o1"
    )
    (tmp_path / "one.toml").write_text(dumps(Snapshot(at(1), Decimal(1), fills=(fill,))))
    _, out, _ = textconv("one.toml", tmp_path)
    (line,) = [line for line in out.decode().splitlines() if line.startswith("fill")]
    assert line.split() == [
        "fill", "2026-07-01T20:00:00Z", "main", "KO", "sell", "300", "60.50",
        "fee_usd", "0.35", "fill_id", "f1", "order_id", "o1",
    ]  # fmt: skip
