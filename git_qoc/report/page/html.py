"""HTML from values: whatever is not already markup is escaped, so that a desk's names stay text."""

from __future__ import annotations

import html
from collections.abc import Iterable

from git_qoc.errors import printable

VOID = frozenset({"meta", "link"})
DRAWN = frozenset({"path", "line"})
"""Elements of SVG, where only the slash ends an element without an end tag."""


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def text(value: str) -> Markup:
    """Escaped for an element or a quoted attribute; what cannot be seen is shown as its escape."""
    return Markup(html.escape(printable(value)))


def el(name: str, /, *children: str, **attributes: str | bool | None) -> Markup:
    """One element; `class_` is `class`, `aria_label` is `aria-label`, None or False leave one out."""
    opened = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in VOID:
        return Markup(f"<{name}{opened}>")
    if name in DRAWN:
        return Markup(f"<{name}{opened}/>")
    return Markup(f"<{name}{opened}>{join(children)}</{name}>")


def join(parts: Iterable[str], between: str = "") -> Markup:
    return Markup(between.join(part if isinstance(part, Markup) else text(part) for part in parts))


def _attribute(key: str, value: str | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{text(value)}"'
