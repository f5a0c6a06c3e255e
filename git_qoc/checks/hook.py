"""What git's commit hooks run, without click: 5 P is all a commit waits (DESIGN, "Budgets")."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Sequence
from typing import TextIO

from git_qoc.checks.fault import Fault
from git_qoc.checks.staged import check_staged
from git_qoc.errors import EXIT_FATAL, EXIT_NEGATIVE, QocError, printable
from git_qoc.history.process import call

COMMIT_CHECKS = ("credentials", "snapshots", "orders")
"""Of a raw hook. The schema of desk.toml costs a library, so pushes and `git qoc check` hold to it."""

_STATES = {
    "rebase-merge": "git rebase --continue, and git rebase --skip when it tries the same commit again",
    "rebase-apply/applying": "git am --continue",
    "rebase-apply": "git rebase --continue",
    "CHERRY_PICK_HEAD": "git cherry-pick --continue",
}


def main(names: Collection[str] = COMMIT_CHECKS) -> int:
    """Run these checks over what is staged. Faults go to stderr, one a line.

    Returns 0 when there are none, 1 when there are some, 128 when it could not be found out.
    """
    try:
        faults = check_staged(".", names).faults
        return report(faults, sys.stderr, _next() if faults else "")
    except QocError as exc:
        message = str(exc)
    except Exception as exc:  # noqa: BLE001 - a traceback could hold a line of the file
        message = f"the check broke off ({type(exc).__name__}). This is a bug: report it"
    sys.stderr.write(f"git-qoc: {printable(message)}\n")
    return EXIT_FATAL


def report(faults: Sequence[Fault], err: TextIO, then: str = "commit again") -> int:
    """Print the faults to `err` and what to do `then`; 1 if there are any, else 0."""
    err.writelines(line(str(fault)) for fault in faults)
    if faults:
        many = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        err.write(f"{many} in what is staged; nothing is committed. Mend, git add, {then}.\n")
    return EXIT_NEGATIVE if faults else 0


def _next() -> str:
    """What goes on after the mend, where git was in the middle of something."""
    names = [arg for state in _STATES for arg in ("--git-path", state)]
    paths = os.fsdecode(call(("rev-parse", *names), ".").out).splitlines()
    states = zip(paths, _STATES.values(), strict=False)
    under_way = (then for path, then in states if os.path.exists(path))  # noqa: PTH110 - pathlib costs 4 ms
    return next(under_way, "commit again")


def line(text: str) -> str:
    """One line for a terminal: a path may hold a line break."""
    return printable(text).replace("\n", "\\n") + "\n"
