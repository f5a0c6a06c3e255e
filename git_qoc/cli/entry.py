"""The console script: one error boundary, and the ways around click for what git itself runs."""

from __future__ import annotations

import gc
import io
import os
import sys
from typing import NoReturn

from git_qoc import errors


def main() -> NoReturn:
    """Run `git-qoc` with sys.argv and exit as git would (DESIGN.md, "Command line")."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that cannot show a sign gets another one, not an error.
        sys.stdout.reconfigure(errors="replace")
    try:
        code = _run(sys.argv[1:])
        sys.stdout.flush()
    except (BrokenPipeError, errors.ReaderGone):
        # Nothing more can be said, not even at interpreter exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = errors.EXIT_BROKEN_PIPE
    except KeyboardInterrupt:
        code = errors.EXIT_INTERRUPT
    except errors.QocError as exc:
        _complain(str(exc))
        code = exc.exit_code
    except OSError as exc:
        _complain(_os_message(exc))
        code = errors.EXIT_FATAL
    except Exception as exc:  # noqa: BLE001  # the boundary: a bug becomes a report, never a traceback
        from git_qoc.cli.bug import report

        _complain(report(exc))
        code = errors.EXIT_FATAL
    sys.exit(code)


def _run(args: list[str]) -> int:
    if args[:1] in (["hook"], ["check"]):
        gc.disable()  # a commit waits, and so short a process leaves nothing to collect
    if args[:1] == ["hook"]:
        from git_qoc.cli.hook import main as hook

        return hook(args[1:])
    if args == ["check", "credentials"] and (
        "PRE_COMMIT" not in os.environ or "GIT_INDEX_FILE" in os.environ
    ):
        from git_qoc.checks.hook import main as check

        return check(("credentials",))
    if args[:1] == ["merge-desk"]:
        from git_qoc.cli.merge_desk import main as merge_desk

        return merge_desk(args[1:])
    if len(args) == 2 and args[0] == "textconv" and not args[1].startswith("-"):
        from git_qoc.cli.driver import print_lines

        return print_lines(args[1])
    from git_qoc.cli.main import run

    return run(args)


def _os_message(exc: OSError) -> str:
    where = f"{exc.filename}: " if exc.filename else ""
    return f"{where}{exc.strerror or type(exc).__name__}."


def _complain(message: str) -> None:
    if message:
        sys.stderr.write(f"{errors.printable(message)}\n")
