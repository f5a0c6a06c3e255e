"""What every HTML file of ours begins and ends with."""

from __future__ import annotations

from collections.abc import Iterable

from git_qoc.report.page.assets import policy, styles
from git_qoc.report.page.html import Markup, el, join

GENERATOR = "git-qoc"
"""By which a file of ours is known before it is replaced."""


def whole(
    name: str,
    style_names: Iterable[str],
    body: Iterable[Markup],
    *,
    scripts: Iterable[str] = (),
    early: Iterable[Markup] = (),
) -> str:
    """An HTML file; `early` stands before the styles, where a reader of the file's start finds it."""
    style = styles(style_names)
    first = [
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy(style, scripts)),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="generator", content=GENERATOR),
        el("title", name),
        *early,
        el("link", rel="icon", href="data:,"),
        el("style", Markup(style)),
    ]
    head, shown = el("head", join(first, "\n")), el("body", join(body, "\n"))
    return f"<!doctype html>\n{el('html', head, shown, lang='en')}\n"
