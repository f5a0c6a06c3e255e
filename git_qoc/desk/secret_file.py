"""Secrets kept in files: read bounded, with the mode of the very file that was opened.

Nothing here raises: a frame that has read a secret must not end up in a traceback.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from git_qoc.desk.found import Found, Trouble
from git_qoc.desk.secrets import Secret

MAX_BYTES = 64 * 2**10


def read(path: Path, name: str) -> Found | Trouble:
    """The text of a regular file without the white space around it; `name` is what messages call it.

    The doubts say who else may read or change it: by its mode, or by a folder above it that
    others may write (the sticky bit keeps their hands off). Symbolic links are followed, and
    what they lead to counts.
    """
    try:
        # Before opening, because opening some devices already does something.
        if not stat.S_ISREG(path.stat().st_mode):
            return _irregular(name)
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        with os.fdopen(descriptor, "rb") as file:
            mode = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(mode):
                return _irregular(name)
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as exc:
        return _unreadable(name, exc)
    if len(data) > MAX_BYTES:
        return Trouble("too large", f"needs the file {name}, which is larger than 64 KiB. Name another")
    try:
        secret = Secret(data.decode("utf-8-sig").strip())
    except UnicodeDecodeError:
        return Trouble("not UTF-8", f"needs the file {name}, which cannot be read: it is not UTF-8 text")
    return Found(secret, tuple(_doubts(path, stat.S_IMODE(mode), name)))


def _irregular(name: str) -> Trouble:
    return Trouble("no regular file", f"needs the file {name}, which is not a regular file. Name one")


def _unreadable(name: str, exc: OSError | ValueError) -> Trouble:
    # A ValueError is about a NUL byte in the name.
    why = exc.strerror if isinstance(exc, OSError) and exc.strerror else "no such name is possible"
    return Trouble(f"cannot be read: {why}", f"needs the file {name}, which cannot be read: {why}")


def _doubts(path: Path, mode: int, name: str) -> Iterator[Trouble]:
    real = path.resolve()
    if mode & 0o066:
        state = f"mode {mode:04o}, {_what(mode)} by {_whom(mode, 0o006)}"
        run = f"Run: chmod 600 {quote(str(real))}"
        yield Trouble(state, f"needs the file {name}, which has {state}. {run}")
    for folder in dict.fromkeys((*real.parents, *path.absolute().parents)):
        try:
            mode = folder.stat().st_mode
        except OSError:
            continue
        if mode & 0o022 and not mode & stat.S_ISVTX:
            state = f"{_whom(mode, 0o002)} may write to its folder {folder} (mode {stat.S_IMODE(mode):04o})"
            yield Trouble(state, f"needs the file {name}, but {state}. Run: chmod go-w {quote(str(folder))}")


def _what(mode: int) -> str:
    words = [word for word, bits in (("readable", 0o044), ("writable", 0o022)) if mode & bits]
    return " and ".join(words)


def _whom(mode: int, others: int) -> str:
    return "others" if mode & others else "its group"
