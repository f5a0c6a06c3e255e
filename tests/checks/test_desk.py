"""desk.toml's schema as faults with lines; the cases are those that any schema of ours refuses."""

from __future__ import annotations

import pytest

from git_qoc.checks.desk import check, locked
from git_qoc.history.connector_types import types_in

GOOD = '[[connector]]\nname = "eq"\ntype = "equities"\nenabled = true\n'
SCHEDULE = '[[schedule]]\nname = "close"\ncron = "5 16 * * 1-5"\ntz = "America/New_York"\ntask = "snapshot"\n'

# name → (text, line of the first fault, None where either of several lines would do)
REFUSED: dict[str, tuple[str, int | None]] = {
    "unknown key": (GOOD + "enabeld = true\n", 5),
    "unknown type": ('[[connector]]\nname = "eq"\ntype = "bonds"\n', 3),
    "same name in another letter case": (GOOD + GOOD.replace('"eq"', '"EQ"'), None),
    "no name": ('[[connector]]\ntype = "equities"\n', None),
    "bad cron": (SCHEDULE.replace("5 16 * * 1-5", "61 16 * * 1-5"), 3),
    "wrong kind of value": (GOOD.replace("true", '"yes"'), 4),
    "connector is no array": ('[connector]\nname = "eq"\ntype = "equities"\n', None),
    "not TOML": (GOOD + "name = \n", 5),
}


def test_good_desk_has_no_faults() -> None:
    assert check("desk.toml", (GOOD + SCHEDULE).encode()) == []


@pytest.mark.parametrize(("text", "line"), REFUSED.values(), ids=REFUSED)
def test_bad_desk_is_refused_at_its_line(text: str, line: int | None) -> None:
    faults = check("sub/desk.toml", text.encode())
    assert faults
    assert {fault.path for fault in faults} == {"sub/desk.toml"}
    assert line is None or faults[0].line == line
    assert not any("sub/desk.toml" in fault.message for fault in faults)


def test_what_is_larger_than_any_desk_is_refused_without_being_parsed() -> None:
    data = GOOD.encode() + b"# abc\n" * 100_000
    assert [fault.message for fault in check("desk.toml", data)] == [
        "larger than 512 KiB, so no desk. Replace it"
    ]
    assert locked("desk.toml", data, {"eq": "crypto"}) == []
    assert types_in(data) == []


def test_every_fault_is_reported_in_one_run() -> None:
    text = (
        '[[connector]]\nname = "eq"\ntype = "bonds"\n\n[[connector]]\nname = "cx"\ntype = "crypto"\nx = 1\n'
    )
    assert [fault.line for fault in check("desk.toml", text.encode())] == [3, 8]


def test_bytes_that_are_not_utf8_are_a_fault() -> None:
    assert [fault.line for fault in check("desk.toml", b'a = "\xff"')] == [1]
