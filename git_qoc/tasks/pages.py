"""Reports as HTML files in a folder, and the index of all that are in it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from git_qoc.errors import HistoryError, Refused, printable
from git_qoc.history import workfile
from git_qoc.history.process import os_reason
from git_qoc.report.badge import badge
from git_qoc.report.names import STEM
from git_qoc.report.page.found import READ, Entry, found_summary, is_ours
from git_qoc.report.page.index import index
from git_qoc.report.page.page import page
from git_qoc.report.page.summary import summary
from git_qoc.report.values import Json

INDEX, WHOLE, BADGE = "index.html", f"{STEM}.html", "badge.svg"


def write_pages(document: Mapping[str, Json], folder: Path, name: str) -> tuple[str, ...]:
    """Write the report as `name`, its badge and the index anew; the paths of page and index.

    Raises:
        HistoryError: the folder cannot be made, read or written.
        Refused: a file that was not made here, or another desk's report, has one of the two names.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise HistoryError(f"cannot make the folder {folder}: {os_reason(exc)}") from None
    _check(folder, name, document)
    own_badge = BADGE if name == WHOLE else f"{name.removesuffix('.html')}-{BADGE}"
    workfile.write(folder, own_badge, badge(document).encode())
    workfile.write(folder, name, page(document).encode())
    workfile.write(folder, INDEX, index(_entries(folder)).encode())
    return str(folder / name), str(folder / INDEX)


def _check(folder: Path, name: str, document: Mapping[str, Json]) -> None:
    for file in (name, INDEX):
        start = _start(folder / file)
        if start is not None and not is_ours(start):
            raise Refused(f"{folder / file} was not made by git-qoc. Move it away, or name another folder.")
    former = found_summary(_start(folder / name) or "")
    if former is not None and former["name"] != summary(document)["name"]:
        other = printable(str(former["name"]))
        raise Refused(f'{folder / name} is a report of the desk "{other}". Name another folder for this one.')


def _entries(folder: Path) -> Iterator[Entry]:
    for path in sorted(folder.glob("*.html")):
        told = found_summary(_start(path) or "")
        if told is not None and path.name != INDEX:
            yield Entry(path.name, told)


def _start(path: Path) -> str | None:
    """What a regular file begins with; None when there is none that can be read."""
    try:
        # A pipe with no writer would be waited for.
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return os.read(fd, READ).decode("utf-8", "replace") if stat.S_ISREG(os.fstat(fd).st_mode) else None
    except OSError:
        return None
    finally:
        os.close(fd)
