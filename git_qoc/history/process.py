"""Runs git and turns what it says into one clear message.

In: arguments, a folder, an environment. Out: bytes, or a `HistoryError` with git's own
first complaint. Nothing but the standard library's subprocess is imported, because the
pre-commit hook passes here.
"""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Mapping
from typing import NamedTuple

from git_qoc.desk.environment import Environment
from git_qoc.errors import HistoryError

DISK_FULL = "the disk is full (No space left on device). Free some space and try again"
FULL_SIGNS = ("No space left on device", "Disk quota exceeded", "Out of diskspace")
REMEDIES = ("git config --global --add safe.directory",)

Folder = str | os.PathLike[str]


class Done(NamedTuple):
    """A finished git process; `code` < 0 is the signal that ended it."""

    code: int
    out: bytes
    err: bytes


def plain_environ() -> dict[str, str]:
    """This process's environment with git's messages in English, for parsing."""
    return Environment(os.environ, LC_ALL="C")


def call(
    args: tuple[str, ...],
    cwd: Folder,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    pass_fds: tuple[int, ...] = (),
) -> Done:
    """Run git to its end, whatever its exit code.

    Raises:
        HistoryError: git is not installed, or `cwd` is not a folder that can be entered.
    """
    try:
        done = subprocess.run(
            ["git", *args],
            cwd=cwd,
            env=plain_environ() if env is None else env,
            input=stdin,
            capture_output=True,
            check=False,
            pass_fds=pass_fds,
        )
    except (OSError, ValueError) as exc:
        raise not_started(exc, cwd) from None
    return Done(done.returncode, done.stdout, done.stderr)


def not_started(exc: OSError | ValueError, cwd: Folder) -> HistoryError:
    """Why git could not even be started in `cwd`."""
    if isinstance(exc, ValueError):
        return HistoryError("a path or revision holds a NUL byte, which git does not allow")
    if not os.path.isdir(cwd):  # noqa: PTH112 - pathlib costs the hook 4 ms
        return HistoryError(f"{os.fspath(cwd)} is not a folder. Go to the desk's folder and try again")
    if isinstance(exc, FileNotFoundError):
        return HistoryError("git is not installed, or not on PATH. Install git 2.31 or later")
    return HistoryError(f"cannot run git in {os.fspath(cwd)}: {os_reason(exc)}")


def os_reason(exc: OSError) -> str:
    """The system's reason, with the way out where there is one."""
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return DISK_FULL
    return exc.strerror or type(exc).__name__


def complaint(err: bytes) -> str:
    """Git's first `fatal:` or `error:` line without that word, and the command it recommends."""
    text = err.decode("utf-8", "replace")
    if any(sign in text for sign in FULL_SIGNS):
        return DISK_FULL
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    faults = [line for line in lines if line.startswith(("fatal: ", "error: "))] or lines
    if not faults:
        return "git gave no reason"
    remedy = next((line for line in lines if line.startswith(REMEDIES)), "")
    first = faults[0].removeprefix("fatal: ").removeprefix("error: ").rstrip(".:")
    return f"{first}. Run: {remedy}" if remedy else first


def failed(args: tuple[str, ...], err: bytes) -> HistoryError:
    """The error for a git command that ended badly; options before the command are left out."""
    command = next((arg for arg in args if not arg.startswith("-") and "=" not in arg), "git")
    return HistoryError(f"git {command} failed: {complaint(err)}")
