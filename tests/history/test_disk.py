"""A disk that is full and folders that cannot be written: real small file systems, mounted."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from git_qoc.errors import HistoryError
from git_qoc.history.repository import Repository, discover
from git_qoc.history.walk import Derive, entries
from git_qoc.history.write import Commit, write_only
from tests.conftest import Git
from tests.history.clones import Fleet, synced
from tests.history.desk import make, record, recorded, seed, snapshot_path


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of 512 KiB; skipped where mounting is not permitted."""
    path = tmp_path / "small"
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(path)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount command")
    if done.returncode:
        pytest.skip(f"mounting is not permitted: {done.stderr.strip()}")
    yield path
    subprocess.run(["umount", "-R", str(path)], check=True)


def fill(path: Path, free_kib: int) -> None:
    """Fill the file system but for so many KiB."""
    data = b"x" * 4096
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(data)
        except OSError:
            file.truncate(max(0, file.tell() - free_kib * 1024))


def attempt(repo: Repository, path: str) -> tuple[Commit | None, str]:
    try:
        return record(repo, path, b"x" * 5000), ""
    except HistoryError as exc:
        return None, str(exc)


def test_on_a_full_disk_a_snapshot_is_recorded_whole_or_not_at_all(small: Path) -> None:
    git = seed(make(small / "desk", "--template="))
    repo = recorded(git, 2)
    refusals = 0
    # Each loose object, the journal, the work file, index.lock and the ref's lock take 4 KiB.
    for number, free_kib in enumerate(range(0, 100, 4), start=2):
        path = snapshot_path(number)
        fill(small / "filler", free_kib)
        done, refusal = attempt(repo, path)
        (small / "filler").unlink()
        git("fsck", "--strict", "--no-dangling")
        if done is None:
            assert "the disk is full" in refusal
            refusals += 1
            assert record(repo, snapshot_path(500 + number), b"next") is not None
            assert not (git.path / path).exists()
            assert path not in git("ls-tree", "-r", "--name-only", "HEAD")
        assert git("status", "--porcelain") == ""
        assert not list(git.path.rglob("*.qoc-tmp"))
        if done is not None:
            assert refusals > 5
            return
    pytest.fail("100 KiB are enough for a snapshot")


def test_a_file_on_a_full_disk_keeps_its_old_content(small: Path) -> None:
    git = make(small / "desk", "--template=")
    repo = discover(git.path)
    write_only(repo, {"desk.toml": b"old\n"})
    fill(small / "filler", 0)
    for path in ("desk.toml", "new/folder/file.toml"):
        with pytest.raises(HistoryError, match=f"cannot write .*{path}: the disk is full"):
            write_only(repo, {path: b"x" * 9000})
    assert (git.path / "desk.toml").read_bytes() == b"old\n"
    assert sorted(entry.name for entry in git.path.iterdir()) == [".git", "desk.toml"]


def test_a_read_only_repository_can_be_read_and_says_why_it_cannot_be_written(small: Path) -> None:
    git = make(small / "desk", "--template=")
    repo = recorded(git, 2)
    subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
    assert [entry.data for entry in entries(repo)] == [b"nav = 0\n", b"nav = 1\n"]
    with pytest.raises(HistoryError, match="Read-only file system"):
        record(repo, snapshot_path(3), b"x")
    subprocess.run(["mount", "-o", "remount,rw", str(small)], check=True)


def test_a_full_disk_keeps_nothing_of_what_was_read_and_is_no_failure(small: Path) -> None:
    git = seed(make(small / "desk", "--template="))
    for number in range(3):
        record(discover(git.path), snapshot_path(number), b"nav = 0\n")
    fill(small / "filler", 0)
    derive = Derive("1", lambda data: data.decode().strip() * 500)
    assert [entry.derived for entry in entries(discover(git.path), derive=derive)] == ["nav = 0" * 500] * 3
    assert not list((git.path / ".git" / "qoc").glob("cache-*"))
    (small / "filler").unlink()
    entries(discover(git.path), derive=derive)
    assert len(list((git.path / ".git" / "qoc").glob("cache-*"))) == 2


def test_a_folder_that_cannot_be_written_undoes_everything(small: Path) -> None:
    git: Git = make(small / "desk", "--template=")
    repo = recorded(git, 1)
    folder, head = str(git.path / "snapshots"), git("rev-parse", "HEAD")
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
    with pytest.raises(HistoryError, match=r"cannot write .*: Read-only file system"):
        record(repo, snapshot_path(1), b"x")
    subprocess.run(["umount", folder], check=True)
    assert git("rev-parse", "HEAD") == head
    assert git("status", "--porcelain") == ""
    assert record(repo, snapshot_path(1), b"x") is not None


def test_a_sync_that_fills_the_disk_takes_back_what_it_wrote(small: Path, tmp_path: Path) -> None:
    bare = make(tmp_path / "books.git", "--bare")
    theirs = seed(make(tmp_path / "theirs"))
    theirs("push", "-q", str(bare.path), "main")
    ours = Fleet(small, bare).clone("ours")
    assert synced(ours).fetched == 0
    seed(
        theirs, notes__md="0" * 200_000, a__txt="small\n", z__txt="0" * 200_000
    )  # small as an object, not as a file
    theirs("push", "-q", str(bare.path), "main")
    fill(small / "filler", 120)
    with pytest.raises(HistoryError, match=r"^git read-tree failed: unable to write file notes\.md$"):
        synced(ours)
    assert ours("status", "--porcelain") == ""
    (small / "filler").unlink()
    assert ours("status", "--porcelain") == ""
    assert synced(ours).fetched == 1
    assert ours("status", "--porcelain") == ""
