"""What the usual treatments of a desk's snapshots cost, and that ours is the fund's return.

The desk holds real closes (git_qoc/data/closes.csv) at 20:35 in New York: two deposits and a
withdrawal, five days on which the largest account could not be read, an account added midway, and
three weeks that were backfilled. What is right comes from unitised fund accounting in pandas.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given, settings

from git_qoc.retrospective.choices import Choices
from git_qoc.retrospective.result import Retrospective
from tests.retrospective.builders import figure, retro
from tests.retrospective.ledgers import ledgers
from tests.retrospective.real_closes import closes, ffn, pd, qs
from tests.retrospective.real_closes import empyrical as emp
from tests.retrospective.shadow import (
    TREATMENTS,
    ZONE,
    Figures,
    Ledger,
    complete_prices,
    figures,
    prices,
    records,
    seen_navs,
)

EXACT = 1e-9
EVENING = time(20, 35)
OUTAGES = (40, 75, 76, 140, 201)
ADDED = 120
DEPOSITS = {30: 25_000, 95: 40_000, 180: -15_000}
LATE = range(88, 103)


@cache
def desk() -> Ledger:
    marks = closes()[["AAPL", "JPM", "KO", "BTC-USD"]].dropna()
    times = tuple(datetime.combine(day.date(), EVENING, ZONE).astimezone(UTC) for day in marks.index)
    paid = [Decimal(sum(v for at, v in DEPOSITS.items() if at <= i)) for i in range(len(times))]
    stocks = (marks["AAPL"] * 2500 + marks["JPM"] * 400 + marks["KO"] * 500).tolist()
    coins = (marks["BTC-USD"] * 30).tolist()
    return Ledger(
        times,
        {
            "stocks": tuple(Decimal(repr(float(value))) for value in stocks),
            "cash": tuple(Decimal(60_000) + amount for amount in paid),
            "coins": tuple(
                Decimal(repr(float(value))) if i >= ADDED else None for i, value in enumerate(coins)
            ),
        },
        {(at, "cash"): Decimal(amount) for at, amount in DEPOSITS.items()},
        frozenset((i, "stocks") for i in OUTAGES),
        frozenset(LATE),
        LATE.stop,
    )


@cache
def ours() -> Retrospective:
    return retro(records(desk()), Choices(ZONE))


def found(result: Retrospective) -> Figures:
    return Figures(*(figure(result, key) for key in Figures._fields))


def test_ours_are_the_figures_of_the_unitised_fund() -> None:
    expected = figures(complete_prices(desk()).pct_change().dropna())
    assert found(ours()) == pytest.approx(expected, rel=EXACT)
    assert [day.wealth for day in ours().days] == pytest.approx(
        complete_prices(desk()).iloc[1:].tolist(), rel=EXACT
    )


def test_the_total_return_is_that_of_the_fund_which_never_lost_sight_of_an_account() -> None:
    assert figure(ours(), "total_return") == pytest.approx(prices(desk()).iloc[-1] - 1, rel=EXACT)


def test_it_is_that_of_the_same_desk_without_deposits_outages_and_late_snapshots() -> None:
    """Every deposit is in the NAV from its day on and was worth its amount: units make it disappear."""
    plain = Ledger(desk().times, desk().navs, desk().flows)
    assert figure(retro(records(plain), Choices(ZONE)), "total_return") == pytest.approx(
        figure(ours(), "total_return"), rel=EXACT
    )


# In percentage points: how far at least a treatment is off in total return and in maximum drawdown,
# and by which part at least its Sharpe ratio is wrong.
OFF_BY = {
    "pct_change of NAV": (40, 40, 0.4),
    "NAV less the deposits so far": (10, 40, 0.4),
    "outage days as they are": (0, 40, 0.4),
    "outage days dropped, flows left in": (40, 0, 0.1),
    "the new account as a gain": (15, 0, 0.1),
    "the last NAV carried over outages": (0, 0, 0.005),
    "the commit's time for the snapshot's": (10, 0, 0.1),
    "the day in UTC": (0, 0, 0.15),
}


@pytest.mark.parametrize("name", TREATMENTS)
def test_a_usual_treatment_is_off_by(name: str) -> None:
    right, wrong = found(ours()), TREATMENTS[name](desk())
    total, depth, sharpe = OFF_BY[name]
    assert abs(wrong.total_return - right.total_return) * 100 >= total
    assert abs(wrong.max_drawdown - right.max_drawdown) * 100 >= depth
    assert abs(wrong.sharpe_ratio / right.sharpe_ratio - 1) >= sharpe


def test_the_libraries_fed_with_nav_report_the_damage_as_performance() -> None:
    nav = seen_navs(desk())
    returns = nav.pct_change().dropna()
    wrong = TREATMENTS["pct_change of NAV"](desk())
    stats = ffn.PerformanceStats(nav, annualization_factor=252)
    for total, depth in (
        (emp.cum_returns_final(emp.simple_returns(nav)), emp.max_drawdown(emp.simple_returns(nav))),
        (qs.comp(returns), qs.max_drawdown(returns)),
        (stats.total_return, stats.max_drawdown),
        (nav.iloc[-1] / nav.iloc[0] - 1, (nav / nav.cummax() - 1).min()),
    ):
        assert float(total) == pytest.approx(wrong.total_return, rel=EXACT)
        assert float(depth) == pytest.approx(wrong.max_drawdown, rel=EXACT)


@pytest.mark.parametrize("at", [40, 75, 140])
def test_a_deposit_while_an_account_is_out_is_off_by_hundredths_of_a_point(at: int) -> None:
    """Nobody valued the desk when it came: Dietz weighs it by the time that was left (rule 5)."""
    amount, book = Decimal(25_000), desk()
    cash = tuple(nav and nav + (amount if i >= at else 0) for i, nav in enumerate(book.navs["cash"]))
    more = replace(book, navs={**book.navs, "cash": cash}, flows={**book.flows, (at, "cash"): amount})
    result = retro(records(more), Choices(ZONE))
    expected = prices(more).iloc[-1] - 1
    assert 1e-6 < abs(figure(result, "total_return") - expected) < 5e-4
    opening = float(more.nav(at - 1, more.there(at - 1)))
    marked = any(day.estimated for day in result.days)
    assert marked == (float(amount) > 0.1 * opening)


@settings(max_examples=150, deadline=None)
@given(ledgers())
def test_any_desk_earns_what_its_fund_earns(ledger: Ledger) -> None:
    result = retro(records(ledger), Choices(ZONE))
    expected = complete_prices(ledger)
    assert figure(result, "total_return") == pytest.approx(expected.iloc[-1] - 1, rel=EXACT, abs=EXACT)
    assert not any(day.estimated for day in result.days)
    # Several snapshots of the first day belong to its capital and are an entry of their own.
    daily = pd.concat([expected.iloc[:1], expected.groupby(expected.index).last()])
    depth = float((daily / daily.cummax() - 1).min())
    assert figure(result, "max_drawdown") == pytest.approx(depth, rel=EXACT, abs=EXACT)
    by_day = {stamp.date(): price for stamp, price in daily.items()}
    for day in result.days:
        assert day.wealth == pytest.approx(by_day[day.day], rel=EXACT)


@settings(max_examples=60, deadline=None)
@given(ledgers())
def test_an_outage_never_moves_the_total_return(ledger: Ledger) -> None:
    quiet = replace(ledger, out=frozenset())
    assert figure(retro(records(ledger), Choices(ZONE)), "total_return") == pytest.approx(
        figure(retro(records(quiet), Choices(ZONE)), "total_return"), rel=EXACT, abs=EXACT
    )
