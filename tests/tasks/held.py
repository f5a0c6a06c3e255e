"""Run one command in this process, then say what of Python's memory still holds a secret.

    python -m tests.tasks.held FILE… -- status --timeout 5

Each FILE holds a secret, which is read only after the command. Prints the type of each object
that refers to a text with one in it, and `frame` for a local of a thread that still runs.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from git_qoc.cli.main import run
from git_qoc.desk.secrets import Secret

Text = str | bytes | bytearray


def main() -> None:
    at = sys.argv.index("--")
    code = run(sys.argv[at + 1 :])
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(10)
    gc.collect()
    found = [*_of_objects(), *_of_frames()]
    alive = [secret for secret in gc.get_objects() if isinstance(secret, Secret) and not secret.is_empty]
    secrets = [Path(name).read_text() for name in sys.argv[1:at]]
    held = [kind for kind, text in found if any(_holds(text, secret) for secret in secrets)]
    print(f"code {code}, held by {held}, secrets with a value: {len(alive)}", file=sys.stderr)  # noqa: T201


def _of_objects() -> Iterator[tuple[str, Text]]:
    """Texts with the type of what refers to them, also from what the collector does not track."""
    todo = gc.get_objects()
    seen = {id(one) for one in todo}
    while todo:
        holder = todo.pop()
        for one in gc.get_referents(holder):
            if isinstance(one, Text):
                yield type(holder).__name__, one
            elif id(one) not in seen:
                seen.add(id(one))
                todo.append(one)


def _of_frames() -> Iterator[tuple[str, Text]]:
    for top in sys._current_frames().values():  # noqa: SLF001 - the documented way
        frame = top
        while frame is not None:
            for value in frame.f_locals.values():
                items = [value, *value.values()] if isinstance(value, dict) else [value]
                yield from (("frame", item) for item in items if isinstance(item, Text))
            frame = frame.f_back  # type: ignore[assignment]


def _holds(text: Text, secret: str) -> bool:
    return secret in text if isinstance(text, str) else secret.encode() in text


if __name__ == "__main__":
    main()
