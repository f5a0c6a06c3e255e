"""Runs a command in a terminal of its own (a pseudo-terminal), as a person does."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Seen:
    """`shown` is all that reached the terminal, until nobody held it any more."""

    code: int
    shown: bytes

    @property
    def lines(self) -> list[str]:
        return self.shown.decode().replace("\r\n", "\n").splitlines()


def in_terminal(
    args: Sequence[str],
    cwd: Path,
    env: Mapping[str, str],
    keys: Sequence[tuple[bytes, bytes]] = (),
    rows: int = 24,
) -> Seen:
    """Each of `keys` is (what to wait for, what then to type)."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 120, 0, 0))
    process = subprocess.Popen(
        args,
        cwd=cwd,
        env={**os.environ, **env},
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        # Where the tests run under nohup, the terminal's own signal would be ignored for ever.
        preexec_fn=partial(signal.signal, signal.SIGHUP, signal.SIG_DFL),  # noqa: PLW1509
    )
    os.close(slave)
    shown, waiting, searched = b"", list(keys), 0
    try:
        while chunk := _read(master):
            shown += chunk
            if waiting and waiting[0][0] in shown[searched:]:
                searched = len(shown)
                os.write(master, waiting.pop(0)[1])
        return Seen(process.wait(PATIENCE_S), shown)
    finally:
        os.close(master)
        process.kill()
        process.wait()


def qoc_in_terminal(
    args: Sequence[str], cwd: Path, env: Mapping[str, str], keys: Sequence[tuple[bytes, bytes]] = ()
) -> Seen:
    env = {"TERM": "xterm", "PYTHONPATH": str(ROOT), **env}
    return in_terminal([sys.executable, "-m", "git_qoc", *args], cwd, env, keys)


def _read(master: int) -> bytes:
    """b"" when nobody holds the terminal any more."""
    ready, _, _ = select.select([master], [], [], PATIENCE_S)
    assert ready, "nothing happened in the terminal"
    try:
        return os.read(master, 1 << 16)
    except OSError:
        return b""
