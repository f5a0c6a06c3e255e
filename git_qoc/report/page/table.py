"""One HTML table: a caption, heads with their scope, numbers to the right, its own scroll box."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from git_qoc.report.page.html import Markup, el, join
from git_qoc.report.page.reading import amount
from git_qoc.report.values import Json


@dataclass(frozen=True, slots=True)
class Cell:
    """`value` is what is sorted by, with full precision; None sorts last."""

    shown: str
    value: Json = None
    style: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    numeric: bool = False


def words(*titles: str) -> list[Column]:
    return [Column(title) for title in titles]


def numbers(*titles: str) -> list[Column]:
    return [Column(title, numeric=True) for title in titles]


def table(
    caption: str,
    columns: Sequence[Column],
    body: Iterable[Sequence[str | Cell]],
    *,
    name: str,
    sortable: bool = False,
    total: Sequence[str | Cell] | None = None,
) -> Markup:
    """The first cell of a row is its head. `name` is the id, which scripts and links use."""
    heads = [el("th", c.title, scope="col", class_="number" if c.numeric else None) for c in columns]
    parts = [
        el("caption", el("span", caption)),
        el("thead", el("tr", *heads)),
        el("tbody", *(_row(columns, cells) for cells in body)),
    ]
    if total is not None:
        parts.append(el("tfoot", _row(columns, total)))
    whole = el("table", *parts, id=name, data_sortable=sortable)
    return el("div", whole, class_="scroll", tabindex="0", role="region", aria_label=caption)


def pairs(caption: str, body: Iterable[tuple[str, str]], *, name: str) -> Markup:
    """A table of figures, each with its value."""
    return table(caption, [Column("Figure"), Column("Value", numeric=True)], body, name=name)


def _row(columns: Sequence[Column], cells: Sequence[str | Cell]) -> Markup:
    return el("tr", *(_cell(c, cell, i == 0) for i, (c, cell) in enumerate(zip(columns, cells, strict=True))))


def _cell(column: Column, cell: str | Cell, first: bool) -> Markup:
    if isinstance(cell, str):
        cell = Cell(cell)
    style = " ".join(part for part in ("number" if column.numeric else "", cell.style or "") if part) or None
    found = amount(cell.value)
    key = str(cell.value) if isinstance(cell.value, str) else (None if found is None else f"{found:f}")
    return el(
        "th" if first else "td",
        join([cell.shown]),
        scope="row" if first else None,
        class_=style,
        data_value=key,
    )
