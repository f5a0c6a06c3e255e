"""`git qoc verify` on desks that our own commands make, and on what can be done to them by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from git_qoc.snapshots.toml import dumps, file_name
from git_qoc.tasks.demo import make as make_demo
from tests.cli.qoc import Qoc
from tests.conftest import Git
from tests.retrospective.trades.record import day, fill


class Trading:
    """A paper desk; time passes for the tool and for git alike."""

    def __init__(self, qoc: Qoc, monkeypatch: pytest.MonkeyPatch) -> None:
        self.qoc, self.git, self._env = qoc, qoc.git, monkeypatch
        qoc.ok("init")
        for kind, name in (("equities", "eq"), ("cash", "bank")):
            qoc.ok("connect", kind, "--name", name, "--venue", "paper")
            qoc.ok("paper", "deposit", name, "100000")

    def snapshot(self, *args: str, **delta: float) -> str:
        """Its root-relative path."""
        self.qoc.pass_time(**(delta or {"days": 1}))
        self.date()
        return str(self.qoc.ok("snapshot", "--json", *args).json["path"])

    def date(self) -> None:
        for role in ("AUTHOR", "COMMITTER"):
            self._env.setenv(f"GIT_{role}_DATE", self.qoc.now.isoformat())

    def edit(self, path: str, old: str, new: str, message: str = "by hand") -> str:
        file = self.git.path / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))
        self.git("commit", "-q", "-a", "-m", message)
        return self.git("rev-parse", "--short=10", "HEAD")


@pytest.fixture
def trading(qoc: Qoc, monkeypatch: pytest.MonkeyPatch) -> Trading:
    return Trading(qoc, monkeypatch)


def kinds(qoc: Qoc, *args: str) -> list[tuple[str, str, int | None]]:
    result = qoc("verify", "--json", *args)
    found = [(f["kind"], f["path"], f["line"]) for f in result.json["findings"]]
    assert result.code == (1 if found else 0), result.err
    return found


def test_a_desk_of_ours_is_clean_and_says_what_was_verified(trading: Trading) -> None:
    for _ in range(3):
        trading.snapshot()
    trading.snapshot(microseconds=250_000)  # several in one second
    trading.qoc.pass_time(minutes=1)
    trading.qoc.ok("paper", "deposit", "bank", "2500")
    trading.snapshot()
    result = trading.qoc.ok("verify")
    assert result.out == (
        "5 snapshots in 5 commits: each is as it was recorded, its numbers add up, and P&L leads from NAV to "
        "NAV over 8 links.\n"
    )
    assert result.err == ""
    found = trading.qoc.ok("verify", "--json").json
    assert found == {
        "findings": [],
        "snapshots": 5,
        "commits": 5,
        "moved": 0,
        "links": 8,
        "not_verified": [],
    }


def test_the_demo_desk_is_clean(tmp_path: Path, git: Git) -> None:
    make_demo(tmp_path / "demo", lambda *_: None)
    result = Qoc(Git(tmp_path / "demo")).ok("verify")
    assert result.out.startswith("261 snapshots in 261 commits: each is as it was recorded")


def test_a_desk_with_a_venue_that_is_out_is_clean(trading: Trading) -> None:
    trading.snapshot()
    state = next((trading.git.path / ".git/qoc").rglob("*bank*"))
    kept = state.read_bytes()
    state.write_bytes(b"broken")
    path = trading.snapshot()
    assert "degraded" in (trading.git.path / path).read_text()
    state.write_bytes(kept)
    trading.snapshot()
    assert kinds(trading.qoc) == []


def test_a_monthly_desk_and_one_that_becomes_monthly_are_clean(trading: Trading) -> None:
    path = trading.snapshot()
    with (trading.git.path / "desk.toml").open("a") as file:
        file.write('\n[history]\nlayout = "monthly"\n')
    (trading.git.path / "snapshots/2026/07").mkdir(parents=True)
    trading.git("mv", path, "snapshots/2026/07/")
    trading.git("commit", "-q", "-a", "-m", "monthly")
    assert trading.snapshot().startswith("snapshots/2026/07/")
    result = trading.qoc.ok("verify")
    assert result.out.startswith("2 snapshots in 3 commits, 1 moved to another folder: ")


def test_an_edit_is_told_with_both_commits_its_line_and_the_way_back(trading: Trading) -> None:
    path = trading.snapshot()
    first = trading.git("rev-parse", "--short=10", "HEAD")
    trading.snapshot()
    edit = trading.edit(path, "nav_usd        = 200_000.00", "nav_usd        = 210_000.00")
    result = trading.qoc("verify")
    assert result.code == 1
    assert result.out == (
        f"{path}:3: edited in {edit}, first recorded in {first}: nav_usd was 200_000.00, is 210_000.00. "
        f"Put it back: git checkout {first} -- {path}; take a new snapshot for new figures.\n"
        f"{path}:3: nav_usd is 210,000.00, but [[account]] add up to 200,000.00. Hold it against the venue's "
        "own statement.\n"
    )
    assert result.err == "2 snapshots in 3 commits: 2 findings\n"
    trading.git("checkout", first, "--", path)
    trading.git("commit", "-q", "-m", "put back")
    (line,) = trading.qoc("verify").out.splitlines()
    assert line.endswith("It is as it was recorded again; what was in between stays in history.")


def test_an_edit_that_adds_up_breaks_the_chain_too(trading: Trading) -> None:
    trading.snapshot()
    path = trading.snapshot()
    trading.snapshot()
    trading.edit(path, "100_000.00", "90_000.00")
    trading.edit(path, "200_000.00", "180_000.00")
    found = kinds(trading.qoc)
    assert [(kind, line) for kind, _, line in found if kind != "edited"] == [("chain", 17), ("chain", 30)]
    assert {where for _, where, _ in found} == {path}


def test_a_snapshot_written_into_the_past_and_one_from_the_future_are_told(trading: Trading) -> None:
    path = trading.snapshot()
    text = (trading.git.path / path).read_text()
    for stamp in ("2026-07-04T10:00:00Z", "2026-07-09T10:00:00Z"):
        name = f"snapshots/{stamp.replace(':', '-')}.toml"
        (trading.git.path / name).write_text(text.replace("2026-07-06T16:00:00Z", stamp))
        trading.git("add", "-A")
        trading.git("commit", "-q", "-m", "forged")
    expected = [("time", f"snapshots/2026-07-0{day}T10-00-00Z.toml", 2) for day in (4, 9)]
    assert [found for found in kinds(trading.qoc) if found[0] == "time"] == expected


@pytest.mark.parametrize(
    ("stamp", "told"), [("2026-08-09T10:00:00Z", "taken after"), ("2026-05-04T10:00:00Z", "set by hand")]
)
@pytest.mark.parametrize("committer", [False, True], ids=["author", "both"])
def test_an_author_date_set_by_hand_hides_no_forged_time(
    trading: Trading, monkeypatch: pytest.MonkeyPatch, stamp: str, told: str, *, committer: bool
) -> None:
    path = trading.snapshot()
    text = (trading.git.path / path).read_text()
    name = f"snapshots/{stamp.replace(':', '-')}.toml"
    (trading.git.path / name).write_text(text.replace("2026-07-06T16:00:00Z", stamp))
    trading.git("add", "-A")
    if committer and told == "set by hand":
        monkeypatch.setenv("GIT_COMMITTER_DATE", stamp)
    trading.git("commit", "-q", "-m", "forged", "--date", stamp)
    assert ("time", name, 2) in kinds(trading.qoc)
    assert told in trading.qoc("verify").out


def test_two_files_of_one_time_are_told(trading: Trading) -> None:
    path = trading.snapshot()
    copy = path.replace("Z.toml", ".000000Z.toml")
    (trading.git.path / copy).write_text((trading.git.path / path).read_text())
    trading.git("add", copy)
    trading.git("commit", "-q", "-m", "again")
    assert kinds(trading.qoc) == [("duplicate", max(path, copy), 2)]


def test_a_range_tells_only_its_commits_and_holds_them_against_what_was_there(trading: Trading) -> None:
    path = trading.snapshot()
    trading.edit(path, "200_000.00", "200_000.01")
    base = trading.git("rev-parse", "HEAD")
    new = trading.snapshot()
    assert kinds(trading.qoc, f"{base}..HEAD") == []
    assert kinds(trading.qoc, "HEAD", f"^{base}") == []
    trading.edit(new, "realized_pnl   = 0.00", "realized_pnl   = 9_000.00")
    assert {kind for kind, _, _ in kinds(trading.qoc, f"{base}..")} == {"edited"}
    out = trading.qoc("verify", "nonsense")
    assert (out.code, out.out) == (128, "")
    assert "nonsense" in out.err


def test_signing_is_demanded_by_desk_toml_of_head_or_by_the_option(trading: Trading) -> None:
    trading.snapshot()
    assert kinds(trading.qoc) == []
    assert kinds(trading.qoc, "--require-signed") == [("unsigned", "snapshots", None)]
    file = trading.git.path / "desk.toml"
    file.write_text(file.read_text() + "\n[history]\nrequire_signed = true\n")
    assert kinds(trading.qoc) == []  # not committed yet
    trading.git("commit", "-q", "-a", "-m", "sign")
    assert kinds(trading.qoc) == [("unsigned", "snapshots", None)]
    file.write_text("[history\n")
    trading.git("commit", "-q", "-a", "-m", "broken")
    result = trading.qoc("verify")
    assert result.code == 128
    assert "desk.toml" in result.err


def test_a_shallow_clone_never_claims_more_than_it_saw(trading: Trading, tmp_path: Path) -> None:
    for _ in range(3):
        trading.snapshot()
    shallow = tmp_path / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth=2", f"file://{trading.git.path}", shallow], check=True)
    result = Qoc(Git(shallow)).ok("verify")
    assert "the clone is shallow" in result.err
    assert "git fetch --unshallow" in result.err


def test_a_bare_repository_verifies_every_desk_in_it(trading: Trading, tmp_path: Path) -> None:
    path = trading.snapshot()
    sub = trading.git.path / "sub"
    sub.mkdir()
    for name in ("desk.toml", "snapshots"):
        trading.git("mv", name, "sub/")
    trading.git("commit", "-q", "-m", "move the desk")
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "-q", "--bare", trading.git.path, bare], check=True)
    qoc = Qoc(Git(bare))
    assert qoc.ok("verify").out.startswith("1 snapshot in 1 commit: ")
    trading.edit(f"sub/{path}", "200_000.00", "200_000.01")
    trading.git("push", "-q", str(bare), "main")
    assert ("edited", f"sub/{path}", 3) in kinds(qoc)


def test_nothing_to_verify_is_said_and_is_no_fault(qoc: Qoc) -> None:
    assert qoc("verify").code == 128  # no desk
    qoc.ok("init")
    assert qoc.ok("verify").out.startswith("There is no snapshot in these commits")


def test_the_record_is_read_and_nothing_else_is_touched(trading: Trading) -> None:
    path = trading.snapshot()
    (trading.git.path / path).write_text("the work tree's own\n")
    before = trading.qoc.state()
    assert kinds(trading.qoc) == []
    assert trading.qoc.state() == before


def test_hostile_text_cannot_move_the_cursor_or_break_a_line(trading: Trading) -> None:
    trading.snapshot()
    name = "snapshots/a\nb\x1b[2J.toml"
    (trading.git.path / name).write_text('[meta]\ntimestamp = "\\u001b[2J"\nnav_usd = 1\n')
    trading.git("add", "-A")
    trading.git("commit", "-q", "-m", "hostile")
    result = trading.qoc("verify")
    assert result.code == 1
    assert "\x1b" not in result.out
    assert len(result.out.splitlines()) == 1


def test_it_runs_as_a_process_and_imports_no_more_than_it_needs(trading: Trading) -> None:
    trading.snapshot()
    code = (
        "import sys\nfrom git_qoc.cli.main import run\nassert run(['verify']) == 0\n"
        "print([m for m in ('pygit2', 'pydantic', 'requests', 'croniter', 'tomlkit') if m in sys.modules])"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=trading.git.path,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_revision_that_is_none_is_told_with_what_to_give(trading: Trading) -> None:
    result = trading.qoc("verify", "nope")
    assert (result.code, result.err) == (128, "bad revision 'nope'. Name a commit, or a range such as A..B\n")


def test_a_desk_that_is_gone_is_told_from_where_it_went(trading: Trading) -> None:
    path = trading.snapshot()
    moved = trading.qoc.git.path / "new"
    moved.mkdir()
    trading.git("mv", "desk.toml", "snapshots", "new")
    (moved / path).write_text((moved / path).read_text().replace("200_000", "900_000"))
    trading.git("commit", "-qam", "moved")
    result = trading.qoc("verify", cwd=moved)
    assert result.code == 1
    assert f"new/{path}:3: edited in" in result.out
    assert "the desk that was in the top folder is gone, and 1 snapshot of it could not be" in result.err


@pytest.mark.parametrize("line", ['require_signed = "true"', "require_signed = 1"])
def test_a_demand_of_signatures_that_is_not_understood_is_not_taken_for_none(
    trading: Trading, line: str
) -> None:
    desk = trading.qoc.git.path / "desk.toml"
    desk.write_text(f"{desk.read_text()}\n[history]\n{line}\n")
    trading.git("commit", "-qam", "signatures")
    result = trading.qoc("verify")
    assert (result.code, result.out) == (128, "")
    assert "[history] require_signed: expected true or false" in result.err


def test_a_range_cannot_drop_the_demand_of_signatures_that_stood_before_it(trading: Trading) -> None:
    desk = trading.qoc.git.path / "desk.toml"
    text = desk.read_text()
    desk.write_text(f"{text}\n[history]\nrequire_signed = true\n")
    trading.git("commit", "-qam", "signatures")
    desk.write_text(text)
    trading.git("commit", "-qam", "no signatures")
    trading.snapshot()
    result = trading.qoc("verify", "HEAD~2..HEAD")
    assert result.code == 1
    assert "is not signed" in result.out


def test_fills_that_do_not_lead_to_what_was_realized_are_told(qoc: Qoc) -> None:
    """Every other number of the file says the same as its fills do not."""
    qoc.ok("init")
    book = [
        day("03-01", {}, since=None),
        day("03-02", {"A": 4}, fill("03-02 10:00", 4, 5), cost=5),
        day("03-03", {}, fill("03-03 10:00", -4, 6), realized={"A": 5}),
    ]
    (qoc.git.path / "snapshots").mkdir(exist_ok=True)
    for one in book:
        (qoc.git.path / "snapshots" / file_name(one.timestamp)).write_text(dumps(one))
    qoc.git("add", "-A")
    qoc.git("commit", "-q", "-m", "a record")
    result = qoc("verify")
    assert '"eq" A: 5.00 USD are told as realized, but its fills realized 4.00. Hold its fills' in result.out
    assert [path for kind, path, _ in kinds(qoc) if kind == "fills"] == [
        "snapshots/2026-03-03T21-00-00Z.toml"
    ]


def test_whole_refuses_a_shallow_clone_in_one_line_with_the_way_out(trading: Trading, tmp_path: Path) -> None:
    trading.snapshot()
    trading.snapshot()
    shallow = tmp_path / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{trading.git.path}", shallow], check=True)
    cut = Qoc(Git(shallow))
    result = cut("verify", "--whole")
    assert (result.code, result.out) == (128, "")
    assert result.err.count("\n") == 1
    for way_out in ("git fetch --unshallow", "fetch-depth: 0", "GIT_DEPTH: 0"):
        assert way_out in result.err
    cut.git("fetch", "-q", "--unshallow")
    assert "each is as it was recorded" in cut.ok("verify", "--whole").out
