"""All snapshots of HEAD with their commits, parsed only where asked, and only as far."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from git_qoc.errors import HistoryError, SnapshotError
from git_qoc.history.walk import Entry, entries
from git_qoc.snapshots.snapshot import Snapshot
from git_qoc.tasks.place import Place
from git_qoc.tasks.show import parsed
from git_qoc.tasks.stretch import order, our_order

SYMBOL = re.compile(rb"""^\s*symbol\s*=\s*["']([^"'\n]+)["']""", re.MULTILINE)
ESCAPED = re.compile(r'["\'\\\x00-\x1f\x7f]')


class Record:
    """Positions are in time order; a file that is no snapshot is None and a fault."""

    def __init__(self, place: Place) -> None:
        self._faults: dict[str, str] = {}
        self._symbol = ""
        self._parsed: dict[int, Snapshot | None] = {}
        self._by_time: dict[datetime, Entry] = {}
        self._entries = sorted(entries(place.repo, "HEAD", place.root), key=self._time_order)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def faults(self) -> list[str]:
        """A sentence per file that was asked for and is no snapshot."""
        return list(self._faults.values())

    @property
    def newest_time(self) -> datetime | None:
        for at in range(len(self) - 1, -1, -1):
            snapshot = self.snapshot(at)
            if snapshot is not None:
                return snapshot.timestamp
        return None

    def find(self, symbol: str) -> tuple[str, list[int]]:
        """(the symbol as the record spells it, the positions of the files that may name it).

        From here on, rows of other symbols may be missing from snapshots.
        """
        self._parsed = {}
        self._symbol, hits = self._spelling(symbol)
        return self._symbol, hits

    def _spelling(self, symbol: str) -> tuple[str, list[int]]:
        hits = self._naming(symbol)
        if hits:
            return symbol, hits
        alike = [known for known in self.symbols() if known.casefold() == symbol.casefold()]
        if len(alike) > 1:
            raise HistoryError(f"{symbol} is in no snapshot of HEAD. Did you mean one of {', '.join(alike)}?")
        if not alike:
            return symbol, []
        return alike[0], self._naming(alike[0])

    def _naming(self, text: str) -> list[int]:
        needles = _needles(text)
        return [at for at, entry in enumerate(self._entries) if _holds(entry, needles)]

    def symbols(self) -> list[str]:
        """Every symbol of the record, sorted."""
        seen = {name for entry in self._entries for name in SYMBOL.findall(entry.data or b"")}
        return sorted(name.decode("utf-8", "replace") for name in seen)

    def names(self, at: int, text: str) -> bool:
        """Whether a file may hold this string; False is certain."""
        return _holds(self._entries[at], _needles(text))

    def snapshot(self, at: int) -> Snapshot | None:
        """With its accounts, and at least the rows of the symbol that was found."""
        if at not in self._parsed:
            self._parsed[at] = self._read(self._entries[at])
        return self._parsed[at]

    def snapshots(self, positions: Iterable[int]) -> Iterator[Snapshot]:
        """Those that can be read."""
        return (snapshot for at in positions if (snapshot := self.snapshot(at)) is not None)

    def entry_of(self, time: datetime) -> Entry:
        """The file of a snapshot that was asked for."""
        return self._by_time[time]

    def _read(self, entry: Entry) -> Snapshot | None:
        try:
            snapshot = parsed(entry.path, _reduced(entry.data or b"", self._symbol))
        except SnapshotError as exc:
            self._faults[entry.path] = f"{exc} It is passed over."
            return None
        if snapshot.timestamp not in self._by_time or not snapshot.backfill:
            self._by_time[snapshot.timestamp] = entry
        return snapshot

    def _time_order(self, entry: Entry) -> str:
        named = our_order(entry.path)
        if named is not None:
            return named
        snapshot = self._read(entry)
        return "" if snapshot is None else order(snapshot.timestamp)


def _needles(text: str) -> tuple[bytes, bytes] | None:
    """The string as a file holds it; None where it can only be written with escapes."""
    if ESCAPED.search(text):
        return None
    raw = text.encode("utf-8", "surrogateescape")
    return b'"%b"' % raw, b"'%b'" % raw


def _holds(entry: Entry, needles: tuple[bytes, bytes] | None) -> bool:
    data = entry.data or b""
    # Where a file writes with escapes only parsing tells.
    return needles is None or needles[0] in data or needles[1] in data or b"\\" in data


def did_you_mean(record: Record, symbol: str) -> str:
    """A hint with the symbols most like it, "" when there are none."""
    near = difflib.get_close_matches(symbol.upper(), record.symbols(), n=3)
    return f" Did you mean {' or '.join(near)}?" if near else ""


def _reduced(data: bytes, symbol: str) -> bytes:
    """Our own layout without the rows of other symbols: parsing is most of what is waited for."""
    if not data.startswith(b"[meta]\n") or b"'''" in data or b'"""' in data or b"\\" in data:
        return data
    name = symbol.encode("utf-8", "surrogateescape")
    head, *blocks = data.split(b"\n[[")
    kept = [block for block in blocks if block.startswith(b"account]]") or (name and name in block)]
    return b"\n[[".join([head, *kept]) + b"\n"
