"""An order is one file that only moves forward."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_qoc.checks.orders import STATES, check, lifecycle
from git_qoc.history.scan import Change

A, B = "a" * 40, "b" * 40


def new(path: str, blob: str = A, mode: str = "100644") -> Change:
    return Change(path, "", "", mode, blob)


def edit(path: str) -> Change:
    return Change(path, "100644", A, "100644", B)


def gone(path: str) -> Change:
    return Change(path, "100644", A, "", "")


def move(name: str, old: str, now: str) -> list[Change]:
    return [gone(f"orders/{old}/{name}"), new(f"orders/{now}/{name}")]


def told(changes: list[Change], *after: str) -> list[str]:
    """The path of each fault; `after` is what stands in orders/ besides what was written."""
    there = [*after, *(change.path for change in changes if change.mode)]
    return [fault.path for fault in lifecycle("", changes, there)]


@pytest.mark.parametrize("state", STATES)
def test_an_order_may_begin_in_every_folder_of_its_life(state: str) -> None:
    assert told([new(f"orders/{state}/a.toml")]) == []
    assert told([new(f"orders/{state}/2026/07/a.toml")]) == []


@pytest.mark.parametrize("path", ["orders/a.toml", "orders/done/a.toml", "orders/x/open/a.toml"])
def test_an_order_in_no_folder_of_its_life_is_a_fault(path: str) -> None:
    assert told([new(path)]) == [path]


@pytest.mark.parametrize("path", ["orders/.gitkeep", "orders/open/README.md", "orders/notes.txt"])
def test_what_is_no_order_is_left_alone(path: str) -> None:
    assert told([new(path)]) == []
    assert told([gone(path)]) == []


@given(st.sampled_from(STATES), st.sampled_from(STATES))
def test_an_order_moves_forward_and_never_back(old: str, now: str) -> None:
    if old == now:
        return
    back = STATES.index(now) < STATES.index(old)
    assert told(move("a.toml", old, now)) == ([f"orders/{old}/a.toml"] if back else [])


def test_an_order_that_vanishes_is_a_fault_in_every_state() -> None:
    for state in STATES:
        assert told([gone(f"orders/{state}/a.toml")], "orders/open/b.toml") == [f"orders/{state}/a.toml"]


def test_what_is_done_is_not_edited_and_what_is_not_done_may_be() -> None:
    assert told([edit(f"orders/{state}/a.toml") for state in STATES[:2]][:1]) == []
    assert told([edit("orders/open/a.toml")]) == []
    for state in STATES[2:]:
        assert told([edit(f"orders/{state}/a.toml")]) == [f"orders/{state}/a.toml"]


def test_one_order_in_two_folders_would_be_sent_or_counted_twice() -> None:
    assert told([new("orders/open/a.toml")], "orders/pending/a.toml") == ["orders/pending/a.toml"]
    assert told([new("orders/open/2026/a.toml")], "orders/open/a.toml") == ["orders/open/a.toml"]
    assert told([new("orders/open/b.toml")], "orders/pending/a.toml") == []


def test_a_link_is_no_order() -> None:
    assert told([new("orders/open/a.toml", mode="120000")]) == ["orders/open/a.toml"]


def test_a_desk_in_a_subfolder_has_its_own_orders() -> None:
    assert lifecycle("books/", [new("books/orders/open/a.toml")], ["books/orders/open/a.toml"]) == []
    (fault,) = lifecycle("books/", [gone("books/orders/open/a.toml")], [])
    assert (fault.path, fault.rule) == ("books/orders/open/a.toml", "orders")


@pytest.mark.parametrize("data", [b"\xff", b"a =", b"a" + b".a" * 5000 + b"=1", b"a = 1\na = 2", b"[" * 5000])
def test_what_is_no_toml_is_a_fault_and_no_crash(data: bytes) -> None:
    assert [fault.rule for fault in check("orders/open/a.toml", data)] == ["orders"]
    assert check("orders/open/a.toml", b'client_order_id = "a"\n') == []
