"""A git process that works while we do other things."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from typing import IO

from git_qoc.history.process import Done, Folder, not_started


class Running:
    """Git, started; use it in a `with`, which ends it if nobody waited for it.

    What it reads and writes is in memory or in files without a name, because a pipe would make
    it wait for us after 64 KiB.

    Raises:
        HistoryError: git is not installed, or `cwd` is not a folder that can be entered.
    """

    def __init__(
        self, args: tuple[str, ...], cwd: Folder, env: Mapping[str, str], stdin: bytes = b""
    ) -> None:
        self._in, self._out, self._err = _scratch(), _scratch(), _scratch()
        self._in.write(stdin)
        self._in.seek(0)
        try:
            self._process = subprocess.Popen(
                ["git", *args], cwd=cwd, env=env, stdin=self._in, stdout=self._out, stderr=self._err
            )
        except (OSError, ValueError) as exc:
            self._close()
            raise not_started(exc, cwd) from None

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it and forget its output; once more does nothing."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._close()

    def done(self) -> Done:
        """Wait for its end."""
        code = self._process.wait()
        self._out.seek(0)
        self._err.seek(0)
        return Done(code, self._out.read(), self._err.read())

    def _close(self) -> None:
        for file in (self._in, self._out, self._err):
            file.close()


def _scratch() -> IO[bytes]:
    try:
        return os.fdopen(os.memfd_create("git-qoc"), "w+b")
    except (AttributeError, OSError):  # only Linux has it
        import tempfile

        return tempfile.TemporaryFile()
