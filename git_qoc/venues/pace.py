"""How fast one connector may ask its venue: a token bucket shared by all its threads."""

from __future__ import annotations

import threading
import time


class Pace:
    """At most `burst` requests at once and `per_s` a second after that.

    A request waits for its turn, in order of coming; one whose turn is beyond its deadline is
    told so at once and takes no turn.
    """

    def __init__(self, per_s: float, burst: int) -> None:
        self._interval_s = 1 / per_s
        self._slack_s = (burst - 1) / per_s
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self, deadline: float) -> float | None:
        """Wait for a turn; the seconds until there is one when it comes too late, else None.

        `deadline` in `time.monotonic` seconds.
        """
        with self._lock:
            now = time.monotonic()
            turn = max(self._next, now - self._slack_s)
            pause = turn - now
            if now + pause >= deadline:
                return pause
            self._next = turn + self._interval_s
        if pause > 0:
            time.sleep(pause)
        return None
