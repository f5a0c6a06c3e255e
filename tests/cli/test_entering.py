"""Nothing that must not get in gets in, whichever way it takes; what is in order gets in."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.checks.keys import ALPACA_SECRET
from tests.cli.entering import ACTIONS, CLEAN, DIRTY, FIRST, STAMPS, Clone, attempt, template
from tests.cli.installed import install, without_qoc
from tests.cli.qoc import Qoc
from tests.cli.record import path_of, take
from tests.conftest import Git


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return template(tmp_path_factory.mktemp("entering"))


@pytest.mark.parametrize("name", ACTIONS)
def test_it_is_stopped_on_its_way_in(
    name: str, origin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "bin", monkeypatch)
    action = ACTIONS[name]
    stopped = attempt(action, origin, tmp_path)
    assert (stopped.local, stopped.push, stopped.server) == (action.local, True, True), stopped.said
    secrets = [ALPACA_SECRET[at : at + 6] for at in range(len(ALPACA_SECRET) - 5)]
    assert not [part for part in secrets if part in stopped.said]
    assert "Traceback" not in stopped.said
    assert "bug" not in stopped.said


@pytest.fixture
def clone(origin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    """A clone and its server, both with our hooks and git-qoc on PATH."""
    install(tmp_path / "bin", monkeypatch)
    shutil.copytree(origin, tmp_path / "desk", symlinks=True)
    return Clone(tmp_path / "desk" / "clone", hooks=True)


def does(clone: Clone, *args: str) -> None:
    assert clone(*args), clone.said


def test_what_is_in_order_is_committed_merged_and_pushed(clone: Clone) -> None:
    clone.side(CLEAN + "# theirs\n")
    does(clone, "merge", "-q", "--no-edit", "side")
    clone.write('client_order_id = "a"\n', "orders/pending/a.toml")
    clone.write("# June\n", "research/june.md")
    does(clone, "add", "-A")
    does(clone, "commit", "-qm", "an order")
    (clone.path / "orders" / "open").mkdir()
    does(clone, "mv", "orders/pending/a.toml", "orders/open/a.toml")
    does(clone, "commit", "-qm", "it is open")
    does(clone, "cherry-pick", "--keep-redundant-commits", "side")
    does(clone, "push", "-q", "origin", "main", "HEAD:refs/heads/topic", "HEAD:refs/tags/v1")
    does(clone, "tag", "-a", "-m", "v2", "v2")
    does(clone, "push", "-q", "origin", "v2", ":topic", ":v1")


def test_the_tools_own_commits_and_its_sync_pass_the_hooks(clone: Clone) -> None:
    desk = Qoc(Git(clone.path))
    desk.ok("connect", "cash", "--name", "sweep", "--venue", "paper", "--env-prefix", "CA_")
    desk.pass_time(days=3)
    desk.ok("snapshot")
    desk.ok("sync")
    assert desk.git("rev-parse", "HEAD") == Git(clone.path.parent / "server.git")("rev-parse", "main")


def test_a_topic_branch_may_be_rewritten_and_deleted_while_it_drops_no_snapshot(clone: Clone) -> None:
    does(clone, "checkout", "-q", "-b", "topic")
    clone.write("x", "notes.md")
    does(clone, "add", "-A")
    does(clone, "commit", "-qm", "x")
    does(clone, "push", "-q", "origin", "topic")
    does(clone, "commit", "-q", "--amend", "-m", "y")
    does(clone, "push", "-q", "-f", "origin", "topic")
    does(clone, "push", "-q", "origin", ":topic")


def test_a_record_that_is_only_on_a_topic_branch_is_not_deleted_with_it(clone: Clone) -> None:
    does(clone, "checkout", "-q", "-b", "topic")
    take(Qoc(Git(clone.path)), "2026-07-08T16:00:00Z", "3000")
    does(clone, "push", "-q", "origin", "topic")
    assert not clone("push", "-q", "--no-verify", "origin", ":topic")
    assert "deleting topic like this would drop 1 snapshot" in clone.said
    does(clone, "push", "-q", "origin", "topic:main")
    does(clone, "push", "-q", "origin", ":topic")


def test_a_tag_that_alone_keeps_a_record_is_not_deleted(clone: Clone) -> None:
    does(clone, "push", "-q", "origin", "main:refs/tags/kept")
    does(clone, "push", "-q", "--no-verify", "-f", "origin", "main~1:main")
    assert not clone("push", "-q", "--no-verify", "origin", ":refs/tags/kept")
    assert "deleting refs/tags/kept like this would drop 1 snapshot" in clone.said
    does(clone, "push", "-q", "origin", "main")
    does(clone, "push", "-q", "origin", ":refs/tags/kept")


def test_a_move_to_another_folder_is_no_rewriting(clone: Clone) -> None:
    (clone.path / "snapshots" / "2026" / "07").mkdir(parents=True)
    for stamp in STAMPS:
        name = path_of(stamp)
        does(clone, "mv", name, name.replace("snapshots/", "snapshots/2026/07/"))
    does(clone, "commit", "-qm", "monthly")
    does(clone, "push", "-q", "origin", "main")


def test_a_mended_record_may_be_committed_and_says_where_it_was_broken(clone: Clone) -> None:
    file = clone.path / FIRST
    good = file.read_text()
    file.write_text(good.replace("1_000.00", "9_000.00"))
    clone.quietly("commit", "-qam", "edited where no hook was")
    assert not clone("push", "-q", "origin", "main")
    file.write_text(good)
    does(clone, "commit", "-qam", "put back")
    assert not clone("push", "-q", "origin", "main")
    assert "nav_usd was 1_000.00, is 9_000.00" in clone.said


def test_a_forced_push_over_what_is_not_here_is_refused_until_it_is_fetched(
    clone: Clone, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    subprocess.run(["git", "clone", "-q", str(clone.path.parent / "server.git"), str(other)], check=True)
    take(Qoc(Git(other)), "2026-07-08T16:00:00Z", "3000")
    Git(other)("push", "-q", "origin", "main")
    clone.write("x", "notes.md")
    clone.quietly("add", "-A")
    clone.quietly("commit", "-qm", "x")
    assert not clone("push", "-f", "origin", "main")
    assert "commits over there that are not here" in clone.said
    clone.quietly("fetch", "-q")
    assert not clone("push", "-f", "origin", "main")
    assert "would drop 1 snapshot" in clone.said
    assert not clone("push", "-f", "--no-verify", "origin", "main")


def test_a_secret_in_a_tag_of_a_blob_or_tree_is_found(clone: Clone) -> None:
    clone.write(DIRTY, "x/desk.toml")
    clone.quietly("add", "-A")
    git = Git(clone.path)
    for name in (git("write-tree"), git("rev-parse", ":x/desk.toml")):
        for options in ((), ("--no-verify",)):
            assert not clone("push", *options, "origin", f"{name}:refs/tags/odd"), clone.said


def test_a_ref_of_any_name_and_an_expression_with_spaces_are_pushed(clone: Clone) -> None:
    git = Git(clone.path)
    strange = ["a\u00a0b", "a\u2028b", "\u3000x", "a\u0085b", os.fsdecode(b"caf\xe9")]
    for name in strange:
        git("branch", name)
    does(clone, "push", "-q", "origin", *strange)
    does(clone, "push", "-q", "origin", "HEAD^{/connect cx}:refs/heads/earlier")
    clone.write(DIRTY)
    clone.quietly("commit", "-qam", "x")
    assert not clone("push", "-q", "origin", f"HEAD:{strange[1]}")
    assert "a literal credential" in clone.said


def test_a_ref_to_what_the_other_side_has_brings_no_old_sins(clone: Clone) -> None:
    """Hooks that come to a repository with a past: it is over there whatever they say."""
    file = clone.path / FIRST
    file.write_text(file.read_text().replace("1_000.00", "9_000.00"))
    clone.quietly("commit", "-qam", "edited where no hook was")
    hook = clone.path.parent / "server.git" / "hooks" / "pre-receive"
    hook.rename(hook.with_name("later"))
    clone.quietly("push", "-q", "origin", "main")
    hook.with_name("later").rename(hook)
    clone.quietly("tag", "-a", "-m", "v1", "v1")
    clone.quietly("branch", "release")
    take(Qoc(Git(clone.path)), "2026-07-08T16:00:00Z", "3000")
    does(clone, "push", "-q", "origin", "main", "release", "v1")
    does(clone, "push", "-q", "--no-verify", "origin", "release:refs/heads/again", "main:refs/heads/more")


def test_a_merge_that_leaves_out_a_snapshot_which_the_other_side_has_is_stopped(clone: Clone) -> None:
    """Else the branch that has it could be deleted next, as merged."""
    clone.quietly("checkout", "-q", "-b", "topic")
    take(Qoc(Git(clone.path)), "2026-07-08T16:00:00Z", "3000")
    does(clone, "push", "-q", "origin", "topic")
    clone.quietly("checkout", "-q", "main")
    clone.quietly("merge", "-q", "-s", "ours", "--no-edit", "topic")
    for options in ((), ("--no-verify",)):
        assert not clone("push", *options, "origin", "main")
    assert clone.said.count("left out by this merge") == 2


@pytest.mark.parametrize("branch", ["main", "topic"])
def test_a_record_does_not_get_out_of_the_checks_by_taking_its_desk_away(branch: str, clone: Clone) -> None:
    clone.quietly("rm", "-q", "desk.toml")
    assert not clone("commit", "-qm", "x")
    clone.quietly("commit", "-qm", "x")
    for options in ((), ("--no-verify",)):
        assert not clone("push", *options, "origin", f"HEAD:{branch}")
    assert clone.said.count("desk.toml:1:1: removed, and the record beside it stays") == 3
    clone.quietly("rm", "-q", "-r", "snapshots")
    clone.quietly("commit", "-qm", "x")
    for options in ((), ("--no-verify",)):
        assert not clone("push", *options, "origin", f"HEAD:{branch}")
    assert clone.said.count("desk.toml:1:1: removed, and with it 2 snapshots") == 2


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_push_of_nothing_passes_also_where_a_script_hands_on_an_empty_line(end: str, clone: Clone) -> None:
    command = ["git-qoc", "hook", "pre-push", "origin"]
    assert subprocess.run(command, cwd=clone.path, input=end.encode(), check=False).returncode == 0


@pytest.mark.parametrize("where", ["pre-push", "pre-receive"])
def test_a_replace_ref_hides_nothing_of_what_is_pushed(where: str, clone: Clone) -> None:
    git = Git(clone.path)
    clean = git("rev-parse", "HEAD:desk.toml")
    clone.write(DIRTY)
    clone.quietly("commit", "-qam", "x")
    dirty = git("rev-parse", "HEAD:desk.toml")
    if where == "pre-push":
        git("replace", dirty, clean)
    else:
        does(clone, "push", "-q", "--no-verify", "origin", f"{clean}:refs/replace/{dirty}")
    assert not clone("push", *(["--no-verify"] if where == "pre-receive" else []), "origin", "main")
    assert f"in what would be {'pushed' if where == 'pre-push' else 'received'}" in clone.said


@pytest.mark.parametrize(
    ("start", "then"),
    [
        (("merge", "-q", "--no-edit", "side"), [("commit", "-qm", "x")]),
        (("am", "-q", "../0001-by-somebody-without-hooks.patch"), [("am", "--continue")]),
        (("cherry-pick", "side"), [("cherry-pick", "--continue")]),
        (("rebase", "main", "side"), [("rebase", "--continue"), ("rebase", "--skip")]),
        (("rebase", "--apply", "main", "side"), [("rebase", "--continue")]),
    ],
)
def test_what_was_refused_halfway_is_finished_as_the_hook_says(
    start: tuple[str, ...], then: list[tuple[str, ...]], clone: Clone
) -> None:
    clone.side()
    clone.quietly("format-patch", "-q", "-1", "side", "-o", "..")
    assert not clone(*start)
    told = [f"git {' '.join(step)}" if step[0] != "commit" else "commit again" for step in then]
    assert f"Mend, git add, {told[0]}" in clone.said
    assert told[-1] in clone.said
    clone.write(CLEAN + "# mended\n")
    clone.quietly("add", "desk.toml")
    assert [clone(*step) for step in then][-1], clone.said
    git = Git(clone.path)
    assert "# mended" in git("show", "HEAD:desk.toml")
    assert git("status", "--short") == ""


@pytest.mark.parametrize("what", ["commit", "merge", "am", "cherry-pick", "rebase", "push", "receive"])
def test_without_git_qoc_nothing_of_a_desk_gets_in(
    what: str, clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fail closed, with one plain sentence."""
    monkeypatch.setenv("PATH", without_qoc())
    clone.side(CLEAN + "# theirs\n")
    clone.quietly("format-patch", "-q", "-1", "side", "-o", "..")
    clone.write(CLEAN + "# mine\n") if what == "commit" else None
    clone.quietly("checkout", "-q", "side") if what == "rebase" else None
    actions = {
        "commit": ("commit", "-qam", "x"),
        "merge": ("merge", "-q", "--no-edit", "side"),
        "am": ("am", "-q", "../0001-by-somebody-without-hooks.patch"),
        "cherry-pick": ("cherry-pick", "side"),
        "rebase": ("rebase", "-q", "main"),
        "push": ("push", "-q", "origin", "main"),
        "receive": ("push", "-q", "--no-verify", "origin", "main"),
    }
    assert not clone(*actions[what])
    assert clone.said.count("git-qoc: not on PATH") == 1


def test_commits_and_pushes_without_a_desk_are_left_alone(clone: Clone) -> None:
    does(clone, "checkout", "-q", "--orphan", "pages")
    does(clone, "rm", "-rqf", ".")
    clone.write("x = 'hunter2'\n", "snapshots/notes.txt")
    clone.write("# password = 'hunter2'\n", "research/a.md")
    does(clone, "add", "-A")
    does(clone, "commit", "-qm", "x")
    does(clone, "push", "-q", "origin", "pages")


def test_a_desk_may_move_to_another_folder_with_all_it_has(clone: Clone) -> None:
    clone.write('client_order_id = "a"\n', "orders/filled/a.toml")
    does(clone, "add", "-A")
    does(clone, "commit", "-qm", "an order")
    (clone.path / "books").mkdir()
    does(clone, "mv", "desk.toml", "snapshots", "orders", "research", "books")
    does(clone, "commit", "-qm", "move")
    does(clone, "push", "-q", "origin", "main")
    file = clone.path / "books" / FIRST
    file.write_text(file.read_text().replace("1_000.00", "9_000.00"))
    clone.quietly("mv", "books", "other")
    assert not clone("commit", "-qam", "move and edit")
