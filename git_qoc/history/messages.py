"""The messages of all commits behind one, and what they claim to have recorded.

Git is asked only for what came since the last time, as long as the history goes straight on
from there: then what it said before stands as it was. After an amended commit, a rebase or a
merge it is asked for everything. Kept is git's own answer, to be parsed anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from git_qoc.history.cache import Cache
from git_qoc.history.process import Done, failed
from git_qoc.history.repository import Repository
from git_qoc.history.running import Running

BETWEEN = "\x1f"
PATH_TRAILER = "Qoc-Snapshot: "
BLOB_TRAILER = "Qoc-Blob: "
FORMAT = "%H%x00%P%x00%ct%x00%s%x00%(trailers:key=Qoc-Snapshot,key=Qoc-Blob,separator=%x1F)"
FIELDS = 5
# What a message says must not depend on the user's.
SETTINGS = ("-c", "log.follow=false", "-c", "trailer.separators=:", "-c", "core.commentChar=#")
LOG = (
    *SETTINGS,
    *("log", "-z", "--topo-order", "--no-show-signature", "--encoding=UTF-8", f"--format={FORMAT}"),
)


class Message(NamedTuple):
    """A commit's message; `time` is its committer's."""

    commit: str
    merge: bool
    time: int
    subject: str

    @property
    def committed(self) -> datetime | None:
        """In UTC; None for a time that no calendar has."""
        try:
            return datetime.fromtimestamp(self.time, UTC)
        except (ValueError, OverflowError, OSError):
            return None


class Messages:
    """Git's answer, children before parents; `message(at)` makes a value of the one at an index."""

    def __init__(self, raw: bytes) -> None:
        fields = raw.decode("utf-8", "surrogateescape").split("\0")
        fields.pop()
        self.commits = fields[::FIELDS]
        self._parents, self._times, self._subjects, self._trailers = (
            fields[column::FIELDS] for column in range(1, FIELDS)
        )

    def message(self, at: int) -> Message:
        merge, subject = " " in self._parents[at], _printable(self._subjects[at])
        return Message(self.commits[at], merge, int(self._times[at]), subject)

    def claims(self) -> Iterator[tuple[int, str, str]]:
        """(index, path, blob) of every snapshot that a message says it recorded, oldest first."""
        for at in range(len(self.commits) - 1, -1, -1):
            trailers = self._trailers[at]
            if trailers:
                for path, blob in claimed(trailers):
                    yield at, path, blob

    def continues(self, tip: str) -> bool:
        """Whether these commits follow one after the other upon `tip`."""
        return bool(self.commits) and self._parents == [*self.commits[1:], tip]


class Walk:
    """Starts git's walk at once; use it in a `with` and ask for its `messages`.

    With `keep` the answer is kept for the next time.
    """

    def __init__(self, repo: Repository, commit: str, *, keep: bool) -> None:
        self._repo = repo
        self._commit = commit
        self._cache = Cache(repo, "messages", "", " ".join(LOG)) if keep else None
        tip, _, self._before = ((self._cache and self._cache.read()) or b"").partition(b"\n")
        self._tip = tip.decode()
        self._running = None if self._tip == commit else self._start(*(["--not", self._tip] if tip else []))

    def __enter__(self) -> Walk:
        return self

    def __exit__(self, *_: object) -> None:
        if self._running is not None:
            self._running.close()

    def messages(self) -> Messages:
        """Of every commit.

        Raises:
            HistoryError: git failed.
        """
        if self._running is None:
            return Messages(self._before)
        done = self._running.done()
        if self._tip and not done.code and Messages(done.out).continues(self._tip):
            return self._kept(done.out + self._before)
        if self._tip:
            with self._start() as running:
                done = running.done()
        return self._kept(_checked(done))

    def _kept(self, raw: bytes) -> Messages:
        if self._cache is not None:
            self._cache.write(self._commit.encode() + b"\n" + raw)
        return Messages(raw)

    def _start(self, *since: str) -> Running:
        # GIT_FLUSH: else git hands over every commit in a write of its own.
        env = self._repo.environ({"GIT_FLUSH": "0"})
        return Running((*LOG, self._commit, *since, "--"), self._repo.run_dir, env)


def _checked(done: Done) -> bytes:
    if done.code:
        raise failed(("log",), done.err)
    return done.out


def claimed(trailers: str) -> tuple[tuple[str, str], ...]:
    """(path, blob) of each snapshot that a commit says it recorded; the n-th path goes with the n-th blob."""
    head, _, tail = trailers.partition(BETWEEN)
    if head.startswith(PATH_TRAILER) and tail.startswith(BLOB_TRAILER) and BETWEEN not in tail:
        return ((head[len(PATH_TRAILER) :], tail[len(BLOB_TRAILER) :]),)
    lines = trailers.split(BETWEEN)
    paths = [line.removeprefix(PATH_TRAILER) for line in lines if line.startswith(PATH_TRAILER)]
    blobs = [line.removeprefix(BLOB_TRAILER) for line in lines if line.startswith(BLOB_TRAILER)]
    return tuple(zip(paths, blobs, strict=False))


def _printable(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
