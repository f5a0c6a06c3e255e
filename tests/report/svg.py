"""An SVG as a reader of pictures sees it: where each text and each path stands, in which colours.

Knows nothing of how the picture was made: it follows the transforms from the root down, as SVG 1.1 says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from xml.etree import ElementTree

NUMBER = r"-?\d+(?:\.\d+)?(?:e-?\d+)?"
STEP = re.compile(rf"([ML])({NUMBER}),({NUMBER})")
SWAP = re.compile(r'\[(?:fill|stroke)="(#[0-9a-f]{6})"\]\{(?:fill|stroke):(#[0-9a-f]{6})\}')
BASELINE = 0.3  # how far below a height Vega sets a text in the middle of it, in font sizes


class Seen(NamedTuple):
    tag: str
    attributes: Mapping[str, str]
    said: str
    x: float
    y: float
    groups: tuple[str, ...]

    def within(self, *names: str) -> bool:
        return all(any(name in group for group in self.groups) for name in names)


def seen(svg: bytes) -> list[Seen]:
    """Every element that is not a group, in the order of drawing; x and y are its own origin."""
    return list(_below(ElementTree.fromstring(svg), 0.0, 0.0, ()))  # noqa: S314  # made here


def _below(node: ElementTree.Element, x: float, y: float, groups: tuple[str, ...]) -> Iterator[Seen]:
    for child in node:
        moved = re.match(rf"translate\(({NUMBER}),({NUMBER})\)", child.get("transform", ""))
        at = (x + float(moved[1]), y + float(moved[2])) if moved else (x, y)
        tag = child.tag.rpartition("}")[2]
        if tag == "g":
            yield from _below(child, *at, (*groups, child.get("class", "")))
        else:
            yield Seen(tag, child.attrib, child.text or "", *at, groups)


def number(said: str) -> float:
    """An axis label as the number that it says: `−12.5 %` is −0.125, `1,000` is 1000."""
    plain = said.replace("−", "-").replace(",", "")
    return float(plain.removesuffix(" %")) / 100 if plain.endswith(" %") else float(plain)


class Scale(NamedTuple):
    """A linear scale that was read off two labels of an axis."""

    value: float
    at: float
    per_pixel: float

    def __call__(self, value: float) -> float:
        return self.at + (value - self.value) / self.per_pixel


def value_scale(things: list[Seen], panel: str) -> Scale:
    """Value → height in pixels, from the first and the last label left of the panel."""
    labels = [
        t for t in things if t.within(panel, "role-axis-label") and t.attributes.get("text-anchor") == "end"
    ]
    heights = [
        (number(t.said), t.y - BASELINE * float(t.attributes["font-size"].rstrip("px"))) for t in labels
    ]
    (low, y0), (high, y1) = min(heights), max(heights)
    return Scale(low, y0, (high - low) / (y1 - y0))


def strokes(things: list[Seen], panel: str, colour: str) -> list[list[tuple[float, float]]]:
    """The lines of a colour in the panel: for each the stretches between its breaks, in pixels."""
    found: list[list[tuple[float, float]]] = []
    for thing in things:
        if (
            thing.tag == "path"
            and thing.attributes.get("stroke") == colour
            and thing.within(panel, "mark-line")
        ):
            for start, x, y in STEP.findall(thing.attributes["d"]):
                if start == "M":
                    found.append([])
                found[-1].append((thing.x + float(x), thing.y + float(y)))
    return found


def dark_palette(svg: bytes) -> dict[str, str]:
    """Light colour → dark colour, as the style sheet of the picture says."""
    return dict(SWAP.findall(svg.decode()))


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def over(colour: str, opacity: float, paper: str) -> str:
    """What is seen of a translucent colour on paper."""
    mixed = (
        round(opacity * int(colour[i : i + 2], 16) + (1 - opacity) * int(paper[i : i + 2], 16))
        for i in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02x}" for part in mixed)
