"""What a snapshot's rows say that the report needs of every one: exposure, gains by symbol, silence.

Kept as a piece of the digest's line, made from the file's text alone. The layout of
`git_qoc.snapshots.toml.dumps` is read with one pattern; any other text is parsed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from git_qoc.money import ZERO, market_value, total

if TYPE_CHECKING:
    from git_qoc.snapshots.snapshot import AccountRow, PositionRow, Snapshot

UNKNOWN = "?"
_BETWEEN = ";"
_NUMBER = r"(-?[0-9_.]+)\n"
_POSITION = re.compile(
    r'\n\[\[position\]\]\nconnector  = "[^"\\\n]*"\nsymbol     = "[^"\\\n]*"\n'
    rf"quantity   = {_NUMBER}(?:avg_cost   = \S+\n)?(?:mark       = {_NUMBER})?(?:pnl_open   = \S+\n)?"
    rf'(?:multiplier = {_NUMBER})?(?:currency   = "([A-Z]+)"\n)?(?:fx_usd     = {_NUMBER})?'
    r'(?:mark_time  = "\S+"\n)?(?:margined   = true\n)?(?:inverse    = (true)\n)?'
    r"(?:settle_price = \S+\n)?(?=\n\[\[|\Z)"
)
_ACCOUNT = re.compile(r'\n\[\[account\]\]\nconnector      = "([^"\\\n]*)"\n((?:[a-z_]+ += \S.*\n)*)')
_REALIZED = re.compile(
    r'\n\[\[realized\]\]\nconnector  = "([^"\\\n]*)"\nsymbol     = "([^"\\\n]*)"\n'
    rf"pnl_usd    = {_NUMBER}"
)
_EACH = ("\nrealized_pnl   = ", "\nnet_flow_usd   = ", "\nsince          = ")
"""What every account row of a venue that tells everything has, and `[meta]` besides."""
MULTIPLIER, CURRENCY, FX, INVERSE = 0, 1, 2, 3

Exposure = tuple[Decimal | None, Decimal | None]
Gain = tuple[str, str, Decimal]
"""Connector, symbol, USD realized."""


class Said(NamedTuple):
    """What the rows say; as in `Holdings`."""

    gains: list[Gain]
    untold: set[str]
    silent: set[str]


class Holdings(NamedTuple):
    """`long_usd` ≥ 0 and `short_usd` ≤ 0: the positions' USD values (of futures the notional, of
    options the premium), None where one has no mark or rate, or the positions are not told.

    `gains` are since the connector's row before. `untold` are connectors of which no gain by
    symbol is known, `silent` those whose flows are not.
    """

    long_usd: Decimal | None
    short_usd: Decimal | None
    gains: tuple[Gain, ...] = ()
    untold: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()


def line_of(text: str, connectors: Sequence[str]) -> str:
    """Of a snapshot's text whose `[meta]` names these connectors; raises SnapshotError as `loads`."""
    found = _plain_exposure(text)
    if found is None:
        from git_qoc.snapshots.parse import loads  # costs 8 ms, which most runs need not spend

        return line_from(loads(text))
    accounts = text.count("\n[[account]]\n")
    quiet = accounts == len(connectors) > 0 and "\n[[realized]]" not in text
    if quiet and all(text.count(key) == accounts + 1 for key in _EACH):
        return _line(found, Said([], set(), set()))
    said = _plain_rows(text, connectors)
    if said is None:
        from git_qoc.snapshots.parse import loads_accounts

        said = _rows_say(loads_accounts(text), connectors)
    return _line(found, said)


def nothing(connectors: Sequence[str]) -> str:
    """The line of a snapshot whose rows cannot be read."""
    return _line((None, None), Said([], set(connectors), set(connectors)))


def line_from(snapshot: Snapshot) -> str:
    """As `line_of`, of a snapshot that was read already."""
    return _line(_exposure(snapshot), _rows_say(snapshot, snapshot.connectors))


def restated(line: str, snapshot: Snapshot) -> str:
    """The line with what the snapshot's rows now say since the row before; its exposure stays."""
    held = parsed(line)
    return _line((held.long_usd, held.short_usd), _rows_say(snapshot, snapshot.connectors))


def parsed(line: str) -> Holdings:
    """The holdings of a line."""
    long, short, rest = line.split(_BETWEEN, 2)
    exposure: Exposure = (None, None) if long == UNKNOWN else (Decimal(long), Decimal(short))
    if not rest:
        return Holdings(*exposure)
    gains, untold, silent = json.loads(rest)
    made = tuple((connector, symbol, Decimal(usd)) for connector, symbol, usd in gains)
    return Holdings(*exposure, made, frozenset(untold), frozenset(silent))


def tells_rows(line: str) -> bool:
    """Whether the line has gains or names of who tells none, and not the exposure alone."""
    return not line.endswith(_BETWEEN)


def _line(exposure: Exposure, said: Said) -> str:
    long, short = exposure
    if not any(said) and long is not None:
        return f"{long}{_BETWEEN}{short}{_BETWEEN}"
    rest = ([[c, s, str(usd)] for c, s, usd in said.gains], sorted(said.untold), sorted(said.silent))
    tail = json.dumps(rest, separators=(",", ":")) if any(rest) else ""
    if long is None or short is None:
        return f"{UNKNOWN}{_BETWEEN}{_BETWEEN}{tail}"
    return f"{long}{_BETWEEN}{short}{_BETWEEN}{tail}"


def _rows_say(snapshot: Snapshot, connectors: Sequence[str]) -> Said:
    rows = snapshot.accounts
    named = {row.connector for row in rows}
    without = set(connectors) - named
    untold = {row.connector for row in rows if row.realized_pnl is None or row.since is None}
    silent = {row.connector for row in rows if row.net_flow_usd is None}
    gains = [(row.connector, row.symbol, row.pnl_usd) for row in snapshot.realized]
    return Said(gains, untold | without, silent | without)


def _plain_rows(text: str, connectors: Sequence[str]) -> Said | None:
    """As `_rows_say`; None where the layout makes a closer look needed."""
    accounts, realized = _ACCOUNT.findall(text), _REALIZED.findall(text)
    if len(accounts) != text.count("[[account]]") or len(realized) != text.count("[[realized]]"):
        return None
    without = set(connectors).difference(name for name, _ in accounts)
    silent = {name for name, row in accounts if "net_flow_usd   = " not in row}
    untold = {
        name for name, row in accounts if "realized_pnl   = " not in row or "\nsince          = " not in row
    }
    try:
        gains = [(connector, symbol, Decimal(pnl)) for connector, symbol, pnl in realized]
    except ArithmeticError:
        return None
    return Said(gains, untold | without, silent | without)


def _plain_exposure(text: str) -> Exposure | None:
    """None where the layout, or an account without an open P&L, makes a closer look needed."""
    rows = _POSITION.findall(text)
    accounts = text.count("\n[[account]]\n")
    if len(rows) != text.count("[[position]]") or text.count("\nunrealized_pnl = ") != accounts + 1:
        return None
    long = short = ZERO
    try:
        for quantity, mark, *terms in rows:
            if not mark or (terms[CURRENCY] and not terms[FX]):
                return None, None
            factors = (Decimal(terms[MULTIPLIER] or 1), Decimal(terms[FX] or 1)) if any(terms) else ()
            price = 1 / Decimal(mark) if terms[INVERSE] else Decimal(mark)
            value = market_value(Decimal(quantity), price, *factors)
            if value > 0:
                long += value
            else:
                short += value
    except ArithmeticError:
        return None
    return long, short


def _exposure(snapshot: Snapshot) -> Exposure:
    holders = {row.connector for row in snapshot.positions}
    if any(map(_hides_positions, (row for row in snapshot.accounts if row.connector not in holders))):
        return None, None
    return _summed(map(value_usd, snapshot.positions))


def _hides_positions(row: AccountRow) -> bool:
    """An account that holds nothing has an open P&L of zero (`snapshots.books.lists_positions`)."""
    return row.unrealized_pnl is None


def value_usd(row: PositionRow) -> Decimal | None:
    """Signed: quantity × mark × multiplier × fx; an inverse contract's is in coins at its mark."""
    if row.mark is None or row.fx_usd is None or (row.inverse and not row.mark):
        return None
    price = 1 / row.mark if row.inverse else row.mark
    return market_value(row.quantity, price, row.multiplier, row.fx_usd)


def _summed(values: Iterable[Decimal | None]) -> Exposure:
    known = list(values)
    if total(known) is None:
        return None, None
    long = sum((value for value in known if value is not None and value > 0), ZERO)
    return long, sum((value for value in known if value is not None and value < 0), ZERO)
