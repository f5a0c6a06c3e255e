"""Alpaca's daily bars as closes: what is asked for, and what comes back. Pure.

`GET /v2/stocks/bars` and `/v1beta3/crypto/us/bars` (docs.alpaca.markets, "Historical bars"). A bar is
labelled with its begin: of stocks the midnight in New York, of crypto the one in UTC. Both ends of the
range are included. `feed` is left out: then the consolidated tape is told on every plan, as long as the
range ends more than fifteen minutes ago, which that of a day that is over does. Adjusted closes
(splits, dividends, spin-offs) change afterwards, all of the past at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

from git_qoc.errors import Unsupported, VenueError
from git_qoc.model import Close, VenueType
from git_qoc.venues.alpaca_payloads import BARS, BarRow, parse
from git_qoc.venues.alpaca_symbols import is_crypto, is_option, paired

STOCKS = "/v2/stocks/bars"
CRYPTO = "/v1beta3/crypto/us/bars"
NEW_YORK = ZoneInfo("America/New_York")
ROWS_MAX = 10_000
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Question:
    """Daily bars of one symbol in the venue's form; a day begins and ends at midnight in `zone`."""

    path: str
    form: str
    zone: tzinfo

    def last_over(self, now: datetime) -> date:
        """The last day that is over, session and after hours."""
        return now.astimezone(self.zone).date() - DAY

    def params(self, since: date, until: date) -> dict[str, str]:
        """The range ends at noon of the last day: after its bar's label, before the next one's."""
        adjusted = {"adjustment": "all"} if self.path == STOCKS else {}
        return {
            "symbols": self.form,
            "timeframe": "1Day",
            "start": datetime.combine(since, time(0), self.zone).isoformat(),
            "end": datetime.combine(until, time(12), self.zone).isoformat(),
            "limit": str(ROWS_MAX),
            "sort": "asc",
            **adjusted,
        }


def question(symbol: str, kind: VenueType) -> Question:
    """
    Raises:
        Unsupported: an option, whose closes are no series to compare with.
    """
    if is_option(symbol):
        raise Unsupported("alpaca: daily closes are offered of stocks and crypto, not of an option")
    if is_crypto(symbol, kind is VenueType.CRYPTO):
        return Question(CRYPTO, paired(symbol), UTC)
    return Question(STOCKS, symbol, NEW_YORK)


def page(data: object, asked: Question) -> tuple[list[BarRow], str | None]:
    """The bars of one answer and the token of the next page, None on the last one.

    Raises:
        VenueError: a wrong body, or prices that are not in USD.
    """
    body = parse(BARS, data, asked.path)
    if body.currency != "USD":
        raise VenueError(f"alpaca {asked.path}: expected bars in USD, found another currency")
    return (body.bars or {}).get(asked.form, []), body.next_page_token or None


def closes(rows: Iterable[BarRow], asked: Question, since: date, until: date) -> tuple[Close, ...]:
    """
    Raises:
        VenueError: two bars of one day, bars out of order, or a close that is not above zero.
    """
    found = [close for close in _closes(rows, asked) if since <= close.day <= until]
    if any(first.day >= second.day for first, second in pairwise(found)):
        raise VenueError(f"alpaca {asked.path}: expected one bar a day, oldest first")
    return tuple(found)


def _closes(rows: Iterable[BarRow], asked: Question) -> Iterator[Close]:
    for row in rows:
        if row.c <= 0:
            raise VenueError(f"alpaca {asked.path}: c: expected a close above zero")
        try:
            yield Close(row.t.astimezone(asked.zone).date(), row.c)
        except OverflowError:
            raise VenueError(f"alpaca {asked.path}: t: expected a time within the calendar") from None
