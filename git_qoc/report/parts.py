"""Contribution, rolling figures and exposure in the markdown report: one function each, lines out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from git_qoc.money import ZERO, shown
from git_qoc.report.pieces import UNKNOWN, percent, plain_text, ratio, table, usd
from git_qoc.retrospective.contribution import Contribution
from git_qoc.retrospective.curve import CurvePoint
from git_qoc.retrospective.metrics import Undefined
from git_qoc.retrospective.result import Retrospective
from git_qoc.retrospective.rolling import WINDOW

LISTED = 20
REST = "of no symbol"
UNATTRIBUTED = "unattributed"


def contribution(retro: Retrospective) -> Iterable[str]:
    """P&L by connector, then by symbol from the largest on; each column sums to the P&L."""
    found = retro.contribution
    if isinstance(found, Undefined):
        return [f"n/a ({plain_text(found.reason)})"]
    whole = sum((row.pnl_usd for row in found), ZERO)
    by_connector = [(name, usd(pnl, signed=True)) for name, pnl in _by_connector(found).items()]
    rows = sorted(filter(_shows, found), key=lambda row: (row.connector is None, -abs(row.pnl_usd)))
    cells = [_cells(row) for row in rows[:LISTED]]
    if len(rows) > LISTED:
        rest = sum((row.pnl_usd for row in rows[LISTED:]), ZERO)
        cells.append((f"{len(rows) - LISTED} more, in the JSON", "", "", "", usd(rest, signed=True)))
    cells.append(("**Sum**", "", "", "", usd(whole, signed=True)))
    return [
        *table(("Connector", "P&L"), [*by_connector, ("**Sum**", usd(whole, signed=True))], "lr"),
        "",
        *table(("Symbol", "Connector", "Realised", "Unrealised change", "P&L"), cells, "llrrr"),
    ]


def _shows(row: Contribution) -> bool:
    """An account's rest of no cent is left out: of a quotient of an average cost something always stays."""
    return row.symbol is not None or bool(shown(row.pnl_usd).strip("-0.,"))


def _by_connector(rows: Sequence[Contribution]) -> Mapping[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for row in rows:
        name = UNATTRIBUTED if row.connector is None else plain_text(row.connector)
        sums[name] = sums.get(name, ZERO) + row.pnl_usd
    return sums


def _cells(row: Contribution) -> tuple[str, str, str, str, str]:
    symbol = UNATTRIBUTED if row.connector is None else REST if row.symbol is None else plain_text(row.symbol)
    parts = (
        "" if part is None else usd(part, signed=True) for part in (row.realized_usd, row.unrealized_usd)
    )
    realized, change = parts
    return symbol, plain_text(row.connector or ""), realized, change, usd(row.pnl_usd, signed=True)


def rolling(retro: Retrospective) -> Iterable[str]:
    """Where the windows stand now, and between which values they were."""
    found = retro.rolling
    if isinstance(found, Undefined):
        return [f"n/a ({found.reason})"]
    rows = []
    for label, key, text in (("Volatility", "volatility", _size), ("Sharpe ratio", "sharpe_ratio", ratio)):
        known = [(value, entry.day) for entry in found if (value := getattr(entry, key)) is not None]
        if not known:
            rows.append((label, UNKNOWN, UNKNOWN, UNKNOWN))
            continue
        low, high, (now, day) = min(known), max(known), known[-1]
        rows.append(
            (label, f"{text(now)} ({day})", f"{text(low[0])} ({low[1]})", f"{text(high[0])} ({high[1]})")
        )
    return table((f"{WINDOW} returns", "Last", "Lowest", "Highest"), rows, "llll")


def exposure(retro: Retrospective) -> Iterable[str]:
    """What was held, long and short, as a part of NAV: at the end, and at its most."""
    if not retro.curve:
        return ["No complete snapshot."]
    last = retro.curve[-1]
    held = last.point.holdings
    rows = [("Long", usd_or_unknown(held.long_usd)), ("Short", usd_or_unknown(held.short_usd))]
    rows.append(("Cash", usd_or_unknown(last.point.cash_usd)))
    gross = [(value, entry.day) for entry in retro.curve if (value := _gross(entry)) is not None]
    if gross:
        most, day = max(gross, key=lambda pair: pair[0])
        average = sum(value for value, _ in gross) / len(gross)
        rows.append(("Gross exposure, mean", f"{ratio(average)} × NAV"))
        rows.append(("Gross exposure, highest", f"{ratio(most)} × NAV ({day})"))
    if len(gross) < len(retro.curve):
        rows.append(("Days on which it is not known", str(len(retro.curve) - len(gross))))
    return table(("Figure", f"{last.day}"), rows, "ll")


def usd_or_unknown(value: Decimal | None) -> str:
    return UNKNOWN if value is None else usd(value)


def _gross(entry: CurvePoint) -> float | None:
    """(long + |short|) / NAV; None where a part is not known, an account is carried, or NAV ≤ 0."""
    held, point = entry.point.holdings, entry.point
    if held.long_usd is None or held.short_usd is None or point.carried or point.nav_usd <= 0:
        return None
    return float((held.long_usd - held.short_usd) / point.nav_usd)


def _size(value: float) -> str:
    return percent(value, signed=False)
