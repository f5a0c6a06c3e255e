"""Ask several questions at once. Nothing but threads: what is asked is the caller's.

The threads are daemons: one that hangs for ever is left behind at the deadline and does not
keep the process alive.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Generic, TypeVar

from git_qoc.errors import VenueError

T = TypeVar("T")


class Answer(Generic[T]):
    """One question under way, and what came of it."""

    def __init__(self, question: Callable[[], T]) -> None:
        self._question = question
        self._value: list[T] = []
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._value.append(self._question())
        except Exception as exc:  # noqa: BLE001  # raised again where the answer is asked for
            self.error = exc

    def wait(self, deadline: float) -> bool:
        """Whether an answer or an error is there by `deadline` (in `time.monotonic` seconds)."""
        self._thread.join(max(0.0, deadline - monotonic()))
        return bool(self._value) or self.error is not None

    @property
    def value(self) -> T:
        """The answer; raises what the question raised. Only after `wait` said True."""
        if self.error is not None:
            raise self.error
        return self._value[0]


def together(questions: Mapping[str, Callable[[], T]], deadline: float) -> dict[str, T]:
    """Every answer by name; takes as long as the slowest.

    Raises:
        VenueError: one of them did not come by the deadline (`time.monotonic` seconds).
        Exception: what the first failing question raised.
    """
    answers = {name: Answer(question) for name, question in questions.items()}
    for name, answer in answers.items():
        if not answer.wait(deadline):
            raise VenueError(f"no answer to {name.replace('_', ' ')} in time")
    return {name: answer.value for name, answer in answers.items()}
