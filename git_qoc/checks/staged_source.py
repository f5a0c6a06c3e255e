"""What is staged, read with two git calls. Stands in until git_qoc.history.staged is there."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection
from typing import NamedTuple

from git_qoc.errors import HistoryError


class StagedFile(NamedTuple):
    """One added, modified or type-changed path of the index; `mode` as git writes it ("100644")."""

    path: str
    blob: str
    data: bytes
    mode: str


_PATHSPEC_SWITCHES = (
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
)


def staged(names: Collection[str]) -> list[StagedFile]:
    """Staged files with one of these names, in any folder and any letter case, as staged.

    Raises:
        HistoryError: git cannot say what is staged.
    """
    specs = [f":(top,icase,glob)**/{name}" for name in names]
    options = ["--no-ext-diff", "--no-relative", "--no-renames", "--no-abbrev", "--diff-filter=AMT"]
    raw = _git(["diff", "--cached", "--raw", "-z", *options, "--", *specs])
    fields = raw.split(b"\0")
    rows = [
        (meta.decode().split(), os.fsdecode(path))
        for meta, path in zip(fields[::2], fields[1::2], strict=False)
    ]
    blobs = [(path, row[3], row[1]) for row, path in rows]
    wanted = [blob for _, blob, mode in blobs if mode != "160000"]
    data = _blobs(wanted) if wanted else {}
    return [StagedFile(path, blob, data.get(blob, b""), mode) for path, blob, mode in blobs]


def _blobs(ids: list[str]) -> dict[str, bytes]:
    out = _git(["cat-file", "--batch"], "".join(f"{blob}\n" for blob in ids).encode())
    found: dict[str, bytes] = {}
    at = 0
    for blob in ids:
        end = out.index(b"\n", at)
        header = out[at:end].split()
        if len(header) != 3:
            raise HistoryError(f"the staged blob {blob} is missing. Run git fsck")
        size = int(header[2])
        found[blob] = out[end + 1 : end + 1 + size]
        at = end + size + 2
    return found


def _git(args: list[str], stdin: bytes = b"") -> bytes:
    environ = {key: value for key, value in os.environ.items() if key not in _PATHSPEC_SWITCHES}
    try:
        done = subprocess.run(["git", *args], input=stdin, capture_output=True, env=environ, check=False)
    except OSError as exc:
        raise HistoryError(f"git cannot be run: {exc.strerror}. Install git") from None
    if done.returncode:
        reason = done.stderr.decode("utf-8", "replace").strip()
        raise HistoryError(f"git {args[0]} failed: {reason}")
    return done.stdout
