"""What an HTML file says of itself, read without trust: it may be foreign, broken or made to harm."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser

from git_qoc.report.document import Json
from git_qoc.report.page.reading import Row
from git_qoc.report.page.shell import GENERATOR
from git_qoc.report.page.summary import FIGURES, FORMAT, LONGEST_TEXT, SPARK_POINTS, SUMMARY_ID

READ = 65_536
"""Bytes from a file's start in which a summary of ours ends."""
GREATEST = 1e24

_TEXTS, _FLAGS, _DAYS = ("name", "connector", "symbol"), ("window", "live_only"), ("start", "end")


@dataclass(frozen=True, slots=True)
class Entry:
    """A report in a folder: the name of its file, and its summary with every value checked."""

    file: str
    summary: Row


def is_ours(start: str) -> bool:
    """Whether a file that begins so was made here, and may be replaced."""
    return _parsed(start).generator == GENERATOR


def found_summary(start: str) -> Row | None:
    """The summary in a file that begins so; None when it holds none that could be ours."""
    text = _parsed(start).summary
    try:
        value: Json = json.loads(text, parse_float=Decimal) if text else None
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
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    # NaN and the infinities fail the comparison.
    return is_number and -GREATEST < value < GREATEST  # type: ignore[operator]


def _is_line(value: Json) -> bool:
    return isinstance(value, list) and len(value) <= 4 * SPARK_POINTS and all(_is_number(v) for v in value)


class _Parsed(HTMLParser):
    """Collects two things and runs none."""

    def __init__(self) -> None:
        super().__init__()
        self.generator: str | None = None
        self.summary: str | None = None
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "meta" and given.get("name") == "generator":
            self.generator = given.get("content")
        is_data = tag == "script" and given.get("type") == "application/json"
        self._inside = is_data and given.get("id") == SUMMARY_ID and self.summary is None

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.summary = (self.summary or "") + data

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the library's signature
        self._inside = False


def _parsed(start: str) -> _Parsed:
    parser = _Parsed()
    parser.feed(start)
    return parser
