"""Secrets kept by git's credential helpers (git-credential(1), gitcredentials(7)).

Which helpers there are stands in the user's git config, which no clone brings along. git is
run in the git dir, not in the work tree: with an unlucky PATH a file of the cloned desk
could be taken for a helper there. Nothing here raises: a frame that has read a secret must
not end up in a traceback.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from git_qoc.desk.environment import Environment
from git_qoc.desk.found import Found, Trouble
from git_qoc.desk.secrets import Secret

_URL = re.compile(
    r"(?P<protocol>https|http)://(?:(?P<username>[A-Za-z0-9._~%+-]+)@)?"
    r"(?P<host>(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?)(?:/(?P<path>[A-Za-z0-9._~%+@:,/-]*))?"
)
_LOOPBACK = re.compile(r"(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]+)?", re.IGNORECASE)
_QUIET = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",  # empty wins over core.askPass and SSH_ASKPASS, and runs nothing
    "SSH_ASKPASS": "",
    "SSH_ASKPASS_REQUIRE": "never",
    "GCM_INTERACTIVE": "never",
    "GCM_GUI_PROMPT": "false",
}
_MALFORMED = Trouble(
    "not a URL",
    'has a malformed git-credential reference: write { git-credential = "https://[USER@]HOST" }, '
    "without a password",
)
_ARGS = ("git", "-c", "core.askPass=", "-c", "credential.interactive=false", "credential", "fill")


class Url(NamedTuple):
    """What git is asked for; `host` has its port, `path` and `username` are "" when not given."""

    protocol: str
    host: str
    path: str
    username: str


def parse(target: str) -> Url | Trouble:
    """A URL as git-credential takes it apart; one with a password in it is not repeated."""
    match = _URL.fullmatch(target)
    if match is None:
        return _MALFORMED
    parts = (unquote(match[name] or "") for name in ("path", "username"))
    url = Url(match["protocol"], match["host"], *parts)
    if not all(part.isprintable() for part in url):
        return _MALFORMED
    if url.protocol != "https" and not _LOOPBACK.fullmatch(url.host):
        return Trouble("not https", f"has a git-credential reference to {url.host} over http: write https://")
    return url


class Helpers:
    """The git processes at work, as long as it takes; `close` ends them, with all that they started."""

    def __init__(self, environ: Mapping[str, str], git_dir: Path) -> None:
        self._env = Environment({**environ, **_QUIET, "GIT_DIR": str(git_dir)})
        self._git_dir = git_dir
        self._running: set[subprocess.Popen[bytes]] = set()
        self._closed = False
        self._lock = threading.Lock()

    def ask(self, url: Url, wanted: str, name: str) -> Found | Trouble:
        """The `username` or `password` that git's helpers have for a URL; nobody is asked for it."""
        answer = self._fill(url)
        if answer is None:
            why = "git credential did not answer"
            return Trouble("no answer", f"needs a git credential for {name}, but {why}")
        if wanted not in answer:
            told = f"needs a git credential for {name}, which no helper has. Run: git credential approve"
            return Trouble("no helper has it", told)
        if not _is_about(answer, url):
            why = "a helper answered for another host or user"
            return Trouble(why, f"needs a git credential for {name}, but {why}. Check credential.helper")
        return Found(Secret(answer[wanted].strip()))

    def close(self) -> None:
        with self._lock:
            self._closed = True
            for process in self._running:
                # A process that was waited for has given its number back.
                if process.returncode is None:
                    with suppress(ProcessLookupError, PermissionError):
                        os.killpg(process.pid, signal.SIGKILL)

    def _fill(self, url: Url) -> dict[str, str] | None:
        """git's answer, {} when no helper has one; None when none came that can be read."""
        question = "".join(f"{key}={value}\n" for key, value in url._asdict().items() if value)
        process = self._start()
        if process is None:
            return None
        try:
            out, _ = process.communicate(f"{question}\n".encode())
            lines = out.decode("utf-8").split("\n") if process.returncode == 0 else []
        except (OSError, ValueError):
            return None
        finally:
            with self._lock:
                self._running.discard(process)
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def _start(self) -> subprocess.Popen[bytes] | None:
        """git in a session of its own, which has no terminal to ask on and is ended as a whole."""
        with self._lock:
            if self._closed:
                return None
            try:
                process = subprocess.Popen(
                    _ARGS,
                    cwd=self._git_dir,
                    env=self._env,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            except (OSError, ValueError):
                return None
            self._running.add(process)
            return process


def _is_about(answer: Mapping[str, str], url: Url) -> bool:
    # git itself takes a helper's word for another host, and another user than the one asked for.
    same = answer.get("protocol") == url.protocol and answer.get("host") == url.host
    return same and url.username in ("", answer.get("username"))
