"""`git-qoc hook NAME`: what the scripts in hooks/ run. Without click, because a commit waits."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from git_qoc.errors import EXIT_FATAL, EXIT_NEGATIVE, EXIT_USAGE, QocError, printable

COMMIT = "pre-commit"
SHOWN = 100
"""So many faults are told; a server's answer is for a person to read."""
USAGE = """\
usage: git-qoc hook pre-commit                what is staged (also for merges, am, cherry-pick, rebase)
       git-qoc hook pre-push REMOTE [URL]     what would be pushed; reads git's lines from stdin
       git-qoc hook pre-receive               what was pushed to this repository; reads git's lines from stdin
       git-qoc hook post-receive              publish the report of what was received; reads the same lines
The scripts in hooks/ run it; `git qoc setup --hooks` installs them. To look by hand: git qoc check -h
"""


def main(args: Sequence[str]) -> int:
    """Returns 0 when nothing is wrong, 1 when something is, 128 when it could not be found out."""
    name, *rest = args or ("",)
    if name == COMMIT:
        from git_qoc.checks.hook import main as commit

        return commit()
    if (name == "pre-push" and rest) or name == "pre-receive":
        return _incoming(rest[0] if name == "pre-push" else None)
    if name == "post-receive":
        from git_qoc.cli.publish_text import main as published

        return published(_entries())
    sys.stderr.write(USAGE)
    return EXIT_USAGE


def _incoming(remote: str | None) -> int:
    try:
        return _checked(remote)
    except QocError as exc:
        message = str(exc)
    except Exception as exc:  # noqa: BLE001 - a traceback could hold a line of a file
        message = f"the check broke off ({type(exc).__name__}). This is a bug: report it"
    what = "received" if remote is None else "pushed"
    sys.stderr.write(f"git-qoc: {printable(message)}; nothing is {what}.\n")
    return EXIT_FATAL


def _checked(remote: str | None) -> int:
    from pathlib import Path

    from git_qoc.checks.hook import line
    from git_qoc.cli.check_text import advice, counted, told
    from git_qoc.history.repository import discover
    from git_qoc.tasks.incoming import Update, id_, pushed, received, received_updates

    entries = _entries()
    repo = discover(Path.cwd())
    if remote is None:
        found = received(repo, received_updates(entries)).found
    else:
        # From the right: what is pushed may be an expression with spaces, `HEAD^{/fix this}`.
        lines = [entry.rsplit(" ", 3)[1:] for entry in entries]
        updates = [Update(ref, id_(old), id_(new)) for new, ref, old in lines]
        found = pushed(repo, remote, updates).found
    sys.stderr.writelines(line(told(one)) for one in found[:SHOWN])
    if len(found) > SHOWN:
        sys.stderr.write(f"and {len(found) - SHOWN:,} more; git qoc check --history tells all\n")
    if not found:
        return 0
    first = advice(found)
    sys.stderr.write(f"{first}\n" if first else "")
    what = "received" if remote is None else "pushed"
    sys.stderr.write(f"{counted(len(found), 'fault')} in what would be {what}; nothing is.\n")
    return EXIT_NEGATIVE


def _entries() -> list[str]:
    """Stdin's lines, from bytes: a ref may hold any space or line break of Unicode, and what is not UTF-8."""
    given = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    return [entry for entry in given.split("\n") if entry]
