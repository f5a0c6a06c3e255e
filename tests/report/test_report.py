"""The two reports: clear for any desk, the same bytes for the same history."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, cast

import pytest

from git_qoc.report.json_text import to_json
from git_qoc.report.markdown import to_markdown
from git_qoc.report.notes import CLOSE, OPEN, extract_notes
from git_qoc.report.pieces import percent, plain_text, ratio, table, usd
from git_qoc.retrospective.metrics import Undefined
from git_qoc.retrospective.point import SnapshotRecord
from tests.retrospective.builders import UTC_CHOICES, daily, flow, ours, retro, spec_only
from tests.retrospective.trades.record import day, fill
from tests.retrospective.trades.record import records as trading_records

# The keys of the definitions' last paragraph.
KEYS = (
    *("start", "end", "n_points", "n_returns", "periods_per_year", "total_return", "cagr", "volatility"),
    *("sharpe_ratio", "sharpe_standard_error", "sortino_ratio", "calmar_ratio", "max_drawdown"),
    *("max_drawdown_peak", "max_drawdown_trough", "max_drawdown_recovery", "win_rate", "days_up"),
    *("days_down", "days_flat", "value_at_risk_95", "cvar_95", "ulcer_index", "money_weighted_return"),
    *("pnl_usd", "net_flow_usd", "nav_start_usd", "nav_end_usd"),
    *("daily_returns", "drawdowns", "flows", "contribution", "data_quality", "reasons"),
)

Report = dict[str, object]

NAVS = [100, 110, 99, 99, 121, 108]


def values(records: Sequence[SnapshotRecord]) -> Report:
    return cast(Report, json.loads(to_json(retro(records)), parse_float=Decimal))


def cell(markdown: str, figure: str) -> str:
    """What the headline or risk table says of a figure."""
    line = next(line for line in markdown.splitlines() if line.startswith(f"| {figure} "))
    return line.split(" | ", 1)[1].removesuffix("|").strip()


@pytest.mark.parametrize(
    "records", [[], daily([100]), daily([100, 110]), daily([5, 5, 5]), daily(NAVS), daily([100, -5, 3])]
)
def test_every_key_is_there_and_a_null_has_its_reason(records: list[SnapshotRecord]) -> None:
    report = values(records)
    assert [key for key in KEYS if key not in report] == []
    nulls = {key for key in KEYS if report[key] is None}
    assert nulls <= set(cast(Report, report["reasons"]))
    assert (report["contribution"] is None) == (report["pnl_usd"] is None)


def test_json_holds_full_precision_fractions_and_local_dates() -> None:
    report = values(daily(NAVS))
    assert report["start"] == "2026-03-02"
    assert (report["n_points"], report["n_returns"]) == (6, 5)
    assert (report["days_up"], report["days_down"], report["days_flat"]) == (2, 2, 1)
    # 121 → 108 is −10.74 %, deeper than 110 → 99, and not recovered.
    assert float(cast(Decimal, report["max_drawdown"])) == pytest.approx(108 / 121 - 1, rel=1e-12)
    assert (report["max_drawdown_peak"], report["max_drawdown_trough"]) == ("2026-03-06", "2026-03-07")
    assert report["max_drawdown_recovery"] is None
    assert cast(Report, report["reasons"])["max_drawdown_recovery"] == "not recovered"
    assert report["pnl_usd"] == 8
    assert cast(list[Report], report["daily_returns"])[0]["date"] == "2026-03-03"


def test_json_money_keeps_every_digit_as_a_number() -> None:
    text = to_json(retro(daily(["12345678901234567890.123456789", "12345678901234567890.123456790"])))
    assert '"nav_start_usd": 12345678901234567890.123456789,' in text
    assert '"pnl_usd": 0.000000001,' in text


def test_json_marks_implied_flows() -> None:
    report = values([spec_only("03-02", 1000), spec_only("03-03", 2000)])
    assert report["flows"] == [
        {
            "time": "2026-03-03T21:00:00+00:00",
            "connector": None,
            "kind": "deposit",
            "amount_usd": 1000,
            "implied": True,
        }
    ]


def test_no_snapshot_gives_a_clear_report() -> None:
    text = to_markdown(retro([]))
    assert text.startswith("# Retrospective (no complete snapshot)\n")
    assert cell(text, "Total return (TWR)") == "n/a (needs two complete snapshots)"
    assert cell(text, "P&L") == "n/a (no complete snapshot)"


def test_one_snapshot_gives_its_nav_and_nothing_else() -> None:
    text = to_markdown(retro(daily([100])))
    assert cell(text, "NAV") == "100.00 USD → 100.00 USD"
    assert cell(text, "Sharpe ratio") == "n/a (fewer than two days with a complete snapshot)"
    assert cell(text, "Win rate, days") == "n/a (0 up / 0 down / 0 flat)"


def test_one_return_has_no_sharpe_ratio_and_says_why() -> None:
    text = to_markdown(retro(daily([100, 110])))
    assert cell(text, "Total return (TWR)") == "+10.00 %"
    assert cell(text, "Sharpe ratio") == "n/a (needs two returns, has 1)"
    assert cell(text, "CAGR") == "n/a (not annualised: 1 days, 365 needed)"


def test_a_flat_desk_has_no_ratio() -> None:
    text = to_markdown(retro(daily([100, 100, 100])))
    assert cell(text, "Total return (TWR)") == "0.00 %"
    assert cell(text, "Sharpe ratio") == "n/a (the returns do not vary)"
    assert cell(text, "Max drawdown") == "0.00 % (never below a former peak)"
    assert cell(text, "Volatility, annual") == "0.00 %"


def test_the_headline_shows_counts_dates_and_standard_error() -> None:
    text = to_markdown(retro(daily(NAVS)))
    assert cell(text, "Win rate, days") == "50.00 % (2 up / 2 down / 1 flat)"
    assert cell(text, "Max drawdown") == "-10.74 % (2026-03-06 to 2026-03-07, not recovered)"
    assert "± " in cell(text, "Sharpe ratio")
    assert cell(text, "Sharpe ratio").endswith("(n = 5)")
    assert cell(text, "P&L") == "+8.00 USD"


def test_every_choice_is_printed_with_where_it_came_from() -> None:
    chosen = replace(
        UTC_CHOICES, risk_free=Decimal("0.03"), origins={"risk_free": "desk.toml [retrospective]"}
    )
    text = to_markdown(retro(daily(NAVS), chosen))
    lines = [[part.strip() for part in line.split("|")[1:-1]] for line in text.splitlines() if "|" in line]
    assert ["risk free", "0.03", "desk.toml [retrospective]"] in lines
    assert ["zone", "UTC", "default"] in lines
    assert ["partial", "exclude", "default"] in lines
    assert "Periods per year: 365.00 (1 of 6 points on a weekend)." in text


def test_implied_flows_are_marked() -> None:
    text = to_markdown(retro([spec_only("03-02", 1000), spec_only("03-03", 2000)]))
    assert "deposit (implied)" in text
    assert "+1,000.00 USD" in text


def test_a_broken_chain_is_said_beside_the_headline() -> None:
    records = [
        ours("03-02", {"a": 100}),
        ours("03-03", {"a": 0}, flows=[flow("03-03", -100)]),
        ours("03-04", {"a": 100}, flows=[flow("03-04", 100)]),
        ours("03-05", {"a": 110}),
    ]
    head, _, _ = to_markdown(retro(records)).partition("## Equity")
    assert "**Warning:** 2026-03-04: the chain breaks: no capital to measure against (0.00 USD)." in head
    assert "- unbroken 2026-03-04 to 2026-03-05: +10.00 %" in head
    assert cell(head, "Total return (TWR)").startswith("n/a (the chain broke")


def test_notes_survive_regeneration_byte_for_byte() -> None:
    notes = "First line.\n\n## Own heading\n| a | b |\n" + CLOSE + " even the marker\nlast"
    once = to_markdown(retro(daily(NAVS)), notes)
    assert extract_notes(once) == notes
    assert to_markdown(retro(daily(NAVS)), extract_notes(once)) == once


def test_notes_without_their_end_marker_are_not_lost() -> None:
    assert extract_notes(f"# x\n{OPEN}\nmine\n") == "mine"
    assert extract_notes("# x\n") is None
    assert extract_notes(to_markdown(retro([]))) is None


def test_names_and_paths_cannot_act_as_markup() -> None:
    evil = "a|b <script>`x`\n" + OPEN
    records = [
        ours("03-02", {"a": 100}),
        ours("03-03", {"a": 100, evil: 50}),
        SnapshotRecord(f"snapshots/{OPEN}.toml", "x"),
    ]
    text = to_markdown(retro(records), "mine")
    assert text.count(OPEN) == 1
    assert "<script>" not in text
    assert extract_notes(text) == "mine"
    assert json.loads(to_json(retro(records)))["flows"][0]["connector"] == evil


def test_markdown_tables_have_the_same_cells_in_every_row() -> None:
    text = to_markdown(retro(daily([100 + i % 7 for i in range(120)])))
    widths: dict[int, int] = {}
    block = 0
    for line in text.splitlines():
        if not line.startswith("|"):
            block += 1
            continue
        cells = line.count(" | ") + 1
        assert widths.setdefault(block, cells) == cells, line


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1234567, "+12.35 %"), (-0.5, "-50.00 %"), (0.0, "0.00 %"), (-1e-9, "0.00 %"), (1e-9, "0.00 %")],
)
def test_percent_has_no_sign_on_zero(value: float, text: str) -> None:
    assert percent(value) == text


def test_pieces_of_markdown() -> None:
    assert percent(Undefined("x")) == ratio(Undefined("x")) == usd(Undefined("x")) == "n/a"
    assert usd(Decimal("1234.565"), signed=True) == "+1,234.56 USD"
    assert usd(Decimal("-1234.5"), signed=True) == "-1,234.50 USD"
    assert ratio(-0.001) == "0.00"
    assert table(("a", "b"), [("x", "1")], "lr") == ["| a   |   b |", "| --- | --: |", "| x   |   1 |"]
    assert plain_text("a|b") == "a\\|b"


def test_the_grid_has_a_row_per_year_and_blank_months_without_returns() -> None:
    records = [daily([nav], day)[0] for nav, day in (
        (100, date(2025, 12, 30)), (110, date(2025, 12, 31)), (99, date(2026, 2, 2)),
    )]  # fmt: skip
    text = to_markdown(retro(records))
    rows = {line.split("|")[1].strip(): [c.strip() for c in line.split("|")[2:-1]]
            for line in text.splitlines() if line.startswith("| 202")}  # fmt: skip
    assert rows["2025"] == [""] * 11 + ["+10.00", "+10.00"]
    assert rows["2026"] == ["", "-10.00"] + [""] * 10 + ["-10.00"]


DECIDED = [
    day("03-01", {"B": 5}, since=None),
    day("03-02", {"A|x": 10, "B": 5}, fill("03-02 10:00", 10, 10, "A|x", fee="0.50")),
    day("03-03", {"B": 5}, fill("03-03 10:00", -10, "12.345", "A|x", fee="0.50"), realized={"A|x": "22.95"}),
]


def test_json_holds_the_trades_in_full_and_what_makes_none() -> None:
    found = cast(dict[str, Any], values(trading_records(DECIDED))["trades"])
    (row,) = found["rows"]
    assert row == {
        "connector": "eq", "symbol": "A|x", "side": "long", "entry_time": "2026-03-02T10:00:00+00:00",
        "exit_time": "2026-03-03T10:00:00+00:00", "quantity": 10, "entry_price": 10,
        "exit_price": Decimal("12.345"), "pnl_usd": Decimal("22.45"), "fees_usd": 1, "holding_days": 1,
        "multiplier": 1, "entry_orders": ["o-03-02 10:00"], "exit_orders": ["o-03-03 10:00"],
    }  # fmt: skip
    assert (found["closed"], found["won"], found["win_rate"], found["open"]) == (1, 1, 1, 0)
    assert found["profit_factor"] is None
    assert found["reasons"]["profit_factor"] == "no trade was lost"
    assert found["unknown"] == [{"connector": "eq", "symbol": "B", "reason": "held before the record began"}]


def test_the_section_of_trades_has_figures_rows_and_reasons() -> None:
    text = to_markdown(retro(trading_records(DECIDED)))
    section = text.partition("## Trades\n")[2].partition("\n## ")[0]
    lines = [" ".join(line.split()) for line in section.splitlines()]
    assert "| Closed trades | 1 (1 won / 0 lost / 0 flat) |" in lines
    assert "| Profit factor of trades | n/a (no trade was lost) |" in lines
    assert "| 2026-03-03 10:00 | eq | A\\|x | long | 10 | 10.00 | 12.345 | +22.45 | 1.00 | 1.0 |" in lines
    assert lines[-1] == "- eq B: held before the record began"


def test_symbols_that_have_one_reason_are_told_in_one_line() -> None:
    names = [f"S{n:02}" for n in range(12)]
    held = dict.fromkeys(names, 1)
    text = to_markdown(retro(trading_records([day("03-01", held, since=None), day("03-02", held)])))
    listed = ", ".join(names[:10])
    assert f"\n- eq {listed} and 2 more: held before the record began\n" in text


def test_without_fills_the_trades_are_null_with_their_reason() -> None:
    found = values(daily([100, 110]))
    assert found["trades"] is None
    assert cast(Report, found["reasons"])["trades"] == "no snapshot tells its fills"
    assert "## Trades\n\nn/a (no snapshot tells its fills)\n" in to_markdown(retro(daily([100, 110])))
