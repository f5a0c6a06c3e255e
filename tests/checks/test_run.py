"""Checks by name."""

from __future__ import annotations

import pytest

from git_qoc.checks.fault import Fault
from git_qoc.checks.run import CHECKS, run


def test_faults_of_all_files_are_sorted_by_path_and_line() -> None:
    data = b"a = 1\n# password = 'hunter2'\n# api_secret = 'hunter2'\n"
    faults = run(["credentials"], [("b/desk.toml", data), ("a/desk.toml", data)])
    assert [(f.path, f.line) for f in faults] == [
        ("a/desk.toml", 2),
        ("a/desk.toml", 3),
        ("b/desk.toml", 2),
        ("b/desk.toml", 3),
    ]


def test_check_named_twice_runs_once() -> None:
    assert len(run(["credentials", "credentials"], [("desk.toml", b"# password = 'hunter2'")])) == 1


def test_unknown_check_is_a_key_error_even_without_files() -> None:
    with pytest.raises(KeyError):
        run(["spelling"], [])


def test_the_checks() -> None:
    assert set(CHECKS) == {"credentials", "desk"}


def test_fault_reads_as_path_line_column_message() -> None:
    assert str(Fault("desk.toml", 14, 13, "credentials", "it is broken")) == "desk.toml:14:13: it is broken"
