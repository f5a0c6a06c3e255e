"""The fast reader says what tomllib says, or nothing."""

from __future__ import annotations

import tomllib
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from git_qoc.money import NumberError, to_decimal
from git_qoc.snapshots.plain_toml import tables
from git_qoc.snapshots.toml import dumps
from tests.snapshots.test_toml import SPEC_EXAMPLE, snapshots

ALPHABET = '[]"=._-+eE0123456789 \n\t\r\\#,abmetr'


def as_tomllib(text: str) -> None:
    """Whatever the fast reader returns, tomllib returns too, types included."""
    try:
        found = tables(text, to_decimal)
    except NumberError:
        with pytest.raises(NumberError):
            tomllib.loads(text, parse_float=to_decimal)
        return
    if found is not None:
        expected = tomllib.loads(text, parse_float=to_decimal)
        assert repr(found) == repr(expected)


def test_the_specs_example_is_read_fast() -> None:
    found = tables(SPEC_EXAMPLE, to_decimal)
    assert found == tomllib.loads(SPEC_EXAMPLE, parse_float=Decimal)


@given(snapshots)
def test_our_own_files_are_read_as_tomllib_reads_them(snapshot: object) -> None:
    as_tomllib(dumps(snapshot))  # type: ignore[arg-type]


@settings(max_examples=600)
@given(st.integers(0, len(SPEC_EXAMPLE)), st.integers(0, 3), st.text(ALPHABET, max_size=4))
def test_a_text_with_a_change_is_read_as_tomllib_reads_it(at: int, gone: int, new: str) -> None:
    as_tomllib(SPEC_EXAMPLE[:at] + new + SPEC_EXAMPLE[at + gone :])


@settings(max_examples=300)
@given(st.lists(st.sampled_from([
    "[meta]", "[[meta]]", "[[cash]]", "a = 1", "a = 1.5", "b = []", 'cash = ["x"]', "cash = []", "meta = 1",
    "a = -0", "a = -0.0", "a = 01", "a = 1_0", "a = 1__0", "a = 1_", 'c = "é\u2028"', 'c = "\t"', "",
    "a  = true",     "a = 1 ", "a = 1\r", "b = [\"x\", \"y\"]", "#", "[meta] ", " a = 1", "a = 1e5",
    "a = nan",
]), max_size=6))  # fmt: skip
def test_any_few_lines_are_read_as_tomllib_reads_them(lines: list[str]) -> None:
    as_tomllib("\n".join(lines))
    as_tomllib("\n".join(["[meta]", *lines]))


@pytest.mark.parametrize(
    "text", ["cash = []\n[[cash]]", "[[meta]]\n[meta]", "[meta]\na = 1\na = 2", "[meta]\n[meta]"]
)
def test_what_tomllib_refuses_is_left_to_it(text: str) -> None:
    assert tables(text, to_decimal) is None
    with pytest.raises(tomllib.TOMLDecodeError):
        tomllib.loads(text)
