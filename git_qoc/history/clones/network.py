"""Runs git where it talks to a remote: with an end to waiting, and git's own reason for a failure.

No password is asked for where nobody can answer. Nothing of a URL's user part is repeated.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
from contextlib import suppress
from typing import IO

from git_qoc.errors import HistoryError
from git_qoc.history.process import Done, not_started
from git_qoc.history.repository import Repository

GRACE_S = 2.0
"""What git gets to remove its lock files, once it is told to end."""

REASONS = 6
NOISE = (
    "hint: ",
    "warning: ",
    "To ",
    "From ",
    "Done",
    "error: failed to push some refs",
    "fatal: the remote end hung up unexpectedly",
    "fatal: Could not read from remote repository",
    "Please make sure you have the correct access rights",
    "and the repository exists.",
)
PREFIXES = re.compile(r"^(remote: )?(fatal: |error: |remote: )?")
IN_URL = (
    (re.compile(r"(?<=://)[^/@\s']+@"), ""),
    # A password with a slash looks like a path; what comes behind a question mark may be a token.
    (re.compile(r"(?<=://)[^\s]+@"), "…@"),
    (re.compile(r"(://[^\s?]*)\?[^\s']*"), r"\1"),
)


def call_remote(repo: Repository, args: tuple[str, ...], timeout_s: float, doing: str) -> Done:
    """Run git to its end, whatever its exit code; `doing` says in a message what it was about.

    Raises:
        HistoryError: no end came within `timeout_s`; git and what it started are ended.
    """
    attended = _terminal()
    extra = {} if attended else {"GIT_TERMINAL_PROMPT": "0"}
    # Files, not pipes: what git started may outlive it and would keep a pipe open.
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = _start(repo, args, extra, (out, err), apart=not attended)
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise HistoryError(
                f"{doing}: no end after {timeout_s:g} s. Try again, or give it more with --timeout SECONDS"
            ) from None
        finally:
            if process.returncode is None:
                _end(process, apart=not attended)
        out.seek(0)
        err.seek(0)
        return Done(process.returncode, out.read(), err.read())


def reason(err: bytes) -> str:
    """What git, the remote and its hooks said, without advice, in one line; "" when nothing."""
    lines = [line.strip() for line in err.decode("utf-8", "replace").splitlines()]
    said = [PREFIXES.sub("", line).strip() for line in lines if not line.startswith((*NOISE, "!", "="))]
    kept = [line for line in said if line] or [PREFIXES.sub("", line) for line in lines if line]
    return without_secrets("; ".join(kept[-REASONS:])).rstrip(".")


def without_secrets(text: str) -> str:
    """The text without what in its URLs may be a user's name, password or token."""
    for part, instead in IN_URL:
        text = part.sub(instead, text)
    return text


def _terminal() -> bool:
    """Whether somebody can be asked for a password; git asks on the controlling terminal."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC))
    except OSError:
        return False
    return True


def _start(
    repo: Repository,
    args: tuple[str, ...],
    extra: dict[str, str],
    to: tuple[IO[bytes], IO[bytes]],
    *,
    apart: bool,
) -> subprocess.Popen[bytes]:
    """`apart`: in a session of its own, which can be ended as a whole but has no terminal."""
    try:
        return subprocess.Popen(
            ["git", *args],
            cwd=repo.run_dir,
            env=repo.environ_of_hooks(extra),
            stdin=subprocess.DEVNULL,
            stdout=to[0],
            stderr=to[1],
            start_new_session=apart,
        )
    except (OSError, ValueError) as exc:
        raise not_started(exc, repo.run_dir) from None


def _end(process: subprocess.Popen[bytes], *, apart: bool) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            if apart:
                os.killpg(process.pid, number)
            else:
                process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_S)
