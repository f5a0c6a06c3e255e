"""What trades in the simulated market, by symbol.

Stocks: the six of the data. Options on them: OCC symbols without spaces (AAPL170120C00030000),
multiplier 100, any strike that is a multiple of half a dollar and any expiry date within three
years; `listed` shows monthly ones near the money. Futures: ES on the index SPX, CME's quarterly
month codes and the year's last digit (ESH7), multiplier 50, until the third Friday. Coins: spot
BTC-USD and the perpetual BTC-USD-PERP. What expires does so at 16:00 New York time.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from git_qoc.market.closes import INDEXES, NEW_YORK, close_at, closes, is_coin
from git_qoc.market.orders import AssetClass, Instrument
from git_qoc.market.sessions import CLOSES, at_new_york

OCC = re.compile(r"(?P<root>[A-Z]{1,6})(?P<expiry>\d{6})(?P<right>[CP])(?P<strike>\d{8})", re.ASCII)
FUTURE = re.compile(r"ES(?P<month>[HMUZ])(?P<year>\d)", re.ASCII)
MONTHS = {"H": 3, "M": 6, "U": 9, "Z": 12}
PERPETUAL = "BTC-USD-PERP"
INDEX = "SPX"
NAMES = {
    "AAPL": "Apple Inc.",
    "JPM": "JPMorgan Chase & Co.",
    "KO": "The Coca-Cola Company",
    "MSFT": "Microsoft Corporation",
    "UNH": "UnitedHealth Group Incorporated",
    "XOM": "Exxon Mobil Corporation",
    "SPX": "S&P 500 Index",
    "BTC-USD": "Bitcoin",
}
THOUSANDTH, CENT, BILLIONTH = Decimal("0.001"), Decimal("0.01"), Decimal("1e-9")
LISTED_FUTURES = 5
LISTED_MONTHS = 4
STRIKE_STEP = Decimal("0.5")
LONGEST_FUTURE = timedelta(days=LISTED_FUTURES * 92)
LONGEST_OPTION = timedelta(days=3 * 366)


def find(symbol: str, instant: datetime) -> Instrument | None:
    """The instrument a symbol means at `instant`, None when there is none.

    A future's one-digit year is the first one at or after `instant`, and there is none before it is
    listed. An option is found after its expiry too.
    """
    if symbol in closes():
        return _of_the_data(symbol)
    if symbol == PERPETUAL:
        return _perpetual()
    if match := OCC.fullmatch(symbol):
        return _option(symbol, match["root"], match["expiry"], match["right"], match["strike"])
    if match := FUTURE.fullmatch(symbol):
        return _future(symbol, MONTHS[match["month"]], int(match["year"]), instant)
    return None


def known(symbol: str, instant: datetime) -> Instrument:
    """The instrument of a symbol in the books, which was found once and so is there still."""
    found = find(symbol, instant)
    assert found is not None, symbol  # noqa: S101
    return found


def listed(instant: datetime) -> tuple[Instrument, ...]:
    """What is shown as tradable at `instant` (and the index), sorted by symbol."""
    symbols = [*closes(), PERPETUAL, *_listed_futures(instant)]
    for stock in stocks():
        symbols += _listed_options(stock, instant)
    found = (find(symbol, instant) for symbol in sorted(symbols))
    return tuple(one for one in found if one is not None)


def stocks() -> tuple[str, ...]:
    return tuple(sorted(symbol for symbol in closes() if not is_coin(symbol) and symbol not in INDEXES))


def tradable_from(instrument: Instrument, instant: datetime) -> bool:
    """Whether an order for it can be taken at `instant`."""
    if instrument.kind is AssetClass.INDEX:
        return False
    if instrument.expiry is None:
        return True
    return instant < instrument.expiry <= instant + LONGEST_OPTION


def third_friday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(4 - first.weekday()) % 7 + 14)


@lru_cache(maxsize=64)
def _of_the_data(symbol: str) -> Instrument:
    name = NAMES.get(symbol, symbol)
    if is_coin(symbol):
        return Instrument(symbol, name, AssetClass.COIN, BILLIONTH, CENT)
    if symbol in INDEXES:
        return Instrument(symbol, name, AssetClass.INDEX, Decimal(1), CENT)
    return Instrument(symbol, name, AssetClass.STOCK, BILLIONTH, THOUSANDTH, shortable=True)


@lru_cache(maxsize=1)
def _perpetual() -> Instrument:
    return Instrument(
        PERPETUAL,
        "Bitcoin perpetual",
        AssetClass.PERPETUAL,
        Decimal("0.001"),
        CENT,
        shortable=True,
        margined=True,
        underlying="BTC-USD",
    )


@lru_cache(maxsize=4096)
def _option(symbol: str, root: str, expiry: str, right: str, strike: str) -> Instrument | None:
    price = Decimal(strike) / 1000
    if root not in stocks() or price <= 0 or price % STRIKE_STEP:
        return None
    try:
        day = date(2000 + int(expiry[:2]), int(expiry[2:4]), int(expiry[4:]))
    except ValueError:
        return None
    return Instrument(
        symbol,
        f"{root} {day} {price.normalize():f} {'call' if right == 'C' else 'put'}",
        AssetClass.OPTION,
        Decimal(1),
        CENT,
        multiplier=Decimal(100),
        shortable=True,
        underlying=root,
        expiry=at_new_york(day, CLOSES),
        strike=price,
        right=right,
    )


def _future(symbol: str, month: int, digit: int, instant: datetime) -> Instrument | None:
    year = instant.astimezone(NEW_YORK).year
    while year % 10 != digit or at_new_york(third_friday(year, month), CLOSES) < instant:
        year += 1
    if at_new_york(third_friday(year, month), CLOSES) > instant + LONGEST_FUTURE:
        return None
    return Instrument(
        symbol,
        f"E-mini S&P 500 {third_friday(year, month):%B %Y}",
        AssetClass.FUTURE,
        Decimal(1),
        CENT,
        multiplier=Decimal(50),
        shortable=True,
        margined=True,
        underlying=INDEX,
        expiry=at_new_york(third_friday(year, month), CLOSES),
    )


def _listed_futures(instant: datetime) -> list[str]:
    day = instant.astimezone(NEW_YORK).date()
    quarters = [
        (year, code, month)
        for year in (day.year, day.year + 1, day.year + 2)
        for code, month in MONTHS.items()
    ]
    ahead = [(y, code) for y, code, m in quarters if at_new_york(third_friday(y, m), CLOSES) > instant]
    return [f"ES{code}{year % 10}" for year, code in ahead[:LISTED_FUTURES]]


def _listed_options(stock: str, instant: datetime) -> list[str]:
    """Calls and puts of the next monthly expiries at eleven strikes around the last close."""
    quote = close_at(stock, instant)
    if quote is None or quote.last is None:
        return []
    day = instant.astimezone(NEW_YORK).date()
    months = [divmod(day.month - 1 + ahead, 12) for ahead in range(LISTED_MONTHS + 1)]
    fridays = [third_friday(day.year + year, month + 1) for year, month in months]
    ahead = [friday for friday in fridays if at_new_york(friday, CLOSES) > instant][:LISTED_MONTHS]
    step = Decimal(1) if quote.last < 100 else Decimal(5)
    middle = (quote.last / step).to_integral_value() * step
    strikes = [middle + step * n for n in range(-5, 6)]
    return [
        f"{stock}{friday:%y%m%d}{right}{int(strike * 1000):08d}"
        for friday in ahead
        for right in "CP"
        for strike in strikes
        if strike > 0
    ]
