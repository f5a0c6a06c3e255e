"""`git qoc check`, from the command line; what it finds is tests/checks."""

from __future__ import annotations

from pathlib import Path

from tests.cli.qoc import Qoc
from tests.cli.record import path_of, take

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


def test_history_means_all_of_it_unless_a_range_is_given_and_says_what_to_do_first(desk: Qoc) -> None:
    clean = leak(desk)
    desk.git("commit", "-qm", "leak")
    leaked = desk.git("rev-parse", "HEAD")
    (desk.git.path / "desk.toml").write_text(clean)
    desk.git("commit", "-qam", "hide it")
    result = desk("check", "--history")
    assert result.code == 1
    first, *rest = result.err.splitlines()
    assert first.startswith(f"{leaked[:10]}:desk.toml:")
    assert "revoke" in first
    assert rest[0].startswith("First revoke each of these keys")
    assert desk("check", "--history", "HEAD~1..").err == "1 file of a desk in 1 commit: no fault.\n"
    (fault,) = desk("check", "--history", "--json").json
    assert fault["commits"] == [leaked]


def test_what_was_looked_at_is_said(desk: Qoc) -> None:
    nothing = "No file of a desk is staged; git qoc check --all looks at every one.\n"
    assert desk("check").err == nothing
    desk.git("commit", "-q", "--allow-empty", "-m", "x")
    assert desk("check", "--history", "HEAD~1..").err == "No file of a desk is there to check.\n"
    assert desk("check", "--all").err == "3 files of a desk: no fault.\n"
    (desk.git.path / "research" / "june.md").write_text("# June\n")
    desk.git("add", "-A")
    assert desk("check").err == "1 file of a desk: no fault.\n"


def test_all_finds_what_was_committed_before_the_hooks_were_there(desk: Qoc) -> None:
    leak(desk)
    (desk.git.path / "research" / "june.md").write_text(f"used {LITERAL}\n")
    desk.git("add", "-A")
    desk.git("commit", "-qm", "leak")
    assert desk("check").code == 0
    result = desk("check", "--all")
    assert [line.split(":")[0] for line in result.err.splitlines()] == ["desk.toml", "research/june.md"]
    assert desk("check", "desk", "--all").err.startswith("desk.toml:")


def test_files_are_checked_as_what_they_are(desk: Qoc, tmp_path: Path) -> None:
    files = {"x.toml": f'api_secret = "{LITERAL}"', "snapshots/x.toml": "x = 1", "research/x.md": LITERAL}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    rules = [fault["rule"] for fault in desk("check", "--json", *(str(tmp_path / n) for n in files)).json]
    assert sorted(rules) == ["credentials", "credentials", "unreadable"]
    for name in ("gone", "snapshots", "/dev/null"):
        result = desk("check", str(tmp_path / name))
        assert (result.code, result.out) == (128, "")


def test_two_ways_to_say_what_to_check_are_usage(desk: Qoc) -> None:
    for args in (("--all", "--history", "HEAD"), ("--all", "desk.toml"), ("--history", "HEAD", "desk.toml")):
        assert desk("check", *args).code == 129


def test_sarif_names_each_fault_with_its_rule_and_place_and_no_secret(desk: Qoc) -> None:
    """The shape is OASIS's; Microsoft's validator and the schema were run on it by hand."""
    leak(desk)
    result = desk("check", "--format", "sarif")
    assert result.code == 1
    log = result.json
    (run,) = log["runs"]
    assert (log["version"], run["tool"]["driver"]["name"]) == ("2.1.0", "git-qoc")
    (found,) = run["results"]
    place = found["locations"][0]["physicalLocation"]
    assert run["tool"]["driver"]["rules"][found["ruleIndex"]]["id"] == found["ruleId"] == "credentials"
    assert place["artifactLocation"] == {"uri": "desk.toml", "uriBaseId": "%SRCROOT%"}
    text = (desk.git.path / "desk.toml").read_text().splitlines()
    line = next(number for number, line in enumerate(text, start=1) if LITERAL in line)
    assert place["region"] == {"startLine": line, "startColumn": text[line - 1].index('"') + 1}
    assert LITERAL not in result.out
    assert desk("check", "--format", "sarif", "--history").json["runs"][0]["results"] == []


def test_sarif_has_a_rule_for_every_fault_there_is() -> None:
    from git_qoc.checks import snapshots
    from git_qoc.checks.files import NAMES
    from git_qoc.cli.sarif import RULES
    from git_qoc.tasks.check_range import REFUSED

    names = {*NAMES, *REFUSED, snapshots.UNREADABLE, snapshots.NAME, snapshots.FOOTING}
    assert names == set(RULES)


def test_the_command_names_the_checks_there_are() -> None:
    from git_qoc.checks.files import NAMES as CHECKS
    from git_qoc.cli.check import NAMES

    assert NAMES == CHECKS


def test_what_a_comment_allows_passes_and_is_listed_with_its_reason(desk: Qoc) -> None:
    path = desk.git.path / "desk.toml"
    text = path.read_text()
    path.write_text(f'{text}\n[notes]\nbuild = "{LITERAL}"\n')
    desk.git("add", "-A")
    assert desk("check").code == 1
    assert desk("check", "--list-allowed").err == "No comment allows anything.\n"
    path.write_text(f'{text}\n[notes]\nbuild = "{LITERAL}"  # qoc: allow the id of the release build\n')
    desk.git("add", "-A")
    assert desk("check").code == 0
    line = len(text.splitlines()) + 3
    listed = desk("check", "--list-allowed")
    assert listed.out == f"desk.toml:{line}:10: the id of the release build\n"
    assert desk("check", "--list-allowed", "--json").json == [
        {"path": "desk.toml", "line": line, "column": 10, "reason": "the id of the release build"}
    ]
    desk.git("commit", "-qm", "x")
    assert desk("check", "--list-allowed").out == listed.out
    assert desk("check", "--history").code == 0


def test_a_removed_folder_of_snapshots_is_told_file_by_file_with_where_each_came_from(desk: Qoc) -> None:
    stamps = [f"2026-07-{day:02}T16:00:00Z" for day in range(1, 8)]
    commits = [take(desk, stamp, "1000") for stamp in stamps]
    desk.git("rm", "-rq", "snapshots")
    result = desk("check", "snapshots")
    assert result.code == 1
    lines = result.err.splitlines()
    assert len(lines) == len(stamps)
    for line, stamp, commit in zip(lines, stamps, commits, strict=True):
        back = f"git checkout {commit[:10]} -- {path_of(stamp)}"
        assert line.startswith(f"{path_of(stamp)}:1:1: deleted in what is staged, first recorded in")
        assert line.endswith(f"Put it back: {back}.")
    desk.git("checkout", "-q", "HEAD", "--", "snapshots")
    desk.git("rm", "-q", path_of(stamps[2]))
    assert desk("check", "snapshots").err.splitlines() == [lines[2]]
