"""The scripts and styles of a page, inline, and the policy that lets exactly these run.

They are allowed by their hashes, so that no text of a desk could run even if it became markup.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from git_qoc.report.json_text import json_text
from git_qoc.report.page.html import Markup, el
from git_qoc.report.values import Json

DATA = Path(__file__).parents[2] / "data"
LIBRARY = ("uplot/uPlot.iife.min.js",)
SCRIPTS = ("format", "state", "marks", "panels", "charts", "keyboard", "controls", "tables", "main")
REPORT_STYLES = ("uplot/uPlot.min.css", "page/base.css", "page/report.css", "page/print.css")
INDEX_STYLES = ("page/base.css", "page/index.css", "page/print.css")

_LAYOUT = re.compile(r"\n *")
_DOUBTFUL = re.compile("[<>&]|[^ -~]")


def report_scripts() -> tuple[str, ...]:
    """The library, then our own files as one script with one scope."""
    own = "".join(_file(f"page/{name}.js") for name in SCRIPTS)
    return (*(_file(name) for name in LIBRARY), f'"use strict";\n(() => {{\n{own}}})();\n')


def styles(names: Iterable[str]) -> str:
    return "".join(_file(name) for name in names)


def policy(style: str, scripts: Iterable[str] = ()) -> str:
    """A Content-Security-Policy: nothing is fetched, nothing is sent, only these texts are used."""
    allowed = " ".join(_hash(script) for script in scripts) or "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_hash(style)}; img-src data:; "
        "connect-src 'none'; base-uri 'none'; form-action 'none'"
    )


def embedded(name: str, value: Json) -> Markup:
    """Values as a script element that holds data: nothing in it can end the element."""
    # A string's own line breaks are escaped, so a raw one is always layout.
    compact = _LAYOUT.sub("", json_text(value))
    safe = _DOUBTFUL.sub(lambda found: _inert(found[0]), compact)
    return el("script", Markup(safe), type="application/json", id=name)


def _inert(char: str) -> str:
    """A character that may end the element, hide or turn the text around, as JSON's escape of it."""
    if char in "<>&":
        return f"\\u{ord(char):04x}"
    return char if char.isprintable() else json.dumps(char)[1:-1]


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


@cache
def _file(name: str) -> str:
    return (DATA / name).read_text(encoding="utf-8")
