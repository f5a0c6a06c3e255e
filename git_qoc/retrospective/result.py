"""A retrospective as one value: what `compute` found, before anything is rounded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from git_qoc.retrospective.benchmark.compare import Benchmark
from git_qoc.retrospective.calendar import Segment
from git_qoc.retrospective.choices import Choices
from git_qoc.retrospective.contribution import Contribution
from git_qoc.retrospective.curve import CurvePoint
from git_qoc.retrospective.days import Day
from git_qoc.retrospective.drawdowns import Drawdown
from git_qoc.retrospective.findings import Finding
from git_qoc.retrospective.link_books import LinkFlow
from git_qoc.retrospective.metrics import Figure, Tally, Undefined
from git_qoc.retrospective.rolling import Rolling
from git_qoc.retrospective.trades.values import Trades

Amount = Decimal | Undefined
"""USD, exact."""


@dataclass(frozen=True, slots=True)
class ProfitAndLoss:
    """NAV and P&L in USD over the whole period, exact: pnl = ΔNAV − flows = realized + change + other.

    `unrealized_change` leaves out what an added connector brought along. `other` is what
    neither explains: fees, interest, dividends, and flows too small to be implied.
    """

    nav_start_usd: Amount
    nav_end_usd: Amount
    net_flow_usd: Amount
    pnl_usd: Amount
    realized_pnl_usd: Amount
    unrealized_change_usd: Amount
    other_pnl_usd: Amount


@dataclass(frozen=True, slots=True)
class Retrospective:
    """Everything a report prints.

    `start` and `end` are the days of the first and last complete snapshot, None when there
    is none; `n_snapshots` counts all usable files of the window, `n_complete` those that were
    linked, `n_points` the days with one. `figures` are by JSON key, fractions. `drawdowns`
    are in order of time; `intraday` is the deepest over every complete snapshot, None with at
    most one a day. `curve` is the index with its capital first; `partial_days` have no valuation,
    with who was missing. `realized` counts snapshots by the sign of their realized P&L; `trades` are
    the round trips whose fills are told. `warnings` are what a reader must see beside the headline.
    `previous` is the period of equal length before this one, where that was asked for.
    """

    choices: Choices
    start: date | None
    end: date | None
    n_snapshots: int
    n_complete: int
    n_points: int
    periods_per_year: Figure
    periods_basis: str
    figures: Mapping[str, Figure]
    tally: Tally
    realized: Tally
    days: tuple[Day, ...]
    segments: tuple[Segment, ...]
    drawdowns: tuple[Drawdown[date], ...]
    intraday: Drawdown[datetime] | None
    flows: tuple[LinkFlow, ...]
    pnl: ProfitAndLoss
    curve: tuple[CurvePoint, ...]
    partial_days: tuple[tuple[date, frozenset[str]], ...]
    rolling: tuple[Rolling, ...] | Undefined
    contribution: tuple[Contribution, ...] | Undefined
    trades: Trades | Undefined
    benchmark: Benchmark | Undefined
    findings: tuple[Finding, ...]
    warnings: tuple[str, ...]
    previous: Retrospective | None = None

    @property
    def returns(self) -> tuple[Day, ...]:
        """The days with a return, oldest first."""
        return tuple(entry for entry in self.days if entry.value is not None)

    @property
    def best(self) -> Day | None:
        """The day of the greatest return, the first of equals; None without returns."""
        return max(self.returns, key=lambda entry: entry.value or 0.0, default=None)

    @property
    def worst(self) -> Day | None:
        """The day of the least return, the first of equals; None without returns."""
        return min(self.returns, key=lambda entry: entry.value or 0.0, default=None)

    @property
    def deepest(self) -> tuple[Drawdown[date], ...]:
        """The five deepest drawdowns, deepest first, the earlier of equals first."""
        return tuple(sorted(self.drawdowns, key=lambda d: (d.depth, d.peak))[:5])

    @property
    def current(self) -> Drawdown[date] | None:
        """The drawdown the period ends in, None at a peak."""
        last = self.drawdowns[-1] if self.drawdowns else None
        open_at_end = last is not None and last.recovery is None and last.last == self.segments[-1].end
        return last if open_at_end else None

    @property
    def maximum(self) -> Drawdown[date] | None:
        """The drawdown behind `max_drawdown`; None where that is 0 or undefined."""
        depth = self.figures["max_drawdown"]
        return None if isinstance(depth, Undefined) or not self.drawdowns else self.deepest[0]
