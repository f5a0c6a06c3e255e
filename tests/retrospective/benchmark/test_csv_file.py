"""What a CSV file of closes says, and what is said of a broken one."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_qoc.retrospective.benchmark.closes import Series, dumps
from git_qoc.retrospective.benchmark.csv_file import parse
from git_qoc.retrospective.metrics import Undefined

D = Decimal
PATH = "data/c.csv"
GOOD = "date,close\n2026-01-02,100.5\n2026-01-05,101\n"
MANY = (
    "date,symbol,close,volume\n2026-01-02,SPX,100.5,1\n2026-01-02,KO,60,2\n"
    "2026-01-05,SPX,101,3\n2026-01-05,KO,61,4\n"
)
DAYS = (date(2026, 1, 2), date(2026, 1, 5))


@pytest.mark.parametrize(
    ("text", "symbol", "label", "prices"),
    [
        (GOOD, "", "c", ("100.5", "101")),
        (GOOD, "SPX", "SPX", ("100.5", "101")),
        (MANY, "KO", "KO", ("60", "61")),
        ("\ufeff" + GOOD.replace("\n", "\r\n"), "", "c", ("100.5", "101")),
        ("Close, Date\n100.50,2026-01-02\n\n101,2026-01-05\n", "", "c", ("100.50", "101")),
        ('"date","symbol","close"\n2026-01-02,"B, C",1\n2026-01-05,"B, C",2\n', "", "B, C", ("1", "2")),
        ("date,close\n2026-01-02,1e3\n2026-01-05,0.000000000000000001", "", "c", ("1000", "1E-18")),
    ],
)
def test_closes_are_read_by_the_names_of_their_columns(
    text: str, symbol: str, label: str, prices: tuple[str, str]
) -> None:
    assert parse(text.encode(), PATH, symbol) == Series(label, PATH, DAYS, tuple(D(one) for one in prices))


FAULTS = {
    "": "data/c.csv:1: found nothing, expected the columns date,close. Name them in the first line.",
    "date,price\n": (
        'data/c.csv:1: found "date,price", expected the columns date,close. Name them in the first line.'
    ),
    "date,close,close\n": (
        "data/c.csv:1: found close twice, expected the columns date,close. Name them in the first line."
    ),
    "date,close\n": (
        "data/c.csv: found no close, expected at least one. Add them, or choose another benchmark."
    ),
    "date,close\n2026-01-02\n": (
        "data/c.csv:2: found 1 values, expected 2 as in the first line. Correct the line."
    ),
    "date,close\n2026-01-02,1,2\n": (
        "data/c.csv:2: found 3 values, expected 2 as in the first line. Correct the line."
    ),
    'date,close\n2026-01-02,"1\n': ("data/c.csv:2: found no CSV (unexpected end of data). Correct the line."),
    "date,close\n02.01.2026,1\n": (
        'data/c.csv:2: found "02.01.2026", expected a date such as 2026-01-31. Correct the line.'
    ),
    "date,close\n20260102,1\n": (
        'data/c.csv:2: found "20260102", expected a date such as 2026-01-31. Correct the line.'
    ),
    "date,close\n2026-02-30,1\n": (
        'data/c.csv:2: found "2026-02-30", expected a date such as 2026-01-31. Correct the line.'
    ),
    GOOD + "2026-01-05,102\n": (
        "data/c.csv:4: found 2026-01-05 again, expected each date once (it is in line 3). Remove one of them."
    ),
    GOOD + "2026-01-02,102\n": (
        "data/c.csv:4: found 2026-01-02 again, expected each date once (it is in line 2). Remove one of them."
    ),
    GOOD + "2026-01-03,102\n": (
        "data/c.csv:4: found 2026-01-03 after 2026-01-05, expected the oldest date first. Sort the file."
    ),
}
NO_PRICES = ("", "0", "-1", "NaN", "inf", "1,", "a lot", "1" * 30, "0x10", "\u2007")


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_is_said_with_its_line_and_what_to_do(text: str) -> None:
    assert parse(text.encode(), PATH) == Undefined(FAULTS[text])


@pytest.mark.parametrize("price", NO_PRICES)
def test_a_close_is_a_number_above_zero(price: str) -> None:
    text = f'date,close\n2026-01-01,1\n2026-01-02,"{price}"\n'
    found = parse(text.encode(), PATH)
    assert isinstance(found, Undefined)
    shown = "nothing" if not price.strip() else f'"{price}"' if len(price) < 25 else "other text"
    assert found.reason == (
        f"data/c.csv:3: found a close of {shown}, expected a number above zero. "
        "Correct the line, or remove it: a day without a close is no fault."
    )


def test_of_a_file_with_several_symbols_one_is_chosen() -> None:
    assert parse(MANY.encode(), PATH) == Undefined(
        'data/c.csv: found "SPX", "KO", expected one symbol. Name it: data/c.csv:SYMBOL.'
    )
    assert parse(MANY.encode(), PATH, "XOM") == Undefined(
        "data/c.csv: found no close of XOM, expected at least one. Add them, or choose another benchmark."
    )


def test_a_file_that_is_no_text_is_said_by_its_byte() -> None:
    assert parse(b"date,close\n\xff", PATH) == Undefined(
        "data/c.csv: byte 11: found no UTF-8. Save the file as UTF-8."
    )


closes = st.dictionaries(
    st.dates(date(1990, 1, 1), date(2050, 1, 1)),
    st.decimals("0.000001", "1e9", allow_nan=False, places=6),
    min_size=1,
    max_size=30,
)


@given(closes)
def test_what_is_written_is_read_back(prices: dict[date, Decimal]) -> None:
    text = dumps(prices)
    assert dumps(dict(reversed(prices.items()))) == text
    days = tuple(sorted(prices))
    assert parse(text.encode(), PATH, "SPX") == Series("SPX", PATH, days, tuple(prices[d] for d in days))


@given(
    st.binary(max_size=60) | st.text(alphabet='date,close\n"0123456789.-\x00', max_size=60).map(str.encode)
)
def test_any_bytes_are_closes_or_say_why_not(data: bytes) -> None:
    found = parse(b"date,close\n" + data, PATH)
    assert isinstance(found, Series) or found.reason.startswith(PATH)


def test_the_last_close_of_a_day_is_at_most_four_days_old() -> None:
    series = Series("SPX", PATH, DAYS, (D(100), D(101)))
    before = date(2026, 1, 1)
    found = [series.at(before + timedelta(days=after)) for after in range(11)]
    assert found == [None, 0, 0, 0, 1, 1, 1, 1, 1, None, None]
