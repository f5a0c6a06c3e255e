"""The pictures: they show the document's numbers, read well on light and dark, and are safe and the same."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from git_qoc.report.charts.style import WIDTH
from git_qoc.report.pictures import all_names, available, picture_names, pictures, title_in
from tests.report.chart_documents import desk, equity_rows, plain, walk, weekdays
from tests.report.svg import Seen, contrast, dark_palette, number, over, seen, strokes, value_scale

LIGHT, DARK = "#ffffff", "#0d1117"  # GitHub's pages
BLUE, RUST, PURPLE, INK = "#0969da", "#bc4c00", "#8250df", "#1f2328"
HOSTILE = "</text><script>alert(1)</script>\"' &amp; ]]> {} \x00\x1b[31m\u202e\ud800 " + "漢" * 40

Drawn = dict[str, bytes]


@pytest.fixture(scope="module")
def whole() -> Drawn:
    return pictures(desk())


@pytest.fixture(scope="module")
def long() -> Drawn:
    return pictures(desk(10_000))


@pytest.fixture(scope="module")
def hostile() -> Drawn:
    found = desk(150)
    found.update(name=HOSTILE, scope={"connector": HOSTILE, "symbol": HOSTILE})
    found["benchmark"]["symbol"] = HOSTILE
    for row in found["contribution"]:
        row.update({key: row[key] + HOSTILE for key in ("connector", "symbol") if row[key]})
    return pictures(found)


def of(drawn: Drawn, chart: str) -> bytes:
    return drawn[f"retrospective-{chart}.svg"]


def heights(drawn: bytes, panel: str, values: list[float]) -> list[float]:
    scale = value_scale(seen(drawn), panel)
    return [scale(value) for value in values]


def drawn_points(drawn: bytes, panel: str, colour: str) -> list[tuple[float, float]]:
    return [point for stretch in strokes(seen(drawn), panel, colour) for point in stretch]


def near(found: list[float], expected: list[float]) -> None:
    assert len(found) == len(expected)
    assert max(abs(a - b) for a, b in zip(found, expected, strict=True)) <= 0.5


@pytest.mark.parametrize(
    ("chart", "panel", "colour", "path", "key"),
    [
        ("equity", "concat_0", BLUE, ("equity",), "wealth"),
        ("equity", "concat_0", PURPLE, ("benchmark", "equity"), "wealth"),
        ("equity", "concat_1", RUST, ("equity",), "drawdown"),
        ("rolling", "concat_0", BLUE, ("rolling", "points"), "sharpe_ratio"),
        ("rolling", "concat_1", PURPLE, ("rolling", "points"), "volatility"),
    ],
)
def test_a_line_stands_where_its_axis_says_the_values_are(
    whole: Drawn, chart: str, panel: str, colour: str, path: tuple[str, ...], key: str
) -> None:
    rows: Any = desk()
    for step in path:
        rows = rows[step]
    known = [(date.fromisoformat(row["date"]), row[key]) for row in rows if row[key] is not None]
    points = drawn_points(of(whole, chart), panel, colour)
    near([y for _, y in points], heights(of(whole, chart), panel, [value for _, value in known]))
    first, last = known[0][0], known[-1][0]
    left = points[0][0]
    near(
        [x for x, _ in points], [left + (day - first).days / (last - first).days * WIDTH for day, _ in known]
    )


@pytest.mark.parametrize(("colour", "name"), [(BLUE, "long"), (RUST, "short"), (INK, "net")])
def test_exposure_stands_at_its_share_of_nav(whole: Drawn, colour: str, name: str) -> None:
    known = [row for row in desk()["exposure"] if row["long_usd"] is not None]
    values = {
        "long": [float(row["long_usd"] / row["nav_usd"]) for row in known],
        "short": [float(row["short_usd"] / row["nav_usd"]) for row in known],
        "net": [float((row["long_usd"] + row["short_usd"]) / row["nav_usd"]) for row in known],
    }[name]
    points = drawn_points(of(whole, "exposure"), "concat_0", colour)
    near([y for _, y in points], heights(of(whole, "exposure"), "concat_0", values))


def test_a_line_is_broken_at_gaps_breaks_and_unknown_values(whole: Drawn) -> None:
    def lengths(chart: str, panel: str, colour: str) -> list[int]:
        return [len(stretch) for stretch in strokes(seen(of(whole, chart)), panel, colour)]

    # 330 days: a gap before day 110, the chain breaks before 165; exposure is not known on day 60.
    assert lengths("equity", "concat_0", BLUE) == [110, 55, 165]
    assert lengths("equity", "concat_1", RUST) == [110, 55, 165]
    assert lengths("exposure", "concat_0", BLUE) == [60, 49, 55, 165]
    # The window's first day is 126; its 31st volatility is null.
    assert lengths("rolling", "concat_1", PURPLE) == [30, 8, 165]


def test_a_stretch_of_one_day_is_a_dot() -> None:
    drawn = pictures({"equity": equity_rows(weekdays(5), walk(5), gaps=[2, 3])})
    path = next(
        t for t in seen(of(drawn, "equity")) if t.attributes.get("stroke") == BLUE and t.tag == "path"
    )
    assert path.attributes["stroke-linecap"] == "round"
    assert re.search(r"M[\d.,]+Z", path.attributes["d"])


def test_hollow_marks_and_flows_stand_at_their_days(whole: Drawn) -> None:
    points = [t for t in seen(of(whole, "equity")) if t.tag == "path" and t.within("concat_0", "mark-symbol")]
    circles = [t for t in points if t.attributes["fill"] == LIGHT and t.attributes["stroke"] == BLUE]
    assert len(circles) == 4  # three carried, one partial
    assert [len([t for t in points if t.attributes["fill"] == colour]) for colour in (INK, RUST)] == [2, 1]
    line = [x for x, _ in drawn_points(of(whole, "equity"), "concat_0", BLUE)]
    triangles = sorted(t.x for t in points if t.attributes["fill"] in (INK, RUST))
    near(triangles, [line[330 // 8], line[330 // 4], line[330 // 2]])


def test_bars_are_as_long_as_the_money_on_one_scale_for_both_panels(whole: Drawn) -> None:
    things = seen(of(whole, "contribution"))
    bars = [t for t in things if t.tag == "path" and t.within("mark-rect", "role-mark")]
    said = [number(t.said) for t in things if t.tag == "text" and t.attributes.get("text-anchor") == "end"]
    widths = [abs(float(re.findall(r"h(-?[\d.]+)", t.attributes["d"])[0])) for t in bars]
    per_usd = max(widths) / 13_517.70
    near(widths, [abs(value) * per_usd for value in said])
    amounts = min(t.x for t in things if t.tag == "text" and t.attributes.get("text-anchor") == "end") - 80
    for bar in bars:
        x, _, length = re.findall(r"-?[\d.]+", bar.attributes["d"])[:3]
        assert 190 <= bar.x + float(x) <= bar.x + float(x) + float(length) <= amounts
    assert [t.attributes["fill"] for t in bars[5:9]] == [RUST, RUST, RUST, "#818b98"]


def test_a_month_cell_says_its_return_and_is_as_strong_as_it_is_large(whole: Drawn) -> None:
    things = seen(of(whole, "months"))
    cells = [t for t in things if t.tag == "path" and t.within("mark-rect", "role-mark")]
    said = [t for t in things if t.tag == "text" and t.within("mark-text", "role-mark")]
    months = desk()["monthly_returns"]
    assert [number(t.said) for t in said[: len(months)]] == [round(row["value"] * 100, 1) for row in months]
    assert [t.attributes["fill"] for t in cells] == [BLUE if row["value"] > 0 else RUST for row in months]
    strengths = [float(t.attributes["fill-opacity"]) for t in cells]
    order = sorted(range(len(months)), key=lambda i: abs(months[i]["value"]))
    assert [strengths[i] for i in order] == sorted(strengths)


def test_ten_thousand_days_make_pictures_of_bounded_size_with_their_extremes(long: Drawn) -> None:
    sizes = {name: len(svg) for name, svg in long.items()}
    assert sizes["retrospective-equity.svg"] < 100_000
    assert sizes["retrospective-rolling.svg"] < 60_000
    assert sizes["retrospective-exposure.svg"] < 150_000
    assert sizes["retrospective-months.svg"] < 250_000
    deepest = min(row["drawdown"] for row in desk(10_000)["equity"])
    lowest = max(y for _, y in drawn_points(of(long, "equity"), "concat_1", RUST))
    near([lowest], heights(of(long, "equity"), "concat_1", [deepest]))


def test_a_gap_before_every_day_makes_no_large_picture() -> None:
    days = weekdays(6000)
    rows = equity_rows(days, walk(6000), gaps=range(1, 6000))
    assert len(of(pictures({"equity": rows}), "equity")) < 120_000


@pytest.mark.parametrize("kind", ["whole", "long", "hostile"])
def test_every_colour_reads_on_light_and_on_dark(kind: str, request: pytest.FixtureRequest) -> None:
    for name, svg in request.getfixturevalue(kind).items():
        swapped = dark_palette(svg)
        assert swapped[LIGHT] == DARK
        for thing in seen(svg):
            for paper, shown in ((LIGHT, dict(zip(swapped, swapped, strict=True))), (DARK, swapped)):
                _reads(name, thing, paper, shown)


def _reads(name: str, thing: Seen, paper: str, shown: dict[str, str]) -> None:
    fill, stroke = (thing.attributes.get(key, "none") for key in ("fill", "stroke"))
    if thing.tag == "text":
        assert contrast(shown[fill], paper) >= 4.5, (name, thing.said)
    elif stroke not in ("none", LIGHT):
        assert contrast(shown[stroke], paper) >= 3.0, (name, stroke)
    elif fill not in ("none", LIGHT) and "fill-opacity" not in thing.attributes:
        assert contrast(shown[fill], paper) >= 3.0, (name, fill)


@pytest.mark.parametrize("kind", ["whole", "long"])
def test_the_number_in_a_cell_reads_on_the_cell(kind: str, request: pytest.FixtureRequest) -> None:
    svg = of(request.getfixturevalue(kind), "months")
    swapped = dark_palette(svg)
    cells = [t for t in seen(svg) if "fill-opacity" in t.attributes]
    assert cells
    for cell in cells:
        fill, strength = cell.attributes["fill"], float(cell.attributes["fill-opacity"])
        assert contrast(INK, over(fill, strength, LIGHT)) >= 4.5
        assert contrast(swapped[INK], over(swapped[fill], strength, DARK)) >= 4.5


def test_a_picture_says_its_main_figures_to_who_cannot_see_it(whole: Drawn) -> None:
    root = ElementTree.fromstring(of(whole, "equity"))  # noqa: S314  # made here
    title, said = root[0], root[1]
    assert (title.tag, said.tag) == ("{http://www.w3.org/2000/svg}title", "{http://www.w3.org/2000/svg}desc")
    assert root.get("aria-labelledby") == f"{title.get('id')} {said.get('id')}"
    assert root.get("role") == "img"
    assert title.text == title_in(of(whole, "equity")) == "Equity +2.49 %"
    for words in ("Northwind Desk", "2025-01-02 to 2026-04-24", "ends at 1.0249", "maximum drawdown −14.82 %",
                  "net flows 29,000.00 USD", "benchmark SPY +10.00 %"):  # fmt: skip
        assert words in (said.text or "")


@pytest.mark.parametrize("kind", ["whole", "long", "hostile"])
def test_a_picture_is_well_formed_without_script_or_reference(
    kind: str, request: pytest.FixtureRequest
) -> None:
    for svg in request.getfixturevalue(kind).values():
        root = ElementTree.fromstring(svg)  # noqa: S314  # made here
        tags = {node.tag.rpartition("}")[2] for node in root.iter()}
        assert tags <= {"svg", "title", "desc", "style", "g", "rect", "path", "line", "text", "tspan"}
        for node in root.iter():
            for key, value in node.attrib.items():
                assert "href" not in key
                assert not key.startswith("on")
                assert "url(" not in value
        box = [float(part) for part in root.attrib["viewBox"].split()]
        assert box == [0, 0, float(root.attrib["width"]), float(root.attrib["height"])]
        assert max((t.y for t in seen(svg)), default=0) <= box[3]
        style = root.find("{http://www.w3.org/2000/svg}style")
        assert style is not None
        assert not re.search(r"url|import|expression", style.text or "")
        assert re.findall(rb"https?://[^\"]*", svg) == [b"http://www.w3.org/2000/svg"]


def test_a_name_of_the_desk_cannot_move_or_widen_a_picture(hostile: Drawn) -> None:
    plain_names = pictures(desk(150))
    for chart in ("equity", "exposure", "contribution"):
        one, other = (
            [(t.x, t.attributes.get("d")) for t in seen(of(drawn, chart)) if t.within("concat_0")]
            for drawn in (hostile, plain_names)
        )
        assert one == other
        assert b'viewBox="0 0 800 ' in of(hostile, chart)


def test_two_processes_make_the_same_bytes_whatever_their_zone_language_and_home(tmp_path: Path) -> None:
    code = (
        "import sys; from tests.report.chart_documents import desk\n"
        "from git_qoc.report.pictures import pictures\n"
        "sys.stdout.buffer.write(b''.join(name.encode() + svg for name, svg in pictures(desk()).items()))"
    )
    places = ({"TZ": "Asia/Tokyo", "LC_ALL": "de_DE.UTF-8"}, {"TZ": "America/Los_Angeles", "LC_ALL": "C"})
    outputs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **place, "HOME": str(tmp_path), "PYTHONHASHSEED": str(seed)},
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for seed, place in enumerate(places)
    ]
    assert outputs[0] == outputs[1]
    assert len(outputs[0]) > 50_000


def test_without_the_extra_there_are_no_pictures_and_no_fault() -> None:
    code = (
        "import sys; sys.modules['vl_convert'] = None\n"
        "from tests.report.chart_documents import desk; from git_qoc.report.illustrations import hint\n"
        "from git_qoc.report.pictures import available, picture_names, pictures\n"
        "print(available(), pictures(desk()), picture_names(desk()), hint(()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False {} () [\"Charts as pictures: `pipx install 'git-qoc[charts]'`.\"]\n"


def test_asking_for_the_extra_and_the_names_imports_nothing_of_it() -> None:
    code = (
        "import sys; from tests.report.chart_documents import desk\n"
        "from git_qoc.report.pictures import available, picture_names\n"
        "print(available(), len(picture_names(desk())), 'vl_convert' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "True 5 False\n"


def test_the_names_are_those_of_the_pictures(whole: Drawn) -> None:
    assert available()
    assert picture_names(desk()) == tuple(whole) == all_names()
    assert tuple(pictures(plain([1.0, 1.1]), stem="x")) == ("x-equity.svg",)


def test_an_extra_that_cannot_be_loaded_is_said_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "vl_convert.py").write_text("raise ImportError('GLIBC_2.99 not found')")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from git_qoc.errors import QocError; from git_qoc.report.pictures import pictures\n"
        "from tests.report.chart_documents import plain\n"
        "try: pictures(plain([1.0, 1.1]))\n"
        "except QocError as exc: print(exc)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "cannot be loaded: GLIBC_2.99 not found. Install it anew with `pipx" in done.stdout
