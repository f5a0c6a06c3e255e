"""Closed round trips → figures by trade. Pure.

The field's names and definitions (as in backtrader's TradeAnalyzer and quantstats, by trade
instead of by day): a trade is won when its P&L net of told fees is above zero, lost below, flat
at exactly zero. What has no value is `Undefined` with its reason, never 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from git_qoc.money import ZERO, total
from git_qoc.retrospective.metrics import Figure, Undefined
from git_qoc.retrospective.result import Amount
from git_qoc.retrospective.trades.values import RoundTrip

NO_TRADE = Undefined("no trade was closed")
NO_WIN = Undefined("no trade was won")
NO_LOSS = Undefined("no trade was lost")
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TradeStatistics:
    """Amounts in USD, net of the fees that were told; losses <= 0.

    `win_rate` is won / (won + lost), a fraction. `expectancy_usd` is the mean P&L of a closed
    trade, flat ones included. `profit_factor` is what was won over |what was lost|. `fees_usd` > 0
    is a cost, undefined where a fee was not told. A day held is 24 hours.
    """

    closed: int
    won: int
    lost: int
    flat: int
    win_rate: Figure
    average_win_usd: Amount
    average_loss_usd: Amount
    largest_win_usd: Amount
    largest_loss_usd: Amount
    expectancy_usd: Amount
    profit_factor: Figure
    pnl_usd: Amount
    fees_usd: Amount
    average_holding_days: Figure


def statistics(trips: Sequence[RoundTrip]) -> TradeStatistics:
    wins = [trip.pnl_usd for trip in trips if trip.pnl_usd > 0]
    losses = [trip.pnl_usd for trip in trips if trip.pnl_usd < 0]
    decided = len(wins) + len(losses)
    pnl = sum((trip.pnl_usd for trip in trips), ZERO)
    return TradeStatistics(
        closed=len(trips),
        won=len(wins),
        lost=len(losses),
        flat=len(trips) - decided,
        win_rate=len(wins) / decided if decided else Undefined("no trade was won or lost"),
        average_win_usd=sum(wins, ZERO) / len(wins) if wins else NO_WIN,
        average_loss_usd=sum(losses, ZERO) / len(losses) if losses else NO_LOSS,
        largest_win_usd=max(wins, default=NO_WIN),
        largest_loss_usd=min(losses, default=NO_LOSS),
        expectancy_usd=pnl / len(trips) if trips else NO_TRADE,
        profit_factor=float(sum(wins, ZERO) / -sum(losses, ZERO)) if losses else NO_LOSS,
        pnl_usd=pnl if trips else NO_TRADE,
        fees_usd=_fees(trips),
        average_holding_days=_holding_days(trips),
    )


def _fees(trips: Sequence[RoundTrip]) -> Amount:
    if not trips:
        return NO_TRADE
    known = total(trip.fees_usd for trip in trips)
    silent = sum(trip.fees_usd is None for trip in trips)
    return Undefined(f"the fees of {silent} of {len(trips)} trades are not told") if known is None else known


def _holding_days(trips: Sequence[RoundTrip]) -> Figure:
    if not trips:
        return NO_TRADE
    return sum((trip.holding for trip in trips), timedelta()) / len(trips) / DAY
