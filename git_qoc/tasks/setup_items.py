"""The single things that setup installs: each can be looked at, put in place and taken back."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from git_qoc.errors import QocError
from git_qoc.history import workfile
from git_qoc.history.drivers import Attribute, in_force, put_setting, setting
from git_qoc.history.repository import Repository

MARK = "by `git qoc setup`; `git qoc setup --remove` takes it away"
"""Stands in everything of ours that is text."""


class Item(Protocol):
    """One thing; `what` and `where` are for people.

    `found` is what stands there now, None when nothing does; `ours` says whether setup made
    it, this version or an earlier one. `short` texts can be shown. What reads or writes may
    raise QocError or OSError.
    """

    @property
    def what(self) -> str: ...
    @property
    def where(self) -> str: ...
    @property
    def wanted(self) -> str: ...
    @property
    def short(self) -> bool: ...

    def found(self) -> str | None: ...

    def ours(self) -> bool: ...

    def put(self) -> None: ...

    def take(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of a repository's configuration, or without one of the user's."""

    repo: Repository | None
    key: str
    wanted: str
    short: bool = True

    @property
    def what(self) -> str:
        return self.key

    @property
    def where(self) -> str:
        return f"git config {'--local' if self.repo else '--global'}"

    def found(self) -> str | None:
        return setting(self.repo, self.key)

    def ours(self) -> bool:
        return self.found() == self.wanted

    def put(self) -> None:
        put_setting(self.repo, self.key, self.wanted)

    def take(self) -> None:
        put_setting(self.repo, self.key, None)


@dataclass(frozen=True, slots=True)
class AttributeLine:
    """One line of an attributes file. With a `repo`, git is asked what is in force there.

    Without one, the line goes in front, so that every line of the user's in that file wins.
    """

    file: Path
    attribute: Attribute
    home: Path
    repo: Repository | None = None
    short: bool = True

    @property
    def what(self) -> str:
        return self.attribute.line

    @property
    def where(self) -> str:
        return str(self.file)

    @property
    def wanted(self) -> str:
        return self.attribute.value

    def found(self) -> str | None:
        if self.repo is not None:
            return in_force(self.repo, self.attribute)
        return self.wanted if self.ours() else None

    def ours(self) -> bool:
        return self._ours().search(self._text()) is not None

    def put(self) -> None:
        _make_folder(self.file.parent, self.home)
        text, new = self._text(), f"# {MARK}\n{self.attribute.line}\n"
        if self.repo is None:
            self._write(new + text)
        else:
            self._write(text + ("" if text.endswith("\n") or not text else "\n") + new)

    def take(self) -> None:
        """Also those of other desks in the repository: the driver is gone for all of them."""
        left = self._ours().sub("", self._text())
        if left:
            self._write(left)
        else:
            self.file.unlink()

    def _ours(self) -> re.Pattern[str]:
        end = re.escape(f" {self.attribute.name}={self.wanted}")
        return re.compile(f"^# {re.escape(MARK)}\n.*{end}\n", re.MULTILINE)

    def _text(self) -> str:
        return self.file.read_bytes().decode("utf-8", "surrogateescape") if self.file.exists() else ""

    def _write(self, text: str) -> None:
        file = self.file.resolve()  # a home's dot files are often links
        workfile.write(file.parent, file.name, text.encode("utf-8", "surrogateescape"))


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file of ours as a whole; the folders above it are removed when empty, up to `base`."""

    home: Path
    base: Path
    path: Path
    what: str
    wanted: str
    short: bool = False

    @property
    def where(self) -> str:
        return str(self.path)

    def found(self) -> str | None:
        return self.path.read_text("utf-8", "replace") if os.path.lexists(self.path) else None

    def ours(self) -> bool:
        return MARK in (self.found() or "")[:400]

    def put(self) -> None:
        _make_folder(self.path.parent, self.home)
        workfile.write(self.path.parent, self.path.name, self.wanted.encode())

    def take(self) -> None:
        _unlink(self.path, self.base)


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link to a file that came with git-qoc."""

    home: Path
    base: Path
    path: Path
    what: str
    wanted: str
    short: bool = True

    @property
    def where(self) -> str:
        return str(self.path)

    def found(self) -> str | None:
        if self.path.is_symlink():
            return str(self.path.readlink())
        return "a file" if self.path.exists() else None

    def ours(self) -> bool:
        """Also a link into an installation that is gone."""
        found = self.found()
        dangling = self.path.is_symlink() and not self.path.exists()
        return found == self.wanted or (dangling and Path(found or "").name == Path(self.wanted).name)

    def put(self) -> None:
        _make_folder(self.path.parent, self.home)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(self.wanted)

    def take(self) -> None:
        _unlink(self.path, self.base)


def no_home(home: Path) -> str:
    """Why the home of `setup.home_of` is none."""
    return "HOME is not set" if home == Path(os.devnull) else f"HOME ({home}) is not a folder"


def _make_folder(folder: Path, home: Path) -> None:
    """A home that is missing is not made: what is in it would be found by nobody."""
    if folder.is_relative_to(home) and not home.is_dir():
        raise QocError(f"{no_home(home)}. Set HOME, then run this again")
    folder.mkdir(parents=True, exist_ok=True)


def _unlink(path: Path, base: Path) -> None:
    """Remove the file and the folders below `base` that this leaves empty."""
    path.unlink()
    for folder in path.parents:
        if folder == base or not folder.is_relative_to(base):
            return
        try:
            folder.rmdir()
        except OSError:
            return
