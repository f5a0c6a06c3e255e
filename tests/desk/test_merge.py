"""Three-way merges of desk.toml."""

from __future__ import annotations

import re
import time
import tomllib
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from git_qoc.checks import credentials
from git_qoc.desk.config import parse
from git_qoc.desk.meaning import doubts
from git_qoc.desk.merge import Merged, Style, merge
from git_qoc.desk.pieces import split
from git_qoc.errors import DeskError

HEAD = """\
# The desk.

[workspace]
name     = "books"
timezone = "UTC"    # ours
"""
A = """
# where the stocks are
[[connector]]
name    = "a"
type    = "equities"
enabled = true

  [connector.auth]
  api_key    = { env = "A_KEY" }
  api_secret = { env = "A_SECRET" }
"""
DAILY = """
[[schedule]]
name = "daily"
cron = "5 16 * * 1-5"
task = "snapshot"
"""
BASE = HEAD + A + DAILY


def connector(name: str, kind: str = "crypto") -> str:
    key = name.upper()
    return f"""
# {name} is new
[[connector]]
name    = "{name}"
type    = "{kind}"
enabled = true

  [connector.auth]
  api_key = {{ env = "{key}_KEY" }}
"""


def clean(base: str, ours: str, theirs: str) -> str:
    merged = merge(base, ours, theirs)
    assert merged is not None
    assert merged.conflicts == ()
    return merged.text


def clash(base: str, ours: str, theirs: str, style: Style | None = None) -> Merged:
    merged = merge(base, ours, theirs, style)
    assert merged is not None
    assert merged.conflicts
    return merged


def test_two_branches_that_each_append_a_connector_merge_with_their_comments() -> None:
    ours, theirs = HEAD + A + connector("b") + DAILY, HEAD + A + connector("c") + DAILY
    assert clean(BASE, ours, theirs) == HEAD + A + connector("b") + connector("c") + DAILY


def test_an_added_block_stands_behind_the_one_it_follows_on_its_side() -> None:
    ours = HEAD + A + DAILY + connector("z")
    theirs = HEAD + connector("first") + A + connector("mid") + DAILY
    expected = HEAD + connector("first") + A + connector("mid") + DAILY + connector("z")
    assert clean(BASE, ours, theirs) == expected


def test_additions_of_another_kind_stay_out_of_the_connectors() -> None:
    ours = HEAD + A + DAILY.replace("daily", "weekly") + DAILY
    theirs = HEAD + A + connector("c") + DAILY
    expected = HEAD + A + connector("c") + DAILY.replace("daily", "weekly") + DAILY
    assert clean(BASE, ours, theirs) == expected


def test_a_block_changed_on_one_side_takes_that_and_its_comments() -> None:
    ours = BASE.replace("enabled = true", "enabled = false  # until July").replace("where the", "the")
    theirs = BASE.replace("1-5", "1-6")
    assert clean(BASE, ours, theirs) == ours.replace("1-5", "1-6")


def test_a_block_changed_on_both_sides_merges_key_by_key_down_to_auth() -> None:
    ours = BASE.replace("A_KEY", "B_KEY").replace("enabled = true", "enabled = false")
    theirs = BASE.replace('"A_SECRET" }\n', '"A_SECRET" }\n  token = { file = "/t" }\n').replace(
        "enabled = true\n", "enabled = true\nsandbox = true\n"
    )
    text = clean(BASE, ours, theirs)
    assert tomllib.loads(text)["connector"][0] == {
        "name": "a",
        "type": "equities",
        "enabled": False,
        "sandbox": True,
        "auth": {
            "api_key": {"env": "B_KEY"},
            "api_secret": {"env": "A_SECRET"},
            "token": {"file": "/t"},
        },
    }


def test_the_same_value_on_both_sides_is_no_conflict_whatever_its_layout() -> None:
    ours = BASE.replace("enabled = true", "enabled=false")
    theirs = BASE.replace("enabled = true", "enabled    = false")
    assert clean(BASE, ours, theirs) == ours


def test_a_value_and_the_layout_of_a_line_may_change_apart() -> None:
    ours = BASE.replace("enabled = true", "enabled   =   true # mine")
    theirs = BASE.replace("enabled = true", "enabled = false")
    assert "enabled = false # mine\n" in clean(BASE, ours, theirs)


def test_a_block_removed_here_and_untouched_there_is_gone_with_its_comment() -> None:
    assert clean(BASE, HEAD + DAILY, BASE + connector("c")) == HEAD + DAILY + connector("c")


def test_renaming_is_removing_and_adding() -> None:
    ours = BASE.replace('"a"', '"z"')
    assert clean(BASE, ours, BASE + connector("c")) == ours + connector("c")
    assert (
        "removed by ours, changed by theirs" in clash(BASE, ours, BASE.replace("true", "false")).conflicts[0]
    )


CLASHES = {
    "a key, two values": (
        BASE.replace("A_KEY", "B_KEY"),
        BASE.replace("A_KEY", "C_KEY"),
        'connector "a": auth: api_key: changed by both. Keep one',
    ),
    "removed here, changed there": (
        HEAD + DAILY,
        BASE.replace("true", "false"),
        'connector "a": removed by ours, changed by theirs. Keep it or delete it',
    ),
    "changed here, removed there": (
        BASE.replace("true", "false"),
        HEAD + DAILY,
        'connector "a": removed by theirs, changed by ours. Keep it or delete it',
    ),
    "one name, two connectors": (
        BASE + connector("b"),
        BASE + connector("b", "cash"),
        'connector "b": added by both, with different contents. Keep one',
    ),
    "names differ in case only": (
        BASE + connector("b"),
        BASE + connector("B"),
        'connector "b": added by both, with different contents. Keep one',
    ),
    "a name with capitals": (
        BASE.replace('"a"', '"Main"') + connector("B"),
        BASE.replace('"a"', '"Main"') + connector("B", "cash"),
        'connector "B": added by both, with different contents. Keep one',
    ),
    "a name that may be a secret": (
        BASE + connector("s3cret value"),
        BASE + connector("s3cret value", "cash"),
        'connector "…": added by both, with different contents. Keep one',
    ),
    "one key added twice": (
        BASE.replace("true\n", "true\nsandbox = true\n"),
        BASE.replace("true\n", "true\nsandbox = false\n"),
        'connector "a": sandbox: added by both, with different contents. Keep one',
    ),
    "a comment, two wordings": (
        BASE.replace("# where the stocks are", "# stocks"),
        BASE.replace("# where the stocks are", "# shares"),
        "",
    ),
    "ours moves the type": (
        BASE.replace("equities", "crypto"),
        BASE + connector("c"),
        'connector "a": its type is locked',
    ),
    "theirs moves the type": (
        BASE + connector("c"),
        BASE.replace("equities", "crypto"),
        'connector "a": its type is locked',
    ),
    "both move the type apart": (
        BASE.replace("equities", "crypto"),
        BASE.replace("equities", "options"),
        'connector "a": its type is locked',
    ),
}


@pytest.mark.parametrize(("ours", "theirs", "sentence"), CLASHES.values(), ids=CLASHES)
def test_conflict_is_named_marked_and_refused_until_it_is_resolved(
    ours: str, theirs: str, sentence: str
) -> None:
    merged = clash(BASE, ours, theirs)
    assert merged.conflicts[0].startswith(sentence)
    assert len(merged.conflicts) == len(re.findall("^<{7} ours ", merged.text, re.MULTILINE)) == 1
    with pytest.raises(DeskError, match="not valid TOML"):
        parse(merged.text)
    assert credentials.check("desk.toml", merged.text.encode())
    for side in (0, 1):
        tomllib.loads(resolved(merged.text, side))


def resolved(text: str, side: int) -> str:
    """What is left when every conflict is resolved to one side."""
    kept, within = [], -1
    for line in text.splitlines(keepends=True):
        if line.startswith("<<<<<<< "):
            within = 0
        elif line == "=======\n":
            within = 1
        elif line.startswith(">>>>>>> "):
            within = -1
        elif within in (-1, side):
            kept.append(line)
    return "".join(kept)


def test_resolving_to_a_side_gives_that_side() -> None:
    ours, theirs, _ = CLASHES["a key, two values"]
    merged = clash(BASE, ours, theirs)
    assert resolved(merged.text, 0) == ours
    assert resolved(merged.text, 1) == theirs


def test_both_sides_moving_a_type_the_same_way_is_no_conflict() -> None:
    moved = BASE.replace("equities", "crypto")
    assert clean(BASE, moved + connector("b"), moved + connector("c")) == moved + connector("b") + connector(
        "c"
    )


def test_markers_have_the_size_labels_and_base_that_git_asks_for() -> None:
    style = Style("HEAD", "merged common ancestors", "topic\n\x1b[2J", size=9, show_base=True)
    ours, theirs, _ = CLASHES["a key, two values"]
    lines = clash(BASE, ours, theirs, style).text.splitlines()
    at = lines.index("||||||||| merged common ancestors")
    assert lines[at - 2 : at + 5] == [
        '<<<<<<<<< HEAD (connector "a": auth: api_key: changed by both. Keep one)',
        '  api_key    = { env = "B_KEY" }',
        "||||||||| merged common ancestors",
        '  api_key    = { env = "A_KEY" }',
        "=========",
        '  api_key    = { env = "C_KEY" }',
        r">>>>>>>>> topic \x1b[2J",
    ]


FOREIGN = {
    "not TOML": "[[connector]\n",
    "CRLF": BASE.replace("\n", "\r\n"),
    "byte order mark": "\ufeff" + BASE,
    "dotted keys above the first header": 'workspace.name = "x"\n',
    "connectors in an array": 'connector = [{ name = "a", type = "cash" }]\n',
    "a connector that is a table": '[connector]\nname = "a"\n',
    "a connector without a name": '[[connector]]\ntype = "cash"\n',
    "a name that is no text": "[[connector]]\nname = 1\n",
    "one name twice": connector("a") + connector("A"),
    "a table in two places": "[a]\nx = 1\n[b]\ny = 1\n[a.c]\nz = 1\n",
    "an auth table that stands elsewhere": '[[connector]]\nname = "a"\n[x]\ny = 1\n[connector.auth]\nk = 1\n',
    "arrays in a connector": '[[connector]]\nname = "a"\n[[connector.x]]\ny = 1\n',
    "conflict markers": "<<<<<<< ours\n=======\n>>>>>>> theirs\n",
    "too deep": "a = " + "[" * 100 + "]" * 100,
}


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN)
def test_what_has_no_clear_blocks_is_left_to_git(text: str) -> None:
    assert merge(BASE, BASE + connector("b"), text) is None
    assert merge(BASE, text, BASE + connector("b")) is None
    assert merge(text, BASE, BASE + connector("b")) is None


def test_both_sides_moving_blocks_differently_is_left_to_git() -> None:
    base = "".join(map(connector, "abc"))
    ours, theirs = "".join(map(connector, "bac")), "".join(map(connector, "acb"))
    assert merge(base, ours, theirs) is None
    assert clean(base, ours, base + connector("d")) == ours + connector("d")
    assert clean(base, base + connector("d"), ours) == ours + connector("d")


GUARD = '\n[[guard]]\nkey = "{}"\nmax = {}\n'


def test_guards_merge_by_key_and_occurrence() -> None:
    base = GUARD.format("max-order", 100) + GUARD.format("max-loss", 5)
    theirs = base.replace("5", "7")
    assert clean(base, base.replace("100", "90"), theirs) == theirs.replace("100", "90")
    added = base + GUARD.format("hours", 1)
    assert clean(base, added, base + GUARD.format("cooldown", 2)) == added + GUARD.format("cooldown", 2)


def test_which_guard_is_which_is_never_guessed() -> None:
    a, b = GUARD.format("max", 100), GUARD.format("max", 200)
    assert merge(a + b, b, a.replace("100", "90") + b) is None


def test_tables_that_are_not_ours_are_merged_by_name_and_arrays_as_a_whole() -> None:
    base = BASE + "\n[tool.x]\nk = 1\n\n[[row]]\nv = 1\n"
    ours, theirs = base.replace("k = 1", "k = 2"), base.replace("v = 1", "v = 2\n\n[[row]]\nv = 3")
    assert clean(base, ours, theirs) == theirs.replace("k = 1", "k = 2")
    assert "[row]: changed by both" in clash(base, base.replace("v = 1", "v = 9"), theirs).conflicts[0]


def test_comments_that_stand_alone_are_kept_from_both_sides_and_repeated_by_none() -> None:
    ours = BASE.replace("# The desk.\n", "# The desk.\n\n# one\n") + "\n# end\n"
    theirs = BASE.replace("# The desk.\n", "# The desk.\n\n# two\n") + connector("c")
    text = clean(BASE, ours, theirs)
    assert [line for line in text.splitlines() if line.startswith("# ")] == [
        "# The desk.", "# one", "# two", "# where the stocks are", "# c is new", "# end",
    ]  # fmt: skip


def test_two_new_desks_agree_where_they_say_the_same() -> None:
    assert clean("", HEAD + connector("a"), HEAD + connector("b")) == HEAD + connector("a") + connector("b")


def test_a_missing_line_end_is_not_glued_over() -> None:
    text = clean(BASE.rstrip(), (BASE + connector("b")).rstrip(), (BASE + connector("c")).rstrip())
    assert text == BASE + connector("b") + connector("c")


def test_doubts_about_a_merge_of_lines() -> None:
    one, two = connector("x"), connector("y")
    assert doubts("", one, two, one + two) == ()
    assert doubts("", one, two, "[") == ("the merged text is not TOML. Mend it by hand",)
    assert doubts("", "[", two, "[") == ()
    assert doubts("", one, one, one + one.upper().replace("CONNECTOR", "connector").lower()) == (
        'connector "x": there are two. Keep one',
    )
    assert "type was changed by one side" in doubts(one, one, connector("x", "cash"), one)[0]


def test_a_large_desk_takes_bounded_time() -> None:
    base = "".join(connector(f"c{n}") for n in range(1_000))
    start = time.process_time()
    merged = merge(base, base + connector("x"), connector("y") + base)
    assert merged is not None
    assert len(tomllib.loads(merged.text)["connector"]) == 1_002
    assert time.process_time() - start < 10


# Desks as values, so that what a merge must give can be told without merging texts.

NAMES = st.sampled_from(["a", "b", "c", "main-equities", "x.y"])
VALUES = st.sampled_from(["1", "1.0", "true", '"on"', "[1, 2]", '{ env = "E_KEY" }', '"""\n[x]\n"""'])
KEYS = st.sampled_from(["enabled", "account", "sandbox", "base_url"])
COMMENT = st.sampled_from(["", "", "# a note\n", "# [[connector]]\n# name = 'old'\n"])
BLOCK = st.tuples(
    COMMENT, st.dictionaries(KEYS, VALUES, max_size=3), st.dictionaries(KEYS, VALUES, max_size=2)
)
Desk = dict[str, tuple[str, dict[str, str], dict[str, str]]]
DESKS: st.SearchStrategy[Desk] = st.dictionaries(NAMES, BLOCK, max_size=4)


def written(desk: Desk) -> str:
    text = HEAD
    for name, (comment, keys, auth) in desk.items():
        text += f'\n{comment}[[connector]]\nname = "{name}"\ntype = "cash"\n'
        text += "".join(f"{key} = {value}  # {key}\n" for key, value in keys.items())
        if auth:
            text += "\n  [connector.auth]\n" + "".join(f"  {key} = {value}\n" for key, value in auth.items())
    return text


def by_name(text: str) -> dict[str, Any]:
    rows = tomllib.loads(text).get("connector", [])
    assert len({row["name"] for row in rows}) == len(rows)
    return {row["name"]: repr(sorted(row.items())) for row in rows}


@settings(max_examples=150, deadline=None)
@given(DESKS, DESKS)
def test_a_side_that_did_nothing_leaves_the_other_one_to_the_byte(base: Desk, other: Desk) -> None:
    b, x = written(base), written(other)
    assert merge(b, b, x) == merge(b, x, b) == merge(b, x, x) == Merged(x)


@settings(max_examples=200, deadline=None)
@given(DESKS, DESKS, DESKS)
def test_merge_is_what_both_sides_mean_or_a_conflict(base: Desk, ours: Desk, theirs: Desk) -> None:
    b, o, t = written(base), written(ours), written(theirs)
    merged = merge(b, o, t)
    if merged is None:  # both moved blocks, each in its own way
        return
    assert all(value in b + o + t for value in re.findall(r"= (.+)$", resolved(merged.text, 1), re.MULTILINE))
    if merged.conflicts:
        with pytest.raises(tomllib.TOMLDecodeError):
            tomllib.loads(merged.text)
        tomllib.loads(resolved(merged.text, 0))
        tomllib.loads(resolved(merged.text, 1))
        return
    base_, ours_, theirs_, result = by_name(b), by_name(o), by_name(t), by_name(merged.text)
    for name in base_ | ours_ | theirs_:
        was, our, their = base_.get(name), ours_.get(name), theirs_.get(name)
        if their in (our, was):
            assert result.get(name) == our
        elif our == was:
            assert result.get(name) == their


@settings(max_examples=150, deadline=None)
@given(DESKS, st.data())
def test_disjoint_edits_merge_clean_and_the_same_in_either_order(base: Desk, data: st.DataObject) -> None:
    mine = data.draw(st.sets(NAMES))
    ours, theirs = dict(base), dict(base)
    for name in ("a", "b", "c", "main-equities", "x.y"):
        desk = ours if name in mine else theirs
        block = data.draw(st.none() | BLOCK)
        if block is not None:
            desk[name] = block
        elif data.draw(st.booleans()):
            desk.pop(name, None)
    b, o, t = written(base), written(ours), written(theirs)
    one, other = merge(b, o, t), merge(b, t, o)
    assert one is not None
    assert other is not None
    assert not one.conflicts
    assert not other.conflicts
    expected = {name: (ours if name in mine else theirs).get(name) for name in [*ours, *theirs]}
    assert by_name(one.text) == by_name(other.text)
    assert by_name(one.text) == by_name(written({n: block for n, block in expected.items() if block}))


@settings(max_examples=100, deadline=None)
@given(DESKS)
def test_pieces_are_the_text_again(desk: Desk) -> None:
    text = written(desk)
    document = split(text)
    assume(document is not None)
    assert document is not None
    assert "".join(piece.gap + piece.text for piece in document.blocks) == text
