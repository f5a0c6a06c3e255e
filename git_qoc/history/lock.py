"""One writer of ours at a time, and patience with the locks of git's own processes."""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from git_qoc.errors import HistoryError
from git_qoc.history.process import Done, os_reason
from git_qoc.history.repository import Repository

OURS_S = 60.0
"""How long to wait for another git qoc; it may be waiting for a signing key's passphrase."""
GITS_S = 3.0
"""How long to wait for git's index.lock or a ref's lock."""

LOCK_HELD = re.compile(rb"'([^'\n]+\.lock)': File exists")


@contextmanager
def writing(repo: Repository) -> Iterator[int]:
    """Hold this repository's writer lock; yields its descriptor, which a child may inherit.

    Raises as `alone`.
    """
    with alone(repo, "lock") as fd:
        yield fd


@contextmanager
def alone(repo: Repository, name: str) -> Iterator[int]:
    """Hold one of this repository's locks of ours; yields its descriptor.

    Not to be entered twice: who holds it and asks again waits for itself.

    Raises:
        HistoryError: another git qoc held it for a minute, or the lock cannot be made.
    """
    path = repo.private_dir / name
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        raise HistoryError(f"cannot make {path}: {os_reason(exc)}") from None
    try:
        for _ in _pauses(OURS_S):
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                continue
            except OSError as exc:
                raise HistoryError(f"cannot lock {path}: {os_reason(exc)}") from None
        else:
            raise HistoryError(f"another git qoc has held {path} for a minute. Wait for it, or end it")
        yield fd
    finally:
        os.close(fd)


def patiently(step: Callable[[], Done], repo: Repository) -> Done:
    """Run a git step again while another git process holds the lock it needs.

    Raises:
        HistoryError: the lock was held for three seconds; the message names it, how old it is,
            and, where the system tells, the git processes at work there.
    """
    held = b""
    for _ in _pauses(GITS_S):
        done = step()
        match = LOCK_HELD.search(done.err) if done.code else None
        if match is None:
            return done
        held = match[1]
    raise _held(Path(os.fsdecode(held)), repo)


def _held(lock: Path, repo: Repository) -> HistoryError:
    from git_qoc.history.holders import git_at_work

    folders = (repo.top or repo.git_dir, repo.git_dir)
    who = ", ".join(git_at_work(tuple(folder.resolve() for folder in folders)))
    age = _age_s(lock, repo)
    since = "" if age is None else f" (made {age} s ago)"
    at_work = f" At work here: {who}." if who else ""
    return HistoryError(
        f"another git process holds {lock}{since}.{at_work} Wait until it is done (an editor may be open);"
        " when no git is running, delete that file, then try again"
    )


def _age_s(lock: Path, repo: Repository) -> int | None:
    """By the clock of the file system, which also dated the lock; None when it cannot be told."""
    ours = repo.private_dir / "lock"
    try:
        os.utime(ours)
        return max(0, int(ours.stat().st_mtime - lock.stat().st_mtime))
    except OSError:
        return None


def _pauses(limit_s: float) -> Iterator[None]:
    """Yields at once, then after pauses of 10 ms growing to 160 ms, until `limit_s` is over."""
    end = time.monotonic() + limit_s
    pause = 0.01
    while True:
        yield
        if time.monotonic() >= end:
            return
        time.sleep(pause)
        pause = min(pause * 2, 0.16)
