"""Every venue under test, by venue and type of account."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from git_qoc.model import VenueType
from tests.venues.alpaca_bench import AlpacaBench
from tests.venues.bench import Bench

BENCHES: dict[str, Callable[[], Bench]] = {
    **{
        f"alpaca {kind}": partial(AlpacaBench, kind)
        for kind in (VenueType.EQUITIES, VenueType.OPTIONS, VenueType.CRYPTO)
    },
}
