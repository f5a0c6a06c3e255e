"""`git qoc check`, from the command line; what it finds is tests/checks."""

from __future__ import annotations

from tests.cli.qoc import Qoc

LITERAL = "kJ8s7dHs6Gd5Fs4Aq3Ws2Ed1Rf0Tg9Yh8Uj7Ik6"


def leak(desk: Qoc) -> str:
    """Connect, put a literal secret into desk.toml and stage it; the text without it is returned."""
    desk.ok("connect", "equities", "--name", "main", "--env-prefix", "EQ_")
    path = desk.git.path / "desk.toml"
    clean = path.read_text()
    path.write_text(clean.replace('{ env = "EQ_API_SECRET" }', f'"{LITERAL}"'))
    desk.git("add", "desk.toml")
    return clean


def test_what_is_staged_is_checked_and_not_the_work_tree(desk: Qoc) -> None:
    clean = leak(desk)
    (desk.git.path / "desk.toml").write_text(clean)
    for args in (("check",), ("check", "credentials"), ("check", "desk")):
        result = desk(*args)
        assert result.code == 1
        assert result.err.startswith("desk.toml:")
        assert LITERAL not in result.err
    assert desk("check", "desk.toml").code == 0
    desk.git("add", "desk.toml")
    assert desk("check").code == 0


def test_a_line_is_told_once_although_two_checks_refuse_it(desk: Qoc) -> None:
    leak(desk)
    (fault,) = desk("check", "--json").json
    assert fault["rule"] == "credentials"
    assert fault["path"] == "desk.toml"
    assert 'Write { env = "EQ_API_SECRET" } instead' in fault["message"]


def test_a_secret_that_was_committed_and_removed_is_found_in_history(desk: Qoc) -> None:
    clean = leak(desk)
    desk.git("commit", "-qm", "leak")
    leaked = desk.git("rev-parse", "--short=10", "HEAD")
    (desk.git.path / "desk.toml").write_text(clean)
    desk.git("commit", "-qam", "hide it")
    assert desk("check", "--history", "HEAD~1..HEAD").code == 0
    result = desk("check", "--history", "HEAD")
    assert result.code == 1
    assert result.err.startswith(f"{leaked}:desk.toml:")
    assert desk("check", "--history", "nonsense").code == 128


def test_the_hot_path_and_the_command_say_the_same(desk: Qoc) -> None:
    """The hook's way around click must not be another check."""
    import os
    import subprocess
    import sys
    from pathlib import Path

    leak(desk)
    done = subprocess.run(
        [sys.executable, "-m", "git_qoc", "check", "credentials"],
        cwd=desk.git.path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    command = desk("check", "credentials")
    assert done.returncode == command.code == 1
    assert done.stderr.splitlines()[0] == command.err.splitlines()[0]
