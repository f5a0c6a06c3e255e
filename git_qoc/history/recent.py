"""Where a few of the newest snapshots came from, without walking the whole history.

The walk goes newest first and ends a day before the oldest snapshot asked for, because nothing
is recorded before it happened. That is enough to see edits, unless a commit lies about its
date; `git_qoc.history.walk.entries` reads everything.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from git_qoc.history.process import not_started
from git_qoc.history.reader import TreeFile
from git_qoc.history.repository import Repository

FORMAT = "%H%x00%ct%x00%(trailers:key=Qoc-Snapshot,key=Qoc-Blob,separator=%x1F)"
FIELDS = 3
MARGIN = timedelta(days=1)
"""By so much may the clocks of who records and of who commits differ."""


class Trace(NamedTuple):
    """The commit that recorded a file's present content.

    `edited`: the path was first recorded with another content. `moved`: it was recorded in another folder.
    """

    commit: str
    edited: bool
    moved: bool


class _Search:
    """What is looked for, and what was found on the way back; the oldest claim wins."""

    def __init__(self, files: Sequence[TreeFile]) -> None:
        self._files = files
        self._paths: dict[tuple[str, str], list[str]] = {}
        for file in files:
            self._paths.setdefault((_name(file.path), file.blob), []).append(file.path)
        self._open = {file.path for file in files}
        self._at_path: dict[str, str] = {}
        self._elsewhere: dict[str, str] = {}
        self._oldest: dict[str, str] = {}

    @property
    def explained(self) -> bool:
        return not self._open

    def see(self, commit: str, path: str, blob: str) -> None:
        self._oldest[path] = blob
        for wanted in self._paths.get((_name(path), blob), ()):
            found = self._at_path if wanted == path else self._elsewhere
            found[wanted] = commit
            self._open.discard(wanted)

    def traces(self) -> dict[str, Trace]:
        found = self._elsewhere | self._at_path
        return {
            file.path: Trace(
                commit=found[file.path],
                edited=self._oldest.get(file.path, file.blob) != file.blob,
                moved=file.path not in self._at_path,
            )
            for file in self._files
            if file.path in found
        }


def traces(
    repo: Repository, commit: str, files: Sequence[TreeFile], oldest: datetime | None
) -> dict[str, Trace]:
    """By path, for files of the commit's tree that were all taken at `oldest` or later (None: at any time).

    Files that the messages do not explain are left out.
    """
    search = _Search(files)
    stop = float("-inf") if oldest is None else oldest.timestamp() - MARGIN.total_seconds()
    for id_, time, claims in _messages(repo, commit):
        for path, blob in claims:
            search.see(id_, path, blob)
        if time < stop and search.explained:
            break
    return search.traces()


def _messages(repo: Repository, commit: str) -> Iterator[tuple[str, int, Iterable[tuple[str, str]]]]:
    """(commit, committer time, what it claims to have recorded), newest first, as long as asked for."""
    settings = ("-c", "log.follow=false", "-c", "trailer.separators=:", "-c", "core.commentChar=#")
    args = ("log", "-z", "--no-show-signature", "--encoding=UTF-8", f"--format={FORMAT}", commit, "--")
    try:
        process = subprocess.Popen(
            ["git", *settings, *args],
            cwd=repo.run_dir,
            env=repo.environ({"GIT_FLUSH": "0"}),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # who is not satisfied asks again, and is told
        )
    except OSError as exc:
        raise not_started(exc, repo.run_dir) from None
    with process:
        assert process.stdout is not None  # noqa: S101 - a pipe, see above
        fields: list[str] = []
        rest = b""
        while chunk := process.stdout.read1(1 << 16):  # type: ignore[attr-defined]
            *whole, rest = (rest + chunk).split(b"\0")
            fields += [text.decode("utf-8", "surrogateescape") for text in whole]
            count = len(fields) // FIELDS * FIELDS
            for at in range(0, count, FIELDS):
                yield fields[at], int(fields[at + 1]), _claims(fields[at + 2])
            del fields[:count]


def _claims(trailers: str) -> Iterable[tuple[str, str]]:
    """The n-th path belongs to the n-th blob."""
    pairs = [line.partition(": ") for line in trailers.split("\x1f")]
    paths = [value for key, _, value in pairs if key == "Qoc-Snapshot"]
    blobs = [value for key, _, value in pairs if key == "Qoc-Blob"]
    return zip(paths, blobs, strict=False)


def _name(path: str) -> str:
    return path.rpartition("/")[2]
