"""Exchanges of ccxt's as benches of the conformance suite: Kraken spot and Kraken Futures on loopback.

Each keeps an account as the venue's documentation describes it (paths, bodies, error words, pages of 50
and 100, numbers as JSON numbers where they are) and knows nothing of the adapter but how it is opened.
"""

from __future__ import annotations

from tests.venues.ccxt_bench_account import CcxtBench
from tests.venues.ccxt_bench_kraken import KrakenBench
from tests.venues.ccxt_bench_krakenfutures import KrakenFuturesBench, KrakenPerpetualsBench

__all__ = ["CcxtBench", "KrakenBench", "KrakenFuturesBench", "KrakenPerpetualsBench"]
