"""What git itself starts, as often as it compares a file: without click, and nothing that costs time."""

from __future__ import annotations

import sys


def print_lines(path: str) -> int:
    """Print a snapshot file as `snapshots.lines` has it, and any other file as it is.

    Raises:
        OSError: the file cannot be read.
    """
    from git_qoc.snapshots.lines import lines

    with open(path, "rb") as file:  # noqa: PTH123 - pathlib would cost half of what git waits for
        data = file.read()
    try:
        text = lines(data.decode("utf-8"))
    except UnicodeDecodeError:
        text = None
    sys.stdout.flush()
    # What git gets are bytes: no locale may stand in the way of a name.
    sys.stdout.buffer.write(data if text is None else text.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()
    return 0
