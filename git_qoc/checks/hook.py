"""`git-qoc check credentials` over what is staged, without click: 5 P is all a commit waits."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

from git_qoc.checks import credentials
from git_qoc.checks.fault import Fault
from git_qoc.errors import EXIT_FATAL, EXIT_NEGATIVE, EXIT_USAGE, QocError, printable
from git_qoc.history.staged import StagedFile, staged

NAMES = ("desk.toml",)


def main(argv: Sequence[str]) -> int:
    """Check every staged desk.toml; `argv` is exactly ["check", "credentials"].

    Faults go to stderr, one a line. Returns 0 when there are none, 1 when there are some,
    128 when it could not be found out, 129 for any other `argv`.
    """
    if list(argv) != ["check", "credentials"]:
        sys.stderr.write("usage: git-qoc check credentials\n")
        return EXIT_USAGE
    try:
        return report(staged(".", NAMES), sys.stderr)
    except QocError as exc:
        message = str(exc)
    except Exception as exc:  # noqa: BLE001 - a traceback could hold a line of the file
        message = f"the check broke off ({type(exc).__name__}). This is a bug: report it"
    sys.stderr.write(f"git-qoc: {message}\n")
    return EXIT_FATAL


def report(files: Iterable[StagedFile], err: TextIO) -> int:
    """Print the faults of these files to `err`; 1 if there are any, else 0."""
    faults = sorted(fault for file in files for fault in check(file))
    err.writelines(printable(str(fault)).replace("\n", "\\n") + "\n" for fault in faults)
    if faults:
        many = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        err.write(f"{many} in what is staged; nothing is committed. Mend, git add, commit again.\n")
    return EXIT_NEGATIVE if faults else 0


def check(file: StagedFile) -> list[Fault]:
    """The credential faults of one staged file; a link or submodule in its place is one."""
    if file.mode in credentials.NO_FILE:
        return [credentials.unreadable(file.path, credentials.NO_FILE[file.mode])]
    return credentials.check(file.path, file.data)
