"""Checks of one file by the room it stands in."""

from __future__ import annotations

import pytest

from git_qoc.checks import rooms
from git_qoc.checks.fault import Fault
from git_qoc.checks.files import NAMES, File, judge

SECRET = b"# password = 'hunter2'"


def rules(names: tuple[str, ...], path: str, data: bytes, mode: str = "100644") -> list[str]:
    at = rooms.room(path, {""})
    assert at is not None
    return [fault.rule for fault in judge(names, [File(path, at[0], mode, data)]).faults]


def test_faults_of_all_files_are_sorted_by_path_and_line() -> None:
    data = b"a = 1\n# password = 'hunter2'\n# api_secret = 'hunter2'\n"
    files = [File(path, rooms.DESK, "100644", data) for path in ("b/desk.toml", "a/desk.toml")]
    assert [(f.path, f.line) for f in judge(["credentials"], files).faults] == [
        ("a/desk.toml", 2),
        ("a/desk.toml", 3),
        ("b/desk.toml", 2),
        ("b/desk.toml", 3),
    ]


def test_every_room_is_looked_through_for_credentials() -> None:
    for path in ("desk.toml", "snapshots/x.toml", "orders/open/x.toml", "research/x.md", "research/a/b.json"):
        assert rules(("credentials",), path, SECRET) == ["credentials"], path


@pytest.mark.parametrize(
    ("path", "data", "rule"),
    [
        ("desk.toml", b"[workspace]\nnmae = 1", "desk"),
        ("snapshots/x.toml", b"x = 1", "unreadable"),
        ("snapshots/2026/07/x.toml", b"x = 1", "unreadable"),
        ("orders/open/x.toml", b"x =", "orders"),
    ],
)
def test_each_room_has_its_own_check(path: str, data: bytes, rule: str) -> None:
    assert rules(NAMES, path, data) == [rule]
    others = tuple(name for name in NAMES if name not in (rule, "snapshots", "orders"))
    assert rules(others, path, data) == []


def test_what_is_a_credential_in_a_line_is_not_told_once_more_as_a_broken_desk() -> None:
    literal = b'[[connector]]\nname = "a"\ntype = "cash"\n[connector.auth]\napi_key = "hunter2"\n'
    assert rules(("credentials", "desk"), "desk.toml", literal) == ["credentials"]
    assert rules(("desk",), "desk.toml", literal) == ["desk"]


def test_a_link_or_submodule_is_no_desk_and_not_read_as_a_snapshot() -> None:
    for mode in ("120000", "160000"):
        assert rules(NAMES, "desk.toml", b"x", mode) == ["credentials"]
        assert rules(NAMES, "snapshots/x.toml", b"x", mode) == []


def test_fault_reads_as_path_line_column_message() -> None:
    assert str(Fault("desk.toml", 14, 13, "credentials", "it is broken")) == "desk.toml:14:13: it is broken"


@pytest.mark.parametrize(
    ("path", "desks", "expected"),
    [
        ("desk.toml", set(), ("desk", "")),
        ("a/Desk.TOML", set(), ("desk", "a/")),
        ("snapshots/x.toml", {""}, ("snapshots", "")),
        ("snapshots/x.toml", {"a/"}, None),
        ("a/orders/open/x.toml", {"a/"}, ("orders", "a/")),
        ("a/research/b/orders/x", {"a/", "a/research/b/"}, ("orders", "a/research/b/")),
        ("a/research/b/orders/x", {"a/"}, ("research", "a/")),
        ("research", {""}, None),
        ("snapshots/desk.toml", {""}, ("desk", "snapshots/")),
        ("notes/x.toml", {""}, None),
    ],
)
def test_the_room_of_a_path_is_that_of_the_deepest_desk(
    path: str, desks: set[str], expected: tuple[str, str] | None
) -> None:
    assert rooms.room(path, desks) == expected


DEEP = b"a" + b".a" * 200_000 + b" = 1\n"


@pytest.mark.parametrize("path", ["desk.toml", "snapshots/x.toml", "orders/open/x.toml"])
def test_a_key_of_many_parts_is_a_fault_and_no_hang(path: str) -> None:
    """tomllib alone would be busy for 10 minutes."""
    assert rules(NAMES[1:], path, DEEP)
