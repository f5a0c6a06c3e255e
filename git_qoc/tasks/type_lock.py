"""Which type each connector name ever had, from every desk.toml in history.

"The type field determines which adapter code Qoc loads. Changing it after positions exist in
that connector requires a manual migration" (spec/accounts-and-brokers.txt).
"""

from __future__ import annotations

import tomllib

from git_qoc.history.reader import open_reader
from git_qoc.tasks.place import DESK_FILE, Place


def known_types(place: Place) -> dict[str, str]:
    """Type by connector name over HEAD's history; the oldest wins. Unreadable versions are passed over."""
    if place.repo.resolve("HEAD") is None:
        return {}
    raw = place.repo.git(
        "-c", "log.showRoot=true", "log", "--no-show-signature", "--reverse", "--format=", "--raw", "-z",
        "--no-abbrev", "--no-renames", "-m", "--first-parent", "HEAD", "--", place.root + DESK_FILE,
    )  # fmt: skip
    blobs = [meta.split()[3].decode() for meta in raw.split(b"\0") if meta.startswith(b":")]
    present = list(dict.fromkeys(blob for blob in blobs if blob.strip("0")))
    types: dict[str, str] = {}
    for _, data in open_reader(place.repo, len(present)).blobs(present):
        for name, kind in _connectors(data):
            types.setdefault(name, kind)
    return types


def _connectors(data: bytes) -> list[tuple[str, str]]:
    try:
        tables = tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        return []
    rows = tables.get("connector", [])
    pairs = (
        [(r.get("name"), r.get("type")) for r in rows if isinstance(r, dict)]
        if isinstance(rows, list)
        else []
    )
    return [(name, kind) for name, kind in pairs if isinstance(name, str) and isinstance(kind, str)]
