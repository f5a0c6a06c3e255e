"""A CSV file of closes → a `Series`, or why it is none. Pure.

The first line names the columns: `date` and `close`, and `symbol` where one file holds several; others
are left alone. A fault is said by its line: what was found, what was expected, what to do.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import PurePosixPath

from git_qoc.money import NumberError, to_decimal
from git_qoc.retrospective.benchmark.closes import Series
from git_qoc.retrospective.metrics import Undefined

LONGEST_SHOWN = 24
NAMED = 5
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class Fault(Exception):
    """One line: `path:line: what was found, what was expected, what to do`."""


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    day: date
    price: Decimal


def parse(data: bytes, path: str, symbol: str = "") -> Series | Undefined:
    """The closes of `symbol`, or of the only one there is; undefined with its reason for a broken file."""
    try:
        columns, rows = _table(data, path)
        wanted = _wanted(rows, columns, path, symbol)
        found = [_row(cells, columns, f"{path}:{line}", line) for line, cells in wanted]
        _check_order(found, path)
    except Fault as exc:
        return Undefined(str(exc))
    label = symbol or _only(wanted, columns) or PurePosixPath(path).stem
    return Series(label, path, tuple(row.day for row in found), tuple(row.price for row in found))


Cells = list[tuple[int, list[str]]]


def _table(data: bytes, path: str) -> tuple[dict[str, int], Cells]:
    """Where each column stands, and the rows below the first one with their line numbers."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise Fault(f"{path}: byte {exc.start}: found no UTF-8. Save the file as UTF-8.") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if row]
    except csv.Error as exc:
        raise Fault(f"{path}:{reader.line_num}: found no CSV ({exc}). Correct the line.") from None
    names = [name.strip().lower() for name in rows[0][1]] if rows else []
    columns: dict[str, int] = {
        name: names.index(name) for name in ("date", "symbol", "close") if name in names
    }
    twice = next((name for name in columns if names.count(name) > 1), None)
    if twice or not {"date", "close"} <= columns.keys():
        found = f"found {twice} twice" if twice else f"found {_shown(','.join(names))}"
        raise Fault(f"{path}:1: {found}, expected the columns date,close. Name them in the first line.")
    for line, row in rows[1:]:
        if len(row) != len(names):
            raise Fault(
                f"{path}:{line}: found {len(row)} values, expected {len(names)} as in the first line. "
                "Correct the line."
            )
    return columns, rows[1:]


def _wanted(rows: Cells, columns: dict[str, int], path: str, symbol: str) -> Cells:
    if "symbol" not in columns:
        wanted = rows
    elif symbol:
        wanted = [(line, row) for line, row in rows if row[columns["symbol"]].strip() == symbol]
    else:
        symbols = list(dict.fromkeys(row[columns["symbol"]].strip() for _, row in rows))
        if len(symbols) > 1:
            some = ", ".join([*map(_shown, symbols[:NAMED]), *(["…"] if symbols[NAMED:] else [])])
            raise Fault(f"{path}: found {some}, expected one symbol. Name it: {path}:SYMBOL.")
        wanted = rows
    if not wanted:
        what = f"no close of {symbol}" if symbol else "no close"
        raise Fault(f"{path}: found {what}, expected at least one. Add them, or choose another benchmark.")
    return wanted


def _only(rows: Cells, columns: dict[str, int]) -> str:
    return rows[0][1][columns["symbol"]].strip() if "symbol" in columns else ""


def _row(cells: list[str], columns: dict[str, int], where: str, line: int) -> _Row:
    text, amount = cells[columns["date"]].strip(), cells[columns["close"]].strip()
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        day = date.fromisoformat(text)
    except ValueError:
        raise Fault(
            f"{where}: found {_shown(text)}, expected a date such as 2026-01-31. Correct the line."
        ) from None
    try:
        price = to_decimal(amount)
    except NumberError:
        price = Decimal(0)
    if price <= 0:
        raise Fault(
            f"{where}: found a close of {_shown(amount)}, expected a number above zero. "
            "Correct the line, or remove it: a day without a close is no fault."
        )
    return _Row(line, day, price)


def _check_order(rows: list[_Row], path: str) -> None:
    lines: dict[date, int] = {}
    for row in rows:
        if row.day in lines:
            raise Fault(
                f"{path}:{row.line}: found {row.day} again, expected each date once (it is in line "
                f"{lines[row.day]}). Remove one of them."
            )
        lines[row.day] = row.line
    for before, row in pairwise(rows):
        if row.day < before.day:
            raise Fault(
                f"{path}:{row.line}: found {row.day} after {before.day}, expected the oldest date first. "
                "Sort the file."
            )


def _shown(text: str) -> str:
    """What was found, unless it is long or cannot be printed: then it may be anything."""
    if not text:
        return "nothing"
    return f'"{text}"' if len(text) <= LONGEST_SHOWN and text.isprintable() else "other text"
