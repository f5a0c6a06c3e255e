"""Black–Scholes prices of European options without dividends, in Decimal arithmetic.

C = S·N(d1) − K·e^(−rT)·N(d2) and P = K·e^(−rT)·N(−d2) − S·N(−d1), where
d1 = (ln(S/K) + (r + σ²/2)·T) / (σ·√T) and d2 = d1 − σ·√T (F. Black, M. Scholes, "The Pricing of
Options and Corporate Liabilities", 1973). Every stock has the same σ and r, for ever.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal, localcontext
from functools import lru_cache

VOLATILITY = Decimal("0.20")
RATE = Decimal("0.01")
"""Per year of 365 days, continuously compounded."""
YEAR = timedelta(days=365)
TICK = Decimal("0.01")
DIGITS = 30
TAIL = Decimal(10)
"""Beyond ten standard deviations N is 0 or 1 to more than twenty decimals."""
PI = Decimal("3.14159265358979323846264338327950288419716939937511")


@lru_cache(maxsize=4096)
def option_price(right: str, spot: Decimal, strike: Decimal, left: timedelta) -> Decimal:
    """The price in whole cents, at least one; what it would pay now where no time is left."""
    if left <= timedelta(0):
        return intrinsic(right, spot, strike)
    with localcontext() as context:
        context.prec = DIGITS
        years = Decimal(left // timedelta(seconds=1)) / Decimal(YEAR // timedelta(seconds=1))
        spread = VOLATILITY * years.sqrt()
        d1 = ((spot / strike).ln() + (RATE + VOLATILITY * VOLATILITY / 2) * years) / spread
        d2 = d1 - spread
        present = strike * (-RATE * years).exp()
        call = spot * normal(d1) - present * normal(d2)
        value = call if right == "C" else call - spot + present
    return max(value.quantize(TICK), TICK)


def intrinsic(right: str, spot: Decimal, strike: Decimal) -> Decimal:
    return max(spot - strike if right == "C" else strike - spot, Decimal(0))


def normal(x: Decimal) -> Decimal:
    """The standard normal distribution function.

    ½ + φ(x)·(x + x³/3 + x⁵/(3·5) + …) (G. Marsaglia, "Evaluating the Normal Distribution", 2004):
    every term has the same sign, so nothing cancels.
    """
    if abs(x) > TAIL:
        return Decimal(1) if x > 0 else Decimal(0)
    with localcontext() as context:
        context.prec = 2 * DIGITS
        term = total = x
        odd = 1
        while abs(term) > Decimal(10) ** -DIGITS:
            odd += 2
            term *= x * x / odd
            total += term
        density = (-x * x / 2).exp() / (2 * PI).sqrt()
        value = Decimal("0.5") + total * density
    return +value
