"""Install the drivers, attributes, completions and man page, and take them back.

What is the user's own is neither replaced nor removed, unless replacing is asked for.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import git_qoc
from git_qoc.errors import HistoryError, QocError
from git_qoc.history.drivers import SETTINGS, attributes_file, desk_attributes, everywhere
from git_qoc.history.process import os_reason
from git_qoc.tasks.place import find_desk
from git_qoc.tasks.setup_items import AttributeLine, Item, Link, Setting, TextFile, no_home

PAGE = "git-qoc.1"


@dataclass(frozen=True, slots=True)
class Request:
    """`completions` are the texts by shell: bash, zsh, fish. With `dry` nothing is written."""

    everywhere: bool
    remove: bool
    dry: bool
    force: bool
    completions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """`state`: installed, updated, replaced, present, kept, failed; removed, absent.

    With a `dry` request the first three and removed are what would be. `value` is what was
    wanted there, "" where that is a long text.
    """

    state: str
    what: str
    where: str
    note: str
    value: str

    @property
    def good(self) -> bool:
        return self.state not in ("kept", "failed")


def setup(start: Path, environ: Mapping[str, str], request: Request) -> list[Step]:
    """Do it, in an order in which git works at every moment; one thing's failure stops no other.

    Raises:
        HistoryError, DeskError: not in a desk, and not asked for everywhere.
    """
    items = [*_git_items(start, environ, request), *_user_items(environ, request)]
    if request.remove:
        return [_taken(item, request) for item in reversed(items)]
    return [_put(item, request) for item in items]


def man_page() -> Path:
    """The page that came with this git-qoc: package data, or a source checkout's."""
    package = Path(git_qoc.__file__).resolve().parent
    installed = package / "data" / "man" / PAGE
    return installed if installed.exists() else package.parent / "man" / PAGE


def _git_items(start: Path, environ: Mapping[str, str], request: Request) -> list[Item]:
    home = home_of(environ)
    if request.everywhere:
        _require_global(home, environ.get("GIT_CONFIG_GLOBAL"))
        file = attributes_file(environ)
        lines = [AttributeLine(file, attribute, home) for attribute in everywhere()]
        return [*(Setting(None, key, value) for key, value in SETTINGS.items()), *lines]
    try:
        place = find_desk(start)
    except HistoryError as exc:
        raise HistoryError(f"{exc}; or set up every desk of yours: git qoc setup --global") from None
    repo = place.repo
    file = repo.common_dir / "info" / "attributes"
    lines = [AttributeLine(file, attribute, home, repo) for attribute in desk_attributes(place.root)]
    return [*(Setting(repo, key, value) for key, value in SETTINGS.items()), *lines]


def _require_global(home: Path, named: str | None) -> None:
    """git itself would write /.gitconfig for an empty HOME, and rename a file over /dev/null."""
    if named and os.path.lexists(named) and not Path(named).is_file():
        raise HistoryError(f"GIT_CONFIG_GLOBAL={named} is no file. Unset it or correct it")
    if not named and not home.is_dir():
        raise HistoryError(f"{no_home(home)}, so there is no global configuration. Set HOME")


def home_of(environ: Mapping[str, str]) -> Path:
    """The user's home; it need not be there, and is never one when HOME is not set."""
    return Path(environ.get("HOME") or os.devnull)


def _user_items(environ: Mapping[str, str], request: Request) -> list[Item]:
    home = home_of(environ)
    local = home / ".local" / "share"
    data = _absolute(environ.get("XDG_DATA_HOME"), local)
    config = _absolute(environ.get("XDG_CONFIG_HOME"), home / ".config")
    bash = _absolute(environ.get("BASH_COMPLETION_USER_DIR", "").split(":")[0], data / "bash-completion")
    places = {
        "bash": (data, bash / "completions" / "git-qoc"),
        "zsh": (data, data / "zsh" / "site-functions" / "_git-qoc"),
        "fish": (config, config / "fish" / "completions" / "git-qoc.fish"),
    }
    texts = [
        TextFile(home, base, path, f"{shell} completion", request.completions[shell])
        for shell, (base, path) in places.items()
    ]
    # Not under XDG_DATA_HOME: man finds this place, beside ~/.local/bin, and no other.
    return [*texts, Link(home, local, local / "man" / "man1" / PAGE, "man page", str(man_page()))]


def _absolute(value: str | None, default: Path) -> Path:
    """The folder an XDG variable names; a relative one is to be ignored, says the specification."""
    return Path(value) if value and Path(value).is_absolute() else default


def _put(item: Item, request: Request) -> Step:
    try:
        found = item.found()
        if found == item.wanted:
            return _step(
                "present", item, "" if item.ours() else "in force already, by another attributes file"
            )
        ours = found is not None and item.ours()
        if found is not None and not ours and not request.force:
            stands = f"yours is {found!r}" if item.short else "a file of yours stands there"
            return _step("kept", item, f"{stands}; --force replaces it")
        if not request.dry:
            item.put()
            if item.found() != item.wanted:
                return _step("failed", item, "written, and not in force: something of yours overrides it")
    except (QocError, OSError) as exc:
        return _failed(item, exc)
    if found is None or ours:
        return _step("updated" if ours else "installed", item)
    return _step("replaced", item, f"was {found!r}" if item.short else "")


def _taken(item: Item, request: Request) -> Step:
    try:
        if item.ours():
            if not request.dry:
                item.take()
            return _step("removed", item)
        note = "not made by setup" if item.found() is not None else ""
    except (QocError, OSError) as exc:
        return _failed(item, exc)
    return _step("absent", item, note)


def _failed(item: Item, exc: QocError | OSError) -> Step:
    return _step("failed", item, os_reason(exc) if isinstance(exc, OSError) else str(exc))


def _step(state: str, item: Item, note: str = "") -> Step:
    told = not item.short or item.wanted in item.what
    return Step(state, item.what, item.where, note, "" if told else item.wanted)
