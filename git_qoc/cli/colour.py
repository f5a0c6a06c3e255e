"""Colours as git's config says (git-config, "color.ui"); loaded only where there may be any.

`color.qoc` is never, always, auto or a boolean, and falls back to `color.ui`; auto is a terminal,
or git's pager unless `color.pager` is off. `color.qoc.<slot>` is a colour as git writes it.
NO_COLOR wins over the config, `--color` over NO_COLOR.
"""

from __future__ import annotations

import sys
from functools import partial

from git_qoc.cli.context import World
from git_qoc.cli.paint import Paint, Painted, safe, uncoloured
from git_qoc.history.process import call
from git_qoc.history.repository import is_true

SLOTS = {
    "gain": "\x1b[32m",
    "loss": "\x1b[31m",
    "commit": "\x1b[33m",
    "warning": "\x1b[1;31m",
    "header": "\x1b[1m",
}
"""What can be coloured, and how it is where the config says nothing."""
RESET = "\x1b[m"
PATTERN = r"^color\.(ui|pager|qoc|qoc\.[a-z]+)$"


def painter(world: World, *, always: bool) -> Paint:
    """One git process asks for the settings, one more for each colour that is set."""
    settings = world.config(PATTERN)
    if not (always or _coloured(world, settings)):
        return uncoloured
    chosen = {slot: _colour(world, slot) for slot in SLOTS if f"color.qoc.{slot}" in settings}
    return partial(_painted, {**SLOTS, **chosen})


def _painted(colours: dict[str, str], slot: str, text: str) -> Painted:
    colour = colours[slot]
    return Painted(f"{colour}{safe(text)}{RESET}") if colour and text else safe(text)


def _coloured(world: World, settings: dict[str, str]) -> bool:
    when = settings.get("color.qoc", settings.get("color.ui", "auto"))
    if when == "never" or world.environ.get("NO_COLOR"):
        return False
    if when == "always":
        return True
    if when != "auto" and not is_true(when):
        return False
    dumb = world.environ.get("TERM", "dumb") == "dumb"
    in_pager = "GIT_PAGER_IN_USE" in world.environ and is_true(settings.get("color.pager", "true"))
    return (sys.stdout.isatty() or in_pager) and not dumb


def _colour(world: World, slot: str) -> str:
    """As git understands it; the default where it does not."""
    done = call(("config", "--get-color", f"color.qoc.{slot}", ""), world.cwd, world.environ)
    return SLOTS[slot] if done.code else done.out.decode("ascii", "replace")
