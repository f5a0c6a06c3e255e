"""What an HTML file says of itself, read without trust: it may be foreign, broken or made to harm."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from git_qoc.report.page.html import el
from git_qoc.report.page.reading import Row, amount
from git_qoc.report.page.shell import GENERATOR
from git_qoc.report.page.summary import FIGURES, FORMAT, LONGEST_TEXT, SPARK_POINTS, SUMMARY_ID
from git_qoc.report.values import Json

READ = 65_536
"""Bytes from a file's start in which a summary of ours ends."""
LEAST_EXPONENT, GREATEST_EXPONENT = -60, 24
"""Beyond these a number would fill the memory when it is written out."""

# As they are written here, character for character: no foreign markup is interpreted.
_MARK = el("meta", name="generator", content=GENERATOR)
_SUMMARY = re.compile(rf'<script type="application/json" id="{SUMMARY_ID}">([^<]*)</script>')
_TEXTS, _FLAGS, _DAYS = ("name", "connector", "symbol"), ("window", "live_only"), ("start", "end")


@dataclass(frozen=True, slots=True)
class Entry:
    """A report in a folder: the name of its file, and its summary with every value checked."""

    file: str
    summary: Row


def is_ours(start: str) -> bool:
    """Whether a file that begins so was made here, and may be replaced."""
    return _MARK in start


def found_summary(start: str) -> Row | None:
    """The summary in a file that begins so; None when it holds none that could be ours."""
    found = _SUMMARY.search(start)
    try:
        value: Json = json.loads(found[1], parse_float=Decimal, parse_constant=_refused) if found else None
    except (ValueError, ArithmeticError, RecursionError):
        return None
    return value if isinstance(value, Mapping) and _is_whole(value) else None


def _is_whole(value: Row) -> bool:
    return (
        value.get("format") == FORMAT
        and all(_is_text(value.get(key)) for key in _TEXTS)
        and all(isinstance(value.get(key), bool) for key in _FLAGS)
        and all(_is_day(value.get(key)) for key in _DAYS)
        and all(_is_number(value.get(key), null=True) for key in FIGURES)
        and _is_number(value.get("warnings"))
        and _is_line(value.get("spark"))
    )


def _is_text(value: Json) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT


def _is_day(value: Json) -> bool:
    try:
        return value == "" or (isinstance(value, str) and bool(date.fromisoformat(value)))
    except ValueError:
        return False


def _is_number(value: Json, *, null: bool = False) -> bool:
    if value is None:
        return null
    found = amount(value)
    return found is not None and LEAST_EXPONENT <= found.adjusted() < GREATEST_EXPONENT


def _refused(constant: str) -> Json:
    raise ValueError(f"{constant} is no number")


def _is_line(value: Json) -> bool:
    return isinstance(value, list) and len(value) <= 4 * SPARK_POINTS and all(_is_number(v) for v in value)
