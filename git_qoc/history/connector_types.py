"""Which type each connector name ever had, from every desk.toml in history.

"The type field determines which adapter code Qoc loads. Changing it after positions exist in
that connector requires a manual migration" (spec/accounts-and-brokers.txt).
"""

from __future__ import annotations

import tomllib

from git_qoc.desk.syntax import MAX_DESK_BYTES, bounded
from git_qoc.history.reader import open_reader
from git_qoc.history.repository import Repository
from git_qoc.history.scan import AS_STORED


def known_types(repo: Repository, path: str, rev: str = "HEAD") -> dict[str, str]:
    """Type by connector name over the history of the desk.toml at `path` up to `rev`; the oldest wins.

    Unreadable versions are passed over. Empty where `rev` is no commit, as HEAD on an unborn branch.
    """
    if repo.resolve(rev) is None:
        return {}
    raw = repo.git(
        "-c", "log.showRoot=true", "--literal-pathspecs", "log", "--no-show-signature", "--reverse",
        "--format=", "--raw", "-z", "--no-abbrev", "--no-renames", "-m", "--first-parent", rev, "--", path,
        env=AS_STORED,
    )  # fmt: skip
    blobs = [meta.split()[3].decode() for meta in raw.split(b"\0") if meta.startswith(b":")]
    present = list(dict.fromkeys(blob for blob in blobs if blob.strip("0")))
    types: dict[str, str] = {}
    for _, data in open_reader(repo, len(present)).blobs(present):
        for _, name, kind in types_in(data):
            types.setdefault(name, kind)
    return types


def types_in(data: bytes) -> list[tuple[int, str, str]]:
    """(index, name, type) of each connector of one desk.toml; empty for what is no desk.toml."""
    if len(data) > MAX_DESK_BYTES:
        return []
    try:
        tables = tomllib.loads(bounded(data.decode("utf-8")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        return []
    rows = tables.get("connector", [])
    found = []
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        name, kind = (row.get("name"), row.get("type")) if isinstance(row, dict) else (None, None)
        if isinstance(name, str) and isinstance(kind, str):
            found.append((index, name, kind))
    return found
