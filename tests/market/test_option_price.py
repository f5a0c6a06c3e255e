from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from math import exp, log, sqrt
from statistics import NormalDist

import pytest

from git_qoc.market.option_price import RATE, VOLATILITY, normal, option_price

CDF = NormalDist().cdf


def by_floats(right: str, spot: float, strike: float, years: float) -> float:
    """The textbook formula (J. Hull, "Options, Futures, and Other Derivatives", 15.20 and 15.21)."""
    rate, sigma = float(RATE), float(VOLATILITY)
    d1 = (log(spot / strike) + (rate + sigma**2 / 2) * years) / (sigma * sqrt(years))
    d2 = d1 - sigma * sqrt(years)
    if right == "C":
        return spot * CDF(d1) - strike * exp(-rate * years) * CDF(d2)
    return strike * exp(-rate * years) * CDF(-d2) - spot * CDF(-d1)


@pytest.mark.parametrize("right", ["C", "P"])
@pytest.mark.parametrize("spot", ["21.928", "48.913", "127.525"])
@pytest.mark.parametrize("moneyness", ["0.5", "0.9", "1", "1.1", "2"])
@pytest.mark.parametrize("days", [1, 30, 365, 1000])
def test_prices_are_those_of_an_independent_implementation(
    right: str, spot: str, moneyness: str, days: int
) -> None:
    strike = (Decimal(spot) * Decimal(moneyness)).quantize(Decimal("0.5"))
    ours = option_price(right, Decimal(spot), strike, timedelta(days=days))
    theirs = max(by_floats(right, float(spot), float(strike), days / 365), 0.01)
    assert abs(float(ours) - theirs) <= 0.00501


@pytest.mark.parametrize("x", ["-12", "-6", "-1.96", "-0.5", "0", "0.1", "1", "3", "8", "12"])
def test_the_normal_distribution_is_that_of_the_standard_library(x: str) -> None:
    assert float(normal(Decimal(x))) == pytest.approx(CDF(float(x)), abs=1e-15)


@pytest.mark.parametrize(("right", "worth"), [("C", "2.5"), ("P", "0")])
def test_without_time_left_an_option_is_worth_what_it_pays(right: str, worth: str) -> None:
    assert option_price(right, Decimal("22.5"), Decimal(20), timedelta(0)) == Decimal(worth)
