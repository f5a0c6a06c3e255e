"""Snapshot files of a small desk, built through the tool's own writer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from git_qoc.retrospective.choices import Choices
from git_qoc.retrospective.compute import compute
from git_qoc.retrospective.metrics import Undefined
from git_qoc.retrospective.point import SnapshotRecord
from git_qoc.retrospective.result import Retrospective
from git_qoc.snapshots.snapshot import AccountRow, FlowRow, PositionRow, Snapshot
from git_qoc.snapshots.toml import dumps, file_name

UTC_CHOICES = Choices(ZoneInfo("UTC"))
Number = int | str | Decimal


def at(text: str) -> datetime:
    """`03-02` is that day of 2026 at 21:00 UTC, `03-02 10:00` the instant."""
    day, _, clock = text.partition(" ")
    return datetime.fromisoformat(f"2026-{day}T{clock or '21:00'}:00+00:00")


def flow(when: str, amount: Number, connector: str = "a", kind: str = "deposit") -> FlowRow:
    return FlowRow(at(when), connector, kind, Decimal(amount))


def ours(
    when: str,
    navs: Mapping[str, Number],
    *,
    enabled: Sequence[str] | None = None,
    net_flow: Number | None = 0,
    flows: Sequence[FlowRow] = (),
    account_flows: Mapping[str, Number] | None = None,
    realized: Number = 0,
    unrealized: Mapping[str, Number] | None = None,
    degraded: Sequence[str] = (),
    backfill: bool = False,
    commit: str | None = None,
    committed: str | None = None,
    since: str | None = None,
) -> SnapshotRecord:
    """A file of ours with one account row per connector of `navs`; enabled: the same ones."""
    open_pnl = unrealized or {}
    rows = tuple(
        AccountRow(
            connector=name,
            type="equities",
            venue="paper",
            nav_usd=Decimal(nav),
            as_of=at(when),
            realized_pnl=Decimal(realized) if len(navs) == 1 else Decimal(0),
            unrealized_pnl=Decimal(open_pnl.get(name, 0)),
            net_flow_usd=Decimal((account_flows or {}).get(name, 0)),
            since=at(since) if since else None,
        )
        for name, nav in navs.items()
    )
    total = sum((row.amount_usd for row in flows), Decimal(0)) if flows else net_flow
    snapshot = Snapshot(
        timestamp=at(when),
        nav_usd=sum((row.nav_usd for row in rows), Decimal(0)),
        realized_pnl=Decimal(realized),
        unrealized_pnl=sum((row.unrealized_pnl or Decimal(0) for row in rows), Decimal(0)),
        connectors=tuple(navs),
        schema=1,
        net_flow_usd=None if total is None else Decimal(total),
        # As the tool writes it: whoever was enabled and could not be read is named.
        degraded=tuple(degraded) or tuple(name for name in enabled or () if name not in navs),
        backfill=backfill,
        accounts=rows,
        flows=tuple(flows),
        since=at(since) if since else None,
    )
    return SnapshotRecord(
        path="snapshots/" + file_name(at(when)),
        text=dumps(snapshot),
        commit=commit,
        committed_at=at(committed) if committed else None,
        enabled=frozenset(navs if enabled is None else enabled),
    )


def spec_only(
    when: str,
    nav: Number,
    *,
    connectors: Sequence[str] = ("a",),
    realized: Number | None = 0,
    unrealized: Number | None = 0,
    enabled: Sequence[str] | None = None,
    positions: Sequence[PositionRow] = (),
) -> SnapshotRecord:
    """A file with only the keys of spec/snapshots-and-equity.txt."""
    snapshot = Snapshot(
        timestamp=at(when),
        nav_usd=Decimal(nav),
        realized_pnl=None if realized is None else Decimal(realized),
        unrealized_pnl=None if unrealized is None else Decimal(unrealized),
        connectors=tuple(connectors),
        positions=tuple(positions),
    )
    return SnapshotRecord(
        path="snapshots/" + file_name(at(when)),
        text=dumps(snapshot),
        enabled=frozenset(enabled) if enabled is not None else None,
    )


def daily(navs: Sequence[Number], start: date = date(2026, 3, 2)) -> list[SnapshotRecord]:
    """One account `a`, one snapshot a calendar day at 21:00 UTC from `start`, no flows."""
    records = []
    for i, nav in enumerate(navs):
        when = datetime.combine(date.fromordinal(start.toordinal() + i), time(21), UTC)
        snapshot = Snapshot(when, Decimal(nav), None, None, None, ("a",), 1, Decimal(0))
        records.append(
            SnapshotRecord("snapshots/" + file_name(when), dumps(snapshot), enabled=frozenset({"a"}))
        )
    return records


def retro(records: Sequence[SnapshotRecord], choices: Choices = UTC_CHOICES) -> Retrospective:
    return compute(records, choices)


def returns(result: Retrospective) -> list[float | None]:
    """Every day's return, rounded far beyond any rule's tolerance, for comparison with fractions by hand."""
    return [None if entry.value is None else round(entry.value, 12) for entry in result.days]


def figure(result: Retrospective, key: str) -> float:
    value = result.figures[key]
    assert not isinstance(value, Undefined), value
    return value


def reason(result: Retrospective, key: str) -> str:
    value = result.figures[key]
    assert isinstance(value, Undefined), value
    return value.reason


def kinds(result: Retrospective) -> list[str]:
    return [finding.kind.value for finding in result.findings]
