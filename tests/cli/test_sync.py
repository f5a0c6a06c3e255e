from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.qoc import Qoc
from tests.conftest import Git
from tests.history.desk import make


@pytest.fixture
def desks(tmp_path: Path) -> tuple[Qoc, Qoc]:
    """Two clones of one desk, each with money of its own on the paper account they share."""
    bare = make(tmp_path / "books.git", "--bare")
    first = Qoc(make(tmp_path / "first"))
    first.ok("init")
    first.ok("connect", "equities", "--name", "paper", "--venue", "paper")
    first.git("remote", "add", "origin", str(bare.path))
    assert first.ok("sync", "origin").out == "pushed 2 commits to origin/main\n"
    subprocess.run(["git", "clone", "-q", str(bare.path), str(tmp_path / "second")], check=True)
    second = Qoc(Git(tmp_path / "second"))
    for desk, amount in ((first, "100"), (second, "200")):
        desk.ok("paper", "deposit", "paper", amount)
    return first, second


def test_two_clones_snapshot_sync_and_hold_the_same_record(desks: tuple[Qoc, Qoc]) -> None:
    first, second = desks
    first.ok("snapshot")
    assert first.ok("sync").out == "pushed 1 commit to origin/main\n"
    second.pass_time(hours=1)
    second.ok("snapshot")
    assert second.ok("sync").out == "fetched 1, replayed 1 of ours, pushed 1 commit to origin/main\n"
    assert first.ok("sync").out == "fetched 1 from origin/main\n"
    assert first.ok("sync").out == "main and origin/main are the same\n"
    lines = [line["nav_usd"] for line in first.ok("log", "--json").json]
    assert lines == [line["nav_usd"] for line in second.ok("log", "--json").json] == [200, 100]


def test_the_same_second_is_kept_twice_and_said(desks: tuple[Qoc, Qoc]) -> None:
    first, second = desks
    first.ok("snapshot")
    first.ok("sync")
    second.ok("snapshot")
    done = second.ok("sync")
    assert "2026-07-05T16-00-00Z.toml is in the record with another content" in done.err
    assert "ours is snapshots/2026-07-05T16-00-00.000001Z.toml" in done.err
    assert [line["timestamp"] for line in second.ok("log", "--json").json] == [
        "2026-07-05T16:00:00.000001Z",
        "2026-07-05T16:00:00Z",
    ]
    assert second.git("log", "-1", "--format=%s").startswith("snapshot 2026-07-05T16:00:00.000001Z: NAV")
    blob = second.git("rev-parse", "HEAD:snapshots/2026-07-05T16-00-00.000001Z.toml")
    assert second.git("log", "-1", "--format=%(trailers:key=Qoc-Blob,valueonly,separator=)") == blob
    second.pass_time(hours=1)
    second.ok("snapshot")
    second.ok("sync")
    first.ok("sync")
    assert [len(desk.ok("log", "--json").json) for desk in desks] == [3, 3]
    # What the last one tells is since the one of a microsecond on, its neighbour in time.
    report = first.ok("run", "retrospective", "--json", "--no-commit").json
    assert not [item for item in report["data_quality"] if item["kind"] in ("duplicate", "periods_overlap")]


def test_json_tells_the_counts_and_the_ids(desks: tuple[Qoc, Qoc]) -> None:
    first, second = desks
    first.ok("snapshot")
    first.ok("sync")
    second.pass_time(hours=1)
    second.ok("snapshot")
    old = second.git("rev-parse", "HEAD")
    planned = second.ok("sync", "--dry-run", "--json").json
    assert second.git("rev-parse", "HEAD") == old
    done = second.ok("sync", "--json").json
    new = second.git("rev-parse", "HEAD")
    assert (planned["dry_run"], done["dry_run"]) == (True, False)
    assert done["synced"] == {
        "branch": "main",
        "remote": "origin/main",
        "head": new,
        "fetched": 1,
        "replayed": [{"old": old, "new": new, "path": "snapshots/2026-07-05T17-00-00Z.toml", "was": None}],
        "waiting": [new],
        "pushed": [new],
        "others": [],
        "follows": False,
        "rounds": 1,
        "warnings": [],
    }


def test_a_dry_run_and_no_push_say_so(desks: tuple[Qoc, Qoc]) -> None:
    first, _ = desks
    first.ok("snapshot")
    assert first.ok("sync", "--dry-run").out == "would push 1 commit to origin/main\n"
    assert first.ok("sync", "--no-push").out == "1 commit not pushed to origin/main\n"


def test_commits_of_the_users_that_are_pushed_are_named(desks: tuple[Qoc, Qoc]) -> None:
    first, _ = desks
    first.ok("connect", "crypto", "--name", "coins", "--venue", "paper")
    done = first.ok("sync")
    assert done.out == "pushed 1 commit to origin/main\n"
    assert f"pushed, not a snapshot: {first.git('rev-parse', 'HEAD')[:10]} " in done.err


def test_a_negative_answer_exits_1_and_what_cannot_be_run_128_and_nonsense_129(
    desks: tuple[Qoc, Qoc], tmp_path: Path
) -> None:
    first, second = desks
    first.ok("connect", "crypto", "--name", "coins", "--venue", "paper")
    first.ok("sync")
    second.ok("connect", "crypto", "--name", "more", "--venue", "paper")
    state = second.state()
    refused = second("sync")
    assert (refused.code, refused.out) == (1, "")
    assert "git pull --rebase origin main" in refused.err
    assert second.state() == state
    assert first("sync", "nowhere").code == 129
    assert first("sync", "--timeout", "0").code == 129
    assert first("sync", "--timeout", "nan").code == 129
    first.git("config", "remote.origin.url", str(tmp_path / "gone"))
    failed = first("sync")
    assert failed.code == 128
    assert failed.err.count("\n") == 1


def test_outside_a_desk_no_branch_is_pushed(git: Git, tmp_path: Path) -> None:
    bare = make(tmp_path / "other.git", "--bare")
    git("remote", "add", "origin", str(bare.path))
    git("commit", "-q", "--allow-empty", "-m", "not a desk")
    done = Qoc(git)("sync")
    assert done.code == 128
    assert "no desk.toml here" in done.err
    assert bare("for-each-ref") == ""
