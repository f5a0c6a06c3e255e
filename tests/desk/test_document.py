"""Edits of desk.toml: the spec's block to the byte, and nothing else touched."""

from __future__ import annotations

import tomllib

import pytest
import tomlkit  # noqa: TID251 - writes the documents that are edited
from hypothesis import given, settings
from hypothesis import strategies as st

from git_qoc.desk.document import ConnectorEntry, append_connector
from git_qoc.errors import DeskError
from tests.desk.test_config import SPEC

EQUITIES = ConnectorEntry(
    "main-equities", "equities", (("api_key", "EQ_API_KEY"), ("api_secret", "EQ_API_SECRET"))
)
CRYPTO = ConnectorEntry("crypto-spot", "crypto", (("api_key", "CX_API_KEY"), ("api_secret", "CX_API_SECRET")))
CASH = ConnectorEntry("sweep-cash", "cash", (("api_key", "CA_API_KEY"),))
PAPER = ConnectorEntry("paper-eq", "equities", venue="paper")

PAPER_BLOCK = """\
[[connector]]
name    = "paper-eq"
type    = "equities"
enabled = true
venue   = "paper"
"""


def test_two_connects_on_nothing_write_the_specs_text() -> None:
    assert append_connector(append_connector("", EQUITIES), CRYPTO) == SPEC


def test_a_third_connect_follows_after_one_blank_line() -> None:
    third = '[[connector]]\nname    = "sweep-cash"\ntype    = "cash"\nenabled = true\n'
    third += '\n  [connector.auth]\n  api_key = { env = "CA_API_KEY" }\n'
    assert append_connector(SPEC, CASH) == f"{SPEC}\n{third}"


def test_optional_keys_come_after_enabled_and_all_signs_align() -> None:
    entry = ConnectorEntry("a", "crypto", (), "paper", "http://127.0.0.1:8", True, "A-1")
    assert append_connector("", entry) == (
        "[[connector]]\n"
        'name     = "a"\n'
        'type     = "crypto"\n'
        "enabled  = true\n"
        'venue    = "paper"\n'
        'base_url = "http://127.0.0.1:8"\n'
        "sandbox  = true\n"
        'account  = "A-1"\n'
    )


def test_strange_names_are_quoted() -> None:
    entry = ConnectorEntry('a "b" \\ é\n', "cash", (("api key", "A_KEY"),))
    [row] = tomllib.loads(append_connector("", entry))["connector"]
    assert (row["name"], row["auth"]) == (entry.name, {"api key": {"env": "A_KEY"}})


B = PAPER_BLOCK
SCHEDULE = '[[schedule]]\nname = "x"  # why\n'
MINE = "[[connector]]\nname='m'\n\n\n  [connector.auth]\n  k = {env='M_K'}   # mine\n"
ONE_LINE = "[[connector]]\nname='m'"

# name → (before, after)
PLACES: dict[str, tuple[str, str]] = {
    "empty": ("", B),
    "only a newline": ("\n", "\n" + B),
    "only a comment": ("# desk\n", f"# desk\n\n{B}"),
    "no connectors": (SCHEDULE, f"{SCHEDULE}\n{B}"),
    "no final newline": (SCHEDULE.rstrip(), f"{SCHEDULE}\n{B}"),
    "blank line at the end": (SCHEDULE + "\n", f"{SCHEDULE}\n{B}"),
    "blank lines at the end": (SCHEDULE + "\n\n", f"{SCHEDULE}\n\n{B}"),
    "connectors last": (MINE, f"{MINE}\n{B}"),
    "connector without final newline": (ONE_LINE, f"{ONE_LINE}\n\n{B}"),
    "connectors first": (f"{MINE}\n{SCHEDULE}", f"{MINE}\n{B}\n{SCHEDULE}"),
    "no blank line behind": (MINE + SCHEDULE, f"{MINE}\n{B}\n{SCHEDULE}"),
    "two blank lines behind": (f"{MINE}\n\n{SCHEDULE}", f"{MINE}\n{B}\n\n{SCHEDULE}"),
    "comment of the next table": (f"{MINE}\n# tasks\n{SCHEDULE}", f"{MINE}\n{B}\n# tasks\n{SCHEDULE}"),
    "comment close to the next table": (f"{MINE}# tasks\n{SCHEDULE}", f"{MINE}\n{B}\n# tasks\n{SCHEDULE}"),
    "comment of the connector": (f"{MINE}# rotate\n\n{SCHEDULE}", f"{MINE}# rotate\n\n{B}\n{SCHEDULE}"),
    "comment of the connector at the end": (f"{MINE}# rotate", f"{MINE}# rotate\n\n{B}"),
    "connectors in two places": (
        f"{MINE}\n{SCHEDULE}\n{ONE_LINE}\n\n{SCHEDULE}",
        f"{MINE}\n{SCHEDULE}\n{ONE_LINE}\n\n{B}\n{SCHEDULE}",
    ),
    "auth after another table": (
        f"{ONE_LINE}\n[other]\n[connector.auth]\nk.env='A'\n",
        f"{ONE_LINE}\n[other]\n[connector.auth]\nk.env='A'\n\n{B}",
    ),
    "header in a string": (
        f"x = '''\n[[connector]]\n'''\n{SCHEDULE}",
        f"x = '''\n[[connector]]\n'''\n{SCHEDULE}\n{B}",
    ),
    "NaN and dates elsewhere": ("[x]\na = nan\nb = 2026-07-05\n", f"[x]\na = nan\nb = 2026-07-05\n\n{B}"),
}


@pytest.mark.parametrize(("before", "after"), PLACES.values(), ids=PLACES)
def test_block_goes_behind_the_connectors_and_the_rest_stays(before: str, after: str) -> None:
    assert append_connector(before, PAPER) == after


@pytest.mark.parametrize(("before", "after"), PLACES.values(), ids=PLACES)
def test_crlf_stays_crlf(before: str, after: str) -> None:
    if "\n" in before:
        assert append_connector(before.replace("\n", "\r\n"), PAPER) == after.replace("\n", "\r\n")


REFUSED = {
    "inline array": ("a = 1\nconnector = [{ name = 'a' }]\n", "desk.toml:2: connector is not written as"),
    "empty inline array": ("connector = []\n", "desk.toml:1: connector is not written as"),
    "single table": ("[connector]\nname = 'a'\n", "desk.toml:1: connector is not written as"),
    "no value": ("a = 1\nb = \n", "desk.toml:2:5: not valid TOML: Invalid value. Fix it, then run"),
    "open string": ('a = "x', "desk.toml:1:7: not valid TOML: Unterminated string. Fix it, then run"),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_text_that_takes_no_block_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(DeskError) as caught:
        append_connector(text, PAPER)
    assert str(caught.value).startswith(message)


def test_key_that_stands_twice_is_not_repeated_in_the_message() -> None:
    with pytest.raises(DeskError) as caught:
        append_connector("[PKSECRETKEY]\n[PKSECRETKEY]\n", PAPER)
    assert "SECRET" not in str(caught.value)
    assert "Cannot declare a key twice" in str(caught.value)


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)
LEAVES = st.one_of(st.integers(), st.booleans(), st.floats(), NAMES)
TABLES = st.dictionaries(
    NAMES.filter(lambda name: name != "connector"), LEAVES | st.lists(LEAVES), max_size=3
)
DOCUMENTS = st.dictionaries(NAMES.filter(lambda name: name != "connector"), TABLES, max_size=3)
ENTRIES = st.builds(
    ConnectorEntry,
    name=NAMES,
    type=st.sampled_from(["cash", "crypto"]),
    auth=st.dictionaries(NAMES, NAMES, max_size=3).map(lambda auth: tuple(auth.items())),
    venue=st.none() | NAMES,
    sandbox=st.booleans(),
    account=st.none() | NAMES,
)


@settings(max_examples=100, deadline=None)
@given(DOCUMENTS, st.lists(ENTRIES, min_size=1, max_size=3))
def test_appending_keeps_every_line_and_adds_the_connector(
    document: dict[str, object], entries: list[ConnectorEntry]
) -> None:
    before = text = tomlkit.dumps(document)
    for entry in entries:
        text = append_connector(text, entry)
    assert text.startswith(before)
    rows = tomllib.loads(text)["connector"]
    assert [row["name"] for row in rows] == [entry.name for entry in entries]
    assert [tuple((k, v["env"]) for k, v in row.get("auth", {}).items()) for row in rows] == [
        entry.auth for entry in entries
    ]
