"""The record for a person, and for scripts (`--porcelain`)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from git_qoc.cli.paint import Paint, joined
from git_qoc.errors import printable
from git_qoc.money import plain, shown
from git_qoc.snapshots.toml import timestamp_text
from git_qoc.tasks.line import Line

HEADERS = ("time", "NAV USD", "change", "return", "flows", "commit", "")
RIGHT = (1, 2, 3, 4)
DOUBTS = frozenset({"degraded", "same-time", "misnamed", "edited"})
ESCAPES = dict(zip(b'\a\b\t\n\v\f\r"\\', 'abtnvfr"\\', strict=True))


def as_table(lines: Sequence[Line], zone: ZoneInfo | None, paint: Paint) -> str:
    """A row a snapshot in the order given; times in the zone, with its offset."""
    rows = [tuple(printable(cell) for cell in _cells(line, zone)) for line in lines]
    widths = [max(map(len, column)) for column in zip(HEADERS[:-1], *(row[:-1] for row in rows), strict=True)]
    widths.append(0)  # nothing stands behind a note
    head = "  ".join(_padded(HEADERS, widths)).rstrip()
    rule = "  ".join("-" * width for width in widths).rstrip()
    body = (_painted(line, _padded(row, widths), paint) for line, row in zip(lines, rows, strict=True))
    return joined("\n", (paint("header", head), rule, *body))


def porcelain(lines: Iterable[Line], *, nul: bool, quote_high: bool) -> bytes:
    """One record a snapshot: ten fields with TABs between; see the man page.

    With `nul` records end in NUL and paths are raw. Else they end in a line feed and paths
    are quoted as git does; `quote_high` is git's core.quotePath.
    """
    records = []
    for line in lines:
        amounts = (line.nav_usd, line.cash_usd, line.realized_pnl, line.unrealized_pnl, line.net_flow_usd)
        fields = (
            timestamp_text(line.timestamp),
            *("" if amount is None else plain(amount) for amount in amounts),
            line.commit or "",
            line.blob,
            ",".join(line.flags),
        )
        path = os.fsencode(line.path)
        records.append("\t".join(fields).encode() + b"\t" + (path if nul else _quoted(path, quote_high)))
    end = b"\0" if nul else b"\n"
    return b"".join(record + end for record in records)


def _cells(line: Line, zone: ZoneInfo | None) -> tuple[str, ...]:
    return (
        _time(line.timestamp, zone),
        shown(line.nav_usd),
        _signed(line.change_usd),
        _percent(line.period_return),
        shown(line.net_flow_usd),
        (line.commit or "")[:10],
        line.note,
    )


def _time(instant: datetime, zone: ZoneInfo | None) -> str:
    if zone is None or zone.key == "UTC":
        return timestamp_text(instant)
    return instant.astimezone(zone).isoformat()


def _signed(amount: Decimal | None) -> str:
    if amount is None:
        return ""
    text = shown(amount)
    return f"+{text}" if amount > 0 else text


def _percent(fraction: float | None) -> str:
    if fraction is None:
        return ""
    return f"{fraction:+.2%}" if fraction else "0.00%"


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        cell.rjust(width) if at in RIGHT else cell.ljust(width)
        for at, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]


def _painted(line: Line, cells: list[str], paint: Paint) -> str:
    change = line.change_usd or 0
    slots = {5: "commit"}
    if change:
        slots |= dict.fromkeys((2, 3), "gain" if change > 0 else "loss")
    if DOUBTS & set(line.flags):
        slots[6] = "warning"
    count = len(cells) if line.note else len(cells) - 1
    return joined("  ", (paint(slots[at], cells[at]) if at in slots else cells[at] for at in range(count)))


def _quoted(path: bytes, quote_high: bool) -> bytes:
    """As git's `core.quotePath` says; what a terminal could obey is quoted in any case."""
    high = quote_high or not os.fsdecode(path).isprintable()
    text = "".join(_escaped(byte, high) if byte < 0x80 or high else chr(byte) for byte in path)
    if text.encode("latin-1") == path:
        return path
    return b'"' + text.encode("latin-1") + b'"'


def _escaped(byte: int, high: bool) -> str:
    if byte in ESCAPES:
        return "\\" + ESCAPES[byte]
    return f"\\{byte:03o}" if byte < 0x20 or byte == 0x7F or (high and byte >= 0x80) else chr(byte)
