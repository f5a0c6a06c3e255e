"""The sections about trust: what is wrong with the data, and how everything was computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from git_qoc.report.page.figures import minute
from git_qoc.report.page.html import Markup, el
from git_qoc.report.page.reading import Row, rows, string
from git_qoc.report.page.table import Column, numbers, table, words
from git_qoc.report.tables import MEANINGS, METHOD

LISTED = 200
COUNTED_ONLY = "backfilled"
"""A desk's whole past may be back-filled: each one in a list says nothing that the count does not."""


def data_quality(document: Row) -> Iterable[Markup]:
    counts = (document.get(key) for key in ("n_snapshots", "n_complete", "n_points", "n_returns"))
    snapshots, linked, days, returns = (str(count) for count in counts)
    yield el("p", f"{snapshots} snapshots, {linked} linked, on {days} days; {returns} returns.")
    found = rows(document.get("data_quality"))
    if not found:
        yield el("p", "Nothing to remark.")
        return
    yield _counted(found)
    listed = [item for item in found if string(item.get("kind")) != COUNTED_ONLY]
    if listed:
        yield _listed(listed)


def _counted(found: list[Row]) -> Markup:
    counts = Counter(string(item.get("kind")) for item in found)
    meanings = {kind.value: meaning for kind, meaning in MEANINGS.items()}
    kinds = [*(kind for kind in meanings if kind in counts), *sorted(counts.keys() - meanings.keys())]
    body = [[_spoken(kind), meanings.get(kind, ""), str(counts[kind])] for kind in kinds]
    return table(
        "What was found, by kind.", [*words("Kind", "Meaning"), *numbers("Count")], body, name="found-kinds"
    )


def _listed(found: list[Row]) -> Markup:
    body = [
        [
            _spoken(string(item.get("kind"))),
            minute(item.get("time")),
            string(item.get("detail")),
            string(item.get("path")),
        ]
        for item in found[:LISTED]
    ]
    more = f" The first {LISTED} of {len(found)}; the JSON report has all." if len(found) > LISTED else ""
    return table(f"Each of them.{more}", words("Kind", "Time", "Detail", "File"), body, name="found-each")


def how_computed(document: Row) -> Iterable[Markup]:
    choices = rows(document.get("choices"))
    body = [
        [_spoken(string(c.get("name"))), string(c.get("value")), string(c.get("origin"))] for c in choices
    ]
    columns = [Column("Choice"), *words("Value", "From")]
    yield table("What was chosen, and where.", columns, body, name="choices")
    yield el("ul", *(el("li", line.removeprefix("- ")) for line in METHOD), class_="method")


def _spoken(name: str) -> str:
    return name.replace("_", " ").capitalize()
