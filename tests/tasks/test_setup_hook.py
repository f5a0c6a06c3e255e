"""One hook and what stood there before: chained, restored, and never lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from git_qoc.tasks.setup_hook_text import CHAINED
from tests.conftest import Git
from tests.tasks.hooks import (
    SHIMS,
    attempt,
    files,
    folder,
    order,
    put,
    ran,
    recording,
    states,
    take,
    users,
)

pytestmark = pytest.mark.usefixtures("record")
ROOT = Path(__file__).parents[2]
KEPT = f"pre-commit{CHAINED}"
COMMIT = ("commit", "-q", "--allow-empty", "-m", "x")


@pytest.fixture
def hooks(git: Git) -> Path:
    return folder(git)


def test_setting_up_twice_changes_nothing(git: Git, hooks: Path) -> None:
    users(git, "pre-commit")
    put(git)
    before = {file: file.lstat() for file in hooks.iterdir()}
    assert states(put(git)) == {"present"}
    assert {file: file.lstat() for file in hooks.iterdir()} == before


def test_the_first_that_fails_decides(git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    file = users(git, "pre-commit")
    put(git)
    for ours, yours, code, who in (("3", "4", 3, ["ours"]), ("0", "4", 4, ["ours", "yours"])):
        monkeypatch.setenv("ours", ours)
        monkeypatch.setenv("yours", yours)
        assert subprocess.run([file, "a"], check=False).returncode == code
        assert [line.split()[0] for line in ran()] == who
        assert attempt(git, *COMMIT).returncode == 1
        ran()


def test_arguments_and_input_reach_both_to_the_byte(git: Git, hooks: Path, tmp_path: Path) -> None:
    copy = '#!/bin/sh\nprintf "%s|" "$@" >>"$RECORD"\ncat >>"$RECORD"\n'
    users(git, "pre-push", copy)
    put(git)
    given = ["a b", "", "c\n*", "$x\\"]
    for data in (b"", b"x", b"x\n\n", os.urandom(1 << 20).replace(b"\0", b"\n")):
        subprocess.run([hooks / "pre-push", *given], input=data, check=True)
        record = Path(os.environ["RECORD"])
        assert record.read_bytes().endswith(b"a b||c\n*|$x\\|" + data)
        record.unlink()


def test_a_hook_that_reads_no_input_does_not_fail_for_that(git: Git) -> None:
    users(git, "pre-push", "#!/bin/sh\nexit 0\n")
    put(git)
    ignored = [
        "sh",
        "-c",
        'trap "" PIPE; exec "$0"',
        str(folder(git) / "pre-push"),
    ]  # as some servers start it
    done = subprocess.run(ignored, input=b"x" * (1 << 20), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


SHAPES = ["script", "private", "ignored", "link", "dangling", "binary", "no newline", "no interpreter"]


def shaped(git: Git, shape: str, tmp_path: Path) -> None:
    file = users(git, "pre-commit", recording("yours", "pre-commit"))
    if shape in ("link", "dangling"):
        file.unlink()
        file.symlink_to(f"../../{shape}.sh")
        if shape == "link":
            (git.path / "link.sh").write_text(recording("yours", "pre-commit"))
            (git.path / "link.sh").chmod(0o755)
    elif shape == "binary":
        shutil.copyfile(shutil.which("true") or "/bin/true", file)
    elif shape == "no newline":
        file.write_text(recording("yours", "pre-commit").rstrip("\n"))
    elif shape == "no interpreter":
        file.write_text('echo "yours pre-commit" >>"$RECORD"\n')
    elif shape in ("private", "ignored"):
        file.chmod(0o700 if shape == "private" else 0o640)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_hook_of_any_kind_runs_as_before_and_comes_back_to_the_byte(
    git: Git, hooks: Path, tmp_path: Path, shape: str
) -> None:
    shaped(git, shape, tmp_path)
    before = files(hooks)
    git(*COMMIT)
    alone = order()
    assert bool(alone) == (shape not in ("ignored", "dangling", "binary"))
    step = put(git)["pre-commit"]
    assert step.state == "installed"
    assert ("not executable" in step.note) == (shape in ("ignored", "dangling"))
    assert (hooks / KEPT).is_symlink() == (shape in ("link", "dangling"))
    git(*COMMIT)
    assert [line for line in order() if "prepare" not in line] == ["ours pre-commit", *alone]
    assert take(git)["pre-commit"].note == "yours is pre-commit again"
    assert files(hooks) == before


def test_without_a_hook_of_the_users_nothing_is_left(git: Git, hooks: Path) -> None:
    before = files(hooks)
    put(git)
    assert states(take(git)) == {"removed"}
    assert files(hooks) == before
    assert states(take(git)) == {"absent"}


def test_a_hook_that_the_user_puts_beside_ours_runs(git: Git, hooks: Path) -> None:
    put(git)
    users(git, KEPT, recording("yours", "pre-commit"))
    assert put(git)["pre-commit"].note == f"then yours, {KEPT}"
    git(*COMMIT)
    assert order()[:2] == ["ours pre-commit", "yours pre-commit"]


def test_an_older_or_changed_or_disabled_hook_of_ours_is_updated_and_the_users_stays(
    git: Git, hooks: Path
) -> None:
    users(git, "pre-commit")
    put(git)
    whole = files(hooks)
    own = hooks / "pre-commit"
    own.write_bytes(own.read_bytes().replace(b"exit 0", b"exit 0 # older"))
    assert put(git, dry=True)["pre-commit"].state == "updated"
    assert put(git)["pre-commit"].state == "updated"
    own.chmod(0o644)
    assert put(git)["pre-commit"].state == "updated"
    own.write_bytes(own.read_bytes().replace(b"\n", b"\r\n"))
    assert put(git)["pre-commit"].state == "updated"
    assert files(hooks) == whole


def test_a_hook_that_has_our_line_or_is_our_script_is_left_as_it_is(git: Git, hooks: Path) -> None:
    file = users(git, "pre-commit", '#!/bin/sh\nmake lint\ngit-qoc hook pre-commit "$@" || exit\n')
    assert put(git)["pre-commit"].state == "present"
    file.write_text(SHIMS["pre-commit"])
    assert put(git)["pre-commit"].state == "present"
    file.write_text('#!/bin/sh\n# git-qoc hook pre-commit "$@"\n')
    assert put(git)["pre-commit"].state == "installed"


OWN_NAME = [
    '#!/bin/sh\nexec ./dispatch "$(basename "$0")" "$@"\n',
    "#!/bin/sh\nexec ./dispatch ${0##*/}\n",
    "#!/usr/bin/python3\nimport os, sys\nprint(os.path.basename(sys.argv[0]))\n",
    "#!/usr/bin/env ruby\nhook = File.basename($0)\n",
    "#!/usr/bin/env node\nconst hook = require('path').basename(process.argv[1])\n",
    "#!/usr/bin/python3\nfrom pathlib import Path\nprint(Path(__file__).name)\n",
]


@pytest.mark.parametrize("text", OWN_NAME)
def test_a_hook_that_reads_its_own_name_is_chained_only_by_force(git: Git, hooks: Path, text: str) -> None:
    users(git, "pre-commit", text)
    before = files(hooks)
    step = put(git)["pre-commit"]
    assert step.state == "kept"
    assert 'git-qoc hook pre-commit "$@" || exit. --force chains it' in step.note
    assert files(hooks)["pre-commit"] == before["pre-commit"]
    assert put(git, force=True)["pre-commit"].state == "installed"
    take(git)
    assert files(hooks) == before


def test_two_hooks_of_the_users_are_both_kept(git: Git, hooks: Path) -> None:
    users(git, "pre-commit")
    put(git)
    users(git, "pre-commit", "#!/bin/sh\n# another tool's\n")
    before = files(hooks)
    step = put(git, force=True)["pre-commit"]
    assert step.state == "kept"
    assert step.note == f"{KEPT} is an earlier one of yours. Make one of the two and run this again"
    assert take(git)["pre-commit"].note == f"nothing runs {KEPT}, an earlier one of yours"
    assert {name: before[name] for name in ("pre-commit", KEPT)}.items() <= files(hooks).items()
    (hooks / "pre-commit").unlink()
    assert take(git)["pre-commit"].note == "yours is pre-commit again"
    assert not (hooks / KEPT).exists()


def test_a_tool_that_writes_its_same_hook_over_ours_is_chained_again(git: Git, hooks: Path) -> None:
    users(git, "pre-commit")
    put(git)
    (hooks / "pre-commit").unlink()
    users(git, "pre-commit")
    assert put(git)["pre-commit"].state == "installed"
    git(*COMMIT)
    assert order()[:2] == ["ours pre-commit", "yours pre-commit"]


def test_a_tool_that_runs_ours_from_its_own_does_not_make_it_run_for_ever(git: Git, hooks: Path) -> None:
    runs_legacy = recording("yours", "pre-commit").replace(
        "exit", '"${0%/*}/pre-commit.legacy" || exit 1\nexit'
    )
    users(git, "pre-commit", runs_legacy)
    put(git)
    (hooks / "pre-commit").rename(hooks / "pre-commit.legacy")
    users(git, "pre-commit", runs_legacy)
    git(*COMMIT)
    assert order()[:5] == [f"{who} pre-commit" for who in ("yours", "ours", "yours", "ours")] + [
        "ours prepare-commit-msg"
    ]
    assert put(git)["pre-commit"].state == "installed"
    assert not (hooks / "pre-commit.legacy").exists()


def test_a_framework_that_installs_itself_again_over_ours_runs_once(git: Git, hooks: Path) -> None:
    """As prek does, whose earlier versions run no `.legacy`: so it is chained as any hook."""
    impl = 'if [ "$1" = hook-impl ]; then exit; fi\n"${0%/*}/pre-commit.legacy" || exit 1\n'
    framework = recording("yours", "pre-commit").replace('exit "', impl + 'exit "')
    users(git, "pre-commit", framework)
    put(git)
    (hooks / "pre-commit").rename(hooks / "pre-commit.legacy")
    users(git, "pre-commit", framework)
    git(*COMMIT)
    assert order()[:3] == ["yours pre-commit", "ours pre-commit", "ours prepare-commit-msg"]


def test_a_windows_line_end_in_the_users_first_line_is_named(git: Git) -> None:
    users(git, "pre-commit", "#!/bin/sh\r\necho x\r\n")
    assert "which cannot run: its first line ends as on Windows" in put(git)["pre-commit"].note


def test_our_scripts_checked_out_with_windows_line_ends_are_written_with_gits(tmp_path: Path) -> None:
    """`shims` reads as text, so that an editable install under core.autocrlf works."""
    code = (ROOT / "hooks" / "pre-commit").read_bytes().replace(b"\n", b"\r\n")
    package = tmp_path / "git_qoc"
    shutil.copytree(ROOT / "git_qoc", package, ignore=shutil.ignore_patterns("__pycache__", "*.csv"))
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / "pre-commit").write_bytes(code)
    ask = "from git_qoc.tasks.setup_hooks import shims; print(shims()['pre-commit'].count(chr(13)))"
    done = subprocess.run(
        [sys.executable, "-c", ask], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "0\n"


def test_what_is_no_file_is_named_and_the_others_are_set_up(git: Git, hooks: Path) -> None:
    (hooks / "pre-commit").mkdir()
    os.mkfifo(hooks / "pre-push")
    (hooks / f"pre-merge-commit{CHAINED}").mkdir()
    steps = put(git)
    assert steps["pre-commit"].state == steps["pre-push"].state == steps["pre-merge-commit"].state == "failed"
    assert (
        steps["pre-commit"].note == "pre-commit is a folder, expected a file. Move it away and run this again"
    )
    assert "no regular file" in steps["pre-push"].note
    assert steps["pre-applypatch"].state == "installed"
    shutil.rmtree(hooks)
    hooks.write_text("")
    assert {step.note for step in put(git).values()} == {"Not a directory"}


def mounted(path: Path, options: str) -> None:
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"mounting is not permitted: {done.stderr.strip()}")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("ro", "Read-only file system"),
        ("size=4k", "the disk is full"),
        ("noexec", "mounted noexec?"),
        ("nr_inodes=4", f"cannot be linked to {KEPT}: the disk is full"),
    ],
)
def test_a_folder_that_cannot_take_it_keeps_the_users_hook(
    git: Git, hooks: Path, options: str, reason: str
) -> None:
    mounted(hooks, options)
    try:
        if options != "ro":
            users(git, "pre-commit")
        before = files(hooks)
        step = put(git)["pre-commit"]
        assert step.state == "failed"
        assert reason in step.note
        take(git)
        assert files(hooks) == before
    finally:
        subprocess.run(["umount", str(hooks)], check=True)


KILLED = """
import os, signal, sys
from pathlib import Path
from git_qoc.tasks.setup_hooks import setup_hooks
left = int(sys.argv[1])
def watch(event, args):
    global left
    if event in ("open", "os.link", "os.rename", "os.remove", "os.chmod") and "pre-commit" in str(args):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
setup_hooks(Path.cwd(), {"pre-commit": sys.argv[3]}, remove=sys.argv[2] == "remove")
"""


@pytest.mark.parametrize("act", ["put", "remove"])
@pytest.mark.parametrize("mend", [True, False])
@pytest.mark.parametrize("framework", [False, True])
def test_a_kill_at_any_step_leaves_the_old_or_the_new_and_the_next_run_mends_it(
    git: Git, hooks: Path, tmp_path: Path, act: str, mend: bool, framework: bool
) -> None:
    users(git, "pre-commit.legacy" if framework else "pre-commit", recording("yours", "pre-commit"))
    if framework:
        runs = (
            '#!/bin/sh\n# File generated by pre-commit: x\nif [ -x "$0.legacy" ]; then "$0.legacy" "$@"; fi\n'
        )
        users(git, "pre-commit", runs)
    old = files(hooks)
    if act == "remove":
        put(git)
    shutil.copytree(hooks, tmp_path / "start", symlinks=True)
    survived, step = False, 0
    while not survived:
        step += 1
        shutil.rmtree(hooks)
        shutil.copytree(tmp_path / "start", hooks, symlinks=True)
        arguments = [str(step), act, SHIMS["pre-commit"]]
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", KILLED, *arguments], cwd=git.path, env=environ, check=False
        )
        survived = done.returncode == 0
        git(*COMMIT)
        assert [line for line in order() if "prepare" not in line] in (
            ["yours pre-commit"],
            ["ours pre-commit", "yours pre-commit"],
        )
        if mend:
            assert put(git)["pre-commit"].state in ("installed", "present", "updated")
            git(*COMMIT)
            assert order()[:2] == ["ours pre-commit", "yours pre-commit"]
        take(git)
        assert files(hooks) == old
    assert step > 5
