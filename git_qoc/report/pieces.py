"""Pieces of markdown that render on GitHub and read well in a terminal; rounding for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from git_qoc.money import shown
from git_qoc.retrospective.metrics import Figure, Undefined

UNKNOWN = "n/a"

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "\\|", "`": "\\`", "*": "\\*"}


def percent(value: Figure, signed: bool = True) -> str:
    """`+12.34 %`; `n/a` when undefined."""
    if isinstance(value, Undefined):
        return UNKNOWN
    text = f"{value * 100:+.2f}" if signed else f"{value * 100:.2f}"
    return f"{_zero(text)} %"


def ratio(value: Figure, decimals: int = 2) -> str:
    return UNKNOWN if isinstance(value, Undefined) else _zero(f"{value:.{decimals}f}")


def usd(value: Decimal | Undefined, signed: bool = False) -> str:
    """`167,420.88 USD`; `n/a` when undefined."""
    if isinstance(value, Undefined):
        return UNKNOWN
    text = shown(value)
    gain = signed and value > 0 and text.strip("0.,")
    return f"{'+' if gain else ''}{text} USD"


def or_reason(text: str, value: object) -> str:
    """The text, with the reason behind it when the value is undefined."""
    return f"{text} ({plain_text(value.reason)})" if isinstance(value, Undefined) else text


def plain_text(text: str) -> str:
    """Text of the desk's own (names, paths, faults) that must not act as markdown or HTML."""
    escaped = "".join(_ESCAPES.get(char, char if char.isprintable() else " ") for char in text)
    return escaped.replace("](", "]\\(")


def table(headers: Sequence[str], rows: Iterable[Sequence[str]], align: str) -> list[str]:
    """A table with padded cells; `align` has one of `l` and `r` per column."""
    cells = [list(headers), *(list(row) for row in rows)]
    widths = [max(3, *(len(row[i]) for row in cells)) for i in range(len(headers))]
    lines = [_row(row, widths, align) for row in cells]
    rule = ["-" * (w - 1) + ":" if a == "r" else "-" * w for w, a in zip(widths, align, strict=True)]
    return [lines[0], "| " + " | ".join(rule) + " |", *lines[1:]]


def _row(cells: Sequence[str], widths: Sequence[int], align: str) -> str:
    padded = [
        cell.rjust(width) if side == "r" else cell.ljust(width)
        for cell, width, side in zip(cells, widths, align, strict=True)
    ]
    return "| " + " | ".join(padded) + " |"


def _zero(text: str) -> str:
    """No sign on what rounds to zero."""
    return text.lstrip("+-") if not float(text) else text
