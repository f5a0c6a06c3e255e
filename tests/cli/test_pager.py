"""The pager and colours, in real pseudo-terminals with real pagers."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.qoc import Qoc
from tests.cli.record import take, write
from tests.cli.terminal import ROOT, Seen, in_terminal, qoc_in_terminal

ESCAPE = re.compile(rb"\x1b[^m]*m")


@pytest.fixture(autouse=True)
def no_pager_of_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PAGER", "LESS", "LV", "NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def two(desk: Qoc) -> Qoc:
    take(desk, "2026-07-01T16:00:00Z", "1000")
    take(desk, "2026-07-02T16:00:00Z", "990")
    return desk


@pytest.fixture
def many(desk: Qoc) -> Qoc:
    """2,000 snapshots in one commit: more than a pipe holds."""
    for number in range(2000):
        stamp = f"2025-{number // 200 + 1:02}-{number % 200 // 10 + 1:02}T{number % 10:02}:00:00Z"
        text = f'[meta]\ntimestamp = "{stamp}"\nnav_usd = {number}\n'
        (desk.git.path / "snapshots" / f"{stamp.replace(':', '-')}.toml").write_text(text)
    desk.git("add", "-A")
    desk.git("commit", "-qm", "many")
    return desk


def log(desk: Qoc, *args: str, **env: str) -> Seen:
    return qoc_in_terminal(["log", *args], desk.git.path, env)


def quit_less(desk: Qoc, *args: str) -> Seen:
    """Type q at its prompt."""
    return qoc_in_terminal(["log", *args], desk.git.path, {"PAGER": "less"}, [(b":", b"q")])


def plain(data: bytes) -> list[str]:
    return ESCAPE.sub(b"", data).decode().replace("\r\n", "\n").splitlines()


def to(file: Path, before: str = "") -> str:
    """A pager that writes into a file and not to the terminal."""
    return f"{before}cat >'{file}'"


@pytest.mark.parametrize(
    ("env", "settings", "paged"),
    [
        ({"GIT_PAGER": "PAGER"}, {"core.pager": "false", "pager.qoc": "false"}, True),
        ({}, {"core.pager": "PAGER"}, True),
        ({"PAGER": "PAGER"}, {}, True),
        ({"PAGER": "false"}, {"core.pager": "PAGER"}, True),
        ({"PAGER": "PAGER"}, {"pager.qoc": "true"}, True),
        ({"PAGER": "PAGER"}, {"pager.qoc": "false"}, False),
        ({"PAGER": "false"}, {"pager.qoc": "PAGER"}, True),
        ({"PAGER": "PAGER", "GIT_PAGER": "cat"}, {}, False),
        ({"PAGER": "PAGER", "GIT_PAGER": ""}, {}, False),
        ({"PAGER": "PAGER"}, {"core.pager": "cat"}, False),
    ],
)
def test_the_pager_is_the_one_git_would_take(
    two: Qoc, tmp_path: Path, env: Mapping[str, str], settings: Mapping[str, str], paged: bool
) -> None:
    file = tmp_path / "paged"
    for key, value in settings.items():
        two.git("config", key, value.replace("PAGER", to(file)))
    seen = log(two, **{key: value.replace("PAGER", to(file)) for key, value in env.items()})
    expected = two.ok("log").out.splitlines()
    assert seen.code == 0
    assert (plain(file.read_bytes()) if file.exists() else []) == (expected if paged else [])
    assert plain(seen.shown) == ([] if paged else expected)


def test_without_a_terminal_nothing_is_paged_or_coloured(two: Qoc, tmp_path: Path) -> None:
    file = tmp_path / "paged"
    command = f"'{sys.executable}' -m git_qoc log >out"
    env = {"GIT_PAGER": to(file), "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    assert in_terminal(["sh", "-c", command], two.git.path, env) == Seen(0, b"")
    assert (two.git.path / "out").read_text() == two.ok("log").out
    assert not file.exists()


def test_less_and_lv_are_told_to_show_colours_unless_they_were_told_otherwise(
    two: Qoc, tmp_path: Path
) -> None:
    file = tmp_path / "environment"
    pager = f"echo \"$LESS $LV $GIT_PAGER_IN_USE\" >'{file}'; cat >/dev/null"
    assert log(two, GIT_PAGER=pager).code == 0
    assert file.read_text() == "FRX -c true\n"
    assert log(two, GIT_PAGER=pager, LESS="S", LV="").code == 0
    assert file.read_text() == "S  true\n"


@pytest.mark.parametrize("pager", ["nosuch-pager", "nosuch-pager --option", "/dev/null", "'/dev/null' x"])
def test_a_pager_that_cannot_be_started_leaves_the_text(two: Qoc, pager: str) -> None:
    seen = log(two, GIT_PAGER=pager)
    assert seen.code == 0
    assert plain(seen.shown)[-4:] == two.ok("log").out.splitlines()


@pytest.mark.parametrize("pager", ["head -n 1", "true", "exec </dev/null; echo left"])
def test_a_pager_that_is_left_early_ends_quietly_as_git_does(many: Qoc, pager: str) -> None:
    seen = log(many, GIT_PAGER=pager)
    assert seen.code == 141
    assert len(plain(seen.shown)) <= 1


def test_less_shows_what_fits_and_is_gone(two: Qoc) -> None:
    seen = log(two, PAGER="less")
    assert seen.code == 0
    assert b"\x1b[31m" in seen.shown
    shown = re.sub(rb"\x1b\[\?1[hl]|\x1b[=>]|\x1b\[K|\r", b"", seen.shown)
    assert [line for line in plain(shown) if line] == two.ok("log").out.splitlines()


def test_less_waits_for_q_and_nothing_is_left_behind(many: Qoc) -> None:
    """That the terminal is seen to its end says that no process holds it any more."""
    seen = quit_less(many)
    assert seen.code == 141
    assert b"NAV USD" in seen.shown
    assert b"Traceback" not in seen.shown
    assert quit_less(many, "-n", "60").code == 0


@pytest.mark.parametrize(("signal", "code"), [("INT", 0), ("QUIT", 0), ("TERM", -15), ("HUP", -1)])
def test_a_signal_is_answered_when_the_pager_has_been_left(
    two: Qoc, tmp_path: Path, signal: str, code: int
) -> None:
    file = tmp_path / "paged"
    assert log(two, GIT_PAGER=to(file, f"kill -{signal} $PPID; ")).code == code
    assert plain(file.read_bytes()) == two.ok("log").out.splitlines()


@pytest.fixture
def as_subcommand(tmp_path: Path) -> str:
    """A PATH on which git finds git-qoc."""
    file = tmp_path / "bin" / "git-qoc"
    file.parent.mkdir()
    file.write_text(f"#!/bin/sh\nPYTHONPATH='{ROOT}' exec '{sys.executable}' -m git_qoc \"$@\"\n")
    file.chmod(0o755)
    return f"{file.parent}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.parametrize(
    ("options", "settings", "paged"),
    [
        (("--no-pager",), {}, False),
        ((), {}, True),
        (("-p",), {"pager.qoc": "false"}, True),
        ((), {"pager.qoc": "false"}, False),
        ((), {"pager.qoc": "true"}, True),
    ],
)
def test_gits_own_options_are_honoured(
    two: Qoc,
    tmp_path: Path,
    as_subcommand: str,
    options: tuple[str, ...],
    settings: Mapping[str, str],
    paged: bool,
) -> None:
    file = tmp_path / "paged"
    for key, value in settings.items():
        two.git("config", key, value)
    env = {"PATH": as_subcommand, "PAGER": f"cat >>'{file}'", "TERM": "xterm"}
    seen = in_terminal(["git", *options, "qoc", "log"], two.git.path, env)
    assert seen.code == 0
    data = file.read_bytes() if paged else seen.shown
    assert plain(data) == two.ok("log").out.splitlines()
    assert b"\x1b[31m" in data
    assert paged == file.exists()


@pytest.mark.parametrize(
    ("env", "settings", "args", "coloured"),
    [
        ({}, {}, (), True),
        ({}, {"color.ui": "false"}, (), False),
        ({}, {"color.ui": "false", "color.qoc": "auto"}, (), True),
        ({}, {"color.qoc": "never"}, (), False),
        ({}, {"color.qoc": "no"}, ("--color",), True),
        ({}, {"color.qoc": "always"}, ("--no-color",), False),
        ({"NO_COLOR": "1"}, {"color.ui": "always"}, (), False),
        ({"NO_COLOR": "1"}, {}, ("--color",), True),
        ({"NO_COLOR": ""}, {}, (), True),
        ({"TERM": "dumb"}, {}, (), False),
        ({"TERM": "dumb"}, {"color.ui": "always"}, (), True),
    ],
)
def test_colour_is_as_gits_config_says(
    two: Qoc, env: Mapping[str, str], settings: Mapping[str, str], args: tuple[str, ...], coloured: bool
) -> None:
    for key, value in settings.items():
        two.git("config", key, value)
    seen = log(two, *args, GIT_PAGER="cat", **env)
    assert (b"\x1b[31m" in seen.shown) is coloured
    assert (b"\x1b" in seen.shown) is coloured
    assert plain(seen.shown) == two.ok("log").out.splitlines()


def test_a_slot_has_the_colour_that_git_reads_from_the_config(two: Qoc) -> None:
    two.git("config", "color.qoc.loss", "bold blue")
    two.git("config", "color.qoc.commit", "normal")
    two.git("config", "color.qoc.header", "no such colour")
    seen = log(two, GIT_PAGER="cat")
    assert seen.code == 0
    assert b"\x1b[1;34m" in seen.shown
    assert b"\x1b[33m" not in seen.shown
    assert plain(seen.shown) == two.ok("log").out.splitlines()


def test_color_without_a_terminal_is_only_what_is_asked_for(two: Qoc) -> None:
    assert "\x1b[31m" in two.ok("log", "--color").out
    assert "\x1b" not in two.ok("log").out


def test_a_hostile_desk_cannot_send_escape_codes(two: Qoc, tmp_path: Path) -> None:
    evil = "\\u001b]0;owned\\u0007\\u001b[31mred\\u009b2J\\r\\u202e"
    text = f'[meta]\ntimestamp = "2026-07-03T16:00:00Z"\nnav_usd = 1\ndegraded = ["{evil}"]\n'
    write(two, "snapshots/a\x1b[32m\x9b1m.toml", text)
    write(two, "snapshots/b\x1b[32m\n\x9b1m.toml", "broken")
    for args in ((), ("--porcelain",), ("--json",)):
        seen = log(two, *args, GIT_PAGER="cat")
        allowed = rb"\x1b\[(?:31|32|33|1|1;31)?m(?![^\x1b]*\x07)"
        rest = re.sub(allowed, b"", seen.shown)
        assert b"\x1b" not in rest
        assert "\x9b" not in seen.shown.decode()
        assert b"\x07" not in seen.shown
        assert "\u202e" not in seen.shown.decode()
        assert b"\x1b[31mred" not in seen.shown
        assert b"\x1b[32m\\" not in seen.shown


def test_the_snapshot_of_status_is_paged_too(two: Qoc, tmp_path: Path) -> None:
    file = tmp_path / "paged"
    args = ["status", "--snapshot", "latest"]
    seen = qoc_in_terminal(args, two.git.path, {"GIT_PAGER": to(file)})
    assert seen == Seen(0, b"")
    assert file.read_text() == two.ok(*args).out


def test_show_and_diff_are_paged_and_gains_and_losses_coloured(two: Qoc, tmp_path: Path) -> None:
    for number, args in enumerate((["show"], ["diff"])):
        file = tmp_path / str(number)
        done = qoc_in_terminal(args, two.git.path, {"PAGER": to(file), "TERM": "xterm"})
        assert done == Seen(0, b"")
        assert b"\x1b[31m-10.00\x1b[m" in file.read_bytes()
        assert b"\x1b[33mcommit" in file.read_bytes() or args == ["diff"]
