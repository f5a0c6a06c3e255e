from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from git_qoc.errors import HeadMoved, HistoryError
from git_qoc.history.repository import discover
from git_qoc.history.write import commit_files, write_only
from tests.conftest import Git
from tests.history.desk import changed_paths, make, record, recorded, seed, snapshot_path

PATH = snapshot_path(0)
DATA = b"[meta]\nnav_usd = 1.00\n"


def consistent(git: Git) -> None:
    assert git("fsck", "--strict", "--no-dangling") == ""
    assert git("status", "--porcelain=v2", "--", "snapshots") == ""
    assert git("diff-files", "--name-only") == ""
    assert not list(git.path.rglob("*.qoc-tmp"))
    assert not list((git.path / ".git" / "qoc").glob("journal*"))


def test_the_users_staged_modified_untracked_and_intended_files_stay_as_they_are(git: Git) -> None:
    seed(git, a__txt="a\n", b__txt="b\n", c__txt="c\n")
    (git.path / "a.txt").write_text("staged\n")
    git("add", "a.txt")
    (git.path / "a.txt").write_text("staged, then edited\n")
    (git.path / "b.txt").write_text("edited\n")
    git("rm", "-q", "--cached", "c.txt")
    (git.path / "new.txt").write_text("untracked\n")
    (git.path / "intended.txt").write_text("intent to add\n")
    git("add", "-N", "intended.txt")
    before = git("status", "--porcelain=v2"), git("diff"), git("diff", "--cached")
    commit = record(discover(git.path), PATH, DATA)
    assert commit is not None
    assert (git("status", "--porcelain=v2"), git("diff"), git("diff", "--cached")) == before
    assert changed_paths(git) == [PATH]
    assert git("rev-parse", "HEAD") == commit.id
    assert git("show", f"HEAD:{PATH}") == DATA.decode().removesuffix("\n")


def test_an_unborn_branch_gets_its_first_commit_with_only_our_file(git: Git) -> None:
    (git.path / "staged.txt").write_text("mine\n")
    git("add", "staged.txt")
    commit = record(discover(git.path), PATH, DATA)
    assert commit is not None
    assert commit.branch == "main"
    assert git("ls-tree", "-r", "--name-only", "HEAD") == PATH
    assert git("status", "--porcelain") == "A  staged.txt"
    assert git("rev-list", "--count", "HEAD") == "1"


def test_the_message_is_built_from_the_blob_id_and_the_reflog_says_what(git: Git) -> None:
    record(discover(git.path), PATH, DATA)
    blob = git("rev-parse", f"HEAD:{PATH}")
    assert git("log", "-1", "--format=%(trailers:key=Qoc-Blob,valueonly)") == f"{blob}\n"
    assert git("reflog", "-1", "--format=%gs") == "qoc: snapshot"


def test_a_message_with_other_than_ascii_letters_is_stored_as_utf8(git: Git) -> None:
    git("config", "i18n.commitEncoding", "ISO-8859-1")
    commit_files(discover(git.path), {PATH: DATA}, "Übertrag 1 × 2", what="test")
    assert "encoding" not in git("cat-file", "commit", "HEAD")
    assert git("log", "-1", "--encoding=UTF-8", "--format=%s") == "Übertrag 1 × 2"


def test_what_head_has_already_is_no_commit(git: Git) -> None:
    repo = discover(git.path)
    record(repo, PATH, DATA)
    head = git("rev-parse", "HEAD")
    assert record(repo, PATH, DATA) is None
    assert commit_files(repo, {}, "nothing", what="nothing") is None
    assert git("rev-parse", "HEAD") == head


def test_a_changed_file_keeps_its_mode_and_its_place(git: Git) -> None:
    seed(git, desk__toml="old\n")
    (git.path / "desk.toml").chmod(0o755)
    git("commit", "-q", "-a", "-m", "executable")
    commit = commit_files(discover(git.path), {"desk.toml": b"new\n"}, "connect", what="connect")
    assert commit is not None
    assert git("ls-tree", "HEAD", "desk.toml").startswith("100755")
    assert (git.path / "desk.toml").stat().st_mode & 0o777 == 0o755
    assert git("status", "--porcelain") == ""


def test_several_files_in_several_folders_are_one_commit(git: Git) -> None:
    seed(git)
    files = {"desk.toml": b"1\n", "orders/open/1.toml": b"2\n", "orders/open/2.toml": b"3\n", PATH: DATA}
    commit = commit_files(discover(git.path), files, "many", what="many")
    assert commit is not None
    assert sorted(changed_paths(git)) == sorted(files)
    assert commit.blobs == {path: git("rev-parse", f"HEAD:{path}") for path in files}
    consistent(git)


@pytest.mark.parametrize("neighbour", ["snapshots.md", "snapshots-old", "snapshots0", "snap", "t"])
def test_trees_stay_sorted_next_to_names_that_begin_alike(git: Git, neighbour: str) -> None:
    seed(git, **{neighbour.replace(".", "__"): "x\n"})
    record(discover(git.path), PATH, DATA)
    record(discover(git.path), "snapshots.toml", DATA)
    consistent(git)
    git("read-tree", "--empty")
    git("read-tree", "HEAD")
    assert git("write-tree") == git("rev-parse", "HEAD^{tree}")


def test_a_repository_found_from_a_subfolder_takes_paths_from_its_root(git: Git) -> None:
    (git.path / "deep").mkdir()
    record(discover(git.path / "deep"), PATH, DATA)
    assert (git.path / PATH).read_bytes() == DATA
    consistent(git)


def test_a_linked_work_tree_commits_on_its_own_branch(git: Git, tmp_path: Path) -> None:
    seed(git)
    git("worktree", "add", "-q", "-b", "side", str(tmp_path / "linked"))
    commit = record(discover(tmp_path / "linked"), PATH, DATA)
    assert commit is not None
    assert commit.branch == "side"
    assert git("rev-parse", "side") == commit.id
    assert git("rev-parse", "main") == git("rev-parse", "side^")
    assert Git(tmp_path / "linked")("status", "--porcelain") == ""
    assert git("status", "--porcelain") == ""


def test_a_separate_git_dir_and_git_environment_are_honoured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git = make(tmp_path / "desk", f"--separate-git-dir={tmp_path / 'books'}")
    record(discover(git.path), PATH, DATA)
    (git.path / ".git").unlink()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_DIR", "books")
    monkeypatch.setenv("GIT_WORK_TREE", "desk")
    commit = record(discover(), snapshot_path(1), DATA)
    assert commit is not None
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "books"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "desk"))
    assert git("rev-list", "--count", "HEAD") == "2"
    assert git("status", "--porcelain") == ""


def test_on_a_detached_head_there_is_no_branch(git: Git) -> None:
    seed(git)
    git("checkout", "-q", "--detach")
    commit = record(discover(git.path), PATH, DATA)
    assert commit is not None
    assert commit.branch is None
    assert git("rev-parse", "main") == git("rev-parse", "HEAD^")


def test_a_sha256_repository_is_written_like_any_other(tmp_path: Path) -> None:
    git = make(tmp_path / "new", "--object-format=sha256")
    for number in range(3):
        commit = record(discover(git.path), snapshot_path(number), DATA + b"%d" % number)
        assert commit is not None
        assert len(commit.id) == 64
    consistent(git)


def test_with_autocrlf_the_blob_keeps_line_feeds_and_status_is_clean(git: Git) -> None:
    git("config", "core.autocrlf", "true")
    git("config", "core.safecrlf", "true")
    record(discover(git.path), PATH, DATA)
    assert subprocess.check_output(["git", "cat-file", "blob", f"HEAD:{PATH}"], cwd=git.path) == DATA
    assert (git.path / PATH).read_bytes() == DATA
    consistent(git)


def test_attributes_of_the_path_apply(git: Git) -> None:
    git("config", "filter.upper.clean", "tr a-z A-Z")
    seed(git, __gitattributes="snapshots/** filter=upper\n")
    commit = record(discover(git.path), PATH, DATA)
    assert commit is not None
    assert git("show", f"HEAD:{PATH}") == DATA.decode().upper().removesuffix("\n")
    assert (git.path / PATH).read_bytes() == DATA
    consistent(git)


def test_an_ignored_folder_is_recorded_all_the_same(git: Git) -> None:
    seed(git, __gitignore="snapshots/\n")
    record(discover(git.path), PATH, DATA)
    assert changed_paths(git) == [PATH]
    consistent(git)


def test_the_users_own_uncommitted_edit_of_the_file_is_what_the_caller_made_of_it(git: Git) -> None:
    seed(git, desk__toml="[workspace]\n")
    (git.path / "desk.toml").write_text("[workspace]\n# mine\n")
    git("add", "desk.toml")
    read = (git.path / "desk.toml").read_bytes()
    repo = discover(git.path)
    files = {"desk.toml": read + b"[[connector]]\n"}
    commit_files(repo, files, "connect", what="connect", derived_from={"desk.toml": read})
    assert git("status", "--porcelain") == ""
    with pytest.raises(HeadMoved, match=r"desk\.toml was changed meanwhile"):
        commit_files(repo, files, "again", what="connect", derived_from={"desk.toml": read})


@pytest.mark.parametrize(
    ("make_busy", "message"),
    [
        (["merge", "side"], "a merge is in progress. Finish it .git merge --continue. or abort it"),
        (["rebase", "side"], "a rebase is in progress. Finish it .git rebase --continue."),
        (["rebase", "--apply", "side"], "a rebase is in progress. Finish it .git rebase --continue."),
        (["cherry-pick", "side"], "a cherry-pick is in progress"),
        (["revert", "HEAD^"], "a revert is in progress"),
    ],
)
def test_in_the_middle_of_a_merge_or_the_like_nothing_is_written(
    git: Git, make_busy: list[str], message: str
) -> None:
    seed(git, a__txt="1\n")
    git("checkout", "-q", "-b", "side")
    seed(git, a__txt="side\n")
    git("checkout", "-q", "main")
    seed(git, a__txt="main\n")
    seed(git, a__txt="main again\n")
    done = subprocess.run(["git", *make_busy], cwd=git.path, capture_output=True, check=False)
    assert done.returncode != 0
    before = git("status", "--porcelain=v2")
    with pytest.raises(HistoryError, match=message):
        record(discover(git.path), PATH, DATA)
    assert git("status", "--porcelain=v2") == before


def test_a_bare_repository_is_refused(tmp_path: Path) -> None:
    make(tmp_path / "books.git", "--bare")
    with pytest.raises(HistoryError, match="is a bare repository"):
        record(discover(tmp_path / "books.git"), PATH, DATA)
    assert not (tmp_path / "books.git" / "qoc").exists()


def test_without_an_identity_both_commands_are_named_and_nothing_is_written(
    git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    git("config", "user.useConfigOnly", "true")
    expected = "user.name .*user.email .*try again"
    with pytest.raises(HistoryError, match=expected):
        record(discover(git.path), PATH, DATA)
    assert git("count-objects") == "0 objects, 0 kilobytes"
    assert not (git.path / "snapshots").exists()
    git("config", "user.name", "Ada")
    with pytest.raises(HistoryError, match=expected):
        record(discover(git.path), PATH, DATA)
    git("config", "user.email", "ada@example.com")
    assert record(discover(git.path), PATH, DATA) is not None


def test_an_identity_from_the_environment_that_is_empty_is_refused(
    git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_AUTHOR_NAME", " ")
    with pytest.raises(HistoryError, match="GIT_AUTHOR_IDENT: name consists only of disallowed characters"):
        record(discover(git.path), PATH, DATA)


def test_a_held_index_lock_is_named_and_everything_is_as_before(git: Git) -> None:
    seed(git)
    lock = git.path / ".git" / "index.lock"
    lock.touch()
    head = git("rev-parse", "HEAD")
    with pytest.raises(
        HistoryError, match=r"holds .*/\.git/index\.lock \(made \d+ s ago\)\. Wait .* delete that file"
    ):
        record(discover(git.path), PATH, DATA)
    lock.unlink()
    assert git("rev-parse", "HEAD") == head
    assert git("status", "--porcelain") == ""
    assert not (git.path / "snapshots").exists()
    consistent(git)


def test_a_path_in_conflict_is_refused(git: Git) -> None:
    seed(git, desk__toml="1\n")
    (git.path / "desk.toml").write_text("stashed\n")
    git("stash", "-q")
    seed(git, desk__toml="2\n")
    subprocess.run(["git", "stash", "pop"], cwd=git.path, capture_output=True, check=False)
    with pytest.raises(HistoryError, match=r"desk\.toml is in conflict\. Resolve it"):
        commit_files(discover(git.path), {"desk.toml": b"3\n"}, "x", what="x")
    assert "UU desk.toml" in git("status", "--porcelain")


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "../out", "a//b", "a/./b", ".git/config", "a/.GIT/x", "a\nb"]
)
def test_a_path_that_leaves_the_repository_is_refused(git: Git, path: str) -> None:
    with pytest.raises(HistoryError):
        commit_files(discover(git.path), {path: b""}, "x", what="x")
    with pytest.raises(HistoryError):
        write_only(discover(git.path), {path: b""})


def test_a_hostile_clones_symbolic_links_are_never_written_through(git: Git, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "victim").write_text("safe\n")
    (git.path / "snapshots").symlink_to(outside)
    (git.path / "desk.toml").symlink_to(outside / "victim")
    for path, message in (
        (PATH, "snapshots is a symbolic link"),
        ("desk.toml", "desk.toml is a symbolic link"),
    ):
        with pytest.raises(HistoryError, match=message):
            commit_files(discover(git.path), {path: b"bad"}, "x", what="x")
        with pytest.raises(HistoryError, match=message):
            write_only(discover(git.path), {path: b"bad"})
    assert [entry.name for entry in outside.iterdir()] == ["victim"]
    assert (outside / "victim").read_text() == "safe\n"


def test_a_file_where_a_folder_must_be_is_named(git: Git) -> None:
    seed(git, snapshots="a file\n")
    with pytest.raises(HistoryError, match="snapshots is a file in the newest commit, expected a folder"):
        record(discover(git.path), PATH, DATA)
    git("rm", "-q", "snapshots")
    record_folder = "snapshots/x.toml/y"
    git("commit", "-q", "-m", "gone")
    commit_files(discover(git.path), {record_folder: b"1"}, "x", what="x")
    with pytest.raises(HistoryError, match="is a folder in the newest commit, expected a file"):
        commit_files(discover(git.path), {"snapshots/x.toml": b"1"}, "x", what="x")


def test_a_hook_of_the_user_that_forbids_the_branch_to_move_undoes_everything(git: Git) -> None:
    seed(git, desk__toml="old\n")
    (git.path / "desk.toml").write_text("edited\n")
    hook = git.path / ".git" / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntest $1 != prepared\n")
    hook.chmod(0o755)
    before = git("status", "--porcelain=v2"), git("rev-parse", "HEAD")
    with pytest.raises(HistoryError, match="git update-ref failed"):
        commit_files(discover(git.path), {"desk.toml": b"new\n", PATH: DATA}, "x", what="x")
    assert (git("status", "--porcelain=v2"), git("rev-parse", "HEAD")) == before
    assert (git.path / "desk.toml").read_text() == "edited\n"
    assert not (git.path / "snapshots").exists()


def test_writing_only_leaves_history_and_index_alone(git: Git) -> None:
    seed(git)
    write_only(discover(git.path), {PATH: DATA})
    assert (git.path / PATH).read_bytes() == DATA
    assert git("status", "--porcelain") == "?? snapshots/"
    assert record(discover(git.path), PATH, DATA) is not None
    consistent(git)


def test_a_new_file_gets_the_mode_the_umask_says(git: Git) -> None:
    old = os.umask(0o027)
    try:
        write_only(discover(git.path), {PATH: DATA})
    finally:
        os.umask(old)
    assert (git.path / PATH).stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
def test_with_commit_gpgsign_the_commit_is_signed(git: Git, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    (tmp_path / "signers").write_text("ada@example.com " + key.with_suffix(".pub").read_text())
    git("config", "gpg.format", "ssh")
    git("config", "user.signingKey", str(key))
    git("config", "gpg.ssh.allowedSignersFile", str(tmp_path / "signers"))
    git("config", "commit.gpgSign", "true")
    git("config", "log.showSignature", "true")
    record(discover(git.path), PATH, DATA)
    assert git("log", "-1", "--format=%G?", "--no-show-signature") == "G"
    key.unlink()
    with pytest.raises(HistoryError, match="git commit-tree failed"):
        record(discover(git.path), snapshot_path(1), DATA)
    consistent(git)


def test_a_sparse_checkout_keeps_its_form(git: Git) -> None:
    (git.path / "big").mkdir()
    (git.path / "big" / "file").write_text("big\n")
    seed(git, small__txt="small\n")
    git("sparse-checkout", "set", "--cone", "--sparse-index", "orders")
    recorded(git, 2)
    assert not (git.path / "big").exists()
    assert changed_paths(git) == [snapshot_path(1)]
    assert git("status", "--porcelain") == ""


def test_split_index_and_untracked_cache_are_git_s_own_affair(git: Git) -> None:
    seed(git)
    git("update-index", "--split-index", "--untracked-cache")
    recorded(git, 3)
    consistent(git)


def test_an_index_named_by_the_environment_is_the_users_index(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed(git)
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "other"))
    git("read-tree", "HEAD")
    record(discover(git.path), PATH, DATA)
    assert PATH in git("ls-files")
