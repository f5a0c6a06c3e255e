"""What goes wrong around the desk: one clear line, git's exit code, nothing half-written."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.qoc import Qoc

ROOT = Path(__file__).parents[2]
START = f'import sys; sys.path.insert(0, "{ROOT}"); from git_qoc.cli.entry import main; main()'
COMMANDS = [
    ("connect", "cash", "--name", "b", "--venue", "paper"),
    ("status",),
    ("status", "--snapshot", "latest"),
    ("snapshot",),
    ("log",),
    ("show",),
    ("diff",),
    ("blame", "AAPL"),
    ("verify",),
    ("sync",),
    ("setup", "--local"),
    ("run", "retrospective"),
    ("paper", "deposit", "a", "1"),
]
WRITING = [COMMANDS[0], ("snapshot",), ("run", "retrospective")]


@pytest.fixture
def paper(desk: Qoc) -> Qoc:
    desk.ok("connect", "cash", "--name", "a", "--venue", "paper")
    desk.ok("paper", "deposit", "a", "100")
    desk.pass_time(seconds=1)
    return desk


def one_line(text: str) -> bool:
    return text.count("\n") == 1 and "Traceback" not in text


@pytest.mark.parametrize("args", COMMANDS)
def test_outside_of_a_repository(qoc: Qoc, tmp_path: Path, args: tuple[str, ...]) -> None:
    (tmp_path / "plain").mkdir()
    result = qoc(*args, cwd=tmp_path / "plain")
    assert result.code == 128
    assert "is not inside a git repository. Run `git qoc init`" in result.err
    assert one_line(result.err)


@pytest.mark.parametrize("args", COMMANDS)
def test_in_a_repository_that_is_no_desk(qoc: Qoc, args: tuple[str, ...]) -> None:
    result = qoc(*args)
    assert result.code == 128
    assert "no desk.toml here or above. Run `git qoc init`" in result.err
    assert one_line(result.err)


@pytest.mark.parametrize("args", WRITING)
def test_a_bare_repository_is_read_but_not_written(paper: Qoc, tmp_path: Path, args: tuple[str, ...]) -> None:
    paper.ok("snapshot")
    bare = tmp_path / "bare.git"
    paper.git("clone", "-q", "--bare", ".", str(bare))
    result = paper(*args, cwd=bare)
    assert result.code == 128
    assert "bare repository" in result.err
    assert one_line(result.err)
    assert "100.00" in paper("status", "--snapshot", "latest", cwd=bare).out
    assert "100.00" in paper("log", cwd=bare).out
    assert paper("run", "retrospective", "--json", cwd=bare).json["n_points"] == 1


@pytest.mark.parametrize("args", WRITING)
def test_without_an_identity_nothing_is_written(
    paper: Qoc, args: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    paper.ok("snapshot")
    paper.pass_time(seconds=1)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    paper.git("config", "user.useConfigOnly", "true")
    before = paper.state()
    result = paper(*args)
    assert (result.code, paper.state()) == (128, before)
    assert "git config --global user.name" in result.err
    assert one_line(result.err)


@pytest.mark.parametrize("args", WRITING)
def test_during_a_merge_nothing_is_written(paper: Qoc, args: tuple[str, ...]) -> None:
    paper.ok("snapshot")
    paper.git("checkout", "-q", "-b", "side")
    (paper.git.path / "side").write_text("x")
    paper.git("add", "side")
    paper.git("commit", "-qm", "side")
    paper.git("checkout", "-q", "main")
    paper.git("merge", "-q", "--no-commit", "--no-ff", "side")
    paper.pass_time(seconds=1)
    before = paper.state()
    result = paper(*args)
    assert (result.code, paper.state()) == (128, before)
    assert "git merge --abort" in result.err
    assert one_line(result.err)


BROKEN_DESK = {
    "no TOML": ("[[connector]\n", "not valid TOML"),
    "unknown key": ('[workspace]\nnmae = "x"\n', 'Did you mean "name"?'),
    "wrong type": ('[[connector]]\nname = "a"\ntype = "cash"\nenabled = 1\n', "desk.toml:4:"),
    "not UTF-8": ("\udcff", "not UTF-8"),
}


@pytest.mark.parametrize("what", BROKEN_DESK)
@pytest.mark.parametrize(
    "args", [("status",), ("snapshot",), ("connect", "cash", "--name", "n", "--env-prefix", "N_")]
)
def test_a_broken_desk_is_named_by_its_line(paper: Qoc, args: tuple[str, ...], what: str) -> None:
    text, message = BROKEN_DESK[what]
    (paper.git.path / "desk.toml").write_bytes(text.encode(errors="surrogateescape"))
    before = paper.state()
    result = paper(*args)
    assert (result.code, paper.state()) == (128, before)
    assert "desk.toml:" in result.err
    assert message in result.err
    assert one_line(result.err)


def test_a_file_that_is_no_snapshot_is_named_and_the_rest_is_read(paper: Qoc) -> None:
    paper.ok("snapshot")
    (paper.git.path / "snapshots" / "2026-12-31T00-00-00Z.toml").write_text("nav = lots\n")
    paper.git("add", ".")
    paper.git("commit", "-qm", "by hand")
    shown = paper("status", "--snapshot", "latest")
    assert shown.code == 128
    assert shown.err.startswith("snapshots/2026-12-31T00-00-00Z.toml: not a snapshot")
    log = paper.ok("log")
    assert "100.00" in log.out
    assert "snapshots/2026-12-31T00-00-00Z.toml" in log.err
    quality = paper.ok("run", "retrospective", "--json").json["data_quality"]
    assert "2026-12-31T00-00-00Z" in str(quality)
    paper.pass_time(days=1)
    paper.ok("snapshot")


def test_a_snapshot_in_the_specs_format_by_another_tool_is_read(desk: Qoc) -> None:
    """spec/snapshots-and-equity.txt: the example, with none of our additions, and a day later +1 %."""
    from tests.snapshots.test_toml import SPEC_EXAMPLE

    later = SPEC_EXAMPLE.replace("07-05", "07-06").replace("167_420.88", "169_095.0888")
    later = later.replace("3_108.65", "4_782.8588").replace("1_840.22", "0.00")
    for day, text in (("05", SPEC_EXAMPLE), ("06", later)):
        (desk.git.path / "snapshots" / f"2026-07-{day}T16-00-00Z.toml").write_text(text)
        desk.git("add", ".")
        desk.git("commit", "-qm", f"another tool, {day}")
    result = desk.ok("run", "retrospective", "--json").json
    assert result["n_returns"] == 1
    assert result["total_return"] == pytest.approx(0.01, abs=1e-12)
    assert "167,420.88" in desk.ok("log").out


def test_the_wrong_number_of_seconds_and_unknown_commands_are_usage(paper: Qoc) -> None:
    for args in (
        ("snapshot", "--timeout", "0"),
        ("status", "--timeout", "soon"),
        ("snapshot", "--backfill", "yesterday"),
        ("run", "retrospective", "--since", "2026-13-01"),
        ("snapshto",),
        ("log", "-n", "0"),
        ("paper", "deposit", "a", "-5"),
        ("paper", "deposit", "nobody", "5"),
        ("paper", "deposit", "a", "NaN"),
        ("check", "desk.toml", "--history", "HEAD"),
    ):
        assert paper(*args).code == 129, args
    assert 'Did you mean "snapshot"?' in paper("snapshto").err


def mounted(tmp_path: Path, *options: str) -> Path:
    folder = tmp_path / "mount"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", *options, "tmpfs", str(folder)], check=False, capture_output=True
    )
    if done.returncode:
        pytest.skip("mounting a tmpfs needs root")
    return folder


def fill_up(path: Path) -> None:
    with suppress(OSError), path.open("wb", buffering=0) as filler:
        while filler.write(b"\0" * 4096):
            pass


def test_on_a_full_disk_the_record_stays_as_it_was(tmp_path: Path, qoc: Qoc) -> None:
    folder = mounted(tmp_path, "-o", "size=1m")
    try:
        books = folder / "books"
        for args in (
            ("init", str(books)),
            ("connect", "cash", "--name", "a", "--venue", "paper"),
            ("paper", "deposit", "a", "100"),
        ):
            assert qoc(*args, cwd=books if books.exists() else folder).code == 0
        qoc.pass_time(seconds=1)
        fill_up(folder / "filler")
        git = ["git", "-C", str(books)]
        head = subprocess.check_output([*git, "rev-parse", "HEAD"])
        result = qoc("snapshot", cwd=books)
        assert result.code == 128
        assert "space" in result.err.lower()
        assert one_line(result.err)
        assert subprocess.check_output([*git, "rev-parse", "HEAD"]) == head
        (folder / "filler").unlink()
        assert subprocess.check_output([*git, "status", "--porcelain"]) == b""
        assert qoc("snapshot", cwd=books).code == 0
        assert subprocess.run([*git, "fsck", "--strict"], check=False, capture_output=True).returncode == 0
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_in_a_read_only_folder_the_record_is_read_and_writing_says_so(tmp_path: Path, qoc: Qoc) -> None:
    folder = mounted(tmp_path)
    try:
        books = folder / "books"
        qoc("init", str(books))
        qoc("connect", "cash", "--name", "a", "--venue", "paper", cwd=books)
        assert qoc("snapshot", cwd=books).code == 0
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        qoc.pass_time(days=1)
        result = qoc("snapshot", cwd=books)
        assert result.code == 128
        assert "ead-only" in result.err
        assert one_line(result.err)
        assert qoc("status", cwd=books).code == 0
        assert qoc("log", cwd=books).code == 0
        assert qoc("run", "retrospective", "--json", cwd=books).code == 0
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def process(*args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "git_qoc", *args], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_the_real_command_ends_with_gits_codes_and_no_traceback(paper: Qoc, tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    os.environ["PYTHONPATH"] = str(root)
    assert process("--version", cwd=tmp_path).stdout.startswith("git-qoc ")
    for args, code in (
        (("-h",), 0),
        (("help", "snapshot"), 0),
        ((), 129),
        (("nonsense",), 129),
        (("status", "--nonsense"), 129),
        (("status",), 128),
    ):
        done = process(*args, cwd=tmp_path)
        assert done.returncode == code, args
        assert "Traceback" not in done.stderr
    assert process("snapshot", cwd=paper.git.path).returncode == 0


def test_a_reader_that_goes_away_ends_the_command_quietly(paper: Qoc) -> None:
    paper.ok("snapshot")
    child = subprocess.Popen(
        [sys.executable, "-m", "git_qoc", "log", "--json"],
        cwd=paper.git.path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.close()
    assert child.stderr.read() == b""
    child.stderr.close()
    assert child.wait() == 141


def test_a_hostile_snapshot_cannot_drive_the_terminal(desk: Qoc) -> None:
    text = '[meta]\ntimestamp = "2026-07-05T16:00:00Z"\nnav_usd = 1\nconnectors = []\n'
    text += '[[position]]\nconnector = "\\u001b]0;x\\u0007"\nsymbol = "A\\u009b31m\\u202eB"\nquantity = 1\n'
    (desk.git.path / "snapshots" / "2026-07-05T16-00-00Z.toml").write_text(text)
    desk.git("add", ".")
    desk.git("commit", "-qm", "hostile")
    shown = (
        desk.ok("status", "--snapshot", "latest").out + desk.ok("status", "--snapshot", "HEAD", "--json").out
    )
    assert all(char.isprintable() or char == "\n" for char in shown)


def test_without_a_snapshot_there_is_nothing_to_report_on(paper: Qoc) -> None:
    before = paper.state()
    result = paper("run", "retrospective")
    assert (result.code, paper.state()) == (1, before)
    assert "no snapshot to report on" in result.err
    nothing = paper("run", "retrospective", "--since", "2030-01-01", "--until", "2029-01-01")
    assert nothing.code == 129


@pytest.mark.parametrize("command", ["log", "verify", "sync", "setup", "help"])
def test_in_a_folder_that_was_removed(tmp_path: Path, command: str) -> None:
    gone = tmp_path / "gone"
    script = f"mkdir '{gone}'; cd '{gone}'; rmdir '{gone}'; exec '{sys.executable}' -c '{START}' {command}"
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 128
    assert done.stderr.startswith("the current folder cannot be used (No such file or directory). Go to")
    assert one_line(done.stderr)
