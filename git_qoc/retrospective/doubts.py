"""What a snapshot's own rows say against its NAV: old marks, and parts that do not add up.

Looked for in the text, because parsing every row of thousands of snapshots would take longer
than the whole report.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from git_qoc.errors import SnapshotError
from git_qoc.money import shown
from git_qoc.retrospective.findings import EARLIEST

STALE = timedelta(days=4)
"""As in a gap (rule 7): over a long weekend the last close is the mark."""
_MARK_TIME = re.compile(r'\nmark_time\s*=\s*"([^"]+)"')


def stale_marks(text: str, time: datetime) -> str:
    """Which marks of a snapshot taken at `time` (UTC) are older than 4 days; "" for none."""
    # Ours are all ISO 8601 in UTC, so the texts sort like the times.
    stamps = _MARK_TIME.findall(text)
    if not stamps or min(stamps) >= time.isoformat()[:10] or time < EARLIEST + STALE:
        return ""
    limit = (time - STALE).astimezone(UTC).isoformat().replace("+00:00", "Z")
    if min(stamps) >= limit:
        return ""
    old = sorted(stamp for stamp in stamps if stamp < limit)
    if not _is_time(old[0]):
        return ""
    return f"{len(old)} of {len(stamps)} marks are older than 4 days, the oldest of {old[0][:10]}"


def unreconciled(text: str) -> str:
    """Which venues' stated equity is not the sum of its parts; "" for none."""
    if "\nunreconciled_usd" not in text:
        return ""
    from git_qoc.snapshots.parse import loads_accounts

    try:
        rows = loads_accounts(text).accounts
    except SnapshotError:
        return ""
    parts = [f"{row.connector} {shown(row.unreconciled_usd)} USD" for row in rows if row.unreconciled_usd]
    return f"stated equity less its parts: {', '.join(parts)}" if parts else ""


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).utcoffset() is not None
    except ValueError:
        return False
