"""A finished text through the user's pager, as git does it (git-config, "core.pager", "pager.<cmd>").

Loaded only when stdout is a terminal. `GIT_PAGER`, then `pager.qoc` (a boolean or a command),
`core.pager`, `PAGER`, then git's default; `cat` or nothing means none. `git --no-pager qoc` sets
GIT_PAGER=cat, and under `git -p qoc` stdout is git's own pager already.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from git_qoc.cli.context import World
from git_qoc.cli.paint import Painted
from git_qoc.errors import ReaderGone
from git_qoc.history.process import call

DEFAULTS = {"LESS": "FRX", "LV": "-c"}
"""Set when unset, as git does: less shows colours and leaves at once what fits the screen."""
NEEDS_SHELL = "|&;<>()$`\\\"' \t\n*?[#~=%"
NOT_STARTED = (126, 127)
"""The shell's exit codes for a command that cannot be run, or found (POSIX, "Exit Status for Commands")."""
BOOLEANS = ("true", "yes", "on", "1", "false", "no", "off", "0", "")
HELD = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP)


def page(text: Painted, world: World) -> bool:
    """Show the text and wait until the pager is left; False when there is none to be had.

    Raises:
        ReaderGone: it was left before it had read everything.
    """
    command = _command(world)
    return command is not None and _shown(command, text, world)


def _command(world: World) -> str | None:
    chosen = world.environ.get("GIT_PAGER")
    if chosen is None:
        own = world.config(r"^pager\.qoc$").get("pager.qoc", "true")
        if own.lower() not in BOOLEANS:
            chosen = own
        elif own.lower() in BOOLEANS[4:]:
            return None
        else:
            done = call(("var", "GIT_PAGER"), world.cwd, world.environ)
            chosen = done.out.decode("utf-8", "surrogateescape").removesuffix("\n")
    return None if chosen in ("", "cat") else chosen


def _shown(command: str, text: Painted, world: World) -> bool:
    """False when there is no such pager."""
    shell = any(char in NEEDS_SHELL for char in command)
    env = {**DEFAULTS, **world.environ, "GIT_PAGER_IN_USE": "true"}
    with _signals_held():
        try:
            pager = subprocess.Popen(
                command if shell else [command],
                shell=shell,
                cwd=world.cwd,
                env=env,
                stdin=subprocess.PIPE,
                bufsize=0,
            )
        except OSError:
            return False
        complete = _fed(pager, f"{text}\n".encode(sys.stdout.encoding, "replace"))
        code = pager.wait()
    if shell and code in NOT_STARTED:
        return False
    if not complete:
        raise ReaderGone
    return True


def _fed(pager: subprocess.Popen[bytes], data: bytes) -> bool:
    assert pager.stdin is not None  # noqa: S101 - a pipe, see above
    rest = memoryview(data)
    with pager.stdin as pipe:
        try:
            while rest:
                rest = rest[pipe.write(rest) :]
        except BrokenPipeError:
            return False
    return True


@contextmanager
def _signals_held() -> Iterator[None]:
    """Who asks us to end while the pager has the terminal is answered when it is left."""
    came: list[int] = []

    def hold(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    heard = [number for number in HELD if signal.getsignal(number) not in (signal.SIG_IGN, None)]
    before = {number: signal.signal(number, hold) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for late in came:
        if late not in (signal.SIGINT, signal.SIGQUIT):  # meant for the pager, which knows what to do
            signal.raise_signal(late)
