"""The page is whole in itself: well-formed, closed to the network, and a desk's names stay text."""

from __future__ import annotations

import hashlib
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from git_qoc.report.document import document
from git_qoc.report.page.assets import DATA, LIBRARY
from git_qoc.report.page.figures import quantity
from git_qoc.report.page.page import DATA_ID, SECTIONS, page
from git_qoc.report.page.series import by_day
from git_qoc.report.page.summary import SUMMARY_ID
from git_qoc.report.page.svg import MOST, runs, thinned
from tests.report.html_of import Element, cells, data_of, everything, hashes, parsed, policy
from tests.report.sample import sample
from tests.retrospective.builders import daily, retro

HOSTILE = (
    "</script><script>pwned()</script><!--<img src=x onerror=pwned()>\"'&amp;\u2028\u2029\u202e\x00{{7*7}}`"
)
LIBRARY_SHA256 = "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f"
ISO = re.compile(r"\d{4}-\d\d(-\d\d.*)?")


@pytest.fixture(scope="module")
def rich() -> dict[str, Any]:
    return sample()


@pytest.fixture(scope="module")
def whole(rich: dict[str, Any]) -> Element:
    return parsed(page(rich))


def hostile(value: Any) -> Any:
    """Every text that is no date and no key, replaced."""
    if isinstance(value, dict):
        return {key: item if key == "side" else hostile(item) for key, item in value.items()}
    if isinstance(value, list):
        return [hostile(item) for item in value]
    return HOSTILE if isinstance(value, str) and value and not ISO.fullmatch(value) else value


def test_the_same_document_gives_the_same_bytes(rich: dict[str, Any]) -> None:
    assert page(rich) == page(sample())


def test_every_id_is_there_once_and_every_reference_leads_somewhere(whole: Element) -> None:
    ids = [e.attrs["id"] for e in everything(whole) if "id" in e.attrs]
    assert len(ids) == len(set(ids))
    for element in everything(whole):
        for name in ("aria-labelledby", "aria-describedby"):
            assert set((element.attrs.get(name) or "").split()) <= set(ids)
        if element.tag == "a":
            assert (element.attrs["href"] or "").removeprefix("#") in ids


def test_nothing_is_fetched_from_anywhere(whole: Element) -> None:
    for element in everything(whole):
        assert "src" not in element.attrs
        assert "style" not in element.attrs
        assert not [name for name in element.attrs if name.startswith("on")]
        assert (element.attrs.get("href") or "#").startswith(("#", "data:,"))
    for style in whole.all("style"):
        assert not re.search(r"@import|url\(|https?:", style.text)
    library, own = (s.text for s in whole.all("script") if s.attrs.get("type") is None)
    assert not re.search(r"fetch\(|XMLHttp|WebSocket|sendBeacon|import\(|https?:", own)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|Function\(", own)
    assert re.findall(r"https?://[^\s\"']+", library) == ["https://github.com/leeoniya/uPlot"]


def test_the_policy_lets_exactly_these_scripts_and_styles_run(whole: Element) -> None:
    scripts, styles = hashes(whole)
    told = policy(whole)
    assert told["script-src"].split() == scripts
    assert told["style-src"].split() == styles
    assert [told[name] for name in ("default-src", "connect-src", "base-uri", "form-action")] == [
        "'none'"
    ] * 4


def test_the_library_is_the_package_s_own_file() -> None:
    text = (DATA / LIBRARY[0]).read_bytes()
    assert hashlib.sha256(text).hexdigest() == LIBRARY_SHA256
    assert text.startswith(b"/*! https://github.com/leeoniya/uPlot (v1.6.32) */")


def test_a_hostile_desk_changes_words_and_no_markup(rich: dict[str, Any], whole: Element) -> None:
    given = hostile(rich)
    made = page(given)
    attacked = parsed(made)
    # Kinds of findings and choices are ours, so their rows may be merged; all else stands where it stood.
    for section in attacked.all("section"):
        before = whole.with_id(section.attrs["id"] or "")
        if section.attrs["id"] not in ("data-quality", "contribution"):
            assert [e.tag for e in everything(section)] == [e.tag for e in everything(before)]
    assert [s.attrs for s in attacked.all("script")] == [s.attrs for s in whole.all("script")]
    assert hashes(attacked) == hashes(whole)
    assert not attacked.all("img")
    assert made.count("<!--") == 0
    assert "\u2028" not in made
    assert "\u202e" not in made
    assert data_of(attacked, SUMMARY_ID)["name"] == HOSTILE
    assert "pwned()</script><!--<img" in attacked.with_id("found-each").words()


def test_every_table_has_a_caption_and_heads_with_their_scope(whole: Element) -> None:
    tables = whole.all("table")
    assert len(tables) > 12
    for table in tables:
        assert table.children[0].tag == "caption"
        assert table.children[0].words()
        heads = table.all("thead")[0].all("th")
        assert {head.attrs["scope"] for head in heads} == {"col"}
        for row in [
            *table.all("tbody")[0].all("tr"),
            *(r for foot in table.all("tfoot") for r in foot.all("tr")),
        ]:
            assert len(row.children) == len(heads)
            assert (row.children[0].tag, row.children[0].attrs["scope"]) == ("th", "row")
    boxes = [e for e in everything(whole) if e.attrs.get("class") == "scroll"]
    assert len(boxes) == len(tables)
    assert {box.attrs["tabindex"] for box in boxes} == {"0"}


def test_the_tables_hold_every_row_of_the_document(rich: dict[str, Any], whole: Element) -> None:
    def lines(name: str) -> list[list[str]]:
        return cells(whole.with_id(name))

    assert len(lines("trades-table")) == len(rich["trades"]["rows"])
    assert len(lines("drawdown-table")) == len(rich["drawdowns"])
    assert len(lines("choices")) == len(rich["choices"])
    assert [line[3] for line in lines("flows-table")] == ["+50,000.00", "+12,500.00", "−30,000.00"]
    assert lines("flows-table")[1][2] == "transfer in (implied)"
    assert [line[0] for line in lines("months")] == ["2024", "2025"]
    assert lines("trades-unknown") == [["XAU", "old-bank", "its fills begin after the position"]]
    assert lines("found-kinds")[0] == ["Backfilled", "backfilled snapshots, included", "40"]
    assert [line[0] for line in lines("found-each")] == ["Gap", "Partial", "Carried"]


def test_contribution_sums_to_the_same_by_symbol_and_by_connector(whole: Element) -> None:
    """90,000 + 29,000 − 32,000 − 93,000 − 312.40 + 0.07, of which 119,000 − 312.40 are of main-equities."""
    for name in ("by-symbol", "by-connector"):
        assert whole.with_id(name).all("tfoot")[0].all("td")[-1].words() == "−6,312.33"
    assert cells(whole.with_id("by-connector"))[0] == ["main-equities", "+118,687.60"]
    by_symbol = cells(whole.with_id("by-symbol"))
    assert by_symbol[2:4] == [
        ["Unattributed", "", "0.00", "+0.07"],
        ["Of no symbol", "−312.40", "0.00", "−312.40"],
    ]


def test_what_is_undefined_has_its_reason_in_sight(whole: Element) -> None:
    rows = dict(line[:2] for line in cells(whole.with_id("trades-summary")))
    assert rows["Fees"] == "n/a 4 fills do not tell their fee"
    against = dict(line[:2] for line in cells(whole.with_id("against-table")))
    assert against["Information ratio"] == "n/a the periods of the two differ"


def test_a_month_without_a_return_and_the_parts_between_breaks_are_told(whole: Element) -> None:
    assert cells(whole.with_id("months"))[0][3:6] == ["−3.85", "n/a", "+4.06"]
    parts = [item.words() for item in whole.with_id("equity").all("li")]
    assert [part.split(": ")[1] for part in parts] == ["+3.12 %", "−6.88 %"]
    assert "Over every snapshot of the day: −14.01 %" in whole.with_id("drawdowns").words()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("0.00000125"), "0.00000125"),
        (Decimal(100) / 3, "33.33333333"),
        (Decimal("-1500.50"), "−1,500.5"),
        (Decimal("1E-12"), "0.000000000001"),
        (Decimal(0), "0"),
        (None, "n/a"),
    ],
)
def test_a_price_or_quantity_has_eight_decimals_at_most_and_is_never_rounded_to_nothing(
    value: Decimal | None, shown: str
) -> None:
    assert quantity(value) == shown


def test_warnings_stand_beside_the_headline(whole: Element) -> None:
    top = whole.with_id("headline")
    assert [item.words() for item in top.all("aside")[0].all("li")] == [
        "1 period has no defined return: the chain breaks on 2025-01-08.",
        "2 returns are estimated: large flows with no valuation at the time.",
    ]


def test_the_charts_data_has_every_digit(rich: dict[str, Any], whole: Element) -> None:
    text = whole.with_id(DATA_ID).text
    data = json.loads(text, parse_float=Decimal)
    at = {days: i for i, days in enumerate(data["days"])}
    assert len(data["days"]) == len(rich["equity"]) + 2
    for i, point in enumerate(rich["equity"][:100]):
        assert float(data["wealth"][i]) == point["wealth"]
        assert data["nav"][i] == point["nav_usd"]
    assert repr(rich["equity"][99]["wealth"]) in text
    assert len(data["breaks"]) == 2
    assert len(data["chain"]) == 1
    assert [names for _, names in data["partial"]] == ["cx-spot, fx-margin"] * 2
    assert [data["wealth"][i] for i, _ in data["partial"]] == [None, None]
    assert all(len(data[key]) == len(at) for key in ("wealth", "drawdown", "nav", "change"))


def test_2500_days_with_everything_are_less_than_600_kb() -> None:
    assert len(page(sample(2500)).encode()) < 600_000


@pytest.mark.parametrize("navs", [[], [100], [100, 110], [100, 110, 99, 121], [100, -5, 3]])
def test_a_desk_with_little_to_tell_has_a_page_with_every_section(navs: list[int]) -> None:
    made = parsed(page(document(retro(daily(navs)))))
    assert [s.attrs["id"] for s in made.all("section")] == ["headline", *(name for name, _, _ in SECTIONS)]
    assert "n/a" in made.with_id("headline").words()


def test_a_document_of_nothing_but_a_name_is_no_error() -> None:
    made = parsed(page({"name": "new desk"}))
    assert made.all("h1")[0].words() == "new desk"
    assert [s for s in made.all("script") if s.attrs.get("type") is None] == []


def test_a_broken_line_is_broken_in_the_picture_without_a_script(whole: Element) -> None:
    path = next(p for p in whole.all("path") if p.attrs["class"] == "equity")
    assert (path.attrs["d"] or "").count("M") == 3


def test_thinning_keeps_the_ends_and_the_extremes() -> None:
    run = [(i, float(i % 7)) for i in range(1000)]
    run[500] = (500, -9.0)
    run[501] = (501, 99.0)
    kept = thinned(run, 50)
    assert (kept[0], kept[-1]) == (run[0], run[-1])
    assert {run[500], run[501]} <= set(kept)
    assert len(kept) <= 42


def test_the_picture_of_a_long_record_is_small() -> None:
    points = by_day(sample(2500)["equity"])
    assert sum(len(run) for run in runs(points, "wealth")) <= MOST + 10


def test_what_is_shown_rounds_as_the_markdown_does(rich: dict[str, Any], whole: Element) -> None:
    top = whole.with_id("headline").words()
    assert f"{rich['total_return'] * 100:+.2f} %" in top
    assert f"{rich['nav_end_usd']:,.2f} USD" in top
    assert f"−{-rich['max_drawdown'] * 100:.2f} %" in top


def test_own_files_name_no_place_on_a_network() -> None:
    for path in sorted(Path(DATA / "page").iterdir()):
        assert "http" not in path.read_text(encoding="utf-8"), path.name
