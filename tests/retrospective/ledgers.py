"""Random desks whose every flow, outage and change of accounts stands at a valuation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from tests.retrospective.shadow import Ledger

START = datetime(2026, 1, 5, 21, tzinfo=UTC)


HOURS = st.integers(4, 60)


@st.composite
def ledgers(draw: st.DrawFn, hours: st.SearchStrategy[int] = HOURS) -> Ledger:
    """Three accounts: random moves, flows at valuations, outages, one that comes and one that goes."""
    n = draw(st.integers(3, 30))
    moves = st.lists(st.integers(-90, 120), min_size=n, max_size=n)
    comes, goes = draw(st.integers(0, n - 1)), draw(st.integers(1, n))
    flows = draw(st.dictionaries(st.integers(1, n - 1), st.integers(-30_000, 60_000), max_size=4))
    out = draw(st.dictionaries(st.integers(1, n - 2), st.sampled_from(["a", "b"]), max_size=5))
    # What crosses the border while an account is out has no valuation: that is a case of its own.
    busy = {comes, comes + 1, goes, goes - 1, *flows}
    out = {i: name for i, name in out.items() if i not in busy}
    navs: dict[str, tuple[Decimal | None, ...]] = {}
    for name, start in (("a", 200_000), ("b", 150_000), ("c", 90_000)):
        value, series = Decimal(start), []
        for i, move in enumerate(draw(moves)):
            value = (value * (1000 + (move if i else 0)) / 1000).quantize(Decimal("1e-12"))
            value += flows.get(i, 0) if name == "a" else 0
            series.append(value)
        gone = goes if name == "c" else n
        since = comes if name == "b" else 0
        navs[name] = tuple(v if since <= i < gone else None for i, v in enumerate(series))
    booked = {(i, "a"): Decimal(amount) for i, amount in flows.items() if amount}
    apart = draw(st.lists(hours, min_size=n, max_size=n))
    times = tuple(START + timedelta(hours=sum(apart[:i])) for i in range(n))
    return Ledger(times, navs, booked, frozenset(out.items()))
