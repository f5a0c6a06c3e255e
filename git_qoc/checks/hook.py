"""What git's commit hooks run, without click: 5 P is all a commit waits (DESIGN, "Budgets")."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from typing import TextIO

from git_qoc.checks.fault import Fault
from git_qoc.checks.staged import check_staged
from git_qoc.errors import EXIT_FATAL, EXIT_NEGATIVE, QocError, printable

COMMIT_CHECKS = ("credentials", "snapshots", "orders")
"""Of a raw hook. The schema of desk.toml costs a library, so pushes and `git qoc check` hold to it."""


def main(names: Collection[str] = COMMIT_CHECKS) -> int:
    """Run these checks over what is staged. Faults go to stderr, one a line.

    Returns 0 when there are none, 1 when there are some, 128 when it could not be found out.
    """
    try:
        return report(check_staged(".", names).faults, sys.stderr)
    except QocError as exc:
        message = str(exc)
    except Exception as exc:  # noqa: BLE001 - a traceback could hold a line of the file
        message = f"the check broke off ({type(exc).__name__}). This is a bug: report it"
    sys.stderr.write(f"git-qoc: {printable(message)}\n")
    return EXIT_FATAL


def report(faults: Sequence[Fault], err: TextIO) -> int:
    """Print the faults to `err`; 1 if there are any, else 0."""
    err.writelines(line(str(fault)) for fault in faults)
    if faults:
        many = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        err.write(f"{many} in what is staged; nothing is committed. Mend, git add, commit again.\n")
    return EXIT_NEGATIVE if faults else 0


def line(text: str) -> str:
    """One line for a terminal: a path may hold a line break."""
    return printable(text).replace("\n", "\\n") + "\n"
