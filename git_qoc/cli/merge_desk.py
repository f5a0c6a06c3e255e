"""`git-qoc merge-desk %O %A %B %L %P [%S %X %Y]`: plumbing that git itself runs, without click.

Exit code 0 for a clean merge, 1 for conflicts, 255 when nothing was merged: git takes 128 and
less for an answer (git 2.39 takes everything for one).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from git_qoc.errors import EXIT_NEGATIVE, EXIT_USAGE, QocError, printable

EXIT_NOT_RUN = 255
USAGE = "usage: git-qoc merge-desk BASE OURS THEIRS MARKER_SIZE PATH [BASE_LABEL OURS_LABEL THEIRS_LABEL]"


def main(args: Sequence[str]) -> int:
    """Merge the three files into the second one; conflicts go to stderr, one a line."""
    if len(args) not in (5, 8) or not args[3].isdecimal():
        sys.stderr.write(f"{USAGE}\n")
        return EXIT_USAGE
    from git_qoc.tasks.merge_desk import Job, merge_desk

    # A git that knows no %S, %X and %Y (before 2.44) passes them on as they stand.
    labels = [("" if label in ("%S", "%X", "%Y") else label) for label in args[5:]] or ["", "", ""]
    base, ours, theirs = map(Path, args[:3])
    job = Job(base, ours, theirs, int(args[3]), (labels[0], labels[1], labels[2]))
    path = args[4]
    try:
        conflicts = merge_desk(job)
    except (QocError, OSError) as exc:
        _complain(f"{path}: not merged: {exc}")
        return EXIT_NOT_RUN
    for conflict in conflicts:
        _complain(f"{path}: {conflict}.")
    return EXIT_NEGATIVE if conflicts else 0


def _complain(message: str) -> None:
    sys.stderr.write(printable(message).replace("\n", "\\n") + "\n")
