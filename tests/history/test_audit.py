"""What an append-only record forbids, committed by hand with real git, is found; what it allows is not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from git_qoc.history.audits.audit import Audit, Scope, audit
from git_qoc.history.audits.differing import described, first_difference
from git_qoc.history.audits.ledger import Kind
from git_qoc.history.repository import Repository, discover
from tests.conftest import Git
from tests.history.desk import make, record, recorded, seed, snapshot_path, trailers

A, B, C, D = (snapshot_path(number) for number in range(4))
QUICK = Scope(affordable=0)
EVERY = Scope(every=True)
WAYS = pytest.mark.parametrize("scope", [QUICK, EVERY], ids=["quick", "every"])

Told = list[tuple[str, str, str | None]]


def told(found: Audit) -> Told:
    return sorted((o.kind.value, o.path, o.commit) for o in found.offences)


def by_hand(git: Git, files: dict[str, str | None], message: str = "by hand") -> str:
    """One commit without trailers (unless the message has some); None removes a file."""
    for path, text in files.items():
        file = git.path / path
        if text is None:
            git("rm", "-q", "--cached", path)
            file.unlink()
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            git("add", "--", path)
    git("commit", "-q", "--allow-empty", "-m", message)
    return head(git)


def head(git: Git) -> str:
    return git("rev-parse", "HEAD")


def blob(git: Git, text: str) -> str:
    return git("hash-object", "-w", "--stdin", stdin=text)


def words(repo: Repository, found: Audit) -> list[str]:
    return [f"{o.path}:{line}: {text}" for o, line, text in described(repo, found.offences)]


@WAYS
def test_a_record_of_ours_is_clean(git: Git, scope: Scope) -> None:
    seed(git)
    repo = recorded(git, 4)
    by_hand(git, {"notes.md": "later", "snapshots/README.md": "about", "snapshots/.gitkeep": ""})
    found = audit(repo, scope=scope)
    assert told(found) == []
    assert [file.path for file in found.files] == [A, B, C, D]
    assert [file.commit for file in found.files] == git("rev-list", "--reverse", "HEAD").splitlines()[1:5]
    assert found.commits == 4
    assert found.believed == (4 if scope is QUICK else 0)


@WAYS
def test_snapshots_committed_by_hand_are_recorded_too(git: Git, scope: Scope) -> None:
    repo = discover(git.path)
    first = by_hand(git, {A: "a\n", B: "b\n"})
    found = audit(repo, scope=scope)
    assert told(found) == []
    assert {file.commit for file in found.files} == {first}


def test_without_a_commit_there_is_nothing(git: Git) -> None:
    assert audit(discover(git.path)) == Audit()


@WAYS
def test_an_edit_names_both_commits_and_the_first_other_line(git: Git, scope: Scope) -> None:
    repo = discover(git.path)
    record(repo, A, b"[meta]\nname = 'x'\nnav_usd = 1_100.00\n")
    first = head(git)
    edit = by_hand(git, {A: "[meta]\nname = 'x'\nnav_usd = 1_110.00\n"})
    by_hand(git, {"notes.md": "later"})
    found = audit(repo, scope=scope)
    assert told(found) == [("edited", A, edit)]
    assert words(repo, found) == [
        f"{A}:3: edited in {edit[:10]}, first recorded in {first[:10]}: nav_usd was 1_100.00, is 1_110.00"
    ]


def test_text_that_is_no_figure_is_not_shown_again() -> None:
    assert first_difference(b"a = 1\nkey = 'PKsecret'\n", b"a = 1\nkey = 'other'\n") == (
        2,
        "this line is another one",
    )
    assert first_difference(b"a = 1\n", b"a = 1\nb = 2\n") == (2, "this line was added")
    assert first_difference(b"a = 1\nb = 2\n", b"a = 1\n") == (2, "the lines from here on were removed")
    assert first_difference(b"a = 1\n", b"a = 1\r\n") == (1, "its line ends are others")


@WAYS
def test_an_edit_with_forged_trailers_is_found(git: Git, scope: Scope) -> None:
    repo = recorded(git, 2)
    edit = by_hand(git, {A: "forged\n"}, trailers(A, blob(git, "forged\n")))
    assert told(audit(repo, scope=scope)) == [("edited", A, edit)]


@WAYS
def test_an_amended_snapshot_commit_is_found(git: Git, scope: Scope) -> None:
    repo = recorded(git, 2)
    (git.path / B).write_text("amended\n")
    git("commit", "-q", "-a", "--amend", "--no-edit")
    assert told(audit(repo, scope=scope)) == [("trailers", B, head(git))]


@WAYS
def test_an_edit_hidden_in_another_snapshots_commit_is_found(git: Git, scope: Scope) -> None:
    repo = recorded(git, 2)
    (git.path / A).write_text("hidden\n")
    git("commit", "-q", "-a", "--amend", "--no-edit")
    record(repo, C, b"c\n")
    hidden = git("rev-parse", "HEAD~1")
    assert told(audit(repo, scope=scope)) == [("edited", A, hidden), ("trailers", B, hidden)]


@WAYS
def test_an_edit_that_was_taken_back_is_found_and_said_to_be_mended(git: Git, scope: Scope) -> None:
    repo = recorded(git, 2)
    edit = by_hand(git, {A: "edited\n"})
    git("revert", "--no-edit", "HEAD")
    found = audit(repo, scope=scope)
    assert told(found) == [("edited", A, edit)]
    assert found.offences[0].mended


def test_an_edit_taken_back_between_snapshot_commits_takes_every_commit_to_find(git: Git) -> None:
    """What the quick way cannot see, and says that it did not look for."""
    repo = recorded(git, 1)
    record(repo, B, b"b\n")
    (git.path / A).write_text("hidden\n")
    git("commit", "-q", "-a", "--amend", "--no-edit")
    hidden = head(git)
    record(repo, C, b"c\n")
    (git.path / A).write_text("nav = 0\n")
    git("commit", "-q", "-a", "--amend", "--no-edit")
    assert told(audit(repo, scope=EVERY)) == [
        ("edited", A, hidden),
        *sorted([("trailers", B, hidden), ("trailers", C, head(git))]),
    ]
    quick = audit(repo, scope=QUICK)
    assert told(quick) == []
    assert quick.believed == 3
    assert told(audit(repo)) == told(audit(repo, scope=EVERY))  # affordable, so done unasked


@WAYS
def test_a_deletion_is_found_also_when_it_was_restored(git: Git, scope: Scope) -> None:
    repo = recorded(git, 2)
    gone = by_hand(git, {A: None})
    found = audit(repo, scope=scope)
    assert told(found) == [("deleted", A, gone)]
    assert not found.offences[0].mended
    by_hand(git, {A: "nav = 0\n"})
    found = audit(repo, scope=scope)
    assert told(found) == [("deleted", A, gone)]
    assert found.offences[0].mended


@WAYS
def test_another_content_after_a_deletion_is_an_edit(git: Git, scope: Scope) -> None:
    repo = recorded(git, 2)
    gone = by_hand(git, {A: None})
    edit = by_hand(git, {A: "better\n"})
    assert told(audit(repo, scope=scope)) == [("deleted", A, gone), ("edited", A, edit)]


@WAYS
def test_a_reverted_snapshot_commit_is_a_deletion(git: Git, scope: Scope) -> None:
    repo = recorded(git, 2)
    git("revert", "--no-edit", "HEAD~1")
    assert told(audit(repo, scope=scope)) == [("deleted", A, head(git))]


@WAYS
def test_a_deletion_hidden_in_a_snapshot_commit_is_found(git: Git, scope: Scope) -> None:
    repo = recorded(git, 2)
    git("rm", "-q", A)
    git("commit", "-q", "--amend", "--no-edit")
    record(repo, C, b"c\n")
    hidden = git("rev-parse", "HEAD~1")
    assert told(audit(repo, scope=scope)) == [("deleted", A, hidden), ("trailers", B, hidden)]


@WAYS
def test_a_rename_is_found_with_and_without_edit(git: Git, scope: Scope) -> None:
    repo = recorded(git, 2)
    git("mv", A, C)
    git("commit", "-q", "-m", "rename")
    renamed = head(git)
    assert told(audit(repo, scope=scope)) == [("renamed", A, renamed)]
    both = by_hand(git, {B: None, D: "edited\n"})
    assert told(audit(repo, scope=scope)) == [("deleted", B, both), ("renamed", A, renamed)]


@WAYS
def test_renamed_out_of_sight_is_deleted(git: Git, scope: Scope) -> None:
    repo = recorded(git, 2)
    (git.path / "archive").mkdir()
    git("mv", A, f"{A}.bak")
    git("mv", B, "archive/")
    git("commit", "-q", "-m", "tidy")
    assert told(audit(repo, scope=scope)) == [("deleted", A, head(git)), ("deleted", B, head(git))]


@WAYS
@pytest.mark.parametrize("commits", [1, 2])
def test_a_flat_record_becomes_monthly_and_is_clean(git: Git, scope: Scope, commits: int) -> None:
    repo = recorded(git, 3)
    monthly = git.path / "snapshots/2026/07"
    monthly.mkdir(parents=True)
    for path in (A, B, C):
        git("mv", path, "snapshots/2026/07/")
        if commits == 2:
            git("commit", "-q", "-m", "one by one")
    git("commit", "-q", "--allow-empty", "-m", "monthly")
    record(repo, D.replace("snapshots/", "snapshots/2026/07/"), b"d\n")
    found = audit(repo, scope=scope)
    assert told(found) == []
    assert found.moved == 3
    assert all(file.commit for file in found.files)


@WAYS
def test_copied_first_and_removed_later_is_moved_too(git: Git, scope: Scope) -> None:
    repo = recorded(git, 2)
    copy = A.replace("snapshots/", "snapshots/2026/")
    by_hand(git, {copy: "nav = 0\n"})
    by_hand(git, {A: None})
    found = audit(repo, scope=scope)
    assert told(found) == []
    assert found.moved == 1


@WAYS
def test_moved_and_edited_at_once_is_an_edit(git: Git, scope: Scope) -> None:
    repo = recorded(git, 2)
    moved = A.replace("snapshots/", "snapshots/2026/")
    edit = by_hand(git, {A: None, moved: "edited\n"})
    assert ("edited", moved, edit) in told(audit(repo, scope=scope))


@WAYS
def test_a_move_hidden_in_a_snapshot_commit_is_told_by_its_trailers(git: Git, scope: Scope) -> None:
    repo = recorded(git, 2)
    (git.path / "snapshots/2026").mkdir()
    git("mv", A, "snapshots/2026/")
    git("commit", "-q", "--amend", "--no-edit")
    assert told(audit(repo, scope=scope)) == [("trailers", B, head(git))]


@WAYS
def test_a_file_smuggled_into_a_snapshot_commit_is_found(git: Git, scope: Scope) -> None:
    repo = recorded(git, 1)
    record(repo, B, b"b\n")
    (git.path / C).write_text("smuggled\n")
    git("add", C)
    git("commit", "-q", "--amend", "--no-edit")
    assert told(audit(repo, scope=scope)) == [("trailers", B, head(git))]


def test_a_snapshot_commit_that_touches_other_files_is_found(git: Git) -> None:
    repo = recorded(git, 1)
    (git.path / "desk.toml").write_text("x = 1\n")
    git("add", "-A")
    git("commit", "-q", "--amend", "--no-edit")
    found = audit(repo)
    assert told(found) == [("trailers", A, head(git))]
    assert "desk.toml" in found.offences[0].why


@WAYS
def test_trailers_for_nothing_are_found(git: Git, scope: Scope) -> None:
    repo = recorded(git, 2)
    absent = by_hand(git, {}, trailers(C, blob(git, "never\n")))
    again = by_hand(git, {}, trailers(A, blob(git, "nav = 0\n")))
    other = by_hand(git, {}, trailers(B, blob(git, "other\n")))
    expected = [("trailers", C, absent), ("trailers", A, again), ("trailers", B, other)]
    assert told(audit(repo, scope=scope)) == sorted(expected)


@WAYS
def test_what_is_no_plain_file_is_found(git: Git, scope: Scope) -> None:
    repo = recorded(git, 3)
    (git.path / A).unlink()
    (git.path / A).symlink_to("/etc/passwd")
    git("add", A)
    git("update-index", "--chmod=+x", B)
    git("update-index", "--add", "--cacheinfo", f"160000,{head(git)},{D}")
    git("commit", "-q", "-m", "odd")
    odd = head(git)
    expected = [("edited", A, odd), *[("type", path, odd) for path in (A, B, D)]]
    found = audit(repo, scope=scope)
    assert told(found) == expected
    assert [file.path for file in found.files] == [C]
    assert {o.path: o.why for o in found.offences if o.kind is Kind.TYPE} == {
        A: "made it a symbolic link, expected a plain file",
        B: "made it executable, expected a plain file",
        D: "made it a submodule, expected a plain file",
    }


@WAYS
def test_the_folder_replaced_by_a_link_is_found(git: Git, scope: Scope) -> None:
    repo = recorded(git, 1)
    git("rm", "-q", A)
    (git.path / "snapshots").symlink_to("elsewhere")
    git("add", "snapshots")
    git("commit", "-q", "-m", "elsewhere")
    assert told(audit(repo, scope=scope)) == [("deleted", A, head(git)), ("type", "snapshots", head(git))]


def forked(git: Git, *, left: list[str], right: list[str]) -> Repository:
    """One snapshot, then two branches that record their own; `main` is checked out."""
    repo = recorded(git, 1)
    git("branch", "side")
    for path in left:
        record(repo, path, f"left {path}\n".encode())
    git("checkout", "-q", "side")
    by_hand(git, {"notes.md": "side"})
    for path in right:
        record(repo, path, f"right {path}\n".encode())
    git("checkout", "-q", "main")
    return repo


@WAYS
def test_a_merge_of_two_clones_that_both_recorded_is_found(git: Git, scope: Scope) -> None:
    repo = forked(git, left=[B, C], right=[D])
    git("merge", "-q", "--no-edit", "side")
    found = audit(repo, scope=scope)
    assert told(found) == [("merge", "snapshots", head(git))]
    assert "2 and 1 snapshots" in found.offences[0].why
    assert [file.path for file in found.files] == [A, B, C, D]


@WAYS
@pytest.mark.parametrize(("left", "right"), [([B, C], []), ([], [B, C]), ([], [])])
def test_a_merge_with_snapshots_on_one_side_is_none_of_our_business(
    git: Git, scope: Scope, left: list[str], right: list[str]
) -> None:
    repo = forked(git, left=left, right=right)
    git("merge", "-q", "--no-ff", "--no-edit", "side")
    record(repo, D, b"d\n")
    assert told(audit(repo, scope=scope)) == []


@WAYS
def test_a_merge_that_leaves_out_one_sides_snapshots_deletes_them(git: Git, scope: Scope) -> None:
    repo = forked(git, left=[], right=[B])
    git("merge", "-q", "--no-edit", "-s", "ours", "side")
    assert told(audit(repo, scope=scope)) == [("deleted", B, head(git))]


@WAYS
def test_an_evil_merge_is_found(git: Git, scope: Scope) -> None:
    repo = forked(git, left=[B], right=[])
    git("merge", "-q", "--no-ff", "--no-commit", "side")
    (git.path / A).write_text("evil\n")
    (git.path / C).write_text("added\n")
    git("add", A, C)
    git("rm", "-q", B)
    git("commit", "-q", "-m", "merge")
    evil = head(git)
    assert told(audit(repo, scope=scope)) == [("deleted", B, evil), ("edited", A, evil), ("merge", C, evil)]


@WAYS
def test_a_deletion_on_a_branch_is_told_once_where_it_was_done(git: Git, scope: Scope) -> None:
    repo = forked(git, left=[B], right=[])
    git("checkout", "-q", "side")
    gone = by_hand(git, {A: None})
    git("checkout", "-q", "main")
    git("merge", "-q", "--no-edit", "side")
    assert told(audit(repo, scope=scope)) == [("deleted", A, gone)]


def test_in_a_range_a_merge_is_not_blamed_for_what_a_side_did_before(git: Git) -> None:
    """Deleted and renamed on main, then a branch from before it is merged."""
    repo = forked(git, left=[B], right=[])
    git("mv", A, C)
    git("commit", "-q", "-m", "rename")
    gone = by_hand(git, {B: None})
    record(repo, D, b"d\n")
    base = head(git)
    git("merge", "-q", "--no-edit", "side")
    assert told(audit(repo, scope=Scope((f"{base}..HEAD",)))) == []
    assert told(audit(repo)) == sorted([("deleted", B, gone), ("renamed", A, git("rev-parse", f"{gone}~1"))])
    assert told(audit(repo, scope=QUICK)) == told(audit(repo))


@WAYS
def test_one_name_recorded_differently_on_two_sides_is_an_edit(git: Git, scope: Scope) -> None:
    repo = forked(git, left=[B], right=[B])
    git("merge", "-q", "--no-edit", "-X", "ours", "side")
    kinds = [(kind, path) for kind, path, _ in told(audit(repo, scope=scope))]
    assert ("edited", B) in kinds
    assert ("merge", "snapshots") in kinds


@WAYS
def test_a_rebased_clone_is_clean(git: Git, scope: Scope) -> None:
    repo = forked(git, left=[B], right=[C])
    git("checkout", "-q", "side")
    git("rebase", "-q", "main")
    assert told(audit(repo, scope=scope)) == []


def test_a_range_tells_only_what_its_commits_did(git: Git) -> None:
    repo = recorded(git, 2)
    old = by_hand(git, {A: "old edit\n"})
    record(repo, C, b"c\n")
    base = head(git)
    edit = by_hand(git, {B: "new edit\n"})
    gone = by_hand(git, {B: None})
    record(repo, D, b"d\n")
    found = audit(repo, scope=Scope((f"{base}..HEAD",)))
    assert told(found) == [("deleted", B, gone), ("edited", B, edit)]
    assert [file.path for file in found.files] == [D]
    assert [file.path for file in found.neighbours] == [A, C]
    assert found.commits == 3
    assert told(audit(repo, scope=Scope((base,)))) == [("edited", A, old)]
    assert told(audit(repo, scope=Scope((f"{base}~1..{base}",)))) == []
    assert told(audit(repo, scope=Scope(("HEAD", "--not", base)))) == told(found)


def test_a_range_shows_that_a_commit_before_it_was_made_again_with_other_figures(git: Git) -> None:
    seed(git)
    repo = recorded(git, 2)
    pushed = head(git)
    (git.path / B).write_text("nav = 666\n")
    git("commit", "-q", "-a", "--amend", "-m", trailers(B, blob(git, "nav = 666\n")))
    for revisions in ((f"{pushed}..HEAD",), ("HEAD", f"^{pushed}")):
        (offence,) = audit(repo, scope=Scope(revisions)).offences
        assert (offence.kind, offence.path, offence.commit) == (Kind.EDITED, B, head(git))
        assert offence.first is not None
        assert offence.first.commit == pushed


def test_a_range_between_clones_that_both_recorded_counts_what_its_end_does_not_have(git: Git) -> None:
    seed(git)
    repo = recorded(git, 1)
    git("switch", "-q", "-c", "theirs")
    record(repo, B, b"theirs\n")
    record(repo, C, b"theirs\n")
    git("switch", "-q", "main")
    record(repo, D, b"ours\n")
    found = audit(repo, scope=Scope(("theirs..main",)))
    assert (told(found), found.missing) == ([], 2)
    assert audit(repo, scope=Scope(("main..main",))).missing == 0


def test_in_a_range_an_edit_of_what_was_recorded_by_hand_before_it_names_its_first_commit(git: Git) -> None:
    repo = discover(git.path)
    first = by_hand(git, {A: "a\n"})
    by_hand(git, {A: "b\n"})
    base = head(git)
    by_hand(git, {A: "a\n"})
    assert told(audit(repo, scope=Scope((f"{base}..HEAD",)))) == []  # taken back
    edit = by_hand(git, {A: "c\n"})
    found = audit(repo, scope=Scope((f"{base}..HEAD",)))
    assert told(found) == [("edited", A, edit)]
    assert found.offences[0].first is not None
    assert found.offences[0].first.commit == first


@WAYS
def test_a_bare_repository_is_read_like_any_other(git: Git, tmp_path: Path, scope: Scope) -> None:
    recorded(git, 2)
    edit = by_hand(git, {A: "edited\n"})
    subprocess.run(["git", "clone", "-q", "--bare", git.path, tmp_path / "bare.git"], check=True)
    assert told(audit(discover(tmp_path / "bare.git"), scope=scope)) == [("edited", A, edit)]


def test_new_commits_are_seen_while_they_are_in_quarantine(git: Git, tmp_path: Path) -> None:
    """As a server's pre-receive hook has them: objects apart, no ref yet (git-receive-pack(1))."""
    recorded(git, 2)
    bare, out = tmp_path / "bare.git", tmp_path / "out"
    subprocess.run(["git", "clone", "-q", "--bare", git.path, bare], check=True)
    root = Path(__file__).parents[2]
    hook = bare / "hooks/pre-receive"
    hook.write_text(
        f"#!/bin/sh\nread old new ref\nPYTHONPATH={root} python - $new > {out} <<'E'\nimport sys\n"
        "from git_qoc.history.audits.audit import Scope, audit\n"
        "from git_qoc.history.repository import discover\n"
        "found = audit(discover(), scope=Scope((sys.argv[1], '--not', '--all')))\n"
        "print([(o.kind.value, o.commit) for o in found.offences])\nE\n"
    )
    hook.chmod(0o755)
    edit = by_hand(git, {A: "edited\n"})
    env = {**os.environ, "PATH": f"{Path(os.sys.executable).parent}:{os.environ['PATH']}"}  # type: ignore[attr-defined]
    subprocess.run(["git", "push", "-q", bare, "main"], cwd=git.path, env=env, check=True)
    assert out.read_text() == f"[('edited', '{edit}')]\n"


@WAYS
def test_a_shallow_clone_is_held_to_what_it_has(git: Git, tmp_path: Path, scope: Scope) -> None:
    recorded(git, 3)
    edit = by_hand(git, {A: "edited\n"})
    by_hand(git, {"notes.md": "x"})
    url = f"file://{git.path}"
    subprocess.run(["git", "clone", "-q", "--depth=4", url, tmp_path / "shallow"], check=True)
    found = audit(discover(tmp_path / "shallow"), scope=scope)
    assert told(found) == [("edited", A, edit)]
    assert found.offences[0].first is not None
    assert found.offences[0].first.commit is None


@WAYS
def test_replaced_commits_hide_nothing(git: Git, scope: Scope) -> None:
    repo = recorded(git, 2)
    good = head(git)
    edit = by_hand(git, {A: "edited\n"})
    git("replace", edit, good)
    assert told(audit(repo, scope=scope)) == [("edited", A, edit)]


def test_a_claim_that_a_later_edit_makes_true_is_found(git: Git) -> None:
    repo = discover(git.path)
    planted = by_hand(git, {A: "nav = 1\n"}, trailers(A, blob(git, "nav = 666\n")))
    by_hand(git, {B: "nav = 2\n"})
    edit = by_hand(git, {A: "nav = 666\n"})
    both = [("edited", A, edit), ("trailers", A, planted)]
    for scope, expected in ((QUICK, both), (EVERY, both), (Scope((f"{planted}..HEAD",)), both[:1])):
        assert told(audit(repo, scope=scope)) == expected


def test_a_claim_before_a_range_hides_no_deletion_in_it(git: Git) -> None:
    repo = discover(git.path)
    text, elsewhere = "nav = 1\n", f"snapshots/2026/{A.rpartition('/')[2]}"
    by_hand(git, {}, trailers(elsewhere, blob(git, text)))
    start = by_hand(git, {A: text})
    gone = by_hand(git, {A: None})
    assert told(audit(repo, scope=Scope((f"{start}..HEAD",)))) == [("deleted", A, gone)]


def test_in_a_range_a_merge_leaves_out_no_snapshot_that_moved_there_and_back(git: Git) -> None:
    seed(git)
    repo = recorded(git, 1)
    text, elsewhere = (git.path / A).read_text(), f"snapshots/2026/{A.rpartition('/')[2]}"
    by_hand(git, {A: None, elsewhere: text})
    by_hand(git, {elsewhere: None, A: text})
    git("switch", "-q", "-c", "side")
    by_hand(git, {"side.md": "s"})
    git("switch", "-q", "main")
    start = by_hand(git, {"main.md": "m"})
    git("merge", "-q", "--no-commit", "--no-ff", "side")
    git("rm", "-q", "-f", A)
    git("commit", "-q", "-m", "merge")
    for scope in (QUICK, EVERY, Scope((f"{start}..HEAD",))):
        assert ("deleted", A, head(git)) in told(audit(repo, scope=scope))


@WAYS
def test_a_submodule_that_gitmodules_hides_is_found(git: Git, scope: Scope) -> None:
    seed(git)
    repo = recorded(git, 1)
    start = head(git)
    hidden = f'[submodule "x"]\n\tpath = {B}\n\turl = ./x\n\tignore = all\n'
    by_hand(git, {".gitmodules": hidden})
    git("update-index", "--add", "--cacheinfo", f"160000,{start},{B}")
    git("commit", "-q", "-m", "a submodule")
    for each in (scope, Scope((f"{start}..HEAD",))):
        assert told(audit(repo, scope=each)) == [("type", B, head(git))]


@WAYS
@pytest.mark.parametrize("forged", [False, True], ids=["plain", "forged"])
def test_a_desk_that_moves_to_another_folder_is_held_to_what_it_was(
    git: Git, scope: Scope, *, forged: bool
) -> None:
    repo = discover(git.path)
    by_hand(git, {"old/desk.toml": ""})
    first = [by_hand(git, {f"old/{p}": f"{p}\n"}, trailers(f"old/{p}", blob(git, f"{p}\n"))) for p in (A, B)]
    git("mv", "old", "new")
    (git.path / "new" / A).write_text("nav = 666\n")
    git("add", "-A")
    message = trailers(f"other/{A}", blob(git, "nav = 666\n")) if forged else "moved"
    git("commit", "-q", "-m", message)
    for each in (scope, Scope(("HEAD~1..HEAD",))):
        (offence,) = audit(repo, "new/", each).offences
        assert (offence.kind, offence.path, offence.commit) == (Kind.EDITED, f"new/{A}", head(git))
        assert offence.first is not None
        assert (offence.first.path, offence.first.commit) == (f"old/{A}", first[0])
    assert audit(repo, "new/", scope).gone["old/"] == 1


@WAYS
def test_a_desk_that_moved_as_it_was_is_clean(git: Git, scope: Scope) -> None:
    repo = discover(git.path)
    by_hand(git, {"desk.toml": "", "beside/desk.toml": ""})
    record(repo, A, b"nav = 1\n")
    record(repo, f"beside/{A}", b"nav = 2\n")
    (git.path / "new").mkdir()
    git("mv", "desk.toml", "snapshots", "new")
    git("commit", "-q", "-m", "moved")
    found = audit(repo, "new/", scope)
    assert (told(found), dict(found.gone)) == ([], {})


@WAYS
def test_a_desk_that_is_gone_with_its_record_is_told_beside_another(git: Git, scope: Scope) -> None:
    repo = discover(git.path)
    by_hand(git, {"a/desk.toml": "", "b/desk.toml": ""})
    for path in (f"a/{A}", f"a/{B}", f"b/{A}"):
        record(repo, path, b"nav = 1\n")
    git("rm", "-q", "-r", "a")
    git("commit", "-q", "-m", "away", "-m", "Qoc-Snapshot: x\n y/snapshots/z.toml\nQoc-Blob: 0")
    found = audit(repo, "b/", scope)
    assert (told(found), dict(found.gone)) == ([], {"a/": 1})


@WAYS
def test_desks_in_folders_and_hostile_names_are_kept_apart(git: Git, scope: Scope) -> None:
    repo = discover(git.path)
    odd = "a desk/-x é/"
    for root in (odd, "b/"):
        record(repo, root + A, root.encode())
    record(repo, odd + B, b"b\n")
    name = os.fsdecode(b"snapshots/caf\xe9 \n.toml")
    (git.path / odd / name).write_text("x\n")
    git("add", "-A")
    git("commit", "-q", "-m", "hostile")
    edit = by_hand(git, {"b/" + A: "edited\n"})
    assert told(audit(repo, odd, scope)) == []
    assert told(audit(repo, "b/", scope)) == [("edited", "b/" + A, edit)]
    assert audit(repo, scope=scope).files == ()


@WAYS
def test_settings_hide_no_trailers(git: Git, scope: Scope) -> None:
    repo = discover(git.path)
    forged = by_hand(git, {A: "nav = 1\n"}, trailers(A, "0" * 40))
    by_hand(git, {}, trailers(A, "0" * 40))
    git("config", "trailer.separators", "=")
    assert ("trailers", A, forged) in told(audit(repo, scope=EVERY))
    assert told(audit(repo, scope=scope)) != []


@WAYS
def test_users_settings_change_nothing(git: Git, scope: Scope) -> None:
    repo = recorded(git, 3)
    git("mv", A, D)
    git("commit", "-q", "-m", "rename")
    expected = told(audit(repo, scope=scope))
    for key, value in {
        "log.showSignature": "true",
        "color.ui": "always",
        "diff.renames": "copies",
        "core.abbrev": "5",
        "diff.orderFile": "/dev/null",
        "core.quotePath": "true",
        "diff.relative": "true",
        "diff.ignoreSubmodules": "all",
        "log.diffMerges": "off",
        "i18n.logOutputEncoding": "UTF-16",
    }.items():
        git("config", key, value)
    assert told(audit(repo, scope=scope)) == expected != []


def test_a_sha256_repository_is_audited_like_any_other(tmp_path: Path) -> None:
    git = make(tmp_path / "new", "--object-format=sha256")
    repo = recorded(git, 2)
    edit = by_hand(git, {A: "edited\n"})
    assert told(audit(repo)) == told(audit(repo, scope=QUICK)) == [("edited", A, edit)]


def signing(git: Git, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    (tmp_path / "allowed").write_text(f"ada@example.com {(tmp_path / 'key.pub').read_text()}")
    git("config", "gpg.format", "ssh")
    git("config", "user.signingKey", str(key))
    git("config", "gpg.ssh.allowedSignersFile", str(tmp_path / "allowed"))


def test_where_signing_is_demanded_each_commit_that_touches_the_record_is_looked_at(
    git: Git, tmp_path: Path
) -> None:
    signing(git, tmp_path)
    seed(git)
    repo = recorded(git, 1)
    plain = head(git)
    git("config", "commit.gpgSign", "true")
    record(repo, B, b"b\n")
    git("config", "commit.gpgSign", "false")
    by_hand(git, {"notes.md": "not the record's"})
    raw = git("cat-file", "commit", "HEAD~1").replace("snapshot\n", "snap shot\n", 1) + "\n"
    forged = git("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw)
    for scope in (Scope(signed=True), Scope(signed=True, affordable=0)):
        found = audit(repo, scope=scope)
        assert told(found) == [("unsigned", "snapshots", plain)]
        assert found.offences[0].why.startswith("is not signed")
    git("update-ref", "HEAD", forged)
    found = audit(repo, scope=Scope((f"{plain}..HEAD",), signed=True))
    assert told(found) == [("unsigned", "snapshots", forged)]
    assert "bad signature" in found.offences[0].why
    assert told(audit(repo)) == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_changed_byte_committed_in_any_way_is_found(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    git = make(tmp_path_factory.mktemp("desk") / "repo")
    git("config", "gc.auto", "0")
    repo = recorded(git, 2)
    path = data.draw(st.sampled_from([A, B]))
    old = (git.path / path).read_bytes()
    at = data.draw(st.integers(0, len(old) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != old[at]))
    new = old[:at] + bytes([byte]) + old[at + 1 :]
    (git.path / path).write_bytes(new)
    id_ = git("hash-object", "-w", "--no-filters", path)
    git("update-index", "--cacheinfo", f"100644,{id_},{path}")
    way = data.draw(st.sampled_from(["plain", "forged", "amend", "with another", "merge"]))
    if way == "amend":
        git("commit", "-q", "--amend", "--no-edit")
    elif way == "merge":
        git("branch", "side", "HEAD~1")
        tree = git("write-tree")
        merge = git("commit-tree", "-p", "HEAD", "-p", "side", "-m", "merge", tree)
        git("update-ref", "HEAD", merge)
    elif way == "with another":
        (git.path / C).write_text("c\n")
        git("add", C)
        git("commit", "-q", "-m", trailers(C, git("rev-parse", f":{C}")))
    else:
        git("commit", "-q", "-m", trailers(path, id_) if way == "forged" else "by hand")
    for scope in (QUICK, EVERY):
        found = told(audit(repo, scope=scope))
        assert any(commit == head(git) for _, _, commit in found), (way, found)
