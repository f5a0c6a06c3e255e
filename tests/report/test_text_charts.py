"""The charts in characters: right by hand, aligned everywhere, at most 80 columns, and inert."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_qoc.report import canvas
from git_qoc.report.charts.reading import Point, width
from git_qoc.report.illustrations import BLOCKS, alt_text, hint, illustration
from git_qoc.report.markdown import to_markdown
from git_qoc.report.notes import OPEN, extract_notes
from git_qoc.report.text_charts import BARS, contribution_block, equity_block, exposure_block, rolling_block
from tests.report.chart_documents import START, desk, equity_rows, plain, weekdays
from tests.retrospective.builders import daily, retro

# Of WGL4, whose signs Consolas, Menlo and Liberation Mono have at one width.
WGL4 = set("█▀▄▌▐─│┤└┴○▲▼◊·−…‹›")
HOSTILE = "```" + OPEN


@pytest.mark.parametrize(
    "found", [desk(), desk(3000), plain([1.0, 0.97]), plain([1.0] * 5), plain([1.0, 1e9]), plain([1.0, 0.0])]
)
def test_every_line_fits_eighty_columns_and_has_characters_of_one_width(found: dict[str, Any]) -> None:
    for chart, block in BLOCKS.items():
        for line in block(found):
            assert width(line) <= 80, (chart, line)
            assert {char for char in line if not char.isascii()} <= WGL4 | set(BARS), (chart, line)
            if set(line) & (set(BARS) - WGL4):
                assert not line.strip(BARS + " "), (chart, line)


def test_a_rising_line_is_this() -> None:
    points = [Point(START + timedelta(days=i), value) for i, value in enumerate((0.0, 3.0))]
    frame = canvas.Frame(points[0].day, points[1].day, 0.0, 3.0, 4)
    top, bottom = ("".join(row) for row in canvas.drawn(canvas.covered(points, frame), 4))
    third = canvas.COLUMNS // 3
    # Half of the columns are in each row: levels 0 and 1 below, 2 and 3 above.
    assert bottom.startswith("▄" * (third // 2))
    assert bottom.rstrip() == bottom[: canvas.COLUMNS // 2 + 1].rstrip()
    assert top.lstrip() == top[canvas.COLUMNS // 2 - 1 :].lstrip()
    assert top.endswith("▀" * (third // 2))


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=300))
def test_the_extremes_are_drawn_however_many_days_share_a_column(values: list[float]) -> None:
    points = [Point(START + timedelta(days=i), value) for i, value in enumerate(values)]
    low, high = min(values), max(values)
    frame = canvas.Frame(points[0].day, points[-1].day, low, high, 24)
    spans = [span for span in canvas.covered(points, frame) if span is not None]
    assert len(spans) == canvas.COLUMNS
    for point in points:
        bottom, top = spans[frame.column(point.day)]
        assert bottom <= frame.level(point.value) <= top
    if high > low:
        assert (min(bottom for bottom, _ in spans), max(top for _, top in spans)) == (0, 23)


def test_the_axis_says_the_extremes_and_the_start_in_their_rows() -> None:
    lines = equity_block(plain([1.0, 1.2, 0.8, 1.1]))
    assert lines[0] == "```text"
    assert lines[-1] == "```"
    index = lines[2:14]
    assert index[0].startswith("   1.2000 ┤")
    assert index[-1].startswith("   0.8000 ┤")
    # 1.0 is half of the way: level 11.5 of 23, in the sixth row from below.
    assert [i for i, line in enumerate(index) if line.startswith("   1.0000 ┤")] == [5]
    assert {line[10] for line in index} <= {"┤", "│"}
    under = lines[lines.index("Drawdown from the former peak") + 1 :][:4]
    assert under[0].startswith("      0 % ┤")
    assert under[-1].startswith(" −33.33 % ┤")
    assert "█ desk 1.1000 on 2025-01-05" in lines


def test_a_gap_is_blank_and_said() -> None:
    days = [START + timedelta(days=i) for i in (0, 1, 2, 30, 31)]
    lines = equity_block({"equity": equity_rows(days, [1.0, 1.01, 1.0, 1.02, 1.0], gaps=[3])})
    between = slice(11 + 8, 11 + 60)
    assert all(not line[between].strip() for line in lines[2:14])
    assert "broken at 1 gap" in lines[-2]
    assert any(line[11:19].strip() for line in lines[2:14])


def test_flows_and_hollow_marks_stand_in_the_column_of_their_day() -> None:
    found = plain([1.0, 1.1, 1.2, 1.1])
    found["equity"][1]["carried"] = ["kraken"]
    found["flows"] = [
        {"time": "2025-01-03T10:00:00+00:00", "amount_usd": Decimal(5)},
        {"time": "2025-01-04T10:00:00+00:00", "amount_usd": Decimal(-5)},
        {"time": "2025-01-05T10:00:00+00:00", "amount_usd": Decimal(7)},
        {"time": "2025-01-05T11:00:00+00:00", "amount_usd": Decimal(-7)},
    ]
    lines = equity_block(found)
    axis = next(line for line in lines if "└" in line)
    second, third = 11 + int(0.5 + 67 / 3), 11 + int(0.5 + 67 * 2 / 3)
    assert (axis[second], axis[third]) == ("▲", "▼")
    assert axis.count("▲") + axis.count("▼") == 2
    assert [line.index("○") for line in lines[2:14] if "○" in line] == [second]


def test_a_desk_that_never_fell_says_so() -> None:
    assert "Drawdown: never below a former peak" in equity_block(plain([1.0, 1.1]))


@pytest.mark.parametrize(
    ("value", "low", "high", "bar"),
    [(10, 0, 10, "████"), (5, 0, 10, "██  "), (1, 0, 10, "▌   "), (-10, -10, 10, "██  "),
     (10, -10, 10, "  ██"), (-1, -10, 10, " ▐  "), (0, -10, 10, "    "), (0, 0, 0, "    ")],
)  # fmt: skip
def test_a_bar_starts_at_zero_and_is_as_long_as_its_value(value: int, low: int, high: int, bar: str) -> None:
    assert canvas.bar(value, low, high, 4) == bar


def test_contribution_lists_symbols_and_connectors_with_what_is_unattributed() -> None:
    lines = contribution_block(desk())
    names = [line[:24].strip() for line in lines]
    assert names[1:4] == ["By symbol, USD", "NVDA", "AAPL"]
    assert names.count("unattributed") == 2
    assert lines[2].endswith("+9,240.25")
    assert len({len(line) for line in lines if line.endswith(("5", "0"))}) == 1


def test_a_sparkline_is_on_the_time_axis_and_blank_where_the_line_is_broken() -> None:
    days = weekdays(10)
    values = [0.1, 0.2, 0.3, 0.4, None, 0.4, 0.3, 0.2, 0.1, 0.1]
    points = [
        {"date": str(day), "volatility": value, "sharpe_ratio": None}
        for day, value in zip(days, values, strict=True)
    ]
    lines = rolling_block({"rolling": {"window": 126, "points": points}})
    assert lines[1] == "Volatility over 126 returns: 10.00 % on 2025-01-15, 10.00 % to 40.00 %"
    assert len(lines[2]) == 60
    # 2 January to 15 January are 13 days; the unknown one is the fifth weekday, six days on.
    assert lines[2][0] == "▁"
    assert lines[2][59 * 6 // 13] == " "
    assert lines[2].count("█") > 1
    assert lines[3] == f"2025-01-02{'':40}2025-01-15"


def test_exposure_is_in_dollars_when_nav_was_not_positive() -> None:
    found = desk()
    found["exposure"][5]["nav_usd"] = Decimal(-1)
    assert exposure_block(found)[1].startswith("Long in USD: ")
    assert exposure_block(desk())[1].startswith("Long of NAV: 37.89 % on 2026-04-24")


@pytest.mark.parametrize("empty", [{}, plain([1.0]), {"contribution": None, "rolling": {"points": []}}])
def test_a_block_with_nothing_to_show_is_left_out(empty: dict[str, Any]) -> None:
    assert [block(empty) for block in BLOCKS.values()] == [[], [], [], []]


def test_no_name_of_the_desk_can_close_the_block_or_open_the_notes() -> None:
    found = desk()
    found["benchmark"]["symbol"] = HOSTILE
    for row in found["contribution"]:
        row.update(connector=HOSTILE, symbol=HOSTILE)
    for block in BLOCKS.values():
        lines = block(found)
        assert [i for i, line in enumerate(lines) if "```" in line] == [0, len(lines) - 1]
        assert extract_notes("\n".join(lines)) is None
        assert OPEN not in "\n".join(lines)


def test_a_picture_of_this_run_is_embedded_with_words_and_the_characters_below() -> None:
    svg = b'<svg><title id="a">Equity +2.49 %</title></svg>'
    lines = illustration(desk(), "equity", {"retrospective-equity.svg": svg})
    assert lines[0] == "![Equity +2.49 %, 2025-01-02 to 2026-04-24](retrospective-equity.svg)"
    assert lines[1:4] == ["", "<details><summary>In characters</summary>", ""]
    assert lines[4:-2] == equity_block(desk())
    assert lines[-2:] == ["", "</details>"]
    assert illustration(desk(), "months", {"x-months.svg": svg}, stem="x") == [
        "![Equity +2.49 %, 2025-01-02 to 2026-04-24](x-months.svg)"
    ]


def test_a_picture_that_this_run_did_not_draw_is_not_named() -> None:
    assert illustration(desk(), "equity", {"retrospective-rolling.svg": b""}) == equity_block(desk())
    assert illustration(desk(), "months") == []
    assert illustration({}, "equity") == []


def test_words_for_a_picture_cannot_end_its_link() -> None:
    svg = b"<title>a](b) `c` &lt;d>\n![e</title>"
    said = alt_text({"start": "2026-01-01", "end": "2026-02-01"}, svg)
    assert not set("[]`<>\n") & set(said.replace("\\`", ""))


def test_no_hint_where_pictures_can_be_made() -> None:
    assert hint(()) == hint(["retrospective-equity.svg"]) == []


def test_the_report_names_the_pictures_that_were_drawn_with_it_and_has_characters_else() -> None:
    result = retro(daily([100 + i % 7 for i in range(140)]))
    svg = b"<svg><title>Equity</title></svg>"
    pictured, plain_report = to_markdown(result, None, {"retrospective-equity.svg": svg}), to_markdown(result)
    assert re.findall(r"!\[.*\]\((.*)\)", pictured) == ["retrospective-equity.svg"]
    assert "](" not in plain_report
    for report in (pictured, plain_report):
        assert report.count("```text") == 3  # equity, contribution, rolling
        assert "Index, 1 at the start" in report


def test_a_report_without_a_return_has_no_chart_of_the_equity() -> None:
    report = to_markdown(retro(daily([100])))
    assert "## Equity\n\nNo return yet.\n\n## Months" in report
