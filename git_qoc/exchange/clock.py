"""The exchange's clock: the real one, or one that stands until it is moved forward."""

from __future__ import annotations

from datetime import datetime
from threading import Lock

from git_qoc.exchange.message import unprocessable
from git_qoc.model import Clock


class ExchangeClock:
    """Stands at `at`, or follows `real` where that is None."""

    def __init__(self, real: Clock, at: datetime | None = None) -> None:
        self._real = real
        self._at = at
        self._lock = Lock()

    def __call__(self) -> datetime:
        with self._lock:
            return self._at if self._at is not None else self._real()

    @property
    def stands(self) -> bool:
        return self._at is not None

    def move(self, at: datetime) -> None:
        """Set a standing clock to a later instant.

        Raises:
            Problem: 422 for one that follows the real time, or for an earlier instant.
        """
        with self._lock:
            if self._at is None:
                raise unprocessable("the clock follows real time; start the exchange with --at to move it")
            if at < self._at:
                raise unprocessable(f"the clock only moves forward; it is {self._at.isoformat()}")
            self._at = at
