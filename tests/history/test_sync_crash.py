"""Sync under kill -9, beside other writers, and as many clones at once; real processes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from git_qoc.errors import HistoryError, Refused
from tests.conftest import Git
from tests.history.clones import Fleet, clean, edit, fleet, snap, synced
from tests.history.desk import snapshot_path
from tests.history.test_crash import ROOT, fake_git

SYNC = """
import sys
from git_qoc.history.repository import discover
from git_qoc.history.clones.sync import sync
sync(discover())
"""


def run_sync(git: Git, path: str) -> int:
    env = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", SYNC], cwd=git.path, env=env, check=False, stderr=subprocess.DEVNULL
    )
    return done.returncode


def both_have_news(books: Fleet) -> Git:
    """A clone with two snapshots and the user's edits; the remote has changed, new and removed files."""
    first = books.clone("theirs")
    edit(first, "old.txt", "old\n")
    edit(first, "mine.txt", "mine\n")
    synced(first)
    ours = books.clone("ours")
    snap(first, 1)
    edit(first, "notes.md", "upstream\n")
    edit(first, "folder.txt", "new\n")
    first("rm", "-q", "old.txt")
    first("commit", "-qm", "remove")
    synced(first)
    snap(ours, 2)
    snap(ours, 3)
    (ours.path / "mine.txt").write_text("staged\n")
    ours("add", "mine.txt")
    (ours.path / "mine.txt").write_text("edited\n")
    (ours.path / "new.txt").write_text("untracked\n")
    return ours


FETCH, REPLAYED = 8, 26
"""Which call of git fetches, and which makes the last commit: those before the fetch only read,
and up to the last commit nothing of ours but those calls writes."""
USERS = ["MM mine.txt", "?? new.txt"]


@pytest.mark.parametrize(
    ("instant", "first"),
    [('real "$@"; kill -9 $PPID; exit 1', FETCH), ("kill -9 $PPID; exit 1", REPLAYED)],
)
def test_a_sync_killed_after_or_before_any_git_step_is_finished_by_the_next(
    tmp_path: Path, instant: str, first: int
) -> None:
    books = fleet(tmp_path)
    both_have_news(books)
    later = books.clone("later")
    edit(later, "notes.md", "upstream again\n")
    to_main = ("push", "-q", str(books.bare.path), "main")
    for name in ("ours", "books.git"):
        shutil.copytree(tmp_path / name, tmp_path / "start" / name)
    survived, step = False, 0
    for step in range(first, 60):
        for name in ("ours", "books.git"):
            shutil.rmtree(tmp_path / name)
            shutil.copytree(tmp_path / "start" / name, tmp_path / name)
        ours = Git(tmp_path / "ours")
        path = fake_git(tmp_path / f"bin{step}", f"if [ $count = {step} ]; then {instant}; fi")
        survived = run_sync(ours, path) == 0
        assert ours("fsck", "--strict", "--no-dangling") == ""
        published = books.bare("rev-parse", "main")
        if step % 2:  # the file that changed upstream changes there once more
            subprocess.run(["git", *to_main], cwd=later.path, capture_output=True, check=False)
        if step % 3 == 0:  # and a snapshot is taken here before the next sync
            snap(ours, 4)
        synced(ours)
        assert ours("status", "--porcelain").splitlines() == USERS
        assert (ours.path / "mine.txt").read_text() == "edited\n"
        assert books.bare("merge-base", published, "main") == published
        taken = [snapshot_path(n) for n in (1, 2, 3, *([4] if step % 3 == 0 else []))]
        assert books.files()[-len(taken) :] == taken
        assert books.log().count("snapshot") == len(taken)
        assert ours("rev-parse", "HEAD") == books.bare("rev-parse", "main")
        assert books.linear()
        assert not list((ours.path / ".git" / "qoc").glob("sync-index*"))
        if survived:
            break
    assert survived
    assert step > REPLAYED + 4


def killed_before_the_branch(books: Fleet, tmp_path: Path) -> Git:
    """A clone whose index and files are the new tip's, and whose branch is not."""
    ours = both_have_news(books)
    kill = 'case "$1" in update-ref) kill -9 $PPID; exit 1;; esac'
    assert run_sync(ours, fake_git(tmp_path / "bin", kill)) != 0
    assert "M  notes.md" in ours("status", "--porcelain").splitlines()
    return ours


def test_what_the_user_did_to_a_dead_syncs_files_is_not_touched(tmp_path: Path) -> None:
    books = fleet(tmp_path)
    ours = killed_before_the_branch(books, tmp_path)
    (ours.path / "notes.md").write_text("by hand\n")
    assert len(synced(ours).pushed) == 2
    assert (ours.path / "notes.md").read_text() == "by hand\n"
    assert ours("status", "--porcelain").splitlines() == [USERS[0], " M notes.md", USERS[1]]


def test_a_commit_of_a_dead_syncs_files_by_hand_stays(tmp_path: Path) -> None:
    books = fleet(tmp_path)
    ours = killed_before_the_branch(books, tmp_path)
    ours("commit", "-qm", "by hand")
    head = ours("rev-parse", "HEAD")
    with pytest.raises(Refused, match=head[:10]):
        synced(ours)
    assert ours("rev-parse", "HEAD") == head
    assert ours("show", "HEAD:notes.md") == "upstream"


def test_files_that_git_wrote_before_it_was_killed_itself_are_taken_back(tmp_path: Path) -> None:
    books = fleet(tmp_path)
    ours = both_have_news(books)
    # As `git read-tree -u` that dies before its index: some files there, index.lock held.
    dying = (
        'case "$1" in read-tree) printf "upstream\\n" >notes.md; printf "ne" >folder.txt; rm old.txt;'
        " touch .git/index.lock; kill -9 $PPID; exit 1;; esac"
    )
    assert run_sync(ours, fake_git(tmp_path / "bin", dying)) != 0
    (ours.path / ".git" / "index.lock").unlink()
    synced(ours)
    assert ours("status", "--porcelain").splitlines() == USERS


def test_the_branch_that_a_killed_sync_left_to_its_orphan_is_waited_for(tmp_path: Path) -> None:
    books = fleet(tmp_path)
    ours = both_have_news(books)
    orphan = 'case "$1" in update-ref) kill -9 $PPID; sleep 0.3;; esac'
    assert run_sync(ours, fake_git(tmp_path / "bin", orphan)) != 0
    assert len(synced(ours).pushed) == 2
    assert ours("status", "--porcelain").splitlines() == USERS


def test_a_commit_made_while_sync_was_about_to_move_the_branch_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = fleet(tmp_path)
    ours = both_have_news(books)
    other = 'real update-ref HEAD $(real commit-tree -p HEAD -m other "HEAD^{tree}" </dev/null)'
    script = f'case "$1" in update-ref) test -e "$0.done" || {{ touch "$0.done"; {other}; }};; esac'
    monkeypatch.setenv("PATH", fake_git(tmp_path / "bin", script))
    with pytest.raises(Refused, match=r"are no snapshots, which sync never rewrites: .* other"):
        synced(ours)
    assert ours("log", "-1", "--format=%s") == "other"
    assert ours("status", "--porcelain").splitlines() == USERS


def test_a_damaged_note_of_a_dead_sync_is_named(tmp_path: Path) -> None:
    ours = fleet(tmp_path).clone("ours")
    synced(ours)
    gone = {"old": "1" * 40, "new": "2" * 40}
    for text in ("[]", json.dumps(gone)):
        (ours.path / ".git" / "qoc" / "sync").write_text(text)
        with pytest.raises(HistoryError, match="Look at git status"):
            synced(ours)


def test_eight_clones_that_sync_at_once_all_succeed(tmp_path: Path) -> None:
    books = fleet(tmp_path)
    clones = [books.clone(f"c{number}") for number in range(8)]
    for number, git in enumerate(clones):
        snap(git, number)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = [subprocess.Popen([sys.executable, "-c", SYNC], cwd=git.path, env=env) for git in clones]
    assert [process.wait() for process in running] == [0] * 8
    assert len(books.files()) == 2 + 8
    assert len(books.log()) == 1 + 8
    assert books.linear()


STEPS = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(["snap", "snap", "sync", "sync", "note"])), max_size=14
)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_whatever_the_order_nothing_is_lost_and_nothing_pushed_is_rewritten(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, str]]
) -> None:
    books = fleet(tmp_path_factory.mktemp("order"))
    clones = [books.clone(f"c{number}") for number in range(3)]
    taken: list[str] = []
    published: set[str] = set()
    for number, (which, deed) in enumerate([*steps, *((which, "sync") for which in (0, 1, 2, 0, 1, 2))]):
        git = clones[which]
        if deed == "snap":
            # Only four seconds to be in, so the clones often meet in one; but a rebase of the
            # user's, which is needed where there are notes, could not keep both.
            second = number if any(deed == "note" for _, deed in steps) else number % 4
            if not (git.path / snapshot_path(second)).exists():
                snap(git, second, f"{number}\n")
                taken.append(f"{number}")
        elif deed == "note":
            edit(git, f"note{which}.md", f"{number}\n")
        else:
            try:
                synced(git)
            except Refused:
                git("pull", "-q", "--rebase")
                synced(git)
        published |= set(books.log("%H"))
        assert published == set(books.log("%H"))
    found = [books.bare("show", f"main:{path}") for path in books.files() if path.startswith("snapshots/")]
    assert sorted(found) == sorted(taken)
    assert books.linear()
    for git in clones:
        assert git("rev-parse", "HEAD") == books.bare("rev-parse", "main")
        clean(git)
