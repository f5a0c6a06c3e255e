"""The fast way to read our own layout gives what a TOML parser gives, or leaves it to one."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from git_qoc.money import to_decimal
from git_qoc.snapshots import layout
from git_qoc.snapshots.lines import lines
from git_qoc.snapshots.snapshot import Snapshot
from git_qoc.snapshots.toml import dumps
from tests.snapshots.test_toml import SPEC_EXAMPLE, snapshots


def parsed(text: str) -> object:
    return tomllib.loads(text, parse_float=to_decimal)


def test_the_spec_s_example_is_read_as_a_toml_parser_reads_it() -> None:
    assert layout.tables(SPEC_EXAMPLE, to_decimal) == parsed(SPEC_EXAMPLE)


@given(snapshots)
@settings(max_examples=150, deadline=None)
def test_what_it_reads_is_what_a_toml_parser_reads(snapshot: Snapshot) -> None:
    text = dumps(snapshot)
    found = layout.tables(text, to_decimal)
    plain = not any(char in text for char in "\\\x7f")
    assert found == parsed(text) if found is not None else not plain


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# a comment\n[meta]\nnav_usd = 1.0\n",
        "[meta]\nnav_usd = 1.0",  # no end of line
        "[meta]\r\nnav_usd = 1.0\r\n",
        "[meta]\nnav_usd = 01.0\n",
        "[meta]\nnav_usd = 1_0.0\n",
        "[meta]\nnav_usd = 1.\n",
        "[meta]\nnav_usd = 1e3\n",
        "[meta]\nnav_usd = nan\n",
        "[meta]\nnav_usd = 1.0\nnav_usd = 2.0\n",
        "[meta]\nnav_usd = 1.0 # a comment\n",
        "[meta]\nnote = 'a'\n",
        '[meta]\nnote = "a\\u0041"\n',
        '[meta]\nnote = """a"""\n',
        '[meta]\nnames = ["a",\n"b"]\n',
        "[meta]\nwhen = 2026-07-05T16:00:00Z\n",
        "[meta]\nnav_usd = 1.0\n[meta]\n",
        "[meta]\nnav_usd = 1.0\n[[meta]]\n",
        "[meta]\n[other]\na = 1\n",
        "[meta]\na.b = 1\n",
    ],
)
def test_anything_else_is_left_to_the_parser(text: str) -> None:
    assert layout.tables(text, to_decimal) is None


@given(st.text(alphabet='[]meta\n ="1.0_-,ab', max_size=60))
@settings(max_examples=300, deadline=None)
def test_no_text_is_read_in_another_way(rest: str) -> None:
    text = f"[meta]\n{rest}"
    found = layout.tables(text, to_decimal)
    if found is not None:
        assert found == parsed(text)


@given(st.text(max_size=80))
@settings(max_examples=200, deadline=None)
def test_no_text_breaks_the_lines(rest: str) -> None:
    lines(rest)
    lines(f"[meta]\n{rest}")


@given(snapshots)
@settings(max_examples=60, deadline=None)
def test_the_lines_do_not_depend_on_the_order_of_rows(snapshot: Snapshot) -> None:
    turned = replace(snapshot, accounts=snapshot.accounts[::-1], positions=snapshot.positions[::-1])
    here, there = lines(dumps(snapshot)), lines(dumps(turned))
    assert here is not None
    assert there is not None
    assert sorted(here.split("\n")) == sorted(there.split("\n"))
