"""What stands for a chart in the markdown report: its picture when this run drew it, else characters.

A report names only pictures that were made with it: one left by another run may show other days.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from git_qoc.report.charts.reading import Document
from git_qoc.report.charts.style import period
from git_qoc.report.names import STEM
from git_qoc.report.pictures import available, file_name, title_in
from git_qoc.report.pieces import plain_text
from git_qoc.report.text_charts import contribution_block, equity_block, exposure_block, rolling_block

BLOCKS: Mapping[str, Callable[[Document], list[str]]] = {
    "equity": equity_block,
    "contribution": contribution_block,
    "exposure": exposure_block,
    "rolling": rolling_block,
}
NO_PICTURES: Mapping[str, bytes] = MappingProxyType({})
HINT = "Charts as pictures: `pipx install 'git-qoc[charts]'`."


def illustration(
    document: Document, chart: str, drawn: Mapping[str, bytes] = NO_PICTURES, stem: str = STEM
) -> list[str]:
    """The lines for a chart of `charts.CHARTS`, [] when it has nothing to show.

    `drawn` is what this run made (`pictures`). Below a picture the characters stand folded away, for who
    reads the report in a terminal; months have none, their table says the same.
    """
    block = BLOCKS[chart](document) if chart in BLOCKS else []
    name = file_name(chart, stem)
    if name not in drawn:
        return block
    image = f"![{alt_text(document, drawn[name])}]({name})"
    folded = ["", "<details><summary>In characters</summary>", "", *block, "", "</details>"] if block else []
    return [image, *folded]


def alt_text(document: Document, svg: bytes) -> str:
    """The picture's title, which holds its main figure, and the period."""
    said = plain_text(f"{title_in(svg)}, {period(document)}")
    return said.replace("[", "(").replace("]", ")")


def hint(drawn: Collection[str]) -> list[str]:
    """How to get pictures, where they cannot be made; else []."""
    return [] if drawn or available() else [HINT]
