"""A request body that knows whether it left, and can be held back for good.

Between "the connection was refused" and "no answer came" lies the difference of an order
that does not exist and one that may. The body is the one thing that must leave for an order
to be taken, so it is asked.
"""

from __future__ import annotations

import io
import threading

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


class Body(io.BytesIO):
    def __init__(self, payload: bytes, content_type: str = JSON) -> None:
        super().__init__(payload)
        self.content_type = content_type
        self._lock = threading.Lock()
        self._left = False
        self._held = False

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes, as the transport asks for them once it is connected.

        Raises:
            TimeoutError: it is held back.
        """
        with self._lock:
            if self._held:
                raise TimeoutError("held back")
            self._left = True
        return super().read(size)

    def hold(self) -> bool:
        """Keep it from leaving, also from a slow thread; False when some may have left already."""
        with self._lock:
            self._held = True
            return not self._left
