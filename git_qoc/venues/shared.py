"""An answer that several threads need and that is asked for once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import Generic, TypeVar

from git_qoc.errors import VenueError

T = TypeVar("T")


class Shared(Generic[T]):
    """What `ask` answers, kept; a failure is that of all who waited for it, and is asked again later.

    Without that, each of ten threads would in turn wait for a venue that does not answer.
    """

    def __init__(self, ask: Callable[[], T]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._answers: list[T] = []
        self._failure: tuple[float, VenueError] | None = None

    def get(self, good: Callable[[T], bool] = lambda _: True) -> T:
        """The answer; asked for anew when what is kept is no longer `good`.

        Raises:
            VenueError: what `ask` raised.
        """
        came = monotonic()
        with self._lock:
            if self._answers and good(self._answers[0]):
                return self._answers[0]
            if self._failure is not None and self._failure[0] >= came:
                raise self._failure[1]
            try:
                self._answers = [self._ask()]
            except VenueError as exc:
                self._failure = monotonic(), exc
                raise
            return self._answers[0]
