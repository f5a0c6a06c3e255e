"""The tables of a snapshot file in our own layout, read without a TOML parser.

`git_qoc.snapshots.toml` writes one value a line in a handful of forms; a file in exactly these
is read ten times faster than a TOML parser does, and without importing one. For anything else
the answer is None, and a parser must be asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from decimal import Decimal

Number: TypeAlias = "Callable[[str], Decimal | str]"
Tables: TypeAlias = "dict[str, dict[str, object] | list[dict[str, object]]]"

TEXT = r'"[^"\\\x00-\x1f\x7f]*"'
_LINE = re.compile(
    r"([a-z_]+) *= (?:"
    rf"({TEXT})|(-?(?:0|[1-9][0-9]{{0,2}}(?:_[0-9]{{3}})*)(\.[0-9]+)?)|(true|false)"
    rf"|(\[(?:{TEXT}(?:, {TEXT})*)?\])"
    r")\n|\[\[([a-z_]+)\]\]\n|\n"
)
_META = "[meta]\n"


def tables(text: str, number: Number) -> Tables | None:
    """What a TOML parser would give, None for a text in any other layout.

    `number` turns the digits of a value with a decimal point (without `_`) into a number;
    values without one are ints.
    """
    if not text.startswith(_META):
        return None
    table: dict[str, object] = {}
    result: Tables = {"meta": table}
    at, match = len(_META), _LINE.match
    while at < len(text):
        found = match(text, at)
        if found is None:
            return None
        at = found.end()
        key, string, digits, fraction, flag, names, header = found.groups()
        if key is not None:
            if key in table:
                return None
            table[key] = _value(string, digits, fraction, flag, names, number)
        elif header is not None:
            rows = result.setdefault(header, [])
            if not isinstance(rows, list):
                return None
            table = {}
            rows.append(table)
    return result


def _value(
    string: str | None,
    digits: str | None,
    fraction: str | None,
    flag: str | None,
    names: str | None,
    number: Number,
) -> object:
    if string is not None:
        return string[1:-1]
    if digits is not None:
        plain = digits.replace("_", "")
        return number(plain) if fraction else int(plain)
    if flag is not None:
        return flag == "true"
    assert names is not None  # noqa: S101 - the only form that is left
    return names[2:-2].split('", "') if len(names) > 2 else []
