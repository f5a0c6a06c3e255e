"""What was read from history before, kept in `<git common dir>/qoc/`: never history, never needed.

Only what follows from objects that git names by their content is kept, so that it stays true
whatever becomes of the branches. It is believed when every byte is as it was written, by the
same format and the same version of the reader; else it is as if there were none. A reader sees
a whole file or none, the last of several writers wins, and what cannot be written is not kept:
no permission, no space and no other writer is ever an error.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from git_qoc.errors import HistoryError
from git_qoc.history.repository import Repository

FORMAT = "git-qoc cache 1"
AT_MOST = 1 << 28
"""Bytes; a million snapshots. More is neither written nor read."""
SUM_BYTES = 32


@dataclass(frozen=True, slots=True)
class Cache:
    """One kept thing: `kind` of a desk's folder `root`, as `version` of its reader made it."""

    repo: Repository
    kind: str
    root: str
    version: str
    at_most: int = AT_MOST

    def read(self) -> bytes | None:
        """What was kept; None when there is nothing that can be believed."""
        try:
            fd = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(fd, "rb") as file:
                status = os.fstat(fd)
                if not stat.S_ISREG(status.st_mode) or status.st_size > self.at_most:
                    return None
                data = file.read(self.at_most + 1)
        except OSError:
            return None
        head = self._head
        start = len(head) + SUM_BYTES
        if len(data) < start or not data.startswith(head):
            return None
        body = memoryview(data)[start:]
        return bytes(body) if data[len(head) : start] == _sum(head, body) else None

    def write(self, data: bytes) -> None:
        """Keep `data` instead of what was kept, if that can be done."""
        head = self._head
        if len(data) + len(head) + SUM_BYTES > self.at_most:
            return
        with suppress(OSError, HistoryError):
            folder = self.repo.private_dir
            self._replace(folder / f"{self._path.name}.new", head + _sum(head, data), data)

    @property
    def _path(self) -> Path:
        name = hashlib.sha256(self.root.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        return self.repo.common_dir / "qoc" / f"cache-{self.kind}-{name}"

    @property
    def _head(self) -> bytes:
        line = f"{FORMAT}\n{self.kind}\n{self.root}\n{self.version}\n{self.repo.object_format}\n\n"
        return line.encode("utf-8", "surrogateescape")

    def _replace(self, new: Path, *parts: bytes) -> None:
        """One writer at a time holds the temporary; it may be what a killed one left behind."""
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not os.path.samestat(os.fstat(fd), new.lstat()):
                return  # it became the kept file between our opening and locking it
            os.ftruncate(fd, 0)
            try:
                for part in parts:
                    _write(fd, part)
                new.replace(self._path)
            except OSError:
                new.unlink()
        finally:
            os.close(fd)


def unaltered(repo: Repository) -> bool:
    """Whether git shows every object as it is named: nothing is cut off, replaced or grafted."""
    grafts = os.environ.get("GIT_GRAFT_FILE") or repo.common_dir / "info" / "grafts"
    if repo.shallow or os.path.lexists(grafts):
        return False
    base = os.environ.get("GIT_REPLACE_REF_BASE", "refs/replace/")
    return not repo.git("for-each-ref", "--count=1", base)


def _sum(head: bytes, body: bytes | memoryview) -> bytes:
    digest = hashlib.sha256(head)
    digest.update(body)
    return digest.digest()


def _write(fd: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]
