"""Books brought up to the clock's time before anything is read from or done in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from git_qoc.errors import VenueError
from git_qoc.market.books import Books, exist, make_account_id, reading, writing
from git_qoc.market.events import happen, next_event
from git_qoc.market.old_books import are_old, renew
from git_qoc.market.standing import Standing
from git_qoc.model import Clock

BEHIND_MAX = timedelta(minutes=1)
EVENTS_AT_ONCE = 500
"""Long waits are made up for in steps, so that nobody waits for the books for too long."""


class Timeline:
    """The books at `path` and the clock that moves their market."""

    def __init__(self, path: Path, clock: Clock, seed: int, leverage: Decimal) -> None:
        self.seed = seed
        self.leverage = leverage
        self._path = path
        self._clock = clock
        self._renewed = False

    @contextmanager
    def begin(self) -> Iterator[Books | None]:
        """The transaction that makes the books, None when there are some already."""
        self._renew()
        with writing(self._path, create=True) as books:
            if books.begun:
                yield None
                return
            books.begin(make_account_id(self._path, self.seed))
            yield books

    def exists(self) -> bool:
        self._renew()
        return exist(self._path)

    @contextmanager
    def write(self) -> Iterator[Standing]:
        """A transaction on books in which everything up to now has happened."""
        self._renew()
        while True:
            with writing(self._path) as books:
                now = self._now(books)
                if self._happens(books, now):
                    continue
                books.time = now
                yield self._standing(books, now)
                return

    @contextmanager
    def read(self) -> Iterator[Standing]:
        """The books, in which everything up to now has happened; written only where something has."""
        self._renew()
        while True:
            with reading(self._path) as books:
                now, due = self._now(books), next_event(books)
                if due is None or due > now:
                    yield self._standing(books, now)
                    return
            with writing(self._path) as books:
                self._happens(books, now)

    def _standing(self, books: Books, now: datetime) -> Standing:
        return Standing(books, now, self.leverage, self.seed)

    def _happens(self, books: Books, now: datetime) -> bool:
        """Let events up to `now` happen, so many in one transaction; whether there were any."""
        for done in range(EVENTS_AT_ONCE):
            due = next_event(books)
            if due is None or due > now:
                return done > 0
            happen(self._standing(books, due))
        return True

    def _renew(self) -> None:
        if not self._renewed and are_old(self._path):
            renew(self._path, make_account_id(self._path, self.seed))
        self._renewed = self._path.exists()

    def _now(self, books: Books) -> datetime:
        now, stands_at = self._clock(), books.time
        if stands_at is None:
            return now
        if stands_at - now > BEHIND_MAX:
            raise VenueError(
                f"the paper account {self._path} has been traded until {stands_at:%Y-%m-%d %H:%M}Z, "
                f"and the clock says {now:%Y-%m-%d %H:%M}Z: the market cannot go back. "
                "Set the clock, or connect another paper account"
            )
        return max(now, stands_at)
