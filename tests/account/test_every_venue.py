"""One desk with an account at every kind of venue: one balance sheet, one pool, one commit.

Each venue is its loopback server of the conformance suite. NAV and cash are worked out by hand
from what was staged.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from git_qoc.account.collect import Opened, collect
from git_qoc.account.uta import UnifiedAccount, unify
from git_qoc.checks.footing import misfits
from git_qoc.model import VenueType
from git_qoc.snapshots.capture import capture
from git_qoc.snapshots.parse import loads
from git_qoc.snapshots.toml import dumps
from tests.venues.bench import Bench, Fault
from tests.venues.benches import BENCHES

D = Decimal
DESK = (
    "alpaca equities",
    "alpaca options",
    "alpaca crypto",
    "tastytrade futures",
    "kraken crypto",
    "krakenfutures futures",
    "mercury cash",
    "simplefin cash",
    "paper cash",
)
CASH = D("1000.25")


@pytest.fixture
def benches(tmp_path: Path) -> Iterator[dict[str, Bench]]:
    with ExitStack() as stack:
        found = {}
        for name in DESK:
            found[name] = BENCHES[name](tmp_path / name.replace(" ", "-"))
            stack.enter_context(found[name].running())
            found[name].balance("USD", CASH)
        yield found


def look(benches: dict[str, Bench]) -> UnifiedAccount:
    opened = [
        Opened(name.replace(" ", "-"), bench.type, f"{bench.venue}-{name}", bench.connector())
        for name, bench in benches.items()
    ]
    return unify(collect(opened, lambda: datetime(2026, 7, 6, 16, tzinfo=UTC), 10))


def test_cash_at_nine_venues_is_one_sum_and_one_pool(benches: dict[str, Bench]) -> None:
    uta = look(benches)
    assert {
        sheet.state.connector: sheet.state.health.reason for sheet in uta.sheets if not sheet.valuation
    } == {}
    assert uta.nav_usd == uta.cash_usd == 9 * CASH
    assert {bench.type for bench in benches.values()} == set(VenueType)


def test_positions_of_every_kind_foot_in_one_snapshot(benches: dict[str, Bench]) -> None:
    """Longs at their cost: stock, option and coin add their value, the futures nothing."""
    added = D(0)
    for name, size in (("alpaca equities", 1), ("alpaca options", 100), ("alpaca crypto", 1)):
        terms = benches[name].terms
        benches[name].hold(terms.symbol, terms.quantity, terms.market, terms.market)
        added += terms.quantity * terms.market * size
    for name in ("tastytrade futures", "krakenfutures futures"):
        terms = benches[name].terms
        benches[name].hold(terms.symbol, terms.quantity, terms.market, terms.market)
    uta = look(benches)
    assert uta.nav_usd == 9 * CASH + added
    snapshot = capture(uta, {}, datetime(2026, 7, 6, 16, tzinfo=UTC))
    again = loads(dumps(snapshot))
    assert list(misfits(again)) == []
    assert len(again.positions) == 5
    assert again.connectors == tuple(name.replace(" ", "-") for name in DESK)


def test_a_limit_order_at_one_venue_lowers_the_pool_that_another_sees(benches: dict[str, Bench]) -> None:
    before = look(benches)
    bench = benches["alpaca equities"]
    request: Any = bench.order("c")
    bench.connector().place(request)
    after = look(benches)
    assert before.buying_power_usd is not None
    assert after.buying_power_usd is not None
    assert before.buying_power_usd - after.buying_power_usd == request.quantity * request.limit_price


def test_each_venue_that_fails_is_named_and_the_others_stand(benches: dict[str, Bench]) -> None:
    for name in DESK:
        if name == "paper cash":
            continue
        benches[name].break_with(Fault.IS_DOWN)
        uta = look(benches)
        assert uta.degraded == (name.replace(" ", "-"),)
        assert uta.nav_usd == 8 * CASH
        benches[name].heal()
