"""What `git-qoc hook post-receive` says to whoever pushed. Never a failure: the push is done."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from git_qoc.errors import QocError, printable

if TYPE_CHECKING:
    from git_qoc.tasks.publish import Published

SHOWN = 20


def main(lines: Sequence[str]) -> int:
    """Publish what git's lines of stdin tell was received; returns 0."""
    from git_qoc.history.repository import discover
    from git_qoc.tasks.incoming import received_updates
    from git_qoc.tasks.publish import publish

    try:
        done = publish(discover(Path.cwd()), received_updates(lines))
        if done is not None:
            _say(_found(done.findings) if done.findings else _published(done))
    except QocError as exc:
        _say(f"git-qoc: not published: {str(exc).rstrip('.')}. The push is received all the same.\n")
    except Exception as exc:  # noqa: BLE001 - a traceback could hold a line of a file
        _say(
            f"git-qoc: not published ({type(exc).__name__}). This is a bug: report it. The push is received"
            " all the same.\n"
        )
    return 0


def _published(done: Published) -> str:
    span = f"{done.start} to {done.end}" if done.start else "without a complete snapshot"
    return f"git-qoc: published the retrospective {span}.\n"


def _found(findings: Sequence[str]) -> str:
    from git_qoc.tasks.publish import SEEN

    lines = [*findings[:SHOWN]]
    if len(findings) > SHOWN:
        lines.append(f"and {len(findings) - SHOWN:,} more; git qoc verify tells all")
    many = "this is a finding" if len(findings) == 1 else f"these {len(findings):,} are findings"
    lines.append(
        f"git-qoc: not published: {many} of git qoc verify. The push is received; the report that stands"
        " there is one of before. When they are understood, verify from a later commit on:"
        f" git config {SEEN} COMMIT, on the server."
    )
    return "\n".join(lines) + "\n"


def _say(text: str) -> None:
    sys.stderr.write(printable(text))
