"""Latest quotes of Alpaca's market data API: which symbols go where, and what comes back. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from git_qoc.errors import VenueError
from git_qoc.model import Quote, VenueType
from git_qoc.venues.alpaca_payloads import QUOTES, QuoteRow, parse
from git_qoc.venues.alpaca_symbols import is_crypto, is_option, paired

STOCKS = "/v2/stocks/quotes/latest"
OPTIONS = "/v1beta1/options/quotes/latest"
CRYPTO = "/v1beta3/crypto/us/latest/quotes"

# The documented limit of the options endpoint; for the others it keeps URLs short.
SYMBOLS_MAX = 100


@dataclass(frozen=True, slots=True)
class Batch:
    """One request: the path, and the venue's form of each symbol that was asked for."""

    path: str
    forms: Mapping[str, str]

    @property
    def params(self) -> dict[str, str]:
        return {"symbols": ",".join(sorted(set(self.forms.values())))}


def batches(symbols: Collection[str], kind: VenueType) -> Iterator[Batch]:
    """The requests that cover `symbols`, each routed by its form."""
    routes: dict[str, list[str]] = {}
    for symbol in sorted(set(symbols)):
        routes.setdefault(_path(symbol, kind), []).append(symbol)
    for path, wanted in routes.items():
        for start in range(0, len(wanted), SYMBOLS_MAX):
            some = wanted[start : start + SYMBOLS_MAX]
            yield Batch(path, {symbol: paired(symbol) if path == CRYPTO else symbol for symbol in some})


def _path(symbol: str, kind: VenueType) -> str:
    if is_option(symbol):
        return OPTIONS
    return CRYPTO if is_crypto(symbol, kind is VenueType.CRYPTO) else STOCKS


def quotes(data: object, batch: Batch) -> dict[str, Quote]:
    """Quotes by symbol as asked for; what the venue left out is left out.

    Raises:
        VenueError: a wrong body, or quotes that are not in USD.
    """
    body = parse(QUOTES, data, batch.path)
    if body.currency != "USD":
        raise VenueError(f"alpaca {batch.path}: expected quotes in USD, found another currency")
    return {
        symbol: _quote(symbol, body.quotes[form])
        for symbol, form in batch.forms.items()
        if form in body.quotes
    }


def _quote(symbol: str, row: QuoteRow) -> Quote:
    """Zero stands for no bid or no ask."""
    return Quote(symbol, row.t, bid=row.bp or None, ask=row.ap or None)
