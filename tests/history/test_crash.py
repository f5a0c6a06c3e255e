"""Real processes, really killed: a `git` of ours stands first on PATH and kills its parent."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from git_qoc.errors import HeadMoved, HistoryError
from git_qoc.history import journal
from git_qoc.history.journal import Change, digest
from git_qoc.history.repository import discover
from git_qoc.history.trees import TreeEntry
from git_qoc.history.write import commit_files
from tests.conftest import Git
from tests.history.desk import record, recover, seed, snapshot_path

GIT = shutil.which("git") or "git"
ROOT = Path(__file__).parents[2]
OURS, NEXT = snapshot_path(0), snapshot_path(1)
NEW_SNAPSHOT = b"nav = 1\n"
NEW_DESK = b"[workspace]\n# mine\n[[connector]]\n"
WRITER = f"""
from git_qoc.history.repository import discover
from git_qoc.history.write import commit_files
commit_files(discover(), {{{OURS!r}: {NEW_SNAPSHOT!r}, "desk.toml": {NEW_DESK!r}}}, "ours\\n", what="ours")
"""


def fake_git(folder: Path, script: str) -> str:
    """A PATH on which `git` is a shell script; `real` runs git, `$count` numbers the calls from 1."""
    folder.mkdir()
    (folder / "count").write_text("0\n")
    (folder / "git").write_text(
        f"#!/bin/sh\nreal() {{ {GIT} \"$@\"; }}\nread count <'{folder}/count'\n"
        f"count=$((count + 1))\necho $count >'{folder}/count'\n{script}\nexec {GIT} \"$@\"\n"
    )
    (folder / "git").chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def run_writer(git: Git, path: str) -> int:
    env = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", WRITER], cwd=git.path, env=env, check=False)
    return done.returncode


def users_work(git: Git) -> None:
    seed(git, desk__toml="[workspace]\n", a__txt="a\n")
    (git.path / "a.txt").write_text("staged\n")
    git("add", "a.txt")
    (git.path / "a.txt").write_text("edited\n")
    (git.path / "desk.toml").write_text("[workspace]\n# mine\n")
    git("add", "desk.toml")


def nothing_half_done(git: Git) -> None:
    """After any kill and the next commit: our commit is there as a whole, or not at all."""
    assert git("fsck", "--strict", "--no-dangling") == ""
    assert git("diff", "--cached", "a.txt").endswith("+staged")
    assert (git.path / "a.txt").read_text() == "edited\n"
    others = [line for line in git("status", "--porcelain").splitlines() if not line.endswith("a.txt")]
    if "ours" in git("log", "--format=%s"):
        assert git("show", "--format=", "--name-only", ":/^ours") == f"desk.toml\n{OURS}"
        assert (git.path / "desk.toml").read_bytes() == NEW_DESK
        assert others == []
    else:
        assert not (git.path / OURS).exists()
        assert (git.path / "desk.toml").read_text() == "[workspace]\n# mine\n"
        assert others == ["M  desk.toml"]
    assert not list(git.path.rglob("*qoc-tmp"))
    assert not list((git.path / ".git" / "qoc").glob("journal*"))


@pytest.mark.parametrize("instant", ["kill -9 $PPID; exit 1", 'real "$@"; kill -9 $PPID; exit 1'])
def test_a_writer_killed_before_or_after_any_git_step_leaves_nothing_half_done(
    git: Git, tmp_path: Path, instant: str
) -> None:
    users_work(git)
    git("update-ref", "refs/start", "HEAD")
    shutil.copytree(git.path, tmp_path / "start")
    survived = False
    for step in range(1, 40):
        shutil.rmtree(git.path)
        shutil.copytree(tmp_path / "start", git.path)
        path = fake_git(tmp_path / f"bin{step}", f"if [ $count = {step} ]; then {instant}; fi")
        survived = run_writer(git, path) == 0
        assert git("fsck", "--strict", "--no-dangling") == ""
        assert record(discover(git.path), NEXT, b"nav = 2\n") is not None
        nothing_half_done(git)
        if survived:
            break
    assert survived
    assert step > 8


def test_a_branch_moved_by_the_orphan_of_a_killed_writer_is_waited_for(git: Git, tmp_path: Path) -> None:
    users_work(git)
    orphan = 'case "$1" in update-ref) kill -9 $PPID; sleep 0.3;; esac'
    assert run_writer(git, fake_git(tmp_path / "bin", orphan)) != 0
    assert record(discover(git.path), NEXT, b"nav = 2\n") is not None
    assert git("log", "--format=%s", "-2") == "snapshot\nours"
    nothing_half_done(git)


def test_recovering_twice_or_with_nothing_to_recover_changes_nothing(git: Git, tmp_path: Path) -> None:
    users_work(git)
    before = git("status", "--porcelain=v2")
    recover(discover(git.path))
    assert git("status", "--porcelain=v2") == before
    kill = 'case "$1" in update-ref) kill -9 $PPID; exit 1;; esac'
    assert run_writer(git, fake_git(tmp_path / "bin", kill)) != 0
    assert git("status", "--porcelain", "--", "snapshots") == f"A  {OURS}"
    for _ in range(2):
        recover(discover(git.path))
        assert git("status", "--porcelain=v2") == before


def test_what_the_user_did_to_a_dead_writers_files_is_not_touched(git: Git, tmp_path: Path) -> None:
    users_work(git)
    kill = 'case "$1" in update-ref) kill -9 $PPID; exit 1;; esac'
    assert run_writer(git, fake_git(tmp_path / "bin", kill)) != 0
    (git.path / OURS).write_text("by hand\n")
    (git.path / "desk.toml").write_text("by hand\n")
    git("add", "desk.toml")
    recover(discover(git.path))
    assert (git.path / OURS).read_text() == (git.path / "desk.toml").read_text() == "by hand\n"
    assert git("show", ":desk.toml") == "by hand"
    assert git("status", "--porcelain", "--", "snapshots") == "?? snapshots/"


def test_a_dead_writers_files_that_the_user_committed_stay_committed(git: Git, tmp_path: Path) -> None:
    users_work(git)
    kill = 'case "$1" in update-ref) kill -9 $PPID; exit 1;; esac'
    assert run_writer(git, fake_git(tmp_path / "bin", kill)) != 0
    git("commit", "-q", "-m", "ours, by hand")
    recover(discover(git.path))
    assert git("show", f"HEAD:{OURS}") == "nav = 1"
    assert git("status", "--porcelain") == " M a.txt"


def test_a_journal_whose_steps_never_began_and_a_left_temporary_are_cleared(git: Git) -> None:
    seed(git)
    repo = discover(git.path)
    change = Change(OURS, TreeEntry("100644", "1" * 40), digest(NEW_SNAPSHOT), None, None, None)
    journal.save(repo, [change])
    (git.path / "snapshots").mkdir()
    (git.path / "snapshots" / f".{Path(OURS).name}.qoc-tmp").write_text("half")
    recover(repo)
    assert not (git.path / "snapshots").exists()
    assert git("status", "--porcelain") == ""


def test_a_damaged_journal_is_named_and_nothing_is_guessed(git: Git) -> None:
    repo = discover(git.path)
    (repo.private_dir / "journal").write_text('[{"path": 1}]')
    with pytest.raises(HistoryError, match="journal is damaged"):
        record(repo, OURS, NEW_SNAPSHOT)


def other_commit(desk: str = "") -> str:
    """Shell that commits beside the writer, once, when it is about to make its commit."""
    tree = "HEAD^{tree}"
    if desk:
        blob = f"$(echo {desk} | {GIT} hash-object -w --stdin)"
        tree = f'$(printf "100644 blob %s\\tdesk.toml\\n" {blob} | {GIT} mktree)'
    move = f'real update-ref HEAD $(real commit-tree -p HEAD -m other "{tree}" </dev/null)'
    return f'case "$*" in *commit-tree*) test -e "$0.done" || {{ touch "$0.done"; {move}; }};; esac'


def test_when_head_moves_the_commit_is_made_again_on_top(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed(git, desk__toml="1\n")
    repo = discover(git.path)
    monkeypatch.setenv("PATH", fake_git(tmp_path / "bin", other_commit()))
    assert record(repo, OURS, NEW_SNAPSHOT) is not None
    assert git("log", "--format=%s") == "snapshot\nother\nthe user's own"
    assert git("status", "--porcelain") == ""


def test_when_somebody_commits_another_content_of_our_file_theirs_is_not_overwritten(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed(git, desk__toml="1\n")
    repo = discover(git.path)
    monkeypatch.setenv("PATH", fake_git(tmp_path / "bin", other_commit(desk="theirs")))
    with pytest.raises(HeadMoved, match=r"desk\.toml was committed by somebody else meanwhile"):
        commit_files(repo, {"desk.toml": b"ours\n"}, "ours", what="connect")
    assert git("show", "HEAD:desk.toml") == "theirs"
    assert (git.path / "desk.toml").read_text() == "1\n"


def test_upkeep_that_fails_fails_no_commit(git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = discover(git.path)
    monkeypatch.setenv("PATH", fake_git(tmp_path / "bin", 'case "$1" in maintenance) exit 1;; esac'))
    assert record(repo, OURS, NEW_SNAPSHOT) is not None


def test_upkeep_that_repacks_in_the_background_is_not_waited_for_and_loses_nothing(git: Git) -> None:
    git("config", "gc.auto", "1")
    repo = discover(git.path)
    for number in range(5):
        assert record(repo, snapshot_path(number), b"%d" % number) is not None
    assert len(git("ls-tree", "HEAD", "snapshots/").splitlines()) == 5
    git("fsck", "--strict", "--no-dangling")


def test_four_processes_beside_a_busy_branch_lose_no_commit(git: Git) -> None:
    seed(git)
    start = git("rev-list", "--count", "HEAD")
    writer = """
import sys
from git_qoc.history.repository import discover
from git_qoc.history.write import commit_files
for n in range(10):
    path = f"snapshots/{sys.argv[1]}-{n}.toml"
    assert commit_files(discover(), {path: path.encode()}, "ours", what="snapshot") is not None
"""
    busy = f"""
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
    old=$({GIT} rev-parse HEAD)
    {GIT} update-ref HEAD $({GIT} commit-tree -p $old -m busy $old^{{tree}} </dev/null) $old && echo moved
    sleep 0.05
done
"""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    other = subprocess.Popen(
        ["sh", "-c", busy], cwd=git.path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    ours = [
        subprocess.Popen([sys.executable, "-c", writer, str(number)], cwd=git.path, env=env)
        for number in range(4)
    ]
    assert [process.wait() for process in ours] == [0] * 4
    moved = other.communicate()[0].count("moved")
    assert int(git("rev-list", "--count", "HEAD")) == int(start) + 40 + moved
    assert len(git("ls-tree", "-r", "--name-only", "HEAD", "snapshots/").splitlines()) == 40
    assert git("fsck", "--strict", "--no-dangling") == ""
    assert git("status", "--porcelain") == ""


def test_a_lock_of_git_that_goes_away_is_waited_for(git: Git) -> None:
    seed(git)
    lock = git.path / ".git" / "index.lock"
    lock.touch()
    with subprocess.Popen(["sh", "-c", f"sleep 0.4; rm '{lock}'"]):
        assert record(discover(git.path), OURS, NEW_SNAPSHOT) is not None
    assert git("status", "--porcelain") == ""
