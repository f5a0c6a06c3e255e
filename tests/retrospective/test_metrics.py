"""Rules 8 to 12: each metric against numbers worked by hand or printed in its source."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from git_qoc.retrospective import metrics
from git_qoc.retrospective.drawdowns import drawdowns, ulcer_index
from git_qoc.retrospective.metrics import Figure, Sample, Tally, Undefined
from git_qoc.retrospective.money_weighted import money_weighted_return


def value(figure: Figure) -> float:
    assert not isinstance(figure, Undefined), figure
    return figure


def sample(*returns: float, ppy: float = 252) -> Sample:
    return Sample(returns, ppy)


MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("offsets", "expected"),
    [
        ([0, 1, 2, 3, 4, 7, 8, 9, 10, 11], 252),  # two working weeks
        ([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 365),  # every day
        ([0, 1, 2, 3, 4, 5, 7, 8, 9, 10], 365),  # 1 of 10 on a Saturday: 10 % is enough
        ([0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11], 252),  # 1 of 11 is not
        ([0, 7, 14, 21], 365.25 / 7),
        ([0, 2, 4, 7, 9, 11], 365.25 / 2.2),  # Monday, Wednesday, Friday: mean 11/5
        ([0, 1], 252),
    ],
)
def test_periods_per_year(offsets: list[int], expected: float) -> None:
    days = [MONDAY + timedelta(days=offset) for offset in offsets]
    spacings = [b - a for a, b in pairwise(offsets)]
    found = metrics.periods_per_year(days, spacings)
    assert not isinstance(found, Undefined)
    assert found[0] == pytest.approx(expected, rel=1e-12)


def test_periods_per_year_of_one_day_are_undefined() -> None:
    assert isinstance(metrics.periods_per_year([MONDAY], []), Undefined)


def test_sharpe_ratio_by_hand() -> None:
    # Returns 1 %, 3 %: mean 2 %, stdev √(2 · 0.01²) = 0.01·√2; a quarter: √4 = 2.
    assert value(metrics.sharpe_ratio(sample(0.01, 0.03, ppy=4))) == pytest.approx(2 * 2 / math.sqrt(2))


def test_sharpe_ratio_takes_the_risk_free_rate_by_compounding() -> None:
    # 1.01⁴ − 1 a year is 1 % a quarter.
    found = metrics.sharpe_ratio(sample(0.01, 0.03, ppy=4), risk_free=1.01**4 - 1)
    assert value(found) == pytest.approx(1 * 2 / math.sqrt(2))


@pytest.mark.parametrize(
    "returns", [(), (0.01,), (0.0, 0.0, 0.0), (0.01, 0.01, 0.01), (0.1, 0.1 + 2e-17), (-0.02, -0.02)]
)
def test_sharpe_ratio_without_dispersion_is_undefined_and_neither_inf_nor_zero(
    returns: Sequence[float],
) -> None:
    assert isinstance(metrics.sharpe_ratio(Sample(returns, 252)), Undefined)
    assert isinstance(metrics.sharpe_standard_error(Undefined(""), Sample(returns, 252)), Undefined)


@pytest.mark.parametrize(
    ("ratio", "n", "expected"),
    # √((1 + SR²/2)/T); Lo 2002, Table 1 prints these to three decimals.
    [(0.5, 12, 0.306), (0.5, 60, 0.137), (1.0, 60, 0.158), (1.0, 250, 0.077), (3.0, 12, 0.677)],
)
def test_the_standard_error_is_that_of_lo_2002(ratio: float, n: int, expected: float) -> None:
    assert value(metrics.sharpe_standard_error(ratio, Sample([0.0] * n, 1))) == pytest.approx(
        expected, abs=5e-4
    )


def test_the_standard_error_is_annualised_like_the_ratio() -> None:
    # An annual 2 at 4 periods is 1 a period: √(1.5 / 6) · 2 = 1.
    assert value(metrics.sharpe_standard_error(2.0, Sample([0.0] * 6, 4))) == pytest.approx(1.0)


def test_sortino_ratio_divides_by_all_observations() -> None:
    # mean 1 %; downside √((0.03² + 0.01²) / 4) = 0.01 · √2.5.
    assert value(metrics.sortino_ratio(sample(0.05, -0.03, 0.03, -0.01, ppy=1))) == pytest.approx(
        1 / math.sqrt(2.5)
    )
    assert isinstance(metrics.sortino_ratio(sample(0.01, 0.02)), Undefined)


def test_volatility_by_hand() -> None:
    assert value(metrics.volatility(sample(0.01, 0.03, ppy=4))) == pytest.approx(0.02 * math.sqrt(2))
    assert value(metrics.volatility(sample(0.0, 0.0))) == 0.0
    assert isinstance(metrics.volatility(sample(0.01)), Undefined)


def test_cagr_begins_at_365_days() -> None:
    assert isinstance(metrics.cagr(0.1, 364), Undefined)
    assert value(metrics.cagr(0.1, 365)) == pytest.approx(1.1 ** (365.25 / 365) - 1)
    assert value(metrics.cagr(0.21, 731)) == pytest.approx(0.1, abs=2e-4)
    assert value(metrics.cagr(-1.0, 400)) == -1.0


def test_calmar_ratio_needs_a_drawdown() -> None:
    assert value(metrics.calmar_ratio(0.1, -0.2)) == 0.5
    assert isinstance(metrics.calmar_ratio(0.1, 0.0), Undefined)
    assert isinstance(metrics.calmar_ratio(Undefined("not annualised"), -0.2), Undefined)


def test_historical_value_at_risk_begins_at_100_returns() -> None:
    returns = [i / 1000 for i in range(-50, 51)]
    assert isinstance(metrics.value_at_risk(returns[:99]), Undefined)
    # 101 values: place 100 · 0.05 = 5, the sixth lowest; the tail is the six lowest.
    assert value(metrics.value_at_risk(returns)) == pytest.approx(-0.045)
    assert value(metrics.conditional_value_at_risk(returns)) == pytest.approx(-0.0475)
    # 100 values: place 4.95, between −0.046 and −0.045; five are at or below.
    assert value(metrics.value_at_risk(returns[:100])) == pytest.approx(-0.04505)
    assert value(metrics.conditional_value_at_risk(returns[:100])) == pytest.approx(-0.048)


def test_flat_days_do_not_hide_the_tail() -> None:
    """One loss of 1 % in 200 days: the worst ten lose 0.1 % on average; all at the quantile 0.005 %."""
    returns = [0.0] * 99 + [-0.01] + [0.0] * 100
    assert value(metrics.value_at_risk(returns)) == 0.0
    assert value(metrics.conditional_value_at_risk(returns)) == pytest.approx(-0.001)


def test_win_rate_leaves_flat_days_out() -> None:
    found = metrics.tally([0.01, -0.01, 0.02, 0.0, 9e-13, -9e-13, 1e-12, -1e-12])
    assert found == Tally(up=3, down=2, flat=3)
    assert value(found.rate) == 0.6
    assert isinstance(metrics.tally([0.0, 0.0]).rate, Undefined)


def test_profit_factor_and_streaks() -> None:
    returns = [0.01, 0.02, -0.01, 0.0, 0.03, -0.02, -0.03, -0.01]
    assert value(metrics.profit_factor(returns)) == pytest.approx(6 / 7)
    assert isinstance(metrics.profit_factor([0.01]), Undefined)
    assert metrics.longest_streak(returns, 1) == 2
    assert metrics.longest_streak(returns, -1) == 3
    assert metrics.longest_streak([0.01, 0.0, 0.01], 1) == 1


@pytest.mark.parametrize(
    ("wealth", "expected"),
    # (depth, level, peak, trough, recovery, last) by position.
    [
        ([1.0], []),
        ([1.0, 1.0, 1.1], []),
        ([1.0, 0.9], [(-0.1, -0.1, 0, 1, None, 1)]),  # a loss on the first day counts
        ([1.0, 0.9, 1.0], [(-0.1, 0.0, 0, 1, 2, 2)]),
        ([1.0, 2.0, 2.0, 1.0, 1.5], [(-0.5, -0.25, 2, 3, None, 4)]),  # from the last day at the peak
        ([1.0, 0.5, 0.75, 0.5, 1.0, 0.8], [(-0.5, 0.0, 0, 1, 4, 4), (-0.2, -0.2, 4, 5, None, 5)]),
        ([1.0, 0.9, 1.0 - 1e-15], [(-0.1, 0.0, 0, 1, 2, 2)]),  # rounding is no endless drawdown
        ([1.0, 1.0 - 1e-15, 1.0], []),
        ([1.0, 0.0, 0.0], [(-1.0, -1.0, 0, 1, None, 2)]),
    ],
)
def test_drawdowns(wealth: list[float], expected: list[tuple[object, ...]]) -> None:
    found = drawdowns(range(len(wealth)), wealth)
    assert [
        (round(d.depth, 12), round(d.level, 12), d.peak, d.trough, d.recovery, d.last) for d in found
    ] == expected


def test_ulcer_index_by_hand() -> None:
    # Drawdowns 0, −0.3, −0.4 over three days: √(0.25 / 3).
    assert ulcer_index([1.0, 1.0, 0.7, 0.6]) == pytest.approx(math.sqrt(0.25 / 3))


def paid(*payments: tuple[str, float]) -> list[tuple[datetime, float]]:
    return [(datetime.fromisoformat(day).replace(tzinfo=UTC), amount) for day, amount in payments]


def test_xirr_is_the_one_microsoft_documents() -> None:
    # support.microsoft.com, "XIRR function": 0.373362535 (37.34 %).
    payments = paid(
        ("2008-01-01", -10_000),
        ("2008-03-01", 2_750),
        ("2008-10-30", 4_250),
        ("2009-02-15", 3_250),
        ("2009-04-01", 2_750),
    )
    assert value(money_weighted_return(payments)) == pytest.approx(0.373362535, abs=5e-9)


def test_xirr_of_one_year_is_the_simple_return() -> None:
    assert value(money_weighted_return(paid(("2025-03-02", -100), ("2026-03-02", 110)))) == pytest.approx(
        0.1, rel=1e-12
    )


@pytest.mark.parametrize(
    "payments",
    [
        paid(("2025-03-02", -100), ("2026-03-02", -10)),
        paid(("2025-03-02", 0), ("2026-03-02", 10)),
        # −100, +230, −132 has the roots 10 % and 20 %.
        paid(("2024-03-01", -100), ("2025-03-01", 230), ("2026-03-01", -132)),
        paid(("2025-03-02T10:00:00", -1), ("2025-03-02T10:00:01", 10)),
    ],
)
def test_xirr_without_one_clear_rate_is_undefined(payments: list[tuple[datetime, float]]) -> None:
    assert isinstance(money_weighted_return(payments), Undefined)
