"""Records of small desks that trade, built through the tool's own writer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from git_qoc.retrospective.choices import Choices
from git_qoc.retrospective.metrics import Undefined
from git_qoc.retrospective.point import SnapshotRecord, decoded
from git_qoc.retrospective.trades.find import round_trips
from git_qoc.retrospective.trades.values import Trades
from git_qoc.snapshots.snapshot import AccountRow, FillRow, PositionRow, RealizedRow, Snapshot
from git_qoc.snapshots.toml import dumps, file_name
from tests.retrospective.builders import UTC_CHOICES, at

START = at("03-01")
Number = int | str | Decimal


def fill(
    when: str, quantity: Number, price: Number, symbol: str = "A", *, fee: Number | None = 0, name: str = "eq"
) -> FillRow:
    """`quantity` is signed, sold < 0; `when` as `at` takes it, also the fill's id."""
    size = Decimal(quantity)
    return FillRow(
        connector=name,
        symbol=symbol,
        side="buy" if size > 0 else "sell",
        quantity=abs(size),
        price=Decimal(price),
        time=at(when),
        fee=None if fee is None else Decimal(fee),
        fill_id=f"f-{when}-{symbol}",
        order_id=f"o-{when}",
    )


def day(
    when: str,
    held: Mapping[str, Number],
    *fills: FillRow,
    since: str | None = "",
    realized: Mapping[str, Number] | None = None,
    told: bool = True,
    cost: Number | None = 10,
    name: str = "eq",
) -> Snapshot:
    """One account; `since` is "" for the day before, None where the file does not say.

    `told`: whether the venue told its fills.
    """
    time = at(when)
    start = time - timedelta(days=1) if since == "" else None if since is None else at(since)
    gains = {symbol: Decimal(pnl) for symbol, pnl in (realized or {}).items()}
    row = AccountRow(
        connector=name,
        type="equities",
        venue="test",
        nav_usd=Decimal(1000),
        as_of=time,
        realized_pnl=sum(gains.values(), Decimal(0)) if told and start else None,
        unrealized_pnl=Decimal(0),
        net_flow_usd=Decimal(0) if start else None,
        since=start,
    )
    average = None if cost is None else Decimal(cost)
    return Snapshot(
        timestamp=time,
        nav_usd=Decimal(1000),
        realized_pnl=Decimal(0),
        unrealized_pnl=Decimal(0),
        connectors=(name,),
        schema=1,
        net_flow_usd=Decimal(0) if start else None,
        accounts=(row,),
        positions=tuple(PositionRow(name, s, Decimal(q), average) for s, q in held.items() if Decimal(q)),
        since=start,
        realized=tuple(RealizedRow(name, symbol, pnl) for symbol, pnl in gains.items()),
        fills=tuple(fills),
    )


def records(snapshots: Iterable[Snapshot]) -> list[SnapshotRecord]:
    return [SnapshotRecord("snapshots/" + file_name(s.timestamp), dumps(s)) for s in snapshots]


def trades(
    *snapshots: Snapshot, choices: Choices = UTC_CHOICES, start: datetime = START, reread: bool = False
) -> Trades:
    """`reread`: in a layout that only a parser takes, so that nothing is kept of any file."""
    found = records(snapshots)
    if reread:
        found = [replace(one, text=f"# by hand\n{decoded(one.text)}") for one in found]
    result = round_trips(found, choices, start)
    assert not isinstance(result, Undefined), result
    assert reread or result == trades(*snapshots, choices=choices, start=start, reread=True)
    return result


def unknown(found: Trades) -> Sequence[tuple[str | None, str]]:
    return [(one.symbol, one.reason) for one in found.unknown]
