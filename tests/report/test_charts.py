"""The charts' specifications: valid by Vega-Lite's own schema, and none for a desk with nothing to show."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema.validators import validator_for

from git_qoc.report.charts import CHARTS, specs
from git_qoc.report.charts.contribution import money, shares
from git_qoc.report.charts.reading import Point, equity_of, shown_name, width
from git_qoc.report.charts.style import spread
from git_qoc.report.charts.thinning import sparse, thinned
from git_qoc.report.charts.ticks import date_ticks
from git_qoc.report.document import document
from tests.report.chart_documents import START, contribution_rows, desk, equity_rows, plain, walk, weekdays
from tests.retrospective.builders import daily, retro


@pytest.fixture(scope="module")
def schema() -> Any:
    """The schema of Vega-Lite as altair ships it."""
    path = distribution("altair").locate_file("altair/vegalite/v6/schema/vega-lite-schema.json")
    read = json.loads(Path(str(path)).read_text(encoding="utf-8"))
    return validator_for(read)(read)


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(desk(), id="everything"),
        pytest.param(desk(60), id="short"),
        pytest.param(plain([1.0] * 5), id="flat"),
        pytest.param(plain([1.0, 0.5, 0.0]), id="ruined"),
        pytest.param(plain([1.0, 4.0, 20.0]), id="log"),
    ],
)
def test_every_chart_is_valid_by_the_schema_of_vega_lite(schema: Any, found: dict[str, Any]) -> None:
    for name, spec in specs(found).items():
        faults = [error.message for error in schema.iter_errors(json.loads(json.dumps(spec)))]
        assert faults == [], name


def test_the_schema_would_find_a_fault(schema: Any) -> None:
    broken = {**specs(desk())["equity"], "background": None}
    assert not schema.is_valid(json.loads(json.dumps(broken)))


def test_a_desk_with_everything_has_every_chart() -> None:
    assert list(specs(desk())) == list(CHARTS) == ["equity", "months", "contribution", "exposure", "rolling"]


@pytest.mark.parametrize("navs", [[], [100], [100, 110, 99]])
def test_a_document_without_the_lists_has_no_chart_that_needs_them(navs: list[int]) -> None:
    found = document(retro(daily(navs)))
    lacking = {
        key: value for key, value in found.items() if key not in ("equity", "exposure", "contribution")
    }
    assert set(specs(lacking)) <= {"months"}


@pytest.mark.parametrize(
    "empty",
    [
        {},
        {"equity": [], "rolling": None, "contribution": None, "exposure": None, "benchmark": None},
        {"rolling": {"window": 126, "points": []}, "monthly_returns": [{"month": "2026-01", "value": None}]},
        {"contribution": [{"connector": "a", "symbol": None, "pnl_usd": Decimal(0)}]},
        {"exposure": [
            {"date": day, "nav_usd": Decimal(5), "long_usd": Decimal(0), "short_usd": Decimal(0)}
            for day in ("2026-01-01", "2026-01-02")
        ]},
        {"equity": equity_rows([START], [1.0])},
    ],
)  # fmt: skip
def test_a_chart_with_nothing_to_show_is_left_out(empty: dict[str, Any]) -> None:
    assert specs(empty) == {}


def test_a_title_says_the_main_figure_and_a_subtitle_whose_and_when() -> None:
    titles = {name: spec["title"] for name, spec in specs(desk()).items()}
    assert titles["contribution"] == {
        "text": "Contribution to +18,310.20 USD of P&L",
        "subtitle": ["Northwind Desk · 2025-01-02 to 2026-04-24 · USD; each panel sums to the P&L"],
    }
    scoped = {**desk(), "scope": {"connector": "alpaca", "symbol": "AAPL"}}
    assert "Northwind Desk · alpaca · AAPL · 2025-01-02 to 2026-04-24" in json.dumps(
        specs(scoped)["equity"]["title"], ensure_ascii=False
    )


def test_bars_of_each_kind_sum_to_the_pnl_and_stand_best_first_nameless_last() -> None:
    by_symbol, by_connector = shares(contribution_rows(), "symbol"), shares(contribution_rows(), "connector")
    assert sum(share.pnl_usd for share in by_symbol) == Decimal("18310.20")
    assert [(share.name, share.pnl_usd) for share in by_connector] == [
        ("alpaca", Decimal("13517.70")),
        ("kraken", Decimal("3993.50")),
        ("tastytrade", Decimal("430.00")),
        ("unattributed", Decimal("369.00")),
    ]
    assert [share.name for share in by_symbol[-3:]] == ["TSLA", "of no symbol", "unattributed"]
    assert by_symbol[-2].pnl_usd == Decimal("-278.50")


def test_a_hundred_symbols_are_the_fifteen_that_matter_and_one_bar_for_the_others() -> None:
    rows: list[dict[str, Any]] = [
        {"connector": "a", "symbol": f"S{i}", "pnl_usd": Decimal(i - 50)} for i in range(100)
    ]
    found = shares(rows, "symbol")
    assert len(found) == 16
    assert found[0] == ("S99", Decimal(49), True)
    assert found[-1].name == "85 others"
    assert sum(share.pnl_usd for share in found) == sum(range(-50, 50))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("1234.5", "+1,234.50"),
        ("-1234.5", "−1,234.50"),
        ("0", "0.00"),
        ("-0.001", "0.00"),
        ("1e20", "+1.0000E+20"),
    ],
)
def test_money_is_signed_and_zero_is_not(value: str, said: str) -> None:
    assert money(Decimal(value)) == said


def test_what_has_no_name_is_left_out_when_it_is_less_than_half_a_cent() -> None:
    rows: list[dict[str, Any]] = [
        {"connector": "a", "symbol": None, "pnl_usd": Decimal("0.0049")},
        {"connector": None, "symbol": None, "pnl_usd": Decimal("-0.005")},
        {"connector": "a", "symbol": "S", "pnl_usd": Decimal(0)},
    ]
    assert [share.name for share in shares(rows, "symbol")] == ["S", "unattributed"]


def test_a_desk_that_is_only_long_has_one_line_of_exposure() -> None:
    rows: list[dict[str, Any]] = [
        {"date": str(day), "nav_usd": Decimal(200), "long_usd": Decimal(100 + i), "short_usd": Decimal(0)}
        for i, day in enumerate(weekdays(3))
    ]
    spec = specs({"start": "a", "end": "b", "exposure": rows})["exposure"]
    assert spec["title"] == {
        "text": "Exposure: long 51.00 % of NAV",
        "subtitle": ["a to b · at the end of each day"],
    }
    assert '"net' not in json.dumps(spec)


def test_an_exposure_that_is_not_known_at_the_end_says_of_when_it_is() -> None:
    rows: list[dict[str, Any]] = [
        {"date": str(day), "nav_usd": Decimal(200), "long_usd": Decimal(100 + i), "short_usd": Decimal(0)}
        for i, day in enumerate(weekdays(3))
    ]
    rows[-1] |= {"long_usd": None, "short_usd": None}
    title = specs({"start": "a", "end": "b", "exposure": rows})["exposure"]["title"]
    assert f"long 50.50 % of NAV on {weekdays(3)[1]}, the last day it is known" in str(title)


def test_a_row_without_its_amount_is_no_row_of_nothing() -> None:
    with pytest.raises(ValueError, match="has no pnl_usd"):
        specs({"start": "a", "end": "b", "contribution": [{"connector": "a", "symbol": None}]})


def test_the_charts_of_a_record_are_drawn_from_what_its_report_says() -> None:
    found = document(retro(daily([100 + i % 7 for i in range(140)])))
    assert list(specs(found)) == ["equity", "months", "contribution", "rolling"]
    drawn = equity_of(found)
    assert drawn is not None
    # 140 points: 139 is 19 sevens and 6, so it ends at 106.
    assert (len(drawn.wealth), drawn.wealth[0].value) == (140, 1.0)
    assert drawn.wealth[-1].value == pytest.approx(1.06)
    assert min(point.value for point in drawn.under) == pytest.approx(100 / 106 - 1)


def test_what_is_not_a_daily_valuation_is_hollow_at_the_last_known_wealth() -> None:
    days = weekdays(4)
    found = equity_of({
        "equity": equity_rows(days, [1.0, 1.1, 1.2, 1.15], carried=[2]),
        "partial_points": [
            {"date": str(START - timedelta(days=1))},
            {"date": str(days[-1] + timedelta(days=1)), "missing": ["a"]},
        ],
    })  # fmt: skip
    assert found is not None
    assert found.hollow == [(days[2], 1.2, 0), (days[-1] + timedelta(days=1), 1.15, 0)]
    assert found.end == days[-1] + timedelta(days=1)


def test_a_run_ends_at_a_gap_and_where_the_chain_broke() -> None:
    found = equity_of({"equity": equity_rows(weekdays(6), walk(6), gaps=[2], broken=[4])})
    assert found is not None
    assert [point.run for point in found.wealth] == [0, 0, 1, 1, 2, 2]


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=400), st.integers(1, 20))
def test_thinning_keeps_the_extremes_and_both_ends_of_every_column(values: list[float], columns: int) -> None:
    points = [Point(START + timedelta(days=i), value) for i, value in enumerate(values)]
    kept = thinned(points, columns)
    assert len(kept) <= 4 * columns or len(kept) == len(points) <= 4 * columns
    assert kept == sorted(kept)
    assert set(kept) <= set(points)
    for extreme in (min, max):
        assert extreme(kept, key=lambda p: p.value).value == extreme(values)
    if len(points) > 4 * columns:
        for column in range(columns):
            inside = [p for i, p in enumerate(points) if i * columns // len(points) == column]
            there = [p for p in kept if p in inside]
            assert {inside[0], inside[-1]} <= set(there)
            assert min(p.value for p in there) == min(p.value for p in inside)
            assert max(p.value for p in there) == max(p.value for p in inside)


def test_marks_that_would_cover_each_other_are_one_a_column() -> None:
    points = [Point(START + timedelta(days=i), 1.0) for i in range(1000)]
    assert len(sparse(points, 50)) == 50
    assert sparse(points[:50], 50) == points[:50]


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 60_000))
def test_the_time_axis_has_at_most_eight_round_dates_within_it(start: date, span: int) -> None:
    end = start + timedelta(days=span)
    ticks = date_ticks(start, end)
    assert len(ticks.days) <= 8
    assert all(start <= tick <= end for tick in ticks.days)
    labels = [tick.strftime(ticks.format) for tick in ticks.days]
    assert len(set(labels)) == len(labels)
    assert all(
        label == tick.isoformat()[: len(label)] for label, tick in zip(labels, ticks.days, strict=True)
    )


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2026-03-02", "2026-03-04", ["2026-03-02", "2026-03-03", "2026-03-04"]),
        ("2026-03-03", "2026-03-30", ["2026-03-09", "2026-03-16", "2026-03-23", "2026-03-30"]),
        ("2025-11-02", "2026-03-30", ["2025-12", "2026-01", "2026-02", "2026-03"]),
        ("1999-06-01", "2026-03-30", ["2000", "2005", "2010", "2015", "2020", "2025"]),
    ],
)
def test_the_dates_of_an_axis_are_days_mondays_months_or_years(start: str, end: str, said: list[str]) -> None:
    ticks = date_ticks(date.fromisoformat(start), date.fromisoformat(end))
    assert [tick.strftime(ticks.format) for tick in ticks.days] == said


def test_labels_at_the_end_of_lines_are_moved_apart() -> None:
    assert spread([1.0, 1.01, 5.0], 0.5) == [1.0, 1.5, 5.0]
    assert spread([2.0, 1.9], 0.5) == [2.4, 1.9]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("AAPL", "AAPL"),
        ("a\nb\x1b[31m\u202e\ud800", "a b [31m  "),
        ("SPY   260116C00500000-on-a-long-name-0001", "SPY   26011…ng-name-0001"),
        ("漢" * 20, "漢漢漢漢漢…漢漢漢漢漢漢"),
    ],
)
def test_a_name_is_shown_on_one_line_with_both_its_ends(name: str, shown: str) -> None:
    assert shown_name(name) == shown
    assert width(shown_name(name)) <= 24
