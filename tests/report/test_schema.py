"""Every document is as the published schema says, and the schema says something of every key."""

from __future__ import annotations

import json
from importlib import import_module
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given

from git_qoc.report.json_text import to_json
from git_qoc.retrospective.choices import Choices
from git_qoc.retrospective.point import SnapshotRecord
from tests.retrospective.builders import daily, retro
from tests.retrospective.test_contribution import TWO_VENUES
from tests.retrospective.test_properties import choices, desks

jsonschema: Any = import_module("jsonschema")
SCHEMA = json.loads(files("git_qoc.data").joinpath("retrospective.schema.json").read_text(encoding="utf-8"))
CHECK = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


def faults(document: Any) -> list[str]:
    return [f"{'/'.join(map(str, error.path))}: {error.message}" for error in CHECK.iter_errors(document)]


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "records",
    [[], daily([100]), daily([100, 110, 99]), daily([100, -5, 3]), TWO_VENUES],
    ids=["none", "one", "some", "ruined", "two venues"],
)
def test_a_document_is_as_the_schema_says_and_has_no_key_more(records: list[SnapshotRecord]) -> None:
    document = json.loads(to_json(retro(records)))
    assert faults(document) == []
    assert list(document) == list(SCHEMA["properties"])
    for key, value in document.items():
        rows = SCHEMA["properties"][key].get("items", {}).get("properties")
        for row in value if rows and value else ():
            assert row.keys() <= rows.keys()


@given(desks, choices)
def test_so_is_the_document_of_any_desk(records: list[SnapshotRecord], chosen: Choices) -> None:
    assert faults(json.loads(to_json(retro(records, chosen)))) == []


def test_the_schema_finds_what_is_amiss() -> None:
    document = json.loads(to_json(retro(daily([100, 110, 99]))))
    for key, value in (("max_drawdown", 0.1), ("win_rate", 55), ("start", "yesterday"), ("equity", [{}])):
        assert faults({**document, key: value}) != [], key
    del document["reasons"]
    assert faults(document) != []
