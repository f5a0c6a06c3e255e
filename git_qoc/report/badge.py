"""The document → a badge: return and deepest drawdown in one SVG line, for a README or a page.

Drawn here, with nothing from the network; the same document gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping

from git_qoc.report.pieces import UNKNOWN, percent
from git_qoc.report.values import Json

LABEL = "retrospective"
HEIGHT, SIZE, PADDING = 20, 11, 6

ADVANCES: Mapping[str, int] = {
    **dict.fromkeys("0123456789", 637),
    **dict(zip(" .·+−%/", (352, 364, 364, 838, 838, 1077, 455), strict=True)),
    **dict(zip("TWRDaceim", (617, 989, 696, 771, 613, 550, 616, 278, 975), strict=True)),
    **dict(zip("noprstvx", (634, 612, 635, 427, 521, 395, 592, 592), strict=True)),
}
"""In thousandths of an em, the wider of Verdana and DejaVu Sans, which the badge asks for first;
`textLength` makes another font fit."""

# White on each: a contrast of 5:1 or more (WCAG 2.2, 1.4.3 asks for 4.5).
GAIN, LOSS, NEITHER, DARK = "#1a7f37", "#b3261e", "#57606a", "#3b3f44"

SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" \
viewBox="0 0 {width} {height}" role="img" aria-label="{title}">
<title>{title}</title>
<clipPath id="r"><rect width="{width}" height="{height}" rx="3"/></clipPath>
<g clip-path="url(#r)"><rect width="{left}" height="{height}" fill="{dark}"/>\
<rect x="{left}" width="{right}" height="{height}" fill="{fill}"/></g>
<g fill="#fff" font-family="Verdana,'DejaVu Sans',Geneva,sans-serif" font-size="{size}">\
<text x="{padding}" y="14" textLength="{label_length}" lengthAdjust="spacingAndGlyphs">{label}</text>\
<text x="{text_at}" y="14" textLength="{text_length}" lengthAdjust="spacingAndGlyphs">{text}</text></g>
</svg>
"""


def badge(document: Mapping[str, Json]) -> str:
    """`TWR +32.69 % · max DD −2.59 %` as SVG; a figure that is undefined reads n/a."""
    text = wording(document)
    left, right = (text_width(part) + 2 * PADDING for part in (LABEL, text))
    return SVG.format(
        width=left + right,
        height=HEIGHT,
        title=f"Retrospective: {text}",
        left=left,
        right=right,
        dark=DARK,
        fill=_colour(document),
        size=SIZE,
        padding=PADDING,
        label=LABEL,
        label_length=text_width(LABEL),
        text=text,
        text_at=left + PADDING,
        text_length=text_width(text),
    )


def wording(document: Mapping[str, Json]) -> str:
    """What the badge says."""
    total, depth = _percent(document.get("total_return")), _percent(document.get("max_drawdown"))
    return f"TWR {total} · max DD {depth}"


def text_width(text: str) -> int:
    """In pixels, rounded up; raises KeyError for a sign that no badge has."""
    return -(-sum(ADVANCES[sign] for sign in text) * SIZE // 1000)


def _percent(value: Json) -> str:
    if not _is_number(value):
        return UNKNOWN
    return percent(float(str(value))).replace("-", "−")


def _colour(document: Mapping[str, Json]) -> str:
    """By the sign of what is shown, so that what reads 0.00 % is neither."""
    shown = _percent(document.get("total_return"))
    return GAIN if shown.startswith("+") else LOSS if shown.startswith("−") else NEITHER


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
