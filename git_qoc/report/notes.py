"""The hand-written notes of a report, which survive its regeneration."""

from __future__ import annotations

OPEN = "<!-- qoc:notes -->"
CLOSE = "<!-- /qoc:notes -->"


def extract_notes(report: str) -> str | None:
    """What stands between the markers of a former report, None when there are no markers or no text.

    Without the closing marker everything after the opening one counts, so that nothing a
    person wrote is lost.
    """
    _, found, rest = report.partition(OPEN)
    if not found:
        return None
    body, closed, _ = rest.rpartition(CLOSE)
    return (body if closed else rest).strip("\n") or None


def notes_block(notes: str | None) -> list[str]:
    """The lines of the block, markers included."""
    return [OPEN, *([notes.strip("\n")] if notes and notes.strip("\n") else []), CLOSE]
