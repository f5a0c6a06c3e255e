"""Clones and a bare remote: what sync brings together, and what it refuses to touch."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from git_qoc.errors import HistoryError, Refused, UsageError
from git_qoc.history.walk import entries
from tests.conftest import Git
from tests.history.clones import Fleet, clean, edit, fleet, repository, snap, synced
from tests.history.desk import changed_paths, make, record, seed, snapshot_path


@pytest.fixture
def books(tmp_path: Path) -> Fleet:
    return fleet(tmp_path)


def test_equal_sides_are_left_alone(books: Fleet) -> None:
    ours = books.clone("ours")
    head = ours("rev-parse", "HEAD")
    done = synced(ours)
    assert (done.fetched, done.replayed, done.pushed, done.head) == (0, (), (), head)
    assert done.remote == "origin/main"
    clean(ours)


def test_what_is_only_here_is_pushed_as_it_is(books: Fleet) -> None:
    ours = books.clone("ours")
    made = [snap(ours, number) for number in range(3)]
    done = synced(ours)
    assert done.pushed == tuple(made)
    assert (done.fetched, done.replayed, done.others) == (0, (), ())
    assert books.log("%H")[-3:] == made
    assert ours("rev-parse", "origin/main") == made[-1]
    clean(ours)


def test_what_is_only_at_the_remote_is_taken_over(books: Fleet) -> None:
    ours, theirs = books.clone("ours"), books.clone("theirs")
    snap(theirs, 1)
    edit(theirs, "notes.md", "more\n")
    synced(theirs)
    done = synced(ours)
    assert (done.fetched, done.replayed, done.pushed) == (2, (), ())
    assert ours("rev-parse", "HEAD") == done.head == books.bare("rev-parse", "main")
    assert ours("reflog", "-1", "--format=%gs") == "qoc: sync"
    assert (ours.path / "notes.md").read_text() == "more\n"
    clean(ours)


def test_our_snapshots_go_on_top_of_theirs_with_file_author_date_and_message_as_they_were(
    books: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = books.clone("ours"), books.clone("theirs")
    with monkeypatch.context() as patch:
        patch.setenv("GIT_AUTHOR_NAME", "Ünï, the agent")
        patch.setenv("GIT_AUTHOR_DATE", "2001-02-03T04:05:06 +0530")
        old = [snap(ours, 1, "nav = 1\r\n"), snap(ours, 2, "no newline")]
    theirs_id = snap(theirs, 3)
    synced(theirs)
    monkeypatch.setenv("GIT_COMMITTER_NAME", "Another")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-07-06T00:00:00Z")
    done = synced(ours)
    assert [one.old for one in done.replayed] == old
    assert [one.new for one in done.replayed] == list(done.pushed)
    assert books.log("%H") == [books.log("%H")[0], theirs_id, *done.pushed]
    same = "%an|%ae|%ad|%B"
    for before, after in zip(old, done.pushed, strict=True):
        assert ours("log", "-1", "--date=raw", f"--format={same}", before) == ours(
            "log", "-1", "--date=raw", f"--format={same}", after
        )
        assert changed_paths(ours, after) == changed_paths(ours, before)
        raw = [ours("cat-file", "commit", c).partition("\n\n")[2] for c in (before, after)]
        assert raw[0] == raw[1]
        path = changed_paths(ours, after)[0]
        assert ours("rev-parse", f"{before}:{path}") == ours("rev-parse", f"{after}:{path}")
    assert ours("log", "-1", "--format=%cn %cs") == "Another 2026-07-06"
    clean(ours)


def test_each_entry_of_a_synced_record_has_its_commit_and_none_seems_edited(books: Fleet) -> None:
    ours, theirs = books.clone("ours"), books.clone("theirs")
    for number in range(6):
        git = (ours, theirs)[number % 2]
        snap(git, number)
        synced(git)
    synced(ours)
    found = entries(repository(ours))
    assert [entry.path for entry in found] == [snapshot_path(number) for number in range(6)]
    assert all(entry.commit and not entry.edited for entry in found)
    assert books.linear()


def test_no_push_takes_over_and_replays_but_leaves_the_remote_alone(books: Fleet) -> None:
    ours, theirs = books.clone("ours"), books.clone("theirs")
    snap(ours, 1)
    snap(theirs, 2)
    tip = synced(theirs).head
    done = synced(ours, push=False)
    assert (done.fetched, len(done.replayed), done.pushed, len(done.waiting)) == (1, 1, (), 1)
    assert books.bare("rev-parse", "main") == tip == ours("rev-parse", "HEAD^")
    assert len(synced(ours).pushed) == 1


def test_a_dry_run_tells_what_would_be_and_moves_nothing(books: Fleet) -> None:
    ours, theirs = books.clone("ours"), books.clone("theirs")
    snap(ours, 1)
    snap(theirs, 2)
    synced(theirs)
    before = ours("rev-parse", "HEAD"), books.bare("rev-parse", "main"), ours("reflog", "--format=%H %gs")
    done = synced(ours, dry_run=True)
    assert (done.fetched, len(done.replayed), len(done.pushed)) == (1, 1, 1)
    assert (
        ours("rev-parse", "HEAD"),
        books.bare("rev-parse", "main"),
        ours("reflog", "--format=%H %gs"),
    ) == before
    clean(ours)


def test_two_snapshots_of_the_same_second_are_both_kept_and_the_later_is_named_a_microsecond_on(
    books: Fleet,
) -> None:
    clones = [books.clone(name) for name in ("a", "b", "c")]
    made = []
    for number, git in enumerate(clones):
        snap(git, 0, f"nav = {number}\n")
        made.append(synced(git))
    first = snapshot_path(0)
    names = [first, first.replace("00Z", "00.000001Z"), first.replace("00Z", "00.000002Z")]
    assert sorted(books.files())[2:] == sorted(names)
    assert [books.bare("show", f"main:{name}") for name in names] == ["nav = 0", "nav = 1", "nav = 2"]
    assert (made[2].replayed[0].was, made[2].replayed[0].path) == (first, names[2])
    synced(clones[0])
    found = entries(repository(clones[0]))
    assert [entry.path for entry in found] == names
    assert all(entry.commit and not entry.edited for entry in found)
    for git in clones:
        assert synced(git).pushed == ()
        clean(git)


def test_the_same_file_recorded_twice_is_dropped_here(books: Fleet) -> None:
    ours, theirs = books.clone("ours"), books.clone("theirs")
    edit(theirs, "notes.md", "one more\n")
    snap(theirs, 0)
    tip = synced(theirs).head
    old = snap(ours, 0)
    done = synced(ours)
    assert [(one.old, one.new) for one in done.replayed] == [(old, None)]
    assert done.head == tip == ours("rev-parse", "HEAD")
    assert done.pushed == ()
    clean(ours)


def test_a_name_that_is_no_time_and_is_taken_is_refused_with_both_commits(books: Fleet) -> None:
    ours, theirs = books.clone("ours"), books.clone("theirs")
    for git in (ours, theirs):
        (git.path / "snapshots").mkdir()
        path = git.path / "snapshots" / "mine.toml"
        path.write_text(f"{git.path.name}\n")
        git("add", "-A")
        blob = git("rev-parse", ":snapshots/mine.toml")
        git("commit", "-qm", f"s\n\nQoc-Snapshot: snapshots/mine.toml\nQoc-Blob: {blob}\n")
    tip, head = synced(theirs).head, ours("rev-parse", "HEAD")
    with pytest.raises(Refused, match=f"recorded twice .* here by {head[:10]}.*{tip[:10]}"):
        synced(ours)
    assert ours("rev-parse", "HEAD") == head
    clean(ours)


def test_the_users_commits_are_pushed_when_only_we_have_news_and_are_named(books: Fleet) -> None:
    ours = books.clone("ours")
    snap(ours, 1)
    mine = edit(ours, "notes.md", "more\n", "a note")
    done = synced(ours)
    assert len(done.pushed) == 2
    assert done.others == (f"{mine[:10]} a note",)


def test_a_merge_of_the_users_is_pushed_as_it_is(books: Fleet) -> None:
    ours, theirs = books.clone("ours"), books.clone("theirs")
    snap(theirs, 1)
    synced(theirs)
    edit(ours, "notes.md", "more\n")
    ours("pull", "-q", "--no-rebase", "--no-edit")
    done = synced(ours)
    assert ours("rev-parse", "HEAD") == done.head == books.bare("rev-parse", "main")
    assert done.others is not None
    assert len(done.others) == 2


def refused_for(git: Git, commit: str) -> None:
    """Sync refuses because of `commit`, names it, and changes nothing."""
    state = git("rev-parse", "HEAD"), git("status", "--porcelain=v2"), git("stash", "list")
    with pytest.raises(
        Refused, match=rf"both have new commits.*{commit[:10]}.*Nothing was changed.*git pull --rebase"
    ):
        synced(git)
    assert (git("rev-parse", "HEAD"), git("status", "--porcelain=v2"), git("stash", "list")) == state


def diverged(books: Fleet) -> Git:
    """A clone that lacks a snapshot which the remote has."""
    ours, theirs = books.clone("ours"), books.clone("theirs")
    snap(theirs, 9)
    synced(theirs)
    return ours


def test_a_commit_of_the_users_is_never_made_again(books: Fleet) -> None:
    ours = diverged(books)
    snap(ours, 1)
    mine = edit(ours, "notes.md", "more\n", "a note")
    snap(ours, 2)
    refused_for(ours, mine)
    ours("pull", "-q", "--rebase")
    assert len(synced(ours).pushed) == 3
    assert books.linear()


def test_trailers_alone_make_no_snapshot(books: Fleet) -> None:
    ours = diverged(books)
    blob = ours("rev-parse", "HEAD:notes.md")
    claims = f"s\n\nQoc-Snapshot: notes.md\nQoc-Blob: {blob}\n"
    refused_for(ours, edit(ours, "notes.md", "more\n", claims))


@pytest.mark.parametrize("deed", ["edit", "delete", "rename", "two", "beside", "executable link", "outside"])
def test_whatever_else_a_commit_with_our_trailers_does_makes_it_the_users(books: Fleet, deed: str) -> None:
    first = books.clone("first")
    snap(first, 0)
    synced(first)
    ours = books.clone("ours")
    snap(first, 9)
    synced(first)
    folder, path = ours.path / "snapshots", snapshot_path(1)
    claimed = path
    if deed == "edit":
        claimed = snapshot_path(0)
        (ours.path / claimed).write_text("edited\n")
    elif deed == "delete":
        (ours.path / snapshot_path(0)).unlink()
    elif deed == "rename":
        ours("mv", snapshot_path(0), path)
    elif deed == "two":
        (folder / "a.toml").write_text("a\n")
        (ours.path / path).write_text("b\n")
    elif deed == "beside":
        (ours.path / path).write_text("b\n")
        (ours.path / "notes.md").write_text("more\n")
    elif deed == "executable link":
        (ours.path / path).symlink_to("x")
    else:
        claimed = "snapshots.toml"
        (ours.path / claimed).write_text("b\n")
    ours("add", "-A")
    blob = ours("rev-parse", f":{claimed}") if deed != "delete" else "0" * 40
    ours("commit", "-qm", f"snapshot\n\nQoc-Snapshot: {claimed}\nQoc-Blob: {blob}\n")
    refused_for(ours, ours("rev-parse", "HEAD"))


def test_a_snapshot_in_a_commit_of_the_users_own_is_the_users(books: Fleet) -> None:
    ours = diverged(books)
    (ours.path / "snapshots").mkdir()
    refused_for(ours, edit(ours, snapshot_path(1), "nav = 1\n"))


def test_a_snapshot_commit_with_a_header_that_we_do_not_know_is_the_users(books: Fleet) -> None:
    ours = diverged(books)
    raw = ours("cat-file", "commit", snap(ours, 1)) + "\n"
    strange = raw.replace("\n\n", "\nfrom another-tool\n\n", 1)
    commit = ours("hash-object", "-t", "commit", "-w", "--stdin", stdin=strange)
    ours("update-ref", "refs/heads/main", commit)
    refused_for(ours, commit)


def test_a_merge_is_the_users(books: Fleet) -> None:
    ours = diverged(books)
    ours("switch", "-q", "-c", "side", "HEAD")
    snap(ours, 2)
    ours("switch", "-q", "main")
    snap(ours, 1)
    ours("merge", "-q", "--no-edit", "side")
    refused_for(ours, ours("rev-parse", "HEAD"))


USERS_WORK = """
    echo staged >a.txt; git add a.txt; echo edited >a.txt
    echo edited >b.txt
    git rm -q --cached c.txt
    echo new >new.txt
    echo intended >intended.txt; git add -N intended.txt
    echo hidden >d.txt; git update-index --skip-worktree d.txt
    echo quiet >e.txt; git update-index --assume-unchanged e.txt
    git rm -q f.txt
    git mv g.txt moved.txt
    chmod +x h.txt
    mkdir -p snapshots; echo waiting >snapshots/waiting.toml
"""


def users_work(git: Git) -> tuple[str, ...]:
    subprocess.run(["sh", "-ec", USERS_WORK], cwd=git.path, check=True)
    return work_of(git)


def work_of(git: Git) -> tuple[str, ...]:
    names = "abcdefgh"
    bits = "\n".join(
        line for line in git("ls-files", "-v").splitlines() if line[2:] in {f"{n}.txt" for n in names}
    )
    return (
        git("status", "--porcelain=v2", "-uall"),
        git("diff"),
        git("diff", "--cached"),
        bits,
        git("stash", "list"),
    )


@pytest.mark.parametrize("split", [False, True])
def test_the_users_staged_modified_intended_hidden_and_untracked_files_survive(
    tmp_path: Path, split: bool
) -> None:
    books = fleet(tmp_path)
    first = books.clone("first")
    for name in "abcdefgh":
        edit(first, f"{name}.txt", f"{name}\n")
    synced(first)
    ours = books.clone("ours")
    if split:
        ours("update-index", "--split-index")
    edit(ours, "stashed.txt", "x\n")
    ours("reset", "-q", "--hard", "HEAD^")
    (ours.path / "notes.md").write_text("to be stashed\n")
    ours("stash", "-q")
    before = users_work(ours)
    snap(first, 1)
    edit(first, "notes.md", "upstream\n")
    synced(first)
    snap(ours, 2)
    done = synced(ours)
    assert (done.fetched, len(done.replayed)) == (2, 1)
    assert work_of(ours) == before
    assert (ours.path / "notes.md").read_text() == "upstream\n"
    assert (ours.path / "d.txt").read_text() == "hidden\n"


IN_THE_WAY = {
    "edited": "echo mine >notes.md",
    "staged": "echo mine >notes.md; git add notes.md",
    "skipped": "git update-index --skip-worktree notes.md; echo mine >notes.md",
    "unchanged, it is said": "git update-index --assume-unchanged notes.md; echo mine >notes.md",
    "untracked": "mkdir snapshots; echo mine >snapshots/2026-07-01T09-00-00Z.toml",
    "removed": "git rm -q notes.md",
    "new, staged": "mkdir snapshots; echo m >snapshots/2026-07-01T09-00-00Z.toml; git add snapshots",
    "a file where a folder comes": "echo mine >snapshots",
}


@pytest.mark.parametrize("what", IN_THE_WAY)
def test_a_file_that_changes_upstream_and_is_edited_here_is_named_and_nothing_changes(
    books: Fleet, what: str
) -> None:
    ours, theirs = books.clone("ours"), books.clone("theirs")
    edit(theirs, "notes.md", "upstream\n")
    snap(theirs, 9)
    synced(theirs)
    subprocess.run(["sh", "-ec", IN_THE_WAY[what]], cwd=ours.path, check=True)
    state = ours("rev-parse", "HEAD"), work_of(ours), ours("ls-files", "-s", "-v")
    with pytest.raises(Refused, match=r"(notes\.md|2026-07-01T09-00-00Z\.toml|snapshots)"):
        synced(ours)
    assert (ours("rev-parse", "HEAD"), work_of(ours), ours("ls-files", "-s", "-v")) == state
    assert not (ours.path / ".git" / "qoc" / "sync").exists()


def test_a_file_that_was_only_touched_is_not_in_the_way(books: Fleet) -> None:
    ours, theirs = books.clone("ours"), books.clone("theirs")
    edit(theirs, "notes.md", "upstream\n")
    synced(theirs)
    (ours.path / "notes.md").write_text("notes\n")
    assert synced(ours).fetched == 1


def test_upstream_deletions_and_edits_of_snapshots_are_carried_for_verify_to_find(books: Fleet) -> None:
    ours, theirs = books.clone("ours"), books.clone("theirs")
    snap(theirs, 0)
    snap(theirs, 1)
    synced(theirs)
    synced(ours)
    theirs("rm", "-q", snapshot_path(0))
    theirs("commit", "-qm", "drop one")
    edit(theirs, snapshot_path(1), "edited\n")
    synced(theirs)
    snap(ours, 2)
    assert synced(ours).fetched == 2
    assert not (ours.path / snapshot_path(0)).exists()
    assert (ours.path / snapshot_path(1)).read_text() == "edited\n"
    clean(ours)


def test_a_rewritten_record_is_told_and_ours_is_neither_dropped_nor_pushed(books: Fleet) -> None:
    ours, theirs = books.clone("ours"), books.clone("theirs")
    snap(ours, 0)
    pushed = [synced(ours).head]
    snap(ours, 1)
    pushed.append(synced(ours).head)
    edit(theirs, "notes.md", "rewritten\n")
    theirs("push", "-q", "--force", "origin", "main")
    snap(ours, 2)
    tip, head = books.bare("rev-parse", "main"), ours("rev-parse", "HEAD")
    for _ in range(2):  # what the first fetch saw is not forgotten by the second
        with pytest.raises(Refused, match=rf"rewritten: 2 commits.*{pushed[0][:10]}.*{pushed[1][:10]}"):
            synced(ours)
        assert (books.bare("rev-parse", "main"), ours("rev-parse", "HEAD")) == (tip, head)
    clean(ours)
    ours("rebase", "-q", "--onto", "origin/main", pushed[1])
    assert len(synced(ours).pushed) == 1


def test_a_rewrite_that_a_fetch_by_hand_brought_is_seen_in_the_reflog(books: Fleet) -> None:
    ours, theirs = books.clone("ours"), books.clone("theirs")
    snap(ours, 0)
    synced(ours)
    edit(theirs, "notes.md", "rewritten\n")
    theirs("push", "-q", "--force", "origin", "main")
    ours("fetch", "-q")
    with pytest.raises(Refused, match="was rewritten"):
        synced(ours)


def test_a_rewrite_of_what_is_not_here_is_warned_of(books: Fleet) -> None:
    ours, theirs = books.clone("ours"), books.clone("theirs")
    snap(theirs, 0)
    synced(theirs)
    ours("fetch", "-q")
    theirs("reset", "-q", "--hard", "HEAD^")
    edit(theirs, "notes.md", "rewritten\n")
    theirs("push", "-q", "--force", "origin", "main")
    assert "was rewritten since it was last seen" in synced(ours).warnings[0]
    assert ours("rev-parse", "HEAD") == books.bare("rev-parse", "main")


def test_the_first_push_to_an_empty_remote(tmp_path: Path) -> None:
    bare = make(tmp_path / "empty.git", "--bare")
    ours = seed(make(tmp_path / "ours"))
    ours("remote", "add", "origin", str(bare.path))
    snap(ours, 0)
    done = synced(ours)
    assert (len(done.pushed), done.others, done.follows) == (2, None, False)
    assert bare("rev-parse", "main") == ours("rev-parse", "HEAD")
    assert ours("config", "--get-regexp", "^remote") != ""
    with pytest.raises(AssertionError):
        ours("rev-parse", "@{upstream}")
    assert synced(ours).pushed == ()


@pytest.mark.parametrize("by", ["name", "config"])
def test_the_branch_follows_the_remote_after_a_first_push_that_asks_for_it(tmp_path: Path, by: str) -> None:
    bare = make(tmp_path / "empty.git", "--bare")
    ours = seed(make(tmp_path / "ours"))
    ours("remote", "add", "books", str(bare.path))
    if by == "config":
        ours("config", "push.autoSetupRemote", "true")
    assert synced(ours, "books" if by == "name" else None).follows
    assert ours("rev-parse", "--abbrev-ref", "@{upstream}") == "books/main"


def test_a_branch_that_is_gone_from_the_remote_is_not_put_back(books: Fleet) -> None:
    ours = books.clone("ours")
    books.bare("update-ref", "-d", "refs/heads/main")
    snap(ours, 0)
    with pytest.raises(Refused, match=r"origin/main is gone from the remote.*git branch -dr origin/main"):
        synced(ours)
    ours("branch", "-q", "-dr", "origin/main")
    assert len(synced(ours).pushed) == 2


def test_a_branch_of_another_name_is_synced_with_its_upstream(books: Fleet) -> None:
    ours = books.clone("ours")
    ours("branch", "-q", "-m", "desk")
    snap(ours, 0)
    assert synced(ours).remote == "origin/main"
    assert books.bare("for-each-ref", "--format=%(refname)") == "refs/heads/main"


def test_a_remote_by_name_beats_the_upstream(books: Fleet, tmp_path: Path) -> None:
    other = make(tmp_path / "other.git", "--bare")
    ours = books.clone("ours")
    ours("remote", "add", "other", str(other.path))
    assert synced(ours, "other").remote == "other/main"
    assert other("rev-parse", "main") == ours("rev-parse", "HEAD")
    assert ours("rev-parse", "--abbrev-ref", "@{upstream}") == "origin/main"


def said(git: Git, remote: str | None = None) -> str:
    """The sentence that a sync of this repository is refused with."""
    with pytest.raises((HistoryError, UsageError)) as caught:
        synced(git, remote)
    return str(caught.value)


def test_each_state_that_cannot_be_synced_has_one_clear_sentence(books: Fleet, tmp_path: Path) -> None:
    ours = books.clone("ours")
    assert 'no remote "orign". It has origin.' in said(ours, "orign")
    assert "books.git has no work tree. Run this in a clone of it" in said(books.bare)
    assert "no commit yet" in said(make(tmp_path / "unborn"))
    assert "no remote to sync with" in said(seed(make(tmp_path / "alone")))
    ours("switch", "-q", "--detach")
    assert "HEAD is detached" in said(ours)
    ours("switch", "-q", "main")
    (ours.path / ".git" / "MERGE_HEAD").write_text(ours("rev-parse", "HEAD"))
    assert "a merge is in progress" in said(ours)
    (ours.path / ".git" / "MERGE_HEAD").unlink()
    ours("remote", "add", "fork", str(tmp_path / "nowhere"))
    ours("config", "remote.pushDefault", "fork")
    assert "main is fetched from origin but pushed elsewhere (fork)" in said(ours)
    assert "fetch from fork failed: '" in said(ours, "fork")
    ours("config", "--unset", "remote.pushDefault")
    ours("branch", "--unset-upstream")
    assert "there are 2 remotes (fork, origin)" in said(ours)
    ours("config", "remote.origin.fetch", "+refs/heads/x:refs/remotes/origin/x")
    assert "git remote set-branches --add origin main" in said(ours, "origin")
    ours("branch", "-q", "x")
    ours("branch", "-q", "--set-upstream-to=x")
    assert "follows a branch of this repository" in said(ours)


def test_the_pre_push_hooks_refusal_is_shown_and_the_next_sync_pushes(books: Fleet) -> None:
    ours = diverged(books)
    snap(ours, 1)
    hook = ours.path / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ncat >pushed; echo no more today >&2; exit 1\n")
    hook.chmod(0o755)
    with pytest.raises(Refused, match="push to origin/main was refused by the pre-push hook: no more today"):
        synced(ours)
    told = (ours.path / "pushed").read_text().split()
    assert told[1:] == [ours("rev-parse", "HEAD"), "refs/heads/main", books.bare("rev-parse", "main")]
    hook.unlink()
    (ours.path / "pushed").unlink()
    assert len(synced(ours).pushed) == 1
    clean(ours)


def test_a_hook_at_the_remote_that_declines_is_told_at_once_with_its_words(books: Fleet) -> None:
    ours = books.clone("ours")
    snap(ours, 1)
    hook = books.bare.path / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho main is protected\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(Refused, match=r"pre-receive hook declined\): main is protected$"):
        synced(ours)


def test_a_remote_that_hangs_is_given_up_and_a_password_in_its_address_is_not_told(
    books: Fleet, tmp_path: Path
) -> None:
    ours = books.clone("ours")
    ours("config", "remote.origin.uploadpack", f"touch '{tmp_path}/asked'; sleep 30 #")
    with pytest.raises(HistoryError, match=r"fetch from origin: no end after 0\.5 s.*--timeout"):
        synced(ours, timeout_s=0.5)
    assert (tmp_path / "asked").exists()
    ours("config", "remote.origin.url", "http://ada:hunter2@127.0.0.1:1/books.git")
    text = said(ours)
    assert "fetch from origin failed: unable to access" in text
    assert "hunter2" not in text
    for address in (
        "http://ada:hun/hunter2@127.0.0.1:1/books.git",
        "http://127.0.0.1:1/books.git?token=hunter2",
    ):
        ours("config", "remote.origin.url", address)
        assert "hunter2" not in said(ours)
    ours("config", "branch.main.pushRemote", "http://ada:hunter2@127.0.0.1:1/books.git")
    assert "pushed elsewhere (http://127.0.0.1:1/books.git)" in said(ours)


def test_a_push_that_loses_the_race_is_made_again_on_the_new_tip(books: Fleet, tmp_path: Path) -> None:
    ours, theirs = books.clone("ours"), books.clone("theirs")
    for number in range(1, 5):
        snap(theirs, number)
    hook = ours.path / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    # Somebody pushes one more snapshot each time we are about to, three times.
    hook.write_text(
        f"#!/bin/sh\ncd '{theirs.path}' || exit 1\n"
        "n=$(cat ../n 2>/dev/null || echo 0)\n[ $n = 3 ] && exit 0\necho $((n + 1)) >../n\n"
        "git push -q origin main~$((3 - n)):main\n"
    )
    hook.chmod(0o755)
    old = [snap(ours, 11), snap(ours, 12)]
    done = synced(ours)
    assert (done.rounds, done.fetched) == (4, 3)
    assert [one.old for one in done.replayed] == old
    assert [one.new for one in done.replayed] == list(done.pushed) == books.log("%H")[-2:]
    assert books.linear()
    clean(ours)


@pytest.mark.parametrize(
    "shape",
    ["sha256", "worktree", "shallow", "sparse", "sparse index", "partial", "crlf", "apart", "submodule"],
)
def test_repositories_of_other_shapes_sync_as_well(tmp_path: Path, shape: str) -> None:
    books = fleet(tmp_path, *["--object-format=sha256"] * (shape == "sha256"))
    theirs = books.clone("theirs")
    if shape == "submodule":
        library = seed(make(tmp_path / "library"))
        theirs("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library.path), "lib")
        theirs("commit", "-qm", "a library")
        synced(theirs)
    edit(theirs, "other.txt", "1\n")
    synced(theirs)
    options = {
        "shallow": ("--depth=1",),
        "partial": ("--filter=blob:none",),
        "apart": (f"--separate-git-dir={tmp_path / 'git'}",),
    }
    if shape in ("shallow", "partial"):
        books.bare("config", "uploadpack.allowFilter", "true")
        ours = books.clone("ours", *options[shape], address=f"file://{books.bare.path}")
    elif shape == "worktree":
        main = books.clone("main-clone")
        main("switch", "-q", "-c", "elsewhere")
        main("worktree", "add", "-q", str(tmp_path / "ours"), "main")
        ours = Git(tmp_path / "ours")
    else:
        ours = books.clone("ours", *options.get(shape, ()))
    if shape == "crlf":
        ours("config", "core.autocrlf", "true")
        ours("rm", "-q", "-r", "--cached", ".")
        ours("reset", "-q", "--hard")
    if shape == "sparse index":
        ours("sparse-checkout", "set", "--cone", "--sparse-index", "snapshots")
    if shape == "sparse":
        ours("sparse-checkout", "set", "--no-cone", "desk.toml", "/snapshots/*T05*")
    state = ours("status", "--porcelain=v2")
    snap(ours, 5)
    snap(theirs, 6)
    edit(theirs, "other.txt", "2\n")
    synced(theirs)
    done = synced(ours)
    assert (done.fetched, len(done.replayed), len(done.pushed)) == (2, 1, 1)
    assert ours("status", "--porcelain=v2") == state
    assert ours("fsck", "--strict", "--no-dangling") == ""
    assert books.files()[-2:] == [snapshot_path(5), snapshot_path(6)]
    present = {path.name for path in (ours.path / "snapshots").iterdir()}
    assert len(present) == (1 if shape == "sparse" else 2)
    if shape == "crlf":
        assert (ours.path / "other.txt").read_bytes() == b"2\r\n"
    if shape == "sparse index":
        assert ours("ls-files", "-t", "other.txt") == "H other.txt"
    synced(theirs)
    clean(theirs)


def test_a_desk_in_a_folder_with_a_hostile_name_is_synced(tmp_path: Path) -> None:
    books = fleet(tmp_path)
    ours, theirs = books.clone("ours"), books.clone("theirs")
    folder = "-dé sk 'a"
    for number, git in enumerate((theirs, ours)):
        path = f"{folder}/{snapshot_path(number)}"
        assert record(repository(git), path, b"x%d\n" % number) is not None
    synced(theirs)
    done = synced(ours)
    assert done.replayed[0].path == f"{folder}/{snapshot_path(1)}"
    assert len(entries(repository(ours), root=f"{folder}/")) == 2
    clean(ours)


def test_replayed_snapshots_are_signed_where_commits_are(books: Fleet, tmp_path: Path) -> None:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("there is no ssh-keygen")
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    ours = diverged(books)
    for name, value in {"gpg.format": "ssh", "user.signingKey": str(key), "commit.gpgSign": "true"}.items():
        ours("config", name, value)
    snap(ours, 1)
    done = synced(ours)
    assert len(done.replayed) == 1
    assert "gpgsig -----BEGIN SSH SIGNATURE" in ours("cat-file", "commit", done.head)
