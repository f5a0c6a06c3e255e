"""Charts → SVG text through vl-convert, the extra `charts`; the only module that may import it.

The same document gives the same bytes with one version of vl-convert: no clock, no zone, no locale,
and no text whose measured length moves anything. A picture has no script and refers to nothing
outside itself. It is light, and dark where the reader prefers that.
"""

from __future__ import annotations

import importlib.util
import json
import re
from html import escape, unescape

from git_qoc.errors import QocError
from git_qoc.report.charts import CHARTS, specs
from git_qoc.report.charts.reading import Document, Spec
from git_qoc.report.charts.style import DARK, FONT, PAPER, title_of
from git_qoc.report.names import STEM

VEGA_LITE = "6.4"
PAGE = 800
BROKEN = (
    "vl-convert, which draws the charts, is installed but cannot be loaded: {}. Install it anew with "
    "`pipx install --force 'git-qoc[charts]'`, or remove vl-convert-python: the report is whole without it."
)
TAG = re.compile(r"<[^>]*>")  # text has its < and > escaped
REPEATED = re.compile(f' (?:font-family="{FONT}"|opacity="1"|pointer-events="none"|aria-hidden="true")')
LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
GEOMETRY = re.compile(r' (?:d|transform|x|y|x2|y2|width|height)="[^"]*"')
TITLE = re.compile(rb"<title[^>]*>([^<]*)</title>")
ROOT = re.compile(r'<svg [^>]*? height="([\d.]+)"[^>]*><rect [^>]*/>')


def available() -> bool:
    """Whether pictures can be made here, found without the import."""
    return importlib.util.find_spec("vl_convert") is not None


def file_name(chart: str, stem: str = STEM) -> str:
    return f"{stem}-{chart}.svg"


def all_names(stem: str = STEM) -> tuple[str, ...]:
    """The name of every picture that a report may have beside it, drawn or not."""
    return tuple(file_name(chart, stem) for chart in CHARTS)


def picture_names(document: Document, stem: str = STEM) -> tuple[str, ...]:
    """What `pictures` would make of the document, without making it; () without the extra."""
    return tuple(file_name(chart, stem) for chart in specs(document)) if available() else ()


def pictures(document: Document, stem: str = STEM) -> dict[str, bytes]:
    """File name → SVG of each chart with something to show; {} without the extra."""
    if not available():
        return {}
    return {file_name(chart, stem): svg(chart, spec).encode() for chart, spec in specs(document).items()}


def svg(name: str, spec: Spec) -> str:
    """The chart as SVG text that ends in a newline; `name` makes its ids, so that many fit on one page.

    Raises:
        QocError: vl-convert is installed but cannot be loaded.
    """
    try:
        import vl_convert
    except ImportError as exc:
        raise QocError(BROKEN.format(exc)) from exc
    drawn = vl_convert.vegalite_to_svg(json.dumps(spec), vl_version=VEGA_LITE, allowed_base_urls=[])
    root = ROOT.match(drawn)
    if root is None:
        raise ValueError("vl-convert gave something that is not an SVG")
    return _head(name, spec, float(root[1])) + _lean(drawn[root.end() :]) + "\n"


def title_in(svg: bytes) -> str:
    """What the picture's title says; "" when it has none."""
    found = TITLE.search(svg)
    return unescape(found[1].decode()) if found else ""


def _head(name: str, spec: Spec, height: float) -> str:
    """Our own root, of one width: Vega's depends on how long it takes a text to be."""
    own, size = f"qoc-{name}", f"{height:g}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" id="{own}" width="{PAGE}" height="{size}" '
        f'viewBox="0 0 {PAGE} {size}" font-family="{FONT}" '
        f'role="img" aria-labelledby="{own}-title {own}-desc">'
        f'<title id="{own}-title">{escape(title_of(spec))}</title>'
        f'<desc id="{own}-desc">{escape(str(spec["description"]))}</desc>'
        f"<style>{_dark(own)}</style>"
        f'<rect width="{PAGE}" height="{size}" fill="{PAPER}"/>'
    )


def _dark(own: str) -> str:
    rules = (
        f'#{own} [{what}="{light}"]{{{what}:{dark}}}'
        for light, dark in DARK.items()
        for what in ("fill", "stroke")
    )
    return f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"


def _lean(drawn: str) -> str:
    """What Vega repeats in every element is said once at the root; coordinates to a hundredth of a pixel."""
    return TAG.sub(lambda tag: GEOMETRY.sub(_rounded, REPEATED.sub("", tag[0])), drawn)


def _rounded(attribute: re.Match[str]) -> str:
    return LONG_NUMBER.sub(lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), attribute[0])
