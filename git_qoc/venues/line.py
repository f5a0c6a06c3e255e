"""A connection that another thread can cut off.

An exchange that is given up on must not go on holding headers, which hold secrets, for as
long as a server drips bytes.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Protocol


class _Connection(Protocol):
    """As much of a connection of urllib3 as is needed; `sock` is None until it is connected."""

    sock: Any


class _Pool(Protocol):
    ConnectionCls: Any


class Line:
    """The connection that one session uses, one exchange at a time."""

    def __init__(self) -> None:
        self._connection: _Connection | None = None

    def watch(self, pool: _Pool) -> _Pool:
        """The pool, whose connections are known here from now on."""
        if not isinstance(pool.ConnectionCls, partial):
            pool.ConnectionCls = partial(self._open, pool.ConnectionCls)
        return pool

    def cut(self) -> None:
        """End what is sent and received now."""
        sock = None if self._connection is None else self._connection.sock
        if sock is not None:
            with suppress(OSError, ValueError):
                sock.shutdown(socket.SHUT_RDWR)

    def _open(self, kind: Callable[..., _Connection], **options: Any) -> _Connection:
        self._connection = kind(**options)
        return self._connection
