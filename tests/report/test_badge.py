"""The badge: what it says, that a person and a program can read it, and the same bytes each time."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from git_qoc.report.badge import ADVANCES, DARK, GAIN, LABEL, LOSS, NEITHER, badge, text_width, wording
from git_qoc.report.document import document
from git_qoc.report.values import Json
from tests.retrospective.builders import daily, retro

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("total", "depth", "says", "colour"),
    [
        (0.326912, -0.02594, "TWR +32.69 % · max DD −2.59 %", GAIN),
        (-0.5, -0.5, "TWR −50.00 % · max DD −50.00 %", LOSS),
        (0.0, 0.0, "TWR 0.00 % · max DD 0.00 %", NEITHER),
        (-0.00001, -0.00001, "TWR 0.00 % · max DD 0.00 %", NEITHER),
        (None, None, "TWR n/a · max DD n/a", NEITHER),
        (None, -0.1, "TWR n/a · max DD −10.00 %", NEITHER),
        (123.4, 0, "TWR +12340.00 % · max DD 0.00 %", GAIN),
    ],
)
def test_it_says_return_and_drawdown_and_never_0_for_what_is_unknown(
    total: float | None, depth: float | None, says: str, colour: str
) -> None:
    figures: dict[str, Json] = {"total_return": total, "max_drawdown": depth}
    assert wording(figures) == says
    root = ElementTree.fromstring(badge(figures))  # noqa: S314 - our own
    assert root.get("role") == "img"
    assert root.get("aria-label") == f"Retrospective: {says}"
    assert root.findtext(f"{SVG}title") == f"Retrospective: {says}"
    assert [text.text for text in root.iter(f"{SVG}text")] == [LABEL, says]
    assert [rect.get("fill") for rect in root.iter(f"{SVG}rect")][1:] == [DARK, colour]


def test_the_texts_are_as_wide_as_their_boxes_less_the_padding() -> None:
    """Of the wider of the two fonts at 11 px: "n/a" is 637 - 3 + 455 + 613 = 1,702 thousandths."""
    assert text_width("n/a") == 19  # 18.72
    root = ElementTree.fromstring(badge({}))  # noqa: S314 - our own
    boxes = [int(rect.get("width", "")) for rect in root.iter(f"{SVG}rect")]
    lengths = [int(text.get("textLength", "")) for text in root.iter(f"{SVG}text")]
    assert boxes == [sum(boxes[1:]), *(length + 12 for length in lengths)]
    assert root.get("width") == str(boxes[0])


def test_it_knows_the_width_of_every_sign_it_can_need() -> None:
    assert set("+−0123456789. %TWR·maxDDn/a" + LABEL) <= set(ADVANCES)


@pytest.mark.parametrize("colour", [GAIN, LOSS, NEITHER, DARK])
def test_white_on_it_has_the_contrast_that_text_needs(colour: str) -> None:
    """Relative luminance as in WCAG 2.2; 4.5 is asked of text this small."""

    def linear(part: int) -> float:
        value = part / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) > 5


def test_the_same_history_gives_the_same_bytes_and_nothing_from_elsewhere() -> None:
    made = badge(document(retro(daily([100, 110, 99]))))
    assert made == badge(document(retro(daily([100, 110, 99]))))
    assert "TWR −1.00 % · max DD −10.00 %" in made
    assert "href" not in made
    assert made.count("://") == 1  # the name space
