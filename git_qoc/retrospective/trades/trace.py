"""What a snapshot file says of trading, short enough to be kept for each of thousands.

Round trips follow from fills and quantities. Most snapshots of a record tell no fill and hold
what the one before them held: a hash says so, and they need not be read. One that tells fills
is kept as a sketch, which `seen.of_sketch` reads, unless that would be long.

Looked for in the text, in the layout that `git_qoc.snapshots.toml` writes: parsing every row of
thousands of snapshots would take longer than the whole report. A text in another layout has the
trace `UNKNOWN`, and is parsed.
"""

from __future__ import annotations

import hashlib
import json
import re

TRADED, TOLD = "x", "t"
"""It tells fills, or gains that fills have made; and it says all fills of an account, or that it had none."""
UNKNOWN = TRADED + TOLD + "::"
LONGEST = 4096
_QUIET = r'"[^"\\\x00-\x1f\x7f]*"'
_AMOUNT = r"-?[0-9_]{1,24}(?:\.[0-9]{1,36})?"
"""Never more digits than `money.to_decimal` takes."""
_TEXT = f'"({_QUIET[1:-1]})"'
_NUMBER = f"({_AMOUNT})"
_TABLE = re.compile(r"\[\[(?:(account|cash|flow|realized|position|fill)\]\]\n)?")
_HELD = re.compile(
    r"\n\[\[position\]\]\n"
    rf"(connector  = {_QUIET}\nsymbol     = {_QUIET}\nquantity   = {_AMOUNT}\n(?:avg_cost   = {_AMOUNT}\n)?)"
)
_POSITION = re.compile(
    rf"\n\[\[position\]\]\nconnector  = {_TEXT}\nsymbol     = {_TEXT}\nquantity   = {_NUMBER}\n"
    rf"(?:avg_cost   = {_NUMBER}\n)?(?:mark       = [^\n]*\n)?(?:pnl_open   = [^\n]*\n)?"
    rf"(?:multiplier = [^\n]*\n)?(?:currency   = {_TEXT}\n)?"
)
_REALIZED = re.compile(rf"\n\[\[realized\]\]\nconnector  = {_TEXT}\nsymbol     = {_TEXT}\n")
_FILL = re.compile(
    rf"\n\[\[fill\]\]\nconnector  = {_TEXT}\nsymbol     = {_TEXT}\nside       = \"(buy|sell)\"\n"
    rf"quantity   = {_NUMBER}\nprice      = {_NUMBER}\ntime       = {_TEXT}\n"
    rf"(?:fee_usd    = {_NUMBER}\n)?(?:fee        = {_NUMBER}\n)?(?:fee_currency = {_TEXT}\n)?"
    rf"(?:fill_id    = {_TEXT}\n)?(?:order_id   = {_TEXT}\n)?(?:multiplier = {_NUMBER}\n)?"
    rf"(?:currency   = {_TEXT}\n)?(?:inverse    = (true)\n)?(?=\n|\Z)"
)
_TIMES = re.compile(rf"\nas_of          = {_TEXT}\n(?:since          = {_TEXT}\n)?")


def trace(text: str) -> str:
    """Flags; a hash of what is held, at what cost, and of the accounts that tell their fills; a sketch."""
    tables = _TABLE.findall(text)
    held = _HELD.findall(text)
    if "" in tables or len(held) != tables.count("position"):
        return UNKNOWN
    rows = text.split("\n[[account]]\n")[1:]
    if rows:
        rows[-1] = rows[-1].partition("\n\n")[0] + "\n"
    told = False
    for row in rows:
        tells = "\nrealized_pnl " in row and "\nsince " in row
        told = told or tells
        held.append(row[: row.find("\n")] + ("+" if tells else "-"))
    digest = hashlib.blake2b("".join(held).encode(), digest_size=8).hexdigest()
    if "fill" not in tables and "realized" not in tables:
        return f"{TOLD if told else ''}:{digest}:"
    return f"{TRADED}{TOLD}:{digest}:{_sketch(text, tables, rows)}"


def has_traded(mark: str) -> bool:
    return mark.startswith(TRADED)


def tells_fills(mark: str) -> bool:
    return TOLD in mark.partition(":")[0]


def state(mark: str) -> str:
    """Equal for two snapshots that hold the same; "" for one whose holdings are not known."""
    return mark.split(":", 2)[1]


def sketch(mark: str) -> str:
    """As JSON; "" where the snapshot itself must be read."""
    return mark.split(":", 2)[2]


def _sketch(text: str, tables: list[str], rows: list[str]) -> str:
    """As JSON; numbers and times as they are written."""
    fills, gains, held = (pattern.findall(text) for pattern in (_FILL, _REALIZED, _POSITION))
    accounts = [_account(row) for row in rows]
    if len(fills) != tables.count("fill") or len(gains) != tables.count("realized") or not all(accounts):
        return ""
    found = json.dumps([accounts, held, gains, fills], ensure_ascii=False, separators=(",", ":"))
    return found if len(found) <= LONGEST else ""


def _account(row: str) -> tuple[str, ...]:
    """Connector, `as_of`, `since`; whether it realized a known amount, and says its open P&L: "" for no."""
    name, times = re.match(rf"connector      = {_TEXT}\n", row), _TIMES.search(row)
    if name is None or times is None:
        return ()
    said = ("y" if f"\n{key} " in row else "" for key in ("realized_pnl", "unrealized_pnl"))
    return (name[1], *times.groups(""), *said)
