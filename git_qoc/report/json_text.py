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
        return _enclosed("[", [_text(item, inside) for item in value], "]", line)
    return json.dumps(value, ensure_ascii=False)


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


def _enclosed(head: str, items: Sequence[str], tail: str, line: str) -> str:
    if not items:
        return head + tail
    return head + line + "  " + f",{line}  ".join(items) + line + tail
