"""How numbers enter and leave, and the only place that multiplies quantity by mark.

Everything is `Decimal` from text to text. Importing this module widens the decimal
context to 60 digits for this process, because a position of 10^15 with 18 decimals does
not fit the default 28 and would be rounded without a word.
"""

from __future__ import annotations

import decimal
from collections.abc import Iterable
from decimal import Decimal

from git_qoc.errors import QocError

PRECISION = 60
ZERO = Decimal(0)
CENT = Decimal("0.01")
DIGITS_BEFORE = 24
DIGITS_AFTER = 36
"""Together PRECISION: sums and products of such numbers are the only ones that stay exact."""
TOML_INTEGER_MAX = 2**63 - 1

# New threads copy DefaultContext; the running thread already has its own.
decimal.DefaultContext.prec = PRECISION
decimal.getcontext().prec = PRECISION


class NumberError(QocError, ValueError):
    """A value that is not a finite decimal number."""


def to_decimal(value: object) -> Decimal:
    """The exact number in a text, an int or a Decimal.

    Raises:
        NumberError: for a float (its digits are already lost), a bool, NaN, an infinity,
            text that is no number, or more digits than are computed with.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise NumberError(f"expected a decimal number, found {type(value).__name__}")
    try:
        number = Decimal(value)
    except decimal.InvalidOperation:
        raise NumberError("expected a decimal number, found other text") from None
    if not number.is_finite():
        raise NumberError(f"expected a finite number, found {number}")
    exponent = number.as_tuple().exponent
    if number.adjusted() >= DIGITS_BEFORE or (isinstance(exponent, int) and exponent < -DIGITS_AFTER):
        raise NumberError(
            f"expected at most {DIGITS_BEFORE} digits before and {DIGITS_AFTER} after the decimal point"
        )
    return number


def market_value(
    quantity: Decimal, mark: Decimal, multiplier: Decimal = Decimal(1), fx_usd: Decimal = Decimal(1)
) -> Decimal:
    """USD value of a position: quantity × mark × multiplier × fx; short quantities are negative."""
    return quantity * mark * multiplier * fx_usd


def open_pnl(
    quantity: Decimal,
    avg_cost: Decimal,
    mark: Decimal,
    multiplier: Decimal = Decimal(1),
    fx_usd: Decimal = Decimal(1),
    *,
    inverse: bool = False,
) -> Decimal:
    """P&L in USD between a cost and a mark; a loss is negative, for longs and shorts alike.

    An inverse contract is worth `multiplier` in the price's currency and pays in the coin whose
    rate is `fx_usd`: quantity × multiplier × (1/cost − 1/mark) coins (deribit.com, "Inverse
    Futures").

    Raises:
        NumberError: an inverse contract with a price of zero.
    """
    if not inverse:
        return market_value(quantity, mark - avg_cost, multiplier, fx_usd)
    if not avg_cost or not mark:
        raise NumberError("an inverse contract has no price of zero")
    return market_value(quantity, mark - avg_cost, multiplier, fx_usd) / (avg_cost * mark)


def total(values: Iterable[Decimal | None]) -> Decimal | None:
    """The sum; None as soon as one part is unknown, zero when there are no parts."""
    result = ZERO
    for value in values:
        if value is None:
            return None
        result += value
    return result


def plain(number: Decimal) -> str:
    """All digits without exponent, without trailing zeros: `0.5`, `150`, `-1234.25`."""
    text = str(number)
    if "E" in text:
        text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def amount_text(number: Decimal) -> str:
    """A sum of money or a price as a snapshot file holds it: `167_420.88`, at least two decimals.

    An average cost is a quotient without end: what is beyond the digits that `to_decimal` takes
    is rounded off (half even), so that what is written can be read.
    """
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -DIGITS_AFTER and number.adjusted() < DIGITS_BEFORE:
        number = number.quantize(Decimal(1).scaleb(-DIGITS_AFTER), rounding=decimal.ROUND_HALF_EVEN)
    whole, _, fraction = plain(number).partition(".")
    return f"{_grouped(whole)}.{fraction.ljust(2, '0')}"


def quantity_text(number: Decimal) -> str:
    """A quantity as a snapshot file holds it: `150`, `0.5`, `1_000_000`.

    A whole number that does not fit TOML's 64-bit integer is written as a float.
    """
    whole, _, fraction = plain(number).partition(".")
    if not fraction and abs(int(whole)) > TOML_INTEGER_MAX:
        fraction = "0"
    return _grouped(whole) + (f".{fraction}" if fraction else "")


def _grouped(whole: str) -> str:
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    head = len(digits) % 3
    groups = [digits[:head]] if head else []
    groups += [digits[i : i + 3] for i in range(head, len(digits), 3)]
    return sign + "_".join(groups)


def shown(number: Decimal | None, decimals: int = 2) -> str:
    """For a person: `167,420.88`; `n/a` when unknown. Rounds half even."""
    if number is None:
        return "n/a"
    rounded = number.quantize(Decimal(1).scaleb(-decimals), rounding=decimal.ROUND_HALF_EVEN)
    return f"{rounded + 0 if rounded else abs(rounded):,f}"


def shown_price(number: Decimal) -> str:
    """For a person: `1,234.50`, `0.00012`. Two to eight decimals; three digits of what is smaller still,
    because a price that reads 0.00 would be read as nothing.
    """
    rounded = round(number, 8) or decimal.Context(prec=3).plus(number)
    whole, _, fraction = f"{rounded.normalize():,f}".partition(".")
    return f"{whole}.{fraction.ljust(2, '0')}"
