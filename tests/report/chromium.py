"""A page in a real browser, and what went on in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
PROGRAM = next((path for name in NAMES if (path := shutil.which(name))), None)
MISSING = f"none of {', '.join(NAMES)} is on PATH"


@dataclass
class Opened:
    """`problems` are console errors, exceptions, dialogs and requests for anything but a file."""

    page: Page
    problems: list[str] = field(default_factory=list)

    @property
    def chart(self) -> Locator:
        return self.page.locator('[data-panel="equity"] .chart')

    @property
    def readout(self) -> str:
        return self.page.locator("#readout").inner_text()

    def picture(self, panel: str = "equity") -> str:
        """What is drawn on a panel; the same text is the same picture."""
        script = "name => document.querySelector(`[data-panel=${name}] canvas`).toDataURL()"
        return str(self.page.evaluate(script, panel))

    def changes(self, before: str, panel: str = "equity") -> None:
        """Wait until something else is drawn than before."""
        canvas = f"document.querySelector('[data-panel={panel}] canvas')"
        self.page.wait_for_function(f"before => {canvas}.toDataURL() !== before", arg=before)

    def hover(self, share: float) -> None:
        """The mouse to that share of the chart's width."""
        box = self.page.locator('[data-panel="equity"] .u-over').bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2)

    def scroll_to_chart(self) -> None:
        self.page.locator(".controls").evaluate("e => e.scrollIntoView({behavior: 'instant'})")


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as play:
        # Without the sandbox, because CI runs as root.
        browser = play.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    browser: Browser, file: Path, *, width: int = 1440, scheme: str = "light", scripts: bool = True
) -> Iterator[Opened]:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=scripts,
        reduced_motion="reduce",
    )
    found = Opened(context.new_page())
    page, problems = found.page, found.problems
    page.on("console", lambda message: problems.append(f"console {message.type}: {message.text}"))
    page.on("pageerror", lambda error: problems.append(f"exception: {error}"))
    page.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
    page.on(
        "request",
        lambda asked: None if asked.url == file.as_uri() else problems.append(f"request: {asked.url}"),
    )
    try:
        page.goto(file.as_uri())
        if scripts:
            page.wait_for_selector("html.scripted")
        yield found
    finally:
        context.close()
