"""Positions of values in TOML texts."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Iterator

import pytest
import tomlkit  # noqa: TID251 - writes the documents that are located
from hypothesis import given, settings
from hypothesis import strategies as st

from git_qoc.desk.positions import MAX_DEPTH, Path, Position, locate, scan

DESK = """\
# my desk
[workspace]
name = "alpha"          # a comment with = and "quotes"

[[connector]]
name    = "main-equities"
type    = "equities"

  [connector.auth]
  api_key    = { env = "EQ_API_KEY" }
  api_secret = { env = "EQ_API_SECRET" }

[[connector]]
name = "crypto-spot"
auth.api_key.env = "CX_API_KEY"
"""

CASES: list[tuple[str, str, Path, tuple[int, int]]] = [
    ("value", DESK, ("workspace", "name"), (3, 8)),
    ("table header", DESK, ("workspace",), (2, 1)),
    ("array of tables is at its first header", DESK, ("connector",), (5, 1)),
    ("second table of an array", DESK, ("connector", 1), (13, 1)),
    ("indented table of the latest connector", DESK, ("connector", 0, "auth"), (9, 3)),
    ("inline table", DESK, ("connector", 0, "auth", "api_secret"), (11, 16)),
    ("value in an inline table", DESK, ("connector", 0, "auth", "api_secret", "env"), (11, 24)),
    ("dotted key", DESK, ("connector", 1, "auth", "api_key", "env"), (15, 20)),
    ("table implied by a dotted key is at the key", DESK, ("connector", 1, "auth"), (15, 1)),
    ("quoted key", "a.\"b.c\" . 'd' = 1", ("a", "b.c", "d"), (1, 17)),
    ("escaped key", '"\\u0061pi" = 1', ("api",), (1, 14)),
    ("empty key", '"" = 1', ("",), (1, 6)),
    ("array item", "a = [1, [2, 3], {b = 4}]", ("a", 1, 1), (1, 13)),
    ("inline table in an array", "a = [1, [2, 3], {b = 4}]", ("a", 2, "b"), (1, 22)),
    ("array over lines with comments", "a = [ # ]\n  1, # ,\n  2,\n]\nb = 1", ("a", 1), (3, 3)),
    ("after a multi-line string", 'a = """\n[x]\nb = 2 ""\\"""""\nb = 1', ("b",), (4, 5)),
    ("after a multi-line literal", "a = '''\nb = 2 \\''''\nb = 1", ("b",), (3, 5)),
    ("after a string that ends in quotes", 'a = """x"""""\nb = 1', ("b",), (2, 5)),
    ("after an empty string", "a = \"\"\nc = ''\nb = 1", ("b",), (3, 5)),
    ("a hash in a string", 'a = "# no comment"\nb = 1', ("b",), (2, 5)),
    ("date with a space", "a = [2026-07-05 16:00:00Z, 1]", ("a", 1), (1, 28)),
    ("CRLF", "[t]\r\na = 1\r\nb = 2\r\n", ("t", "b"), (3, 5)),
    ("columns count characters", '"é" = { "ü" = 1 }', ("é", "ü"), (1, 15)),
    ("explicit header after an implied one", "[a.b]\nc = 1\n[a]\nd = 1", ("a",), (3, 1)),
    (
        "nested arrays of tables",
        "[[a]]\n[[a.b]]\n[[a.b]]\n[[a]]\n[[a.b]]\nc = 1",
        ("a", 1, "b", 0, "c"),
        (6, 5),
    ),
    ("header with blanks", "[ a . b ]\nc = 1", ("a", "b", "c"), (2, 5)),
    (
        "another table in between",
        "[[c]]\n[x]\n[c.auth]\nk = 1",
        ("c", 0, "auth", "k"),
        (4, 5),
    ),
]


@pytest.mark.parametrize(("text", "path", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_value_is_located(text: str, path: Path, expected: tuple[int, int]) -> None:
    tomllib.loads(text)
    assert locate(text)[path] == Position(*expected)
    assert scan(text).complete


@pytest.mark.parametrize(
    "text", ["a = ", "a = 1 b = 2\nc = 3", "[a", 'a = "x\nb = 1', "= 1", "a = [1, 2", 'a = "\\']
)
def test_broken_text_gives_what_was_found_and_says_so(text: str) -> None:
    locate(text)
    assert not scan(text).complete


def test_statement_covers_key_and_value_but_not_the_comment() -> None:
    text = '[a]\nk = { env = "X" }  # why\n'
    assert [text[s.start : s.end] for s in scan(text).statements] == ["[a]", 'k = { env = "X" }']


HOSTILE = {
    "brackets": "a = " + "[" * 1_000_000,
    "braces": "a = " + "{a=" * 300_000,
    "dots": "a" + ".a" * 500_000 + " = 1",
    "open string": 'a = "' + "\\" * 1_000_000,
    "open multi-line string": 'a = """' + '""\\' * 300_000,
    "comments": "#\n" * 500_000,
    "blanks": " \t" * 500_000 + "!",
    "headers": "[a.a.a.a.a.a.a.a]\n" * 50_000,
    "quotes": '"' * 1_000_000,
    "array": "a = [" + "1," * 400_000 + "]",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_megabyte_of_hostile_text_takes_bounded_time(text: str) -> None:
    start = time.process_time()
    scan(text)
    assert time.process_time() - start < 8


def test_depth_is_bounded_where_tomllib_is_not() -> None:
    deep = ".".join(["a"] * (MAX_DEPTH + 1))
    assert not scan(f"{deep} = 1").complete
    assert not scan(f"[{deep}]").complete
    assert scan(f"{deep[2:]} = 1").complete


KEYS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=6)
LEAVES = st.one_of(
    st.integers(-(2**40), 2**40),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12),
    st.datetimes(),
    st.dates(),
)
VALUES = st.recursive(
    LEAVES, lambda v: st.lists(v, max_size=3) | st.dictionaries(KEYS, v, max_size=3), max_leaves=12
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=5)


def leaves(value: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path, value


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS, st.sampled_from(["\n", "\r\n"]))
def test_every_leaf_is_located_and_its_text_starts_there(document: dict[str, object], newline: str) -> None:
    text = tomlkit.dumps(document).replace("\r\n", "\n").replace("\n", newline)
    parsed = tomllib.loads(text)
    found = scan(text)
    assert found.complete
    for path, value in leaves(parsed):
        assert starts(text[found.offsets[path] :], value), path


def starts(text: str, value: object) -> bool:
    """Whether reading text from its first character gives `value`, in the shortest reading that parses."""
    for end in range(1, len(text) + 1):
        try:
            if tomllib.loads(f"v = {text[:end]}") == {"v": value}:
                return True
        except tomllib.TOMLDecodeError:
            continue
    return False
