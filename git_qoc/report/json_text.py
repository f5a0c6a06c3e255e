"""The document → JSON text with full precision: money keeps every digit it has as a JSON number."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from git_qoc.money import plain
from git_qoc.report.document import document
from git_qoc.report.values import Json
from git_qoc.retrospective.result import Retrospective


def to_json(retro: Retrospective) -> str:
    """The report as JSON, two spaces of indent, ending in a newline; the same bytes every time."""
    return json_text(document(retro))


def json_text(value: Json) -> str:
    """As `to_json`, of any values; raises ValueError for a number that is not finite."""
    return _text(value, "\n") + "\n"


def _text(value: Json, line: str) -> str:
    """JSON with Decimal as a plain number, which the standard library's encoder cannot write."""
    scalar = _SCALARS.get(type(value))
    if scalar is not None:
        return scalar(value)
    inside = line + "  "
    if isinstance(value, Mapping):
        inner = [f"{_string(key)}: {_text(item, inside)}" for key, item in value.items()]
        return _enclosed("{", inner, "}", line)
    if isinstance(value, list):
        return _enclosed("[", _table(value) or [_text(item, inside) for item in value], "]", line)
    return json.dumps(value, ensure_ascii=False)


def _table(rows: Sequence[Json]) -> list[str] | None:
    """Rows of the same keys and plain values, each on a line of its own; None for other lists."""
    tables = [row for row in rows if isinstance(row, dict)]
    if not rows or len(tables) < len(rows):
        return None
    keys = tuple(tables[0])
    if any(tuple(row) != keys for row in tables):
        return None
    columns = [_column([row[key] for row in tables]) for key in keys]
    known = [column for column in columns if column is not None]
    if len(known) < len(keys):
        return None
    form = "{" + ", ".join(f"{_string(key).replace('%', '%%')}: %s" for key in keys) + "}"
    return [form % cells for cells in zip(*known, strict=True)]


def _column(values: Sequence[Json]) -> list[str] | None:
    """The texts of one key's values; None where one is neither plain nor a list of names."""
    kinds = set(map(type, values))
    if not kinds <= _CELLS.keys():
        return None
    if len(kinds) == 1:
        return list(map(_CELLS[kinds.pop()], values))
    return [_CELLS[type(value)](value) for value in values]


def _names(values: Sequence[Json]) -> str:
    return "[" + ", ".join([json.dumps(value, ensure_ascii=False) for value in values]) + "]"


def _number(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError("a figure is not finite")
    return repr(value)


_string = json.encoder.encode_basestring
_SCALARS: Mapping[type, Callable[[Any], str]] = {
    str: _string,
    float: _number,
    int: repr,
    bool: lambda value: "true" if value else "false",
    type(None): lambda _: "null",
    Decimal: plain,
}
"""What a report is full of; `json.dumps` makes an encoder for each, which costs three times as much."""
_CELLS: Mapping[type, Callable[[Any], str]] = {**_SCALARS, list: _names}


def _enclosed(head: str, items: Sequence[str], tail: str, line: str) -> str:
    if not items:
        return head + tail
    return head + line + "  " + f",{line}  ".join(items) + line + tail
