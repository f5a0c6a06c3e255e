from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_qoc.money import (
    NumberError,
    amount_text,
    market_value,
    open_pnl,
    plain,
    quantity_text,
    shown,
    shown_price,
    to_decimal,
    total,
)

numbers = st.decimals(
    min_value=Decimal("-1e15"), max_value=Decimal("1e15"), allow_nan=False, allow_infinity=False, places=18
)


@pytest.mark.parametrize("value", [1.5, True, None, "nan", "Infinity", "-inf", "1,000", "", b"1"])
def test_what_is_not_an_exact_finite_number_is_refused(value: object) -> None:
    with pytest.raises(NumberError):
        to_decimal(value)


def test_a_refused_text_is_not_repeated() -> None:
    with pytest.raises(NumberError) as caught:
        to_decimal("hunter2hunter2")
    assert "hunter" not in str(caught.value)


@given(numbers, numbers)
def test_a_product_of_two_18_decimal_numbers_loses_no_digit(a: Decimal, b: Decimal) -> None:
    scaled = int(a.scaleb(18)) * int(b.scaleb(18))
    assert market_value(a, b).scaleb(36) == scaled or len(str(abs(scaled))) > 60


def test_threads_started_later_compute_with_the_same_precision() -> None:
    result: list[Decimal] = []
    number = Decimal("1000000000000000.000000000000000001")
    thread = threading.Thread(target=lambda: result.append(number + number))
    thread.start()
    thread.join()
    assert result == [Decimal("2000000000000000.000000000000000002")]


@pytest.mark.parametrize(
    ("quantity", "cost", "mark", "multiplier", "pnl"),
    [
        ("150", "198.42", "211.40", "1", "1947.00"),  # spec/snapshots-and-equity.txt, AAPL
        ("0.5", "58400", "61200", "1", "1400.00"),  # and BTC-USD
        ("-10", "50", "45", "1", "50"),  # a short gains when the price falls
        ("-2", "1.20", "1.50", "100", "-60"),  # two written option contracts
    ],
)
def test_open_pnl_of_longs_shorts_and_contracts(
    quantity: str, cost: str, mark: str, multiplier: str, pnl: str
) -> None:
    args = (Decimal(quantity), Decimal(cost), Decimal(mark), Decimal(multiplier))
    assert open_pnl(*args) == Decimal(pnl)


def test_a_sum_with_an_unknown_part_is_unknown() -> None:
    assert total([Decimal(1), None, Decimal(2)]) is None
    assert total([]) == 0


@pytest.mark.parametrize(
    ("number", "amount", "quantity"),
    [
        ("167420.88", "167_420.88", "167_420.88"),
        ("150", "150.00", "150"),
        ("0.5", "0.50", "0.5"),
        ("-1947", "-1_947.00", "-1_947"),
        ("-0.00", "0.00", "0"),
        ("1E+3", "1_000.00", "1_000"),
        ("0.000000000000000001", "0.000000000000000001", "0.000000000000000001"),
        ("9223372036854775808", "9_223_372_036_854_775_808.00", "9_223_372_036_854_775_808.0"),
    ],
)
def test_number_formats_of_a_snapshot_file(number: str, amount: str, quantity: str) -> None:
    assert amount_text(Decimal(number)) == amount
    assert quantity_text(Decimal(number)) == quantity


@given(numbers)
def test_text_and_back_is_the_same_number(number: Decimal) -> None:
    for text in (plain(number), amount_text(number), quantity_text(number)):
        assert to_decimal(text.replace("_", "")) == number


def test_a_person_sees_rounded_figures_and_na() -> None:
    assert shown(Decimal("167420.885")) == "167,420.88"
    assert shown(Decimal("-0.004")) == "0.00"
    assert shown(None) == "n/a"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("36.317", "36.317"),
        ("1234.5", "1,234.50"),
        ("0.00012", "0.00012"),
        ("33.333333333333", "33.33333333"),
        ("0.000000001234567", "0.00000000123"),
        ("-0.5", "-0.50"),
        ("100", "100.00"),
        ("0", "0.00"),
    ],
)
def test_a_price_for_a_person_never_reads_as_nothing(number: str, text: str) -> None:
    assert shown_price(Decimal(number)) == text
