"""What is kept between two questions to a SimpleFIN bridge: its last answer, and when to ask again.

One file for an access URL, whichever connectors have it, for their owner alone (0600), under
the git common dir and never history. It holds balances, amounts and ids, and nothing to open
an account with. It is replaced as a whole, so a kill leaves the old or the new one.

"You are expected to make 24 requests or fewer per day" (the bridge's developer guide): four
at once, and one every 72 minutes, are at most 4 + 24 h / 72 min = 24 in any 24 hours.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from git_qoc.errors import VenueError
from git_qoc.venues.simplefin_payloads import AccountSet, account_set

VERSION = 1
BURST = 4
INTERVAL = timedelta(minutes=72)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bridge said at `time` of the transactions from `start` on.

    `body` is what `simplefin_payloads.reduced` left. `seen` is by account and id when a
    transaction was first in an answer, and `known` the accounts that were in one since the
    last without errors.
    """

    time: datetime
    start: datetime
    body: Mapping[str, object]
    seen: Mapping[str, datetime]
    known: frozenset[str]

    @property
    def accounts(self) -> AccountSet:
        return account_set(self.body)


@dataclass(frozen=True, slots=True)
class State:
    """`due` is when the requests so far have been earned again, at one every `INTERVAL`."""

    due: datetime | None = None
    answer: Answer | None = field(default=None)

    def wait(self, now: datetime) -> timedelta:
        """How long until the bridge may be asked; zero or less when it may be now."""
        # Further ahead than ever can be: this machine's clock went back.
        if self.due is None or self.due - now > BURST * INTERVAL:
            return timedelta(0)
        return self.due - now - (BURST - 1) * INTERVAL

    def asked(self, now: datetime) -> State:
        """With one more request."""
        due = self.due
        base = now if due is None or due < now or due - now > BURST * INTERVAL else due
        return State(base + INTERVAL, self.answer)


class Store:
    """The file of one access URL. Safe for several threads and processes inside `held`."""

    def __init__(self, folder: Path, key: str) -> None:
        self._folder = folder
        self._path = folder / f"{key}.json"
        self._lock = folder / f"{key}.lock"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else asks the bridge meanwhile.

        Raises:
            VenueError: the file cannot be made.
        """
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            fd = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as exc:
            raise self._trouble(exc) from None
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)

    def load(self) -> State:
        """What was saved; nothing when there is no file, or one that is none of ours.

        Raises:
            VenueError: it is there and cannot be read.
        """
        try:
            text = self._path.read_bytes()
        except FileNotFoundError:
            return State()
        except OSError as exc:
            raise self._trouble(exc) from None
        try:
            return _state(json.loads(text))
        except (ValueError, TypeError, KeyError, AttributeError, VenueError):
            return State()

    def save(self, state: State) -> None:
        """Raises VenueError when it cannot be written; what was there is still there then."""
        new = self._path.with_suffix(".new")
        try:
            new.unlink(missing_ok=True)
            fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(fd, "wb") as file:
                file.write(json.dumps(_plain(state)).encode())
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)
        except OSError as exc:
            raise self._trouble(exc) from None

    def _trouble(self, exc: OSError) -> VenueError:
        return VenueError(f"simplefin: cannot keep answers in {self._folder}: {exc.strerror}")


def _plain(state: State) -> dict[str, object]:
    plain: dict[str, object] = {"version": VERSION, "due": state.due and state.due.isoformat()}
    if state.answer is not None:
        answer = state.answer
        plain["answer"] = {
            "time": answer.time.isoformat(),
            "start": answer.start.isoformat(),
            "body": answer.body,
            "seen": {name: time.isoformat() for name, time in answer.seen.items()},
            "known": sorted(answer.known),
        }
    return plain


def _state(plain: dict[str, object]) -> State:
    if plain["version"] != VERSION:
        return State()
    due, kept = plain["due"], plain.get("answer")
    return State(_time(due) if due else None, _answer(kept) if isinstance(kept, dict) else None)


def _answer(kept: dict[str, object]) -> Answer:
    seen, known, body = kept["seen"], kept["known"], kept["body"]
    if not (isinstance(seen, dict) and isinstance(known, list) and isinstance(body, dict)):
        raise TypeError
    account_set(body)
    times = {str(name): _time(time) for name, time in seen.items()}
    return Answer(_time(kept["time"]), _time(kept["start"]), body, times, frozenset(map(str, known)))


def _time(text: object) -> datetime:
    time = datetime.fromisoformat(str(text))
    if time.utcoffset() is None:
        raise ValueError
    return time
