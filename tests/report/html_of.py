"""A page taken apart without a browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from git_qoc.report.page.html import DRAWN, VOID


@dataclass
class Element:
    tag: str
    attrs: dict[str, str | None]
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, tag: str) -> list[Element]:
        """The elements of that tag below this one, in the page's order."""
        found = [self] if self.tag == tag else []
        return found + [deeper for child in self.children for deeper in child.all(tag)]

    def words(self) -> str:
        return " ".join(" ".join([self.text, *(child.words() for child in self.children)]).split())

    def with_id(self, name: str) -> Element:
        return next(element for element in everything(self) if element.attrs.get("id") == name)


def everything(of: Element) -> list[Element]:
    return [of, *(deeper for child in of.children for deeper in everything(child))]


class Reader(HTMLParser):
    """Fails where an end tag does not close the element that is open."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs)), f"<{tag}> has an attribute twice"
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in DRAWN, f"<{tag}/> ends nothing outside of SVG"
        self.open[-1].children.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        self.open[-1].text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")


def parsed(page: str) -> Element:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert len(reader.open) == 1, "an element is not closed"
    return reader.root


def data_of(page: Element, name: str) -> Any:
    return json.loads(page.with_id(name).text)


def cells(table: Element) -> list[list[str]]:
    """The words of every row of the body."""
    body = table.all("tbody")[0]
    return [[cell.words() for cell in row.children] for row in body.all("tr")]


def hashes(page: Element) -> tuple[list[str], list[str]]:
    """Of the scripts that run and of the styles, as a policy writes them."""
    scripts = [s.text for s in page.all("script") if s.attrs.get("type") != "application/json"]
    return [_hash(text) for text in scripts], [_hash(style.text) for style in page.all("style")]


def policy(page: Element) -> dict[str, str]:
    meta = next(m for m in page.all("meta") if m.attrs.get("http-equiv") == "Content-Security-Policy")
    parts = re.split(r";\s*", meta.attrs["content"] or "")
    return {name: rest for name, _, rest in (part.partition(" ") for part in parts)}


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
