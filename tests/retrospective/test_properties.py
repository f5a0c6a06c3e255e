"""What holds for every desk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_qoc.report.json_text import to_json
from git_qoc.report.markdown import to_markdown
from git_qoc.retrospective.choices import Choices
from git_qoc.retrospective.metrics import Undefined
from git_qoc.retrospective.point import SnapshotRecord
from git_qoc.snapshots.snapshot import AccountRow, FlowRow, Snapshot
from git_qoc.snapshots.toml import dumps, file_name
from tests.retrospective.builders import UTC_CHOICES, daily, figure, retro, returns

START = datetime(2026, 1, 5, 21, tzinfo=UTC)

moves = st.lists(st.integers(-900, 1500), min_size=1, max_size=25)  # returns in per mille
amounts = st.lists(st.integers(-5_000, 20_000), min_size=25, max_size=25)


def desk_with_flows(per_mille: Sequence[int], flows: Sequence[int]) -> list[SnapshotRecord]:
    """Earns exactly the moves; each flow lands at the instant of a valuation."""
    nav = Decimal(1_000_000)
    records = [record(START, nav, ())]
    for i, (move, amount) in enumerate(zip(per_mille, flows, strict=False), start=1):
        when = START + timedelta(days=i)
        nav = (nav * (1000 + move) / 1000).quantize(Decimal("1e-20"))
        rows = (FlowRow(when, "a", "deposit", Decimal(amount)),) if nav + amount > 0 and amount else ()
        nav += sum((row.amount_usd for row in rows), Decimal(0))
        records.append(record(when, nav, rows))
    return records


def record(when: datetime, nav: Decimal, flows: tuple[FlowRow, ...]) -> SnapshotRecord:
    net = sum((row.amount_usd for row in flows), Decimal(0))
    text = dumps(Snapshot(when, nav, None, None, None, ("a",), 1, net, flows=flows))
    return SnapshotRecord("snapshots/" + file_name(when), text, enabled=frozenset({"a"}))


@given(moves, amounts)
def test_twr_is_blind_to_flows_at_valuation_points(per_mille: list[int], flows: list[int]) -> None:
    with_flows = retro(desk_with_flows(per_mille, flows))
    without = retro(desk_with_flows(per_mille, [0] * 25))
    assert figure(with_flows, "total_return") == pytest.approx(
        figure(without, "total_return"), rel=1e-9, abs=1e-12
    )
    assert figure(with_flows, "max_drawdown") == pytest.approx(
        figure(without, "max_drawdown"), rel=1e-9, abs=1e-12
    )
    assert not any(entry.estimated for entry in with_flows.days)


@given(st.lists(st.integers(1, 10**9), min_size=2, max_size=30), st.integers(1, 10**6))
def test_returns_do_not_depend_on_the_size_of_the_desk(navs: list[int], scale: int) -> None:
    assert returns(retro(daily(navs))) == returns(retro(daily([nav * scale for nav in navs])))


@given(st.lists(st.integers(-(10**6), 10**6), min_size=2, max_size=30))
def test_the_drawdown_is_between_minus_one_and_zero(navs: list[int]) -> None:
    result = retro(daily(navs))
    depth = result.figures["max_drawdown"]
    if not isinstance(depth, Undefined):
        assert -1.0 <= depth <= 0.0
    assert all(-1.0 <= d.depth < 0.0 for d in result.drawdowns)


def lacking_b(nav: int, day: date) -> SnapshotRecord:
    (item,) = daily([nav], day)
    text = str(item.text).replace(
        "net_flow_usd   = 0.00\n", 'net_flow_usd   = 0.00\ndegraded       = ["b"]\n'
    )
    return replace(item, text=text)


@given(st.lists(st.integers(1, 10**6), min_size=2, max_size=20), st.data())
def test_an_outage_never_moves_total_return_or_drawdown(navs: list[int], data: st.DataObject) -> None:
    both = 'connectors     = ["a", "b"]'
    full = [
        replace(item, text=str(item.text).replace('connectors     = ["a"]', both)) for item in daily(navs)
    ]
    outages = [
        lacking_b(data.draw(st.integers(0, 10**6)), date(2026, 3, 2) + timedelta(days=offset))
        for offset in data.draw(st.sets(st.integers(0, len(navs)), max_size=5))
    ]
    shifted = [
        replace(item, path="out-" + item.path, text=str(item.text).replace("T21:00", "T22:00"))
        for item in outages
    ]
    alone, disturbed = retro(full), retro([*full, *shifted])
    assert alone.figures == disturbed.figures
    assert alone.drawdowns == disturbed.drawdowns
    assert returns(alone) == returns(disturbed)


names = st.sampled_from(["a", "b", "c"])
cents = st.integers(-(10**7), 10**9).map(lambda n: Decimal(n) / 100)
maybe = st.one_of(st.none(), cents)


@st.composite
def any_snapshot(draw: st.DrawFn) -> SnapshotRecord:
    when = START + timedelta(hours=draw(st.integers(0, 24 * 40)))
    present = sorted(draw(st.sets(names)))
    with_rows = draw(st.booleans())
    flows = draw(
        st.lists(
            st.builds(
                FlowRow,
                st.integers(-48, 24).map(lambda h: when + timedelta(hours=h)),
                names,
                st.sampled_from(["deposit", "withdrawal", "transfer"]),
                cents,
            ),
            max_size=2,
        )
    )
    accounts = tuple(
        AccountRow(n, "cash", "paper", draw(cents), when, net_flow_usd=draw(maybe)) for n in present
    )
    snapshot = Snapshot(
        timestamp=when,
        nav_usd=draw(cents),
        realized_pnl=draw(maybe),
        unrealized_pnl=draw(maybe),
        connectors=tuple(present),
        schema=draw(st.sampled_from([None, 1])),
        net_flow_usd=draw(maybe),
        degraded=tuple(sorted(draw(st.sets(names, max_size=1)) - set(present))),
        backfill=draw(st.booleans()),
        accounts=accounts if with_rows else (),
        flows=tuple(flows),
    )
    path = f"snapshots/{file_name(when)}-{draw(st.integers(0, 9))}"
    enabled = draw(st.one_of(st.none(), st.frozensets(names)))
    return SnapshotRecord(path, dumps(snapshot), "c0ffee", when, enabled)


desks = st.lists(any_snapshot(), max_size=12, unique_by=lambda item: item.path)
choices = st.builds(
    Choices,
    zone=st.just(UTC_CHOICES.zone),
    partial=st.sampled_from(["exclude", "carry"]),
    flows=st.sampled_from(["auto", "explicit"]),
    live_only=st.booleans(),
)


def no_constant(name: str) -> NoReturn:
    raise AssertionError(f"{name} in the JSON")


@given(desks, choices)
def test_any_desk_gives_a_finite_report_that_foots(records: list[SnapshotRecord], chosen: Choices) -> None:
    result = retro(records, chosen)
    values = json.loads(to_json(result), parse_constant=no_constant, parse_float=Decimal)
    assert to_markdown(result).endswith("<!-- /qoc:notes -->\n")
    for key, value in values.items():
        if value is None and key not in ("best_day", "worst_day", "current_drawdown", "intraday_drawdown"):
            assert values["reasons"][key], key
    if values["pnl_usd"] is not None:
        assert values["pnl_usd"] == values["nav_end_usd"] - values["nav_start_usd"] - values["net_flow_usd"]
        assert values["net_flow_usd"] == sum(flow["amount_usd"] for flow in values["flows"])
    if values["other_pnl_usd"] is not None:
        parts = (values["realized_pnl_usd"], values["unrealized_change_usd"], values["other_pnl_usd"])
        assert values["pnl_usd"] == sum(parts)
    if values["total_return"] is not None and len(result.segments) == 1:
        wealth = 1.0
        for entry in values["daily_returns"]:
            wealth *= 1.0 + float(entry["value"] or 0)
        assert float(values["total_return"]) == pytest.approx(wealth - 1.0, rel=1e-9, abs=1e-9)


@given(desks, choices, st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(
    records: list[SnapshotRecord], chosen: Choices, random: object
) -> None:
    shuffled = list(records)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = retro(records, chosen), retro(shuffled, chosen)
    assert to_json(first) == to_json(second)
    assert to_markdown(first) == to_markdown(second)
