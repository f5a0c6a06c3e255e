"""What the commits of a range brought in, and what is said of it."""

from __future__ import annotations

import pytest

from git_qoc.history.repository import discover
from git_qoc.tasks.check_range import check_range
from tests.checks.keys import ALPACA_SECRET
from tests.cli.qoc import Qoc
from tests.cli.record import path_of, take, write
from tests.conftest import Git

NAMES = ("credentials", "desk", "snapshots", "orders")
CLEAN = '[[connector]]\nname = "cx"\ntype = "crypto"\n\n  [connector.auth]\n  api_key = { env = "CX_KEY" }\n'
DIRTY = CLEAN + f'  api_secret = "{ALPACA_SECRET}"\n'


@pytest.fixture
def desk(git: Git) -> Qoc:
    desk = Qoc(git)
    desk.ok("init")
    write(desk, "desk.toml", CLEAN)
    return desk


def found(desk: Qoc, *revisions: str) -> list[tuple[str, int, tuple[str, ...]]]:
    """(rule, line, commits) of what a range brought in."""
    done = check_range(discover(desk.git.path), NAMES, revisions or ("HEAD",))
    return [(one.fault.rule, one.fault.line, one.commits) for one in done.found]


def test_one_leak_in_many_versions_is_told_once_with_all_their_commits(desk: Qoc) -> None:
    commits = [write(desk, "desk.toml", DIRTY + f"# {number}\n") for number in range(3)]
    write(desk, "desk.toml", CLEAN)
    assert found(desk) == [("credentials", 7, tuple(commits))]
    assert found(desk, "HEAD~2..HEAD") == [("credentials", 7, (commits[2],))]
    assert found(desk, "HEAD~1..HEAD") == []


def test_two_leaks_are_two(desk: Qoc) -> None:
    first = write(desk, "desk.toml", DIRTY)
    second = write(desk, "desk.toml", DIRTY.replace(ALPACA_SECRET, ALPACA_SECRET[::-1]))
    assert found(desk) == [("credentials", 7, (first,)), ("credentials", 7, (second,))]


def test_a_merge_tells_what_it_made_itself_and_not_what_its_sides_brought(desk: Qoc) -> None:
    git = desk.git
    git("checkout", "-q", "-b", "side")
    leak = write(desk, "desk.toml", DIRTY)
    git("checkout", "-q", "main")
    write(desk, "notes.md", "x")
    git("merge", "-q", "--no-edit", "side")
    assert found(desk) == [("credentials", 7, (leak,))]
    assert found(desk, "HEAD", "^side", "^HEAD^") == []


def test_a_desk_that_was_broken_in_between_and_mended_is_no_fault(desk: Qoc) -> None:
    broken = write(desk, "desk.toml", CLEAN + "[workspace]\nnmae = 1\n")
    assert found(desk) == [("desk", 8, (broken,))]
    write(desk, "desk.toml", CLEAN)
    assert found(desk) == []


def test_a_type_that_history_knows_otherwise_is_told_at_the_end_of_the_range(desk: Qoc) -> None:
    changed = write(desk, "desk.toml", CLEAN.replace("crypto", "equities"))
    assert found(desk) == [("desk", 3, (changed,))]
    write(desk, "notes.md", "x")
    assert found(desk, "HEAD~1..HEAD") == []


def test_the_record_is_held_append_only_in_each_desk_of_the_repository(desk: Qoc) -> None:
    for stamp, nav in (("2026-07-05T16:00:00Z", "1000"), ("2026-07-06T16:00:00Z", "2000")):
        take(desk, stamp, nav)
    write(desk, "books/desk.toml", CLEAN)
    path = path_of("2026-07-05T16:00:00Z")
    write(desk, f"books/{path}", (desk.git.path / path).read_text())
    assert found(desk) == []
    start = desk.git("rev-parse", "HEAD")
    edited = (desk.git.path / path).read_text().replace("1_000.00", "9_000.00")
    one, two = write(desk, path, edited), write(desk, f"books/{path}", edited)
    assert sorted(found(desk, f"{start}..HEAD")) == sorted([("edited", 3, (one,)), ("edited", 3, (two,))])
    assert [rule for rule, _, _ in found(desk)] == ["edited", "edited"]


def test_jumps_of_nav_and_merges_are_left_to_verify(desk: Qoc) -> None:
    take(desk, "2026-07-05T16:00:00Z", "1000")
    take(desk, "2026-07-06T16:00:00Z", "9000")
    assert found(desk) == []


def test_an_order_that_went_back_and_forward_again_is_told_with_the_commit_that_did_it(desk: Qoc) -> None:
    git = desk.git
    write(desk, "orders/open/a.toml", 'client_order_id = "a"\n')
    (git.path / "orders/pending").mkdir()
    git("mv", "orders/open/a.toml", "orders/pending/a.toml")
    git("commit", "-q", "-m", "back")
    back = git("rev-parse", "HEAD")
    git("mv", "orders/pending/a.toml", "orders/open/a.toml")
    git("commit", "-q", "-m", "forward")
    assert found(desk) == [("orders", 1, (back,))]


def test_an_order_that_a_merge_leaves_out_or_has_in_two_folders_is_told_with_the_merge(desk: Qoc) -> None:
    git = desk.git
    write(desk, "orders/pending/a.toml", "quantity = 1\n")
    git("checkout", "-q", "-b", "side")
    write(desk, "orders/pending/b.toml", "quantity = 2\n")
    (git.path / "orders/open").mkdir()
    git("mv", "orders/pending/a.toml", "orders/open/a.toml")
    git("commit", "-q", "-m", "open")
    git("checkout", "-q", "main")
    (git.path / "orders/filled").mkdir()
    git("mv", "orders/pending/a.toml", "orders/filled/a.toml")
    git("commit", "-q", "-m", "filled")
    git("merge", "-q", "-s", "ours", "-m", "keep ours", "side")
    ours = git("rev-parse", "HEAD")
    done = check_range(discover(git.path), NAMES, ("HEAD",))
    assert [(one.fault.path, one.commits) for one in done.found] == [("orders/pending/b.toml", (ours,))]
    git("read-tree", "side")
    filled = git("rev-parse", "HEAD:orders/filled/a.toml")
    git("update-index", "--add", "--cacheinfo", f"100644,{filled},orders/filled/a.toml")
    both = git("commit-tree", "-p", "HEAD^", "-p", "side", "-m", "keep both", git("write-tree"))
    done = check_range(discover(git.path), NAMES, (both, "^HEAD^", "^side"))
    assert [(one.fault.path, one.commits) for one in done.found] == [("orders/open/a.toml", (both,))]


def test_a_desk_that_is_gone_is_told_where_its_record_stays_or_is_lost_and_not_where_it_moved(
    desk: Qoc,
) -> None:
    git = desk.git
    take(desk, "2026-07-05T16:00:00Z", "1000")
    git("rm", "-q", "desk.toml")
    git("commit", "-q", "-m", "gone")
    gone = git("rev-parse", "HEAD")
    assert found(desk, "HEAD~1..HEAD") == [("snapshots", 1, (gone,))]
    (git.path / "books").mkdir()
    git("mv", "snapshots", "books")
    write(desk, "books/desk.toml", CLEAN)
    assert found(desk, "HEAD~2..HEAD") == []
    write(desk, "books/" + path_of("2026-07-05T16:00:00Z"), "no snapshot")
    assert ("snapshots", 1, (gone,)) in found(desk, "HEAD~3..HEAD")


def test_rooms_of_a_desk_that_is_gone_are_looked_through_while_the_range_knows_it(desk: Qoc) -> None:
    write(desk, "books/desk.toml", CLEAN)
    leak = write(desk, "books/research/june.md", f"used {ALPACA_SECRET}\n")
    desk.git("rm", "-rq", "books")
    desk.git("commit", "-q", "-m", "gone")
    assert found(desk) == [("credentials", 1, (leak,))]
    write(desk, "elsewhere/research/june.md", f"used {ALPACA_SECRET[::-1]}\n")
    assert found(desk, "HEAD~1..HEAD") == []
