"""Where credentials are kept and whether they are there, for a person."""

from __future__ import annotations

from collections.abc import Sequence

from git_qoc.cli.output import table
from git_qoc.cli.status_text import NO_CONNECTOR
from git_qoc.tasks.credentials import Credential

HEADERS = ("connector", "key", "kept in", "state")


def as_text(rows: Sequence[Credential]) -> str:
    if not rows:
        return NO_CONNECTOR
    notes = dict.fromkeys(f"{row.connector}: {remedy}" for row in rows for remedy in row.remedies)
    blocks = [table([_row(row) for row in rows], HEADERS), "\n".join(notes)]
    return "\n\n".join(filter(None, blocks))


def _row(row: Credential) -> tuple[str, ...]:
    state = row.state if row.enabled else f"{row.state} (disabled)"
    return row.connector, row.key or "", f"{row.form or ''} {row.place or ''}".strip(), state
