"""Every venue under test, by venue and type of account; each is made in an empty folder."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from git_qoc.model import VenueType
from tests.venues import exchange_bench, paper_bench
from tests.venues.alpaca_bench import AlpacaBench
from tests.venues.bench import Bench
from tests.venues.ccxt_bench import KrakenBench, KrakenFuturesBench, KrakenPerpetualsBench
from tests.venues.mercury_bench import MercuryBench
from tests.venues.simplefin_bench import SimpleFinBench
from tests.venues.tastytrade_bench import TastytradeBench


def _alpaca(kind: VenueType, _: Path) -> Bench:
    return AlpacaBench(kind)


def _tastytrade(kind: VenueType, _: Path) -> Bench:
    return TastytradeBench(kind)


BENCHES: dict[str, Callable[[Path], Bench]] = {
    **{
        f"alpaca {kind}": partial(_alpaca, kind)
        for kind in (VenueType.EQUITIES, VenueType.OPTIONS, VenueType.CRYPTO)
    },
    **{
        f"alpaca {stage} on exchange serve": partial(exchange_bench.ExchangeBench, stage=stage)
        for stage in exchange_bench.STAGES
    },
    **{f"paper {stage}": partial(paper_bench.PaperBench, stage=stage) for stage in paper_bench.STAGES},
    **{
        f"tastytrade {kind}": partial(_tastytrade, kind)
        for kind in (VenueType.EQUITIES, VenueType.OPTIONS, VenueType.FUTURES)
    },
    "kraken crypto": lambda _: KrakenBench(),
    "krakenfutures futures": lambda _: KrakenFuturesBench(),
    "krakenfutures crypto": lambda _: KrakenPerpetualsBench(),
    "mercury cash": lambda _: MercuryBench(),
    "simplefin cash": SimpleFinBench,
}
