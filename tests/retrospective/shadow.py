"""A desk whose every account is known on every day, and the fund it would be: units bought at NAV per unit.

`Ledger` is the truth. `records` are the snapshots that the tool would have taken of it, with its
outages; `prices` is the unit price by fund accounting, in which a deposit, a withdrawal and an account
that comes or goes buy or redeem units and so never move the price. `TREATMENTS` are the usual ways
to make returns of the same snapshots, each with the one thing it gets wrong. All but `records` is
pandas and knows nothing of ours.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from git_qoc.retrospective.point import SnapshotRecord
from git_qoc.snapshots.snapshot import AccountRow, FlowRow, Snapshot
from git_qoc.snapshots.toml import dumps, file_name
from tests.retrospective.real_closes import Series, pd

ZONE = ZoneInfo("America/New_York")
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Ledger:
    """`navs` by account: one per time, None where it is not of the desk; a flow is in the NAV of its time.

    `flows` and `out` are by (index of a time, account); `late` are the indices of snapshots that were
    taken on a later day and committed before the snapshot at `late_at`.
    """

    times: tuple[datetime, ...]
    navs: Mapping[str, tuple[Decimal | None, ...]]
    flows: Mapping[tuple[int, str], Decimal]
    out: frozenset[tuple[int, str]] = frozenset()
    late: frozenset[int] = frozenset()
    late_at: int = 0

    def there(self, i: int) -> list[str]:
        """The accounts of the desk, whether they can be read or not."""
        return [name for name, values in self.navs.items() if values[i] is not None]

    def seen(self, i: int) -> list[str]:
        return [name for name in self.there(i) if (i, name) not in self.out]

    def nav(self, i: int, names: list[str]) -> Decimal:
        return sum((self.navs[name][i] or NOTHING for name in names), NOTHING)

    def complete(self, i: int) -> bool:
        return self.seen(i) == self.there(i)

    def flow(self, i: int) -> Decimal:
        return sum((amount for (at, _), amount in self.flows.items() if at == i), NOTHING)

    @cached_property
    def days(self) -> list[date]:
        return [time.astimezone(ZONE).date() for time in self.times]

    def crossed(self, i: int) -> Decimal:
        """What came from outside at a time: flows, and accounts that were not there before."""
        came = [name for name in self.there(i) if self.navs[name][i - 1] is None]
        inside = sum((self.flows.get((i, name), NOTHING) for name in came), NOTHING)
        return self.flow(i) - inside + self.nav(i, came)

    def left(self, i: int) -> Decimal:
        """The last NAV of the accounts that are gone by a time."""
        return self.nav(i - 1, [name for name in self.there(i - 1) if self.navs[name][i] is None])


def records(ledger: Ledger) -> list[SnapshotRecord]:
    return [record(ledger, i) for i in range(len(ledger.times))]


def record(ledger: Ledger, i: int) -> SnapshotRecord:
    time, seen = ledger.times[i], ledger.seen(i)
    rows = []
    for name in seen:
        flow = ledger.flows.get((i, name), NOTHING)
        nav = ledger.navs[name][i] or NOTHING
        rows.append(AccountRow(name, "equities", "paper", nav, time, net_flow_usd=flow))
    flows = tuple(
        FlowRow(time, name, "deposit" if amount > 0 else "withdrawal", amount)
        for (at, name), amount in ledger.flows.items()
        if at == i and name in seen
    )
    snapshot = Snapshot(
        timestamp=time,
        nav_usd=ledger.nav(i, seen),
        cash_usd=None,
        realized_pnl=None,
        unrealized_pnl=None,
        connectors=tuple(seen),
        schema=1,
        net_flow_usd=sum((row.amount_usd for row in flows), NOTHING),
        degraded=tuple(name for name in ledger.there(i) if name not in seen),
        backfill=i in ledger.late,
        accounts=tuple(rows),
        flows=flows,
    )
    path = "snapshots/" + file_name(time)
    return SnapshotRecord(path, dumps(snapshot), enabled=frozenset(ledger.there(i)))


def prices(ledger: Ledger) -> Series:
    """The unit price at every time, by the true NAVs."""
    units, price = float(ledger.nav(0, ledger.there(0))), 1.0
    found = [price]
    for i in range(1, len(ledger.times)):
        units -= float(ledger.left(i)) / price
        new = float(ledger.crossed(i))
        price = (float(ledger.nav(i, ledger.there(i))) - new) / units
        units += new / price
        found.append(price)
    return pd.Series(found, index=pd.DatetimeIndex(ledger.days))


def complete_prices(ledger: Ledger) -> Series:
    """The unit prices on the days when every account could be read."""
    return prices(ledger)[[ledger.complete(i) for i in range(len(ledger.times))]]


class Figures(NamedTuple):
    total_return: float
    volatility: float
    sharpe_ratio: float
    max_drawdown: float
    win_rate: float


def figures(returns: Series, periods: float = 252) -> Figures:
    wealth = (1 + returns).cumprod()
    peak = wealth.cummax().clip(lower=1.0)
    deviation = float(returns.std(ddof=1))
    return Figures(
        float(wealth.iloc[-1]) - 1,
        deviation * math.sqrt(periods),
        float(returns.mean()) / deviation * math.sqrt(periods),
        min(0.0, float((wealth / peak - 1).min())),
        float((returns > 0).sum() / (returns != 0).sum()),
    )


def seen_navs(ledger: Ledger) -> Series:
    """`nav_usd` of every snapshot, which is what anybody reads first."""
    values = [float(ledger.nav(i, ledger.seen(i))) for i in range(len(ledger.times))]
    return pd.Series(values, index=pd.DatetimeIndex(ledger.days))


def linked(ledger: Ledger, at: list[int], *, accounts: bool = True, lost: bool = False) -> Series:
    """(V1 − F) / V0 − 1 between the times of `at`; F without new accounts, or without flows in between."""
    found = []
    for before, now in pairwise(at):
        between = [now] if lost else range(before + 1, now + 1)
        crossed = sum(float(ledger.crossed(i) if accounts else ledger.flow(i)) for i in between)
        value = float(ledger.nav(now, ledger.seen(now)))
        found.append((value - crossed) / float(ledger.nav(before, ledger.seen(before))) - 1)
    return pd.Series(found, index=pd.DatetimeIndex([ledger.days[i] for i in at[1:]]))


def complete_at(ledger: Ledger) -> list[int]:
    return [i for i in range(len(ledger.times)) if ledger.complete(i)]


def carried(ledger: Ledger) -> Series:
    """The last known NAV for whoever is out."""
    return linked(
        replace(ledger, navs=dict(_filled(ledger)), out=frozenset()), list(range(len(ledger.times)))
    )


def _filled(ledger: Ledger) -> Iterator[tuple[str, tuple[Decimal | None, ...]]]:
    for name, values in ledger.navs.items():
        known: list[Decimal | None] = []
        for i, value in enumerate(values):
            known.append(known[-1] if (i, name) in ledger.out else value)
        yield name, tuple(known)


def by_commit(ledger: Ledger) -> Series:
    """A day's last commit for that day's NAV: what was committed late stands on the late day."""
    return linked(ledger, [i for i in complete_at(ledger) if i not in ledger.late], lost=True)


Treatment = Callable[[Ledger], Figures]
TREATMENTS: Mapping[str, Treatment] = {
    "pct_change of NAV": lambda book: figures(seen_navs(book).pct_change().dropna()),
    "NAV less the deposits so far": lambda book: figures(
        (seen_navs(book) - pd.Series([float(book.flow(i)) for i in range(len(book.times))]).cumsum().values)
        .pct_change()
        .dropna()
    ),
    "outage days as they are": lambda book: figures(linked(book, list(range(len(book.times))))),
    "outage days dropped, flows left in": lambda book: figures(
        seen_navs(book).iloc[complete_at(book)].pct_change().dropna()
    ),
    "the new account as a gain": lambda book: figures(linked(book, complete_at(book), accounts=False)),
    "the last NAV carried over outages": lambda book: figures(carried(book)),
    "the commit's time for the snapshot's": lambda book: figures(by_commit(book)),
    "the day in UTC": lambda book: figures(linked(book, complete_at(book)), utc_periods(book)),
}


def utc_periods(ledger: Ledger) -> int:
    """A desk that closes in the evening in New York seems to trade on Saturdays."""
    weekend = sum(ledger.times[i].weekday() >= 5 for i in complete_at(ledger))
    return 365 if weekend * 10 >= len(complete_at(ledger)) else 252
