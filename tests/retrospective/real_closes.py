"""Desks on real closes (git_qoc/data/closes.csv), and the same returns by pandas alone.

Each symbol becomes a desk that holds 1,000 units of it and snapshots them once a day, so that
its returns are the closes' own; `mixed` holds several and cash, and `weekdays` is bitcoin with
its 365 closes laid on weekdays: a year and a half in which 252 periods are not a calendar year.
The libraries are fed from the closes, never from us.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import git_qoc
from git_qoc.retrospective.choices import Choices
from git_qoc.retrospective.point import SnapshotRecord
from git_qoc.retrospective.result import Retrospective
from git_qoc.snapshots.snapshot import AccountRow, PositionRow, Snapshot
from git_qoc.snapshots.toml import dumps, file_name
from tests.retrospective.builders import UTC_CHOICES, retro

with warnings.catch_warnings():
    # Their imports of scientific packages may warn; what they compute may not.
    warnings.simplefilter("ignore")
    empyrical: Any = import_module("empyrical")
    ffn: Any = import_module("ffn.core")
    qs: Any = import_module("quantstats.stats")
    pd: Any = import_module("pandas")

Frame = Any  # a pandas.DataFrame; pandas has no types
Series = Any  # a pandas.Series
CLOSES = Path(git_qoc.__file__).parent / "data" / "closes.csv"
STOCKS = ("AAPL", "JPM", "KO")
SYMBOLS = (*STOCKS, "SPX", "BTC-USD")
DESKS = (*SYMBOLS, "mixed", "weekdays")
MIXED = {"AAPL": 400, "JPM": 150, "KO": 200, "BTC-USD": 12}
RISK_FREE = 0.02
EXACT = 1e-9


@dataclass(frozen=True, slots=True)
class Given:
    """What a library is given: the NAVs, their returns and how many make a year."""

    prices: Series
    returns: Series
    periods: int

    @property
    def n(self) -> int:
        return len(self.returns)

    @property
    def days(self) -> int:
        return int((self.prices.index[-1] - self.prices.index[0]).days)

    @property
    def rate(self) -> float:
        """The risk-free rate of a period."""
        return float((1 + RISK_FREE) ** (1 / self.periods) - 1)


@cache
def closes() -> Frame:
    """Closes by date and symbol; no close is NaN."""
    table = pd.read_csv(CLOSES, parse_dates=["date"])
    return table.pivot_table(index="date", columns="symbol", values="close")


def marks(symbol: str) -> Series:
    """One symbol's closes, oldest first."""
    series = closes()["BTC-USD" if symbol == "weekdays" else symbol].dropna()
    if symbol == "weekdays":
        series.index = pd.bdate_range(series.index[0], periods=len(series))
    return series


@cache
def given(symbol: str) -> Given:
    if symbol == "mixed":
        table = closes()[list(MIXED)].ffill().dropna()
        prices = sum(table[name] * quantity for name, quantity in MIXED.items()) + 5_000.0
    else:
        prices = marks(symbol) * 1000
    return Given(prices, prices.pct_change().dropna(), 365 if symbol in ("BTC-USD", "mixed") else 252)


def snapshot_of(day: Any, holdings: dict[str, tuple[int, str]], cash: str) -> SnapshotRecord:
    when = datetime.combine(day.date(), time(21), UTC)
    rows = tuple(
        PositionRow("main", name, Decimal(quantity), mark=Decimal(mark))
        for name, (quantity, mark) in holdings.items()
    )
    nav = sum((row.quantity * (row.mark or 0) for row in rows), Decimal(cash))
    account = AccountRow("main", "equities", "paper", nav, when, Decimal(cash))
    text = dumps(
        Snapshot(when, nav, Decimal(cash), None, None, ("main",), 1, Decimal(0), accounts=(account,),
                 positions=rows)
    )  # fmt: skip
    return SnapshotRecord("snapshots/" + file_name(when), text, enabled=frozenset({"main"}))


@cache
def records(symbol: str) -> tuple[SnapshotRecord, ...]:
    if symbol == "mixed":
        table = closes()[list(MIXED)].ffill().dropna()
        return tuple(
            snapshot_of(day, {n: (q, repr(float(table.loc[day, n]))) for n, q in MIXED.items()}, "5000")
            for day in table.index
        )
    return tuple(
        snapshot_of(day, {symbol: (1000, repr(float(mark)))}, "0") for day, mark in marks(symbol).items()
    )


@cache
def ours(symbol: str) -> Retrospective:
    return retro(records(symbol), Choices(UTC_CHOICES.zone, risk_free=RISK_FREE))


def values(result: Retrospective) -> list[float]:
    """The daily returns that are defined, oldest first."""
    return [entry.value for entry in result.days if entry.value is not None]
