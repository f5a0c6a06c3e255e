"""The page as a reader has it: in a browser, with a mouse, with keys, on a phone, on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from git_qoc.report.page.page import page
from git_qoc.tasks.pages import write_pages
from tests.report.chromium import MISSING, PROGRAM, Opened, chromium, opened
from tests.report.sample import sample
from tests.report.test_page import hostile

pytestmark = pytest.mark.skipif(PROGRAM is None, reason=MISSING)

LEAST_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3, for text of any size."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("public")
    file = folder / "retrospective.html"
    write_pages(sample(), folder, file.name)
    return file


@pytest.fixture
def shown(browser: Browser, file: Path) -> Iterator[Opened]:
    with opened(browser, file) as found:
        found.scroll_to_chart()
        yield found
        assert found.problems == []


def test_the_cursor_tells_the_day_under_it_in_both_panels(shown: Opened) -> None:
    shown.hover(0.5)
    expect(shown.page.locator("#readout")).to_contain_text("2024-12-2")
    for word in ("growth", "day", "drawdown", "NAV", "SPX"):
        assert word in shown.readout
    day = shown.readout.split()[0]
    expect(shown.page.locator('[data-panel="underwater"] .at')).to_contain_text(f"on {day}")
    expect(shown.page.locator('[data-panel="underwater"] .u-cursor-x')).to_be_visible()


def test_a_period_button_changes_what_is_shown_in_every_panel(shown: Opened) -> None:
    before = {panel: shown.picture(panel) for panel in ("equity", "underwater", "volatility", "exposure")}
    shown.page.get_by_role("button", name="3M, three months").click()
    expect(shown.page.locator("#readout")).to_contain_text("2025-07-24 to 2025-10-24")
    expect(shown.page.locator('[data-period="3M"]')).to_have_attribute("aria-pressed", "true")
    for panel, picture in before.items():
        shown.changes(picture, panel)
    shown.page.get_by_role("button", name="YTD").click()
    expect(shown.page.locator("#readout")).to_contain_text("2024-12-31 to 2025-10-24")
    shown.page.get_by_role("button", name="All").click()
    expect(shown.page.locator("#readout")).to_contain_text("2024-03-04 to 2025-10-24")


def test_dragging_zooms_and_a_double_click_shows_everything_again(shown: Opened) -> None:
    shown.hover(0.2)
    shown.page.mouse.down()
    shown.hover(0.4)
    shown.page.mouse.up()
    shown.page.mouse.move(0, 0)
    expect(shown.page.locator("#readout")).not_to_contain_text("2024-03-04 to 2025-10-24")
    expect(shown.page.locator('[data-period="All"]')).to_have_attribute("aria-pressed", "false")
    shown.hover(0.5)
    shown.page.locator('[data-panel="equity"] .u-over').dblclick()
    expect(shown.page.locator('[data-period="All"]')).to_have_attribute("aria-pressed", "true")


def test_the_return_of_what_is_shown_is_not_told_across_a_break_of_the_chain(shown: Opened) -> None:
    expect(shown.page.locator("#readout")).to_contain_text("n/a, the chain breaks inside")
    shown.page.get_by_role("button", name="1M, one month").click()
    expect(shown.page.locator("#readout")).to_contain_text("return +")


def test_the_log_scale_is_turned_on_and_off(shown: Opened) -> None:
    linear = shown.picture()
    button = shown.page.get_by_role("button", name="Log scale")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    shown.changes(linear)
    logarithmic = shown.picture()
    button.click()
    shown.changes(logarithmic)
    assert shown.picture() == linear


def test_a_drawdown_is_marked_in_the_chart_and_unmarked(shown: Opened) -> None:
    plain = shown.picture(), shown.picture("underwater")
    row = shown.page.locator("#drawdown-table tbody tr").nth(1)
    row.get_by_role("button").click()
    expect(row.get_by_role("button")).to_have_attribute("aria-pressed", "true")
    expect(shown.page.locator("#readout")).to_contain_text("Drawdown from 2024-03-05 marked")
    assert (shown.picture() != plain[0], shown.picture("underwater") != plain[1]) == (True, True)
    row.get_by_role("button").click()
    expect(row.get_by_role("button")).to_have_attribute("aria-pressed", "false")
    assert (shown.picture(), shown.picture("underwater")) == plain


def test_the_keys_move_the_cursor_zoom_and_reset(shown: Opened) -> None:
    shown.chart.focus()
    readout = shown.page.locator("#readout")
    for key, day in (("ArrowLeft", "2025-10-24"), ("ArrowLeft", "2025-10-23"), ("ArrowRight", "2025-10-24")):
        shown.page.keyboard.press(key)
        expect(readout).to_contain_text(day)
    shown.page.keyboard.press("Home")
    expect(readout).to_contain_text("2024-03-04")
    shown.page.keyboard.press("PageDown")
    expect(readout).to_contain_text("2024-03-25")
    shown.page.keyboard.press("+")
    expect(shown.page.locator('[data-period="All"]')).to_have_attribute("aria-pressed", "false")
    shown.page.keyboard.press("Escape")
    expect(readout).to_contain_text("Shown 2024-03-04 to 2025-10-24")


def test_a_day_without_a_valuation_says_who_was_missing(shown: Opened) -> None:
    shown.chart.focus()
    for _ in range(20):
        shown.page.keyboard.press("ArrowLeft")
        if "no valuation" in shown.readout:
            break
    assert "no valuation, missing cx-spot, fx-margin" in shown.readout


def test_tab_reaches_everything_and_the_focus_is_seen(shown: Opened) -> None:
    wanted = shown.page.evaluate("document.querySelectorAll('a, button, [tabindex=\"0\"]').length")
    shown.page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    script = """() => {
        const at = document.activeElement;
        at.dataset.reached = "";
        const style = getComputedStyle(at);
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    }"""
    seen = []
    for _ in range(wanted):
        shown.page.keyboard.press("Tab")
        seen.append(shown.page.evaluate(script))
    assert all(seen)
    assert shown.page.locator("[data-reached]").count() == wanted


def test_a_table_is_sorted_both_ways_by_its_head(shown: Opened) -> None:
    head = shown.page.locator("#trades-table thead th", has_text="P&L")
    cells = "[...document.querySelectorAll('#trades-table tbody td:nth-child(9)')]"
    values = f"{cells}.map(cell => Number(cell.dataset.value))"
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    up = shown.page.evaluate(values)
    assert up == sorted(up)
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    assert shown.page.evaluate(values) == up[::-1]


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("name", ["retrospective.html", "index.html"])
def test_no_page_scrolls_sideways(browser: Browser, file: Path, width: int, name: str) -> None:
    with opened(browser, file.with_name(name), width=width, scripts=name != "index.html") as found:
        overflow = "document.documentElement.scrollWidth - innerWidth"
        assert found.page.evaluate(overflow) <= 0
        found.page.set_viewport_size({"width": 300, "height": 900})
        assert found.page.evaluate(overflow) <= 0
        assert found.problems == []


CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8").partition("\n")[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["retrospective.html", "index.html"])
def test_all_text_can_be_read_in_both_schemes(browser: Browser, file: Path, scheme: str, name: str) -> None:
    is_report = name != "index.html"
    with opened(browser, file.with_name(name), scheme=scheme, scripts=is_report) as found:
        if is_report:
            found.page.locator("#drawdown-table button").first.click()
        worst = found.page.evaluate(CONTRAST)
        assert len(worst) > 5
        assert {name: ratio for name, ratio in worst.items() if ratio < LEAST_CONTRAST} == {}


def test_the_scheme_may_change_while_the_page_is_open(shown: Opened) -> None:
    light = shown.picture()
    shown.page.emulate_media(color_scheme="dark")
    shown.changes(light)


def test_without_a_script_every_table_and_the_picture_are_there(browser: Browser, file: Path) -> None:
    with opened(browser, file, scripts=False) as found:
        for drawn in ("equity", "drawdown"):
            expect(found.page.locator(f"svg.static path.{drawn}")).to_be_visible()
        expect(found.page.locator(".controls")).to_be_hidden()
        expect(found.page.locator(".panel").first).to_be_hidden()
        assert found.page.locator("tbody tr").count() > 90
        expect(found.page.locator("#months")).to_be_visible()
        assert found.problems == []


def test_it_prints_in_light_colours_without_buttons_and_with_whole_tables(
    browser: Browser, file: Path
) -> None:
    with opened(browser, file, scheme="dark") as found:
        assert found.page.pdf(format="A4", print_background=True).startswith(b"%PDF-")
        found.page.emulate_media(media="print", color_scheme="dark")
        expect(found.page.locator("svg.static path.equity")).to_be_visible()
        for hidden in (".controls", ".readout", "nav", ".panel >> nth=0"):
            expect(found.page.locator(hidden)).to_be_hidden()
        paper = "getComputedStyle(document.documentElement).backgroundColor"
        assert found.page.evaluate(paper) == "rgb(255, 255, 255)"
        cut = "box => box.scrollHeight - box.clientHeight"
        assert found.page.locator(".scroll:has(#trades-table)").evaluate(cut) == 0
        assert found.problems == []


def test_a_hostile_desk_runs_nothing(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "hostile.html"
    file.write_text(page(hostile(sample(300))), encoding="utf-8")
    with opened(browser, file) as found:
        found.scroll_to_chart()
        found.hover(0.3)
        found.chart.focus()
        found.page.keyboard.press("End")
        found.page.locator("#trades-table thead button").first.click()
        assert found.page.evaluate("typeof pwned") == "undefined"
        assert found.page.locator("img").count() == 0
        assert found.problems == []


def test_a_desk_of_two_days_is_drawn(browser: Browser, tmp_path: Path) -> None:
    few = sample(300)
    few["equity"], few["partial_points"], few["drawdowns"], few["flows"] = few["equity"][:2], [], [], []
    for key in ("rolling", "benchmark", "exposure", "trades"):
        few.pop(key)
    file = tmp_path / "few.html"
    file.write_text(page(few), encoding="utf-8")
    with opened(browser, file) as found:
        found.chart.focus()
        found.page.keyboard.press("ArrowLeft")
        expect(found.page.locator("#readout")).to_contain_text("growth")
        assert found.problems == []
