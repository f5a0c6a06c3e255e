"""What is said of a bug: one line, and a file to send that holds no value of any variable."""

from __future__ import annotations

import tempfile
import traceback
from pathlib import Path

from git_qoc import __version__

TRACKER = "the issue tracker of git-qoc"


def report(exc: BaseException) -> str:
    """Write the report file and return the line that names it.

    The exception's own text is left out of both, because it may hold what a venue or a file held.
    """
    frames = traceback.extract_tb(exc.__traceback__)
    last = frames[-1] if frames else None
    where = f" in {Path(last.filename).name}:{last.lineno}" if last else ""
    lines = [
        f"git-qoc {__version__}: {type(exc).__name__}",
        *(f"{f.filename}:{f.lineno} {f.name}" for f in frames),
    ]
    line = f"git-qoc has a bug: {type(exc).__name__}{where}. Nothing more was done."
    try:
        with tempfile.NamedTemporaryFile("w", prefix="git-qoc-bug-", suffix=".txt", delete=False) as file:
            file.write("\n".join(lines) + "\n")
    except OSError:
        return line
    return f"{line} Please send {file.name} to {TRACKER}."
