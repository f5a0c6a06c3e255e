"""Figures by trade, worked by hand."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal

from git_qoc.retrospective.metrics import Undefined
from git_qoc.retrospective.trades.statistics import statistics
from git_qoc.retrospective.trades.values import RoundTrip
from tests.retrospective.builders import at


def trip(gain: str, fee: str | None = "0", last: str = "03-03 10:00") -> RoundTrip:
    ten, fees = Decimal(10), None if fee is None else Decimal(fee)
    return RoundTrip(
        "eq", "A", "long", at("03-02 10:00"), at(last), ten, ten, ten, Decimal(gain), fees or Decimal(0), fees
    )


def test_every_figure_of_a_worked_example() -> None:
    # Net of fees: 10, 30, −5, −15 and 0; 40 won, 20 lost, 20 in all; held 1, 1, 1, 1 and 3 days.
    found = statistics(
        [trip("11", "1"), trip("30"), trip("-5"), trip("-14", "1"), trip("2", "2", "03-05 10:00")]
    )
    assert (found.closed, found.won, found.lost, found.flat) == (5, 2, 2, 1)
    assert found.win_rate == 0.5
    assert [found.average_win_usd, found.average_loss_usd] == [Decimal(20), Decimal(-10)]
    assert [found.largest_win_usd, found.largest_loss_usd] == [Decimal(30), Decimal(-15)]
    assert [found.pnl_usd, found.expectancy_usd, found.fees_usd] == [Decimal(20), Decimal(4), Decimal(4)]
    assert (found.profit_factor, found.average_holding_days) == (2.0, 1.4)


def test_without_trades_every_figure_but_the_counts_is_undefined() -> None:
    found = statistics([])
    undefined = [f.name for f in fields(found) if isinstance(getattr(found, f.name), Undefined)]
    assert undefined == [f.name for f in fields(found)][4:]


def test_nothing_lost_has_no_profit_factor_and_a_fee_not_told_no_sum() -> None:
    found = statistics([trip("1"), trip("2", None)])
    assert found.profit_factor == Undefined("no trade was lost")
    assert found.average_loss_usd == Undefined("no trade was lost")
    assert found.fees_usd == Undefined("the fees of 1 of 2 trades are not told")
    assert found.win_rate == 1.0


def test_trades_that_gain_exactly_their_fees_decide_nothing() -> None:
    assert statistics([trip("1", "1")]).win_rate == Undefined("no trade was won or lost")
