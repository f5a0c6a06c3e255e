from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from git_qoc.history.repository import discover
from git_qoc.history.walk import Entry, blob_at, desk_blobs, entries, snapshot_files
from tests.conftest import Git
from tests.history.desk import make, record, recorded, seed, snapshot_path, trailers

A, B, C = snapshot_path(0), snapshot_path(1), snapshot_path(2)


def by_hand(git: Git, path: str, text: str, subject: str = "by hand") -> str:
    """A commit without trailers, as an editor and `git commit` make it."""
    (git.path / path).parent.mkdir(parents=True, exist_ok=True)
    (git.path / path).write_text(text)
    git("add", path)
    git("commit", "-q", "-m", subject)
    return git("rev-parse", "HEAD")


def only(found: list[Entry], path: str) -> Entry:
    return next(entry for entry in found if entry.path == path)


def test_each_snapshot_comes_with_its_content_and_the_commit_that_recorded_it(git: Git) -> None:
    repo = recorded(git, 3)
    found = entries(repo)
    assert [entry.path for entry in found] == [A, B, C]
    assert [entry.data for entry in found] == [b"nav = 0\n", b"nav = 1\n", b"nav = 2\n"]
    assert [entry.commit for entry in found] == git("rev-list", "--reverse", "HEAD").splitlines()
    assert found[0].committed == datetime(2026, 7, 5, 16, tzinfo=UTC)
    assert found[0].subject == "snapshot"
    assert not any(entry.edited for entry in found)
    assert [entry.blob for entry in found] == [git("rev-parse", f"HEAD:{path}") for path in (A, B, C)]


def test_an_unborn_branch_and_a_desk_without_snapshots_have_none(git: Git) -> None:
    repo = discover(git.path)
    assert entries(repo) == []
    assert snapshot_files(repo) == []
    seed(git)
    assert entries(repo) == entries(repo, "nowhere") == []
    assert snapshot_files(repo) == []


def test_a_snapshot_committed_by_hand_has_its_commit_from_the_trees(git: Git) -> None:
    repo = recorded(git, 1)
    commit = by_hand(git, B, "hand\n")
    record(repo, C, b"ours\n")
    entry = only(entries(repo), B)
    assert (entry.commit, entry.subject, entry.edited) == (commit, "by hand", False)


def test_an_edit_is_found_with_both_commits(git: Git) -> None:
    repo = recorded(git, 2)
    first, blob = git("rev-parse", "HEAD~1"), git("rev-parse", f"HEAD:{A}")
    by_hand(git, A, "better\n", "first edit")
    last = by_hand(git, A, "best\n", "second edit")
    by_hand(git, "notes.md", "later\n")
    entry = only(entries(repo), A)
    assert entry.edited
    assert (entry.first_commit, entry.original_blob) == (first, blob)
    assert (entry.commit, entry.subject, entry.data) == (last, "second edit", b"best\n")
    assert not only(entries(repo), B).edited


def test_an_edit_of_a_snapshot_committed_by_hand_is_found_too(git: Git) -> None:
    repo = discover(git.path)
    first = by_hand(git, A, "first\n")
    last = by_hand(git, A, "edited\n")
    entry = only(entries(repo), A)
    assert (entry.first_commit, entry.commit) == (first, last)
    assert entry.original_blob == git("rev-parse", f"{first}:{A}")


def test_an_edit_hidden_in_an_amended_snapshot_commit_is_found(git: Git) -> None:
    repo = recorded(git, 1)
    claimed = git("rev-parse", f"HEAD:{A}")
    (git.path / A).write_text("amended\n")
    git("commit", "-q", "-a", "--amend", "--no-edit")
    entry = only(entries(repo), A)
    assert (entry.commit, entry.original_blob) == (git("rev-parse", "HEAD"), claimed)
    assert entry.first_commit == entry.commit


def test_an_edit_hidden_in_another_snapshots_commit_is_found(git: Git) -> None:
    repo = recorded(git, 2)
    first = git("rev-parse", "HEAD~1")
    (git.path / A).write_text("hidden\n")
    git("commit", "-q", "-a", "--amend", "--no-edit")
    entry = only(entries(repo), A)
    assert (entry.commit, entry.first_commit) == (git("rev-parse", "HEAD"), first)
    assert not only(entries(repo), B).edited


def test_an_edit_that_was_taken_back_is_none(git: Git) -> None:
    repo = recorded(git, 1)
    first = git("rev-parse", "HEAD")
    by_hand(git, A, "edited\n")
    git("revert", "--no-edit", "HEAD")
    entry = only(entries(repo), A)
    assert (entry.commit, entry.edited) == (first, False)


def test_a_claim_that_the_tree_does_not_bear_out_is_not_believed(git: Git) -> None:
    repo = discover(git.path)
    real = by_hand(git, A, "real\n")
    git("commit", "-q", "--allow-empty", "-m", trailers(B, git("rev-parse", f"HEAD:{A}")))
    git("commit", "-q", "--allow-empty", "-m", "snapshot\n\nQoc-Snapshot: nonsense\nQoc-Snapshot: more\n")
    found = entries(repo)
    assert [(entry.path, entry.commit) for entry in found] == [(A, real)]


def test_a_removed_snapshot_is_gone_because_the_tree_is_the_truth(git: Git) -> None:
    repo = recorded(git, 2)
    git("rm", "-q", A)
    git("commit", "-q", "-m", "gone")
    assert [entry.path for entry in entries(repo)] == [B]
    assert [entry.path for entry in entries(repo, "HEAD~1")] == [A, B]


def test_snapshots_moved_into_folders_keep_their_commits(git: Git) -> None:
    repo = recorded(git, 2)
    commits = [entry.commit for entry in entries(repo)]
    (git.path / "snapshots" / "2026").mkdir()
    for path in (A, B):
        git("mv", path, path.replace("snapshots/", "snapshots/2026/"))
    git("commit", "-q", "-m", "monthly")
    found = entries(repo)
    assert [entry.commit for entry in found] == commits
    assert not any(entry.edited for entry in found)


def test_a_merge_is_credited_only_with_what_it_added_itself(git: Git) -> None:
    repo = recorded(git, 1)
    git("checkout", "-q", "-b", "side")
    side = by_hand(git, B, "side\n")
    git("checkout", "-q", "main")
    by_hand(git, "notes.md", "main\n")
    git("merge", "-q", "--no-ff", "--no-commit", "side")
    (git.path / C).write_text("evil\n")
    git("add", C)
    git("commit", "-q", "-m", "merge")
    found = entries(repo)
    assert only(found, B).commit == side
    assert only(found, C).commit == git("rev-parse", "HEAD")


def test_in_a_shallow_clone_what_history_cannot_tell_is_none(git: Git, tmp_path: Path) -> None:
    recorded(git, 3)
    by_hand(git, "notes.md", "x\n")
    url = f"file://{git.path}"
    subprocess.run(["git", "clone", "-q", "--depth=3", url, str(tmp_path / "shallow")], check=True)
    found = entries(discover(tmp_path / "shallow"))
    assert [entry.data for entry in found] == [b"nav = 0\n", b"nav = 1\n", b"nav = 2\n"]
    assert found[0].commit is None
    assert [entry.commit for entry in found[1:]] == git("rev-list", "-2", "--reverse", "HEAD^").splitlines()


def test_desks_in_folders_are_kept_apart(git: Git) -> None:
    repo = discover(git.path)
    for root in ("a/", "b/"):
        record(repo, root + A, root.encode())
    assert [entry.data for entry in entries(repo, root="a/")] == [b"a/"]
    assert [file.path for file in snapshot_files(repo, root="b/")] == [f"b/{A}"]
    assert not any(entry.edited for entry in entries(repo, root="b/"))
    assert entries(repo) == []


def test_users_settings_for_log_and_diff_change_nothing(git: Git) -> None:
    repo = recorded(git, 1)
    by_hand(git, B, "hand\n")
    before = entries(repo)
    for key, value in {
        "log.showSignature": "true",
        "color.ui": "always",
        "diff.renames": "copies",
        "log.date": "relative",
        "i18n.logOutputEncoding": "UTF-16",
        "diff.orderFile": "/dev/null",
        "core.quotePath": "true",
        "diff.relative": "true",
    }.items():
        git("config", key, value)
    assert entries(repo) == before


def test_other_text_than_utf8_is_handed_over_as_it_is(git: Git) -> None:
    repo = discover(git.path)
    record(repo, A, b"\xff\xfe")
    raw = subprocess.check_output(["git", "cat-file", "commit", "HEAD"], cwd=git.path)
    store = ["git", "hash-object", "-t", "commit", "-w", "--stdin"]
    raw = raw.replace(b"\nsnapshot\n", b"\ncaf\xe9\n")
    done = subprocess.run(store, cwd=git.path, input=raw, capture_output=True, check=True)
    git("update-ref", "HEAD", done.stdout.decode().strip())
    (entry,) = entries(repo)
    assert entry.data == b"\xff\xfe"
    assert entry.subject == "caf\ufffd"


def test_only_toml_files_are_snapshots(git: Git) -> None:
    repo = recorded(git, 1)
    by_hand(git, "snapshots/README.md", "about\n")
    assert [entry.path for entry in entries(repo)] == [A]


@pytest.mark.parametrize(
    ("names", "newest"),
    [
        (["2026-07-05T16-00-00Z", "2026-07-05T16-00-00.25Z"], "2026-07-05T16-00-00.25Z"),
        (["2026-07-05T16-00-00.25Z", "2026-07-05T16-00-00.250001Z"], "2026-07-05T16-00-00.250001Z"),
        (["2026-07-05T16-00-00.9Z", "2026-07-05T16-00-01Z"], "2026-07-05T16-00-01Z"),
        (["2026-07-05T16-00-00Z", "zzz", "template"], "2026-07-05T16-00-00Z"),
        (["2025/12/2025-12-31T23-59-59Z", "2026-01-01T00-00-00Z"], "2026-01-01T00-00-00Z"),
        (["2026/01/2026-01-01T00-00-00Z", "2025-12-31T23-59-59Z"], "2026/01/2026-01-01T00-00-00Z"),
    ],
)
def test_the_latest_is_the_newest_instant(git: Git, names: list[str], newest: str) -> None:
    for name in names:
        by_hand(git, f"snapshots/{name}.toml", name)
    assert snapshot_files(discover(git.path))[-1].path == f"snapshots/{newest}.toml"
    assert entries(discover(git.path))[-1].path == f"snapshots/{newest}.toml"


def test_a_file_at_a_revision_or_none(git: Git) -> None:
    repo = recorded(git, 2)
    assert blob_at(repo, "HEAD", A) == b"nav = 0\n"
    assert blob_at(repo, "HEAD~1", B) is None
    assert blob_at(repo, "HEAD", "snapshots") is None
    assert blob_at(repo, "nowhere", A) is None


def test_the_desk_behind_each_commit_is_told_by_its_blob(git: Git) -> None:
    repo = recorded(git, 1)
    bare = git("rev-parse", "HEAD")
    first = by_hand(git, "desk.toml", "1\n")
    record(repo, B, b"x")
    second = by_hand(git, "desk.toml", "2\n")
    blobs = desk_blobs(repo, [bare, first, f"{second}", git("rev-parse", "HEAD~1")])
    assert bare not in blobs
    assert blobs[first] == blobs[git("rev-parse", "HEAD~1")] == git("rev-parse", f"{first}:desk.toml")
    assert blobs[second] == git("rev-parse", "HEAD:desk.toml")


def test_a_sha256_repository_is_read_like_any_other(tmp_path: Path) -> None:
    git = make(tmp_path / "new", "--object-format=sha256")
    repo = recorded(git, 2)
    by_hand(git, C, "hand\n")
    found = entries(repo)
    assert [entry.data for entry in found] == [b"nav = 0\n", b"nav = 1\n", b"hand\n"]
    assert all(entry.commit for entry in found)
