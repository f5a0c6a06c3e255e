"""Since when a connector is DEGRADED: remembered between runs, beside the repository's own files.

A convenience, not the record: a file that is missing, damaged or cannot be written only makes
"since" younger, never wrong about the present.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from git_qoc.errors import HistoryError
from git_qoc.history import workfile
from git_qoc.model import HealthStatus, VenueState


def remember(folder: Path, states: Sequence[VenueState]) -> list[VenueState]:
    """The states with the instant at which each trouble was first seen; updates the memory."""
    path = folder / "health.json"
    known = _read(path)
    result = []
    now: dict[str, str] = {}
    for state in states:
        if state.health.status is not HealthStatus.DEGRADED:
            result.append(state)
            continue
        since = known.get(state.connector) or state.health.since
        result.append(replace(state, health=replace(state.health, since=since)))
        if since is not None:
            now[state.connector] = since.isoformat()
    if now != {name: time.isoformat() for name, time in known.items()}:
        _write(path, now)
    return result


def _read(path: Path) -> dict[str, datetime]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        times = {str(name): datetime.fromisoformat(text) for name, text in rows.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
    return {name: time for name, time in times.items() if time.utcoffset() is not None}


def _write(path: Path, rows: dict[str, str]) -> None:
    with suppress(OSError, HistoryError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        workfile.write(path.parent, path.name, json.dumps(rows).encode())
