"""Who may hold a lock of git's: the git processes at work in a folder, told by Linux's /proc.

Only names and process ids are read, never arguments, which may hold secrets. Elsewhere than
on Linux nothing is known.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")


def git_at_work(folders: tuple[Path, ...]) -> list[str]:
    """`git (pid 4711)` for each git process that stands in one of the folders, oldest pid first.

    Ourselves and who started us (`git qoc` waits for `git-qoc`) are left out.
    """
    ours = set(_lineage(os.getpid()))
    found = []
    for pid in sorted(_pids()):
        with suppress(OSError):
            name = _name(pid)
            here = (PROC / str(pid) / "cwd").readlink()
            if name.startswith("git") and pid not in ours and any(here.is_relative_to(f) for f in folders):
                found.append(f"{name} (pid {pid})")
    return found


def _pids() -> Iterator[int]:
    with suppress(OSError):
        yield from (int(entry.name) for entry in PROC.iterdir() if entry.name.isdecimal())


def _lineage(pid: int) -> Iterator[int]:
    with suppress(OSError, ValueError):
        while pid > 0:
            yield pid
            # proc(5): the command's name, the second field, is in parentheses and may hold anything.
            after = (PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2]
            pid = int(after.split()[1])


def _name(pid: int) -> str:
    return (PROC / str(pid) / "comm").read_text(errors="replace").removesuffix("\n")
